package crosswalk_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// A tolerance is a part of a, its bound included; only sites of both systems
// count. A site that is there twice is listed for each repetition
// (RULES.md#concordance).
func TestWithinTolerance(t *testing.T) {
	site := func(id hmis.UID, a, b int64) crosswalk.Site { // -1 is none
		s := crosswalk.Site{ID: id}
		if a >= 0 {
			n := decimal.NewFromInt(a)
			s.A = &n
		}
		if b >= 0 {
			n := decimal.NewFromInt(b)
			s.B = &n
		}
		return s
	}
	sites := []crosswalk.Site{
		site("same", 7, 7), site("bound", 100, 110), site("below", 100, 90), site("beyond", 100, 111), site("under", 100, 89),
		site("zeros", 0, 0), site("new", 0, 1), site("onlyA", 5, -1), site("onlyB", -1, 5), site("none", -1, -1),
	}
	within := func(c crosswalk.Comparison) (ids []hmis.UID, n int) {
		out, err := c.Of(sites)
		require.NoError(t, err)
		for _, s := range out.Sites {
			if s.Within {
				ids = append(ids, s.ID)
			}
		}
		return ids, out.ConcordantWithinBoth
	}
	ids, n := within(crosswalk.Comparison{Tolerance: 0.1})
	require.Equal(t, []hmis.UID{"same", "bound", "below", "zeros"}, ids)
	require.Equal(t, 4, n)
	ids, n = within(crosswalk.Comparison{})
	require.Equal(t, []hmis.UID{"same", "zeros"}, ids)
	require.Equal(t, 2, n)

	out, err := crosswalk.Comparison{}.Of([]crosswalk.Site{site("a", 1, 1), site("b", 2, 2), site("a", 1, 1), site("a", 3, 3)})
	require.NoError(t, err)
	require.Equal(t, []hmis.UID{"a", "a"}, out.DuplicateSites)
	require.Equal(t, 4, out.Both)

	out, err = crosswalk.Comparison{}.Of([]crosswalk.Site{site("a", 0, 0), site("b", 0, 0)}) // no weight at all
	require.NoError(t, err)
	require.Nil(t, out.Sites[0].Weight)
	require.Nil(t, out.Concordance)
}

// What names no target or no source, or is not related, covers nothing
// (RULES.md#coverage).
func TestCoverageOfIncompleteEntries(t *testing.T) {
	for _, e := range []crosswalk.Entry{
		{ID: "no source", Relation: "equivalent", To: operand("X", "x")},
		{ID: "not related", Relation: "not-related-to", From: from("A"), To: operand("X", "x")},
		{ID: "no relation of FHIR", Relation: "Equivalent", From: from("A"), To: operand("X", "x")},
	} {
		for _, c := range (crosswalk.Map{Entries: []crosswalk.Entry{e}}).Coverage([]hmis.Operand{operand("X", "x"), operand("X", "y")}) {
			require.Equal(t, crosswalk.NotMapped, c.Level, e.ID)
			require.Empty(t, c.Entries, e.ID)
		}
	}
	none := crosswalk.Map{Entries: []crosswalk.Entry{{ID: "no target", Relation: "equivalent", From: from("A")}}}
	for _, c := range none.Coverage([]hmis.Operand{operand("", ""), operand("", "x")}) {
		require.Equal(t, crosswalk.NotMapped, c.Level)
	}
}

// An element has the option combos of its own category combo, and those that data
// sets give it, each once.
func TestOperands(t *testing.T) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		CategoryCombos: []hmis.CategoryCombo{{ID: "comboSex001"}, {ID: "comboAge001"}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocF0000001", CategoryCombo: "comboSex001"}, {ID: "cocM0000001", CategoryCombo: "comboSex001"}, {ID: "cocOld00001", CategoryCombo: "comboAge001"},
		},
		DataElements: []hmis.DataElement{{ID: "deA00000001", CategoryCombo: "comboSex001"}, {ID: "deB00000001", CategoryCombo: "comboAge001"}},
		DataSets: []hmis.DataSet{
			{ID: "dsOne000001", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "deA00000001"}, {DataElement: "deB00000001"}}},
			{ID: "dsTwo000001", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "deA00000001", CategoryCombo: "comboAge001"}}},
			{ID: "dsThree0001", PeriodType: period.Yearly, Elements: []hmis.DataSetElement{{DataElement: "deA00000001", CategoryCombo: "comboAge001"}}},
		},
	})
	require.NoError(t, err)
	a := []hmis.Operand{operand("deA00000001", "cocF0000001"), operand("deA00000001", "cocM0000001"), operand("deA00000001", "cocOld00001")}
	b := operand("deB00000001", "cocOld00001")
	require.Equal(t, a, crosswalk.Operands(catalog, "deA00000001"))
	require.Equal(t, []hmis.Operand{b}, crosswalk.Operands(catalog, "deB00000001"))
	require.Equal(t, append(a, b), crosswalk.Operands(catalog))
}

// The days of a map differ, also if it has only one of them
// (RULES.md#differences).
func TestDiffOfDays(t *testing.T) {
	day := period.DateOf(2024, 1, 1)
	always := crosswalk.Map{ID: "m"}
	for _, next := range []crosswalk.Map{{ID: "m", First: day}, {ID: "m", Last: day}, {ID: "m", First: day, Last: day}} {
		list := always.Diff(next)
		require.Len(t, list, 1)
		require.Contains(t, list[0].String(), "crosswalk m: valid: always → ")
		require.Contains(t, list[0].String(), "2024-01-01")
		require.Empty(t, next.Diff(next))
	}
	require.Empty(t, always.Diff(always))
}

// With the same ids on both sides, a pair goes over an id, and a unit of one side
// only stays there (RULES.md#facilities).
func TestFacilitiesWithTheSameIDs(t *testing.T) {
	m := crosswalk.Map{SameOrgUnits: true, OrgUnits: []crosswalk.Pair{{Source: "a", Target: "b"}}}
	var got []string
	for _, f := range m.Facilities([]hmis.OrgUnit{{ID: "a"}, {ID: "c"}, {ID: "d"}}, []hmis.OrgUnit{{ID: "a"}, {ID: "b"}, {ID: "d"}}, 0) {
		got = append(got, f.State.String()+" "+string(f.Source.ID)+"-"+string(f.Target.ID))
	}
	require.Equal(t, []string{"matched a-b", "matched d-d", "source only c-", "target only -a"}, got)
}
