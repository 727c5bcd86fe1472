package terminology

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Match is one translation of a code. If it is Unrelated, it has no code.
type Match struct {
	Coding
	Relation  Relation
	Comment   string
	DependsOn []Property // the match applies only if the source also has these
	Product   []Property
	Unmapped  string // the mode used for a code without an element, or ""
}

// A mapping is a concept map with an index of the elements of each group.
type mapping struct {
	*ConceptMap
	at []map[string][]int // for each group, its elements by code
}

func indexMap(m *ConceptMap) *mapping {
	out := &mapping{m, make([]map[string][]int, len(m.Groups))}
	for i := range m.Groups {
		out.at[i] = make(map[string][]int, len(m.Groups[i].Elements))
		for j, e := range m.Groups[i].Elements {
			out.at[i][e.Code] = append(out.at[i][e.Code], j)
		}
	}
	return out
}

// maxMaps limits the chain of maps that are followed for unmapped codes.
const maxMaps = 16

// Translate returns all translations of a code by a concept map, in the order
// of the file: the operation $translate (RULES.md#translation). The result is
// empty if the map does not know the code. A code that is deliberately not
// mapped has one Match, which is [Unrelated]. A code without a system is looked
// up in all groups.
func (s *Service) Translate(conceptMap string, c Coding) ([]Match, error) {
	return s.translate(conceptMap, c, nil)
}

func (s *Service) translate(name string, c Coding, open []string) ([]Match, error) {
	m, err := find(s, s.maps, KindConceptMap, name)
	if err != nil {
		return nil, err
	}
	name = canonical(m.URL, m.Version)
	if slices.Contains(open, name) || len(open) == maxMaps {
		return nil, fault(Cyclic, KindConceptMap, name, "for unmapped codes it leads back to itself, or through more than %d maps", maxMaps)
	}
	open = append(open, name)
	var found []Match
	for i := range m.Groups {
		g := &m.Groups[i]
		if c.System != "" && g.Source != "" && c.System != g.Source || c.Version != "" && g.SourceVersion != "" && c.Version != g.SourceVersion {
			continue
		}
		elements := m.at[i][c.Code]
		for _, j := range elements {
			found = append(found, g.Elements[j].matches(g)...)
		}
		if len(elements) > 0 || g.Unmapped == nil {
			continue
		}
		more, err := s.unmapped(g, c, open)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

func (e *MapElement) matches(g *MapGroup) (list []Match) {
	if e.NoMap {
		return []Match{{Relation: Unrelated}}
	}
	for _, t := range e.Targets {
		m := Match{Relation: t.Relation, Comment: t.Comment, DependsOn: t.DependsOn, Product: t.Product}
		if t.Code != "" {
			m.Coding = Coding{g.Target, g.TargetVersion, t.Code, t.Display}
		}
		list = append(list, m)
	}
	return list
}

// unmapped translates a code without an element, as the group's Unmapped says.
func (s *Service) unmapped(g *MapGroup, c Coding, open []string) ([]Match, error) {
	u := g.Unmapped
	one := Match{Relation: u.Relation, Unmapped: u.Mode}
	if one.Relation == "" {
		one.Relation = Related
	}
	switch u.Mode {
	case "fixed":
		one.Coding = Coding{g.Target, g.TargetVersion, u.Code, u.Display}
	case "use-source-code":
		one.Coding = Coding{g.Target, g.TargetVersion, c.Code, c.Display}
	case "other-map":
		return s.translate(u.Map, c, open)
	}
	return []Match{one}, nil
}

// A Translator translates codes that must each have exactly one target, as in a
// message. By default it accepts only targets that are equivalent or wider.
type Translator struct {
	Service *Service
	Map     string // the canonical URL of a concept map
	Inexact bool   // also accept targets that are narrower or only related
	Default bool   // also accept the map's result for codes that it does not list
}

// Code translates a code. The error, an *[hmis.Issue], is [NoTarget] if the map
// does not know the code or maps it to nothing on purpose, [Inexact] if it has only
// targets that are not accepted, and [Ambiguous] if it has several.
func (t Translator) Code(c Coding) (Coding, error) {
	all, err := t.Service.Translate(t.Map, c)
	if err != nil {
		return Coding{}, err
	}
	var found []Match
	refused := false
	for _, m := range all {
		switch {
		case m.Relation == Unrelated:
		case m.Unmapped != "" && t.Default, m.Unmapped == "" && (t.Inexact || m.Relation == Equivalent || m.Relation == Narrower):
			if !slices.ContainsFunc(found, func(o Match) bool { return identity(o.Coding) == identity(m.Coding) }) {
				found = append(found, m)
			}
		default:
			refused = true
		}
	}
	switch {
	case len(found) == 1:
		return found[0].Coding, nil
	case len(found) > 1:
		return Coding{}, fault(Ambiguous, KindConceptMap, t.Map, "code %s has %d targets, such as %s and %s",
			quote.Text(c.Code), len(found), quote.Text(found[0].Code), quote.Text(found[1].Code))
	case refused:
		return Coding{}, fault(Inexact, KindConceptMap, t.Map, "code %s has only targets that are inexact", quote.Text(c.Code))
	case len(all) > 0:
		return Coding{}, fault(NoTarget, KindConceptMap, t.Map, "code %s is deliberately not mapped", quote.Text(c.Code))
	}
	return Coding{}, fault(NoTarget, KindConceptMap, t.Map, "code %s is not in the map", quote.Text(c.Code))
}
