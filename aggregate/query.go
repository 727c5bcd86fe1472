package aggregate

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Query says what to compute. The answer has separate cells for what is in
// Data, OrgUnits, Periods and Split. Filter only narrows which values are
// counted. A dimension left zero neither separates nor narrows. But data and
// time must each be named somewhere (RULES.md#refused-queries).
type Query struct {
	Data     []indicator.Item // what is counted: {ID: "Uvn6LCg7dVU"} is enough
	OrgUnits []hmis.UID       // a unit includes everything below it
	Periods  []period.Period  // a period includes the periods that count in it
	Split    []Axis           // further axes to keep apart
	Filter   Filter           // narrows without keeping apart

	Aggregation   hmis.Aggregation // "" uses each data element's own
	Criteria      []Criterion      // conditions on each computed number
	ValueCriteria []Criterion      // conditions on each stored value, before it is counted
	SkipRounding  bool             // ten decimals; otherwise two, or those of the indicator
	ZeroIsData    bool             // a 0 counts where its data element says so
	ValidOnly     bool             // only values within the dates of their category options
	Workers       int              // goroutines; 0 means GOMAXPROCS

	// Within, if not nil, is all that the query may see: values, reports and
	// members of groups elsewhere do not exist for it. A unit
	// includes everything below it. If it is empty but not nil, nothing exists.
	Within []hmis.UID

	// ServerArtefacts reproduces two faults of DHIS2 that change numbers, for
	// comparisons with a server. Where values of a longer period are averaged
	// in several shorter ones, those share the days of one of their data
	// periods. The reports expected in several filter periods are those of the
	// first, times the number of periods, and of daily forms times that number
	// once more. If false, each data period has its own days, and reports are
	// expected period by period.
	ServerArtefacts bool

	// Reject, if not nil, is called for each data item that has no answer, with
	// the reason: a formula that does not compile or leads back to itself, a
	// division by zero inside a subExpression, an item that is unknown or
	// cannot be aggregated. The others are answered, and such an item has no
	// cells. If nil, the first one ends the query. Reject is called in the
	// order of Data.
	Reject func(indicator.Item, error)

	// Warn, if not nil, is called for each formula with a type error in some
	// cell, such as a text that is multiplied; the side of the indicator is
	// then 0, as DHIS2 silently has it. If nil, the first such error ends the
	// query. Warn is called by one goroutine at a time.
	Warn func(hmis.Issue)

	compacts bool // for tests: leave out places without values, even if there are few places
	rowByRow bool // for tests: read each value by itself, which is slower and gives the same result
}

// A Filter narrows a query. A value is counted when it passes every part that
// is not empty, and at most once per cell, however much the parts overlap.
type Filter struct {
	Data     []indicator.Item
	OrgUnits []hmis.UID
	Periods  []period.Period
	From, To period.Date // days, instead of periods; To 0 means none
	Axes     []Axis
}

// An Axis is a way to keep values apart beside data, place and time: a
// category, a group set, [OptionCombos] or [AttributeCombos]. No Items means
// all of its items.
type Axis struct {
	ID    hmis.UID
	Items []hmis.UID
}

// The axes of every value, named as in DHIS2.
const (
	OptionCombos    hmis.UID = "co"
	AttributeCombos hmis.UID = "ao"
)

// A Criterion compares a number.
type Criterion struct {
	Op     string // "EQ", "GT", "GE", "LT", "LE"
	Number decimal.Decimal
}

// A Cell is one computed value. Cells without data are not made.
type Cell struct {
	Data    indicator.Item
	OrgUnit hmis.UID
	Period  period.Period
	Split   []hmis.UID // items, one for each Query.Split

	// Value is a number, or a text of a data element that holds text.
	Value indicator.Value

	// The parts of an indicator, rounded as Value is; of a reporting rate only
	// the first two.
	Numerator, Denominator indicator.Value
	Multiplier, Divisor    int
}
