package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// Many goroutines ask one cube, which nobody has asked before, for everything
// that it can be asked for, and get what one alone gets. Run with -race.
func TestConcurrentQueries(t *testing.T) {
	w := newReporting(t, 11)
	rng := rand.New(rand.NewPCG(11, 8))
	var ids []hmis.UID
	for i := range 9 {
		ids = append(ids, pad(hmis.UID(fmt.Sprintf("in%d", i))))
		w.md.Indicators = append(w.md.Indicators, hmis.Indicator{ID: ids[i], Numerator: w.someFormula(rng, ids[:i]), Denominator: "1"})
	}
	w.reindex(t)
	var queries []aggregate.Query
	for range 12 {
		q := w.someQuery(rng)
		q.Split, q.Filter.Axes = nil, nil // whose groups have other names in this world
		queries = append(queries, q)
		rates := w.someReportQuery(rng)
		rates.Data = []indicator.Item{{ID: pick(rng, w.md.DataSets).ID, Rate: indicator.ReportingRate}}
		formulas := rates
		formulas.Periods = append(formulas.Periods, formulas.Filter.Periods...)
		formulas.Filter.Periods, formulas.Data, formulas.Workers = nil, nil, 3
		for _, id := range ids {
			formulas.Data = append(formulas.Data, indicator.Item{ID: id})
		}
		queries = append(queries, rates, formulas)
	}
	all := func(cube *aggregate.Cube, q aggregate.Query) string {
		var b strings.Builder
		table, err := cube.Query(t.Context(), q)
		if err != nil {
			return err.Error()
		}
		if err := table.WriteCSV(&b); err != nil {
			t.Error(err)
		}
		n := 0
		for cell, err := range cube.Cells(t.Context(), q) {
			if err != nil {
				t.Error(err)
			}
			if n++; n%7 != 1 {
				continue
			}
			x, err := cube.Explain(t.Context(), q, cell)
			if err != nil {
				t.Error(err)
				break
			}
			if !x.Cell.Value.Equal(cell.Value) {
				t.Errorf("explained as %s: %s\n%s", x.Cell.Value, cell.Value, describe(q))
			}
			b.WriteString(x.String())
		}
		plan, err := cube.Plan(t.Context(), q)
		if err != nil {
			t.Error(err)
			return ""
		}
		b.WriteString(plan.String())
		for row := range cube.Rows(t.Context(), q) {
			fmt.Fprintln(&b, row)
		}
		return b.String()
	}
	var want []string
	alone := w.cube(t)
	for _, q := range queries {
		want = append(want, all(alone, q))
	}
	require.Greater(t, len(strings.Join(want, "")), 10_000)
	cube := w.cube(t)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range queries {
				i = (i + worker*5) % len(queries)
				if got := all(cube, queries[i]); got != want[i] {
					t.Errorf("query %d: got\n%s\nwant\n%s", i, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}
