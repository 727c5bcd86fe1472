package indicator_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestSubExpressionNumbers compares the arithmetic inside a subExpression with
// PostgreSQL's type numeric, which a server uses for it.
func TestSubExpressionNumbers(t *testing.T) {
	tests := []struct {
		formula    string // A and B stand for #{aaaaaaaaaaa} and #{bbbbbbbbbbb}
		a, b, want string
	}{
		{"A * A", "12345678.9", "0", "152415787501905.21"},
		{"A * A", "142857.142857142", "0", "20408163265.305877551020408164"},
		{"A + B", "999999999999999", "0.000000000000001", "999999999999999.000000000000001"},
		{"A - B * 3", "0.3", "0.1", "0"},
		{"A + B", "1234567890123456789", "0.5", "1234567890123456789.5"},
		{"A + 1", "-12345678901234567890.25", "0", "-12345678901234567889.25"},
		{"-A", "12345678901234567890.25", "0", "-12345678901234567890.25"},
		{"A / B", "100000000000000000", "3.0", "33333333333333333"},
		{"-A", "0", "0", "0"},
		{"A / B", "10", "3", "3.3333333333333333"},
		{"A / B", "1", "30000", "0.000033333333333333333333"},
		{"A / B", "100000", "3", "33333.333333333333"},
		{"A / B", "-2", "7", "-0.28571428571428571429"},
		{"A % B", "-7.5", "2", "-1.5"},
		{"A ^ 2", "12.345", "0", "152.399025"},
		{"A ^ 2", "142857.14", "0", "20408162448.9796"},
		{"A ^ 2", "141958623.51", "0", "20152250788853924.72"}, // the base decides the number of digits
		{"A ^ 3", "-1.1", "0", "-1.331"},
		{"A ^ 0", "0", "0", "1"},
		{"A ^ 5", "0", "0", "0"},
		{"A ^ -1", "8", "0", "0.125"},
		{"A ^ -2", "3", "0", "0.1111111111111111"},
		{"A ^ 0.5", "2", "0", "1.4142135623730951"},
		{"A * B", "true", "7", "7"},
		{"if(A * A > 152415787501905.2, 1, 0)", "12345678.9", "0", "1"},
		{"if(A == B, 1, 0)", "1.50", "1.5", "1"},
		{"if(A, 1, 0)", "1", "0", "1"},
		{"greatest(A, B)", "1", "2.5", "2.5"},
		{"log10(A)", "1000", "0", "3"},
	}
	for _, tt := range tests {
		got, err := evalSub(t, tt.formula, tt.a, tt.b)
		if d, ok := got.Decimal(); err != nil || !ok || !d.Equal(decimal.RequireFromString(tt.want)) {
			t.Errorf("%s, A = %s, B = %s: got %s, %v, want %s", tt.formula, tt.a, tt.b, got, err, tt.want)
		}
	}
}

// TestSubExpressionErrors tries operations that a database refuses, and powers
// that would have far too many digits.
func TestSubExpressionErrors(t *testing.T) {
	tests := []struct{ formula, a, want string }{
		{"A / (A - A)", "1", "indicator: 1:1: division by zero in a subExpression"},
		{"A % (A - A)", "1", "indicator: 1:1: division by zero in a subExpression"},
		{"(A - A) ^ -1", "1", "indicator: 1:1: zero to a negative power"},
		{"A ^ 0.5", "-2", "indicator: 1:1: -2 to the power of 0.5 is no number"},
		{"A ^ 999999999", "1.0001", "indicator: 1:1: 1.0001 to the power of 999999999 is no number"},
		{"A ^ 99999", "1.0001", ""},
		{"A ^ 9 ^ 9 ^ 9", "1.1", "indicator: 1:18: 9 to the power of 387420489 is no number"},
	}
	for _, tt := range tests {
		_, err := evalSub(t, tt.formula, tt.a, "0")
		if tt.want == "" {
			require.NoError(t, err, tt.formula)
			continue
		}
		require.EqualError(t, err, tt.want, tt.formula)
	}
}

// evalSub computes a formula as the inside of a subExpression, with the values
// a and b.
func evalSub(t *testing.T, formula, a, b string) (indicator.Value, error) {
	t.Helper()
	source := ""
	for _, c := range formula {
		switch c {
		case 'A':
			source += "#{aaaaaaaaaaa}"
		case 'B':
			source += "#{bbbbbbbbbbb}"
		default:
			source += string(c)
		}
	}
	expr, err := indicator.Item{Kind: indicator.SubExpressionItem, ID: hmis.UID(source)}.Inner()
	require.NoError(t, err, formula)
	values := map[hmis.UID]indicator.Value{"aaaaaaaaaaa": valueOf(a), "bbbbbbbbbbb": valueOf(b)}
	return expr.Eval(indicator.Env{Item: func(item indicator.Item) indicator.Value { return values[item.ID] }})
}

func valueOf(s string) indicator.Value {
	if s == "true" {
		return indicator.Truth(true)
	}
	return indicator.Num(decimal.RequireFromString(s))
}
