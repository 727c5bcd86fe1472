package aggregate

import (
	"context"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// atUnits computes the items of a subExpression separately for each org unit
// that stores values.
type atUnits struct {
	planner
	ctx context.Context
}

// atUnits returns what computes at the storing units in place of those of r at
// one of its levels, with the axes that segments decide.
func (r *evaluator) atUnits(level int) *atUnits {
	inner := &atUnits{ctx: r.ctx}
	inner.planner.init()
	inner.placer.outer, inner.placer.level = &r.placer, level
	inner.resolvedQuery = resolvedQuery{
		cube: r.cube, names: r.names, filters: r.filters, horizon: r.horizon,
		grid: grid{
			hasUnits: true, units: make([]hmis.UID, r.cube.tree.Len()), periods: r.grid.periods,
		},
		query: Query{
			Filter: r.query.Filter, ZeroIsData: r.query.ZeroIsData, ValidOnly: r.query.ValidOnly,
		},
	}
	for i := range r.grid.axes {
		if r.grid.axes[i].byPos == nil {
			inner.grid.axes = append(inner.grid.axes, r.grid.axes[i])
		}
	}
	inner.grid.number()
	if len(r.query.Filter.Periods) > 0 {
		inner.sections = r.newSections()
	}
	return inner
}

// columns computes the items of an expression within a subExpression.
func (r *atUnits) columns(
	expr *indicator.Expr, around indicator.Item, periods []period.Period,
) (map[indicator.Item]indicator.Column, error) {
	columns := map[indicator.Item]indicator.Column{}
	for item := range expr.Items() {
		column, err := r.unitColumn(dated(item, around), periods)
		if err != nil {
			return nil, err
		}
		columns[item] = column
	}
	return columns, nil
}

// unitColumn computes an item of a subExpression at each storing unit, by the
// half of its aggregation that is over time.
func (r *atUnits) unitColumn(
	item indicator.Item, periods []period.Period,
) (indicator.Column, error) {
	e, _, ok := r.cube.elements.find(item.ID)
	if !ok || e.Tracker {
		return r.grid.empty(len(periods)), nil
	}
	if cells := float64(r.grid.cells(len(periods))); cells > maxCells {
		return indicator.Column{}, tooLarge()
	}
	if item.Offset != 0 || item.YearToDate {
		if r.grid.hasPeriods() {
			return r.shiftedAtUnits(item, periods)
		}
		if item.YearToDate { // a year to date needs a period of the cell
			return r.grid.empty(len(periods)), nil
		}
	}
	how := rule.OverTime(item.Combine, e)
	p := r.newPlanned(how, selection{&r.resolvedQuery, e, operandsOf(item)})
	p.finish.Digits, p.finish.NoSpread = unitDigits, true
	v, texts := &p.job.Values, rule.ClassOf(e.ValueType) == rule.Text
	v.Cut = hasLong(p.job.Sources[0].Column)
	v.Texts, v.Order = texts && how.Units == hmis.Count, textOrder(how)
	if err := r.setUnitRows(p, item, periods); err != nil {
		return indicator.Column{}, err
	}
	return p.compute(r.ctx), r.ctx.Err()
}

// hasLong reports whether any value of c may have more digits than a database
// keeps.
func hasLong(c *column.Column) bool {
	const bits = 50 // 10^15 has 50 bits
	return slices.ContainsFunc(c.Segments, func(s column.Segment) bool { return s.Bits >= bits }) ||
		slices.ContainsFunc(c.Odds, func(o column.Odd) bool {
			return o.Numeric && o.Number.NumDigits() > compute.ValueDigits
		})
}

// unitDigits is the number of decimals to which an item of a subExpression is
// rounded at one org unit.
const unitDigits = 15

// setUnitRows decides which rows a job within a subExpression has: one for each
// section of the filter periods, if there are sections.
func (r *planner) setUnitRows(p *planned, item indicator.Item, periods []period.Period) error {
	s := r.sections
	if s == nil {
		return r.setRows(p, asked{item, true}, periods, 0)
	}
	narrow(&p.job.Window, item)
	p.job.Rows = s.within(r.cube, p.job.Window)
	p.finish.Blends = sameDays(len(s.periods))
	return checkSize(p)
}

// takePart returns the cells in which a unit takes part, which are the only
// ones where the expression may fail: those with a value of any data element of
// the expression, whatever its option combos, in the period of the cell or one
// that an item moves to.
func (r *atUnits) takePart(
	expr *indicator.Expr, columns map[indicator.Item]indicator.Column, around indicator.Item,
	periods []period.Period,
) ([]int, error) {
	// The keys are the moves in time of each item: its offset and year to date,
	// without its id.
	moved := map[indicator.Item]bool{{}: true}
	for item := range expr.Items() {
		moved[indicator.Item{Offset: item.Offset, YearToDate: item.YearToDate}] = true
	}
	if !r.grid.hasPeriods() {
		clear(moved)
		moved[indicator.Item{}] = true
	} else if !readsOwnPeriod(expr) {
		delete(moved, indicator.Item{})
	}
	done := map[indicator.Item]bool{}
	var list []indicator.Column
	for item := range expr.Items() {
		for to := range moved {
			one := indicator.Item{
				Kind:       item.Kind,
				ID:         item.ID,
				Offset:     to.Offset,
				YearToDate: to.YearToDate,
			}
			if done[one] {
				continue
			}
			done[one] = true
			column, ok := columns[one]
			if !ok || r.spreads(one) {
				one.Combine = hmis.Count
				var err error
				if column, err = r.unitColumn(dated(one, around), periods); err != nil {
					return nil, err
				}
			}
			list = append(list, column)
		}
	}
	return storing(list, r.grid.cells(len(periods))), nil
}

// readsOwnPeriod reports whether any item is read for the period of the cell.
func readsOwnPeriod(expr *indicator.Expr) bool {
	for item := range expr.Items() {
		if item.Offset == 0 && !item.YearToDate {
			return true
		}
	}
	return false
}

// storing returns the cells in which any of the columns has a value.
func storing(columns []indicator.Column, n int) []int {
	has := make([]bool, n)
	for _, c := range columns {
		for cell := range c.Missing {
			has[cell] = has[cell] || !c.Missing[cell]
		}
	}
	var cells []int
	for cell := range has {
		if has[cell] {
			cells = append(cells, cell)
		}
	}
	return cells
}

// spreads reports whether an item has no number where it has only one value.
func (r *atUnits) spreads(item indicator.Item) bool {
	e, _, ok := r.cube.elements.find(item.ID)
	return ok && rule.OverTime(item.Combine, e).Spreads()
}

func (r *atUnits) shiftedAtUnits(
	item indicator.Item, periods []period.Period,
) (indicator.Column, error) {
	plain := item
	plain.Offset, plain.YearToDate = 0, false
	read := func(all []period.Period) (indicator.Column, error) { return r.unitColumn(plain, all) }
	return moved(r.ctx, &r.resolvedQuery, item, periods, read)
}

// textOrder returns which of several texts of a storing unit an expression
// sees: +1 for the greatest by bytes, or -1 for the least if it asks for that.
// For numbers it returns 0.
func textOrder(how rule.Rule) int {
	switch {
	case how.Class != rule.Text:
		return 0
	case how.Time == hmis.Min:
		return -1
	}
	return +1
}

// sections are the parts of the filter periods in which a subExpression is
// computed separately. They are the filter periods of the first one's type that
// have a value passing the filter, and one zero Period for values in none of
// them.
type sections struct {
	periods []period.Period
	of      compute.Lists // the section of each period of the cube, none if it does not pass
}

func (r *resolvedQuery) newSections() *sections {
	asked := r.query.Filter.Periods
	passes := r.cube.periods.anyOf(asked, compute.Window{})
	s := &sections{}
	of := map[period.Period][]uint32{}
	for i, p := range r.cube.periods.list {
		if len(passes.All.Of(uint32(i))) > 0 {
			in, _ := p.In(asked[0].Type())
			of[in] = append(of[in], uint32(i))
		}
	}
	s.periods = slices.SortedFunc(maps.Keys(of), period.Period.Compare)
	rows := make([][]uint32, len(s.periods))
	for i, p := range s.periods {
		rows[i] = of[p]
	}
	s.of = compute.Invert(len(r.cube.periods.list), rows, nil)
	return s
}

// within returns the rows of each period that is within the window w.
func (s *sections) within(c *Cube, w compute.Window) *compute.Rows {
	rows := &compute.Rows{All: s.of, N: len(s.periods)}
	if w != (compute.Window{}) {
		rows.All = s.of.Where(func(p uint32, _ int32) bool { return w.Holds(c.periods.list[p]) })
	}
	rows.Fine = rows.All
	return rows
}
