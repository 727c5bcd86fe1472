package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// plan makes the part for a data element or operand, over these periods instead
// of those of the query. A component of a formula is not subject to criteria on
// outcomes (RULES.md#components).
func (r *run) plan(item indicator.Item, periods []period.Period, component bool) (*part, error) {
	e, collected, ok := r.cube.element(item.ID)
	if !ok || e.Tracker {
		return nil, nil // no aggregate data: missing everywhere
	}
	name := item.Combine
	if name == "" {
		name = r.query.Aggregation
	}
	if name == "" {
		name = e.Aggregation
	}
	if name != "" && !isAggregation(name) {
		return nil, issue("", "Data", "data element %q has the unknown aggregation %q", e.ID, name)
	}
	src := r.source(e)
	if item.OptionCombo != "" || item.AttributeCombo != "" {
		src.operands = []operand{{item.OptionCombo, item.AttributeCombo}}
	}
	p := r.part(ruleOf(name, classOf(e.ValueType)), src)
	if p.component = component; !component {
		p.keep = r.query.Criteria
	}
	p.narrow(item)
	return p, p.place(periods, collected)
}

func (r *run) source(e *hmis.DataElement) source {
	levels := e.Levels
	if r.byPath {
		levels = nil
	}
	return source{
		element:   e,
		column:    r.cube.columnOrNone(e.ID),
		places:    r.places(levels),
		keepZeros: keepsZeros(e, r.query.ZeroIsData),
	}
}

func (r *run) part(rule rule, sources ...source) *part {
	p := &part{
		run: r, rule: rule, sources: sources,
		filter:    r.query.ValueCriteria,
		digits:    r.digits(),
		positions: r.cube.tree.Len(),
		splits:    r.grid.segmentSplits(),
	}
	if f := r.query.Filter; f.dated() {
		p.window = window{from: f.From, to: f.To, hasFrom: true, hasUpTo: true}
	}
	return p
}

// narrow adds minDate and maxDate of an item to the days that count.
func (p *part) narrow(item indicator.Item) {
	p.since, p.until = item.From, item.To
	w := &p.window
	if item.From != 0 && (!w.hasFrom || item.From > w.from) {
		w.from, w.hasFrom = item.From, true
	}
	if item.To != 0 && (!w.hasUpTo || item.To < w.to) {
		w.to, w.hasUpTo = item.To, true
	}
}

// place decides which rows a part has and how the cells of the answer's periods
// are made of them: one row each, unless the data are collected less often than
// asked for and are averages, when rows are data periods
// (RULES.md#less-frequent-data).
func (p *part) place(periods []period.Period, data period.Type) error {
	f := &p.run.query.Filter
	switch {
	case !periods[0].IsZero() || p.run.grid.hasPeriods():
		p.placeEach(periods, data)
		p.when = p.run.whenEach(p.periods, p.window)
	default:
		asked := f.Periods
		total := 0
		switch {
		case f.dated(): // narrowed by minDate and maxDate
			total = max(int(p.window.to-p.window.from)+1, 1)
		case p.spreads(data, f.Periods[0].Type()):
			asked = dataPeriods(f.Periods, data)
			total = days(asked)
		default:
			total = days(sameType(asked))
		}
		p.periods = []period.Period{{}}
		p.cells = []rows{{first: 0, second: -1, days: total}}
		p.when = p.run.cube.anyOf(asked, p.window)
	}
	if p.run.query.rowByRow {
		p.when.fine, p.when.rolls = p.when.rows, nil
	}
	return p.checkSize()
}

// checkSize refuses a part that needs too much memory.
func (p *part) checkSize() error {
	cells := float64(p.when.n) * float64(p.splits) * float64(p.sources[0].places.n+1)
	if p.rule.perUnit() {
		cells = float64(p.when.n) * float64(p.splits) * float64(p.positions+1)
	}
	if cells > maxCells {
		return tooLarge()
	}
	return nil
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
func (p *part) spreads(data, asked period.Type) bool {
	if p.rule.time != hmis.Average || p.rule.class > boolean || data == 0 || asked == 0 {
		return false
	}
	return asked.Frequency() < data.Frequency() || asked.Frequency() == data.Frequency() && asked != data
}

// cellOfEach makes each cell of the row of its period.
func cellOfEach(periods []period.Period) []rows {
	cells := make([]rows, len(periods))
	for i, q := range periods {
		cells[i] = rows{first: i, second: -1, days: max(q.Days(), 1)}
	}
	return cells
}

// placeEach places periods that are told apart.
func (p *part) placeEach(periods []period.Period, data period.Type) {
	if !slices.ContainsFunc(periods, func(q period.Period) bool { return p.spreads(data, q.Type()) }) {
		p.periods = periods
		p.cells = p.run.cellEach(periods)
		return
	}
	at := map[period.Period]int{}
	row := func(q period.Period) int {
		n, ok := at[q]
		if !ok {
			n = len(p.periods)
			at[q] = n
			p.periods = append(p.periods, q)
		}
		return n
	}
	for _, q := range periods {
		if q.IsZero() || !p.spreads(data, q.Type()) {
			p.cells = append(p.cells, rows{first: row(q), second: -1, days: max(q.Days(), 1)})
			continue
		}
		early, late := dataPeriodsOf(q, data)
		cell := rows{first: row(early), second: -1, days: early.Days()}
		if late != early {
			cell.second, cell.days2, cell.weight = row(late), late.Days(), monthsBefore(q)
		}
		p.cells = append(p.cells, cell)
	}
	if p.run.query.ServerArtefacts {
		p.shareDays(periods, data)
	}
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

func isFinancialYear(t period.Type) bool { return period.FinancialFeb <= t && t <= period.FinancialNov }

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

// A described is a data element with the period type in which it is collected.
type described struct {
	element   hmis.DataElement
	collected period.Type
	known     bool
}

// element returns a data element and the period type in which it is collected.
// Those with values are looked up once for all queries.
func (c *Cube) element(id hmis.UID) (e *hmis.DataElement, collected period.Type, ok bool) {
	i, held := c.at[id]
	if !held {
		one := c.describe(id)
		return &one.element, one.collected, one.known
	}
	c.describing.Do(func() {
		c.described = make([]described, len(c.elements))
		for i, id := range c.elements {
			c.described[i] = c.describe(id)
		}
	})
	one := &c.described[i]
	return &one.element, one.collected, one.known
}

func (c *Cube) describe(id hmis.UID) described {
	e, ok := hmis.Find[hmis.DataElement](c.catalog, id)
	return described{e, c.dataPeriod(id), ok}
}

// dataPeriod returns the period type in which an element is collected: that of
// its data set, of several the most frequent; 0 if it is in none.
func (c *Cube) dataPeriod(element hmis.UID) period.Type {
	var least period.Type
	for _, id := range c.catalog.DataSets(element) {
		set, _ := hmis.Find[hmis.DataSet](c.catalog, id)
		if t := set.PeriodType; t != 0 && (least == 0 || t.Frequency() < least.Frequency()) {
			least = t
		}
	}
	return least
}
