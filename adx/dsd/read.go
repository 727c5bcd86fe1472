package dsd

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// readDocument reads a structure message. Elements that the profile does not
// use are recorded and skipped. An error means that the text is not a structure
// message.
func readDocument(r io.Reader) (*document, error) {
	s := newScanner(r)
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	if !root.is(spaceMessage, "Structure") {
		f := found(root.at, adx.Finding{
			Rule: "ADX-100", Severity: critical,
			Err: fmt.Errorf("root element %s in namespace %s: want a Structure message of SDMX 2.1", quote.Text(root.name), quote.Text(root.space)),
		})
		return nil, &f
	}
	p := &parser{scanner: s, doc: &document{}}
	if err := p.message(); err != nil {
		return nil, err
	}
	return p.doc, s.end()
}

type parser struct {
	*scanner
	doc *document
}

// each reads the children of the current element. known has a function for each
// name; children with other names or namespaces are skipped.
func (p *parser) each(known map[string]func(e element) error) error {
	_, err := p.children(func(e element) error {
		if f := known[e.name]; f != nil && (e.space == spaceStructure || e.space == spaceMessage || e.space == spaceCommon) {
			return f(e)
		}
		return nil
	})
	return err
}

func (p *parser) ignore(e element) error {
	if len(p.doc.outside) >= maxFindings && e.name != "MeasureDimension" {
		p.doc.outsideMore++
		return nil
	}
	p.doc.outside = append(p.doc.outside, named{e.name, e.at})
	return nil
}

func (p *parser) message() error {
	_, err := p.children(func(e element) error {
		switch {
		case e.is(spaceMessage, "Header"):
			return p.header()
		case e.is(spaceMessage, "Structures"):
			p.doc.structuresAt = append(p.doc.structuresAt, e.at)
			return p.allStructures()
		}
		return p.ignore(e)
	})
	return err
}

func (p *parser) header() error {
	h := &p.doc.header
	return p.each(map[string]func(element) error{
		"ID": func(element) (err error) {
			h.id, err = p.tokenText()
			return err
		},
		"Test": func(element) error {
			text, err := p.tokenText()
			h.test = text == "true" || text == "1"
			return err
		},
		"Prepared": func(element) error {
			text, err := p.tokenText()
			for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
				if t, bad := time.Parse(layout, text); bad == nil {
					h.prepared = t
					break
				}
			}
			return err
		},
		"Sender": func(e element) error {
			h.sender = e.attr("id")
			return nil
		},
	})
}

// tokenText returns the text of the current element without extra white space.
func (p *parser) tokenText() (string, error) {
	text, err := p.text()
	return token.Collapse(text), err
}

func (p *parser) allStructures() error {
	_, err := p.children(func(e element) error {
		if e.space == spaceStructure {
			switch e.name {
			case "Codelists":
				p.doc.codelistsAt = append(p.doc.codelistsAt, e.at)
				return p.each(map[string]func(element) error{"Codelist": p.codelist})
			case "Concepts":
				p.doc.conceptsAt = append(p.doc.conceptsAt, e.at)
				return p.each(map[string]func(element) error{"ConceptScheme": p.scheme})
			case "DataStructures":
				return p.each(map[string]func(element) error{"DataStructure": p.structure})
			case "OrganisationSchemes":
				return nil // informative parts are skipped
			}
		}
		return p.ignore(e)
	})
	return err
}

func newArtefact(e element) artefact {
	a := artefact{
		id: e.attr("id"), agency: e.attr("agencyID"), version: e.attr("version"),
		url: e.attr("structureURL"), at: e.at,
	}
	if a.version == "" {
		a.version = "1.0" // the version that SDMX assumes if none is given
	}
	external := e.attr("isExternalReference")
	a.external = external == "true" || external == "1"
	return a
}

// labelled reads an element with names, descriptions and annotations. rest
// reads its other children.
func (p *parser) labelled(l *labels, rest func(e element) error) error {
	_, err := p.children(func(e element) error {
		if e.space == spaceCommon {
			switch e.name {
			case "Name":
				return p.label(e, &l.names)
			case "Description":
				return p.label(e, &l.descriptions)
			case "Annotations":
				return p.annotations(l)
			}
		}
		return rest(e)
	})
	return err
}

func (p *parser) label(e element, to *[]label) error {
	lang := "en" // the language that the SDMX schema assumes if none is given
	if written := token.Collapse(e.raw("http://www.w3.org/XML/1998/namespace", "lang")); written != "" {
		lang = written
	}
	text, err := p.text()
	*to = append(*to, label{lang, strings.TrimSpace(text)})
	return err
}

func (p *parser) annotations(l *labels) error {
	return p.each(map[string]func(element) error{"Annotation": func(e element) error {
		a := annotation{id: e.attr("id")}
		err := p.each(map[string]func(element) error{
			"AnnotationTitle": func(element) (err error) { a.title, err = p.tokenText(); return err },
			"AnnotationType":  func(element) (err error) { a.kind, err = p.tokenText(); return err },
			"AnnotationURL":   func(element) (err error) { a.url, err = p.tokenText(); return err },
			"AnnotationText":  func(e element) error { return p.label(e, &a.texts) },
		})
		l.annotations = append(l.annotations, a)
		return err
	}})
}

func (p *parser) codelist(e element) error {
	l := &codelist{artefact: newArtefact(e)}
	p.doc.lists = append(p.doc.lists, l)
	return p.labelled(&l.labels, func(e element) error {
		if !e.is(spaceStructure, "Code") {
			return p.ignore(e)
		}
		c := code{id: e.attr("id"), at: e.at}
		c.padded = e.raw("", "id") != c.id
		err := p.labelled(&c.labels, func(e element) error {
			if !e.is(spaceStructure, "Parent") {
				return p.ignore(e)
			}
			ref, err := p.reference(e)
			if ref != nil {
				c.parent = ref.id
			}
			return err
		})
		l.codes = append(l.codes, c)
		return err
	})
}

func (p *parser) scheme(e element) error {
	s := &scheme{artefact: newArtefact(e)}
	p.doc.schemes = append(p.doc.schemes, s)
	return p.labelled(&s.labels, func(e element) error {
		if !e.is(spaceStructure, "Concept") {
			return p.ignore(e)
		}
		c := concept{id: e.attr("id"), at: e.at}
		err := p.labelled(&c.labels, func(e element) (err error) {
			if !e.is(spaceStructure, "CoreRepresentation") {
				return p.ignore(e)
			}
			c.core, err = p.representation()
			return err
		})
		s.concepts = append(s.concepts, c)
		return err
	})
}

func (p *parser) structure(e element) error {
	s := &structure{artefact: newArtefact(e)}
	p.doc.structures = append(p.doc.structures, s)
	return p.labelled(&s.labels, func(e element) error {
		if !e.is(spaceStructure, "DataStructureComponents") {
			return p.ignore(e)
		}
		_, err := p.children(func(e element) error {
			if e.space != spaceStructure {
				return p.ignore(e)
			}
			switch e.name {
			case "DimensionList":
				return p.components(&s.dimensions)
			case "MeasureList":
				return p.components(&s.measures)
			case "Group":
				return p.group(e, s)
			}
			return p.ignore(e) // an AttributeList
		})
		return err
	})
}

func (p *parser) components(to *[]component) error {
	_, err := p.children(func(e element) error {
		switch e.name {
		case "Dimension", "TimeDimension", "PrimaryMeasure":
		default:
			return p.ignore(e)
		}
		c := component{id: e.attr("id"), time: e.name == "TimeDimension", at: e.at}
		err := p.each(map[string]func(element) error{
			"ConceptIdentity":     func(e element) (err error) { c.concept, err = p.reference(e); return err },
			"LocalRepresentation": func(element) (err error) { c.local, err = p.representation(); return err },
		})
		*to = append(*to, c)
		return err
	})
	return err
}

func (p *parser) group(e element, s *structure) error {
	g := group{id: e.attr("id"), at: e.at}
	err := p.each(map[string]func(element) error{"GroupDimension": func(element) error {
		return p.each(map[string]func(element) error{"DimensionReference": func(e element) error {
			ref, err := p.reference(e)
			if ref != nil {
				g.refs = append(g.refs, *ref)
			}
			return err
		}})
	}})
	s.groups = append(s.groups, g)
	return err
}

func (p *parser) representation() (representation, error) {
	var rep representation
	err := p.each(map[string]func(element) error{
		"Enumeration": func(e element) (err error) { rep.list, err = p.reference(e); return err },
		"TextFormat": func(e element) error {
			if rep.textType = e.attr("textType"); rep.textType == "" {
				rep.textType = "String" // the type that the SDMX schema assumes if none is given
			}
			return nil
		},
	})
	return rep, err
}

// reference parses the child Ref or URN of an element. These children have no
// namespace. The result is nil if there is neither.
func (p *parser) reference(in element) (*reference, error) {
	var ref, urn *reference
	_, err := p.children(func(e element) error {
		switch {
		case e.is("", "Ref"):
			ref = &reference{agency: e.attr("agencyID"), id: e.attr("id"), at: e.at}
			if ref.parent = e.attr("maintainableParentID"); ref.parent != "" {
				ref.version = e.attr("maintainableParentVersion")
			} else {
				ref.version = e.attr("version")
			}
			if ref.version == "" {
				ref.version = "1.0"
			}
		case e.is("", "URN"):
			text, err := p.tokenText()
			if err != nil {
				return err
			}
			if urn, err = parseURN(text, e.at); err != nil {
				f := found(e.at, adx.Finding{
					Rule: "ADX-113", Severity: critical, Path: in.name,
					Err: fmt.Errorf("%w", err),
				})
				return &f
			}
		}
		return nil
	})
	if ref == nil {
		ref = urn
	}
	return ref, err
}

// parseURN parses a reference such as
// urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=MOH:CONCEPTS(1.0).SEX.
func parseURN(text string, at place) (*reference, error) {
	bad := func() (*reference, error) {
		return nil, fmt.Errorf("%s: want urn:sdmx:CLASS=AGENCY:ID(VERSION)", quote.Text(text))
	}
	_, tail, ok := strings.Cut(text, "=")
	if !ok || !strings.HasPrefix(text, "urn:sdmx:") {
		return bad()
	}
	agency, tail, ok1 := strings.Cut(tail, ":")
	id, tail, ok2 := strings.Cut(tail, "(")
	version, item, ok3 := strings.Cut(tail, ")")
	if !ok1 || !ok2 || !ok3 {
		return bad()
	}
	ref := &reference{agency: agency, version: version, id: id, at: at}
	if item, ok = strings.CutPrefix(item, "."); ok {
		ref.parent, ref.id = id, item
	}
	return ref, nil
}

// Read reads a definition: an SDMX 2.1 structure message in XML. Code lists and
// concept schemes may be elsewhere: Read calls open with the structureURL of
// each. Read itself opens nothing. If open is nil, only the four mandatory
// concepts are known. The result may have any finding of [Definition.Check].
// The error is an *[adx.Finding] if the text is not well-formed, is not a
// structure message, has no data structure, or is too large
// (RULES.md#definitions).
func Read(r io.Reader, open func(url string) (io.ReadCloser, error)) (*Definition, error) {
	doc, err := readDocument(r)
	if err != nil {
		return nil, err
	}
	if len(doc.structures) == 0 {
		f := found(place{}, adx.Finding{
			Rule: "ADX-101", Severity: critical, Path: "Structures",
			Err: errors.New("no DataStructure: want one"),
		})
		return nil, &f
	}
	return resolve(doc, openExternal(doc, open)), nil
}

// maxExternal limits how many documents a definition may refer to.
const maxExternal = 64

// openExternal replaces the external references of doc. It returns a finding
// for each one that could not be opened.
func openExternal(doc *document, open func(string) (io.ReadCloser, error)) []adx.Finding {
	var bad []adx.Finding
	note := func(a *artefact, format string, args ...any) {
		if len(bad) >= maxFindings {
			doc.outsideMore++
			return
		}
		bad = append(bad, found(a.at, adx.Finding{
			Rule: "ADX-104", Severity: severe, Path: token.Name(a.id),
			Err: fmt.Errorf("structureURL %s: %w", quote.Text(a.url), fmt.Errorf(format, args...)),
		}))
	}
	opened := map[string]*document{}
	fetch := func(a *artefact) *document {
		if d, ok := opened[a.url]; ok {
			return d
		}
		d, err := fetchDocument(a.url, open, len(opened))
		if err != nil {
			note(a, "%w", err)
		}
		opened[a.url] = d
		return d
	}
	for i, s := range doc.schemes {
		if !s.external {
			continue
		}
		if s.id == mandatoryScheme && s.agency == mandatoryAgency && open == nil {
			doc.schemes[i] = mandatoryConcepts(s.artefact)
			continue
		}
		if d := fetch(&s.artefact); d != nil {
			if t := findArtefact(d.schemes, s.artefact); t != nil {
				t.at = s.at
				doc.schemes[i] = t
			} else {
				note(&s.artefact, "no ConceptScheme of agency %s, version %s", quote.Text(s.agency), quote.Text(s.version))
			}
		}
	}
	for i, l := range doc.lists {
		if !l.external {
			continue
		}
		if d := fetch(&l.artefact); d != nil {
			if t := findArtefact(d.lists, l.artefact); t != nil {
				t.at = l.at
				doc.lists[i] = t
			} else {
				note(&l.artefact, "no Codelist of agency %s, version %s", quote.Text(l.agency), quote.Text(l.version))
			}
		}
	}
	return bad
}

func fetchDocument(url string, open func(string) (io.ReadCloser, error), before int) (*document, error) {
	if open == nil {
		return nil, errors.New("elsewhere, and nothing to open it with")
	}
	if before >= maxExternal {
		return nil, fmt.Errorf("more than %d documents referred to", maxExternal)
	}
	r, err := open(url)
	if err != nil {
		return nil, err
	}
	d, err := readDocument(r)
	return d, errors.Join(err, r.Close())
}

// findArtefact returns the artefact in list that a stub refers to. It skips
// other stubs, so that references are followed only once.
func findArtefact[T interface{ art() *artefact }](list []T, stub artefact) (found T) {
	for _, t := range list {
		if a := t.art(); a.id == stub.id && a.agency == stub.agency && a.version == stub.version && !a.external {
			return t
		}
	}
	return found
}

func (l *codelist) art() *artefact { return &l.artefact }
func (s *scheme) art() *artefact   { return &s.artefact }

// mandatoryConcepts returns the scheme of IHE, which a definition need not
// contain (RULES.md#definitions).
func mandatoryConcepts(a artefact) *scheme {
	a.external, a.url = false, ""
	return &scheme{artefact: a, concepts: []concept{
		{id: "dataElement", at: a.at},
		{id: "orgUnit", at: a.at},
		{id: "period", at: a.at},
		{id: "value", at: a.at, core: representation{textType: "Decimal"}},
	}}
}
