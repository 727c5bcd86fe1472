package hmis_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// Each row is a number and the name of its legend (RULES.md#legends).
func TestLegendSetFind(t *testing.T) {
	n := decimal.RequireFromString
	set := hmis.LegendSet{ID: "set", Legends: []hmis.Legend{
		{Name: "high", Start: n("50"), End: n("100")},
		{Name: "low", Start: n("0"), End: n("50")},
		{Name: "also low", Start: n("10"), End: n("20")},
	}}
	tests := []struct{ number, want string }{
		{"0", "low"},
		{"49.9", "low"},
		{"15", "low"}, // two legends overlap; the first counts
		{"50", "high"},
		{"100", "high"}, // the end of the highest legend
		{"-0.1", ""},
		{"100.1", ""},
	}
	for _, tt := range tests {
		l, ok := set.Find(n(tt.number))
		require.Equal(t, tt.want, l.Name, tt.number)
		require.Equal(t, tt.want != "", ok, tt.number)
	}
	_, ok := hmis.LegendSet{}.Find(n("1"))
	require.False(t, ok)
}

func TestCheckLegends(t *testing.T) {
	n := decimal.RequireFromString
	c, err := hmis.NewCatalog(hmis.Metadata{
		Indicators: []hmis.Indicator{{ID: "ind", LegendSets: []hmis.UID{"gone"}}},
		LegendSets: []hmis.LegendSet{{ID: "set", Legends: []hmis.Legend{
			{Name: "c", Start: n("60"), End: n("60")},
			{Name: "b", Start: n("40"), End: n("60")},
			{Name: "a", Start: n("0"), End: n("41")},
		}}},
	})
	require.NoError(t, err)
	var got []string
	for _, i := range c.Check() {
		if i.Object.Kind == hmis.KindLegendSet || i.Field == "legendSets" {
			got = append(got, i.Error())
		}
	}
	require.Equal(t, []string{
		`hmis: reference_unknown: indicator ind: legendSets: no object "gone"`,
		`hmis: legends_overlap: legendSet set: legends: "a" and "b" overlap`,
		`hmis: legend_empty: legendSet set: legends: "c": no number from 60 is below 60`,
	}, got)
}
