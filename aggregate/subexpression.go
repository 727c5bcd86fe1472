package aggregate

import (
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
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
		if err := p.combine(item, level, inner, cells, values); err != nil {
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
	return p.finish(), nil
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
	passes := r.cube.anyOf(asked, window{})
	s := &sections{of: make([][]int32, len(r.cube.periods))}
	in := make([]period.Period, len(r.cube.periods))
	for i, p := range r.cube.periods {
		if len(passes.rows[i]) > 0 {
			in[i], _ = p.In(asked[0].Type())
			s.periods = append(s.periods, in[i])
		}
	}
	slices.SortFunc(s.periods, period.Period.Compare)
	s.periods = slices.Compact(s.periods)
	for i := range in {
		if len(passes.rows[i]) > 0 {
			at, _ := slices.BinarySearchFunc(s.periods, in[i], period.Period.Compare)
			s.of[i] = []int32{int32(at)}
		}
	}
	return s
}

// within returns the rows of each period whose days a window lets through.
func (s *sections) within(c *Cube, w window) when {
	t := when{rows: s.of, n: len(s.periods)}
	if w != (window{}) {
		t.rows = slices.Clone(s.of)
		for i, p := range c.periods {
			if !w.holds(p) {
				t.rows[i] = nil
			}
		}
	}
	t.fine = t.rows
	return t
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
	src := r.source(e)
	if item.OptionCombo != "" || item.AttributeCombo != "" {
		src.operands = []operand{{item.OptionCombo, item.AttributeCombo}}
	}
	p := r.part(overTime(item.Combine, e), src)
	p.component, p.digits, p.cuts = true, unitDigits, hasLong(src.column)
	p.narrow(item)
	if err := p.placeAtUnits(periods); err != nil {
		return indicator.Column{}, err
	}
	p.compute()
	return p.finish(), r.ctx.Err()
}

// valueDigits are the significant digits that a subExpression takes of a value:
// those that a database keeps when it makes a decimal number of a double.
const valueDigits = 15

// hasLong reports whether any value of a column may have more digits than that.
func hasLong(c *column.Column) bool {
	const bits = 50 // of 10^15
	return slices.ContainsFunc(c.Segments, func(s column.Segment) bool { return s.Bits >= bits }) ||
		slices.ContainsFunc(c.Odds, func(o column.Odd) bool { return o.Numeric && o.Number.NumDigits() > valueDigits })
}

// cut rounds a number to the digits that a subExpression takes of it.
func (v amount) cut() amount {
	d := v.decimal()
	over := int32(d.NumDigits() - valueDigits)
	if v.text != "" || over <= 0 {
		return v
	}
	return amountOf(d.Round(-d.Exponent() - over))
}

// unitDigits are the decimals of an item of a subExpression at one org unit.
const unitDigits = 15

// placeAtUnits is place for a part of a subExpression.
func (p *part) placeAtUnits(periods []period.Period) error {
	s := p.run.sections
	if s == nil {
		return p.place(periods, 0)
	}
	p.periods, p.when = s.periods, s.within(p.run.cube, p.window)
	for i := range s.periods {
		p.cells = append(p.cells, rows{first: i, second: -1, days: 1})
	}
	return p.checkSize()
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
	half := overTime(item.Combine, e).units
	return ok && (half == hmis.StdDev || half == hmis.Variance)
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

// combine aggregates the values of units by the half of the subExpression's
// aggregation that is over org units.
func (p *part) combine(item indicator.Item, level int, inner *run, cells []int, values []indicator.Value) error {
	place := p.sources[0].places.maps[level].lookup(p.positions)
	splits, periods := inner.grid.splits, p.when.n
	if inner.sections != nil {
		periods = len(inner.sections.periods)
	}
	for i, v := range values {
		if i%betweenCells == 0 && p.stopped() {
			return p.run.ctx.Err()
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
		if !ok {
			return issue("E7132", "Data", "subExpression(%s) is %s at org unit %s", item.ID, v, p.run.cube.tree.At(pos))
		}
		at := cell / splits % periods
		if inner.sections != nil { // all of them are one row
			at = 0
		}
		switch row := p.acc.row(at, cell%splits); {
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
