// Package report makes a data quality review something that people can read: text,
// CSV, JSON, or a page for a browser or a printer.
//
//	page := report.Report{Catalog: catalog, Review: review, Measures: measures}
//	err := page.WriteHTML(out)
//
// It is a package of its own because a program that only wants the figures should
// not carry templates and pictures with it.
package report
