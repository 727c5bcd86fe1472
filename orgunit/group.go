package orgunit

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// InGroup reports whether the unit itself is a member of a group. Units below a
// member are not members by that (RULES.md#groups).
func (t *Tree) InGroup(group, id hmis.UID) bool {
	pos, ok := t.index[id]
	if !ok {
		return false
	}
	_, member := slices.BinarySearch(t.members[group], pos)
	return member
}

// CountIn returns how many members of a group are unit itself or below it.
// OUG{group} in an expression has this value (RULES.md#groups). It is 0 for a
// group or unit that the tree does not know. To count members of several units,
// each once, use the length of the result of [Tree.Select].
func (t *Tree) CountIn(group, unit hmis.UID) int {
	first, end, ok := t.Span(unit)
	if !ok {
		return 0
	}
	list := t.members[group]
	from, _ := slices.BinarySearch(list, int32(first))
	to, _ := slices.BinarySearch(list, int32(end))
	return to - from
}

// Divide returns the group of a group set that each unit counts in, by
// position; or "" if it counts in none. A query by that set leaves such a unit
// out.
//
// A unit counts where it is a member itself. If set.Below is true and it is in
// no group of the set, it counts where the nearest unit above it does. A unit
// in two groups counts in the one with the smaller id, by byte order, so that
// the parts add up to the total (RULES.md#group-sets); [Tree.CheckGroupSet]
// lists such units.
func (t *Tree) Divide(set hmis.GroupSet) []hmis.UID {
	groups := slices.Sorted(slices.Values(set.Groups))
	parts := make([]hmis.UID, len(t.units))
	for _, group := range slices.Backward(groups) {
		for _, pos := range t.members[group] {
			parts[pos] = group
		}
	}
	if !set.Below {
		return parts
	}
	for pos, up := range t.parent {
		if parts[pos] == "" && up >= 0 {
			parts[pos] = parts[up]
		}
	}
	return parts
}
