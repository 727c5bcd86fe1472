package analytics_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/stretchr/testify/require"
)

// valueLines returns the data values of an answer, one line each, or its error.
func valueLines(t testing.TB, s analytics.Server, request string) string {
	var lines []string
	for v, err := range s.Values(context.Background(), parse(t, request)) {
		if err != nil {
			return err.Error()
		}
		require.Equal(t, "[aggregated]", v.Comment)
		lines = append(lines, strings.Join([]string{
			string(v.DataElement), v.Period.String(), string(v.OrgUnit), string(v.OptionCombo), string(v.AttributeCombo), v.Value,
		}, ","))
	}
	return strings.Join(lines, "\n")
}

func TestValues(t *testing.T) {
	const rest = "&dimension=pe:202401&dimension=ou:ClinicAxxx1"
	tests := []struct{ name, request, want string }{
		{
			"operands are split; whole numbers of indicators and elements are cut",
			"dimension=dx:Tested00001;Tested00001.CocFemale01;Tested00001.*.HllvX50cXC0;PositRate01;PositRate00;Malaria0001.REPORTING_RATE;Weight00001" + rest,
			lines("Tested00001,202401,ClinicAxxx1,,,16",
				"Tested00001,202401,ClinicAxxx1,CocFemale01,,10",
				"Tested00001,202401,ClinicAxxx1,,HllvX50cXC0,16",
				"PositRate01,202401,ClinicAxxx1,,,31.25",
				"PositRate00,202401,ClinicAxxx1,,,31",
				"Malaria0001.REPORTING_RATE,202401,ClinicAxxx1,,,100",
				"Weight00001,202401,ClinicAxxx1,,,2.5"),
		}, {
			"integers are cut, not rounded",
			"dimension=dx:Tested00001&aggregationType=AVERAGE&dimension=pe:2024Q1&dimension=ou:Country0001", // this is 27 / 4
			"Tested00001,2024Q1,Country0001,,,6",
		}, {
			"option combos as dimensions, in codes",
			"dimension=dx:Tested00001&dimension=co&dimension=ao&outputIdScheme=CODE&dimension=pe:202401&dimension=ou:ClinicAxxx1",
			lines("MAL.01,202401,A,CocFemale01,HllvX50cXC0,10", "MAL.01,202401,A,CocMale0001,HllvX50cXC0,6"),
		}, {
			"option combos as dimensions",
			"dimension=dx:Tested00001&dimension=ao&dimension=co" + rest,
			lines("Tested00001,202401,ClinicAxxx1,CocFemale01,HllvX50cXC0,10", "Tested00001,202401,ClinicAxxx1,CocMale0001,HllvX50cXC0,6"),
		}, {
			"only repeated keys",
			"dimension=dx:Tested00001;Remark00001&dimension=CatSex00001&duplicatesOnly=true" + rest,
			lines("Tested00001,202401,ClinicAxxx1,,,10", "Tested00001,202401,ClinicAxxx1,,,6"),
		},
		{"no dx", "filter=dx:Tested00001" + rest, "hmis: E7117: dimension: A data dimension dx must be specified when output format is DATA_VALUE_SET"},
		{"no pe", "dimension=dx:Tested00001&filter=pe:2024&dimension=ou:ClinicAxxx1", "hmis: E7118: dimension: A period dimension pe must be specified when output format is DATA_VALUE_SET"},
		{"no ou", "dimension=dx:Tested00001&dimension=pe:2024&filter=ou:ClinicAxxx1", "hmis: E7119: dimension: An organisation unit dimension ou must be specified when output format is DATA_VALUE_SET"},
		{"other errors come first", "dimension=dx:Tested00001&filter=co&dimension=ou:ClinicAxxx1&dimension=pe:2024", "E7110"},
	}
	s := newServer(t)
	for _, tt := range tests {
		got := valueLines(t, s, tt.request)
		if tt.want == "E7110" && strings.Contains(got, tt.want) {
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestValuesStop(t *testing.T) {
	n := 0
	for range newServer(t).Values(context.Background(), parse(t, "dimension=dx:Tested00001&dimension=pe:202401&dimension=ou:LEVEL-3")) {
		n++
		break
	}
	require.Equal(t, 1, n)
}

// RULES.md#raw-data
func TestRawData(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{
			"values as they are stored; the zero that means nothing is left out",
			"dimension=pe:202401;LAST_MONTH&dimension=dx:Positive001;Remark00001&dimension=co&dimension=ou:Country0001",
			lines("dx co ou pe pestartdate peenddate value",
				"Positive001 CocFemale01 ClinicAxxx1 202401 2024-01-01 2024-01-31 3.0",
				"Positive001 CocMale0001 ClinicAxxx1 202401 2024-01-01 2024-01-31 2.0",
				// January to March is one range, although the request does not
				// name February.
				"Positive001 CocMale0001 ClinicCxxx1 202402 2024-02-01 2024-02-29 1.0",
				"Remark00001 HllvX50cXC0 ClinicAxxx1 202401 2024-01-01 2024-01-31 out of <tests> & \"gloves\""),
		}, {
			"days, operands, a group set, a filter; a part of a month is not enough",
			"dimension=dx:Tested00001.CocFemale01&dimension=SetOwner001&filter=ou:DistrictEa1;DistrictWe1&startDate=2024-01-01&endDate=2024-02-28&outputIdScheme=CODE",
			lines("dx SetOwner001 pe pestartdate peenddate value",
				"MAL.01 PUB 202401 2024-01-01 2024-01-31 10.0",
				"MAL.01 PRI 202401 2024-01-01 2024-01-31 7.0"),
		}, {
			"criteria and order do nothing",
			"dimension=dx:PositRate01;Positive001&filter=pe:2024&preAggregationMeasureCriteria=GE:7&measureCriteria=GE:7&order=ASC",
			lines("dx pe pestartdate peenddate value",
				"Positive001 202401 2024-01-01 2024-01-31 3.0",
				"Positive001 202401 2024-01-01 2024-01-31 2.0",
				"Positive001 202402 2024-02-01 2024-02-29 1.0"),
		}, {
			"an operand selects its values, without those that its neighbour would bring",
			"dimension=dx:Tested00001.CocFemale01;Positive001.CocMale0001&filter=pe:202401&filter=ou:ClinicAxxx1",
			lines("dx pe pestartdate peenddate value",
				"Tested00001 202401 2024-01-01 2024-01-31 10.0",
				"Positive001 202401 2024-01-01 2024-01-31 2.0"),
		}, {
			"the levels above, and columns for parts that have no cells",
			"dimension=dx:Positive001&filter=pe:202402&showHierarchy=true&includeNumDen=true&userOrgUnit=Country0001",
			lines("dx pe oulevel1 oulevel2 oulevel3 pestartdate peenddate value numerator denominator factor multiplier divisor",
				"Positive001 202402 Country0001 DistrictWe1 ClinicCxxx1 2024-02-01 2024-02-29 1.0"),
		}, {
			"nothing that has values",
			"dimension=dx:PositRate01&filter=pe:2024", "dx pe pestartdate peenddate value",
		},
		{
			"only periods told apart",
			"dimension=pe:202402&filter=dx:Tested00001;Weight00001",
			lines("pe pestartdate peenddate value",
				"202402 2024-02-01 2024-02-29 4.0",
				"202402 2024-02-01 2024-02-29 1.2E-4"),
		}, {
			"only periods told apart, of some org units",
			"dimension=pe:202402&filter=dx:Tested00001;Weight00001&filter=ou:ClinicDxxx1",
			lines("pe pestartdate peenddate value", "202402 2024-02-01 2024-02-29 1.2E-4"),
		},
		{"skipped", "dimension=dx:Tested00001&filter=pe:2024&skipData=true", ""},
	}
	s := newServer(t)
	for _, tt := range tests {
		r, err := s.RawData(context.Background(), parse(t, tt.request))
		require.NoError(t, err, tt.name)
		if diff := cmp.Diff(tt.want, inLines(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	r, err := s.RawData(context.Background(), parse(t, "dimension=dx:Positive001&dimension=ou:ClinicAxxx1&filter=pe:2024&hierarchyMeta=true"))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"ClinicAxxx1": "DistrictEa1"}, r.Meta.Hierarchy)
	// An object without a column needs no code. The hierarchy is that of the
	// org units in the request.
	filtered, err := s.RawData(context.Background(), parse(t, "dimension=SetOwner001&filter=dx:Weight00001&filter=ou:Country0001&filter=pe:2024&hierarchyMeta=true&outputIdScheme=CODE"))
	require.NoError(t, err)
	require.Equal(t, lines("SetOwner001 pe pestartdate peenddate value",
		"PUB 202401 2024-01-01 2024-01-31 2.5",
		"PRI 202401 2024-01-01 2024-01-31 3.0",
		"PUB 202401 2024-01-01 2024-01-31 3.5"), inLines(filtered))
	require.Equal(t, map[string]string{"Country0001": ""}, filtered.Meta.Hierarchy)
	var csv bytes.Buffer
	require.NoError(t, r.WriteCSV(&csv))
	require.Equal(t, "Data,Organisation unit,,Period start date,Period end date,Value\n"+
		"Positive001,ClinicAxxx1,202401,2024-01-01,2024-01-31,3.0\n"+
		"Positive001,ClinicAxxx1,202401,2024-01-01,2024-01-31,2.0\n", csv.String())

	s.Limits.Rows = 1
	_, err = s.RawData(context.Background(), parse(t, "dimension=dx:Positive001&filter=pe:2024"))
	require.EqualError(t, err, "hmis: E7128: dimension: Query result set exceeded max limit: `1`")
	_, err = s.RawData(context.Background(), parse(t, "dimension=dx:Positive001"))
	require.ErrorContains(t, err, "E7104")

	done, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = newServer(t).RawData(done, parse(t, "dimension=dx:Positive001&filter=pe:2024"))
	require.ErrorIs(t, err, context.Canceled)
}
