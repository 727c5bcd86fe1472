package objects

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A table has kinds as they are written in table.go.
type table []struct{ name, properties string }

// A source says where the value of a property comes from.
type source int

const (
	stored   source = iota // the document of the object
	inverse                // the objects that refer to this one
	computed               // a function or other properties
)

// A property is one member of the objects of a kind.
type property struct {
	name     string
	source   source
	owned    bool // the object itself has it in a metadata file
	simple   bool // text, number, truth value or date
	list     bool
	target   *kind // the kind of the objects or parts that it has, or nil
	isPart   bool  // its values are parts
	member   *property
	def      any
	function string // or "", with the names in args to choose from
	args     []string
	index    int
}

// A kind is a type of object or part.
type kind struct {
	name       string // as in addresses, such as "dataElements"
	class      string // as in messages, such as "DataElement"
	part       bool
	properties []*property
	byName     map[string]*property
}

// byKind has the kinds of table.go.
var byKind = parseKinds()

var propertyLine = regexp.MustCompile(`^(\w+)([$@#]?)(\[?)(='|[=<:]?)(.*)$`)

func parseKinds() map[string]*kind {
	all := map[string]*kind{}
	for i, k := range kinds {
		class := strings.TrimSuffix(k.name, "s")
		if k.name == "categories" {
			class = "category"
		}
		all[k.name] = &kind{name: k.name, class: strings.ToUpper(class[:1]) + class[1:], part: i >= len(kinds)-parts,
			byName: map[string]*property{}}
	}
	for _, line := range kinds {
		k := all[line.name]
		for _, text := range strings.Fields(line.properties) {
			p := parseProperty(all, text)
			p.index = len(k.properties)
			k.properties = append(k.properties, p)
			k.byName[p.name] = p
		}
	}
	for _, line := range kinds { // what needs the properties of other kinds
		for _, p := range all[line.name].properties {
			if p.source == inverse {
				p.member = p.target.byName[p.args[0]]
			}
			if p.source == computed && p.list && p.function == "" { // a copy of a list
				p.target = all[line.name].byName[p.args[0]].target
			}
		}
	}
	return all
}

// parseProperty parses a property as described in table.go.
func parseProperty(all map[string]*kind, text string) *property {
	m := propertyLine.FindStringSubmatch(text)
	if m == nil {
		panic("objects: property " + text)
	}
	p := &property{name: m[1], owned: true, simple: m[2] == "", list: m[3] != "", isPart: m[2] == "#"}
	rest := m[5]
	switch m[4] {
	case ":", "='":
		if err := json.Unmarshal([]byte(rest), &p.def); err != nil {
			panic(fmt.Sprintf("objects: property %s: %v", text, err))
		}
		if m[4] == "='" {
			p.source, p.owned = computed, false
		}
	case "<":
		name, member, _ := strings.Cut(rest, ".")
		p.source, p.owned, p.simple, p.list = inverse, false, false, true
		p.target, p.args = all[name], []string{member}
	case "=":
		p.source, p.owned = computed, false
		if name, arg, is := strings.Cut(rest, "("); is {
			p.function, rest = name, strings.TrimSuffix(arg, ")")
			p.target = all[results[name]]
		}
		p.args = strings.Split(rest, "|")
	default:
		p.target = all[rest]
		if !p.simple && m[2] != "$" && p.target == nil {
			panic("objects: property " + text)
		}
	}
	return p
}

// in reports whether a preset such as "owner" has a property.
func (p *property) in(preset string) bool {
	switch preset {
	case "all", "*":
		return true
	case "simple":
		return p.simple
	case "owner", "persisted":
		return p.owned || p.name == "path" || p.name == "level"
	case "identifiable":
		return slices.Contains(identifiable, p.name)
	case "nameable":
		return slices.Contains(nameable, p.name)
	}
	return false
}

var (
	identifiable = []string{"id", "name", "code", "created", "lastUpdated", "lastUpdatedBy"}
	nameable     = []string{"id", "name", "shortName", "code", "description", "created", "lastUpdated"}
)
