package analytics_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// Each limit allows a request that just fits, and refuses one that is larger by
// one (RULES.md#limits).
func TestLimitsCanBeLowered(t *testing.T) {
	const two = "dimension=dx:Tested00001&dimension=ou:LEVEL-2&filter=pe:2024" // its answer has two rows
	tests := []struct {
		name, request string
		fits, less    analytics.Limits
		want          string
	}{
		{"text", two, analytics.Limits{Text: 46}, analytics.Limits{Text: 45}, "hmis: parameters: want at most 45 bytes, got 46"},
		{"items", two, analytics.Limits{Items: 3}, analytics.Limits{Items: 2}, `hmis: filter: "pe": want at most 2 items in all dimensions and filters`},
		{"items of a group", "dimension=dx:DE_GROUP-GroupMalar1&filter=pe:2024", analytics.Limits{Items: 5}, analytics.Limits{Items: 3},
			`hmis: dimension: "DE_GROUP-GroupMalar1": want at most 3 items in all dimensions and filters`},
		{"rows", two, analytics.Limits{Rows: 2}, analytics.Limits{Rows: 1}, "hmis: E7128: dimension: Query result set exceeded max limit: `1`"},
		{"all rows", two + "&ignoreLimit=true", analytics.Limits{Rows: 1, AllRows: 2}, analytics.Limits{AllRows: 1},
			"hmis: E7128: dimension: Query result set exceeded max limit: `1`"},
		{"rows of different kinds", "dimension=dx:Tested00001;Weight00001;PositRate01&filter=pe:2024", analytics.Limits{Rows: 1}, analytics.Limits{Rows: 1, AllRows: 2},
			"hmis: E7128: dimension: Query result set exceeded max limit: `2`"},
		{"ignoreLimit forbidden", two + "&ignoreLimit=true", analytics.Limits{Rows: 2, Fixed: true}, analytics.Limits{Rows: 1, Fixed: true},
			"hmis: E7128: dimension: Query result set exceeded max limit: `1`"},
		{"cells of units and periods", "dimension=dx:Tested00001;Positive001&dimension=ou:LEVEL-3&dimension=pe:202401;202402;202403", analytics.Limits{Cells: 24}, analytics.Limits{Cells: 23},
			"hmis: E7128: dimension: Query result set exceeded max limit: `23` (dx: got 12 cells for each of 2 data items)"},
		{"cells without units", "dimension=dx:Tested00001&dimension=pe:202401;202402", analytics.Limits{Cells: 2}, analytics.Limits{Cells: 1},
			"hmis: E7128: dimension: Query result set exceeded max limit: `1` (dx: got 2 cells for each of 1 data items)"},
		{"cells of all option combos", "dimension=dx:Tested00001&dimension=co&filter=pe:202401", analytics.Limits{Cells: 2}, analytics.Limits{Cells: 1},
			"hmis: E7128: dimension: Query result set exceeded max limit: `1` (dx: got 2 cells for each of 1 data items)"},
		{"cells of a set", "dimension=SetOwner001&filter=dx:Tested00001&filter=pe:202401", analytics.Limits{Cells: 2}, analytics.Limits{Cells: 1},
			"hmis: E7128: dimension: Query result set exceeded max limit: `1` (dx: got 2 cells for each of 1 data items)"},
		{"a table", two + "&columns=dx&rows=ou", analytics.Limits{Table: 10}, analytics.Limits{Table: 9}, "hmis: E7151: columns: Too many combinations of columns or rows."},
		{"memory", two, analytics.Limits{Bytes: 200_000}, analytics.Limits{Bytes: 100_000},
			"hmis: E7128: dimension: Query result set exceeded max limit: `100,000` (want an answer of at most 100000 bytes while it is made)"},
	}
	for _, tt := range tests {
		s := newServer(t)
		s.Limits = tt.fits
		_, err := s.Answer(context.Background(), parse(t, tt.request))
		require.NoError(t, err, tt.name)
		s.Limits = tt.less
		_, err = s.Answer(context.Background(), parse(t, tt.request))
		require.EqualError(t, err, tt.want, tt.name)
	}
}

// The cells of an axis without items count all its option combos, also for data
// elements after an item of another kind.
func TestLimitsBehindIndicators(t *testing.T) {
	s := newServer(t)
	md := twoDistricts
	md.DataSets = slices.Clone(md.DataSets)
	md.DataSets[0].CategoryCombo = "ComboSex001"
	var err error
	s.Catalog, err = hmis.NewCatalog(md)
	require.NoError(t, err)
	request := parse(t, "dimension=dx:PositRate01;Tested00001&dimension=ao&filter=pe:202401")
	s.Limits.Cells = 4
	_, err = s.Answer(context.Background(), request)
	require.NoError(t, err)
	s.Limits.Cells = 3
	_, err = s.Answer(context.Background(), request)
	require.EqualError(t, err, "hmis: E7128: dimension: Query result set exceeded max limit: `3` (dx: got 2 cells for each of 2 data items)")
}

// A limit above the default has no effect.
func TestLimitsCannotBeRaised(t *testing.T) {
	s := newServer(t)
	s.Limits = analytics.Limits{Text: 1 << 30}
	_, err := s.Query(parse(t, "dimension=dx:"+strings.Repeat("x", 1<<20)))
	require.ErrorContains(t, err, "want at most 1048576 bytes")
}

func TestRawDataLimits(t *testing.T) {
	const three = "dimension=dx:Positive001&filter=pe:2024" // its answer has three rows
	tests := []struct {
		request string
		limits  analytics.Limits
		want    string
	}{
		{three, analytics.Limits{Rows: 3}, ""},
		{three, analytics.Limits{Rows: 2}, "hmis: E7128: dimension: Query result set exceeded max limit: `2`"},
		{three + "&ignoreLimit=true", analytics.Limits{Rows: 2}, ""},
		{three + "&ignoreLimit=true", analytics.Limits{Rows: 2, Fixed: true}, "hmis: E7128: dimension: Query result set exceeded max limit: `2`"},
		{three + "&ignoreLimit=true", analytics.Limits{AllRows: 2}, "hmis: E7128: dimension: Query result set exceeded max limit: `2`"},
		{three, analytics.Limits{Bytes: 50_000}, "hmis: E7128: dimension: Query result set exceeded max limit: `50,000` (want an answer of at most 50000 bytes while it is made)"},
	}
	for _, tt := range tests {
		s := newServer(t)
		s.Limits = tt.limits
		_, err := s.RawData(context.Background(), parse(t, tt.request))
		if tt.want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, tt.want)
		}
	}
}

// A request with very many rows is refused before it takes much memory.
func TestManyRowsAreRefused(t *testing.T) {
	s := newServer(t)
	s.Ceiling = new(analytics.Ceiling)
	s.Limits.Bytes = 16 << 20
	many := "dimension=dx:Malaria0001.EXPECTED_REPORTS&dimension=ou:LEVEL-3&ignoreLimit=true&dimension=pe:" + days(60_000)
	_, err := s.Answer(context.Background(), parse(t, many))
	require.ErrorContains(t, err, "want an answer of at most 16777216 bytes")
	require.Zero(t, s.Ceiling.Held())
}

// A held is a response writer that reads the ceiling while it is written to.
type held struct {
	*httptest.ResponseRecorder
	ceiling *analytics.Ceiling
	seen    int64
}

func (h *held) Write(b []byte) (int, error) {
	h.seen = max(h.seen, h.ceiling.Held())
	return h.ResponseRecorder.Write(b)
}

// The memory of requests counts until their answers are written, and is then
// released.
func TestCeiling(t *testing.T) {
	s := newServer(t)
	s.Ceiling = new(analytics.Ceiling)
	for _, path := range []string{"analytics", "analytics.csv", "analytics/rawData", "analytics/dataValueSet"} {
		request := httptest.NewRequest(http.MethodGet, "/api/"+path+"?dimension=dx:Tested00001&dimension=ou:LEVEL-2&dimension=pe:2024", nil)
		w := &held{ResponseRecorder: httptest.NewRecorder(), ceiling: s.Ceiling}
		s.ServeHTTP(w, request)
		require.Equal(t, http.StatusOK, w.Code)
		require.Positive(t, w.seen, path)
		require.Zero(t, s.Ceiling.Held(), path)
	}

	s.Ceiling = &analytics.Ceiling{Bytes: 1000}
	_, err := s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001&filter=pe:2024"))
	require.ErrorIs(t, err, analytics.ErrBusy)
	w := get(s, "/api/analytics/rawData?dimension=dx:Tested00001&filter=pe:2024")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "1", w.Header().Get("Retry-After"))
	require.Zero(t, s.Ceiling.Held())
}

// Every request stops soon after its context ends, and returns the error of the
// context.
func TestContextEnds(t *testing.T) {
	s := countryServer(t, "synthetic")
	elements := []string{}
	for line := range 300 {
		elements = append(elements, fmt.Sprintf("DE_GROUP-SINJUOjjn3U.%d", line))
	}
	wide := "dimension=dx:DE_GROUP-gmFZc1L3KOh;DE_GROUP-SINJUOjjn3U;IN_GROUP-w3VGcCpsA60&dimension=ou:LEVEL-5&dimension=pe:" + days(80_000) + "&ignoreLimit=true"
	tests := []struct{ name, request string }{
		{"cells", wide},
		{"one item at many units", "dimension=dx:jxaIps3q95T&dimension=ou:LEVEL-5&dimension=pe:" + days(80_000)},
		{"a formula", "dimension=dx:IN_GROUP-w3VGcCpsA60&filter=ou:LEVEL-1&dimension=pe:" + days(80_000)},
		{"names that lead nowhere", "dimension=dx:" + strings.Repeat("a.b.c.d.e.f.g.h;", 60_000) + strings.Join(elements, ";") + "&filter=pe:2024"},
		{"reporting rates in order", "dimension=dx:el2hFKeJhVD.EXPECTED_REPORTS;el2hFKeJhVD.REPORTING_RATE&dimension=ou:LEVEL-5&dimension=pe:" + days(20_000) + "&order=DESC&ignoreLimit=true"},
	}
	answers := map[string]func(context.Context, string) error{
		"answer": func(ctx context.Context, request string) error {
			_, err := s.Answer(ctx, parse(t, request))
			return err
		},
		"raw data": func(ctx context.Context, request string) error {
			_, err := s.RawData(ctx, parse(t, request))
			return err
		},
		"values": func(ctx context.Context, request string) error {
			for _, err := range s.Values(ctx, parse(t, request)) {
				return err
			}
			return nil
		},
	}
	for _, tt := range tests {
		for name, answer := range answers {
			// It is 50 ms on an idle machine, but this one may be busy.
			const patience, most, tries = 30 * time.Millisecond, 250 * time.Millisecond, 5
			late := time.Hour
			for range tries {
				ctx, cancel := context.WithTimeout(context.Background(), patience)
				began := time.Now()
				err := answer(ctx, tt.request)
				took := time.Since(began) - patience
				if ctx.Err() != nil && took > 0 {
					require.ErrorIs(t, err, context.DeadlineExceeded, "%s, %s", tt.name, name)
				}
				cancel()
				if late = min(late, took); late < most {
					break
				}
			}
			t.Logf("%s, %s: %v after its context", tt.name, name, late)
			require.Less(t, late, most, "%s, %s", tt.name, name)
		}
	}
}

// A text that a spreadsheet would execute is made safe, unless the file is for
// programs.
func TestSpreadsheets(t *testing.T) {
	r := &analytics.Response{
		Headers: []analytics.Header{{Column: "=Data"}, {Column: " Value "}},
		Rows: [][]string{
			{`=HYPERLINK("http://x","y")`, "-5.0"}, {"+1 month", "+5"}, {"@SUM(A1)", "-1.0100051031E8"}, {"-Infinity", "NaN"}, {"- none", " 1"}, {"\t=1", "\r=1"},
		},
	}
	var safe, plain strings.Builder
	require.NoError(t, r.WriteCSV(&safe))
	require.NoError(t, r.WriteInterchange(&plain))
	require.Equal(t, "'=Data,Value\n"+
		`"'=HYPERLINK(""http://x"",""y"")",-5.0`+"\n'+1 month,+5\n'@SUM(A1),-1.0100051031E8\n-Infinity,NaN\n'- none,1\n'=1,'=1\n", safe.String())
	require.Equal(t, "=Data,Value\n"+
		`"=HYPERLINK(""http://x"",""y"")",-5.0`+"\n+1 month,+5\n@SUM(A1),-1.0100051031E8\n-Infinity,NaN\n- none,1\n=1,=1\n", plain.String())
	require.Equal(t, "=Data", r.Headers[0].Column, "the response stays as it is")
}
