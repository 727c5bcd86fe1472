package terminology

import (
	"cmp"

	"github.com/ohie-hmis/hmis-go/hmis/terminology/internal/tree"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// propertyExtension is the extension in which R4 holds the target properties
// that only R5 has as members. FHIR defines such extensions for differences
// between releases.
const propertyExtension = "http://hl7.org/fhir/5.0/StructureDefinition/extension-ConceptMap.group.element.target.property"

// conceptMap reads a map of R4 or R5. The releases use different names for some
// members; both are read in either release.
func (d *decoder) conceptMap(n *tree.Node) ConceptMap {
	m := ConceptMap{Header: d.header(n)}
	for _, name := range []string{"sourceScopeUri", "sourceScopeCanonical", "sourceUri", "sourceCanonical"} {
		m.Source = cmp.Or(m.Source, d.text(n, name))
	}
	for _, name := range []string{"targetScopeUri", "targetScopeCanonical", "targetUri", "targetCanonical"} {
		m.Target = cmp.Or(m.Target, d.text(n, name))
	}
	d.each(n, "group", func(k *tree.Node) {
		g := MapGroup{}
		g.Source, g.SourceVersion = split(d.text(k, "source"))
		g.Target, g.TargetVersion = split(d.text(k, "target"))
		g.SourceVersion = cmp.Or(g.SourceVersion, d.text(k, "sourceVersion"))
		g.TargetVersion = cmp.Or(g.TargetVersion, d.text(k, "targetVersion"))
		d.each(k, "element", func(e *tree.Node) { g.Elements = append(g.Elements, d.element(e)) })
		d.each(k, "unmapped", func(u *tree.Node) { g.Unmapped = d.unmapped(u) })
		m.Groups = append(m.Groups, g)
	})
	return m
}

func (d *decoder) element(n *tree.Node) MapElement {
	e := MapElement{Code: d.text(n, "code"), Display: d.text(n, "display"), NoMap: d.truth(n, "noMap")}
	if e.Code == "" {
		d.note(n.Fail("want a code"))
	}
	d.each(n, "target", func(k *tree.Node) { e.Targets = append(e.Targets, d.target(k)) })
	if len(e.Targets) == 1 && !e.NoMap && e.Targets[0].saysNothing() {
		e.NoMap, e.Targets = true, nil // R4 writes a code without target this way
	}
	if e.NoMap && len(e.Targets) > 0 {
		d.note(n.Fail("code %s: want no target where noMap is true", quote.Text(e.Code)))
	}
	return e
}

// saysNothing reports whether a target only states that there is no target.
func (t *MapTarget) saysNothing() bool {
	return t.Relation == Unrelated && t.Code == "" && t.Display == "" && t.Comment == "" &&
		len(t.DependsOn)+len(t.Product)+len(t.Properties) == 0
}

func (d *decoder) target(n *tree.Node) MapTarget {
	t := MapTarget{Code: d.text(n, "code"), Display: d.text(n, "display"), Comment: d.text(n, "comment")}
	word := "relationship"
	if n.Get(word) == nil {
		word = "equivalence"
	}
	given := Relation(d.text(n, word))
	in5, ok := given.R5()
	if !ok {
		at := n
		if k := n.Get(word); k != nil {
			at = k
		}
		d.note(at.Fail("%s: want a relationship or equivalence of a ConceptMap", quote.Text(given)))
	}
	t.Relation = in5
	if t.Code == "" && in5 != Unrelated && ok {
		d.note(n.Fail("a target without code that is %s: want a code", in5))
	}
	t.DependsOn, t.Product = d.dependencies(n, "dependsOn"), d.dependencies(n, "product")
	t.Properties = d.properties(n, "property")
	d.each(n, "extension", func(k *tree.Node) {
		if d.text(k, "url") != propertyExtension {
			return
		}
		var p Property
		d.each(k, "extension", func(part *tree.Node) {
			typ, text, system, _ := part.Value()
			switch d.text(part, "url") {
			case "code":
				p.Code = text
			case "value":
				p.Type, p.Value, p.System = typ, text, system
			}
		})
		t.Properties = append(t.Properties, p)
	})
	return t
}

// dependencies reads a list of dependencies. R5 calls the members attribute and
// value[x]; R4 calls them property, system and value.
func (d *decoder) dependencies(n *tree.Node, name string) (list []Property) {
	d.each(n, name, func(k *tree.Node) {
		p := Property{Code: cmp.Or(d.text(k, "attribute"), d.text(k, "property")), Type: "string"}
		if typ, text, system, ok := k.Value(); ok {
			p.Type, p.Value, p.System = typ, text, system
		} else if p.Value, p.System = d.text(k, "value"), d.text(k, "system"); p.System != "" {
			p.Type = "Coding"
		}
		if p.Code == "" || p.Value == "" {
			d.note(k.Fail("want an attribute and a value"))
		}
		list = append(list, p)
	})
	return list
}

func (d *decoder) unmapped(n *tree.Node) *Unmapped {
	u := &Unmapped{
		Mode: d.text(n, "mode"), Code: d.text(n, "code"), Display: d.text(n, "display"),
		Map: cmp.Or(d.text(n, "otherMap"), d.text(n, "url")),
	}
	if given := Relation(d.text(n, "relationship")); given != "" {
		in5, ok := given.R5()
		if !ok {
			d.note(n.Fail("%s: want a relationship of a ConceptMap", quote.Text(given)))
		}
		u.Relation = in5
	}
	switch u.Mode {
	case "provided":
		u.Mode = "use-source-code" // the name of this mode in R5
	case "use-source-code", "other-map":
	case "fixed":
		if u.Code == "" {
			d.note(n.Fail("mode fixed: want a code"))
		}
	default:
		d.note(n.Fail("mode %s: want fixed, use-source-code, provided or other-map", quote.Text(u.Mode)))
	}
	return u
}
