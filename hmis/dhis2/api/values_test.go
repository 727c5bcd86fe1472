package api_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Which values are selected and how they are written (RULES.md#data-values).
func TestValues(t *testing.T) {
	s := village(t)
	tree, err := orgunit.NewTree([]hmis.OrgUnit{{ID: "Rrrrrrrrrrr"}, {ID: "Aaaaaaaaaaa", Parent: "Rrrrrrrrrrr"}})
	require.NoError(t, err)
	s.Tree = tree
	at := func(element, unit hmis.UID, p, value string) hmis.DataValue {
		return hmis.DataValue{Key: hmis.Key{DataElement: element, OrgUnit: unit, Period: period.MustParse(p)}, Value: value,
			Updated: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)}
	}
	s.Values = func(context.Context) iter.Seq2[hmis.DataValue, error] {
		deleted := at("Ccccccccccc", "Rrrrrrrrrrr", "202401", "9")
		deleted.Deleted = true
		return sequence([]hmis.DataValue{at("Ddddddddddd", "Rrrrrrrrrrr", "202402", `a "b", c`), at("Ccccccccccc", "Rrrrrrrrrrr", "202401", "5"),
			at("Ccccccccccc", "Aaaaaaaaaaa", "202401", "7"), deleted})
	}
	s.Completions = func(context.Context) iter.Seq2[hmis.Completion, error] {
		return sequence([]hmis.Completion{{DataSet: "Sssssssssss", OrgUnit: "Rrrrrrrrrrr", Period: period.MustParse("202401"),
			At: time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC)}})
	}
	const set = "dataSet=Sssssssssss&orgUnit=Rrrrrrrrrrr"
	tests := []struct {
		name, target string
		status       int
		want         string
	}{
		{"one form", "dataValueSets?" + set + "&period=202401", 200, `{"dataSet":"Sssssssssss","period":"202401","orgUnit":"Rrrrrrrrrrr",` +
			`"dataValues":[{"dataElement":"Ccccccccccc","categoryOptionCombo":"HllvX50cXC0","attributeOptionCombo":"HllvX50cXC0","value":"5",`},
		{"all below", "dataValueSets.csv?" + set + "&period=202401&children=true", 200, "Ccccccccccc,202401,Aaaaaaaaaaa,HllvX50cXC0,HllvX50cXC0,7,,"},
		{"dates", "dataValueSets.csv?" + set + "&startDate=2024-02-01&endDate=2024-02-29", 200, `HllvX50cXC0,"a ""b"", c",,`},
		{"half a month", "dataValueSets?" + set + "&startDate=2024-02-02&endDate=2024-02-29", 200, `"dataValues":[]`},
		{"changed since", "dataValueSets?" + set + "&lastUpdated=2024-05-02", 200, `"dataValues":[]`},
		{"xml", "dataValueSets.xml?" + set + "&period=202402", 200, `period="2024-02-01/P1M" orgUnit="Rrrrrrrrrrr"><dataValue dataElement="Ddddddddddd"`},
		{"codes", "dataValueSets?" + set + "&period=202401&idScheme=CODE", 409,
			"Export as CODE not possible as the property is undefined for data element(s): `[Ccccccccccc]`"},
		{"no element", "dataValueSets?orgUnit=Rrrrrrrrrrr&period=202401", 409, "E2001"},
		{"no period", "dataValueSets?" + set, 409, "E2002"},
		{"period and dates", "dataValueSets?" + set + "&period=202401&startDate=2024-01-01&endDate=2024-02-01", 409, "E2003"},
		{"dates the wrong way round", "dataValueSets?" + set + "&startDate=2024-03-01&endDate=2024-02-01", 409, "E2004"},
		{"duration", "dataValueSets?" + set + "&lastUpdatedDuration=x", 409, "E2005"},
		{"no unit", "dataValueSets?dataSet=Sssssssssss&period=202401", 409, "E2006"},
		{"limit", "dataValueSets?" + set + "&period=202401&limit=-1", 409, "E2009"},
		{"bad period", "dataValueSets?" + set + "&period=nope", 400, "Invalid Period `nope`, expected a digit at position 0 but found: `n`"},
		{"bad id", "dataValueSets?dataSet=x", 400, "UID must be an alphanumeric string of 11 characters starting with a letter, but was: x"},
		{"blank form", "dataSets/Sssssssssss/dataValueSet.json?period=202401&orgUnit=Rrrrrrrrrrr", 200, `{"dataValues":[{"dataElement":"Ccccccccccc",` +
			`"categoryOptionCombo":"HllvX50cXC0","period":"202401","orgUnit":"Rrrrrrrrrrr","value":""},{"dataElement":"Ddddddddddd",`},
		{"blank form of no data set", "dataSets/Nnnnnnnnnnn/dataValueSet", 404, "E1005"},
		{"completions", "completeDataSetRegistrations?" + set + "&period=202401", 200, `"date":"2024-02-03"`},
		{"no completions", "completeDataSetRegistrations?" + set + "&period=202402", 200, `{}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := get(s, test.target)
			assert.Equal(t, test.status, status)
			assert.Contains(t, body, test.want)
			assert.NotContains(t, body, `"9"`)
		})
	}
	s.Values = nil
	status, _ := get(s, "dataValueSets?"+set+"&period=202401")
	assert.Equal(t, 404, status)
}
