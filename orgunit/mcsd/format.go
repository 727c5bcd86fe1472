package mcsd

import (
	"io"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/cancel"
	"github.com/ohie-hmis/hmis-go/internal/madeid"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Format says how org units are written in FHIR. The zero Format reads what
// any directory sends.
type Format struct {
	// System is the system of the identifier that is the code of a unit. If it
	// is empty, the first official identifier is the code, or else the first.
	System string

	// Base is the URL of the directory that is written, such as
	// "https://fhir.moh.example.org". Full URLs, and the code systems of group
	// sets that have none of their own, begin with it.
	Base string

	// Bundle is the type of bundle that is written: "transaction", which feeds
	// a directory; "searchset", "history" or "collection". "" is transaction.
	Bundle string

	// Facilities is the group set whose members are written as facilities; so
	// are units without children, and units below a facility.
	Facilities hmis.UID

	// OrganizationsLead makes the Organizations decide where the two trees
	// disagree; otherwise the Locations do.
	OrganizationsLead bool

	// CloseSuspended closes units whose Location is suspended. Otherwise they
	// stay open, and the status is kept.
	CloseSuspended bool

	// Wards reads Locations within a facility as org units too. Otherwise wards,
	// rooms and vehicles are skipped, and reported.
	Wards bool

	// Today is the day on which a unit counts as closed. 0 is the current day.
	Today period.Date

	// Warn, if not nil, is called for each broken rule, and the resource is
	// still used. If Warn is nil, a severe finding stops the work, with all
	// findings as hmis.Issues.
	Warn func(hmis.Issue)

	// Reject, if not nil, is called for each resource that is not used, with
	// the reason. If Reject is nil, the first such resource ends the work.
	Reject func(hmis.Ref, error)
}

// The code systems and extensions of the profile and of this package.
const (
	// TypeSystem is the code system of "jurisdiction" and "facility".
	TypeSystem = "https://profiles.ihe.net/ITI/mCSD/CodeSystem/IHE.mCSD.Organization.Location.Types"

	// PeriodExtension is the extension of a Location for its opening and closing
	// dates, for which FHIR has no member. Its value is a Period; the last day is
	// included.
	PeriodExtension = home + "/StructureDefinition/operating-period"

	home              = "https://github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	profileBase       = "https://profiles.ihe.net/ITI/mCSD/StructureDefinition/IHE.mCSD."
	boundaryExtension = "http://hl7.org/fhir/StructureDefinition/location-boundary-geojson"
	unknownSystem     = "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"
	unknownCode       = "UNK"
)

// The kinds of resources, in the [hmis.Ref] of a finding.
const (
	KindLocation     hmis.Kind = "Location"
	KindOrganization hmis.Kind = "Organization"
	KindAffiliation  hmis.Kind = "OrganizationAffiliation"
)

// The ids of objects that reading creates. They are the same each time.
var (
	// Jurisdictions and Facilities are the org unit groups of the two kinds.
	Jurisdictions = madeUID(TypeSystem + "|jurisdiction")
	Facilities    = madeUID(TypeSystem + "|facility")

	// LocationID and OrganizationID are attributes for FHIR ids that differ
	// from the id of the unit. Used as a scheme, they look up units by FHIR id.
	LocationID     = madeUID("FHIR Location.id")
	OrganizationID = madeUID("FHIR Organization.id")
)

// UIDOf returns the id of the org unit for a Location with this FHIR id. It is
// the FHIR id itself if that is a valid UID. Otherwise it is derived from the
// FHIR id and is the same each time.
func UIDOf(id string) hmis.UID {
	if uid, err := hmis.ParseUID(id); err == nil {
		return uid
	}
	return madeUID("FHIR " + id)
}

// madeUID returns a UID made from a text, the same one each time.
func madeUID(text string) hmis.UID { return hmis.UID(madeid.Of(text)) }

// Read reads a bundle in JSON as org units, with groups for their types. See
// [Format.Metadata] for what becomes what.
func (f Format) Read(r io.Reader) (hmis.Metadata, error) {
	b, err := ReadBundle(r)
	if err != nil {
		return hmis.Metadata{}, err
	}
	return f.Metadata(cancel.Context(r), b)
}

func (f Format) today() period.Date {
	if f.Today != 0 {
		return f.Today
	}
	return period.DateAt(time.Now())
}

// base returns the prefix of the URLs of our own code systems.
func (f Format) base() string {
	if f.Base != "" {
		return f.Base
	}
	return home
}

// codeSystem returns the system of identifiers that are codes of units.
func (f Format) codeSystem() string {
	if f.System != "" {
		return f.System
	}
	return f.base() + "/identifier/code"
}
