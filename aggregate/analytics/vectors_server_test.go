package analytics_test

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A recorded is one line of a file: a request and what a DHIS2 server answered.
type recorded struct {
	ID, Path, Body, Note string
	Status               int
	Compare              []string
}

// wrongLines are lines whose answer the library does not give, each with the
// reason why the line is wrong.
var wrongLines = map[string]string{}

// TestVectorsServer asks what a running DHIS2 was asked, over HTTP, and compares
// the parts of the answers that the line names.
//
// It watches what no other test of this package does: RULES.md#operands-together,
// RULES.md#order-of-org-units, RULES.md#order-of-rows, RULES.md#output-id-schemes and
// RULES.md#where-a-server-fails.
func TestVectorsServer(t *testing.T) {
	files := testfile.Vectors(t, "server/analytics-*")
	tolerated := baseline(t)
	servers := make(map[string]analytics.Server)
	for _, file := range files {
		name := filepath.Base(file)
		country := "synthetic"
		if strings.Contains(name, "sierra") {
			country = "sierra"
		}
		server, ok := servers[country]
		if !ok {
			server, ok = countryServer(t, country)
			if !ok {
				t.Logf("%s: skipped, the data of its country is not here", name)
				continue
			}
			servers[country] = server
		}
		server.ZeroIsData = strings.Contains(name, "zeros")
		passed, failed := 0, 0
		parts := make(map[string]int)
		for line := range testfile.Lines[recorded](t, file) {
			part, diff := line.differs(server)
			if part == "" {
				passed++
				continue
			}
			failed++
			parts[part]++
			reason := cmp.Or(wrongLines[line.ID], tolerated[line.ID])
			switch {
			case reason != "":
				t.Logf("%s: %s: %s differs, as is known: %s", name, line.ID, part, reason)
			case failed <= 20:
				t.Errorf("%s: %s: %s\n%s\n%s", name, line.ID, part, line.Path, diff)
			default:
				t.Errorf("%s: %s: %s", name, line.ID, part)
			}
		}
		t.Logf("%s: %d passed, %d failed", name, passed, failed)
		for _, part := range slices.Sorted(maps.Keys(parts)) {
			t.Logf("%s: %d differ first in %s", name, parts[part], part)
		}
	}
}

// baseline reads the ids of lines that are known to fail for now.
func baseline(t testing.TB) map[string]string {
	t.Helper()
	known := make(map[string]string)
	data, err := os.ReadFile(filepath.Join("testdata", "baseline.txt"))
	if os.IsNotExist(err) {
		return known
	}
	require.NoError(t, err)
	for id := range strings.FieldsSeq(string(data)) {
		known[id] = "to be mended"
	}
	return known
}

// countryServer loads a country. ok is false if its data is not on this machine.
func countryServer(t testing.TB, country string) (s analytics.Server, ok bool) {
	t.Helper()
	inputs := func(name string) []byte { return testfile.Read(t, testfile.Input(t, "server/"+name)) }
	var md hmis.Metadata
	var values []byte
	switch country {
	case "sierra":
		real := os.Getenv("HMIS_DATA")
		if real == "" {
			real = filepath.Join("..", "..", "..", "shared", "data")
		}
		real = filepath.Join(real, "sierra-leone")
		if _, err := os.Stat(real); err != nil {
			return s, false
		}
		md, _ = hmis.Merge(readMetadata(t, real, "play42-metadata.json.gz"), readMetadata(t, real, "play42-organisationUnits.json.gz"))
		values = testfile.Read(t, filepath.Join(real, "play42-dataValues-2025.csv.gz"))
	default:
		var err error
		md, err = dhis2.ReadMetadata(bytes.NewReader(inputs("synthetic-metadata.json")))
		require.NoError(t, err)
		values = inputs("synthetic-dataValues.csv")
	}
	completions := inputs(country + "-completions.json")
	s = loadServer(t, md, func(l aggregate.Loader) (*aggregate.Cube, error) {
		l.Completions = dhis2.ReadCompletions(bytes.NewReader(completions))
		// Some texts are no number, as on the server, which leaves them out.
		l.Reject = func(hmis.DataValue, error) {}
		l.RejectCompletion = func(hmis.Completion, error) {}
		return l.Load(context.Background(), dhis2.Format{CSV: true}.Read(bytes.NewReader(values), nil))
	})
	s.ServerArtefacts = true
	s.User = s.Tree.Roots()
	today, err := period.ParseDate("2026-11-30")
	require.NoError(t, err)
	s.Clock = func() period.Clock { return period.Clock{Today: today} }
	return s, true
}

// get asks a server for a path with its query, as over HTTP.
func get(s analytics.Server, path string) *httptest.ResponseRecorder {
	path, query, _ := strings.Cut(path, "?")
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.URL.RawQuery = query
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// differs answers a line. It returns the first part that is not as recorded and
// how it differs, or "" if all are.
func (l recorded) differs(s analytics.Server) (part, diff string) {
	if len(l.Compare) == 0 {
		return "", ""
	}
	w := get(s, l.Path)
	got, want := readBody(w.Body.String()), readBody(l.Body)
	for _, part := range l.Compare {
		if part == "status" {
			if w.Code != l.Status {
				return "status", "got " + http.StatusText(w.Code) + ": " + clip(w.Body.String()) + "\nwant " + clip(l.Body)
			}
			continue
		}
		if diff := got.diff(want, part); diff != "" {
			return part, diff
		}
	}
	return "", ""
}
