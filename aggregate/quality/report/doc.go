// Package report writes a data quality review as text, CSV, JSON, or a page for
// a browser or a printer.
//
//	page := report.Report{Catalog: catalog, Review: review, Measures: measures}
//	err := page.WriteHTML(out)
//
// It is a separate package, so that programs that only need the figures do not
// contain templates and pictures.
package report
