package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/oracle"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// someFormula writes a formula over the items of a world, with modifiers.
func (w *world) someFormula(rng *rand.Rand, nested []hmis.UID) string {
	number := func() string { // that stands alone
		e := w.md.DataElements[rng.IntN(7)]
		s := fmt.Sprintf("#{%s}", e.ID)
		if chance(rng, 20) {
			s += fmt.Sprintf(".aggregationType(%s)", pick(rng, ownAggregations))
		}
		if chance(rng, 15) {
			s += pick(rng, []string{".minDate(2024-01-15)", ".maxDate(2024-02-10)", ".minDate(2023-12-01).maxDate(2024-03-31)"})
		}
		return s
	}
	item := func() string {
		switch n := rng.IntN(100); {
		case n < 50:
			return number()
		case n < 60 && len(nested) > 0:
			s := fmt.Sprintf("N{%s}", pick(rng, nested))
			if chance(rng, 40) {
				s += pick(rng, []string{".aggregationType(MAX)", ".minDate(2024-01-15)", ".maxDate(2024-02-10).aggregationType(COUNT)"})
			}
			return s
		case n < 68:
			return fmt.Sprintf("R{%s.%s}", pick(rng, w.md.DataSets).ID, pick(rng, metrics))
		case n < 74:
			return fmt.Sprintf("OUG{%s}", pick(rng, w.md.Groups[:4]).ID)
		case n < 80:
			return "[days]"
		case n < 90:
			moves := func() string {
				return number() + pick(rng, []string{"", "", "", ".periodOffset(-1)", ".periodOffset(1)"})
			}
			s := fmt.Sprintf("subExpression(%s)", fmt.Sprintf(pick(rng, []string{"%s * 2 - %s", "if(%s > 10, 1, 0) + 0 * %s", "%s ^ 2 + %s"}), moves(), moves()))
			if chance(rng, 50) {
				s += fmt.Sprintf(".aggregationType(%s)", pick(rng, []hmis.Aggregation{hmis.Average, hmis.Max, hmis.Count, hmis.Last, hmis.Min, hmis.LastAverageOrgUnit}))
			}
			if chance(rng, 20) {
				s += pick(rng, []string{".minDate(2024-02-01)", ".maxDate(2024-01-31)"})
			}
			return s
		}
		return "(" + number() + " - " + number() + ")"
	}
	moved := func() string {
		s := item()
		if chance(rng, 20) {
			s = fmt.Sprintf("(%s).periodOffset(%d)", s, rng.IntN(5)-3)
		}
		if chance(rng, 12) {
			s = fmt.Sprintf("(%s).yearToDate()", s)
		}
		return s
	}
	s := moved()
	for range rng.IntN(3) {
		s += pick(rng, []string{" + ", " - ", " * "}) + moved()
	}
	return s
}

// TestFormulaOracle compares indicators that nest, shift, sum up years and
// narrow their items with the oracle (RULES.md#indicators, RULES.md#components,
// RULES.md#shifted-periods, RULES.md#subexpressions).
func TestFormulaOracle(t *testing.T) {
	cells, full := 0, 0
	for seed := range rounds(20) {
		w := newReporting(t, seed)
		rng := rand.New(rand.NewPCG(seed, 7))
		var ids []hmis.UID
		for i := range 6 {
			id := pad(hmis.UID(fmt.Sprintf("in%d", i)))
			ind := hmis.Indicator{ID: id, Numerator: w.someFormula(rng, ids), Denominator: "1", Annualized: chance(rng, 20)}
			if chance(rng, 40) {
				ind.Denominator = w.someFormula(rng, ids)
			}
			w.md.Indicators, ids = append(w.md.Indicators, ind), append(ids, id)
		}
		w.reindex(t)
		cube := w.cube(t)
		for n := range 6 {
			q := w.someReportQuery(rng)
			if chance(rng, 20) {
				q.Aggregation = pick(rng, ownAggregations)
			}
			if chance(rng, 15) {
				q.ValueCriteria = []aggregate.Criterion{{Op: "GT", Number: decimal.New(5, 0)}}
			}
			for range 1 + rng.IntN(3) {
				if item := (indicator.Item{ID: pick(rng, ids)}); !slices.Contains(q.Data, item) {
					q.Data = append(q.Data, item)
				}
			}
			if len(q.Periods) == 0 {
				w.filterPeriods(&q)
			}
			o := oracle.New(w.country(), q)
			for _, item := range q.Data {
				o.Extra = append(o.Extra, w.shifts(t, item.ID, q.Periods)...)
			}
			table, err := cube.Query(t.Context(), q)
			require.NoError(t, err, "world %d, query %d", seed, n)
			for _, at := range w.places(q) {
				want, err := o.Indicator(at.Item, at)
				require.NoError(t, err)
				got := table.At(at.Item, at.Unit, at.Period, at.Split...)
				if cells++; !want.Value.IsMissing() {
					full++
				}
				if !got.Equal(want.Value) {
					ind, _ := hmis.Find[hmis.Indicator](w.catalog, at.Item.ID)
					t.Fatalf("world %d, query %d, at %s: got %s, want %s\n%s\nper %s\n%s", seed, n, at, got, want.Value, ind.Numerator, ind.Denominator, describe(q))
				}
			}
		}
	}
	t.Logf("%d cells compared, %d of them with a value", cells, full)
	if os.Getenv("HMIS_LONG") == "" {
		require.Greater(t, full, 200)
	}
}

// filterPeriods leaves filter periods of one type, for what several are divided by
// is not defined, and tells them apart where an offset is in a numerator.
func (w *world) filterPeriods(q *aggregate.Query) {
	first := q.Filter.Periods[0].Type()
	q.Filter.Periods = slices.DeleteFunc(q.Filter.Periods, func(p period.Period) bool { return p.Type() != first })
	for _, item := range q.Data {
		ind, _ := hmis.Find[hmis.Indicator](w.catalog, item.ID)
		if strings.Contains(ind.Numerator, ".periodOffset(") {
			q.Periods, q.Filter.Periods = q.Filter.Periods, nil
			return
		}
	}
}

// shifts are the periods that the items of an indicator, and of those nested in
// it, move to. The items of a nested indicator move as they say themselves, and
// as N{} is moved by itself.
func (w *world) shifts(t *testing.T, id hmis.UID, periods []period.Period) (list []period.Period) {
	ind, _ := hmis.Find[hmis.Indicator](w.catalog, id)
	f, err := indicator.Compile(w.catalog, ind)
	require.NoError(t, err)
	for _, e := range []*indicator.Expr{f.Numerator, f.Denominator} {
		for item := range e.Items() {
			var moved []period.Period
			for _, p := range periods {
				q := p.Add(item.Offset)
				if item.YearToDate {
					moved = append(moved, q.YearToDate()...)
				} else {
					moved = append(moved, q)
				}
			}
			list = append(list, moved...)
			switch item.Kind {
			case indicator.IndicatorItem:
				list = append(list, w.shifts(t, item.ID, moved)...)
			case indicator.SubExpressionItem:
				inner, err := item.Inner()
				require.NoError(t, err)
				for one := range inner.Items() {
					for _, p := range moved {
						list = append(list, p.Add(one.Offset))
					}
				}
			}
		}
	}
	return list
}
