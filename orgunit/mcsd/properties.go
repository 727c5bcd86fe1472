package mcsd

import (
	"encoding/json"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// properties adds the properties of one unit.
type properties struct {
	ref hmis.Ref
	md  *hmis.Metadata
}

// set adds a property unless its value is empty.
func (p *properties) set(name, value string) {
	if value != "" {
		p.md.Properties = append(p.md.Properties, hmis.Property{Object: p.ref, Name: name, Value: value})
	}
}

// meta adds the members of meta, such as the version, as properties.
func (p *properties) meta(typ string, r *resource) {
	p.set(typ+".meta", metaJSON(r, nil))
}

// rest adds the members that org units have no field for. Simple contacts get
// the property names that DHIS2 uses (RULES.md#contacts).
func (p *properties) rest(typ string, r *resource) {
	for _, m := range r.rest {
		if typ == "Location" {
			switch m.name {
			case "description":
				p.set("description", m.raw)
				continue
			case "telecom":
				m.raw = p.telecom(m.raw)
			case "address":
				if text, ok := addressText(m.raw); ok {
					p.set("address", quoted(text))
					continue
				}
			}
		}
		p.set(typ+"."+m.name, m.raw)
	}
}

// contactFields pairs each system of telecom with the DHIS2 field for it.
var contactFields = [...]struct{ system, property string }{
	{"phone", "phoneNumber"}, {"email", "email"}, {"url", "url"},
}

// telecom adds the first simple phone number, e-mail address and URL as
// properties. It returns the rest of the list.
func (p *properties) telecom(raw string) string {
	var rest []string
	seen := map[string]bool{}
	err := parse([]byte(raw), func(d decoder) {
		for d.Array(); d.Entry(); {
			var system, value string
			more := false
			raw := string(d.replay(func() {
				d.members(func(name string) {
					switch {
					case name == "system" && d.Peek() == '"':
						system = d.Text()
					case name == "value" && d.Peek() == '"':
						value = d.Text()
					default:
						more = true
						d.Skip()
					}
				})
			}))
			property := ""
			for _, f := range contactFields {
				if f.system == system {
					property = f.property
				}
			}
			if more || property == "" || value == "" || seen[property] {
				rest = append(rest, raw)
				continue
			}
			seen[property] = true
			p.set(property, quoted(value))
		}
	})
	switch {
	case err != nil:
		return raw
	case len(rest) == 0:
		return ""
	}
	return array(rest)
}

// addressText returns the text of an address. ok is false if the address has
// other members.
func addressText(raw string) (text string, ok bool) {
	ok = true
	err := parse([]byte(raw), func(d decoder) {
		d.members(func(name string) {
			if name == "text" && d.Peek() == '"' {
				text = d.Text()
			} else {
				ok = false
				d.Skip()
			}
		})
	})
	return text, ok && err == nil && text != ""
}

// The values of properties are JSON.

// quoted returns s as a JSON string.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // encoding a string cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// array returns a JSON array of values.
func array(values []string) string { return "[" + strings.Join(values, ",") + "]" }

// texts returns a JSON array of strings.
func texts(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quoted(s)
	}
	return array(out)
}

// referenceOf returns a reference in JSON, or "" if there is none.
func referenceOf(typ string, r reference) string {
	switch {
	case r.raw != "":
		return r.raw
	case r.id != "":
		return `{"reference":"` + typ + "/" + r.id + `"}`
	}
	return ""
}
