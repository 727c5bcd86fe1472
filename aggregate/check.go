package aggregate

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// dated reports whether f asks for days instead of periods.
func (f *Filter) dated() bool { return f.To != 0 }

// Check returns nil, or the first thing that makes q impossible, in the order
// of the server: an *[hmis.Issue] whose Code is that of DHIS2 and whose Field
// names the field of Query (RULES.md#refused-queries). Queries are checked
// whenever they are asked; what only a cube knows is checked then, such as its
// org units.
func (q Query) Check(c *hmis.Catalog) error {
	check := checker{&q, c, kindsOf(q.Data, c), kindsOf(q.Filter.Data, c)}
	return check.all()
}

// A checker looks for what makes a query impossible. What each item refers to
// is looked up once.
type checker struct {
	*Query

	catalog *hmis.Catalog
	data    []dataItem // items of Query.Data
	filter  []dataItem // items of Filter.Data
}

// kindsOf returns the items of a query, each with the kind of object that its
// id refers to.
func kindsOf(items []indicator.Item, c *hmis.Catalog) []dataItem {
	if len(items) == 0 {
		return nil
	}
	list := make([]dataItem, len(items))
	for i, item := range items {
		list[i] = dataItem{Item: item, kind: item.KindIn(c)}
	}
	return list
}

// all returns the first thing that is wrong with the query, or nil.
func (q *checker) all() error {
	issue := q.names()
	if issue == nil {
		issue = q.settings()
	}
	if issue == nil {
		issue = q.rates()
	}
	if issue == nil {
		issue = q.elements()
	}
	if issue == nil {
		issue = q.values()
	}
	if issue != nil {
		return issue
	}
	return nil
}

// settings returns the first mistake in the settings that concern the query as
// a whole, or nil.
func (q *checker) settings() *hmis.Issue {
	issue := q.shape()
	if issue == nil {
		issue = q.time()
	}
	if issue == nil {
		issue = q.dataFilter()
	}
	if issue == nil {
		issue = q.axes()
	}
	return issue
}

// names returns an issue if the query names an object that does not exist:
// E7124, E7125 or E7611.
func (q *checker) names() *hmis.Issue {
	for _, list := range []struct {
		field string
		items []dataItem
	}{{"Data", q.data}, {"Filter.Data", q.filter}} {
		for i := range list.items {
			if item := &list.items[i]; !item.isData(q.catalog) {
				return issue("E7124", list.field, "no data item %q", item.Item)
			}
		}
	}
	for _, list := range []struct {
		field string
		axes  []Axis
	}{{"Split", q.Split}, {"Filter.Axes", q.Filter.Axes}} {
		for _, a := range list.axes {
			if a.ID != OptionCombos && a.ID != AttributeCombos && !isDimension(q.catalog, a.ID) {
				return issue("E7125", list.field, "no such dimension %q", a.ID)
			}
		}
	}
	for _, list := range []struct {
		field   string
		periods []period.Period
	}{{"Periods", q.Periods}, {"Filter.Periods", q.Filter.Periods}} {
		if slices.ContainsFunc(list.periods, period.Period.IsZero) {
			return issue("E7611", list.field, "one of the periods is no period")
		}
	}
	return nil
}

// shape returns an issue if the query has no dimension, no data, or a dimension
// that is a filter too: E7101 to E7103.
func (q *checker) shape() *hmis.Issue {
	f := &q.Filter
	if len(q.Data)+len(q.OrgUnits)+len(q.Periods)+len(q.Split) == 0 {
		return issue("E7101", "Data", "no dimension: nothing is to be told apart")
	}
	if len(q.Data) == 0 && len(f.Data) == 0 && !q.hasElementGroups() {
		return issue("E7102", "Data", "no data item and no data element group set")
	}
	switch {
	case len(q.Data) > 0 && len(f.Data) > 0:
		return issue("E7103", "Filter.Data", "data is a dimension and a filter")
	case len(q.OrgUnits) > 0 && len(f.OrgUnits) > 0:
		return issue("E7103", "Filter.OrgUnits", "org units are a dimension and a filter")
	case len(q.Periods) > 0 && len(f.Periods) > 0:
		return issue("E7103", "Filter.Periods", "periods are a dimension and a filter")
	}
	for _, a := range f.Axes {
		if slices.ContainsFunc(q.Split, func(b Axis) bool { return a.ID == b.ID }) {
			return issue("E7103", "Filter.Axes", "%q is a dimension and a filter", a.ID)
		}
	}
	return nil
}

func (q *checker) hasElementGroups() bool {
	has := func(a Axis) bool {
		set, ok := hmis.Find[hmis.GroupSet](q.catalog, a.ID)
		return ok && set.Kind == hmis.KindDataElementGroupSet && len(a.Items)+len(set.Groups) > 0
	}
	return slices.ContainsFunc(q.Split, has) || slices.ContainsFunc(q.Filter.Axes, has)
}

// time returns an issue if the periods or days are wrong: E7104 to E7107.
func (q *checker) time() *hmis.Issue {
	f := &q.Filter
	periods := len(q.Periods) + len(f.Periods)
	switch {
	case f.From != 0 && f.To == 0 && periods == 0:
		return issue("E7104", "Filter.To", "a first day without a last one")
	case periods == 0 && !f.dated():
		return issue("E7104", "Periods", "no period, nor a first and last day")
	case periods > 0 && (f.dated() || f.From != 0):
		return issue("E7105", "Filter.From", "periods together with days")
	case f.dated() && f.From > f.To:
		return issue("E7106", "Filter.From", "the first day %s is after the last, %s", f.From, f.To)
	case f.dated() && q.first(indicator.ReportingRateItem) != nil:
		return issue(
			"E7107", "Filter.From", "days together with the reporting rate %s",
			q.first(indicator.ReportingRateItem),
		)
	}
	return nil
}

// first returns the first data item of a kind, or nil.
func (q *checker) first(kind indicator.ItemKind) *dataItem {
	for i := range q.data {
		if q.data[i].kind == kind {
			return &q.data[i]
		}
	}
	return nil
}

// dataFilter returns an issue if the data filter has items that cannot be
// filtered: E7108 to E7110.
func (q *checker) dataFilter() *hmis.Issue {
	f := &q.Filter
	if len(f.Data) > 1 {
		for _, item := range q.filter {
			switch item.kind {
			case indicator.IndicatorItem:
				return issue(
					"E7108", "Filter.Data", "indicator %s in a filter with other data", item,
				)
			case indicator.ReportingRateItem:
				return issue(
					"E7109", "Filter.Data", "reporting rate %s in a filter with other data", item,
				)
			}
		}
	}
	if slices.ContainsFunc(f.Axes, func(a Axis) bool { return a.ID == OptionCombos }) {
		return issue("E7110", "Filter.Axes", "category option combos as a filter")
	}
	return nil
}

// axes returns an issue if one of the further axes cannot be used: E7111.
func (q *checker) axes() *hmis.Issue {
	for _, list := range []struct {
		field string
		axes  []Axis
	}{{"Split", q.Split}, {"Filter.Axes", q.Filter.Axes}} {
		for i, a := range list.axes {
			if slices.ContainsFunc(list.axes[:i], func(b Axis) bool { return a.ID == b.ID }) {
				return issue("E7111", list.field, "%q is given twice", a.ID)
			}
		}
	}
	return nil
}

func isDimension(c *hmis.Catalog, id hmis.UID) bool {
	if cat, ok := hmis.Find[hmis.Category](c, id); ok {
		return !cat.NoDimension
	}
	set, ok := hmis.Find[hmis.GroupSet](c, id)
	if !ok || set.NoDimension {
		return false
	}
	switch set.Kind {
	case hmis.KindOrgUnitGroupSet, hmis.KindDataElementGroupSet, hmis.KindCategoryOptionGroupSet:
		return true
	}
	return false
}

// rates returns an issue if reporting rates or option combos are combined with
// something they cannot be: E7112 to E7114.
func (q *checker) rates() *hmis.Issue {
	rate := q.first(indicator.ReportingRateItem)
	if len(q.filter) == 1 && q.filter[0].kind == indicator.ReportingRateItem {
		rate = &q.filter[0] // the filter's rate is computed like one of Data
	}
	if rate != nil {
		if a := notOfRates(q.catalog, q.Split); a != nil {
			return issue("E7112", "Split", "reporting rate %s together with %q", *rate, a.ID)
		}
		if a := notOfRates(q.catalog, q.Filter.Axes); a != nil {
			return issue("E7112", "Filter.Axes", "reporting rate %s together with %q", *rate, a.ID)
		}
	}
	if !slices.ContainsFunc(q.Split, func(a Axis) bool { return a.ID == OptionCombos }) {
		return nil
	}
	elements := slices.ContainsFunc(q.data, dataItem.isElement) ||
		slices.ContainsFunc(q.filter, dataItem.isElement)
	if !elements {
		return issue("E7113", "Split", "category option combos without any data element")
	}
	for _, item := range q.data {
		if !item.isElement() {
			return issue(
				"E7114", "Data",
				"category option combos together with %s, which is no data element", item,
			)
		}
	}
	return nil
}

// notOfRates returns the first axis that reporting rates cannot have.
func notOfRates(c *hmis.Catalog, axes []Axis) *Axis {
	for i, a := range axes {
		set, ok := hmis.Find[hmis.GroupSet](c, a.ID)
		if a.ID == OptionCombos || a.ID == AttributeCombos ||
			ok && set.Kind == hmis.KindDataElementGroupSet {
			return &axes[i]
		}
	}
	return nil
}

// elements returns the first issue of a single data element or indicator:
// E7115, E7134 or E7152.
func (q *checker) elements() *hmis.Issue {
	for _, item := range q.data {
		if item.kind != indicator.DataElementItem {
			continue
		}
		if e, _ := hmis.Find[hmis.DataElement](q.catalog, item.ID); !rule.Aggregatable(&e) {
			return issue(
				"E7115", "Data",
				"data element %q cannot be aggregated: value type %s, aggregation %s",
				e.ID, typeName(e.ValueType), e.Aggregation,
			)
		}
	}
	if issue := q.totals("Data", q.data); issue != nil {
		return issue
	}
	if issue := q.totals("Filter.Data", q.filter); issue != nil {
		return issue
	}
	if len(q.Filter.Periods) == 0 {
		return nil
	}
	for _, list := range [][]dataItem{q.data, q.filter} {
		for _, item := range list {
			if item.kind == indicator.IndicatorItem && movesTime(q.catalog, item.ID) {
				return issue(
					"E7152", "Filter.Periods",
					"indicator %q has a period offset, which needs periods told apart", item.ID,
				)
			}
		}
	}
	return nil
}

// totals returns an issue for a data element whose total has no meaning: E7134.
func (q *checker) totals(field string, items []dataItem) *hmis.Issue {
	c := q.catalog
	for _, item := range items {
		if !item.isElement() {
			continue
		}
		combo, _ := hmis.Find[hmis.CategoryCombo](c, c.CategoryCombo(item.ID, ""))
		if combo.SkipTotal && !q.showsAll(combo.Categories) {
			const text = "a total of data element %q means nothing: its category combo %q must be told apart"
			return issue("E7134", field, text, item.ID, combo.ID)
		}
	}
	return nil
}

// isElement reports whether an item is a data element, and no operand.
func (d dataItem) isElement() bool {
	return d.kind == indicator.DataElementItem && d.OptionCombo == "" && d.AttributeCombo == ""
}

// isData reports whether a cube can compute the item.
func (d *dataItem) isData(c *hmis.Catalog) bool {
	switch d.kind {
	case indicator.DataElementItem:
		_, ok := hmis.Find[hmis.DataElement](c, d.ID)
		return ok // true even if a program collects it: it just has no aggregate values
	case indicator.IndicatorItem:
		_, ok := hmis.Find[hmis.Indicator](c, d.ID)
		return ok
	case indicator.ReportingRateItem:
		_, ok := hmis.Find[hmis.DataSet](c, d.ID)
		switch d.Rate {
		case indicator.ReportingRate, indicator.ReportingRateOnTime, indicator.ActualReports,
			indicator.ActualReportsOnTime, indicator.ExpectedReports:
			return ok
		}
	}
	return false
}

// showsAll reports whether each of the categories is a dimension or filter of
// the query. One without named items has all of its own.
func (q *checker) showsAll(categories []hmis.UID) bool {
	axes := slices.Concat(q.Split, q.Filter.Axes)
	for _, id := range categories {
		cat, _ := hmis.Find[hmis.Category](q.catalog, id)
		shows := func(a Axis) bool { return a.ID == id && len(a.Items)+len(cat.Options) > 0 }
		if !slices.ContainsFunc(axes, shows) {
			return false
		}
	}
	return true
}

// movesTime reports whether the numerator of an indicator has an offset. The
// server looks at the text only: an offset of 0 counts as well, those of nested
// indicators do not.
func movesTime(c *hmis.Catalog, id hmis.UID) bool {
	ind, _ := hmis.Find[hmis.Indicator](c, id)
	return strings.Contains(ind.Numerator, ".periodOffset(")
}

// movesAny reports whether an item of a subExpression has an offset.
func movesAny(expr *indicator.Expr) bool {
	for item := range expr.Items() {
		if item.Offset != 0 {
			return true
		}
	}
	return false
}

// values returns an issue for a setting that a request to a server could not
// express but a Go caller can.
func (q *checker) values() *hmis.Issue {
	for _, item := range q.Data {
		if item.Offset != 0 || item.YearToDate {
			return issue(
				"", "Data",
				"%s reads other periods than those asked for, which only an indicator can", item,
			)
		}
	}
	for _, list := range []struct {
		field    string
		criteria []Criterion
	}{{"Criteria", q.Criteria}, {"ValueCriteria", q.ValueCriteria}} {
		for _, c := range list.criteria {
			switch c.Op {
			case "EQ", "GT", "GE", "LT", "LE":
			default:
				return issue(
					"", list.field, "unknown comparison %q: want EQ, GT, GE, LT or LE", c.Op,
				)
			}
		}
	}
	if q.Aggregation != "" && !rule.IsAggregation(q.Aggregation) {
		return issue("", "Aggregation", "unknown aggregation %q", q.Aggregation)
	}
	return nil
}
