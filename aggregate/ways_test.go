package aggregate_test

import (
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestWays holds which way a plan takes through the values.
func TestWays(t *testing.T) {
	n := newNation(t)
	months := period.MustParse("2024").Split(period.Monthly)
	everywhere := slices.Collect(n.tree.All())
	criteria := []aggregate.Criterion{{Op: "GT", Number: decimal.NewFromInt(5)}}
	for _, tt := range []struct {
		name  string
		query aggregate.Query
		want  string
	}{
		{"one unit", aggregate.Query{Data: items("element0001"), OrgUnits: n.tree.AtLevel(1), Periods: months},
			"element0001: spans: sum over org units and time; 12 periods × 1 places × 1 splits from 12000 values in 12 segments\n"},
		{"many units", aggregate.Query{Data: items("element0001"), OrgUnits: n.tree.AtLevel(2), Periods: months[:2]},
			"element0001: scatter: sum over org units and time; 2 periods × 20 places × 1 splits from 2000 values in 2 segments\n"},
		{"very many units", aggregate.Compacted(aggregate.Query{Data: items("element0001"), OrgUnits: everywhere, Periods: months[:1]}),
			"element0001: bottom-up: sum over org units and time; 1 periods × 1021 places × 1 splits from 1000 values in 1 segments\n"},
		{"criteria on values", aggregate.Query{Data: items("element0001"), OrgUnits: everywhere, Periods: months[:1], ValueCriteria: criteria},
			"element0001: row by row: sum over org units and time; 1 periods × 1021 places × 1 splits from 1000 values in 1 segments\n"},
		{"last", aggregate.Query{Data: items("element0019"), OrgUnits: n.tree.AtLevel(2), Periods: months[:1]},
			"element0019: look-back: sum over org units, last over time; 1 periods × 20 places × 1 splits from 24000 values in 24 segments\n"},
		{"indicator", aggregate.Query{Data: items("ratio"), OrgUnits: n.tree.AtLevel(1), Periods: months[:1]},
			"ratio: formula: (#{element0001} + #{element0002}) / (#{element0003})\n" +
				"  element0001: spans: sum over org units and time; 1 periods × 1 places × 1 splits from 1000 values in 1 segments\n" +
				"  element0002: spans: sum over org units and time; 1 periods × 1 places × 1 splits from 1000 values in 1 segments\n" +
				"  element0003: spans: sum over org units and time; 1 periods × 1 places × 1 splits from 1000 values in 1 segments\n"},
	} {
		plan, err := n.cube.Plan(t.Context(), tt.query)
		require.NoError(t, err, tt.name)
		if got := plan.String(); got != tt.want {
			t.Errorf("%s:\n%swant\n%s", tt.name, got, tt.want)
		}
	}
}

// TestBottomUp compares a full cube that goes from level to level with one that
// looks at each value by itself.
func TestBottomUp(t *testing.T) {
	n := newNation(t)
	q := aggregate.Query{
		OrgUnits: slices.Collect(n.tree.All()),
		Periods:  append(period.MustParse("2024").Split(period.Quarterly), period.MustParse("2024")),
	}
	for _, id := range []hmis.UID{element(0), element(17), element(18)} {
		q.Data = []indicator.Item{{ID: id}}
		want := answers(t, n.cube, aggregate.RowByRow(q))
		require.Equal(t, want, answers(t, n.cube, aggregate.Compacted(q)), id)
	}
}
