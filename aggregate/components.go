package aggregate

import (
	"context"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// An evaluator computes data items and the components that they share.
type evaluator struct {
	planner
	ctx     context.Context
	columns columnCache
	warning sync.Mutex // Query.Warn is called by one goroutine at a time
}

// component returns an item of a formula in all cells: one for each org unit,
// each of these periods and each split. Formulas that share an item share its
// column (RULES.md#components).
func (r *evaluator) component(
	item indicator.Item, periods []period.Period,
) (indicator.Column, error) {
	key := ""
	if !r.grid.has(periods) {
		key = periodsKey(periods)
	}
	c := r.columns.at(item, key)
	if c == nil {
		return indicator.Column{}, issue(
			"", "Data", "more components of formulas than %d MiB can tell apart", maxHeld>>20,
		)
	}
	c.once.Do(func() { c.column, c.err = r.newComponent(item, periods) })
	return c.column, c.err
}

func (r *evaluator) newComponent(
	item indicator.Item, periods []period.Period,
) (indicator.Column, error) {
	g := &r.grid
	switch moves := item.Offset != 0 || item.YearToDate; {
	case moves && g.hasPeriods():
		return r.shifted(item, periods)
	case item.YearToDate: // a year to date needs a period of the cell
		return g.empty(len(periods)), nil
	}
	switch item.Kind {
	case indicator.ConstantItem:
		c, ok := hmis.Find[hmis.Constant](r.cube.catalog, item.ID)
		if !ok {
			return indicator.Column{}, unknown(item)
		}
		return indicator.Constant(indicator.Num(c.Value)), nil
	case indicator.DataElementItem:
		return r.elementColumn(item, periods, true)
	case indicator.ReportingRateItem:
		col, _, _, err := r.rates().columns(item, periods, true)
		return col, err
	case indicator.IndicatorItem:
		return r.indicatorColumn(item, periods)
	case indicator.SubExpressionItem:
		return r.subExpression(item, periods, nil)
	case indicator.OrgUnitGroupItem:
		return r.groupCounts(item.ID, len(periods))
	case indicator.DaysItem:
		return g.perPeriod(periods, r.daysOf), nil
	case indicator.PeriodInYearItem:
		return g.perPeriod(periods, r.only(inYear)), nil
	case indicator.YearlyPeriodsItem:
		return g.perPeriod(periods, r.only(yearlyCount)), nil
	case indicator.ProgramIndicatorItem, indicator.ProgramElementItem,
		indicator.ProgramAttributeItem:
		return indicator.Column{}, issue(
			"", "Data", "%s is of a program, which a cube does not hold", item,
		)
	}
	return indicator.Column{}, unknown(item)
}

func unknown(item indicator.Item) error {
	return issue("", "Data", "unknown %s %s", item.Kind, item)
}

// elementColumn computes a data element or operand.
func (r *evaluator) elementColumn(
	item indicator.Item, periods []period.Period, component bool,
) (indicator.Column, error) {
	p, err := r.plan(item, periods, component)
	if err != nil || p == nil {
		return r.grid.empty(len(periods)), err
	}
	return p.compute(r.ctx), r.ctx.Err()
}

// empty returns a column that is missing in every cell.
func (g *grid) empty(periods int) indicator.Column {
	return compute.Empty(g.cells(periods))
}

// perPeriod returns a column of numbers that depend on the period only.
func (g *grid) perPeriod(periods []period.Period, number func(period.Period) int) indicator.Column {
	col := indicator.Column{Coef: make([]int64, g.cells(len(periods)))}
	for i := range col.Coef {
		col.Coef[i] = int64(number(periods[i/g.splits%len(periods)]))
	}
	return col
}

// daysOf returns the number of days of p, or of all filter periods if p is
// zero. It is the value of [days] in a formula.
func (r *evaluator) daysOf(p period.Period) int {
	f := &r.query.Filter
	switch {
	case !p.IsZero():
		return p.Days()
	case f.dated():
		return int(f.To-f.From) + 1
	}
	return days(distinct(f.Periods))
}

// only returns a function that calls number. It replaces the zero period of a
// cell by the only filter period, if there is exactly one.
func (r *evaluator) only(number func(period.Period) int) func(period.Period) int {
	filtered := distinct(r.query.Filter.Periods)
	return func(p period.Period) int {
		if p.IsZero() && len(filtered) == 1 {
			p = filtered[0]
		}
		return number(p)
	}
}

// groupCounts computes OUG{}: the number of a group's members within each org
// unit, or within all filter units together.
func (r *evaluator) groupCounts(group hmis.UID, periods int) (indicator.Column, error) {
	if err := checkGroup(r.cube, group); err != nil {
		return indicator.Column{}, err
	}
	g, tree := &r.grid, r.cube.tree
	col := indicator.Column{Coef: make([]int64, g.cells(periods))}
	perUnit := periods * g.splits
	seen := r.withinMask()
	for u, id := range g.units {
		n := 0
		switch {
		case g.hasUnits && seen == nil:
			n = tree.CountIn(group, id)
		case g.hasUnits:
			n = r.membersSeen(seen, []hmis.UID{id}, group)
		default:
			n = r.membersSeen(seen, r.query.Filter.OrgUnits, group)
		}
		for i := range perUnit {
			col.Coef[u*perUnit+i] = int64(n)
		}
	}
	return col, nil
}

// membersSeen counts the members of a group that are below the given units, or
// anywhere if there are none. It skips positions outside the mask.
func (r *evaluator) membersSeen(mask []bool, units []hmis.UID, group hmis.UID) int {
	n := 0
	members := orgunit.Selector{Units: units, Groups: []hmis.UID{group}}
	for _, id := range r.cube.tree.Select(members) {
		if pos, _, _ := r.cube.tree.Span(id); mask == nil || mask[pos] {
			n++
		}
	}
	return n
}

// checkGroup returns an error if the tree was made without this group of org
// units.
func checkGroup(c *Cube, id hmis.UID) error {
	g, ok := hmis.Find[hmis.Group](c.catalog, id)
	if !ok {
		return nil // an unknown group has no members to count
	}
	for _, member := range g.Members {
		if c.tree.Level(member) > 0 && !c.tree.InGroup(id, member) {
			return issue(
				"", "Data",
				"the tree was made without org unit group %q; give the groups to orgunit.NewTree", id,
			)
		}
	}
	return nil
}
