// Package dsd knows the structure definitions of ADX messages: which data
// elements a data set has, by which dimensions each is broken down, and which
// codes are allowed where.
//
// A [Definition] is read from SDMX ([Read]), derived from metadata ([Of]) or
// made of plain data ([New]). It checks messages, and writes a W3C schema and a
// Schematron for other validators.
//
//	for finding, err := range (dsd.Checker{Definition: definition}).Message(file) {
//		...
//	}
package dsd
