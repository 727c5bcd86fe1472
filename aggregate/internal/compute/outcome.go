package compute

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// An Outcome is a column of cells that holds numbers of any length.
type Outcome struct {
	Column indicator.Column
	Digits int  // number of decimals to which numbers are rounded
	Raw    bool // numbers are not rounded: they are doubles
}

// Empty returns a column of n cells that are all missing.
func Empty(n int) indicator.Column {
	return indicator.Column{Coef: make([]int64, n), Missing: slices.Repeat([]bool{true}, n)}
}

// Set rounds num / den into a cell. It does nothing if den is 0, which no rule
// makes.
func (o *Outcome) Set(cell int, num, den decimal.Decimal) {
	if den.IsZero() {
		return
	}
	if o.Raw {
		q := num.DivRound(den, 30)
		f, _ := q.Float64()
		o.SetOther(cell, indicator.Float(f))
		return
	}
	d := num.DivRound(den, int32(o.Digits))
	v := AmountOf(d)
	if v.Long == nil && int(v.Scale) <= o.Column.Scale {
		if n, ok := fixed.Rescale(v.Coef, int(v.Scale), o.Column.Scale); ok {
			o.Column.Coef[cell], o.Column.Missing[cell] = n, false
			return
		}
	}
	o.SetOther(cell, indicator.Num(d))
}

// SetOther sets a cell to a value that is not a plain number of the column.
func (o *Outcome) SetOther(cell int, v indicator.Value) {
	if o.Column.Other == nil {
		o.Column.Other = map[int]indicator.Value{}
	}
	o.Column.Other[cell], o.Column.Missing[cell] = v, false
}

// Add adds cell from of col, which has the same scale, to cell to.
func (o *Outcome) Add(to int, col *indicator.Column, from int) {
	if len(col.Coef) == 1 { // col is a constant
		from = 0
	}
	v, isOther := col.Other[from]
	if !isOther && (len(col.Coef) == 0 || col.Missing != nil && col.Missing[from]) {
		return
	}
	had, hadOther := o.Column.Other[to]
	if !isOther && !hadOther {
		n := o.Column.Coef[to] + col.Coef[from]
		if fixed.Magnitude(col.Coef[from]) < wideRoom &&
			fixed.Magnitude(o.Column.Coef[to]) < wideRoom {
			o.Column.Coef[to], o.Column.Missing[to] = n, false
			return
		}
	}
	if !isOther {
		v = indicator.Num(decimal.New(col.Coef[from], -int32(col.Scale)))
	}
	switch {
	case hadOther:
	case !o.Column.Missing[to]:
		had = indicator.Num(decimal.New(o.Column.Coef[to], -int32(o.Column.Scale)))
	default:
		o.SetOther(to, v)
		return
	}
	o.SetOther(to, sumOf(had, v))
}

// sumOf returns the sum of two numbers. Not-a-number and the infinities stay
// what they are.
func sumOf(v, w indicator.Value) indicator.Value {
	a, ok1 := v.Decimal()
	b, ok2 := w.Decimal()
	if !ok1 || !ok2 {
		x, _ := v.Float64()
		y, _ := w.Float64()
		return indicator.Float(x + y)
	}
	return indicator.Num(a.Add(b))
}
