package dsd

import (
	"io"
	"strconv"
	"time"
)

// Write writes d as an SDMX 2.1 structure message in XML, with everything that
// [Read] understands. Lists that were elsewhere are written in full. SDMX
// requires a time, a sender and an id. If d has none, they are the present
// time, the agency and the id of d.
func (d *Definition) Write(w io.Writer) error {
	p := newPrinter(w)
	p.begin("mes:Structure", "xmlns:mes", spaceMessage, "xmlns:str", spaceStructure, "xmlns:com", spaceCommon)
	h := d.doc.header
	if h.id == "" {
		h.id = "DSD_" + d.main.id
	}
	if h.sender == "" {
		h.sender = d.main.agency
	}
	p.begin("mes:Header")
	p.text("mes:ID", h.id)
	p.text("mes:Test", strconv.FormatBool(h.test))
	if h.prepared.IsZero() {
		h.prepared = time.Now().UTC().Truncate(time.Second)
	}
	p.text("mes:Prepared", h.prepared.Format(time.RFC3339Nano))
	p.empty("mes:Sender", "id", h.sender)
	p.end()
	p.begin("mes:Structures")
	p.begin("str:Codelists")
	for _, l := range d.doc.lists {
		p.artefact("str:Codelist", l.artefact)
		for i := range l.codes {
			p.code(&l.codes[i])
		}
		p.end()
	}
	p.end()
	p.begin("str:Concepts")
	for _, s := range d.doc.schemes {
		p.artefact("str:ConceptScheme", s.artefact)
		for i := range s.concepts {
			c := &s.concepts[i]
			p.begin("str:Concept", "id", c.id)
			p.labels(c.labels, c.id)
			p.representation("str:CoreRepresentation", c.core)
			p.end()
		}
		p.end()
	}
	p.end()
	p.begin("str:DataStructures")
	for _, s := range d.doc.structures {
		p.structure(s)
	}
	p.end()
	p.end()
	p.end()
	return p.close()
}

// artefact writes the start tag of an artefact.
func (p *printer) artefact(name string, a artefact) {
	external := ""
	if a.external {
		external = "true"
	}
	p.begin(name, "id", a.id, "agencyID", a.agency, "version", a.version, "isExternalReference", external, "structureURL", a.url)
	p.labels(a.labels, a.id)
}

// labels writes annotations, names and descriptions, in the order of SDMX. SDMX
// requires a name, so the id is used if there is none.
func (p *printer) labels(l labels, id string) {
	if len(l.annotations) > 0 {
		p.begin("com:Annotations")
		for _, a := range l.annotations {
			p.begin("com:Annotation", "id", a.id)
			for _, part := range []struct{ name, text string }{
				{"com:AnnotationTitle", a.title}, {"com:AnnotationType", a.kind}, {"com:AnnotationURL", a.url},
			} {
				if part.text != "" {
					p.text(part.name, part.text)
				}
			}
			p.texts("com:AnnotationText", a.texts)
			p.end()
		}
		p.end()
	}
	if len(l.names) == 0 {
		l.names = []label{{"en", id}}
	}
	p.texts("com:Name", l.names)
	p.texts("com:Description", l.descriptions)
}

func (p *printer) texts(name string, list []label) {
	for _, l := range list {
		p.text(name, l.text, "xml:lang", l.lang)
	}
}

func (p *printer) code(c *code) {
	p.begin("str:Code", "id", c.id)
	p.labels(c.labels, c.id)
	if c.parent != "" {
		p.begin("str:Parent")
		p.empty("Ref", "id", c.parent)
		p.end()
	}
	p.end()
}

func (p *printer) structure(s *structure) {
	p.artefact("str:DataStructure", s.artefact)
	p.begin("str:DataStructureComponents")
	p.begin("str:DimensionList")
	for i := range s.dimensions {
		name := "str:Dimension"
		if s.dimensions[i].time {
			name = "str:TimeDimension"
		}
		p.component(name, &s.dimensions[i])
	}
	p.end()
	for _, g := range s.groups {
		p.begin("str:Group", "id", g.id)
		for i := range g.refs {
			p.begin("str:GroupDimension")
			p.begin("str:DimensionReference")
			p.reference(&g.refs[i])
			p.end()
			p.end()
		}
		p.end()
	}
	p.begin("str:MeasureList")
	for i := range s.measures {
		p.component("str:PrimaryMeasure", &s.measures[i])
	}
	p.end()
	p.end()
	p.end()
}

func (p *printer) component(name string, c *component) {
	p.begin(name, "id", c.id)
	if c.concept != nil {
		p.begin("str:ConceptIdentity")
		p.reference(c.concept)
		p.end()
	}
	p.representation("str:LocalRepresentation", c.local)
	p.end()
}

func (p *printer) representation(name string, r representation) {
	if r.isZero() {
		return
	}
	p.begin(name)
	if r.list != nil {
		p.begin("str:Enumeration")
		p.reference(r.list)
		p.end()
	} else {
		p.empty("str:TextFormat", "textType", r.textType)
	}
	p.end()
}

func (p *printer) reference(r *reference) {
	if r.parent != "" {
		p.empty("Ref", "id", r.id, "maintainableParentID", r.parent, "maintainableParentVersion", r.version, "agencyID", r.agency)
		return
	}
	version := r.version
	if r.agency == "" { // a reference within the structure has no agency
		version = ""
	}
	p.empty("Ref", "agencyID", r.agency, "id", r.id, "version", version)
}
