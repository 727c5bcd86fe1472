// Package facilitylist reads a master facility list: a table with a column for
// each level, such as country, region, district and facility.
//
//	list := facilitylist.Format{Levels: []facilitylist.Level{
//		{Name: "Region"}, {Name: "District"}, {Name: "Facility", Code: "MFL code"},
//	}}
//	md, err := list.Read(ctx, file)
//
// Each name below another is one org unit. A unit without an id of its own gets
// one that is made from its code, or from the names above it, so that the same
// list gives the same ids each time. Nothing is guessed: a row that contradicts
// another one, or leaves a level out, is an error with its line.
//
// RULES.md beside this file has the rules, with examples.
package facilitylist
