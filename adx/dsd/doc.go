// Package dsd reads, writes and applies the structure definitions of ADX
// messages: the data elements of a data set, the dimensions of each, and the
// codes that are allowed.
//
// A [Definition] is read from SDMX ([Read]), derived from metadata ([Derive])
// or made of plain data ([New]). It checks messages, and writes a W3C schema
// and a Schematron for other validators.
//
//	for finding, err := range (dsd.Checker{Definition: definition}).Message(file) {
//		...
//	}
package dsd
