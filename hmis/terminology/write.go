package terminology

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Release is a release of FHIR.
type Release uint8

// The releases of FHIR that can be written.
const (
	R4 Release = iota
	R5
)

// Write writes resources in JSON: one as it is, several or none as a Bundle of
// type collection. [Read] gives them back. CodeSystem and ValueSet are the same
// in both releases; in R4 the properties of a ConceptMap's targets are written in
// an extension, and a code without target as unmatched.
func (rs Resources) Write(w io.Writer, r Release) error {
	var list []fullResource
	for i := range rs.CodeSystems {
		list = append(list, fullResource{rs.CodeSystems[i].URL, wireCodeSystemOf(&rs.CodeSystems[i])})
	}
	for i := range rs.ValueSets {
		list = append(list, fullResource{rs.ValueSets[i].URL, wireValueSetOf(&rs.ValueSets[i])})
	}
	for i := range rs.ConceptMaps {
		m, err := wireConceptMapOf(&rs.ConceptMaps[i], r)
		if err != nil {
			return err
		}
		list = append(list, fullResource{rs.ConceptMaps[i].URL, m})
	}
	var out any = struct {
		ResourceType string         `json:"resourceType"`
		Type         string         `json:"type"`
		Entry        []fullResource `json:"entry,omitempty"`
	}{"Bundle", "collection", list}
	if len(list) == 1 {
		out = list[0].Resource
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

type fullResource struct {
	FullURL  string `json:"fullUrl,omitempty"`
	Resource any    `json:"resource"`
}

// A wireProperty is a property, dependency or extension.
type wireProperty map[string]any

// wire returns a property as the JSON member name: {"code": ..., "valueString":
// ...}.
func (p Property) wire(name string) wireProperty {
	out := wireProperty{}
	if p.Code != "" {
		out[name] = p.Code
	}
	typ, value := cmp.Or(p.Type, "string"), any(p.Value)
	switch typ {
	case "Coding":
		coding := map[string]string{"code": p.Value}
		if p.System != "" {
			coding["system"] = p.System
		}
		value = coding
	case "boolean":
		value = p.Value == "true"
	case "integer", "decimal", "positiveInt", "unsignedInt":
		value = json.Number(p.Value)
	}
	out["value"+strings.ToUpper(typ[:1])+typ[1:]] = value
	return out
}

func wireAll(list []Property, name string) (out []wireProperty) {
	for _, p := range list {
		out = append(out, p.wire(name))
	}
	return out
}

type wireHeader struct {
	ResourceType string         `json:"resourceType"`
	ID           string         `json:"id,omitempty"`
	Extension    []wireProperty `json:"extension,omitempty"`
	URL          string         `json:"url,omitempty"`
	Version      string         `json:"version,omitempty"`
	Name         string         `json:"name,omitempty"`
	Title        string         `json:"title,omitempty"`
	Status       string         `json:"status"`
	Experimental bool           `json:"experimental,omitempty"`
	Date         string         `json:"date,omitempty"`
	Publisher    string         `json:"publisher,omitempty"`
	Description  string         `json:"description,omitempty"`
}

func (h Header) wire(typ string) wireHeader {
	return wireHeader{
		typ, h.ID, wireAll(h.Extensions, "url"), h.URL, h.Version, h.Name, h.Title, cmp.Or(h.Status, "unknown"), h.Experimental, h.Date,
		h.Publisher, h.Description,
	}
}

type wireCodeSystem struct {
	wireHeader
	CaseSensitive *bool         `json:"caseSensitive,omitempty"`
	ValueSet      string        `json:"valueSet,omitempty"`
	Content       string        `json:"content"`
	Supplements   string        `json:"supplements,omitempty"`
	Concept       []wireConcept `json:"concept,omitempty"`
}

type wireConcept struct {
	Code        string            `json:"code"`
	Display     string            `json:"display,omitempty"`
	Definition  string            `json:"definition,omitempty"`
	Designation []wireDesignation `json:"designation,omitempty"`
	Property    []wireProperty    `json:"property,omitempty"`
	Concept     []wireConcept     `json:"concept,omitempty"`
}

type wireDesignation struct {
	Language string    `json:"language,omitempty"`
	Use      *wireCode `json:"use,omitempty"`
	Value    string    `json:"value"`
}

type wireCode struct {
	System  string `json:"system,omitempty"`
	Version string `json:"version,omitempty"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

func wireCodeSystemOf(s *CodeSystem) wireCodeSystem {
	return wireCodeSystem{
		s.wire("CodeSystem"), s.CaseSensitive, s.ValueSet, cmp.Or(s.Content, "complete"), s.Supplements, wireConcepts(s.Concepts),
	}
}

func wireConcepts(list []Concept) (out []wireConcept) {
	for _, c := range list {
		one := wireConcept{c.Code, c.Display, c.Definition, nil, wireAll(c.Properties, "code"), wireConcepts(c.Concepts)}
		for _, d := range c.Designations {
			w := wireDesignation{Language: d.Language, Value: d.Value}
			if d.Use != "" {
				w.Use = &wireCode{Code: d.Use}
			}
			one.Designation = append(one.Designation, w)
		}
		out = append(out, one)
	}
	return out
}

type wireValueSet struct {
	wireHeader
	Compose   *wireCompose   `json:"compose,omitempty"`
	Expansion *wireExpansion `json:"expansion,omitempty"`
}

type wireCompose struct {
	Include []wireSelection `json:"include,omitempty"`
	Exclude []wireSelection `json:"exclude,omitempty"`
}

type wireSelection struct {
	System   string       `json:"system,omitempty"`
	Version  string       `json:"version,omitempty"`
	Concept  []wireCode   `json:"concept,omitempty"`
	Filter   []wireFilter `json:"filter,omitempty"`
	ValueSet []string     `json:"valueSet,omitempty"`
}

type wireFilter struct {
	Property string `json:"property"`
	Op       string `json:"op"`
	Value    string `json:"value"`
}

type wireExpansion struct {
	Timestamp string     `json:"timestamp,omitempty"`
	Total     int        `json:"total,omitempty"`
	Offset    int        `json:"offset,omitempty"`
	Contains  []wireCode `json:"contains,omitempty"`
}

func wireValueSetOf(v *ValueSet) wireValueSet {
	out := wireValueSet{wireHeader: v.wire("ValueSet")}
	if len(v.Include)+len(v.Exclude) > 0 {
		out.Compose = &wireCompose{wireSelections(v.Include), wireSelections(v.Exclude)}
	}
	if e := v.Expansion; e != nil {
		out.Expansion = &wireExpansion{Total: e.Total}
		if !e.At.IsZero() {
			out.Expansion.Timestamp = e.At.Format(time.RFC3339Nano)
		}
		if e.partial && e.Total <= len(e.Codes) {
			out.Expansion.Offset = 1 // the expansion was only one page
		}
		for _, c := range e.Codes {
			out.Expansion.Contains = append(out.Expansion.Contains, wireCode(c))
		}
	}
	return out
}

func wireSelections(list []Selection) (out []wireSelection) {
	for _, s := range list {
		one := wireSelection{System: s.System, Version: s.Version, ValueSet: s.ValueSets}
		for _, c := range s.Concepts {
			one.Concept = append(one.Concept, wireCode{Code: c.Code, Display: c.Display})
		}
		for _, f := range s.Filters {
			one.Filter = append(one.Filter, wireFilter(f))
		}
		out = append(out, one)
	}
	return out
}

type wireConceptMap struct {
	wireHeader
	Property            []wireDeclaration `json:"property,omitempty"`
	AdditionalAttribute []wireDeclaration `json:"additionalAttribute,omitempty"`
	SourceURI           string            `json:"sourceUri,omitempty"`
	TargetURI           string            `json:"targetUri,omitempty"`
	SourceScopeURI      string            `json:"sourceScopeUri,omitempty"`
	TargetScopeURI      string            `json:"targetScopeUri,omitempty"`
	Group               []wireGroup       `json:"group,omitempty"`
}

// A wireDeclaration declares the type of a property or attribute, which R5
// requires.
type wireDeclaration struct {
	Code string `json:"code"`
	Type string `json:"type"`
}

type wireGroup struct {
	Source        string        `json:"source,omitempty"`
	SourceVersion string        `json:"sourceVersion,omitempty"`
	Target        string        `json:"target,omitempty"`
	TargetVersion string        `json:"targetVersion,omitempty"`
	Element       []wireElement `json:"element"`
	Unmapped      *wireUnmapped `json:"unmapped,omitempty"`
}

type wireElement struct {
	Code    string       `json:"code"`
	Display string       `json:"display,omitempty"`
	NoMap   bool         `json:"noMap,omitempty"`
	Target  []wireTarget `json:"target,omitempty"`
}

type wireTarget struct {
	Extension    []any          `json:"extension,omitempty"`
	Code         string         `json:"code,omitempty"`
	Display      string         `json:"display,omitempty"`
	Equivalence  string         `json:"equivalence,omitempty"`
	Relationship Relation       `json:"relationship,omitempty"`
	Comment      string         `json:"comment,omitempty"`
	Property     []wireProperty `json:"property,omitempty"`
	DependsOn    []wireProperty `json:"dependsOn,omitempty"`
	Product      []wireProperty `json:"product,omitempty"`
}

type wireUnmapped struct {
	Mode         string   `json:"mode"`
	Code         string   `json:"code,omitempty"`
	Display      string   `json:"display,omitempty"`
	Relationship Relation `json:"relationship,omitempty"`
	OtherMap     string   `json:"otherMap,omitempty"`
	URL          string   `json:"url,omitempty"`
}

func wireConceptMapOf(m *ConceptMap, r Release) (wireConceptMap, error) {
	out := wireConceptMap{wireHeader: m.wire("ConceptMap")}
	if r == R4 {
		out.SourceURI, out.TargetURI = m.Source, m.Target
	} else {
		out.SourceScopeURI, out.TargetScopeURI = m.Source, m.Target
	}
	for i := range m.Groups {
		g, err := wireGroupOf(&m.Groups[i], r)
		if err != nil {
			return out, fmt.Errorf("terminology: concept map %s: group %d: %w", quote.Text(m.URL), i+1, err)
		}
		out.Group = append(out.Group, g)
		if r == R4 {
			continue
		}
		for _, e := range m.Groups[i].Elements {
			for _, t := range e.Targets {
				out.Property = declare(out.Property, t.Properties)
				out.AdditionalAttribute = declare(declare(out.AdditionalAttribute, t.DependsOn), t.Product)
			}
		}
	}
	return out, nil
}

func declare(list []wireDeclaration, of []Property) []wireDeclaration {
	for _, p := range of {
		if !slices.ContainsFunc(list, func(d wireDeclaration) bool { return d.Code == p.Code }) {
			list = append(list, wireDeclaration{p.Code, cmp.Or(p.Type, "string")})
		}
	}
	return list
}

func wireGroupOf(g *MapGroup, r Release) (wireGroup, error) {
	out := wireGroup{Source: canonical(g.Source, g.SourceVersion), Target: canonical(g.Target, g.TargetVersion), Element: []wireElement{}}
	if r == R4 {
		out.Source, out.SourceVersion, out.Target, out.TargetVersion = g.Source, g.SourceVersion, g.Target, g.TargetVersion
	}
	for _, e := range g.Elements {
		one := wireElement{Code: e.Code, Display: e.Display, NoMap: e.NoMap}
		if e.NoMap && r == R4 {
			one.NoMap, one.Target = false, []wireTarget{{Equivalence: "unmatched"}}
		}
		for _, t := range e.Targets {
			in4, ok := t.Relation.R4()
			if !ok {
				return out, fmt.Errorf("code %s: relation %s: want a relationship of a ConceptMap", quote.Text(e.Code), quote.Text(t.Relation))
			}
			one.Target = append(one.Target, t.wire(in4, r))
		}
		out.Element = append(out.Element, one)
	}
	if u := g.Unmapped; u != nil {
		out.Unmapped = &wireUnmapped{Mode: u.Mode, Code: u.Code, Display: u.Display, Relationship: u.Relation, OtherMap: u.Map}
		if r == R4 {
			out.Unmapped.Relationship, out.Unmapped.OtherMap, out.Unmapped.URL = "", "", u.Map
			if u.Mode == "use-source-code" {
				out.Unmapped.Mode = "provided"
			}
		}
	}
	return out, nil
}

func (t MapTarget) wire(in4 string, r Release) wireTarget {
	out := wireTarget{Code: t.Code, Display: t.Display, Comment: t.Comment}
	if r == R5 {
		out.Relationship, _ = t.Relation.R5()
		out.Property, out.DependsOn, out.Product = wireAll(t.Properties, "code"), wireAll(t.DependsOn, "attribute"), wireAll(t.Product, "attribute")
		return out
	}
	out.Equivalence = in4
	for _, p := range t.Properties {
		value := p.wire("code")
		delete(value, "code")
		value["url"] = "value"
		code := wireProperty{"url": "code", "valueCode": p.Code}
		out.Extension = append(out.Extension, map[string]any{"url": propertyExtension, "extension": []wireProperty{code, value}})
	}
	out.DependsOn, out.Product = dependencies4(t.DependsOn), dependencies4(t.Product)
	return out
}

func dependencies4(list []Property) (out []wireProperty) {
	for _, p := range list {
		one := wireProperty{"property": p.Code, "value": p.Value}
		if p.System != "" {
			one["system"] = p.System
		}
		out = append(out, one)
	}
	return out
}

func canonical(url, version string) string {
	if url == "" || version == "" {
		return url
	}
	return url + "|" + version
}
