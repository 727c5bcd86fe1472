package workload

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// number computes the position of each unit in preorder, and lists all ids.
func (w *World) number() {
	w.Pos, w.End = make([]int, len(w.Units)), make([]int, len(w.Units))
	for i := len(w.Units) - 1; i >= 0; i-- { // counts the units below each unit
		w.End[i]++
		if p := w.Parent[i]; p >= 0 {
			w.End[p] += w.End[i]
		}
	}
	next := make([]int, len(w.Units)) // position of the next child of each unit
	for i, p := range w.Parent {
		if p >= 0 {
			w.Pos[i] = next[p]
			next[p] += w.End[i]
		}
		next[i] = w.Pos[i] + 1
		w.End[i] += w.Pos[i]
	}
	for i := range w.Elements {
		w.ids = append(w.ids, w.Elements[i].ID)
	}
	for i := range w.Combos {
		w.ids = append(w.ids, w.Combos[i].ID)
	}
	for i := range w.Units {
		w.ids = append(w.ids, w.Units[i].ID)
	}
	w.ids = slices.Clip(w.ids)
}

// At returns the units on a level. The country is on level 1.
func (w *World) At(level int) []int {
	var list []int
	for i, l := range w.Level {
		if l == level {
			list = append(list, i)
		}
	}
	return list
}

// Above returns the unit on a level that contains unit.
func (w *World) Above(unit, level int) int {
	for w.Level[unit] > level {
		unit = w.Parent[unit]
	}
	return unit
}

// Indicators is the number of indicators.
const Indicators = 20

// IndicatorID returns the id of indicator i.
func IndicatorID(i int) hmis.UID { return id('i', i) }

// Indicator returns the two SUM elements of indicator i, which is their ratio
// per thousand.
func (w *World) Indicator(i int) (numerator, denominator int) {
	sums := w.Of(hmis.Sum)
	return sums[(7*i)%len(sums)], sums[(13*i+1)%len(sums)]
}

// Of returns the elements with one of these aggregations.
func (w *World) Of(list ...hmis.Aggregation) []int {
	var out []int
	for i := range w.Elements {
		for _, a := range list {
			if w.Elements[i].Aggregation == a {
				out = append(out, i)
			}
		}
	}
	return out
}
