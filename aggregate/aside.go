package aggregate

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// An aside is a value that aggregation never counts: a deleted one, or a text
// that is no value of its element. It is kept only if Loader.KeepUncounted is
// set, and apart from the columns, so that only series can see it.
type aside struct {
	key  column.Key
	pos  uint32
	mark Mark
	text string
}

func compareAsides(a, b aside) int {
	return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.key.Period, b.key.Period),
		cmp.Compare(a.key.OptionCombo, b.key.OptionCombo), cmp.Compare(a.key.AttributeCombo, b.key.AttributeCombo))
}

type asideKey struct {
	column.Key
	pos uint32
}

// setAside keeps a value aside. The caller also stages a deletion. If a later
// value has the same key, the column has that one in the end, and asides drops
// this one.
func (s *staging) setAside(el *stagedElement, key column.Key, unit uint32, o column.Other) {
	if el.aside == nil {
		el.aside = map[asideKey]aside{}
		for _, had := range s.base.aside[el.id] {
			el.aside[asideKey{had.key, had.pos}] = had
		}
	}
	mark := Uncounted
	if o.Deleted {
		mark = Deleted
	}
	if o.FollowUp {
		mark |= FollowUp
	}
	el.aside[asideKey{key, unit}] = aside{key: key, pos: unit, mark: mark, text: o.Text}
}

// asides returns what a cube of these columns keeps aside: what base keeps and
// what was set aside, without the keys that have a value again.
func (s *staging) asides(held columns) map[hmis.UID][]aside {
	if !s.loader.KeepUncounted {
		return nil
	}
	all := maps.Clone(s.base.aside)
	if all == nil {
		all = map[hmis.UID][]aside{}
	}
	for i := range s.elements {
		el := &s.elements[i]
		list := all[el.id]
		if el.aside != nil {
			list = slices.SortedFunc(maps.Values(el.aside), compareAsides)
		}
		if len(list) > 0 {
			all[el.id] = withoutHeld(list, held.of(el.id))
		}
	}
	return all
}

// withoutHeld returns the values of list that a column has no value in place
// of.
func withoutHeld(list []aside, col *column.Column) []aside {
	segments := make(map[column.Key]int, len(col.Segments))
	for i := range col.Segments {
		segments[col.Segments[i].Key] = i
	}
	var kept []aside
	for _, a := range list {
		if i, ok := segments[a.key]; !ok || !col.Has(i, a.pos) {
			kept = append(kept, a)
		}
	}
	return kept
}
