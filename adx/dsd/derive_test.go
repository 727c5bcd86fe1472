package dsd_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// country returns a form for each funder. One of its elements is divided by age
// and sex, one by age in this form only, and one by nothing. One is a text.
func country() hmis.Metadata {
	return hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "e1", Code: "VIT_A", Name: "Vitamin A given", CategoryCombo: "ageSex"},
			{ID: "e2", Code: "SCREENED", Name: "Children screened", CategoryCombo: "ageSex"},
			{ID: "e3", Code: "SITES", Name: "Sites", CategoryCombo: "bjDvmb4bfuf"},
			{ID: "e4", Code: "REMARK", Name: "Remark", ValueType: hmis.LongText},
		},
		Categories: []hmis.Category{
			{ID: "age", Code: "AGE", Name: "Age", Options: []hmis.UID{"o1", "o2"}},
			{ID: "sex", Code: "SEX", Name: "Sex", Options: []hmis.UID{"o3", "o4"}},
			{ID: "funds", Code: "FUNDS", Name: "Who pays", Options: []hmis.UID{"o5"}, Attribute: true},
		},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "o1", Code: "<5", Name: "Under 5"}, {ID: "o2", Code: "5+", Name: "5 and over"},
			{ID: "o3", Code: "F", Name: "Female"}, {ID: "o4", Code: "M", Name: "Male"}, {ID: "o5", Code: "STATE", Name: "State"},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: "bjDvmb4bfuf", Name: "default"},
			{ID: "ageSex", Categories: []hmis.UID{"age", "sex"}},
			{ID: "ageOnly", Categories: []hmis.UID{"age"}},
			{ID: "payers", Categories: []hmis.UID{"funds"}, Attribute: true},
		},
		OrgUnits: []hmis.OrgUnit{{ID: "u1", Code: "OU-1", Name: "Hill post"}, {ID: "u2", Code: "OU-2", Name: "Lake clinic"}},
		DataSets: []hmis.DataSet{{
			ID: "s", Code: "NUT_MONTHLY", Name: "Nutrition", CategoryCombo: "payers", OrgUnits: []hmis.UID{"u1", "u2"},
			Elements: []hmis.DataSetElement{{DataElement: "e1"}, {DataElement: "e2", CategoryCombo: "ageOnly"}, {DataElement: "e3"}, {DataElement: "e4"}},
		}},
	}
}

func of(t testing.TB, md hmis.Metadata, s hmis.Schemes) (*dsd.Definition, error) {
	t.Helper()
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return dsd.Derive(c, "s", s)
}

func TestDerive(t *testing.T) {
	d, err := of(t, country(), hmis.Schemes{})
	require.NoError(t, err)
	require.Equal(t, []string{"W ADX-115"}, rules(d.Check()), "<5 and 5+ are no identifiers of SDMX")
	want := dsd.Structure{
		ID: "NUT_MONTHLY", Name: "Nutrition", Agency: "HMIS", Version: "1.0",
		Elements: []dsd.Element{
			{Code: "VIT_A", Name: "Vitamin A given", Dimensions: []string{"AGE", "SEX"}},
			{Code: "SCREENED", Name: "Children screened", Dimensions: []string{"AGE"}},
			{Code: "SITES", Name: "Sites"},
			{Code: "REMARK", Name: "Remark", Text: true},
		},
		Dimensions: []dsd.Dimension{
			{Name: "FUNDS", Title: "Who pays", Outer: true, Codes: []dsd.Code{{"STATE", "State"}}},
			{Name: "AGE", Title: "Age", Codes: []dsd.Code{{"<5", "Under 5"}, {"5+", "5 and over"}}},
			{Name: "SEX", Title: "Sex", Codes: []dsd.Code{{"F", "Female"}, {"M", "Male"}}},
		},
		OrgUnits: []dsd.Code{{"OU-1", "Hill post"}, {"OU-2", "Lake clinic"}},
	}
	if diff := cmp.Diff(want, d.Structure()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	d, err = of(t, country(), hmis.Schemes{Any: hmis.ByUID, DataSet: hmis.ByName, CategoryOption: hmis.ByName})
	require.NoError(t, err)
	s := d.Structure()
	require.Equal(t, []any{"Nutrition", "e1", "u1", "funds", "Female"},
		[]any{s.ID, s.Elements[0].Code, s.OrgUnits[0].ID, s.Dimensions[0].Name, s.Dimensions[2].Codes[0].ID})
}

// The error lists all reasons why metadata has no definition.
func TestOfError(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(md *hmis.Metadata)
		want  string
	}{
		{"no codes", func(md *hmis.Metadata) {
			md.DataElements[0].Code, md.CategoryOptions[2].Code, md.OrgUnits[1].Code = "", "", ""
		}, "hmis: categoryOption o3: want an object with a code\n" +
			"hmis: dataElement e1: want an object with a code\n" +
			"hmis: organisationUnit u2: want an object with a code"},
		{"codes twice", func(md *hmis.Metadata) {
			md.DataElements[2].Code, md.CategoryOptions[0].Code, md.OrgUnits[1].Code = "VIT_A", "5+ ", "OU-1"
		}, "hmis: categoryOption o2: code: \"5+\" is also that of o1\n" +
			"hmis: dataElement e3: code: \"VIT_A\" is also that of e1\n" +
			"hmis: organisationUnit u2: code: \"OU-1\" is also that of u1"},
		{"a category that is no name", func(md *hmis.Metadata) { md.Categories[0].Code = "Age group" },
			`hmis: category age: code: "Age group": want a name that an attribute can have`},
		{"a category of the profile", func(md *hmis.Metadata) { md.Categories[0].Code = "value" },
			`hmis: category age: code: "value": the profile has an attribute of this name`},
		{"categories of one code", func(md *hmis.Metadata) { md.Categories[0].Code = "SEX" },
			`hmis: category sex: code: "SEX" is also that of age`},
		{"inner and outer", func(md *hmis.Metadata) { md.CategoryCombos[3].Categories = []hmis.UID{"sex"} },
			`hmis: category sex: it tells values apart and whole groups too`},
		{"nothing there", func(md *hmis.Metadata) {
			md.DataElements, md.Categories, md.CategoryCombos = md.DataElements[1:], md.Categories[1:], md.CategoryCombos[:3]
			md.DataSets[0].Elements[2].CategoryCombo = "lost"
		}, "hmis: dataSet s: categoryCombo: no object \"payers\"\n" +
			"hmis: dataSet s: dataSetElements: no data element \"e1\"\n" +
			"hmis: category age: no such object\n" +
			"hmis: dataElement e3: categoryCombo: no object \"lost\""},
		{"no data set", func(md *hmis.Metadata) { md.DataSets = nil }, "hmis: dataSet s: no such data set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			md := country()
			tt.spoil(&md)
			_, err := of(t, md, hmis.Schemes{})
			if _, ok := errors.AsType[hmis.Issues](err); !ok {
				t.Fatalf("Of = %v; want hmis.Issues", err)
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
