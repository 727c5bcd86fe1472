package mcsd

import "unsafe"

// A resource is a Location, an Organization or an affiliation. rest has the
// members without a field here, as they were written.
type resource struct {
	kind   kind
	id     string
	offset int64 // byte offset in the input

	stamps
	naming
	typing
	site
	active            active // of an Organization only
	partOf, managedBy reference
	extensions        []string
	rest              []member
}

// stamps holds the members of meta.
type stamps struct {
	updated, version string
	profiles         []string // without those that every unit of its kind has
	meta             []member // the remaining members of meta
}

// naming holds the name, aliases and identifiers of a resource.
type naming struct {
	name        string
	aliases     []string
	identifiers []identifier
}

// typing holds the member type.
type typing struct {
	types    int // number of concepts, whatever their form
	codings  []coding
	concepts []string // concepts that are not only codings, as written
}

// A site holds the members that only a Location has.
type site struct {
	status              string // "active", "suspended", "inactive"
	physical            string // code of physicalType, if that has the usual form
	longitude, latitude string // members of position, as written
	boundary            string // GeoJSON geometry
	opened, closed      string // dates of the operating-period extension
}

// A kind is a resource type.
type kind uint8

const (
	location kind = iota
	organization
	affiliation
)

func (k kind) String() string {
	return [...]string{"Location", "Organization", "OrganizationAffiliation"}[k]
}

// active is the FHIR boolean "active", which may be absent.
type active uint8

const (
	unsaid active = iota
	isActive
	isInactive
)

// A reference is a FHIR reference to another resource.
type reference struct {
	id  string // "" if none refers to the right type
	raw string // as written, if it has more than the reference to id
}

func (r reference) isZero() bool { return r == reference{} }

// An identifier is a name for a resource in some system.
type identifier struct {
	use, system, value string
	raw                string // as written, if it has members other than these
}

// A coding is a code of a code system. concept is the index of its concept in
// type.
type coding struct {
	system, code, display string
	concept               int
}

// A member is one member of an object, with its value as written.
type member struct{ name, raw string }

// size estimates how much memory an entry takes.
func (e *entry) size() int {
	n := int(unsafe.Sizeof(*e)) + len(e.id) + len(e.updated) + len(e.name) + len(e.boundary) + len(e.partOf.id) + len(e.managedBy.id) +
		len(e.partOf.raw) + len(e.managedBy.raw) + len(e.longitude) + len(e.latitude)
	for i := range e.identifiers {
		n += int(unsafe.Sizeof(identifier{})) + len(e.identifiers[i].value) + len(e.identifiers[i].raw)
	}
	for _, s := range e.aliases {
		n += 16 + len(s)
	}
	n += len(e.codings) * int(unsafe.Sizeof(coding{}))
	for _, list := range [][]string{e.profiles, e.concepts, e.extensions} {
		for _, s := range list {
			n += 16 + len(s)
		}
	}
	for _, list := range [][]member{e.meta, e.rest} {
		for _, m := range list {
			n += 32 + len(m.raw)
		}
	}
	return n
}

// has reports whether code is one of the types of the resource.
func (r *resource) has(code string) bool {
	for i := range r.codings {
		if r.codings[i].code == code && r.codings[i].system == TypeSystem {
			return true
		}
	}
	return false
}
