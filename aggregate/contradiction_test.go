package aggregate_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Metadata that contradict themselves: either an error says what is wrong and
// where, or a rule of the package comment says what counts. Elements in no data
// set, option combos outside their category combo and circles of indicators are
// in testdata/disaggregation.txt, dimensions.txt and errors.txt.
func TestContradictions(t *testing.T) {
	base := func() hmis.Metadata {
		return hmis.Metadata{
			OrgUnits: []hmis.OrgUnit{{ID: "bo"}, {ID: "nge", Parent: "bo"}},
			DataElements: []hmis.DataElement{
				{ID: "deKnown0001"}, {ID: "deMedian001", Aggregation: "MEDIAN"}, {ID: "deStrange01", ValueType: "VECTOR"},
				{ID: "deTwice0001", Aggregation: hmis.Average}, {ID: "deText00001", ValueType: hmis.Text},
			},
			DataSets: []hmis.DataSet{
				{ID: "dsNoPeriod1", OrgUnits: []hmis.UID{"nge"}},
				{ID: "dsMonthly01", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"nge", "nge", "gone"},
					Elements: []hmis.DataSetElement{{DataElement: "deTwice0001"}}},
				{ID: "dsYearly001", PeriodType: period.Yearly, Elements: []hmis.DataSetElement{{DataElement: "deTwice0001"}}},
				{ID: "dsNoCombo01", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"nge"}, CategoryCombo: "gone"},
			},
			Groups: []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "ougClinic01", Members: []hmis.UID{"nge", "gone"}}},
		}
	}
	formula := func(numerator string) func(*hmis.Metadata) {
		return func(md *hmis.Metadata) {
			md.Indicators = []hmis.Indicator{{ID: "inRate00001", Numerator: numerator, Denominator: "1"}}
		}
	}
	rate := indicator.Item{ID: "inRate00001"}
	tests := []struct {
		name   string
		change func(*hmis.Metadata)
		item   indicator.Item
		want   string // the value, "" for none, or the whole error
	}{
		{"a form whose period type nobody knows", nil, indicator.Item{ID: "dsNoPeriod1", Rate: indicator.ExpectedReports},
			`hmis: Data: data set "dsNoPeriod1" has no period type: how often it is expected is not known`},
		{"the same in a formula", formula("R{dsNoPeriod1.REPORTING_RATE}"), rate,
			`hmis: Data: indicator inRate00001: data set "dsNoPeriod1" has no period type: how often it is expected is not known`},
		{"a form assigned twice, and to a unit that is gone", nil, indicator.Item{ID: "dsMonthly01", Rate: indicator.ExpectedReports}, "1"},
		{"a form of a category combo that is gone has no option combos to report", nil, indicator.Item{ID: "dsNoCombo01", Rate: indicator.ExpectedReports}, ""},
		{"an aggregation that is none", nil, indicator.Item{ID: "deMedian001"},
			`hmis: E7115: Data: data element "deMedian001" cannot be aggregated: value type NUMBER, aggregation MEDIAN`},
		{"the same in a formula", formula("#{deMedian001}"), rate, `hmis: Data: indicator inRate00001: data element "deMedian001" has the unknown aggregation "MEDIAN"`},
		{"a value type that is none", nil, indicator.Item{ID: "deStrange01"},
			`hmis: E7115: Data: data element "deStrange01" cannot be aggregated: value type VECTOR, aggregation `},
		{"the same in a formula is missing", formula("#{deStrange01}"), rate, ""},
		{"what is gone is missing in a formula", formula("#{deGone00001}"), rate, ""},
		{"and 0 beside what is there", formula("#{deKnown0001} + #{deGone00001} + R{dsGone00001.REPORTING_RATE}"), rate, "7"},
		{"a constant that is gone", formula("#{deKnown0001} * C{coGone00001}"), rate,
			`hmis: Data: indicator inRate00001: unknown constant C{coGone00001}`},
		{"a nested indicator that is gone", formula("N{inGone00001}"), rate, `hmis: E7124: Data: indicator inRate00001: unknown indicator "inGone00001"`},
		{"a text that is multiplied", formula("#{deText00001} * 2"), rate,
			`aggregate: indicator inRate00001: indicator: 1:1: text "many" is no number`},
		{"what is of a program", formula("I{piRate00001}"), rate, `hmis: Data: indicator inRate00001: I{piRate00001} is of a program, which a cube does not hold`},
		{"a group of units with a member that is gone", formula("OUG{ougClinic01}"), rate, "1"},
		{"a group that is gone has no members", formula("OUG{ougGone0001}"), rate, "0"},
		{"an element of two forms is collected as the more frequent one says", nil, indicator.Item{ID: "deTwice0001"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			md := base()
			if tt.change != nil {
				tt.change(&md)
			}
			catalog, err := hmis.NewCatalog(md)
			require.NoError(t, err)
			tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
			require.NoError(t, err)
			cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream([]hmis.DataValue{
				value("deKnown0001 nge 202401 7"), value("deMedian001 nge 202401 7"), value("deStrange01 nge 202401 7"),
				value("deTwice0001 nge 2024 7"), value("deText00001 nge 202401 many"),
			}))
			require.NoError(t, err)
			q := aggregate.Query{Data: []indicator.Item{tt.item}, OrgUnits: []hmis.UID{"bo"}, Periods: []period.Period{period.MustParse("202401")}}
			table, err := cube.Query(t.Context(), q)
			if err != nil {
				require.EqualError(t, err, tt.want)
				return
			}
			require.Equal(t, tt.want, table.At(tt.item, "bo", q.Periods[0]).String())
		})
	}
}

// A tree that was made without the groups of the metadata is told apart from one
// whose groups are empty.
func TestTreeWithoutGroups(t *testing.T) {
	md := hmis.Metadata{
		OrgUnits:   []hmis.OrgUnit{{ID: "bo"}},
		Groups:     []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "ougClinic01", Members: []hmis.UID{"bo"}}},
		Indicators: []hmis.Indicator{{ID: "inRate00001", Numerator: "OUG{ougClinic01}", Denominator: "1"}},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(t.Context(), stream[hmis.DataValue](nil))
	require.NoError(t, err)
	_, err = cube.Query(t.Context(), aggregate.Query{
		Data: []indicator.Item{{ID: "inRate00001"}}, OrgUnits: []hmis.UID{"bo"}, Periods: []period.Period{period.MustParse("2024")},
	})
	require.EqualError(t, err, `hmis: Data: indicator inRate00001: the tree was made without org unit group "ougClinic01"; give the groups to orgunit.NewTree`)
}
