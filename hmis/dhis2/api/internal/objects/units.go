package objects

import (
	"slices"
	"strconv"
)

// selectsUnits reports whether a listing of org units has a parameter that only
// they know.
func (q *query) selectsUnits() bool {
	return slices.ContainsFunc([]string{"level", "maxLevel", "userOnly", "userDataViewOnly", "userDataViewFallback",
		"withinUserHierarchy", "withinUserSearchHierarchy"}, q.params.Has)
}

// selectUnits returns the units of a listing by level or by user. Everyone sees
// the whole tree, so the units of a user are the roots (RULES.md#org-units).
func (s *Store) selectUnits(q *query) []*Object {
	level, _ := strconv.Atoi(q.params.Get("level"))
	lowest, _ := strconv.Atoi(q.params.Get("maxLevel"))
	roots := false
	for _, name := range []string{"userOnly", "userDataViewOnly", "userDataViewFallback"} {
		roots = roots || q.params.Get(name) == "true"
	}
	out := []*Object{}
	for _, o := range s.byName["organisationUnits"] {
		depth := len(o.get("ancestors").([]*Object)) + 1
		if (level == 0 || depth == level) && (lowest == 0 || depth <= lowest) && (!roots || depth == 1) {
			out = append(out, o)
		}
	}
	return out
}

// around returns the units around one that a request asks for. ok is false if it
// asks for the unit alone (RULES.md#org-units).
func (s *Store) around(q *query, unit *Object) (units []*Object, ok bool) {
	sub := ""
	if len(q.Path) == 3 {
		sub = q.Path[2]
	}
	is := func(name, parameter string) bool {
		return sub == name || sub == "" && q.params.Get(parameter) == "true"
	}
	switch {
	case is("ancestors", "includeAncestors"):
		return append(slices.Clone(unit.get("ancestors").([]*Object)), unit), true
	case is("descendants", "includeDescendants"):
		return s.named(s.below(unit, -1)), true
	case is("children", "includeChildren"):
		return s.named(append([]*Object{unit}, s.children[unit]...)), true
	case sub == "" && q.params.Get("level") != "":
		level, _ := strconv.Atoi(q.params.Get("level"))
		return s.named(s.below(unit, level)), true
	}
	return nil, false
}

// below returns the units that are a number of levels below a unit, or, if the
// number is negative, the unit and all units below it.
func (s *Store) below(unit *Object, levels int) []*Object {
	all := []*Object{unit}
	start := 0
	for depth := 0; levels < 0 || depth < levels; depth++ {
		end := len(all)
		for _, o := range all[start:end] {
			all = append(all, s.children[o]...)
		}
		if end == len(all) {
			if levels >= 0 {
				return nil
			}
			break
		}
		start = end
	}
	if levels < 0 {
		return all
	}
	return all[start:]
}

// named returns units by name. It is never nil.
func (s *Store) named(units []*Object) []*Object {
	out := append([]*Object{}, units...)
	sortByName(out)
	return out
}

// Depth returns the number of levels of the tree of org units.
func (s *Store) Depth() int {
	deepest := 0
	for _, o := range s.lists["organisationUnits"] {
		deepest = max(deepest, len(o.get("ancestors").([]*Object))+1)
	}
	return deepest
}
