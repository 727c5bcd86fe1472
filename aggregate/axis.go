package aggregate

import (
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// An axis is an Axis made ready: for each org unit position, option combo or
// data element the item it counts in, by its place in items, or -1.
type axis struct {
	id    hmis.UID
	items []hmis.UID

	byPos     []int32 // of an org unit group set
	byCombo   []int32 // of option combos, categories and their group sets, as the cube numbers combos
	attr      bool    // byCombo is asked about the attribute option combo
	byElement map[hmis.UID]int32
}

// ofSegment returns the item that values of a segment count in, 0 if org units
// decide and -1 if there is none.
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

// axis resolves an Axis against the catalog (RULES.md#categories-and-group-sets).
func (c *Cube) axis(a Axis) (axis, *hmis.Issue) {
	switch a.ID {
	case OptionCombos, AttributeCombos:
		return c.comboAxis(a), nil
	}
	if cat, ok := hmis.Find[hmis.Category](c.catalog, a.ID); ok && !cat.NoDimension {
		return c.categoryAxis(a, cat), nil
	}
	if set, ok := hmis.Find[hmis.GroupSet](c.catalog, a.ID); ok && !set.NoDimension {
		switch set.Kind {
		case hmis.KindOrgUnitGroupSet:
			return c.placeAxis(a, set), nil
		case hmis.KindDataElementGroupSet:
			return c.elementAxis(a, set), nil
		case hmis.KindCategoryOptionGroupSet:
			return c.optionGroupAxis(a, set), nil
		}
	}
	return axis{}, issue("E7125", "dimension", "no such dimension %q", a.ID)
}

func issue(code, field, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{Code: code, Severity: hmis.Critical, Field: field, Offset: -1, Err: fmt.Errorf(format, args...)}
}

// numbered gives each item its place; the first of equal items counts.
func numbered(items []hmis.UID) map[hmis.UID]int32 {
	at := make(map[hmis.UID]int32, len(items))
	for i, id := range items {
		if _, ok := at[id]; !ok {
			at[id] = int32(i)
		}
	}
	return at
}

func (c *Cube) comboAxis(a Axis) axis {
	out := axis{id: a.ID, items: distinct(a.Items), attr: a.ID == AttributeCombos}
	if len(out.items) == 0 {
		out.items = slices.Sorted(slices.Values(c.combos))
	}
	at := numbered(out.items)
	out.byCombo = c.eachCombo(func(combo hmis.UID) int32 { return ordinal(at, combo) })
	return out
}

func ordinal(at map[hmis.UID]int32, id hmis.UID) int32 {
	if n, ok := at[id]; ok {
		return n
	}
	return -1
}

func (c *Cube) eachCombo(item func(combo hmis.UID) int32) []int32 {
	by := make([]int32, len(c.combos))
	for i, combo := range c.combos {
		by[i] = item(combo)
	}
	return by
}

func (c *Cube) categoryAxis(a Axis, cat hmis.Category) axis {
	out := axis{id: a.ID, items: distinct(a.Items), attr: cat.Attribute}
	if len(out.items) == 0 {
		out.items = cat.Options
	}
	at := numbered(out.items)
	out.byCombo = c.eachCombo(func(combo hmis.UID) int32 {
		if option, ok := c.catalog.Option(combo, cat.ID); ok {
			return ordinal(at, option)
		}
		return -1
	})
	return out
}

// optionGroupAxis counts a combo in the group that holds one of its options. Of
// several groups the smallest id decides, even if it is not asked for.
func (c *Cube) optionGroupAxis(a Axis, set hmis.GroupSet) axis {
	out := axis{id: a.ID, items: distinct(a.Items), attr: set.Attribute}
	if len(out.items) == 0 {
		out.items = set.Groups
	}
	at, groupOf := numbered(out.items), c.groupOfMember(set)
	out.byCombo = c.eachCombo(func(combo hmis.UID) int32 {
		coc, _ := hmis.Find[hmis.OptionCombo](c.catalog, combo)
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

func (c *Cube) elementAxis(a Axis, set hmis.GroupSet) axis {
	out := axis{id: a.ID, items: distinct(a.Items), byElement: map[hmis.UID]int32{}}
	if len(out.items) == 0 {
		out.items = set.Groups
	}
	at := numbered(out.items)
	for element, group := range c.groupOfMember(set) {
		if n, ok := at[group]; ok {
			out.byElement[element] = n
		}
	}
	return out
}

// groupOfMember returns the group of a set that each member counts in: of
// several, the one with the smallest id (RULES.md#categories-and-group-sets).
func (c *Cube) groupOfMember(set hmis.GroupSet) map[hmis.UID]hmis.UID {
	of := map[hmis.UID]hmis.UID{}
	for _, id := range set.Groups {
		g, _ := hmis.Find[hmis.Group](c.catalog, id)
		for _, member := range g.Members {
			if had, ok := of[member]; !ok || id < had {
				of[member] = id
			}
		}
	}
	return of
}

func (c *Cube) placeAxis(a Axis, set hmis.GroupSet) axis {
	out := axis{id: a.ID, items: distinct(a.Items)}
	if len(out.items) == 0 {
		out.items = set.Groups
	}
	at := numbered(out.items)
	groups := c.tree.Divide(set)
	out.byPos = make([]int32, len(groups))
	for pos, group := range groups {
		out.byPos[pos] = ordinal(at, group)
	}
	return out
}

// fewToCompare is up to how many things are compared one by one: a map of so few
// costs more.
const fewToCompare = 16

// distinct returns list without repetitions, in order.
func distinct[T comparable](list []T) []T {
	out := make([]T, 0, len(list))
	if len(list) <= fewToCompare {
		for _, v := range list {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
		return out
	}
	seen := make(map[T]bool, len(list))
	for _, v := range list {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}
