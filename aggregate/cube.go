package aggregate

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Cube holds data values in columns, sorted for aggregation: numbers, texts
// and follow-up marks, but not comments, names or times. It does not change and
// is safe for concurrent use.
type Cube struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree

	elements []hmis.UID       // of the columns
	columns  []*column.Column // the values of each element
	at       map[hmis.UID]int // element → index in both

	combos  []hmis.UID      // option combos of both kinds, as columns number them
	periods []period.Period // as columns number them
	years   map[int]bool    // with any value, even a deleted one (RULES.md#years-read)
	reports map[hmis.UID][]report
	aside   map[hmis.UID][]aside // by position; nil unless Loader.KeepUncounted

	shared     *shared
	describing sync.Once
	described  []described // of elements, made when first needed
	counted    sync.Map    // period.Type → map[period.Period][]uint32: which of periods count in it
}

// Len returns the number of values held, of all data elements.
func (c *Cube) Len() int {
	n := 0
	for _, col := range c.columns {
		n += col.Len()
	}
	return n
}

// Size returns the bytes that the values occupy in memory, every array counted,
// without the catalog and the tree.
func (c *Cube) Size() int {
	n := 0
	for _, col := range c.columns {
		n += col.Size()
	}
	const id, perPeriod, perAside = 32, 8, 48
	for _, list := range c.aside {
		n += perAside * len(list)
	}
	return n + id*len(c.combos) + id*len(c.elements) + perPeriod*len(c.periods)
}

// column returns the values of an element, or nil if there are none.
func (c *Cube) column(element hmis.UID) *column.Column {
	if i, ok := c.at[element]; ok {
		return c.columns[i]
	}
	return nil
}

// none is the column of an element without values.
var none = &column.Column{}

func (c *Cube) columnOrNone(element hmis.UID) *column.Column {
	if col := c.column(element); col != nil {
		return col
	}
	return none
}

// order returns how segments lie in a column: by last day, then first day, so
// that the newest come last; then by the ids of their option combos.
func (c *Cube) order() func(a, b column.Key) int {
	periods := ranks(c.periods, func(p, q period.Period) int {
		return cmp.Or(cmp.Compare(p.Last(), q.Last()), cmp.Compare(p.First(), q.First()), cmp.Compare(p.Type(), q.Type()))
	})
	combos := ranks(c.combos, cmp.Compare[hmis.UID])
	return func(a, b column.Key) int {
		if a.Period != b.Period {
			if n := periods[a.Period] - periods[b.Period]; n != 0 {
				return n
			}
		}
		if n := combos[a.Combo] - combos[b.Combo]; n != 0 {
			return n
		}
		return combos[a.AttrCombo] - combos[b.AttrCombo]
	}
}

// ranks returns the place of each item in the order of compare; equal ones share
// it.
func ranks[T any](list []T, compare func(a, b T) int) []int {
	index := make([]int, len(list))
	for i := range index {
		index[i] = i
	}
	slices.SortFunc(index, func(i, j int) int { return compare(list[i], list[j]) })
	rank := make([]int, len(list))
	for n := 1; n < len(index); n++ {
		rank[index[n]] = rank[index[n-1]]
		if compare(list[index[n-1]], list[index[n]]) != 0 {
			rank[index[n]] = n
		}
	}
	return rank
}

// rowYear is the year that a value counts in: that of its start, for a week
// that of its fourth day (RULES.md#years-read). Bi-weeks are not shifted.
func rowYear(p period.Period) int {
	first := p.First()
	if isWeek(p.Type()) {
		first += 3
	}
	year, _, _ := first.Civil()
	return year
}

func isWeek(t period.Type) bool { return period.Weekly <= t && t <= period.WeeklySunday }

// Values returns the values held that f lets through, by data element, org unit,
// period and option combos. Numbers are written in plain form, truth values as
// true and false. In f.Data only data elements and operands are looked at; an
// org unit stands for everything below it, and a period for the values reported
// for that very period.
func (c *Cube) Values(f Filter) iter.Seq[hmis.DataValue] {
	return func(yield func(hmis.DataValue) bool) {
		pass := newValueFilter(c, f)
		for _, element := range slices.Sorted(maps.Keys(c.at)) {
			values := pass.values(element)
			slices.SortFunc(values, compareValues)
			for _, v := range values {
				if !yield(v) {
					return
				}
			}
		}
	}
}

func compareValues(a, b hmis.DataValue) int {
	return cmp.Or(
		cmp.Compare(a.OrgUnit, b.OrgUnit),
		a.Period.Compare(b.Period),
		cmp.Compare(a.CategoryOptionCombo, b.CategoryOptionCombo),
		cmp.Compare(a.AttributeOptionCombo, b.AttributeOptionCombo),
	)
}

// walk yields every value of an element's segment: its position and its text,
// as a data value holds it.
func (c *Cube) walk(element hmis.UID, segment int, buf *column.Buffer) iter.Seq2[int, hmis.DataValue] {
	return func(yield func(int, hmis.DataValue) bool) {
		col := c.column(element)
		s := &col.Segments[segment]
		e, _ := hmis.Find[hmis.DataElement](c.catalog, element)
		v := hmis.DataValue{Key: hmis.Key{
			DataElement:          element,
			CategoryOptionCombo:  c.combos[s.Combo],
			AttributeOptionCombo: c.combos[s.AttrCombo],
			Period:               c.periods[s.Period],
		}}
		col.Decode(s, 1, buf)
		for i, pos := range buf.Pos {
			v.OrgUnit, v.Value = c.tree.At(int(pos)), numberText(e.ValueType, buf.Val[i], int32(s.Scale))
			if !yield(int(pos), v) {
				return
			}
		}
		for _, o := range col.OddsOf(segment) {
			v.OrgUnit, v.Value, v.FollowUp = c.tree.At(int(o.Pos)), o.Text, o.FollowUp
			if !yield(int(o.Pos), v) {
				return
			}
		}
	}
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

// A valueFilter lets stored values through as a Filter says.
type valueFilter struct {
	cube     *Cube
	f        Filter
	elements map[hmis.UID][]operand
	units    []bool
	periods  map[period.Period]bool
	axes     []axis
}

type operand struct{ combo, attr hmis.UID }

func newValueFilter(c *Cube, f Filter) *valueFilter {
	pass := &valueFilter{cube: c, f: f}
	if len(f.Data) > 0 {
		pass.elements = map[hmis.UID][]operand{}
		for _, item := range f.Data {
			pass.elements[item.ID] = append(pass.elements[item.ID], operand{item.Combo, item.Attr})
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
	for _, a := range f.Axes {
		ready, issue := c.axis(a)
		if issue != nil { // no value is on an unknown axis
			ready = axis{id: a.ID, byElement: map[hmis.UID]int32{}}
		}
		pass.axes = append(pass.axes, ready)
	}
	return pass
}

// values returns the values of one element that pass, segment by segment.
func (pass *valueFilter) values(element hmis.UID) []hmis.DataValue {
	c := pass.cube
	if pass.elements != nil && pass.elements[element] == nil {
		return nil
	}
	var buf column.Buffer
	var values []hmis.DataValue
	for i, s := range c.column(element).Segments {
		if !pass.segment(element, s.Key) {
			continue
		}
		for pos, v := range c.walk(element, i, &buf) {
			if pass.units != nil && !pass.units[pos] || !pass.place(pos) {
				continue
			}
			values = append(values, v)
		}
	}
	return values
}

func (pass *valueFilter) segment(element hmis.UID, k column.Key) bool {
	c := pass.cube
	if !pass.period(c.periods[k.Period]) {
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
	return c.isAny(pass.elements[element], k)
}

// period reports whether p is one of those asked for and lies within the days.
func (pass *valueFilter) period(p period.Period) bool {
	if pass.periods != nil && !pass.periods[p] {
		return false
	}
	return !(pass.f.From != 0 && p.First() < pass.f.From || pass.f.To != 0 && p.Last() > pass.f.To)
}

func (pass *valueFilter) place(pos int) bool {
	for i := range pass.axes {
		if a := &pass.axes[i]; a.byPos != nil && a.byPos[pos] < 0 {
			return false
		}
	}
	return true
}
