// Package sheet reads and writes tables of values as people keep them in
// spreadsheets: months, data elements or facilities across the top, several
// lines of headings, blanks where nothing was reported, numbers with thousands
// separators, and the names of months in English, French, Portuguese or Spanish.
//
//	tallies := sheet.Format{
//		Catalog: catalog,
//		Schemes: hmis.Schemes{Any: hmis.ByName},
//		Columns: []sheet.Column{{"Facility", sheet.OrgUnit}, {"Indicator", sheet.DataElement}},
//		Across:  []sheet.Field{sheet.Year, sheet.Month},
//		Numbers: sheet.Numbers{Group: ','},
//	}
//	for value, err := range tallies.Read(file) {
//		...
//	}
//
// A [Format] says which column is what. Nothing is guessed: a heading that is not
// expected, a name that two objects have, or a number that can be read in two
// ways is an error with its line and column. Input may be gzip or a zip archive,
// and is read row by row; a row may have 4 MiB and 16,384 columns.
//
// RULES.md beside this file has the rules, with examples and sources.
package sheet
