package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// ranking picks one value of each whole cell: the last or first of all org
// units and option combos. Filters apply to the winner only, after it has won.
type ranking struct{ *walk }

func (w ranking) fill() {
	all := w.histories()
	for _, reach := range w.job.Reaches {
		for _, one := range all {
			for _, n := range one.segments {
				if w.stopped() {
					return
				}
				q := w.period(one.src, n)
				if q.First() >= reach.Lo && q.Last() <= reach.Hi {
					w.offerSegment(one.src.Open, one, n, reach.Row)
				}
			}
		}
	}
	w.dropLosers()
}

// dropLosers removes the winners that do not pass the filters.
func (w ranking) dropLosers() {
	n := 0
	for at, c := range w.acc.picks.won {
		if n++; n%betweenValues == 0 && w.stopped() {
			return
		}
		src := &w.job.Sources[c.source]
		if !w.job.Wins(c.ref()) || !src.Places.Holds(c.pos) ||
			!w.job.Window.Holds(w.period(src, c.segment)) {
			w.acc.forget(at)
		}
	}
}

// picking is the way that shows the latest text of each cell.
type picking struct{ *walk }

func (w picking) fill() {
	for _, one := range w.histories() {
		for _, n := range one.segments {
			if w.stopped() {
				return
			}
			for _, row := range w.job.Rows.All.Of(one.src.Column.Segments[n].Period) {
				w.offerSegment(one.src.Places, one, n, int(row))
			}
		}
	}
}

// offerSegment lets the values of a segment compete for the cells of a row.
func (w *walk) offerSegment(places *place.Places, one history, n, row int) {
	job := w.job
	at, first := w.acc.row(row, one.split), job.Rule.Time == hmis.First
	offer := func(pos uint32, v Amount) {
		if job.filters() && job.Rule.Class != rule.Text &&
			(one.src.Null || !job.Values.Filter.passes(v.Decimal())) {
			w.left(one.src, n, pos, v, leftCriteria)
			return
		}
		for _, m := range places.Maps {
			if place := m.Lookup()[pos]; place != 0 {
				w.acc.offer(at, int(place), w.candidate(one, n, pos, v), first)
			}
		}
	}
	s := &one.src.Column.Segments[n]
	one.src.Column.Decode(s, 1, &w.buf)
	for i, pos := range w.buf.Pos {
		if i%betweenValues == betweenValues-1 && w.stopped() {
			return
		}
		v := Amount{Coef: w.buf.Val[i], Scale: int32(s.Scale)}
		if v.Coef == 0 && !one.src.KeepZeros {
			w.left(one.src, n, pos, v, leftZero)
			continue
		}
		offer(pos, v)
	}
	for i, o := range one.src.Column.OddsOf(n) {
		if i%betweenValues == betweenValues-1 && w.stopped() {
			return
		}
		if v, ok := job.Odd(one.src, &o); ok {
			offer(o.Pos, v)
		}
	}
}

func (w *walk) candidate(one history, n int, pos uint32, v Amount) candidate {
	names, s := w.job.Names, &one.src.Column.Segments[n]
	q := names.Periods[s.Period]
	return candidate{
		Amount: v, last: q.Last(), first: q.First(),
		pos: pos, segment: n, source: one.source, null: one.src.Null,
		ids: [3]string{
			string(names.Tree.At(int(pos))),
			string(names.Combos[s.OptionCombo]),
			string(names.Combos[s.AttributeCombo]),
		},
	}
}
