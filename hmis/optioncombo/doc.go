// Package optioncombo merges category option combos that mean the same, such as
// a second default, together with their data.
//
//	for _, merge := range optioncombo.Duplicates(md) {
//		md, err = merge.Metadata(md)
//		...
//		cube, err = cube.With(ctx, merge.Values(values), nil)
//	}
//
// RULES.md beside this file has the rules, with examples and sources.
package optioncombo
