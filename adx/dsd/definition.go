package dsd

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

// A Structure is the content of a definition as plain data: the data elements
// of a data set, the dimensions of each, and all codes. Pass one to [New], or
// get one from [Definition.Structure].
type Structure struct {
	ID      string // id of the DataStructure, which is the dataSet of messages: "EPI_MONTHLY"
	Name    string
	Agency  string    // the organization that maintains the DataStructure, as in SDMX; "" means "HMIS"
	Version string    // the version of the DataStructure; "" means "1.0"
	At      time.Time // when the message was prepared; zero if not known

	Elements   []Element
	Dimensions []Dimension // all dimensions in order, except dataElement, orgUnit and period
	OrgUnits   []Code      // nil if org units are not listed
	Instant    bool        // periods are moments instead of time ranges
}

// An Element is a data element. Each of its values must have all of its
// Dimensions, and no other inner dimension.
type Element struct {
	Code, Name string
	Dimensions []string // names of the inner dimensions of this data element
	Text       bool     // the values are texts, which a definition in a file cannot express
}

// A Dimension is an attribute of a group, if it is outer, or of a data value.
type Dimension struct {
	Name  string // the name of the attribute: "SEX"
	Title string // a title to show
	Outer bool
	Codes []Code // nil if any text is allowed
}

// A Code is one allowed value of an attribute, with a name to show. If Name is
// "", the ID is shown.
type Code struct{ ID, Name string }

// A Definition is the structure of one data set, which the profile calls a data
// structure definition (DSD). It is immutable and safe for concurrent use.
type Definition struct {
	doc   *document
	main  *structure
	found []adx.Finding // the result of Check
	dimensions

	// ragged is true if some data element says which dimensions it has. If
	// false, all inner dimensions are optional (RULES.md#disaggregation).
	ragged  bool
	element map[string]*elementRule
	texts   map[string]bool // the data elements whose values are texts

	unit map[string]bool // the listed org units; nil if none are listed
}

// A dimensions has the components that every structure must have, with their
// references resolved.
type dimensions struct {
	dims     []dimension
	elements *codelist // the codes of data elements; nil if not known
	units    *codelist // the codes of org units; nil if any org unit is allowed
	timeType string    // the type of the period: "TimeRange" or "DateTime"; "" if it is neither
}

// A dimension is a resolved dimension that a jurisdiction has added to the
// mandatory ones.
type dimension struct {
	name     string // the name of the attribute, which is the id of its concept
	id       string // the id of the component
	outer    bool
	list     *codelist       // the codes of the dimension, or nil
	codes    map[string]bool // the allowed codes; the value is true for a code that is no age band in a list of age bands
	textType string
	title    string
}

// An elementRule says which dimensions a data element has.
type elementRule struct {
	code  *code
	needs []bool // one element for each dimension of dims: whether the data element has it
}

// New makes a definition from its content. The error joins an *[adx.Finding]
// for everything that is wrong with it, such as a repeated code or a dimension
// whose name an attribute cannot have.
func New(s Structure) (*Definition, error) {
	d := resolve(newDocument(s), nil)
	for _, e := range s.Elements {
		if e.Text {
			if d.texts == nil {
				d.texts = map[string]bool{}
			}
			d.texts[token.Collapse(e.Code)] = true
		}
	}
	var errs []error
	for _, f := range d.found {
		if f.Severity >= severe {
			f.Line, f.Column = 0, 0
			errs = append(errs, &f)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return d, nil
}

// ID returns the id of the data structure. Messages have it as their dataSet.
func (d *Definition) ID() string { return d.main.id }

// Structure returns the content of d as plain data. It leaves out what could
// not be understood; see [Definition.Check]. [New] makes an equal definition of
// the result, but without names in other languages, descriptions and foreign
// annotations.
func (d *Definition) Structure() Structure {
	s := Structure{
		ID: d.main.id, Name: d.main.text(d.main.id), Agency: d.main.agency, Version: d.main.version,
		At: d.doc.header.prepared, Instant: d.timeType == "DateTime",
	}
	if d.units != nil {
		s.OrgUnits = d.units.all()
	}
	for _, dim := range d.dims {
		out := Dimension{Name: dim.name, Title: dim.title, Outer: dim.outer}
		if dim.list != nil {
			out.Codes = dim.list.all()
		}
		s.Dimensions = append(s.Dimensions, out)
	}
	for id, rule := range d.each() {
		e := Element{Code: id, Name: rule.code.text(id), Text: d.texts[id]}
		for i, needed := range rule.needs {
			if needed {
				e.Dimensions = append(e.Dimensions, d.dims[i].name)
			}
		}
		s.Elements = append(s.Elements, e)
	}
	return s
}

// each yields the data elements in the order of their code list, with their
// rules.
func (d *Definition) each() iter.Seq2[string, *elementRule] {
	return func(yield func(string, *elementRule) bool) {
		if d.elements == nil {
			return
		}
		for i := range d.elements.codes {
			id := d.elements.codes[i].id
			if rule := d.element[id]; rule != nil && rule.code == &d.elements.codes[i] && !yield(id, rule) {
				return
			}
		}
	}
}

// all returns the codes of a list, each once. The result is never nil, because
// an empty list allows no code and nil would allow any.
func (l *codelist) all() []Code {
	codes := make([]Code, 0, len(l.codes))
	seen := map[string]bool{}
	for _, c := range l.codes {
		if c.id != "" && !seen[c.id] {
			seen[c.id] = true
			codes = append(codes, Code{c.id, c.text(c.id)})
		}
	}
	return codes
}

// Check returns the departures of the definition from the profile, in the order
// of the document: ADX-100 to ADX-119, and ADX-060 for age bands
// (RULES.md#definitions). A definition without severe findings conforms. There
// are at most 1,000 errors and 1,000 warnings, and a last finding with rule
// ADX-165 if there are more.
func (d *Definition) Check() []adx.Finding { return slices.Clone(d.found) }

// newDocument returns the SDMX document of a structure.
func newDocument(s Structure) *document {
	agency, version := s.Agency, s.Version
	if agency == "" {
		agency = "HMIS"
	}
	if version == "" {
		version = "1.0"
	}
	at := func(id, name string) artefact {
		a := artefact{id: token.Collapse(id), agency: agency, version: version}
		if name != "" {
			a.names = []label{{"en", name}}
		}
		return a
	}
	list := func(id, name string, codes []Code) (*codelist, *reference) {
		l := &codelist{artefact: at(id, name)}
		for _, c := range codes {
			l.codes = append(l.codes, newCode(c.ID, c.Name))
		}
		return l, &reference{agency: agency, version: version, id: id}
	}
	mandatory := func(id string) *reference {
		return &reference{agency: mandatoryAgency, parent: mandatoryScheme, version: "1.0", id: id}
	}

	main := &structure{artefact: at(s.ID, s.Name)}
	doc := &document{
		header:       header{id: "DSD_" + token.Collapse(s.ID), prepared: s.At, sender: agency},
		structures:   []*structure{main},
		structuresAt: make([]place, 1), codelistsAt: make([]place, 1), conceptsAt: make([]place, 1),
	}

	elements, elementsRef := list("CL_DATA_ELEMENT", "Data elements", nil)
	for _, e := range s.Elements {
		c := newCode(e.Code, e.Name)
		for _, dim := range e.Dimensions {
			c.annotations = append(c.annotations, annotation{id: disaggregation, texts: []label{{"en", dim}}})
		}
		elements.codes = append(elements.codes, c)
	}
	doc.lists = append(doc.lists, elements)
	units := representation{textType: "String"}
	if s.OrgUnits != nil {
		l, ref := list("CL_ORG_UNIT", "Org units", s.OrgUnits)
		doc.lists = append(doc.lists, l)
		units = representation{list: ref}
	}

	ihe := mandatoryConcepts(artefact{
		id: mandatoryScheme, agency: mandatoryAgency, version: "1.0",
		labels: labels{names: []label{{"en", "Concepts that every ADX message has"}}},
	})
	own := &scheme{artefact: at("DISAGGREGATIONS", "Concepts by which data elements are broken down")}
	doc.schemes = append(doc.schemes, ihe)

	main.dimensions = []component{
		{id: "dataElement", concept: mandatory("dataElement"), local: representation{list: elementsRef}},
		{id: "orgUnit", concept: mandatory("orgUnit"), local: units},
	}
	outer := group{id: outerDimensions, refs: []reference{{id: "orgUnit"}, {id: timeDimension}}}
	for i, dim := range s.Dimensions {
		name := token.Collapse(dim.Name)
		c := concept{id: name, core: representation{textType: "String"}}
		if dim.Title != "" {
			c.names = []label{{"en", dim.Title}}
		}
		if dim.Codes != nil {
			l, ref := list(listID(doc.lists, name, i), dim.Title, dim.Codes)
			doc.lists = append(doc.lists, l)
			c.core = representation{list: ref}
		}
		own.concepts = append(own.concepts, c)
		main.dimensions = append(main.dimensions, component{
			id:      name,
			concept: &reference{agency: agency, parent: own.id, version: version, id: name},
		})
		if dim.Outer {
			outer.refs = append(outer.refs, reference{id: name})
		}
	}
	if len(own.concepts) > 0 {
		doc.schemes = append(doc.schemes, own)
	}
	timeType := "TimeRange"
	if s.Instant {
		timeType = "DateTime"
	}
	main.dimensions = append(main.dimensions, component{
		id: timeDimension, time: true, concept: mandatory("period"), local: representation{textType: timeType},
	})
	main.groups = []group{outer}
	main.measures = []component{{concept: mandatory("value")}}
	return doc
}

// listID returns an id for the code list of a dimension that no other list has.
func listID(lists []*codelist, dimension string, i int) string {
	id := "CL_" + dimension
	if slices.ContainsFunc(lists, func(l *codelist) bool { return strings.EqualFold(l.id, id) }) {
		id += "_" + strconv.Itoa(i+1)
	}
	return id
}

func newCode(id, name string) code {
	c := code{id: token.Collapse(id)}
	c.padded = c.id != id
	if name != "" {
		c.names = []label{{"en", name}}
	}
	return c
}
