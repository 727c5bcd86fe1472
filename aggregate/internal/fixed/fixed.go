// Package fixed does exact arithmetic on integers with a decimal scale: the
// number is coef × 10^-scale. A function returns false if its result does not
// fit in 64 bits. The caller then uses decimals.
package fixed

import (
	"math"
	"math/bits"
)

// MaxPow is the largest exponent that Pow10 accepts.
const MaxPow = 18

var pow10 = [MaxPow + 1]int64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
}

// Pow10 returns 10^n for n from 0 to MaxPow.
func Pow10(n int) int64 { return pow10[n] }

// Magnitude returns the absolute value of n. The result is right for the least
// int64 too.
func Magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Mul returns a × b, and false if it does not fit.
func Mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(Magnitude(a), Magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}

// Rescale changes the scale of coef from one number of digits to another,
// rounding half away from zero. It is false if the result does not fit.
func Rescale(coef int64, from, to int) (int64, bool) {
	switch {
	case from == to || coef == 0:
		return coef, true
	case from < to:
		if to-from > MaxPow {
			return 0, false
		}
		return Mul(coef, pow10[to-from])
	case from-to > MaxPow:
		return 0, true // less than half a unit: |coef| < 10^19 / 2
	}
	return DivRound(coef, 0, pow10[from-to], 0)
}

// DivRound returns num × 10^-scale / den with the given number of digits after
// the point, rounded half away from zero. It is false if den is 0 or the result
// does not fit.
func DivRound(num int64, scale int, den int64, digits int) (int64, bool) {
	if den == 0 {
		return 0, false
	}
	n, d := Magnitude(num), Magnitude(den)
	hi, lo := uint64(0), n
	switch up := digits - scale; {
	case up > MaxPow || up < -MaxPow:
		return 0, false
	case up > 0:
		hi, lo = bits.Mul64(n, uint64(pow10[up]))
	case up < 0:
		dh, dl := bits.Mul64(d, uint64(pow10[-up]))
		if dh != 0 {
			return 0, false
		}
		d = dl
	}
	if hi >= d {
		return 0, false
	}
	q, r := bits.Div64(hi, lo, d)
	if r >= d-r { // twice the remainder reaches the divisor
		q++
	}
	if q > math.MaxInt64 {
		return 0, false
	}
	if (num < 0) != (den < 0) {
		return -int64(q), true
	}
	return int64(q), true
}
