package indicator

import (
	"math"
	"math/big"
	"strconv"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
	"github.com/shopspring/decimal"
)

// A Value is a number, a text, a truth value, or missing. The zero Value is
// missing. Numbers are decimal and as exact as the data; an expression works on
// the nearest doubles, as DHIS2 does. So there are not-a-number, the infinities
// and -0. Compare Values with [Value.Equal], not with ==: one number can have
// several representations.
type Value struct {
	kind  valueKind
	scale int8
	n     int64
	str   *string // a pointer, so that a Value has only 24 bytes; most Values are numbers
}

type valueKind uint8

const (
	missing valueKind = iota
	number            // a number that n and scale hold as a num.Num
	exact             // a number n × 10^-scale that is too large for a num.Num
	long              // a number whose digits are in str
	text
	truth  // a truth value: n is 0 or 1
	failed // an error, which the machine has; only used during an evaluation
)

// These limits keep the work on one number small. They allow as many
// significant digits as a literal may have, and numbers far larger than a
// double can be.
const (
	maxDigits    = 1000
	maxMagnitude = 2000 // every number is below 10^maxMagnitude
)

// Num returns the Value of a number. It is exact up to 1,000 significant
// digits; later digits are dropped. A number from 10^2000 on is an infinity,
// and one below 10^-2000 is 0, as in every expression.
func Num(d decimal.Decimal) Value {
	digits, exp := d.NumDigits(), int(d.Exponent())
	switch {
	case d.IsZero() && (exp > 0 || exp < -math.MaxInt8):
		return numeric0
	case digits+exp > maxMagnitude:
		return Float(math.Inf(d.Sign()))
	case digits+exp <= -maxMagnitude:
		return numeric0
	case digits > maxDigits:
		dropped := digits - maxDigits
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(dropped)), nil)
		coef := d.Coefficient()
		return longNumber(decimal.NewFromBigInt(coef.Quo(coef, unit), int32(exp+dropped)))
	case digits > 18, exp < -math.MaxInt8, exp > 18:
		return longNumber(d)
	}
	coef := d.CoefficientInt64()
	for ; exp > 0; exp-- {
		if coef > math.MaxInt64/10 || coef < math.MinInt64/10 {
			return longNumber(d)
		}
		coef *= 10
	}
	return Scaled(coef, -exp)
}

func longNumber(d decimal.Decimal) Value {
	s := d.String()
	return Value{kind: long, str: &s}
}

// Scaled returns the Value of the number coef × 10^-scale. Unlike [Num] it
// allocates nothing. It panics if scale is not 0 to 127.
func Scaled(coef int64, scale int) Value {
	if uint(scale) > math.MaxInt8 {
		panic("indicator: the scale of a number is not 0 to 127")
	}
	if -num.Limit < coef && coef < num.Limit && scale <= num.MaxScale {
		return Value{kind: number, scale: int8(scale), n: coef}
	}
	return Value{kind: exact, scale: int8(scale), n: coef}
}

// Float returns the Value of a double. Its decimal number is that of its
// shortest text: Float(0.1) is 0.1.
func Float(f float64) Value { return numeric(num.FromFloat(f)) }

func numeric(n num.Num) Value { return Value{kind: number, scale: n.S, n: n.N} }

// Text returns the Value of a text.
func Text(s string) Value { return Value{kind: text, str: &s} }

// Truth returns the Value of a truth value.
func Truth(b bool) Value {
	if b {
		return Value{kind: truth, n: 1}
	}
	return Value{kind: truth}
}

// IsMissing reports whether there is no value.
func (v Value) IsMissing() bool { return v.kind == missing }

// num returns a value of kind number as a Num.
func (v Value) num() num.Num { return num.Num{N: v.n, S: v.scale} }

// operand returns v in the form for computing: a number becomes the nearest
// double.
func (v Value) operand() Value {
	switch v.kind {
	case exact:
		return numeric(num.FromDecimal(v.n, int(v.scale)))
	case long:
		f, _ := strconv.ParseFloat(*v.str, 64) // an error means that f is an infinity
		return Float(f)
	}
	return v
}

// Decimal returns the number in v. ok is false if v is not a finite number.
func (v Value) Decimal() (d decimal.Decimal, ok bool) {
	switch v.kind {
	case number:
		if v.scale >= 0 {
			return decimal.New(v.n, -int32(v.scale)), true
		}
		coef, exp, ok := v.num().Decimal()
		return decimal.New(coef, int32(exp)), ok
	case exact:
		return decimal.New(v.n, -int32(v.scale)), true
	case long:
		d, err := decimal.NewFromString(*v.str)
		return d, err == nil
	}
	return decimal.Decimal{}, false
}

// Float64 returns the double nearest to v, which may be not-a-number or an
// infinity. ok is false if v is not a number.
func (v Value) Float64() (f float64, ok bool) {
	v = v.operand()
	if v.kind != number {
		return 0, false
	}
	return v.num().Float(), true
}

// Bool returns the truth value in v. ok is false if v is not a truth value.
func (v Value) Bool() (value, ok bool) { return v.kind == truth && v.n != 0, v.kind == truth }

// Text returns the text in v. ok is false if v is not a text.
func (v Value) Text() (s string, ok bool) {
	if v.kind != text {
		return "", false
	}
	return *v.str, true
}

// Round rounds the decimal form of a number to digits places after the point,
// with ties away from zero: 1.005 to two digits is 1.01. A double that rounds
// to zero keeps its sign. Other values stay as they are.
func (v Value) Round(digits int) Value {
	switch v.kind {
	case number:
		return numeric(v.num().Round(digits))
	case exact, long:
		if v.kind == exact && int(v.scale) <= digits {
			return v
		}
		d, ok := v.Decimal()
		if !ok {
			return v
		}
		return Num(d.Round(int32(max(math.MinInt16, min(digits, math.MaxInt16)))))
	}
	return v
}

// Equal reports whether v and w are the same: the same number, text or truth
// value, or both missing. Not-a-number equals itself, and -0 is not 0.
func (v Value) Equal(w Value) bool {
	if v.isNumber() && w.isNumber() {
		d, finite := v.Decimal()
		e, finite2 := w.Decimal()
		if finite && finite2 {
			return d.Equal(e) && v.isMinusZero() == w.isMinusZero()
		}
		return num.Compare(v.operand().num(), w.operand().num()) == 0
	}
	if v.kind == text && w.kind == text {
		return *v.str == *w.str
	}
	return v == w
}

func (v Value) isNumber() bool { return v.kind == number || v.kind == exact || v.kind == long }

func (v Value) isMinusZero() bool {
	return v.kind == number && v.num().IsZero() && !v.num().IsPlusZero()
}

// String returns a text as it is, a number in plain digits, and a truth value
// as true or false. For a missing value it is "".
func (v Value) String() string {
	switch v.kind {
	case number, exact:
		if d, ok := v.Decimal(); ok && !v.isMinusZero() {
			return d.String()
		}
		return v.num().Word()
	case long, text:
		return *v.str
	case truth:
		return strconv.FormatBool(v.n != 0)
	}
	return ""
}
