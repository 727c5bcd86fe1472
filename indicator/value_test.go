package indicator_test

import (
	"math"
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestNumbers checks that a number of any length keeps its digits, and that an
// expression uses the nearest double.
func TestNumbers(t *testing.T) {
	tests := []struct{ in, rounded, computed string }{ // in rounded to two digits, and +in computed by an expression
		{"0", "0", "0"}, {"12.50", "12.5", "12.5"}, {"-0.005", "-0.01", "-0.005"}, {"1e3", "1000", "1000"}, {"1e18", "1000000000000000000", "1000000000000000000"}, {"1e19", "10000000000000000000", "10000000000000000000"},
		{"123456789012345", "123456789012345", "123456789012345"}, {"1234567890123456.789", "1234567890123456.79", "1234567890123456.8"}, {"999999999999999999", "999999999999999999", "1000000000000000000"},
		{"0.1234567890123456789012345", "0.12", "0.12345678901234568"}, {"12345678901234567890.125", "12345678901234567890.13", "12345678901234567000"}, {"-12345678901234567890.125", "-12345678901234567890.13", "-12345678901234567000"}, {"1e-30", "0", "0.000000000000000000000000000001"}, {"1e-200", "0", ""},
	}
	for _, tt := range tests {
		d := decimal.RequireFromString(tt.in)
		v := indicator.Num(d)
		back, ok := v.Decimal()
		if !ok || !back.Equal(d) || !v.Equal(indicator.Num(back)) {
			t.Errorf("%s: %v, %v", tt.in, back, ok)
		}
		if got := v.Round(2).String(); got != tt.rounded {
			t.Errorf("%s to two digits: %s, want %s", tt.in, got, tt.rounded)
		}
		f, ok := v.Float64()
		want, _ := d.Float64()
		if !ok || f != want {
			t.Errorf("%s: the double %v, %v; want %v", tt.in, f, ok, want)
		}
		got := answer(indicator.InIndicator, "+#{fbfJHSPpUQD}", indicator.Env{Item: func(indicator.Item) indicator.Value { return v }})
		if tt.computed != "" && got != tt.computed {
			t.Errorf("+%s: %s, want %s", tt.in, got, tt.computed)
		}
	}
	v := indicator.Scaled(math.MaxInt64, 3)
	require.Equal(t, "9223372036854775.807", v.String())
	require.True(t, v.Equal(indicator.Num(decimal.New(math.MaxInt64, -3))))
	require.Equal(t, "9223372036854775.81", v.Round(2).String())
	require.True(t, v.Round(3).Equal(v))
	require.True(t, indicator.Scaled(12, 127).Equal(indicator.Num(decimal.New(12, -127))))
	require.Panics(t, func() { indicator.Scaled(12, 128) })
	require.Panics(t, func() { indicator.Scaled(12, -1) })
	huge := indicator.Num(decimal.New(1, 400)) // larger than any double
	f, ok := huge.Float64()
	require.True(t, ok && math.IsInf(f, 1))
	back, ok := huge.Decimal()
	require.True(t, ok && back.Equal(decimal.New(1, 400)))
}

// TestValues checks what the methods of each kind of value return.
func TestValues(t *testing.T) {
	nan, inf, minusZero := indicator.Float(math.NaN()), indicator.Float(math.Inf(-1)), indicator.Float(math.Copysign(0, -1))
	tests := []struct {
		v                           indicator.Value
		decimal, double, truth, txt bool
		in                          string
	}{
		{indicator.Value{}, false, false, false, false, ""},
		{indicator.Float(1.5), true, true, false, false, "1.5"},
		{nan, false, true, false, false, "NaN"}, {inf, false, true, false, false, "-Infinity"}, {minusZero, true, true, false, false, "-0"},
		{indicator.Truth(true), false, false, true, false, "true"}, {indicator.Truth(false), false, false, true, false, "false"},
		{indicator.Text("5"), false, false, false, true, "5"}, {indicator.Text(""), false, false, false, true, ""},
	}
	for i, tt := range tests {
		_, d := tt.v.Decimal()
		_, f := tt.v.Float64()
		_, b := tt.v.Bool()
		s, x := tt.v.Text()
		if d != tt.decimal || f != tt.double || b != tt.truth || x != tt.txt || tt.v.String() != tt.in || x && s != tt.in || tt.v.IsMissing() != (i == 0) {
			t.Errorf("%v: decimal %v, double %v, truth %v, text %v", tt.v, d, f, b, x)
		}
		if !tt.v.Round(1).Equal(tt.v) {
			t.Errorf("%v rounds to %v", tt.v, tt.v.Round(1))
		}
		for j, other := range tests {
			if tt.v.Equal(other.v) != (i == j) {
				t.Errorf("%v equals %v: %v", tt.v, other.v, tt.v.Equal(other.v))
			}
		}
	}
	yes, _ := indicator.Truth(true).Bool()
	require.True(t, yes)
	require.False(t, indicator.Float(0).Equal(minusZero))
	require.True(t, indicator.Float(2).Equal(indicator.Scaled(200, 2)))
	require.True(t, indicator.Text("a").Equal(indicator.Text("a")))
	require.Equal(t, "-0", indicator.Float(-0.001).Round(2).String())
	require.Panics(t, func() { indicator.MustParse("1 +") })
	require.Equal(t, indicator.InRule, must(indicator.InRule.Parse("1")).Use())
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
