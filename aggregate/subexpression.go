package aggregate

import (
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// subExpression computes an expression at each storing org unit, in each filter
// period if there are such, and then combines these results. It does so for each
// level asked for, since elements may not reach all of them.
func (r *run) subExpression(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	return r.notedSubExpression(item, periods, nil)
}

// A unitNote says what a subExpression is at an org unit, and what its items are.
type unitNote struct {
	pos    int
	period period.Period // of the cell, or the section of filter periods
	value  indicator.Value
	items  []indicator.Item
	values []indicator.Value
}

// notedSubExpression calls note, if it is not nil, with each org unit that takes
// part.
func (r *run) notedSubExpression(item indicator.Item, periods []period.Period, note func(unitNote)) (indicator.Column, error) {
	expr, err := item.Inner()
	if err != nil {
		return indicator.Column{}, fmt.Errorf("aggregate: subExpression: %w", err)
	}
	if r.query.Filter.dated() && movesAny(expr) {
		return indicator.Column{}, needsPeriods(item)
	}
	half := rule.Half(rule.Of(item.Combine, rule.Number).Units, rule.Number)
	places := r.places(nil)
	totals := compute.Combine(half, places, len(periods), r.grid.shape.Of)
	for level, m := range places.Maps {
		inner := r.atUnits(level)
		at := periods
		if inner.sections != nil {
			at = inner.sections.periods
		}
		if len(at) == 0 { // no value lies in any filter period
			continue
		}
		columns := map[indicator.Item]indicator.Column{}
		for one := range expr.Items() {
			if columns[one], err = inner.unitColumn(dated(one, item), at); err != nil {
				return indicator.Column{}, err
			}
		}
		cells, err := inner.takePart(expr, columns, item, at)
		if err != nil {
			return indicator.Column{}, err
		}
		values := make([]indicator.Value, len(cells))
		err = expr.EvalColumns(indicator.ColumnEnv{
			Item:    func(one indicator.Item) indicator.Column { return gather(columns[one], cells) },
			Type:    r.typeOf,
			Missing: hmis.NeverSkip,
			Stop:    r.ctx.Err,
		}, values)
		if r.ctx.Err() != nil {
			return indicator.Column{}, r.ctx.Err()
		}
		if err != nil {
			return indicator.Column{}, issue("E7132", "Data", "subExpression: %w", err)
		}
		if err := inner.combine(item, totals, m.Lookup(), len(at), cells, values); err != nil {
			return indicator.Column{}, err
		}
		for i, cell := range cells {
			if note == nil || values[i].IsMissing() {
				continue
			}
			n := unitNote{pos: cell / inner.grid.splits / len(at), period: at[cell/inner.grid.splits%len(at)], value: values[i]}
			for one := range expr.Items() {
				column := columns[one]
				n.items, n.values = append(n.items, one), append(n.values, column.At(cell))
			}
			note(n)
		}
	}
	how := compute.Finish{Grid: r.grid.shape, Digits: r.digits(), Blends: sameDays(len(periods)), NoSpread: r.outer != nil}
	return totals.Finish(r.ctx, &how), nil
}

// sameDays returns the cells of so many rows, each of one day.
func sameDays(rows int) []compute.Blend {
	list := make([]compute.Blend, rows)
	for i := range list {
		list[i] = compute.One(i, 1)
	}
	return list
}

// checkMoves refuses subExpressions with a period offset if days are asked for in
// place of periods. The server finds this out before anything else about them.
func (r *run) checkMoves() error {
	if !r.query.Filter.dated() {
		return nil
	}
	seen := map[hmis.UID]bool{}
	for _, item := range r.items() {
		if r.cube.kind(item) != indicator.IndicatorItem {
			continue
		}
		for f := range r.cube.formulasIn(item.ID, seen) {
			for _, component := range f.items {
				if component.Kind != indicator.SubExpressionItem {
					continue
				}
				if expr, err := component.Inner(); err == nil && movesAny(expr) {
					return within(item.ID, needsPeriods(component))
				}
			}
		}
	}
	return nil
}

func needsPeriods(item indicator.Item) error {
	return issue("E7150", "Filter.From", "subExpression(%s): a period offset needs periods, not days", item.ID)
}

// sections are the parts of filter periods that a subExpression is computed in:
// those periods of the first one's type that hold any value which passes the
// filter, and one zero Period for values that lie in none.
type sections struct {
	periods []period.Period
	of      [][]int32 // the section of each period of the cube, none if it does not pass
}

func (r *run) newSections() *sections {
	asked := r.query.Filter.Periods
	passes := r.cube.anyOf(asked, compute.Window{})
	s := &sections{of: make([][]int32, len(r.cube.periods))}
	in := make([]period.Period, len(r.cube.periods))
	for i, p := range r.cube.periods {
		if len(passes.Of[i]) > 0 {
			in[i], _ = p.In(asked[0].Type())
			s.periods = append(s.periods, in[i])
		}
	}
	slices.SortFunc(s.periods, period.Period.Compare)
	s.periods = slices.Compact(s.periods)
	for i := range in {
		if len(passes.Of[i]) > 0 {
			at, _ := slices.BinarySearchFunc(s.periods, in[i], period.Period.Compare)
			s.of[i] = []int32{int32(at)}
		}
	}
	return s
}

// within returns the rows of each period whose days a window lets through.
func (s *sections) within(c *Cube, w compute.Window) compute.Rows {
	rows := compute.Rows{Of: s.of, N: len(s.periods)}
	if w != (compute.Window{}) {
		rows.Of = slices.Clone(s.of)
		for i, p := range c.periods {
			if !w.Holds(p) {
				rows.Of[i] = nil
			}
		}
	}
	rows.Fine = rows.Of
	return rows
}

func (r *run) typeOf(item indicator.Item) hmis.ValueType {
	e, _ := hmis.Find[hmis.DataElement](r.cube.catalog, item.ID)
	return e.ValueType
}

// atUnits returns a run over the storing units in place of those of r at one of
// its levels, with the axes that segments decide.
func (r *run) atUnits(level int) *run {
	inner := &run{
		ctx: r.ctx, cube: r.cube, names: r.names, outer: r, level: level, whole: r,
		query:   Query{Filter: r.query.Filter, ZeroIsData: r.query.ZeroIsData, ValidOnly: r.query.ValidOnly},
		filters: r.filters,
	}
	g := &inner.grid
	*g = grid{units: make([]hmis.UID, r.cube.tree.Len()), hasUnits: true, periods: r.grid.periods}
	for i := range r.grid.axes {
		if r.grid.axes[i].byPos == nil {
			g.axes = append(g.axes, r.grid.axes[i])
		}
	}
	g.number()
	if len(r.query.Filter.Periods) > 0 {
		inner.sections = r.newSections()
	}
	return inner
}

// unitColumn computes an item of a subExpression at each storing unit, by the
// half of its aggregation that is over time.
func (r *run) unitColumn(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	e, _, ok := r.cube.element(item.ID)
	if !ok || e.Tracker {
		return r.grid.empty(len(periods)), nil
	}
	if cells := float64(r.grid.cells(len(periods))); cells > maxCells {
		return indicator.Column{}, tooLarge()
	}
	if item.Offset != 0 || item.YearToDate {
		if r.outer.grid.hasPeriods() {
			return r.shiftedAtUnits(item, periods)
		}
		if item.YearToDate { // there is no period to begin from
			return r.grid.empty(len(periods)), nil
		}
	}
	p := r.newPlanned(rule.OverTime(item.Combine, e), selection{r, e, operandsOf(item)})
	p.finish.Digits, p.finish.NoSpread = unitDigits, true
	v, texts := &p.job.Values, rule.ClassOf(e.ValueType) == rule.Text
	v.Cut, v.Texts, v.Order = hasLong(p.job.Sources[0].Column), texts && p.job.Rule.Units == hmis.Count, textOrder(p.job.Rule)
	if err := r.placeAtUnits(p, item, periods); err != nil {
		return indicator.Column{}, err
	}
	return r.compute(p), r.ctx.Err()
}

// hasLong reports whether any value of a column may have more digits than that.
func hasLong(c *column.Column) bool {
	const bits = 50 // of 10^15
	return slices.ContainsFunc(c.Segments, func(s column.Segment) bool { return s.Bits >= bits }) ||
		slices.ContainsFunc(c.Odds, func(o column.Odd) bool { return o.Numeric && o.Number.NumDigits() > compute.ValueDigits })
}

// unitDigits are the decimals of an item of a subExpression at one org unit.
const unitDigits = 15

// placeAtUnits decides which rows a job within a subExpression has: the sections
// of filter periods if there are such.
func (r *run) placeAtUnits(p *planned, item indicator.Item, periods []period.Period) error {
	s := r.sections
	if s == nil {
		return r.place(p, asked{item, true}, periods, 0)
	}
	narrow(&p.job.Window, item)
	p.job.Rows = s.within(r.cube, p.job.Window)
	p.finish.Blends = sameDays(len(s.periods))
	return checkSize(p)
}

// takePart returns the cells in which a unit takes part, which are the only ones
// where the expression may fail: those with a value of any data element of the
// expression, whatever its option combos, in the period of the cell or one that
// an item moves to.
func (r *run) takePart(expr *indicator.Expr, columns map[indicator.Item]indicator.Column, around indicator.Item, periods []period.Period) ([]int, error) {
	moved := map[indicator.Item]bool{{}: true} // offsets and years to date, as an item without an id
	for item := range expr.Items() {
		moved[indicator.Item{Offset: item.Offset, YearToDate: item.YearToDate}] = true
	}
	if !r.outer.grid.hasPeriods() {
		clear(moved)
		moved[indicator.Item{}] = true
	} else if !slices.ContainsFunc(slices.Collect(expr.Items()), func(item indicator.Item) bool { return item.Offset == 0 && !item.YearToDate }) {
		delete(moved, indicator.Item{})
	}
	done := map[indicator.Item]bool{}
	var list []indicator.Column
	for item := range expr.Items() {
		for to := range moved {
			one := indicator.Item{Kind: item.Kind, ID: item.ID, Offset: to.Offset, YearToDate: to.YearToDate}
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

// spreads reports whether an item has no number where it has only one value.
func (r *run) spreads(item indicator.Item) bool {
	e, _, ok := r.cube.element(item.ID)
	return ok && rule.OverTime(item.Combine, e).Spreads()
}

func (r *run) shiftedAtUnits(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	plain := item
	plain.Offset, plain.YearToDate = 0, false
	return r.moved(item, periods, func(all []period.Period) (indicator.Column, error) {
		return r.unitColumn(plain, all)
	})
}

// textOrder returns which of several texts of a storing unit an expression sees:
// +1 for the greatest by bytes, or -1 for the least if it asks for that. For
// numbers it returns 0.
func textOrder(how rule.Rule) int {
	switch {
	case how.Class != rule.Text:
		return 0
	case how.Time == hmis.Min:
		return -1
	}
	return +1
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

// gather returns some cells of a column.
func gather(c indicator.Column, cells []int) indicator.Column {
	out := indicator.Column{Coef: make([]int64, len(cells)), Missing: make([]bool, len(cells)), Scale: c.Scale}
	for i, cell := range cells {
		out.Coef[i], out.Missing[i] = c.Coef[cell], c.Missing[cell]
		if v, ok := c.Other[cell]; ok {
			if out.Other == nil {
				out.Other = map[int]indicator.Value{}
			}
			out.Other[i] = v
		}
	}
	return out
}

// combine adds the values of units to the totals, place by place: r is a run at
// units, over so many periods.
func (r *run) combine(
	item indicator.Item, totals *compute.Totals, place []uint32, periods int, cells []int, values []indicator.Value,
) error {
	splits := r.grid.splits
	for i, v := range values {
		if i%betweenCells == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		if v.IsMissing() {
			continue
		}
		d, ok := v.Decimal()
		if b, isTruth := v.Bool(); !ok && isTruth {
			d, ok = decimal.New(map[bool]int64{true: 1}[b], 0), true
		}
		cell := cells[i]
		pos := cell / splits / periods
		unit := r.cube.tree.At(pos)
		if !ok {
			return issue("E7132", "Data", "subExpression(%s) is %s at org unit %s", item.ID, v, unit)
		}
		row := cell / splits % periods
		if r.sections != nil { // all of them are one row
			row = 0
		}
		if place[pos] != 0 {
			totals.Count(row, cell%splits, int(place[pos]), d, string(unit))
		}
	}
	return nil
}
