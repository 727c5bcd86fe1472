package orgunit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// Each row is a selector and the units that it selects (RULES.md#selectors).
func TestSelect(t *testing.T) {
	tree := country(t)
	type ids = []hmis.UID
	tests := []struct {
		s    orgunit.Selector
		want string
	}{
		{orgunit.Selector{}, ""},
		{orgunit.Selector{Units: ids{"q", "p", "q", "x"}}, "q p"},
		{orgunit.Selector{Levels: []int{3}}, "h d e"},
		{orgunit.Selector{Levels: []int{3}, Units: ids{"p"}}, "d e"},
		{orgunit.Selector{Levels: []int{3, 4}, Units: ids{"p", "q"}}, "h d f g e"},
		{orgunit.Selector{Levels: []int{2}, Units: ids{"p"}}, "p"}, // p itself is within p
		{orgunit.Selector{Levels: []int{1}, Units: ids{"p"}}, ""},
		{orgunit.Selector{Levels: []int{3}, Units: ids{"d", "p"}}, "d e"}, // one boundary is within the other
		{orgunit.Selector{Levels: []int{3}, Units: ids{"x"}}, ""},         // no unit is within an unknown one
		{orgunit.Selector{Groups: ids{"clinics"}}, "h g e"},
		{orgunit.Selector{Groups: ids{"clinics"}, Units: ids{"p"}}, "g e"},
		{orgunit.Selector{Groups: ids{"clinics", "posts"}, Units: ids{"p"}}, "f g e"}, // p is a further boundary
		{orgunit.Selector{Groups: ids{"x"}, Units: ids{"p"}}, ""},
		{orgunit.Selector{Levels: []int{3}, Groups: ids{"clinics"}, Units: ids{"p"}}, "d e g"},
		{orgunit.Selector{Levels: []int{9, 0, -1}}, ""},
	}
	for _, tt := range tests {
		if got := join(tree.Select(tt.s)); got != tt.want {
			t.Errorf("Select(%+v) = %q, want %q", tt.s, got, tt.want)
		}
	}
}

// Each row is a selector in the form of DHIS2 and its meaning
// (RULES.md#selectors).
func TestParseSelector(t *testing.T) {
	tree := country(t)
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "LevelDistr1", Level: 3}},
		DataSets:      []hmis.DataSet{{ID: "set", OrgUnits: []hmis.UID{"g", "x", "e"}}},
	})
	require.NoError(t, err)
	type ids = []hmis.UID
	tests := []struct {
		in   string
		user ids
		want orgunit.Selector
		gets string
	}{
		{"LEVEL-3", nil, orgunit.Selector{Levels: []int{3}}, "h d e"},
		{"LEVEL-LevelDistr1;p", nil, orgunit.Selector{Units: ids{"p"}, Levels: []int{3}}, "d e"},
		{"LEVEL-LevelNobody;p", nil, orgunit.Selector{Units: ids{"p"}}, "p"}, // the unknown level is left out, so p is no boundary
		{"OU_GROUP-posts;p", nil, orgunit.Selector{Units: ids{"p"}, Groups: ids{"posts"}}, "f g"},
		{"OU_GROUP-other;p", nil, orgunit.Selector{Units: ids{"p"}}, "p"}, // this group has data elements
		{"LEVEL-4;x", nil, orgunit.Selector{Levels: []int{4}}, "f g"},     // an unknown unit is no boundary
		{"p; q ;p;;x", nil, orgunit.Selector{Units: ids{"p", "q"}}, "p q"},
		{"USER_ORGUNIT", ids{"p", "q"}, orgunit.Selector{Units: ids{"p", "q"}}, "p q"},
		{"USER_ORGUNIT_CHILDREN", ids{"p", "q"}, orgunit.Selector{Units: ids{"d", "e", "h"}}, "d e h"},
		{"USER_ORGUNIT_GRANDCHILDREN", ids{"c"}, orgunit.Selector{Units: ids{"h", "d", "e"}}, "h d e"},
		{"USER_ORGUNIT;USER_ORGUNIT_CHILDREN", ids{"p"}, orgunit.Selector{Units: ids{"p", "d", "e"}}, "p d e"},
		{"USER_ORGUNIT;LEVEL-4", ids{"p"}, orgunit.Selector{Units: ids{"p"}, Levels: []int{4}}, "f g"},
		{"USER_ORGUNIT", nil, orgunit.Selector{}, ""},
		{"DS-set", nil, orgunit.Selector{Units: ids{"g", "e"}}, "g e"},
		{"DS-none;PR-none", nil, orgunit.Selector{}, ""},
		{"", nil, orgunit.Selector{}, ""},
	}
	for _, tt := range tests {
		s, err := tree.ParseSelector(tt.in, catalog, tt.user...)
		if err != nil {
			t.Errorf("ParseSelector(%q): %v", tt.in, err)
			continue
		}
		if diff := cmp.Diff(tt.want, s); diff != "" {
			t.Errorf("ParseSelector(%q) (-want +got):\n%s", tt.in, diff)
		}
		if got := join(tree.Select(s)); got != tt.gets {
			t.Errorf("Select of %q = %q, want %q", tt.in, got, tt.gets)
		}
	}

	s, err := tree.ParseSelector("DS-set;LEVEL-LevelDistr1;e", nil)
	require.NoError(t, err)
	require.Equal(t, orgunit.Selector{Units: ids{"e"}}, s, "without a catalog there are no data sets and level ids")
}

func TestParseSelectorRefuses(t *testing.T) {
	tree := country(t)
	for _, in := range []string{
		"LEVEL-0", "LEVEL--1", "LEVEL-", "LEVEL-three", "LEVEL-+3", "LEVEL-3-O6uvpzGd5pu", "LEVEL-99999999999",
	} {
		s, err := tree.ParseSelector("p;"+in, nil)
		want := `orgunit: "` + in + `": want LEVEL- and a number from 1 or the id of a level`
		if err == nil || err.Error() != want {
			t.Errorf("ParseSelector(%q) = %v, %v; want error %s", in, s, err, want)
		}
	}
}

// Each row is a unit and a group, and how many members are below it
// (RULES.md#groups).
func TestGroups(t *testing.T) {
	tree := country(t)
	tests := []struct {
		group, unit hmis.UID
		in          bool
		count       int
	}{
		{"clinics", "c", false, 3},
		{"clinics", "p", false, 2},
		{"clinics", "d", false, 1},
		{"clinics", "g", true, 1},
		{"clinics", "f", false, 0},
		{"posts", "d", false, 2},
		{"posts", "q", false, 0},
		{"other", "f", false, 0}, // a group of data elements
		{"none", "c", false, 0},
		{"clinics", "x", false, 0},
	}
	for _, tt := range tests {
		if in, n := tree.InGroup(tt.group, tt.unit), tree.CountIn(tt.group, tt.unit); in != tt.in || n != tt.count {
			t.Errorf("%s at %s: in %v, count %d; want %v, %d", tt.group, tt.unit, in, n, tt.in, tt.count)
		}
	}
}

// A member that repeats counts once, and a group that is given in parts is one
// group.
func TestGroupsGivenTwice(t *testing.T) {
	tree, err := orgunit.NewTree(countryUnits(),
		hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "a", Members: []hmis.UID{"f", "f", "g"}},
		hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: "a", Members: []hmis.UID{"g", "e"}},
	)
	require.NoError(t, err)
	require.Equal(t, 3, tree.CountIn("a", "c"))
}

// Each row is a group set and the group of each unit (RULES.md#group-sets).
func TestDivide(t *testing.T) {
	groups := []hmis.Group{
		{Kind: hmis.KindOrgUnitGroup, ID: "north", Members: []hmis.UID{"p"}},
		{Kind: hmis.KindOrgUnitGroup, ID: "south", Members: []hmis.UID{"q", "f"}},
		{Kind: hmis.KindOrgUnitGroup, ID: "east", Members: []hmis.UID{"g"}},
		{Kind: hmis.KindOrgUnitGroup, ID: "lone", Members: []hmis.UID{"e", "f"}}, // this group is in none of the sets below
	}
	tree, err := orgunit.NewTree(countryUnits(), groups...)
	require.NoError(t, err)
	tests := []struct {
		set  hmis.GroupSet
		want string // the groups of c q h p d f g e, in this order
	}{
		{hmis.GroupSet{Groups: []hmis.UID{"north", "south"}}, "- south - north - south - -"},
		{hmis.GroupSet{Groups: []hmis.UID{"north", "south"}, Below: true}, "- south south north north south north north"},
		{hmis.GroupSet{Groups: []hmis.UID{"south", "lone"}}, "- south - - - lone - lone"}, // f is in both groups
		{hmis.GroupSet{Groups: []hmis.UID{"lone", "south", "lone"}}, "- south - - - lone - lone"},
		{hmis.GroupSet{Groups: []hmis.UID{"none"}}, "- - - - - - - -"},
		{hmis.GroupSet{}, "- - - - - - - -"},
	}
	for _, tt := range tests {
		parts := tree.Divide(tt.set)
		for i := range parts {
			if parts[i] == "" {
				parts[i] = "-"
			}
		}
		if got := join(parts); got != tt.want {
			t.Errorf("Divide(%v) = %q, want %q", tt.set, got, tt.want)
		}
	}
}
