package terminology

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// The kinds of resources that issues name.
const (
	KindCodeSystem hmis.Kind = "CodeSystem"
	KindValueSet   hmis.Kind = "ValueSet"
	KindConceptMap hmis.Kind = "ConceptMap"
)

// The codes of issues. Those in lower case are FHIR issue codes.
const (
	NotFound       = "not-found"        // an unknown resource or code system
	CodeInvalid    = "code-invalid"     // a code is not in its system or value set
	InvalidDisplay = "invalid-display"  // a display is not a name of its code
	Incomplete     = "incomplete"       // not all codes of a system are known
	TooCostly      = "too-costly"       // an expansion has too many codes
	NotSupported   = "not-supported"    // a filter is not supported
	Cyclic         = "cyclic"           // value sets or maps refer to themselves
	Duplicate      = "duplicate"        // a resource or code repeats
	Ambiguous      = "multiple-matches" // several codes match, but one is wanted
	NoTarget       = "no-target"        // a code is mapped to nothing
	Inexact        = "inexact"          // a target is only related, or narrower
)

// A Service answers questions about resources. It does not change and is safe for
// concurrent use.
type Service struct {
	systems map[string]*system
	sets    map[string]*ValueSet
	maps    map[string]*mapping

	latest map[string]string // canonical reference of the latest version, by kind and URL

	mu         sync.Mutex
	expansions map[string]*expanded // cached expansions, by canonical reference
	kept       int                  // number of codes in the cached expansions
}

// New indexes resources. The error is [hmis.Issues] and lists only what makes
// an index impossible: resources without a URL, a resource and version that
// repeat, and a code that repeats in its code system. Lists are shared: do not
// change them afterwards.
func New(files ...Resources) (*Service, error) {
	s := &Service{
		systems: map[string]*system{}, sets: map[string]*ValueSet{}, maps: map[string]*mapping{}, latest: map[string]string{},
		expansions: map[string]*expanded{},
	}
	var issues hmis.Issues
	for _, f := range files {
		for i := range f.CodeSystems {
			one := &f.CodeSystems[i]
			if one.Content == "supplement" {
				continue // a supplement adds names to another system, but no codes
			}
			index, repeats := indexSystem(one)
			issues = append(issues, repeats...)
			add(s, &issues, s.systems, KindCodeSystem, one.Header, index)
		}
		for i := range f.ValueSets {
			add(s, &issues, s.sets, KindValueSet, f.ValueSets[i].Header, &f.ValueSets[i])
		}
		for i := range f.ConceptMaps {
			add(s, &issues, s.maps, KindConceptMap, f.ConceptMaps[i].Header, indexMap(&f.ConceptMaps[i]))
		}
	}
	if err := issues.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

func fault(code string, k hmis.Kind, url, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{Code: code, Severity: hmis.Severe, Object: hmis.Ref{Kind: k, ID: hmis.UID(url)}, Offset: -1, Err: fmt.Errorf(format, args...)}
}

func add[T any](s *Service, issues *hmis.Issues, to map[string]T, k hmis.Kind, h Header, one T) {
	if h.URL == "" {
		*issues = append(*issues, fault(NotFound, k, h.ID, "want a url"))
		return
	}
	name := canonical(h.URL, h.Version)
	if _, repeats := to[name]; repeats {
		*issues = append(*issues, fault(Duplicate, k, h.URL, "version %s is there twice", quote.Text(h.Version)))
		return
	}
	to[name] = one
	key := string(k) + " " + h.URL
	if before, met := s.latest[key]; met {
		_, version := split(before)
		if compareVersions(version, h.Version) > 0 {
			return
		}
	}
	s.latest[key] = name
}

// find returns a resource by its canonical reference. Without a version, the
// latest version is returned.
func find[T any](s *Service, from map[string]T, k hmis.Kind, name string) (one T, err error) {
	if one, ok := from[name]; ok {
		return one, nil
	}
	if url, version := split(name); version == "" {
		if one, ok := from[s.latest[string(k)+" "+url]]; ok {
			return one, nil
		}
	}
	return one, fault(NotFound, k, name, "no such resource")
}

// compareVersions compares versions such as 1.10 and 1.9. Numbers in them are
// compared as numbers, and other parts as strings (RULES.md#resources).
func compareVersions(a, b string) int {
	as, bs := strings.FieldsFunc(a, apart), strings.FieldsFunc(b, apart)
	for i := range min(len(as), len(bs)) {
		m, errA := strconv.Atoi(as[i])
		n, errB := strconv.Atoi(bs[i])
		c := cmp.Compare(as[i], bs[i])
		if errA == nil && errB == nil {
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(as), len(bs)), cmp.Compare(a, b))
}

func apart(r rune) bool { return r == '.' || r == '-' || r == '_' }

// Lookup returns the concept of a code, with its names and properties but without
// those below it: the operation $lookup. The error, an *[hmis.Issue], is
// [NotFound] for an unknown system and [CodeInvalid] for an unknown code.
func (s *Service) Lookup(system, code string) (Concept, error) {
	cs, err := find(s, s.systems, KindCodeSystem, system)
	if err != nil {
		return Concept{}, err
	}
	i, ok := cs.find(code)
	if !ok {
		return Concept{}, cs.unknown(code)
	}
	c := *cs.concepts[i].Concept
	c.Concepts = nil
	return c, nil
}

// Validate reports whether a code is in its code system: the operation
// CodeSystem/$validate-code. It returns the code with its display. The error, an
// *[hmis.Issue], is [NotFound], [CodeInvalid], or [InvalidDisplay] if c has a
// display that is none of the code's names.
func (s *Service) Validate(c Coding) (Coding, error) {
	concept, err := s.Lookup(canonical(c.System, c.Version), c.Code)
	if err != nil {
		return c, err
	}
	return named(c, &concept)
}

// named sets the display of a code. If c already has a display that is not one
// of the names of the concept, it returns an error.
func named(c Coding, concept *Concept) (Coding, error) {
	given := c.Display
	c.Code, c.Display = concept.Code, concept.Display
	if given == "" || strings.EqualFold(given, concept.Display) {
		return c, nil
	}
	for _, d := range concept.Designations {
		if strings.EqualFold(given, d.Value) {
			return c, nil
		}
	}
	return c, fault(InvalidDisplay, KindCodeSystem, c.System, "code %s: display %s: want %s", quote.Text(c.Code), quote.Text(given), quote.Text(concept.Display))
}

// ValidateIn reports whether a code is in a value set: the operation
// ValueSet/$validate-code. It returns the code with its system and display. A
// code without a system may be of any system, and is [Ambiguous] if several
// have it. The error is an *[hmis.Issue].
func (s *Service) ValidateIn(valueSet string, c Coding) (Coding, error) {
	e, err := s.expand(valueSet)
	if err != nil {
		return c, err
	}
	var found []Coding
	for _, i := range e.at[strings.ToLower(c.Code)] {
		if one := e.Codes[i]; (c.System == "" || c.System == one.System) && s.sameCode(one, c.Code) {
			found = append(found, one)
		}
	}
	switch {
	case len(found) == 0:
		return c, fault(CodeInvalid, KindValueSet, valueSet, "no code %s", quote.Text(c.Code))
	case len(found) > 1:
		return c, fault(Ambiguous, KindValueSet, valueSet, "code %s is %w: it is in %s and %s", quote.Text(c.Code), hmis.ErrAmbiguous, found[0].System, found[1].System)
	}
	concept := Concept{Code: found[0].Code, Display: found[0].Display}
	if known, err := s.Lookup(canonical(found[0].System, found[0].Version), found[0].Code); err == nil {
		concept.Designations = append(known.Designations[:len(known.Designations):len(known.Designations)], Designation{Value: known.Display})
		concept.Display = cmp.Or(concept.Display, known.Display)
	}
	c.System, c.Version = found[0].System, found[0].Version
	if concept.Display == "" { // the code has no known name to compare with
		c.Code = concept.Code
		return c, nil
	}
	return named(c, &concept)
}

// sameCode reports whether one, from an expansion, has this code. Case counts
// only if its code system says so.
func (s *Service) sameCode(one Coding, code string) bool {
	if one.Code == code {
		return true
	}
	if !strings.EqualFold(one.Code, code) {
		return false
	}
	cs, err := find(s, s.systems, KindCodeSystem, canonical(one.System, one.Version))
	return err == nil && cs.foldsCase()
}
