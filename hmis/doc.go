// Package hmis holds the nouns of a health management information system:
// data elements, categories, org units, data sets, indicators and the values
// that facilities report.
//
// The structs are plain data without a wire format. Fill a [Metadata] from a
// file, a database or a literal, and give it to [NewCatalog] to have it checked
// and indexed:
//
//	catalog, err := hmis.NewCatalog(hmis.Metadata{
//		DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", Name: "BCG doses given"}},
//	})
//
// Reported values flow as iter.Seq2[[DataValue], error] through all of this
// library: every source makes such a stream, and every sink reads one.
//
// RULES.md beside this file says how objects are found, what a default combo is
// and which texts a value may have.
package hmis
