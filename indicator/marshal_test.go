package indicator_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestMarshal checks the form of each kind of value in JSON and SQL, and that
// it reads back.
func TestMarshal(t *testing.T) {
	tests := []struct {
		v      indicator.Value
		json   string
		stored any
	}{
		{indicator.Value{}, "null", nil},
		{indicator.Scaled(4250, 2), "42.5", "42.5"},
		{indicator.Scaled(-7, 0), "-7", "-7"},
		{indicator.Num(decimal.RequireFromString("12345678901234567890.125")), "12345678901234567890.125", "12345678901234567890.125"},
		{indicator.Float(1e21), "1000000000000000000000", "1000000000000000000000"},
		{indicator.Float(5e-7), "0.0000005", "0.0000005"},
		{indicator.Float(math.Copysign(0, -1)), "-0", "-0"},
		{indicator.Float(math.NaN()), `"NaN"`, "NaN"},
		{indicator.Float(math.Inf(1)), `"Infinity"`, "Infinity"},
		{indicator.Float(math.Inf(-1)), `"-Infinity"`, "-Infinity"},
		{indicator.Truth(true), "true", true},
		{indicator.Truth(false), "false", false},
		{indicator.Text("say \"a\"\n"), `"say \"a\"\n"`, "say \"a\"\n"},
		{indicator.Text(""), `""`, ""},
	}
	for _, tt := range tests {
		text, err := json.Marshal(tt.v)
		require.NoError(t, err)
		require.Equal(t, tt.json, string(text))
		var back indicator.Value
		require.NoError(t, json.Unmarshal(text, &back))
		require.True(t, back.Equal(tt.v), tt.json)

		stored, err := tt.v.Value()
		require.NoError(t, err)
		require.Equal(t, tt.stored, stored)
		back = indicator.Text("old")
		require.NoError(t, back.Scan(stored))
		require.True(t, back.Equal(tt.v), tt.json)
	}
	scans := []struct {
		src  any
		want indicator.Value
	}{
		{int64(-5), indicator.Scaled(-5, 0)}, {2.5, indicator.Float(2.5)}, {[]byte("1.5e3"), indicator.Scaled(1500, 0)},
		{"007", indicator.Scaled(7, 0)}, {"0x10", indicator.Text("0x10")}, {"1e", indicator.Text("1e")}, {" 1", indicator.Text(" 1")},
		{strings.Repeat("9", 4000), indicator.Text(strings.Repeat("9", 4000))}, // a number of so many digits stays a text
	}
	for _, tt := range scans {
		var v indicator.Value
		require.NoError(t, v.Scan(tt.src))
		require.True(t, v.Equal(tt.want), "%v is %v", tt.src, v)
	}
	kept := indicator.Scaled(5, 0)
	require.EqualError(t, kept.Scan(struct{}{}), "indicator: cannot read a value from struct {}: want a number, a text, a truth value or NULL")
	require.EqualError(t, json.Unmarshal([]byte(`[1]`), &kept), "indicator: cannot read a value from [1]: want a number, a text, true, false or null")
	require.Error(t, kept.UnmarshalJSON([]byte("01")))
	require.Error(t, kept.UnmarshalJSON(nil))
	require.True(t, kept.Equal(indicator.Scaled(5, 0)))
}

// TestHugeNumbers checks that numbers of any length or size become numbers that
// are quick to compute with.
func TestHugeNumbers(t *testing.T) {
	thousand := strings.Repeat("7", 1000)
	sevens := new(big.Int).Exp(big.NewInt(10), big.NewInt(1_000_000), nil)
	sevens.Mul(sevens.Div(sevens, big.NewInt(9)), big.NewInt(7)) // a million digits
	require.Equal(t, "0."+thousand, indicator.Num(decimal.NewFromBigInt(sevens, -1_000_000)).String())
	require.Equal(t, "Infinity", indicator.Num(decimal.NewFromBigInt(sevens, 0)).String())
	tests := []struct{ in, want string }{
		{strings.Repeat("7", 1500), thousand + strings.Repeat("0", 500)},
		{"-1e2000", "-Infinity"},
		{"1e1999", "1" + strings.Repeat("0", 1999)},
		{"1e1000000000", "Infinity"},
		{"1e-1000000000", "0"},
		{"0e1000000000", "0"},
		{"0e-1000000000", "0"},
	}
	for _, tt := range tests {
		v := indicator.Num(decimal.RequireFromString(tt.in))
		require.Equal(t, tt.want, v.String(), "%.20s", tt.in)
		require.True(t, v.Equal(v))
		v.Round(2)
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.Less(t, len(text), 4000)
	}
}
