package analytics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// RULES.md#number-text
func TestNumberText(t *testing.T) {
	exact := func(s string) indicator.Value { return indicator.Num(decimal.RequireFromString(s)) }
	negativeZero := indicator.Float(math.Copysign(0, -1))
	tests := []struct {
		value               indicator.Value
		fits, double, whole string
	}{
		{exact("646"), "646", "646.0", "646"},
		{exact("33.80"), "33.8", "33.8", "33.8"},
		{exact("12.46"), "12.46", "12.46", "12.46"},
		{exact("0"), "0", "0.0", "0"},
		{exact("-2.5"), "-2.5", "-2.5", "-2.5"},
		{negativeZero, "0", "-0.0", "0"},
		{exact("10000000"), "10000000", "10000000.0", "10000000"},
		{exact("12345678.5"), "12345678.5", "12345678.5", "12345678.5"},
		{exact("12345678.0123456789"), "12345678.01234568", "12345678.01234568", "12345678.01234568"}, // the double has no more digits
		{exact("2474576.2711864407"), "2474576.2711864407", "2474576.2711864407", "2474576.2711864407"},
		{exact("90071992547409.93"), "90071992547409.94", "90071992547409.94", "90071992547409.94"},
		{exact("9007199254740993"), "9007199254740993", "9007199254740992.0", "9007199254740993"}, // this is 2^53 + 1
		{exact("123456789012345678901234567890"), "123456789012345678901234567890", "123456789012345680000000000000.0", "123456789012345678901234567890"},
		{indicator.Float(1e21), "1000000000000000000000", "1000000000000000000000.0", "1000000000000000000000"},
		{indicator.Float(800.0 / 9), "88.88888888888889", "88.88888888888889", "88.88888888888889"},
		{exact("0.001"), "0.001", "0.001", "0.001"},
		{exact("0.0001"), "1.0E-4", "1.0E-4", "0.0001"},
		{exact("-10100051.031"), "-1.0100051031E7", "-1.0100051031E7", "-10100051.031"},
		{exact("-9999999.5"), "-9999999.5", "-9999999.5", "-9999999.5"},
		{exact("-100000000"), "-100000000", "-1.0E8", "-100000000"},
		{exact("101000510.31"), "101000510.31", "101000510.31", "101000510.31"},
		{exact("-0.00012"), "-1.2E-4", "-1.2E-4", "-0.00012"},
		{exact("0.0009996"), "9.996E-4", "9.996E-4", "0.0009996"},
		{exact("0.0000000001"), "1.0E-10", "1.0E-10", "0.0000000001"},
		{exact("0.000500"), "5.0E-4", "5.0E-4", "0.0005"},
		{indicator.Float(math.Inf(1)), "Infinity", "Infinity", "Infinity"},
		{indicator.Float(math.Inf(-1)), "-Infinity", "-Infinity", "-Infinity"},
		{indicator.Float(math.NaN()), "NaN", "NaN", "NaN"},
		{indicator.Text("stock-out"), "stock-out", "stock-out", "stock-out"},
		{indicator.Text("007"), "007", "007", "007"},
		{indicator.Value{}, "", "", ""},
	}
	for _, tt := range tests {
		fits, double, whole := analytics.Fits(tt.value), analytics.Double(tt.value), analytics.Whole(tt.value)
		if fits != tt.fits || double != tt.double || whole != tt.whole {
			t.Errorf("%v is written %s, %s, %s; want %s, %s, %s", tt.value, fits, double, whole, tt.fits, tt.double, tt.whole)
		}
	}
}

// The text of a number with up to 15 digits is the number itself. These are all
// numbers below ten million million with two decimals.
func TestNumberTextIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(2024, 4))
	for range 200_000 {
		scale := random.Int32N(11)
		d := decimal.New(random.Int64N(1_000_000_000_000_000)-500_000_000_000_000, -scale)
		if d.Abs().LessThan(decimal.New(1, -3)) || d.LessThan(decimal.New(-1, 7)) {
			continue // it has an exponent
		}
		want := d.String()
		if got := analytics.Fits(indicator.Num(d)); got != want {
			t.Fatalf("%s is written %s", want, got)
		}
	}
}
