package analytics

import (
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// A writing is how a number becomes text (analytics specification, section
// 14.3).
type writing uint8

const (
	asFits   writing = iota // "12" if it is whole, else "12.5"
	asDouble                // "12.0"
	asWhole                 // "12"
)

// valueText writes a value. Texts stay as they are; missing is "". Numbers come
// rounded, and are written as the shortest text of the server's double, which
// has 15 digits or more. Only where a double could not tell whole numbers apart
// are all digits written.
func valueText(v indicator.Value, w writing) string {
	if v.IsMissing() {
		return ""
	}
	f, ok := v.Float64()
	if !ok {
		return v.String()
	}
	if size := math.Abs(f); size >= 0.001 && size < maxExact {
		return withPoint(strconv.FormatFloat(f, 'f', -1, 64), w)
	}
	d, finite := v.Decimal()
	switch {
	case !finite:
		return nonFinite(f)
	case f == 0 && math.Signbit(f) && w == asDouble:
		return "-0.0"
	}
	return decimalWriting(d, w)
}

// maxExact is up to where doubles hold every whole number.
const maxExact = 1 << 53

// withPoint adds the digit that a double has behind its point even if it is
// whole.
func withPoint(text string, w writing) string {
	if w == asDouble && strings.IndexByte(text, '.') < 0 {
		return text + ".0"
	}
	return text
}

func decimalWriting(d decimal.Decimal, w writing) string {
	if w != asWhole && d.Sign() != 0 && d.Abs().LessThan(thousandth) {
		return scientific(d)
	}
	return withPoint(d.String(), w)
}

var thousandth = decimal.New(1, -3)

// scientific writes a small number as Java does: 1.0E-4, 1.25E-7.
func scientific(d decimal.Decimal) string {
	digits := strings.TrimRight(d.Coefficient().Text(10), "0")
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	rest := digits[1:]
	if rest == "" {
		rest = "0"
	}
	exponent := d.NumDigits() + int(d.Exponent()) - 1
	return sign + digits[:1] + "." + rest + "E" + strconv.Itoa(exponent)
}

// nonFinite writes what is no decimal as Java does.
func nonFinite(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return "NaN"
}

// An output says how the value of one data item is written, and the parts of it.
type output struct {
	item     indicator.Item
	value    writing
	decimals int  // of the factor, if the item is an indicator
	halfUp   bool // the factor is rounded half up, to a whole number
}

// partTexts writes the five columns of includeNumDen: numerator, denominator,
// factor, multiplier and divisor (analytics specification, sections 10.5 and
// 12.6). Data elements have none of them.
func (o output) partTexts(numerator, denominator indicator.Value, multiplier, divisor int) [5]string {
	switch o.item.Kind {
	case indicator.ReportingRateItem:
		return [5]string{valueText(numerator, asDouble), valueText(denominator, asDouble), "100", "", ""}
	case indicator.IndicatorItem:
		return [5]string{
			valueText(numerator, o.value), valueText(denominator, o.value), o.factor(multiplier, divisor),
			strconv.Itoa(multiplier), strconv.Itoa(divisor),
		}
	}
	return [5]string{}
}

// factor writes what a quotient is multiplied with, rounded like the value.
func (o output) factor(multiplier, divisor int) string {
	if divisor == 0 {
		return ""
	}
	f := float64(multiplier) / float64(divisor)
	if o.halfUp {
		return valueText(indicator.Float(math.Floor(f+0.5)), asWhole)
	}
	return valueText(indicator.Float(f).Round(o.decimals), o.value)
}
