package analytics_test

import (
	"cmp"
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// realData returns the folder with the demonstration country, or skips the test.
func realData(t testing.TB) string {
	t.Helper()
	dir := cmp.Or(os.Getenv("HMIS_DATA"), filepath.Join("..", "..", "..", "shared", "data"))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data in %s; set HMIS_DATA", dir)
	}
	return filepath.Join(dir, "sierra-leone")
}

// sierraLeone loads the demonstration country with its values of 2025.
func sierraLeone(t testing.TB, dir string) analytics.Server {
	t.Helper()
	var parts []hmis.Metadata
	for _, name := range []string{"play42-metadata.json.gz", "play42-organisationUnits.json.gz"} {
		file, err := os.Open(filepath.Join(dir, name))
		require.NoError(t, err)
		md, err := dhis2.ReadMetadata(file)
		require.NoError(t, err, name)
		require.NoError(t, file.Close())
		parts = append(parts, md)
	}
	md, _ := hmis.Merge(parts...)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	values, err := os.Open(filepath.Join(dir, "play42-dataValues-2025.csv.gz"))
	require.NoError(t, err)
	defer values.Close()
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.LoadBatches(context.Background(), dhis2.Format{CSV: true}.ReadBatches(values, nil))
	require.NoError(t, err)
	return analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: catalog, Tree: tree}
}

// TestRealAnalytics compares answers with those of a real server: every row that
// is given must be there as text, and there must be as many rows as the server
// gave.
func TestRealAnalytics(t *testing.T) {
	dir := realData(t)
	files, err := filepath.Glob(filepath.Join(dir, "expected-analytics-*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no expected-analytics-*.json in %s", dir)
	server := sierraLeone(t, dir)
	for _, file := range files {
		var expected struct {
			Query struct {
				Filter     string
				Dimensions []string
				DX, PE     []string
			}
			Columns                 []string
			TotalRowsOfFullResponse int
			Rows                    [][]string
		}
		readJSON(t, file, &expected)
		params := url.Values{"filter": {expected.Query.Filter}}
		for _, d := range expected.Query.Dimensions {
			switch d {
			case "dx":
				d += ":" + strings.Join(expected.Query.DX, ";")
			case "pe":
				d += ":" + strings.Join(expected.Query.PE, ";")
			}
			params.Add("dimension", d)
		}
		r, err := server.Answer(context.Background(), params)
		require.NoError(t, err, file)

		var names []string
		for _, h := range r.Headers {
			names = append(names, h.Name)
		}
		require.Equal(t, expected.Columns, names)
		require.NotEmpty(t, expected.Rows)
		if len(r.Rows) != expected.TotalRowsOfFullResponse {
			t.Errorf("%s: %d rows, want %d", filepath.Base(file), len(r.Rows), expected.TotalRowsOfFullResponse)
		}
		slices.SortFunc(r.Rows, slices.Compare)
		failed := 0
		for _, want := range expected.Rows {
			i, ok := slices.BinarySearchFunc(r.Rows, want, slices.Compare[[]string])
			if ok {
				continue
			}
			if failed++; failed <= 20 {
				t.Errorf("%s: (-want +nearest):\n%s", filepath.Base(file), gocmp.Diff(want, r.Rows[min(i, len(r.Rows)-1)]))
			}
		}
		t.Logf("%s: %d rows in all; %d passed, %d failed", filepath.Base(file), len(r.Rows), len(expected.Rows)-failed, failed)
	}
}

// TestRealCSV compares the title lines of CSV with those of a real server.
func TestRealCSV(t *testing.T) {
	dir := realData(t)
	server := sierraLeone(t, dir)
	answers := map[string]func(context.Context, url.Values) (*analytics.Response, error){
		"openhexa-analytics0*.csv.gz":        server.Answer,
		"openhexa-analyticsRawData0*.csv.gz": server.RawData,
	}
	params := parse(t, "dimension=dx:s46m5MS0hxu&dimension=co&dimension=pe:202501&dimension=ou:ImspTQPwCqd")
	for pattern, answer := range answers {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		require.NotEmpty(t, files, "no %s in %s", pattern, dir)
		r, err := answer(context.Background(), params)
		require.NoError(t, err)
		require.NotEmpty(t, r.Rows)
		var got strings.Builder
		require.NoError(t, r.WriteCSV(&got))
		title, _, _ := strings.Cut(got.String(), "\n")
		for _, file := range files {
			want, _, _ := strings.Cut(string(readFile(t, file)), "\n")
			require.Equal(t, want, title, filepath.Base(file))
		}
	}
}
