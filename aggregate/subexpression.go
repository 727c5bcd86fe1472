package aggregate

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// subExpression computes an expression at each storing org unit and then
// combines the units (section 10.4).
func (r *run) subExpression(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	expr, err := item.Inner()
	if err != nil {
		return indicator.Column{}, fmt.Errorf("aggregate: subExpression: %w", err)
	}
	inner := r.atUnits(periods)
	columns := map[indicator.Item]indicator.Column{}
	var levels []int
	for one := range expr.Items() {
		if columns[one], err = inner.unitColumn(one, item, periods); err != nil {
			return indicator.Column{}, err
		}
		if e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, one.ID); ok && levels == nil {
			levels = e.Levels
		}
	}
	values := make([]indicator.Value, inner.grid.cells(len(periods)))
	err = expr.EvalColumns(indicator.ColumnEnv{
		Item:    func(one indicator.Item) indicator.Column { return columns[one] },
		Type:    r.typeOf,
		Missing: hmis.NeverSkip,
	}, values)
	if err != nil {
		return indicator.Column{}, issue("E7132", "Data", "subExpression: %w", err)
	}
	return r.combine(item, periods, inner, columns, values, levels)
}

func (r *run) typeOf(item indicator.Item) hmis.ValueType {
	e, _ := hmis.Find[hmis.DataElement](r.cube.catalog, item.ID)
	return e.ValueType
}

// atUnits returns a run over the storing units in place of those of r, with the
// axes that segments decide.
func (r *run) atUnits(periods []period.Period) *run {
	inner := &run{
		ctx: r.ctx, cube: r.cube, outer: r,
		query:    Query{Filter: r.query.Filter, ZeroIsData: r.query.ZeroIsData, ValidOnly: r.query.ValidOnly},
		filters:  r.filters,
		years:    r.years,
		placesOf: map[string]*places{},
	}
	g := &inner.grid
	*g = grid{units: make([]hmis.UID, r.cube.tree.Len()), hasUnits: true, periods: r.grid.periods, splits: 1}
	for i := range r.grid.axes {
		if r.grid.axes[i].byPos == nil {
			g.axes = append(g.axes, r.grid.axes[i])
		}
	}
	g.stride = make([]int, len(g.axes))
	for i := len(g.axes) - 1; i >= 0; i-- {
		g.stride[i] = g.splits
		g.splits *= len(g.axes[i].items)
	}
	return inner
}

// unitColumn computes an item of a subExpression at each storing unit, by the
// half of its aggregation that is over time.
func (r *run) unitColumn(item, around indicator.Item, periods []period.Period) (indicator.Column, error) {
	e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, item.ID)
	if !ok || e.Tracker {
		return r.grid.empty(len(periods)), nil
	}
	if cells := float64(r.grid.cells(len(periods))); cells > maxCells {
		return indicator.Column{}, tooLarge()
	}
	if item.Offset != 0 || item.YearToDate {
		return r.shiftedAtUnits(item, around, periods)
	}
	p, err := r.plan(item, periods, true)
	if err != nil {
		return indicator.Column{}, err
	}
	p.rule = overTime(item.Combine, &e)
	p.narrow(around)
	p.cells, p.periods = nil, nil
	p.digits = 15
	if err := p.place(periods, 0); err != nil {
		return indicator.Column{}, err
	}
	p.compute()
	return p.finish(), nil
}

func (r *run) shiftedAtUnits(item, around indicator.Item, periods []period.Period) (indicator.Column, error) {
	plain := item
	plain.Offset, plain.YearToDate = 0, false
	return r.moved(item, periods, func(all []period.Period) (indicator.Column, error) {
		return r.unitColumn(plain, around, all)
	})
}

// overTime is the rule of an item within a subExpression.
func overTime(combine hmis.Aggregation, e *hmis.DataElement) rule {
	class := classOf(e.ValueType)
	name := combine
	switch {
	case name == "" && class != numeric:
		name = hmis.Max
	case name == "":
		name = e.Aggregation
	}
	half := ruleOf(name, class).time
	switch half {
	case hmis.Average, hmis.Min, hmis.Max, hmis.Count, hmis.StdDev, hmis.Variance:
	default:
		half = hmis.Sum
	}
	if class == boolean {
		class = numeric // truth values are 1 and 0 here
	}
	return rule{name: half, units: half, time: half, class: class}
}

// combine aggregates the values of units by the half of the subExpression's
// aggregation that is over org units. A unit takes part only if it has a value
// of one of the items.
func (r *run) combine(item indicator.Item, periods []period.Period, inner *run, columns map[indicator.Item]indicator.Column, values []indicator.Value, levels []int) (indicator.Column, error) {
	half := ruleOf(item.Combine, numeric).units
	p := r.part(rule{name: half, units: half, time: half, class: numeric}, source{places: r.places(levels), column: none})
	p.when.n = len(periods)
	for i := range periods {
		p.cells = append(p.cells, rows{first: i, second: -1, days: 1})
	}
	p.acc = newAccumulator(p)
	p.acc.scale = maxScaleOf(columns)
	splits := inner.grid.splits
	for cell, v := range values {
		if v.IsMissing() || !anyHas(columns, cell) {
			continue
		}
		d, ok := v.Decimal()
		if !ok {
			if b, isTruth := v.Bool(); isTruth {
				d, ok = decimal.New(map[bool]int64{true: 1}[b], 0), true
			}
		}
		if !ok {
			return indicator.Column{}, issue("E7132", "Data", "subExpression(%s) is %s at org unit %s", item.ID, v, r.cube.tree.At(cell/splits/len(periods)))
		}
		row, pos := p.acc.row(cell/splits%len(periods), cell%splits), cell/splits/len(periods)
		for _, m := range p.sources[0].places.maps {
			if place := m.lookup(p.positions)[pos]; place != 0 {
				p.acc.add(row, int(place), amountOf(d), 1)
			}
		}
	}
	return p.finish(), nil
}

func maxScaleOf(columns map[indicator.Item]indicator.Column) int {
	scale := 2
	for _, c := range columns {
		scale = max(scale, min(c.Scale, 10))
	}
	return scale
}

func anyHas(columns map[indicator.Item]indicator.Column, cell int) bool {
	for _, c := range columns {
		if c.Missing != nil && !c.Missing[cell] {
			return true
		}
	}
	return false
}
