package mcsd

import "unsafe"

// A resource is a Location, an Organization or an affiliation. Members that have
// no field here are in rest, as they were written.
type resource struct {
	kind   kind
	id     string
	offset int64 // in the input

	stamps
	naming
	typing
	site
	active            active // of an Organization
	partOf, managedBy reference
	extensions        []string
	rest              []member
}

// stamps are the members of meta.
type stamps struct {
	updated, version string
	profiles         []string // but those of the kind of unit
	meta             []member // other members
}

// naming is what a resource is called.
type naming struct {
	name        string
	aliases     []string
	identifiers []identifier
}

// typing is the member type.
type typing struct {
	types    int // concepts of whatever form
	codings  []coding
	concepts []string // concepts that are not simply codings, as written
}

// A site is what only a Location has.
type site struct {
	status              string // "active", "suspended", "inactive"
	physical            string // the code of physicalType if it has the usual form
	longitude, latitude string // of position, as written
	boundary            string // GeoJSON
	opened, closed      string // of the extension for opening and closing dates
}

// A kind is a type of resource.
type kind uint8

const (
	location kind = iota
	organization
	affiliation
)

func (k kind) String() string {
	return [...]string{"Location", "Organization", "OrganizationAffiliation"}[k]
}

// active is the boolean of that name, which may be absent.
type active uint8

const (
	unsaid active = iota
	isActive
	isInactive
)

// A reference points at a resource.
type reference struct {
	id  string // "" if there is none of the right type
	raw string // as written, if there is more to it than a reference to id
}

func (r reference) isZero() bool { return r == reference{} }

// An identifier is one of the names that others know a resource by.
type identifier struct {
	use, system, value string
	raw                string // as written, if it has more members than these
}

// A coding is a code of a code system. Concept is its place in type.
type coding struct {
	system, code, display string
	concept               int
}

// A member is one member of an object, its value as written.
type member struct{ name, raw string }

// size returns how much memory an entry takes.
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

// has reports whether the resource has a code as one of its types.
func (r *resource) has(code string) bool {
	for i := range r.codings {
		if r.codings[i].code == code && r.codings[i].system == TypeSystem {
			return true
		}
	}
	return false
}
