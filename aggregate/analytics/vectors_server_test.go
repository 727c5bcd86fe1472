package analytics_test

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
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

// A recorded is one line of a file: a request and the answer of a DHIS2 server.
type recorded struct {
	ID, Path, Body, Note string
	Status               int
	Compare              []string
}

// wrongLines has the lines with a wrong answer, which the library does not
// give, and the reason why each is wrong.
var wrongLines = map[string]string{
	"synthetic8-0388": "the server loses a year to date where pe is not the first dimension",
	"synthetic8-0465": "the server drops subExpressions under a look-back override",
	"synthetic9-0689": "the server drops subExpressions under a look-back override",
	"synthetic8-1585": "the server counts every group as 1 under the aggregation MAX",
	"synthetic8-2990": "of several first values with the same days the server takes any, also one that a filter leaves out",
	"synthetic9-0168": "822.615 as a sum of doubles is rounded down, depending on the order of rows",
}

// TestVectorsServer sends the requests that a running DHIS2 got, over HTTP, and
// compares those parts of the answers that each line names.
//
// It is the only test of these rules: RULES.md#operands-together,
// RULES.md#order-of-org-units, RULES.md#order-of-rows,
// RULES.md#output-id-schemes and RULES.md#where-a-server-fails.
func TestVectorsServer(t *testing.T) {
	for _, file := range testfile.Vectors(t, "server/analytics-*") {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			server := countryServer(t, name)
			passed, failed, left := 0, 0, 0
			parts := make(map[string]int)
			for line := range testfile.Lines[recorded](t, file) {
				part, diff, open := line.differs(server)
				if open != "" {
					left++
					t.Logf("%s: %s: left open: %s", name, line.ID, open)
				}
				if part == "" {
					passed++
					continue
				}
				failed++
				parts[part]++
				switch reason := wrongLines[line.ID]; {
				case reason != "":
					t.Logf("%s: %s: %s differs, as is known: %s", name, line.ID, part, reason)
				case failed <= 20:
					t.Errorf("%s: %s: %s\n%s\n%s", name, line.ID, part, line.Path, diff)
				default:
					t.Errorf("%s: %s: %s", name, line.ID, part)
				}
			}
			t.Logf("%s: %d passed, %d failed", name, passed, failed)
			if left > 1+(passed+failed)/mostIsLeft {
				t.Errorf("%s: %d lines are left open, which is too many", name, left)
			}
			for _, part := range slices.Sorted(maps.Keys(parts)) {
				t.Logf("%s: %d differ first in %s", name, parts[part], part)
			}
		})
	}
}

// countries has the servers that countryServer has made. The files share them.
var countries = make(map[string]analytics.Server)

// countryServer returns a server of the country in a file's requests. Without
// the data of that country the test is skipped.
func countryServer(t testing.TB, file string) analytics.Server {
	t.Helper()
	country := "synthetic"
	if strings.Contains(file, "sierra") {
		country = "sierra"
	}
	s, ok := countries[country]
	if !ok {
		s = loadCountry(t, country)
		countries[country] = s
	}
	s.ZeroIsData = strings.Contains(file, "zeros")
	return s
}

func loadCountry(t testing.TB, country string) analytics.Server {
	t.Helper()
	var md hmis.Metadata
	var values []byte
	if country == "sierra" {
		dir := filepath.Join(testfile.DataDir(t), "sierra-leone")
		md, _ = hmis.Merge(readMetadata(t, dir, "play42-metadata.json.gz"), readMetadata(t, dir, "play42-organisationUnits.json.gz"))
		values = testfile.Read(t, filepath.Join(dir, "play42-dataValues-2025.csv.gz"))
	} else {
		var err error
		md, err = dhis2.ReadMetadata(testfile.Open(t, testfile.Input(t, "server/synthetic-metadata.json")))
		require.NoError(t, err)
		values = testfile.Read(t, testfile.Input(t, "server/synthetic-dataValues.csv"))
	}
	completions := testfile.Open(t, testfile.Input(t, "server/"+country+"-completions.json"))
	s := loadServer(t, md, func(l aggregate.Loader) (*aggregate.Cube, error) {
		l.Completions = dhis2.ReadCompletions(completions)
		// As on the server, some texts are no numbers and are left out.
		l.Reject = func(hmis.DataValue, error) {}
		l.RejectCompletion = func(hmis.Completion, error) {}
		return l.Load(context.Background(), dhis2.Format{CSV: true}.Read(bytes.NewReader(values), nil))
	})
	s.ServerArtefacts = true
	s.User = s.Tree.Roots()
	today, err := period.ParseDate("2026-11-30")
	require.NoError(t, err)
	s.Clock = func() period.Clock { return period.Clock{Today: today} }
	return s
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

// differs answers a line. It returns the first part that differs from the
// recorded answer, and the difference. part is "" if there is none. open is the
// reason why some numbers may differ, if they do.
func (l recorded) differs(s analytics.Server) (part, diff, open string) {
	if len(l.Compare) == 0 {
		return "", "", ""
	}
	w := get(s, l.Path)
	got, want := readBody(w.Body.String()), readBody(l.Body)
	for _, part := range l.Compare {
		switch {
		case part == "status":
			if w.Code != l.Status {
				return "status", "got " + http.StatusText(w.Code) + ": " + clip(w.Body.String()) + "\nwant " + clip(l.Body), ""
			}
			continue
		case part == "order" && (open != "" || strings.Contains(l.Path, "/rawData")):
			continue // raw data has no order, and its sequence is that of the database
		}
		diff := got.diff(want, part)
		if diff != "" && (part == "rows" || part == "csv" || part == "values") {
			if open = l.leftOpen(s, w.Body.String()); open != "" {
				continue
			}
		}
		if diff != "" {
			return part, diff, ""
		}
	}
	return "", "", open
}
