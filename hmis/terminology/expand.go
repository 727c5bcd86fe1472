package terminology

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

const (
	// maxCodes limits the codes of an expansion. It also limits the codes of
	// all value sets that the expansion imports.
	maxCodes = 2_000_000
	// maxLooks limits how many concepts one expansion may examine.
	maxLooks = 200_000_000
	// maxChecked limits how many codes Check expands in all.
	maxChecked = 5 * maxCodes
	// maxImports limits how deep value sets may import one another.
	maxImports = 64
)

// Expand returns the codes of a value set, by its canonical URL, in the order
// of the file: the operation $expand (RULES.md#expansion). A complete stored
// expansion is returned as it is; At then says when it was made. Otherwise the
// codes are computed from code systems and value sets. The error, an
// *[hmis.Issue], names the resource that is missing, incomplete, cyclic or too
// large. The list is shared and must not be changed.
func (s *Service) Expand(valueSet string) (Expansion, error) {
	e, err := s.expand(valueSet)
	if err != nil {
		return Expansion{}, err
	}
	return *e.Expansion, nil
}

// An expanded value set has an index of its codes, in lower case.
type expanded struct {
	*Expansion
	at map[string][]int
}

// keep caches an expansion. If the cache holds too many codes, earlier
// expansions are dropped.
func (x *expander) keep(name string, e *Expansion) *expanded {
	if x.kept += len(e.Codes); x.kept > maxCodes {
		clear(x.expansions)
		x.kept = len(e.Codes)
	}
	one := &expanded{e, make(map[string][]int, len(e.Codes))}
	for i, c := range e.Codes {
		key := strings.ToLower(c.Code)
		one.at[key] = append(one.at[key], i)
	}
	x.expansions[name] = one
	return one
}

func (s *Service) expand(name string) (*expanded, error) {
	e, _, err := s.spend(name)
	return e, err
}

// spend expands a value set. It also returns how many codes it added and
// concepts it examined.
func (s *Service) spend(name string) (e *expanded, spent effort, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := expander{Service: s, left: maxCodes, look: maxLooks}
	e, err = x.set(name)
	return e, effort{maxCodes - x.left, maxLooks - x.look}, err
}

// An effort counts the codes added and the concepts examined.
type effort struct{ codes, looks int }

// An expander expands one value set and those that it imports.
type expander struct {
	*Service
	open []string // the value sets being expanded, to find cycles
	left int      // how many codes may still be added
	look int      // how many concepts may still be examined
}

func (x *expander) set(name string) (*expanded, error) {
	v, err := find(x.Service, x.sets, KindValueSet, name)
	if err != nil {
		return nil, err
	}
	name = canonical(v.URL, v.Version)
	if e := x.expansions[name]; e != nil {
		return e, nil
	}
	if v.Expansion != nil && !v.Expansion.partial {
		return x.keep(name, v.Expansion), nil
	}
	if at := slices.Index(x.open, name); at >= 0 {
		return nil, fault(Cyclic, KindValueSet, name, "it imports itself: %s", strings.Join(append(slices.Clone(x.open[at:]), name), " imports "))
	}
	if len(x.open) == maxImports {
		return nil, fault(TooCostly, KindValueSet, name, "value sets import one another more than %d deep", maxImports)
	}
	if len(v.Include) == 0 {
		return nil, fault(Incomplete, KindValueSet, name, "neither a whole expansion nor a definition")
	}
	x.open = append(x.open, name)
	defer func() { x.open = x.open[:len(x.open)-1] }()
	e := &Expansion{}
	seen := map[Coding]bool{}
	for i := range v.Exclude {
		codes, err := x.selection(v, &v.Exclude[i])
		if err != nil {
			return nil, err
		}
		for _, c := range codes {
			seen[identity(c)] = true
		}
	}
	for i := range v.Include {
		codes, err := x.selection(v, &v.Include[i])
		if err != nil {
			return nil, err
		}
		for _, c := range codes {
			if !seen[identity(c)] {
				seen[identity(c)] = true
				e.Codes = append(e.Codes, c)
			}
		}
	}
	e.Total = len(e.Codes)
	return x.keep(name, e), nil
}

// identity returns c with only its system and code, which identify it.
func identity(c Coding) Coding { return Coding{System: c.System, Code: c.Code} }

// selection returns the codes that a selection selects.
func (x *expander) selection(v *ValueSet, s *Selection) ([]Coding, error) {
	var codes []Coding
	var err error
	if s.System != "" {
		if codes, err = x.ofSystem(v, s); err != nil {
			return nil, err
		}
	}
	for i, name := range s.ValueSets {
		e, err := x.set(name)
		if err != nil {
			return nil, err
		}
		if err := x.take(v, len(e.Codes)); err != nil {
			return nil, err
		}
		if i == 0 && s.System == "" {
			codes = slices.Clone(e.Codes)
			continue
		}
		in := make(map[Coding]bool, len(e.Codes))
		for _, c := range e.Codes {
			in[identity(c)] = true
		}
		codes = slices.DeleteFunc(codes, func(c Coding) bool { return !in[identity(c)] })
	}
	if s.System == "" && len(s.ValueSets) == 0 {
		return nil, fault(Incomplete, KindValueSet, v.URL, "a selection without system and value set")
	}
	return codes, nil
}

// take counts n codes against the limit.
func (x *expander) take(v *ValueSet, n int) error {
	if x.left -= n; x.left < 0 {
		return fault(TooCostly, KindValueSet, v.URL, "more than %d codes", maxCodes)
	}
	return nil
}

// ofSystem returns the codes of one system: the listed ones, those that pass
// all filters, or all.
func (x *expander) ofSystem(v *ValueSet, s *Selection) ([]Coding, error) {
	cs, err := find(x.Service, x.systems, KindCodeSystem, canonical(s.System, s.Version))
	if len(s.Concepts) > 0 {
		if err := x.take(v, len(s.Concepts)); err != nil {
			return nil, err
		}
		if len(s.Filters) > 0 {
			return nil, fault(NotSupported, KindValueSet, v.URL, "system %s: want either concepts or filters", quote.Text(s.System))
		}
		return listed(s, cs)
	}
	if err != nil {
		return nil, err
	}
	if !cs.whole() {
		return nil, fault(Incomplete, KindCodeSystem, cs.URL, "its content here is %s, so value set %s cannot be computed", quote.Text(cs.Content), quote.Text(v.URL))
	}
	if x.look -= len(cs.concepts) * (1 + len(s.Filters)); x.look < 0 {
		return nil, fault(TooCostly, KindValueSet, v.URL, "its filters look at more than %d concepts", maxLooks)
	}
	var tests []func(int) bool
	for _, f := range s.Filters {
		test, err := cs.filter(f)
		if unknown, ok := errors.AsType[*hmis.Issue](err); ok {
			return nil, unknown
		}
		if err != nil {
			return nil, fault(NotSupported, KindValueSet, v.URL, "system %s: %w", quote.Text(s.System), err)
		}
		tests = append(tests, test)
	}
	var codes []Coding
	for i := range cs.concepts {
		c := &cs.concepts[i]
		if !c.selectable() || slices.ContainsFunc(tests, func(test func(int) bool) bool { return !test(i) }) {
			continue
		}
		if err := x.take(v, 1); err != nil {
			return nil, err
		}
		codes = append(codes, Coding{s.System, s.Version, c.Code, c.Display})
	}
	return codes, nil
}

// listed returns the codes that a selection lists. A missing display is taken
// from the code system. A code that a complete system does not have is an
// error.
func listed(s *Selection, cs *system) ([]Coding, error) {
	codes := make([]Coding, len(s.Concepts))
	for i, c := range s.Concepts {
		codes[i] = Coding{s.System, s.Version, c.Code, c.Display}
		if cs == nil {
			continue
		}
		n, ok := cs.find(c.Code)
		switch {
		case ok && c.Display == "":
			codes[i].Display = cs.concepts[n].Display
		case !ok && cs.whole():
			return nil, cs.unknown(c.Code)
		}
	}
	return codes, nil
}

// filter returns a function that reports whether a concept passes f
// (RULES.md#expansion).
func (s *system) filter(f Filter) (func(int) bool, error) {
	hierarchy := f.Property == "concept" || f.Property == "code"
	from, known := s.find(f.Value)
	switch f.Op {
	case "is-a", "descendent-of", "is-not-a", "generalizes", "child-of", "descendent-leaf":
		if !hierarchy {
			return nil, notSupported(f)
		}
		if !known {
			return nil, s.unknown(f.Value)
		}
		return s.below(f.Op, from), nil
	case "exists":
		if f.Value != "true" && f.Value != "false" {
			return nil, notSupported(f)
		}
		return func(i int) bool { return (len(s.values(i, f.Property)) > 0) == (f.Value == "true") }, nil
	case "=", "in", "not-in", "regex":
	default:
		return nil, notSupported(f)
	}
	matches := func(text string) bool { return text == f.Value }
	switch f.Op {
	case "in", "not-in":
		list := map[string]bool{}
		for _, one := range strings.Split(f.Value, ",") {
			list[strings.TrimSpace(one)] = true
		}
		matches = func(text string) bool { return list[text] }
	case "regex":
		re, err := regexp.Compile("^(?:" + f.Value + ")$")
		if err != nil {
			return nil, fmt.Errorf("filter %s: %w", quote.Text(f.Property), err)
		}
		matches = re.MatchString
	}
	return func(i int) bool { return slices.ContainsFunc(s.values(i, f.Property), matches) != (f.Op == "not-in") }, nil
}

func notSupported(f Filter) error {
	return fmt.Errorf("filter %s %s %s is not supported", quote.Text(f.Property), quote.Text(f.Op), quote.Text(f.Value))
}

// below returns a function that tests concepts by their place in the hierarchy
// relative to the concept from.
func (s *system) below(op string, from int) func(int) bool {
	switch op {
	case "generalizes":
		up := s.reach(from, upwards)
		return func(i int) bool { return i == from || up[i] }
	case "child-of":
		return func(i int) bool { return slices.Contains(s.concepts[from].kids, i) }
	}
	down := s.reach(from, downwards)
	switch op {
	case "is-a":
		return func(i int) bool { return i == from || down[i] }
	case "is-not-a":
		return func(i int) bool { return i != from && !down[i] }
	case "descendent-leaf":
		return func(i int) bool { return down[i] && len(s.concepts[i].kids) == 0 }
	}
	return func(i int) bool { return down[i] } // the operator descendent-of
}

// values returns the values of a property of concept i.
func (s *system) values(i int, property string) (list []string) {
	c := &s.concepts[i]
	switch property {
	case "code", "concept":
		return []string{c.Code}
	case "display":
		return []string{c.Display}
	case "definition":
		return []string{c.Definition}
	}
	for _, p := range c.Properties {
		if p.Code == property {
			list = append(list, p.Value)
		}
	}
	return list
}
