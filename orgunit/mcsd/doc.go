// Package mcsd exchanges org units as FHIR R4 resources in JSON, by the mCSD
// profile of IHE: each unit is a Location together with the Organization that
// manages it.
//
//	md, err := mcsd.Format{}.Read(file) // from a directory: units, groups, ids
//	...
//	err = mcsd.Format{Base: "https://fhir.moh.example.org"}.Write(file, md)
//
// Later changes come as a history, which [Format.Apply] brings into the metadata:
//
//	md, err = format.Apply(ctx, md, pages...)
//
// A [Directory] serves org units to others over HTTP: searches (ITI-90) and
// changes since a time (ITI-91).
//
// RULES.md beside this file has the rules, with examples and sources.
package mcsd
