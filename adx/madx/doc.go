// Package madx exchanges aggregate data as FHIR R4 resources in JSON or
// XML, by the mADX profile of IHE. A [Measure] defines a data set, and a MeasureReport has
// the numbers of one org unit for one period. [Format] reads and writes reports
// as the groups of ADX messages.
//
//	format := madx.Format{Measure: madx.MeasureOf(definition, "https://fhir.moh.example.org")}
//	err := format.Write(file, header, message.Groups()) // from ADX to FHIR
package madx
