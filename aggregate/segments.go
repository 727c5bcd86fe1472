package aggregate

import (
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Segment is the values of one data element, period and pair of option
// combos, by org unit in preorder.
type Segment struct {
	hmis.Key          // data element, period and option combos of all values; OrgUnit is empty
	Places   []uint32 // positions of org units in the tree, ascending; see [orgunit.Tree.At]

	// Column holds the value at each of Places: a number, 1 or 0 for a truth
	// value, or a text. A number written "-0" is the double -0. None is
	// missing.
	Column indicator.Column

	FollowUp []int // indices into Places of the values marked for follow-up, ascending
}

// Segments returns the values that f lets through in columns, for callers that
// read millions. They are ordered by data element, last and first day of the
// period, and option combos. Zeros are included, and nothing is added up. The
// lists of a Segment are reused for the next one: copy what you keep.
func (c *Cube) Segments(f Filter) iter.Seq[Segment] {
	return func(yield func(Segment) bool) {
		pass := newValueFilter(c, f)
		var room segmentRoom
		for _, element := range c.columns.sorted() {
			if pass.elements != nil && pass.elements[element] == nil {
				continue
			}
			col := c.columns.of(element)
			for i := range col.Segments {
				s := &col.Segments[i]
				if !pass.segment(element, s.Key) {
					continue
				}
				out := Segment{Key: c.key(element, s.Key)}
				room.read(pass, col, i, &out)
				if len(out.Places) > 0 && !yield(out) {
					return
				}
			}
		}
	}
}

// A segmentRoom is memory for the lists of a Segment, reused for the next one.
type segmentRoom struct {
	buf    column.Buffer
	places []uint32
	coef   []int64
	marks  []int
}

// read sets the lists of out to the values of segment i that pass.
func (r *segmentRoom) read(pass *valueFilter, col *column.Column, i int, out *Segment) {
	out.Column.Scale = int(col.Segments[i].Scale)
	everywhere := pass.everywhere()
	r.places, r.coef, r.marks = r.places[:0], r.coef[:0], r.marks[:0]
	for some := range col.Values(i, &r.buf) {
		if everywhere && some.Odd < 0 && len(r.places) == 0 { // the segment is one single stretch
			out.Places, out.Column.Coef = some.Pos, some.Val
			return
		}
		for k, pos := range some.Pos {
			if everywhere || pass.unit(pos) {
				r.places, r.coef = append(r.places, pos), append(r.coef, some.Val[k])
			}
		}
		if some.Odd >= 0 && pass.unit(col.Odds[some.Odd].Pos) {
			r.readOdd(&col.Odds[some.Odd], out)
		}
	}
	out.Places, out.Column.Coef, out.FollowUp = r.places, r.coef, r.marks
}

// readOdd adds an odd value to the lists.
func (r *segmentRoom) readOdd(o *column.Odd, out *Segment) {
	if o.FollowUp {
		r.marks = append(r.marks, len(r.places))
	}
	coef, ok := oddCoef(o, int32(out.Column.Scale))
	if !ok {
		if out.Column.Other == nil {
			out.Column.Other = map[int]indicator.Value{}
		}
		v := indicator.Text(o.Text)
		if o.Numeric {
			v = indicator.Num(o.Number)
		}
		if minusZero(o) {
			v = indicator.Float(math.Copysign(0, -1))
		}
		out.Column.Other[len(r.places)] = v
	}
	r.places, r.coef = append(r.places, o.Pos), append(r.coef, coef)
}

// oddCoef returns the number of o × 10^scale. ok is false if it is no whole
// number of 64 bits.
func oddCoef(o *column.Odd, scale int32) (coef int64, ok bool) {
	if !o.Numeric || minusZero(o) {
		return 0, false
	}
	n := o.Number.Exponent() + scale
	if n < 0 || n > 18 || !o.Number.Coefficient().IsInt64() {
		return 0, false
	}
	whole := o.Number.Shift(scale).BigInt()
	return whole.Int64(), whole.IsInt64()
}

// minusZero reports whether o is a zero with a minus sign, which differs from 0
// in an expression.
func minusZero(o *column.Odd) bool {
	return o.Numeric && o.Number.IsZero() && strings.Contains(o.Text, "-")
}

// everywhere reports whether values of every org unit pass the filter.
func (pass *valueFilter) everywhere() bool {
	if pass.units != nil {
		return false
	}
	return !slices.ContainsFunc(pass.axes, func(a axis) bool { return a.byPos != nil })
}
