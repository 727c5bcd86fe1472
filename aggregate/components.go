package aggregate

import (
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A columnOnce is a component of formulas over a list of periods, computed when
// it is first asked for.
type columnOnce struct {
	columnKey

	once   sync.Once
	column indicator.Column
	err    error
}

// A columnKey tells components apart.
type columnKey struct {
	item    indicator.Item
	periods string // "" for those of the grid
}

// component returns an item of a formula in all cells: one for each org unit,
// each of these periods and each split. Formulas that share an item share its
// column (RULES.md#components).
func (r *run) component(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	key := ""
	if !r.grid.has(periods) {
		key = periodsKey(periods)
	}
	c := r.columnOf(item, key)
	if c == nil {
		return indicator.Column{}, issue("", "Data", "more components of formulas than %d MiB can tell apart", maxHeld>>20)
	}
	c.once.Do(func() { c.column, c.err = r.newComponent(item, periods) })
	return c.column, c.err
}

// perComponent is about how many bytes the run of a query holds for a component,
// beside its cells.
const perComponent = 512

// columnOf returns the component, which may not be computed yet; nil if the query
// has too many.
func (r *run) columnOf(item indicator.Item, periods string) *columnOnce {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := columnKey{item, periods}
	list := r.columns[item.ID]
	if len(list) < fewToCompare {
		for _, c := range list {
			if c.columnKey == key {
				return c
			}
		}
	} else if c, ok := r.manyColumns[key]; ok {
		return c
	}
	if r.held += perComponent + len(periods); r.held > maxHeld {
		return nil
	}
	if r.columns == nil {
		r.columns, r.manyColumns = map[hmis.UID][]*columnOnce{}, map[columnKey]*columnOnce{}
	}
	c := &columnOnce{columnKey: key}
	if len(list) < fewToCompare {
		list = append(list, c)
		r.columns[item.ID] = list
	}
	if len(list) == fewToCompare { // from now on they are looked up
		for _, had := range list {
			r.manyColumns[had.columnKey] = had
		}
		r.manyColumns[key] = c
	}
	return c
}

func periodsKey(periods []period.Period) string {
	b := make([]byte, 0, 8*len(periods))
	for _, p := range periods {
		b, _ = p.AppendText(b)
		b = append(b, ' ', byte(p.Type()))
	}
	return string(b)
}

func (r *run) newComponent(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	g := &r.grid
	switch moves := item.Offset != 0 || item.YearToDate; {
	case moves && g.hasPeriods():
		return r.shifted(item, periods)
	case item.YearToDate: // there is no period to begin from
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
		col, _, _, err := r.rateColumns(item, periods, true)
		return col, err
	case indicator.IndicatorItem:
		return r.indicatorColumn(item, periods)
	case indicator.SubExpressionItem:
		return r.subExpression(item, periods)
	case indicator.OrgUnitGroupItem:
		return r.groupCounts(item.ID, len(periods))
	case indicator.DaysItem:
		return g.perPeriod(periods, r.daysOf), nil
	case indicator.PeriodInYearItem:
		return g.perPeriod(periods, r.only(inYear)), nil
	case indicator.YearlyPeriodsItem:
		return g.perPeriod(periods, r.only(yearlyCount)), nil
	case indicator.ProgramIndicatorItem, indicator.ProgramElementItem, indicator.ProgramAttributeItem:
		return indicator.Column{}, issue("", "Data", "%s is of a program, which a cube does not hold", item)
	}
	return indicator.Column{}, unknown(item)
}

func unknown(item indicator.Item) error {
	return issue("", "Data", "unknown %s %s", item.Kind, item)
}

// elementColumn computes a data element or operand.
func (r *run) elementColumn(item indicator.Item, periods []period.Period, component bool) (indicator.Column, error) {
	p, err := r.plan(item, periods, component)
	if err != nil || p == nil {
		return r.grid.empty(len(periods)), err
	}
	return r.compute(p), r.ctx.Err()
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

// daysOf is [days]: of a period, or of everything that is filtered.
func (r *run) daysOf(p period.Period) int {
	f := &r.query.Filter
	switch {
	case !p.IsZero():
		return p.Days()
	case f.dated():
		return int(f.To-f.From) + 1
	}
	return days(distinct(f.Periods))
}

// only asks number about the period of a cell, or the one that is filtered; of
// several that are it knows nothing.
func (r *run) only(number func(period.Period) int) func(period.Period) int {
	filtered := distinct(r.query.Filter.Periods)
	return func(p period.Period) int {
		if p.IsZero() && len(filtered) == 1 {
			p = filtered[0]
		}
		return number(p)
	}
}

// groupCounts is OUG{}: the members of a group within each org unit, or within
// all filter units together.
func (r *run) groupCounts(group hmis.UID, periods int) (indicator.Column, error) {
	if err := r.cube.checkGroup(group); err != nil {
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

// membersSeen counts the members of a group in some units, or anywhere without
// units, that the mask lets through.
func (r *run) membersSeen(mask []bool, units []hmis.UID, group hmis.UID) int {
	n := 0
	for _, id := range r.cube.tree.Select(orgunit.Selector{Units: units, Groups: []hmis.UID{group}}) {
		if pos, _, _ := r.cube.tree.Span(id); mask == nil || mask[pos] {
			n++
		}
	}
	return n
}

// shifted computes an item for periods before or after those of its cells.
func (r *run) shifted(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	plain := item
	plain.Offset, plain.YearToDate = 0, false
	return r.moved(item, periods, func(all []period.Period) (indicator.Column, error) {
		return r.component(plain, all)
	})
}

// moved calls read for all the periods that an item with an offset or a year
// to date reads, and puts them where they belong: each value rounded, those of
// a year added up from its start (RULES.md#shifted-periods).
func (r *run) moved(item indicator.Item, periods []period.Period, read func([]period.Period) (indicator.Column, error)) (indicator.Column, error) {
	wanted, all := readPeriods(item, periods)
	at := make(map[period.Period]int, len(all))
	for i, q := range all {
		at[q] = i
	}
	col, err := read(all)
	if err != nil {
		return indicator.Column{}, err
	}
	g := &r.grid
	out := compute.Outcome{Column: g.empty(len(periods)), Digits: r.digits()}
	out.Column.Scale = col.Scale
	for u := range g.units {
		if err := r.ctx.Err(); err != nil {
			return indicator.Column{}, err
		}
		for i := range periods {
			for s := range g.splits {
				to := (u*len(periods)+i)*g.splits + s
				for _, q := range wanted[i] {
					out.Add(to, &col, (u*len(all)+at[q])*g.splits+s)
				}
			}
		}
	}
	return out.Column, nil
}

// readPeriods returns the periods that an item reads for each period asked for,
// and all of them once. The offset comes before the year to date.
func readPeriods(item indicator.Item, periods []period.Period) (each [][]period.Period, all []period.Period) {
	for _, p := range periods {
		q := p.Add(item.Offset)
		list := []period.Period{q}
		if item.YearToDate && !q.IsZero() {
			list = q.YearToDate()
		}
		each, all = append(each, list), append(all, list...)
	}
	return each, distinct(all)
}

// digits is how many decimals outcomes and components are rounded to.
func (r *run) digits() int {
	if r.query.SkipRounding {
		return skipDigits
	}
	return 2
}

// skipDigits are left when rounding is skipped.
const skipDigits = 10
