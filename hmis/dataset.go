package hmis

import (
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// A DataSet is a form: data elements that are reported together, how often, and
// by which org units.
type DataSet struct {
	ID                    UID
	Code, Name, ShortName string
	PeriodType            period.Type
	Elements              []DataSetElement
	CategoryCombo         UID   // the combo that divides whole reports; "" means none
	OrgUnits              []UID // the units that report
	Indicators            []UID // indicators shown with the form
	Sections              []Section

	TimelyDays        float64 // a report is on time up to this many days after the period
	ExpiryDays        float64 // entry closes this many days after the period; 0 never, negative days also open future periods
	OpenFuturePeriods int
	OpenAfterEnd      int           // the number of periods that stay open after an attribute option ends
	InputPeriods      []InputPeriod // if not empty, these replace ExpiryDays and the rule for future periods

	Compulsory           []Operand // the values that a complete report must have
	CompulsoryToComplete bool      // a report without the compulsory values cannot be completed
	AllCombosOrNone      bool      // a value for one option combo requires values for all of the element
	ValidToComplete      bool      // a report that violates rules cannot be completed
	ValueOrComment       bool      // a missing value is accepted if it has a comment

	LegendSets []UID // legend sets of the reporting rates, the usual one first
}

// A DataSetElement is a data element in a form.
type DataSetElement struct {
	DataElement   UID
	CategoryCombo UID // replaces the element's own; "" keeps that
}

// A Section is a part of a form.
type Section struct {
	ID           UID
	Code, Name   string
	DataElements []UID
	Indicators   []UID
	Greyed       []Operand // cells that must stay empty
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
