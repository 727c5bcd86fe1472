package crosswalk

import (
	"cmp"
	"errors"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// The codes of issues that [Map.Stale] finds (RULES.md#stale-maps).
const (
	StaleSource  = "STALE_SOURCE"  // the source of an entry no longer exists
	StaleTarget  = "STALE_TARGET"  // the target of an entry no longer exists
	StaleOrgUnit = "STALE_ORGUNIT" // an org unit of a pair no longer exists
	ForeignCombo = "FOREIGN_COMBO" // an option combo does not belong to its data element
)

// Stale lists the objects that the map names and a catalog no longer has: data
// elements, option combos and org units of both systems. Refs has the missing
// object. A nil catalog is not checked. Issues are sorted by code, entry and
// missing object.
func (m Map) Stale(source, target *hmis.Catalog) hmis.Issues {
	s := &staleness{met: map[staleKey]bool{}}
	for i := range m.Entries {
		e := &m.Entries[i]
		for _, from := range e.From {
			s.operand(StaleSource, source, e.ID, from.Operand)
		}
		s.operand(StaleTarget, target, e.ID, e.To)
	}
	for _, p := range m.OrgUnits {
		s.unit(source, p.Source)
		s.unit(target, p.Target)
	}
	slices.SortStableFunc(s.issues, func(a, b *hmis.Issue) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Object.ID, b.Object.ID), cmp.Compare(a.Refs[0].ID, b.Refs[0].ID))
	})
	return s.issues
}

// A staleness collects issues without repeating any.
type staleness struct {
	issues hmis.Issues
	met    map[staleKey]bool
}

type staleKey struct {
	code    string
	at, ref hmis.Ref
}

func (s *staleness) add(code string, severity hmis.Severity, at, missing hmis.Ref, msg string) {
	key := staleKey{code, at, missing}
	if s.met[key] {
		return
	}
	s.met[key] = true
	s.issues = append(s.issues, &hmis.Issue{Code: code, Severity: severity, Object: at, Refs: []hmis.Ref{missing}, Offset: -1, Err: errors.New(msg)})
}

func (s *staleness) operand(code string, c *hmis.Catalog, entry string, o hmis.Operand) {
	if c == nil || o.DataElement == "" {
		return
	}
	element, combo := hmis.Ref{Kind: hmis.KindDataElement, ID: o.DataElement}, hmis.Ref{Kind: hmis.KindOptionCombo, ID: o.OptionCombo}
	at := refToEntry(entry)
	_, err := c.Lookup(hmis.KindOptionCombo, hmis.ByID, string(o.OptionCombo))
	known := c.Has(element)
	if !known {
		s.add(code, hmis.Severe, at, element, "no "+element.String())
	}
	switch {
	case o.OptionCombo == "":
	case err != nil:
		s.add(code, hmis.Severe, at, combo, "no "+combo.String())
	case known && !slices.Contains(combosOf(c, o.DataElement), o.OptionCombo):
		s.add(ForeignCombo, hmis.Warning, at, combo, combo.String()+" is none of "+element.String())
	}
}

func (s *staleness) unit(c *hmis.Catalog, id hmis.UID) {
	if ref := refToUnit(id); c != nil && id != "" && !c.Has(ref) {
		s.add(StaleOrgUnit, hmis.Severe, ref, ref, "it is no longer there")
	}
}
