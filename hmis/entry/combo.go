package entry

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A combo is an option combo: of categories, or of attributes.
type combo struct {
	id          hmis.UID // "" for the default
	n           uint32
	of          hmis.UID // id of the category combo
	first, last period.Date
	within      [][]place // for each option with org units: where it is valid
	unknown     bool
}

// A place is a range of positions in the tree, or one unit if there is no tree.
type place struct{ first, end int }

// comboOf returns an unknown combo if there is no such option combo.
func (t *things) comboOf(id hmis.UID) *combo {
	if id == "" {
		return t.none
	}
	if c := t.combos[id]; c != nil {
		return c
	}
	if id == t.gate.Catalog.DefaultOptionCombo() {
		t.combos[id] = t.none
		return t.none
	}
	found, ok := hmis.Find[hmis.OptionCombo](t.gate.Catalog, id)
	if !ok {
		return &combo{id: id, unknown: true}
	}
	c := &combo{id: id, n: uint32(len(t.combos)) + 1, of: found.CategoryCombo}
	if c.of == "" {
		c.of = t.none.of
	}
	t.bounds(c, found)
	t.combos[id] = c
	t.size += thingSize
	return c
}

// bounds sets where and when a combo is valid. It is valid only where and when
// all of its options are (RULES.md#attribute-options).
func (t *things) bounds(c *combo, of hmis.OptionCombo) {
	for _, id := range of.Options {
		o, ok := hmis.Find[hmis.CategoryOption](t.gate.Catalog, id)
		if !ok {
			continue
		}
		if o.First != 0 {
			c.first = max(c.first, o.First)
		}
		if o.Last != 0 && (c.last == 0 || o.Last < c.last) {
			c.last = o.Last
		}
		if len(o.OrgUnits) == 0 || t.gate.Tree == nil {
			continue
		}
		list := []place{}
		for _, id := range o.OrgUnits {
			if first, end, ok := t.gate.Tree.Span(id); ok {
				list = append(list, place{first, end})
			}
		}
		c.within = append(c.within, list)
	}
}

// covers reports whether c is valid at the unit u.
func (c *combo) covers(u *unit) bool {
	for _, option := range c.within {
		in := false
		for _, p := range option {
			in = in || p.first <= u.pos && u.pos < p.end
		}
		if !in {
			return false
		}
	}
	return true
}
