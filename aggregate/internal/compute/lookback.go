package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A history is the segments of one element and pair of option combos, oldest
// first.
type history struct {
	src      *Source
	source   int
	segments []int
	split    int
}

// histories groups the segments that count by their keys.
func (w *walk) histories() []history {
	type pair struct{ combo, attr uint32 }
	var list []history
	read := w.job.Read
	for i := range w.job.Sources {
		src := &w.job.Sources[i]
		at := map[pair]int{}
		for n := range src.Column.Segments {
			s := &src.Column.Segments[n]
			split, ok := src.split(s.Key)
			if !ok || read != nil && !read[s.Period] {
				continue
			}
			k, ok := at[pair{s.OptionCombo, s.AttributeCombo}]
			if !ok {
				k = len(list)
				at[pair{s.OptionCombo, s.AttributeCombo}] = k
				list = append(list, history{src: src, source: i, split: split})
			}
			list[k].segments = append(list[k].segments, n)
		}
	}
	return list
}

// period returns the period of a segment.
func (w *walk) period(src *Source, segment int) period.Period {
	return w.job.Names.Periods[src.Column.Segments[segment].Period]
}

// lookBack finds the last or first value of each series, as of the end of each
// row, and adds those up. It goes through rows in the order of time, so that
// each segment is read once unless a row begins later than what is already in.
type lookBack struct{ *walk }

func (w lookBack) fill() {
	positions := w.job.Names.Tree.Len()
	st := &standing{segment: make([]int32, positions), value: make([]int64, positions)}
	for _, one := range w.histories() {
		st.reset()
		next := 0              // index of the next segment to read
		var oldest period.Date // first day of the oldest segment read so far
		var from period.Date   // all segments from this day on have been read
		for _, reach := range w.job.Reaches {
			if w.stopped() {
				return
			}
			if next > 0 && (oldest < reach.Lo || reach.Lo < from) {
				st.reset()
				next = 0
			}
			if next == 0 {
				oldest, from = reach.Hi, reach.Lo
			}
			from = max(from, reach.Lo)
			for next < len(one.segments) {
				q := w.period(one.src, one.segments[next])
				if q.Last() > reach.Hi {
					break
				}
				if w.stopped() {
					return
				}
				if q.First() >= reach.Lo {
					oldest = min(oldest, q.First())
					w.overtake(st, one, one.segments[next])
				}
				next++
			}
			w.settle(st, one, reach.Row)
		}
	}
}

// standing has, for one history, the value of each org unit that counts at some
// moment: its last value, or its first.
type standing struct {
	segment []int32 // for each position, index of the value's segment + 1, or 0 if there is no value
	value   []int64
	other   map[uint32]Amount // by position, values that are no plain numbers at that scale
	units   []uint32          // the positions that have a value
}

func (st *standing) reset() {
	for _, pos := range st.units {
		st.segment[pos] = 0
	}
	st.units, st.other = st.units[:0], nil
}

func (st *standing) set(pos uint32, segment int, v int64) {
	if st.segment[pos] == 0 {
		st.units = append(st.units, pos)
	}
	st.segment[pos], st.value[pos] = int32(segment)+1, v
	if st.other != nil {
		delete(st.other, pos)
	}
}

func (st *standing) setOther(pos uint32, segment int, v Amount) {
	st.set(pos, segment, 0)
	if st.other == nil {
		st.other = map[uint32]Amount{}
	}
	st.other[pos] = v
}

// amount returns the value of an org unit that has one.
func (st *standing) amount(pos uint32, scale int) Amount {
	if v, ok := st.other[pos]; ok {
		return v
	}
	return Amount{Coef: st.value[pos], Scale: int32(scale)}
}

// overtake lets the values of a segment replace older ones; where the first
// counts, it adds only those that have none before them.
func (w lookBack) overtake(st *standing, one history, n int) {
	s := &one.src.Column.Segments[n]
	first := w.job.Rule.Time == hmis.First
	times, fits := times(w.acc.scale, s, 1)
	if !fits {
		times = 1
	}
	one.src.Column.Decode(s, times, &w.buf)
	for i, pos := range w.buf.Pos {
		if w.trace != nil {
			w.traceRank(st, one, n, pos, Amount{Coef: w.buf.Val[i] / times, Scale: int32(s.Scale)})
		}
		switch {
		case w.buf.Val[i] == 0 && !one.src.KeepZeros, first && st.segment[pos] != 0:
		case fits:
			st.set(pos, n, w.buf.Val[i])
		default:
			st.setOther(pos, n, Amount{Coef: w.buf.Val[i], Scale: int32(s.Scale)})
		}
	}
	for _, o := range one.src.Column.OddsOf(n) {
		if v, ok := w.job.Odd(one.src, &o); ok && (!first || st.segment[o.Pos] == 0) {
			st.setOther(o.Pos, n, v)
		}
	}
}

// traceRank notes the value that loses its rank to another of the same unit.
func (w lookBack) traceRank(st *standing, one history, n int, pos uint32, v Amount) {
	had := int(st.segment[pos]) - 1
	switch {
	case v.Coef == 0 && !one.src.KeepZeros:
		w.left(one.src, n, pos, v, leftZero)
	case had >= 0 && w.job.Rule.Time == hmis.First:
		w.left(one.src, n, pos, v, leftLater)
	case had >= 0:
		w.left(one.src, had, pos, st.amount(pos, w.acc.scale), leftEarlier)
	}
}

// settle adds the standing values to a row. Those outside the days of the
// query, or of minDate and maxDate, have won their rank and are dropped now.
func (w lookBack) settle(st *standing, one history, row int) {
	at := w.acc.row(row, one.split)
	for _, m := range one.src.Places.Maps {
		place := m.Lookup()
		for _, pos := range st.units {
			if place[pos] == 0 {
				continue
			}
			n := int(st.segment[pos]) - 1
			if w.job.Window.Holds(w.period(one.src, n)) {
				w.count(st, one, n, pos, at, int(place[pos]))
			}
		}
	}
}

// count adds the standing value of an org unit to a place of a row.
func (w lookBack) count(st *standing, one history, segment int, pos uint32, row, place int) {
	weight := w.job.weight(one.src.Column.Segments[segment].Key)
	if st.other == nil && !one.src.Null && w.acc.adds() {
		if n, ok := fixed.Mul(st.value[pos], weight); ok && fixed.Magnitude(n) < wideRoom {
			w.acc.sums.addShort(w.acc.at(row, place), n, weight)
			if w.trace != nil {
				w.counted(one.src, segment, pos, st.amount(pos, w.acc.scale))
			}
			return
		}
	}
	v := st.amount(pos, w.acc.scale)
	switch {
	case w.acc.aggregate == rule.Pick:
		w.acc.offer(row, place, w.candidate(one, segment, pos, v), w.job.Rule.Time == hmis.First)
	case one.src.Null:
		w.addNull(row, place)
	default:
		w.acc.add(row, place, v, weight)
		w.counted(one.src, segment, pos, v)
	}
}
