package aggregate_test

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// An oracle answers queries by reading the analytics specification word for
// word: a table of rows, walked from one end to the other for each cell, with
// fractions in place of numbers. It shares no code with the engine, and knows
// data elements and operands only.
type oracle struct {
	w     *world
	query aggregate.Query
	rows  []row
	years map[int]bool // that have partitions: of any value, even a deleted one

	first, last period.Date     // minDate and maxDate of an item, 0 for none
	extra       []period.Period // that formulas shift to
	together    bool            // data are not told apart: texts are rows without a number
}

// A row is one row of the fact table (section 2).
type row struct {
	hmis.Key
	number  *big.Rat // nil if it is a text
	text    string
	element hmis.DataElement
}

var numberForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

func newOracle(w *world, q aggregate.Query) *oracle {
	o := &oracle{w: w, query: q, years: map[int]bool{}}
	last := map[hmis.Key]int{}
	for i, v := range w.values {
		k := v.Key
		k.CategoryOptionCombo = cmp.Or(k.CategoryOptionCombo, w.catalog.DefaultCombo())
		k.AttributeOptionCombo = cmp.Or(k.AttributeOptionCombo, w.catalog.DefaultCombo())
		last[k] = i
		o.years[yearOf(v.Period)] = true
	}
	for k, i := range last {
		v := w.values[i]
		if v.Deleted {
			continue
		}
		e, _ := hmis.Find[hmis.DataElement](w.catalog, k.DataElement)
		r := row{Key: k, element: e}
		switch {
		case e.ValueType.IsBoolean():
			r.number = new(big.Rat)
			if v.Value == "true" {
				r.number.SetInt64(1)
			}
		case e.ValueType == hmis.Text:
			r.text = v.Value
		case !numberForm.MatchString(v.Value):
			continue
		case v.Value == "0" && e.Aggregation != hmis.Average && e.Aggregation != hmis.AverageSumOrgUnit && !(q.ZeroIsData && e.ZeroIsData):
			continue
		default:
			r.number, _ = new(big.Rat).SetString(v.Value)
		}
		if !q.ValidOnly || o.valid(k.CategoryOptionCombo, k.Period) && o.valid(k.AttributeOptionCombo, k.Period) {
			o.rows = append(o.rows, r)
		}
	}
	slices.SortFunc(o.rows, func(a, b row) int { // ties in LAST_LAST go by these
		return cmp.Or(cmp.Compare(a.OrgUnit, b.OrgUnit), cmp.Compare(a.CategoryOptionCombo, b.CategoryOptionCombo),
			cmp.Compare(a.AttributeOptionCombo, b.AttributeOptionCombo), cmp.Compare(a.DataElement, b.DataElement), a.Period.Compare(b.Period))
	})
	return o
}

// valid reports whether the options of a combo enclose a period (2.1).
func (o *oracle) valid(combo hmis.UID, p period.Period) bool {
	coc, _ := hmis.Find[hmis.CategoryOptionCombo](o.w.catalog, combo)
	for _, id := range coc.Options {
		option, _ := hmis.Find[hmis.CategoryOption](o.w.catalog, id)
		if option.First != 0 && option.First > p.First() || option.Last != 0 && option.Last < p.Last() {
			return false
		}
	}
	return true
}

func isWeek(t period.Type) bool { return t >= period.Weekly && t <= period.WeeklySunday }

// yearOf is the calendar year of a row (2.2).
func yearOf(p period.Period) int {
	d := p.First()
	if isWeek(p.Type()) {
		d += 3
	}
	year, _, _ := d.Civil()
	return year
}

// in is the period of type t that a row of period p counts for (2.3).
func in(p period.Period, t period.Type) (period.Period, bool) {
	switch {
	case t == p.Type():
		return p, true
	case t.Frequency() <= p.Type().Frequency():
		return period.Period{}, false
	case isWeek(p.Type()):
		return t.On(p.First() + 3), true
	}
	return t.On(p.First()), true
}

// A place is a cell of an answer.
type place struct {
	item  indicator.Item
	unit  hmis.UID
	per   period.Period
	split []hmis.UID
}

// inUnit reports whether a row counts in a unit (2.4).
func (o *oracle) inUnit(r row, unit hmis.UID) bool {
	stored, asked := o.w.tree.Level(r.OrgUnit), o.w.tree.Level(unit)
	for _, l := range r.element.Levels {
		if stored > l && asked <= l {
			return false
		}
	}
	return o.w.tree.Contains(unit, r.OrgUnit)
}

// onAxis returns the item of an axis that a row counts in, "" for none (9.4 to 9.6).
func (o *oracle) onAxis(r row, axis hmis.UID) hmis.UID {
	c := o.w.catalog
	switch axis {
	case aggregate.OptionCombos:
		return r.CategoryOptionCombo
	case aggregate.AttributeCombos:
		return r.AttributeOptionCombo
	}
	if cat, ok := hmis.Find[hmis.Category](c, axis); ok {
		combo := r.CategoryOptionCombo
		if cat.Attribute {
			combo = r.AttributeOptionCombo
		}
		coc, _ := hmis.Find[hmis.CategoryOptionCombo](c, combo)
		for _, option := range coc.Options {
			if slices.Contains(cat.Options, option) {
				return option
			}
		}
		return ""
	}
	set, _ := hmis.Find[hmis.GroupSet](c, axis)
	smallest := func(members ...hmis.UID) (least hmis.UID) {
		for _, id := range set.Groups {
			g, _ := hmis.Find[hmis.Group](c, id)
			for _, m := range members {
				if slices.Contains(g.Members, m) && (least == "" || id < least) {
					least = id
				}
			}
		}
		return least
	}
	switch set.Kind {
	case hmis.KindCategoryOptionGroupSet:
		coc, _ := hmis.Find[hmis.CategoryOptionCombo](c, r.CategoryOptionCombo)
		return smallest(coc.Options...)
	case hmis.KindDataElementGroupSet:
		return smallest(r.DataElement)
	}
	for unit, ok := r.OrgUnit, true; ok; unit, ok = o.w.tree.Parent(unit) {
		if g := smallest(unit); g != "" || !set.Below {
			return g
		}
	}
	return ""
}

// dimensions reports whether a row has the items of a cell, time apart.
func (o *oracle) dimensions(r row, at place) bool {
	if at.item.ID != "" && !isItem(r, at.item) {
		return false
	}
	if at.unit != "" && !o.inUnit(r, at.unit) {
		return false
	}
	for i, a := range o.query.Split {
		if o.onAxis(r, a.ID) != at.split[i] {
			return false
		}
	}
	return true
}

func isItem(r row, item indicator.Item) bool {
	return r.DataElement == item.ID && (item.Combo == "" || item.Combo == r.CategoryOptionCombo) &&
		(item.Attr == "" || item.Attr == r.AttributeOptionCombo)
}

// filters reports whether a row passes the filters, periods apart.
func (o *oracle) filters(r row) bool {
	f := o.query.Filter
	if len(f.Data) > 0 && !slices.ContainsFunc(f.Data, func(item indicator.Item) bool { return isItem(r, item) }) {
		return false
	}
	if len(f.OrgUnits) > 0 && !slices.ContainsFunc(f.OrgUnits, func(unit hmis.UID) bool { return o.inUnit(r, unit) }) {
		return false
	}
	for _, a := range f.Axes {
		item := o.onAxis(r, a.ID)
		all := a.ID == aggregate.OptionCombos || a.ID == aggregate.AttributeCombos
		if len(a.Items) == 0 && item == "" && !all || len(a.Items) > 0 && !slices.Contains(a.Items, item) {
			return false
		}
	}
	if o.first != 0 && r.Period.First() < o.first || o.last != 0 && r.Period.Last() > o.last {
		return false
	}
	return f.To == 0 || r.Period.First() >= f.From && r.Period.Last() <= f.To
}

// A count is one number of a cell, or a choice of texts where any will do.
type count struct {
	number *big.Rat
	texts  []string
	root   bool // the square root of number is meant
	met    bool // criteria were applied before
	null   bool // no number, which is shown as 0 and meets no criterion
}

// halves are the two halves of an aggregation (6.1).
func halves(a hmis.Aggregation) (units, time hmis.Aggregation) {
	switch a {
	case hmis.AverageSumOrgUnit:
		return hmis.Sum, hmis.Average
	case hmis.MinSumOrgUnit:
		return hmis.Sum, hmis.Min
	case hmis.MaxSumOrgUnit:
		return hmis.Sum, hmis.Max
	case hmis.Last, hmis.First, hmis.LastInPeriod:
		return hmis.Sum, a
	case hmis.LastAverageOrgUnit:
		return hmis.Average, hmis.Last
	case hmis.FirstAverageOrgUnit:
		return hmis.Average, hmis.First
	case hmis.LastLastOrgUnit:
		return hmis.Last, hmis.Last
	case hmis.FirstFirstOrgUnit:
		return hmis.First, hmis.First
	case hmis.LastInPeriodAverageOrgUnit:
		return hmis.Average, hmis.LastInPeriod
	}
	return a, a
}

// cell computes one cell of data element e; nil if there is none.
func (o *oracle) cell(e hmis.DataElement, at place) *count {
	name := cmp.Or(o.query.Aggregation, e.Aggregation, hmis.Sum)
	units, time := halves(name)
	asked := o.query.Filter.Periods
	if !at.per.IsZero() {
		asked = []period.Period{at.per}
	}
	if data := o.dataType(e.ID); time == hmis.Average && e.ValueType != hmis.Text && data != 0 && len(asked) > 0 && disaggregated(data, asked[0].Type()) {
		return o.disaggregated(e, at, data, units, time, asked)
	}
	if time == hmis.Last || time == hmis.First || time == hmis.LastInPeriod {
		return o.combine(e, units, time, o.lookBack(at, units, time, asked), 0)
	}
	return o.combine(e, units, time, o.match(at, asked, units == time || time == hmis.Average), totalDays(o.query, asked))
}

func totalDays(q aggregate.Query, asked []period.Period) int {
	if q.Filter.To != 0 {
		return int(q.Filter.To-q.Filter.From) + 1
	}
	n := 0
	for i, p := range asked {
		if !slices.Contains(asked[:i], p) {
			n += p.Days()
		}
	}
	return n
}

// match returns the rows of a cell in any of the periods asked for.
func (o *oracle) match(at place, asked []period.Period, criteria bool) []row {
	var list []row
	for _, r := range o.rows {
		in := o.dimensions(r, at) && o.filters(r) && (len(asked) == 0 || slices.ContainsFunc(asked, func(p period.Period) bool {
			q, ok := in(r.Period, p.Type())
			return ok && q == p
		}))
		if in && criteria && o.together && r.number == nil && len(o.query.ValueCriteria) > 0 {
			continue
		}
		if in && (!criteria || r.number == nil || meets(r.number, o.query.ValueCriteria)) {
			list = append(list, r)
		}
	}
	return list
}

func meets(n *big.Rat, criteria []aggregate.Criterion) bool {
	for _, c := range criteria {
		order := n.Cmp(c.Number.Rat())
		ok := map[string]bool{"EQ": order == 0, "GT": order > 0, "GE": order >= 0, "LT": order < 0, "LE": order <= 0}[c.Op]
		if !ok {
			return false
		}
	}
	return true
}

// lookBack ranks rows and returns the winners (section 8).
func (o *oracle) lookBack(at place, units, time hmis.Aggregation, asked []period.Period) []row {
	lo, hi := o.query.Filter.From, o.query.Filter.To
	for i, p := range asked {
		if i == 0 || p.First() < lo {
			lo = p.First()
		}
		if i == 0 || p.Last() > hi {
			hi = p.Last()
		}
	}
	if hi = max(hi, o.last); o.first != 0 {
		lo = min(lo, o.first)
	}
	if time != hmis.LastInPeriod {
		y, m, d := hi.Civil()
		if m == 2 && d == 29 {
			d = 28
		}
		lo = period.DateOf(y-10, m, d)
	}
	years := o.yearsAsked()
	single := units == hmis.Last || units == hmis.First
	best := map[hmis.Key]row{}
	for _, r := range o.rows {
		if r.Period.First() < lo || r.Period.Last() > hi || years != nil && !years[yearOf(r.Period)] || !o.dimensions(r, at) {
			continue
		}
		k := r.Key
		k.Period = period.Period{}
		if single {
			k = hmis.Key{}
		}
		had, ok := best[k]
		if !ok || beats(r, had, time == hmis.First) {
			best[k] = r
		}
	}
	var list []row
	for _, r := range o.rows {
		k := r.Key
		k.Period = period.Period{}
		if single {
			k = hmis.Key{}
		}
		if b, ok := best[k]; ok && b.Key == r.Key && o.filters(r) {
			list = append(list, r)
		}
	}
	return list
}

func beats(a, b row, first bool) bool {
	order := cmp.Or(cmp.Compare(a.Period.Last(), b.Period.Last()), cmp.Compare(a.Period.First(), b.Period.First()))
	if first {
		return order < 0
	}
	return order > 0
}

// yearsAsked are the years that may be read, nil if all (2.5).
func (o *oracle) yearsAsked() map[int]bool {
	years := map[int]bool{}
	touch := func(first, last period.Date) {
		from, _, _ := first.Civil()
		to, _, _ := last.Civil()
		for y := from; y <= to; y++ {
			if o.years[y] {
				years[y] = true
			}
		}
	}
	if f := o.query.Filter; f.To != 0 {
		touch(f.From, f.To)
	}
	for _, p := range slices.Concat(o.query.Periods, o.query.Filter.Periods, o.extra) {
		touch(p.First(), p.Last())
	}
	if len(years) == 0 {
		return nil
	}
	return years
}

// answer is the value of a cell as it is shown; false if there is none.
func (o *oracle) answer(e hmis.DataElement, at place) (*count, bool) {
	c := o.cell(e, at)
	if c == nil || c.number == nil {
		return c, c != nil
	}
	n := c.number
	if c.root {
		f := new(big.Float).SetPrec(1000).SetRat(n)
		n, _ = f.Sqrt(f).Rat(nil)
	}
	if c.null && len(o.query.Criteria) > 0 || !c.met && !meets(n, o.query.Criteria) {
		return nil, false
	}
	digits := 2
	if o.query.SkipRounding {
		digits = 10
	}
	return &count{number: rounded(n, digits)}, true
}
