package analytics

import (
	"context"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Meta explains the identifiers in a [Response]. Its own identifiers are
// always ids, whatever scheme the rows have.
type Meta struct {
	// Items has the items of all dimensions and filters, the dimensions
	// themselves, the option combos of data elements, and the keywords of the
	// request. The key of each is its text in the request.
	Items map[string]MetaItem `json:"items,omitzero"`
	// Dimensions has the items of each dimension and filter in the order of the
	// request. "pe" and "co" are always included.
	Dimensions map[string][]string `json:"dimensions,omitzero"`

	// Hierarchy has the ids above each org unit in the rows, "root/../parent",
	// and NameHierarchy the names, "/Root/../Unit". They are nil unless the
	// request wants them.
	Hierarchy     map[string]string `json:"ouHierarchy,omitzero"`
	NameHierarchy map[string]string `json:"ouNameHierarchy,omitzero"`
}

// metaBytes estimates the memory of one item of metadata in bytes.
const metaBytes = 600

// meta returns the metadata for everything in the request.
func (a *answer) meta(ctx context.Context) (*Meta, error) {
	m := &Meta{Items: make(map[string]MetaItem), Dimensions: make(map[string][]string)}
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		for _, d := range list {
			if err := a.hold.reserve(metaBytes * int64(len(d.data)+len(d.periods)+len(d.ids))); err != nil {
				return nil, err
			}
			ids, err := a.describe(ctx, m, d)
			if err != nil {
				return nil, err
			}
			m.Dimensions[d.id] = ids
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
	return m, a.lineage(ctx, m)
}

// describe adds the items of a dimension and returns their ids.
func (a *answer) describe(ctx context.Context, m *Meta, d dimension) ([]string, error) {
	ids := make([]string, 0, len(d.data)+len(d.periods)+len(d.ids))
	// add returns false once the context has ended
	add := func(id string, item func() MetaItem) bool {
		ids = append(ids, id)
		if _, ok := m.Items[id]; !ok {
			m.Items[id] = a.shown(item())
		}
		return len(ids)%often != 0 || ctx.Err() == nil
	}
	for _, item := range d.data {
		if !add(dataKey(item), func() MetaItem { return a.dataItem(item) }) {
			return nil, ctx.Err()
		}
	}
	for _, p := range d.periods {
		if !add(p.String(), func() MetaItem { return a.periodItem(p) }) {
			return nil, ctx.Err()
		}
	}
	for _, id := range d.ids {
		if !add(string(id), func() MetaItem { return a.objectItem(d.items, id) }) {
			return nil, ctx.Err()
		}
	}
	return ids, nil
}

// combos adds the option combos of each data element in the request and returns
// their ids. It adds none for operands.
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
				for _, combo := range catalog.OptionCombos(catalog.CategoryCombo(item.ID, "")) {
					if seen[combo] {
						continue
					}
					seen[combo] = true
					ids = append(ids, string(combo))
					if _, ok := m.Items[string(combo)]; !ok {
						m.Items[string(combo)] = a.shown(a.objectItem(hmis.KindOptionCombo, combo))
					}
				}
			}
		}
	}
	return ids
}

// lineage adds the hierarchy of the org units in the rows. If the rows have
// none, it is that of all org units in the request.
func (a *answer) lineage(ctx context.Context, m *Meta) error {
	if !a.hierarchy && !a.nameHierarchy {
		return nil
	}
	if a.hierarchy {
		m.Hierarchy = make(map[string]string)
	}
	if a.nameHierarchy {
		m.NameHierarchy = make(map[string]string)
	}
	for i, id := range a.activeUnits() {
		if i%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if a.hierarchy {
			m.Hierarchy[string(id)] = a.parentPath(id)
		}
		if a.nameHierarchy {
			m.NameHierarchy[string(id)] = a.namePath(id)
		}
	}
	return nil
}

// shown returns the fields of an item that the request wants.
func (a *answer) shown(item MetaItem) MetaItem {
	if a.details {
		return item
	}
	return MetaItem{Name: item.Name}
}
