package aggregate_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/oracle"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// pad makes an id as long as formulas want it.
func pad(id hmis.UID) hmis.UID { return (id + "00000000000")[:11] }

// newReporting is a world with forms that are expected and come in, and whose
// data elements, data sets and groups of org units formulas can name.
func newReporting(t testing.TB, seed uint64) world {
	t.Helper()
	w := newWorld(t, seed)
	rng := rand.New(rand.NewPCG(seed, 5))
	for i := range w.md.DataElements {
		w.md.DataElements[i].ID = pad(w.md.DataElements[i].ID)
	}
	for i := range w.values {
		w.values[i].DataElement = pad(w.values[i].DataElement)
	}
	for i := range w.md.Groups {
		switch g := &w.md.Groups[i]; g.Kind {
		case hmis.KindDataElementGroup:
			for j := range g.Members {
				g.Members[j] = pad(g.Members[j])
			}
		case hmis.KindOrgUnitGroup:
			g.ID = pad(g.ID)
		}
	}
	for i := range w.md.GroupSets {
		if s := &w.md.GroupSets[i]; s.Kind == hmis.KindOrgUnitGroupSet {
			for j := range s.Groups {
				s.Groups[j] = pad(s.Groups[j])
			}
		}
	}
	w.md.DataSets = append(w.md.DataSets,
		hmis.DataSet{ID: "daily", PeriodType: period.Daily}, hmis.DataSet{ID: "weekly", PeriodType: period.Weekly},
		hmis.DataSet{ID: "projects", PeriodType: period.Monthly, CategoryCombo: "byProject", OpenAfterEnd: rng.IntN(3)},
	)
	var ids []hmis.UID
	for i := range w.md.OrgUnits {
		u := &w.md.OrgUnits[i]
		ids = append(ids, u.ID)
		if chance(rng, 40) {
			u.Opened = period.DateOf(2023, 10, 1) + period.Date(rng.IntN(200))
		}
		if chance(rng, 40) {
			u.Closed = period.DateOf(2024, 1, 1) + period.Date(rng.IntN(200))
		}
	}
	some := func(percent int) (list []hmis.UID) {
		for _, id := range ids {
			if chance(rng, percent) {
				list = append(list, id)
			}
		}
		return list
	}
	for i := range w.md.CategoryOptions {
		w.md.CategoryOptions[i].OrgUnits = some(70)
	}
	for i := range w.md.DataSets {
		s := &w.md.DataSets[i]
		for j := range s.Elements {
			s.Elements[j].DataElement = pad(s.Elements[j].DataElement)
		}
		s.ID, s.OrgUnits, s.TimelyDays = pad(s.ID), some(60), float64(rng.IntN(40))/2
	}
	w.reindex(t)
	for range 20 + rng.IntN(100) {
		p := period.MustParse(pick(rng, append(slices.Clone(usual), "202404", "2024W1", "2024W5", "20240131", "2024")))
		w.completed = append(w.completed, hmis.Completion{
			DataSet: pick(rng, w.md.DataSets).ID, OrgUnit: pick(rng, ids), Period: p, AttributeCombo: pick(rng, attributesOfWorlds),
			At: p.Last().Time(time.UTC).Add(time.Duration(rng.IntN(40*24)) * time.Hour), Withdrawn: chance(rng, 10),
		})
	}
	return w
}

var metrics = []indicator.Rate{
	indicator.ReportingRate, indicator.ReportingRateOnTime, indicator.ActualReports, indicator.ActualReportsOnTime, indicator.ExpectedReports,
}

// someReportQuery asks in some of the ways that reporting rates go with.
func (w *world) someReportQuery(rng *rand.Rand) aggregate.Query {
	var q aggregate.Query
	if chance(rng, 80) {
		q.OrgUnits = w.units(rng)
	} else if chance(rng, 50) {
		q.Filter.OrgUnits = w.units(rng)
	}
	types := []string{"202401", "202402", "202403", "202404", "2024Q1", "2023Q4", "2024", "2024W5", "2024W1", "20240131", "2024April", "2024S1", "202401B"}
	for range 1 + rng.IntN(4) {
		if p := period.MustParse(pick(rng, types)); !slices.Contains(q.Periods, p) {
			q.Periods = append(q.Periods, p)
		}
	}
	if chance(rng, 25) {
		q.Filter.Periods, q.Periods = q.Periods, nil
	}
	axes := []aggregate.Axis{{ID: "type"}, {ID: "area"}, {ID: "project"}, {ID: "project", Items: []hmis.UID{"b"}}, {ID: "type", Items: []hmis.UID{"clinic00000"}}}
	if a := pick(rng, axes); chance(rng, 40) {
		q.Split = append(q.Split, a)
	}
	if a := pick(rng, axes); chance(rng, 30) && !slices.ContainsFunc(q.Split, func(b aggregate.Axis) bool { return a.ID == b.ID }) {
		q.Filter.Axes = append(q.Filter.Axes, a)
	}
	return q
}

// TestRatesOracle compares reporting rates of random forms and registrations
// with the oracle (RULES.md#expected-reports, RULES.md#reporting-rates).
func TestRatesOracle(t *testing.T) {
	cells, full := 0, 0
	for seed := range rounds(60) {
		w := newReporting(t, seed)
		cube := w.cube(t)
		rng := rand.New(rand.NewPCG(seed, 6))
		for n := range 12 {
			q := w.someReportQuery(rng)
			q.SkipRounding, q.ServerArtefacts = chance(rng, 20), chance(rng, 30)
			for range 1 + rng.IntN(3) {
				q.Data = append(q.Data, indicator.Item{ID: pick(rng, w.md.DataSets).ID, Rate: pick(rng, metrics)})
			}
			for range rng.IntN(3) {
				q.Criteria = append(q.Criteria, aggregate.Criterion{Op: pick(rng, []string{"GT", "LE", "EQ"}), Number: decimal.New(int64(rng.IntN(120)), 0)})
			}
			o := oracle.New(w.country(), q)
			table, err := cube.Query(t.Context(), q)
			require.NoError(t, err)
			for _, at := range w.places(q) {
				want := o.Rate(at.Item, at)
				if want != nil && !q.SkipRounding {
					want = oracle.Rounded(want, 2)
				}
				if want != nil && len(q.Criteria) > 0 && !slices.ContainsFunc(q.Criteria, func(c aggregate.Criterion) bool {
					return oracle.Meets(want, []aggregate.Criterion{c})
				}) {
					want = nil
				}
				got := table.At(at.Item, at.Unit, at.Period, at.Split...)
				if cells++; want != nil {
					full++
				}
				if !sameRate(got, want) {
					t.Fatalf("world %d, query %d, at %s: got %s, want %v\n%s", seed, n, at, got, want, describe(q))
				}
			}
		}
	}
	t.Logf("%d cells compared, %d of them with a value", cells, full)
	require.Greater(t, full, 1000)
}

func sameRate(got indicator.Value, want *big.Rat) bool {
	if want == nil {
		return got.IsMissing()
	}
	g, ok := got.Float64()
	f, _ := want.Float64()
	return ok && g == f
}
