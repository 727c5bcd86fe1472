package aggregate_test

import (
	"context"
	"fmt"
	"iter"
	"log"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// rowsMetadata is what the tests of rows need: a country with a district of two
// clinics, elements of each class of values, and an axis of each kind.
var rowsMetadata = hmis.Metadata{
	OrgUnits: []hmis.OrgUnit{
		{ID: "Country0001"}, {ID: "District001", Parent: "Country0001"},
		{ID: "ClinicAxxx1", Parent: "District001"}, {ID: "ClinicBxxx1", Parent: "District001"},
	},
	CategoryOptions: []hmis.CategoryOption{{ID: "OptFemale01"}, {ID: "OptMale0001"}},
	Categories:      []hmis.Category{{ID: "CatSex00001", Options: []hmis.UID{"OptFemale01", "OptMale0001"}}},
	CategoryCombos:  []hmis.CategoryCombo{{ID: "ComboSex001", Categories: []hmis.UID{"CatSex00001"}}},
	OptionCombos:    []hmis.OptionCombo{{ID: "CocFemale01", CategoryCombo: "ComboSex001", Options: []hmis.UID{"OptFemale01"}}, {ID: "CocMale0001", CategoryCombo: "ComboSex001", Options: []hmis.UID{"OptMale0001"}}},
	DataElements: []hmis.DataElement{
		{ID: "Tested00001", CategoryCombo: "ComboSex001", ZeroIsData: true},
		{ID: "Weight00001", Aggregation: hmis.Average},
		{ID: "Open0000001", ValueType: hmis.Boolean},
		{ID: "Remark00001", ValueType: hmis.Text, Aggregation: hmis.NoAggregation},
		{ID: "Where000001", ValueType: hmis.Coordinate},
		{ID: "OnlyAbove01", Levels: []int{2}},
		{ID: "Event000001", Tracker: true},
	},
	Groups: []hmis.Group{
		{Kind: hmis.KindOrgUnitGroup, ID: "GroupRural1", Members: []hmis.UID{"ClinicBxxx1"}},
		{Kind: hmis.KindDataElementGroup, ID: "GroupAll001", Members: []hmis.UID{"Weight00001", "Open0000001"}},
	},
	GroupSets: []hmis.GroupSet{
		{Kind: hmis.KindOrgUnitGroupSet, ID: "SetArea0001", Groups: []hmis.UID{"GroupRural1"}},
		{Kind: hmis.KindDataElementGroupSet, ID: "SetData0001", Groups: []hmis.UID{"GroupAll001"}},
	},
	Indicators: []hmis.Indicator{{ID: "Indicator01", Numerator: "#{Weight00001}", Denominator: "1"}},
}

// rowsCube loads the reports of the tests of rows.
func rowsCube(t testing.TB) *aggregate.Cube {
	t.Helper()
	catalog, err := hmis.NewCatalog(rowsMetadata)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(rowsMetadata.OrgUnits, rowsMetadata.Groups...)
	require.NoError(t, err)
	report := func(element, combo, unit, p, value string) hmis.DataValue {
		return hmis.DataValue{Value: value, Key: hmis.Key{
			DataElement: hmis.UID(element), OptionCombo: hmis.UID(combo), OrgUnit: hmis.UID(unit), Period: period.MustParse(p),
		}}
	}
	values := []hmis.DataValue{
		report("Tested00001", "CocMale0001", "ClinicBxxx1", "202402", "4"),
		report("Tested00001", "CocMale0001", "ClinicAxxx1", "202402", "0"),
		report("Tested00001", "CocFemale01", "ClinicAxxx1", "202401", "7.50"),
		report("Tested00001", "CocMale0001", "ClinicAxxx1", "202401", "0.0"),
		report("Tested00001", "CocFemale01", "District001", "2024W5", "123456789012345678901"),
		report("Weight00001", "", "ClinicAxxx1", "202401", "0"),
		report("Weight00001", "", "ClinicBxxx1", "202401", "3"),
		report("Open0000001", "", "ClinicAxxx1", "202401", "false"),
		report("Open0000001", "", "ClinicBxxx1", "202401", "true"),
		report("Remark00001", "", "ClinicAxxx1", "202401", "none"),
		report("OnlyAbove01", "", "ClinicAxxx1", "202401", "5"),
		report("Tested00001", "CocMale0001", "ClinicBxxx1", "202403", "many"),
	}
	loader := aggregate.Loader{Catalog: catalog, Tree: tree, Reject: func(hmis.DataValue, error) {}}
	cube, err := loader.Load(context.Background(), func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	})
	require.NoError(t, err)
	return cube
}

func rowLines(t testing.TB, rows iter.Seq2[aggregate.Row, error]) string {
	t.Helper()
	var lines []string
	for r, err := range rows {
		if err != nil {
			return err.Error()
		}
		line := fmt.Sprintln(r.DataElement, r.OrgUnit, r.Period, r.OptionCombo, r.Value, r.Split)
		lines = append(lines, strings.TrimSuffix(strings.TrimSuffix(line, "\n"), " []"))
	}
	return strings.Join(lines, "\n")
}

func TestRows(t *testing.T) {
	tested := []indicator.Item{{ID: "Tested00001"}}
	year := aggregate.Filter{Periods: []period.Period{period.MustParse("2024")}}
	tests := []struct {
		name  string
		query aggregate.Query
		want  []string
	}{
		{
			"by unit, period and combos; the very text 0 is left out",
			aggregate.Query{Data: tested, Filter: year},
			[]string{
				"Tested00001 District001 2024W5 CocFemale01 123456789012345678901",
				"Tested00001 ClinicAxxx1 202401 CocFemale01 7.5",
				"Tested00001 ClinicAxxx1 202401 CocMale0001 0",
				"Tested00001 ClinicBxxx1 202402 CocMale0001 4",
			},
		}, {
			"zeros that are data",
			aggregate.Query{Data: tested, Filter: aggregate.Filter{Periods: []period.Period{period.MustParse("202402")}}, ZeroIsData: true},
			[]string{
				"Tested00001 District001 2024W5 CocFemale01 123456789012345678901", // the week of 29 January: its fourth day decides
				"Tested00001 ClinicAxxx1 202402 CocMale0001 0",
				"Tested00001 ClinicBxxx1 202402 CocMale0001 4",
			},
		}, {
			"days: what lies wholly inside",
			aggregate.Query{Data: tested, Filter: aggregate.Filter{From: period.DateOf(2024, 1, 2), To: period.DateOf(2024, 2, 29)}},
			[]string{
				"Tested00001 District001 2024W5 CocFemale01 123456789012345678901",
				"Tested00001 ClinicBxxx1 202402 CocMale0001 4",
			},
		}, {
			"units and axes narrow; a value counts once, however they overlap",
			aggregate.Query{
				Data: tested, OrgUnits: []hmis.UID{"ClinicAxxx1", "District001", "ClinicBxxx1"}, Periods: []period.Period{period.MustParse("2024Q1"), period.MustParse("202402")},
				Split: []aggregate.Axis{{ID: "SetArea0001"}, {ID: "CatSex00001", Items: []hmis.UID{"OptMale0001"}}},
			},
			[]string{"Tested00001 ClinicBxxx1 202402 CocMale0001 4 [GroupRural1 OptMale0001]"},
		}, {
			"classes of values, in the order of the query; others have none",
			aggregate.Query{
				Data:   []indicator.Item{{ID: "Remark00001"}, {ID: "Open0000001"}, {ID: "Weight00001"}, {ID: "Event000001", Kind: indicator.DataElementItem}, {ID: "Indicator01"}},
				Filter: year,
			},
			[]string{
				"Remark00001 ClinicAxxx1 202401 HllvX50cXC0 none",
				"Open0000001 ClinicAxxx1 202401 HllvX50cXC0 0",
				"Open0000001 ClinicBxxx1 202401 HllvX50cXC0 1",
				"Weight00001 ClinicAxxx1 202401 HllvX50cXC0 0",
				"Weight00001 ClinicBxxx1 202401 HllvX50cXC0 3",
			},
		}, {
			"operands and criteria on values",
			aggregate.Query{
				Data:          []indicator.Item{{ID: "Tested00001", OptionCombo: "CocFemale01"}},
				ValueCriteria: []aggregate.Criterion{{Op: "LT", Number: decimal.New(100, 0)}}, Filter: year,
			},
			[]string{"Tested00001 ClinicAxxx1 202401 CocFemale01 7.5"},
		}, {
			"org units select by path: what is stored below level 2 counts for no district, but it is there",
			aggregate.Query{Data: []indicator.Item{{ID: "OnlyAbove01"}}, OrgUnits: []hmis.UID{"District001"}, Filter: year},
			[]string{"OnlyAbove01 ClinicAxxx1 202401 HllvX50cXC0 5"},
		}, {
			"data element group sets say which elements",
			aggregate.Query{Split: []aggregate.Axis{{ID: "SetData0001"}}, Filter: aggregate.Filter{Periods: year.Periods, OrgUnits: []hmis.UID{"ClinicBxxx1"}}},
			[]string{
				"Open0000001 ClinicBxxx1 202401 HllvX50cXC0 1 [GroupAll001]",
				"Weight00001 ClinicBxxx1 202401 HllvX50cXC0 3 [GroupAll001]",
			},
		},
		{"a wrong query", aggregate.Query{Data: tested}, []string{"hmis: E7104: Periods: no period, nor a first and last day"}},
	}
	cube := rowsCube(t)
	for _, tt := range tests {
		got := rowLines(t, cube.Rows(context.Background(), tt.query))
		if diff := cmp.Diff(strings.Join(tt.want, "\n"), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestRowsStop(t *testing.T) {
	cube := rowsCube(t)
	q := aggregate.Query{Data: []indicator.Item{{ID: "Tested00001"}}, Filter: aggregate.Filter{Periods: []period.Period{period.MustParse("2024")}}}
	n := 0
	for range cube.Rows(context.Background(), q) {
		n++
		break
	}
	require.Equal(t, 1, n)

	done, cancel := context.WithCancel(context.Background())
	cancel()
	for _, err := range cube.Rows(done, q) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func ExampleCube_Rows() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", Name: "BCG doses given"}}})
	if err != nil {
		log.Fatal(err)
	}
	tree, err := orgunit.NewTree([]hmis.OrgUnit{{ID: "O6uvpzGd5pu", Name: "Bo"}, {ID: "DiszpKrYNg8", Name: "Ngelehun CHC", Parent: "O6uvpzGd5pu"}})
	if err != nil {
		log.Fatal(err)
	}
	values := func(yield func(hmis.DataValue, error) bool) {
		for month, value := range map[string]string{"202401": "12", "202402": "0", "202404": "9"} {
			if !yield(hmis.DataValue{Key: hmis.Key{DataElement: "s46m5MS0hxu", OrgUnit: "DiszpKrYNg8", Period: period.MustParse(month)}, Value: value}, nil) {
				return
			}
		}
	}
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(context.Background(), values)
	if err != nil {
		log.Fatal(err)
	}
	rows := cube.Rows(context.Background(), aggregate.Query{
		Data:     []indicator.Item{{ID: "s46m5MS0hxu"}},
		OrgUnits: []hmis.UID{"O6uvpzGd5pu"},
		Filter:   aggregate.Filter{Periods: []period.Period{period.MustParse("2024Q1")}},
	})
	for row, err := range rows {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.OrgUnit, row.Period, row.Value)
	}
	// Output: DiszpKrYNg8 202401 12
}
