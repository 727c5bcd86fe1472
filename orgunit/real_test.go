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
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// readTable returns the rows of a gzipped CSV file, each as a map from heading
// to cell.
func readTable(t *testing.T, file string) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(testfile.Open(t, file)).ReadAll()
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
	f, err := os.Open(testfile.Companion(t, "sierra-leone/play42-metadata.json.gz"))
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	require.NoError(t, json.NewDecoder(z).Decode(&md))
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

// realUnits returns the units in a table of the server, with their paths only.
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

// realTree returns the tree of the demo country with its groups.
func realTree(t *testing.T) *orgunit.Tree {
	t.Helper()
	groups, _ := realGroups(t)
	rows := readTable(t, testfile.Companion(t, "server-tables/orgunit-structure.csv.gz"))
	tree, err := orgunit.NewTree(realUnits(t, rows), groups...)
	require.NoError(t, err)
	return tree
}

// The tree has the levels, paths and ancestors that a server computed. Neither
// the order of the units nor missing parents or paths change that.
func TestRealStructure(t *testing.T) {
	for _, file := range testfile.Data(t, "server-tables/orgunit-structure*.csv.gz") {
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
			counted := tally.Of(t, file+" by "+form)
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
				diff := cmp.Diff(want, got)
				counted.Check(diff == "", "%s (-want +got):\n%s", id, diff)
			}
			counted.Done()
		}
	}
}

// Select returns the units that the server's own columns of levels have.
func TestRealSelections(t *testing.T) {
	for _, file := range testfile.Data(t, "server-tables/orgunit-structure*.csv.gz") {
		rows := readTable(t, file)
		tree, err := orgunit.NewTree(realUnits(t, rows))
		require.NoError(t, err)
		type within struct {
			level int
			unit  hmis.UID
		}
		want := make(map[within]int)
		deepest := 0
		for _, row := range rows {
			level, err := strconv.Atoi(row["level"])
			require.NoError(t, err)
			deepest = max(deepest, level)
			want[within{level, ""}]++
			for up := 1; up <= level; up++ {
				want[within{level, hmis.UID(row[fmt.Sprint("uidlevel", up)])}]++
			}
		}
		counted := tally.Of(t, file)
		for level := 1; level <= deepest+1; level++ {
			require.Len(t, tree.AtLevel(level), want[within{level, ""}])
			for id := range tree.All() {
				got := tree.Select(orgunit.Selector{Levels: []int{level}, Units: []hmis.UID{id}})
				require.Len(t, got, want[within{level, id}], "level %d in %s", level, id)
				counted.Pass()
			}
		}
		counted.Done()
	}
}

// These numbers were counted in the demo country by other means.
func TestRealDemoCountry(t *testing.T) {
	tree := realTree(t)
	for level, want := range map[int]int{1: 1, 2: 13, 3: 152, 4: 1166} {
		require.Len(t, tree.AtLevel(level), want)
	}
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

// Groups have the members that a server has recorded, and units have its
// ancestors.
func TestRealGroupMembers(t *testing.T) {
	tree := realTree(t)
	for _, file := range testfile.Data(t, "server-tables/orgunit-group-target*.csv.gz") {
		rows := readTable(t, file)
		want := make(map[hmis.UID]map[hmis.UID]int) // the number of members below each unit, by group
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
		counted := tally.Of(t, file)
		for group, list := range members {
			var got []hmis.UID
			for id := range tree.All() {
				if tree.InGroup(group, id) {
					got = append(got, id)
				}
				below := tree.CountIn(group, id)
				counted.Check(below == want[group][id], "%d of group %s within %s, want %d", below, group, id, want[group][id])
			}
			require.ElementsMatch(t, list, got, group)
			require.ElementsMatch(t, list, tree.Select(orgunit.Selector{Groups: []hmis.UID{group}}), group)
		}
		counted.Done()
	}
}

// Each unit counts in the group that a server chose for it, even if it is in
// two groups of a set.
func TestRealGroupSets(t *testing.T) {
	tree := realTree(t)
	_, sets := realGroups(t)
	for _, file := range testfile.Data(t, "server-tables/orgunit-groupset-assignment*.csv.gz") {
		rows := readTable(t, file)
		counted := tally.Of(t, file)
		for _, set := range sets {
			if _, ok := rows[0][string(set.ID)]; !ok {
				t.Logf("%s has no column of the group set %s", filepath.Base(file), set.ID)
				continue
			}
			parts := tree.Divide(set)
			for _, row := range rows {
				pos, _, ok := tree.Span(hmis.UID(row["orgunit"]))
				require.True(t, ok)
				got, want := parts[pos], hmis.UID(row[string(set.ID)])
				counted.Check(got == want, "%s counts in %q of %s, want %q", row["orgunit"], got, set.ID, want)
			}
		}
		counted.Done()
	}
}

// Check finds as many faults as were counted in the demo country by other
// means.
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
		"J5jldMd8OHv": 1,  // one facility has two types: Golu MCHP
		"Bpx0589u8y0": 15, // units with two owners
		"uIuxlbV1vRT": 1,  // one unit is in two areas: Kambia
	}, twice)

	for _, issue := range tree.Check() {
		require.Less(t, issue.Severity, hmis.Severe, issue.Error())
	}
}
