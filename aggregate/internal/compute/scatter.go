package compute

import (
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
)

// betweenStops is the number of segments read between two checks of the
// context. Reading them lasts less than a millisecond.
const betweenStops = 32

// scatter adds the plain numbers of a source, packed and many at a time. What
// does not depend on the segment is decided before, and short segments that
// count in the same rows are joined, since they are many.
func (w adding) scatter(src *Source) {
	acc, col := &w.acc, src.Column
	weights, heaviest := w.weights(col)
	fits := acc.sums.reserveAll(col, heaviest)
	every := src.Split == nil
	joins := every && fits && weights == nil
	short := math.MaxInt // a segment with fewer values is never added up span by span
	for _, m := range src.Places.Maps {
		short = min(short, m.SpansFrom())
	}
	skip := !src.KeepZeros
	var joined column.Segment
	steps := 0
	for r := 0; r < col.Runs(); {
		run, weight := col.Run(r), int64(1)
		fine := w.fineOf(col, run)
		if weights != nil {
			weight = weights[r]
		}
		r++
		if len(fine) == 0 {
			continue
		}
		for joins && r < col.Runs() && slices.Equal(w.fineOf(col, col.Run(r)), fine) {
			run.End = col.Run(r).End
			r++
		}
		for n := run.First; n < run.End; {
			if steps++; steps%betweenStops == 0 && w.stopped() {
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
				if split, ok = src.Split(s.Key); !ok {
					continue
				}
			}
			packs, factor := true, int64(0)
			if fits {
				factor = fixed.Pow10(acc.scale-int(s.Scale)) * weight
			} else {
				var ok bool
				if factor, ok = times(acc.scale, s, weight); !ok {
					w.addOneByOne(src, this, split, weight)
					continue
				}
				packs = acc.sums.reserve(s.Below()*float64(factor), float64(s.Len())*float64(weight))
			}
			for _, m := range src.Places.Maps {
				spans := length >= m.SpansFrom()
				for _, row := range fine {
					at := acc.row(int(row), split)
					switch {
					case !packs:
						w.addWide(src, s, m.Lookup(), at, factor, weight)
					case spans:
						col.AddSpans(s, m.Spans(), factor, weight, acc.packedRow(at), skip)
					default:
						col.Scatter(s, m.Lookup(), factor, weight, acc.packedRow(at), skip)
					}
				}
			}
		}
	}
}

// fineOf returns the rows that the values of a run are added to.
func (w adding) fineOf(c *column.Column, run column.Run) []int32 {
	return w.job.Rows.Fine.Of(c.Segments[run.First].Period)
}

// weights returns the weight of each run of segments, nil if it is always 1,
// and the largest.
func (w adding) weights(c *column.Column) (list []int64, heaviest int64) {
	if !w.acc.aggregate.ByDays() {
		return nil, 1
	}
	list, heaviest = make([]int64, c.Runs()), 1
	for i := range list {
		list[i] = w.job.weight(c.Segments[c.Run(i).First].Key)
		heaviest = max(heaviest, list[i])
	}
	return list, heaviest
}

// addWide adds the numbers of a segment that are too large to be packed.
func (w adding) addWide(
	src *Source, s *column.Segment, place []uint32, row int, times, weight int64,
) {
	src.Column.Decode(s, times, &w.buf)
	for i, pos := range w.buf.Pos {
		if v := w.buf.Val[i]; place[pos] != 0 && (v != 0 || src.KeepZeros) {
			w.acc.sums.addWide(w.acc.at(row, int(place[pos])), v, weight)
		}
	}
}
