package oracle

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Country is the metadata and data that an Oracle answers queries about.
type Country struct {
	Metadata    hmis.Metadata
	Catalog     *hmis.Catalog
	Tree        *orgunit.Tree
	Values      []hmis.DataValue // in the order in which they were loaded
	Completions []hmis.Completion
}

// An Oracle answers one query about a country.
type Oracle struct {
	// Together says that data is not kept apart: texts are values without a
	// number.
	Together bool

	// Extra has the periods that formulas shift to. Look-backs may read their
	// years.
	Extra []period.Period

	country     Country
	query       aggregate.Query
	rows        []row
	years       map[int]bool // years that have any value, even a deleted one
	first, last period.Date  // minDate and maxDate of an item, 0 for none
	err         error        // first error of a formula
}

// A row is one value that counts (aggregate/RULES.md#values-that-count).
type row struct {
	hmis.Key
	number  *big.Rat // nil if it is a text
	text    string
	element hmis.DataElement
}

var numberForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// New returns an Oracle for a query.
func New(country Country, q aggregate.Query) *Oracle {
	o := &Oracle{country: country, query: q, years: map[int]bool{}}
	last := map[hmis.Key]int{}
	for i, v := range country.Values {
		k := v.Key
		k.OptionCombo = cmp.Or(k.OptionCombo, country.Catalog.DefaultOptionCombo())
		k.AttributeCombo = cmp.Or(k.AttributeCombo, country.Catalog.DefaultOptionCombo())
		last[k] = i
		o.years[yearOf(v.Period)] = true
	}
	for k, i := range last {
		v := country.Values[i]
		if v.Deleted {
			continue
		}
		e, _ := hmis.Find[hmis.DataElement](country.Catalog, k.DataElement)
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
		if !q.ValidOnly || o.valid(k.OptionCombo, k.Period) && o.valid(k.AttributeCombo, k.Period) {
			o.rows = append(o.rows, r)
		}
	}
	slices.SortFunc(o.rows, func(a, b row) int { // LAST_LAST_ORG_UNIT breaks ties in this order
		return cmp.Or(cmp.Compare(a.OrgUnit, b.OrgUnit), cmp.Compare(a.OptionCombo, b.OptionCombo),
			cmp.Compare(a.AttributeCombo, b.AttributeCombo), cmp.Compare(a.DataElement, b.DataElement), a.Period.Compare(b.Period))
	})
	return o
}

// valid reports whether the dates of a combo's options enclose a period
// (aggregate/RULES.md#values-that-count).
func (o *Oracle) valid(combo hmis.UID, p period.Period) bool {
	coc, _ := hmis.Find[hmis.OptionCombo](o.country.Catalog, combo)
	for _, id := range coc.Options {
		option, _ := hmis.Find[hmis.CategoryOption](o.country.Catalog, id)
		if option.First != 0 && option.First > p.First() || option.Last != 0 && option.Last < p.Last() {
			return false
		}
	}
	return true
}

func isWeek(t period.Type) bool { return t >= period.Weekly && t <= period.WeeklySunday }

// yearOf returns the year that a period counts in
// (aggregate/RULES.md#years-read).
func yearOf(p period.Period) int {
	d := p.First()
	if isWeek(p.Type()) {
		d += 3
	}
	year, _, _ := d.Civil()
	return year
}

// In returns the period of type t that a value of period p counts for. ok is
// false if there is none (aggregate/RULES.md#longer-periods).
func In(p period.Period, t period.Type) (q period.Period, ok bool) {
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

// A Place is a cell of an answer. What the query does not keep apart is zero.
type Place struct {
	Item   indicator.Item
	Unit   hmis.UID
	Period period.Period
	Split  []hmis.UID // an item for each axis of Query.Split
}

// String returns the place on one line.
func (p Place) String() string { return fmt.Sprint(p.Item, " ", p.Unit, " ", p.Period, " ", p.Split) }

// inUnit reports whether a value counts in a unit
// (aggregate/RULES.md#aggregation-levels).
func (o *Oracle) inUnit(r row, unit hmis.UID) bool {
	stored, asked := o.country.Tree.Level(r.OrgUnit), o.country.Tree.Level(unit)
	for _, l := range r.element.Levels {
		if stored > l && asked <= l {
			return false
		}
	}
	return o.country.Tree.Contains(unit, r.OrgUnit)
}

// onAxis returns the item of an axis that a value counts in, "" for none
// (aggregate/RULES.md#categories-and-group-sets).
func (o *Oracle) onAxis(r row, axis hmis.UID) hmis.UID {
	c := o.country.Catalog
	switch axis {
	case aggregate.OptionCombos:
		return r.OptionCombo
	case aggregate.AttributeCombos:
		return r.AttributeCombo
	}
	if cat, ok := hmis.Find[hmis.Category](c, axis); ok {
		combo := r.OptionCombo
		if cat.Attribute {
			combo = r.AttributeCombo
		}
		coc, _ := hmis.Find[hmis.OptionCombo](c, combo)
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
		coc, _ := hmis.Find[hmis.OptionCombo](c, r.OptionCombo)
		return smallest(coc.Options...)
	case hmis.KindDataElementGroupSet:
		return smallest(r.DataElement)
	}
	for unit, ok := r.OrgUnit, true; ok; unit, ok = o.country.Tree.Parent(unit) {
		if g := smallest(unit); g != "" || !set.Below {
			return g
		}
	}
	return ""
}

// dimensions reports whether a value belongs to the items of a cell. It ignores
// the period.
func (o *Oracle) dimensions(r row, at Place) bool {
	if at.Item.ID != "" && !isItem(r, at.Item) {
		return false
	}
	if at.Unit != "" && !o.inUnit(r, at.Unit) {
		return false
	}
	for i, a := range o.query.Split {
		if o.onAxis(r, a.ID) != at.Split[i] {
			return false
		}
	}
	return true
}

func isItem(r row, item indicator.Item) bool {
	return r.DataElement == item.ID && (item.OptionCombo == "" || item.OptionCombo == r.OptionCombo) &&
		(item.AttributeCombo == "" || item.AttributeCombo == r.AttributeCombo)
}

// filters reports whether a value passes all filters except those on periods.
func (o *Oracle) filters(r row) bool {
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

// A Number is the value of a cell: a number, or texts of which any one is a
// correct answer.
type Number struct {
	Value *big.Rat
	Texts []string

	root bool // the number is the square root of Value
	met  bool // criteria have been applied already
	null bool // the cell has no number: it is shown as 0 and satisfies no criterion
}

// String returns the number with ten decimals, or the texts.
func (n *Number) String() string {
	switch {
	case n == nil:
		return "nothing"
	case n.Value == nil:
		return fmt.Sprint("one of ", n.Texts)
	}
	return n.Value.FloatString(10)
}

// halves returns the two halves of an aggregation
// (aggregate/RULES.md#two-halves).
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
func (o *Oracle) cell(e hmis.DataElement, at Place) *Number {
	name := cmp.Or(o.query.Aggregation, e.Aggregation, hmis.Sum)
	units, time := halves(name)
	asked := o.query.Filter.Periods
	if !at.Period.IsZero() {
		asked = []period.Period{at.Period}
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

// match returns the values of a cell that count in any of the periods asked
// for.
func (o *Oracle) match(at Place, asked []period.Period, criteria bool) []row {
	var list []row
	for _, r := range o.rows {
		in := o.dimensions(r, at) && o.filters(r) && (len(asked) == 0 || slices.ContainsFunc(asked, func(p period.Period) bool {
			q, ok := In(r.Period, p.Type())
			return ok && q == p
		}))
		if in && criteria && o.Together && r.number == nil && len(o.query.ValueCriteria) > 0 {
			continue
		}
		if in && (!criteria || r.number == nil || Meets(r.number, o.query.ValueCriteria)) {
			list = append(list, r)
		}
	}
	return list
}

// Meets reports whether n satisfies all criteria.
func Meets(n *big.Rat, criteria []aggregate.Criterion) bool {
	for _, c := range criteria {
		order := n.Cmp(c.Number.Rat())
		ok := map[string]bool{"EQ": order == 0, "GT": order > 0, "GE": order >= 0, "LT": order < 0, "LE": order <= 0}[c.Op]
		if !ok {
			return false
		}
	}
	return true
}

// lookBack ranks values and returns those that are found
// (aggregate/RULES.md#look-back, aggregate/RULES.md#look-back-window).
func (o *Oracle) lookBack(at Place, units, time hmis.Aggregation, asked []period.Period) []row {
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

// yearsAsked returns the years that may be read, nil if all
// (aggregate/RULES.md#years-read).
func (o *Oracle) yearsAsked() map[int]bool {
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
	for _, p := range slices.Concat(o.query.Periods, o.query.Filter.Periods, o.Extra) {
		touch(p.First(), p.Last())
	}
	if len(years) == 0 {
		return nil
	}
	return years
}

// Answer returns the value of a cell of data element e as it is shown. ok is
// false if there is none.
func (o *Oracle) Answer(e hmis.DataElement, at Place) (shown *Number, ok bool) {
	c := o.cell(e, at)
	if c == nil || c.Value == nil {
		return c, c != nil
	}
	n := c.Value
	if c.root {
		f := new(big.Float).SetPrec(1000).SetRat(n)
		n, _ = f.Sqrt(f).Rat(nil)
	}
	if c.null && len(o.query.Criteria) > 0 || !c.met && !Meets(n, o.query.Criteria) {
		return nil, false
	}
	digits := 2
	if o.query.SkipRounding {
		digits = 10
	}
	return &Number{Value: Rounded(n, digits)}, true
}
