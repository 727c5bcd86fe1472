package aggregate

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Series is the values of one data element and pair of option combos at one
// org unit, in the order of [period.Period.Compare]. Its lists are reused for
// the next Series: copy what you keep.
type Series struct {
	Key     hmis.Key // key of all values; Period is zero
	Periods []period.Period
	// Values has numbers, truth values or texts. A value that is kept only
	// because of [Loader.KeepUncounted] is a text, or missing if it was deleted
	// without one.
	Values []indicator.Value
	Marks  []Mark

	texts []string // texts of Values as stored, "" for those in plain form; nil if all are
}

// Len returns the number of values.
func (s *Series) Len() int { return len(s.Values) }

// Text returns the text of value i. It is the stored text if the value is
// marked or no number, and the plain form of a number otherwise: "7" for 007.
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

// A Mark is a set of facts about a value.
type Mark uint8

// The marks, which can be combined.
const (
	FollowUp  Mark = 1 << iota
	Deleted        // only with Loader.KeepUncounted
	Uncounted      // a text that is no value of its numeric or yes/no element; only with Loader.KeepUncounted
)

// Series returns the values that f lets through as series over time: one for
// each data element, pair of option combos and org unit. Values are as
// reported. Series are ordered by the ids of data elements and option combos,
// then by org unit in preorder. If ctx ends, its error is the last pair.
//
// Memory is bounded: some ten thousand values are held at a time.
func (c *Cube) Series(ctx context.Context, f Filter) iter.Seq2[*Series, error] {
	return func(yield func(*Series, error) bool) {
		pass := newValueFilter(c, f)
		w := seriesWalk{cube: c, pass: pass, rank: c.periods.ranks(), seriesRoom: seriesRooms.Get().(*seriesRoom)}
		for _, id := range seriesElements(c, pass) {
			if more, err := w.element(ctx, id, yield); err != nil {
				yield(nil, err)
				return
			} else if !more {
				break
			}
		}
		w.giveBack() // not deferred: after a panic of the caller, counts are not zero
	}
}

// seriesElements returns the data elements that a filter lets through and that
// have values, by id.
func seriesElements(c *Cube, pass *valueFilter) []hmis.UID {
	var ids []hmis.UID
	if pass.elements != nil {
		for id := range pass.elements {
			if _, ok := c.columns.at[id]; ok || c.aside[id] != nil {
				ids = append(ids, id)
			}
		}
	} else {
		ids = slices.AppendSeq(ids, slices.Values(c.columns.ids))
		for id := range c.aside {
			if _, ok := c.columns.at[id]; !ok {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// A seriesWalk yields series, which are ordered by org unit, from columns,
// which are ordered by period. It reuses its memory from one series to the
// next.
type seriesWalk struct {
	cube *Cube
	pass *valueFilter
	rank []int // rank of each period in time

	boolean bool
	texts   []string // texts of the values of a block
	series  Series
	*seriesRoom
}

// A seriesRoom is memory that walks reuse.
type seriesRoom struct {
	buf     column.Buffer
	counts  []uint32    // number of values by position, later the place of the next one; 0 between blocks
	has     column.Bits // positions with values; none between blocks
	values  []indicator.Value
	periods []period.Period
	marks   []Mark
}

var seriesRooms = sync.Pool{New: func() any { return new(seriesRoom) }}

// giveBack returns the memory to the pool, without the texts in it.
func (w *seriesWalk) giveBack() {
	clear(w.values[:cap(w.values)])
	w.values = w.values[:0]
	seriesRooms.Put(w.seriesRoom)
	w.seriesRoom = nil
}

// A seriesGroup is the segments of one pair of option combos, by period, and
// the values of that pair that are kept aside.
type seriesGroup struct {
	combo, attr uint32
	segments    []int
	cursors     []column.Cursor // cursors over the segments
	values      int             // number of plain numbers in all segments
	plain       bool            // all values of the group are plain numbers
	aside       []aside         // values kept aside that are not read yet, by position
}

// blockValues is roughly the number of values that are put into series at a
// time. Tests change it.
var blockValues = 1 << 15

func (w *seriesWalk) element(
	ctx context.Context, id hmis.UID, yield func(*Series, error) bool,
) (more bool, err error) {
	e, _ := hmis.Find[hmis.DataElement](w.cube.catalog, id)
	w.boolean = e.ValueType.IsBoolean()
	col := w.cube.columns.of(id)
	for _, g := range w.groups(id, col) {
		w.series.Key = hmis.Key{
			DataElement:    id,
			OptionCombo:    w.cube.combos.ids[g.combo],
			AttributeCombo: w.cube.combos.ids[g.attr],
		}
		units := w.cube.tree.Len()
		step := units
		if g.values > blockValues {
			step = max(units/(g.values/blockValues+1), 1)
		}
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

// groups returns a group for each pair of option combos of an element, by their
// ids.
func (w *seriesWalk) groups(id hmis.UID, col *column.Column) []seriesGroup {
	at := map[[2]uint32]int{}
	var groups []seriesGroup
	group := func(k column.Key) *seriesGroup {
		n, ok := at[[2]uint32{k.OptionCombo, k.AttributeCombo}]
		if !ok {
			n = len(groups)
			at[[2]uint32{k.OptionCombo, k.AttributeCombo}] = n
			groups = append(groups, seriesGroup{combo: k.OptionCombo, attr: k.AttributeCombo, plain: true})
		}
		return &groups[n]
	}
	for i := range col.Segments {
		if k := col.Segments[i].Key; w.pass.segment(id, k) {
			g := group(k)
			g.segments = append(g.segments, i)
			g.values += col.Segments[i].Len()
			g.plain = g.plain && len(col.OddsOf(i)) == 0
		}
	}
	for _, a := range w.cube.aside[id] {
		if w.pass.segment(id, a.key) {
			g := group(a.key)
			g.aside, g.plain = append(g.aside, a), false
		}
	}
	for i := range groups {
		g := &groups[i]
		slices.SortStableFunc(g.segments, func(a, b int) int {
			return w.rank[col.Segments[a].Period] - w.rank[col.Segments[b].Period]
		})
		g.cursors = make([]column.Cursor, len(g.segments))
		for k, at := range g.segments {
			g.cursors[k] = col.Cursor(at)
		}
	}
	combos := w.cube.combos.ids
	slices.SortFunc(groups, func(a, b seriesGroup) int {
		return cmp.Or(cmp.Compare(combos[a.combo], combos[b.combo]), cmp.Compare(combos[a.attr], combos[b.attr]))
	})
	return groups
}

// block yields the series of the org units from first up to end. Columns are
// read twice: once to count, so that each unit knows where its values go, and
// once to put them there.
func (w *seriesWalk) block(
	col *column.Column, g *seriesGroup, first, end int, yield func(*Series, error) bool,
) bool {
	if len(w.counts) != w.cube.tree.Len() {
		w.counts, w.has = make([]uint32, w.cube.tree.Len()), column.MakeBits(w.cube.tree.Len())
	}
	total := w.count(g, end)
	if total == 0 {
		return true
	}
	next := uint32(0)
	for pos := range w.has.Between(first, end) {
		n := w.counts[pos]
		w.counts[pos] = next
		next += n
	}
	w.values = slices.Grow(w.values[:0], total)[:total]
	w.periods = slices.Grow(w.periods[:0], total)[:total]
	w.marks = slices.Grow(w.marks[:0], total)[:total]
	clear(w.marks)
	w.texts = nil
	if !g.plain {
		w.texts = make([]string, total)
	}
	w.fill(col, g, end)
	more := true
	begin := uint32(0)
	for pos := range w.has.Between(first, end) {
		stop := w.counts[pos] // fill has moved each count to the start of the next unit's values
		w.counts[pos] = 0
		if more && w.pass.unit(uint32(pos)) {
			more = yield(w.cut(pos, begin, stop, len(g.aside) > 0 || !g.plain), nil)
		}
		begin = stop
	}
	w.has.ClearBetween(first, end)
	return more
}

// count counts the values of each position before end.
func (w *seriesWalk) count(g *seriesGroup, end int) (total int) {
	for i := range g.cursors {
		total += g.cursors[i].Count(uint32(end), w.counts, w.has)
	}
	for _, a := range g.aside {
		if int(a.pos) >= end {
			break
		}
		w.counts[a.pos]++
		w.has.Set(int(a.pos))
		total++
	}
	return total
}

// fill puts the values before end where count has made room for them.
func (w *seriesWalk) fill(col *column.Column, g *seriesGroup, end int) {
	for i, at := range g.segments {
		s := &col.Segments[at]
		p := w.cube.periods.list[s.Period]
		for some := range g.cursors[i].Before(uint32(end), &w.buf) {
			w.fillPlain(some, p, int(s.Scale))
			if some.Odd >= 0 {
				o := &col.Odds[some.Odd]
				n := w.next(o.Pos)
				w.periods[n], w.texts[n], w.values[n] = p, o.Text, w.odd(o)
				if o.FollowUp {
					w.marks[n] = FollowUp
				}
			}
		}
	}
	for len(g.aside) > 0 && int(g.aside[0].pos) < end {
		a := &g.aside[0]
		n := w.next(a.pos)
		w.periods[n], w.texts[n], w.marks[n] = w.cube.periods.list[a.key.Period], a.text, a.mark
		w.values[n] = indicator.Value{}
		if a.text != "" {
			w.values[n] = indicator.Text(a.text)
		}
		g.aside = g.aside[1:]
	}
}

// fillPlain puts the plain numbers of a stretch into their places.
func (w *seriesWalk) fillPlain(some column.Stretch, p period.Period, scale int) {
	val := some.Val[:len(some.Pos)]
	for k, pos := range some.Pos {
		n := w.counts[pos]
		w.counts[pos]++
		w.periods[n] = p
		if w.boolean {
			w.values[n] = indicator.Truth(val[k] != 0)
		} else {
			w.values[n] = indicator.Scaled(val[k], scale)
		}
	}
}

// next returns where the next value of a position goes.
func (w *seriesWalk) next(pos uint32) uint32 {
	n := w.counts[pos]
	w.counts[pos]++
	return n
}

func (w *seriesWalk) odd(o *column.Odd) indicator.Value {
	switch {
	case o.Numeric && w.boolean:
		return indicator.Truth(!o.Number.IsZero())
	case o.Numeric:
		return indicator.Num(o.Number)
	}
	return indicator.Text(o.Text)
}

// cut makes the series of one unit of the filled lists. With sort, values kept
// aside are moved to their periods.
func (w *seriesWalk) cut(pos int, begin, stop uint32, sort bool) *Series {
	s := &w.series
	s.Key.OrgUnit = w.cube.tree.At(pos)
	s.Periods, s.Values = w.periods[begin:stop:stop], w.values[begin:stop:stop]
	s.Marks = w.marks[begin:stop:stop]
	s.texts = nil
	if w.texts != nil {
		s.texts = w.texts[begin:stop:stop]
	}
	if sort && !slices.IsSortedFunc(s.Periods, period.Period.Compare) {
		insertionSort(s)
	}
	return s
}

// insertionSort sorts a series by period. It is fast because only the few
// values kept aside are out of order.
func insertionSort(s *Series) {
	for i := 1; i < len(s.Periods); i++ {
		for j := i; j > 0 && s.Periods[j].Compare(s.Periods[j-1]) < 0; j-- {
			s.Periods[j], s.Periods[j-1] = s.Periods[j-1], s.Periods[j]
			s.Values[j], s.Values[j-1] = s.Values[j-1], s.Values[j]
			s.Marks[j], s.Marks[j-1] = s.Marks[j-1], s.Marks[j]
			s.texts[j], s.texts[j-1] = s.texts[j-1], s.texts[j]
		}
	}
}
