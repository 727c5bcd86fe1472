// Package decimal reads the numbers in messages, which are decimals of XML
// Schema: an optional sign and digits with at most one point. They stay texts,
// so that no digit is lost.
package decimal

import "strings"

// Digits returns the number of digits in a decimal. ok is false if text is no
// decimal.
func Digits[T string | []byte](text T) (digits int, ok bool) {
	point := false
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9:
			digits++
		case c == '.' && !point:
			point = true
		case (c == '-' || c == '+') && i == 0:
		default:
			return 0, false
		}
	}
	return digits, digits > 0
}

// IsZero reports whether a decimal is 0, in any spelling.
func IsZero(text string) bool { return strings.Trim(text, "+-0.") == "" }

// Number returns the digits of a decimal without extra zeros, and whether it is
// negative. Equal numbers give equal results: 2.0 is 2, and -0 is 0.
func Number(text string) (digits string, negative bool) {
	negative = strings.HasPrefix(text, "-")
	i := 0
	for i < len(text) && (text[i] == '+' || text[i] == '-' || text[i] == '0') {
		i++
	}
	digits = text[i:]
	if strings.IndexByte(digits, '.') >= 0 {
		digits = strings.TrimSuffix(strings.TrimRight(digits, "0"), ".")
	}
	if digits == "" {
		return "0", false
	}
	return digits, negative
}

// Plain returns a decimal in a spelling that DHIS2 counts as a number: 3 for
// +3, 0.5 for .5 and 5 for 5. with a point. Extra zeros stay.
func Plain(text string) string {
	digits := strings.TrimPrefix(text, "+")
	sign := ""
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		sign, digits = "-", rest
	}
	whole, fraction, point := strings.Cut(digits, ".")
	if whole != "" && (!point || fraction != "") {
		return sign + digits
	}
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return sign + whole + fraction
}
