// Package mcsd exchanges org units as FHIR R4 resources in JSON, by the mCSD
// profile of IHE: each unit is a Location together with the Organization that
// manages it.
//
//	md, err := mcsd.Format{}.Read(file) // from a directory: units, groups, ids
//	...
//	err = mcsd.Format{Base: "https://fhir.moh.example.org"}.Write(file, md)
//
// RULES.md beside this file has the rules, with examples and sources.
package mcsd
