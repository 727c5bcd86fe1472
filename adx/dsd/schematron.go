package dsd

import (
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
)

// WriteSchematron writes an ISO Schematron: the dimensions that each data
// element must have or must not have. A schema cannot express these
// (RULES.md#schemas). If the definition does not state them, the pattern is
// empty.
func (d *Definition) WriteSchematron(w io.Writer) error {
	p := newPrinter(w)
	p.begin("sch:schema", "xmlns:sch", "http://purl.oclc.org/dsdl/schematron", "queryBinding", "xslt")
	p.text("sch:title", "Dimensions of the data elements of "+d.main.id)
	p.empty("sch:ns", "prefix", "adx", "uri", adx.Namespace)
	p.begin("sch:pattern", "id", "disaggregation")
	if d.ragged {
		for id, rule := range d.each() {
			p.begin("sch:rule", "context", "adx:dataValue[normalize-space(@dataElement)="+literal(id)+"]")
			d.assertions(p, id, rule)
			p.end()
		}
	}
	p.end()
	p.end()
	return p.close()
}

// assertions writes one assertion for each dimension of an element. An outer
// dimension also has one, which forbids it on a value.
func (d *Definition) assertions(p *printer, id string, rule *elementRule) {
	needs := rule.code.disaggregations()
	var done []string
	for _, s := range d.doc.schemes {
		if s.id == mandatoryScheme {
			continue
		}
		for i := range s.concepts {
			name := s.concepts[i].id
			if !isNCName(name) || slices.Contains(done, name) {
				continue
			}
			done = append(done, name)
			test, verb := "not(@"+name+")", "must not"
			if slices.Contains(needs, name) {
				test, verb = "@"+name, "must"
			}
			p.text("sch:assert", "A value of "+id+" "+verb+" have the attribute "+name+".", "test", test)
		}
	}
}

// literal returns a text as an expression of XPath 1.0, which has no escapes.
func literal(s string) string {
	switch {
	case !strings.Contains(s, "'"):
		return "'" + s + "'"
	case !strings.Contains(s, `"`):
		return `"` + s + `"`
	}
	parts := strings.Split(s, "'")
	for i := range parts {
		parts[i] = "'" + parts[i] + "'"
	}
	return "concat(" + strings.Join(parts, `,"'",`) + ")"
}
