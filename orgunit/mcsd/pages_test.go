package mcsd_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/stretchr/testify/require"
)

// A client follows the pages of a directory, and stops at what is wrong.
func TestPages(t *testing.T) {
	var handler atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.Load().(http.Handler).ServeHTTP(w, r)
	}))
	defer server.Close()
	all := func(ctx context.Context, target string) (n int, err error) {
		for b, err := range mcsd.Pages(ctx, nil, server.URL+target) {
			if err != nil {
				return n, err
			}
			require.NotNil(t, b)
			n++
		}
		return n, nil
	}
	d, err := mcsd.Format{Base: server.URL + "/fhir"}.Directory(places(t), loaded)
	require.NoError(t, err)
	handler.Store(http.Handler(http.StripPrefix("/fhir", d)))
	n, err := all(t.Context(), "/fhir/Location?_count=1")
	require.NoError(t, err)
	require.Equal(t, 4, n)
	_, err = all(t.Context(), "/fhir/Location?nam=x")
	require.ErrorContains(t, err, "/fhir/Location?nam=x: status 400 Bad Request: mcsd: offset 0: an OperationOutcome: error invalid: nam: not known")
	_, err = all(t.Context(), "/fhir/Patient")
	require.ErrorContains(t, err, "status 404 Not Found")

	for name, want := range map[string]string{
		"/Location?page=1":                  "the page was there before",
		"https://evil.example.org/more":     "the next page is at https://evil.example.org: want the same host",
		"http://evil.example.org/more":      "the next page is at http://evil.example.org: want the same host",
		"ftp" + server.URL[4:] + "/more":    "the next page is at ftp://",
		"http://[":                          "missing ']' in host",
		"?" + strings.Repeat("x", 10) + "=": "the page was there before",
	} {
		handler.Store(http.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"resourceType":"Bundle","link":[{"relation":"next","url":%q}]}`, name)
		})))
		_, err = all(t.Context(), "/Location?page=0")
		require.ErrorContains(t, err, want)
	}

	// A directory that does not answer is given up.
	handler.Store(http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"resourceType":"Bundle","entry":[`))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = all(ctx, "/Location")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// A warehouse keeps its org units in step with a registry: all of them once,
// and then what has changed since.
func ExamplePages() {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	defer server.Close()
	format := mcsd.Format{Base: server.URL}
	registry, err := format.Directory(hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "O6uvpzGd5pu", Name: "Bo"}, {ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"},
	}}, time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC))
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("/", registry)

	ctx := context.Background()
	var md hmis.Metadata
	since := ""
	for range 2 {
		var pages []*mcsd.Bundle
		for page, err := range mcsd.Pages(ctx, nil, server.URL+"/_history?_count=3&_since="+since) {
			if err != nil {
				log.Fatal(err)
			}
			pages = append(pages, page)
		}
		if md, err = format.Apply(ctx, md, pages...); err != nil {
			log.Fatal(err)
		}
		since = pages[0].Timestamp
		fmt.Println("pages:", len(pages), "changes:", pages[0].Total, "units:", len(md.OrgUnits))
	}
	// Output:
	// pages: 2 changes: 4 units: 2
	// pages: 1 changes: 0 units: 2
}
