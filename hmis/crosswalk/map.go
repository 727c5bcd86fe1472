package crosswalk

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Map says how the data elements, option combos and org units of one system
// are named and added up in another, such as that of a funder. It is plain data:
// [Map.Check] lists what is doubtful in it, and [Map.Values] translates values.
type Map struct {
	ID, Version    string
	Source, Target string      // the systems, such as the addresses of their servers
	First, Last    period.Date // the days on which the map holds; 0 is no limit

	// From and To are the period types of the source and of the target. If both
	// are 0, periods stay as they are; if only To is 0, it is the same as From
	// (RULES.md#periods).
	From, To period.Type

	Entries  []Entry
	OrgUnits []Pair

	// SameOrgUnits keeps the id of an org unit that OrgUnits does not name.
	// Otherwise its values are not carried over.
	SameOrgUnits bool

	// DefaultCombo is the option combo of the source that means no
	// disaggregation. A value without an option combo is one of it.
	DefaultCombo hmis.UID

	// RequireAll gives no value where a source period is missing. Otherwise the
	// value is made of those that are there, and listed as partial.
	RequireAll bool

	// AllowInexact carries over what is only related to its target. It is the
	// choice of a caller, and no format writes it.
	AllowInexact bool

	// Memory is how many bytes [Map.Values] may hold; 0 means 2 GiB.
	Memory int64

	// Codes and UnitCodes are the code systems by which FHIR names the data and
	// the org units of both sides. FHIR is what else a ConceptMap says of itself;
	// its ID and Version are those of the map.
	Codes, UnitCodes Systems
	FHIR             terminology.Header
}

// Systems are the URIs of two code systems, each with a version behind a bar if
// it has one.
type Systems struct{ Source, Target string }

// An Entry says what one target is made of.
type Entry struct {
	ID       string
	Relation Relation
	From     []Source
	To       hmis.Operand     // OptionCombo "" is the default; no DataElement is no target
	Over     hmis.Aggregation // over time: Sum, Last or Average; "" is Sum
	Integer  bool             // round once, at the end, halves away from zero
	Whole    bool             // the sources together are the whole target
	Comment  string
}

// A Source is one part of a target.
type Source struct {
	hmis.Operand                  // OptionCombo "" is any
	Weight       *decimal.Decimal // nil counts as 1
}

// A Pair renames an org unit. Several sources may share a target.
type Pair struct{ Source, Target hmis.UID }

// The kinds of what a map has beside metadata, in issues.
const (
	KindEntry   hmis.Kind = "entry"
	KindOperand hmis.Kind = "dataElementOperand" // such as fbfJHSPpUQD.pq2XI5kz2BY
)

// refTo returns a reference to an operand. None is the option combo that it has
// if it names none.
func refTo(o hmis.Operand, none hmis.UID) hmis.Ref {
	if o.OptionCombo == "" {
		o.OptionCombo = none
	}
	return hmis.Ref{Kind: KindOperand, ID: o.DataElement + "." + o.OptionCombo}
}

// The option combos that issues write where an operand has none.
const (
	anyCombo     hmis.UID = "*"
	defaultCombo hmis.UID = "default"
)

func refToEntry(id string) hmis.Ref { return hmis.Ref{Kind: KindEntry, ID: hmis.UID(id)} }

func refToUnit(id hmis.UID) hmis.Ref { return hmis.Ref{Kind: hmis.KindOrgUnit, ID: id} }
