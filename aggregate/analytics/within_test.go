package analytics_test

import (
	"context"
	"iter"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// north is a region of the invented country, with a third of its org units.
const north hmis.UID = "mHrzJVjgTGM"

// northOnly returns a server of the invented country that only has the values
// stored in the north.
func northOnly(t testing.TB, whole analytics.Server) analytics.Server {
	t.Helper()
	values := dhis2.Format{CSV: true}.Read(testfile.Open(t, testfile.Input(t, "server/synthetic-dataValues.csv")), nil)
	completions := dhis2.ReadCompletions(testfile.Open(t, testfile.Input(t, "server/synthetic-completions.json")))
	loader := aggregate.Loader{
		Catalog: whole.Catalog, Tree: whole.Tree,
		Completions: only(completions, func(c hmis.Completion) bool { return whole.Tree.Contains(north, c.OrgUnit) }),
		Reject:      func(hmis.DataValue, error) {}, RejectCompletion: func(hmis.Completion, error) {},
	}
	cube, err := loader.Load(context.Background(), only(values, func(v hmis.DataValue) bool { return whole.Tree.Contains(north, v.OrgUnit) }))
	require.NoError(t, err)
	whole.Cube = func() *aggregate.Cube { return cube }
	return whole
}

// only yields the entries for which keep returns true.
func only[T any](list iter.Seq2[T, error], keep func(T) bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v, err := range list {
			if (err != nil || keep(v)) && !yield(v, err) {
				return
			}
		}
	}
}

// A restricted server answers every recorded request as if no other values were
// stored. It shows no org unit from elsewhere.
func TestWithinIsAllThereIs(t *testing.T) {
	restricted := countryServer(t, "synthetic")
	restricted.Within = []hmis.UID{north}
	part := northOnly(t, restricted)
	var elsewhere []string
	for id := range restricted.Tree.All() {
		if !restricted.Tree.Contains(north, id) {
			elsewhere = append(elsewhere, string(id))
		}
	}
	require.NotEmpty(t, elsewhere)
	asked, answered, refused := 0, 0, 0
	for _, file := range testfile.Vectors(t, "server/analytics-synthetic*") {
		for line := range testfile.Lines[recorded](t, file) {
			if asked++; asked%3 != 0 {
				continue // a third of the requests is enough
			}
			got, want := get(restricted, line.Path), get(part, line.Path)
			if got.Code != want.Code || !sameBody(got.Body.String(), want.Body.String()) {
				t.Errorf("%s: %s\n%s\ngot  %s\nwant %s", filepath.Base(file), line.ID, line.Path, rowsOf(got.Body.String()), rowsOf(want.Body.String()))
			}
			if got.Code != 200 {
				refused++
				continue
			}
			answered++
			for _, id := range elsewhere {
				if strings.Contains(got.Body.String(), id) {
					t.Errorf("%s: %s: shows %s\n%s", filepath.Base(file), line.ID, id, line.Path)
				}
			}
		}
	}
	t.Logf("%d answered, %d refused", answered, refused)
	require.NotZero(t, answered)
}

// rowsOf returns the rows of an answer, shortened.
func rowsOf(text string) string {
	rows := strings.Join(readBody(text).rows(), " ")
	return rows[:min(len(rows), 300)]
}

func sameBody(a, b string) bool {
	x, y := readBody(a), readBody(b)
	if x.members == nil || y.members == nil {
		return a == b
	}
	for _, part := range []string{"headers", "rows", "items", "dimensions", "hierarchy", "rest"} {
		if x.diff(y, part) != "" {
			return false
		}
	}
	return true
}

// Each row is a request, and what a resource shows with and without a
// restriction (RULES.md#restriction).
func TestWithin(t *testing.T) {
	tests := []struct{ name, path, whole, east string }{
		{"a request without org units", "analytics.csv?dimension=dx:Tested00001&filter=pe:2024",
			"Data,Value\nTested00001,27\n", "Data,Value\nTested00001,23\n"},
		{"a level", "analytics.csv?dimension=ou:LEVEL-2&filter=dx:Tested00001&filter=pe:2024",
			"Organisation unit,Value\nDistrictEa1,23\nDistrictWe1,4\n", "Organisation unit,Value\nDistrictEa1,23\n"},
		{"a group", "analytics.csv?dimension=ou:OU_GROUP-GroupPubli1&filter=dx:Tested00001&filter=pe:2024",
			"Organisation unit,Value\nClinicAxxx1,16\nClinicCxxx1,4\n", "Organisation unit,Value\nClinicAxxx1,16\n"},
		{"a group set", "analytics.csv?dimension=SetOwner001&filter=dx:Tested00001&filter=pe:2024",
			"Ownership,Value\nGroupPubli1,20\nGroupPriva1,7\n", "Ownership,Value\nGroupPubli1,16\nGroupPriva1,7\n"},
		{"the last of all", "analytics.csv?dimension=dx:Tested00001&filter=pe:2024&aggregationType=LAST_LAST_ORG_UNIT",
			"Data,Value\nTested00001,4\n", "Data,Value\nTested00001,10\n"},
		{"reports", "analytics.csv?dimension=dx:Malaria0001.EXPECTED_REPORTS&filter=pe:202401",
			"Data,Value\nMalaria0001.EXPECTED_REPORTS,3\n", "Data,Value\nMalaria0001.EXPECTED_REPORTS,2\n"},
		{"units of a form", "analytics.csv?dimension=ou:DS-Malaria0001&filter=dx:Tested00001&filter=pe:2024",
			"Organisation unit,Value\nClinicAxxx1,16\nClinicBxxx1,7\nClinicCxxx1,4\n", "Organisation unit,Value\nClinicAxxx1,16\nClinicBxxx1,7\n"},
		{"raw data", "analytics/rawData.csv?dimension=dx:Positive001&filter=pe:2024",
			"Data,,Period start date,Period end date,Value\nPositive001,202401,2024-01-01,2024-01-31,3.0\nPositive001,202401,2024-01-01,2024-01-31,2.0\n" +
				"Positive001,202402,2024-02-01,2024-02-29,1.0\n",
			"Data,,Period start date,Period end date,Value\nPositive001,202401,2024-01-01,2024-01-31,3.0\nPositive001,202401,2024-01-01,2024-01-31,2.0\n"},
		{"the levels of raw data", "analytics/rawData.csv?dimension=dx:Weight00001&filter=pe:202401&filter=ou:ClinicAxxx1&showHierarchy=true&userOrgUnit=Country0001",
			"Data,,Level 1,District,Level 3,Period start date,Period end date,Value\nWeight00001,202401,Country0001,DistrictEa1,ClinicAxxx1,2024-01-01,2024-01-31,2.5\n",
			"Data,,Level 1,District,Level 3,Period start date,Period end date,Value\nWeight00001,202401,,DistrictEa1,ClinicAxxx1,2024-01-01,2024-01-31,2.5\n"},
		{"data values", "analytics/dataValueSet.csv?dimension=dx:Tested00001&dimension=pe:2024&dimension=ou:LEVEL-2",
			"data_element,period,organisation_unit,category_option_combo,attribute_option_combo,value,stored_by,created,last_updated,comment,follow_up\n" +
				"Tested00001,2024,DistrictEa1,,,23,,,,[aggregated],false\nTested00001,2024,DistrictWe1,,,4,,,,[aggregated],false\n",
			"data_element,period,organisation_unit,category_option_combo,attribute_option_combo,value,stored_by,created,last_updated,comment,follow_up\n" +
				"Tested00001,2024,DistrictEa1,,,23,,,,[aggregated],false\n"},
		{"a table", "analytics.csv?dimension=dx:Tested00001&dimension=ou:LEVEL-2&filter=pe:2024&columns=dx&rows=ou&showHierarchy=true&userOrgUnit=Country0001",
			"orgunitlevel1,orgunitlevel2,organisationunitid,organisationunitname,organisationunitcode,organisationunitdescription,Malaria tests\n" +
				"Country,East,DistrictEa1,East,E,,23\nCountry,\"West, by the sea\",DistrictWe1,\"West, by the sea\",W,,4\n",
			"orgunitlevel1,organisationunitid,organisationunitname,organisationunitcode,organisationunitdescription,Malaria tests\nEast,DistrictEa1,East,E,,23\n"},
	}
	for _, tt := range tests {
		s := newServer(t)
		if got := get(s, "/api/"+tt.path).Body.String(); got != tt.whole {
			t.Errorf("%s: the whole is\n%s\nwant\n%s", tt.name, got, tt.whole)
		}
		s.Within = []hmis.UID{"DistrictEa1"}
		if got := get(s, "/api/"+tt.path).Body.String(); got != tt.east {
			t.Errorf("%s: the east is\n%s\nwant\n%s", tt.name, got, tt.east)
		}
		s.Within = []hmis.UID{}
		if got := get(s, "/api/"+tt.path).Body.String(); strings.Contains(got, "E7120") {
			continue
		} else if strings.Contains(got, "Clinic") || strings.Contains(got, "DistrictEa1") || strings.Contains(got, "DistrictWe1") {
			t.Errorf("%s: nothing may be seen, got\n%s", tt.name, got)
		}
	}
}

func TestWithinRefuses(t *testing.T) {
	s := newServer(t)
	s.Within = []hmis.UID{"DistrictEa1"}
	tests := []struct{ request, want string }{
		{"dimension=ou:DistrictWe1", "hmis: E7120: dimension: User: `DistrictEa1` is not allowed to view org unit: `DistrictWe1`"},
		{"dimension=ou:ClinicAxxx1;Country0001", "hmis: E7120: dimension: User: `DistrictEa1` is not allowed to view org unit: `Country0001`"},
		{"filter=ou:LEVEL-3;ClinicCxxx1", "hmis: E7120: filter: User: `DistrictEa1` is not allowed to view org unit: `ClinicCxxx1`"},
		{"filter=ou:LEVEL-1", "hmis: E7143: filter: Organisation unit or organisation unit level is not valid (got \"LEVEL-1\")"},
		{"filter=ou:USER_ORGUNIT&userOrgUnit=DistrictWe1", "hmis: E7143: filter: Organisation unit or organisation unit level is not valid (got \"USER_ORGUNIT\")"},
		// The error does not say which object has the code.
		{"filter=ou:W&inputIdScheme=CODE", "hmis: E7120: filter: User: `DistrictEa1` is not allowed to view org unit: `W`"},
		{"filter=ou:SAME&inputIdScheme=CODE", "hmis: E7143: filter: Organisation unit or organisation unit level is not valid"},
	}
	for _, tt := range tests {
		data := "&dimension=dx:Tested00001&filter=pe:2024"
		if strings.Contains(tt.request, "CODE") {
			data = "&dimension=dx:MAL.01&filter=pe:2024"
		}
		_, err := s.Answer(context.Background(), parse(t, tt.request+data))
		require.EqualError(t, err, tt.want, tt.request)
	}

	// Hierarchies begin at the restriction.
	r, err := s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001&dimension=ou:LEVEL-3;LEVEL-2&filter=pe:2024&hierarchyMeta=true&showHierarchy=true&userOrgUnit=Country0001"))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"DistrictEa1": "", "ClinicAxxx1": "DistrictEa1", "ClinicBxxx1": "DistrictEa1"}, r.Meta.Hierarchy)
	require.Equal(t, map[string]string{"DistrictEa1": "/East", "ClinicAxxx1": "/East/Clinic A", "ClinicBxxx1": "/East/Clinic B"}, r.Meta.NameHierarchy)

	// An explanation of an answer has values from the same part only.
	q, err := s.Query(parse(t, "dimension=dx:Tested00001&filter=pe:2024"))
	require.NoError(t, err)
	cell := aggregate.Cell{Data: q.Data[0]}
	e, err := s.Cube().Explain(context.Background(), q, cell)
	require.NoError(t, err)
	require.NotContains(t, e.String(), "ClinicC")
}

// A server without a catalog, tree or cube returns an error.
func TestZeroServer(t *testing.T) {
	params := parse(t, "dimension=dx:Tested00001&filter=pe:2024")
	var s analytics.Server
	_, err := s.Query(params)
	require.EqualError(t, err, "analytics: the Server has no Catalog")
	s.Catalog = newServer(t).Catalog
	_, err = s.Answer(context.Background(), params)
	require.EqualError(t, err, "analytics: the Server has no Tree")
	_, err = s.RawData(context.Background(), params)
	require.EqualError(t, err, "analytics: the Server has no Tree")
	for _, err := range s.Values(context.Background(), params) {
		require.EqualError(t, err, "analytics: the Server has no Tree")
	}
	for _, path := range []string{"/api/analytics", "/api/analytics/rawData", "/api/analytics/dataValueSet"} {
		w := get(s, path+"?dimension=dx:Tested00001&filter=pe:2024")
		require.Equal(t, 500, w.Code)
		require.Contains(t, w.Body.String(), "the Server has no Tree")
	}
}
