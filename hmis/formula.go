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
	Decimals                     *int // digits after the point in the result; nil does not round
	Annualized                   bool // multiply by 365 and divide by the days in the period

	// These are the option combos of its values when they are written as data
	// values. "" means the default.
	ExportOptionCombo, ExportAttributeCombo string

	LegendSets []UID // the usual legend set first
}

// An IndicatorType is the unit of indicators, such as per cent.
type IndicatorType struct {
	ID         UID
	Code, Name string
	Factor     int
	Number     bool // the result is shown as a plain number; it is still divided by the denominator
}

// An Expression is the text of a formula with its settings.
type Expression struct {
	Text        string
	Description string
	Missing     Missing
	Sliding     bool // data of programs comes from the days before the period's end
}

// Missing says when missing items make the whole result missing. Otherwise a
// missing item counts as 0, false or empty text.
type Missing string

// These are the strategies. "" means SkipIfAllMissing.
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
	Levels                   []int // levels of the units for which the rule is checked; none means all
	NotInForms               bool  // the rule is skipped when a form is checked
}

// A Predictor computes values from values of other periods.
type Predictor struct {
	ID                       UID
	Code, Name               string
	Output                   UID // the data element of the values
	OutputOptionCombo        UID // "" means each option combo of Output
	Generator, SkipTest      Expression
	Period                   period.Type
	Levels                   []UID // levels of the units that get values
	Below                    bool  // values of lower units are added to a unit's own
	Sequential, Annual, Skip int   // number of periods before, of years before, and of periods skipped
}
