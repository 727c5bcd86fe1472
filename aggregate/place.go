package aggregate

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
)

// places tells where values count by their org unit: an ordinal for each unit
// asked for, times the items of the axes that org units decide.
type places struct {
	n    int
	maps []*placeMap // a position counts at most once in each
	base []placeBase // by ordinal

	used  []uint32 // the positions that compacted maps have places of; nil if they are not compacted
	rolls []roll   // which places are added to which others, in order, ordinals + 1
}

// levelPlaces are the places of elements with some aggregation levels.
type levelPlaces struct {
	levels   []int
	filtered bool
	places   *places
}

// A placeBase says where the cells of a place are: its org unit, and the cell
// within one unit and period where its items begin.
type placeBase struct{ unit, cell int }

// A placeMap is the units of one level, which do not overlap.
type placeMap struct {
	spans []column.Span // as runs of positions, in order; nil if they do not say it all
	at    []uint32
	fill  sync.Once // makes at of spans
}

// lookup returns the place of each position: its ordinal + 1, or 0 for none.
func (m *placeMap) lookup(positions int) []uint32 {
	m.fill.Do(func() {
		if m.at != nil {
			return
		}
		m.at = make([]uint32, positions)
		for _, s := range m.spans {
			for pos := s.First; pos < s.End; pos++ {
				m.at[pos] = s.Place
			}
		}
	})
	return m.at
}

// A few spans are looked for in every segment. Where they are more, they are in
// those segments only that have enough values for each.
const fewSpans, perSpan = 4, 6

// spansFrom returns from how many values on adding them up span by span is
// cheaper than looking up where each belongs.
func (m *placeMap) spansFrom() int {
	switch {
	case m.spans == nil:
		return math.MaxInt
	case len(m.spans) <= fewSpans:
		return 0
	}
	return perSpan * len(m.spans)
}

// of returns the place of one position.
func (m *placeMap) of(pos uint32, positions int) uint32 {
	if m.spansFrom() > 0 {
		return m.lookup(positions)[pos]
	}
	for _, s := range m.spans {
		if s.First <= pos && pos < s.End {
			return s.Place
		}
	}
	return 0
}

// places makes the place maps for elements with these aggregation levels.
func (r *run) places(levels []int) *places { return r.cached(levels, true) }

// openPlaces is places without the filters.
func (r *run) openPlaces(levels []int) *places { return r.cached(levels, false) }

func (r *run) cached(levels []int, filtered bool) *places {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.placesOf {
		if had := &r.placesOf[i]; had.filtered == filtered && sameLevels(had.levels, levels) {
			return had.places
		}
	}
	p := r.newPlaces(levels, filtered)
	r.placesOf = append(r.placesOf, levelPlaces{levels, filtered, p})
	return p
}

func (r *run) newPlaces(levels []int, filtered bool) *places {
	if r.outer != nil { // each storing unit for itself
		return r.outer.cached(levels, filtered).own(r.level, r.cube.tree.Len())
	}
	p := &places{n: len(r.grid.units), base: make([]placeBase, len(r.grid.units))}
	for u := range p.base {
		p.base[u].unit = u
	}
	mask := r.withinMask()
	if filtered {
		mask = both(mask, r.filterMask(levels))
	}
	if r.grid.hasUnits {
		for _, level := range r.grid.unitLevels() {
			p.maps = append(p.maps, r.levelMap(level, levels, mask))
		}
	} else {
		p.maps = []*placeMap{r.wholeMap(mask)}
	}
	for i := range r.grid.axes {
		if a := &r.grid.axes[i]; a.byPos != nil {
			p.divide(a, r.grid.stride[i])
		}
	}
	return p
}

// sameLevels reports whether two lists have the same levels, in whatever order.
func sameLevels(a, b []int) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(l int) bool { return !slices.Contains(b, l) }) &&
		!slices.ContainsFunc(b, func(l int) bool { return !slices.Contains(a, l) })
}

// hidden reports whether a value stored at one level does not reach a unit at
// another, for an element with aggregation levels
// (RULES.md#aggregation-levels).
func hidden(levels []int, stored, asked int) bool {
	return slices.ContainsFunc(levels, func(l int) bool { return stored > l && l >= asked })
}

// withinMask returns which positions the query may see, nil if all.
func (r *run) withinMask() []bool {
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

// both returns what two masks let through. A mask that is nil lets all through.
func both(a, b []bool) []bool {
	if a == nil || b == nil {
		return append(a, b...)
	}
	for pos := range a {
		a[pos] = a[pos] && b[pos]
	}
	return a
}

// filterMask returns which positions the filters on org units let through, nil
// if all.
func (r *run) filterMask(levels []int) []bool {
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

// wholeMap is for a query that does not tell org units apart.
func (r *run) wholeMap(mask []bool) *placeMap {
	n := r.cube.tree.Len()
	m := &placeMap{spans: []column.Span{{First: 0, End: uint32(n), Place: 1}}}
	if mask != nil {
		m.narrow(n, func(pos int) bool { return mask[pos] })
	}
	return m
}

func (r *run) levelMap(level int, levels []int, mask []bool) *placeMap {
	tree := r.cube.tree
	m := &placeMap{}
	for ordinal, s := range r.grid.spans {
		if s.level == level {
			m.spans = append(m.spans, column.Span{First: uint32(s.first), End: uint32(s.end), Place: uint32(ordinal) + 1})
		}
	}
	slices.SortFunc(m.spans, func(a, b column.Span) int { return cmp.Compare(a.First, b.First) })
	if mask != nil || len(levels) > 0 {
		m.narrow(tree.Len(), func(pos int) bool {
			return (mask == nil || mask[pos]) && !hidden(levels, tree.LevelAt(pos), level)
		})
	}
	return m
}

// narrow leaves only the positions that keep lets through.
func (m *placeMap) narrow(positions int, keep func(pos int) bool) {
	for pos, o := range m.lookup(positions) {
		if o != 0 && !keep(pos) {
			m.at[pos] = 0
		}
	}
	m.spans = nil
}

// divide tells the places apart by one more axis.
func (p *places) divide(a *axis, stride int) {
	items := len(a.items)
	for i := range p.maps {
		m := p.maps[i]
		at := m.lookup(len(a.byPos))
		m.spans = nil
		for pos, o := range at {
			switch item := a.byPos[pos]; {
			case o == 0:
			case item < 0:
				m.at[pos] = 0
			default:
				m.at[pos] = (o-1)*uint32(items) + uint32(item) + 1
			}
		}
	}
	base := make([]placeBase, 0, p.n*items)
	for _, b := range p.base {
		for item := range items {
			base = append(base, placeBase{b.unit, b.cell + item*stride})
		}
	}
	p.n, p.base = p.n*items, base
}

// own returns places of the storing units themselves, each position that counts
// in one of the maps to itself, for what is computed at each unit first.
func (p *places) own(level, positions int) *places {
	at, base := make([]uint32, positions), make([]placeBase, positions)
	for pos, place := range p.maps[level].lookup(positions) {
		base[pos].unit = pos
		if place != 0 {
			at[pos] = uint32(pos) + 1
		}
	}
	return &places{n: positions, maps: []*placeMap{{at: at}}, base: base}
}

// holds reports whether a position counts anywhere.
func (p *places) holds(pos uint32, positions int) bool {
	return slices.ContainsFunc(p.maps, func(m *placeMap) bool { return m.lookup(positions)[pos] != 0 })
}
