package terminology

import (
	"io"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis/terminology/internal/tree"
)

// Limits of one file.
const (
	maxBytes = 64 << 20
	maxNodes = 4 << 20
	maxDepth = 100
)

// Read reads a CodeSystem, ValueSet or ConceptMap of FHIR R4 or R5, or a Bundle
// of them. The input is JSON or XML, plain or compressed by gzip. Resources of
// other types are counted and skipped, and members without a field in this
// package are skipped. The error is an *[hmis.Issue] with the FHIRPath and the
// byte offset of the fault.
func Read(r io.Reader) (Resources, error) {
	root, err := tree.Read(r, tree.Limits{Bytes: maxBytes, Nodes: maxNodes, Depth: maxDepth})
	if err != nil {
		return Resources{}, err
	}
	var out Resources
	if err := out.read(root, true); err != nil {
		return Resources{}, err
	}
	return out, nil
}

// read adds a resource. A bundle in a bundle is skipped.
func (rs *Resources) read(n *tree.Node, bundles bool) error {
	typ := ""
	if err := n.String("resourceType", &typ); err != nil {
		return err
	}
	d := decoder{}
	switch {
	case typ == "":
		return n.Fail("want a resource with a resourceType")
	case typ == "Bundle" && bundles:
		return n.Each("entry", func(entry *tree.Node) error {
			return entry.Each("resource", func(n *tree.Node) error { return rs.read(n, false) })
		})
	case typ == "CodeSystem":
		rs.CodeSystems = append(rs.CodeSystems, d.codeSystem(n))
	case typ == "ValueSet":
		rs.ValueSets = append(rs.ValueSets, d.valueSet(n))
	case typ == "ConceptMap":
		rs.ConceptMaps = append(rs.ConceptMaps, d.conceptMap(n))
	default:
		if rs.Skipped == nil {
			rs.Skipped = map[string]int{}
		}
		rs.Skipped[typ]++
	}
	return d.err
}

// A decoder reads resources and keeps the first error.
type decoder struct{ err error }

func (d *decoder) note(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *decoder) text(n *tree.Node, name string) (s string) {
	d.note(n.String(name, &s))
	return s
}

func (d *decoder) truth(n *tree.Node, name string) (b bool) {
	d.note(n.Bool(name, &b))
	return b
}

func (d *decoder) each(n *tree.Node, name string, f func(*tree.Node)) {
	d.note(n.Each(name, func(k *tree.Node) error {
		f(k)
		return d.err
	}))
}

func (d *decoder) header(n *tree.Node) Header {
	h := Header{
		ID: d.text(n, "id"), URL: d.text(n, "url"), Version: d.text(n, "version"), Name: d.text(n, "name"), Title: d.text(n, "title"),
		Status: d.text(n, "status"), Date: d.text(n, "date"), Publisher: d.text(n, "publisher"), Description: d.text(n, "description"),
		Experimental: d.truth(n, "experimental"),
	}
	d.each(n, "extension", func(k *tree.Node) {
		if p, ok := d.property(k, "url"); ok {
			h.Extensions = append(h.Extensions, p)
		}
	})
	return h
}

// property reads an object with a name and a member value[x]. ok is false if
// the value has no text.
func (d *decoder) property(n *tree.Node, name string) (p Property, ok bool) {
	p.Code = d.text(n, name)
	p.Type, p.Value, p.System, ok = n.Value()
	return p, ok
}

func (d *decoder) properties(n *tree.Node, name string) (list []Property) {
	d.each(n, name, func(k *tree.Node) {
		if p, ok := d.property(k, "code"); ok {
			list = append(list, p)
		}
	})
	return list
}

func (d *decoder) codeSystem(n *tree.Node) CodeSystem {
	s := CodeSystem{
		Header: d.header(n), Content: d.text(n, "content"), Supplements: d.text(n, "supplements"), ValueSet: d.text(n, "valueSet"),
	}
	if n.Get("caseSensitive") != nil {
		b := d.truth(n, "caseSensitive")
		s.CaseSensitive = &b
	}
	s.Concepts = d.concepts(n)
	return s
}

func (d *decoder) concepts(n *tree.Node) (list []Concept) {
	d.each(n, "concept", func(k *tree.Node) {
		c := Concept{Code: d.text(k, "code"), Display: d.text(k, "display"), Definition: d.text(k, "definition")}
		if c.Code == "" {
			d.note(k.Fail("want a code"))
		}
		d.each(k, "designation", func(g *tree.Node) {
			one := Designation{Language: d.text(g, "language"), Value: d.text(g, "value")}
			d.each(g, "use", func(u *tree.Node) { one.Use = d.text(u, "code") })
			c.Designations = append(c.Designations, one)
		})
		c.Properties = d.properties(k, "property")
		c.Concepts = d.concepts(k)
		list = append(list, c)
	})
	return list
}

func (d *decoder) valueSet(n *tree.Node) ValueSet {
	v := ValueSet{Header: d.header(n)}
	d.each(n, "compose", func(k *tree.Node) {
		d.each(k, "include", func(s *tree.Node) { v.Include = append(v.Include, d.selection(s)) })
		d.each(k, "exclude", func(s *tree.Node) { v.Exclude = append(v.Exclude, d.selection(s)) })
	})
	d.each(n, "expansion", func(k *tree.Node) {
		if v.Expansion != nil {
			d.note(k.Fail("want it once"))
		}
		v.Expansion = d.expansion(k)
	})
	return v
}

func (d *decoder) selection(n *tree.Node) Selection {
	s := Selection{System: d.text(n, "system"), Version: d.text(n, "version")}
	d.each(n, "concept", func(k *tree.Node) {
		c := Coding{System: s.System, Code: d.text(k, "code"), Display: d.text(k, "display")}
		if c.Code == "" {
			d.note(k.Fail("want a code"))
		}
		s.Concepts = append(s.Concepts, c)
	})
	d.each(n, "filter", func(k *tree.Node) {
		f := Filter{d.text(k, "property"), d.text(k, "op"), d.text(k, "value")}
		if f.Property == "" || f.Op == "" {
			d.note(k.Fail("want a property and an op"))
		}
		s.Filters = append(s.Filters, f)
	})
	d.each(n, "valueSet", func(k *tree.Node) { s.ValueSets = append(s.ValueSets, k.Text) })
	if len(s.Concepts)+len(s.Filters) > 0 && s.System == "" {
		d.note(n.Fail("want a system for concepts and filters"))
	}
	return s
}

func (d *decoder) expansion(n *tree.Node) *Expansion {
	e := &Expansion{}
	if at := d.text(n, "timestamp"); at != "" {
		t, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t, err = time.Parse(time.DateOnly, at)
		}
		if err != nil {
			d.note(n.Get("timestamp").Fail("%q: want a moment such as 2026-01-10T09:00:00Z", at))
		}
		e.At = t
	}
	d.note(n.Int("total", &e.Total))
	offset := 0
	d.note(n.Int("offset", &offset))
	d.contains(n, &e.Codes)
	e.partial = offset > 0 || e.Total > len(e.Codes) && e.Total > count(n)
	return e
}

// count returns the number of items in an expansion, including those that may
// not be chosen.
func count(n *tree.Node) (items int) {
	_ = n.Each("contains", func(k *tree.Node) error {
		items += 1 + count(k)
		return nil
	})
	return items
}

func (d *decoder) contains(n *tree.Node, to *[]Coding) {
	d.each(n, "contains", func(k *tree.Node) {
		c := Coding{d.text(k, "system"), d.text(k, "version"), d.text(k, "code"), d.text(k, "display")}
		if !d.truth(k, "abstract") && c.Code != "" {
			*to = append(*to, c)
		}
		d.contains(k, to)
	})
}

// split splits a canonical reference into its URL and version.
func split(canonical string) (url, version string) {
	url, version, _ = strings.Cut(canonical, "|")
	return url, version
}
