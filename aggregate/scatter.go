package aggregate

import (
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
)

// betweenStops is how many segments are read before the context is looked at: a
// fraction of a millisecond each.
const betweenStops = 32

// scatters reports whether the plain numbers of all segments can be added up
// packed, many at a time.
func (p *part) scatters() bool { return p.acc.packed != nil && !p.slow() }

// scatter adds the plain numbers of a source. What does not depend on the
// segment is decided before, and short segments that count in the same rows are
// joined, since they are many.
func (p *part) scatter(src *source) {
	acc, col := p.acc, src.column
	weights, heaviest := p.weights(col)
	fits := acc.reserveAll(col, heaviest)
	every := p.takesAll(src)
	joins := every && fits && weights == nil
	short := math.MaxInt // below which no map adds up span by span
	lookups := make([][]uint32, len(src.places.maps))
	for i, m := range src.places.maps {
		if m.spansFrom() > 0 {
			lookups[i] = m.lookup(p.positions)
		}
		short = min(short, m.spansFrom())
	}
	skip := !src.keepZeros
	var joined column.Segment
	for r := 0; r < col.Runs(); {
		run, weight := col.Run(r), int64(1)
		fine := p.fineOf(col, run)
		if weights != nil {
			weight = weights[r]
		}
		r++
		if len(fine) == 0 {
			continue
		}
		if p.stopped() {
			return
		}
		for joins && r < col.Runs() && slices.Equal(p.fineOf(col, col.Run(r)), fine) {
			run.End = col.Run(r).End
			r++
		}
		for n := run.First; n < run.End; {
			if (n-run.First)%betweenStops == betweenStops-1 && p.stopped() {
				return
			}
			s, this := &col.Segments[n], n
			n++
			if s.Len() == 0 {
				continue
			}
			split, length := 0, s.Len()
			if joins && length < short {
				joined, n = col.Join(this, run.End, short)
				s = &joined
			} else if !every {
				var ok bool
				if split, ok = p.series(src, s, false); !ok {
					continue
				}
			}
			packs, times := true, int64(0)
			if fits {
				times = fixed.Pow10(acc.scale-int(s.Scale)) * weight
			} else {
				var ok bool
				if times, ok = acc.times(s, weight); !ok {
					p.addOneByOne(src, this, split, weight)
					continue
				}
				packs = acc.reserve(s.Below()*float64(times), float64(s.Len())*float64(weight))
			}
			for i, m := range src.places.maps {
				spans := length >= m.spansFrom()
				for _, row := range fine {
					at := acc.row(int(row), split)
					switch {
					case !packs:
						p.addWide(src, s, i, at, times, weight)
					case spans:
						col.AddSpans(s, m.spans, times, weight, acc.packedRow(at), skip)
					default:
						col.Scatter(s, lookups[i], times, weight, acc.packedRow(at), skip)
					}
				}
			}
		}
	}
}

// fineOf returns the rows that the values of a run are added to.
func (p *part) fineOf(c *column.Column, run column.Run) []int32 {
	return p.when.fine[c.Segments[run.First].Period]
}

// weights returns the weight of each run of segments, nil if it is always 1, and
// the largest.
func (p *part) weights(c *column.Column) (list []int64, heaviest int64) {
	if agg := p.acc.aggregate; agg != dayMean && agg != dayShare {
		return nil, 1
	}
	list, heaviest = make([]int64, c.Runs()), 1
	for i := range list {
		list[i] = p.weightOf(c.Segments[c.Run(i).First].Key)
		heaviest = max(heaviest, list[i])
	}
	return list, heaviest
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
