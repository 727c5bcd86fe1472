package orgunit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// country returns a small tree whose branches differ in depth. c has the
// provinces p and q, p has the districts d and e, d has the facilities f and g,
// and q has the facility h.
func country(t testing.TB) *orgunit.Tree {
	t.Helper()
	tree, err := orgunit.NewTree(countryUnits(), countryGroups()...)
	require.NoError(t, err)
	return tree
}

func countryUnits() []hmis.OrgUnit {
	return []hmis.OrgUnit{
		{ID: "f", Name: "Fula", Parent: "d"},
		{ID: "c", Name: "Country"},
		{ID: "q", Name: "Quay", Parent: "c"},
		{ID: "p", Name: "Port", Parent: "c"},
		{ID: "d", Name: "Dale", Parent: "p"},
		{ID: "h", Name: "Hill", Parent: "q"},
		{ID: "e", Name: "Edge", Parent: "p"},
		{ID: "g", Name: "Glen", Parent: "d"},
	}
}

func countryGroups() []hmis.Group {
	return []hmis.Group{
		{Kind: hmis.KindOrgUnitGroup, ID: "clinics", Members: []hmis.UID{"h", "g", "e"}},
		{Kind: hmis.KindOrgUnitGroup, ID: "posts", Members: []hmis.UID{"f", "g"}},
		{Kind: hmis.KindDataElementGroup, ID: "other", Members: []hmis.UID{"f"}},
	}
}

func join[S ~string](ids []S) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, " ")
}

// Each row is a unit and its place in the tree (RULES.md#trees).
func TestTree(t *testing.T) {
	tree := country(t)
	require.Equal(t, 8, tree.Len())
	require.Equal(t, "c q h p d f g e", join(slices.Collect(tree.All())))
	require.Equal(t, "c", join(tree.Roots()))

	tests := []struct {
		id                                   hmis.UID
		level                                int
		parent, path, children, below, above string
	}{
		{"c", 1, "", "/c", "q p", "c q h p d f g e", ""},
		{"q", 2, "c", "/c/q", "h", "q h", "c"},
		{"h", 3, "q", "/c/q/h", "", "h", "q c"},
		{"p", 2, "c", "/c/p", "d e", "p d f g e", "c"},
		{"d", 3, "p", "/c/p/d", "f g", "d f g", "p c"},
		{"f", 4, "d", "/c/p/d/f", "", "f", "d p c"},
		{"e", 3, "p", "/c/p/e", "", "e", "p c"},
		{"x", 0, "", "", "", "", ""}, // not in the tree
		{"", 0, "", "", "", "", ""},
	}
	for _, tt := range tests {
		parent, _ := tree.Parent(tt.id)
		got := []string{
			fmt.Sprint(tree.Level(tt.id)), string(parent), tree.Path(tt.id), join(tree.Children(tt.id)),
			join(slices.Collect(tree.Subtree(tt.id))), join(slices.Collect(tree.Ancestors(tt.id))),
		}
		want := []string{fmt.Sprint(tt.level), tt.parent, tt.path, tt.children, tt.below, tt.above}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: level, parent, path, children, subtree, ancestors (-want +got):\n%s", tt.id, diff)
		}
	}

	for level, want := range []string{"", "c", "q p", "h d e", "f g", ""} {
		if got := join(tree.AtLevel(level)); got != want {
			t.Errorf("AtLevel(%d) = %q, want %q", level, got, want)
		}
	}
	unit, ok := tree.Unit("d")
	require.True(t, ok)
	require.Equal(t, "Dale", unit.Name)
	_, ok = tree.Unit("x")
	require.False(t, ok)
}

func TestContains(t *testing.T) {
	tree := country(t)
	for unit := range tree.All() {
		for id := range tree.All() {
			want := slices.Contains(strings.Split(tree.Path(id), "/"), string(unit))
			if got := tree.Contains(unit, id); got != want {
				t.Errorf("Contains(%s, %s) = %v, want %v", unit, id, got, want)
			}
		}
	}
	require.False(t, tree.Contains("c", "x"))
	require.False(t, tree.Contains("x", "c"))
	require.False(t, tree.Contains("x", "x"))
}

// The methods for positions agree with those for ids.
func TestPositions(t *testing.T) {
	tree := country(t)
	for pos := range tree.Len() {
		id := tree.At(pos)
		first, end, ok := tree.Span(id)
		require.True(t, ok)
		require.Equal(t, pos, first)
		require.Equal(t, len(slices.Collect(tree.Subtree(id))), end-first)
		require.Equal(t, tree.Level(id), tree.LevelAt(pos))
		if parent, ok := tree.Parent(id); ok {
			up, _, _ := tree.Span(parent)
			require.Less(t, up, pos, "a parent comes first")
		}
	}
	_, _, ok := tree.Span("x")
	require.False(t, ok)
}

func TestEmptyTree(t *testing.T) {
	tree, err := orgunit.NewTree(nil)
	require.NoError(t, err)
	require.Zero(t, tree.Len())
	require.Empty(t, tree.Roots())
	require.Empty(t, tree.AtLevel(1))
	require.Empty(t, tree.Check())
	require.Empty(t, tree.Select(orgunit.Selector{Levels: []int{1}}))
}

// A part of a country keeps the levels and ancestors of its paths. A Parent
// overrides a Path (RULES.md#trees).
func TestPartialTree(t *testing.T) {
	tests := []struct {
		name   string
		units  []hmis.OrgUnit
		id     hmis.UID
		level  int
		parent string
		above  string
	}{
		{"a parent that is missing and no path", []hmis.OrgUnit{{ID: "f", Parent: "d"}}, "f", 1, "", ""},
		{"a path through missing units", []hmis.OrgUnit{{ID: "f", Parent: "d", Path: "/c/p/d/f"}}, "f", 4, "", "d p c"},
		{"only a path", []hmis.OrgUnit{{ID: "f", Path: "/c/p/d/f"}}, "f", 4, "", "d p c"},
		{"a child below it", []hmis.OrgUnit{{ID: "d", Path: "/c/p/d"}, {ID: "f", Parent: "d"}}, "f", 4, "d", "d p c"},
		{"only paths, parent there", []hmis.OrgUnit{{ID: "f", Path: "/d/f"}, {ID: "d", Path: "/d"}}, "f", 2, "d", "d"},
		{"the parent wins", []hmis.OrgUnit{{ID: "f", Parent: "d", Path: "/e/f"}, {ID: "d"}, {ID: "e"}}, "f", 2, "d", "d"},
		{"the missing parent wins", []hmis.OrgUnit{{ID: "f", Parent: "d", Path: "/e/f"}, {ID: "e"}}, "f", 1, "", ""},
		{"a gap in the middle", []hmis.OrgUnit{{ID: "f", Parent: "d", Path: "/c/p/d/f"}, {ID: "c"}}, "f", 4, "c", "d p c"},
		{"two gaps", []hmis.OrgUnit{{ID: "f", Path: "/a/c/p/d/f"}, {ID: "p", Path: "/a/c/p"}}, "f", 5, "p", "d p c a"},
		{"a path of another unit", []hmis.OrgUnit{{ID: "f", Path: "/c/g"}, {ID: "c"}}, "f", 1, "", ""},
		{"a path without its slash", []hmis.OrgUnit{{ID: "f", Path: "c/f"}, {ID: "c"}}, "f", 1, "", ""},
		{"a path with an empty id", []hmis.OrgUnit{{ID: "f", Path: "/c//f"}, {ID: "c"}}, "f", 1, "", ""},
	}
	for _, tt := range tests {
		tree, err := orgunit.NewTree(tt.units)
		require.NoError(t, err, tt.name)
		parent, _ := tree.Parent(tt.id)
		above := join(slices.Collect(tree.Ancestors(tt.id)))
		if tree.Level(tt.id) != tt.level || string(parent) != tt.parent || above != tt.above {
			t.Errorf("%s: level %d, parent %q, ancestors %q; want %d, %q, %q",
				tt.name, tree.Level(tt.id), parent, above, tt.level, tt.parent, tt.above)
		}
	}
}

func TestNewTreeRefuses(t *testing.T) {
	tests := []struct {
		name  string
		units []hmis.OrgUnit
		want  []string
	}{
		{
			"ids that repeat or are empty",
			[]hmis.OrgUnit{{ID: "a"}, {ID: "b"}, {ID: "a"}, {Name: "Hut"}, {ID: "b"}},
			[]string{
				`hmis: orgunits_same_id: organisationUnit a: id: the id of unit 2 is also that of unit 0`,
				`hmis: orgunits_without_id: organisationUnit: id: unit 3, named "Hut", has no id`,
				`hmis: orgunits_same_id: organisationUnit b: id: the id of unit 4 is also that of unit 1`,
			},
		},
		{
			"cycles, but not what hangs below them",
			[]hmis.OrgUnit{
				{ID: "x", Parent: "a"}, {ID: "a", Parent: "b"}, {ID: "b", Parent: "a"},
				{ID: "self", Parent: "self"}, {ID: "root"}, {ID: "y", Parent: "x"},
			},
			[]string{
				`hmis: org_units_with_cyclic_references: organisationUnit a: parent: a unit above itself: "a" → "b" → "a"`,
				`hmis: org_units_with_cyclic_references: organisationUnit self: parent: a unit above itself: "self" → "self"`,
			},
		},
		{
			"a cycle by paths",
			[]hmis.OrgUnit{{ID: "a", Path: "/b/a"}, {ID: "b", Path: "/a/b"}},
			[]string{`hmis: org_units_with_cyclic_references: organisationUnit a: parent: a unit above itself: "a" → "b" → "a"`},
		},
		{
			"a long cycle is not told in full",
			[]hmis.OrgUnit{
				{ID: "1", Parent: "2"}, {ID: "2", Parent: "3"}, {ID: "3", Parent: "4"}, {ID: "4", Parent: "5"},
				{ID: "5", Parent: "6"}, {ID: "6", Parent: "7"}, {ID: "7", Parent: "8"}, {ID: "8", Parent: "9"},
				{ID: "9", Parent: "10"}, {ID: "10", Parent: "1"},
			},
			[]string{`hmis: org_units_with_cyclic_references: organisationUnit 1: parent: a unit above itself: ` +
				`"1" → "2" → "3" → "4" → "5" → "6" → "7" → "8" → 2 more → "1"`},
		},
	}
	for _, tt := range tests {
		_, err := orgunit.NewTree(tt.units)
		if err == nil {
			t.Errorf("%s: no error", tt.name)
			continue
		}
		if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// The order of the input changes only the order of siblings. Parents, paths or
// both give the same tree.
func TestOrderAndFormDoNotMatter(t *testing.T) {
	want := country(t)
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		units := countryUnits()
		rnd.Shuffle(len(units), func(i, j int) { units[i], units[j] = units[j], units[i] })
		for i := range units {
			switch form := rnd.IntN(3); form {
			case 1, 2:
				units[i].Path = want.Path(units[i].ID)
				if form == 2 {
					units[i].Parent = ""
				}
			}
		}
		tree, err := orgunit.NewTree(units)
		require.NoError(t, err)
		for id := range want.All() {
			require.Equal(t, want.Path(id), tree.Path(id), "seed %d", seed)
			require.Equal(t, want.Level(id), tree.Level(id), "seed %d", seed)
		}
	}
}

// NewTree copies its argument.
func TestTreeDoesNotChange(t *testing.T) {
	units := countryUnits()
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	for i := range units {
		units[i] = hmis.OrgUnit{ID: "changed"}
	}
	require.Equal(t, "c q h p d f g e", join(slices.Collect(tree.All())))
}

// A chain of 100,000 units needs neither a deep stack nor quadratic time.
func TestDeepTree(t *testing.T) {
	const depth = 100_000
	units := make([]hmis.OrgUnit, depth)
	for i := range units {
		units[i] = hmis.OrgUnit{ID: hmis.UID(fmt.Sprint("u", i)), Path: "/x"}
		if i+1 < depth {
			units[i].Parent = hmis.UID(fmt.Sprint("u", i+1))
		}
	}
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	require.Equal(t, depth, tree.Level("u0"))
	require.True(t, tree.Contains(hmis.UID(fmt.Sprint("u", depth-1)), "u0"))
	require.Len(t, tree.Check(), depth, "each path is wrong")
}

// Each row is a day and the units that are open on it
// (RULES.md#open-and-closed).
func TestOpenOn(t *testing.T) {
	tree, err := orgunit.NewTree([]hmis.OrgUnit{
		{ID: "always"},
		{ID: "from10", Opened: period.DateOf(2024, 1, 10)},
		{ID: "to20", Closed: period.DateOf(2024, 1, 20)},
		{ID: "from10to20", Opened: period.DateOf(2024, 1, 10), Closed: period.DateOf(2024, 1, 20)},
	})
	require.NoError(t, err)
	for day, want := range map[int]string{
		9:  "always to20",
		10: "always from10 to20 from10to20", // the day on which a unit opens
		20: "always from10 to20 from10to20", // the day on which a unit closes
		21: "always from10",
	} {
		if got := join(slices.Collect(tree.OpenOn(period.DateOf(2024, 1, day)))); got != want {
			t.Errorf("open on January %d: %q, want %q", day, got, want)
		}
	}
}

// Each row is a unit and its path of names (RULES.md#display).
func TestDisplay(t *testing.T) {
	tree := country(t)
	tests := []struct {
		id    hmis.UID
		roots []hmis.UID
		names string
	}{
		{"g", nil, "/Country/Port/Dale/Glen"},
		{"g", []hmis.UID{"p"}, "/Port/Dale/Glen"},
		{"g", []hmis.UID{"c", "d"}, "/Dale/Glen"},    // the path begins at the nearest root
		{"p", []hmis.UID{"p"}, "/Country/Port"},      // a root must be above the unit
		{"h", []hmis.UID{"p"}, "/Country/Quay/Hill"}, // this unit is not below that root
		{"c", nil, "/Country"},
		{"x", nil, ""},
	}
	for _, tt := range tests {
		if got := tree.NamePath(tt.id, tt.roots...); got != tt.names {
			t.Errorf("NamePath(%s, %v) = %q, want %q", tt.id, tt.roots, got, tt.names)
		}
	}
}

// A loop over an iterator can stop early and start again.
func TestWalksStop(t *testing.T) {
	tree := country(t)
	for range 2 {
		for id := range tree.Subtree("p") {
			require.Equal(t, hmis.UID("p"), id)
			break
		}
		for id := range tree.Ancestors("g") {
			require.Equal(t, hmis.UID("d"), id)
			break
		}
		for id := range tree.OpenOn(0) {
			require.Equal(t, hmis.UID("c"), id)
			break
		}
	}
}

// Many goroutines can use one tree: run with -race.
func TestTreeIsShared(t *testing.T) {
	tree := country(t)
	set := hmis.GroupSet{ID: "kind", Groups: []hmis.UID{"posts", "clinics"}, Below: true}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for id := range tree.All() {
				_, _ = tree.Unit(id)
				_ = tree.Path(id)
				_ = tree.Children(id)
				_ = tree.CountIn("clinics", id)
				_ = tree.NamePath(id, "p")
			}
			s, err := tree.ParseSelector("LEVEL-3;OU_GROUP-posts;p", nil)
			if err != nil || join(tree.Select(s)) != "d e f g" {
				t.Errorf("selected %v, %v", tree.Select(s), err)
			}
			_ = tree.Divide(set)
			_ = tree.Check()
		})
	}
	wg.Wait()
}
