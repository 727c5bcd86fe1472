package madx

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// ReadMeasure reads a Measure in JSON or XML. valueSet, if not nil, returns the codes
// of a value set by its canonical URL; [ReadValueSets] reads such codes. The
// result may have any finding of [Measure.Check]. An error means that the text
// is not JSON, not a Measure, or too large.
func ReadMeasure(r io.Reader, valueSet func(url string) ([]Coding, bool)) (Measure, error) {
	d := newResourceReader(r, defaultLimits)
	d.left = maxObjects + 1
	var m Measure
	kind := ""
	at := d.at
	err := d.begin()
	if err == nil {
		err = d.one(func(key string) error {
			if key == "resourceType" {
				return d.set(&kind)
			}
			if kind != "" && kind != "Measure" {
				return d.skip()
			}
			return d.measure(&m, key)
		})
	}
	if err == nil {
		err = d.end()
	}
	if err == nil && kind != "Measure" {
		err = d.fail(at, adx.Finding{
			Rule: "MADX-030",
			Err:  fmt.Errorf("resourceType %s: want Measure", quote.Text(kind)),
		})
	}
	if err != nil {
		return Measure{}, located(err)
	}
	if len(d.complaints) > 0 { // a member of the wrong type is an error in a Measure
		f := d.complaints[0]
		f.Path = "Measure" + f.Path
		return Measure{}, &f
	}
	if valueSet != nil {
		for i := range m.Dimensions {
			if codes, ok := valueSet(m.Dimensions[i].ValueSet); ok {
				m.Dimensions[i].Codes = slices.Clone(codes)
			}
		}
	}
	return m, nil
}

// measure reads a member of a Measure. Most members are skipped.
func (r *resourceReader) measure(m *Measure, key string) error {
	switch key {
	case "url":
		return r.set(&m.URL)
	case "version":
		return r.set(&m.Version)
	case "name":
		return r.set(&m.Name)
	case "title":
		return r.set(&m.Title)
	case "status":
		return r.set(&m.Status)
	case "publisher":
		return r.set(&m.Publisher)
	case "description":
		return r.set(&m.Description)
	case "experimental":
		word, err := r.literal()
		m.Experimental = word == "true"
		return err
	case "identifier":
		return r.each(func(int) error {
			var id identifier
			err := r.identifier(&id)
			if m.DataSet == "" {
				m.DataSet = id.value
			}
			return err
		})
	case "subjectCodeableConcept":
		return r.code(&m.Subject)
	case "improvementNotation":
		return r.code(&m.Improvement)
	case "relatedArtifact":
		return r.each(func(int) error {
			var use string
			var dim Dimension
			err := r.one(func(key string) error {
				switch key {
				case "type":
					return r.set(&use)
				case "label":
					return r.set(&dim.Name)
				case "url", "resource": // in FHIR R4 the member resource is a canonical URL
					return r.set(&dim.ValueSet)
				}
				return r.skip()
			})
			if use == "depends-on" && dim.Name != "" {
				m.Dimensions = append(m.Dimensions, dim)
			}
			return err
		})
	case "group":
		return r.each(func(int) error {
			var g Group
			err := r.measureGroup(&g)
			m.Groups = append(m.Groups, g)
			return err
		})
	}
	return r.skip()
}

func (r *resourceReader) measureGroup(g *Group) error {
	return r.one(func(key string) error {
		switch key {
		case "code":
			return r.first(&g.Code)
		case "description":
			return r.set(&g.Description)
		case "population":
			return r.coded(&g.Population)
		case "stratifier":
			return r.each(func(int) error {
				var st Stratifier
				err := r.measureStratifier(&st)
				g.Stratifiers = append(g.Stratifiers, st)
				return err
			})
		}
		return r.skip()
	})
}

func (r *resourceReader) measureStratifier(st *Stratifier) error {
	return r.one(func(key string) error {
		switch key {
		case "id":
			return r.set(&st.ID)
		case "component":
			return r.coded(&st.Components)
		case "code", "criteria":
			st.Single = true
		}
		return r.skip()
	})
}

// coded reads a list of objects that have a code, and appends the codes to *to.
func (r *resourceReader) coded(to *[]Coding) error {
	return r.each(func(int) error {
		var c Coding
		err := r.one(func(key string) error {
			if key == "code" {
				return r.first(&c)
			}
			return r.skip()
		})
		*to = append(*to, c)
		return err
	})
}

// first reads a CodeableConcept. It sets *to to the first coding.
func (r *resourceReader) first(to *Coding) error {
	var list []Coding
	err := r.concept(&list)
	if len(list) > 0 {
		*to = list[0]
	}
	return err
}

func (r *resourceReader) code(to *string) error {
	var c Coding
	err := r.first(&c)
	*to = c.Code
	return err
}

// These types are resources in the form in which they are written. Numbers are
// texts, because a float would round them.
type (
	wireCoding struct {
		System  string `json:"system,omitempty"`
		Code    string `json:"code"`
		Display string `json:"display,omitempty"`
	}
	wireConcept struct {
		Coding []wireCoding `json:"coding"`
	}
	wireIdentifier struct {
		System string `json:"system,omitempty"`
		Value  string `json:"value"`
	}
	wireMeta struct {
		Profile []string `json:"profile"`
	}
	wireMeasure struct {
		ResourceType string           `json:"resourceType"`
		Meta         wireMeta         `json:"meta"`
		URL          string           `json:"url"`
		Identifier   []wireIdentifier `json:"identifier,omitempty"`
		Version      string           `json:"version,omitempty"`
		Name         string           `json:"name,omitempty"`
		Title        string           `json:"title,omitempty"`
		Status       string           `json:"status"`
		Experimental bool             `json:"experimental"`
		Subject      *wireConcept     `json:"subjectCodeableConcept,omitempty"`
		Publisher    string           `json:"publisher,omitempty"`
		Description  string           `json:"description,omitempty"`
		Artifacts    []wireArtifact   `json:"relatedArtifact,omitempty"`
		Scoring      wireConcept      `json:"scoring"`
		Improvement  *wireConcept     `json:"improvementNotation,omitempty"`
		Groups       []wireGroup      `json:"group"`
	}
	wireArtifact struct {
		Type  string `json:"type"`
		Label string `json:"label"`
		URL   string `json:"url,omitempty"`
	}
	wireGroup struct {
		Code        wireConcept      `json:"code"`
		Description string           `json:"description,omitempty"`
		Population  []wireCriteria   `json:"population,omitempty"`
		Stratifiers []wireStratifier `json:"stratifier,omitempty"`
	}
	wireStratifier struct {
		ID         string         `json:"id,omitempty"`
		Components []wireCriteria `json:"component"`
	}
	wireCriteria struct {
		Code     wireConcept `json:"code"`
		Criteria wireFormula `json:"criteria"`
	}
	wireFormula struct {
		Language   string `json:"language"`
		Expression string `json:"expression"`
	}
)

const (
	profileMeasure = "https://profiles.ihe.net/QRPH/mADX/StructureDefinition/mADX-Measure"
	profileReport  = "https://profiles.ihe.net/QRPH/mADX/StructureDefinition/mADX-MeasureReport"
)

// Write writes m in JSON. FHIR requires criteria, for which the names of groups
// and components are used. If m has severe findings, nothing is written and the
// error is the first of them.
func (m Measure) Write(w io.Writer) error { return m.write(w, encode) }

// WriteXML writes m in XML. Otherwise it is like Write.
func (m Measure) WriteXML(w io.Writer) error { return m.write(w, encodeXML) }

func (m Measure) write(w io.Writer, encode encoder) error {
	for _, f := range m.Check() {
		if f.Severity >= severe {
			return &f
		}
	}
	out := wireMeasure{
		ResourceType: "Measure", Meta: wireMeta{[]string{profileMeasure}},
		URL: m.URL, Version: m.Version, Name: m.Name, Title: m.Title, Status: orElse(m.Status, "active"),
		Experimental: m.Experimental, Publisher: m.Publisher, Description: m.Description,
		Subject: code("http://hl7.org/fhir/resource-types", m.Subject),
		Scoring: *code("http://terminology.hl7.org/CodeSystem/measure-scoring", "cohort"),
	}
	if m.DataSet != "" {
		out.Identifier = []wireIdentifier{{Value: m.DataSet}}
	}
	if m.Improvement != "" {
		out.Improvement = code("http://terminology.hl7.org/CodeSystem/measure-improvement-notation", m.Improvement)
	}
	for _, dim := range m.Dimensions {
		out.Artifacts = append(out.Artifacts, wireArtifact{"depends-on", dim.Name, dim.ValueSet})
	}
	criteria := func(c Coding, text string) wireCriteria {
		return wireCriteria{concept(c), wireFormula{"text/plain", text}}
	}
	for _, g := range m.Groups {
		wg := wireGroup{Code: concept(g.Code), Description: g.Description}
		for _, p := range g.Population {
			wg.Population = append(wg.Population, criteria(p, g.Description))
		}
		for _, st := range g.Stratifiers {
			ws := wireStratifier{ID: st.ID}
			for _, c := range st.Components {
				ws.Components = append(ws.Components, criteria(c, c.Code))
			}
			wg.Stratifiers = append(wg.Stratifiers, ws)
		}
		out.Groups = append(out.Groups, wg)
	}
	return encode(w, out, "  ")
}

func concept(c Coding) wireConcept { return wireConcept{[]wireCoding{wireCoding(c)}} }

func code(system, code string) *wireConcept {
	c := concept(Coding{System: system, Code: code})
	return &c
}

// An encoder writes v as a resource. indent is the indentation of one level and
// may be "".
type encoder func(w io.Writer, v any, indent string) error

// encode writes a resource in JSON.
func encode(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

// trimVersion splits a canonical into its URL and its version.
func trimVersion(canonical string) (url, version string) {
	url, version, _ = strings.Cut(canonical, "|")
	return url, version
}
