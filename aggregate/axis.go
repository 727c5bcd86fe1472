package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// An axis is an [Axis] whose ids have been looked up. One of three lists says
// in which item each org unit, option combo or data element counts, as an index
// in items. A member that counts in none has -1, or is not in the map.
type axis struct {
	id    hmis.UID
	items []hmis.UID

	byPos     []int32            // the group of each org unit, for an org unit group set
	byCombo   []int32            // the item of each option combo, for option combos, categories and their group sets
	attr      bool               // byCombo has attribute option combos
	byElement map[hmis.UID]int32 // the group of each element, for a data element group set
}

// ofSegment returns the item that the values of a segment count in. It is 0 if
// org units decide, and -1 if they count in none.
func (a *axis) ofSegment(element hmis.UID, k column.Key) int32 {
	switch {
	case a.byPos != nil:
		return 0
	case a.byElement != nil:
		if n, ok := a.byElement[element]; ok {
			return n
		}
		return -1
	case a.attr:
		return a.byCombo[k.AttributeCombo]
	}
	return a.byCombo[k.OptionCombo]
}

// An axisMaker makes axes for the values of a cube.
type axisMaker struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree
	combos  []hmis.UID // option combos, as the cube numbers them
}

// of returns the axis for a, with its ids looked up in the catalog
// (RULES.md#categories-and-group-sets). The issue is not nil if there is no
// such axis.
func (m axisMaker) of(a Axis) (axis, *hmis.Issue) {
	switch a.ID {
	case OptionCombos, AttributeCombos:
		return m.ofCombos(a), nil
	}
	if cat, ok := hmis.Find[hmis.Category](m.catalog, a.ID); ok && !cat.NoDimension {
		return m.ofCategory(a, cat), nil
	}
	if set, ok := hmis.Find[hmis.GroupSet](m.catalog, a.ID); ok && !set.NoDimension {
		switch set.Kind {
		case hmis.KindOrgUnitGroupSet:
			return m.ofOrgUnits(a, set), nil
		case hmis.KindDataElementGroupSet:
			return m.ofElements(a, set), nil
		case hmis.KindCategoryOptionGroupSet:
			return m.ofOptionGroups(a, set), nil
		}
	}
	return axis{}, issue("E7125", "dimension", "no such dimension %q", a.ID)
}

// numbered returns the index of each item in a list, the first of equal items.
func numbered(items []hmis.UID) map[hmis.UID]int32 {
	at := make(map[hmis.UID]int32, len(items))
	for i, id := range items {
		if _, ok := at[id]; !ok {
			at[id] = int32(i)
		}
	}
	return at
}

func (m axisMaker) ofCombos(a Axis) axis {
	out := axis{id: a.ID, items: distinct(a.Items), attr: a.ID == AttributeCombos}
	if len(out.items) == 0 {
		out.items = slices.Sorted(slices.Values(m.combos))
	}
	at := numbered(out.items)
	out.byCombo = m.eachCombo(func(combo hmis.UID) int32 { return ordinal(at, combo) })
	return out
}

func ordinal(at map[hmis.UID]int32, id hmis.UID) int32 {
	if n, ok := at[id]; ok {
		return n
	}
	return -1
}

func (m axisMaker) eachCombo(item func(combo hmis.UID) int32) []int32 {
	by := make([]int32, len(m.combos))
	for i, combo := range m.combos {
		by[i] = item(combo)
	}
	return by
}

func (m axisMaker) ofCategory(a Axis, cat hmis.Category) axis {
	out := axis{id: a.ID, items: distinct(a.Items), attr: cat.Attribute}
	if len(out.items) == 0 {
		out.items = cat.Options
	}
	at := numbered(out.items)
	out.byCombo = m.eachCombo(func(combo hmis.UID) int32 {
		if option, ok := m.catalog.Option(combo, cat.ID); ok {
			return ordinal(at, option)
		}
		return -1
	})
	return out
}

// ofOptionGroups makes an axis on which a combo counts in the group that holds
// one of its options. Of several groups the smallest id decides, even if it is
// not asked for.
func (m axisMaker) ofOptionGroups(a Axis, set hmis.GroupSet) axis {
	out := axis{id: a.ID, items: distinct(a.Items), attr: set.Attribute}
	if len(out.items) == 0 {
		out.items = set.Groups
	}
	at, groupOf := numbered(out.items), m.groupOfMember(set)
	out.byCombo = m.eachCombo(func(combo hmis.UID) int32 {
		coc, _ := hmis.Find[hmis.OptionCombo](m.catalog, combo)
		var least hmis.UID
		for _, option := range coc.Options {
			if g, ok := groupOf[option]; ok && (least == "" || g < least) {
				least = g
			}
		}
		return ordinal(at, least)
	})
	return out
}

func (m axisMaker) ofElements(a Axis, set hmis.GroupSet) axis {
	out := axis{id: a.ID, items: distinct(a.Items), byElement: map[hmis.UID]int32{}}
	if len(out.items) == 0 {
		out.items = set.Groups
	}
	at := numbered(out.items)
	for element, group := range m.groupOfMember(set) {
		if n, ok := at[group]; ok {
			out.byElement[element] = n
		}
	}
	return out
}

// groupOfMember returns the group of a set that each member counts in. If
// several groups have the member, it is the one with the smallest id
// (RULES.md#categories-and-group-sets).
func (m axisMaker) groupOfMember(set hmis.GroupSet) map[hmis.UID]hmis.UID {
	of := map[hmis.UID]hmis.UID{}
	for _, id := range set.Groups {
		g, _ := hmis.Find[hmis.Group](m.catalog, id)
		for _, member := range g.Members {
			if had, ok := of[member]; !ok || id < had {
				of[member] = id
			}
		}
	}
	return of
}

func (m axisMaker) ofOrgUnits(a Axis, set hmis.GroupSet) axis {
	out := axis{id: a.ID, items: distinct(a.Items)}
	if len(out.items) == 0 {
		out.items = set.Groups
	}
	at := numbered(out.items)
	groups := m.tree.Divide(set)
	out.byPos = make([]int32, len(groups))
	for pos, group := range groups {
		out.byPos[pos] = ordinal(at, group)
	}
	return out
}
