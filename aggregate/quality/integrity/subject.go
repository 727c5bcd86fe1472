package integrity

import (
	"errors"
	"fmt"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Subject is the metadata to be checked, with further data for some checks.
// Checks without their data return an error.
type Subject struct {
	Metadata hmis.Metadata
	Periods  []period.Period // the periods for which values are stored
	Today    period.Date     // 0 means today, in local time
	// HasData reports whether a data element has any value, and InAnalysis
	// whether a chart, map or table uses an object.
	HasData    func(element hmis.UID) bool
	InAnalysis func(hmis.Ref) bool
	Now        func() time.Time // the clock for the times of a run; nil is time.Now

	catalog    *hmis.Catalog
	catalogErr error
	found      hmis.Issues // issues of catalog.Check
	tree       *orgunit.Tree
	treeErr    error
	treeFound  hmis.Issues // issues of NewTree, tree.Check, tree.CheckGroupSet and tree.CheckLevels
	counts     map[hmis.Kind]int
}

// errNotHeld returns the error of a check that needs something that this
// library does not keep in metadata.
func errNotHeld(what string) error {
	return fmt.Errorf("integrity: %s are not part of the metadata", what)
}

func (s *Subject) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// prepare makes the indexes that several checks share.
func (s *Subject) prepare() {
	if s.Today == 0 {
		s.Today = period.DateAt(s.now())
	}
	if s.catalog, s.catalogErr = hmis.NewCatalog(s.Metadata); s.catalogErr == nil {
		s.found = s.catalog.Check()
	}
	s.prepareTree()
	md := &s.Metadata
	s.counts = map[hmis.Kind]int{
		hmis.KindDataElement: len(md.DataElements), hmis.KindCategory: len(md.Categories), hmis.KindCategoryOption: len(md.CategoryOptions),
		hmis.KindCategoryCombo: len(md.CategoryCombos), hmis.KindOptionCombo: len(md.OptionCombos),
		hmis.KindOptionSet: len(md.OptionSets), hmis.KindDataSet: len(md.DataSets), hmis.KindIndicator: len(md.Indicators),
		hmis.KindIndicatorType: len(md.IndicatorTypes), hmis.KindOrgUnit: len(md.OrgUnits), hmis.KindOrgUnitLevel: len(md.OrgUnitLevels),
		hmis.KindValidationRule: len(md.ValidationRules), hmis.KindPredictor: len(md.Predictors),
	}
	for _, g := range md.Groups {
		s.counts[g.Kind]++
	}
	for _, g := range md.GroupSets {
		s.counts[g.Kind]++
	}
}

func (s *Subject) count(k hmis.Kind) int { return s.counts[k] }

// prepareTree checks the org units. Units that make a tree impossible are
// reported and left out, so that the others can be checked.
func (s *Subject) prepareTree() {
	units := s.Metadata.OrgUnits
	tree, err := orgunit.NewTree(units, s.Metadata.Groups...)
	if err != nil {
		bad, ok := errors.AsType[hmis.Issues](err)
		if !ok {
			s.treeErr = err
			return
		}
		left := map[hmis.UID]bool{"": true}
		for _, i := range bad {
			left[i.Object.ID] = true
			for _, ref := range i.Refs {
				left[ref.ID] = true
			}
		}
		s.treeFound = bad
		var sound []hmis.OrgUnit
		for _, u := range units {
			if !left[u.ID] {
				sound = append(sound, u)
			}
		}
		if tree, s.treeErr = orgunit.NewTree(sound, s.Metadata.Groups...); s.treeErr != nil {
			return
		}
	}
	s.tree = tree
	s.treeFound = append(s.treeFound, tree.Check()...)
	for _, set := range s.Metadata.GroupSets {
		if set.Kind == hmis.KindOrgUnitGroupSet {
			s.treeFound = append(s.treeFound, tree.CheckGroupSet(set)...)
		}
	}
	s.treeFound = append(s.treeFound, tree.CheckLevels(s.Metadata.OrgUnitLevels)...)
}

// ofCatalog returns the issues of the catalog's own check that have a code. If
// all is set, there is also an issue for each other object in Refs.
func (s *Subject) ofCatalog(code string, all bool) (hmis.Issues, error) {
	if s.catalogErr != nil {
		return nil, s.catalogErr
	}
	return withCode(s.found, code, all), nil
}

// ofTree returns the issues of the tree's own checks that have a code. If all
// is set, there is also an issue for each other object in Refs.
func (s *Subject) ofTree(code string, all bool) (hmis.Issues, error) {
	if s.treeErr != nil {
		return nil, s.treeErr
	}
	return withCode(s.treeFound, code, all), nil
}

func withCode(found hmis.Issues, code string, all bool) hmis.Issues {
	var list hmis.Issues
	for _, i := range found {
		if i.Code != code {
			continue
		}
		list = append(list, i)
		if !all {
			continue
		}
		for _, ref := range i.Refs {
			other := *i
			other.Object, other.Refs = ref, []hmis.Ref{i.Object}
			other.Err = fmt.Errorf("shares it with %s", i.Object.ID)
			list = append(list, &other)
		}
	}
	return list
}

// issue returns an issue about an object.
func issue(k hmis.Kind, id hmis.UID, field, format string, args ...any) *hmis.Issue {
	return &hmis.Issue{Object: hmis.Ref{Kind: k, ID: id}, Field: field, Offset: -1, Err: fmt.Errorf(format, args...)}
}
