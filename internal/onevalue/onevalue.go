// Package onevalue keeps one of the values that get the same key when units or
// option combos are merged.
package onevalue

import (
	"cmp"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/shopspring/decimal"
)

// A Rule says which values get which key, and which one of several is kept: the
// one updated last, then the one created last, then the one of lower rank.
type Rule struct {
	Key     func(hmis.Key) (key hmis.Key, ok bool) // the new key; ok is false for values that the merge does not concern
	Rank    func(hmis.Key) int                     // of the old key, to decide between values of the same time
	Newest  bool                                   // the value that had the key before competes; otherwise it is dropped
	Discard bool                                   // the value that had the key before is kept, and no other
	Add     func(element hmis.UID) bool            // if not nil, whether numbers are added up
}

// Values returns the values that change: first the removed ones, marked Deleted,
// then the new ones, each in the order of the input.
func (m Rule) Values(values iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		rows, err := m.rows(values)
		if err != nil {
			yield(hmis.DataValue{}, err)
			return
		}
		var order []hmis.Key
		byKey := make(map[hmis.Key][]hmis.DataValue) // values by their new key
		for _, v := range rows {
			key, _ := m.Key(v.Key)
			if byKey[key] == nil {
				order = append(order, key)
			}
			byKey[key] = append(byKey[key], v)
		}

		var added []hmis.DataValue
		kept := make(map[hmis.Key]bool) // the new keys that have a value
		for _, key := range order {
			v, ok := m.merged(key, byKey[key])
			kept[key] = ok
			if ok && v.Key != key {
				v.Key = key
				added = append(added, v)
			}
		}
		for _, v := range rows {
			if key, _ := m.Key(v.Key); key == v.Key && kept[v.Key] {
				continue
			}
			v.Deleted = true
			if !yield(v, nil) {
				return
			}
		}
		for _, v := range added {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// rows returns the last value of each old key that the merge concerns, in the
// order of the input.
func (m Rule) rows(values iter.Seq2[hmis.DataValue, error]) ([]hmis.DataValue, error) {
	var rows []hmis.DataValue
	place := make(map[hmis.Key]int)
	for v, err := range values {
		if err != nil {
			return nil, err
		}
		if _, ok := m.Key(v.Key); !ok {
			continue
		}
		if i, again := place[v.Key]; again {
			rows[i] = v // a later value of the same key replaces an earlier one
			continue
		}
		place[v.Key] = len(rows)
		rows = append(rows, v)
	}
	return slices.DeleteFunc(rows, func(v hmis.DataValue) bool { return v.Deleted }), nil
}

// merged returns the one value that gets a new key. It is the one that had the
// key before if nothing changes. ok is false if no value is left.
func (m Rule) merged(key hmis.Key, values []hmis.DataValue) (value hmis.DataValue, ok bool) {
	var own *hmis.DataValue // the value that had the key before
	var others []hmis.DataValue
	for i, v := range values {
		if v.Key == key {
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

func (m Rule) adds(element hmis.UID) bool { return m.Add != nil && m.Add(element) }

// compare orders values of one new key by age. The last one is kept.
func (m Rule) compare(a, b hmis.DataValue) int {
	return cmp.Or(
		a.Updated.Compare(b.Updated),
		a.Created.Compare(b.Created),
		cmp.Compare(m.Rank(b.Key), m.Rank(a.Key)),
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
