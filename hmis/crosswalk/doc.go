// Package crosswalk translates data values between two systems that name the
// same things differently, such as a ministry and a funder. A [Map] says what
// each target is made of, with weights and relations, and which org unit is
// which. [Map.Values] is a step of a stream of values and reports in a [Rest] what
// it could not carry over.
//
//	var rest crosswalk.Rest
//	for v, err := range m.Values(dhis2.ReadValues(national), &rest) {
//		...
//	}
//	fmt.Println(rest.Mapped, "of", rest.Read, "values were carried over")
//
// [CSV] reads and writes maps as tables, [ReadConceptMap] and
// [Map.WriteConceptMap] as FHIR. [Compare] sets the figures of two systems
// side by side, site by site. The rules are in RULES.md.
package crosswalk
