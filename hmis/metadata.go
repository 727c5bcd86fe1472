package hmis

import (
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// Metadata is everything that describes the data. It is plain data: fill it
// from a file, a database or a literal, then give it to [NewCatalog].
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
	Groups          []Group    // of all kinds
	GroupSets       []GroupSet // of all kinds
	Constants       []Constant
	ValidationRules []ValidationRule
	Predictors      []Predictor
	Attributes      []Attribute
	LegendSets      []LegendSet

	// What any object may have is kept in tables of its own.
	AttributeValues []AttributeValue
	Translations    []Translation
	Properties      []Property
}

// An Attribute is a metadata field that a country has added.
type Attribute struct {
	ID         UID
	Code, Name string
	ValueType  ValueType
	Unique     bool // its values can be used as a Scheme
	Mandatory  bool
	Kinds      []Kind // of the objects that may have it
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
	Property string // "NAME", "SHORT_NAME", ...
	Value    string
}

// A Property is what a file says about an object beyond the fields here. A
// format keeps it as it was written, so that reading and writing lose nothing.
type Property struct {
	Object Ref
	Name   string
	Value  string
}

// A DataElement is one thing that is counted, such as BCG doses given.
type DataElement struct {
	ID                    UID
	Code, Name, ShortName string
	ValueType             ValueType   // "" is Number
	Aggregation           Aggregation // "" is Sum
	CategoryCombo         UID         // "" means no disaggregation
	Levels                []int       // values from below a level do not reach it; none: they always do
	OptionSet             UID         // its codes are the only values; "" means any
	CommentOptionSet      UID
	Tracker               bool  // of a program: kept for references, never aggregated
	ZeroIsData            bool  // a reported 0 is kept; see also aggregate.Query.ZeroIsData
	LegendSets            []UID // the first is its usual one
}

// A Category is a list of options, such as sex.
type Category struct {
	ID                    UID
	Code, Name, ShortName string
	Options               []UID // in order
	Attribute             bool  // divides whole reports, not single values
	NoDimension           bool  // may not be an axis of a query
}

// A CategoryOption is one choice in a category, such as female.
type CategoryOption struct {
	ID                    UID
	Code, Name, ShortName string
	First, Last           period.Date // the days it is valid; 0 means no limit
	OrgUnits              []UID       // where it is valid, with all below; none: everywhere
}

// A CategoryCombo is a set of categories used together.
type CategoryCombo struct {
	ID         UID
	Code, Name string
	Categories []UID // in order
	Attribute  bool
	SkipTotal  bool // a total over all option combos means nothing
}

// An OptionCombo picks one option from each category of a combo.
type OptionCombo struct {
	ID            UID
	Code, Name    string
	CategoryCombo UID
	Options       []UID // in any order
}

// A Group is a set of objects of one kind, such as the hospitals.
type Group struct {
	Kind                  Kind // KindOrgUnitGroup, KindDataElementGroup, ...
	ID                    UID
	Code, Name, ShortName string
	Members               []UID
	Attribute             bool // of category options: as Category.Attribute
}

// A GroupSet is a set of groups meant to divide objects among them, such as
// facility type. Where an object is in two, the smaller group id counts.
type GroupSet struct {
	Kind                  Kind // KindOrgUnitGroupSet, KindDataElementGroupSet, ...
	ID                    UID
	Code, Name, ShortName string
	Groups                []UID
	Attribute             bool // of category options: as Category.Attribute
	Compulsory            bool // every object should be in one group
	NoDimension           bool // may not be an axis of a query
	Below                 bool // of org units: a unit in no group is where the nearest unit above it is
}

// An OptionSet is a list of the values that an element may have.
type OptionSet struct {
	ID         UID
	Code, Name string
	ValueType  ValueType
	Options    []Option // in order
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
	Parent                UID         // "" for a root
	Path                  string      // ids from the root, "/ImspTQPwCqd/O6uvpzGd5pu"; may be left out
	Opened                period.Date // 0 means always
	Closed                period.Date // the last day it is open; 0 while open
	Geometry              string      // GeoJSON; "" if not known
}

// An OrgUnitLevel names a level of the tree.
type OrgUnitLevel struct {
	ID         UID
	Code, Name string
	Level      int // 1 for the roots
}

// A Constant is a named number for use in expressions.
type Constant struct {
	ID         UID
	Code, Name string
	Value      decimal.Decimal
}
