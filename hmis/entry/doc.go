// Package entry decides which reported values may be stored: whether a value
// fits its data element, its form, its org unit and the day, and whether it is
// there already.
//
// A [Gate] is a step of a stream: values go in, those that may be stored come
// out, and a summary says why others did not. A caller that does not store them
// has made a dry run:
//
//	gate := entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}
//	var sum hmis.Summary
//	for v, err := range gate.Values(dhis2.ReadValues(file), &sum) {
//		...
//	}
//
// An [Import] puts what comes out into a [Store], all of it or nothing. The
// imports of packages adx and dhis2 do the same with a message as it was sent.
//
// RULES.md in the folder of this package states every rule with an example and
// its source; comments name the rule that they follow. The codes are those of
// DHIS2 since 2.43, so that one list of codes serves a server and this package.
package entry
