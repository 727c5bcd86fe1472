package analytics

import (
	"math"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator"
)

// A writing is a form in which numbers are written.
type writing uint8

const (
	asFits   writing = iota // write "12" for a whole number, else "12.5"
	asDouble                // write "12.0"
	asWhole                 // write "12"
)

// valueText returns the text of a value in a row. A text stays as it is, and a
// missing value becomes "". Numbers have been rounded before. A whole number
// has all its digits; any other has the shortest text of the server's double.
func valueText(v indicator.Value, w writing) string { return numberText(v, w, false) }

// exchangeText returns the text of a value in a data value set, in which a
// server writes large numbers with an exponent.
func exchangeText(v indicator.Value, w writing) string { return numberText(v, w, true) }

func numberText(v indicator.Value, w writing, exponents bool) string {
	if v.IsMissing() {
		return ""
	}
	f, ok := v.Float64()
	if !ok {
		return v.String()
	}
	if w == asDouble || w == asFits && f != math.Trunc(f) {
		return doubleText(f, exponents)
	}
	if math.Abs(f) < maxExact && f == math.Trunc(f) {
		return strconv.FormatInt(int64(f), 10)
	}
	if d, finite := v.Decimal(); finite && d.IsInteger() {
		return d.String()
	} else if !finite || w == asFits {
		return doubleText(f, exponents)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// maxExact is the limit up to which a double can represent every whole number.
const maxExact = 1 << 53

// doubleText returns a double in the form of a server, which is that of Java.
// Small and large numbers have an exponent. Large positive numbers have plain
// digits instead unless exponents is set.
func doubleText(f float64, exponents bool) string {
	const small, large = 1e-3, 1e7
	switch size := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nonFinite(f)
	case f != 0 && size < small || size >= large && (f < 0 || exponents):
		return scientific(f)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if strings.IndexByte(text, '.') < 0 {
		text += ".0" // Java writes at least one digit after the point
	}
	return text
}

// scientific returns a double in the form 1.0E-4 or -1.25E7.
func scientific(f float64) string {
	digits, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if strings.IndexByte(digits, '.') < 0 {
		digits += ".0"
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	return digits + "E" + sign + strings.TrimLeft(exponent[1:], "0")
}

// nonFinite returns the word of Java for a double that is not finite.
func nonFinite(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return "NaN"
}

// An output defines how the value of a data item and its parts are written.
type output struct {
	item     indicator.Item
	value    writing
	decimals int  // decimals of the factor, if the item is an indicator
	halfUp   bool // the factor is rounded half up to a whole number
}

// partTexts returns the texts of the five columns of includeNumDen: numerator,
// denominator, factor, multiplier and divisor. They are empty for data
// elements.
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

// factor returns the text of the number by which the quotient is multiplied,
// rounded like the value.
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
