package hmis_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// Merging fills empty fields, unites lists, and reports what it leaves out
// (RULES.md#merging).
func TestMerge(t *testing.T) {
	bo := hmis.Ref{Kind: hmis.KindOrgUnit, ID: "bo"}
	first := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "bo", Name: "Bo"}},
		DataSets: []hmis.DataSet{{
			ID: "s", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"bo"}, Elements: []hmis.DataSetElement{{DataElement: "a"}},
			Sections: []hmis.Section{{ID: "x", Name: "X", DataElements: []hmis.UID{"a"}}},
		}},
		Groups:          []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g", Members: []hmis.UID{"bo"}}},
		Constants:       []hmis.Constant{{ID: "c", Value: decimal.New(3, 0)}},
		AttributeValues: []hmis.AttributeValue{{Object: bo, Attribute: "at", Value: "1"}},
		Translations:    []hmis.Translation{{Object: bo, Locale: "fr", Property: "NAME", Value: "Bo"}},
		Properties:      []hmis.Property{{Object: bo, Name: "url", Value: `"x"`}},
	}
	second := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "kenema"}, {ID: "bo", Name: "Bo district", Code: "OU"}},
		DataSets: []hmis.DataSet{{
			ID: "s", OrgUnits: []hmis.UID{"kenema", "bo"}, Elements: []hmis.DataSetElement{{DataElement: "a", CategoryCombo: "cc"}, {DataElement: "b"}},
			Sections: []hmis.Section{{ID: "x", Name: "Y", DataElements: []hmis.UID{"b"}}, {ID: "z"}},
		}},
		Groups:          []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g", Name: "Rural", Members: []hmis.UID{"kenema"}}},
		Constants:       []hmis.Constant{{ID: "c", Value: decimal.New(4, 0)}},
		Indicators:      []hmis.Indicator{{ID: "i", Decimals: ptr(0)}},
		AttributeValues: []hmis.AttributeValue{{Object: bo, Attribute: "at", Value: "2"}, {Object: bo, Attribute: "au", Value: "3"}},
		Translations:    []hmis.Translation{{Object: bo, Locale: "fr", Property: "NAME", Value: "Bo"}},
		Properties:      []hmis.Property{{Object: bo, Name: "url", Value: `"y"`}},
	}
	got, conflicts := hmis.Merge(first, second)
	want := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "bo", Name: "Bo", Code: "OU"}, {ID: "kenema"}},
		DataSets: []hmis.DataSet{{
			ID: "s", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"bo", "kenema"}, Elements: []hmis.DataSetElement{{DataElement: "a", CategoryCombo: "cc"}, {DataElement: "b"}},
			Sections: []hmis.Section{{ID: "x", Name: "X", DataElements: []hmis.UID{"a", "b"}}, {ID: "z"}},
		}},
		Groups:          []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g", Name: "Rural", Members: []hmis.UID{"bo", "kenema"}}},
		Constants:       []hmis.Constant{{ID: "c", Value: decimal.New(3, 0)}},
		Indicators:      []hmis.Indicator{{ID: "i", Decimals: ptr(0)}},
		AttributeValues: []hmis.AttributeValue{{Object: bo, Attribute: "at", Value: "1"}, {Object: bo, Attribute: "au", Value: "3"}},
		Translations:    []hmis.Translation{{Object: bo, Locale: "fr", Property: "NAME", Value: "Bo"}},
		Properties:      []hmis.Property{{Object: bo, Name: "url", Value: `"x"`}},
	}
	if diff := cmp.Diff(want, got, samePeriods()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	require.EqualError(t, conflicts.Err(), `hmis: merge_conflict: dataSet s: Sections.Name: "X" is kept, "Y" is left out
hmis: merge_conflict: organisationUnit bo: Name: "Bo" is kept, "Bo district" is left out
hmis: merge_conflict: constant c: Value: 3 is kept, 4 is left out
hmis: merge_conflict: organisationUnit bo: at: "1" is kept, "2" is left out
hmis: merge_conflict: organisationUnit bo: url: "\"x\"" is kept, "\"y\"" is left out`)

	// Merge must not change its arguments.
	require.Equal(t, []hmis.UID{"bo"}, first.DataSets[0].OrgUnits)
	require.Equal(t, []hmis.UID{"a"}, first.DataSets[0].Sections[0].DataElements)
	require.Empty(t, first.DataSets[0].Elements[0].CategoryCombo)
	require.Equal(t, "Bo district", second.OrgUnits[1].Name)
}

// A conflict quotes only the beginning of a long text.
func TestMergeLongTexts(t *testing.T) {
	name := strings.Repeat("\u1218", 100)
	_, conflicts := hmis.Merge(
		hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "bo", Name: "Bo"}}, Properties: []hmis.Property{{Name: "url", Value: name}}},
		hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "bo", Name: name}}, Properties: []hmis.Property{{Name: "url"}}},
	)
	cut := strings.Repeat("\u1218", 64)
	require.EqualError(t, conflicts.Err(), `hmis: merge_conflict: organisationUnit bo: Name: "Bo" is kept, "`+cut+`"... is left out
hmis: merge_conflict: url: "`+cut+`"... is kept, "" is left out`)
}

// Two spellings of the same number are no conflict.
func TestMergeEqualNumbers(t *testing.T) {
	_, conflicts := hmis.Merge(
		hmis.Metadata{Constants: []hmis.Constant{{ID: "c", Value: decimal.RequireFromString("1.50")}}},
		hmis.Metadata{Constants: []hmis.Constant{{ID: "c", Value: decimal.RequireFromString("1.5")}}},
	)
	require.NoError(t, conflicts.Err())
}

// Merging the result with its parts again changes nothing.
func TestMergeAgain(t *testing.T) {
	md := clinic()
	once, conflicts := hmis.Merge(md)
	require.NoError(t, conflicts.Err())
	require.Equal(t, md, once)
	twice, conflicts := hmis.Merge(once, md, hmis.Metadata{})
	require.NoError(t, conflicts.Err())
	require.Equal(t, md, twice)
}
