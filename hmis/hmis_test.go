package hmis_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// samePeriods returns an option for cmp that compares periods with ==.
func samePeriods() cmp.Option { return cmpopts.EquateComparable(period.Period{}) }

func ptr[T any](v T) *T { return &v }

// clinic returns metadata with an object of each kind and nothing doubtful.
func clinic() hmis.Metadata {
	return hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "deMalaria01", Code: "MAL", Name: "Malaria cases", ValueType: hmis.Integer, Aggregation: hmis.Sum, CategoryCombo: "ccSexAge001", OptionSet: "osVaccine01", Levels: []int{3}},
			{ID: "deBcgDoses1", Code: "BCG", Name: "BCG doses", ValueType: hmis.Integer, Aggregation: hmis.Sum},
		},
		Categories: []hmis.Category{
			{ID: "catSex00001", Name: "Sex", Options: []hmis.UID{"optFemale01", "optMale0001"}},
			{ID: "catAge00001", Name: "Age", Options: []hmis.UID{"optYoung001", "optOld00001"}},
			{ID: "catProject1", Name: "Project", Options: []hmis.UID{"optProjectA"}, Attribute: true},
		},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "optFemale01", Code: "F", Name: "Female"}, {ID: "optMale0001", Code: "M", Name: "Male"},
			{ID: "optYoung001", Name: "Young"}, {ID: "optOld00001", Name: "Old"}, {ID: "optProjectA", Name: "Project A", OrgUnits: []hmis.UID{"ouBo0000001"}},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: "ccSexAge001", Name: "Sex and age", Categories: []hmis.UID{"catSex00001", "catAge00001"}},
			{ID: "ccSex000001", Name: "Sex", Categories: []hmis.UID{"catSex00001"}},
			{ID: "ccProject01", Name: "Project", Categories: []hmis.UID{"catProject1"}, Attribute: true},
		},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocFYoung01", Name: "Female, Young", CategoryCombo: "ccSexAge001", Options: []hmis.UID{"optYoung001", "optFemale01"}},
			{ID: "cocMYoung01", Name: "Male, Young", CategoryCombo: "ccSexAge001", Options: []hmis.UID{"optMale0001", "optYoung001"}},
			{ID: "cocFemale01", Name: "Female", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optFemale01"}},
			{ID: "aocProjectA", Name: "Project A", CategoryCombo: "ccProject01", Options: []hmis.UID{"optProjectA"}},
		},
		OptionSets: []hmis.OptionSet{{ID: "osVaccine01", Name: "Vaccines", Options: []hmis.Option{{ID: "opBcg000001", Code: "BCG", Name: "Bacille"}}}},
		DataSets: []hmis.DataSet{{
			ID: "dsMalaria01", Code: "DS", Name: "Malaria", PeriodType: period.Monthly, CategoryCombo: "ccProject01",
			Elements: []hmis.DataSetElement{{DataElement: "deMalaria01", CategoryCombo: "ccSex000001"}, {DataElement: "deBcgDoses1"}},
			OrgUnits: []hmis.UID{"ouBo0000001"}, Indicators: []hmis.UID{"inRate00001"},
			Sections:   []hmis.Section{{ID: "seFirst0001", Name: "First", DataElements: []hmis.UID{"deMalaria01"}, Greyed: []hmis.Operand{{DataElement: "deMalaria01", OptionCombo: "cocFemale01"}}}},
			Compulsory: []hmis.Operand{{DataElement: "deMalaria01", OptionCombo: "cocFemale01"}},
		}},
		Indicators:      []hmis.Indicator{{ID: "inRate00001", Name: "Rate", Type: "itPerCent01", Numerator: "#{deMalaria01}", Denominator: "1", Decimals: ptr(1)}},
		IndicatorTypes:  []hmis.IndicatorType{{ID: "itPerCent01", Name: "Per cent", Factor: 100}},
		OrgUnits:        []hmis.OrgUnit{{ID: "ouSierra001", Name: "Sierra Leone"}, {ID: "ouBo0000001", Code: "BO", Name: "Bo", Parent: "ouSierra001", Path: "/ouSierra001/ouBo0000001"}},
		OrgUnitLevels:   []hmis.OrgUnitLevel{{ID: "levCountry1", Name: "Country", Level: 1}},
		Groups:          []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "grRural0001", Code: "RURAL", Name: "Rural", Members: []hmis.UID{"ouBo0000001"}}},
		GroupSets:       []hmis.GroupSet{{Kind: hmis.KindOrgUnitGroupSet, ID: "gsLocation1", Name: "Location", Groups: []hmis.UID{"grRural0001"}}},
		Constants:       []hmis.Constant{{ID: "coPi0000001", Name: "Pi"}},
		ValidationRules: []hmis.ValidationRule{{ID: "vrRule00001", Name: "Rule", Operator: "less_than", Period: period.Monthly, Left: hmis.Expression{Text: "1"}, Right: hmis.Expression{Text: "2"}}},
		Predictors:      []hmis.Predictor{{ID: "prPredict01", Name: "Predictor", Output: "deBcgDoses1", Period: period.Monthly, Generator: hmis.Expression{Text: "1"}, Levels: []hmis.UID{"levCountry1"}}},
		Attributes:      []hmis.Attribute{{ID: "atFunder001", Name: "Funder", ValueType: hmis.Text, Unique: true, Kinds: []hmis.Kind{hmis.KindDataElement}}, {ID: "atRegion001", Name: "Region", ValueType: hmis.Text}},
		AttributeValues: []hmis.AttributeValue{
			{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "deBcgDoses1"}, Attribute: "atFunder001", Value: "F-17"},
		},
	}
}

func catalog(t testing.TB, md hmis.Metadata) *hmis.Catalog {
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return c
}
