package orgunit_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// realFiles returns the files of a pattern in the data directory. It skips the
// test if there is no such directory, and fails it if there is no such file.
func realFiles(t *testing.T, pattern string) []string {
	t.Helper()
	dir := os.Getenv("HMIS_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files, pattern)
	return files
}

// readTable returns the rows of a gzipped CSV file, by heading.
func readTable(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	records, err := csv.NewReader(z).ReadAll()
	require.NoError(t, err)
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string)
		for i, head := range records[0] {
			row[head] = record[i]
		}
		rows = append(rows, row)
	}
	require.NotEmpty(t, rows, file)
	return rows
}

// realGroups returns the org unit groups and group sets of the demo country.
func realGroups(t *testing.T) (groups []hmis.Group, sets []hmis.GroupSet) {
	t.Helper()
	type ref struct{ ID hmis.UID }
	var md struct {
		OrganisationUnitGroups []struct {
			ID                hmis.UID
			Name              string
			OrganisationUnits []ref
		}
		OrganisationUnitGroupSets []struct {
			ID                             hmis.UID
			IncludeSubhierarchyInAnalytics bool
			OrganisationUnitGroups         []ref
		}
	}
	for _, file := range realFiles(t, "sierra-leone/play42-metadata*.json.gz") {
		f, err := os.Open(file)
		require.NoError(t, err)
		defer f.Close()
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		require.NoError(t, json.NewDecoder(z).Decode(&md))
	}
	ids := func(refs []ref) (ids []hmis.UID) {
		for _, r := range refs {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for _, g := range md.OrganisationUnitGroups {
		groups = append(groups, hmis.Group{
			Kind: hmis.KindOrgUnitGroup, ID: g.ID, Name: g.Name, Members: ids(g.OrganisationUnits),
		})
	}
	for _, s := range md.OrganisationUnitGroupSets {
		sets = append(sets, hmis.GroupSet{
			Kind: hmis.KindOrgUnitGroupSet, ID: s.ID, Groups: ids(s.OrganisationUnitGroups),
			Below: s.IncludeSubhierarchyInAnalytics,
		})
	}
	return groups, sets
}

// realUnits returns the units of a table of the server, with their paths only.
func realUnits(t *testing.T, rows []map[string]string) []hmis.OrgUnit {
	t.Helper()
	date := func(text string) period.Date {
		if text == "" {
			return 0
		}
		d, err := period.ParseDate(text)
		require.NoError(t, err)
		return d
	}
	var units []hmis.OrgUnit
	for _, row := range rows {
		units = append(units, hmis.OrgUnit{
			ID: hmis.UID(row["organisationunituid"]), Code: row["code"], Name: row["name"], Path: row["path"],
			Opened: date(row["openingdate"]), Closed: date(row["closeddate"]),
		})
	}
	return units
}

// realTree returns the tree of the server with its groups.
func realTree(t *testing.T) *orgunit.Tree {
	t.Helper()
	groups, _ := realGroups(t)
	rows := readTable(t, realFiles(t, "server-tables/orgunit-structure*.csv.gz")[0])
	tree, err := orgunit.NewTree(realUnits(t, rows), groups...)
	require.NoError(t, err)
	return tree
}

// The tree has the levels, paths and ancestors that a server computed, whatever
// order the units come in and whether parents or paths are known.
func TestRealStructure(t *testing.T) {
	for _, file := range realFiles(t, "server-tables/orgunit-structure*.csv.gz") {
		rows := readTable(t, file)
		byPath := realUnits(t, rows)
		byParent := slices.Clone(byPath)
		for i := range byParent {
			if ids := strings.Split(byParent[i].Path, "/"); len(ids) > 2 {
				byParent[i].Parent = hmis.UID(ids[len(ids)-2])
			}
			byParent[i].Path = ""
		}
		rnd := rand.New(rand.NewPCG(1, 2))
		rnd.Shuffle(len(byParent), func(i, j int) { byParent[i], byParent[j] = byParent[j], byParent[i] })

		for form, units := range map[string][]hmis.OrgUnit{"paths": byPath, "parents": byParent} {
			tree, err := orgunit.NewTree(units)
			require.NoError(t, err)
			require.Equal(t, len(rows), tree.Len())
			passed, failed := 0, 0
			for _, row := range rows {
				id := hmis.UID(row["organisationunituid"])
				got := []string{fmt.Sprint(tree.Level(id)), tree.Path(id), tree.NamePath(id)}
				var names strings.Builder
				for level := 1; row[fmt.Sprint("namelevel", level)] != ""; level++ {
					names.WriteString("/" + row[fmt.Sprint("namelevel", level)])
				}
				want := []string{row["level"], row["path"], names.String()}
				for level := 1; level <= tree.Level(id); level++ {
					want = append(want, "contained", row[fmt.Sprint("uidlevel", level)])
					up := hmis.UID(row[fmt.Sprint("uidlevel", level)])
					got = append(got, map[bool]string{true: "contained", false: "apart"}[tree.Contains(up, id)], string(up))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					if failed++; failed <= 20 {
						t.Errorf("%s: %s (-want +got):\n%s", filepath.Base(file), id, diff)
					}
					continue
				}
				passed++
			}
			t.Logf("%s by %s: %d passed, %d failed", filepath.Base(file), form, passed, failed)
		}
	}
}

// Level by level and district by district, selections are complete (org units
// specification, 12).
func TestRealSelections(t *testing.T) {
	tree := realTree(t)
	for level, want := range map[int]int{1: 1, 2: 13, 3: 152, 4: 1166} {
		require.Len(t, tree.AtLevel(level), want)
	}
	facilities := 0
	for _, district := range tree.AtLevel(2) {
		facilities += len(tree.Select(orgunit.Selector{Levels: []int{4}, Units: []hmis.UID{district}}))
	}
	require.Equal(t, 1166, facilities)

	for text, want := range map[string]int{
		"LEVEL-2;OU_GROUP-CXw2yu5fodb":             13 + 194,
		"LEVEL-2;OU_GROUP-CXw2yu5fodb;O6uvpzGd5pu": 1 + 27,
		"LEVEL-1;O6uvpzGd5pu":                      0,
	} {
		s, err := tree.ParseSelector(text, nil)
		require.NoError(t, err)
		require.Len(t, tree.Select(s), want, text)
	}
}

// A part of the country keeps its levels and ancestors.
func TestRealPart(t *testing.T) {
	whole := realTree(t)
	var units []hmis.OrgUnit
	for id := range whole.Subtree("O6uvpzGd5pu") {
		u, _ := whole.Unit(id)
		units = append(units, u)
	}
	part, err := orgunit.NewTree(units)
	require.NoError(t, err)
	require.Equal(t, []hmis.UID{"O6uvpzGd5pu"}, part.Roots())
	for id := range part.All() {
		require.Equal(t, whole.Level(id), part.Level(id))
		require.Equal(t, whole.Path(id), part.Path(id))
	}
}

// Groups have the members, and each unit the ancestors, that a server wrote down.
func TestRealGroupMembers(t *testing.T) {
	tree := realTree(t)
	for _, file := range realFiles(t, "server-tables/orgunit-group-target*.csv.gz") {
		rows := readTable(t, file)
		want := make(map[hmis.UID]map[hmis.UID]int) // members below a unit, by group
		members := make(map[hmis.UID][]hmis.UID)
		for _, row := range rows {
			group := hmis.UID(row["oug"])
			if want[group] == nil {
				want[group] = make(map[hmis.UID]int)
			}
			var last hmis.UID
			for level := 1; row[fmt.Sprint("uidlevel", level)] != ""; level++ {
				last = hmis.UID(row[fmt.Sprint("uidlevel", level)])
				want[group][last]++
			}
			members[group] = append(members[group], last)
		}
		passed := 0
		for group, list := range members {
			require.ElementsMatch(t, list, tree.Select(orgunit.Selector{Groups: []hmis.UID{group}}), group)
			for id := range tree.All() {
				require.Equal(t, want[group][id], tree.CountIn(group, id), "%s in %s", group, id)
				require.Equal(t, slices.Contains(list, id), tree.InGroup(group, id))
				passed++
			}
		}
		t.Logf("%s: %d passed, 0 failed", filepath.Base(file), passed)
	}
}

// Each unit counts in the group that a server chose for it in each group set,
// where it is in two as well.
func TestRealGroupSets(t *testing.T) {
	tree := realTree(t)
	_, sets := realGroups(t)
	for _, file := range realFiles(t, "server-tables/orgunit-groupset-assignment*.csv.gz") {
		rows := readTable(t, file)
		passed, failed := 0, 0
		for _, set := range sets {
			parts := tree.Divide(set)
			for _, row := range rows {
				pos, _, ok := tree.Span(hmis.UID(row["orgunit"]))
				require.True(t, ok)
				if got, want := parts[pos], hmis.UID(row[string(set.ID)]); got != want {
					if failed++; failed <= 20 {
						t.Errorf("%s: %s counts in %q of %s, want %q", filepath.Base(file), row["orgunit"], got, set.ID, want)
					}
					continue
				}
				passed++
			}
		}
		t.Logf("%s: %d passed, %d failed", filepath.Base(file), passed, failed)
	}
}

// The demo country is as dirty as the org units specification says (section 7).
func TestRealCheck(t *testing.T) {
	tree := realTree(t)
	_, sets := realGroups(t)
	twice := make(map[hmis.UID]int)
	for _, set := range sets {
		for _, issue := range tree.CheckGroupSet(set) {
			if issue.Code == "organisation_units_violating_exclusive_group_sets" {
				twice[set.ID]++
			}
		}
	}
	require.Equal(t, map[hmis.UID]int{
		"J5jldMd8OHv": 1,  // facility type: Golu MCHP
		"Bpx0589u8y0": 15, // ownership
		"uIuxlbV1vRT": 1,  // area: Kambia
	}, twice)

	for _, issue := range tree.Check() {
		require.Less(t, issue.Severity, hmis.Severe, issue.Error())
	}
}

// The boundaries of the demo country can be read; facilities lie within their
// chiefdoms unless Check says not.
func TestRealGeometry(t *testing.T) {
	var features struct {
		Features []struct {
			ID       hmis.UID
			Geometry json.RawMessage
		}
	}
	for _, file := range realFiles(t, "sierra-leone/*geometry*.geojson.gz") {
		f, err := os.Open(file)
		require.NoError(t, err)
		defer f.Close()
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		require.NoError(t, json.NewDecoder(z).Decode(&features))
	}
	geometry := make(map[hmis.UID]string)
	for _, f := range features.Features {
		geometry[f.ID] = string(f.Geometry)
	}
	var units []hmis.OrgUnit
	whole := realTree(t)
	for id := range whole.All() {
		u, _ := whole.Unit(id)
		u.Geometry = geometry[id]
		units = append(units, u)
	}
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	found := make(map[string]int)
	for _, issue := range tree.Check() {
		found[issue.Code]++
	}
	t.Logf("%d units, %d geometries: %v", tree.Len(), len(geometry), found)
	require.Equal(t, tree.Len()-len(geometry), found["orgunits_no_coordinates"])
	require.Zero(t, found["orgunits_invalid_geometry"])
	require.Zero(t, found["orgunits_null_island"])
	// By winding numbers, counted outside this library, 123 of 601 points are too.
	require.Equal(t, 123, found["orgunits_not_contained_by_parent"])
}
