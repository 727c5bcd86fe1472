// Package terminology answers questions about codes from local FHIR files: is a
// code valid, what does it mean, which codes are in a value set, and what is a
// code called in another system. Nothing is fetched.
//
//	files, err := terminology.Read(file) // a CodeSystem, ValueSet, ConceptMap, or a Bundle of them
//	...
//	service, err := terminology.New(files)
//	...
//	codes, err := service.Expand("https://fhir.moh.example.org/ValueSet/sex")
//
// The rules are in RULES.md.
package terminology
