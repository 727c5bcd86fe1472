package aggregate

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A unitNote has the value of a subExpression at one org unit, and the values
// of its items.
type unitNote struct {
	pos    int
	period period.Period // period of the cell, or the section of filter periods
	value  indicator.Value
	items  []indicator.Item
	values []indicator.Value
}

// subExpression computes an expression at each storing org unit, and in each
// filter period if there are any, and combines the results. It does so level by
// level, since data elements may not count on all levels. note, if not nil, is
// called for each org unit where the expression has a value.
func (r *evaluator) subExpression(
	item indicator.Item, periods []period.Period, note func(unitNote),
) (indicator.Column, error) {
	expr, err := item.Inner()
	if err != nil {
		return indicator.Column{}, fmt.Errorf("aggregate: subExpression: %w", err)
	}
	if r.query.Filter.dated() && movesAny(expr) {
		return indicator.Column{}, needsPeriods(item)
	}
	half := rule.Half(rule.Of(item.Combine, rule.Number).Units, rule.Number)
	places := r.placer.places(nil)
	totals := compute.Combine(half, places, len(periods), r.grid.shape.Of)
	for level, m := range places.Maps {
		inner := r.atUnits(level)
		at := periods
		if inner.sections != nil {
			at = inner.sections.periods
		}
		if len(at) == 0 { // no filter period has a value
			continue
		}
		columns, err := inner.columns(expr, item, at)
		if err != nil {
			return indicator.Column{}, err
		}
		cells, err := inner.takePart(expr, columns, item, at)
		if err != nil {
			return indicator.Column{}, err
		}
		values, err := inner.eval(expr, columns, cells)
		if err != nil {
			return indicator.Column{}, err
		}
		if err := inner.combine(item, totals, m.Lookup(), len(at), cells, values); err != nil {
			return indicator.Column{}, err
		}
		for i, cell := range cells {
			if note != nil && !values[i].IsMissing() {
				n := unitNote{
					pos:    cell / inner.grid.splits / len(at),
					period: at[cell/inner.grid.splits%len(at)],
					value:  values[i],
				}
				for one := range expr.Items() {
					column := columns[one]
					n.items, n.values = append(n.items, one), append(n.values, column.At(cell))
				}
				note(n)
			}
		}
	}
	how := compute.Finish{Grid: r.grid.shape, Digits: r.digits(), Blends: sameDays(len(periods))}
	return totals.Finish(r.ctx, &how), nil
}

// sameDays returns a blend for each row, which divides by one day.
func sameDays(rows int) []compute.Blend {
	list := make([]compute.Blend, rows)
	for i := range list {
		list[i] = compute.One(i, 1)
	}
	return list
}

// eval evaluates an expression in the given cells. columns are the columns of
// its items.
func (r *atUnits) eval(
	expr *indicator.Expr, columns map[indicator.Item]indicator.Column, cells []int,
) ([]indicator.Value, error) {
	values := make([]indicator.Value, len(cells))
	err := expr.EvalColumns(indicator.ColumnEnv{
		Item: func(item indicator.Item) indicator.Column { return gather(columns[item], cells) },
		Type: func(item indicator.Item) hmis.ValueType {
			e, _ := hmis.Find[hmis.DataElement](r.cube.catalog, item.ID)
			return e.ValueType
		},
		Missing: hmis.NeverSkip,
		Stop:    r.ctx.Err,
	}, values)
	if r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	if err != nil {
		return nil, issue("E7132", "Data", "subExpression: %w", err)
	}
	return values, nil
}

// gather returns some cells of a column.
func gather(c indicator.Column, cells []int) indicator.Column {
	out := indicator.Column{
		Coef:    make([]int64, len(cells)),
		Missing: make([]bool, len(cells)),
		Scale:   c.Scale,
	}
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

// combine adds the values of units to the totals, place by place, over so many
// periods.
func (r *atUnits) combine(
	item indicator.Item, totals *compute.Totals, place []uint32, periods int, cells []int,
	values []indicator.Value,
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
			return issue(
				"E7132", "Data", "subExpression(%s) is %s at org unit %s", item.ID, v, unit,
			)
		}
		row := cell / splits % periods
		if r.sections != nil { // all filter periods together are one row
			row = 0
		}
		if place[pos] != 0 {
			totals.Count(row, cell%splits, int(place[pos]), d, string(unit))
		}
	}
	return nil
}
