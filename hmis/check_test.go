package hmis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

func TestCheckFindsNothing(t *testing.T) {
	require.NoError(t, catalog(t, clinic()).Check().Err())
}

// Each row spoils sound metadata in one way and has the issue that Check
// reports (RULES.md#checks-of-metadata).
func TestCheck(t *testing.T) {
	tests := []struct {
		change func(*hmis.Metadata)
		want   string
	}{
		{func(md *hmis.Metadata) { md.DataElements[0].CategoryCombo = "gone" }, `hmis: reference_unknown: dataElement deMalaria01: categoryCombo: no object "gone"`},
		{func(md *hmis.Metadata) { md.DataElements[0].CategoryCombo = "bjDvmb4bfuf" }, ``}, // the default combo may be missing
		{func(md *hmis.Metadata) { md.DataElements[0].OptionSet = "gone" }, `hmis: reference_unknown: dataElement deMalaria01: optionSet: no object "gone"`},
		{func(md *hmis.Metadata) { md.DataElements[0].CommentOptionSet = "gone" }, `hmis: reference_unknown: dataElement deMalaria01: commentOptionSet: no object "gone"`},
		{func(md *hmis.Metadata) { md.DataElements[1].Code = "MAL" }, `hmis: codes_repeated: dataElement deBcgDoses1: code: "MAL" is the code of deMalaria01 too`},
		{func(md *hmis.Metadata) { md.DataElements[1].Name = "Malaria cases" }, `hmis: names_repeated: dataElement deBcgDoses1: name: "Malaria cases" is the name of deMalaria01 too`},
		{func(md *hmis.Metadata) { md.OrgUnits[1].Name = "Sierra Leone" }, ``}, // names of org units may repeat
		{func(md *hmis.Metadata) { md.DataElements[1].ValueType = "" }, `hmis: value_type_missing: dataElement deBcgDoses1: valueType: none; taken as NUMBER`},
		{func(md *hmis.Metadata) { md.DataElements[1].Aggregation = "" }, `hmis: aggregation_missing: dataElement deBcgDoses1: aggregationType: none; taken as SUM`},
		{func(md *hmis.Metadata) { md.DataElements[1].ValueType = "INT" }, `hmis: value_type_unknown: dataElement deBcgDoses1: valueType: "INT": want a known value type`},
		{func(md *hmis.Metadata) { md.DataElements[1].ValueType = hmis.MultiText }, `hmis: data_element_lacks_option_set: dataElement deBcgDoses1: optionSet: none; MULTI_TEXT needs one`},
		{func(md *hmis.Metadata) { md.DataElements[1].Aggregation = "MEDIAN" }, `hmis: aggregation_unknown: dataElement deBcgDoses1: aggregationType: "MEDIAN": want a known aggregation`},
		{func(md *hmis.Metadata) { md.DataElements[1].Levels = []int{0} }, `hmis: level_invalid: dataElement deBcgDoses1: aggregationLevels: 0: want a level from 1`},

		{func(md *hmis.Metadata) { md.Categories[2].Options = nil }, `hmis: categories_no_options: category catProject1: categoryOptions: none
hmis: category_option_combos_disjoint: categoryOptionCombo aocProjectA: categoryOptions: optProjectA is in no category of ccProject01`},
		{func(md *hmis.Metadata) { md.Categories[0].Options = append(md.Categories[0].Options, "optMale0001") }, `hmis: members_repeated: category catSex00001: categoryOptions: optMale0001 is there more than once`},
		{func(md *hmis.Metadata) { md.CategoryOptions[0].OrgUnits = []hmis.UID{"x", "y", "ouBo0000001"} }, `hmis: reference_unknown: categoryOption optFemale01: organisationUnits: no object "x" and 1 more of 3`},
		{func(md *hmis.Metadata) { md.CategoryOptions[0].First, md.CategoryOptions[0].Last = 20, 10 }, `hmis: category_option_dates: categoryOption optFemale01: endDate: 1970-01-11 comes before the start date 1970-01-21`},
		{func(md *hmis.Metadata) {
			md.CategoryCombos = append(md.CategoryCombos, hmis.CategoryCombo{ID: "cc2", Categories: []hmis.UID{"catAge00001", "catSex00001"}})
		}, `hmis: categories_unique_category_combo: categoryCombo cc2: categories: ccSexAge001 has the same categories`},
		{func(md *hmis.Metadata) { md.CategoryCombos[2].Attribute = false }, `hmis: category_combo_types: categoryCombo ccProject01: categories: catProject1 is not of the same data dimension type`},
		{func(md *hmis.Metadata) { md.Categories[1].Options = append(md.Categories[1].Options, "optMale0001") }, `hmis: category_options_shared_within_category_combo: categoryCombo ccSexAge001: categories: catSex00001 and catAge00001 share the option optMale0001`},
		{func(md *hmis.Metadata) { md.OptionCombos[0].Options = []hmis.UID{"optFemale01"} }, `hmis: cocs_wrong_cardinality: categoryOptionCombo cocFYoung01: categoryOptions: 1 options for 2 categories of ccSexAge001`},
		{func(md *hmis.Metadata) { md.OptionCombos[2].Options = []hmis.UID{"optOld00001"} }, `hmis: category_option_combos_disjoint: categoryOptionCombo cocFemale01: categoryOptions: optOld00001 is in no category of ccSex000001`},
		{func(md *hmis.Metadata) {
			md.OptionCombos[1].Options = []hmis.UID{"optFemale01", "optYoung001"}
		}, `hmis: category_option_combos_have_duplicates: categoryOptionCombo cocMYoung01: categoryOptions: cocFYoung01 has the same options`},
		{func(md *hmis.Metadata) { md.OptionCombos[1].CategoryCombo = "" }, `hmis: catoptioncombos_no_catcombo: categoryOptionCombo cocMYoung01: categoryCombo: none`},

		{func(md *hmis.Metadata) { // two defaults, as after joining two databases
			md.CategoryCombos = append(md.CategoryCombos, hmis.CategoryCombo{ID: "bjDvmb4bfuf", Name: "default"}, hmis.CategoryCombo{ID: "oldCombo001", Name: "default"})
			md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{ID: "HllvX50cXC0", Name: "default", CategoryCombo: "bjDvmb4bfuf"},
				hmis.OptionCombo{ID: "bRowv6yZOF2", Name: "default", CategoryCombo: "oldCombo001"})
		}, `hmis: categories_one_default_category_combo: categoryCombo oldCombo001: name: bjDvmb4bfuf is called default too
hmis: categories_one_default_category_option_combo: categoryOptionCombo bRowv6yZOF2: name: HllvX50cXC0 is called default too`},
		{func(md *hmis.Metadata) {
			md.DataSets[0].CategoryCombo, md.DataSets[0].OrgUnits = "ccSex000001", []hmis.UID{md.OrgUnits[0].ID}
		}, `hmis: data_set_expects_no_report: dataSet dsMalaria01: categoryCombo: no org unit of the data set has all category options of any option combo of ccSex000001`},
		{func(md *hmis.Metadata) {
			md.DataSets[0].CategoryCombo, md.DataSets[0].OrgUnits = "ccSex000001", []hmis.UID{md.OrgUnits[0].ID}
			md.CategoryOptions[0].OrgUnits = md.DataSets[0].OrgUnits
		}, ``},
		{func(md *hmis.Metadata) { md.DataSets[0].PeriodType = 0 }, `hmis: period_type_missing: dataSet dsMalaria01: periodType: none`},
		{func(md *hmis.Metadata) {
			md.DataSets[0].Elements = append(md.DataSets[0].Elements, hmis.DataSetElement{DataElement: "deBcgDoses1"})
		}, `hmis: members_repeated: dataSet dsMalaria01: dataSetElements: deBcgDoses1 is there more than once`},
		{func(md *hmis.Metadata) { md.DataSets[0].Sections[0].DataElements = []hmis.UID{"deOther0001"} }, `hmis: reference_unknown: section seFirst0001: dataElements: no object "deOther0001"
hmis: section_element_not_in_data_set: section seFirst0001: dataElements: deOther0001 is not in data set dsMalaria01`},
		{func(md *hmis.Metadata) { md.DataSets[0].Compulsory[0].OptionCombo = "gone" }, `hmis: reference_unknown: dataSet dsMalaria01: compulsoryDataElementOperands: no object "gone"`},
		{func(md *hmis.Metadata) {
			day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			md.DataSets[0].InputPeriods = []hmis.InputPeriod{{Period: period.MustParse("202401"), Opened: day, Closed: day.Add(-1)}}
		}, `hmis: input_period_dates: dataSet dsMalaria01: dataInputPeriods: 202401 closes before it opens`},

		{func(md *hmis.Metadata) { md.Indicators[0].Denominator = " " }, `hmis: indicators_with_invalid_denominator: indicator inRate00001: denominator: no expression`},
		{func(md *hmis.Metadata) { md.Indicators[0].Type = "" }, `hmis: indicator_type_missing: indicator inRate00001: indicatorType: none; its factor is taken as 1`},
		{func(md *hmis.Metadata) { md.Indicators[0].Type = "gone" }, `hmis: reference_unknown: indicator inRate00001: indicatorType: no object "gone"`},
		{func(md *hmis.Metadata) { md.Indicators[0].Decimals = ptr(9) }, `hmis: indicator_decimals: indicator inRate00001: decimals: 9: want 0 to 5`},
		{func(md *hmis.Metadata) { md.Indicators[0].Numerator = "N{inRate00001} + N{inOther0001}" }, `hmis: indicators_cyclic: indicator inRate00001: needs inRate00001, which needs it`},
		{func(md *hmis.Metadata) {
			second := md.Indicators[0]
			second.ID, second.Name, second.Denominator = "inRate00002", "Second", "N{inRate00001}"
			md.Indicators[0].Numerator = "1 + N{inRate00002}"
			md.Indicators = append(md.Indicators, second)
		}, `hmis: indicators_cyclic: indicator inRate00002: needs inRate00001, which needs it`},

		{func(md *hmis.Metadata) { md.OrgUnits[1].Parent, md.OrgUnits[1].Path = "gone", "" }, `hmis: orgunits_parent_missing: organisationUnit ouBo0000001: parent: no object "gone"`},
		{func(md *hmis.Metadata) { md.OrgUnits[1].Path = "/x/ouBo0000001" }, `hmis: orgunits_path: organisationUnit ouBo0000001: path: "/x/ouBo0000001": the parent is "ouSierra001"`},
		{func(md *hmis.Metadata) { md.OrgUnits[1].Path = "/ouSierra001" }, `hmis: orgunits_path: organisationUnit ouBo0000001: path: "/ouSierra001": want ids after slashes, the last "ouBo0000001"`},
		{func(md *hmis.Metadata) { md.OrgUnits[1].Opened, md.OrgUnits[1].Closed = 20, 10 }, `hmis: orgunits_openingdate_gt_closeddate: organisationUnit ouBo0000001: closedDate: 1970-01-11 comes before the opening date 1970-01-21`},
		{func(md *hmis.Metadata) { md.OrgUnitLevels[0].Level = 0 }, `hmis: level_invalid: organisationUnitLevel levCountry1: level: 0: want a level from 1`},
		{func(md *hmis.Metadata) {
			md.OrgUnitLevels = append(md.OrgUnitLevels, hmis.OrgUnitLevel{ID: "lev2", Level: 1})
		}, `hmis: levels_repeated: organisationUnitLevel lev2: level: 1 is the level of levCountry1 too`},

		{func(md *hmis.Metadata) { md.Groups[0].Members = []hmis.UID{"gone", "ouBo0000001", "ouBo0000001"} }, `hmis: reference_unknown: organisationUnitGroup grRural0001: organisationUnits: no object "gone"
hmis: members_repeated: organisationUnitGroup grRural0001: members: ouBo0000001 is there more than once`},
		{func(md *hmis.Metadata) { md.Groups[0].Kind, md.GroupSets = "", nil }, `hmis: kind_unknown: grRural0001: kind: "": want a kind of group`},
		{func(md *hmis.Metadata) { md.GroupSets[0].Groups = []hmis.UID{"gone"} }, `hmis: reference_unknown: organisationUnitGroupSet gsLocation1: organisationUnitGroups: no object "gone"`},

		{func(md *hmis.Metadata) {
			md.Groups = append(md.Groups,
				hmis.Group{Kind: hmis.KindDataElementGroup, ID: "dg2", Members: []hmis.UID{"deMalaria01", "deBcgDoses1"}},
				hmis.Group{Kind: hmis.KindDataElementGroup, ID: "dg1", Members: []hmis.UID{"deMalaria01"}},
				hmis.Group{Kind: hmis.KindCategoryOptionGroup, ID: "og1", Members: []hmis.UID{"optMale0001"}},
				hmis.Group{Kind: hmis.KindCategoryOptionGroup, ID: "og2", Members: []hmis.UID{"optMale0001"}})
			md.GroupSets = append(md.GroupSets,
				hmis.GroupSet{Kind: hmis.KindDataElementGroupSet, ID: "ds", Groups: []hmis.UID{"dg2", "dg1"}},
				hmis.GroupSet{Kind: hmis.KindCategoryOptionGroupSet, ID: "os", Groups: []hmis.UID{"og1", "og2"}})
		}, `hmis: data_elements_violating_exclusive_group_sets: dataElement deMalaria01: in the groups dg1 and dg2 of the group set ds; it counts in dg1
hmis: category_options_excess_groupset_membership: categoryOption optMale0001: in the groups og1 and og2 of the group set os; it counts in og1`},

		{func(md *hmis.Metadata) { md.ValidationRules[0].Operator = "equals" }, `hmis: operator_unknown: validationRule vrRule00001: operator: "equals": want one of equal_to, not_equal_to, greater_than, greater_than_or_equal_to, less_than, less_than_or_equal_to, compulsory_pair, exclusive_pair`},
		{func(md *hmis.Metadata) { md.ValidationRules[0].Right.Text, md.ValidationRules[0].Period = "", 0 }, `hmis: expression_missing: validationRule vrRule00001: rightSide: no expression
hmis: period_type_missing: validationRule vrRule00001: periodType: none`},
		{func(md *hmis.Metadata) { md.Predictors[0] = hmis.Predictor{ID: "p", Levels: []hmis.UID{"gone"}} }, `hmis: reference_unknown: predictor p: organisationUnitLevels: no object "gone"
hmis: output_missing: predictor p: output: none
hmis: expression_missing: predictor p: generator: no expression
hmis: period_type_missing: predictor p: periodType: none`},
		{func(md *hmis.Metadata) {
			md.OptionSets[0].Options = append(md.OptionSets[0].Options, hmis.Option{Name: "x"}, hmis.Option{ID: "o", Code: "BCG"})
		}, `hmis: option_code_missing: optionSet osVaccine01: options: option "x" has no code
hmis: codes_repeated: optionSet osVaccine01: options: "BCG" is the code of two options`},
		{func(md *hmis.Metadata) { md.AttributeValues[0].Attribute = "gone" }, `hmis: reference_unknown: dataElement deBcgDoses1: attributeValues: no object "gone"`},
		{func(md *hmis.Metadata) { md.Attributes[0].ValueType = hmis.Integer }, `hmis: attribute_value: dataElement deBcgDoses1: attributeValues: attribute atFunder001: "F-17": want a whole number of 32 bits`},
		{func(md *hmis.Metadata) { md.Attributes[0].Kinds = []hmis.Kind{hmis.KindOrgUnit} }, `hmis: attribute_of_other_kind: dataElement deBcgDoses1: attributeValues: attribute atFunder001 is not meant for a dataElement`},
		{func(md *hmis.Metadata) {
			md.AttributeValues = append(md.AttributeValues, hmis.AttributeValue{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "deMalaria01"}, Attribute: "atFunder001", Value: "F-17"})
		}, `hmis: attribute_values_repeated: dataElement deMalaria01: attributeValues: "F-17" of the unique attribute atFunder001 is the value of deBcgDoses1 too`},
	}
	for _, tt := range tests {
		md := clinic()
		tt.change(&md)
		issues := catalog(t, md).Check()
		require.Equal(t, tt.want, issues.Error())
		for _, issue := range issues {
			require.NotZero(t, issue.Object)
			require.EqualValues(t, -1, issue.Offset)
		}
	}
}

// Options in many categories, and option combos with many options, must not
// make the check slow.
func TestCheckManyOptions(t *testing.T) {
	const n = 20_000
	md := hmis.Metadata{
		Categories:     []hmis.Category{{ID: "many"}, {ID: "one", Options: []hmis.UID{"single"}}},
		CategoryCombos: []hmis.CategoryCombo{{ID: "combo", Name: "default", Categories: []hmis.UID{"many", "one"}}},
	}
	ids := make([]hmis.UID, n)
	for i := range ids {
		ids[i] = hmis.UID(fmt.Sprintf("option%d", i))
		md.CategoryOptions = append(md.CategoryOptions, hmis.CategoryOption{ID: ids[i]})
		md.OptionCombos = append(md.OptionCombos, hmis.OptionCombo{ID: ids[i], CategoryCombo: "combo", Options: []hmis.UID{ids[i], "single"}})
	}
	md.CategoryOptions = append(md.CategoryOptions, hmis.CategoryOption{ID: "single"}, hmis.CategoryOption{ID: "stray"})
	md.Categories[0].Options = ids
	md.OptionCombos = append(md.OptionCombos,
		hmis.OptionCombo{ID: "wrong", CategoryCombo: "combo", Options: []hmis.UID{"single", "stray"}},
		hmis.OptionCombo{ID: "large", CategoryCombo: "combo", Options: ids})
	c := catalog(t, md)
	require.EqualError(t, c.Check(), `hmis: category_option_combos_disjoint: categoryOptionCombo wrong: categoryOptions: stray is in no category of combo
hmis: cocs_wrong_cardinality: categoryOptionCombo large: categoryOptions: 20000 options for 2 categories of combo`)
	option, ok := c.Option("large", "many")
	require.True(t, ok)
	require.Equal(t, ids[0], option)
	_, ok = c.Option("large", "one")
	require.False(t, ok)
}
