package orgunit

import (
	"cmp"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/shopspring/decimal"
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
	return func(yield func(hmis.DataValue, error) bool) {
		rows, err := m.rows(values)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		var order []hmis.Key
		meet := make(map[hmis.Key][]hmis.DataValue) // values by their key after the merge
		for _, v := range rows {
			key := v.Key
			key.OrgUnit = m.Into
			if meet[key] == nil {
				order = append(order, key)
			}
			meet[key] = append(meet[key], v)
		}

		var come []hmis.DataValue
		stay := make(map[hmis.Key]bool) // the keys of Into that still have a value
		for _, key := range order {
			v, ok := m.merged(meet[key])
			stay[key] = ok
			if ok && v.OrgUnit != m.Into {
				v.OrgUnit = m.Into
				come = append(come, v)
			}
		}
		for _, v := range rows {
			if v.OrgUnit == m.Into && stay[v.Key] {
				continue
			}
			v.Deleted = true
			if !yield(v, nil) {
				return
			}
		}
		for _, v := range come {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// rows returns the last value of each key that the units or Into have, in the
// order of the input.
func (m Merge) rows(values iter.Seq2[hmis.DataValue, error]) ([]hmis.DataValue, error) {
	concerned := map[hmis.UID]bool{m.Into: true}
	for _, unit := range m.Units {
		concerned[unit] = true
	}
	var rows []hmis.DataValue
	place := make(map[hmis.Key]int)
	for v, err := range values {
		if err != nil {
			return nil, err
		}
		if !concerned[v.OrgUnit] {
			continue
		}
		if i, met := place[v.Key]; met {
			rows[i] = v // a later value of the same key replaces an earlier one
			continue
		}
		place[v.Key] = len(rows)
		rows = append(rows, v)
	}
	return slices.DeleteFunc(rows, func(v hmis.DataValue) bool { return v.Deleted }), nil
}

// merged returns the one value that replaces the values of one key. It is the
// value of Into if nothing changes. ok is false if no value is left.
func (m Merge) merged(values []hmis.DataValue) (value hmis.DataValue, ok bool) {
	var own *hmis.DataValue // the value of Into
	var others []hmis.DataValue
	for i, v := range values {
		if v.OrgUnit == m.Into {
			own = &values[i]
		} else {
			others = append(others, v)
		}
	}
	if own != nil && (m.Discard || len(others) == 0 && (m.Newest || m.adds(own.DataElement))) {
		return *own, true
	}
	if m.Discard || len(others) == 0 {
		return hmis.DataValue{}, false
	}
	latest := slices.MaxFunc(others, m.compare)
	if m.adds(latest.DataElement) {
		if sum, ok := total(values); ok {
			latest.Value = sum.String()
			if own != nil && own.Updated.After(latest.Updated) {
				latest.Updated = own.Updated
			}
			return latest, true
		}
	}
	if own != nil && m.Newest && m.compare(latest, *own) <= 0 {
		return *own, true
	}
	return latest, true
}

func (m Merge) adds(element hmis.UID) bool { return m.Add != nil && m.Add(element) }

// compare orders values of one key by age. The last one is kept. A value of
// Into comes after those of units of the same age.
func (m Merge) compare(a, b hmis.DataValue) int {
	return cmp.Or(
		a.Updated.Compare(b.Updated),
		a.Created.Compare(b.Created),
		cmp.Compare(slices.Index(m.Units, b.OrgUnit), slices.Index(m.Units, a.OrgUnit)),
	)
}

// total returns the sum of values. ok is false if one of them is no number.
func total(values []hmis.DataValue) (_ decimal.Decimal, ok bool) {
	var sum decimal.Decimal
	for _, v := range values {
		d, ok := hmis.Number.Number(v.Value)
		if !ok {
			return decimal.Decimal{}, false
		}
		sum = sum.Add(d)
	}
	return sum, true
}
