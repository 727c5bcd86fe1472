package integrity

import (
	"context"
	"errors"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

func orgUnitChecks() []Check {
	const w, s, c = hmis.Warning, hmis.Severe, hmis.Critical
	unit := hmis.KindOrgUnit
	units := in(sectionOrgUnits,
		row("orgunits_orphaned", c, unit, "Org units with neither a parent nor children.",
			"Give them a parent, or delete them.", orphaned),
		row("orgunits_multiple_roots", c, unit, "Org units without a parent, where there is more than one.",
			"Keep one root, and hang the others below it.", treeOne("orgunits_multiple_roots")),
		row("orgunits_parent_missing", c, unit, "Org units whose parent does not exist.",
			"Add the parent, or choose another one.", parentMissing),
		row("org_units_with_cyclic_references", w, unit, "Org units that are above themselves.",
			"Give one of them another parent.", treeAll("org_units_with_cyclic_references")),
		row("orgunits_same_name_and_parent", w, unit, "Org units whose names are equal to that of a sibling, blanks and letter case apart.",
			"Give them names that can be told apart, or merge them.", treeAll("orgunits_same_name_and_parent")),
		row("orgunits_leading_spaces", w, unit, "Org units whose name or short name begins with a blank.",
			"Remove the blank.", treeOne("orgunits_leading_spaces")),
		row("orgunits_trailing_spaces", w, unit, "Org units whose name or short name ends with a blank.",
			"Remove the blank.", treeOne("orgunits_trailing_spaces")),
		row("orgunits_multiple_spaces", w, unit, "Org units whose name or short name has two blanks in a row.",
			"Remove one of them.", treeOne("orgunits_multiple_spaces")),
		row("orgunits_openingdate_gt_closeddate", s, unit, "Org units that closed before they opened.",
			"Correct the dates: no report is ever expected.", treeOne("orgunits_openingdate_gt_closeddate")),
		row("organisation_units_violating_exclusive_group_sets", s, unit, "Org units in two groups of one group set.",
			"Leave them in one group: analysis counts them in one only.", treeOne("organisation_units_violating_exclusive_group_sets")),
		row("org_units_not_in_compulsory_group_sets", s, unit, "Org units in no group of a compulsory group set.",
			"Add them to one of its groups.", treeOne("org_units_not_in_compulsory_group_sets")),
		row("organisation_units_without_groups", w, unit, "Org units in no group.",
			"Add them to a group, so that they can be found.", notGrouped(unit, hmis.KindOrgUnitGroup)),
		row("orgunits_no_coordinates", w, unit, "Org units without a place on the map.",
			"Add coordinates or a boundary.", noCoordinates),
		row("orgunits_invalid_geometry", w, unit, "Org units whose geometry cannot be drawn.",
			"Correct the geometry.", treeOne("orgunits_invalid_geometry")),
		row("orgunits_not_contained_by_parent", w, unit, "Org units whose point lies outside the boundary of their parent.",
			"Correct the coordinates, or the parent.", treeOne("orgunits_not_contained_by_parent")),
		row("orgunits_null_island", s, unit, "Org units within 100 km of latitude 0 and longitude 0.",
			"Correct the coordinates.", treeOne("orgunits_null_island")),
		row("orgunits_wrong_path", s, unit, "Org units whose stored path does not follow their parents.",
			"Let the server compute the paths.", treeOne("orgunits_path_mismatch")),
		row("orgunits_same_code", c, unit, "Org units with the code of another one.",
			"Give each a code of its own.", treeAll("orgunits_same_code")),
		row("orgunits_level_without_name", hmis.Info, unit, "Levels of the hierarchy without a name; the first org unit of each is listed.",
			"Name the level.", treeOne("orgunits_level_without_name")),
		row("orgunit_groups_unknown_member", s, hmis.KindOrgUnitGroup, "Org unit groups with a member that does not exist.",
			"Remove the member, or add the org unit.", treeOne("orgunit_groups_unknown_member")),
		row("orgunit_group_sets_unknown_group", s, hmis.KindOrgUnitGroupSet, "Org unit group sets with a group that does not exist.",
			"Remove the group, or add it.", treeOne("orgunit_group_sets_unknown_group")),
	)
	periods := in(sectionPeriods,
		row("periods_same_start_date_period_type", c, "", "Periods with the first day and type of another one.",
			"Merge their values.", periodsSame),
		row("periods_3y_future", w, "", "Periods that end three years from now or later.",
			"Correct the periods of their values.", periodsThat(func(p period.Period, today period.Date) bool { return p.Last() >= addYears(today, 3) })),
		row("periods_distant_past", w, "", "Periods that ended thirty years ago or earlier.",
			"Correct the periods of their values.", periodsThat(func(p period.Period, today period.Date) bool { return p.Last() <= addYears(today, -30) })),
	)
	return append(units, periods...)
}

// orphaned lists orphaned org units. Unlike the tree's own check it also lists
// a single org unit, or one that is left after impossible ones were removed.
func orphaned(_ context.Context, s *Subject) (hmis.Issues, error) {
	if s.treeErr == nil && s.tree.Len() == 1 {
		lone := s.tree.Roots()[0]
		unit, _ := s.tree.Unit(lone)
		parent := func(u hmis.OrgUnit) bool { return u.Parent == lone }
		if unit.Parent == "" && !slices.ContainsFunc(s.Metadata.OrgUnits, parent) {
			return hmis.Issues{issue(hmis.KindOrgUnit, lone, "parent", "neither a parent nor children")}, nil
		}
	}
	return s.ofTree("orgunits_orphaned", false)
}

// parentMissing lists org units whose parent is not in the metadata. It leaves
// out units below those that make a tree impossible.
func parentMissing(_ context.Context, s *Subject) (list hmis.Issues, err error) {
	known := map[hmis.UID]bool{}
	parent := map[hmis.UID]hmis.UID{}
	for _, u := range s.Metadata.OrgUnits {
		known[u.ID] = true
		parent[u.ID] = u.Parent
	}
	found, err := s.ofTree("orgunits_parent_missing", false)
	for _, i := range found {
		if p := parent[i.Object.ID]; p == "" || !known[p] {
			list = append(list, i)
		}
	}
	return list, err
}

func noCoordinates(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	for _, u := range s.Metadata.OrgUnits {
		if u.Geometry == "" {
			list = append(list, issue(hmis.KindOrgUnit, u.ID, "geometry", "none"))
		}
	}
	return list, nil
}

func addYears(d period.Date, n int) period.Date {
	year, month, day := d.Civil()
	return period.DateOf(year+n, month, day)
}

var errNoPeriods = errors.New("integrity: no periods to look at")

// periodIssue returns an issue that has a period in place of an object.
func periodIssue(p period.Period, text string) *hmis.Issue {
	return issue("period", hmis.UID(p.String()), "", "%s %s", p.Name(), text)
}

func periodsThat(is func(p period.Period, today period.Date) bool) find {
	return func(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
		if s.Periods == nil {
			return nil, errNoPeriods
		}
		for _, p := range s.Periods {
			if is(p, s.Today) {
				list = append(list, periodIssue(p, "ends on "+p.Last().String()))
			}
		}
		return list, nil
	}
}

func periodsSame(_ context.Context, s *Subject) (list hmis.Issues, _ error) {
	if s.Periods == nil {
		return nil, errNoPeriods
	}
	type key struct {
		first period.Date
		typ   period.Type
	}
	seen := map[key]period.Period{}
	for _, p := range s.Periods {
		k := key{p.First(), p.Type()}
		if had, ok := seen[k]; ok && had != p {
			list = append(list, periodIssue(p, "begins as "+had.Name()), periodIssue(had, "begins as "+p.Name()))
		}
		seen[k] = p
	}
	return list, nil
}
