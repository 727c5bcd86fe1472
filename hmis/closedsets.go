package hmis

import "slices"

// A ValueType says which texts a value may have and how they are read.
type ValueType string

// The value types (RULES.md#value-types).
const (
	Number                ValueType = "NUMBER"
	Integer               ValueType = "INTEGER"
	IntegerPositive       ValueType = "INTEGER_POSITIVE"
	IntegerNegative       ValueType = "INTEGER_NEGATIVE"
	IntegerZeroOrPositive ValueType = "INTEGER_ZERO_OR_POSITIVE"
	UnitInterval          ValueType = "UNIT_INTERVAL"
	Percentage            ValueType = "PERCENTAGE"
	Boolean               ValueType = "BOOLEAN"
	TrueOnly              ValueType = "TRUE_ONLY"
	Text                  ValueType = "TEXT"
	LongText              ValueType = "LONG_TEXT"
	MultiText             ValueType = "MULTI_TEXT"
	Letter                ValueType = "LETTER"
	PhoneNumber           ValueType = "PHONE_NUMBER"
	Email                 ValueType = "EMAIL"
	URL                   ValueType = "URL"
	Username              ValueType = "USERNAME"
	DateValue             ValueType = "DATE"
	Age                   ValueType = "AGE"
	DateTime              ValueType = "DATETIME"
	TimeValue             ValueType = "TIME"
	Coordinate            ValueType = "COORDINATE"
	OrgUnitValue          ValueType = "ORGANISATION_UNIT"
	FileResource          ValueType = "FILE_RESOURCE"
	Image                 ValueType = "IMAGE"
	Reference             ValueType = "REFERENCE"
	GeoJSON               ValueType = "GEOJSON"
)

// IsInteger reports whether t is one of the whole number types.
func (t ValueType) IsInteger() bool {
	switch t {
	case Integer, IntegerPositive, IntegerNegative, IntegerZeroOrPositive:
		return true
	}
	return false
}

// IsNumeric reports whether t holds numbers. So does the empty ValueType, which
// means [Number].
func (t ValueType) IsNumeric() bool {
	switch t {
	case "", Number, UnitInterval, Percentage:
		return true
	}
	return t.IsInteger()
}

// IsBoolean reports whether t holds booleans.
func (t ValueType) IsBoolean() bool { return t == Boolean || t == TrueOnly }

// IsText reports whether t holds text, including times of day and addresses.
func (t ValueType) IsText() bool {
	switch t {
	case Text, LongText, Letter, TimeValue, Username, Email, PhoneNumber, URL:
		return true
	}
	return false
}

// IsDate reports whether t holds days or moments.
func (t ValueType) IsDate() bool { return t == DateValue || t == DateTime || t == Age }

// An Aggregation says how values are combined over org units and over time.
type Aggregation string

// The aggregations. In a name with two parts, the first says how values are
// combined over time, and the second how over org units
// (aggregate/RULES.md#two-halves).
const (
	Sum                        Aggregation = "SUM"
	Average                    Aggregation = "AVERAGE"
	AverageSumOrgUnit          Aggregation = "AVERAGE_SUM_ORG_UNIT"
	Last                       Aggregation = "LAST"
	LastAverageOrgUnit         Aggregation = "LAST_AVERAGE_ORG_UNIT"
	LastLastOrgUnit            Aggregation = "LAST_LAST_ORG_UNIT"
	LastInPeriod               Aggregation = "LAST_IN_PERIOD"
	LastInPeriodAverageOrgUnit Aggregation = "LAST_IN_PERIOD_AVERAGE_ORG_UNIT"
	First                      Aggregation = "FIRST"
	FirstAverageOrgUnit        Aggregation = "FIRST_AVERAGE_ORG_UNIT"
	FirstFirstOrgUnit          Aggregation = "FIRST_FIRST_ORG_UNIT"
	Count                      Aggregation = "COUNT"
	StdDev                     Aggregation = "STDDEV"
	Variance                   Aggregation = "VARIANCE"
	Min                        Aggregation = "MIN"
	Max                        Aggregation = "MAX"
	MinSumOrgUnit              Aggregation = "MIN_SUM_ORG_UNIT"
	MaxSumOrgUnit              Aggregation = "MAX_SUM_ORG_UNIT"
	NoAggregation              Aggregation = "NONE"
	CustomAggregation          Aggregation = "CUSTOM"
	DefaultAggregation         Aggregation = "DEFAULT"
)

// Aggregations returns all aggregations in the order of their declaration.
func Aggregations() []Aggregation {
	return []Aggregation{
		Sum, Average, AverageSumOrgUnit, Last, LastAverageOrgUnit, LastLastOrgUnit,
		LastInPeriod, LastInPeriodAverageOrgUnit, First, FirstAverageOrgUnit,
		FirstFirstOrgUnit, Count, StdDev, Variance, Min, Max, MinSumOrgUnit,
		MaxSumOrgUnit, NoAggregation, CustomAggregation, DefaultAggregation,
	}
}

// known reports whether a is one of the aggregations; "" is [Sum].
func (a Aggregation) known() bool { return a == "" || slices.Contains(Aggregations(), a) }
