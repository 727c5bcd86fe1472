// Package country makes up a country and what its health facilities report in
// two years: org units on five levels, forms, indicators, and data with the gaps
// that real data have. Nothing in it is real. It is made anew, byte for byte the
// same, by
//
//	go generate ./examples/first/country
//
// which writes metadata.json.gz and values.csv.gz beside this file.
package country

//go:generate go run ./write
