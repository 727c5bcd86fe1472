package madx

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Measure is the definition of a data set in FHIR, as plain data. Fill it
// from a literal, from a file with [ReadMeasure], or from an ADX definition
// with [MeasureOf].
type Measure struct {
	URL     string // the canonical URL, by which reports refer to it
	Version string
	DataSet string // the identifier of the measure, which is the code of the data set in ADX

	Name, Title, Status, Publisher, Description string // a Status of "" means "active"

	Experimental bool
	Subject      string // the type of resource that reports are about, such as "Location"
	Improvement  string // "increase" or "decrease", whichever is an improvement; "" if neither is

	Groups     []Group
	Dimensions []Dimension
}

// A Group is one thing that a Measure counts. It corresponds to a data element
// in ADX.
type Group struct {
	Code        Coding
	Description string
	Population  []Coding // the codes of the group's populations; one is enough for writing
	Stratifiers []Stratifier
}

// A Stratifier breaks a group down by all of its components together.
type Stratifier struct {
	ID         string
	Components []Coding // the dimensions by which the group is broken down

	// Single means that the stratifier has a code or criteria of its own, which
	// the profile does not allow (MADX-033).
	Single bool
}

// A Dimension is a relatedArtifact of FHIR: it names the value set of all
// components whose code is its label.
type Dimension struct {
	Name     string
	ValueSet string   // the canonical URL of the value set
	Codes    []Coding // the codes in the value set; nil if not known

	// Outer means that the dimension is an attribute of groups in ADX and not
	// of values. FHIR has no such distinction.
	Outer bool
}

// MeasureOf returns the Measure that corresponds to an ADX definition: a group
// for each data element, stratified by its dimensions and the outer ones
// (RULES.md#reports-in-fhir). Data elements with texts are left out, because
// reports cannot hold texts. base is the beginning of all URLs, such as
// "https://fhir.moh.example.org". The caller may change anything in the result.
func MeasureOf(d *dsd.Definition, base string) Measure {
	s := d.Structure()
	base = strings.TrimSuffix(base, "/")
	m := Measure{
		URL: base + "/Measure/" + url.PathEscape(s.ID), Version: s.Version, DataSet: s.ID,
		Name: pascal(s.ID), Subject: "Location", Title: orElse(s.Name, s.ID), Publisher: s.Agency, Description: orElse(s.Name, s.ID),
	}
	dimensions := base + "/CodeSystem/" + url.PathEscape(s.ID) + "-dimensions"
	components := map[string]Coding{}
	var outer []string
	for _, dim := range s.Dimensions {
		components[dim.Name] = Coding{dimensions, dim.Name, dim.Title}
		out := Dimension{Name: dim.Name, ValueSet: base + "/ValueSet/" + url.PathEscape(dim.Name), Outer: dim.Outer}
		if dim.Codes != nil {
			out.Codes = []Coding{}
		}
		for _, c := range dim.Codes {
			out.Codes = append(out.Codes, Coding{base + "/CodeSystem/" + url.PathEscape(dim.Name), c.ID, c.Name})
		}
		if dim.Outer {
			outer = append(outer, dim.Name)
		}
		m.Dimensions = append(m.Dimensions, out)
	}
	for _, e := range s.Elements {
		if e.Text {
			continue
		}
		g := Group{
			Code:        Coding{base + "/CodeSystem/" + url.PathEscape(s.ID) + "-data-elements", e.Code, e.Name},
			Description: orElse(e.Name, e.Code),
			Population:  []Coding{measurePopulation},
		}
		if names := slices.Concat(e.Dimensions, outer); len(names) > 0 {
			st := Stratifier{ID: stratifierID(e.Code, names)}
			for _, n := range names {
				st.Components = append(st.Components, components[n])
			}
			g.Stratifiers = []Stratifier{st}
		}
		m.Groups = append(m.Groups, g)
	}
	return m
}

// measurePopulation is the population of a group that has no code for it.
var measurePopulation = Coding{"http://terminology.hl7.org/CodeSystem/measure-population", "measure-population", ""}

// stratifierID returns the id of a stratifier in a Measure and its reports.
func stratifierID(element string, dimensions []string) string {
	return strings.Join(strings.Fields(element+"-by-"+strings.Join(dimensions, "-")), "_")
}

// Canonical returns the text with which reports refer to m: its URL, "|" and
// its version.
func (m Measure) Canonical() string {
	if m.Version == "" {
		return m.URL
	}
	return m.URL + "|" + m.Version
}

// Definition returns the ADX definition that corresponds to m. A stratifier
// without components is ignored. It returns an error if ADX cannot express m: a
// group has several stratifiers, or a dimension has a name that no attribute
// can have.
func (m Measure) Definition() (*dsd.Definition, error) {
	s := dsd.Structure{ID: m.DataSet, Name: m.Title, Version: m.Version}
	for _, dim := range m.Dimensions {
		out := dsd.Dimension{Name: dim.Name, Outer: dim.Outer, Title: m.display(dim.Name)}
		if dim.Codes != nil {
			out.Codes = []dsd.Code{}
		}
		for _, c := range dim.Codes {
			out.Codes = append(out.Codes, dsd.Code{ID: c.Code, Name: c.Display})
		}
		s.Dimensions = append(s.Dimensions, out)
	}
	for i, g := range m.Groups {
		isEmpty := func(st Stratifier) bool { return len(st.Components) == 0 }
		if real := slices.DeleteFunc(slices.Clone(g.Stratifiers), isEmpty); len(real) > 1 {
			return nil, fmt.Errorf("adx: Measure.group[%d]: %s has %d stratifiers: want one at most", i, quote.Text(g.Code.Code), len(real))
		}
		e := dsd.Element{Code: g.Code.Code, Name: orElse(g.Code.Display, g.Description)}
		for _, st := range g.Stratifiers {
			for _, c := range st.Components {
				if dim := m.dimension(c.Code); dim == nil || !dim.Outer {
					e.Dimensions = append(e.Dimensions, c.Code)
				}
			}
		}
		s.Elements = append(s.Elements, e)
	}
	return dsd.New(s)
}

// dimension returns the dimension with a name, or nil.
func (m *Measure) dimension(name string) *Dimension {
	for i := range m.Dimensions {
		if m.Dimensions[i].Name == name {
			return &m.Dimensions[i]
		}
	}
	return nil
}

// display returns the name of a dimension to show. It is "" if there is none.
func (m *Measure) display(dimension string) string {
	for _, g := range m.Groups {
		for _, st := range g.Stratifiers {
			for _, c := range st.Components {
				if c.Code == dimension && c.Display != "" {
					return c.Display
				}
			}
		}
	}
	return ""
}

// Check returns the departures of m from the profile: the rules MADX-030 to
// MADX-033 (RULES.md#findings-of-measures).
func (m Measure) Check() []adx.Finding {
	var list []adx.Finding
	add := func(rule string, severity hmis.Severity, path, format string, args ...any) {
		list = append(list, adx.Finding{
			Rule: rule, Severity: severity, Path: path,
			Err: fmt.Errorf(format, args...),
		})
	}
	for _, f := range []struct{ name, value string }{
		{"url", m.URL}, {"version", m.Version}, {"title", m.Title}, {"publisher", m.Publisher},
		{"description", m.Description}, {"subjectCodeableConcept", m.Subject},
	} {
		if f.value == "" {
			add("MADX-030", hmis.Severe, "Measure."+f.name, "missing")
		}
	}
	if len(m.Groups) == 0 {
		add("MADX-031", hmis.Severe, "Measure.group", "missing")
	}
	var names []string
	for i, g := range m.Groups {
		path := fmt.Sprintf("Measure.group[%d]", i)
		if g.Code.Code == "" {
			add("MADX-031", hmis.Severe, path+".code", "missing")
		}
		if slices.ContainsFunc(m.Groups[:i], func(o Group) bool { return o.Code.System == g.Code.System && o.Code.Code == g.Code.Code }) {
			add("MADX-031", hmis.Severe, path+".code", "%s is there twice", quote.Text(g.Code.Code))
		}
		if g.Description == "" {
			add("MADX-031", hmis.Severe, path+".description", "missing")
		}
		if len(g.Population) == 0 {
			add("MADX-031", hmis.Severe, path+".population", "missing")
		}
		for j, p := range g.Population {
			if p.Code == "" {
				add("MADX-031", hmis.Severe, fmt.Sprintf("%s.population[%d].code", path, j), "missing")
			}
		}
		for j, st := range g.Stratifiers {
			path := fmt.Sprintf("%s.stratifier[%d]", path, j)
			if st.Single || len(st.Components) == 0 {
				add("MADX-033", hmis.Severe, path, "want components, and no code or criteria beside them")
			}
			for _, c := range st.Components {
				if !slices.Contains(names, c.Code) {
					names = append(names, c.Code)
				}
			}
		}
	}
	for _, name := range names {
		n := 0
		for _, dim := range m.Dimensions {
			if dim.Name == name {
				n++
			}
		}
		if n != 1 {
			add("MADX-032", hmis.Severe, "Measure.relatedArtifact", "dimension %s: %d times as the label of what the Measure depends on: want once", quote.Text(name), n)
		}
	}
	for _, dim := range m.Dimensions {
		if !slices.Contains(names, dim.Name) {
			add("MADX-032", hmis.Warning, "Measure.relatedArtifact", "label %s: no component has this code", quote.Text(dim.Name))
		}
	}
	return list
}

// pascal returns a text as the computable name of a resource, such as
// EpiMonthly. FHIR requires the first character to be a letter.
func pascal(s string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r > 'z' || !isLetterOrDigit(byte(r)) }) {
		b.WriteString(strings.ToUpper(part[:1]) + strings.ToLower(part[1:]))
	}
	name := b.String()
	if name == "" || name[0] <= '9' {
		return "X" + name
	}
	return name
}

func isLetterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
