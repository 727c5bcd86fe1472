package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// finish turns what a part has gathered into one column of cells: its org units
// × periods of the answer × splits, each rounded half away from zero
// (RULES.md#rounding).
func (p *part) finish() indicator.Column {
	g := &p.run.grid
	units := len(g.units)
	if p.units != nil {
		units = len(p.units)
	}
	n := units * len(p.cells) * g.splits
	out := outcome{
		column: indicator.Column{Coef: numbers.of(n), Missing: marks.of(n), Scale: p.scale()},
		digits: p.digits,
		raw:    p.raw,
	}
	base, plain := p.sources[0].places.base, p.plainSums()
	if !plain || len(base)*len(p.cells)*p.splits < n { // not every cell is come to
		clear(out.column.Coef)
		for i := range out.column.Missing {
			out.column.Missing[i] = true
		}
	}
	if plain {
		p.finishSums(&out)
		return out.column
	}
	for split := range p.splits {
		first := g.splitBase(split)
		for i, from := range p.cells {
			for place, b := range base {
				if place%betweenCells == 0 && p.stopped() {
					return out.column
				}
				cell := (b.unit*len(p.cells)+i)*g.splits + b.cell + first
				p.finishCell(&out, cell, from, split, place+1)
			}
		}
	}
	return out.column
}

// betweenCells is how many cells are computed before the context is looked at.
const betweenCells = 1 << 12

// plainSums reports whether every outcome is a sum that is ready as it is, apart
// from being rounded.
func (p *part) plainSums() bool {
	a := p.acc
	return a.aggregate == sum && len(a.spill) == 0 && a.scale-p.digits <= fixed.MaxPow && len(p.keep) == 0 && !p.raw && len(p.nulls) == 0 &&
		!slices.ContainsFunc(p.cells, func(r rows) bool { return r.first < 0 || r.second >= 0 })
}

// finishSums is finishCell for all cells where they are such sums.
func (p *part) finishSums(out *outcome) {
	g := &p.run.grid
	coef, missing := out.column.Coef, out.column.Missing
	base, perUnit := p.sources[0].places.base, len(p.cells)*g.splits
	acc, wide := p.acc, p.acc.sum != nil
	unit := int64(1) // what the digits beyond those wanted make
	if p.acc.scale > out.column.Scale {
		unit = fixed.Pow10(p.acc.scale - out.column.Scale)
	}
	for split := range p.splits {
		first := g.splitBase(split)
		for i, from := range p.cells {
			if p.stopped() {
				return
			}
			row := p.acc.row(from.first, split)
			packed, at := p.acc.packedRow(row)[1:], i*g.splits+first
			for place, b := range base {
				n, count := column.Unpack(packed[place])
				if wide {
					n, count = acc.totals(row*acc.stride + place + 1)
				}
				if unit > 1 {
					n = dividedBy(n, unit)
				}
				cell := b.unit*perUnit + b.cell + at
				coef[cell], missing[cell] = n, count == 0
			}
		}
	}
}

// dividedBy rounds half away from zero. Both numbers are far from the limits.
func dividedBy(n, unit int64) int64 {
	if n < 0 {
		return -((unit/2 - n) / unit)
	}
	return (n + unit/2) / unit
}

// scale is that of the column: as few digits as the outcomes can have.
func (p *part) scale() int {
	switch p.acc.aggregate {
	case sum, least, greatest:
		return min(p.acc.scale, p.digits)
	case count:
		return 0
	}
	return p.digits
}

func (p *part) finishCell(out *outcome, cell int, from rows, split, place int) {
	first, second := -1, -1
	if from.first >= 0 && p.acc.has(p.acc.row(from.first, split), place) {
		first = p.acc.row(from.first, split)
	}
	if from.second >= 0 && p.acc.has(p.acc.row(from.second, split), place) {
		second = p.acc.row(from.second, split)
	}
	switch {
	case first < 0 && second < 0:
		if len(p.nulls) > 0 {
			p.finishNull(out, cell, from, split, place)
		}
		return
	case first >= 0 && second >= 0:
		if p.finishTwo(out, cell, first, second, place, from) {
			return
		}
		// Criteria may leave one of the two, which then counts whole.
		p.finishOne(out, cell, first, place, from.days)
		p.finishOne(out, cell, second, place, from.days2)
		return
	case first < 0:
		first, from.days = second, from.days2
	}
	p.finishOne(out, cell, first, place, from.days)
}

// finishNull makes a cell that has nothing but values without a number.
func (p *part) finishNull(out *outcome, cell int, from rows, split, place int) {
	for _, row := range []int{from.first, from.second} {
		if row >= 0 && p.hasNull(p.acc.row(row, split), place) {
			out.set(cell, decimal.Decimal{}, decimal.New(1, 0))
		}
	}
}

// finishOne makes a cell of one row.
func (p *part) finishOne(out *outcome, cell, first, place, days int) {
	if len(p.keep) == 0 && !p.raw && p.finishFast(out, cell, first, place, days) {
		return
	}
	if p.isNullSpread(first, place) {
		if len(p.keep) == 0 && p.run.outer == nil {
			out.set(cell, decimal.Decimal{}, decimal.New(1, 0))
		}
		return
	}
	if p.acc.aggregate == deviation {
		d := p.acc.spread[first*p.acc.stride+place].deviation()
		if all(p.keep, d) {
			out.set(cell, d, decimal.New(1, 0))
		}
		return
	}
	num, den, ok := p.acc.exact(first, place, days)
	switch {
	case p.acc.picked[first*p.acc.stride+place].null && len(p.keep) > 0: // nothing meets no criterion
	case !ok:
		out.other(cell, indicator.Text(p.acc.picked[first*p.acc.stride+place].text))
	case allRatio(p.keep, num, den):
		out.set(cell, num, den)
	}
}

// isNullSpread reports whether a deviation or variance is that of one value, which
// has none. It is shown as 0, but meets no criterion, and is missing in a
// subExpression.
func (p *part) isNullSpread(row, place int) bool {
	switch p.acc.aggregate {
	case deviation, variance:
		return p.acc.spread[row*p.acc.stride+place].n < 2
	}
	return false
}

// finishFast rounds in 64 bits. It is false where that does not do.
func (p *part) finishFast(out *outcome, cell, row, place, days int) bool {
	a := p.acc
	at := row*a.stride + place
	if len(a.spill) > 0 {
		if _, long := a.spill[at]; long {
			return false
		}
	}
	var n, weights int64
	var ok bool
	if a.packed != nil {
		n, weights = a.totals(at)
	}
	switch a.aggregate {
	case sum:
		n, ok = fixed.Rescale(n, a.scale, out.column.Scale)
	case dayMean:
		n, ok = fixed.DivRound(n, a.scale, int64(days), out.column.Scale)
	case mean:
		n, ok = fixed.DivRound(n, a.scale, weights, out.column.Scale)
	case dayShare:
		if n, ok = fixed.Mul(100, n); ok {
			n, ok = fixed.DivRound(n, a.scale, weights, out.column.Scale)
		}
	case count:
		n, ok = weights, true
	case least, greatest:
		n, ok = fixed.Rescale(a.best[at], a.scale, out.column.Scale)
	}
	if ok {
		out.column.Coef[cell], out.column.Missing[cell] = n, false
	}
	return ok
}

// finishTwo makes the cell of a financial year of two years' values, the later
// one with its share of the months (RULES.md#less-frequent-data). The server
// rounds that mean to ten digits before it goes on. It is false if the two do
// not both meet the criteria, which are about what the query gave before years
// are put together.
func (p *part) finishTwo(out *outcome, cell, first, second, place int, from rows) bool {
	n1, d1, ok1 := p.acc.exact(first, place, from.days)
	n2, d2, ok2 := p.acc.exact(second, place, from.days2)
	if !ok1 || !ok2 || !allRatio(p.keep, n1, d1) || !allRatio(p.keep, n2, d2) {
		return false
	}
	early, late := decimal.NewFromInt(int64(12-from.weight)), decimal.NewFromInt(int64(from.weight))
	num := n1.Mul(early).Mul(d2).Add(n2.Mul(late).Mul(d1))
	mean := num.DivRound(d1.Mul(d2).Mul(decimal.New(12, 0)), 10)
	out.set(cell, mean, decimal.New(1, 0))
	return true
}

// An outcome is a column that takes numbers of any length.
type outcome struct {
	column indicator.Column
	digits int
	raw    bool
}

// set rounds num / den into a cell. Of a denominator 0, which no rule makes,
// there is no outcome.
func (o *outcome) set(cell int, num, den decimal.Decimal) {
	if den.IsZero() {
		return
	}
	if o.raw {
		q := num.DivRound(den, 30)
		f, _ := q.Float64()
		o.other(cell, indicator.Float(f))
		return
	}
	d := num.DivRound(den, int32(o.digits))
	v := amountOf(d)
	if v.long == nil && int(v.scale) <= o.column.Scale {
		if n, ok := fixed.Rescale(v.coef, int(v.scale), o.column.Scale); ok {
			o.column.Coef[cell], o.column.Missing[cell] = n, false
			return
		}
	}
	o.other(cell, indicator.Num(d))
}

func (o *outcome) other(cell int, v indicator.Value) {
	if o.column.Other == nil {
		o.column.Other = map[int]indicator.Value{}
	}
	o.column.Other[cell], o.column.Missing[cell] = v, false
}

// all reports whether a number meets every criterion.
func all(criteria []Criterion, d decimal.Decimal) bool {
	return allRatio(criteria, d, decimal.New(1, 0))
}

// allRatio is all for num / den, without dividing; den is positive.
func allRatio(criteria []Criterion, num, den decimal.Decimal) bool {
	for _, c := range criteria {
		if !c.holds(num.Cmp(c.Number.Mul(den))) {
			return false
		}
	}
	return true
}

func (c Criterion) holds(cmp int) bool {
	switch c.Op {
	case "EQ":
		return cmp == 0
	case "GT":
		return cmp > 0
	case "GE":
		return cmp >= 0
	case "LT":
		return cmp < 0
	case "LE":
		return cmp <= 0
	}
	return false
}
