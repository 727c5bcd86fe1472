// Package num has the numbers of the expression language. They are doubles, but
// operations use the decimal number in the shortest text of a double
// (RULES.md#arithmetic).
//
// Nearly all numbers in health data have few digits. Up to 15 digits a decimal
// number and its nearest double identify each other: the shortest text of the
// double is the decimal number. So a Num holds a whole number and a scale if it
// can, and the bits of a double if it must. Operations give the same result for
// both.
package num

import (
	"cmp"
	"math"
	"math/bits"
	"strconv"
)

const (
	// Limit is larger than all whole numbers of a Num: they have at most 15
	// digits.
	Limit = 1e15
	// MaxScale is the largest scale of a Num. 10^22 is the largest power of ten
	// that a double can be exactly, so that one division gives the nearest
	// double.
	MaxScale = 22
)

// A Num is a double. The zero Num is 0.
type Num struct {
	N int64 // the whole number if S is not negative, or the bits of a double
	S int8  // the scale from 0 to MaxScale, where the number is N × 10^-S; -1 means that N has the bits
}

// NaN is not a number.
var NaN = Num{int64(math.Float64bits(math.NaN())), -1}

// An abort is an error of an operation that has no result. DHIS2 then fails the
// whole request.
type abort string

func (e abort) Error() string { return string(e) }

// These are the errors of operations.
const (
	ErrInfinite abort = "an infinity in decimal arithmetic"
	ErrZeroBase abort = "zero to a negative power"
	ErrExponent abort = "an exponent of more than 7 digits"
)

var pow10 = [...]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

var floatPow10 = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// Pow10 returns 10^n for n from 0 to MaxScale.
func Pow10(n int) float64 { return floatPow10[n] }

// FromFloat returns f as a Num.
func FromFloat(f float64) Num {
	if f == 0 && math.Signbit(f) || !(math.Abs(f) < Limit) {
		return fromBits(f)
	}
	// Most numbers have at most four decimals.
	for s := int8(0); s <= 4; s++ {
		n := math.RoundToEven(f * floatPow10[s])
		if math.Abs(n) < Limit && n/floatPow10[s] == f {
			return Num{int64(n), s}
		}
	}
	return fromBits(f)
}

func fromBits(f float64) Num { return Num{int64(math.Float64bits(f)), -1} }

// FromDecimal returns the double nearest to coef × 10^-scale.
func FromDecimal(coef int64, scale int) Num {
	neg := coef < 0
	c := uint64(coef)
	if neg {
		c = -c
	}
	return small(neg, c, -scale)
}

// Float returns a as a double.
func (a Num) Float() float64 {
	switch {
	case a.S == 0:
		return float64(a.N)
	case a.S > 0:
		return float64(a.N) / floatPow10[a.S]
	}
	return math.Float64frombits(uint64(a.N))
}

// IsNaN reports whether a is not a number.
func (a Num) IsNaN() bool { return a.S < 0 && math.IsNaN(a.Float()) }

// IsInf reports whether a is an infinity.
func (a Num) IsInf() bool { return a.S < 0 && math.IsInf(a.Float(), 0) }

// IsZero reports whether a is 0 or -0.
func (a Num) IsZero() bool { return a.N == 0 && a.S >= 0 || a.S < 0 && a.Float() == 0 }

// IsPlusZero reports whether a is 0 and not -0.
func (a Num) IsPlusZero() bool { return a.N == 0 } // the bits of 0 are 0 as well

// Neg returns -a. The negative of 0 is -0.
func (a Num) Neg() Num {
	switch {
	case a.S < 0:
		return FromFloat(-a.Float())
	case a.N == 0:
		return fromBits(math.Copysign(0, -1))
	}
	return Num{-a.N, a.S}
}

// Compare orders numbers. -0 is less than 0. Not-a-number equals itself and is
// greater than all others.
func Compare(a, b Num) int {
	if a.S >= 0 && a.S == b.S {
		return cmp.Compare(a.N, b.N)
	}
	x, y := a.Float(), b.Float()
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	case x == y && x != 0: // the same double, in either form
		return 0
	}
	xb, yb := int64(math.Float64bits(x)), int64(math.Float64bits(y))
	switch xn, yn := math.IsNaN(x), math.IsNaN(y); {
	case xn && yn:
		return 0
	case xn:
		return 1
	case yn:
		return -1
	}
	return cmp.Compare(xb, yb) // zeros are ordered by sign
}

// Add returns a + b.
func Add(a, b Num) (Num, error) {
	if a.S == b.S && a.S >= 0 {
		if n := a.N + b.N; -Limit < n && n < Limit {
			return Num{n, a.S}, nil
		}
	}
	if a.S >= 0 && b.S >= 0 {
		if n, s, ok := align(a, b); ok {
			return Num{n, s}, nil
		}
	}
	return addSlow(a, b)
}

// align adds numbers of different scales. The last result is false if the sum
// is too large for a Num of whole numbers.
func align(a, b Num) (int64, int8, bool) {
	if a.S < b.S {
		a, b = b, a
	}
	d := int(a.S - b.S)
	if d > 15 {
		return 0, 0, false
	}
	p := int64(pow10[d])
	if b.N > math.MaxInt64/4/p || b.N < -math.MaxInt64/4/p {
		return 0, 0, false
	}
	n := a.N + b.N*p
	return n, a.S, -Limit < n && n < Limit
}

// Sub returns a - b.
func Sub(a, b Num) (Num, error) {
	if b.S >= 0 {
		return Add(a, Num{-b.N, b.S})
	}
	return Add(a, b.Neg())
}

// Mul returns a × b.
func Mul(a, b Num) (Num, error) {
	if a.S >= 0 && b.S >= 0 {
		hi, lo := bits.Mul64(magnitude(a.N), magnitude(b.N))
		if s := a.S + b.S; hi == 0 && lo < Limit && s <= MaxScale {
			n := int64(lo)
			if a.N < 0 != (b.N < 0) {
				n = -n
			}
			return Num{n, s}, nil
		}
	}
	x, y, finite, err := operands(a, b)
	if !finite {
		return NaN, err
	}
	hi, lo := bits.Mul64(x.coef, y.coef)
	return wide(x.neg != y.neg, hi, lo, x.exp+y.exp), nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Div returns a / b with 16 significant digits and ties to even. It is NaN if b
// is zero.
func Div(a, b Num) (Num, error) {
	if b.IsZero() { // the result is NaN even if a is an infinity
		return NaN, nil
	}
	x, y, finite, err := operands(a, b)
	switch {
	case !finite:
		return NaN, err
	case x.coef == 0:
		return Num{}, nil
	}
	return div(x, y, 16).num(), nil
}

// Rem returns the remainder of a divided by b, with the sign of a. It is NaN if
// b is zero.
func Rem(a, b Num) (Num, error) {
	if b.IsZero() { // the result is NaN even if a is an infinity
		return NaN, nil
	}
	x, y, finite, err := operands(a, b)
	if !finite {
		return NaN, err
	}
	exp := min(x.exp, y.exp)
	r := x.coef
	if x.exp >= y.exp {
		r %= y.coef
		for d := x.exp - y.exp; d > 0; {
			step := min(d, 19)
			hi, lo := bits.Mul64(r, pow10[step])
			r = bits.Rem64(hi, lo, y.coef)
			d -= step
		}
	} else if d := y.exp - x.exp; d < len(pow10) {
		if hi, lo := bits.Mul64(y.coef, pow10[d]); hi == 0 {
			r %= lo
		} // the remainder is a, since b is larger than a
	}
	return small(x.neg, r, exp), nil
}

// operands returns both operands as decimal numbers. finite is false if an
// operand is not finite; the result is then not-a-number or err.
func operands(a, b Num) (x, y dec, finite bool, err error) {
	switch {
	case a.S >= 0 && b.S >= 0:
	case a.IsNaN(), b.IsNaN():
		return x, y, false, nil
	case a.IsInf(), b.IsInf():
		return x, y, false, ErrInfinite
	}
	return a.dec(), b.dec(), true, nil
}

// String returns the shortest text of a in the form of Java, such as 1.0, 0.001
// or 1.0E7 (rule 5 of RULES.md#conversions).
func (a Num) String() string {
	f := a.Float()
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0 && math.Signbit(f):
		return "-0.0"
	case f == 0:
		return "0.0"
	}
	d := fromDouble(f)
	digits := strconv.FormatUint(d.coef, 10)
	exp := d.exp + len(digits) - 1 // the power of ten of the first digit
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	text := ""
	switch {
	case -3 <= exp && exp < 0:
		text = "0." + zeros[:-exp-1] + digits
	case 0 <= exp && exp < 7:
		for len(digits) < exp+2 {
			digits += "0"
		}
		text = digits[:exp+1] + "." + digits[exp+1:]
	default:
		if len(digits) == 1 {
			digits += "0"
		}
		text = digits[:1] + "." + digits[1:] + "E" + strconv.Itoa(exp)
	}
	if d.neg {
		text = "-" + text
	}
	return text
}

const zeros = "00000000"

// Decimal returns the number as coef × 10^exp. ok is false if a is not finite.
func (a Num) Decimal() (coef int64, exp int, ok bool) {
	if a.IsNaN() || a.IsInf() {
		return 0, 0, false
	}
	d := a.dec()
	coef = int64(d.coef)
	if d.neg {
		coef = -coef
	}
	return coef, d.exp, true
}

// Word returns the text of a number that has no digits: NaN, Infinity,
// -Infinity or -0.
func (a Num) Word() string {
	text := a.String()
	if text == "-0.0" {
		return "-0"
	}
	return text
}
