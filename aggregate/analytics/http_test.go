package analytics_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// serve starts a server and returns its address.
func serve(t testing.TB, s analytics.Server) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/api/analytics", s)
	mux.Handle("/api/analytics.json", s)
	mux.Handle("/api/analytics.csv", s)
	mux.Handle("/api/analytics/", s)
	mux.Handle("/dhis/api/42/analytics/", s)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// ask sends a request and returns the status, the content type and the body of
// the answer.
func ask(t testing.TB, method, address, accept string) (int, string, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, address, nil)
	require.NoError(t, err)
	if accept != "" {
		request.Header.Set("Accept", accept)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, response.Header.Get("Content-Type"), string(body)
}

const (
	jsonType = "application/json;charset=UTF-8"
	csvType  = "application/csv;charset=UTF-8"
)

func TestServeHTTP(t *testing.T) {
	address := serve(t, newServer(t))
	const query = "?dimension=dx:Tested00001;PositRate01&dimension=ou:LEVEL-2&filter=pe:202401&skipMeta=true"
	const rows = `[["Tested00001","DistrictEa1","23"],["PositRate01","DistrictEa1","21.74"]]`
	const csv = "Data,Organisation unit,Value\nTested00001,DistrictEa1,23\nPositRate01,DistrictEa1,21.74\n"
	tests := []struct {
		path, accept string
		contentType  string
		want         string // the whole body, or the rows of JSON
	}{
		{"/api/analytics", "", jsonType, rows},
		{"/api/analytics", "application/json, text/csv;q=0.5", jsonType, rows},
		{"/api/analytics", "application/csv", csvType, csv},
		{"/api/analytics", "text/csv, */*", csvType, csv},
		{"/api/analytics.json", "application/csv", jsonType, rows},
		{"/api/analytics.csv", "", csvType, csv},
		{"/dhis/api/42/analytics/rawData.csv", "", csvType,
			"Data,Organisation unit,,Period start date,Period end date,Value\n" +
				"Tested00001,ClinicAxxx1,202401,2024-01-01,2024-01-31,10.0\n" +
				"Tested00001,ClinicAxxx1,202401,2024-01-01,2024-01-31,6.0\n" +
				"Tested00001,ClinicBxxx1,202401,2024-01-01,2024-01-31,7.0\n"},
	}
	for _, tt := range tests {
		status, contentType, body := ask(t, http.MethodGet, address+tt.path+query, tt.accept)
		if status != http.StatusOK || contentType != tt.contentType {
			t.Errorf("%s, %s: got %d, %s: %s", tt.path, tt.accept, status, contentType, body)
			continue
		}
		if contentType == jsonType {
			var r struct{ Rows json.RawMessage }
			require.NoError(t, json.Unmarshal([]byte(body), &r))
			body = string(r.Rows)
		}
		if body != tt.want {
			t.Errorf("%s, %s: got\n%s\nwant\n%s", tt.path, tt.accept, body, tt.want)
		}
	}

	status, _, body := ask(t, http.MethodHead, address+"/api/analytics"+query, "")
	require.Equal(t, http.StatusOK, status)
	require.Empty(t, body)

	// A request that is escaped as browsers do it has the same answer.
	_, _, plain := ask(t, http.MethodGet, address+"/api/analytics"+query, "")
	values, err := url.ParseQuery(strings.ReplaceAll(query[1:], ";", "%3B"))
	require.NoError(t, err)
	_, _, escaped := ask(t, http.MethodGet, address+"/api/analytics?"+values.Encode(), "")
	require.JSONEq(t, plain, escaped)
}

// RULES.md#data-value-set
func TestServeDataValueSet(t *testing.T) {
	address := serve(t, newServer(t))
	const query = "?dimension=dx:Tested00001.CocFemale01;PositRate00&dimension=ou:ClinicAxxx1&dimension=pe:202401"
	status, contentType, body := ask(t, http.MethodGet, address+"/api/analytics/dataValueSet.json"+query, "")
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, jsonType, contentType)
	var lines []string
	for v, err := range dhis2.ReadValues(strings.NewReader(body)) {
		require.NoError(t, err)
		lines = append(lines, strings.TrimSpace(fmt.Sprintln(v.DataElement, v.OptionCombo, v.Period, v.OrgUnit, v.Value, v.Comment)))
	}
	require.Equal(t, []string{
		"Tested00001 CocFemale01 202401 ClinicAxxx1 10 [aggregated]",
		"PositRate00  202401 ClinicAxxx1 31 [aggregated]",
	}, lines)
	_, _, again := ask(t, http.MethodGet, address+"/api/analytics/dataValueSet"+query, "")
	require.Equal(t, body, again)
}

// Errors have the body that clients of DHIS2 expect.
//
// RULES.md#error-answers
func TestServeErrors(t *testing.T) {
	address := serve(t, newServer(t))
	tests := []struct {
		method, path string
		status       int
		want         string
	}{
		{"GET", "/api/analytics?dimension=dx:nobody&filter=pe:2024", 409,
			`{"httpStatus":"Conflict","httpStatusCode":409,"status":"ERROR","message":"Dimension is present in query without any valid dimension options: ` + "`dx`" + `","errorCode":"E7124"}`},
		{"GET", "/api/analytics.csv?dimension=dx:Tested00001&filter=pe:2024;2024X", 409,
			`{"httpStatus":"Conflict","httpStatusCode":409,"status":"ERROR","message":"Period not valid: ` + "`2024X`" + `","errorCode":"E7611"}`},
		{"GET", "/api/analytics/dataValueSet.json?dimension=dx:Tested00001&filter=pe:2024", 409,
			`{"httpStatus":"Conflict","httpStatusCode":409,"status":"ERROR","message":"A period dimension pe must be specified when output format is DATA_VALUE_SET","errorCode":"E7118"}`},
		{"GET", "/api/analytics/rawData?dimension=dx:Tested00001&filter=pe:2024&skipMeta=never", 400,
			`{"httpStatus":"Bad Request","httpStatusCode":400,"status":"ERROR","message":"Value 'never' is not valid for parameter skipMeta. It should be of type boolean"}`},
		{"GET", "/api/analytics?dimension=%zz", 400,
			`{"httpStatus":"Bad Request","httpStatusCode":400,"status":"ERROR","message":"query: want names and values: invalid URL escape \"%zz\""}`},
		{"POST", "/api/analytics", 405,
			`{"httpStatus":"Method Not Allowed","httpStatusCode":405,"status":"ERROR","message":"method \"POST\": want GET"}`},
		{"GET", "/api/analytics/events", 404,
			`{"httpStatus":"Not Found","httpStatusCode":404,"status":"ERROR","message":"\"/api/analytics/events\": want analytics, analytics/dataValueSet, analytics/rawData or analytics/outlierDetection"}`},
	}
	for _, tt := range tests {
		status, contentType, body := ask(t, tt.method, address+tt.path, "")
		if status != tt.status || contentType != jsonType || body != tt.want {
			t.Errorf("%s %s: got %d, %s:\n%s\nwant %d:\n%s", tt.method, tt.path, status, contentType, body, tt.status, tt.want)
		}
	}

	long := httptest.NewRequest(http.MethodGet, "/api/analytics?dimension=dx:"+strings.Repeat("x", 1<<20), nil)
	got := httptest.NewRecorder()
	newServer(t).ServeHTTP(got, long)
	require.Equal(t, http.StatusRequestURITooLong, got.Code)

	s := newServer(t)
	s.Cube = nil
	got = httptest.NewRecorder()
	s.ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/api/analytics?dimension=dx:Tested00001&filter=pe:2024", nil))
	require.Equal(t, http.StatusConflict, got.Code)
	require.Contains(t, got.Body.String(), `"errorCode":"E7144"`)

	done, cancel := context.WithCancel(context.Background())
	cancel()
	got = httptest.NewRecorder()
	newServer(t).ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/api/analytics?dimension=dx:Tested00001&filter=pe:2024", nil).WithContext(done))
	require.Equal(t, http.StatusServiceUnavailable, got.Code, got.Body.String())
}

// A program may replace the cube while requests are answered. Each request is
// answered from one of the two cubes only.
func TestServeWhileCubesChange(t *testing.T) {
	s := newServer(t)
	before := s.Cube()
	after, err := before.With(context.Background(), func(yield func(hmis.DataValue, error) bool) {
		for v := range reported() {
			v.Value += "0"
			if v.DataElement == "Tested00001" && !yield(v, nil) {
				return
			}
		}
	}, nil)
	require.NoError(t, err)
	var current atomic.Pointer[aggregate.Cube]
	s.Cube = current.Load
	address := serve(t, s) + "/api/analytics.csv?dimension=dx:Tested00001&dimension=ou:LEVEL-3&dimension=pe:LAST_3_MONTHS"
	var answers []string
	for _, cube := range []*aggregate.Cube{before, after} {
		current.Store(cube)
		_, _, body := ask(t, http.MethodGet, address, "")
		answers = append(answers, body)
	}
	require.NotEqual(t, answers[0], answers[1])

	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				response, err := http.Get(address)
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || !slices.Contains(answers, string(body)) {
					t.Errorf("%v, %s: want one of %q", err, body, answers)
				}
			}
		})
	}
	for i := range 200 {
		current.Store([]*aggregate.Cube{before, after}[i%2])
		runtime.Gosched()
	}
	wg.Wait()
}
