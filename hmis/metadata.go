package hmis

import (
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// Metadata describes the data of a country: its forms, places and formulas. It
// is plain data: fill it from a file, a database or a literal, then give it to
// [NewCatalog].
type Metadata struct {
	DataElements    []DataElement
	Categories      []Category
	CategoryOptions []CategoryOption
	CategoryCombos  []CategoryCombo
	OptionCombos    []OptionCombo
	OptionSets      []OptionSet
	DataSets        []DataSet
	Indicators      []Indicator
	IndicatorTypes  []IndicatorType
	OrgUnits        []OrgUnit
	OrgUnitLevels   []OrgUnitLevel
	Groups          []Group    // groups of all kinds
	GroupSets       []GroupSet // group sets of all kinds
	Constants       []Constant
	ValidationRules []ValidationRule
	Predictors      []Predictor
	Attributes      []Attribute
	LegendSets      []LegendSet

	// Things that any object may have are kept in lists of their own.
	AttributeValues []AttributeValue
	Translations    []Translation
	Properties      []Property
}

// An Attribute is a metadata field that a country has added.
type Attribute struct {
	ID         UID
	Code, Name string
	ValueType  ValueType
	Unique     bool // no two objects share a value, so the values can be used as a Scheme
	Mandatory  bool
	Kinds      []Kind // the kinds of object that may have it
}

// An AttributeValue is a value that an object has for an Attribute.
type AttributeValue struct {
	Object    Ref
	Attribute UID
	Value     string
}

// A Translation is the name of an object in another language.
type Translation struct {
	Object   Ref
	Locale   string
	Property string // the translated field: "NAME", "SHORT_NAME", ...
	Value    string
}

// A Property is a value in a file that no field here holds, such as the
// description of an object. It is kept as it was written, so that reading and
// writing lose nothing.
type Property struct {
	Object Ref
	Name   string
	Value  string
}

// A DataElement is one thing that is counted or measured, such as BCG doses
// given.
type DataElement struct {
	ID                    UID
	Code, Name, ShortName string
	ValueType             ValueType   // "" is Number
	Aggregation           Aggregation // "" is Sum
	CategoryCombo         UID         // "" means no disaggregation
	Levels                []int       // values from below one of these levels do not add to units above it; none means they always do
	OptionSet             UID         // the option set whose codes are its only values; "" allows any
	CommentOptionSet      UID
	Tracker               bool  // the element belongs to a program; it is known but never aggregated
	ZeroIsData            bool  // a reported 0 is stored; see also aggregate.Query.ZeroIsData
	LegendSets            []UID // the usual legend set first
}

// A Category is a list of options, such as sex.
type Category struct {
	ID                    UID
	Code, Name, ShortName string
	Options               []UID // the options in order
	Attribute             bool  // it divides whole reports, not single values
	NoDimension           bool  // it may not be an axis of a query
}

// A CategoryOption is one choice in a category, such as female.
type CategoryOption struct {
	ID                    UID
	Code, Name, ShortName string
	First, Last           period.Date // the days on which it is valid; 0 means no limit
	OrgUnits              []UID       // the units, with all below, where it is valid; none means everywhere
}

// A CategoryCombo is a set of categories used together.
type CategoryCombo struct {
	ID         UID
	Code, Name string
	Categories []UID // the categories in order
	Attribute  bool
	SkipTotal  bool // the total over all option combos has no meaning
}

// An OptionCombo picks one option from each category of a combo.
type OptionCombo struct {
	ID            UID
	Code, Name    string
	CategoryCombo UID
	Options       []UID // the options in any order
}

// A Group is a set of objects of one kind, such as the hospitals.
type Group struct {
	Kind                  Kind // such as KindOrgUnitGroup or KindDataElementGroup
	ID                    UID
	Code, Name, ShortName string
	Members               []UID
	Attribute             bool // for groups of category options: same meaning as Category.Attribute
}

// A GroupSet is a set of groups that divide objects among them, such as types
// of facility. An object in two groups counts in the one with the smaller id.
type GroupSet struct {
	Kind                  Kind // such as KindOrgUnitGroupSet or KindDataElementGroupSet
	ID                    UID
	Code, Name, ShortName string
	Groups                []UID
	Attribute             bool // for groups of category options: same meaning as Category.Attribute
	Compulsory            bool // every object should be in one group
	NoDimension           bool // it may not be an axis of a query
	Below                 bool // for org units: a unit in no group belongs where the nearest unit above it does
}

// An OptionSet is a list of the values that a data element may have.
type OptionSet struct {
	ID         UID
	Code, Name string
	ValueType  ValueType
	Options    []Option // the options in order
}

// An Option is one value of an OptionSet. Data values hold its code.
type Option struct {
	ID         UID
	Code, Name string
}

// An OrgUnit is a place that reports or a region that contains such places.
type OrgUnit struct {
	ID                    UID
	Code, Name, ShortName string
	Parent                UID         // "" means it is a root
	Path                  string      // the ids from the root, "/ImspTQPwCqd/O6uvpzGd5pu"; may be ""
	Opened                period.Date // the first day it is open; 0 means always
	Closed                period.Date // the last day it is open; 0 means it still is
	Geometry              string      // its point or area as GeoJSON; "" if not known
}

// An OrgUnitLevel gives a name to a level of the tree of org units.
type OrgUnitLevel struct {
	ID         UID
	Code, Name string
	Level      int // the roots are at level 1
}

// A Constant is a named number for use in expressions.
type Constant struct {
	ID         UID
	Code, Name string
	Value      decimal.Decimal
}
