package aggregatetest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

func TestNew(t *testing.T) {
	w := aggregatetest.New(t, country)
	require.Len(t, w.Values, 3)
	require.Equal(t, hmis.UID("Nge00000000"), w.Values[0].OrgUnit)
	require.Equal(t, hmis.UID("HllvX50cXC0"), aggregatetest.ID("default"))
	require.Equal(t, "BCG at Bo", w.Named("BCG00000000 at Bo000000000"))
	require.Equal(t, 3, w.Cube(t).Len())
	want := aggregate.Query{
		Data:        []indicator.Item{{ID: "BCG00000000"}},
		OrgUnits:    []hmis.UID{"Bo000000000"},
		Periods:     []period.Period{period.MustParse("2024Q1")},
		Aggregation: hmis.Sum,
	}
	require.Equal(t, want, w.Query(t, "sum BCG by Bo over 2024Q1"))
}

func TestNewRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{country + "show BCG by Nge over 202401\n\t32\n", "text:12: want a block of the world or of values"},
		{"load\n\tBCG  Nge  202401  32\n", `text:2: nothing is named "BCG"`},
		{"\tunits\n", "text:1: an indented line before any block"},
	}
	for _, tt := range tests {
		_, err := aggregatetest.Parse(tt.text)
		require.EqualError(t, err, tt.want)
		require.Equal(t, tt.want, reported(t, func(tb testing.TB) { aggregatetest.New(tb, tt.text) }))
	}
	w := aggregatetest.New(t, country)
	for line, want := range map[string]string{
		"":                                       `"": want one query`,
		"explain sum BCG by Bo over 2024Q1":      `"explain sum BCG by Bo over 2024Q1": want a query that begins with show or an aggregation`,
		"total BCG":                              `"total BCG": want a query that begins with show or an aggregation`,
		"sum BCG by Bo over 2024Q9":              `query:1: period: "2024Q9": want quarter 1 to 4 at offset 5`,
		"sum BCG by Bo over 2024\nsum BCG by Bo": `"sum BCG by Bo over 2024\nsum BCG by Bo": want one query`,
	} {
		require.Equal(t, want, reported(t, func(tb testing.TB) { w.Query(tb, line) }))
	}
	w.Values[0].Value = "many"
	require.Contains(t, reported(t, func(tb testing.TB) { w.Cube(tb) }), `value: "many" is not a value of type NUMBER`)
}
