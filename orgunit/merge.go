package orgunit

import (
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/onevalue"
)

// A Merge replaces several units by one. If several units have a value for the
// same element, period and option combos, the one updated last is kept, and all
// values of Into are dropped, as DHIS2 does. Numbers are not added up, since
// both units may have reported the same cases (RULES.md#merging).
type Merge struct {
	Units []hmis.UID
	Into  hmis.UID
	Keep  bool // the units stay in the metadata, without data

	// Newest lets the values of Into compete with those of the units: the one
	// updated last is kept, whichever unit it is of.
	Newest bool

	// Discard drops the data of the units and keeps that of Into. Newest and Add
	// have no effect then.
	Discard bool

	// Add, if not nil, reports whether the numbers of a data element are added
	// up, including those of Into. DHIS2 never adds. If one of the values is no
	// number, they are not added up.
	Add func(element hmis.UID) bool
}

// Metadata returns md after the merge. The children of the units are then below
// Into, and Into is in all groups, data sets and category options of the units.
// md itself does not change. Lists that the merge does not affect are shared
// with the result.
//
// The error, [hmis.Issues], lists why the merge is not possible: a unit or Into
// is not in md, there are no units, or Into is one of them or below one.
func (m Merge) Metadata(md hmis.Metadata) (hmis.Metadata, error) {
	e, err := newEdit(md)
	if err != nil {
		return hmis.Metadata{}, err
	}
	e.need("target", m.Into)
	if len(m.Units) == 0 {
		e.refuse(m.Into, "", "want units to merge, got none")
	}
	for _, unit := range m.Units {
		e.need("unit", unit)
		if e.tree.Contains(unit, m.Into) {
			e.refuse(m.Into, "", "target is the unit %s itself or lies below it", unit)
		}
	}
	if len(e.issues) > 0 {
		return hmis.Metadata{}, e.issues
	}
	for _, unit := range m.Units {
		e.hangChildren(unit, m.Into)
		e.share(unit, m.Into)
	}
	if m.Keep {
		return e.done()
	}
	return e.done(m.Units...)
}

// Values returns the data values that change: first the removed ones, marked
// Deleted, then the new ones, each in the order of the input. Values that stay
// the same are left out. Pass the result to Cube.With of package aggregate.
//
// Values reads the whole input before it yields the first value, and holds the
// values of the units in memory. Of values that were updated at the same time,
// the one created last counts, then that of Into, then the one of the first in
// Units.
func (m Merge) Values(values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error] {
	concerned := map[hmis.UID]bool{m.Into: true}
	for _, unit := range m.Units {
		concerned[unit] = true
	}
	return onevalue.Rule{
		Key: func(k hmis.Key) (hmis.Key, bool) {
			ok := concerned[k.OrgUnit]
			k.OrgUnit = m.Into
			return k, ok
		},
		Rank:    func(k hmis.Key) int { return slices.Index(m.Units, k.OrgUnit) },
		Newest:  m.Newest,
		Discard: m.Discard,
		Add:     m.Add,
	}.Values(values)
}
