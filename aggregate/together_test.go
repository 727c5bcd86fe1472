package aggregate_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/oracle"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// TestTogetherOracle is TestOracle for queries that do not tell data apart:
// data are filtered, or belong to data element groups (RULES.md#mixed-data).
func TestTogetherOracle(t *testing.T) {
	full := 0
	for seed := range rounds(100) {
		w := newWorld(t, seed)
		cube := w.cube(t)
		rng := rand.New(rand.NewPCG(seed, 9))
		for n := range 8 {
			q := w.someQuery(rng)
			q.SkipRounding = false // such numbers are not rounded at all then
			isCO := func(a aggregate.Axis) bool { return a.ID == aggregate.OptionCombos }
			q.Split = slices.DeleteFunc(q.Split, isCO)
			q.Filter.Data, q.Data = q.Data, nil
			isGroups := func(a aggregate.Axis) bool { return a.ID == "parity" }
			grouped := slices.ContainsFunc(q.Split, isGroups) || slices.ContainsFunc(q.Filter.Axes, isGroups)
			if grouped && chance(rng, 60) {
				q.Filter.Data = nil
			}
			if len(q.Split)+len(q.OrgUnits)+len(q.Periods) == 0 {
				continue // no dimension
			}
			e := w.ruleTogether(q, grouped)
			ask := q
			ask.Aggregation = e.Aggregation
			o := oracle.New(w.country(), ask)
			o.Together = true
			for i, way := range []aggregate.Query{q, aggregate.RowByRow(q)} {
				table, err := cube.Query(t.Context(), way)
				require.NoError(t, err, "world %d, query %d", seed, n)
				all := q
				all.Data = []indicator.Item{{}}
				for _, at := range w.places(all) {
					want, ok := o.Answer(e, at)
					if ok {
						full++
					}
					if got := table.At(at.Item, at.Unit, at.Period, at.Split...); !sameValue(got, want) {
						t.Fatalf("world %d, query %d, %s, at %s: got %s, want %s\nas %+v\n%s", seed, n, []string{"fast", "row by row"}[i], at, got, want, e, describe(q))
					}
				}
			}
		}
	}
	t.Logf("%d cells with a value", full)
	require.Greater(t, full, 1000)
}

// ruleTogether is a data element with the rule by which all data of a query are
// counted.
func (w *world) ruleTogether(q aggregate.Query, grouped bool) hmis.DataElement {
	find := func(id hmis.UID) hmis.DataElement {
		e, _ := hmis.Find[hmis.DataElement](w.catalog, id)
		return e
	}
	var e hmis.DataElement
	if grouped {
		e = find("e0") // the first of even, the first group
		e.Aggregation = cmp.Or(q.Aggregation, e.Aggregation)
	} else {
		e = find(q.Filter.Data[0].ID)
		e.Aggregation = cmp.Or(q.Aggregation, e.Aggregation)
		for _, item := range q.Filter.Data {
			other := find(item.ID)
			if cmp.Or(other.ValueType, hmis.Number) != cmp.Or(e.ValueType, hmis.Number) || q.Aggregation == "" && other.Aggregation != e.Aggregation {
				e.ValueType, e.Aggregation = hmis.Text, cmp.Or(q.Aggregation, hmis.Sum)
				break
			}
		}
	}
	e.ID = ""                     // what is filtered is not shown in shorter periods
	if e.ValueType == hmis.Text { // without a rule for numbers, their means are sums
		e.ValueType = hmis.Number
		switch e.Aggregation {
		case hmis.Average, hmis.AverageSumOrgUnit:
			e.Aggregation = hmis.Sum
		case hmis.LastAverageOrgUnit:
			e.Aggregation = hmis.Last
		case hmis.FirstAverageOrgUnit:
			e.Aggregation = hmis.First
		case hmis.LastInPeriodAverageOrgUnit:
			e.Aggregation = hmis.LastInPeriod
		}
	}
	return e
}
