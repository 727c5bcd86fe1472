package analytics_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// contradicted has the questions whose answers were derived from source code,
// and to which a running server was later found to answer differently.
var contradicted = because(map[string][]string{
	"expected reports do not read what was sent, so their numerator is 0": {
		"r201-rate-7", "r202-rate-137", "r203-rate-5", "r203-rate-27", "r203-rate-106", "r203-rate-111",
		"r205-rate-15", "r205-rate-40", "r206-rate-23",
	},
	"attribute option combos without items leave indicators no cell": {"r201-ind-45", "r203-ind-34"},
	"in a subExpression a unit takes part with any value of an element, whatever its option combos": {
		"r202-ind-2", "r202-ind-39", "r202-ind-85", "r202-ind-123",
	},
	"a maxDate moves the window of a look-back":          {"r202-ind-74", "4011-q34-in", "4011-q39-in"},
	"the deviation of one value meets no criterion":      {"r203-de-98", "r204-nodx-32"},
	"periods that a formula shifts to share the divisor": {"4011-q10-in"},
	"numbers from -10,000,000 down have an exponent":     {"3027-q53-in", "3027-q67-in"},
})

// because returns the reason for each id, given the ids for each reason.
func because(ids map[string][]string) map[string]string {
	reasons := make(map[string]string)
	for why, list := range ids {
		for _, id := range list {
			reasons[id] = why
		}
	}
	return reasons
}

// TestVectorsAnalytics compares answers with those of a server, cells as text.
// Rows are a set unless the request orders them.
func TestVectorsAnalytics(t *testing.T) {
	for _, file := range testfile.Vectors(t, "analytics_*") {
		var s suite
		testfile.JSON(t, file, &s)
		require.Equal(t, "hmis-analytics-suite/1", s.Format, file)
		counted := tally.Of(t, file)
		for _, c := range s.cases() {
			require.NotEmpty(t, c.Queries, file)
			plain := c.server(t, query{})
			for _, q := range c.Queries {
				server := plain
				if len(q.IndicatorOverrides) > 0 || q.Settings.Zeros != nil {
					server = c.server(t, q)
				}
				diff := q.run(server)
				if why := contradicted[q.ID]; diff != "" && why != "" {
					counted.Leave(why)
					continue
				}
				if diff != "" && q.Optional != "" {
					diff += "\n\tmay differ: " + q.Optional
				}
				counted.Check(diff == "", "%s: %s", q.ID, diff)
			}
		}
		counted.Done()
	}
}

// run answers a query and returns how the answer differs from the expected one,
// or "".
func (q query) run(s analytics.Server) string {
	r, err := s.Answer(context.Background(), q.params())
	if err != nil {
		issue, ok := errors.AsType[*hmis.Issue](err)
		if ok && issue.Code == q.Expect.Error && issue.Code != "" {
			return ""
		}
		return fmt.Sprintf("got the error %v, want %s", err, cmp.Or(q.Expect.Error, "rows"))
	}
	if q.Expect.Error != "" {
		return fmt.Sprintf("got %d rows, want the error %s", len(r.Rows), q.Expect.Error)
	}
	names := []string{}
	for _, h := range r.Headers {
		names = append(names, h.Name)
	}
	if diff := gocmp.Diff(q.Expect.Headers, names, cmpopts.EquateEmpty()); diff != "" {
		return "headers (-want +got):\n" + diff
	}
	want, got := set(q.Expect.Rows), set(r.Rows)
	if value := slices.Index(names, "value"); q.Request["order"] != nil {
		// Rows with the same value may be in any order.
		if diff := gocmp.Diff(column(want, value), column(got, value)); diff != "" {
			return "values in order (-want +got):\n" + diff
		}
	}
	slices.SortFunc(want, slices.Compare)
	slices.SortFunc(got, slices.Compare)
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		return "rows (-want +got):\n" + diff
	}
	return ""
}

// set returns each row once. An indicator that is in a request twice has its
// rows twice, but the suites do not repeat them.
func set(rows [][]string) [][]string {
	var kept [][]string
	seen := make(map[string]bool)
	for _, row := range rows {
		if key := strings.Join(row, "\x00"); !seen[key] {
			seen[key] = true
			kept = append(kept, row)
		}
	}
	return kept
}

// column returns one cell of each row.
func column(rows [][]string, at int) []string {
	cells := make([]string, len(rows))
	for i, row := range rows {
		cells[i] = row[at]
	}
	return cells
}
