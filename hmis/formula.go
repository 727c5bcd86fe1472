package hmis

import "github.com/ohie-hmis/hmis-go/period"

// An Indicator is a ratio of two expressions, multiplied by the factor of its
// type.
type Indicator struct {
	ID                           UID
	Code, Name, ShortName        string
	Type                         UID // an unknown type has factor 1
	Numerator, NumeratorNote     string
	Denominator, DenominatorNote string
	Decimals                     *int // digits after the point in the result; nil if not fixed
	Annualized                   bool // multiply by 365 and divide by the days in the period

	// How its values are named when they are written as data values; "" means
	// the default combo.
	ExportOptionCombo, ExportAttributeCombo string

	LegendSets []UID // the first is its usual one
}

// An IndicatorType is the unit of indicators, such as per cent.
type IndicatorType struct {
	ID         UID
	Code, Name string
	Factor     int
	Number     bool // shown as a number; the denominator still applies
}

// An Expression is the text of a formula with what it needs beside its text.
type Expression struct {
	Text        string
	Description string
	Missing     Missing
	Sliding     bool // program data come from the days before the period's end
}

// Missing says when missing items make the whole result missing. Otherwise a
// missing item counts as 0, false or empty text.
type Missing string

// The strategies; the text "" is as SkipIfAllMissing.
const (
	SkipIfAllMissing Missing = "SKIP_IF_ALL_VALUES_MISSING"
	SkipIfAnyMissing Missing = "SKIP_IF_ANY_VALUE_MISSING"
	NeverSkip        Missing = "NEVER_SKIP"
)

// A ValidationRule compares two expressions.
type ValidationRule struct {
	ID                       UID
	Code, Name               string
	Description, Instruction string
	Importance               string // "HIGH", "MEDIUM", "LOW"; "" is MEDIUM
	Left, Right              Expression
	Operator                 string // "equal_to", "less_than", "compulsory_pair", ...
	Period                   period.Type
	Levels                   []int // of the units compared; none means all
	NotInForms               bool  // left out when a form is checked
}

// A Predictor computes values from those of other periods.
type Predictor struct {
	ID                       UID
	Code, Name               string
	Output                   UID // data element
	OutputOptionCombo        UID // "" means each option combo of Output
	Generator, SkipTest      Expression
	Period                   period.Type
	Levels                   []UID // of the units predicted
	Below                    bool  // values below a unit are added to its own
	Sequential, Annual, Skip int   // sample periods before, years before, and periods left out
}
