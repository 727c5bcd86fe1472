package aggregate

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
)

// scatters reports whether the plain numbers of all segments can be added up
// packed, many at a time.
func (p *part) scatters() bool { return p.acc.packed != nil && !p.slow() }

// scatter adds the plain numbers of a source. What does not depend on the
// segment is decided before, since short segments are many.
func (p *part) scatter(src *source) {
	acc := p.acc
	weighs := acc.aggregate == dayMean || acc.aggregate == dayShare
	every := p.takesAll(src)
	lookups := make([][]uint32, len(src.places.maps))
	for i, m := range src.places.maps {
		if !m.spansDo(0) {
			lookups[i] = m.lookup(p.positions)
		}
	}
	skip := !src.keepZeros
	for n := range src.column.Segments {
		s := &src.column.Segments[n]
		fine := p.when.fine[s.Period]
		if len(fine) == 0 || s.Len() == 0 {
			continue
		}
		split := 0
		if !every {
			var ok bool
			if split, ok = p.series(src, s, false); !ok {
				continue
			}
		}
		weight := int64(1)
		if weighs {
			weight = p.weightOf(s.Key)
		}
		times, fits := acc.times(s, weight)
		if !fits {
			p.addOneByOne(src, n, split, weight)
			continue
		}
		packs := acc.reserve(s, times, weight)
		for i, m := range src.places.maps {
			spans := m.spansDo(s.Len())
			for _, row := range fine {
				at := acc.row(int(row), split)
				switch {
				case !packs:
					p.addWide(src, s, i, at, times, weight)
				case spans:
					src.column.AddSpans(s, m.spans, times, weight, acc.packedRow(at), skip)
				default:
					src.column.Scatter(s, lookups[i], times, weight, acc.packedRow(at), skip)
				}
			}
		}
	}
}

// takesAll reports whether every segment of a source counts, as far as that is
// not decided by its period, and in the same split.
func (p *part) takesAll(src *source) bool {
	if len(src.operands) > 0 || p.run.query.ValidOnly || p.splits > 1 {
		return false
	}
	for _, list := range [][]axis{p.run.grid.axes, p.run.filters} {
		for i := range list {
			if list[i].byPos == nil {
				return false
			}
		}
	}
	return true
}

// addWide adds numbers that are too large to be packed.
func (p *part) addWide(src *source, s *column.Segment, m, row int, times, weight int64) {
	src.column.Decode(s, times, &p.buf)
	p.acc.addWide(row, src.places.maps[m].lookup(p.positions), p.buf.Pos, p.buf.Val, weight, !src.keepZeros)
}
