package integrity_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/integrity"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// sound is small metadata that no check has anything against.
func sound() hmis.Metadata {
	return hmis.Metadata{
		CategoryOptions: []hmis.CategoryOption{{ID: "optFemale01", Name: "Female"}, {ID: "optMale0001", Name: "Male"}},
		Categories:      []hmis.Category{{ID: "catSex00001", Name: "Sex", Options: []hmis.UID{"optFemale01", "optMale0001"}}},
		CategoryCombos:  []hmis.CategoryCombo{{ID: "ccSex000001", Name: "Sex", Categories: []hmis.UID{"catSex00001"}}},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocFemale01", Name: "Female", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optFemale01"}},
			{ID: "cocMale0001", Name: "Male", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optMale0001"}},
		},
		DataElements: []hmis.DataElement{
			{ID: "deCases0001", Name: "Cases", ValueType: hmis.Integer, Aggregation: hmis.Sum, CategoryCombo: "ccSex000001"},
			{ID: "deTested001", Name: "Tested", ValueType: hmis.Integer, Aggregation: hmis.Sum, CategoryCombo: "ccSex000001", OptionSet: "osYes000001"},
		},
		OptionSets: []hmis.OptionSet{{ID: "osYes000001", Options: []hmis.Option{{Code: "1"}}}},
		DataSets: []hmis.DataSet{{
			ID: "dsMonth0001", Name: "Monthly", ShortName: "Mon", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"ouClinic001"},
			Elements: []hmis.DataSetElement{{DataElement: "deCases0001"}, {DataElement: "deTested001"}},
			Sections: []hmis.Section{{ID: "se", DataElements: []hmis.UID{"deCases0001", "deTested001"}}},
		}},
		IndicatorTypes: []hmis.IndicatorType{{ID: "itPercent01", Factor: 100}, {ID: "itNumber001", Factor: 1}},
		Indicators: []hmis.Indicator{
			{ID: "inPositive1", Name: "Positive", Type: "itPercent01", Numerator: "#{deCases0001}", Denominator: "#{deTested001}"},
			{ID: "inFemale001", Name: "Female", Type: "itPercent01", Numerator: "#{deCases0001.cocFemale01}", Denominator: "#{deCases0001}"},
		},
		OrgUnits: []hmis.OrgUnit{
			{ID: "ouNation001", Name: "Nation", Geometry: point(10, 10)},
			{ID: "ouClinic001", Name: "Clinic", Parent: "ouNation001", Geometry: point(11, 11)},
		},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "l1", Name: "Nation", Level: 1}, {ID: "l2", Name: "Clinic", Level: 2}},
		ValidationRules: []hmis.ValidationRule{
			{ID: "vr000000001", Operator: "less_than_or_equal_to", Period: period.Monthly,
				Left:  hmis.Expression{Text: "#{deCases0001}", Missing: hmis.NeverSkip},
				Right: hmis.Expression{Text: "#{deTested001}", Missing: hmis.NeverSkip}},
		},
		Groups: []hmis.Group{
			{Kind: hmis.KindDataElementGroup, ID: "deg", Members: []hmis.UID{"deCases0001", "deTested001"}},
			{Kind: hmis.KindDataElementGroup, ID: "deg2", Members: []hmis.UID{"x", "y"}},
			{Kind: hmis.KindIndicatorGroup, ID: "ing", Members: []hmis.UID{"inPositive1", "inFemale001"}},
			{Kind: hmis.KindIndicatorGroup, ID: "ing2", Members: []hmis.UID{"x", "y"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "oug", Members: []hmis.UID{"ouNation001", "ouClinic001"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "oug2", Members: nil},
			{Kind: hmis.KindValidationRuleGroup, ID: "vrg", Members: []hmis.UID{"vr000000001", "vr000000002"}},
			{Kind: hmis.KindCategoryOptionGroup, ID: "cog", Members: []hmis.UID{"optFemale01", "optMale0001"}},
			{Kind: hmis.KindCategoryOptionGroup, ID: "cog2", Members: nil},
		},
		GroupSets: []hmis.GroupSet{
			{Kind: hmis.KindDataElementGroupSet, ID: "degs", Groups: []hmis.UID{"deg", "deg2"}},
			{Kind: hmis.KindIndicatorGroupSet, ID: "ings", Groups: []hmis.UID{"ing", "ing2"}},
			{Kind: hmis.KindOrgUnitGroupSet, ID: "ougs", Compulsory: true, Groups: []hmis.UID{"oug", "oug2"}},
			{Kind: hmis.KindCategoryOptionGroupSet, ID: "cogs", Groups: []hmis.UID{"cog", "cog2"}},
		},
	}
}

func point(lon, lat int) string {
	return fmt.Sprintf(`{"type":"Point","coordinates":[%d,%d]}`, lon, lat)
}

func subject(md hmis.Metadata) integrity.Subject {
	return integrity.Subject{
		Metadata: md, Today: period.DateOf(2024, 6, 1),
		Periods:    []period.Period{period.MustParse("202401")},
		HasData:    func(hmis.UID) bool { return true },
		InAnalysis: func(hmis.Ref) bool { return true },
		Now:        func() time.Time { return time.Unix(0, 0) },
	}
}

// objects returns what a check lists, as "id id".
func objects(t *testing.T, s integrity.Subject, check string) string {
	t.Helper()
	report, err := integrity.Standard().Run(t.Context(), s, check)
	require.NoError(t, err)
	require.Len(t, report.Results, 1)
	r := report.Results[0]
	require.NoError(t, r.Err)
	require.Equal(t, len(r.Issues), r.Count)
	var ids []string
	for _, i := range r.Issues {
		require.Equal(t, check, i.Code)
		require.Equal(t, r.Severity, i.Severity)
		require.Error(t, i.Err)
		ids = append(ids, string(i.Object.ID))
	}
	return strings.Join(ids, " ")
}

// notHeld are checks of things that metadata of this library does not have.
var notHeld = map[string]bool{"data_elements_aggregate_abandoned": true, "option_groups_empty": true, "option_sets_wrong_sort_order": true}

// Each check finds its fault: what
// is changed in sound metadata, and which objects it lists then.
func TestChecks(t *testing.T) {
	second := func(md *hmis.Metadata) *hmis.Indicator {
		md.Indicators = append(md.Indicators, md.Indicators[0])
		md.Indicators[2].ID, md.Indicators[2].Name = "inSecond001", "Second"
		return &md.Indicators[2]
	}
	md := func(change func(*hmis.Metadata)) func(*integrity.Subject) {
		return func(s *integrity.Subject) { change(&s.Metadata) }
	}
	tests := []struct {
		check, want string
		change      func(*integrity.Subject)
	}{
		{"categories_no_options", "cat", md(func(m *hmis.Metadata) { m.Categories = append(m.Categories, hmis.Category{ID: "cat"}) })},
		{"category_options_no_categories", "lone", md(func(m *hmis.Metadata) { m.CategoryOptions = append(m.CategoryOptions, hmis.CategoryOption{ID: "lone"}) })},
		{"categories_same_category_options", "cat catSex00001", md(func(m *hmis.Metadata) {
			m.Categories = append(m.Categories, hmis.Category{ID: "cat", Options: []hmis.UID{"optMale0001", "optFemale01"}})
		})},
		{"categories_unique_category_combo", "cc1 cc2 ccSex000001", md(func(m *hmis.Metadata) {
			for _, id := range []hmis.UID{"cc1", "cc2"} {
				m.CategoryCombos = append(m.CategoryCombos, hmis.CategoryCombo{ID: id, Categories: []hmis.UID{"catSex00001"}})
			}
		})},
		{"category_options_shared_within_category_combo", "ccSex000001", md(func(m *hmis.Metadata) {
			m.Categories = append(m.Categories, hmis.Category{ID: "cat", Options: []hmis.UID{"optMale0001", "optFemale01"}})
			m.CategoryCombos[0].Categories = append(m.CategoryCombos[0].Categories, "cat")
		})},
		{"cocs_wrong_cardinality", "cocMale0001", md(func(m *hmis.Metadata) { m.OptionCombos[1].Options = []hmis.UID{"optMale0001", "optFemale01"} })},
		{"category_option_combos_disjoint", "cocMale0001", md(func(m *hmis.Metadata) { m.OptionCombos[1].Options = []hmis.UID{"other"} })},
		{"category_option_combos_have_duplicates", "cocFemale01 cocMale0001", md(func(m *hmis.Metadata) { m.OptionCombos[1].Options = []hmis.UID{"optFemale01"} })},
		{"category_option_combos_missing", "ccSex000001", md(func(m *hmis.Metadata) { m.OptionCombos = m.OptionCombos[:1] })},
		{"catoptioncombos_no_catcombo", "cocMale0001", md(func(m *hmis.Metadata) { m.OptionCombos[1].CategoryCombo = "" })},
		{"invalid_category_combos", "cc1 ccSex000001", md(func(m *hmis.Metadata) {
			m.OptionCombos = nil
			m.CategoryCombos = append(m.CategoryCombos, hmis.CategoryCombo{ID: "cc1", Categories: []hmis.UID{"none"}})
		})},
		{"category_combos_unused", "ccSex000001", md(func(m *hmis.Metadata) { m.DataElements = nil })},
		{"categories_one_default_category", "c1 c2", md(func(m *hmis.Metadata) {
			m.Categories = append(m.Categories, hmis.Category{ID: "c1", Name: "default"}, hmis.Category{ID: "c2", Name: "default"})
		})},
		{"categories_one_default_category_option", "o1 o2", md(func(m *hmis.Metadata) {
			m.CategoryOptions = append(m.CategoryOptions, hmis.CategoryOption{ID: "o1", Name: "default"}, hmis.CategoryOption{ID: "o2", Name: "default"})
		})},
		{"categories_one_default_category_combo", "c1 c2", md(func(m *hmis.Metadata) {
			m.CategoryCombos = append(m.CategoryCombos, hmis.CategoryCombo{ID: "c1", Name: "default"}, hmis.CategoryCombo{ID: "c2", Name: "default"})
		})},
		{"categories_one_default_category_option_combo", "c1 c2", md(func(m *hmis.Metadata) {
			m.OptionCombos = append(m.OptionCombos,
				hmis.OptionCombo{ID: "c1", Name: "default"}, hmis.OptionCombo{ID: "c2", Name: "default"})
		})},
		{"category_option_combos_no_names", "cocMale0001", md(func(m *hmis.Metadata) { m.OptionCombos[1].Name = " " })},
		{"category_options_excess_groupset_membership", "optMale0001", md(func(m *hmis.Metadata) { m.Groups[8].Members = []hmis.UID{"optMale0001"} })},
		{"category_option_group_sets_incomplete", "cogs", md(func(m *hmis.Metadata) { m.Groups[7].Members = []hmis.UID{"optMale0001"} })},

		{"data_elements_without_datasets", "deTested001", md(func(m *hmis.Metadata) { m.DataSets[0].Elements = m.DataSets[0].Elements[:1] })},
		{"data_elements_aggregate_no_groups", "deTested001", md(func(m *hmis.Metadata) { m.Groups[0].Members = []hmis.UID{"deCases0001"} })},
		{"data_elements_aggregate_with_different_period_types", "deCases0001", md(func(m *hmis.Metadata) {
			m.DataSets = append(m.DataSets, hmis.DataSet{ID: "q", PeriodType: period.Quarterly, Elements: m.DataSets[0].Elements[:1]})
		})},
		{"data_elements_violating_exclusive_group_sets", "deCases0001", md(func(m *hmis.Metadata) { m.Groups[1].Members = []hmis.UID{"deCases0001"} })},
		{"data_elements_can_aggregate_with_none_operator", "deCases0001", md(func(m *hmis.Metadata) { m.DataElements[0].Aggregation = hmis.NoAggregation })},
		{"data_elements_cannot_aggregate_operator_not_none", "deCases0001", md(func(m *hmis.Metadata) { m.DataElements[0].ValueType = hmis.Text })},
		{"data_elements_aggregate_no_data", "deTested001", func(s *integrity.Subject) { s.HasData = func(id hmis.UID) bool { return id == "deCases0001" } }},
		{"data_elements_aggregate_no_analysis", "deCases0001 deTested001", func(s *integrity.Subject) { s.InAnalysis = func(hmis.Ref) bool { return false } }},
		{"data_elements_in_data_set_not_in_form", "dsMonth0001", md(func(m *hmis.Metadata) { m.DataSets[0].Sections[0].DataElements = []hmis.UID{"deCases0001"} })},
		{"datasets_empty", "dsMonth0001", md(func(m *hmis.Metadata) { m.DataSets[0].Elements = nil })},
		{"datasets_not_assigned_to_org_units", "dsMonth0001", md(func(m *hmis.Metadata) { m.DataSets[0].OrgUnits = nil })},
		{"datasets_same_name", "ds2 dsMonth0001", md(func(m *hmis.Metadata) {
			m.DataSets = append(m.DataSets, hmis.DataSet{ID: "ds2", Name: "Other", ShortName: "Mon"})
		})},
		{"datasets_custom_data_entry_forms_empty", "dsMonth0001", md(func(m *hmis.Metadata) {
			m.Properties = []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindDataSet, ID: "dsMonth0001"}, Name: "dataEntryForm", Value: `{"htmlCode": " "}`}}
		})},

		{"indicators_with_invalid_numerator", "inPositive1", md(func(m *hmis.Metadata) { m.Indicators[0].Numerator = "" })},
		{"indicators_with_invalid_denominator", "inPositive1", md(func(m *hmis.Metadata) { m.Indicators[0].Denominator = "1 +" })},
		{"indicators_unknown_reference", "inPositive1", md(func(m *hmis.Metadata) { m.Indicators[0].Denominator = "#{deNobody001}" })},
		{"indicators_exact_duplicates", "inPositive1 inSecond001", md(func(m *hmis.Metadata) { second(m).Numerator = " #{deCases0001} " })},
		{"indicators_with_identical_formulas", "inPositive1 inSecond001", md(func(m *hmis.Metadata) { second(m) })},
		{"indicators_duplicated_terms", "inPositive1 inSecond001", md(func(m *hmis.Metadata) {
			m.Indicators[0].Numerator = "1 + #{deCases0001}"
			second(m).Numerator = "#{deCases0001}+1"
		})},
		{"indicators_not_grouped", "inFemale001", md(func(m *hmis.Metadata) { m.Groups[2].Members = []hmis.UID{"inPositive1"} })},
		{"indicators_violating_exclusive_group_sets", "inPositive1", md(func(m *hmis.Metadata) { m.Groups[3].Members = []hmis.UID{"inPositive1"} })},
		{"indicator_no_analysis", "inFemale001 inPositive1", func(s *integrity.Subject) { s.InAnalysis = func(hmis.Ref) bool { return false } }},
		{"indicator_types_duplicated", "itNumber001 itPercent01", md(func(m *hmis.Metadata) { m.IndicatorTypes[1].Factor = 100 })},

		{"orgunits_orphaned", "ouNation001", md(func(m *hmis.Metadata) { m.OrgUnits = m.OrgUnits[:1] })},
		{"orgunits_orphaned", "lone", md(func(m *hmis.Metadata) {
			m.OrgUnits = []hmis.OrgUnit{{ID: "lone"}, {ID: "a", Parent: "b"}, {ID: "b", Parent: "a"}}
		})},
		{"orgunits_multiple_roots", "ouNation001 two", md(func(m *hmis.Metadata) { m.OrgUnits = append(m.OrgUnits, hmis.OrgUnit{ID: "two"}) })},
		{"orgunits_parent_missing", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Parent = "gone" })},
		{"orgunits_parent_missing", "", md(func(m *hmis.Metadata) { // below a circle, but not without a parent
			m.OrgUnits = append(m.OrgUnits, hmis.OrgUnit{ID: "a", Parent: "b"}, hmis.OrgUnit{ID: "b", Parent: "a"}, hmis.OrgUnit{ID: "c", Parent: "a"})
		})},
		{"org_units_with_cyclic_references", "a b", md(func(m *hmis.Metadata) {
			m.OrgUnits = append(m.OrgUnits, hmis.OrgUnit{ID: "a", Parent: "b"}, hmis.OrgUnit{ID: "b", Parent: "a"}, hmis.OrgUnit{ID: "c", Parent: "a"})
		})},
		{"orgunits_same_name_and_parent", "ouClinic001 two", md(func(m *hmis.Metadata) {
			m.OrgUnits = append(m.OrgUnits, hmis.OrgUnit{ID: "two", Name: "CLI nic", Parent: "ouNation001"})
		})},
		{"orgunits_leading_spaces", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Name = " Clinic" })},
		{"orgunits_trailing_spaces", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].ShortName = "Clinic " })},
		{"orgunits_multiple_spaces", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Name = "Cli  nic" })},
		{"orgunits_openingdate_gt_closeddate", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Opened, m.OrgUnits[1].Closed = 20, 10 })},
		{"organisation_units_violating_exclusive_group_sets", "ouClinic001", md(func(m *hmis.Metadata) { m.Groups[5].Members = []hmis.UID{"ouClinic001"} })},
		{"org_units_not_in_compulsory_group_sets", "ouNation001", md(func(m *hmis.Metadata) { m.Groups[4].Members = []hmis.UID{"ouClinic001"} })},
		{"organisation_units_without_groups", "ouClinic001 ouNation001", md(func(m *hmis.Metadata) { m.Groups = nil })},
		{"orgunits_no_coordinates", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Geometry = "" })},
		{"orgunits_invalid_geometry", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Geometry = point(11, 200) })},
		{"orgunits_not_contained_by_parent", "ouClinic001", md(func(m *hmis.Metadata) {
			m.OrgUnits[0].Geometry = `{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2],[1,1]]]}`
		})},
		{"orgunits_null_island", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Geometry = point(0, 0) })},
		{"orgunits_wrong_path", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnits[1].Path = "/x/ouClinic001" })},
		{"orgunits_same_code", "ouClinic001 ouNation001", md(func(m *hmis.Metadata) { m.OrgUnits[0].Code, m.OrgUnits[1].Code = "1", "1" })},
		{"orgunits_level_without_name", "ouClinic001", md(func(m *hmis.Metadata) { m.OrgUnitLevels = m.OrgUnitLevels[:1] })},
		{"orgunit_groups_unknown_member", "oug2", md(func(m *hmis.Metadata) { m.Groups[5].Members = []hmis.UID{"gone"} })},
		{"orgunit_group_sets_unknown_group", "ougs", md(func(m *hmis.Metadata) { m.GroupSets[2].Groups = append(m.GroupSets[2].Groups, "gone") })},
		{"periods_same_start_date_period_type", "20160101 20230912", func(s *integrity.Subject) { // one day in two calendars
			ethiopian, err := period.Ethiopian.Parse("20160101")
			require.NoError(t, err)
			s.Periods = append(s.Periods, ethiopian, period.MustParse("20230912"))
		}},
		{"periods_3y_future", "202706", func(s *integrity.Subject) {
			s.Periods = append(s.Periods, period.MustParse("202704"), period.MustParse("202706"))
		}},
		{"periods_distant_past", "199405", func(s *integrity.Subject) {
			s.Periods = append(s.Periods, period.MustParse("199405"), period.MustParse("199406"))
		}},

		{"options_sets_empty", "osYes000001", md(func(m *hmis.Metadata) { m.OptionSets[0].Options = nil })},
		{"options_sets_unused", "os", md(func(m *hmis.Metadata) { m.OptionSets = append(m.OptionSets, hmis.OptionSet{ID: "os"}) })},
		{"validation_rules_without_groups", "vr000000001", md(func(m *hmis.Metadata) { m.Groups[6].Members = nil })},
		{"validation_rules_missing_value_strategy_null", "vr000000001", md(func(m *hmis.Metadata) { m.ValidationRules[0].Right.Missing = "" })},
		{"validation_rules_unknown_reference", "vr000000001", md(func(m *hmis.Metadata) { m.ValidationRules[0].Left.Text = "#{deCases0001.cocNobody01}" })},
		{"validation_rules_with_invalid_left_side_expression", "vr000000001", md(func(m *hmis.Metadata) { m.ValidationRules[0].Left.Text = "" })},
		{"validation_rules_with_invalid_right_side_expression", "vr000000001", md(func(m *hmis.Metadata) { m.ValidationRules[0].Right.Text = "(" })},

		{"data_element_groups_scarce", "deg2", md(func(m *hmis.Metadata) { m.Groups[1].Members = []hmis.UID{"x"} })},
		{"data_element_group_sets_scarce", "degs", md(func(m *hmis.Metadata) { m.GroupSets[0].Groups = []hmis.UID{"deg"} })},
		{"indicator_groups_scarce", "ing2", md(func(m *hmis.Metadata) { m.Groups[3].Members = []hmis.UID{"x"} })},
		{"indicator_group_sets_scarce", "ings", md(func(m *hmis.Metadata) { m.GroupSets[1].Groups = nil })},
		{"organisation_unit_groups_scarce", "oug oug2", md(func(m *hmis.Metadata) { m.Groups[4].Members = []hmis.UID{"x"} })},
		{"organisation_unit_group_sets_scarce", "ougs", md(func(m *hmis.Metadata) { m.GroupSets[2].Groups = nil })},
		{"category_option_groups_scarce", "cog cog2", md(func(m *hmis.Metadata) { m.Groups[7].Members = nil })},
		{"category_option_group_sets_scarce", "cogs", md(func(m *hmis.Metadata) { m.GroupSets[3].Groups = nil })},
		{"validation_rule_groups_scarce", "vrg", md(func(m *hmis.Metadata) { m.Groups[6].Members = nil })},

		{"reference_unknown", "dsMonth0001", md(func(m *hmis.Metadata) { m.Groups = nil; m.GroupSets = nil; m.DataSets[0].OrgUnits = []hmis.UID{"gone"} })},
		{"codes_repeated", "deTested001", md(func(m *hmis.Metadata) { m.DataElements[0].Code, m.DataElements[1].Code = "1", "1" })},
		{"names_repeated", "deTested001", md(func(m *hmis.Metadata) { m.DataElements[1].Name = "Cases" })},
		{"members_repeated", "catSex00001", md(func(m *hmis.Metadata) { m.Categories[0].Options = append(m.Categories[0].Options, "optMale0001") })},
		{"value_type_unknown", "deCases0001", md(func(m *hmis.Metadata) { m.DataElements[0].ValueType = "INT" })},
		{"aggregation_unknown", "deCases0001", md(func(m *hmis.Metadata) { m.DataElements[0].Aggregation = "MOST" })},
		{"period_type_missing", "dsMonth0001", md(func(m *hmis.Metadata) { m.DataSets[0].PeriodType = 0 })},
		{"indicators_cyclic", "inPositive1", md(func(m *hmis.Metadata) { m.Indicators[0].Numerator = "N{inPositive1}" })},
		{"attribute_values_repeated", "deTested001", md(func(m *hmis.Metadata) {
			m.Attributes = []hmis.Attribute{{ID: "at", Unique: true, ValueType: hmis.Text}}
			for _, id := range []hmis.UID{"deCases0001", "deTested001"} {
				m.AttributeValues = append(m.AttributeValues,
					hmis.AttributeValue{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: id}, Attribute: "at", Value: "1"})
			}
		})},
	}
	tried := map[string]bool{}
	for _, tt := range tests {
		tried[tt.check] = true
		s := subject(sound())
		tt.change(&s)
		if diff := cmp.Diff(tt.want, objects(t, s, tt.check)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.check, diff)
		}
	}
	for _, c := range integrity.Standard().Checks() {
		if !tried[c.Name] && !notHeld[c.Name] {
			t.Errorf("%s is tried on nothing", c.Name)
		}
		require.NotEmpty(t, c.Description)
		require.NotEmpty(t, c.Introduction)
		require.NotEmpty(t, c.Recommendation)
	}
}

func TestSoundMetadata(t *testing.T) {
	var all []string
	for _, c := range integrity.Standard().Checks() {
		all = append(all, c.Name)
	}
	report, err := integrity.Standard().Run(t.Context(), subject(sound()), all...)
	require.NoError(t, err)
	allowed := map[string]string{ // members that are only named, and groups kept empty so that others can be filled
		"reference_unknown": "deg2 ing2 vrg", "organisation_unit_groups_scarce": "oug2", "category_option_groups_scarce": "cog2",
	}
	for _, r := range report.Results {
		if notHeld[r.Name] {
			require.Equal(t, -1, r.Count, r.Name)
			require.ErrorContains(t, r.Err, "not part of the metadata")
			continue
		}
		require.NoError(t, r.Err, r.Name)
		var ids []string
		for _, i := range r.Issues {
			ids = append(ids, string(i.Object.ID))
		}
		require.Equal(t, allowed[r.Name], strings.Join(ids, " "), r.Name)
	}
	require.Equal(t, 0, report.Count(hmis.Critical)+report.Count(hmis.Severe))
	require.Equal(t, 5, report.Count(hmis.Warning))
	require.Len(t, report.Issues(), 5)
}

func TestSelect(t *testing.T) {
	tests := []struct {
		names []string
		want  string // names, or the number of checks
	}{
		{[]string{"OIG"}, "orgunits_invalid_geometry"},
		{[]string{"orgunits_*spaces"}, "orgunits_leading_spaces orgunits_multiple_spaces orgunits_trailing_spaces"},
		{[]string{"Periods", "PDP"}, "periods_3y_future periods_distant_past periods_same_start_date_period_type"},
		{[]string{"datasets_empty"}, "datasets_empty"},
	}
	for _, tt := range tests {
		checks, err := integrity.Standard().Select(tt.names...)
		require.NoError(t, err)
		var names []string
		for _, c := range checks {
			names = append(names, c.Name)
		}
		require.Equal(t, tt.want, strings.Join(names, " "))
	}
	quick, err := integrity.Standard().Select()
	require.NoError(t, err)
	for _, c := range quick {
		require.False(t, c.Slow)
	}
	_, err = integrity.Standard().Select("orgunits_*", "nothing", "XYZ")
	require.EqualError(t, err, "integrity: no check, section or code \"nothing\"\nintegrity: no check, section or code \"XYZ\"")
}

func TestNamesAndCodesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, c := range integrity.Standard().Checks() {
		for _, name := range []string{c.Name, c.Code()} {
			require.Empty(t, seen[name], "%s is %s too", c.Name, name)
			seen[name] = c.Name
		}
	}
	own := integrity.Check{Name: "own_check_of_mine", Find: func(context.Context, *integrity.Subject) (hmis.Issues, error) { return nil, nil }}
	suite, err := integrity.Standard().With(own)
	require.NoError(t, err)
	_, err = suite.With(own)
	require.EqualError(t, err, `integrity: check "own_check_of_mine": its name or code OCOM is that of own_check_of_mine`)
	_, err = suite.With(integrity.Check{Name: "x"})
	require.EqualError(t, err, `integrity: check "x": want a name and a function`)
}

// Metadata that no catalog can hold fails the checks that need one, and no other.
func TestImpossibleMetadata(t *testing.T) {
	md := sound()
	md.DataElements = append(md.DataElements, md.DataElements[0])
	md.OrgUnits[0].Name = "Nation "
	report, err := integrity.Standard().Run(t.Context(), subject(md), "codes_repeated", "orgunits_trailing_spaces")
	require.NoError(t, err)
	require.Equal(t, -1, report.Results[0].Count)
	require.ErrorContains(t, report.Results[0].Err, "deCases0001")
	require.Equal(t, 1, report.Results[1].Count)
	require.Equal(t, 50.0, *report.Results[1].Percent)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = integrity.Standard().Run(ctx, subject(md))
	require.ErrorIs(t, err, context.Canceled)
}

func TestWriteMetrics(t *testing.T) {
	md := sound()
	md.DataSets[0].Elements = nil
	report, err := integrity.Standard().Run(t.Context(), subject(md), "datasets_empty", "option_groups_empty")
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, report.WriteMetrics(&b))
	require.Equal(t, `# HELP hmis_integrity_issues Objects at fault.
# TYPE hmis_integrity_issues gauge
hmis_integrity_issues{check="datasets_empty",severity="warning"} 1
hmis_integrity_issues{check="option_groups_empty",severity="warning"} -1
# HELP hmis_integrity_percent Share of all objects of their kind.
# TYPE hmis_integrity_percent gauge
hmis_integrity_percent{check="datasets_empty",severity="warning"} 100
# HELP hmis_integrity_seconds Time that the check took.
# TYPE hmis_integrity_seconds gauge
hmis_integrity_seconds{check="datasets_empty",severity="warning"} 0
hmis_integrity_seconds{check="option_groups_empty",severity="warning"} 0
# EOF
`, b.String())
}

func ExampleSuite_Run() {
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "ImspTQPwCqd", Name: "Sierra Leone"},
		{ID: "O6uvpzGd5pu", Name: "Bo ", Parent: "ImspTQPwCqd"},
	}}
	report, err := integrity.Standard().Run(context.Background(), integrity.Subject{Metadata: md}, "orgunits_*spaces")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range report.Results {
		fmt.Println(r.Code(), r.Name, r.Count)
	}
	for _, i := range report.Issues() {
		fmt.Println(i.Object.ID, i.Err)
	}
	// Output:
	// OLS orgunits_leading_spaces 0
	// OMS orgunits_multiple_spaces 0
	// OTS orgunits_trailing_spaces 1
	// O6uvpzGd5pu "Bo " ends with a blank
}
