// Package orgunit answers questions about the tree of org units: who is below
// whom, at which level and in which groups, which units are open when, and what
// happens to the data when units move, split or merge.
//
//	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
//	...
//	for id := range tree.Subtree("O6uvpzGd5pu") { // Bo and everything below it
//		...
//	}
//
// RULES.md beside this file has the rules, with examples and sources.
package orgunit
