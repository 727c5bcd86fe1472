package aggregate_test

import (
	"fmt"
	"iter"
	"maps"
	"math/big"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// compare compares a cell with what a table of the server says.
func compare(count *tally.Tally, what fmt.Stringer, got, want string) {
	count.Check(got == want, "%s: got %q, want %q", what, got, want)
}

// A target is a cell of expected reports.
type target struct {
	set, unit hmis.UID
	period    string
	item      string
}

func (c target) String() string { return fmt.Sprint(c.set, " ", c.unit, " ", c.period, " ", c.item) }

// TestRealTargets counts expected reports as a server wrote them down, one row
// for each data set, org unit and attribute option combo: for every unit of the
// country, before and after the units and the projects opened, and told apart
// by each group set and category that the table knows
// (RULES.md#expected-reports). The opening date 1970-01-01 is the zero Date,
// "always", so no earlier period is asked for.
func TestRealTargets(t *testing.T) {
	loader, cube, _ := sierraLeone(t)
	nominal := map[string]int{ // of monthly forms
		"202501": 1, "2025Q1": 3, "2025": 12, "199312": 1, "1994": 12, "201004": 1, "2010Q2": 3, "201603": 1, "2016Q2": 3, "2016": 12,
	}
	for _, file := range testfile.Data(t, "server-tables/completeness-target*.csv.gz") {
		count := tally.Of(t, file)
		rows := slices.Collect(clonedLines(t, file))
		axes := []aggregate.Axis{{}} // the zero Axis does not tell apart
		for column := range rows[0] {
			set, isSet := hmis.Find[hmis.GroupSet](loader.Catalog, hmis.UID(column))
			_, isCategory := hmis.Find[hmis.Category](loader.Catalog, hmis.UID(column))
			if isSet && set.Kind == hmis.KindOrgUnitGroupSet || isCategory {
				axes = append(axes, aggregate.Axis{ID: hmis.UID(column)})
			}
		}
		require.Greater(t, len(axes), 5, "columns of group sets and of the category of projects")
		sets := map[hmis.UID]bool{}
		for _, row := range rows {
			sets[hmis.UID(row["dx"])] = true
		}
		for id := range sets {
			if set, ok := hmis.Find[hmis.DataSet](loader.Catalog, id); !ok || set.PeriodType != period.Monthly {
				t.Logf("%s: %s is no monthly data set of the metadata that came with it", filepath.Base(file), id)
				delete(sets, id)
			}
		}
		for _, axis := range axes {
			q := aggregate.Query{OrgUnits: slices.Collect(loader.Tree.All())}
			for p := range nominal {
				q.Periods = append(q.Periods, period.MustParse(p))
			}
			if axis.ID != "" {
				q.Split = []aggregate.Axis{axis}
			}
			for set := range sets {
				q.Data = append(q.Data, indicator.Item{ID: set, Rate: indicator.ExpectedReports})
			}
			want := map[target]int{}
			for _, row := range rows {
				if axis.ID != "" && row[string(axis.ID)] == "" || !sets[hmis.UID(row["dx"])] {
					continue
				}
				above := unitsAbove(row)
				for _, p := range q.Periods {
					first, last := p.First().String(), p.Last().String()
					if late(row["ouopeningdate"], first) || early(row["oucloseddate"], last) ||
						late(row["costartdate"], first) || early(row["coenddate"], last) {
						continue
					}
					for _, unit := range above {
						want[target{hmis.UID(row["dx"]), unit, p.String(), row[string(axis.ID)]}] += nominal[p.String()]
					}
				}
			}
			table, err := cube.Query(t.Context(), q)
			require.NoError(t, err)
			for cell := range table.Cells() {
				k := target{cell.Data.ID, cell.OrgUnit, cell.Period.String(), ""}
				if axis.ID != "" {
					k.item = string(cell.Split[0])
				}
				compare(count, k, cell.Value.String(), fmt.Sprint(want[k]))
				delete(want, k)
			}
			for k, n := range want {
				compare(count, k, "no cell", fmt.Sprint(n))
			}
		}
		count.Done()
	}
}

// unitsAbove are the org unit of a row and those above it.
func unitsAbove(row map[string]string) (ids []hmis.UID) {
	for level := 1; row[fmt.Sprint("uidlevel", level)] != ""; level++ {
		ids = append(ids, hmis.UID(row[fmt.Sprint("uidlevel", level)]))
	}
	return ids
}

func late(date, day string) bool  { return date != "" && date > day }
func early(date, day string) bool { return date != "" && date < day }

// clonedLines is lines with a map of its own for each row.
func clonedLines(t *testing.T, file string) iter.Seq[map[string]string] {
	return func(yield func(map[string]string) bool) {
		for row := range lines(t, file) {
			if !yield(maps.Clone(row)) {
				return
			}
		}
	}
}

// TestRealGroupCounts asks an indicator OUG{} for every group and org unit; the
// members are those that a server wrote down (RULES.md#components).
func TestRealGroupCounts(t *testing.T) {
	loader, _, _ := sierraLeone(t)
	for _, file := range testfile.Data(t, "server-tables/orgunit-group-target*.csv.gz") {
		count := tally.Of(t, file)
		want := map[target]int{}
		for row := range lines(t, file) {
			for _, unit := range unitsAbove(row) {
				want[target{set: hmis.UID(row["oug"]), unit: unit}]++
			}
		}
		var md hmis.Metadata
		for g := range hmis.All[hmis.Group](loader.Catalog) {
			if g.Kind == hmis.KindOrgUnitGroup {
				md.Groups = append(md.Groups, g)
				md.Indicators = append(md.Indicators, hmis.Indicator{ID: g.ID, Numerator: fmt.Sprintf("OUG{%s}", g.ID), Denominator: "1"})
			}
		}
		for u := range hmis.All[hmis.OrgUnit](loader.Catalog) {
			md.OrgUnits = append(md.OrgUnits, u)
		}
		rename(md.Indicators)
		catalog, err := hmis.NewCatalog(md)
		require.NoError(t, err)
		tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
		require.NoError(t, err)
		cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream[hmis.DataValue](nil))
		require.NoError(t, err)
		q := aggregate.Query{OrgUnits: slices.Collect(tree.All()), Periods: []period.Period{period.MustParse("2025")}}
		for _, ind := range md.Indicators {
			q.Data = append(q.Data, indicator.Item{ID: ind.ID})
		}
		table, err := cube.Query(t.Context(), q)
		require.NoError(t, err)
		require.Equal(t, len(q.Data)*tree.Len(), table.Len(), "a count of none is 0")
		for cell := range table.Cells() {
			k := target{set: groupOf(cell.Data.ID), unit: cell.OrgUnit}
			compare(count, k, cell.Value.String(), fmt.Sprint(want[k]))
			delete(want, k)
		}
		require.Empty(t, want)
		count.Done()
	}
}

// rename gives indicators ids of their own: those of their groups, backwards.
func rename(list []hmis.Indicator) {
	for i := range list {
		list[i].ID = groupOf(list[i].ID)
	}
}

// groupOf reads an id backwards.
func groupOf(id hmis.UID) hmis.UID {
	b := []byte(id)
	slices.Reverse(b)
	return hmis.UID(b)
}

// A total is a cell of a group set.
type total struct{ element, set, group, quarter string }

func (c total) String() string {
	return fmt.Sprint(c.element, " ", c.set, " ", c.group, " ", c.quarter)
}

// TestRealGroupSetTotals sums up the values of every data element by quarter
// and by the group that a server chose for each org unit in each group set,
// where the unit is in two as well (RULES.md#categories-and-group-sets).
func TestRealGroupSetTotals(t *testing.T) {
	loader, cube, values := sierraLeone(t)
	for _, file := range testfile.Data(t, "server-tables/orgunit-groupset-assignment*.csv.gz") {
		count := tally.Of(t, file)
		groups := map[string]map[string]string{} // by org unit, then set
		var sets []string
		for row := range clonedLines(t, file) {
			groups[row["orgunit"]] = row
			if sets == nil {
				for column := range row {
					if set, ok := hmis.Find[hmis.GroupSet](loader.Catalog, hmis.UID(column)); ok && set.Kind == hmis.KindOrgUnitGroupSet {
						sets = append(sets, column)
					}
				}
			}
		}
		require.NotEmpty(t, sets)
		want := map[total]*big.Rat{}
		elements := map[string]bool{}
		for row := range lines(t, values) {
			e, text := row["dataelement"], row["value"]
			if elements[e] = true; text == "0" && !keepsZeros(loader.Catalog, e) {
				continue
			}
			n, ok := new(big.Rat).SetString(text)
			require.True(t, ok, "%q", text)
			for _, set := range sets {
				group := groups[row["orgunit"]][set]
				if group == "" {
					continue
				}
				k := total{e, set, group, quarterOf(row["period"])}
				if want[k] == nil {
					want[k] = new(big.Rat)
				}
				want[k].Add(want[k], n)
			}
		}
		for _, set := range sets {
			q := aggregate.Query{
				Periods:     period.MustParse("2025").Split(period.Quarterly),
				Split:       []aggregate.Axis{{ID: hmis.UID(set)}},
				Aggregation: hmis.Sum, SkipRounding: true,
			}
			for e := range elements {
				q.Data = append(q.Data, indicator.Item{ID: hmis.UID(e)})
			}
			table, err := cube.Query(t.Context(), q)
			require.NoError(t, err)
			for cell := range table.Cells() {
				k := total{string(cell.Data.ID), set, string(cell.Split[0]), cell.Period.String()}
				d, ok := cell.Value.Decimal()
				require.True(t, ok)
				w := "no cell"
				if n := want[k]; n != nil {
					w = n.RatString()
				}
				compare(count, k, d.Rat().RatString(), w)
				delete(want, k)
			}
		}
		for k, n := range want {
			compare(count, k, "no cell", n.RatString())
		}
		count.Done()
	}
}
