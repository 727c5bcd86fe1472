package num

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// A dec is the decimal number ±coef × 10^exp in the shortest text of a double.
// It has at most 17 digits.
type dec struct {
	neg  bool
	coef uint64
	exp  int
}

// dec returns the decimal number of a, which must be finite.
func (a Num) dec() dec {
	if a.S >= 0 {
		return dec{a.N < 0, magnitude(a.N), -int(a.S)}
	}
	return fromDouble(a.Float())
}

// fromDouble returns the decimal number of f, which must be finite.
func fromDouble(f float64) dec {
	if f == 0 {
		return dec{}
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	if text[1] == 'e' || text[0] == '-' && text[2] == 'e' {
		// Java writes at least two digits and then chooses the closest two.
		// That makes a difference for the smallest numbers: 4.9E-324.
		text = strconv.AppendFloat(buf[:0], f, 'e', 1, 64)
	}
	var d dec
	i := 0
	if text[0] == '-' {
		d.neg = true
		i++
	}
	point := false
	for ; text[i] != 'e'; i++ {
		if text[i] == '.' {
			point = true
			continue
		}
		d.coef = d.coef*10 + uint64(text[i]-'0')
		if point {
			d.exp--
		}
	}
	i++
	sign := text[i]
	exp := 0
	for _, c := range text[i+1:] {
		exp = exp*10 + int(c-'0')
	}
	if sign == '-' {
		exp = -exp
	}
	d.exp += exp
	return d
}

// num returns the double nearest to d.
func (d dec) num() Num { return small(d.neg, d.coef, d.exp) }

// small returns the double nearest to ±coef × 10^exp. A zero is never -0.
func small(neg bool, coef uint64, exp int) Num {
	if coef == 0 {
		return Num{}
	}
	if coef >= Limit || exp < -MaxScale {
		coef, exp = strip(coef, exp)
	}
	if exp > 0 && exp <= 15 {
		if hi, lo := bits.Mul64(coef, pow10[exp]); hi == 0 && lo < Limit {
			coef, exp = lo, 0
		}
	}
	if coef < Limit && -MaxScale <= exp && exp <= 0 {
		n := int64(coef)
		if neg {
			n = -n
		}
		return Num{n, int8(-exp)}
	}
	return parse(neg, 0, coef, exp)
}

// strip removes trailing zeros from coef and adjusts exp.
func strip(coef uint64, exp int) (uint64, int) {
	for _, n := range [...]int{8, 4, 2, 1, 1} {
		if q := coef / pow10[n]; q*pow10[n] == coef {
			coef, exp = q, exp+n
		}
	}
	return coef, exp
}

// wide returns the double nearest to ±(hi,lo) × 10^exp, where (hi,lo) has 128
// bits.
func wide(neg bool, hi, lo uint64, exp int) Num {
	if hi == 0 {
		return small(neg, lo, exp)
	}
	return parse(neg, hi, lo, exp)
}

// parse returns the nearest double. It uses one operation on doubles if both
// operands are exact, and strconv otherwise.
func parse(neg bool, hi, lo uint64, exp int) Num {
	if hi == 0 && lo < 1<<53 && -MaxScale <= exp && exp <= MaxScale {
		f := float64(lo)
		if exp < 0 {
			f /= floatPow10[-exp]
		} else {
			f *= floatPow10[exp]
		}
		if neg {
			f = -f
		}
		return fromBits(f)
	}
	var buf [80]byte
	text := buf[:0]
	if neg {
		text = append(text, '-')
	}
	text = appendWide(text, hi, lo)
	text = append(text, 'e')
	text = strconv.AppendInt(text, int64(exp), 10)
	f, _ := strconv.ParseFloat(string(text), 64) // an error means that f is an infinity
	if f == 0 {
		return Num{} // decimal operations never return -0
	}
	return fromBits(f)
}

// appendWide appends the digits of (hi,lo), which is less than 10^38.
func appendWide(text []byte, hi, lo uint64) []byte {
	if hi == 0 {
		return strconv.AppendUint(text, lo, 10)
	}
	q, r := bits.Div64(hi, lo, 1e19)
	text = strconv.AppendUint(text, q, 10)
	start := len(text)
	text = append(text, "0000000000000000000"...)
	for i := len(text) - 1; i >= start; i-- {
		text[i] = byte('0' + r%10)
		r /= 10
	}
	return text
}

// addSlow returns a + b for numbers of any size.
func addSlow(a, b Num) (Num, error) {
	x, y, finite, err := operands(a, b)
	if !finite {
		return NaN, err
	}
	if x.exp < y.exp {
		x, y = y, x
	}
	d := x.exp - y.exp
	switch {
	case x.coef == 0:
		return y.num(), nil
	case y.coef == 0:
		return x.num(), nil
	case d > 20:
		return addBig(x, y), nil
	}
	// 17 digits followed by up to 20 zeros need less than 127 bits.
	hi, lo := bits.Mul64(x.coef, pow10[min(d, 19)])
	if d == 20 {
		h, l := bits.Mul64(lo, 10)
		hi, lo = hi*10+h, l
	}
	if x.neg == y.neg {
		var carry uint64
		lo, carry = bits.Add64(lo, y.coef, 0)
		return wide(x.neg, hi+carry, lo, y.exp), nil
	}
	lo, borrow := bits.Sub64(lo, y.coef, 0)
	if hi < borrow { // y is larger than x
		return small(y.neg, -lo, y.exp), nil
	}
	return wide(x.neg, hi-borrow, lo, y.exp), nil
}

// addBig adds numbers whose exponents are far apart. x must have the greater
// exponent.
func addBig(x, y dec) Num {
	sum := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(x.exp-y.exp)), nil)
	sum.Mul(sum, new(big.Int).SetUint64(x.coef))
	small := new(big.Int).SetUint64(y.coef)
	if x.neg {
		sum.Neg(sum)
	}
	if y.neg {
		small.Neg(small)
	}
	sum.Add(sum, small)
	f, _ := strconv.ParseFloat(sum.String()+"e"+strconv.Itoa(y.exp), 64)
	if f == 0 {
		return Num{}
	}
	return fromBits(f)
}

func digitsOf(n uint64) int {
	d := (bits.Len64(n) * 1233) >> 12 // log10(2) × 4096
	if d < len(pow10) && n >= pow10[d] {
		d++
	}
	return d
}

// div returns x / y with prec digits, at most 17, with ties to even. Neither
// operand is zero, and both have at most 17 digits.
func div(x, y dec, prec int) dec {
	// Two more digits than wanted make sure that the rounding is right.
	k := prec + 1 + digitsOf(y.coef) - digitsOf(x.coef)
	coef, hi, lo := x.coef, uint64(0), uint64(0)
	switch {
	case k < 0: // prec is less than the number of digits of x
		k = 0
		lo = coef
	case k <= 19:
		hi, lo = bits.Mul64(coef, pow10[k])
	default:
		hi, lo = bits.Mul64(coef*pow10[k-19], pow10[19])
	}
	q, r := bits.Div64(hi, lo, y.coef)
	return round(dec{x.neg != y.neg, q, x.exp - y.exp - k}, prec, r != 0)
}

// round rounds d to prec digits, with ties to even. sticky means that digits
// other than 0 follow the last one of d.
func round(d dec, prec int, sticky bool) dec {
	drop := digitsOf(d.coef) - prec
	if drop <= 0 {
		return d
	}
	p := pow10[drop]
	q, r := d.coef/p, d.coef%p
	if r > p/2 || r == p/2 && (sticky || q&1 == 1) {
		q++
	}
	return dec{d.neg, q, d.exp + drop}
}

// mul returns x × y with prec digits, at most 17, with ties to even.
func mul(x, y dec, prec int) dec {
	hi, lo := bits.Mul64(x.coef, y.coef)
	d := dec{x.neg != y.neg, lo, x.exp + y.exp}
	sticky := false
	if hi != 0 { // drop digits until 19 or 20 are left
		drop := digitsOf(hi)
		var r uint64
		d.coef, r = bits.Div64(hi, lo, pow10[drop])
		d.exp += drop
		sticky = r != 0
	}
	return round(d, prec, sticky)
}

// Pow returns a to the power of b with 7 significant digits. It first drops the
// fraction of b (RULES.md#powers).
func Pow(a, b Num) (Num, error) {
	x, y, finite, err := operands(a, b)
	if !finite {
		return NaN, err
	}
	n := lowInt32(y)
	if n == 0 {
		return Num{1, 0}, nil
	}
	k := digitsOf(magnitude(int64(n)))
	if k > 7 {
		return NaN, ErrExponent
	}
	if x.coef == 0 {
		if n < 0 {
			return NaN, ErrZeroBase
		}
		return Num{}, nil
	}
	prec := 7 + k + 1
	m := uint32(magnitude(int64(n)))
	acc := dec{coef: 1}
	for i := bits.Len32(m) - 1; i >= 0; i-- {
		if m>>i&1 == 1 {
			acc = mul(acc, x, prec)
		}
		if i > 0 {
			acc = mul(acc, acc, prec)
		}
	}
	if n < 0 {
		acc = div(dec{coef: 1}, acc, prec)
	}
	return round(acc, 7, false).num(), nil
}

// lowInt32 drops the fraction of d and returns the low 32 bits.
func lowInt32(d dec) int32 {
	var n uint32
	switch {
	case d.exp > 0: // modulo 2^32, which unsigned numbers do by themselves
		n = uint32(d.coef)
		for range min(d.exp, 32) { // 10^32 is a multiple of 2^32
			n *= 10
		}
	case -d.exp < len(pow10):
		n = uint32(d.coef / pow10[-d.exp])
	}
	if d.neg {
		n = -n
	}
	return int32(n)
}

// Round rounds the shortest decimal text of a to digits places after the point,
// with ties away from zero (RULES.md#rounding). A zero result keeps the sign of
// a; not-a-number and the infinities stay as they are.
func (a Num) Round(digits int) Num {
	if a.S >= 0 && int(a.S) <= digits || a.IsNaN() || a.IsInf() || a.IsZero() {
		return a
	}
	d := a.dec()
	drop := -d.exp - digits
	if drop <= 0 {
		return a
	}
	if drop < len(pow10) {
		p := pow10[drop]
		q, r := d.coef/p, d.coef%p
		if r >= p-p/2 {
			q++
		}
		d.coef, d.exp = q, d.exp+drop
	} else {
		d.coef = 0
	}
	if d.coef == 0 && d.neg {
		return fromBits(math.Copysign(0, -1))
	}
	return d.num()
}
