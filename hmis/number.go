package hmis

import (
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/shopspring/decimal"
)

// maxText is the length of the longest value that may be stored, in characters
// (RULES.md#value-types).
const maxText = 50_000

// Number returns the number that a stored text counts as in aggregation,
// exactly. ok is false if it counts as none. For a numeric type a number is an
// optional minus, digits, and optionally a point with digits, up to 50,000
// characters: 007 is a number; 1e3, 1,000 and text with blanks are not. For a
// boolean type true is 1 and false is 0, but [TrueOnly] has only true. Texts of
// other types are no numbers (RULES.md#numbers).
func (t ValueType) Number(text string) (d decimal.Decimal, ok bool) {
	switch {
	case t.IsNumeric():
		return number(text)
	case t.IsBoolean() && text == "true":
		return decimal.New(1, 0), true
	case t == Boolean && text == "false":
		return decimal.Decimal{}, true
	}
	return decimal.Decimal{}, false
}

func decimalOf(n int64) decimal.Decimal { return decimal.New(n, 0) }

func number(text string) (decimal.Decimal, bool) {
	if coef, scale, ok := scan.Plain(text); ok {
		return decimal.New(coef, -int32(scale)), true
	}
	if len(text) > maxText || !scan.Lenient(text) {
		return decimal.Decimal{}, false
	}
	d, err := decimal.NewFromString(text)
	return d, err == nil
}
