package analytics_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Where a server fails, loses data or answers at random, this library gives one
// sensible answer (RULES.md#where-a-server-fails).
func TestWhereAServerFails(t *testing.T) {
	const errorOf = "error "
	tests := []struct{ name, path, want string }{
		{"order on an empty answer",
			"analytics.csv?dimension=dx:Tested00001&dimension=pe:2020&order=ASC", "Data,Period,Value\n"},
		{"order of numbers and texts",
			"analytics.csv?dimension=dx:Remark00001;Tested00001;PositRate01&filter=pe:202401&filter=ou:ClinicAxxx1&order=DESC",
			"Data,Value\nRemark00001,\"out of <tests> & \"\"gloves\"\"\"\nPositRate01,31.25\nTested00001,16\n"},
		{"data values without a period", "analytics/dataValueSet?dimension=dx:Tested00001&dimension=ou:LEVEL-2&filter=pe:2024",
			errorOf + "A period dimension pe must be specified when output format is DATA_VALUE_SET"},
		{"data values of rates with days", "analytics/dataValueSet?dimension=dx:Malaria0001.REPORTING_RATE&dimension=ou:LEVEL-2&startDate=2024-01-01&endDate=2024-02-01",
			errorOf + "At least one period as dimension or filter, or start and dates, must be specified"},
		{"operands that nobody asked for are no data values",
			"analytics/dataValueSet.csv?dimension=dx:Tested00001.CocFemale01;Positive001.CocMale0001&dimension=ou:ClinicAxxx1&dimension=pe:2024",
			"data_element,period,organisation_unit,category_option_combo,attribute_option_combo,value,stored_by,created,last_updated,comment,follow_up\n" +
				"Tested00001,2024,ClinicAxxx1,CocFemale01,,10,,,,[aggregated],false\nPositive001,2024,ClinicAxxx1,CocMale0001,,2,,,,[aggregated],false\n"},
		{"an attribute option combo of an operand is written, and * is not",
			"analytics/dataValueSet.csv?dimension=dx:Tested00001.CocFemale01.HllvX50cXC0;Tested00001.*.HllvX50cXC0&dimension=ou:ClinicAxxx1&dimension=pe:2024",
			"data_element,period,organisation_unit,category_option_combo,attribute_option_combo,value,stored_by,created,last_updated,comment,follow_up\n" +
				"Tested00001,2024,ClinicAxxx1,CocFemale01,HllvX50cXC0,10,,,,[aggregated],false\nTested00001,2024,ClinicAxxx1,,HllvX50cXC0,16,,,,[aggregated],false\n"},
		{"an error in CSV is one", "analytics.csv?dimension=dx:Tested00001&dimension=pe:2024&filter=pe:2024",
			errorOf + "Dimensions cannot be specified as dimension and filter simultaneously: `[pe]`"},
		{"items that are all unknown", "analytics?dimension=dx:Tested00001&dimension=CatSex00001:nobody&filter=pe:2024",
			errorOf + "Dimension is present in query without any valid dimension options: `CatSex00001`"},
		{"option combos that are all unknown", "analytics?dimension=dx:Tested00001&dimension=co:nobody&filter=pe:2024",
			errorOf + "Dimension is present in query without any valid dimension options: `co`"},
		{"the part of an operand without a code keeps its id",
			"analytics.csv?dimension=dx:Weight00001.HllvX50cXC0&filter=pe:202401&outputIdScheme=CODE", "Data,Value\nWeight00001.HllvX50cXC0,3\n"},
		{"an operand of any option combo with a scheme",
			"analytics.csv?dimension=dx:Tested00001.*.HllvX50cXC0&filter=pe:202401&outputIdScheme=CODE", "Data,Value\nMAL.01.*.HllvX50cXC0,23\n"},
		{"filters of raw data",
			"analytics/rawData.csv?dimension=ou:Country0001&filter=dx:Remark00001;Weight00001&filter=SetOwner001:GroupPubli1&filter=pe:202401",
			"Organisation unit,,Period start date,Period end date,Value\n" +
				"ClinicAxxx1,202401,2024-01-01,2024-01-31,\"out of <tests> & \"\"gloves\"\"\"\n" +
				"ClinicAxxx1,202401,2024-01-01,2024-01-31,2.5\nClinicCxxx1,202401,2024-01-01,2024-01-31,3.5\n"},
		{"a table with parts has its values",
			"analytics.csv?dimension=dx:PositRate01&filter=pe:202401&filter=ou:ClinicAxxx1&rows=dx&includeNumDen=true",
			"dataid,dataname,datacode,datadescription,Total\nPositRate01,Positivity,POS,,31.25\n"},
		{"a range of days is no period", "analytics?dimension=dx:Tested00001&dimension=pe:20240101_20240131", errorOf + "Period not valid: `20240101_20240131`"},
		{"indicators beside a dimension without items",
			"analytics.csv?dimension=dx:PositRate01&dimension=ao&filter=pe:202401", "Data,Attribute option combo,Value\n"},
		{"an element and its operand of any combo are the same item",
			"analytics.csv?dimension=dx:Tested00001.*;Tested00001&filter=pe:202401", "Data,Value\nTested00001,23\n"},
	}
	s := newServer(t)
	for _, tt := range tests {
		w := get(s, "/api/"+tt.path)
		got := w.Body.String()
		if w.Code != http.StatusOK {
			got = errorOf + readBody(got).message()
		}
		if got != tt.want {
			t.Errorf("%s: got %d\n%s\nwant\n%s", tt.name, w.Code, got, tt.want)
		}
	}
	// Errors are in JSON, in every format.
	w := get(s, "/api/analytics.csv?dimension=dx:nobody&filter=pe:2024")
	require.Equal(t, http.StatusConflict, w.Code)
	require.Equal(t, jsonType, w.Header().Get("Content-Type"))
}
