// Package scan reads the small texts of health data exchange: numbers as
// integers with a scale, and the date-time forms that servers write and accept.
package scan

import "math/bits"

// MaxDigits is the largest number of digits in a plain number. Any coefficient
// of so many digits fits in an int64.
const MaxDigits = 18

// Plain reads a number written in plain form and returns it as coef × 10^-scale
// with the digits after the point as written, so that 1.50 is (150, 2). Plain
// is the form that [AppendPlain] writes back byte for byte: an optional minus,
// no leading zeros, no point without digits on both sides, no negative zero,
// and at most [MaxDigits] digits.
func Plain[T string | []byte](s T) (coef int64, scale int8, ok bool) {
	i, n := 0, len(s)
	negative := n > 0 && s[0] == '-'
	if negative {
		i = 1
	}
	if n-i > MaxDigits+1 || i == n {
		return 0, 0, false
	}
	first := i
	for ; i < n; i++ {
		d := s[i] - '0'
		if d > 9 {
			break
		}
		coef = coef*10 + int64(d)
	}
	digits := i - first
	if digits == 0 || digits > 1 && s[first] == '0' {
		return 0, 0, false
	}
	if i < n {
		if s[i] != '.' || i+1 == n {
			return 0, 0, false
		}
		point := i
		for i++; i < n; i++ {
			d := s[i] - '0'
			if d > 9 {
				return 0, 0, false
			}
			coef = coef*10 + int64(d)
		}
		scale = int8(n - point - 1)
		digits += int(scale)
	}
	if digits > MaxDigits || negative && coef == 0 {
		return 0, 0, false
	}
	if negative {
		coef = -coef
	}
	return coef, scale, true
}

// Digits parses the whole number of one to seven digits at the start of a text.
// w is the first eight bytes of the text, the first byte lowest. digits is 0 if
// there is no such number, or if it has more digits or a leading zero.
func Digits(w uint64) (number int64, digits int) {
	const each = 0x0101010101010101
	w ^= '0' * each
	// Bytes that are no digits get their highest bit set. Only the lowest such
	// bit is exact, and that is enough.
	digits = bits.TrailingZeros64((w+0x76*each|w)&(0x80*each)) / 8
	if digits == 8 || digits > 1 && w&0xff == 0 {
		return 0, 0
	}
	// The digits move to the high end, after zeros. Then pairs, fours and
	// eights are added up.
	w <<= 8 * (8 - digits)
	w = (w*10 + w>>8) & 0x00ff00ff00ff00ff
	w = (w*100 + w>>16) & 0x0000ffff0000ffff
	return int64((w*10000 + w>>32) & 0xffffffff), digits
}

// AppendPlain appends coef × 10^-scale with scale digits after the point.
func AppendPlain(b []byte, coef int64, scale int8) []byte {
	u := uint64(coef)
	if coef < 0 {
		b = append(b, '-')
		u = -u
	}
	var room [24]byte
	i := len(room)
	for n := 0; u > 0 || n <= int(scale); n++ {
		if n == int(scale) && scale > 0 {
			i--
			room[i] = '.'
		}
		i--
		room[i] = byte('0' + u%10)
		u /= 10
	}
	return append(b, room[i:]...)
}

// Lenient reports whether aggregation counts s as a number: an optional minus,
// digits, and optionally a point with digits (RULES.md#numbers). Leading zeros
// are accepted; blanks, a plus sign and exponents are not.
func Lenient(s string) bool {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	first := i
	for i < len(s) && s[i]-'0' <= 9 {
		i++
	}
	if i == first {
		return false
	}
	if i == len(s) {
		return true
	}
	if s[i] != '.' || i+1 == len(s) {
		return false
	}
	for i++; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}
