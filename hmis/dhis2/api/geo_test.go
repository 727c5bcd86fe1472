package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What maps get (RULES.md#maps).
func TestMaps(t *testing.T) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "Rrrrrrrrrrr", Name: "Land", Geometry: `{"type":"Polygon","coordinates":[[[0,0],[0,1],[1,1],[0,0]]]}`},
		{ID: "Aaaaaaaaaaa", Name: "Acre", Parent: "Rrrrrrrrrrr", Geometry: `{"type":"Point","coordinates":[1,2]}`},
		{ID: "Bbbbbbbbbbb", Name: "Beach", Parent: "Rrrrrrrrrrr"},
		{ID: "Ccccccccccc", Name: "Cave", Parent: "Rrrrrrrrrrr", Geometry: "no JSON"},
	}})
	require.NoError(t, err)
	s := &api.Server{Catalog: catalog}
	tests := []struct{ target, has, lacks string }{
		{"organisationUnits.geojson", `"geometry":{"type":"Point","coordinates":[1,2]},"id":"Aaaaaaaaaaa"`, "Cave"},
		{"organisationUnits.geojson?level=2", "Acre", "Land"},
		{"organisationUnits.geojson?parent=Aaaaaaaaaaa", "Acre", "Land"},
		{"geoFeatures?ou=ou:Rrrrrrrrrrr", `"ty":2`, "Acre"},
		{"geoFeatures?ou=ou:LEVEL-2;Rrrrrrrrrrr", `"pg":"/Rrrrrrrrrrr","pi":"Rrrrrrrrrrr","pn":"Land","ty":1`, "Beach"},
	}
	for _, test := range tests {
		status, body := get(s, test.target)
		assert.Equal(t, 200, status)
		assert.Contains(t, body, test.has)
		assert.NotContains(t, body, test.lacks)
	}
	status, _ := get(s, "organisationUnits.geojson?level=x")
	assert.Equal(t, 400, status)
}

// Analytics is reached with and without a version, by those who are known
// (RULES.md#system).
func TestAnalytics(t *testing.T) {
	s := village(t)
	s.Analytics = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte(r.URL.Path)) })
	for _, target := range []string{"42/analytics.json", "analytics.json"} {
		_, body := get(s, target)
		assert.Equal(t, "/api/analytics.json", body)
	}
	s.Analytics = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(make([]byte, 5000))
	})
	packed := httptest.NewRequest("GET", "/api/analytics", nil)
	packed.Header.Set("Accept-Encoding", "gzip")
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, packed)
	assert.Equal(t, 5000, answer.Body.Len(), "compressed twice")
	s.Authenticate = func(*http.Request) (api.User, bool) { return api.User{}, false }
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/api/analytics", nil))
	assert.Equal(t, 401, w.Code)
}
