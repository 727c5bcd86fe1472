package analytics_test

import (
	"context"
	"iter"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// The country of the tests has two districts with two clinics each, malaria
// tests by sex, a stock whose yearly value is a mean, and an indicator for each
// kind of rounding.
var (
	one, none    = 1, 0
	twoDistricts = hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{
			{ID: "Country0001", Code: "C", Name: "Country"},
			{ID: "DistrictEa1", Code: "E", Name: "East", ShortName: "Ea", Parent: "Country0001"},
			{ID: "ClinicAxxx1", Code: "A", Name: "Clinic A", Parent: "DistrictEa1"},
			{ID: "ClinicBxxx1", Code: "B", Name: "Clinic B", Parent: "DistrictEa1"},
			{ID: "DistrictWe1", Code: "W", Name: "West, by the sea", Parent: "Country0001"},
			{ID: "ClinicCxxx1", Code: "SAME", Name: "Clinic C", Parent: "DistrictWe1"},
			{ID: "ClinicDxxx1", Code: "SAME", Name: "Clinic D", Parent: "DistrictWe1"},
		},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "LevelDistr1", Name: "District", Level: 2}},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "OptFemale01", Code: "F", Name: "Female"}, {ID: "OptMale0001", Code: "M", Name: "Male"},
		},
		Categories: []hmis.Category{
			{ID: "CatSex00001", Code: "SEX", Name: "Sex", Options: []hmis.UID{"OptFemale01", "OptMale0001"}},
			{ID: "CatHidden01", Name: "Hidden", Options: []hmis.UID{"OptFemale01"}, NoDimension: true},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: "ComboSex001", Name: "Sex", Categories: []hmis.UID{"CatSex00001"}},
			{ID: "ComboSkip01", Name: "Sex without total", Categories: []hmis.UID{"CatSex00001"}, SkipTotal: true},
		},
		OptionCombos: []hmis.OptionCombo{
			{ID: "HllvX50cXC0", Name: "default"},
			{ID: "CocFemale01", Code: "F", Name: "Female", CategoryCombo: "ComboSex001", Options: []hmis.UID{"OptFemale01"}},
			{ID: "CocMale0001", Code: "M", Name: "Male", CategoryCombo: "ComboSex001", Options: []hmis.UID{"OptMale0001"}},
			{ID: "CocAgeMale1", Name: "Male, no total", CategoryCombo: "ComboSkip01", Options: []hmis.UID{"OptMale0001"}},
		},
		DataElements: []hmis.DataElement{
			{ID: "Tested00001", Code: "MAL.01", Name: "Malaria tests", ShortName: "Tests", ValueType: hmis.IntegerZeroOrPositive, CategoryCombo: "ComboSex001"},
			{ID: "Positive001", Code: "MAL.02", Name: "Malaria positive", ValueType: hmis.IntegerZeroOrPositive, CategoryCombo: "ComboSex001"},
			{ID: "Weight00001", Name: "Weight", ValueType: hmis.Number, Aggregation: hmis.Average,
				LegendSets: []hmis.UID{"LegendSet01", "LegendSet02"}},
			{ID: "Remark00001", Code: "REM", Name: "Remark", ValueType: hmis.Text, Aggregation: hmis.NoAggregation},
			{ID: "Custom00001", Name: "Custom", Aggregation: hmis.CustomAggregation},
			{ID: "ByAgeOnly01", Name: "Never a total", CategoryCombo: "ComboSkip01"},
		},
		DataSets: []hmis.DataSet{{
			ID: "Malaria0001", Code: "MAL", Name: "Malaria form", PeriodType: period.Monthly, TimelyDays: 15,
			Elements: []hmis.DataSetElement{{DataElement: "Tested00001"}, {DataElement: "Positive001"}},
			OrgUnits: []hmis.UID{"ClinicAxxx1", "ClinicBxxx1", "ClinicCxxx1"},
		}},
		IndicatorTypes: []hmis.IndicatorType{{ID: "PerCent0001", Name: "Per cent", Factor: 100}},
		Indicators: []hmis.Indicator{
			{ID: "PositRate01", Code: "POS", Name: "Positivity", Type: "PerCent0001", Numerator: "#{Positive001}", Denominator: "#{Tested00001}"},
			{ID: "PositRate10", Name: "Positivity, one decimal", Type: "PerCent0001", Decimals: &one, Numerator: "#{Positive001}", Denominator: "#{Tested00001}"},
			{ID: "PositRate00", Name: "Positivity, whole", Type: "PerCent0001", Decimals: &none, Numerator: "#{Positive001}", Denominator: "#{Tested00001}",
				ExportOptionCombo: "CocExport01"},
			{ID: "LastMonth01", Name: "Tests of last month", Type: "PerCent0001", Numerator: "#{Tested00001}.periodOffset(-1)", Denominator: "1"},
			{ID: "HenAndEgg01", Name: "Hen", Type: "PerCent0001", Numerator: "N{HenAndEgg02}", Denominator: "1"},
			{ID: "HenAndEgg02", Name: "Egg", Type: "PerCent0001", Numerator: "N{HenAndEgg01} + 1", Denominator: "1"},
			{ID: "DivByZero01", Name: "Division by zero", Type: "PerCent0001", Numerator: "subExpression(#{Tested00001} / #{Positive001})", Denominator: "1"},
			{ID: "NoSuchItem1", Name: "A constant that is gone", Type: "PerCent0001", Numerator: "C{GoneAway001} * #{Tested00001}", Denominator: "1"},
			{ID: "Unreadable1", Name: "Unreadable", Type: "PerCent0001", Numerator: "#{Tested00001", Denominator: "1"},
		},
		Groups: []hmis.Group{
			{Kind: hmis.KindDataElementGroup, ID: "GroupMalar1", Code: "MALARIA", Name: "Malaria", Members: []hmis.UID{"Tested00001", "Positive001", "NotThere001"}},
			{Kind: hmis.KindIndicatorGroup, ID: "GroupIndic1", Name: "Rates", Members: []hmis.UID{"PositRate01"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "GroupPubli1", Code: "PUB", Name: "Public", Members: []hmis.UID{"ClinicAxxx1", "ClinicCxxx1"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "GroupPriva1", Code: "PRI", Name: "Private", Members: []hmis.UID{"ClinicBxxx1"}},
		},
		Attributes: []hmis.Attribute{
			{ID: "AttrMflCode", Name: "Code of the facility list", Unique: true, Kinds: []hmis.Kind{hmis.KindOrgUnit, hmis.KindDataElement}},
			{ID: "AttrRemark1", Name: "Remark"},
		},
		AttributeValues: []hmis.AttributeValue{
			{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "ClinicAxxx1"}, Attribute: "AttrMflCode", Value: "10001"},
			{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "Tested00001"}, Attribute: "AttrMflCode", Value: "B 7"},
		},
		Properties: []hmis.Property{
			{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "Tested00001"}, Name: "description", Value: `"Of any kind"`},
			{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "Weight00001"}, Name: "description", Value: `"In kilograms"`},
			{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "Weight00001"}, Name: "style", Value: `{"color":"#ff0000"}`},
		},
		GroupSets: []hmis.GroupSet{
			{Kind: hmis.KindOrgUnitGroupSet, ID: "SetOwner001", Code: "OWN", Name: "Ownership", Groups: []hmis.UID{"GroupPubli1", "GroupPriva1"}},
		},
	}
)

// reports has the values of the country, one on each line.
var reports = []struct {
	element, combo, unit hmis.UID
	period, value        string
}{
	{"Tested00001", "CocFemale01", "ClinicAxxx1", "202401", "10"},
	{"Tested00001", "CocMale0001", "ClinicAxxx1", "202401", "6"},
	{"Positive001", "CocFemale01", "ClinicAxxx1", "202401", "3"},
	{"Positive001", "CocMale0001", "ClinicAxxx1", "202401", "2"},
	{"Tested00001", "CocFemale01", "ClinicBxxx1", "202401", "7"},
	{"Positive001", "CocFemale01", "ClinicBxxx1", "202401", "0"},
	{"Tested00001", "CocFemale01", "ClinicCxxx1", "202402", "4"},
	{"Positive001", "CocMale0001", "ClinicCxxx1", "202402", "1"},
	{"Weight00001", "", "ClinicAxxx1", "202401", "2.5"},
	{"Weight00001", "", "ClinicBxxx1", "202401", "3"},
	{"Weight00001", "", "ClinicCxxx1", "202401", "3.5"},
	{"Weight00001", "", "ClinicDxxx1", "202402", "0.00012"},
	{"Remark00001", "", "ClinicAxxx1", "202401", "out of <tests> & \"gloves\""},
}

func reported() iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, r := range reports {
			v := hmis.DataValue{Value: r.value, Key: hmis.Key{
				DataElement: r.element, OptionCombo: r.combo, OrgUnit: r.unit, Period: period.MustParse(r.period),
			}}
			if !yield(v, nil) {
				return
			}
		}
	}
}

// completed returns the completions: clinics A and B reported in January, B
// late.
func completed() iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		january := period.MustParse("202401")
		_ = yield(hmis.Completion{DataSet: "Malaria0001", OrgUnit: "ClinicAxxx1", Period: january, At: time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC)}, nil) &&
			yield(hmis.Completion{DataSet: "Malaria0001", OrgUnit: "ClinicBxxx1", Period: january, At: time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC)}, nil)
	}
}

// newServer returns a server for the country, on 15 April 2024.
func newServer(t testing.TB) analytics.Server {
	t.Helper()
	catalog, err := hmis.NewCatalog(twoDistricts)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(twoDistricts.OrgUnits, twoDistricts.Groups...)
	require.NoError(t, err)
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree, Completions: completed()}.Load(context.Background(), reported())
	require.NoError(t, err)
	return analytics.Server{
		Cube:    func() *aggregate.Cube { return cube },
		Catalog: catalog,
		Tree:    tree,
		Clock:   func() period.Clock { return period.Clock{Today: period.DateOf(2024, time.April, 15)} },
		User:    []hmis.UID{"DistrictEa1"},
	}
}
