package aggregate

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// Values returns the values that f lets through, by data element, org unit,
// period and option combos. Numbers are written in plain form, truth values as
// true and false. Of f.Data only data elements and operands count; an org unit
// selects all units below it too, and a period only values reported for that
// period itself. If ctx ends, its error is the last pair.
//
// Memory is bounded: some ten thousand values are sorted at a time.
func (c *Cube) Values(ctx context.Context, f Filter) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		w := newValueWalk(ctx, c, f)
		for _, element := range c.columns.sorted() {
			if w.pass.elements != nil && w.pass.elements[element] == nil {
				continue
			}
			if !w.element(element, yield) {
				break
			}
		}
		if w.err != nil {
			yield(hmis.DataValue{}, w.err)
		}
	}
}

// A valueWalk yields values by org unit from columns, which are ordered by
// period. It reuses its memory from one block of values to the next.
type valueWalk struct {
	ctx  context.Context
	err  error // error of ctx once it has ended
	cube *Cube
	pass *valueFilter

	unitRank              []uint32 // rank of each position by the id of its org unit
	unitAt                []uint32 // the position of each rank
	periodRank, comboRank []int

	buf   column.Buffer
	slots []valueSlot
}

// A valueSlot is a value of a block with its sort keys.
type valueSlot struct {
	unit, period, combo, attr uint32 // ranks by which values are sorted
	segment                   uint32
	odd                       int32 // index in the odds of the column, or -1
	coef                      int64
}

func compareSlots(a, b valueSlot) int {
	return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.period, b.period), cmp.Compare(a.combo, b.combo), cmp.Compare(a.attr, b.attr))
}

func newValueWalk(ctx context.Context, c *Cube, f Filter) *valueWalk {
	w := &valueWalk{
		ctx: ctx, cube: c, pass: newValueFilter(c, f),
		periodRank: c.periods.ranks(),
		comboRank:  ranks(c.combos.ids, cmp.Compare[hmis.UID]),
	}
	w.unitAt, w.unitRank = make([]uint32, c.tree.Len()), make([]uint32, c.tree.Len())
	for pos := range w.unitAt {
		w.unitAt[pos] = uint32(pos)
	}
	slices.SortFunc(w.unitAt, func(a, b uint32) int { return cmp.Compare(c.tree.At(int(a)), c.tree.At(int(b))) })
	for rank, pos := range w.unitAt {
		w.unitRank[pos] = uint32(rank)
	}
	return w
}

// stopped reports whether ctx has ended.
func (w *valueWalk) stopped() bool {
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	return w.err != nil
}

// sortedValues is roughly the number of values that are sorted at a time.
const sortedValues = 1 << 16

// element yields the values of an element. It returns false if the walk is
// over.
func (w *valueWalk) element(id hmis.UID, yield func(hmis.DataValue, error) bool) bool {
	col := w.cube.columns.of(id)
	units := uint32(len(w.unitAt))
	if col.Len() <= sortedValues {
		return w.block(id, col, 0, units, yield)
	}
	counts := make([]uint32, units)
	for at := range w.passing(id, col) {
		w.each(col, at, func(pos uint32, _ int64, _ int32) { counts[w.unitRank[pos]]++ })
	}
	first, n := uint32(0), uint32(0)
	for rank, count := range counts {
		if n+count > sortedValues && n > 0 {
			if !w.block(id, col, first, uint32(rank), yield) {
				return false
			}
			first, n = uint32(rank), 0
		}
		n += count
	}
	return w.block(id, col, first, units, yield)
}

// passing yields the segments of an element that the filter lets through, until
// ctx ends.
func (w *valueWalk) passing(id hmis.UID, col *column.Column) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range col.Segments {
			if w.stopped() || w.pass.segment(id, col.Segments[i].Key) && !yield(i) {
				return
			}
		}
	}
}

// each calls do with the position and number of each value of a segment that
// the filter lets through, and with the index of those that are odd.
func (w *valueWalk) each(col *column.Column, segment int, do func(pos uint32, coef int64, odd int32)) {
	for some := range col.Values(segment, &w.buf) {
		for i, pos := range some.Pos {
			if w.pass.unit(pos) {
				do(pos, some.Val[i], -1)
			}
		}
		if some.Odd >= 0 && w.pass.unit(col.Odds[some.Odd].Pos) {
			do(col.Odds[some.Odd].Pos, 0, int32(some.Odd))
		}
	}
}

// block yields the values of the org units with ranks from first up to end. It
// returns false if the walk is over.
func (w *valueWalk) block(id hmis.UID, col *column.Column, first, end uint32, yield func(hmis.DataValue, error) bool) bool {
	w.slots = w.slots[:0]
	for at := range w.passing(id, col) {
		s := &col.Segments[at]
		slot := valueSlot{
			segment: uint32(at), period: uint32(w.periodRank[s.Period]),
			combo: uint32(w.comboRank[s.OptionCombo]), attr: uint32(w.comboRank[s.AttributeCombo]),
		}
		w.each(col, at, func(pos uint32, coef int64, odd int32) {
			if slot.unit = w.unitRank[pos]; first <= slot.unit && slot.unit < end {
				slot.coef, slot.odd = coef, odd
				w.slots = append(w.slots, slot)
			}
		})
	}
	slices.SortFunc(w.slots, compareSlots)
	e, _ := hmis.Find[hmis.DataElement](w.cube.catalog, id)
	e.ID = id
	const between = 1 << 10
	for i, slot := range w.slots {
		if i%between == 0 && w.stopped() || !yield(w.value(&e, col, slot), nil) {
			return false
		}
	}
	return !w.stopped()
}

func (w *valueWalk) value(e *hmis.DataElement, col *column.Column, slot valueSlot) hmis.DataValue {
	s := &col.Segments[slot.segment]
	v := hmis.DataValue{Key: w.cube.key(e.ID, s.Key)}
	v.OrgUnit = w.cube.tree.At(int(w.unitAt[slot.unit]))
	if slot.odd < 0 {
		v.Value = numberText(e.ValueType, slot.coef, int32(s.Scale))
		return v
	}
	o := &col.Odds[slot.odd]
	v.Value, v.FollowUp = o.Text, o.FollowUp
	return v
}

func numberText(t hmis.ValueType, coef int64, scale int32) string {
	if t.IsBoolean() {
		if coef == 0 {
			return "false"
		}
		return "true"
	}
	return decimal.New(coef, -scale).String()
}

// A valueFilter is a Filter of stored values whose ids have been looked up.
type valueFilter struct {
	cube     *Cube
	f        Filter
	elements map[hmis.UID][]operand
	units    []bool
	periods  map[period.Period]bool
	axes     []axis
}

func newValueFilter(c *Cube, f Filter) *valueFilter {
	pass := &valueFilter{cube: c, f: f}
	if len(f.Data) > 0 {
		pass.elements = map[hmis.UID][]operand{}
		for _, item := range f.Data {
			pass.elements[item.ID] = append(pass.elements[item.ID], operand{item.OptionCombo, item.AttributeCombo})
		}
	}
	if len(f.OrgUnits) > 0 {
		pass.units = make([]bool, c.tree.Len())
		for _, id := range f.OrgUnits {
			first, end, _ := c.tree.Span(id)
			for pos := first; pos < end; pos++ {
				pass.units[pos] = true
			}
		}
	}
	if len(f.Periods) > 0 {
		pass.periods = map[period.Period]bool{}
		for _, p := range f.Periods {
			pass.periods[p] = true
		}
	}
	axes := c.axes()
	for _, a := range f.Axes {
		ready, issue := axes.of(a)
		if issue != nil { // no value has an item of an unknown axis
			ready = axis{id: a.ID, byElement: map[hmis.UID]int32{}}
		}
		pass.axes = append(pass.axes, ready)
	}
	return pass
}

func (pass *valueFilter) segment(element hmis.UID, k column.Key) bool {
	c := pass.cube
	if !pass.period(c.periods.list[k.Period]) {
		return false
	}
	for i := range pass.axes {
		if a := &pass.axes[i]; a.byPos == nil && a.ofSegment(element, k) < 0 {
			return false
		}
	}
	if pass.elements == nil {
		return true
	}
	return c.combos.anyOf(pass.elements[element], k)
}

// period reports whether p is among the periods and within the days of the
// filter.
func (pass *valueFilter) period(p period.Period) bool {
	if pass.periods != nil && !pass.periods[p] {
		return false
	}
	return !(pass.f.From != 0 && p.First() < pass.f.From || pass.f.To != 0 && p.Last() > pass.f.To)
}

// unit reports whether the org unit at a position passes.
func (pass *valueFilter) unit(pos uint32) bool {
	return (pass.units == nil || pass.units[pos]) && pass.place(int(pos))
}

func (pass *valueFilter) place(pos int) bool {
	for i := range pass.axes {
		if a := &pass.axes[i]; a.byPos != nil && a.byPos[pos] < 0 {
			return false
		}
	}
	return true
}
