package main

import (
	"context"
	"math/bits"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/shopspring/decimal"
)

// A number is a way to hold numbers in a map: whole thousandths, or decimals.
type number[N any] interface {
	of(thousandths int32) N
	plus(N) N
	times(n int64) N
	less(N) bool
	hundredths(divisor int64) int64 // divided and rounded half up
}

type thousandths int64

func (thousandths) of(t int32) thousandths           { return thousandths(t) }
func (t thousandths) plus(u thousandths) thousandths { return t + u }
func (t thousandths) times(n int64) thousandths      { return t * thousandths(n) }
func (t thousandths) less(u thousandths) bool        { return t < u }
func (t thousandths) hundredths(divisor int64) int64 { return hundredths(int64(t), divisor) }

type decimals struct{ decimal.Decimal }

func (decimals) of(t int32) decimals        { return decimals{decimal.New(int64(t), -3)} }
func (d decimals) plus(e decimals) decimals { return decimals{d.Add(e.Decimal)} }
func (d decimals) times(n int64) decimals   { return decimals{d.Mul(decimal.NewFromInt(n))} }
func (d decimals) less(e decimals) bool     { return d.LessThan(e.Decimal) }
func (d decimals) hundredths(divisor int64) int64 {
	return d.Decimal.DivRound(decimal.NewFromInt(divisor), 2).Shift(2).IntPart()
}

// codes is what a Go program without an engine does: rows of integer codes in a
// slice, read from end to end, and a map from cell to total.
type codes[N number[N]] struct {
	title string
	world *workload.World
	rows  []coded[N]
	days  [numPeriods]int64
}

type coded[N any] struct {
	element, combo, attr, unit, month uint16
	value                             N
}

func (c *codes[N]) name() string { return c.title }

func (c *codes[N]) load(_ context.Context, w *workload.World) error {
	c.world = w
	for i, p := range periods(w) {
		c.days[i] = int64(p.Days())
	}
	var zero N
	for r := range w.Rows() {
		if w.Counts(r) {
			c.rows = append(c.rows, coded[N]{r.Element, r.Combo, r.Attr, r.Unit, r.Month, zero.of(r.Thousandths())})
		}
	}
	return nil
}

// A key identifies a cell by data item, org unit and period.
type key uint64

func keyOf(data, unit, period int) key { return key(data<<32 | unit<<16 | period) }

func (k key) split() (data, unit, period int) {
	return int(k >> 32), int(k >> 16 & 0xffff), int(k & 0xffff)
}

// A total is an unfinished cell.
type total[N any] struct {
	sum   N
	count int64
}

func (c *codes[N]) ask(_ context.Context, q question) (answer, error) {
	if q.ratio {
		return c.ratios(q), nil
	}
	var a answer
	for k, t := range c.totals(q) {
		data, unit, period := k.split()
		divisor := int64(1)
		switch c.world.Elements[data].Aggregation {
		case hmis.Average:
			divisor = t.count
		case hmis.AverageSumOrgUnit:
			divisor = c.days[period]
		}
		a.add(weight(data, unit, period), t.sum.hundredths(divisor))
	}
	return a, nil
}

// ratios computes the cells of indicators.
func (c *codes[N]) ratios(q question) answer {
	for _, i := range q.indicators {
		a, b := c.world.Indicator(i)
		q.elements = append(q.elements, a, b)
	}
	totals := c.totals(q)
	var out answer
	for _, i := range q.indicators {
		a, b := c.world.Indicator(i)
		for _, unit := range q.units(c.world) {
			for _, period := range q.periodNumbers() {
				num, ok := totals[keyOf(a, unit, period)]
				den, ok2 := totals[keyOf(b, unit, period)]
				if !ok || !ok2 {
					continue
				}
				if d := den.sum.hundredths(1); d != 0 {
					out.add(weight(i, unit, period), perThousand(num.sum.hundredths(1), d))
				}
			}
		}
	}
	return out
}

// totals computes all cells of data elements in one pass.
func (c *codes[N]) totals(q question) map[key]total[N] {
	wanted := make([]bool, len(c.world.Elements))
	for _, e := range q.elements {
		wanted[e] = true
	}
	asked := make([]bool, len(c.world.Units))
	for _, u := range q.units(c.world) {
		asked[u] = true
	}
	above := make([][]int, len(c.world.Units)) // the org units asked for that a unit is in
	for u := range above {
		for v := u; v >= 0; v = c.world.Parent[v] {
			if asked[v] {
				above[u] = append(above[u], v)
			}
		}
	}
	in := make([][]int, workload.Months) // the periods asked for that a month is in
	for _, m := range q.months {
		in[m] = append(in[m], m)
	}
	for _, n := range q.quarters {
		for m := 3 * n; m < 3*n+3; m++ {
			in[m] = append(in[m], firstQuarter+n)
		}
	}
	for _, n := range q.years {
		for m := 12 * n; m < 12*n+12; m++ {
			in[m] = append(in[m], firstYear+n)
		}
	}
	totals := map[key]total[N]{}
	newest := map[[4]uint16]*series[N]{}
	for i := range c.rows {
		r := &c.rows[i]
		if !wanted[r.element] || len(above[r.unit]) == 0 {
			continue
		}
		aggregation := c.world.Elements[r.element].Aggregation
		value := r.value
		switch aggregation {
		case hmis.Last:
			k := [4]uint16{r.element, r.combo, r.attr, r.unit}
			s := newest[k]
			if s == nil {
				s = &series[N]{}
				newest[k] = s
			}
			s.value[r.month], s.months = value, s.months|1<<r.month
			continue
		case hmis.AverageSumOrgUnit:
			value = value.times(c.days[r.month])
		}
		for _, unit := range above[r.unit] {
			for _, period := range in[r.month] {
				k := keyOf(int(r.element), unit, period)
				t := totals[k]
				switch {
				case t.count == 0:
					t.sum = value
				case aggregation == hmis.Min && value.less(t.sum), aggregation == hmis.Max && t.sum.less(value):
					t.sum = value
				case aggregation != hmis.Min && aggregation != hmis.Max:
					t.sum = t.sum.plus(value)
				}
				t.count++
				totals[k] = t
			}
		}
	}
	c.addNewest(q, totals, newest, above)
	return totals
}

// A series is what one org unit reports for one option combo.
type series[N any] struct {
	value  [workload.Months]N
	months uint64 // one bit for each month with a value
}

// addNewest adds the latest value of each series up to the end of each period.
func (c *codes[N]) addNewest(q question, totals map[key]total[N], newest map[[4]uint16]*series[N], above [][]int) {
	for k, s := range newest {
		for _, period := range q.periodNumbers() {
			seen := s.months & (1<<(lastMonth(period)+1) - 1)
			if seen == 0 {
				continue
			}
			value := s.value[bits.Len64(seen)-1]
			for _, unit := range above[k[3]] {
				cell := keyOf(int(k[0]), unit, period)
				t := totals[cell]
				if t.count == 0 {
					t.sum = value
				} else {
					t.sum = t.sum.plus(value)
				}
				t.count++
				totals[cell] = t
			}
		}
	}
}

// lastMonth returns the last month of a period by number.
func lastMonth(period int) int {
	switch {
	case period >= firstYear:
		return 12*(period-firstYear) + 11
	case period >= firstQuarter:
		return 3*(period-firstQuarter) + 2
	}
	return period
}

func (c *codes[N]) size(context.Context) (int64, error) {
	if _, boxed := any(c).(*codes[decimals]); boxed {
		return 0, nil // decimals are stored outside the map
	}
	var row coded[N]
	return int64(len(c.rows)) * int64(unsafe.Sizeof(row)), nil
}

func (c *codes[N]) close() error { c.rows = nil; return nil }
