package api_test

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzAnswer checks that every request has an answer in JSON and that its
// status is never a fault of the server.
func FuzzAnswer(f *testing.F) {
	f.Add("organisationUnits", "fields=id,parent[name~rename(x)],children::size&filter=name:in:[a,b]&order=name:idesc")
	f.Add("organisationUnits/Rrrrrrrrrrr", "includeChildren=true&level=2&page=2&pageSize=1")
	f.Add("dataElements/Ccccccccccc/name", "fields=:all,!name,-id")
	f.Add("dimensions", "fields=*&paging=false&query=x")
	f.Add("metadata", "dataSets=true&dataSets:fields=id&filter=name:like:M")
	f.Add("schemas/dataElement", "fields=properties[name],!klass")
	s := village(f)
	f.Fuzz(func(t *testing.T, path, query string) {
		r := httptest.NewRequest("GET", "http://x/api/", nil)
		r.URL = &url.URL{Path: "/api/" + path, RawQuery: query}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 || strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") && w.Body.String() != "pong" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
	})
}
