package dhis2_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Each row is a table and the metadata that is read from it
// (RULES.md#tables-of-metadata).
func TestReadMetadataCSV(t *testing.T) {
	tests := []struct {
		kind hmis.Kind
		in   string
		want hmis.Metadata
	}{
		{hmis.KindDataElement, "\nBCG doses given to children under one year of age by vaccinators,e1234567890,BCG\n\"Deaths, all\",f1234567890,D,Deaths,\"said \"\"so\"\"\",,TRACKER,TEXT,NONE,cc,,true,os,co\n",
			hmis.Metadata{
				DataElements: []hmis.DataElement{
					{ID: "e1234567890", Code: "BCG", Name: "BCG doses given to children under one year of age by vaccinators", ShortName: "BCG doses given to children under one year of age ", ValueType: hmis.Integer, Aggregation: hmis.Sum},
					{ID: "f1234567890", Code: "D", Name: "Deaths, all", ShortName: "Deaths", ValueType: hmis.Text, Aggregation: hmis.NoAggregation, Tracker: true, CategoryCombo: "cc", ZeroIsData: true, OptionSet: "os", CommentOptionSet: "co"},
				},
				Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "f1234567890"}, Name: "description", Value: `"said \"so\""`}},
			}},
		{hmis.KindOrgUnit, "\nBo,u1234567890,OU,p1234567890,,,1994-01-01,2020-12-31,,POINT,\"[-11,8]\"\n", hmis.Metadata{OrgUnits: []hmis.OrgUnit{{
			ID: "u1234567890", Code: "OU", Name: "Bo", ShortName: "Bo", Parent: "p1234567890", Opened: period.DateOf(1994, 1, 1), Closed: period.DateOf(2020, 12, 31), Geometry: `{"type":"Point","coordinates":[-11,8]}`,
		}}}},
		{hmis.KindIndicator, "\nCoverage,i1234567890,C,,Cov,#{b},den,#{a},num,true,1,t1234567890\n", hmis.Metadata{Indicators: []hmis.Indicator{{
			ID: "i1234567890", Code: "C", Name: "Coverage", ShortName: "Cov", Type: "t1234567890", Numerator: "#{a}", NumeratorNote: "num", Denominator: "#{b}", DenominatorNote: "den", Annualized: true, Decimals: ptr(1),
		}}}},
		{hmis.KindCategory, "\nSex,c1234567890\n", hmis.Metadata{Categories: []hmis.Category{{ID: "c1234567890", Name: "Sex", ShortName: "Sex", NoDimension: true}}}},
		{hmis.KindCategoryCombo, "\nSex,c1234567890,S,ATTRIBUTE,true\n", hmis.Metadata{CategoryCombos: []hmis.CategoryCombo{{ID: "c1234567890", Code: "S", Name: "Sex", Attribute: true, SkipTotal: true}}}},
		{hmis.KindCategoryOption, "\nFemale,o1234567890,F\n", hmis.Metadata{CategoryOptions: []hmis.CategoryOption{{ID: "o1234567890", Code: "F", Name: "Female", ShortName: "Female"}}}},
		{hmis.KindOrgUnitGroup, "\nPolyclinics,g1234567890\n", hmis.Metadata{Groups: []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g1234567890", Name: "Polyclinics", ShortName: "Polyclinics"}}}},
		{hmis.KindCategoryOptionGroup, "\nYoung,g1234567890,,,ATTRIBUTE\n", hmis.Metadata{Groups: []hmis.Group{{Kind: hmis.KindCategoryOptionGroup, ID: "g1234567890", Name: "Young", ShortName: "Young", Attribute: true}}}},
		{hmis.KindValidationRule, "\nRule,r1234567890,,,,,,less_than,,#{a},left,,#{b},right,SKIP_IF_ANY_VALUE_MISSING\n", hmis.Metadata{ValidationRules: []hmis.ValidationRule{{
			ID: "r1234567890", Name: "Rule", Importance: "MEDIUM", Operator: "less_than", Period: period.Monthly,
			Left:  hmis.Expression{Text: "#{a}", Description: "left", Missing: hmis.NeverSkip},
			Right: hmis.Expression{Text: "#{b}", Description: "right", Missing: hmis.SkipIfAnyMissing},
		}}}},
		{hmis.KindOptionSet, "\nVaccines,s1234567890,V,BCG,o1234567890,BCG\nVaccines,s1234567890,V,Polio,p1234567890,OPV\n", hmis.Metadata{OptionSets: []hmis.OptionSet{{
			ID: "s1234567890", Code: "V", Name: "Vaccines", ValueType: hmis.Text, Options: []hmis.Option{{ID: "o1234567890", Code: "BCG", Name: "BCG"}, {ID: "p1234567890", Code: "OPV", Name: "Polio"}},
		}}}},
	}
	for _, tt := range tests {
		got, err := dhis2.ReadMetadataCSV(strings.NewReader(tt.in), tt.kind)
		require.NoError(t, err, tt.in)
		if diff := cmp.Diff(tt.want, got, sameMetadata()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.kind, diff)
		}
	}

	members, err := dhis2.ReadMembersCSV(strings.NewReader("group,member\ng,a\nh,b\ng,c\n"), hmis.KindIndicatorGroup)
	require.NoError(t, err)
	require.Equal(t, []hmis.Group{
		{Kind: hmis.KindIndicatorGroup, ID: "g", Members: []hmis.UID{"a", "c"}}, {Kind: hmis.KindIndicatorGroup, ID: "h", Members: []hmis.UID{"b"}},
	}, members.Groups)

	// The first row may be an object, or may name columns in another order.
	for _, in := range []string{
		"Visits,deVisits001,VIS\nStaff,deStaff0001,STF\n", "UID,Name,code\ndeVisits001,Visits,VIS\ndeStaff0001,Staff,STF\n",
		"code,short name,id,name\nVIS,,deVisits001,Visits\nSTF,,deStaff0001,Staff\n", "nom,numero,cle\nVisits,deVisits001,VIS\nStaff,deStaff0001,STF\n",
	} {
		md, err := dhis2.ReadMetadataCSV(strings.NewReader(in), hmis.KindCategoryOption)
		require.NoError(t, err, in)
		require.Equal(t, []hmis.CategoryOption{
			{ID: "deVisits001", Code: "VIS", Name: "Visits", ShortName: "Visits"}, {ID: "deStaff0001", Code: "STF", Name: "Staff", ShortName: "Staff"},
		}, md.CategoryOptions, in)
	}
	members, err = dhis2.ReadMembersCSV(strings.NewReader("gr000000001,de000000001\ngr000000001,de000000002\n"), hmis.KindDataElementGroup)
	require.NoError(t, err)
	require.Equal(t, []hmis.UID{"de000000001", "de000000002"}, members.Groups[0].Members)
	members, err = dhis2.ReadMembersCSV(strings.NewReader("Member UID,Group UID\na,g\n"), hmis.KindDataElementGroup)
	require.NoError(t, err)
	require.Equal(t, []hmis.Group{{Kind: hmis.KindDataElementGroup, ID: "g", Members: []hmis.UID{"a"}}}, members.Groups)

	// An object without a uid gets one.
	md, err := dhis2.ReadMetadataCSV(strings.NewReader("name\nFemale\nMale\n"), hmis.KindCategoryOption)
	require.NoError(t, err)
	require.NotEqual(t, md.CategoryOptions[0].ID, md.CategoryOptions[1].ID)
	for _, o := range md.CategoryOptions {
		_, err := hmis.ParseUID(string(o.ID))
		require.NoError(t, err)
	}
}

// unitHeadings has the headings of a table of org units.
const unitHeadings = "name, uid, code, parent, shortName, description, openingDate, closedDate, comment, featureType, coordinates, url, contactPerson, address, email, phoneNumber"

func TestReadMetadataCSVErrors(t *testing.T) {
	tests := []struct {
		kind     hmis.Kind
		in, want string
	}{
		{hmis.KindDataSet, "", `dhis2: "dataSet": want a kind that has a table`},
		{hmis.KindIndicatorGroup, "", `dhis2: "indicatorGroup": want a kind that has a table`},
		{hmis.KindCategory, "name,uid\n,c\n", `dhis2: line 2: name: want one in every row`},
		{hmis.KindCategory, "\n\nSex,c1234567890,,,COLOUR\n", `dhis2: line 3: dataDimensionType: "COLOUR": want DISAGGREGATION or ATTRIBUTE`},
		{hmis.KindDataElement, "\nDeaths, e1234567890, D, x, said \"no\"\n", `dhis2: line 2: want no quote within a cell that does not begin with one`},
		{hmis.KindOrgUnit, "name\n\"Bo\n", `dhis2: line 2: want a closing quote`},
		{hmis.KindOrgUnit, "\n\"B\no\",u1234567890\nX,v1234567890,,,,,soon\n", `dhis2: line 4: openingDate: "soon": want a year of four digits at offset 0`},
		{hmis.KindIndicator, "\nX,i1234567890,,,,1,,#{a},,,9,t\n", `dhis2: line 2: decimals: "9": want 0 to 5`},
		{hmis.KindDataElement, "name;uid;code\nVisits;deVisits001;VIS\n", `dhis2: line 1: "name;uid;code": semicolons between columns: want commas`},
		{hmis.KindDataElement, "Visits;deVisits001;VIS\n", `dhis2: line 1: "Visits;deVisits001;VIS": semicolons between columns: want commas`},
		{hmis.KindDataElement, "name\tuid\nVisits\tdeVisits001\n", `dhis2: line 1: "name\tuid": tabs between columns: want commas`},
		{hmis.KindCategoryOption, "Female\nMale\n", `dhis2: line 1: "Female": no known heading: want name, uid, code, shortName`},
		{hmis.KindCategoryOption, "name,uid,colour\n", `dhis2: line 1: unknown heading "colour": want name, uid, code, shortName`},
		{hmis.KindCategoryOption, "name,uid,name\n", `dhis2: line 1: "name": want one column of the name`},
		{hmis.KindCategoryOption, "nom,identite\nMalawi,Malawi\n", `dhis2: line 2: uid: "Malawi": want an identifier of 11 letters and digits, got 6 bytes`},
		{hmis.KindCategoryOption, "\nFemale,,F,,x\n", `dhis2: line 2: "x": want at most 4 cells`},
		{hmis.KindCategoryOption, "\nMale,m1234567890,M\nFemale,,F,,x\n", `dhis2: line 3: "x": want at most 4 cells`},
		{hmis.KindCategoryOption, "\nMale,m1234567890,M\nB\xf6,\n", `dhis2: line 3: want UTF-8, got the byte 0xf6`},
		{hmis.KindCategoryOption, "\nMale,m1234567890,M\n\"Female\n", `dhis2: line 3: want a closing quote`},
		{hmis.KindDataElement, "name,uid\nVisits,deVisits001,x,y\n", `dhis2: line 2: "x": want a heading for column 3`},
		{hmis.KindDataElement, "name,uid,\nVisits,deVisits001,,,y\n", `dhis2: line 2: "y": want a heading for column 5`},
		{hmis.KindOrgUnit, "Malawi,aaaaaaaaaaa,C,\nBalaka,bbbbbbbbbbb,C,aaaaaaaaaaa\n", `dhis2: line 1: "aaaaaaaaaaa" may be a uid or a heading: want a first row with headings: ` + unitHeadings},
		{hmis.KindOrgUnit, "Balaka,bbbbbbbbbbb,C,aaaaaaaaaaa,,,soon\n", `dhis2: line 1: "bbbbbbbbbbb" may be a uid or a heading: want a first row with headings: ` + unitHeadings},
		{hmis.KindOrgUnit, "Balaka,,C,p1234567890,,,soon\n", `dhis2: line 1: "Balaka,,C,p1234567890,,,soon": no known heading: want ` + unitHeadings},
		{hmis.KindOptionSet, "Vaccines,,V,BCG,aaaaaaaaaaa,B\n", `dhis2: line 1: "aaaaaaaaaaa" may be a uid or a heading: want a first row with headings: option set name, option set uid, option set code, option name, uid, option code`},
		{hmis.KindOptionSet, "Vaccines,,V,BCG,o1234567890,\n", `dhis2: line 1: option code: want one in every row`},
		{hmis.KindCategoryOption, "uid,name\n,Female,F\n", `dhis2: line 2: "F": want a heading for column 3`},
		{hmis.KindOrgUnit, "name\nB\xf6,u\n", `dhis2: line 2: want UTF-8, got the byte 0xf6`},
	}
	for _, tt := range tests {
		_, err := dhis2.ReadMetadataCSV(strings.NewReader(tt.in), tt.kind)
		require.EqualError(t, err, tt.want)
	}

	// Both cells of a member must be uids.
	for _, in := range []string{"aaaaaaaaaaa,de000000001\n", "gr000000001,aaaaaaaaaaa\n"} {
		md, err := dhis2.ReadMembersCSV(strings.NewReader(in), hmis.KindDataElementGroup)
		require.NoError(t, err, in)
		require.Len(t, md.Groups, 1, in)
	}
	for _, in := range []string{"aaaaaaaaaaa,bbbbbbbbbbb\n", "aaaaaaaaaaa,b\n", "a,aaaaaaaaaaa\n", "aaaaaaaaaaa,DataElementID\n"} {
		_, err := dhis2.ReadMembersCSV(strings.NewReader(in), hmis.KindDataElementGroup)
		require.EqualError(t, err, `dhis2: line 1: "aaaaaaaaaaa" may be a uid or a heading: want a first row with headings: group, member`, in)
	}
}

// The limit counts all rows, and its error is not about a cell.
func TestReadMetadataCSVLimit(t *testing.T) {
	dhis2.LowerMaxMetadata(t, 1<<20)
	in := &generator{head: "name,uid\n", part: "x,o1234567890\n", times: 10_000}
	_, err := dhis2.ReadMetadataCSV(in, hmis.KindCategoryOption)
	require.EqualError(t, err, "dhis2: line 2547: want at most 1 MiB of metadata")
}
