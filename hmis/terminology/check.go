package terminology

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Check lists problems in the resources (RULES.md#resources): value sets that
// cannot be expanded, codes that a map repeats for one target or that have no
// target, and maps that lead nowhere. Issues are sorted by canonical URL.
func (s *Service) Check() hmis.Issues {
	var issues hmis.Issues
	var all effort
	names := slices.Sorted(maps.Keys(s.sets))
	for i, name := range names {
		if all.codes > maxChecked || all.looks > maxLooks {
			issues = append(issues, fault(TooCostly, KindValueSet, name, "it and %d other value sets have not been expanded: the ones before are too large", len(names)-i-1))
			break
		}
		_, spent, err := s.spend(name)
		all.codes, all.looks = all.codes+spent.codes, all.looks+spent.looks
		if err != nil {
			if issue, ok := errors.AsType[*hmis.Issue](err); ok {
				found := *issue
				found.Object = hmis.Ref{Kind: KindValueSet, ID: hmis.UID(name)}
				if issue.Object != found.Object {
					found.Err = fmt.Errorf("%w", issue)
				}
				issues = append(issues, &found)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.maps)) {
		issues = append(issues, s.checkMap(name, s.maps[name].ConceptMap)...)
	}
	return issues
}

func (s *Service) checkMap(name string, m *ConceptMap) (issues hmis.Issues) {
	type pair struct{ source, target, when string }
	for i, g := range m.Groups {
		seen := map[pair]bool{}
		at := func(code, format string, args ...any) {
			issue := fault(code, KindConceptMap, name, format, args...)
			issue.Field = fmt.Sprintf("group[%d]", i)
			issues = append(issues, issue)
		}
		for _, e := range g.Elements {
			if len(e.Targets) == 0 && !e.NoMap {
				at(NoTarget, "code %s has no target", quote.Text(e.Code))
			}
			for _, t := range e.Targets {
				key := pair{e.Code, t.Code, fmt.Sprint(t.DependsOn, t.Product)}
				if seen[key] {
					at(Duplicate, "code %s has the target %s twice", quote.Text(e.Code), quote.Text(t.Code))
				}
				seen[key] = true
			}
		}
		if u := g.Unmapped; u != nil && u.Mode == "other-map" {
			if _, err := s.Translate(name, Coding{System: g.Source, Code: "\x00"}); err != nil {
				at(cmp.Or(codeOf(err), NotFound), "%w", err)
			}
		}
	}
	return issues
}

func codeOf(err error) string {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		return issue.Code
	}
	return ""
}
