package api_test

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// A vector is a request and the answer of a server.
type vector struct {
	ID, Group, Method, Path string
	Client                  string
	RequestBody             string `json:"request_body"`
	RequestType             string `json:"request_type"`
	Accept                  string
	Status                  int
	Type, Body              string
}

// step returns the first step of the address after the version.
func (v vector) step() string {
	step, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(v.Path, "/api/"), "42/"), "?")
	step, _, _ = strings.Cut(step, "/")
	return strings.TrimSuffix(strings.TrimSuffix(step, ".json"), ".csv")
}

// unserved reports whether nothing here answers a vector.
func (v vector) unserved() bool {
	return slices.Contains(unserved, v.Group) || slices.Contains(unserved, v.step()) ||
		strings.HasSuffix(v.Path, "/version")
}

// TestVectorsServer compares answers with those of a server, one subtest for
// each file and group, such as -run TestVectorsServer/synthetic/filter.
func TestVectorsServer(t *testing.T) {
	for _, country := range []string{"synthetic", "sierra"} {
		t.Run(country, func(t *testing.T) {
			server := serverOf(t, country)
			for _, file := range testfile.Vectors(t, "server/api-"+country+"*") {
				compareFile(t, file, server)
			}
			if country == "sierra" {
				for _, file := range testfile.Vectors(t, "server/clients*") {
					compareFile(t, file, server)
				}
			}
		})
	}
}

// compareFile runs the vectors of a file against a server, by group.
func compareFile(t *testing.T, file string, server http.Handler) {
	groups := map[string][]vector{}
	left := 0
	for v := range testfile.Lines[vector](t, file) {
		if v.Group == "" {
			v.Group = "clients"
		}
		if v.unserved() {
			left++
			continue
		}
		groups[v.Group] = append(groups[v.Group], v)
	}
	t.Logf("%s: %d left: nothing here answers them yet", filepath.Base(file), left)
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		t.Run(group, func(t *testing.T) {
			if !slices.ContainsFunc(groups[group], func(v vector) bool { return known[v.ID] == "" }) {
				t.Skipf("%s: all %d differ on purpose", filepath.Base(file), len(groups[group]))
			}
			count := tally.Of(t, file)
			defer count.Done()
			for _, v := range groups[group] {
				if why := known[v.ID]; why != "" {
					count.Leave(why)
					continue
				}
				difference := compare(v, ask(server, v))
				count.Check(difference == "", "%s %s: %s", v.ID, v.Path, difference)
			}
		})
	}
}

func ask(server http.Handler, v vector) *httptest.ResponseRecorder {
	method := v.Method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, "http://localhost:8080"+requestTarget(v.Path), strings.NewReader(v.RequestBody))
	if v.RequestType != "" {
		r.Header.Set("Content-Type", v.RequestType)
	}
	if v.Status == http.StatusUnauthorized {
		r.Header.Set("Authorization", "none")
	}
	if v.Accept != "" {
		r.Header.Set("Accept", v.Accept)
	}
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	return w
}

// requestTarget escapes what a request line may not have.
func requestTarget(path string) string {
	return strings.NewReplacer(" ", "%20", "\"", "%22", "<", "%3C", ">", "%3E").Replace(path)
}

// serverOf returns the server of one of the two countries.
func serverOf(t testing.TB, country string) http.Handler {
	var md hmis.Metadata
	var rows, forms string
	switch country {
	case "synthetic":
		md = readMetadata(t, testfile.Input(t, "server/synthetic-metadata.json.gz"))
		rows, forms = testfile.Input(t, "server/synthetic-dataValues.csv"), testfile.Input(t, "server/synthetic-completions.json")
	default:
		dir := filepath.Join(testfile.DataDir(t), "sierra-leone")
		md, _ = hmis.Merge(readMetadata(t, filepath.Join(dir, "play42-metadata.json.gz")),
			readMetadata(t, filepath.Join(dir, "play42-organisationUnits.json.gz")))
	}
	if country != "synthetic" {
		rows = filepath.Join(testfile.DataDir(t), "sierra-leone", "play42-dataValues-2025.csv.gz")
	}
	all := collect(t, dhis2.Format{CSV: true}.Read(testfile.Open(t, rows), nil))
	values := func(context.Context) iter.Seq2[hmis.DataValue, error] { return sequence(all) }
	var completed []hmis.Completion
	if forms != "" {
		completed = collect(t, dhis2.ReadCompletions(testfile.Open(t, forms)))
	}
	done := func(context.Context) iter.Seq2[hmis.Completion, error] { return sequence(completed) }
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	return &api.Server{Catalog: catalog, Tree: tree, ServerArtefacts: true, Values: values, Completions: done, Authenticate: func(r *http.Request) (api.User, bool) {
		return api.User{ID: "M5zQapPyTZI", Username: "admin", Authorities: []string{"ALL"}}, r.Header.Get("Authorization") != "none"
	}}
}

func collect[T any](t testing.TB, rows iter.Seq2[T, error]) []T {
	var out []T
	for one, err := range rows {
		require.NoError(t, err)
		out = append(out, one)
	}
	return out
}

func sequence[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}

func readMetadata(t testing.TB, file string) hmis.Metadata {
	md, err := dhis2.ReadMetadata(testfile.Open(t, file))
	require.NoError(t, err)
	return md
}

// decode returns a JSON text, or the text itself if it is none.
func decode(text string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return text
	}
	return v
}
