package hmis

import (
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// A DataSet is a form: the data elements reported together, how often and by
// whom.
type DataSet struct {
	ID                    UID
	Code, Name, ShortName string
	PeriodType            period.Type
	Elements              []DataSetElement
	CategoryCombo         UID   // of attributes; "" means none
	OrgUnits              []UID // that report
	Indicators            []UID // shown with the form
	Sections              []Section

	TimelyDays        float64 // days after the period in which a report is on time
	ExpiryDays        float64 // days after the period until entry closes; 0 never, negative also opens the future
	OpenFuturePeriods int
	OpenAfterEnd      int           // periods that stay open after an attribute option ends
	InputPeriods      []InputPeriod // if any, they replace expiry and future periods

	Compulsory           []Operand // values that a complete report has
	CompulsoryToComplete bool      // without them it cannot be completed
	AllCombosOrNone      bool      // a value for one option combo requires all of the element
	ValidToComplete      bool      // violated rules forbid completion
	ValueOrComment       bool      // a comment may replace a value

	LegendSets []UID // of its reporting rates; the first is its usual one
}

// A DataSetElement is a data element in a form.
type DataSetElement struct {
	DataElement   UID
	CategoryCombo UID // in place of the element's own; "" means its own
}

// A Section is a part of a form.
type Section struct {
	ID           UID
	Code, Name   string
	DataElements []UID
	Indicators   []UID
	Greyed       []Operand // cells that are not to be filled
}

// An Operand is a data element with one of its option combos.
type Operand struct {
	DataElement UID
	OptionCombo UID
}

// An InputPeriod says when data for one period may be entered.
type InputPeriod struct {
	Period         period.Period
	Opened, Closed time.Time // zero means no limit
}
