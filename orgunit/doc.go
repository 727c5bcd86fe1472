// Package orgunit answers questions about the tree of org units: which units
// are below which, at which level and in which groups, and when they are open.
// It also moves, splits and merges units together with their data, and keeps
// hierarchies that change over the years.
//
//	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
//	...
//	for id := range tree.Subtree("O6uvpzGd5pu") { // Bo and everything below it
//		...
//	}
//
// RULES.md beside this file has the rules, with examples and sources.
package orgunit
