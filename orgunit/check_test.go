package orgunit_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// lines returns each issue as "severity code object field: text".
func lines(issues hmis.Issues) []string {
	var out []string
	for _, i := range issues {
		out = append(out, strings.Join([]string{
			i.Severity.String(), i.Code, string(i.Object.ID), i.Field + ":", i.Err.Error(),
		}, " "))
	}
	return out
}

// Each row spoils a tree in one way and has the issues that Check reports
// (RULES.md#checks-of-trees).
func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		units  []hmis.OrgUnit
		groups []hmis.Group
		want   []string
	}{
		{"nothing", countryUnits(), nil, nil},
		{"one unit alone is no orphan", []hmis.OrgUnit{{ID: "a"}}, nil, nil},
		{
			"several roots, one an orphan",
			[]hmis.OrgUnit{{ID: "a"}, {ID: "b", Parent: "a"}, {ID: "c"}}, nil,
			[]string{
				"critical orgunits_orphaned c parent: neither a parent nor children",
				"critical orgunits_multiple_roots a parent: one of 2 units without a parent",
				"critical orgunits_multiple_roots c parent: one of 2 units without a parent",
			},
		},
		{
			"parents that are missing",
			[]hmis.OrgUnit{{ID: "a"}, {ID: "b", Parent: "x"}, {ID: "c", Path: "/a/y/c"}}, nil,
			[]string{
				`critical orgunits_parent_missing c path: no org unit "y"`,
				`critical orgunits_parent_missing b parent: no org unit "x"`,
			},
		},
		{
			"paths",
			[]hmis.OrgUnit{
				{ID: "a", Path: "/a"}, {ID: "b", Parent: "a", Path: "/x/b"}, {ID: "c", Parent: "a", Path: "/b/a/c"},
				{ID: "d", Parent: "a", Path: "a/d"}, {ID: "e", Parent: "a", Path: "/a/e"}, {ID: "f", Parent: "b", Path: "/a/f"},
			}, nil,
			[]string{
				`severe orgunits_path_mismatch b path: "/x/b" does not follow the parents`,
				`severe orgunits_path_mismatch f path: "/a/f" does not follow the parents`,
				`severe orgunits_path_mismatch c path: "/b/a/c" does not follow the parents`,
				`severe orgunits_path_mismatch d path: "a/d" does not follow the parents`,
			},
		},
		{
			"dates",
			[]hmis.OrgUnit{
				{ID: "a", Opened: period.DateOf(2024, 2, 2), Closed: period.DateOf(2024, 2, 1)},
				{ID: "b", Parent: "a", Opened: period.DateOf(2024, 2, 2), Closed: period.DateOf(2024, 2, 2)},
			}, nil,
			[]string{"severe orgunits_openingdate_gt_closeddate a closedDate: closed on 2024-02-01, before it opened on 2024-02-02"},
		},
		{
			"codes and names",
			[]hmis.OrgUnit{
				{ID: "a", Name: " Bo", Code: "1"},
				{ID: "b", Name: "Kai  Lahun", ShortName: "Kai ", Code: "1", Parent: "a"},
				{ID: "c", Name: "kailahun", Parent: "a"},
				{ID: "d", Name: "Bo", Parent: "c"},
				{ID: "e", Parent: "c"}, {ID: "f", Parent: "c"}, // siblings without a name
			}, nil,
			[]string{
				`warning orgunits_leading_spaces a name: " Bo" begins with a blank`,
				`critical orgunits_same_code b code: "1" is also the code of a`,
				`warning orgunits_multiple_spaces b name: "Kai  Lahun" has two blanks in a row`,
				`warning orgunits_trailing_spaces b shortName: "Kai " ends with a blank`,
				`warning orgunits_same_name_and_parent c name: "kailahun" is also the name of its sibling b`,
			},
		},
		{
			"groups",
			[]hmis.OrgUnit{{ID: "a"}, {ID: "b", Parent: "a"}},
			[]hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g", Members: []hmis.UID{"b", "x"}}},
			[]string{
				"warning organisation_units_without_groups a : in no group",
				`severe orgunit_groups_unknown_member g organisationUnits: no org unit "x"`,
			},
		},
	}
	for _, tt := range tests {
		tree, err := orgunit.NewTree(tt.units, tt.groups...)
		require.NoError(t, err, tt.name)
		if diff := cmp.Diff(tt.want, lines(tree.Check())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestCheckGeometry(t *testing.T) {
	const (
		square = `{"type":"Polygon","coordinates":[[[10,10],[20,10],[20,20],[10,20],[10,10]],[[14,14],[16,14],[16,16],[14,16],[14,14]]]}`
		point  = `{"type":"Point","coordinates":`
		poly   = `{"type":"Polygon","coordinates":`
	)
	tests := []struct{ geometry, want string }{
		{point + `[11,11]}`, ""},
		{point + `[11,11,350]}`, ""}, // a third coordinate is ignored
		{point + `[10,15]}`, ""},     // on the edge of the area
		{point + `[14,15]}`, ""},     // on the edge of the hole
		{point + `[15,15]}`, "warning orgunits_not_contained_by_parent u geometry: 15 15 lies outside parent"}, // inside the hole
		{point + `[9.5,15]}`, "warning orgunits_not_contained_by_parent u geometry: 9.5 15 lies outside parent"},
		{point + `[8.1,-101.7]}`, "warning orgunits_invalid_geometry u geometry: position 8.1 -101.7: want longitude -180 to 180 and latitude -90 to 90; are they swapped?"},
		{point + `[11]}`, "warning orgunits_invalid_geometry u geometry: a position of 1 numbers: want longitude and latitude"},
		{point + `[]}`, "warning orgunits_invalid_geometry u geometry: coordinates that do not fit the type"},
		{point + `"11,11"}`, "warning orgunits_invalid_geometry u geometry: coordinates that do not fit the type"},
		{point + `[1e999,0]}`, "warning orgunits_invalid_geometry u geometry: coordinates that do not fit the type"},
		{`{"type":"Point"}`, "warning orgunits_invalid_geometry u geometry: coordinates that do not fit the type"},
		{`{"type":"Circle","coordinates":[1,2]}`, `warning orgunits_invalid_geometry u geometry: type "Circle": want a GeoJSON geometry`},
		{`POINT(11 11)`, "warning orgunits_invalid_geometry u geometry: want a GeoJSON geometry"},
		{poly + `[[[10,10],[20,10],[20,20],[10,20]]]}`, "warning orgunits_invalid_geometry u geometry: an open ring from 10 10 to 10 20"},
		{poly + `[[[10,10],[20,10],[10,10]]]}`, "warning orgunits_invalid_geometry u geometry: a ring of 3 positions: want at least 4"},
		{poly + `[[]]}`, "warning orgunits_invalid_geometry u geometry: a ring of 0 positions: want at least 4"},
		{`{"type":"MultiPolygon","coordinates":[[]]}`, "warning orgunits_invalid_geometry u geometry: a polygon without rings"},
		{`{"type":"MultiPolygon","coordinates":[[[[0,5],[1,5],[1,6],[0,5]]]]}`, ""},
		{`{"type":"LineString","coordinates":[[11,11],[12,200]]}`, "warning orgunits_invalid_geometry u geometry: position 12 200: want longitude -180 to 180 and latitude -90 to 90"},
		{`{"type":"MultiLineString","coordinates":[[[11,11],[12,12]]]}`, ""},
		{`{"type":"MultiPoint","coordinates":[[11,11],[12]]}`, "warning orgunits_invalid_geometry u geometry: a position of 1 numbers: want longitude and latitude"},
		{"", "warning orgunits_no_coordinates u geometry: no geometry"},
	}
	for _, tt := range tests {
		tree, err := orgunit.NewTree([]hmis.OrgUnit{
			{ID: "parent", Geometry: square}, {ID: "u", Parent: "parent", Geometry: tt.geometry},
		})
		require.NoError(t, err)
		if got := strings.Join(lines(tree.Check()), "\n"); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.geometry, got, tt.want)
		}
	}

	// A point 0.9 degrees away is more than a hundred kilometres away; one at
	// 0.89 degrees is less.
	for geometry, want := range map[string]int{point + `[0,0.89]}`: 1, point + `[0,0.9]}`: 0, point + `[-0.6,0.6]}`: 1} {
		tree, err := orgunit.NewTree([]hmis.OrgUnit{{ID: "u", Geometry: geometry}})
		require.NoError(t, err)
		require.Len(t, tree.Check(), want, geometry)
	}
}

// Each row is a group set and the issues that it has (RULES.md#group-sets).
func TestCheckGroupSet(t *testing.T) {
	tree := country(t)
	set := hmis.GroupSet{ID: "kind", Groups: []hmis.UID{"posts", "clinics", "none", "posts"}}
	want := []string{
		`severe orgunit_group_sets_unknown_group kind organisationUnitGroups: no org unit group "none"`,
		"severe organisation_units_violating_exclusive_group_sets g : in 2 groups of the group set kind: [clinics posts]",
	}
	require.Equal(t, want, lines(tree.CheckGroupSet(set)))

	set.Compulsory = true
	want = append(want, "severe org_units_not_in_compulsory_group_sets d : in no group of the group set kind")
	require.ElementsMatch(t, want, lines(tree.CheckGroupSet(set, 3, 4)), "facilities only")
	require.Len(t, tree.CheckGroupSet(set), 2+4, "c, q, p and d are in no group")
}

func TestCheckLevels(t *testing.T) {
	tree := country(t)
	got := lines(tree.CheckLevels([]hmis.OrgUnitLevel{{ID: "1", Name: "Country", Level: 1}, {ID: "3", Level: 3}}))
	want := []string{
		"info orgunits_level_without_name q : level 2 has no name",
		"info orgunits_level_without_name h : level 3 has no name",
		"info orgunits_level_without_name f : level 4 has no name",
	}
	require.Equal(t, want, got)
}
