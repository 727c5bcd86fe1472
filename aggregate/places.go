package aggregate

import (
	"cmp"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
)

// A placer makes the places of a query, once for all elements with the same
// aggregation levels.
type placer struct {
	*resolvedQuery

	mu   sync.Mutex
	held []levelPlaces
	room [1]levelPlaces // memory for held, since most queries need one entry

	// outer is the placer of the query around a subExpression, and nil outside
	// one. level is the level of one of its maps.
	outer *placer
	level int
}

// levelPlaces are the places of elements with some aggregation levels.
type levelPlaces struct {
	levels   []int
	filtered bool
	places   *place.Places
}

// places returns the places for elements with these aggregation levels.
func (r *placer) places(levels []int) *place.Places { return r.cached(levels, true) }

// openPlaces returns the places without the filters.
func (r *placer) openPlaces(levels []int) *place.Places { return r.cached(levels, false) }

func (r *placer) cached(levels []int, filtered bool) *place.Places {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.held {
		if had := &r.held[i]; had.filtered == filtered && sameLevels(had.levels, levels) {
			return had.places
		}
	}
	p := r.newPlaces(levels, filtered)
	if r.held == nil {
		r.held = r.room[:0]
	}
	r.held = append(r.held, levelPlaces{levels, filtered, p})
	return p
}

func (r *placer) newPlaces(levels []int, filtered bool) *place.Places {
	if r.outer != nil { // each storing unit is its own place
		return r.outer.cached(levels, filtered).Own(r.level)
	}
	p := &place.Places{N: len(r.grid.units), Base: make([]place.Base, len(r.grid.units))}
	for u := range p.Base {
		p.Base[u].Unit = u
	}
	mask := r.withinMask()
	if filtered {
		mask = both(mask, r.filterMask(levels))
	}
	if r.grid.hasUnits {
		for _, level := range r.grid.unitLevels() {
			p.Maps = append(p.Maps, r.levelMap(level, levels, mask))
		}
	} else {
		p.Maps = []*place.Map{r.wholeMap(mask)}
	}
	for i := range r.grid.axes {
		if a := &r.grid.axes[i]; a.byPos != nil {
			p.Divide(a.byPos, len(a.items), r.grid.stride[i])
		}
	}
	return p
}

// sameLevels reports whether two lists have the same levels, in whatever order.
func sameLevels(a, b []int) bool {
	return len(a) == len(b) &&
		!slices.ContainsFunc(a, func(l int) bool { return !slices.Contains(b, l) }) &&
		!slices.ContainsFunc(b, func(l int) bool { return !slices.Contains(a, l) })
}

// hidden reports whether a value stored at one level does not reach a unit at
// another, for an element with aggregation levels
// (RULES.md#aggregation-levels).
func hidden(levels []int, stored, asked int) bool {
	return slices.ContainsFunc(levels, func(l int) bool { return stored > l && l >= asked })
}

// withinMask returns the positions that the query may see, or nil if it may see
// all.
func (r *resolvedQuery) withinMask() []bool {
	if r.query.Within == nil {
		return nil
	}
	mask := make([]bool, r.cube.tree.Len())
	for _, id := range r.query.Within {
		first, end, _ := r.cube.tree.Span(id)
		for pos := first; pos < end; pos++ {
			mask[pos] = true
		}
	}
	return mask
}

// both returns the positions that are in both masks. A nil mask has all
// positions.
func both(a, b []bool) []bool {
	if a == nil || b == nil {
		return append(a, b...)
	}
	for pos := range a {
		a[pos] = a[pos] && b[pos]
	}
	return a
}

// filterMask returns the positions that pass the filters on org units, or nil
// if all pass.
func (r *placer) filterMask(levels []int) []bool {
	tree, f := r.cube.tree, r.query.Filter
	var mask []bool
	if len(f.OrgUnits) > 0 {
		mask = make([]bool, tree.Len())
		for _, id := range f.OrgUnits {
			first, end, _ := tree.Span(id)
			for pos := first; pos < end; pos++ {
				if !mask[pos] && !hidden(levels, tree.LevelAt(pos), tree.LevelAt(first)) {
					mask[pos] = true
				}
			}
		}
	}
	for i := range r.filters {
		if a := &r.filters[i]; a.byPos != nil {
			if mask == nil {
				mask = slices.Repeat([]bool{true}, tree.Len())
			}
			for pos, item := range a.byPos {
				mask[pos] = mask[pos] && item >= 0
			}
		}
	}
	return mask
}

// wholeMap returns the map of a query that does not keep org units apart: one
// place for all positions in the mask.
func (r *placer) wholeMap(mask []bool) *place.Map {
	n := r.cube.tree.Len()
	m := place.NewMap(n, []column.Span{{First: 0, End: uint32(n), Place: 1}})
	if mask != nil {
		m.Narrow(func(pos int) bool { return mask[pos] })
	}
	return m
}

func (r *placer) levelMap(level int, levels []int, mask []bool) *place.Map {
	tree := r.cube.tree
	var spans []column.Span
	for ordinal, s := range r.grid.spans {
		if s.level == level {
			place := uint32(ordinal) + 1
			spans = append(spans, column.Span{First: uint32(s.first), End: uint32(s.end), Place: place})
		}
	}
	slices.SortFunc(spans, func(a, b column.Span) int { return cmp.Compare(a.First, b.First) })
	m := place.NewMap(tree.Len(), spans)
	if mask != nil || len(levels) > 0 {
		m.Narrow(func(pos int) bool {
			return (mask == nil || mask[pos]) && !hidden(levels, tree.LevelAt(pos), level)
		})
	}
	return m
}
