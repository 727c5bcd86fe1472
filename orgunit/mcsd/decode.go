package mcsd

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/orgunit/mcsd/internal/cursor"
)

// A decoder reads entries. Equal strings that intern returns share memory.
type decoder struct {
	*cursor.Cursor
	intern func([]byte) string
}

// members calls f for each member of the next object. f must read the value.
func (d decoder) members(f func(name string)) {
	for d.Object(); ; {
		name, ok := d.Member()
		if !ok {
			return
		}
		f(d.intern(name))
	}
}

// raw returns the next value as written, but without white space.
func (d decoder) raw() string { return compact(d.Skip()) }

// compact removes white space outside of strings.
func compact(text []byte) string {
	out := make([]byte, 0, len(text))
	inside := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inside && c == '\\':
			out = append(out, c)
			i++
			c = text[i]
		case c == '"':
			inside = !inside
		case !inside && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out = append(out, c)
	}
	return string(out)
}

// resource reads a Location, Organization or OrganizationAffiliation.
func (d decoder) resource(r *resource) (other string) {
	switch typ := d.First("resourceType"); typ {
	case "Location":
		r.kind = location
	case "Organization":
		r.kind = organization
	case "OrganizationAffiliation":
		r.kind = affiliation
		d.affiliation(r)
		return ""
	case "":
		at := d.Pos()
		d.Peek()
		d.Failf(at, "want a resource with a resourceType")
		return ""
	default:
		d.Skip()
		return typ
	}
	d.members(func(name string) { d.resourceMember(r, name) })
	return ""
}

func (d decoder) resourceMember(r *resource, name string) {
	switch name {
	case "resourceType":
		d.String()
		return
	case "id":
		r.id = d.Text()
		return
	case "meta":
		d.meta(r)
		return
	case "name":
		r.name = d.Text()
		return
	case "identifier":
		for d.Array(); d.few(len(r.identifiers)) && d.Entry(); {
			r.identifiers = append(r.identifiers, d.identifier())
		}
		return
	case "alias":
		for d.Array(); d.few(len(r.aliases)) && d.Entry(); {
			r.aliases = append(r.aliases, d.Text())
		}
		return
	case "type":
		for d.Array(); d.few(r.types) && d.Entry(); {
			d.concept(r)
			r.types++
		}
		return
	case "partOf":
		r.partOf = d.reference(r.kind.String())
		return
	case "extension":
		for d.Array(); d.few(len(r.extensions)) && d.Entry(); {
			d.extension(r)
		}
		return
	}
	if r.kind == location {
		switch name {
		case "status":
			r.status = d.intern(d.String())
			return
		case "managingOrganization":
			r.managedBy = d.reference("Organization")
			return
		case "physicalType":
			d.physicalType(r)
			return
		case "position":
			d.position(r)
			return
		}
	} else if name == "active" {
		r.active = isInactive
		if d.Bool() {
			r.active = isActive
		}
		return
	}
	r.rest = append(r.rest, member{name, d.raw()})
}

// few reports whether a list may have n entries. It records an error if not:
// lists are compared pair by pair, which would take too long.
func (d decoder) few(n int) bool {
	if n >= maxList {
		d.Failf(d.Pos(), "want at most %d entries", maxList)
	}
	return n < maxList
}

const maxList = 1000

// meta reads when the resource last changed. It leaves out the profiles that
// Write adds itself.
func (d decoder) meta(r *resource) {
	d.members(func(name string) {
		switch name {
		case "versionId":
			r.version = d.intern(d.String())
		case "lastUpdated":
			r.updated = d.intern(d.String())
		case "profile":
			for d.Array(); d.Entry(); {
				if p := d.intern(d.String()); !strings.HasPrefix(p, profileBase) {
					r.profiles = append(r.profiles, p)
				}
			}
		default:
			r.meta = append(r.meta, member{name, d.raw()})
		}
	})
}

// identifier reads an identifier. If it has members without a field here, its
// text is kept too.
func (d decoder) identifier() identifier {
	var n identifier
	more := false
	raw := d.replay(func() {
		d.members(func(name string) {
			switch name {
			case "use":
				n.use = d.intern(d.String())
			case "system":
				n.system = d.intern(d.String())
			case "value":
				n.value = d.Text()
			default:
				more = true
				d.Skip()
			}
		})
	})
	if more {
		n.raw = compact(raw)
	}
	return n
}

// replay calls f, which reads a value, and returns the value as written.
func (d decoder) replay(f func()) []byte {
	d.Peek()
	start := d.Pos()
	f()
	if d.Err() != nil {
		return nil
	}
	return d.Since(start)
}

// concept reads one CodeableConcept of type. If a coding has members other than
// system, code and display, the concept is kept as written.
func (d decoder) concept(r *resource) {
	first := len(r.codings)
	more := false
	raw := d.replay(func() {
		d.members(func(name string) {
			if name != "coding" {
				more = true
				d.Skip()
				return
			}
			for d.Array(); d.few(len(r.codings)) && d.Entry(); {
				n := coding{concept: r.types}
				d.members(func(name string) {
					switch name {
					case "system":
						n.system = d.intern(d.String())
					case "code":
						n.code = d.intern(d.String())
					case "display":
						n.display = d.intern(d.String())
					default:
						more = true
						d.Skip()
					}
				})
				r.codings = append(r.codings, n)
				more = more || n.code == ""
			}
		})
	})
	if more || len(r.codings) == first {
		// The kind of unit counts even in an unusual concept. Its other codings
		// do not become groups.
		kept := r.codings[:first]
		for _, n := range r.codings[first:] {
			if n.system == TypeSystem {
				n.concept = -1 // the concept kept as written has it too
				kept = append(kept, n)
			}
		}
		r.codings = kept
		r.concepts = append(r.concepts, compact(raw))
	}
}

// reference reads a reference to a resource of the given type.
func (d decoder) reference(typ string) reference {
	var r reference
	var ref string
	raw := d.replay(func() {
		d.members(func(name string) {
			if name == "reference" {
				ref = d.Text()
			} else {
				d.Skip()
			}
		})
	})
	if got, id := splitReference(ref); (got == typ || got == "") && validID(id) {
		r.id = id
	} else {
		r.raw = compact(raw)
	}
	return r
}

// physicalType reads physicalType. It keeps only the code if the concept has
// the usual form.
func (d decoder) physicalType(r *resource) {
	raw := compact(d.Skip())
	for _, code := range [...]string{"jdn", "bu"} {
		if raw == physicalType(code) {
			r.physical = code
			return
		}
	}
	r.rest = append(r.rest, member{"physicalType", raw})
}

// physicalType returns the concept of a code of physical types.
func physicalType(code string) string {
	switch code {
	case "jdn":
		return physicalStart + `jdn"}]}`
	case "bu":
		return physicalStart + `bu"}]}`
	}
	return ""
}

const physicalStart = `{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"`

// position reads the position, with numbers as written. A position that does
// not have exactly two or three numbers is kept whole.
func (d decoder) position(r *resource) {
	var longitude, latitude string
	more := false
	raw := d.replay(func() {
		d.members(func(name string) {
			switch name {
			case "longitude":
				longitude = string(d.Number())
			case "latitude":
				latitude = string(d.Number())
			default:
				more = true
				d.Skip()
			}
		})
	})
	r.longitude, r.latitude = longitude, latitude
	if more || longitude == "" || latitude == "" {
		r.rest = append(r.rest, member{"position", compact(raw)})
	}
}

// extension reads the boundary and the opening and closing dates. Other
// extensions, and unreadable ones, are kept as written.
func (d decoder) extension(r *resource) {
	url := d.First("url")
	raw := d.Skip()
	if d.Err() != nil {
		return
	}
	switch {
	case url == boundaryExtension && r.kind == location && r.boundary == "":
		if text, err := readBoundary(raw); err == nil {
			r.boundary = text
			return
		}
	case url == PeriodExtension && r.kind == location && r.opened == "" && r.closed == "":
		if opened, closed, err := readPeriod(raw); err == nil {
			r.opened, r.closed = opened, closed
			return
		}
	}
	r.extensions = append(r.extensions, compact(raw))
}

// affiliation keeps an affiliation as written, and reads the references to its
// two Organizations.
func (d decoder) affiliation(r *resource) {
	raw := d.replay(func() {
		d.members(func(name string) {
			switch name {
			case "id":
				r.id = d.Text()
			case "meta":
				d.meta(r)
			case "organization":
				r.partOf = d.reference("Organization")
			case "participatingOrganization":
				r.managedBy = d.reference("Organization")
			case "active":
				r.active = isInactive
				if d.Bool() {
					r.active = isActive
				}
			case "code":
				for d.Array(); d.few(r.types) && d.Entry(); {
					d.concept(r)
					r.types++
				}
			default:
				d.Skip()
			}
		})
	})
	r.meta, r.profiles, r.concepts = nil, nil, nil
	r.rest = []member{{"", compact(raw)}}
}
