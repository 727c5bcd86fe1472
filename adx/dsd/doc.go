// Package dsd knows the structure definitions of ADX messages: which data
// elements a data set has, by which dimensions each is broken down, and which
// codes may stand where.
//
// A [Definition] is read from SDMX ([Read]), derived from metadata ([Of]) or
// made of plain data ([New]). It checks messages, and writes a W3C schema and a
// Schematron for those who check them otherwise.
//
//	for finding, err := range (dsd.Checker{Definition: definition}).Message(file) {
//		...
//	}
package dsd
