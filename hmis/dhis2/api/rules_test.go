package api_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// village is a small country: a root with two units below it, and two data
// elements of one data set.
func village(t testing.TB) *api.Server {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: "Rrrrrrrrrrr", Name: "Land", Code: "L"},
			{ID: "Bbbbbbbbbbb", Name: "beach", Parent: "Rrrrrrrrrrr"},
			{ID: "Aaaaaaaaaaa", Name: "Acre", Parent: "Rrrrrrrrrrr"},
		},
		DataElements: []hmis.DataElement{
			{ID: "Ccccccccccc", Name: "Cases", ShortName: "Cas"}, {ID: "Ddddddddddd", Name: "Deaths", Code: "D"},
		},
		DataSets: []hmis.DataSet{{ID: "Sssssssssss", Name: "Monthly", Elements: []hmis.DataSetElement{
			{DataElement: "Ccccccccccc"}, {DataElement: "Ddddddddddd"}}}},
	})
	require.NoError(t, err)
	return &api.Server{Catalog: catalog}
}

func get(s *api.Server, target string) (status int, body string) {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "http://x/api/"+target, nil))
	return w.Code, w.Body.String()
}

func TestAnswers(t *testing.T) {
	const units = `"organisationUnits":[`
	tests := []struct{ name, target, want string }{
		// Which engine answers and in which order (RULES.md#two-engines).
		{"newer engine", "organisationUnits?fields=id&pageSize=2", `{"pager":{"page":1,"pageSize":2,"total":3,"pageCount":2,` +
			`"nextPage":"http://x/api/organisationUnits?fields=id&pageSize=2&page=2"},"gist":true,` + units + `{"id":"Rrrrrrrrrrr"},{"id":"Bbbbbbbbbbb"}]}`},
		{"older engine", "organisationUnits?fields=id,level~rename(l),!code&paging=false",
			`{` + units + `{"id":"Aaaaaaaaaaa","l":2},{"id":"Bbbbbbbbbbb","l":2},{"id":"Rrrrrrrrrrr","l":1}]}`},
		// What a page after the last has (RULES.md#paging).
		{"page after the last", "organisationUnits?page=9&totalPages=true",
			`{"pager":{"page":1,"pageSize":50,"total":3,"pageCount":1},` + units + `]}`},
		// How fields are chosen and changed (RULES.md#fields).
		{"nested", "dataSets/Sssssssssss?fields=dataSetElements[dataElement[name]]",
			`{"dataSetElements":[{"dataElement":{"name":"Cases"}},{"dataElement":{"name":"Deaths"}}]}`},
		{"two names of one field", "dataElements/Ccccccccccc?fields=name,name~rename(label)", `{"name":"Cases","label":"Cases"}`},
		{"presets and exclusions", "dataElements/Ccccccccccc?fields=:nameable,-created,!lastUpdated",
			`{"id":"Ccccccccccc","name":"Cases","shortName":"Cas"}`},
		{"other form of transformers", "organisationUnits/Rrrrrrrrrrr?fields=children::size,id|rename(uid)", `{"uid":"Rrrrrrrrrrr","children":2}`},
		{"pluck", "organisationUnits/Rrrrrrrrrrr?fields=children~pluck(name)", `{"children":["beach","Acre"]}`},
		{"keyBy", "organisationUnits/Rrrrrrrrrrr?fields=children[id]~keyBy(name)",
			`{"children":{"beach":[{"id":"Bbbbbbbbbbb"}],"Acre":[{"id":"Aaaaaaaaaaa"}]}}`},
		{"paging of a list", "organisationUnits/Rrrrrrrrrrr?fields=children~paging(2;1)", `{"children":[{"id":"Aaaaaaaaaaa"}]}`},
		{"isEmpty", "organisationUnits/Aaaaaaaaaaa?fields=children~isEmpty,name~isEmpty", `{"name":"Acre","children":true}`},
		// Which objects match (RULES.md#filters).
		{"filter", "organisationUnits?fields=id&paging=false&filter=parent.name:ilike:LA&filter=name:!like:A", `{` + units + `{"id":"Bbbbbbbbbbb"}]}`},
		{"one of the filters", "organisationUnits?fields=id&paging=false&filter=code:eq:L&filter=name:$ilike:BE&rootJunction=OR",
			`{` + units + `{"id":"Bbbbbbbbbbb"},{"id":"Rrrrrrrrrrr"}]}`},
		{"no value differs from nothing", "organisationUnits?fields=id&paging=false&filter=code:ne:X", `{` + units + `{"id":"Rrrrrrrrrrr"}]}`},
		{"comma", "organisationUnits?fields=id&paging=false&filter=name:eq:Acre,beach", `{` + units + `{"id":"Aaaaaaaaaaa"}]}`},
		{"number of entries", "organisationUnits?fields=id&paging=false&filter=children:ge:2", `{` + units + `{"id":"Rrrrrrrrrrr"}]}`},
		{"query", "organisationUnits?fields=id&paging=false&query=EAC", `{` + units + `{"id":"Bbbbbbbbbbb"}]}`},
		// In which order (RULES.md#order).
		{"order", "organisationUnits?fields=id&paging=false&order=level:desc,name:idesc",
			`{` + units + `{"id":"Bbbbbbbbbbb"},{"id":"Aaaaaaaaaaa"},{"id":"Rrrrrrrrrrr"}]}`},
		// Units around a unit (RULES.md#org-units).
		{"children", "organisationUnits/Rrrrrrrrrrr/children?paging=false&fields=id",
			`{` + units + `{"id":"Aaaaaaaaaaa"},{"id":"Bbbbbbbbbbb"},{"id":"Rrrrrrrrrrr"}]}`},
		{"ancestors", "organisationUnits/Aaaaaaaaaaa?includeAncestors=true&paging=false&fields=id", `{` + units + `{"id":"Rrrrrrrrrrr"},{"id":"Aaaaaaaaaaa"}]}`},
		{"level below", "organisationUnits/Aaaaaaaaaaa?level=3&paging=false&fields=id", `{` + units + `]}`},
		{"lowest level", "organisationUnits?maxLevel=1&paging=false&fields=id", `{` + units + `{"id":"Rrrrrrrrrrr"}]}`},
		// Single objects (RULES.md#objects).
		{"property", "42/dataElements/Ccccccccccc/name", `{"name":"Cases"}`},
		{"default combo", "dataElements/Ccccccccccc/categoryCombo.json", `{"categoryCombo":{"id":"bjDvmb4bfuf"}}`},
		// Packages (RULES.md#metadata-packages).
		{"package of kinds", "metadata?dataSets=true&dataElements=true&fields=id&dataSets:fields=name&filter=domainType:eq:AGGREGATE",
			`"dataElements":[{"id":"Ccccccccccc"},{"id":"Ddddddddddd"}],"dataSets":[{"name":"Monthly"}]}`},
		{"package of a data set", "dataSets/Sssssssssss/metadata", `"dataElements":[{"id":"Ccccccccccc"`},
		// Other forms (RULES.md#csv).
		{"csv", "organisationUnits.csv?fields=name,id", "name,id\nAcre,Aaaaaaaaaaa\nbeach,Bbbbbbbbbbb\nLand,Rrrrrrrrrrr\n"},
		// What clients ask first (RULES.md#system).
		{"levels", "filledOrganisationUnitLevels?fields=level,name", `[{"level":1,"name":"Level 1"},{"level":2,"name":"Level 2"}]`},
		{"guest", "me?fields=username,organisationUnits[id]", `{"organisationUnits":[{"id":"Rrrrrrrrrrr"}],"username":"guest"}`},
		{"no authorities", "me/authorization", `[]`},
		{"kind that no catalog has", "programs?paging=false", `{"programs":[]}`},
		{"schema", "schemas/dataElement?fields=plural,klass", `{"klass":"org.hisp.dhis.DataElement","plural":"dataElements"}`},
		{"setting", "systemSettings/keyCalendar", `{"keyCalendar":"iso8601"}`},
		{"setting of the user", "userSettings/keyUiLocale", `en`},
		{"period types", "periodTypes?fields=isoFormat", `{"isoFormat":"yyyyMMdd"}`},
		{"any kind", "identifiableObjects/Ddddddddddd?fields=code", `{"code":"D"}`},
	}
	s := village(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := get(s, test.target)
			assert.Equal(t, 200, status)
			if strings.HasPrefix(test.want, "{") && strings.HasSuffix(test.want, "]}") || strings.HasPrefix(test.want, "[") {
				assert.Equal(t, test.want, strings.TrimSpace(body))
			}
			assert.Contains(t, body, test.want)
		})
	}
}

// TestFaults has what is refused, and with which words.
func TestFaults(t *testing.T) {
	tests := []struct {
		name, target string
		status       int
		message      string
	}{
		// Wrong requests (RULES.md#objects).
		{"no such object", "dataElements/Xxxxxxxxxxx", 404, "DataElement with id Xxxxxxxxxxx could not be found."},
		{"no id", "dataElements/x", 405, "Request method 'GET' is not supported"},
		{"no such address", "elements", 404, "No static resource api/elements."},
		{"no such version", "99/dataElements", 404, "No static resource api/99/dataElements."},
		{"no such schema", "schemas/x", 404, "Type x does not exist."},
		{"no such setting", "userSettings/x", 404, "Setting does not exist: x"},
		{"no such dimension", "dimensions/Xxxxxxxxxxx", 404, "Dimension with id Xxxxxxxxxxx could not be found."},
		{"operator", "dataElements?filter=name:foo:1", 400, "`foo` is not a valid operator."},
		{"property", "dataElements?filter=foo:eq:1", 400, "Unknown path property: foo"},
		{"order", "dataElements?order=foo", 400, "No such property: foo"},
		{"page", "dataElements?page=x", 400, "Value 'x' is not valid for parameter page. It should be of type Integer"},
		{"open words", "dataElements?fields=id]x", 400, "fields: unexpected ']' at 3"},
		// Too much (RULES.md#limits).
		{"deep fields", "organisationUnits?fields=" + strings.Repeat("children[", 1000), 400, "fields: too many or too deep"},
		{"many fields", "organisationUnits?fields=" + strings.Repeat("id,", 10000), 400, "fields: too many or too deep"},
		{"long address", "organisationUnits?fields=" + strings.Repeat("id,", 30000), 414, "The address has more than 65536 bytes."},
		{"large page", "organisationUnits?pageSize=1000000", 400, "A page has at most 100000 objects."},
		{"many filters", "organisationUnits?" + strings.Repeat("filter=id:eq:x&", 201), 400, "A request has at most 200 filters."},
	}
	s := village(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, body := get(s, test.target)
			assert.Equal(t, test.status, status)
			assert.Contains(t, body, test.message)
		})
	}
}

// TestLargeAnswer checks that an answer that multiplies ends (RULES.md#limits).
func TestLargeAnswer(t *testing.T) {
	units := []hmis.OrgUnit{{ID: "Rrrrrrrrrrr", Name: "Land"}}
	for i := range 200 {
		units = append(units, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("U%010d", i)), Name: "unit", Parent: "Rrrrrrrrrrr"})
	}
	catalog, err := hmis.NewCatalog(hmis.Metadata{OrgUnits: units})
	require.NoError(t, err)
	status, body := get(&api.Server{Catalog: catalog}, "organisationUnits?paging=false&fields="+strings.Repeat("children[parent[", 6)+"id")
	assert.Equal(t, 413, status)
	assert.Contains(t, body, "64 MiB")
}

// TestArtefacts checks what only the switch does (RULES.md#server-artefacts).
func TestArtefacts(t *testing.T) {
	const target = "organisationUnits?fields=id,parent[id]"
	s := village(t)
	_, body := get(s, target)
	assert.Contains(t, body, `{"id":"Rrrrrrrrrrr"},`)
	s = village(t)
	s.ServerArtefacts = true
	_, body = get(s, target)
	assert.Contains(t, body, `"total":3`)
	assert.NotContains(t, body, `{"id":"Rrrrrrrrrrr"},`)
}

// A client that has gone stops the work.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	village(t).ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", "http://x/api/dataElements?filter=name:eq:Cases", nil))
	assert.Equal(t, 500, w.Code)
	assert.Contains(t, w.Body.String(), "context canceled")
}

// Who is not known gets nothing (RULES.md#system).
func TestAuthenticate(t *testing.T) {
	s := village(t)
	s.Authenticate = func(r *http.Request) (api.User, bool) {
		name, password, _ := r.BasicAuth()
		return api.User{ID: "Uuuuuuuuuuu", Username: name, Authorities: []string{"ALL"}}, password == "district"
	}
	for _, target := range []string{"me", "dataElements", "system/info", "nothing"} {
		status, body := get(s, target)
		assert.Equal(t, 401, status)
		assert.Contains(t, body, `"message":"Unauthorized"`)
	}
	r := httptest.NewRequest("GET", "http://x/api/me/authorization/F_ANY", nil)
	r.SetBasicAuth("ann", "district")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Equal(t, "true\n", w.Body.String())
}

// How answers travel (RULES.md#transport).
func TestTransport(t *testing.T) {
	s := village(t)
	ask := func(method string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://x/api/dataElements?fields=:all", nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	plain := ask("GET")
	tag := plain.Header().Get("ETag")
	require.NotEmpty(t, tag)
	assert.Equal(t, 304, ask("GET", "If-None-Match", `"other", `+tag).Code)
	assert.Equal(t, 200, ask("GET", "If-None-Match", `"other"`).Code)

	packed := ask("GET", "Accept-Encoding", "br, gzip;q=0.5")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	assert.Equal(t, tag, packed.Header().Get("ETag"))
	z, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	assert.Equal(t, plain.Body.String(), string(text))
	assert.Empty(t, ask("GET", "Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding"))

	assert.Empty(t, ask("GET", "Origin", "https://a.org").Header().Get("Access-Control-Allow-Origin"))
	s.AllowOrigin = func(origin string) bool { return origin == "https://a.org" }
	assert.Equal(t, "https://a.org", ask("GET", "Origin", "https://a.org").Header().Get("Access-Control-Allow-Origin"))
	assert.Empty(t, ask("GET", "Origin", "https://b.org").Header().Get("Access-Control-Allow-Origin"))
	assert.Equal(t, 204, ask("OPTIONS", "Origin", "https://a.org").Code)
	assert.Equal(t, 405, ask("POST").Code)
}
