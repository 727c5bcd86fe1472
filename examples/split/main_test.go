package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// The whole output. After a change that is meant, write it anew with
// HMIS_UPDATE=1, and read it.
func TestReport(t *testing.T) {
	golden := filepath.Join("testdata", "split.txt")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	if os.Getenv("HMIS_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%.4000s", golden, diff)
	}
}

// A series is right across the split and the merge: added up by hand from
// values.csv (orgunit/RULES.md#series-across-changes).
func TestSeries(t *testing.T) {
	tests := []struct {
		boundaries string // the day of them
		unit       hmis.UID
		element    hmis.UID
		period     string
		want       string
	}{
		{"2025-06-30", "kelmora", "visits", "202506", "40"},  // 15 + 20 + 5
		{"2025-06-30", "kelmora", "visits", "202507", "44"},  // 16 + 20 + 5 + 3: the new clinic is in the old district
		{"2025-06-30", "kelmora", "visits", "202510", "47"},  // 19 + 25 + 3: the merged clinic does not count twice
		{"2025-06-30", "kelmora", "visits", "2025", "504"},   // 186 + 255 + 45 + 18
		{"2025-12-31", "west", "visits", "202506", "15"},     // the clinic of today, before there was a west
		{"2025-12-31", "west", "visits", "202507", "19"},     // 16 + 3
		{"2025-12-31", "east", "visits", "202506", "25"},     // 20 + 5
		{"2025-12-31", "east", "visits", "202510", "25"},     // 25 alone
		{"2025-12-31", "hill", "visits", "202509", "25"},     // with what it was merged from
		{"2025-12-31", "east", "beds", "2025", "8"},          // the average over months of the sum over clinics
		{"2025-06-30", "kelmora", "beds", "2025Q3", "13"},    // 4 + 6 + 2 + 1
		{"2025-12-31", "tamaria", "visits", "202507", "144"}, // the same in all boundaries
		{"2025-06-30", "tamaria", "visits", "202507", "144"},
	}
	past, err := history()
	require.NoError(t, err)
	for _, tt := range tests {
		day, err := period.ParseDate(tt.boundaries)
		require.NoError(t, err)
		cube, err := load(t.Context(), past.Series(day))
		require.NoError(t, err)
		p := period.MustParse(tt.period)
		item := indicator.Item{ID: tt.element}
		table, err := cube.Query(t.Context(), aggregate.Query{
			Data: []indicator.Item{item}, OrgUnits: []hmis.UID{tt.unit}, Periods: []period.Period{p},
		})
		require.NoError(t, err)
		if got := table.At(item, tt.unit, p).String(); got != tt.want {
			t.Errorf("%s of %s in %s, in the boundaries of %s: %s, want %s",
				tt.element, tt.unit, tt.period, tt.boundaries, got, tt.want)
		}
	}
}
