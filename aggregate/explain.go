package aggregate

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An Explanation shows how a cell was computed, in enough detail to repeat the
// computation by hand.
type Explanation struct {
	Cell   Cell
	Rule   string                            // such as "sum over org units, last over time"
	Parts  []*Explanation                    // an indicator's items, or a subExpression's org units
	Values iter.Seq[hmis.DataValue]          // the values that were counted
	Left   iter.Seq2[hmis.DataValue, string] // the values that were left out, with the reason

	names   naming
	formula func(*hmis.Catalog) string // the Rule of an indicator with names in it, or nil
}

// Explain explains how one cell of q is computed. The cell is named by its
// Data, OrgUnit, Period and Split; its Value is computed again. It is an error
// if q does not ask for that cell, or if the explanation needs more than a few
// hundred megabytes. A component that a formula reads several times is
// explained once, and its parts share the same Explanation.
func (c *Cube) Explain(ctx context.Context, q Query, cell Cell) (*Explanation, error) {
	if q.Reject != nil { // for all other items Reject was called when the query was answered
		q.Reject = func(indicator.Item, error) {}
	}
	full, err := c.newEvaluator(ctx, q)
	if err != nil {
		return nil, err
	}
	one := q
	one.Reject = nil
	if len(q.Data) > 0 {
		if !slices.Contains(q.Data, cell.Data) {
			return nil, notAsked("Data", cell.Data)
		}
		one.Data = []indicator.Item{cell.Data}
	}
	if len(q.OrgUnits) > 0 {
		if !slices.Contains(q.OrgUnits, cell.OrgUnit) {
			return nil, notAsked("OrgUnits", cell.OrgUnit)
		}
		one.OrgUnits = []hmis.UID{cell.OrgUnit}
	}
	if len(q.Periods) > 0 {
		if !slices.Contains(q.Periods, cell.Period) {
			return nil, notAsked("Periods", cell.Period)
		}
		one.Periods = []period.Period{cell.Period}
	}
	if len(cell.Split) != len(q.Split) {
		return nil, issue(
			"", "Split", "the cell has %d items of axes, the query %d axes",
			len(cell.Split), len(q.Split),
		)
	}
	one.Split = slices.Clone(q.Split)
	for i, item := range cell.Split {
		if !slices.Contains(full.grid.axes[i].items, item) {
			return nil, notAsked("Split", item)
		}
		one.Split[i].Items = []hmis.UID{item}
	}
	r, err := c.newEvaluator(ctx, one)
	if err != nil {
		return nil, err
	}
	if q.hasOpenAxis() && len(r.items) > 0 && r.items[0].kind == indicator.IndicatorItem {
		return nil, notAsked("Split", cell.Split[0])
	}
	r.horizon = full.horizon
	e := explainer{evaluator: r, done: map[explainedItem]*Explanation{}}
	x, err := e.top()
	if stopped := ctx.Err(); stopped != nil { // the explanation may be incomplete
		return nil, stopped
	}
	return x, err
}

func notAsked(field string, what any) *hmis.Issue {
	text := fmt.Sprint(what)
	if text == "" {
		return issue("", field, "the query asks for cells of some, the cell names none")
	}
	return issue("", field, "the query does not ask for a cell of %s", text)
}

// An explainer answers a query of one cell again, with every value noted. It
// has the horizon of the whole query.
type explainer struct {
	*evaluator
	done   map[explainedItem]*Explanation
	parts  int // number of parts of all explanations
	values int // number of values recorded
}

// An explainedItem is a component of a formula in the period for which it is
// read.
type explainedItem struct {
	item   indicator.Item
	period period.Period
}

// maxParts and maxNoted limit how many parts and values an explanation may
// have. Each limit amounts to a few hundred megabytes.
const maxParts, maxNoted = 1 << 19, 1 << 22

// add counts the parts and values of one more explanation.
func (e *explainer) add(parts, values int) error {
	e.parts, e.values = e.parts+parts, e.values+values
	switch {
	case e.parts > maxParts:
		return issue("", "Data", "the explanation has more than %d parts", maxParts)
	case e.values > maxNoted:
		return issue("", "Data", "the explanation has more than %d values", maxNoted)
	}
	return e.ctx.Err()
}

func (e *explainer) top() (*Explanation, error) {
	r := e.evaluator
	periods := r.grid.periods
	cell := Cell{Period: periods[0], OrgUnit: r.grid.units[0], Split: r.grid.split(0)}
	if len(r.query.Data) > 0 {
		cell.Data = r.query.Data[0]
	}
	if len(r.items) > 0 {
		return e.item(cell, r.items[0].named(), periods[0], false)
	}
	p, err := r.planTogether()
	if err != nil {
		return nil, err
	}
	return e.job(cell, p)
}

// item explains an item for one period. A component that was explained before
// is not explained again.
func (e *explainer) item(
	cell Cell, item indicator.Item, p period.Period, component bool,
) (*Explanation, error) {
	at := explainedItem{item, p}
	if had := e.done[at]; had != nil && component {
		return had, nil
	}
	if err := e.add(1, 0); err != nil {
		return nil, err
	}
	out, err := e.newItem(cell, item, p, component)
	if err == nil && component {
		e.done[at] = out
	}
	return out, err
}

func (e *explainer) newItem(
	cell Cell, item indicator.Item, p period.Period, component bool,
) (*Explanation, error) {
	if (item.Offset != 0 || item.YearToDate) && !p.IsZero() {
		return e.moved(cell, item, p)
	}
	cell.Period = p
	periods := []period.Period{p}
	switch item.Kind {
	case indicator.IndicatorItem:
		return e.indicator(cell, item, p)
	case indicator.DataElementItem:
		p, err := e.plan(item, periods, component)
		if err != nil {
			return nil, err
		}
		return e.job(cell, p)
	case indicator.ReportingRateItem:
		value, actual, expected, err := e.rates().columns(item, periods, component)
		if err != nil {
			return nil, err
		}
		cell.Value, cell.Numerator, cell.Denominator = value.At(0), actual.At(0), expected.At(0)
		if cell.Denominator.IsMissing() {
			return explained(cell, "nobody is expected to report"), nil
		}
		text := fmt.Sprintf("%s reports received of %s expected", cell.Numerator, cell.Denominator)
		return explained(cell, text), nil
	}
	if item.Kind == indicator.SubExpressionItem {
		return e.sub(cell, item, periods)
	}
	column, err := e.component(item, periods)
	if err != nil {
		return nil, err
	}
	cell.Value = column.At(0)
	return explained(cell, item.Kind.String()), nil
}

// sub explains a subExpression by the org units where it has a value, each with
// its items.
func (e *explainer) sub(
	cell Cell, item indicator.Item, periods []period.Period,
) (*Explanation, error) {
	var units []unitNote
	column, err := e.subExpression(item, periods, func(n unitNote) { units = append(units, n) })
	if err != nil {
		return nil, err
	}
	cell.Value = column.At(0)
	half := rule.InWords(rule.Of(item.Combine, rule.Number).Units)
	out := explained(cell, half+" of what the expression is at each org unit that stores values")
	type read struct {
		item   indicator.Item
		period period.Period
	}
	stored := map[read]map[hmis.UID][]hmis.DataValue{}
	for _, n := range units {
		if err := e.add(1+len(n.items), 0); err != nil {
			return nil, err
		}
		one := cell
		one.OrgUnit, one.Period, one.Value = e.cube.tree.At(n.pos), n.period, n.value
		x := explained(one, "at the org unit itself")
		for i, inner := range n.items {
			part := one
			part.Data, part.Value = inner, n.values[i]
			y := explained(part, "over time")
			at := read{inner, n.period}
			if stored[at] == nil {
				values, n := e.stored(inner, item, n.period)
				if err := e.add(0, n); err != nil {
					return nil, err
				}
				stored[at] = values
			}
			y.Values = slices.Values(stored[at][one.OrgUnit])
			x.Parts = append(x.Parts, y)
		}
		out.Parts = append(out.Parts, x)
	}
	return out, nil
}

func explained(cell Cell, rule string) *Explanation {
	return &Explanation{
		Cell: cell, Rule: rule,
		Values: func(func(hmis.DataValue) bool) {},
		Left:   func(func(hmis.DataValue, string) bool) {},
	}
}

// moved explains an item that reads other periods than that of its cell.
func (e *explainer) moved(cell Cell, item indicator.Item, p period.Period) (*Explanation, error) {
	_, all := readPeriods(item, []period.Period{p})
	column, err := e.component(item, []period.Period{p})
	if err != nil {
		return nil, err
	}
	cell.Value = column.At(0)
	rule := fmt.Sprintf("value of %s", all[0])
	if item.YearToDate {
		rule = fmt.Sprintf("sum of the values of %s to %s", all[0], all[len(all)-1])
	}
	out := explained(cell, rule)
	item.Offset, item.YearToDate = 0, false
	for _, q := range all {
		part := cell
		part.Data = item
		x, err := e.item(part, item, q, true)
		if err != nil {
			return nil, err
		}
		out.Parts = append(out.Parts, x)
	}
	return out, nil
}

// stored returns, by org unit, the values stored of an item within another, in
// the periods that these lead to from p, or in the part p of the filter
// periods; n is how many there are.
func (e *explainer) stored(
	inner, around indicator.Item, p period.Period,
) (values map[hmis.UID][]hmis.DataValue, n int) {
	periods := e.query.Filter.Periods
	if !p.IsZero() {
		periods = []period.Period{p}
	}
	if e.grid.hasPeriods() {
		_, periods = readPeriods(around, periods)
		_, periods = readPeriods(inner, periods)
	}
	values = map[hmis.UID][]hmis.DataValue{}
	operands := []operand{{inner.OptionCombo, inner.AttributeCombo}}
	for row, err := range e.rowsOf(inner.ID, operands, periods, dated(inner, around)) {
		if err != nil {
			break // the context has ended; the next step returns its error
		}
		value := hmis.DataValue{Key: row.Key, Value: row.Value.String()}
		values[row.OrgUnit] = append(values[row.OrgUnit], value)
		n++
	}
	return values, n
}

// times writes one side of an indicator with its factor.
func times(text string, factor int) string {
	if strings.Contains(text, " ") {
		text = "(" + text + ")"
	}
	return fmt.Sprintf("(%s × %d)", text, factor)
}

func (e *explainer) indicator(
	cell Cell, around indicator.Item, p period.Period,
) (*Explanation, error) {
	results, err := e.results(around, []period.Period{p})
	if err != nil {
		return nil, err
	}
	part := e.keepResults(results)
	cell.Value = results[0].Value
	part.fill(&cell, 0)
	f, err := e.cube.formulas.get(around.ID)
	if err != nil {
		return nil, err
	}
	sides := func(text func(*indicator.Expr) string) string {
		return times(text(f.Numerator), cell.Multiplier) + " / " + times(text(f.Denominator), cell.Divisor)
	}
	out := explained(cell, sides((*indicator.Expr).String))
	values := map[indicator.Item]indicator.Value{
		{Kind: indicator.DaysItem}: indicator.Scaled(int64(e.daysOf(p)), 0),
	}
	for _, item := range f.items {
		modified := inside(item, around)
		inner := Cell{Data: modified, OrgUnit: cell.OrgUnit, Split: cell.Split}
		x, err := e.item(inner, modified, p, true)
		if err != nil {
			return nil, err
		}
		values[item] = x.Cell.Value
		out.Parts = append(out.Parts, x)
	}
	longer, err := f.Eval(indicator.Env{
		Item:         func(item indicator.Item) indicator.Value { return values[item] },
		SkipRounding: true, Warn: func(*indicator.EvalError) {},
	})
	var before string
	if err == nil && !cell.Value.IsMissing() {
		before = unrounded(cell.Value, longer.Value)
	}
	out.Rule += before
	out.formula = func(c *hmis.Catalog) string {
		return sides(func(x *indicator.Expr) string { return x.Describe(c) }) + before
	}
	return out, nil
}
