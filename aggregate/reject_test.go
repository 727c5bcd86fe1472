package aggregate_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// rejecting is a country of one clinic with good items and bad ones.
func rejecting(t testing.TB) *aggregate.Cube {
	t.Helper()
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "Clinic00001"}},
		DataElements: []hmis.DataElement{
			{ID: "Good0000001"}, {ID: "Custom00001", Aggregation: hmis.CustomAggregation}, {ID: "Odd00000001", Aggregation: "FREQUENT"},
		},
		Indicators: []hmis.Indicator{
			{ID: "Twice000001", Numerator: "#{Good0000001} * 2", Denominator: "1"},
			{ID: "Broken00001", Numerator: "#{Good0000001} +", Denominator: "1"},
			{ID: "Circle00001", Numerator: "N{Circle00002}", Denominator: "1"},
			{ID: "Circle00002", Numerator: "N{Circle00001}", Denominator: "1"},
			{ID: "Divide00001", Numerator: "subExpression(1 / (#{Good0000001} - #{Good0000001}))", Denominator: "1"},
			{ID: "Nested00001", Numerator: "N{Broken00001}", Denominator: "1"},
			{ID: "Move0000001", Numerator: "subExpression(#{Good0000001}.periodOffset(-1))", Denominator: "1"},
		},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream([]hmis.DataValue{
		{Value: "7", Key: hmis.Key{DataElement: "Good0000001", OrgUnit: "Clinic00001", Period: period.MustParse("202401")}},
	}))
	require.NoError(t, err)
	return cube
}

// rejections notes what a query lets go.
func rejections(q *aggregate.Query) *[]string {
	var list []string
	q.Reject = func(item indicator.Item, err error) { list = append(list, fmt.Sprintf("%s: %v", item, err)) }
	return &list
}

// TestReject asks for good and bad items together: the good ones are answered,
// and each bad one is let go with its reason, in the order of the query.
func TestReject(t *testing.T) {
	cube := rejecting(t)
	q := aggregate.Query{OrgUnits: []hmis.UID{"Clinic00001"}, Periods: []period.Period{period.MustParse("202401")}}
	for _, id := range []hmis.UID{"Broken00001", "Good0000001", "Circle00001", "Custom00001", "Twice000001", "Odd00000001", "Divide00001", "Nobody00001", "Nested00001"} {
		q.Data = append(q.Data, indicator.Item{ID: id})
	}
	want := []string{
		`Broken00001: indicator: Broken00001: numerator: 1:17: unexpected end, want a value`,
		`Circle00001: hmis: E7116: Data: indicators refer to each other in a circle: Circle00001 > Circle00002 > Circle00001`,
		`Custom00001: hmis: E7115: Data: data element "Custom00001" cannot be aggregated: value type NUMBER, aggregation CUSTOM`,
		`Odd00000001: hmis: E7115: Data: data element "Odd00000001" cannot be aggregated: value type NUMBER, aggregation FREQUENT`,
		`Divide00001: hmis: E7132: Data: indicator Divide00001: subExpression: indicator: 1:1: division by zero in a subExpression`,
		`Nobody00001: hmis: E7124: Data: no data item "Nobody00001"`,
		`Nested00001: aggregate: indicator Nested00001: indicator: Broken00001: numerator: 1:17: unexpected end, want a value`,
	}
	answers := []string{"Good0000001 7", "Twice000001 14"}
	ask := map[string]func(aggregate.Query) []string{
		"Query": func(q aggregate.Query) (got []string) {
			table, err := cube.Query(t.Context(), q)
			require.NoError(t, err)
			for c := range table.Cells() {
				got = append(got, fmt.Sprint(c.Data, " ", c.Value))
			}
			return got
		},
		"Cells": func(q aggregate.Query) (got []string) {
			for c, err := range cube.Cells(t.Context(), q) {
				require.NoError(t, err)
				got = append(got, fmt.Sprint(c.Data, " ", c.Value))
			}
			return got
		},
		"Blocks": func(q aggregate.Query) (got []string) {
			for b, err := range cube.Blocks(t.Context(), q) {
				require.NoError(t, err)
				got = append(got, fmt.Sprint(b.Data, " ", b.Column.At(0)))
			}
			return got
		},
	}
	for name, how := range ask {
		for _, workers := range []int{1, 4} {
			q := q
			q.Workers = workers
			let := rejections(&q)
			if diff := cmp.Diff(answers, how(q)); diff != "" {
				t.Errorf("%s with %d workers (-want +got):\n%s", name, workers, diff)
			}
			if diff := cmp.Diff(want, *let); diff != "" {
				t.Errorf("%s with %d workers (-want +got):\n%s", name, workers, diff)
			}
		}
	}
	_, err := cube.Query(t.Context(), q)
	require.Error(t, err, "the first bad item ends a query that does not let it go")

	let := rejections(&q)
	plan, err := cube.Plan(t.Context(), q)
	require.NoError(t, err)
	require.Len(t, plan.Steps, 4, "what is only found while computing is not seen beforehand")
	require.Len(t, *let, 5)
	x, err := cube.Explain(t.Context(), q, aggregate.Cell{Data: q.Data[4], OrgUnit: "Clinic00001", Period: q.Periods[0]})
	require.NoError(t, err, "the others do not matter to a good one")
	require.Equal(t, "14", x.Cell.Value.String())
	_, err = cube.Explain(t.Context(), q, aggregate.Cell{Data: q.Data[0], OrgUnit: "Clinic00001", Period: q.Periods[0]})
	require.Error(t, err)
}

// TestRejectAll asks for nothing but bad items, and for one in a filter.
func TestRejectAll(t *testing.T) {
	cube := rejecting(t)
	q := aggregate.Query{Data: []indicator.Item{{ID: "Broken00001"}, {ID: "Nobody00001"}}, Periods: []period.Period{period.MustParse("202401")}}
	let := rejections(&q)
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Zero(t, table.Len())
	require.Len(t, *let, 2)

	q.Data = []indicator.Item{{}}
	let = rejections(&q)
	table, err = cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Zero(t, table.Len())
	require.Equal(t, []string{`: hmis: E7124: Data: no data item ""`}, *let)

	for _, id := range []hmis.UID{"Broken00001", "Circle00002", "Divide00001"} {
		q = aggregate.Query{Filter: aggregate.Filter{Data: []indicator.Item{{ID: id}}}, Periods: q.Periods}
		let = rejections(&q)
		table, err = cube.Query(t.Context(), q)
		require.NoError(t, err)
		require.Zero(t, table.Len())
		require.Len(t, *let, 1)
		require.Contains(t, (*let)[0], string(id))
	}

	q = aggregate.Query{Data: []indicator.Item{{ID: "Move0000001"}, {ID: "Twice000001"}}, Filter: aggregate.Filter{From: period.DateOf(2024, 1, 1), To: period.DateOf(2024, 1, 31)}}
	let = rejections(&q)
	table, err = cube.Query(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, 1, table.Len())
	require.Equal(t, []string{"Move0000001: hmis: E7150: Filter.From: indicator Move0000001: subExpression(#{Good0000001}.periodOffset(-1)): a period offset needs periods, not days"}, *let)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = cube.Query(ctx, q)
	require.ErrorIs(t, err, context.Canceled, "an end of the context is no fault of an item")
	require.Len(t, *let, 1)
}

// TestRejectOfRequest asks for what is wrong with a query as a whole, which no
// callback lets go.
func TestRejectOfRequest(t *testing.T) {
	cube := rejecting(t)
	good := []indicator.Item{{ID: "Good0000001"}}
	for _, q := range []aggregate.Query{
		{Data: good},
		{Data: []indicator.Item{{}}},
		{Data: []indicator.Item{{ID: "Nobody00001"}}, Periods: []period.Period{{}}},
		{Data: good, Periods: []period.Period{{}}},
		{Data: good, Periods: []period.Period{period.MustParse("2024")}, OrgUnits: []hmis.UID{"Nowhere0001"}},
		{Data: good, Periods: []period.Period{period.MustParse("2024")}, Split: []aggregate.Axis{{ID: "Nothing0001"}}},
	} {
		let := rejections(&q)
		_, err := cube.Query(t.Context(), q)
		require.Error(t, err)
		require.Empty(t, *let)
		_, err = cube.Plan(t.Context(), q)
		require.Error(t, err)
	}
}

// TestRealReject asks for all indicators of the demo country. Five have formulas
// that do not compile; the others are answered.
func TestRealReject(t *testing.T) {
	loader, cube, _ := sierraLeone(t)
	q := aggregate.Query{OrgUnits: loader.Tree.AtLevel(1), Periods: period.MustParse("2025").Split(period.Quarterly)}
	for ind := range hmis.All[hmis.Indicator](loader.Catalog) {
		q.Data = append(q.Data, indicator.Item{ID: ind.ID})
	}
	slices.SortFunc(q.Data, func(a, b indicator.Item) int { return cmpIDs(a.ID, b.ID) })
	let := rejections(&q)
	table, err := cube.Query(t.Context(), q)
	require.NoError(t, err)
	for _, reason := range *let {
		t.Log(reason)
	}
	require.Len(t, *let, 5)
	require.Len(t, q.Data, 79)
	require.NotZero(t, table.Len())
	t.Logf("%d of %d indicators answered, %d cells", len(q.Data)-len(*let), len(q.Data), table.Len())
}

func cmpIDs(a, b hmis.UID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
