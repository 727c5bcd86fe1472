package objects

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// results has the kinds of the objects that functions return.
var results = map[string]string{
	"children": "organisationUnits", "ancestors": "organisationUnits", "first": "legendSets",
	"setElements": "dataSetElement", "combosOf": "categoryCombos",
}

// access is what clients may do here: read.
var access = map[string]any{"manage": false, "write": false, "read": true, "update": false, "delete": false}

// Access returns what clients may do with an object.
func Access() map[string]any { return access }

// functions compute properties. of is the value of the property that the table
// names as argument.
var functions = map[string]func(s *Store, o *Object, of any) any{
	"access":    func(*Store, *Object, any) any { return access },
	"href":      func(_ *Store, o *Object, _ any) any { return href{o} },
	"children":  func(s *Store, o *Object, _ any) any { return list(s.children[o]) },
	"leaf":      func(s *Store, o *Object, _ any) any { return len(s.children[o]) == 0 },
	"ancestors": func(_ *Store, o *Object, _ any) any { return list(ancestors(o)) },
	"level":     func(_ *Store, o *Object, _ any) any { return json.Number(strconv.Itoa(len(ancestors(o)) + 1)) },
	"path":      func(_ *Store, o *Object, _ any) any { return path(o) },
	"default":   func(_ *Store, o *Object, _ any) any { return o.text("name") == "default" },
	"has":       func(_ *Store, _ *Object, of any) any { return of != nil },
	"first": func(_ *Store, _ *Object, of any) any {
		if all, _ := of.([]*Object); len(all) > 0 {
			return all[0]
		}
		return nil
	},
	"form": func(_ *Store, o *Object, _ any) any {
		if sections, _ := o.get("sections").([]*Object); len(sections) > 0 {
			return "SECTION"
		}
		return "DEFAULT"
	},
	"aggregation": func(_ *Store, _ *Object, of any) any { return sharedAggregation(of) },
	"position": func(_ *Store, o *Object, of any) any {
		set, ok := of.(*Object)
		if !ok {
			return nil
		}
		options, _ := set.get("options").([]*Object)
		return json.Number(strconv.Itoa(slices.Index(options, o)))
	},
	"setElements": func(s *Store, o *Object, _ any) any { return list(s.setElements[o]) },
	"combosOf": func(_ *Store, _ *Object, of any) any {
		var combos []*Object
		elements, _ := of.([]*Object)
		for _, e := range elements {
			if combo, ok := e.get("categoryCombo").(*Object); ok && !slices.Contains(combos, combo) {
				combos = append(combos, combo)
			}
		}
		return list(combos)
	},
	"operand":      func(_ *Store, o *Object, _ any) any { return operand(o, ".", "id") },
	"operandName":  func(_ *Store, o *Object, _ any) any { return operand(o, " ", "name") },
	"operandShort": func(_ *Store, o *Object, _ any) any { return operand(o, " ", "shortName", "name") },
}

// An href is the address of an object. It is completed when it is written.
type href struct{ of *Object }

// list returns a list that is never nil, so that it is written.
func list(all []*Object) any {
	if all == nil {
		return []*Object{}
	}
	return all
}

// ancestors returns the units above a unit, the root first. It ends at a unit
// that is below itself.
func ancestors(unit *Object) []*Object {
	var up []*Object
	for o, _ := unit.get("parent").(*Object); o != nil && len(up) < 100; o, _ = o.get("parent").(*Object) {
		up = append(up, o)
	}
	slices.Reverse(up)
	return up
}

func path(unit *Object) string {
	var b strings.Builder
	for _, o := range append(ancestors(unit), unit) {
		b.WriteString("/" + o.id)
	}
	return b.String()
}

// sharedAggregation returns the aggregation type that all elements have.
func sharedAggregation(of any) any {
	var shared any
	elements, _ := of.([]*Object)
	for i, e := range elements {
		if i > 0 && e.get("aggregationType") != shared {
			return nil
		}
		shared = e.get("aggregationType")
	}
	return shared
}

// operand joins the first of some members of the two parts of an operand. An
// option combo that means no disaggregation has no part in a name.
func operand(o *Object, separator string, members ...string) any {
	var texts []string
	for _, name := range []string{"dataElement", "categoryOptionCombo", "attributeOptionCombo"} {
		of, _ := o.get(name).(*Object)
		if of == nil || separator == " " && of.text("name") == "default" {
			continue
		}
		for _, m := range members {
			if text := of.text(m); text != "" {
				texts = append(texts, text)
				break
			}
		}
	}
	return strings.Join(texts, separator)
}
