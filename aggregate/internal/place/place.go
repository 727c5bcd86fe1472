// Package place says where values count by their org unit. A place is an org
// unit that a query asks for, times the items of the axes that org units
// decide.
package place

import (
	"math"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
)

// Places says in which places the values of each position of the tree count.
type Places struct {
	N    int
	Maps []*Map // within one map, a position counts at most once
	Base []Base // one for each place, by ordinal

	Rolls []column.Roll // which places are added to which others, in order, as ordinals + 1

	used []uint32 // the positions that have a place in compacted maps; nil if maps are not compacted
}

// A Base says where the cells of a place are: its org unit, and the cell within
// one unit and period where its items begin.
type Base struct{ Unit, Cell int }

// Divide keeps places apart by one more axis of so many items. The item of each
// position is in byPos, -1 if it has none; stride is how many cells it is from
// one item to the next.
func (p *Places) Divide(byPos []int32, items, stride int) {
	for _, m := range p.Maps {
		at := m.Lookup()
		m.spans = nil
		for pos, o := range at {
			switch item := byPos[pos]; {
			case o == 0:
			case item < 0:
				at[pos] = 0
			default:
				at[pos] = (o-1)*uint32(items) + uint32(item) + 1
			}
		}
	}
	base := make([]Base, 0, p.N*items)
	for _, b := range p.Base {
		for item := range items {
			base = append(base, Base{b.Unit, b.Cell + item*stride})
		}
	}
	p.N, p.Base = p.N*items, base
}

// Own returns places of the storing units themselves: each position that counts
// in one of the maps is its own place, for what is computed at each unit first.
func (p *Places) Own(level int) *Places {
	place := p.Maps[level].Lookup()
	at, base := make([]uint32, len(place)), make([]Base, len(place))
	for pos := range place {
		base[pos].Unit = pos
		if place[pos] != 0 {
			at[pos] = uint32(pos) + 1
		}
	}
	return &Places{N: len(place), Maps: []*Map{{positions: len(place), at: at}}, Base: base}
}

// Holds reports whether a position counts in any place.
func (p *Places) Holds(pos uint32) bool {
	return slices.ContainsFunc(p.Maps, func(m *Map) bool { return m.Lookup()[pos] != 0 })
}

// Each calls do with each place that a position counts in.
func (p *Places) Each(pos uint32, do func(Base)) {
	for _, m := range p.Maps {
		if place := m.Lookup()[pos]; place != 0 {
			do(p.Base[place-1])
		}
	}
}

// Lookups returns the places of each position, one list for each map: the
// ordinal + 1, or 0 for none.
func (p *Places) Lookups() [][]uint32 {
	list := make([][]uint32, len(p.Maps))
	for i, m := range p.Maps {
		list[i] = m.Lookup()
	}
	return list
}

// A Map is the units of one level, which do not overlap.
type Map struct {
	positions int           // number of positions of the tree
	spans     []column.Span // places as runs of positions, in order; nil if that is impossible
	at        []uint32
	fill      sync.Once // makes at from spans, once
}

// NewMap returns the map of spans, which are in order. positions is the number
// of positions of the tree.
func NewMap(positions int, spans []column.Span) *Map {
	return &Map{positions: positions, spans: spans}
}

// Lookup returns the place of each position: its ordinal + 1, or 0 for none.
func (m *Map) Lookup() []uint32 {
	m.fill.Do(m.writeOut)
	return m.at
}

func (m *Map) writeOut() {
	if m.at != nil {
		return
	}
	m.at = make([]uint32, m.positions)
	for _, s := range m.spans {
		for pos := s.First; pos < s.End; pos++ {
			m.at[pos] = s.Place
		}
	}
}

// Spans returns the places as runs of positions, where [Map.SpansFrom] says
// that they can be used.
func (m *Map) Spans() []column.Span { return m.spans }

// fewSpans is the number of spans up to which every segment is added up span by
// span. With more spans, a segment is only if it has at least perSpan values
// for each.
const fewSpans, perSpan = 4, 6

// SpansFrom returns the number of values in a segment from which adding them up
// span by span is cheaper than looking up the place of each.
func (m *Map) SpansFrom() int {
	switch {
	case m.spans == nil:
		return math.MaxInt
	case len(m.spans) <= fewSpans:
		return 0
	}
	return perSpan * len(m.spans)
}

// Of returns the place of one position.
func (m *Map) Of(pos uint32) uint32 {
	if m.SpansFrom() > 0 {
		return m.Lookup()[pos]
	}
	for _, s := range m.spans {
		if s.First <= pos && pos < s.End {
			return s.Place
		}
	}
	return 0
}

// Narrow removes the positions for which keep returns false.
func (m *Map) Narrow(keep func(pos int) bool) {
	at := m.Lookup()
	for pos, o := range at {
		if o != 0 && !keep(pos) {
			at[pos] = 0
		}
	}
	m.spans = nil
}
