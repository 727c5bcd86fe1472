package analytics_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// outlierServer returns a server with a year of tests at one clinic: ten months
// of 10, one of 12 and one of 100.
func outlierServer(t *testing.T) analytics.Server {
	t.Helper()
	s := newServer(t)
	cube, err := aggregate.Loader{Catalog: s.Catalog, Tree: s.Tree, KeepUncounted: true}.Load(t.Context(),
		func(yield func(hmis.DataValue, error) bool) {
			for i, p := range period.MustParse("2024").Split(period.Monthly) {
				v := hmis.DataValue{Value: "10", Key: hmis.Key{DataElement: "Tested00001", OrgUnit: "ClinicAxxx1", Period: p, OptionCombo: "CocMale0001"}}
				switch i {
				case 5:
					v.Value = "100"
				case 6:
					v.Value = "12"
				}
				if !yield(v, nil) {
					return
				}
			}
		})
	require.NoError(t, err)
	s.Cube = func() *aggregate.Cube { return cube }
	return s
}

// aggregate/quality/RULES.md#analytics-variant
func TestServeOutliers(t *testing.T) {
	address := serve(t, outlierServer(t)) + "/api/analytics/outlierDetection"
	const query = "?ds=Malaria0001&ou=Country0001&startDate=2024-01-01&endDate=2024-12-31"
	status, contentType, body := ask(t, http.MethodGet, address+query+"&threshold=3", "")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, jsonType, contentType)
	var answer struct {
		Headers  []struct{ Name string }
		MetaData json.RawMessage
		Rows     [][]string
		Height   int
	}
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	names := ""
	for _, h := range answer.Headers {
		names += h.Name + " "
	}
	require.Equal(t, "dx dxname pe pename ou ouname ounamehierarchy coc cocname aoc aocname value mean stddev absdev zscore lowerbound upperbound ", names)
	require.Equal(t, [][]string{{
		"Tested00001", "Malaria tests", "202406", "June 2024", "ClinicAxxx1", "Clinic A", "East / Clinic A",
		"CocMale0001", "Male", "HllvX50cXC0", "default", "100.0", "17.67", "24.83", "82.33", "3.32", "-56.82", "92.16",
	}}, answer.Rows)
	require.JSONEq(t, `{"count":1,"threshold":3,"algorithm":"Z_SCORE","orderBy":"ABS_DEV","maxResults":500}`, string(answer.MetaData))

	const modified = query + "&algorithm=MODIFIED_Z_SCORE&orderBy=MedianAbsDeviation&maxResults=7"
	status, contentType, body = ask(t, http.MethodGet, address+".csv"+modified, "")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, csvType, contentType)
	require.Equal(t, "Data,Data name,Period,Period name,Organisation unit,Organisation unit name,Organisation unit name hierarchy,"+
		"Category option combo,Category option combo name,Attribute option combo,Attribute option combo name,"+
		"Value,Median,Median absolute deviation,Absolute deviation,Modified zScore,Min value,Max value\n", body, "ten equal values: no deviation, no outlier")
}

func TestServeOutliersErrors(t *testing.T) {
	address := serve(t, outlierServer(t)) + "/api/analytics/outlierDetection"
	tests := []struct {
		query  string
		status int
		code   string
	}{
		{"?dx=Tested00001", 409, "E2201"},
		{"?startDate=2024-01-01&endDate=2024-12-31", 409, "E2200"},
		{"?dx=Nobody00001&startDate=2024-01-01&endDate=2024-12-31", 409, "E2200"},
		{"?dx=Tested00001&pe=2024&startDate=2024-01-01", 409, "E2212"},
		{"?dx=Tested00001&startDate=2024-12-01&endDate=2024-11-30", 409, "E2202"},
		{"?dx=Tested00001&pe=2024&threshold=0", 409, "E2204"},
		{"?dx=Tested00001&pe=2024&threshold=NaN", 409, "E2204"},
		{"?dx=Tested00001&pe=2024&maxResults=0", 409, "E2205"},
		{"?dx=Tested00001&pe=2024&maxResults=100001", 409, "E2206"},
		{"?dx=Tested00001&pe=2024&orderBy=median", 409, "E2213"},
		{"?dx=Tested00001&pe=2024&orderBy=ABS_DEV", 409, "E7181"},
		{"?dx=Tested00001&pe=2024&dataStartDate=2024-01-01", 409, "E2209"},
		{"?dx=Tested00001&pe=2024&dataEndDate=2024-01-01", 409, "E2210"},
		{"?dx=Tested00001&pe=2024&algorithm=MIN_MAX", 409, "E2211"},
		{"?dx=Tested00001&pe=2024&ou=Nowhere0001", 409, "E7143"},
		{"?dx=Tested00001&pe=2024&algorithm=MEDIAN", 400, ""},
		{"?dx=Tested00001&pe=2024&threshold=high", 400, ""},
		{"?dx=Tested00001&pe=2024&skipRounding=perhaps", 400, ""},
		{"?dx=Tested00001&pe=2024&sortOrder=UP", 400, ""},
		{"?dx=Tested00001&pe=24", 400, ""},
	}
	for _, tt := range tests {
		status, _, body := ask(t, http.MethodGet, address+tt.query, "")
		var failed struct{ ErrorCode, Message string }
		require.NoError(t, json.Unmarshal([]byte(body), &failed))
		require.Equal(t, tt.status, status, tt.query)
		require.Equal(t, tt.code, failed.ErrorCode, tt.query)
		require.NotEmpty(t, failed.Message)
	}
	_, err := analytics.Server{}.Outliers(t.Context(), nil)
	require.EqualError(t, err, "analytics: the Server has no Catalog")
}

// A server that is restricted to a part of the country shows no outlier from
// another part.
func TestOutliersWithin(t *testing.T) {
	s := outlierServer(t)
	params := map[string][]string{"dx": {"Tested00001"}, "startDate": {"2024-01-01"}, "endDate": {"2024-12-31"}, "threshold": {"3"}}
	for within, want := range map[hmis.UID]int{"DistrictEa1": 1, "DistrictWe1": 0, "Country0001": 1} {
		s.Within = []hmis.UID{within}
		table, err := s.Outliers(t.Context(), params)
		require.NoError(t, err)
		require.Len(t, table.Rows, want, within)
	}
	s.Within = []hmis.UID{}
	table, err := s.Outliers(t.Context(), params)
	require.NoError(t, err)
	require.Empty(t, table.Rows)
	s.Within = []hmis.UID{"DistrictWe1"}
	params["ou"] = []string{"DistrictEa1"}
	_, err = s.Outliers(t.Context(), params)
	issue, ok := errors.AsType[*hmis.Issue](err)
	require.True(t, ok)
	require.Equal(t, "E7120", issue.Code)
}
