package mcsd

import (
	"encoding/json"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// apply restores on the resources what a property of the unit says about them.
func (s *splitter) apply(p *hmis.Property, l, o *resource) error {
	raw := []byte(p.Value)
	for _, f := range contactFields {
		if p.Name == f.property {
			return contact(l, f.system, raw)
		}
	}
	switch p.Name {
	case "description":
		return l.keep("description", raw)
	case "address":
		text, err := textOf(raw)
		if err == nil && text != "" {
			err = l.keep("address", []byte(object(appendMember(nil, "text", text))))
		}
		return err
	}
	typ, name, _ := strings.Cut(p.Name, ".")
	r := l
	switch typ {
	case "Location":
	case "Organization":
		r = o
	default:
		return nil // a property of another format
	}
	switch name {
	case "untyped", "parent", "codeSystem", "active": // read elsewhere
		return nil
	case "name":
		return r.setText(&r.name, raw)
	case "status":
		return r.setStatus(raw)
	case "alias":
		var more []string
		err := json.Unmarshal(raw, &more)
		r.aliases = append(r.aliases, more...)
		return err
	case "physicalType":
		r.physical = ""
		var code string
		for _, usual := range [...]string{"jdn", "bu"} {
			if p.Value == physicalType(usual) {
				code = usual
			}
		}
		if r.physical = code; code == "" {
			return r.keep(name, raw)
		}
		return nil
	case "managingOrganization", "partOf":
		to := &r.partOf
		if name == "managingOrganization" {
			to = &r.managedBy
		}
		*to = reference{}
		return parse(raw, func(d decoder) {
			if d.Peek() == 'n' {
				d.Skip()
			} else {
				*to = d.reference(map[bool]string{true: "Location", false: "Organization"}[r == l && name == "partOf"])
			}
		})
	case "identifier":
		if r == o {
			r.identifiers = nil
		}
		return parse(raw, func(d decoder) {
			for d.Array(); d.Entry(); {
				n := d.identifier()
				if r == l { // the identifier that is the code exists already
					r.identifiers = dropCode(r.identifiers, n)
				}
				r.identifiers = append(r.identifiers, n)
			}
		})
	case "type":
		return r.setTypes(raw, r == o)
	case "meta":
		return parse(raw, func(d decoder) { d.meta(r) })
	case "extension":
		return parse(raw, func(d decoder) {
			for d.Array(); d.Entry(); {
				r.extensions = append(r.extensions, d.raw())
			}
		})
	case "position":
		return r.setPosition(raw)
	case "telecom":
		var kept []string
		err := parse(raw, func(d decoder) {
			for d.Array(); d.Entry(); {
				kept = append(kept, d.raw())
			}
		})
		if err != nil {
			return r.keep("telecom", raw)
		}
		if len(kept) > 0 {
			r.addContacts(strings.Join(kept, ","))
		}
		return nil
	}
	return r.keep(name, raw)
}

// dropCode removes the code from a list if n is the same identifier.
func dropCode(list []identifier, n identifier) []identifier {
	if len(list) > 0 && list[0].raw == "" && list[0].use == "official" && list[0].system == n.system && list[0].value == n.value {
		return list[1:]
	}
	return list
}

// keep adds a member as written. It returns an error if raw is not JSON.
func (r *resource) keep(name string, raw []byte) error {
	if err := parse(raw, func(d decoder) { d.Skip() }); err != nil {
		return err
	}
	r.rest = append(r.rest, member{name, compact(raw)})
	return nil
}

func textOf(raw []byte) (s string, err error) {
	err = parse(raw, func(d decoder) { s = d.Text() })
	return s, err
}

func (r *resource) setText(to *string, raw []byte) (err error) {
	*to, err = textOf(raw)
	return err
}

// setStatus restores a status other than active and inactive. If the unit has
// closed since, it stays inactive.
func (r *resource) setStatus(raw []byte) error {
	s, err := textOf(raw)
	if r.status == "active" || s == "suspended" {
		r.status = s
	}
	return err
}

// setTypes adds concepts to the types. If all is true, they replace all types.
func (r *resource) setTypes(raw []byte, all bool) error {
	if all {
		r.codings, r.types = nil, 0
	}
	first := len(r.codings)
	err := parse(raw, func(d decoder) {
		for d.Array(); d.Entry(); {
			d.concept(r)
			r.types++
		}
	})
	// A stored concept that names the kind of unit replaces the one that we
	// would write.
	for _, n := range r.codings[first:] {
		if n.concept < 0 && !all {
			for i, own := range r.codings[:first] {
				if own.system == n.system && own.code == n.code {
					r.codings[i].concept = -1
				}
			}
		}
	}
	return err
}

// setPosition restores a position next to a boundary. It also restores one with
// more than two numbers if it still matches the unit.
func (r *resource) setPosition(raw []byte) error {
	var p resource
	if err := parse(raw, func(d decoder) { d.position(&p) }); err != nil {
		return err
	}
	if r.boundary == "" && r.longitude != "" && (p.longitude != r.longitude || p.latitude != r.latitude) {
		return nil
	}
	r.longitude, r.latitude = p.longitude, p.latitude
	r.rest = append(r.rest, p.rest...)
	return nil
}

// contact adds a simple contact to telecom.
func contact(r *resource, system string, raw []byte) error {
	value, err := textOf(raw)
	if err == nil && value != "" {
		r.addContacts(object(appendMember(appendMember(nil, "system", system), "value", value)))
	}
	return err
}

// addContacts adds entries to telecom.
func (r *resource) addContacts(raw string) {
	for i, m := range r.rest {
		if list, ok := strings.CutSuffix(m.raw, "]"); ok && m.name == "telecom" {
			r.rest[i].raw = list + "," + raw + "]"
			return
		}
	}
	r.rest = append(r.rest, member{"telecom", "[" + raw + "]"})
}
