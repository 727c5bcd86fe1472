package aggregate

import (
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A horizon is how far a query reads in time. The answer of one data item may
// depend on it, so that a part of a query has the horizon of the whole.
type horizon struct {
	cube   *Cube
	filter *Filter
	asked  []period.Period // the periods kept apart; one zero Period if they are not
	moved  []period.Period // asked and those that formulas move to; nil if none are kept apart

	once               sync.Once
	read, readByMoving []bool // the periods of the cube that look-backs read; nil means all
}

// periods returns the periods that are kept apart, for components of formulas
// with those that any formula moves to.
func (h *horizon) periods(component bool) []period.Period {
	if component {
		return h.moved
	}
	return h.asked
}

// reads returns which periods of the cube look-backs read, or nil if all. They
// are those of the years that any period of the query touches. For components
// of formulas, the periods that formulas move to are included
// (RULES.md#years-read).
func (h *horizon) reads(component bool) []bool {
	h.once.Do(h.find)
	if component {
		return h.readByMoving
	}
	return h.read
}

func (h *horizon) find() {
	years := map[int]bool{}
	if h.filter.dated() {
		h.touch(years, h.filter.From, h.filter.To)
	}
	for _, list := range [][]period.Period{h.asked, h.filter.Periods} {
		h.touchAll(years, list)
	}
	h.read = h.within(years)
	h.touchAll(years, h.moved)
	h.readByMoving = h.within(years)
}

func (h *horizon) touchAll(years map[int]bool, periods []period.Period) {
	for _, p := range periods {
		if !p.IsZero() {
			h.touch(years, p.First(), p.Last())
		}
	}
}

// touch adds to years those that the days from first to last touch and that
// have any value.
func (h *horizon) touch(years map[int]bool, first, last period.Date) {
	from, _, _ := first.Civil()
	to, _, _ := last.Civil()
	if to-from < len(h.cube.periods.years) {
		for year := from; year <= to; year++ {
			if h.cube.periods.years[year] {
				years[year] = true
			}
		}
		return
	}
	for year := range h.cube.periods.years {
		if from <= year && year <= to {
			years[year] = true
		}
	}
}

// within returns which periods of the cube count in some years; nil, which
// means all, if there are none.
func (h *horizon) within(years map[int]bool) []bool {
	if len(years) == 0 {
		return nil
	}
	read := make([]bool, len(h.cube.periods.list))
	for i, p := range h.cube.periods.list {
		read[i] = years[rowYear(p)]
	}
	return read
}

// lookAhead finds the horizon of the query: the periods that formulas are read
// in are those of the query, then those that any of them moves to.
func (r *resolvedQuery) lookAhead() error {
	h := &horizon{cube: r.cube, filter: &r.query.Filter, asked: r.grid.periods}
	r.horizon = h
	if len(r.query.Periods) == 0 {
		return nil
	}
	h.moved = h.asked
	var walk *shiftWalk
	for i := range r.items {
		item := &r.items[i]
		if item.kind != indicator.IndicatorItem || item.bad != nil {
			continue
		}
		if f, _ := r.cube.formulas.get(item.ID); !f.nested.shifts {
			continue
		}
		if walk == nil {
			walk = h.newShiftWalk()
		}
		if refused := walk.walk(item.ID, h.asked); refused != nil {
			if r.query.Reject == nil {
				return refused
			}
			item.bad = refused
		}
	}
	return nil
}

// newShiftWalk returns a walk that adds the periods that formulas move to.
func (h *horizon) newShiftWalk() *shiftWalk {
	seen := make(map[period.Period]bool, len(h.asked))
	for _, p := range h.asked {
		seen[p] = true
	}
	h.moved = slices.Clone(h.asked)
	return &shiftWalk{formulas: h.cube.formulas, seen: map[shift]bool{}, do: func(p period.Period) {
		if !seen[p] {
			seen[p] = true
			h.moved = append(h.moved, p)
		}
	}}
}
