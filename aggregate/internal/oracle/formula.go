package oracle

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// Indicator computes an indicator for one cell.
func (o *Oracle) Indicator(item indicator.Item, at Place) (indicator.Result, error) {
	r := o.indicator(item, at)
	return r, o.err
}

// fail keeps the first error.
func (o *Oracle) fail(err error) { o.err = cmp.Or(o.err, err) }

// value returns an item of a formula in one cell, as it is rounded for the
// formula (aggregate/RULES.md#components).
func (o *Oracle) value(item indicator.Item, at Place) indicator.Value {
	if at.Period.IsZero() { // without a period, an offset has no effect and a year to date is missing
		if item.YearToDate {
			return indicator.Value{}
		}
		item.Offset = 0
	}
	if item.Offset != 0 || item.YearToDate {
		return o.moved(item, at)
	}
	asked := o.query.Filter.Periods
	if !at.Period.IsZero() {
		asked = []period.Period{at.Period}
	}
	switch item.Kind {
	case indicator.DataElementItem:
		return o.element(item, at)
	case indicator.ReportingRateItem:
		r := o.Rate(item, at)
		if r == nil {
			return indicator.Value{}
		}
		return numberOf(Rounded(r, 2))
	case indicator.IndicatorItem:
		return o.indicator(item, at).Value
	case indicator.OrgUnitGroupItem:
		g, _ := hmis.Find[hmis.Group](o.country.Catalog, item.ID)
		n := 0
		for _, member := range g.Members {
			within := slices.ContainsFunc(o.query.Filter.OrgUnits, func(u hmis.UID) bool { return o.country.Tree.Contains(u, member) })
			if at.Unit != "" && o.country.Tree.Contains(at.Unit, member) || at.Unit == "" && (within || len(o.query.Filter.OrgUnits) == 0) {
				n++
			}
		}
		return indicator.Scaled(int64(n), 0)
	case indicator.DaysItem:
		return indicator.Scaled(int64(totalDays(aggregate.Query{}, asked)), 0)
	case indicator.SubExpressionItem:
		return o.sub(item, at)
	}
	o.fail(fmt.Errorf("%v: not an item that an oracle knows", item))
	return indicator.Value{}
}

func numberOf(r *big.Rat) indicator.Value {
	d, err := decimal.NewFromString(r.FloatString(20))
	if err != nil {
		panic(err)
	}
	return indicator.Num(d)
}

// moved adds the values of other periods (aggregate/RULES.md#shifted-periods).
func (o *Oracle) moved(item indicator.Item, at Place) indicator.Value {
	list := []period.Period{at.Period.Add(item.Offset)}
	if item.YearToDate {
		list = list[0].YearToDate()
	}
	item.Offset, item.YearToDate = 0, false
	var values []indicator.Value
	total := decimal.Zero
	for _, p := range list {
		at.Period = p
		v := o.value(item, at)
		if d, ok := v.Decimal(); ok {
			values, total = append(values, v), total.Add(d)
		}
	}
	switch len(values) {
	case 0:
		return indicator.Value{}
	case 1:
		return values[0] // return the value itself, which may be a negative zero
	}
	return indicator.Num(total)
}

// element returns a data element with the modifiers that narrow its values.
func (o *Oracle) element(item indicator.Item, at Place) indicator.Value {
	e, _ := hmis.Find[hmis.DataElement](o.country.Catalog, item.ID)
	narrow := *o
	narrow.query.Criteria = nil
	narrow.query.Aggregation = cmp.Or(item.Combine, o.query.Aggregation)
	narrow.first, narrow.last = item.From, item.To
	at.Item = item.Plain()
	if n, ok := narrow.Answer(e, at); ok {
		return numberOf(n.Value)
	}
	return indicator.Value{}
}

// sub computes an expression in each storing unit and each filter period
// (aggregate/RULES.md#subexpressions).
func (o *Oracle) sub(item indicator.Item, at Place) indicator.Value {
	expr, err := item.Inner()
	if err != nil {
		o.fail(err)
		return indicator.Value{}
	}
	items := slices.Collect(expr.Items())
	// read returns the rows of an item in a unit, with its modifiers about
	// time.
	read := func(unit hmis.UID, section func(row) bool, one, moves indicator.Item) (list []row) {
		narrow := *o
		narrow.query.ValueCriteria = nil
		narrow.first, narrow.last = cmp.Or(one.From, item.From), cmp.Or(one.To, item.To)
		at := at
		at.Item = one.Plain()
		asked := o.query.Filter.Periods
		if !at.Period.IsZero() {
			asked = []period.Period{at.Period.Add(moves.Offset)}
		}
		for _, r := range narrow.match(at, asked, false) {
			if r.OrgUnit == unit && section(r) {
				if r.number != nil {
					r.number = fifteenDigits(r.number)
				}
				list = append(list, r)
			}
		}
		return list
	}
	sections := map[period.Period]func(row) bool{{}: func(row) bool { return true }}
	if asked := o.query.Filter.Periods; len(asked) > 0 {
		clear(sections)
		for _, r := range o.rows {
			p, _ := In(r.Period, asked[0].Type())
			sections[p] = func(r row) bool {
				q, _ := In(r.Period, asked[0].Type())
				return q == p
			}
		}
	}
	var units []*big.Rat
	for unit := range o.country.Tree.All() {
		for _, section := range sections {
			if v, ok := o.atUnit(expr, items, func(one, moves indicator.Item) []row { return read(unit, section, one, moves) }); ok {
				units = append(units, v)
			}
		}
	}
	if len(units) == 0 {
		return indicator.Value{}
	}
	half, _ := halves(cmp.Or(item.Combine, hmis.Sum))
	var rows []row
	for _, n := range units {
		rows = append(rows, row{number: n})
	}
	c := o.combine(hmis.DataElement{}, half, half, rows, 0)
	return numberOf(Rounded(c.Value, 2))
}

// atUnit computes an expression in one unit. ok is false if the unit is left
// out, because it has no value of any data element in any period that an item
// moves to.
func (o *Oracle) atUnit(expr *indicator.Expr, items []indicator.Item, read func(one, moves indicator.Item) []row) (n *big.Rat, ok bool) {
	some := false
	for _, one := range items {
		for _, moves := range items {
			some = some || len(read(indicator.Item{ID: one.ID}, moves)) > 0
		}
	}
	if !some {
		return nil, false
	}
	v, err := expr.Eval(indicator.Env{
		Missing: hmis.NeverSkip,
		Item: func(one indicator.Item) indicator.Value {
			e, _ := hmis.Find[hmis.DataElement](o.country.Catalog, one.ID)
			name := cmp.Or(one.Combine, e.Aggregation)
			if e.ValueType.IsBoolean() && one.Combine == "" {
				name = hmis.Max
			}
			_, half := halves(name)
			if !slices.Contains([]hmis.Aggregation{hmis.Average, hmis.Min, hmis.Max, hmis.Count, hmis.StdDev, hmis.Variance}, half) {
				half = hmis.Sum
			}
			e.ValueType = hmis.Number
			c := o.combine(e, half, half, read(one, one), 0)
			if c == nil || c.null {
				return indicator.Value{}
			}
			if c.root {
				root := new(big.Float).SetPrec(1000).SetRat(c.Value)
				c.Value, _ = root.Sqrt(root).Rat(nil)
			}
			return numberOf(Rounded(c.Value, 15))
		},
	})
	o.fail(err)
	d, ok := v.Decimal()
	return d.Rat(), ok
}

// fifteenDigits returns n with the digits that a database keeps.
func fifteenDigits(n *big.Rat) *big.Rat {
	r, _ := new(big.Rat).SetString(new(big.Float).SetPrec(500).SetRat(n).Text('e', 14))
	return r
}

// indicator computes an indicator; the modifiers around it are those of all its
// items that have none of their own.
func (o *Oracle) indicator(around indicator.Item, at Place) indicator.Result {
	ind, _ := hmis.Find[hmis.Indicator](o.country.Catalog, around.ID)
	formula, err := indicator.Compile(o.country.Catalog, ind)
	if err != nil {
		o.fail(err)
		return indicator.Result{}
	}
	r, err := formula.Eval(indicator.Env{Item: func(item indicator.Item) indicator.Value {
		item.Combine = cmp.Or(item.Combine, around.Combine)
		item.From, item.To = cmp.Or(item.From, around.From), cmp.Or(item.To, around.To)
		return o.value(item, at)
	}})
	o.fail(err)
	return r
}
