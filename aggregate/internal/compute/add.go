package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
)

// adding is the way that adds each value to its place without ranking or
// picking.
type adding struct{ *walk }

func (w adding) fill() {
	scatters := w.acc.adds() && !w.slow
	sources := w.job.Sources
	for i := range sources {
		src := &sources[i]
		if scatters {
			w.scatter(src)
		} else {
			for n := range src.Column.Segments {
				if w.stopped() {
					return
				}
				if split, ok := w.job.Accept(src, src.Column.Segments[n].Key); ok {
					w.addSegment(src, n, split)
				}
			}
		}
		w.addAllOdds(src)
	}
	for _, roll := range w.job.Rows.Rolls {
		if w.stopped() {
			return
		}
		for split := range w.job.Splits {
			w.acc.addRow(w.acc.row(int(roll.To), split), w.acc.row(int(roll.From), split))
		}
	}
	w.acc.addPlaces(sources[0].Places.Rolls)
}

// addSegment adds the plain numbers of one segment where [adding.scatter]
// cannot be used: to the least or greatest, or one by one.
func (w adding) addSegment(src *Source, n, split int) {
	s, acc := &src.Column.Segments[n], &w.acc
	if s.Len() == 0 {
		return
	}
	times, fits := times(acc.scale, s, 1)
	if acc.extremes.best == nil || !fits || w.slow {
		w.addOneByOne(src, n, split, w.job.weight(s.Key))
		return
	}
	src.Column.Decode(s, times, &w.buf)
	for _, m := range src.Places.Maps {
		for _, row := range w.job.Rows.Fine.Of(s.Period) {
			acc.better(acc.row(int(row), split), m.Lookup(), w.buf.Pos, w.buf.Val, !src.KeepZeros)
		}
	}
}

func (w adding) addOneByOne(src *Source, n, split int, weight int64) {
	s := &src.Column.Segments[n]
	src.Column.Decode(s, 1, &w.buf)
	for i, pos := range w.buf.Pos {
		if i%betweenValues == betweenValues-1 && w.stopped() {
			return
		}
		v := Amount{Coef: w.buf.Val[i], Scale: int32(s.Scale)}
		if v.Coef == 0 && !src.KeepZeros {
			w.left(src, n, pos, v, leftZero)
			continue
		}
		w.addOne(src, n, split, pos, v, weight)
	}
}

// addAllOdds adds the numbers that are kept beside the segments of a source.
func (w adding) addAllOdds(src *Source) {
	last := -1
	for i := range src.Column.Odds {
		n := int(src.Column.Odds[i].Segment)
		if n == last {
			continue
		}
		last = n
		if w.stopped() {
			return
		}
		if split, ok := w.job.Accept(src, src.Column.Segments[n].Key); ok {
			w.addOdds(src, n, split)
		}
	}
}

// addOdds adds the numbers that are kept beside a segment.
func (w adding) addOdds(src *Source, n, split int) {
	weight := w.job.weight(src.Column.Segments[n].Key)
	for _, o := range src.Column.OddsOf(n) {
		switch {
		case !o.Numeric:
			w.addText(src, n, split, &o)
		case o.Zero() && !src.KeepZeros:
			w.left(src, n, o.Pos, Amount{}, leftZero)
		default:
			w.addOne(src, n, split, o.Pos, AmountOf(o.Number), weight)
		}
	}
}

// addText counts a text where texts count, and else notes it as a row without a
// number.
func (w adding) addText(src *Source, n, split int, o *column.Odd) {
	if w.job.Values.Texts && o.Text != "" {
		w.addOne(src, n, split, o.Pos, Amount{}, 1)
		return
	}
	w.left(src, n, o.Pos, Amount{Text: o.Text}, leftText)
	if !src.Null || w.job.filters() {
		return
	}
	for _, m := range src.Places.Maps {
		for _, row := range w.job.Rows.All.Of(src.Column.Segments[n].Period) {
			w.addNull(w.acc.row(int(row), split), int(m.Lookup()[o.Pos]))
		}
	}
}

func (w adding) addOne(src *Source, n, split int, pos uint32, v Amount, weight int64) {
	if w.job.filters() && !w.job.Values.Filter.passes(v.Decimal()) {
		w.left(src, n, pos, v, leftCriteria)
		return
	}
	if w.job.Values.Cut {
		v = v.cut()
	}
	counted := false
	for _, m := range src.Places.Maps {
		place := m.Of(pos)
		if place == 0 {
			continue
		}
		counted = true
		for _, row := range w.job.Rows.Fine.Of(src.Column.Segments[n].Period) {
			w.acc.add(w.acc.row(int(row), split), int(place), v, weight)
		}
	}
	if counted {
		w.counted(src, n, pos, v)
	}
}
