package integrity

import (
	"context"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// These are the names of the sections of checks.
const (
	sectionCategories   = "Categories"
	sectionDataElements = "Data elements"
	sectionDataSets     = "Data sets"
	sectionIndicators   = "Indicators"
	sectionOrgUnits     = "Organisation units"
	sectionPeriods      = "Periods"
	sectionOptions      = "Option sets"
	sectionRules        = "Validation rules"
	sectionGroups       = "Groups"
	sectionReferences   = "References"
)

// introductions has, for each section, the reason why its checks matter.
var introductions = map[string]string{
	sectionCategories:   "Categories and their combinations decide under which option combo a value is stored. Where they contradict each other, values are lost from totals or counted in the wrong place.",
	sectionDataElements: "A data element that no form or no group has is neither reported nor found.",
	sectionDataSets:     "A data set without content, or without org units, expects no reports.",
	sectionIndicators:   "An indicator that cannot be computed, or exists twice, makes reports disagree.",
	sectionOrgUnits:     "Totals follow the hierarchy: a unit in the wrong place counts in the wrong district, or nowhere.",
	sectionPeriods:      "Values for impossible periods are mostly slips of the keyboard.",
	sectionOptions:      "An option set says which values may be entered.",
	sectionRules:        "A validation rule that cannot be read, or lacks a strategy, checks nothing.",
	sectionGroups:       "Groups and group sets divide objects for analysis; with fewer than two members there is nothing to divide.",
	sectionReferences:   "A reference that leads nowhere is normal in a partial export, and a fault in a complete one.",
}

type find = func(context.Context, *Subject) (hmis.Issues, error)

// catalogAll and the similar functions below return a check that lists the
// issues of the catalog or tree with one code. Functions with All in their name
// list every object that shares something, and not only the later ones.
func catalogAll(code string) find {
	return func(_ context.Context, s *Subject) (hmis.Issues, error) { return s.ofCatalog(code, true) }
}

func catalogOne(code string) find {
	return func(_ context.Context, s *Subject) (hmis.Issues, error) { return s.ofCatalog(code, false) }
}

func treeAll(code string) find {
	return func(_ context.Context, s *Subject) (hmis.Issues, error) { return s.ofTree(code, true) }
}

func treeOne(code string) find {
	return func(_ context.Context, s *Subject) (hmis.Issues, error) { return s.ofTree(code, false) }
}

// standardChecks returns all checks, sorted by name.
func standardChecks() []Check {
	all := slices.Concat(categoryChecks(), elementChecks(), indicatorChecks(), orgUnitChecks(), ruleChecks(), groupChecks(), referenceChecks())
	for i := range all {
		if all[i].Introduction == "" {
			all[i].Introduction = introductions[all[i].Section]
		}
	}
	slices.SortFunc(all, func(a, b Check) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

// row returns a check with these fields. It keeps the tables of checks short.
func row(name string, severity hmis.Severity, kind hmis.Kind, description, recommendation string, f find) Check {
	return Check{Name: name, Severity: severity, Kind: kind, Description: description, Recommendation: recommendation, Find: f}
}

// in returns checks with their Section set to section.
func in(section string, checks ...Check) []Check {
	for i := range checks {
		checks[i].Section = section
	}
	return checks
}

func notHeld(what string) find {
	return func(context.Context, *Subject) (hmis.Issues, error) { return nil, errNotHeld(what) }
}
