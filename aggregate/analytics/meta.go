package analytics

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Meta says what the identifiers of a [Response] mean. Its own identifiers are
// always ids, whatever scheme the rows are in.
type Meta struct {
	// Items are the items of all dimensions and filters, the dimensions
	// themselves, the option combos of the data elements, and the keywords of
	// the request, by the text that stands for them.
	Items map[string]MetaItem `json:"items,omitzero"`
	// Dimensions are the items of each dimension and filter in the order of the
	// request; "pe" and "co" are always among them.
	Dimensions map[string][]string `json:"dimensions,omitzero"`

	// Hierarchy has the ids above each org unit of the rows, "root/../parent",
	// and NameHierarchy the names, "/Root/../Unit". They are nil unless asked for.
	Hierarchy     map[string]string `json:"ouHierarchy,omitzero"`
	NameHierarchy map[string]string `json:"ouNameHierarchy,omitzero"`
}

// meta describes all that the request names.
func (a *answer) meta() *Meta {
	m := &Meta{Items: make(map[string]MetaItem), Dimensions: make(map[string][]string)}
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		for _, d := range list {
			m.Dimensions[d.id] = a.describe(m, d)
		}
	}
	combos := a.combos(m)
	if _, ok := m.Dimensions[dimPeriod]; !ok {
		m.Dimensions[dimPeriod] = []string{}
	}
	m.Dimensions[dimCombo] = combos
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		for _, d := range list {
			for _, k := range d.keywords {
				if _, ok := m.Items[k.key]; !ok {
					m.Items[k.key] = k.item
				}
			}
			m.Items[d.id] = a.shown(a.dimensionItem(d))
		}
	}
	a.lineage(m)
	return m
}

// describe adds the items of a dimension and returns their ids.
func (a *answer) describe(m *Meta, d dimension) []string {
	ids := make([]string, 0, len(d.data)+len(d.periods)+len(d.ids))
	add := func(id string, item func() MetaItem) {
		ids = append(ids, id)
		if _, ok := m.Items[id]; !ok {
			m.Items[id] = a.shown(item())
		}
	}
	for _, item := range d.data {
		add(dataKey(item), func() MetaItem { return a.dataItem(item) })
	}
	for _, p := range d.periods {
		add(p.String(), func() MetaItem { return a.periodItem(p) })
	}
	for _, id := range d.ids {
		add(string(id), func() MetaItem { return a.objectItem(d.items, id) })
	}
	return ids
}

// combos adds the option combos of every data element that the request names by
// itself, and returns their ids. Operands bring none.
func (a *answer) combos(m *Meta) []string {
	ids := []string{}
	seen := make(map[hmis.UID]bool)
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		for _, d := range list {
			for _, item := range d.data {
				if item.Kind != indicator.DataElementItem || isOperand(item) || seen[item.ID] {
					continue
				}
				seen[item.ID] = true
				catalog := a.server.Catalog
				for _, combo := range catalog.OptionCombos(catalog.Combo(item.ID, "")) {
					if seen[combo] {
						continue
					}
					seen[combo] = true
					ids = append(ids, string(combo))
					if _, ok := m.Items[string(combo)]; !ok {
						m.Items[string(combo)] = a.shown(a.objectItem(hmis.KindCategoryOptionCombo, combo))
					}
				}
			}
		}
	}
	return ids
}

// lineage adds what is above the org units that the rows have, or above all that
// the request names if they have none.
func (a *answer) lineage(m *Meta) {
	if !a.hierarchy && !a.nameHierarchy {
		return
	}
	if a.hierarchy {
		m.Hierarchy = make(map[string]string)
	}
	if a.nameHierarchy {
		m.NameHierarchy = make(map[string]string)
	}
	for _, id := range a.activeUnits() {
		if a.hierarchy {
			m.Hierarchy[string(id)] = a.server.Tree.ParentGraph(id, a.roots()...)
		}
		if a.nameHierarchy {
			m.NameHierarchy[string(id)] = a.namePath(id)
		}
	}
}

// activeUnits returns the org units that the rows have: all that the request
// names if the rows have none of them.
func (a *answer) activeUnits() []hmis.UID {
	var asked []hmis.UID
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		if at := indexOf(list, dimUnit); at >= 0 {
			asked = append(asked, list[at].ids...)
		}
	}
	used := make(map[hmis.UID]bool)
	for _, cell := range a.cells {
		if cell.OrgUnit != "" {
			used[cell.OrgUnit] = true
		}
	}
	active := slices.DeleteFunc(slices.Clone(asked), func(id hmis.UID) bool { return !used[id] })
	if len(active) == 0 {
		return asked
	}
	return active
}

// roots returns the units at which hierarchies begin.
func (a *answer) roots() []hmis.UID { return a.user }

// namePath returns the names above a unit and its own. That of a root begins
// with two slashes, since a server puts one before the empty path above it.
func (a *answer) namePath(id hmis.UID) string {
	path := a.server.Tree.NamePath(id, a.roots()...)
	if _, ok := a.server.Tree.Parent(id); !ok {
		return "/" + path
	}
	return path
}

// shown returns as much of an item as the request asks for.
func (a *answer) shown(item MetaItem) MetaItem {
	if a.details {
		return item
	}
	return MetaItem{Name: item.Name}
}
