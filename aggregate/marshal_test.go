package aggregate_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// TestCellJSON writes cells of each kind.
func TestCellJSON(t *testing.T) {
	nepali, ok := period.CalendarByName("nepali")
	require.True(t, ok)
	local, err := nepali.Parse("208103")
	require.NoError(t, err)
	tests := []struct {
		cell aggregate.Cell
		want string
	}{
		{aggregate.Cell{}, `{"value":null}`},
		{
			aggregate.Cell{
				Data: indicator.Item{ID: "fbfJHSPpUQD", OptionCombo: "pq2XI5kz2BY"}, OrgUnit: "Ngelehun001", Period: period.MustParse("202401"),
				Split: []hmis.UID{"Male0000001"}, Value: indicator.Scaled(1250, 2),
			},
			`{"data":"fbfJHSPpUQD.pq2XI5kz2BY","orgUnit":"Ngelehun001","period":"202401","split":["Male0000001"],"value":12.5}`,
		},
		{
			aggregate.Cell{
				Data: indicator.Item{ID: "Uvn6LCg7dVU"}, Period: local, Value: indicator.Scaled(75, 0),
				Numerator: indicator.Scaled(0, 0), Denominator: indicator.Scaled(4, 0), Multiplier: 100, Divisor: 1,
			},
			`{"data":"Uvn6LCg7dVU","period":"208103@nepali","value":75,"numerator":0,"denominator":4,"multiplier":100,"divisor":1}`,
		},
		{aggregate.Cell{OrgUnit: "Ngelehun001", Value: indicator.Text("no vaccine")}, `{"orgUnit":"Ngelehun001","value":"no vaccine"}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(tt.cell)
		if err != nil || string(got) != tt.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, tt.want)
		}
	}
}

// TestExplanationJSON writes where an indicator comes from.
func TestExplanationJSON(t *testing.T) {
	cube := rejecting(t)
	q := aggregate.Query{Data: []indicator.Item{{ID: "Twice000001"}}, OrgUnits: []hmis.UID{"Clinic00001"}, Periods: []period.Period{period.MustParse("202401")}}
	x, err := cube.Explain(t.Context(), q, aggregate.Cell{Data: q.Data[0], OrgUnit: q.OrgUnits[0], Period: q.Periods[0]})
	require.NoError(t, err)
	got, err := json.MarshalIndent(*x, "", "\t")
	require.NoError(t, err)
	want := `{
	"cell": {
		"data": "Twice000001",
		"orgUnit": "Clinic00001",
		"period": "202401",
		"value": 14,
		"numerator": 14,
		"denominator": 1,
		"multiplier": 1,
		"divisor": 1
	},
	"rule": "((#{Good0000001} * 2) × 1) / (1 × 1)",
	"parts": [
		{
			"cell": {
				"data": "Good0000001",
				"orgUnit": "Clinic00001",
				"period": "202401",
				"value": 7
			},
			"rule": "sum over org units and time",
			"values": [
				{
					"dataElement": "Good0000001",
					"period": "202401",
					"orgUnit": "Clinic00001",
					"categoryOptionCombo": "HllvX50cXC0",
					"attributeOptionCombo": "HllvX50cXC0",
					"value": "7"
				}
			]
		}
	]
}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
