package aggregate

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// subExpression computes an expression at each storing org unit and then
// combines the units (section 10.4). It does so for each level asked for, since
// elements may not reach all of them (section 2.4).
func (r *run) subExpression(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	return r.notedSubExpression(item, periods, nil)
}

// A unitNote says what a subExpression is at an org unit, and what its items are.
type unitNote struct {
	pos    int
	value  indicator.Value
	items  []indicator.Item
	values []indicator.Value
}

// notedSubExpression tells note, if it is not nil, of each org unit that takes
// part.
func (r *run) notedSubExpression(item indicator.Item, periods []period.Period, note func(unitNote)) (indicator.Column, error) {
	expr, err := item.Inner()
	if err != nil {
		return indicator.Column{}, fmt.Errorf("aggregate: subExpression: %w", err)
	}
	half := ruleOf(item.Combine, numeric).units
	p := r.part(rule{name: half, units: half, time: half, class: numeric}, source{places: r.places(nil), column: none})
	p.when.n = len(periods)
	for i := range periods {
		p.cells = append(p.cells, rows{first: i, second: -1, days: 1})
	}
	p.acc = newAccumulator(p)
	p.acc.scale = 10
	for level := range p.sources[0].places.maps {
		inner := r.atUnits(level)
		columns := map[indicator.Item]indicator.Column{}
		for one := range expr.Items() {
			if columns[one], err = inner.unitColumn(dated(one, item), periods); err != nil {
				return indicator.Column{}, err
			}
		}
		cells := storing(columns, inner.grid.cells(len(periods)))
		values := make([]indicator.Value, len(cells))
		err = expr.EvalColumns(indicator.ColumnEnv{
			Item:    func(one indicator.Item) indicator.Column { return gather(columns[one], cells) },
			Type:    r.typeOf,
			Missing: hmis.NeverSkip,
		}, values)
		if err != nil {
			return indicator.Column{}, issue("E7132", "Data", "subExpression: %w", err)
		}
		if err := p.combine(item, level, inner, cells, values); err != nil {
			return indicator.Column{}, err
		}
		for i, cell := range cells {
			if note == nil || values[i].IsMissing() {
				continue
			}
			n := unitNote{pos: cell / inner.grid.splits / len(periods), value: values[i]}
			for one := range expr.Items() {
				column := columns[one]
				n.items, n.values = append(n.items, one), append(n.values, column.At(cell))
			}
			note(n)
		}
	}
	return p.finish(), nil
}

func (r *run) typeOf(item indicator.Item) hmis.ValueType {
	e, _ := hmis.Find[hmis.DataElement](r.cube.catalog, item.ID)
	return e.ValueType
}

// atUnits returns a run over the storing units in place of those of r at one of
// its levels, with the axes that segments decide.
func (r *run) atUnits(level int) *run {
	inner := &run{
		ctx: r.ctx, cube: r.cube, outer: r, level: level, whole: r,
		query:   Query{Filter: r.query.Filter, ZeroIsData: r.query.ZeroIsData, ValidOnly: r.query.ValidOnly},
		filters: r.filters,
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
func (r *run) unitColumn(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, item.ID)
	if !ok || e.Tracker {
		return r.grid.empty(len(periods)), nil
	}
	if cells := float64(r.grid.cells(len(periods))); cells > maxCells {
		return indicator.Column{}, tooLarge()
	}
	if item.Offset != 0 || item.YearToDate {
		return r.shiftedAtUnits(item, periods)
	}
	p, err := r.plan(item, periods, true)
	if err != nil {
		return indicator.Column{}, err
	}
	p.rule = overTime(item.Combine, &e)
	p.cells, p.periods = nil, nil
	p.digits = 15
	if err := p.place(periods, 0); err != nil {
		return indicator.Column{}, err
	}
	p.compute()
	return p.finish(), nil
}

func (r *run) shiftedAtUnits(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	plain := item
	plain.Offset, plain.YearToDate = 0, false
	return r.moved(item, periods, func(all []period.Period) (indicator.Column, error) {
		return r.unitColumn(plain, all)
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
	if class == boolean || half == hmis.Count {
		class = numeric // truth values are 1 and 0 here, and texts can be counted
	}
	return rule{name: half, units: half, time: half, class: class}
}

// textOrder says which of several texts of a storing unit an expression sees: the
// greatest by bytes, or the least if it asks for that. Elsewhere it is 0.
func (p *part) textOrder() int {
	switch {
	case p.run.outer == nil || p.rule.class != textual:
		return 0
	case p.rule.time == hmis.Min:
		return -1
	}
	return +1
}

// countsTexts reports whether texts count as well as numbers do, as they do in a
// subExpression only.
func (p *part) countsTexts() bool {
	return p.run.outer != nil && p.rule.units == hmis.Count && classOf(p.sources[0].element.ValueType) == textual
}

// storing returns the cells in which an item has a value: only there a unit takes
// part, and only there the expression may fail.
func storing(columns map[indicator.Item]indicator.Column, n int) []int {
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

// combine aggregates the values of units by the half of the subExpression's
// aggregation that is over org units.
func (p *part) combine(item indicator.Item, level int, inner *run, cells []int, values []indicator.Value) error {
	place := p.sources[0].places.maps[level].lookup(p.positions)
	splits, periods := inner.grid.splits, p.when.n
	for i, v := range values {
		if v.IsMissing() {
			continue
		}
		d, ok := v.Decimal()
		if b, isTruth := v.Bool(); !ok && isTruth {
			d, ok = decimal.New(map[bool]int64{true: 1}[b], 0), true
		}
		cell := cells[i]
		pos := cell / splits / periods
		if !ok {
			return issue("E7132", "Data", "subExpression(%s) is %s at org unit %s", item.ID, v, p.run.cube.tree.At(pos))
		}
		switch row := p.acc.row(cell/splits%periods, cell%splits); {
		case place[pos] == 0:
		case p.acc.aggregate == pick: // of several units that with the smallest id
			unit := string(p.run.cube.tree.At(pos))
			p.acc.offer(row, int(place[pos]), candidate{amount: amountOf(d), ids: [3]string{unit}}, false)
		default:
			p.acc.add(row, int(place[pos]), amountOf(d), 1)
		}
	}
	return nil
}
