package analytics_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// Each row is a request and the metadata of its answer, as JSON.
//
// RULES.md#items-of-metadata, RULES.md#details-of-metadata,
// RULES.md#dimensions-of-metadata, RULES.md#hierarchy
func TestMeta(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{
			"names of items, dimensions, option combos and keywords",
			"dimension=dx:Tested00001;Malaria0001.REPORTING_RATE_ON_TIME&dimension=pe:LAST_3_MONTHS&dimension=ou:LEVEL-2&filter=SetOwner001&skipData=true",
			`{"items": {
				"dx": {"name": "Data"}, "pe": {"name": "Period"}, "ou": {"name": "Organisation unit"}, "SetOwner001": {"name": "Ownership"},
				"Tested00001": {"name": "Malaria tests"}, "Malaria0001.REPORTING_RATE_ON_TIME": {"name": "Malaria form - Reporting rate on time"},
				"CocFemale01": {"name": "Female"}, "CocMale0001": {"name": "Male"},
				"LAST_3_MONTHS": {"name": "Last 3 months"},
				"202401": {"name": "January 2024"}, "202402": {"name": "February 2024"}, "202403": {"name": "March 2024"},
				"LevelDistr1": {"uid": "LevelDistr1", "name": "District"}, "DistrictEa1": {"name": "East"}, "DistrictWe1": {"name": "West, by the sea"},
				"GroupPubli1": {"name": "Public"}, "GroupPriva1": {"name": "Private"}},
			"dimensions": {
				"dx": ["Tested00001", "Malaria0001.REPORTING_RATE_ON_TIME"], "pe": ["202401", "202402", "202403"],
				"ou": ["DistrictEa1", "DistrictWe1"], "SetOwner001": ["GroupPubli1", "GroupPriva1"], "co": ["CocFemale01", "CocMale0001"]}}`,
		}, {
			"groups, short names; operands do not bring those nobody asked for",
			"dimension=dx:DE_GROUP-GroupMalar1;Tested00001.CocFemale01;Positive001.CocMale0001&filter=pe:2024W5&filter=ou:OU_GROUP-GroupPubli1;USER_ORGUNIT&displayProperty=SHORTNAME&skipData=true",
			`{"items": {
				"dx": {"name": "Data"}, "pe": {"name": "Period"}, "ou": {"name": "Organisation unit"},
				"GroupMalar1": {"uid": "GroupMalar1", "code": "MALARIA", "name": "Malaria"}, "Tested00001": {"name": "Tests"}, "Positive001": {"name": "Malaria positive"},
				"Tested00001.CocFemale01": {"name": "Tests Female"}, "Positive001.CocMale0001": {"name": "Malaria positive Male"},
				"CocFemale01": {"name": "Female"}, "CocMale0001": {"name": "Male"},
				"2024W5": {"name": "W5 - 2024-01-29 - 2024-02-04"},
				"GroupPubli1": {"uid": "GroupPubli1", "code": "PUB", "name": "Public"}, "USER_ORGUNIT": {"organisationUnits": ["DistrictEa1"]},
				"DistrictEa1": {"uid": "DistrictEa1", "code": "E", "name": "Ea"}, "ClinicAxxx1": {"name": "Clinic A"}},
			"dimensions": {
				"dx": ["Tested00001", "Positive001", "Tested00001.CocFemale01", "Positive001.CocMale0001"],
				"pe": ["2024W5"], "ou": ["ClinicAxxx1"], "co": ["CocFemale01", "CocMale0001"]}}`,
		}, {
			"details",
			"dimension=dx:Weight00001;PositRate01&dimension=CatSex00001:OptMale0001&filter=pe:202401&includeMetadataDetails=true&skipData=true",
			`{"items": {
				"dx": {"uid": "dx", "name": "Data", "dimensionType": "DATA_X"},
				"pe": {"uid": "pe", "name": "Period", "dimensionType": "PERIOD"},
				"CatSex00001": {"uid": "CatSex00001", "name": "Sex", "dimensionType": "CATEGORY"},
				"Weight00001": {"uid": "Weight00001", "name": "Weight", "description": "In kilograms", "legendSet": "LegendSet01",
					"style": {"color": "#ff0000"}, "dimensionItemType": "DATA_ELEMENT", "valueType": "NUMBER",
					"aggregationType": "AVERAGE", "totalAggregationType": "SUM"},
				"PositRate01": {"uid": "PositRate01", "code": "POS", "name": "Positivity", "dimensionItemType": "INDICATOR", "valueType": "NUMBER",
					"totalAggregationType": "AVERAGE", "indicatorType": {"name": "Per cent", "displayName": "Per cent", "factor": 100, "number": false}},
				"OptMale0001": {"uid": "OptMale0001", "code": "M", "name": "Male", "dimensionItemType": "CATEGORY_OPTION", "valueType": "NUMBER"},
				"HllvX50cXC0": {"uid": "HllvX50cXC0", "name": "default", "valueType": "NUMBER", "totalAggregationType": "SUM"},
				"202401": {"uid": "202401", "code": "202401", "name": "January 2024", "dimensionItemType": "PERIOD", "valueType": "TEXT", "totalAggregationType": "SUM",
					"startDate": "2024-01-01T00:00:00.000", "endDate": "2024-01-31T00:00:00.000"}},
			"dimensions": {"dx": ["Weight00001", "PositRate01"], "CatSex00001": ["OptMale0001"], "pe": ["202401"], "co": ["HllvX50cXC0"]}}`,
		}, {
			"ids in metadata whatever the rows have; hierarchies begin at the user's units and list the units of rows only",
			"dimension=dx:Tested00001&dimension=ou:LEVEL-3;LEVEL-2&filter=pe:202401&outputIdScheme=CODE&hierarchyMeta=true&showHierarchy=true",
			`{"items": {
				"dx": {"name": "Data"}, "pe": {"name": "Period"}, "ou": {"name": "Organisation unit"}, "Tested00001": {"name": "Malaria tests"},
				"CocFemale01": {"name": "Female"}, "CocMale0001": {"name": "Male"}, "202401": {"name": "January 2024"},
				"LevelDistr1": {"uid": "LevelDistr1", "name": "District"}, "DistrictEa1": {"name": "East"}, "DistrictWe1": {"name": "West, by the sea"},
				"ClinicAxxx1": {"name": "Clinic A"}, "ClinicBxxx1": {"name": "Clinic B"}, "ClinicCxxx1": {"name": "Clinic C"}, "ClinicDxxx1": {"name": "Clinic D"}},
			"dimensions": {"dx": ["Tested00001"], "pe": ["202401"], "co": ["CocFemale01", "CocMale0001"],
				"ou": ["ClinicAxxx1", "ClinicBxxx1", "ClinicCxxx1", "ClinicDxxx1", "DistrictEa1", "DistrictWe1"]},
			"ouHierarchy": {"DistrictEa1": "Country0001", "ClinicAxxx1": "DistrictEa1", "ClinicBxxx1": "DistrictEa1"},
			"ouNameHierarchy": {"DistrictEa1": "/Country/East", "ClinicAxxx1": "/East/Clinic A", "ClinicBxxx1": "/East/Clinic B"}}`,
		},
	}
	s := newServer(t)
	for _, tt := range tests {
		r, err := s.Answer(context.Background(), parse(t, tt.request))
		require.NoError(t, err, tt.name)
		got, err := json.Marshal(r.Meta)
		require.NoError(t, err)
		var want, have any
		require.NoError(t, json.Unmarshal([]byte(tt.want), &want), tt.name)
		require.NoError(t, json.Unmarshal(got, &have))
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
