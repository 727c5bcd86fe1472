package hmis_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

// NewCatalog refuses only ids that are empty or repeat
// (RULES.md#checks-of-metadata).
func TestNewCatalogRefuses(t *testing.T) {
	_, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "a"}, {Name: "nameless"}, {ID: "a"}},
		OrgUnits:     []hmis.OrgUnit{{ID: "a"}}, // an object of another kind may have the same id
		Groups:       []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g"}, {Kind: hmis.KindDataElementGroup, ID: "g"}},
	})
	require.EqualError(t, err, strings.Join([]string{
		`hmis: dataElement: id: want an id for object 1 of the list, named "nameless"`,
		`hmis: dataElement a: id: want each id once; it is object 0 and object 2 of the list`,
		`hmis: dataElementGroup g: id: want each id once; it is object 0 and object 1 of the list`,
	}, "\n"))
	issue, ok := errors.AsType[*hmis.Issue](err)
	require.True(t, ok)
	require.Equal(t, hmis.Critical, issue.Severity)

	_, err = hmis.NewCatalog(hmis.Metadata{})
	require.NoError(t, err)
}

// found checks Find and All for one type of object.
func found[T hmis.Noun](t *testing.T, c *hmis.Catalog, id hmis.UID, want T) {
	t.Helper()
	got, ok := hmis.Find[T](c, id)
	require.True(t, ok)
	require.Equal(t, want, got)
	_, ok = hmis.Find[T](c, "none")
	require.False(t, ok)
	require.Contains(t, slices.Collect(hmis.All[T](c)), want)
}

// Objects of every type can be found by their id.
func TestFind(t *testing.T) {
	md := clinic()
	c := catalog(t, md)
	found(t, c, "deMalaria01", md.DataElements[0])
	found(t, c, "catSex00001", md.Categories[0])
	found(t, c, "optFemale01", md.CategoryOptions[0])
	found(t, c, "ccSexAge001", md.CategoryCombos[0])
	found(t, c, "cocFYoung01", md.OptionCombos[0])
	found(t, c, "osVaccine01", md.OptionSets[0])
	found(t, c, "dsMalaria01", md.DataSets[0])
	found(t, c, "inRate00001", md.Indicators[0])
	found(t, c, "itPerCent01", md.IndicatorTypes[0])
	found(t, c, "ouBo0000001", md.OrgUnits[1])
	found(t, c, "levCountry1", md.OrgUnitLevels[0])
	found(t, c, "grRural0001", md.Groups[0])
	found(t, c, "gsLocation1", md.GroupSets[0])
	found(t, c, "coPi0000001", md.Constants[0])
	found(t, c, "vrRule00001", md.ValidationRules[0])
	found(t, c, "prPredict01", md.Predictors[0])
	found(t, c, "atFunder001", md.Attributes[0])
}

func TestFindAllocatesNothing(t *testing.T) {
	c := catalog(t, clinic())
	c.OptionCombo("ccSex000001", "optFemale01") // the first call builds the index
	require.Zero(t, testing.AllocsPerRun(100, func() {
		hmis.Find[hmis.DataElement](c, "deMalaria01")
		c.CategoryCombo("deMalaria01", "dsMalaria01")
		c.Option("cocFYoung01", "catSex00001")
		c.OptionCombo("ccSexAge001", "optFemale01", "optYoung001")
		c.OptionCombos("ccSexAge001")
	}))
}

// Each row is a reference and the object that it finds (RULES.md#id-schemes).
func TestLookup(t *testing.T) {
	md := clinic()
	md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: "ouBo0000002", Name: "Bo"}, hmis.OrgUnit{ID: "ouBo0000003", Name: "Bo"})
	c := catalog(t, md)
	tests := []struct {
		kind   hmis.Kind
		scheme hmis.Scheme
		text   string
		want   hmis.UID
		err    string
	}{
		{hmis.KindDataElement, hmis.ByID, "deMalaria01", "deMalaria01", ""},
		{hmis.KindDataElement, hmis.ByUID, "deMalaria01", "deMalaria01", ""},
		{hmis.KindDataElement, hmis.ByCode, "MAL", "deMalaria01", ""},
		{hmis.KindDataElement, hmis.ByName, "Malaria cases", "deMalaria01", ""},
		{hmis.KindDataElement, "ATTRIBUTE:atFunder001", "F-17", "deBcgDoses1", ""},
		{hmis.KindOptionCombo, hmis.ByName, "Female", "cocFemale01", ""},
		{hmis.KindOptionCombo, hmis.ByID, "HllvX50cXC0", "HllvX50cXC0", ""}, // the metadata has no default option combo
		{hmis.KindOrgUnitGroup, hmis.ByCode, "RURAL", "grRural0001", ""},
		{hmis.KindOption, hmis.ByCode, "BCG", "opBcg000001", ""},
		{hmis.KindSection, hmis.ByName, "First", "seFirst0001", ""},
		{hmis.KindOption, hmis.ByID, "opBcg000001", "opBcg000001", ""},
		{hmis.KindSection, hmis.ByID, "seFirst0001", "seFirst0001", ""},

		{hmis.KindDataElement, hmis.ByID, "ouBo0000001", "", `hmis: dataElement: no object with the id "ouBo0000001"`},
		{hmis.KindOption, hmis.ByID, "x", "", `hmis: option: no object with the id "x"`},
		{hmis.KindSection, hmis.ByID, "x", "", `hmis: section: no object with the id "x"`},
		{hmis.KindDataElement, hmis.ByCode, "mal", "", `hmis: dataElement: no object with the code "mal"`},
		{hmis.KindDataElement, hmis.ByCode, "", "", `hmis: dataElement: no object with the code ""`},
		{hmis.KindOrgUnit, hmis.ByName, "Bo", "", `hmis: organisationUnit: name "Bo" is ambiguous: 3 objects have it, such as ouBo0000001 and ouBo0000002`},
		{hmis.KindOrgUnitGroup, hmis.ByID, "gsLocation1", "", `hmis: organisationUnitGroup: no object with the id "gsLocation1"`},
		{hmis.KindDataElement, "ATTRIBUTE:atRegion001", "x", "", `hmis: dataElement: id scheme "ATTRIBUTE:atRegion001": want an attribute whose values are unique`},
		{hmis.KindDataElement, "ATTRIBUTE:atNone00001", "x", "", `hmis: dataElement: id scheme "ATTRIBUTE:atNone00001": no such attribute`},
		{hmis.KindDataElement, "UUID", "x", "", `hmis: dataElement: id scheme "UUID": want UID, CODE, NAME or ATTRIBUTE: and a UID`},
	}
	for _, tt := range tests {
		got, err := c.Lookup(tt.kind, tt.scheme, tt.text)
		require.Equal(t, tt.want, got)
		if tt.err != "" {
			require.EqualError(t, err, tt.err)
			var issue *hmis.Issue
			require.ErrorAs(t, err, &issue)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestText(t *testing.T) {
	c := catalog(t, clinic())
	tests := []struct {
		kind      hmis.Kind
		id        hmis.UID
		scheme    hmis.Scheme
		want, err string
	}{
		{hmis.KindDataElement, "unknown", hmis.ByID, "unknown", ""},
		{hmis.KindDataElement, "deMalaria01", hmis.ByCode, "MAL", ""},
		{hmis.KindDataElement, "deMalaria01", hmis.ByName, "Malaria cases", ""},
		{hmis.KindDataElement, "deBcgDoses1", "ATTRIBUTE:atFunder001", "F-17", ""},
		{hmis.KindOption, "opBcg000001", hmis.ByCode, "BCG", ""},
		{hmis.KindDataElement, "unknown", hmis.ByCode, "", "hmis: dataElement unknown: no such object"},
		{hmis.KindOrgUnit, "ouSierra001", hmis.ByCode, "", "hmis: organisationUnit ouSierra001: want an object with a code"},
		{hmis.KindDataElement, "deMalaria01", "ATTRIBUTE:atFunder001", "", "hmis: dataElement deMalaria01: want an object with a value of attribute atFunder001"},
		{hmis.KindDataElement, "deMalaria01", "x", "", `hmis: dataElement deMalaria01: id scheme "x": want UID, CODE, NAME or ATTRIBUTE: and a UID`},
	}
	for _, tt := range tests {
		got, err := c.Text(hmis.Ref{Kind: tt.kind, ID: tt.id}, tt.scheme)
		require.Equal(t, tt.want, got)
		if tt.err != "" {
			require.EqualError(t, err, tt.err)
		} else {
			require.NoError(t, err)
		}
	}
}

func TestProperty(t *testing.T) {
	ref := hmis.Ref{Kind: hmis.KindDataElement, ID: "Tested00001"}
	c, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "Tested00001"}},
		Properties:   []hmis.Property{{Object: ref, Name: "description", Value: `"Of any kind"`}},
	})
	require.NoError(t, err)
	value, ok := c.Property(ref, "description")
	require.True(t, ok)
	require.Equal(t, `"Of any kind"`, value)
	_, ok = c.Property(ref, "url")
	require.False(t, ok)
}

// An object is shown by its name, else its short name, else its id (RULES.md#names).
func TestName(t *testing.T) {
	c := catalog(t, hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "a", Name: "Bo district", ShortName: "Bo"}, {ID: "b", ShortName: "Bo"}, {ID: "c"}}})
	for id, want := range map[hmis.UID]string{"a": "Bo district", "b": "Bo", "c": "c", "unknown": "unknown"} {
		require.Equal(t, want, c.Name(hmis.Ref{Kind: hmis.KindOrgUnit, ID: id}))
	}
}

// The default combo is found by its name. If it is missing, the ids of most
// servers are used (RULES.md#default-combos).
func TestDefaultCombo(t *testing.T) {
	tests := []struct {
		name        string
		md          hmis.Metadata
		combo, want hmis.UID
	}{
		{"left out", hmis.Metadata{}, "bjDvmb4bfuf", "HllvX50cXC0"},
		{"random ids", hmis.Metadata{
			CategoryCombos: []hmis.CategoryCombo{{ID: "cc", Name: "default"}},
			OptionCombos:   []hmis.OptionCombo{{ID: "x", CategoryCombo: "y"}, {ID: "bRowv6yZOF2", Name: "(default)", CategoryCombo: "cc"}},
		}, "cc", "bRowv6yZOF2"},
		{"a stray of that name", hmis.Metadata{
			CategoryCombos: []hmis.CategoryCombo{{ID: "cc", Name: "default"}},
			OptionCombos:   []hmis.OptionCombo{{ID: "stray", Name: "default", CategoryCombo: "other"}, {ID: "d", Name: "default", CategoryCombo: "cc"}},
		}, "cc", "d"},
		{"no combos in the file", hmis.Metadata{
			OptionCombos: []hmis.OptionCombo{{ID: "d", Name: "default", CategoryCombo: "cc"}},
		}, "cc", "d"},
		{"an option combo without anything", hmis.Metadata{
			OptionCombos: []hmis.OptionCombo{{ID: "HllvX50cXC0"}},
		}, "bjDvmb4bfuf", "HllvX50cXC0"},
	}
	for _, tt := range tests {
		c := catalog(t, tt.md)
		require.Equal(t, tt.want, c.DefaultOptionCombo(), tt.name)
		require.Equal(t, tt.combo, c.CategoryCombo("", ""), tt.name)
		require.Equal(t, []hmis.UID{tt.want}, c.OptionCombos(""), tt.name)
	}
}

// Category combos and option combos are found as DHIS2 does
// (RULES.md#option-combos).
func TestCombos(t *testing.T) {
	c := catalog(t, clinic())
	require.Equal(t, hmis.UID("ccSexAge001"), c.CategoryCombo("deMalaria01", ""))
	require.Equal(t, hmis.UID("ccSex000001"), c.CategoryCombo("deMalaria01", "dsMalaria01")) // the data set overrides it
	require.Equal(t, hmis.UID("bjDvmb4bfuf"), c.CategoryCombo("deBcgDoses1", "dsMalaria01"))
	require.Equal(t, hmis.UID("bjDvmb4bfuf"), c.CategoryCombo("unknown", "unknown"))
	require.Equal(t, []hmis.UID{"cocFYoung01", "cocMYoung01"}, c.OptionCombos("ccSexAge001"))
	require.Empty(t, c.OptionCombos("unknown"))
	require.Equal(t, []hmis.UID{"dsMalaria01"}, c.DataSets("deMalaria01"))
	require.Empty(t, c.DataSets("unknown"))

	tests := []struct {
		combo   hmis.UID
		options []hmis.UID
		want    hmis.UID
	}{
		{"ccSexAge001", []hmis.UID{"optFemale01", "optYoung001"}, "cocFYoung01"},
		{"ccSexAge001", []hmis.UID{"optYoung001", "optFemale01"}, "cocFYoung01"},
		{"ccSexAge001", []hmis.UID{"optFemale01"}, ""},
		{"ccSexAge001", []hmis.UID{"optFemale01", "optYoung001", "optMale0001"}, ""},
		{"ccSex000001", []hmis.UID{"optFemale01", "optFemale01"}, "cocFemale01"},
		{"ccProject01", []hmis.UID{"optFemale01"}, ""},
	}
	for _, tt := range tests {
		got, ok := c.OptionCombo(tt.combo, tt.options...)
		require.Equal(t, tt.want, got)
		require.Equal(t, tt.want != "", ok)
	}

	option, ok := c.Option("cocFYoung01", "catAge00001")
	require.True(t, ok)
	require.Equal(t, hmis.UID("optYoung001"), option)
	for _, pair := range [][2]hmis.UID{{"cocFemale01", "catAge00001"}, {"unknown", "catAge00001"}, {"cocFemale01", "unknown"}} {
		_, ok := c.Option(pair[0], pair[1])
		require.False(t, ok)
	}
}

// A catalog does not change with the lists it was made from, and can be shared
// between goroutines: run with -race.
func TestCatalogIsShared(t *testing.T) {
	md := clinic()
	c := catalog(t, md)
	md.DataElements[0] = hmis.DataElement{ID: "changed"}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			e, ok := hmis.Find[hmis.DataElement](c, "deMalaria01")
			if !ok || e.Code != "MAL" {
				t.Error("the catalog has changed")
			}
			if _, err := c.Lookup(hmis.KindDataElement, hmis.ByCode, "MAL"); err != nil {
				t.Error(err)
			}
			c.OptionCombo("ccSexAge001", "optFemale01", "optYoung001")
			c.Check()
		})
	}
	wg.Wait()
}

// Each row is the text of a scheme and the Scheme it means
// (RULES.md#id-schemes).
func TestParseScheme(t *testing.T) {
	for in, want := range map[string]hmis.Scheme{
		"": hmis.ByID, "UID": hmis.ByUID, "id": hmis.ByUID, "Code": hmis.ByCode, "name": hmis.ByName,
		"attribute:fbfJHSPpUQD": "ATTRIBUTE:fbfJHSPpUQD", "ATTRIBUTE:fbfJHSPpUQD": "ATTRIBUTE:fbfJHSPpUQD",
	} {
		got, err := hmis.ParseScheme(in)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for in, want := range map[string]string{
		"UUID":            `hmis: id scheme "UUID": want UID, CODE, NAME or ATTRIBUTE: and a UID`,
		"ATTRIBUTE:short": `hmis: id scheme "ATTRIBUTE:short": want the UID of an attribute at offset 10`,
		"ATTRIBUTE:":      `hmis: id scheme "ATTRIBUTE:": want UID, CODE, NAME or ATTRIBUTE: and a UID`,
	} {
		_, err := hmis.ParseScheme(in)
		require.EqualError(t, err, want)
	}
}

// Schemes of a file override those of the caller, and specific schemes override
// general ones (RULES.md#id-schemes).
func TestSchemesOver(t *testing.T) {
	caller := hmis.Schemes{Any: hmis.ByName, OrgUnit: hmis.ByCode}
	require.Equal(t, caller.Over(hmis.Schemes{}).OrgUnit, hmis.ByCode)
	got := hmis.Schemes{DataElement: hmis.ByUID}.Over(caller)
	require.Equal(t, hmis.Schemes{Any: hmis.ByName, DataElement: hmis.ByUID, OrgUnit: hmis.ByCode}, got)
	got = hmis.Schemes{Any: hmis.ByUID}.Over(caller)
	require.Equal(t, hmis.ByUID, got.OrgUnit)
	require.Equal(t, hmis.ByUID, got.Any)
}

// Each row is a text, and whether it has the form of a UID
// (RULES.md#identifiers).
func TestParseUID(t *testing.T) {
	id, err := hmis.ParseUID("fbfJHSPpUQD")
	require.NoError(t, err)
	require.Equal(t, hmis.UID("fbfJHSPpUQD"), id)
	for in, want := range map[string]string{
		"":            `hmis: "": want an identifier of 11 letters and digits, got 0 bytes`,
		"1bfJHSPpUQD": `hmis: "1bfJHSPpUQD": want an identifier of 11 letters and digits, the first a letter, at offset 0`,
		"fbfJHSPp-QD": `hmis: "fbfJHSPp-QD": want an identifier of 11 letters and digits, the first a letter, at offset 8`,
	} {
		_, err := hmis.ParseUID(in)
		require.EqualError(t, err, want)
	}
}

// Names in another language fall back from region to language to the object's
// own (RULES.md#names).
func TestIn(t *testing.T) {
	bcg := hmis.Ref{Kind: hmis.KindDataElement, ID: "s46m5MS0hxu"}
	bo := hmis.Ref{Kind: hmis.KindOrgUnit, ID: "O6uvpzGd5pu"}
	c, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: bcg.ID, Name: "BCG doses given", ShortName: "BCG"}},
		OrgUnits:     []hmis.OrgUnit{{ID: bo.ID, Name: "Bo"}},
		Translations: []hmis.Translation{
			{Object: bcg, Locale: "fr_CA", Property: "NAME", Value: "BCG donnés (Canada)"},
			{Object: bcg, Locale: "fr", Property: "NAME", Value: "Doses de BCG"},
			{Object: bcg, Locale: "fr", Property: "SHORT_NAME", Value: "BCG fr"},
			{Object: bcg, Locale: "pt", Property: "NAME", Value: ""},
			{Object: bcg, Locale: "en", Property: "DESCRIPTION", Value: "Given to children"},
		},
	})
	require.NoError(t, err)
	for _, tt := range []struct{ locale, name, short string }{
		{"fr", "Doses de BCG", "BCG fr"},
		{"fr_CA", "BCG donnés (Canada)", "BCG fr"},
		{"fr-ca", "BCG donnés (Canada)", "BCG fr"},
		{"fr_BE", "Doses de BCG", "BCG fr"},
		{"f", "BCG doses given", "BCG"},
		{"pt", "BCG doses given", "BCG"},
		{"en", "BCG doses given", "BCG"},
		{"", "BCG doses given", "BCG"},
	} {
		in := c.In(tt.locale)
		require.Equal(t, tt.name, in.Name(bcg), tt.locale)
		require.Equal(t, tt.short, in.ShortName(bcg), tt.locale)
		require.Equal(t, "Bo", in.ShortName(bo), tt.locale)
	}
	require.Equal(t, "BCG doses given", c.In("fr").In("pt").Name(bcg))
	require.Equal(t, []string{"en", "fr", "fr_CA", "pt"}, c.Locales())
	e, _ := hmis.Find[hmis.DataElement](c.In("fr"), bcg.ID)
	require.Equal(t, "BCG doses given", e.Name)
}
