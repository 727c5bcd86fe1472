package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/shopspring/decimal"
)

// An Amount is one value on its way to a cell: a number as Coef × 10^-Scale, or
// a number too long for that, or a text.
type Amount struct {
	Coef  int64
	Scale int32
	Long  *decimal.Decimal
	Text  string
}

// AmountOf returns a number as an amount.
func AmountOf(d decimal.Decimal) Amount {
	if d.Exponent() > 0 || d.NumDigits() > 18 { // asking its coefficient would make a copy of it
		long := d
		return Amount{Long: &long}
	}
	return Amount{Coef: d.CoefficientInt64(), Scale: -d.Exponent()}
}

// Decimal returns the number, which is 0 for a text.
func (v Amount) Decimal() decimal.Decimal {
	if v.Long != nil {
		return *v.Long
	}
	return decimal.New(v.Coef, -v.Scale)
}

// at returns the amount as an integer with the given scale and multiplied. ok
// is false if that is not exact or near the limits of 64 bits.
func (v Amount) at(scale int, times int64) (n int64, ok bool) {
	if v.Long != nil || int(v.Scale) > scale || scale-int(v.Scale) > fixed.MaxPow {
		return 0, false
	}
	n, ok = fixed.Mul(v.Coef, fixed.Pow10(scale-int(v.Scale)))
	if ok {
		n, ok = fixed.Mul(n, times)
	}
	return n, ok && fixed.Magnitude(n) < 1<<61
}

// ValueDigits are the significant digits that a subExpression reads of a value:
// those that a database keeps when it makes a decimal number of a double.
const ValueDigits = 15

// cut rounds a number to the digits that a subExpression reads of it.
func (v Amount) cut() Amount {
	d := v.Decimal()
	over := int32(d.NumDigits() - ValueDigits)
	if v.Text != "" || over <= 0 {
		return v
	}
	return AmountOf(d.Round(-d.Exponent() - over))
}
