package aggregate_test

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// someFormula writes a formula over the items of a world, with modifiers.
func (w *world) someFormula(rng *rand.Rand, nested []hmis.UID) string {
	number := func() string { // that stands alone
		e := w.md.DataElements[rng.IntN(7)]
		s := fmt.Sprintf("#{%s}", e.ID)
		if chance(rng, 20) {
			s += fmt.Sprintf(".aggregationType(%s)", pick(rng, ownAggregations))
		}
		if chance(rng, 15) {
			s += pick(rng, []string{".minDate(2024-01-15)", ".maxDate(2024-02-10)", ".minDate(2023-12-01).maxDate(2024-03-31)"})
		}
		return s
	}
	item := func() string {
		switch n := rng.IntN(100); {
		case n < 50:
			return number()
		case n < 60 && len(nested) > 0:
			s := fmt.Sprintf("N{%s}", pick(rng, nested))
			if chance(rng, 40) {
				s += pick(rng, []string{".aggregationType(MAX)", ".minDate(2024-01-15)", ".maxDate(2024-02-10).aggregationType(COUNT)"})
			}
			return s
		case n < 68:
			return fmt.Sprintf("R{%s.%s}", pick(rng, w.md.DataSets).ID, pick(rng, metrics))
		case n < 74:
			return fmt.Sprintf("OUG{%s}", pick(rng, w.md.Groups[:4]).ID)
		case n < 80:
			return "[days]"
		case n < 90:
			moves := func() string {
				return number() + pick(rng, []string{"", "", "", ".periodOffset(-1)", ".periodOffset(1)"})
			}
			s := fmt.Sprintf("subExpression(%s)", fmt.Sprintf(pick(rng, []string{"%s * 2 - %s", "if(%s > 10, 1, 0) + 0 * %s", "%s ^ 2 + %s"}), moves(), moves()))
			if chance(rng, 50) {
				s += fmt.Sprintf(".aggregationType(%s)", pick(rng, []hmis.Aggregation{hmis.Average, hmis.Max, hmis.Count, hmis.Last, hmis.Min, hmis.LastAverageOrgUnit}))
			}
			if chance(rng, 20) {
				s += pick(rng, []string{".minDate(2024-02-01)", ".maxDate(2024-01-31)"})
			}
			return s
		}
		return "(" + number() + " - " + number() + ")"
	}
	moved := func() string {
		s := item()
		if chance(rng, 20) {
			s = fmt.Sprintf("(%s).periodOffset(%d)", s, rng.IntN(5)-3)
		}
		if chance(rng, 12) {
			s = fmt.Sprintf("(%s).yearToDate()", s)
		}
		return s
	}
	s := moved()
	for range rng.IntN(3) {
		s += pick(rng, []string{" + ", " - ", " * "}) + moved()
	}
	return s
}

// A formulaOracle computes indicators cell by cell (section 10).
type formulaOracle struct {
	*oracle
	t *testing.T
}

// value is an item of a formula in one cell, as it is rounded for the formula.
func (f formulaOracle) value(item indicator.Item, at place) indicator.Value {
	if at.per.IsZero() { // an offset has no effect, a year to date no beginning
		if item.YearToDate {
			return indicator.Value{}
		}
		item.Offset = 0
	}
	if item.Offset != 0 || item.YearToDate {
		return f.moved(item, at)
	}
	asked := f.query.Filter.Periods
	if !at.per.IsZero() {
		asked = []period.Period{at.per}
	}
	switch item.Kind {
	case indicator.DataElementItem:
		return f.element(item, at)
	case indicator.ReportingRateItem:
		r := f.rate(item, at)
		if r == nil {
			return indicator.Value{}
		}
		return numberOf(rounded(r, 2))
	case indicator.IndicatorItem:
		return f.indicator(item, at).Value
	case indicator.OrgUnitGroupItem:
		g, _ := hmis.Find[hmis.Group](f.w.catalog, item.ID)
		n := 0
		for _, member := range g.Members {
			within := slices.ContainsFunc(f.query.Filter.OrgUnits, func(u hmis.UID) bool { return f.w.tree.Contains(u, member) })
			if at.unit != "" && f.w.tree.Contains(at.unit, member) || at.unit == "" && (within || len(f.query.Filter.OrgUnits) == 0) {
				n++
			}
		}
		return indicator.Scaled(int64(n), 0)
	case indicator.DaysItem:
		return indicator.Scaled(int64(totalDays(aggregate.Query{}, asked)), 0)
	case indicator.SubExpressionItem:
		return f.sub(item, at)
	}
	require.Fail(f.t, "item", "%v", item)
	return indicator.Value{}
}

func numberOf(r *big.Rat) indicator.Value {
	d, err := decimal.NewFromString(r.FloatString(20))
	if err != nil {
		panic(err)
	}
	return indicator.Num(d)
}

// moved adds up the values of other periods (10.3).
func (f formulaOracle) moved(item indicator.Item, at place) indicator.Value {
	list := []period.Period{at.per.Add(item.Offset)}
	if item.YearToDate {
		list = list[0].YearToDate()
	}
	item.Offset, item.YearToDate = 0, false
	var values []indicator.Value
	total := decimal.Zero
	for _, p := range list {
		at.per = p
		v := f.value(item, at)
		if d, ok := v.Decimal(); ok {
			values, total = append(values, v), total.Add(d)
		}
	}
	switch len(values) {
	case 0:
		return indicator.Value{}
	case 1:
		return values[0] // which may be a negative zero
	}
	return indicator.Num(total)
}

// element is a data element with the modifiers that are about rows.
func (f formulaOracle) element(item indicator.Item, at place) indicator.Value {
	e, _ := hmis.Find[hmis.DataElement](f.w.catalog, item.ID)
	o := *f.oracle
	o.query.Criteria = nil
	o.query.Aggregation = cmp.Or(item.Combine, o.query.Aggregation)
	o.first, o.last = item.From, item.To
	at.item = item.Plain()
	if c, ok := o.answer(e, at); ok {
		return numberOf(c.number)
	}
	return indicator.Value{}
}

// sub computes an expression in each storing unit, and each filter period (10.4).
func (f formulaOracle) sub(item indicator.Item, at place) indicator.Value {
	expr, err := item.Inner()
	require.NoError(f.t, err)
	items := slices.Collect(expr.Items())
	// read returns the rows of an item in a unit, with its modifiers about time.
	read := func(unit hmis.UID, section func(row) bool, one, moves indicator.Item) (list []row) {
		o := *f.oracle
		o.query.ValueCriteria = nil
		o.first, o.last = cmp.Or(one.From, item.From), cmp.Or(one.To, item.To)
		at := at
		at.item = one.Plain()
		asked := f.query.Filter.Periods
		if !at.per.IsZero() {
			asked = []period.Period{at.per.Add(moves.Offset)}
		}
		for _, r := range o.match(at, asked, false) {
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
	if asked := f.query.Filter.Periods; len(asked) > 0 {
		clear(sections)
		for _, r := range f.rows {
			p, _ := in(r.Period, asked[0].Type())
			sections[p] = func(r row) bool {
				q, _ := in(r.Period, asked[0].Type())
				return q == p
			}
		}
	}
	var units []*big.Rat
	for unit := range f.w.tree.All() {
		for _, section := range sections {
			if v, ok := f.atUnit(expr, items, func(one, moves indicator.Item) []row { return read(unit, section, one, moves) }); ok {
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
	c := f.combine(hmis.DataElement{}, half, half, rows, 0)
	return numberOf(rounded(c.number, 2))
}

// atUnit computes an expression in one unit. ok is false if the unit does not take
// part: it has no row of any data element in any period that an item moves to.
func (f formulaOracle) atUnit(expr *indicator.Expr, items []indicator.Item, read func(one, moves indicator.Item) []row) (*big.Rat, bool) {
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
			e, _ := hmis.Find[hmis.DataElement](f.w.catalog, one.ID)
			name := cmp.Or(one.Combine, e.Aggregation)
			if e.ValueType.IsBoolean() && one.Combine == "" {
				name = hmis.Max
			}
			_, half := halves(name)
			if !slices.Contains([]hmis.Aggregation{hmis.Average, hmis.Min, hmis.Max, hmis.Count, hmis.StdDev, hmis.Variance}, half) {
				half = hmis.Sum
			}
			e.ValueType = hmis.Number
			c := f.combine(e, half, half, read(one, one), 0)
			if c == nil || c.null {
				return indicator.Value{}
			}
			if c.root {
				root := new(big.Float).SetPrec(1000).SetRat(c.number)
				c.number, _ = root.Sqrt(root).Rat(nil)
			}
			return numberOf(rounded(c.number, 15))
		},
	})
	require.NoError(f.t, err)
	d, ok := v.Decimal()
	return d.Rat(), ok
}

// fifteenDigits is what a database keeps of a number.
func fifteenDigits(n *big.Rat) *big.Rat {
	r, _ := new(big.Rat).SetString(new(big.Float).SetPrec(500).SetRat(n).Text('e', 14))
	return r
}

// indicator computes an indicator; the modifiers around it are those of all its
// items that have none of their own.
func (f formulaOracle) indicator(around indicator.Item, at place) indicator.Result {
	ind, _ := hmis.Find[hmis.Indicator](f.w.catalog, around.ID)
	formula, err := indicator.Compile(f.w.catalog, ind)
	require.NoError(f.t, err)
	r, err := formula.Eval(indicator.Env{Item: func(item indicator.Item) indicator.Value {
		item.Combine = cmp.Or(item.Combine, around.Combine)
		item.From, item.To = cmp.Or(item.From, around.From), cmp.Or(item.To, around.To)
		return f.value(item, at)
	}})
	require.NoError(f.t, err)
	return r
}

// TestFormulaOracle compares indicators that nest, shift, sum up years and
// narrow their items with section 10 read word for word.
func TestFormulaOracle(t *testing.T) {
	cells, full := 0, 0
	for seed := range rounds(20) {
		w := newReporting(t, seed)
		rng := rand.New(rand.NewPCG(seed, 7))
		var ids []hmis.UID
		for i := range 6 {
			id := pad(hmis.UID(fmt.Sprintf("in%d", i)))
			ind := hmis.Indicator{ID: id, Numerator: w.someFormula(rng, ids), Denominator: "1", Annualized: chance(rng, 20)}
			if chance(rng, 40) {
				ind.Denominator = w.someFormula(rng, ids)
			}
			w.md.Indicators, ids = append(w.md.Indicators, ind), append(ids, id)
		}
		w.reindex(t)
		cube := w.cube(t)
		for n := range 6 {
			q := w.someReportQuery(rng)
			if chance(rng, 20) {
				q.Aggregation = pick(rng, ownAggregations)
			}
			if chance(rng, 15) {
				q.ValueCriteria = []aggregate.Criterion{{Op: "GT", Number: decimal.New(5, 0)}}
			}
			for range 1 + rng.IntN(3) {
				if item := (indicator.Item{ID: pick(rng, ids)}); !slices.Contains(q.Data, item) {
					q.Data = append(q.Data, item)
				}
			}
			if len(q.Periods) == 0 {
				w.filterPeriods(&q)
			}
			f := formulaOracle{newOracle(&w, q), t}
			for _, item := range q.Data {
				f.extra = append(f.extra, w.shifts(t, item.ID, q.Periods)...)
			}
			table, err := cube.Query(t.Context(), q)
			require.NoError(t, err, "world %d, query %d", seed, n)
			for _, at := range w.places(q) {
				want := f.indicator(at.item, at)
				got := table.At(at.item, at.unit, at.per, at.split...)
				if cells++; !want.Value.IsMissing() {
					full++
				}
				if !got.Equal(want.Value) {
					ind, _ := hmis.Find[hmis.Indicator](w.catalog, at.item.ID)
					t.Fatalf("world %d, query %d, at %s: got %s, want %s\n%s\nper %s\n%s", seed, n, at, got, want.Value, ind.Numerator, ind.Denominator, describe(q))
				}
			}
		}
	}
	t.Logf("%d cells compared, %d of them with a value", cells, full)
	if os.Getenv("HMIS_LONG") == "" {
		require.Greater(t, full, 200)
	}
}

// filterPeriods leaves filter periods of one type, for what several are divided by
// is not defined, and tells them apart where an offset is in a numerator.
func (w *world) filterPeriods(q *aggregate.Query) {
	first := q.Filter.Periods[0].Type()
	q.Filter.Periods = slices.DeleteFunc(q.Filter.Periods, func(p period.Period) bool { return p.Type() != first })
	for _, item := range q.Data {
		ind, _ := hmis.Find[hmis.Indicator](w.catalog, item.ID)
		if strings.Contains(ind.Numerator, ".periodOffset(") {
			q.Periods, q.Filter.Periods = q.Filter.Periods, nil
			return
		}
	}
}

// shifts are the periods that the items of an indicator, and of those nested in
// it, move to. The items of a nested indicator move as they say themselves, and
// as N{} is moved by itself.
func (w *world) shifts(t *testing.T, id hmis.UID, periods []period.Period) (list []period.Period) {
	ind, _ := hmis.Find[hmis.Indicator](w.catalog, id)
	f, err := indicator.Compile(w.catalog, ind)
	require.NoError(t, err)
	for _, e := range []*indicator.Expr{f.Numerator, f.Denominator} {
		for item := range e.Items() {
			var moved []period.Period
			for _, p := range periods {
				q := p.Add(item.Offset)
				if item.YearToDate {
					moved = append(moved, q.YearToDate()...)
				} else {
					moved = append(moved, q)
				}
			}
			list = append(list, moved...)
			switch item.Kind {
			case indicator.IndicatorItem:
				list = append(list, w.shifts(t, item.ID, moved)...)
			case indicator.SubExpressionItem:
				inner, err := item.Inner()
				require.NoError(t, err)
				for one := range inner.Items() {
					for _, p := range moved {
						list = append(list, p.Add(one.Offset))
					}
				}
			}
		}
	}
	return list
}
