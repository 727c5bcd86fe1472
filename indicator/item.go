package indicator

import (
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// An Item is a reference to data, such as #{fbfJHSPpUQD.pq2XI5kz2BY}. It is
// comparable, so it can be a map key. Most items need only an ID.
type Item struct {
	Kind ItemKind
	// ID is the id of an object whose kind is Kind. For a data element it may
	// be "deGroup:" followed by the id of a group. For D{} and A{} it is two
	// ids with a dot between them. For a subExpression it is the text of the
	// inner expression in normal form.
	ID             hmis.UID
	OptionCombo    hmis.UID // category option combo, or "co:" or "coGroup:" with ids; "" means the total
	AttributeCombo hmis.UID // attribute option combo; "" means the total
	Rate           Rate     // the metric of a reporting rate

	// These are modifiers (RULES.md#modifiers). Those of a subExpression are
	// the ones around it.
	Combine    hmis.Aggregation // the aggregation of aggregationType(x); "" means that of the data element
	Offset     int              // periodOffset(n)
	YearToDate bool
	From, To   period.Date // minDate(d) and maxDate(d); 0 means no limit, so 1970-01-01 cannot be one
}

// An ItemKind is the kind of object that an Item refers to.
type ItemKind uint8

// These are the kinds of item, with the text that begins each.
const (
	AnyItem              ItemKind = iota // the catalog determines the kind by the ID
	DataElementItem                      // #{
	ConstantItem                         // C{
	IndicatorItem                        // N{
	ReportingRateItem                    // R{
	OrgUnitGroupItem                     // OUG{: the number of units of a group in the subtree
	ProgramIndicatorItem                 // I{
	ProgramElementItem                   // D{
	ProgramAttributeItem                 // A{
	SubExpressionItem                    // subExpression(: computed in each unit; see Item.Inner
	DaysItem                             // [days]
	PeriodInYearItem                     // [periodInYear]
	YearlyPeriodsItem                    // [yearlyPeriodCount]
	AncestorTest                         // orgUnit.ancestor(: one item for each id
	GroupTest                            // orgUnit.group(
	DataSetTest                          // orgUnit.dataSet(
	ProgramTest                          // orgUnit.program(
)

// kindNames has, for each kind, its name in errors and the text with which an
// item of this kind begins.
var kindNames = [...]struct{ name, open string }{
	AnyItem:              {"item", ""},
	DataElementItem:      {"data element", "#"},
	ConstantItem:         {"constant", "C"},
	IndicatorItem:        {"indicator", "N"},
	ReportingRateItem:    {"reporting rate", "R"},
	OrgUnitGroupItem:     {"org unit group", "OUG"},
	ProgramIndicatorItem: {"program indicator", "I"},
	ProgramElementItem:   {"program data element", "D"},
	ProgramAttributeItem: {"program attribute", "A"},
	SubExpressionItem:    {"subExpression", "subExpression"},
	DaysItem:             {"[days]", "days"},
	PeriodInYearItem:     {"[periodInYear]", "periodInYear"},
	YearlyPeriodsItem:    {"[yearlyPeriodCount]", "yearlyPeriodCount"},
	AncestorTest:         {"ancestor", "orgUnit.ancestor"},
	GroupTest:            {"org unit group", "orgUnit.group"},
	DataSetTest:          {"data set", "orgUnit.dataSet"},
	ProgramTest:          {"program", "orgUnit.program"},
}

// String returns the kind in words, such as "data element".
func (k ItemKind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k].name
	}
	return "item kind " + strconv.Itoa(int(k))
}

// IsData reports whether an item of this kind counts as missing if it has no
// value (RULES.md#missing-values). Constants, counts, days and tests do not.
func (k ItemKind) IsData() bool {
	switch k {
	case AnyItem, DataElementItem, IndicatorItem, ReportingRateItem, SubExpressionItem,
		ProgramIndicatorItem, ProgramElementItem, ProgramAttributeItem:
		return true
	}
	return false
}

// A Rate is a metric of a data set.
type Rate string

// These are the rates.
const (
	ReportingRate       Rate = "REPORTING_RATE"
	ReportingRateOnTime Rate = "REPORTING_RATE_ON_TIME"
	ActualReports       Rate = "ACTUAL_REPORTS"
	ActualReportsOnTime Rate = "ACTUAL_REPORTS_ON_TIME"
	ExpectedReports     Rate = "EXPECTED_REPORTS"
)

// String returns the item as it is written in an expression, with modifiers in
// the order aggregationType, maxDate, minDate, periodOffset, yearToDate. An
// AnyItem has no braces, as in a request.
func (i Item) String() string {
	var b strings.Builder
	open := ""
	if int(i.Kind) < len(kindNames) {
		open = kindNames[i.Kind].open
	}
	switch i.Kind {
	case AnyItem:
		b.WriteString(i.path())
	case DaysItem, PeriodInYearItem, YearlyPeriodsItem:
		b.WriteString("[" + open + "]")
	case SubExpressionItem, AncestorTest, GroupTest, DataSetTest, ProgramTest:
		b.WriteString(open + "(" + string(i.ID) + ")")
	default:
		b.WriteString(open + "{" + i.path() + "}")
	}
	if i.Combine != "" {
		b.WriteString(".aggregationType(" + string(i.Combine) + ")")
	}
	if i.To != 0 {
		b.WriteString(".maxDate(" + i.To.String() + ")")
	}
	if i.From != 0 {
		b.WriteString(".minDate(" + i.From.String() + ")")
	}
	if i.Offset != 0 {
		b.WriteString(".periodOffset(" + strconv.Itoa(i.Offset) + ")")
	}
	if i.YearToDate {
		b.WriteString(".yearToDate()")
	}
	return b.String()
}

// path returns the ids of the item with dots between them.
func (i Item) path() string {
	s := string(i.ID)
	switch {
	case i.OptionCombo != "":
		s += "." + string(i.OptionCombo)
	case i.AttributeCombo != "":
		s += ".*"
	}
	if i.AttributeCombo != "" {
		s += "." + string(i.AttributeCombo)
	}
	if i.Rate != "" {
		s += "." + string(i.Rate)
	}
	return s
}

// Plain returns the item without its modifiers.
func (i Item) Plain() Item {
	return Item{Kind: i.Kind, ID: i.ID, OptionCombo: i.OptionCombo, AttributeCombo: i.AttributeCombo, Rate: i.Rate}
}

// KindIn returns the kind of the item. For an AnyItem it is the kind of the
// object with the ID in the catalog: a data element, else an indicator, or a
// reporting rate if the item has a Rate. If there is none it is AnyItem.
func (i Item) KindIn(c *hmis.Catalog) ItemKind {
	switch {
	case i.Kind != AnyItem:
		return i.Kind
	case i.Rate != "":
		return ReportingRateItem
	case c == nil:
		return AnyItem
	}
	if _, ok := hmis.Find[hmis.DataElement](c, i.ID); ok {
		return DataElementItem
	}
	if _, ok := hmis.Find[hmis.Indicator](c, i.ID); ok {
		return IndicatorItem
	}
	return AnyItem
}

// Inner returns the expression within a subExpression
// (RULES.md#subexpressions). The caller computes it in each org unit that has
// data, with items combined over time only. It then combines the results over
// org units by the modifiers of i.
func (i Item) Inner() (*Expr, error) { return inSubExpression.Parse(string(i.ID)) }
