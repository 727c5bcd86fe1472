package mcsd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/stretchr/testify/require"
)

const base = "https://fhir.moh.example.org"

// loaded is when the directory of the tests was made.
var loaded = time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)

// places returns the world of the tests of searches.
func places(t testing.TB) hmis.Metadata {
	w := newWorld()
	w["Location/f"]["name"], w["Organization/f"]["name"] = "Hôpital  Sainte-Thérèse", "Hôpital  Sainte-Thérèse"
	w["Location/f"]["alias"] = []any{"HST"}
	w["Location/f"]["position"] = map[string]any{"longitude": 30.0, "latitude": -1.0}
	w["Location/g"]["position"] = map[string]any{"longitude": 30.05, "latitude": -1.0}
	w["Location/g"]["status"] = "suspended"
	w["Organization/g"]["active"] = false
	w["Location/f"]["type"] = append(w["Location/f"]["type"].([]any), concept("urn:types", "HOSP"))
	w["Location/g"]["identifier"] = []any{map[string]any{"use": "official", "system": "urn:codes", "value": "A,B|C"}}
	w["Organization/g"]["identifier"] = w["Location/g"]["identifier"]
	w.affiliate("m", "g", "c")
	md, found := read(t, mcsd.Format{}, w.bundle(t))
	require.Empty(t, found)
	return md
}

func directory(t testing.TB, md hmis.Metadata) *mcsd.Directory {
	t.Helper()
	d, err := mcsd.Format{Base: base, Today: today}.Directory(md, loaded)
	require.NoError(t, err)
	return d
}

// ask sends a request, "" being GET, and returns the answer.
func ask(d http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(cmpOr(method, "GET"), base+"/"+target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func cmpOr(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// An answered is a bundle as encoding/json reads it.
type answered struct {
	ResourceType, Type, Timestamp string
	Total                         int
	Link                          []struct{ Relation, URL string }
	Entry                         []struct {
		FullURL  string
		Resource *struct{ ResourceType, ID string }
		Search   struct{ Mode string }
		Request  struct{ Method, URL string }
		Response struct{ Status, LastModified string }
	}
}

// ids writes the entries as "f g +o/f": matches by id, others with their type.
func (a answered) ids() string {
	var out []string
	for _, e := range a.Entry {
		switch {
		case e.Search.Mode == "match":
			out = append(out, e.Resource.ID)
		case e.Search.Mode == "include":
			out = append(out, "+"+e.Resource.ResourceType+"/"+e.Resource.ID)
		case e.Search.Mode == "outcome":
			out = append(out, "!")
		default:
			out = append(out, e.Request.Method+" "+e.Request.URL+" "+e.Response.Status)
		}
	}
	return strings.Join(out, " ")
}

func (a answered) link(relation string) string {
	for _, l := range a.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

func decode(t testing.TB, w *httptest.ResponseRecorder) (a answered) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a), w.Body.String())
	return a
}

// Each parameter finds what it should and nothing else (RULES.md#searches).
func TestSearch(t *testing.T) {
	d := directory(t, places(t))
	tests := []struct{ target, want string }{
		{"Location", "c d f g"},
		{"Organization", "c d f g"},
		{"OrganizationAffiliation", "m"},
		{"Location?_id=f", "f"},
		{"Location?_id=f,g,ghost", "f g"},
		{"Location?_id=", "c d f g"},
		{"Location?name=unit", "c d g"},
		{"Location?name=UNIT%20d", "d"},
		{"Location?name=nit", ""},
		{"Location?name:contains=NIT", "c d g"},
		{"Location?name=hopital%20sainte", "f"},
		{"Location?name:contains=therese", "f"},
		{"Location?name:contains=the%CC%81re%CC%80se", "f"}, // accents after the letters
		{"Location?name:contains=TH%C3%89R%C3%88SE", "f"},
		{"Location?name:exact=unit%20d", ""},
		{"Location?name:exact=Unit%20d,Unit%20g", "d g"},
		{"Location?name=hst", "f"},
		{"Location?name=unit,hst&name:contains=d", "d"},
		{"Location?identifier=C-f", "f"},
		{"Location?identifier=urn:codes%7CC-f", "f"},
		{"Location?identifier=urn:other%7CC-f", ""},
		{"Location?identifier=%7CC-f", ""}, // without a system
		{"Location?identifier=urn:codes%7C", "c d f g"},
		{`Location?identifier=A\,B\%7CC`, "g"},
		{`Location?identifier=urn:codes%7CA\,B\%7CC,C-f`, "f g"},
		{"Location?status=active", "c d f"},
		{"Location?status=suspended,inactive", "g"},
		{"Location?status=http://hl7.org/fhir/location-status%7Csuspended", "g"},
		{"Location?type=facility", "f g"},
		{"Location?type=" + url.QueryEscape(mcsd.TypeSystem) + "%7Cjurisdiction", "c d"},
		{"Location?type=facility&type=HOSP", "f"},
		{"Location?organization=f", "f"},
		{"Location?organization=Organization/f,Organization/g", "f g"},
		{"Location?organization=" + base + "/Organization/f", "f"},
		{"Location?partof=d", "f g"},
		{"Location?partof=Location/c", "d"},
		{"Location?partof:below=c", "d f g"},
		{"Location?near=-1.0%7C30.0", "f g"},
		{"Location?near=-1.0%7C30.0%7C1%7Ckm", "f"},
		{"Location?near=-1.0%7C30.0%7C5570%7Cm", "f g"}, // it is 5,559.8 m
		{"Location?near=-1.0%7C30.0%7C5550%7Cm", "f"},
		{"Location?near=-1.0%7C30.0%7C3.46%7C[mi_us]", "f g"},
		{"Location?near=1%7C1,-1.0%7C30.05%7C1", "g"},
		{"Location?_lastUpdated=2026-01-10", "c d f g"},
		{"Location?_lastUpdated=2026", "c d f g"},
		{"Location?_lastUpdated=gt2026-01-10", ""},
		{"Location?_lastUpdated=ge2026-01-10", "c d f g"},
		{"Location?_lastUpdated=gt2026-01-10T11:59:59Z", "c d f g"},
		{"Location?_lastUpdated=gt2026-01-10T12:00:00Z", ""},
		{"Location?_lastUpdated=gt2026-01-10T16:59:59%2B05:00", "c d f g"},
		{"Location?_lastUpdated=gt2026-01-10T11:59:59.999Z", "c d f g"},
		{"Location?_lastUpdated=le2026-01-10T12:00:00.000Z", "c d f g"},
		{"Location?_lastUpdated=lt2026-01-10T12:00:00Z", ""},
		{"Location?_lastUpdated=sa2026-01-09", "c d f g"},
		{"Location?_lastUpdated=eb2026-01-11", "c d f g"},
		{"Location?_lastUpdated=ne2026-01", ""},
		{"Location?_lastUpdated=ge2026-01-10&_lastUpdated=lt2026-01-11", "c d f g"},
		{"Organization?active=true", "c d f"},
		{"Organization?active=false", "g"},
		{"Organization?partof=Organization/d", "f g"},
		{"Organization?partof:below=Organization/c&type=facility", "f g"},
		{"Organization?name:contains=therese", "f"},
		{"Organization?identifier=urn:codes%7CC-c", "c"},
		{"OrganizationAffiliation?participating-organization=g", "m"},
		{"OrganizationAffiliation?primary-organization=g", ""},
		{"OrganizationAffiliation?role=urn:hierarchies%7Csupply&primary-organization=Organization/c", "m"},
		{"Location?_id=f&_include=Location:organization", "f +Organization/f"},
		{"Location?_id=f&_include=Location:organization:Organization", "f +Organization/f"},
		{"Location?_id=f&_include:iterate=Location:partof", "f +Location/d +Location/c"},
		{"Location?_id=f&_include=Location:partof", "f +Location/d"},
		{"Location?_id=f,d&_include=Location:partof", "d f +Location/c"},
		{"Organization?_id=g&_revinclude=Location:organization&_revinclude=OrganizationAffiliation:participating-organization",
			"g +Location/g +OrganizationAffiliation/m"},
		{"Location?_count=2", "c d"},
		{"Location?_count=0", ""},
		{"Location?_summary=count", ""},
		{"Location?_total=none&_summary=false&_pretty=true&_format=json", "c d f g"},
	}
	for _, tt := range tests {
		w := ask(d, "", tt.target, "")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", tt.target, w.Code, w.Body)
			continue
		}
		a := decode(t, w)
		if a.ids() != tt.want || a.Type != "searchset" {
			t.Errorf("%s: found %q, want %q", tt.target, a.ids(), tt.want)
		}
		require.NotContains(t, w.Body.String(), `"entry":[]`)

		typ, query, _ := strings.Cut(tt.target, "?")
		posted := ask(d, "POST", typ+"/_search", query+"&")
		require.Equal(t, a.ids(), decode(t, posted).ids(), "POST %s", tt.target)
	}
	require.Equal(t, 4, decode(t, ask(d, "", "Location?_count=0", "")).Total)
	lenient := ask(d, "", "Location?_id=f&_sort=name", "", "Prefer", "handling=lenient")
	a := decode(t, lenient)
	require.Equal(t, "f !", a.ids())
	require.Equal(t, base+"/Location?_id=f", a.link("self"))
	require.Contains(t, lenient.Body.String(), `"diagnostics":"_sort: not known, so it was ignored"`)
}

// A request that is wrong gets a status and says what is wrong
// (RULES.md#errors).
func TestDirectoryErrors(t *testing.T) {
	d := directory(t, places(t))
	tests := []struct {
		method, target, body string
		status               int
		code, text           string
	}{
		{"", "Patient", "", 404, "not-supported", `"/Patient": want Location, Organization, OrganizationAffiliation, _history or metadata`},
		{"", "Location/ghost", "", 404, "not-found", "no Location/ghost"},
		{"", "Location/f/_history/7", "", 404, "not-found", "Location/f has version 1; others are not kept"},
		{"", "Location/ghost/_history", "", 404, "not-found", "no Location/ghost"},
		{"", "Location/f/x", "", 404, "not-supported", `"/Location/f/x": want such as Location/1`},
		{"", "Location?nam=x", "", 400, "invalid", "nam: not known: want _id, _lastUpdated, identifier, name, organization, partof, status, type, near, _include, _revinclude, _count, _summary=count"},
		{"", "Location?name:text=x", "", 400, "invalid", `name:text: modifier "text": want contains, exact`},
		{"", "Location?status:not=x", "", 400, "invalid", `status:not: modifier "not": want none`},
		{"", "Location?identifier=a%7Cb%7Cc", "", 400, "invalid", `identifier: "a|b|c": want system|code`},
		{"", "Location?identifier=%7C", "", 400, "invalid", `identifier: "|": want system|code`},
		{"", "Location?partof=Organization/f", "", 400, "invalid", `partof: "Organization/f": want Location/1, its id alone, or its URL here`},
		{"", "Location?near=x%7C1", "", 400, "invalid", `near: "x": want degrees from -90 to 90`},
		{"", "Location?near=1%7CNaN", "", 400, "invalid", `near: "NaN": want degrees from -180 to 180`},
		{"", "Location?near=1", "", 400, "invalid", `near: "1": want latitude|longitude|distance|unit`},
		{"", "Location?near=1%7C1%7C-1", "", 400, "invalid", `near: distance "-1": want a number from 0`},
		{"", "Location?near=1%7C1%7C1%7Cly", "", 400, "invalid", `near: unit "ly": want km, m or [mi_us]`},
		{"", "Location?_lastUpdated=soon", "", 400, "invalid", `_lastUpdated: "on": want a time such as 2026-01-31 or 2026-01-31T12:00:00Z`},
		{"", "Location?_lastUpdated=ap2026", "", 400, "invalid", `_lastUpdated: prefix "ap": want eq, ne, gt, lt, ge, le, sa or eb`},
		{"", "Location?_count=-1", "", 400, "invalid", `_count: "-1": want a whole number from 0`},
		{"", "Location?_summary=text", "", 400, "invalid", `_summary: "text": want count or false`},
		{"", "Location?_total=7", "", 400, "invalid", `_total: "7": want none, estimate or accurate`},
		{"", "Location?_include=Location:endpoint", "", 400, "invalid", `_include: "Location:endpoint": want Location:organization, Location:partof`},
		{"", "Location?_include:recurse=Location:partof", "", 400, "invalid", `_include:recurse: modifier "recurse": want iterate`},
		{"", "Location?%zz", "", 400, "invalid", `the query: invalid URL escape "%zz"`},
		{"", "Location/_history?_since=x", "", 400, "invalid", `_since: "x": want a time such as 2026-01-31 or 2026-01-31T12:00:00Z`},
		{"", "Location/_history?_at=2026", "", 400, "invalid", "_at: not known: want _since or _count"},
		{"", "Location/_history?_after=x", "", 400, "invalid", `_after: "x": want the link of a page before`},
		{"PUT", "Location/f", "{}", 405, "not-supported", "PUT: want GET; this directory cannot be changed"},
		{"POST", "Location", "{}", 405, "not-supported", "POST: want GET; this directory cannot be changed"},
		{"POST", "Location/_search", strings.Repeat("x", 65<<10), 413, "too-long", "want a form of at most 65536 bytes"},
		{"", "Location?_id=" + strings.Repeat("a", 257<<10), "", 414, "too-long", "want a query of at most 262144 bytes"},
		{"", "Location?_id=" + strings.Repeat("a,", 2000), "", 400, "too-costly", "2001 values: want at most 2000"},
		{"", "Location?_format=xml", "", 406, "not-supported", `"xml": want application/fhir+json`},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(cmpOr(tt.method, "GET"), base+"/", strings.NewReader(tt.body))
		path, query, _ := strings.Cut(tt.target, "?")
		r.URL.Path, r.URL.RawQuery = "/"+path, query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		var got struct {
			ResourceType string
			Issue        []struct{ Severity, Code, Diagnostics string }
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got), tt.target)
		require.Equal(t, "OperationOutcome", got.ResourceType)
		if i := got.Issue[0]; w.Code != tt.status || i.Code != tt.code || i.Diagnostics != tt.text {
			t.Errorf("%.60s: %d %s %q, want %d %s %q", tt.target, w.Code, i.Code, i.Diagnostics, tt.status, tt.code, tt.text)
		}
		// Package mcsd reads such an answer as an error that says the same.
		_, err := mcsd.ReadBundle(bytes.NewReader(w.Body.Bytes()))
		require.ErrorContains(t, err, "an OperationOutcome: error "+tt.code)
	}
	require.Equal(t, "GET, HEAD", ask(d, "DELETE", "Location/f", "").Header().Get("Allow"))
	require.Equal(t, http.StatusUnsupportedMediaType, ask(d, "POST", "Location/_search", "{}", "Content-Type", "application/json").Code)

	// Which formats are wanted.
	for accept, status := range map[string]int{
		"": 200, "*/*": 200, "application/fhir+json": 200, "application/json;q=0.9, text/html": 200, "application/fhir+json; fhirVersion=4.0": 200,
		"application/fhir+xml": 406, "text/html": 406, "application/fhir+xml, application/fhir+json;q=0.5": 200,
	} {
		require.Equal(t, status, ask(d, "", "Location", "", "Accept", accept).Code, accept)
	}
	require.Equal(t, 200, ask(d, "", "Location?_format=application/fhir%2Bjson", "", "Accept", "text/html").Code)

	// A request that has been given up.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", base+"/Location", nil).WithContext(ctx))
	require.Equal(t, http.StatusServiceUnavailable, w.Code)

	_, err := mcsd.Format{}.Directory(hmis.Metadata{}, loaded)
	require.EqualError(t, err, `mcsd: Base "": want the URL of the directory, such as https://hmis.example.org/fhir`)
	_, err = d.With(hmis.Metadata{}, loaded)
	require.EqualError(t, err, "mcsd: 2026-01-10T12:00:00.000Z: want a time after that of the last change, 2026-01-10T12:00:00.000Z")
}

// A page does not include the whole country.
func TestDirectoryIncludes(t *testing.T) {
	d := directory(t, facilities(10_500))
	w := ask(d, "", "Organization?_id=coun0000000&_revinclude:iterate=Organization:partof", "")
	require.Equal(t, 400, w.Code)
	require.Contains(t, w.Body.String(), "more than 10000 resources are included: want a smaller _count")
	a := decode(t, ask(d, "", "Organization?_id=regi0000001&_revinclude:iterate=Organization:partof", ""))
	require.Len(t, a.Entry, 1+10+110) // districts 10 to 19 have 11 facilities each
}

// One resource, its versions, and what the server can do.
func TestDirectoryRead(t *testing.T) {
	d := directory(t, places(t))
	w := ask(d, "", "Location/f", "")
	require.Equal(t, `W/"1"`, w.Header().Get("ETag"))
	require.Equal(t, "Sat, 10 Jan 2026 12:00:00 GMT", w.Header().Get("Last-Modified"))
	require.Contains(t, w.Body.String(), `"versionId":"1","lastUpdated":"2026-01-10T12:00:00.000Z"`)
	require.Equal(t, w.Body.String(), ask(d, "", "Location/f/_history/1", "").Body.String())
	require.Equal(t, http.StatusNotModified, ask(d, "", "Location/f", "", "If-None-Match", `W/"0", W/"1"`).Code)
	require.Equal(t, http.StatusOK, ask(d, "", "Location/f", "", "If-None-Match", `W/"2"`).Code)
	require.Contains(t, ask(d, "", "OrganizationAffiliation/m", "").Body.String(), `"meta":{"versionId":"1"`)

	var statement struct {
		FHIRVersion string
		Rest        []struct {
			Resource []struct {
				Type        string
				SearchParam []struct{ Name string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(ask(d, "", "metadata", "").Body.Bytes(), &statement))
	require.Equal(t, "4.0.1", statement.FHIRVersion)
	for _, r := range statement.Rest[0].Resource { // each parameter that is named is one
		for _, p := range r.SearchParam {
			w := ask(d, "", r.Type+"?"+p.Name+"=", "")
			require.Equal(t, 200, w.Code, p.Name)
		}
	}
}

// pages follows the links to the next page, as a client does.
func pages(t testing.TB, d http.Handler, target string) []*mcsd.Bundle {
	t.Helper()
	var all []*mcsd.Bundle
	for target != "" {
		w := ask(d, "", target, "")
		require.Equal(t, 200, w.Code, w.Body)
		b, err := mcsd.ReadBundle(w.Body)
		require.NoError(t, err)
		all = append(all, b)
		target = strings.TrimPrefix(b.Next, base+"/")
		require.Less(t, len(all), 10_000)
	}
	return all
}

// Whatever the size of pages, a client reads what the directory has
// (RULES.md#searches).
func TestDirectoryPages(t *testing.T) {
	md := places(t)
	d := directory(t, md)
	for _, size := range []string{"1", "2", "3", "1000000"} {
		var all []*mcsd.Bundle
		for _, typ := range []string{"Location", "Organization", "OrganizationAffiliation"} {
			all = append(all, pages(t, d, typ+"?_count="+size)...)
		}
		got, err := mcsd.Format{Base: base, Today: today}.Metadata(t.Context(), all...)
		require.NoError(t, err)
		got.Properties = withoutMeta(got.Properties)
		want := md
		want.Properties = withoutMeta(md.Properties)
		sameContent(t, size, want, got)

		history, err := mcsd.Format{Base: base, Today: today}.Metadata(t.Context(), pages(t, d, "_history?_count="+size)...)
		require.NoError(t, err)
		history.Properties = withoutMeta(history.Properties)
		sameContent(t, size, want, history)
	}
}

// withoutMeta drops the versions, which a directory gives anew: those of units,
// and affiliations, which are kept as they are written.
func withoutMeta(list []hmis.Property) []hmis.Property {
	return slices.DeleteFunc(slices.Clone(list), func(p hmis.Property) bool {
		return strings.HasSuffix(p.Name, ".meta") || strings.HasPrefix(p.Name, "OrganizationAffiliation/")
	})
}

// What changed since is what clients get (RULES.md#histories).
func TestDirectoryHistory(t *testing.T) {
	md := places(t)
	first := directory(t, md)
	same, err := first.With(md, loaded.Add(time.Hour))
	require.NoError(t, err)

	changed := md
	changed.OrgUnits = slices.Clone(md.OrgUnits)
	for i := range changed.OrgUnits {
		if changed.OrgUnits[i].ID == mcsd.UIDOf("d") {
			changed.OrgUnits[i].Name = "District"
		}
	}
	changed.OrgUnits = slices.DeleteFunc(changed.OrgUnits, func(u hmis.OrgUnit) bool { return u.ID == mcsd.UIDOf("g") })
	second, err := same.With(changed, loaded.Add(2*time.Hour))
	require.NoError(t, err)
	third, err := second.With(md, loaded.Add(3*time.Hour+1500*time.Microsecond))
	require.NoError(t, err)

	since := func(d *mcsd.Directory, target, at string) string {
		return decode(t, ask(d, "", target+"?_since="+at, "")).ids()
	}
	require.Equal(t, "PUT Location/c 201 PUT Location/d 201 PUT Location/f 201 PUT Location/g 201", since(first, "Location/_history", "2026-01-10"))
	require.Equal(t, "", since(same, "_history", "2026-01-10T12:00:00.001Z"))
	require.Equal(t, "PUT Location/d 200 DELETE Location/g 204", since(second, "Location/_history", "2026-01-10T13:00:00Z"))
	require.Equal(t, "PUT Location/d 200 DELETE Location/g 204 PUT Organization/d 200 DELETE Organization/g 204 DELETE OrganizationAffiliation/m 204",
		since(second, "_history", "2026-01-10T14:00:00Z"))
	require.Equal(t, "DELETE Location/g 204", since(second, "Location/g/_history", "2026-01-10T13:00:00Z"))
	require.Equal(t, "PUT Location/d 200 PUT Location/g 200", since(third, "Location/_history", "2026-01-10T15:00:00.001Z"))

	// What is gone is gone, and d itself did not change.
	require.Equal(t, http.StatusGone, ask(second, "", "Location/g", "").Code)
	require.Equal(t, "c d f", decode(t, ask(second, "", "Location", "")).ids())
	require.Equal(t, http.StatusOK, ask(first, "", "Location/g", "").Code)
	require.Equal(t, `W/"3"`, ask(third, "", "Location/g", "").Header().Get("ETag"))

	// A client that reads all at first and then the changes has the same; it asks
	// for changes since the timestamp of what it has, and gets no more than it
	// needs.
	f := mcsd.Format{Base: base, Today: today}
	all := pages(t, first, "_history?_count=3")
	got, err := f.Metadata(t.Context(), all...)
	require.NoError(t, err)
	at := all[0].Timestamp
	for _, step := range []struct {
		d       *mcsd.Directory
		changes int
	}{{same, 0}, {second, 5}, {third, 5}} {
		news := pages(t, step.d, "_history?_count=2&_since="+at)
		require.Equal(t, step.changes, news[0].Total)
		got, err = f.Apply(t.Context(), got, news...)
		require.NoError(t, err)
		at = news[0].Timestamp
	}
	got.Properties = withoutMeta(got.Properties)
	want := md
	want.Properties = withoutMeta(md.Properties)
	sameContent(t, "in the end", want, got)
}

// A page goes on where the one before has ended, even if the directory has
// changed in between.
func TestDirectoryPagesOfChange(t *testing.T) {
	md := places(t)
	d := directory(t, md)
	a := decode(t, ask(d, "", "Location?_count=2", ""))
	require.Equal(t, base+"/Location?_count=2&_after=d", a.link("next"))
	less := md
	less.OrgUnits = slices.DeleteFunc(slices.Clone(md.OrgUnits), func(u hmis.OrgUnit) bool { return u.ID == mcsd.UIDOf("d") })
	d, err := mcsd.Format{Base: base, Warn: func(hmis.Issue) {}}.Directory(less, loaded.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, "f g", decode(t, ask(d, "", "Location?_count=2&_after=d", "")).ids())
}

// A server answers a search of a client in another process.
func ExampleDirectory() {
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Code: "OU_264", Name: "Bo"},
		{ID: "DiszpKrYNg8", Code: "OU_559", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
	}}
	format := mcsd.Format{Base: "https://hmis.example.org/fhir"}
	directory, err := format.Directory(md, time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(http.StripPrefix("/fhir", directory))
	defer server.Close()

	for page, err := range mcsd.Pages(context.Background(), nil, server.URL+"/fhir/Location?name=ngele") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(page.Type, page.Total)
	}
	// Output: searchset 1
}
