package quality_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// The months of a unit with their flags (RULES.md#drill-down).
func TestDrillDown(t *testing.T) {
	w := aggregatetest.New(t, `
units
	Nation
		East
		West
elements
	Cases  number  SUM  zeros
load Cases
	        202401  202402  202403  202404  202405  202406  202407  202408  202409  202410  202411  202412
	East    10      -       10      10      0       10      10      10      10      10      10      100
	West    -       5       -       -       -       -       -       -       -       -       -       -
`)
	cube, cases := w.Cube(t), indicator.Item{ID: aggregatetest.ID("Cases")}
	east, west := aggregatetest.ID("East"), aggregatetest.ID("West")
	review := quality.Review{
		Overall: aggregatetest.ID("Nation"), Units: []hmis.UID{east, west, east}, Period: period.MustParse("2024"),
	}
	reads := quality.Side{Items: []quality.Reading{{Item: cases}}}
	drill := quality.DrillDown{
		Data: []indicator.Item{cases},
		Violations: []quality.Violation{
			{Rule: "b", Key: hmis.Key{OrgUnit: east, Period: period.MustParse("202403")}, Left: reads, Right: reads},
			{Rule: "a", Key: hmis.Key{OrgUnit: east, Period: period.MustParse("202403")}, Right: reads},
			{Rule: "c", Key: hmis.Key{OrgUnit: west, Period: period.MustParse("202403")}, Left: quality.Side{}},
		},
	}
	text := func(list []quality.Month) (lines []string) {
		for _, m := range list {
			line := string(m.OrgUnit[:4]) + " " + m.Period.String()[4:] + " " + m.Value.String()
			for _, f := range []struct {
				set  bool
				name string
			}{{m.Missing, "missing"}, {m.Zero, "zero"}, {m.Extreme, "extreme"}, {m.Moderate, "moderate"}} {
				if f.set {
					line += " " + f.name
				}
			}
			for _, rule := range m.Violated {
				line += " " + string(rule)
			}
			require.Equal(t, strings.Count(line, " ") == 2 && !m.Missing, m.Plain(), line)
			lines = append(lines, line)
		}
		return lines
	}
	list, err := drill.Months(t.Context(), cube, review)
	require.NoError(t, err)
	require.Equal(t, []string{
		"East 01 10", "East 02  missing", "East 03 10 a b", "East 04 10", "East 05 0 zero", "East 06 10",
		"East 07 10", "East 08 10", "East 09 10", "East 10 10", "East 11 10", "East 12 100 moderate",
		"West 01  missing", "West 02 5", "West 03  missing", "West 04  missing", "West 05  missing", "West 06  missing",
		"West 07  missing", "West 08  missing", "West 09  missing", "West 10  missing", "West 11  missing", "West 12  missing",
	}, text(list))

	drill.Extreme, drill.Units = 2.5, []hmis.UID{east}
	list, err = drill.Months(t.Context(), cube, review)
	require.NoError(t, err)
	require.Len(t, list, 12)
	require.True(t, list[11].Extreme && !list[11].Moderate)

	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = drill.Months(done, cube, review)
	require.ErrorIs(t, err, context.Canceled)
	for _, bad := range []struct {
		change func(*quality.DrillDown, *quality.Review)
		text   string
	}{
		{func(d *quality.DrillDown, _ *quality.Review) { d.Extreme = math.NaN() }, "threshold NaN"},
		{func(d *quality.DrillDown, _ *quality.Review) { d.Moderate = -1 }, "threshold -1"},
		{func(d *quality.DrillDown, _ *quality.Review) { d.Data = nil }, "no data elements or indicators"},
		{func(_ *quality.DrillDown, r *quality.Review) { r.Period = period.MustParse("20240101") }, "no months within 20240101"},
		{func(d *quality.DrillDown, _ *quality.Review) { d.Units = []hmis.UID{"nowhere"} }, "nowhere"},
	} {
		d, r := drill, review
		bad.change(&d, &r)
		_, err := d.Months(t.Context(), cube, r)
		require.ErrorContains(t, err, bad.text)
	}
}
