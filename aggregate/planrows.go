package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// asked is the item that a job is for. The zero item means that data is not
// told apart.
type asked struct {
	item      indicator.Item
	component bool // the item is a component of a formula
}

// narrow limits the days of w to those within an item's minDate and maxDate.
func narrow(w *compute.Window, item indicator.Item) {
	if item.From != 0 && (!w.HasFrom || item.From > w.From) {
		w.From, w.HasFrom = item.From, true
	}
	if item.To != 0 && (!w.HasUpTo || item.To < w.To) {
		w.To, w.HasUpTo = item.To, true
	}
}

// setRows decides which rows a job has and how the cells of each period are
// made of them. Usually each period has one row. If an average is collected
// less often than asked for, rows are data periods instead
// (RULES.md#less-frequent-data).
func (r *planner) setRows(p *planned, what asked, periods []period.Period, data period.Type) error {
	narrow(&p.job.Window, what.item)
	rows := nowhere
	if !periods[0].IsZero() || r.grid.hasPeriods() {
		rows = r.blendApart(p, what, periods, data)
		p.job.Rows = r.rowsOfEach(rows, p.job.Window)
	} else {
		r.setOneRow(p, data)
	}
	if r.query.rowByRow {
		all := p.job.Rows.All
		p.job.Rows = &compute.Rows{N: p.job.Rows.N, All: all, Fine: all}
	}
	if p.job.Rule.LooksBack() {
		p.job.Reaches = r.reaches(p.job.Rule.Time, what.item, rows)
		p.job.Read = r.horizon.reads(what.component)
	}
	if p.job.Rule.PerUnit() {
		p.job.Units = r.placer.places(nil)
	}
	return checkSize(p)
}

// nowhere is the list of periods for the one row of periods that are only
// filtered: a zero Period.
var nowhere = []period.Period{{}}

// rowsOfEach returns the rows of periods that are kept apart. For the grid's
// own periods without a window they are made once and shared.
func (r *planner) rowsOfEach(periods []period.Period, w compute.Window) *compute.Rows {
	if r.placer.outer == nil && r.grid.has(periods) && w == (compute.Window{}) {
		r.makeGridRows()
		return r.rows
	}
	return r.cube.periods.eachOf(periods, w)
}

// blendEach returns blendOfEach(periods). For the grid's own periods the list
// is made once and shared.
func (r *planner) blendEach(periods []period.Period) []compute.Blend {
	if r.placer.outer == nil && r.grid.has(periods) {
		r.makeGridRows()
		return r.blends
	}
	return blendOfEach(periods)
}

func (r *planner) makeGridRows() {
	r.once.Do(func() {
		shared := r.cube.periods.gridRows(r.grid.periods)
		r.rows, r.blends = shared.rows, shared.blends
	})
}

// checkSize returns an error if a job needs too much memory.
func checkSize(p *planned) error {
	if p.job.Cells() > maxCells {
		return tooLarge()
	}
	return nil
}

// setOneRow makes the one row of periods that are only filtered.
func (r *planner) setOneRow(p *planned, data period.Type) {
	f, w := &r.query.Filter, p.job.Window
	list, total := f.Periods, 0
	switch {
	case f.dated(): // minDate and maxDate may have narrowed the days
		total = max(int(w.To-w.From)+1, 1)
	case spreads(p.job.Rule, data, f.Periods[0].Type()):
		list = dataPeriods(f.Periods, data)
		total = days(list)
	default:
		total = days(sameType(list))
	}
	p.finish.Blends = []compute.Blend{compute.One(0, total)}
	p.job.Rows = r.cube.periods.anyOf(list, w)
}

// sameType returns the periods of the first one's type: where types are mixed
// in a filter, the server's divisor covers one of them only
// (RULES.md#what-a-server-leaves-open).
func sameType(periods []period.Period) []period.Period {
	var same []period.Period
	for _, q := range distinct(periods) {
		if q.Type() == periods[0].Type() {
			same = append(same, q)
		}
	}
	return same
}

// spreads reports whether values of a data period are shown in each of the
// shorter periods asked for.
func spreads(how rule.Rule, data, asked period.Type) bool {
	if how.Time != hmis.Average || how.Class > rule.Truth || data == 0 || asked == 0 {
		return false
	}
	return asked.Frequency() < data.Frequency() ||
		asked.Frequency() == data.Frequency() && asked != data
}

// blendOfEach returns blends that make the cells of each period from one row of
// its own.
func blendOfEach(periods []period.Period) []compute.Blend {
	list := make([]compute.Blend, len(periods))
	for i, q := range periods {
		list[i] = compute.One(i, max(q.Days(), 1))
	}
	return list
}

// blendApart decides how the cells of periods that are kept apart are made, and
// returns the periods of the rows.
func (r *planner) blendApart(
	p *planned, what asked, periods []period.Period, data period.Type,
) []period.Period {
	how := p.job.Rule
	longer := func(q period.Period) bool { return spreads(how, data, q.Type()) }
	if !slices.ContainsFunc(periods, longer) {
		p.finish.Blends = r.blendEach(periods)
		return periods
	}
	var list []period.Period
	at := map[period.Period]int{}
	row := func(q period.Period) int {
		n, ok := at[q]
		if !ok {
			n = len(list)
			at[q] = n
			list = append(list, q)
		}
		return n
	}
	for _, q := range periods {
		if q.IsZero() || !spreads(how, data, q.Type()) {
			p.finish.Blends = append(p.finish.Blends, compute.One(row(q), max(q.Days(), 1)))
			continue
		}
		early, late := dataPeriodsOf(q, data)
		blend := compute.One(row(early), early.Days())
		if late != early {
			blend.Second, blend.Days2, blend.Weight = row(late), late.Days(), monthsBefore(q)
		}
		p.finish.Blends = append(p.finish.Blends, blend)
	}
	if r.query.ServerArtefacts {
		shareDays(p, r.horizon.periods(what.component), periods, data)
	}
	return list
}

// dataPeriodsOf returns the data period that holds the start of q, and for a
// financial year also the one that holds its end.
func dataPeriodsOf(q period.Period, data period.Type) (early, late period.Period) {
	c := q.Calendar()
	early = c.On(data, q.First())
	if isFinancialYear(q.Type()) {
		return early, c.On(data, q.Last())
	}
	return early, early
}

func isFinancialYear(t period.Type) bool {
	return period.FinancialFeb <= t && t <= period.FinancialNov
}

// monthsBefore is the number of months of a calendar year before the month in
// which a financial year starts: 3 for April.
func monthsBefore(q period.Period) int {
	_, month, _ := q.Calendar().Civil(q.First())
	return month - 1
}

// dataPeriods returns the data periods of filter periods, each once.
func dataPeriods(periods []period.Period, data period.Type) []period.Period {
	var list []period.Period
	for _, q := range periods {
		early, late := dataPeriodsOf(q, data)
		list = append(list, early, late)
	}
	return distinct(list)
}

// reaches returns the days of each row, by last day. Those of an item's maxDate
// and minDate move them: a later maxDate is the last day, an earlier minDate is
// where LAST_IN_PERIOD begins.
func (r *planner) reaches(
	time hmis.Aggregation, item indicator.Item, rows []period.Period,
) []compute.Reach {
	list := make([]compute.Reach, 0, len(rows))
	add := func(row int, first, last period.Date) {
		last = max(last, item.To)
		switch {
		case time != hmis.LastInPeriod:
			first = tenYearsBefore(last)
		case item.From != 0:
			first = min(first, item.From)
		}
		list = append(list, compute.Reach{Row: row, Lo: first, Hi: last})
	}
	switch f := &r.query.Filter; {
	case r.grid.hasPeriods():
		for row, q := range rows {
			if !q.IsZero() { // q is zero if it is beyond the range of its calendar
				add(row, q.First(), q.Last())
			}
		}
	case len(f.Periods) > 0:
		first, last := f.Periods[0].First(), f.Periods[0].Last()
		for _, q := range f.Periods {
			first, last = min(first, q.First()), max(last, q.Last())
		}
		add(0, first, last)
	default:
		add(0, f.From, f.To)
	}
	slices.SortStableFunc(list, func(a, b compute.Reach) int { return cmp.Compare(a.Hi, b.Hi) })
	return list
}

// tenYearsBefore returns the same day ten years earlier; 29 February becomes
// 28.
func tenYearsBefore(d period.Date) period.Date {
	year, month, day := d.Civil()
	if month == 2 && day == 29 {
		day = 28
	}
	return period.DateOf(year-10, month, day)
}
