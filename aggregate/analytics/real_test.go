package analytics_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
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
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// realData returns the folder with the demonstration country.
func realData(t testing.TB) string {
	t.Helper()
	return filepath.Join(testfile.DataDir(t), "sierra-leone")
}

// sierraLeone returns a server of the demonstration country with its values of
// 2025.
func sierraLeone(t testing.TB, dir string) analytics.Server {
	t.Helper()
	md, _ := hmis.Merge(readMetadata(t, dir, "play42-metadata.json.gz"), readMetadata(t, dir, "play42-organisationUnits.json.gz"))
	values, err := os.Open(filepath.Join(dir, "play42-dataValues-2025.csv.gz"))
	require.NoError(t, err)
	defer values.Close()
	return loadServer(t, md, func(l aggregate.Loader) (*aggregate.Cube, error) {
		return l.LoadBatches(context.Background(), dhis2.Format{CSV: true}.ReadBatches(values, nil))
	})
}

func readMetadata(t testing.TB, dir, name string) hmis.Metadata {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, name))
	require.NoError(t, err)
	defer file.Close()
	md, err := dhis2.ReadMetadata(file)
	require.NoError(t, err, name)
	return md
}

// loadServer returns a server with metadata and with the cube that load
// returns.
func loadServer(t testing.TB, md hmis.Metadata, load func(aggregate.Loader) (*aggregate.Cube, error)) analytics.Server {
	t.Helper()
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	cube, err := load(aggregate.Loader{Catalog: catalog, Tree: tree})
	require.NoError(t, err)
	return analytics.Server{Cube: func() *aggregate.Cube { return cube }, Catalog: catalog, Tree: tree}
}

// TestRealAnalytics compares answers with those of a real server: every
// recorded row must be in the answer, and the number of rows must be equal.
func TestRealAnalytics(t *testing.T) {
	dir := realData(t)
	server := sierraLeone(t, dir)
	for _, file := range testfile.Data(t, "sierra-leone/expected-analytics-*.json") {
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
		testfile.JSON(t, file, &expected)
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
		if total := cmp.Or(expected.TotalRowsOfFullResponse, len(expected.Rows)); len(r.Rows) != total {
			t.Errorf("%s: %d rows, want %d", filepath.Base(file), len(r.Rows), total)
		}
		slices.SortFunc(r.Rows, slices.Compare)
		counted := tally.Of(t, file)
		for _, want := range expected.Rows {
			i, ok := slices.BinarySearchFunc(r.Rows, want, slices.Compare[[]string])
			if ok {
				counted.Pass()
				continue
			}
			counted.Fail("(-want +nearest):\n%s", gocmp.Diff(want, r.Rows[min(i, len(r.Rows)-1)]))
		}
		counted.Done()
	}
}

// TestRealCSV loads a CSV file that a real server wrote and requests the same
// data. The answer must have the same lines, in any order, below the same
// titles.
func TestRealCSV(t *testing.T) {
	dir := realData(t)
	md := readMetadata(t, dir, "openhexa-metadata.json.gz")
	for _, kind := range []struct {
		pattern string
		answer  func(analytics.Server, context.Context, url.Values) (*analytics.Response, error)
	}{
		{"openhexa-analytics0*.csv.gz", analytics.Server.Answer},
		{"openhexa-analyticsRawData0*.csv.gz", analytics.Server.RawData},
	} {
		for _, file := range testfile.Data(t, "sierra-leone/"+kind.pattern) {
			server, params := serverOfCSV(t, md, testfile.Read(t, file))
			r, err := kind.answer(server, context.Background(), params)
			require.NoError(t, err, file)
			var got strings.Builder
			require.NoError(t, r.WriteCSV(&got))
			title, rows, _ := strings.Cut(got.String(), "\n")
			wantTitle, wantRows, _ := strings.Cut(strings.ReplaceAll(string(testfile.Read(t, file)), midnight, ""), "\n")
			require.Equal(t, wantTitle, title, file)
			have, want := sortedLines(rows), sortedLines(wantRows)
			if diff := gocmp.Diff(want, have); diff != "" {
				t.Errorf("%s (-want +got):\n%s", filepath.Base(file), diff)
			}
			t.Logf("%s: %d passed, %d failed", filepath.Base(file), len(want), len(missingFrom(want, have)))
		}
	}
}

// midnight is the text that servers before release 2.44 write after the days of
// raw data.
const midnight = " 00:00:00.0"

func sortedLines(text string) []string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	slices.Sort(lines)
	return lines
}

func missingFrom(want, have []string) []string {
	return slices.DeleteFunc(slices.Clone(want), func(line string) bool { return slices.Contains(have, line) })
}

// serverOfCSV returns a server with the rows of a CSV file, and a request for
// all of them.
func serverOfCSV(t testing.TB, md hmis.Metadata, file []byte) (analytics.Server, url.Values) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	require.NoError(t, err)
	at := make(map[string]int)
	for i, title := range rows[0] {
		at[cmp.Or(title, "Period")] = i // rawData leaves the title of this column empty
	}
	items := make(map[string][]string)
	values := func(yield func(hmis.DataValue, error) bool) {
		for _, row := range rows[1:] {
			for _, title := range []string{"Data", "Period", "Organisation unit"} {
				if id := row[at[title]]; !slices.Contains(items[title], id) {
					items[title] = append(items[title], id)
				}
			}
			v := hmis.DataValue{Value: row[at["Value"]], Key: hmis.Key{
				DataElement: hmis.UID(row[at["Data"]]), OrgUnit: hmis.UID(row[at["Organisation unit"]]),
				Period: period.MustParse(row[at["Period"]]), OptionCombo: hmis.UID(row[at["Category option combo"]]),
			}}
			if !yield(v, nil) {
				return
			}
		}
	}
	server := loadServer(t, md, func(l aggregate.Loader) (*aggregate.Cube, error) { return l.Load(context.Background(), values) })
	return server, url.Values{"skipRounding": {"true"}, "dimension": {
		"dx:" + strings.Join(items["Data"], ";"), "co",
		"pe:" + strings.Join(items["Period"], ";"), "ou:" + strings.Join(items["Organisation unit"], ";"),
	}}
}
