package crosswalk

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Map says how one system's data elements, option combos and org units are
// named and added up in another system, such as that of a funder. It is plain
// data: [Map.Check] lists problems in it, and [Map.Values] translates values.
type Map struct {
	ID, Version    string
	Source, Target string      // names of the systems, such as their URLs
	First, Last    period.Date // the days on which the map is valid; 0 means no limit

	// From and To are the period types of the source and of the target. If both
	// are 0, periods are not changed. If only To is 0, it is the same as From
	// (RULES.md#periods).
	From, To period.Type

	Entries  []Entry
	OrgUnits []Pair

	// SameOrgUnits keeps the id of an org unit that OrgUnits does not name.
	// Otherwise the values of such a unit are lost.
	SameOrgUnits bool

	// DefaultCombo is the option combo of the source that means no
	// disaggregation. It is assumed for a value without an option combo.
	DefaultCombo hmis.UID

	// RequireAll makes no value if a source period is missing. Otherwise the
	// value is made from the periods that have data, and is listed as partial.
	RequireAll bool

	// AllowInexact also translates values that are only related to their
	// target. Callers must set it: no file format includes it.
	AllowInexact bool

	// Memory limits the bytes that [Map.Values] may hold; 0 means 2 GiB.
	Memory int64

	// Codes and UnitCodes are the FHIR code systems of the data and of the org
	// units, for both systems. FHIR has the other header fields of a
	// ConceptMap; its ID and Version are those of the map.
	Codes, UnitCodes Systems
	FHIR             terminology.Header
}

// Systems has the URIs of two code systems. A version follows after a bar, if
// there is one.
type Systems struct{ Source, Target string }

// An Entry says which sources make up one target.
type Entry struct {
	ID       string
	Relation Relation
	From     []Source
	To       hmis.Operand     // OptionCombo "" is the default; no DataElement means no target
	Over     hmis.Aggregation // aggregation over time: Sum, Last or Average; "" is Sum
	Integer  bool             // round the result once, with halves away from zero
	Whole    bool             // the sources together make up the whole target
	Comment  string
}

// A Source is one part of a target.
type Source struct {
	hmis.Operand                  // OptionCombo "" means any
	Weight       *decimal.Decimal // nil counts as 1
}

// A Pair maps an org unit of the source to one of the target. Several sources
// may have the same target.
type Pair struct{ Source, Target hmis.UID }

// Kinds of objects in issues that are not metadata.
const (
	KindEntry   hmis.Kind = "entry"
	KindOperand hmis.Kind = "dataElementOperand" // such as fbfJHSPpUQD.pq2XI5kz2BY
)

// refTo returns a reference to an operand. If the operand has no option combo,
// the parameter none is used in its place.
func refTo(o hmis.Operand, none hmis.UID) hmis.Ref {
	if o.OptionCombo == "" {
		o.OptionCombo = none
	}
	return hmis.Ref{Kind: KindOperand, ID: o.DataElement + "." + o.OptionCombo}
}

// Placeholders in issues for a missing option combo.
const (
	anyCombo     hmis.UID = "*"
	defaultCombo hmis.UID = "default"
)

func refToEntry(id string) hmis.Ref { return hmis.Ref{Kind: KindEntry, ID: hmis.UID(id)} }

func refToUnit(id hmis.UID) hmis.Ref { return hmis.Ref{Kind: hmis.KindOrgUnit, ID: id} }
