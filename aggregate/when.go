package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// eachOf returns rows for periods told apart. To which longer period a value
// belongs is said by [period.Period.In] (RULES.md#longer-periods).
func (c *Cube) eachOf(periods []period.Period, w compute.Window) *compute.Rows {
	counted := make([][]uint32, 0, fewToCompare)
	var ofType map[period.Period][]uint32
	for row, q := range periods {
		if row == 0 || q.Type() != periods[row-1].Type() {
			ofType = c.countedIn(q.Type())
		}
		counted = append(counted, ofType[q])
	}
	rows := &compute.Rows{N: len(periods)}
	if w == (compute.Window{}) {
		rows.All = compute.Invert(len(c.periods), counted, nil)
	} else {
		rows.All = compute.Invert(len(c.periods), counted, func(p uint32) bool { return w.Holds(c.periods[p]) })
	}
	rows.Roll()
	return rows
}

// countedIn returns which periods, as the cube numbers them, count in each of a
// type.
func (c *Cube) countedIn(t period.Type) map[period.Period][]uint32 {
	if had, ok := c.counted.Load(t); ok {
		return had.(map[period.Period][]uint32)
	}
	all := map[period.Period][]uint32{}
	for i, p := range c.periods {
		if in, ok := p.In(t); ok {
			all[in] = append(all[in], uint32(i))
		}
	}
	c.counted.Store(t, all)
	return all
}

// anyOf returns the one row for periods that are only filtered: a value counts
// once, however many of them it lies in.
func (c *Cube) anyOf(periods []period.Period, w compute.Window) *compute.Rows {
	at, types := periodsByType(periods)
	var list []uint32
	for i, p := range c.periods {
		if w.Holds(p) && (len(periods) == 0 || slices.ContainsFunc(types, func(typ period.Type) bool {
			in, ok := p.In(typ)
			_, asked := at[in]
			return ok && asked
		})) {
			list = append(list, uint32(i))
		}
	}
	rows := &compute.Rows{N: 1, All: compute.Invert(len(c.periods), [][]uint32{list}, nil)}
	rows.Fine = rows.All
	return rows
}

func periodsByType(periods []period.Period) (at map[period.Period]int32, types []period.Type) {
	at = make(map[period.Period]int32, len(periods))
	for i, p := range periods {
		at[p] = int32(i)
		if !slices.Contains(types, p.Type()) {
			types = append(types, p.Type())
		}
	}
	return at, types
}

// days adds up the days of periods.
func days(periods []period.Period) int {
	n := 0
	for _, p := range periods {
		n += p.Days()
	}
	return n
}

// checkCalendar refuses a query none of whose periods is of a calendar that the data
// is in: every cell would be empty, whatever was reported.
func (c *Cube) checkCalendar(q Query) *hmis.Issue {
	asked := q.Periods
	field := "Periods"
	if len(asked) == 0 {
		asked, field = q.Filter.Periods, "Filter.Periods"
	}
	if len(asked) == 0 || len(c.periods) == 0 {
		return nil
	}
	for _, p := range asked {
		calendar := p.Calendar()
		if slices.ContainsFunc(c.periods, func(held period.Period) bool { return held.Calendar() == calendar }) {
			return nil
		}
	}
	return issue("", field, "%s is of the %s calendar, the data of the %s one", asked[0], asked[0].Calendar().Name(), c.periods[0].Calendar().Name())
}
