package analytics

import (
	"cmp"
	"math"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// compareValues compares values in the order of a server: what is missing, then
// numbers, then what is no number at all (NaN), then texts. A text that reads as
// a number is one.
func compareValues(v, w indicator.Value) int {
	a, b := orderOf(v), orderOf(w)
	return cmp.Or(cmp.Compare(a.class, b.class), a.number.Cmp(b.number), cmp.Compare(a.text, b.text))
}

// An order is where a value comes among others.
type order struct {
	class  int
	number decimal.Decimal
	text   string
}

const (
	orderMissing = iota
	orderLow     // -Infinity
	orderNumber
	orderHigh // Infinity
	orderNaN
	orderText
)

func orderOf(v indicator.Value) order {
	if v.IsMissing() {
		return order{class: orderMissing}
	}
	if d, ok := v.Decimal(); ok {
		return order{class: orderNumber, number: d}
	}
	f, ok := v.Float64()
	switch {
	case ok && math.IsInf(f, -1):
		return order{class: orderLow}
	case ok && math.IsInf(f, 1):
		return order{class: orderHigh}
	case ok:
		return order{class: orderNaN}
	}
	text := v.String()
	if d, ok := parseNumber(text); ok {
		return order{class: orderNumber, number: d}
	}
	return order{class: orderText, text: text}
}
