package orgunit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// Check lists what is doubtful in the tree, under the names that DHIS2 gives
// its checks: several roots, orphans, parents that are missing, paths that do
// not follow the parents, codes that repeat, a closing date before the opening
// date, equal names of siblings, blanks in names, geometry that is wrong or
// outside that of the parent, and members of groups that are not in the tree.
//
// Units without a group are listed only if the tree was given groups, and units
// without geometry only if some unit has one. See also [Tree.CheckGroupSet] and
// [Tree.CheckLevels].
func (t *Tree) Check() hmis.Issues {
	var issues hmis.Issues
	found := func(code string, s hmis.Severity, pos int, field, format string, args ...any) {
		issues = append(issues, issue(code, s, t.units[pos].ID, field, fmt.Errorf(format, args...)))
	}
	t.checkParents(found)
	also := func(id hmis.UID) {
		issues[len(issues)-1].Refs = []hmis.Ref{{Kind: hmis.KindOrgUnit, ID: id}}
	}
	t.checkTexts(found, also)
	t.checkSiblings(found, also)
	t.checkGeometry(found)
	t.checkMembers(found)
	for _, s := range t.strays {
		i := issue("orgunit_groups_unknown_member", hmis.Severe, s.group, "organisationUnits",
			fmt.Errorf("no org unit %q", s.unit))
		i.Object.Kind = hmis.KindOrgUnitGroup
		issues = append(issues, i)
	}
	return issues
}

// A finder adds an issue about the unit at a position.
type finder func(code string, s hmis.Severity, pos int, field, format string, args ...any)

// checkParents checks that each unit is below the parent that it names.
func (t *Tree) checkParents(found finder) {
	var roots []int
	for pos := range t.units {
		u := &t.units[pos]
		switch {
		case u.Parent != "" && !t.has(u.Parent):
			found("orgunits_parent_missing", hmis.Critical, pos, "parent", "no org unit %q", u.Parent)
		case u.Parent == "" && len(t.missing[int32(pos)]) > 0:
			found("orgunits_parent_missing", hmis.Critical, pos, "path", "no org unit %q", t.missing[int32(pos)][0])
		case t.parent[pos] < 0:
			roots = append(roots, pos)
			if t.leaf(pos) && len(t.units) > 1 {
				found("orgunits_orphaned", hmis.Critical, pos, "parent", "neither a parent nor children")
			}
		}
		if u.Path != "" && !t.follows(pos) {
			found("orgunits_path_mismatch", hmis.Severe, pos, "path", "%q does not follow the parents", u.Path)
		}
		if u.Closed != 0 && u.Closed < u.Opened {
			found("orgunits_openingdate_gt_closeddate", hmis.Severe, pos, "closedDate",
				"closed on %v, before it opened on %v", u.Closed, u.Opened)
		}
	}
	if len(roots) > 1 {
		for _, pos := range roots {
			found("orgunits_multiple_roots", hmis.Critical, pos, "parent", "one of %d units without a parent", len(roots))
		}
	}
}

func (t *Tree) has(id hmis.UID) bool {
	_, ok := t.index[id]
	return ok
}

func (t *Tree) leaf(pos int) bool { return int(t.end[pos]) == pos+1 }

// follows reports whether the path of a unit agrees with the tree.
func (t *Tree) follows(pos int) bool {
	// Comparing from the end limits the work by the length of the path, however
	// deep the unit is.
	rest, ok := strings.CutSuffix(t.units[pos].Path, "/"+string(t.units[pos].ID))
	for up := range t.Ancestors(t.units[pos].ID) {
		if !ok {
			return false
		}
		rest, ok = strings.CutSuffix(rest, "/"+string(up))
	}
	return ok && rest == ""
}

// checkTexts reports doubtful codes and names.
func (t *Tree) checkTexts(found finder, also func(hmis.UID)) {
	codes := make(map[string]int)
	for pos := range t.units {
		u := &t.units[pos]
		if u.Code != "" {
			if first, repeats := codes[u.Code]; repeats {
				found("orgunits_same_code", hmis.Critical, pos, "code",
					"%q is also the code of %s", u.Code, t.units[first].ID)
				also(t.units[first].ID)
			} else {
				codes[u.Code] = pos
			}
		}
		for _, text := range []struct{ field, value string }{{"name", u.Name}, {"shortName", u.ShortName}} {
			if strings.HasPrefix(text.value, " ") {
				found("orgunits_leading_spaces", hmis.Warning, pos, text.field, "%q begins with a blank", text.value)
			}
			if strings.HasSuffix(text.value, " ") {
				found("orgunits_trailing_spaces", hmis.Warning, pos, text.field, "%q ends with a blank", text.value)
			}
			if strings.Contains(text.value, "  ") {
				found("orgunits_multiple_spaces", hmis.Warning, pos, text.field, "%q has two blanks in a row", text.value)
			}
		}
	}
}

// checkSiblings reports equal names below one parent, in lower case and without
// blanks (RULES.md#checks-of-trees). Roots are not compared.
func (t *Tree) checkSiblings(found finder, also func(hmis.UID)) {
	type nameBelow struct {
		parent int32
		name   string
	}
	first := make(map[nameBelow]int)
	for pos := range t.units {
		name := strings.ReplaceAll(strings.ToLower(t.units[pos].Name), " ", "")
		if t.parent[pos] < 0 || name == "" {
			continue
		}
		key := nameBelow{t.parent[pos], name}
		if other, repeats := first[key]; repeats {
			found("orgunits_same_name_and_parent", hmis.Warning, pos, "name",
				"%q is also the name of its sibling %s", t.units[pos].Name, t.units[other].ID)
			also(t.units[other].ID)
		} else {
			first[key] = pos
		}
	}
}

// checkMembers reports units without a group.
func (t *Tree) checkMembers(found finder) {
	if len(t.members) == 0 {
		return
	}
	member := make([]bool, len(t.units))
	for _, list := range t.members {
		for _, pos := range list {
			member[pos] = true
		}
	}
	for pos, ok := range member {
		if !ok {
			found("organisation_units_without_groups", hmis.Warning, pos, "", "in no group")
		}
	}
}

// CheckGroupSet lists units that are in two or more groups of a set and, if the
// set is compulsory, those in none. Of the latter it lists only units at the given
// levels, if any are given, since often only facilities need a group. It also
// lists groups of the set that the tree was not given. See [Tree.Divide] for
// what such units count as.
func (t *Tree) CheckGroupSet(set hmis.GroupSet, levels ...int) hmis.Issues {
	var issues hmis.Issues
	groups := make([][]hmis.UID, len(t.units))
	for _, group := range slices.Compact(slices.Sorted(slices.Values(set.Groups))) {
		list, known := t.members[group]
		if !known {
			i := issue("orgunit_group_sets_unknown_group", hmis.Severe, set.ID, "organisationUnitGroups",
				fmt.Errorf("no org unit group %q", group))
			i.Object.Kind = hmis.KindOrgUnitGroupSet
			issues = append(issues, i)
		}
		for _, pos := range list {
			groups[pos] = append(groups[pos], group)
		}
	}
	for pos, in := range groups {
		id := t.units[pos].ID
		switch {
		case len(in) > 1:
			issues = append(issues, issue("organisation_units_violating_exclusive_group_sets", hmis.Severe, id, "",
				fmt.Errorf("in %d groups of the group set %s: %v", len(in), set.ID, in)))
		case len(in) == 0 && set.Compulsory && (len(levels) == 0 || slices.Contains(levels, int(t.level[pos]))):
			issues = append(issues, issue("org_units_not_in_compulsory_group_sets", hmis.Severe, id, "",
				fmt.Errorf("in no group of the group set %s", set.ID)))
		}
	}
	return issues
}

// CheckLevels lists the levels of the tree that have no name among levels. The
// object of an issue is the first unit at such a level.
func (t *Tree) CheckLevels(levels []hmis.OrgUnitLevel) hmis.Issues {
	named := make(map[int32]bool)
	for _, l := range levels {
		if l.Name != "" {
			named[int32(l.Level)] = true
		}
	}
	var issues hmis.Issues
	for pos, level := range t.level {
		if !named[level] {
			named[level] = true // each level is reported once
			issues = append(issues, issue("orgunits_level_without_name", hmis.Info, t.units[pos].ID, "",
				fmt.Errorf("level %d has no name", level)))
		}
	}
	slices.SortStableFunc(issues, func(a, b *hmis.Issue) int {
		return t.Level(a.Object.ID) - t.Level(b.Object.ID)
	})
	return issues
}
