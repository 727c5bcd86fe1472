package orgunit_test

import (
	"fmt"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
)

// nation returns 11,111 org units on 5 levels, of which 10,000 are facilities,
// and two groups of facilities. Each unit above has ten below it.
func nation() ([]hmis.OrgUnit, []hmis.Group) {
	units := []hmis.OrgUnit{{ID: "u"}}
	for next := 0; len(units) < 11_111; next++ {
		for i := range 10 {
			id := fmt.Sprintf("%s%d", units[next].ID, i)
			units = append(units, hmis.OrgUnit{ID: hmis.UID(id), Parent: units[next].ID})
		}
	}
	groups := []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "even"}, {Kind: hmis.KindOrgUnitGroup, ID: "odd"}}
	for i, u := range units[1_111:] {
		groups[i%2].Members = append(groups[i%2].Members, u.ID)
	}
	return units, groups
}

func nationTree(b *testing.B) *orgunit.Tree {
	units, groups := nation()
	tree, err := orgunit.NewTree(units, groups...)
	if err != nil || len(tree.AtLevel(5)) != 10_000 {
		b.Fatal(err)
	}
	return tree
}

// BenchmarkNewTree builds a tree of 10,000 facilities on 5 levels.
func BenchmarkNewTree(b *testing.B) {
	units, groups := nation()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := orgunit.NewTree(units, groups...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(units)*b.N)/b.Elapsed().Seconds(), "units/s")
}

// BenchmarkContains asks whether each of 10,000 facilities is in one district.
func BenchmarkContains(b *testing.B) {
	tree := nationTree(b)
	facilities := tree.AtLevel(5)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, id := range facilities {
			if tree.Contains("u37", id) {
				n++
			}
		}
		if n != 100 {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(len(facilities)*b.N)/b.Elapsed().Seconds(), "tests/s")
}

// BenchmarkSubtree walks 10,000 facilities and what is above them.
func BenchmarkSubtree(b *testing.B) {
	tree := nationTree(b)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for range tree.Subtree("u") {
			n++
		}
		if n != tree.Len() {
			b.Fatal(n)
		}
	}
	b.ReportMetric(float64(tree.Len()*b.N)/b.Elapsed().Seconds(), "units/s")
}

// BenchmarkSelect selects the facilities of one province, and those of a group
// in another, among 10,000 facilities.
func BenchmarkSelect(b *testing.B) {
	tree := nationTree(b)
	for _, text := range []string{"LEVEL-5;u3", "OU_GROUP-even;u4"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s, err := tree.ParseSelector(text, nil)
				if n := len(tree.Select(s)); err != nil || n != 1000 && n != 500 {
					b.Fatal(n, err)
				}
			}
		})
	}
}

// BenchmarkDivide finds the group of each of 11,111 units in a set of two
// groups.
func BenchmarkDivide(b *testing.B) {
	tree := nationTree(b)
	set := hmis.GroupSet{Groups: []hmis.UID{"odd", "even"}, Below: true}
	b.ReportAllocs()
	for b.Loop() {
		if tree.Divide(set)[tree.Len()-1] == "" {
			b.Fatal("the last facility is in no group")
		}
	}
	b.ReportMetric(float64(tree.Len()*b.N)/b.Elapsed().Seconds(), "units/s")
}

// Lookups that engines need for each value must not allocate.
func TestLookupsDoNotAllocate(t *testing.T) {
	tree := country(t)
	n := testing.AllocsPerRun(100, func() {
		first, end, _ := tree.Span("d")
		if first != 4 || end != 7 || !tree.Contains("p", "g") || tree.Level("g") != tree.LevelAt(6) ||
			tree.CountIn("clinics", "p") != 2 || !tree.InGroup("posts", "g") {
			t.Error("wrong answers")
		}
		for id := range tree.Subtree("p") {
			_ = id
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
