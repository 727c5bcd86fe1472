package aggregate_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// FuzzQuery puts queries together from bytes, however little sense they make: an
// answer comes, which streams and explanations agree with, or an error with a
// place. Nothing panics.
func FuzzQuery(f *testing.F) {
	var ids []hmis.UID
	f.Add([]byte{1, 0, 1, 0, 1, 0, 0, 0})
	f.Add([]byte("indicators, rates, axes and filters of every kind"))
	w := newReporting(f, 3)
	for i, numerator := range []string{
		"#{e0000000000} + R{monthly0000.REPORTING_RATE}", "N{in000000000}.periodOffset(-1) * OUG{clinic00000}",
		"subExpression(#{e6000000000} / #{e1000000000})", "#{e7000000000} * 2", "#{e2000000000}.yearToDate()", "#{e0000000000} +",
	} {
		ids = append(ids, pad(hmis.UID(fmt.Sprintf("in%d", i))))
		w.md.Indicators = append(w.md.Indicators, hmis.Indicator{ID: ids[i], Numerator: numerator, Denominator: "[days]", Annualized: i%2 == 0})
	}
	w.reindex(f)
	cube := w.cube(f)
	items := []indicator.Item{{}, {ID: "nothing"}, {ID: "monthly0000"}, {ID: "daily000000", Rate: indicator.ReportingRate}, {ID: "projects000", Rate: "RATE"}}
	for _, e := range w.md.DataElements {
		items = append(items, indicator.Item{ID: e.ID}, indicator.Item{ID: e.ID, OptionCombo: "m"}, indicator.Item{ID: e.ID, AttributeCombo: "pa"})
	}
	for _, id := range ids {
		items = append(items, indicator.Item{ID: id}, indicator.Item{ID: id, Kind: indicator.DataElementItem})
	}
	units := append(slices.Collect(w.tree.All()), "", "moon")
	periods := []period.Period{{}}
	for _, p := range periodsOfWorlds {
		periods = append(periods, period.MustParse(p))
	}
	axes := []hmis.UID{"sex", "age", "project", "people", "type", "area", "parity", "co", "ao", "", "nothing", "bySex"}
	aggregations := append(hmis.Aggregations(), "", "MEDIAN")

	f.Fuzz(func(t *testing.T, data []byte) {
		next := func(n int) int {
			if len(data) == 0 {
				return 0
			}
			b := data[0]
			data = data[1:]
			return int(b) % n
		}
		var q aggregate.Query
		for range next(3) {
			q.Data = append(q.Data, items[next(len(items))])
		}
		for range next(3) {
			q.OrgUnits = append(q.OrgUnits, units[next(len(units))])
		}
		for range next(3) {
			q.Periods = append(q.Periods, periods[next(len(periods))])
		}
		some := func() (list []aggregate.Axis) {
			for range next(3) {
				a := aggregate.Axis{ID: axes[next(len(axes))]}
				if next(2) > 0 {
					a.Items = []hmis.UID{"male", "clinic00000", "even", "pa", "moon"}[next(5):]
				}
				list = append(list, a)
			}
			return list
		}
		q.Split = some()
		if next(2) > 0 {
			for range next(3) {
				q.Filter.Data = append(q.Filter.Data, items[next(len(items))])
			}
			for range next(2) {
				q.Filter.OrgUnits = append(q.Filter.OrgUnits, units[next(len(units))])
			}
			for range next(3) {
				q.Filter.Periods = append(q.Filter.Periods, periods[next(len(periods))])
			}
			q.Filter.Axes = some()
			if next(2) > 0 {
				q.Filter.From, q.Filter.To = period.Date(19600+next(250)), period.Date(19700+next(250))
			}
		}
		q.Aggregation = aggregations[next(len(aggregations))]
		q.SkipRounding, q.ZeroIsData, q.ValidOnly, q.ServerArtefacts = next(2) > 0, next(2) > 0, next(2) > 0, next(2) > 0
		if next(2) > 0 {
			q.Criteria = []aggregate.Criterion{{Op: []string{"GT", "LE", ""}[next(3)], Number: decimal.New(int64(next(100)), 0)}}
			q.Warn = func(hmis.Issue) {}
		}
		rejected := 0
		if next(2) > 0 {
			q.Reject = func(indicator.Item, error) { rejected++ }
		}
		table, err := cube.Query(t.Context(), q)
		if err != nil {
			issue, ok := errors.AsType[*hmis.Issue](err)
			require.True(t, ok && issue.Field != "" || !ok && err.Error() != "", "%v", err)
			return
		}
		let := rejected
		rejected = 0
		var streamed int
		for cell, err := range cube.Cells(t.Context(), q) {
			require.NoError(t, err)
			require.True(t, cell.Value.Equal(table.At(cell.Data, cell.OrgUnit, cell.Period, cell.Split...)))
			if streamed++; streamed == 1 {
				x, err := cube.Explain(t.Context(), q, cell)
				require.NoError(t, err)
				require.True(t, x.Cell.Value.Equal(cell.Value), "explained as %s, want %s\n%s", x.Cell.Value, cell.Value, describe(q))
			}
		}
		require.Equal(t, table.Len(), streamed)
		require.Equal(t, let, rejected, "Query and Cells let the same items go")
		_, err = cube.Plan(t.Context(), q)
		require.NoError(t, err)
	})
}
