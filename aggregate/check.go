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
	for _, check := range []func(Query, *hmis.Catalog) *hmis.Issue{
		Query.checkNames, Query.checkShape, Query.checkTime, Query.checkDataFilter, Query.checkAxes, Query.checkRates, Query.checkElements, Query.checkValues,
	} {
		if issue := check(q, c); issue != nil {
			return issue
		}
	}
	return nil
}

// checkNames is about names of nothing: E7124, E7125 and E7611.
func (q Query) checkNames(c *hmis.Catalog) *hmis.Issue {
	for _, list := range []struct {
		field string
		items []indicator.Item
	}{{"Data", q.Data}, {"Filter.Data", q.Filter.Data}} {
		for _, item := range list.items {
			if !isData(c, item) {
				return issue("E7124", list.field, "no data item %q", item)
			}
		}
	}
	for _, list := range []struct {
		field string
		axes  []Axis
	}{{"Split", q.Split}, {"Filter.Axes", q.Filter.Axes}} {
		for _, a := range list.axes {
			if a.ID != OptionCombos && a.ID != AttributeCombos && !isDimension(c, a.ID) {
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

// checkShape is about which dimensions there are: E7101 to E7103.
func (q Query) checkShape(c *hmis.Catalog) *hmis.Issue {
	f := &q.Filter
	if len(q.Data)+len(q.OrgUnits)+len(q.Periods)+len(q.Split) == 0 {
		return issue("E7101", "Data", "no dimension: nothing is to be told apart")
	}
	if len(q.Data) == 0 && len(f.Data) == 0 && !q.hasElementGroups(c) {
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

func (q Query) hasElementGroups(c *hmis.Catalog) bool {
	has := func(a Axis) bool {
		set, ok := hmis.Find[hmis.GroupSet](c, a.ID)
		return ok && set.Kind == hmis.KindDataElementGroupSet && len(a.Items)+len(set.Groups) > 0
	}
	return slices.ContainsFunc(q.Split, has) || slices.ContainsFunc(q.Filter.Axes, has)
}

// checkTime is about periods and days: E7104 to E7107.
func (q Query) checkTime(c *hmis.Catalog) *hmis.Issue {
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
	case f.dated() && q.first(c, indicator.ReportingRateItem) != nil:
		return issue("E7107", "Filter.From", "days together with the reporting rate %s", q.first(c, indicator.ReportingRateItem))
	}
	return nil
}

// first returns the first data item of a kind, or nil.
func (q Query) first(c *hmis.Catalog, kind indicator.ItemKind) *indicator.Item {
	for i := range q.Data {
		if q.Data[i].KindIn(c) == kind {
			return &q.Data[i]
		}
	}
	return nil
}

// checkDataFilter is about what may be filtered: E7108 to E7110.
func (q Query) checkDataFilter(c *hmis.Catalog) *hmis.Issue {
	f := &q.Filter
	if len(f.Data) > 1 {
		for _, item := range f.Data {
			switch item.KindIn(c) {
			case indicator.IndicatorItem:
				return issue("E7108", "Filter.Data", "indicator %s in a filter with other data", item)
			case indicator.ReportingRateItem:
				return issue("E7109", "Filter.Data", "reporting rate %s in a filter with other data", item)
			}
		}
	}
	if slices.ContainsFunc(f.Axes, func(a Axis) bool { return a.ID == OptionCombos }) {
		return issue("E7110", "Filter.Axes", "category option combos as a filter")
	}
	return nil
}

// checkAxes is about the further axes: E7111.
func (q Query) checkAxes(*hmis.Catalog) *hmis.Issue {
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

// checkRates is about what reporting rates and option combos go with: E7112 to
// E7114.
func (q Query) checkRates(c *hmis.Catalog) *hmis.Issue {
	rate := q.first(c, indicator.ReportingRateItem)
	if len(q.Filter.Data) == 1 && q.Filter.Data[0].KindIn(c) == indicator.ReportingRateItem {
		rate = &q.Filter.Data[0] // computed like one of Data
	}
	if rate != nil {
		if a := notOfRates(c, q.Split); a != nil {
			return issue("E7112", "Split", "reporting rate %s together with %q", *rate, a.ID)
		}
		if a := notOfRates(c, q.Filter.Axes); a != nil {
			return issue("E7112", "Filter.Axes", "reporting rate %s together with %q", *rate, a.ID)
		}
	}
	if !slices.ContainsFunc(q.Split, func(a Axis) bool { return a.ID == OptionCombos }) {
		return nil
	}
	elements := slices.ContainsFunc(slices.Concat(q.Data, q.Filter.Data), func(item indicator.Item) bool {
		return item.KindIn(c) == indicator.DataElementItem && item.OptionCombo == "" && item.AttributeCombo == ""
	})
	if !elements {
		return issue("E7113", "Split", "category option combos without any data element")
	}
	for _, item := range q.Data {
		if item.KindIn(c) != indicator.DataElementItem || item.OptionCombo != "" || item.AttributeCombo != "" {
			return issue("E7114", "Data", "category option combos together with %s, which is no data element", item)
		}
	}
	return nil
}

// notOfRates returns the first axis that reporting rates cannot have.
func notOfRates(c *hmis.Catalog, axes []Axis) *Axis {
	for i, a := range axes {
		set, ok := hmis.Find[hmis.GroupSet](c, a.ID)
		if a.ID == OptionCombos || a.ID == AttributeCombos || ok && set.Kind == hmis.KindDataElementGroupSet {
			return &axes[i]
		}
	}
	return nil
}

// checkElements is about each data element and indicator: E7115, E7134, E7152.
func (q Query) checkElements(c *hmis.Catalog) *hmis.Issue {
	for _, item := range q.Data {
		if item.KindIn(c) != indicator.DataElementItem {
			continue
		}
		if e, _ := hmis.Find[hmis.DataElement](c, item.ID); !rule.Aggregatable(&e) {
			return issue("E7115", "Data", "data element %q cannot be aggregated: value type %s, aggregation %s", e.ID, typeName(e.ValueType), e.Aggregation)
		}
	}
	for i, item := range slices.Concat(q.Data, q.Filter.Data) {
		if item.KindIn(c) != indicator.DataElementItem || item.OptionCombo != "" || item.AttributeCombo != "" {
			continue
		}
		combo, _ := hmis.Find[hmis.CategoryCombo](c, c.CategoryCombo(item.ID, ""))
		if combo.SkipTotal && !q.showsAll(c, combo.Categories) {
			field := "Data"
			if i >= len(q.Data) {
				field = "Filter.Data"
			}
			return issue("E7134", field, "a total of data element %q means nothing: its category combo %q must be told apart", item.ID, combo.ID)
		}
	}
	if len(q.Filter.Periods) == 0 {
		return nil
	}
	for _, item := range slices.Concat(q.Data, q.Filter.Data) {
		if item.KindIn(c) == indicator.IndicatorItem && movesTime(c, item.ID) {
			return issue("E7152", "Filter.Periods", "indicator %q has a period offset, which needs periods told apart", item.ID)
		}
	}
	return nil
}

// isData reports whether an item leads to something that a cube can compute.
func isData(c *hmis.Catalog, item indicator.Item) bool {
	switch item.KindIn(c) {
	case indicator.DataElementItem:
		_, ok := hmis.Find[hmis.DataElement](c, item.ID)
		return ok // those of programs too: they have no aggregate values
	case indicator.IndicatorItem:
		_, ok := hmis.Find[hmis.Indicator](c, item.ID)
		return ok
	case indicator.ReportingRateItem:
		_, ok := hmis.Find[hmis.DataSet](c, item.ID)
		switch item.Rate {
		case indicator.ReportingRate, indicator.ReportingRateOnTime, indicator.ActualReports, indicator.ActualReportsOnTime, indicator.ExpectedReports:
			return ok
		}
	}
	return false
}

// showsAll reports whether each category is a dimension or filter with items;
// one without any named has all of its own.
func (q Query) showsAll(c *hmis.Catalog, categories []hmis.UID) bool {
	axes := slices.Concat(q.Split, q.Filter.Axes)
	for _, id := range categories {
		cat, _ := hmis.Find[hmis.Category](c, id)
		if !slices.ContainsFunc(axes, func(a Axis) bool { return a.ID == id && len(a.Items)+len(cat.Options) > 0 }) {
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

// checkValues is about settings that only Go can get wrong.
func (q Query) checkValues(*hmis.Catalog) *hmis.Issue {
	for _, item := range q.Data {
		if item.Offset != 0 || item.YearToDate {
			return issue("", "Data", "%s reads other periods than those asked for, which only an indicator can", item)
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
				return issue("", list.field, "unknown comparison %q: want EQ, GT, GE, LT or LE", c.Op)
			}
		}
	}
	if q.Aggregation != "" && !rule.IsAggregation(q.Aggregation) {
		return issue("", "Aggregation", "unknown aggregation %q", q.Aggregation)
	}
	return nil
}
