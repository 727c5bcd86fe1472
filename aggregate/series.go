package aggregate

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Series is what one org unit reported of one thing, in the order of
// [period.Period.Compare]. Its lists are good until the next Series; copy what
// you keep.
type Series struct {
	Key     hmis.Key // without Period
	Periods []period.Period
	// Values are numbers, truth values or texts. The values that
	// [Loader.KeepUncounted] keeps aside are texts, or missing if they were
	// deleted without one.
	Values []indicator.Value
	Marks  []Mark

	texts []string // as stored, "" where the plain form of the value says it; nil if all are ""
}

// Len returns the number of values.
func (s *Series) Len() int { return len(s.Values) }

// Text returns value i as it was stored, if it was marked or is no plain number,
// and else in plain form: 007 is "7".
func (s *Series) Text(i int) string {
	if s.texts != nil && s.texts[i] != "" {
		return s.texts[i]
	}
	return s.Values[i].String()
}

// Data returns value i as a data value.
func (s *Series) Data(i int) hmis.DataValue {
	v := hmis.DataValue{Key: s.Key, Value: s.Text(i)}
	v.Period = s.Periods[i]
	v.FollowUp, v.Deleted = s.Marks[i]&FollowUp != 0, s.Marks[i]&Deleted != 0
	return v
}

// A Mark says what else is known about a value.
type Mark uint8

// The marks, which can be combined.
const (
	FollowUp  Mark = 1 << iota
	Deleted        // only with Loader.KeepUncounted
	Uncounted      // a text of a numeric or yes/no element that is no value of it; only with Loader.KeepUncounted
)

// Series returns the values that f lets through as series over time, one for each
// data element, pair of option combos and org unit: as reported, nothing added up.
// It goes by data element and option combos, both in the order of their ids, then
// by org unit in preorder. An error, the last pair, is that of ctx.
//
// Memory is bounded: the values of a few hundred org units are held at a time.
func (c *Cube) Series(ctx context.Context, f Filter) iter.Seq2[*Series, error] {
	return func(yield func(*Series, error) bool) {
		pass := newValueFilter(c, f)
		w := seriesWalk{cube: c, pass: pass, rank: ranks(c.periods, period.Period.Compare)}
		elements := maps.Clone(c.at)
		for id := range c.aside {
			if _, ok := elements[id]; !ok {
				elements[id] = -1
			}
		}
		for _, id := range slices.Sorted(maps.Keys(elements)) {
			if pass.elements != nil && pass.elements[id] == nil {
				continue
			}
			if more, err := w.element(ctx, id, yield); err != nil {
				yield(nil, err)
				return
			} else if !more {
				return
			}
		}
	}
}

// A seriesWalk turns columns, which lie by period, into series, which lie by org
// unit. It reuses its room from one series to the next.
type seriesWalk struct {
	cube *Cube
	pass *valueFilter
	rank []int // of periods

	boolean bool
	buf     column.Buffer
	counts  []uint32
	slots   []seriesSlot
	series  Series
}

// A seriesSlot is one value on its way to a series.
type seriesSlot struct {
	value  indicator.Value
	text   string
	period uint32
	mark   Mark
}

// A seriesGroup is the segments of one pair of option combos, by period, each
// with how far it has been read, and what was kept aside.
type seriesGroup struct {
	combo, attr uint32
	segments    []int
	read        []int // plain numbers
	odds        []int
	aside       []aside // by position
}

// blockValues is about how many values are turned round at a time.
const blockValues = 1 << 14

func (w *seriesWalk) element(ctx context.Context, id hmis.UID, yield func(*Series, error) bool) (more bool, err error) {
	e, _ := hmis.Find[hmis.DataElement](w.cube.catalog, id)
	w.boolean = e.ValueType.IsBoolean()
	col := w.cube.columnOrNone(id)
	for _, g := range w.groups(id, col) {
		w.series.Key = hmis.Key{
			DataElement:          id,
			CategoryOptionCombo:  w.cube.combos[g.combo],
			AttributeOptionCombo: w.cube.combos[g.attr],
		}
		units := w.cube.tree.Len()
		step := max(blockValues/max(len(g.segments), 1), 64)
		for first := 0; first < units; first += step {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			if !w.block(col, &g, first, min(first+step, units), yield) {
				return false, nil
			}
		}
	}
	return true, nil
}

// groups returns the pairs of option combos of an element by their ids.
func (w *seriesWalk) groups(id hmis.UID, col *column.Column) []seriesGroup {
	at := map[[2]uint32]int{}
	var groups []seriesGroup
	group := func(k column.Key) *seriesGroup {
		n, ok := at[[2]uint32{k.Combo, k.AttrCombo}]
		if !ok {
			n = len(groups)
			at[[2]uint32{k.Combo, k.AttrCombo}] = n
			groups = append(groups, seriesGroup{combo: k.Combo, attr: k.AttrCombo})
		}
		return &groups[n]
	}
	for i := range col.Segments {
		if k := col.Segments[i].Key; w.pass.segment(id, k) {
			g := group(k)
			g.segments = append(g.segments, i)
		}
	}
	for _, a := range w.cube.aside[id] {
		if w.pass.segment(id, a.key) {
			g := group(a.key)
			g.aside = append(g.aside, a)
		}
	}
	for i := range groups {
		g := &groups[i]
		slices.SortStableFunc(g.segments, func(a, b int) int {
			return w.rank[col.Segments[a].Period] - w.rank[col.Segments[b].Period]
		})
		g.read, g.odds = make([]int, len(g.segments)), make([]int, len(g.segments))
	}
	combos := w.cube.combos
	slices.SortFunc(groups, func(a, b seriesGroup) int {
		return cmp.Or(cmp.Compare(combos[a.combo], combos[b.combo]), cmp.Compare(combos[a.attr], combos[b.attr]))
	})
	return groups
}

// block yields the series of the org units from first up to end. Columns are read
// twice: once to count, so that each unit knows where its values go, and once to
// put them there.
func (w *seriesWalk) block(col *column.Column, g *seriesGroup, first, end int, yield func(*Series, error) bool) bool {
	n := end - first
	w.counts = append(w.counts[:0], make([]uint32, n+1)...)
	total := 0
	for i, at := range g.segments {
		total += col.CountFrom(&col.Segments[at], g.read[i], uint32(first), uint32(end), w.counts[1:])
		odds := col.OddsOf(at)
		for j := g.odds[i]; j < len(odds) && int(odds[j].Pos) < end; j++ {
			w.counts[1+int(odds[j].Pos)-first]++
			total++
		}
	}
	for _, a := range g.aside {
		if int(a.pos) >= end {
			break
		}
		w.counts[1+int(a.pos)-first]++
		total++
	}
	if total == 0 {
		return true
	}
	for i := range n {
		w.counts[i+1] += w.counts[i]
	}
	w.slots = slices.Grow(w.slots[:0], total)[:total]
	w.fill(col, g, first, end)
	begin := uint32(0)
	for i := range n {
		stop := w.counts[i] // fill has moved each to where the next begins
		pos := first + i
		if stop > begin && (w.pass.units == nil || w.pass.units[pos]) && w.pass.place(pos) {
			if !yield(w.assemble(pos, w.slots[begin:stop]), nil) {
				return false
			}
		}
		begin = stop
	}
	return true
}

func (w *seriesWalk) fill(col *column.Column, g *seriesGroup, first, end int) {
	for i, at := range g.segments {
		s := &col.Segments[at]
		g.read[i] = col.DecodeFrom(s, g.read[i], uint32(end), &w.buf)
		for k, pos := range w.buf.Pos {
			slot := &w.slots[w.next(int(pos)-first)]
			*slot = seriesSlot{period: s.Period}
			if w.boolean {
				slot.value = indicator.Truth(w.buf.Val[k] != 0)
			} else {
				slot.value = indicator.Scaled(w.buf.Val[k], int(s.Scale))
			}
		}
		odds := col.OddsOf(at)
		for ; g.odds[i] < len(odds) && int(odds[g.odds[i]].Pos) < end; g.odds[i]++ {
			o := &odds[g.odds[i]]
			w.slots[w.next(int(o.Pos)-first)] = w.odd(o, s.Period)
		}
	}
	for len(g.aside) > 0 && int(g.aside[0].pos) < end {
		a := &g.aside[0]
		slot := seriesSlot{period: a.key.Period, text: a.text, mark: a.mark}
		if a.text != "" {
			slot.value = indicator.Text(a.text)
		}
		w.slots[w.next(int(a.pos)-first)] = slot
		g.aside = g.aside[1:]
	}
}

func (w *seriesWalk) next(unit int) uint32 {
	n := w.counts[unit]
	w.counts[unit]++
	return n
}

func (w *seriesWalk) odd(o *column.Odd, p uint32) seriesSlot {
	slot := seriesSlot{period: p, text: o.Text, value: indicator.Text(o.Text)}
	if o.FollowUp {
		slot.mark = FollowUp
	}
	switch {
	case o.Numeric && w.boolean:
		slot.value = indicator.Truth(!o.Number.IsZero())
	case o.Numeric:
		slot.value = indicator.Num(o.Number)
	}
	return slot
}

// assemble fills the series with the values of one unit. They come by period, but for
// those kept aside.
func (w *seriesWalk) assemble(pos int, slots []seriesSlot) *Series {
	s := &w.series
	byPeriod := func(a, b seriesSlot) int { return w.rank[a.period] - w.rank[b.period] }
	if !slices.IsSortedFunc(slots, byPeriod) {
		slices.SortStableFunc(slots, byPeriod)
	}
	n := len(slots)
	s.Key.OrgUnit = w.cube.tree.At(pos)
	s.Periods, s.Values, s.Marks = slices.Grow(s.Periods[:0], n)[:n], slices.Grow(s.Values[:0], n)[:n], slices.Grow(s.Marks[:0], n)[:n]
	s.texts = s.texts[:0]
	for i := range slots {
		s.Periods[i], s.Values[i], s.Marks[i] = w.cube.periods[slots[i].period], slots[i].value, slots[i].mark
		if slots[i].text != "" {
			s.texts = append(slices.Grow(s.texts, n), make([]string, i+1-len(s.texts))...)
			s.texts[i] = slots[i].text
		}
	}
	if len(s.texts) > 0 {
		s.texts = append(s.texts, make([]string, n-len(s.texts))...)
	} else {
		s.texts = nil
	}
	return s
}
