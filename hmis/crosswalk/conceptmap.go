package crosswalk

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/terminology"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// Names of properties and extensions for facts that a FHIR ConceptMap has no
// member for (RULES.md#concept-maps).
const (
	attrCombo = "categoryOptionCombo" // option combo of a source or target

	propEntry   = "entry"
	propWeight  = "weight"
	propOver    = "over"
	propInteger = "integer"
	propWhole   = "whole"
	propKind    = "kind"

	extensions    = "https://github.com/ohie-hmis/hmis-go/hmis/crosswalk#"
	extFrom       = extensions + "sourcePeriodType"
	extTo         = extensions + "targetPeriodType"
	extRequireAll = extensions + "requireAll"
	extCombo      = extensions + "defaultCombo"
	extFirst      = extensions + "first"
	extLast       = extensions + "last"

	// unitList is the end of the URL of a DHIS2 server's list of org units.
	unitList = "/organisationUnits"

	keepCode = "use-source-code"
)

// ReadConceptMap reads a file with one FHIR ConceptMap, R4 or R5, in JSON or XML:
// see [FromConceptMap].
func ReadConceptMap(r io.Reader) (Map, error) {
	files, err := terminology.Read(r)
	if err != nil {
		return Map{}, err
	}
	if len(files.ConceptMaps) != 1 {
		return Map{}, fmt.Errorf("crosswalk: %d concept maps: want one", len(files.ConceptMaps))
	}
	return FromConceptMap(files.ConceptMaps[0])
}

// WriteConceptMap writes the map as a FHIR ConceptMap in JSON: see
// [Map.ConceptMap].
func (m Map) WriteConceptMap(w io.Writer, r terminology.Release) error {
	cm, err := m.ConceptMap()
	if err != nil {
		return err
	}
	return terminology.Resources{ConceptMaps: []terminology.ConceptMap{cm}}.Write(w, r)
}

// FromConceptMap converts a ConceptMap to a map (RULES.md#concept-maps). Each
// element is a source, and each of its targets is a part of an entry. The error
// is [hmis.Issues] with each element that a map cannot hold. The map is not
// checked: see [Map.Check].
func FromConceptMap(cm terminology.ConceptMap) (Map, error) {
	m := Map{ID: cm.ID, Version: cm.Version, Source: cm.Source, Target: cm.Target, FHIR: cm.Header}
	m.FHIR.ID, m.FHIR.Version, m.FHIR.Extensions = "", "", nil
	c := mapReader{Map: &m, gather: newGatherer()}
	for i, x := range cm.Extensions {
		c.at = fmt.Sprintf("extension[%d]", i)
		c.extension(x)
	}
	for i := range cm.Groups {
		c.group(&cm.Groups[i], fmt.Sprintf("group[%d]", i))
	}
	if len(c.issues) > 0 {
		return Map{}, c.issues
	}
	c.gather.name()
	m.Entries = c.gather.entries
	return m, nil
}

// A mapReader reads a ConceptMap into a map.
type mapReader struct {
	*Map
	at             string // FHIRPath of the current element
	gather         *gatherer
	data, orgUnits bool // groups of data, or of org units, have been read
	issues         hmis.Issues
}

func (c *mapReader) fail(format string, args ...any) {
	c.issues = append(c.issues, &hmis.Issue{Severity: hmis.Critical, Field: "ConceptMap." + c.at, Offset: -1, Err: fmt.Errorf(format, args...)})
}

func (c *mapReader) extension(x terminology.Property) {
	var err error
	switch x.Code {
	case extFrom:
		c.From, err = period.ParseType(x.Value)
	case extTo:
		c.To, err = period.ParseType(x.Value)
	case extFirst:
		c.First, err = period.ParseDate(x.Value)
	case extLast:
		c.Last, err = period.ParseDate(x.Value)
	case extRequireAll:
		c.RequireAll = x.Value == "true"
	case extCombo:
		c.DefaultCombo = hmis.UID(x.Value)
	default:
		c.FHIR.Extensions = append(c.FHIR.Extensions, x)
	}
	if err != nil {
		c.fail("%w", err)
	}
}

func (c *mapReader) group(g *terminology.MapGroup, path string) {
	c.at = path
	systems := Systems{withVersion(g.Source, g.SourceVersion), withVersion(g.Target, g.TargetVersion)}
	units := isOfUnits(g)
	switch {
	case len(g.Elements) == 0 && g.Unmapped == nil:
		return // the element has no meaning
	case units && c.orgUnits && c.UnitCodes != systems, !units && c.data && c.Codes != systems:
		c.fail("from %s to %s: another group is of other code systems", quote.Text(systems.Source), quote.Text(systems.Target))
		return
	case units:
		c.orgUnits, c.UnitCodes = true, systems
	default:
		c.data, c.Codes = true, systems
	}
	if u := g.Unmapped; u != nil {
		if units && u.Mode == keepCode {
			c.SameOrgUnits = true
		} else {
			c.fail("unmapped: a map of values cannot hold mode %s", quote.Text(u.Mode))
		}
	}
	for i := range g.Elements {
		e := &g.Elements[i]
		c.at = fmt.Sprintf("%s.element[%d]", path, i)
		if e.NoMap && !units {
			c.gather.add(Entry{Relation: Unrelated}, Source{Operand: hmis.Operand{DataElement: hmis.UID(e.Code)}})
		} else if e.NoMap || len(e.Targets) == 0 {
			c.fail("code %s has no target", quote.Text(e.Code))
		}
		for j := range e.Targets {
			c.at = fmt.Sprintf("%s.element[%d].target[%d]", path, i, j)
			if units {
				c.unit(e.Code, &e.Targets[j])
			} else {
				c.target(e.Code, &e.Targets[j])
			}
		}
	}
}

// isOfUnits reports whether a group maps org units. It does if its targets say
// so, or if its source is the list of org units of a DHIS2 server.
func isOfUnits(g *terminology.MapGroup) bool {
	if strings.HasSuffix(g.Source, unitList) {
		return true
	}
	for i := range g.Elements {
		for _, t := range g.Elements[i].Targets {
			for _, p := range t.Properties {
				if p.Code == propKind && p.Value == kindUnit {
					return true
				}
			}
		}
	}
	return false
}

func (c *mapReader) unit(code string, t *terminology.MapTarget) {
	switch {
	case t.Relation != Equivalent && t.Relation != Narrower:
		c.fail("org unit %s is %s: want it equivalent, or narrower than its target", quote.Text(code), t.Relation)
	case len(t.DependsOn)+len(t.Product) > 0:
		c.fail("org unit %s depends on more than its code", quote.Text(code))
	default:
		c.OrgUnits = append(c.OrgUnits, Pair{hmis.UID(code), hmis.UID(t.Code)})
	}
}

func (c *mapReader) target(code string, t *terminology.MapTarget) {
	e := Entry{Relation: t.Relation, Comment: t.Comment, To: hmis.Operand{DataElement: hmis.UID(t.Code), OptionCombo: c.combo(t.Product)}}
	s := Source{Operand: hmis.Operand{DataElement: hmis.UID(code), OptionCombo: c.combo(t.DependsOn)}}
	if e.Comment == needed(t.Relation) {
		e.Comment = ""
	}
	if e.To.DataElement == "" && e.To.OptionCombo != "" {
		c.fail("an option combo without a target")
	}
	for _, p := range t.Properties {
		switch p.Code {
		case propEntry:
			e.ID = p.Value
		case propWeight:
			n, ok := read(p.Value)
			if !ok {
				c.fail("weight %s: want a number", quote.Text(p.Value))
			}
			d := n.decimal()
			s.Weight = &d
		case propOver:
			switch e.Over = hmis.Aggregation(p.Value); e.Over {
			case "", hmis.Sum, hmis.Last, hmis.Average:
			default:
				c.fail("over %s: want SUM, LAST or AVERAGE", quote.Text(p.Value))
			}
		case propInteger:
			e.Integer = p.Value == "true"
		case propWhole:
			e.Whole = p.Value == "true"
		}
	}
	if field := c.gather.add(e, s); field != "" {
		c.fail("%s: entry %s has another one above", field, quote.Text(e.ID))
	}
}

// combo returns the option combo that accompanies the code of a source or
// target.
func (c *mapReader) combo(list []terminology.Property) (combo hmis.UID) {
	for _, p := range list {
		if p.Code != attrCombo || combo != "" {
			c.fail("attribute %s: want one %s at most", quote.Text(p.Code), attrCombo)
		}
		combo = hmis.UID(p.Value)
	}
	return combo
}

func withVersion(url, version string) string {
	if version == "" {
		return url
	}
	return url + "|" + version
}

// needed returns a comment for entries without one, since FHIR requires a
// comment for some relations.
func needed(r Relation) string {
	switch r {
	case Broader:
		return "a part of the source, by weight"
	case Related:
		return "only related"
	case Unrelated:
		return "not mapped on purpose"
	}
	return ""
}

// ConceptMap returns the map as a ConceptMap that [FromConceptMap] converts
// back, with relations as in R5. Memory and AllowInexact are not included. An
// entry without a source, or whose id repeats, is an error.
func (m Map) ConceptMap() (terminology.ConceptMap, error) {
	if err := writable(m); err != nil {
		return terminology.ConceptMap{}, err
	}
	cm := terminology.ConceptMap{Header: m.FHIR, Source: m.Source, Target: m.Target}
	cm.ID, cm.Version = m.ID, m.Version
	cm.Extensions = append(m.extensions(), m.FHIR.Extensions...)
	data := groupOf(m.Codes)
	for i := range m.Entries {
		e := &m.Entries[i]
		if len(e.From) == 0 {
			return cm, fmt.Errorf("crosswalk: entry %s: a concept map cannot hold it without a source", quote.Text(e.ID))
		}
		if e.To.DataElement == "" {
			if in5, _ := e.Relation.R5(); in5 != Unrelated || e.To.OptionCombo != "" {
				return cm, fmt.Errorf("crosswalk: entry %s: a concept map cannot hold it without a target", quote.Text(e.ID))
			}
		}
		for j := range e.From {
			appendTarget(&data, string(e.From[j].DataElement), e.target(&e.From[j]))
		}
	}
	units := groupOf(m.UnitCodes)
	for _, p := range m.OrgUnits {
		if p.Source == "" || p.Target == "" {
			return cm, errors.New("crosswalk: a pair of org units lacks one of them")
		}
		appendTarget(&units, string(p.Source), terminology.MapTarget{
			Code: string(p.Target), Relation: Equivalent, Properties: []terminology.Property{{Code: propKind, Type: "code", Value: kindUnit}},
		})
	}
	if m.SameOrgUnits {
		units.Unmapped = &terminology.Unmapped{Mode: keepCode}
		if len(m.OrgUnits) == 0 && !strings.HasSuffix(units.Source, unitList) {
			return cm, fmt.Errorf("crosswalk: SameOrgUnits without a pair: want UnitCodes.Source to end with %s", unitList)
		}
	}
	if len(data.Elements) > 0 {
		cm.Groups = append(cm.Groups, data)
	}
	if len(units.Elements) > 0 || units.Unmapped != nil {
		cm.Groups = append(cm.Groups, units)
	}
	return cm, nil
}

// extensions returns the facts of the map that have no member in FHIR: periods,
// days and combos.
func (m Map) extensions() (list []terminology.Property) {
	add := func(name, typ, text string) {
		if text != "" {
			list = append(list, terminology.Property{Code: name, Type: typ, Value: text})
		}
	}
	add(extFrom, "code", m.From.String())
	add(extTo, "code", m.To.String())
	if m.RequireAll {
		add(extRequireAll, "boolean", "true")
	}
	add(extCombo, "string", string(m.DefaultCombo))
	if m.First != 0 {
		add(extFirst, "date", m.First.String())
	}
	if m.Last != 0 {
		add(extLast, "date", m.Last.String())
	}
	return list
}

func groupOf(s Systems) terminology.MapGroup {
	g := terminology.MapGroup{}
	g.Source, g.SourceVersion, _ = strings.Cut(s.Source, "|")
	g.Target, g.TargetVersion, _ = strings.Cut(s.Target, "|")
	return g
}

// appendTarget adds a target to the last element if that has the same code, or
// else to a new element. So entries keep their order.
func appendTarget(g *terminology.MapGroup, code string, t terminology.MapTarget) {
	if n := len(g.Elements); n == 0 || g.Elements[n-1].Code != code {
		g.Elements = append(g.Elements, terminology.MapElement{Code: code})
	}
	last := &g.Elements[len(g.Elements)-1]
	last.Targets = append(last.Targets, t)
}

func (e *Entry) target(s *Source) terminology.MapTarget {
	relation, _ := e.Relation.R5()
	t := terminology.MapTarget{Code: string(e.To.DataElement), Relation: relation, Comment: cmp.Or(e.Comment, needed(relation))}
	combo := func(of hmis.Operand) []terminology.Property {
		if of.OptionCombo == "" {
			return nil
		}
		return []terminology.Property{{Code: attrCombo, Type: "string", Value: string(of.OptionCombo)}}
	}
	t.DependsOn, t.Product = combo(s.Operand), combo(e.To)
	add := func(name, typ, text string) {
		t.Properties = append(t.Properties, terminology.Property{Code: name, Type: typ, Value: text})
	}
	add(propEntry, "string", e.ID)
	if s.Weight != nil {
		add(propWeight, "decimal", s.Weight.String())
	}
	if e.Over != "" {
		add(propOver, "code", string(e.Over))
	}
	if e.Integer {
		add(propInteger, "boolean", "true")
	}
	if e.Whole {
		add(propWhole, "boolean", "true")
	}
	return t
}
