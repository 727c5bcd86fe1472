package indicator

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// The methods below convert values (RULES.md#conversions). A missing value
// stays missing. An impossible conversion is a type error at node i.

func (m *machine) number(v Value, i int32) Value {
	if v.isNumber() || v.kind <= missing || v.kind == failed {
		return v
	}
	if v.kind == truth && m.exactly() { // the server's database counts truth values as 1 and 0
		return numeric(num.Num{N: v.n})
	}
	f, ok := v.toNumber()
	if !ok {
		return m.failf(i, "%s is no number", v.describe())
	}
	return numeric(f)
}

func (m *machine) truth(v Value, i int32) Value {
	if v.kind == truth || v.kind == missing || v.kind == failed {
		return v
	}
	b, ok := v.toTruth()
	if !ok {
		return m.failf(i, "%s is neither true nor false", v.describe())
	}
	return Truth(b)
}

func (m *machine) text(v Value) Value {
	if v.kind == text || v.kind == missing || v.kind == failed {
		return v
	}
	return Text(v.toText())
}

// toNumber, toTruth and toText convert values that are not missing. Numbers
// must be operands.

func (v Value) toNumber() (num.Num, bool) {
	switch v = v.operand(); v.kind {
	case number:
		return v.num(), true
	case text:
		f, ok := parseNumber(*v.str)
		return num.FromFloat(f), ok
	}
	return num.Num{}, false
}

func (v Value) toTruth() (value, ok bool) {
	switch v = v.operand(); v.kind {
	case truth:
		return v.n != 0, true
	case number:
		f := v.num().Float()
		return f != 0, f == math.Trunc(f) && !math.IsInf(f, 0)
	case text:
		switch {
		case strings.EqualFold(*v.str, "true"):
			return true, true
		case strings.EqualFold(*v.str, "false"):
			return false, true
		}
	}
	return false, false
}

func (v Value) toText() string {
	switch v = v.operand(); v.kind {
	case number:
		return v.num().String()
	case truth:
		return strconv.FormatBool(v.n != 0)
	}
	return *v.str
}

// describe returns a description of the value for an error.
func (v Value) describe() string {
	switch v.kind {
	case missing:
		return "a missing value"
	case text:
		return "text " + quote.Text(*v.str)
	case number:
		if s := v.String(); len(s) > 20 {
			return v.num().String()
		}
	}
	return v.String()
}

// parseNumber parses a text as Java does: a decimal or hexadecimal number with
// an exponent, NaN or Infinity. Blanks around it and a trailing d or f are
// allowed.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" {
		return 0, false
	}
	sign := s[:len(s)-len(digits)]
	switch digits {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(len("+") - 2*strings.Count(sign, "-")), true
	}
	hex := len(digits) > 1 && digits[0] == '0' && digits[1]|0x20 == 'x'
	last := digits[len(digits)-1] | 0x20
	if (last == 'd' || last == 'f') && (!hex || strings.ContainsAny(digits, "pP")) { // 1.5d
		digits = digits[:len(digits)-1]
	}
	for _, c := range []byte(digits) {
		switch {
		case '0' <= c && c <= '9', c == '.', c == '+', c == '-',
			c|0x20 == 'e', c|0x20 == 'p', c|0x20 == 'x':
		case hex && 'a' <= c|0x20 && c|0x20 <= 'f':
		default: // strconv would also accept inf and underscores
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(sign+digits, 64)
	if e, ok := err.(*strconv.NumError); ok && e.Err != strconv.ErrRange {
		return 0, false
	}
	return f, true
}

// compare orders two values that are not missing (RULES.md#comparison). ok is
// false if they cannot be compared.
func compare(x, y Value) (order int, ok bool) {
	if x.kind == number && y.kind == number {
		return num.Compare(x.num(), y.num()), true
	}
	if x.isNumber() && y.isNumber() {
		return compareNumbers(x, y), true
	}
	if x.isNumber() || y.isNumber() {
		a, ok := x.toNumber()
		b, ok2 := y.toNumber()
		if ok && ok2 {
			return num.Compare(a, b), true
		}
	}
	if x.kind == truth || y.kind == truth {
		a, ok := x.toTruth()
		b, ok2 := y.toTruth()
		switch {
		case !ok || !ok2:
		case a == b:
			return 0, true
		case b:
			return -1, true
		default:
			return 1, true
		}
	}
	if x.kind == text || y.kind == text {
		return compareText(x.toText(), y.toText()), true
	}
	return 0, false
}

// compareText orders texts by their UTF-16 code units.
func compareText(a, b string) int { return cmp.Compare(syntax.CodeUnits(a), syntax.CodeUnits(b)) }
