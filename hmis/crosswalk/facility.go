package crosswalk

import (
	"cmp"
	"encoding/csv"
	"io"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
	"github.com/ohie-hmis/hmis-go/period"
)

// A MatchState says whether an org unit of one system has a counterpart in the
// other (RULES.md#facilities).
type MatchState uint8

// The states of a match.
const (
	Matched      MatchState = iota // matched to one open unit
	MatchedMany                    // matched to several units of the target
	MatchedOut                     // matched to a closed unit
	MatchedStale                   // the map names a unit that one of the systems does not have
	OnlySource                     // the map does not name this unit of the source
	OnlyTarget                     // the map does not name this unit of the target
)

// String returns the state as "matched", "one to many", "closed", "unknown",
// "source only" or "target only".
func (s MatchState) String() string {
	switch s {
	case Matched:
		return "matched"
	case MatchedMany:
		return "one to many"
	case MatchedOut:
		return "closed"
	case MatchedStale:
		return "unknown"
	case OnlySource:
		return "source only"
	}
	return "target only"
}

// A FacilityMatch is an org unit of the source with its counterpart in the
// target.
type FacilityMatch struct {
	State          MatchState
	Source, Target hmis.OrgUnit // ID "" means none; only ID is set if the system lacks the unit
}

// Facilities returns how the org units of both systems are matched on a day, in
// order of state, source and target. A unit is closed on a day on which it is not
// open. Facilities that are above others are units like any other: pass only those
// that report.
func (m Map) Facilities(source, target []hmis.OrgUnit, on period.Date) []FacilityMatch {
	ours, theirs := unitsByID(source), unitsByID(target)
	targets := map[hmis.UID]map[hmis.UID]bool{}
	reached := map[hmis.UID]bool{}
	pair := func(from, to hmis.UID) {
		if targets[from] == nil {
			targets[from] = map[hmis.UID]bool{}
		}
		targets[from][to] = true
		reached[to] = true
	}
	for _, p := range m.OrgUnits {
		pair(p.Source, p.Target)
	}
	if m.SameOrgUnits {
		for id := range ours {
			if targets[id] == nil && theirs[id].ID != "" {
				pair(id, id)
			}
		}
	}
	var list []FacilityMatch
	for from, to := range targets {
		for id := range to {
			one := FacilityMatch{Source: known(ours, from), Target: known(theirs, id)}
			switch {
			case ours[from].ID == "" || theirs[id].ID == "":
				one.State = MatchedStale
			case len(to) > 1:
				one.State = MatchedMany
			case closed(one.Source, on) || closed(one.Target, on):
				one.State = MatchedOut
			}
			list = append(list, one)
		}
	}
	for id, u := range ours {
		if targets[id] == nil {
			list = append(list, FacilityMatch{State: OnlySource, Source: u})
		}
	}
	for id, u := range theirs {
		if !reached[id] {
			list = append(list, FacilityMatch{State: OnlyTarget, Target: u})
		}
	}
	slices.SortFunc(list, func(a, b FacilityMatch) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.Source.ID, b.Source.ID), cmp.Compare(a.Target.ID, b.Target.ID))
	})
	return list
}

func unitsByID(list []hmis.OrgUnit) map[hmis.UID]hmis.OrgUnit {
	byID := make(map[hmis.UID]hmis.OrgUnit, len(list))
	for _, u := range list {
		byID[u.ID] = u
	}
	delete(byID, "")
	return byID
}

// known returns the unit with an id, or a unit with only that id.
func known(units map[hmis.UID]hmis.OrgUnit, id hmis.UID) hmis.OrgUnit {
	if u, ok := units[id]; ok {
		return u
	}
	return hmis.OrgUnit{ID: id}
}

func closed(u hmis.OrgUnit, on period.Date) bool {
	return u.Opened != 0 && u.Opened > on || u.Closed != 0 && u.Closed < on
}

// WriteFacilities writes matches as CSV, for people to correct. The columns are
// the state, and the id, code and name of both units.
func WriteFacilities(w io.Writer, list []FacilityMatch) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"state", "source", "sourceCode", "sourceName", "target", "targetCode", "targetName"}) // the Writer keeps an error until Flush
	for _, f := range list {
		row := []string{f.State.String()}
		for _, u := range []hmis.OrgUnit{f.Source, f.Target} {
			row = append(row, spreadsheet.Guard(string(u.ID)), spreadsheet.Guard(u.Code), spreadsheet.Guard(u.Name))
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}
