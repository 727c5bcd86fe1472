package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A reach is the days among which a look-back ranks values, for one row of a
// part (RULES.md#look-back).
type reach struct {
	row    int
	lo, hi period.Date
}

// reaches returns the days of each row, by last day. Those of an item's maxDate
// and minDate move them: a later maxDate is the last day, an earlier minDate is
// where LAST_IN_PERIOD begins.
func (p *part) reaches() []reach {
	list := make([]reach, 0, p.when.n)
	add := func(row int, first, last period.Date) {
		last = max(last, p.until)
		switch {
		case p.rule.time != hmis.LastInPeriod:
			first = tenYearsBefore(last)
		case p.since != 0:
			first = min(first, p.since)
		}
		list = append(list, reach{row, first, last})
	}
	switch f := &p.run.query.Filter; {
	case p.run.grid.hasPeriods():
		for row, q := range p.periods {
			if !q.IsZero() { // beyond what its calendar knows
				add(row, q.First(), q.Last())
			}
		}
	case len(f.Periods) > 0:
		first, last := f.Periods[0].First(), f.Periods[0].Last()
		for _, q := range f.Periods {
			first, last = min(first, q.First()), max(last, q.Last())
		}
		add(0, first, last)
	default:
		add(0, f.From, f.To)
	}
	slices.SortStableFunc(list, func(a, b reach) int { return cmp.Compare(a.hi, b.hi) })
	return list
}

// tenYearsBefore is the same day ten years earlier; 29 February becomes 28.
func tenYearsBefore(d period.Date) period.Date {
	year, month, day := d.Civil()
	if month == 2 && day == 29 {
		day = 28
	}
	return period.DateOf(year-10, month, day)
}

// A series is the segments of one element and pair of option combos, oldest
// first.
type series struct {
	src      *source
	source   int
	segments []int
	split    int
}

// allSeries groups the segments that count, by their keys. With unfiltered, those
// that only a filter leaves out are there too.
func (p *part) allSeries(unfiltered bool) []series {
	type pair struct{ combo, attr uint32 }
	var list []series
	years := p.run.yearsRead(p.component)
	for i := range p.sources {
		src := &p.sources[i]
		at := map[pair]int{}
		for n := range src.column.Segments {
			s := &src.column.Segments[n]
			split, ok := p.series(src, s, unfiltered)
			if !ok || years != nil && !years[rowYear(p.run.cube.periods[s.Period])] {
				continue
			}
			k, ok := at[pair{s.OptionCombo, s.AttributeCombo}]
			if !ok {
				k = len(list)
				at[pair{s.OptionCombo, s.AttributeCombo}] = k
				list = append(list, series{src: src, source: i, split: split})
			}
			list[k].segments = append(list[k].segments, n)
		}
	}
	return list
}

// standing is the value of each org unit that stands at some moment: the last,
// or the first, of one series.
type standing struct {
	segment []int32 // by position: the segment it comes from + 1, or 0
	value   []int64
	other   map[uint32]amount // what is no plain number at the scale of the part
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

func (st *standing) setOther(pos uint32, segment int, v amount) {
	st.set(pos, segment, 0)
	if st.other == nil {
		st.other = map[uint32]amount{}
	}
	st.other[pos] = v
}

// lookBack finds the last or first value of each series, as of the end of each
// row, and adds those up. Rows are taken in the order of time, so that each
// segment is read once unless a row begins later than what is already in.
func (p *part) lookBack() {
	reaches := p.reaches()
	st := &standing{segment: make([]int32, p.positions), value: make([]int64, p.positions)}
	for _, one := range p.allSeries(false) {
		st.reset()
		next, oldest := 0, period.Date(0) // the segment to come, and the first day of those that are in
		from := period.Date(0)            // the day from which all segments were taken in
		for _, reach := range reaches {
			if p.stopped() {
				return
			}
			if next > 0 && (oldest < reach.lo || reach.lo < from) {
				st.reset()
				next = 0
			}
			if next == 0 {
				oldest, from = reach.hi, reach.lo
			}
			from = max(from, reach.lo)
			for next < len(one.segments) {
				q := p.run.cube.periods[one.src.column.Segments[one.segments[next]].Period]
				if q.Last() > reach.hi {
					break
				}
				if p.stopped() {
					return
				}
				if q.First() >= reach.lo {
					oldest = min(oldest, q.First())
					p.overtake(st, one, one.segments[next])
				}
				next++
			}
			p.settle(st, one, reach.row)
		}
	}
}

// overtake lets the values of a segment stand in for older ones; where the first
// counts, only those that have none before them.
func (p *part) overtake(st *standing, one series, n int) {
	s := &one.src.column.Segments[n]
	first := p.rule.time == hmis.First
	times, fits := p.acc.times(s, 1)
	if !fits {
		times = 1
	}
	one.src.column.Decode(s, times, &p.buf)
	for i, pos := range p.buf.Pos {
		if p.trace != nil {
			p.traceRank(st, one, n, pos, amount{coef: p.buf.Val[i] / times, scale: int32(s.Scale)})
		}
		switch {
		case p.buf.Val[i] == 0 && !one.src.keepZeros, first && st.segment[pos] != 0:
		case fits:
			st.set(pos, n, p.buf.Val[i])
		default:
			st.setOther(pos, n, amount{coef: p.buf.Val[i], scale: int32(s.Scale)})
		}
	}
	for _, o := range one.src.column.OddsOf(n) {
		if v, ok := p.oddAmount(one.src, &o); ok && (!first || st.segment[o.Pos] == 0) {
			st.setOther(o.Pos, n, v)
		}
	}
}

// traceRank notes the value that loses its rank to another of the same unit.
func (p *part) traceRank(st *standing, one series, n int, pos uint32, v amount) {
	had := int(st.segment[pos]) - 1
	switch {
	case v.coef == 0 && !one.src.keepZeros:
		p.left(one.src, n, pos, v, leftZero)
	case had >= 0 && p.rule.time == hmis.First:
		p.left(one.src, n, pos, v, leftLater)
	case had >= 0:
		old, ok := st.other[pos]
		if !ok {
			old = amount{coef: st.value[pos], scale: int32(p.acc.scale)}
		}
		p.left(one.src, had, pos, old, leftEarlier)
	}
}

// oddAmount returns the value of an odd as the part sees it: a number, or a text
// where the part is about texts.
func (p *part) oddAmount(src *source, o *column.Odd) (amount, bool) {
	switch {
	case p.isNull(src):
		return amount{}, o.Text != ""
	case p.rule.class == textual:
		return amount{text: o.Text}, o.Text != ""
	case !o.Numeric, o.Zero() && !src.keepZeros:
		return amount{}, false
	}
	return amountOf(o.Number), true
}

// settle adds the standing values to a row. Those that lie outside the days of
// the query, or of minDate and maxDate, have won their rank and are dropped now.
func (p *part) settle(st *standing, one series, row int) {
	at := p.acc.row(row, one.split)
	for _, m := range one.src.places.maps {
		place := m.lookup(p.positions)
		for _, pos := range st.units {
			if place[pos] == 0 {
				continue
			}
			n := int(st.segment[pos]) - 1
			s := &one.src.column.Segments[n]
			if !p.window.holds(p.run.cube.periods[s.Period]) {
				continue
			}
			v, ok := st.other[pos]
			if !ok {
				v = amount{coef: st.value[pos], scale: int32(p.acc.scale)}
			}
			if p.isNull(one.src) && p.acc.aggregate != pick {
				p.addNull(at, int(place[pos]))
				continue
			}
			if p.acc.aggregate == pick {
				p.acc.offer(at, int(place[pos]), p.candidate(one, n, pos, v), p.rule.time == hmis.First)
				continue
			}
			p.acc.add(at, int(place[pos]), v, p.weightOf(s.Key))
			p.counted(one.src, n, pos, v)
		}
	}
}

func (p *part) candidate(one series, n int, pos uint32, v amount) candidate {
	c, s := p.run.cube, &one.src.column.Segments[n]
	q := c.periods[s.Period]
	return candidate{
		amount: v, last: q.Last(), first: q.First(), pos: pos, segment: n, source: one.source, null: p.isNull(one.src),
		ids: [3]string{string(c.tree.At(int(pos))), string(c.combos[s.OptionCombo]), string(c.combos[s.AttributeCombo])},
	}
}

// rankCells picks one value of each whole cell: the last or first of all org
// units and option combos. Filters apply to the winner only, after it has won.
func (p *part) rankCells() {
	for _, reach := range p.reaches() {
		for _, one := range p.allSeries(true) {
			open := p.run.openPlaces(one.src.element.Levels)
			for _, n := range one.segments {
				if p.stopped() {
					return
				}
				q := p.run.cube.periods[one.src.column.Segments[n].Period]
				if q.First() >= reach.lo && q.Last() <= reach.hi {
					p.offerSegment(open, one, n, reach.row)
				}
			}
		}
	}
	p.dropLosers()
}

// pickValues picks one value of each cell, the latest, where values are texts.
func (p *part) pickValues() {
	for _, one := range p.allSeries(false) {
		for _, n := range one.segments {
			if p.stopped() {
				return
			}
			for _, row := range p.when.rows[one.src.column.Segments[n].Period] {
				p.offerSegment(one.src.places, one, n, int(row))
			}
		}
	}
}

func (p *part) offerSegment(places *places, one series, n, row int) {
	at, first := p.acc.row(row, one.split), p.rule.time == hmis.First
	offer := func(pos uint32, v amount) {
		if p.filters() && p.rule.class != textual && (p.isNull(one.src) || !all(p.filter, v.decimal())) {
			p.left(one.src, n, pos, v, leftCriteria)
			return
		}
		for _, m := range places.maps {
			if place := m.lookup(p.positions)[pos]; place != 0 {
				p.acc.offer(at, int(place), p.candidate(one, n, pos, v), first)
			}
		}
	}
	s := &one.src.column.Segments[n]
	one.src.column.Decode(s, 1, &p.buf)
	for i, pos := range p.buf.Pos {
		if i%betweenValues == betweenValues-1 && p.stopped() {
			return
		}
		v := amount{coef: p.buf.Val[i], scale: int32(s.Scale)}
		if v.coef == 0 && !one.src.keepZeros {
			p.left(one.src, n, pos, v, leftZero)
			continue
		}
		offer(pos, v)
	}
	for i, o := range one.src.column.OddsOf(n) {
		if i%betweenValues == betweenValues-1 && p.stopped() {
			return
		}
		if v, ok := p.oddAmount(one.src, &o); ok {
			offer(o.Pos, v)
		}
	}
}

// passes reports whether the filters let a winner through.
func (p *part) passes(src *source, k column.Key) bool {
	if p.wanted != nil && !p.run.cube.isAny(p.wanted[src.element.ID], k) {
		return false
	}
	return p.filtered(src, k)
}

// dropLosers takes out the winners that a filter does not let through.
func (p *part) dropLosers() {
	n := 0
	for at, c := range p.acc.picked {
		if n++; n%betweenValues == 0 && p.stopped() {
			return
		}
		src := &p.sources[c.source]
		s := &src.column.Segments[c.segment]
		if p.passes(src, s.Key) && src.places.holds(c.pos, p.positions) && p.window.holds(p.run.cube.periods[s.Period]) {
			continue
		}
		delete(p.acc.picked, at)
		place := at % p.acc.stride
		p.acc.seenRow(at / p.acc.stride)[place>>6] &^= 1 << (place & 63)
	}
}

// foldUnits takes the least or greatest value of each storing unit and adds
// these up (RULES.md#extremes-of-units). It does so for each level asked for,
// since elements may not reach all of them.
func (p *part) foldUnits() {
	for level, m := range p.run.places(nil).maps {
		inner := *p
		inner.rule = rule{name: p.rule.time, units: p.rule.time, time: p.rule.time, class: p.rule.class}
		inner.filter = nil
		inner.sources = slices.Clone(p.sources)
		for i := range inner.sources {
			inner.sources[i].places = p.sources[i].places.own(level, p.positions)
		}
		if p.nulls != nil {
			inner.nulls = map[int]bool{}
		}
		inner.acc = newAccumulator(&inner)
		inner.addValues()
		place := m.lookup(p.positions)
		for row := range p.when.n * p.splits {
			if p.stopped() {
				return
			}
			for pos := range p.positions {
				if inner.hasNull(row, pos+1) {
					p.addNull(row, int(place[pos]))
				}
				if inner.acc.has(row, pos+1) {
					v, _, _ := inner.acc.exact(row, pos+1, 0)
					p.acc.add(row, int(place[pos]), amountOf(v), 1)
				}
			}
		}
	}
}
