package terminology

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A system is a code system with an index of its concepts.
type system struct {
	*CodeSystem
	concepts []indexed
	at       map[string]int // index by code, in lower case unless the system distinguishes case
}

// An indexed concept is a concept with its place in the hierarchy.
type indexed struct {
	*Concept
	parents []int
	kids    []int
}

// indexSystem indexes a code system. If a code repeats, the first concept with
// it counts, and an issue names it.
func indexSystem(cs *CodeSystem) (*system, hmis.Issues) {
	s := &system{CodeSystem: cs, at: map[string]int{}}
	var issues hmis.Issues
	var walk func(list []Concept, parent int)
	walk = func(list []Concept, parent int) {
		for i := range list {
			c := &list[i]
			if _, repeats := s.at[s.key(c.Code)]; repeats {
				issues = append(issues, fault(Duplicate, KindCodeSystem, cs.URL, "code %s is there twice", quote.Text(c.Code)))
				continue
			}
			n := len(s.concepts)
			s.at[s.key(c.Code)] = n
			s.concepts = append(s.concepts, indexed{Concept: c})
			if parent >= 0 {
				s.link(parent, n)
			}
			walk(c.Concepts, n)
		}
	}
	walk(cs.Concepts, -1)
	for n := range s.concepts { // some systems state the hierarchy as properties
		for _, p := range s.concepts[n].Properties {
			other, ok := s.find(p.Value)
			switch {
			case !ok || other == n:
			case p.Code == "parent":
				s.link(other, n)
			case p.Code == "child":
				s.link(n, other)
			}
		}
	}
	return s, issues
}

func (s *system) link(parent, kid int) {
	s.concepts[parent].kids = append(s.concepts[parent].kids, kid)
	s.concepts[kid].parents = append(s.concepts[kid].parents, parent)
}

func (s *system) foldsCase() bool { return s.CaseSensitive != nil && !*s.CaseSensitive }

func (s *system) key(code string) string {
	if s.foldsCase() {
		return strings.ToLower(code)
	}
	return code
}

func (s *system) find(code string) (int, bool) {
	i, ok := s.at[s.key(code)]
	return i, ok
}

// whole reports whether all codes of the system are known.
func (s *system) whole() bool { return s.Content == "complete" || s.Content == "" }

// unknown returns the error for a code that the system does not have.
func (s *system) unknown(code string) *hmis.Issue {
	if !s.whole() {
		return fault(Incomplete, KindCodeSystem, s.URL, "no code %s, but the content here is %s", quote.Text(code), quote.Text(s.Content))
	}
	return fault(CodeInvalid, KindCodeSystem, s.URL, "no code %s", quote.Text(code))
}

// reach returns all concepts that steps lead to from one concept, without that
// concept. A cycle in the hierarchy is followed only once.
func (s *system) reach(from int, steps func(*indexed) []int) map[int]bool {
	found := map[int]bool{}
	open := []int{from}
	for len(open) > 0 {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		for _, next := range steps(&s.concepts[n]) {
			if !found[next] && next != from {
				found[next] = true
				open = append(open, next)
			}
		}
	}
	return found
}

func downwards(c *indexed) []int { return c.kids }
func upwards(c *indexed) []int   { return c.parents }

// selectable reports whether a concept may be chosen. A concept that only
// groups others may not.
func (c *indexed) selectable() bool {
	for _, p := range c.Properties {
		if p.Value == "true" && (p.Code == "notSelectable" || p.Code == "abstract") {
			return false
		}
	}
	return true
}
