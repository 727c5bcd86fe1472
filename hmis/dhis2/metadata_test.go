package dhis2_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func ptr[T any](v T) *T { return &v }

// The file has each type of object with every known member (RULES.md#metadata,
// RULES.md#references, RULES.md#memberships, RULES.md#org-units-in-files,
// RULES.md#old-servers, RULES.md#members-of-expressions).
func TestReadMetadata(t *testing.T) {
	tests := []struct {
		name, in string
		want     hmis.Metadata
	}{
		{"org unit", `{"organisationUnits":[{"id":"O6uvpzGd5pu","code":"OU_264","name":"Bo","shortName":"Bo d","parent":{"id":"ImspTQPwCqd","name":"Sierra Leone"},
			"path":"/ImspTQPwCqd/O6uvpzGd5pu","level":2,"leaf":false,"openingDate":"1994-01-31T00:00:00.000","closedDate":"2020-12-31T00:00:00.000",
			"geometry":{"type":"Point","coordinates":[-11.4,8.1]},"comment":"x","displayName":"Bo","sharing":{"public":"rw"},"created":"2010-01-01T00:00:00.000"}]}`,
			hmis.Metadata{
				OrgUnits: []hmis.OrgUnit{{
					ID: "O6uvpzGd5pu", Code: "OU_264", Name: "Bo", ShortName: "Bo d", Parent: "ImspTQPwCqd", Path: "/ImspTQPwCqd/O6uvpzGd5pu",
					Opened: period.DateOf(1994, 1, 31), Closed: period.DateOf(2020, 12, 31), Geometry: `{"type":"Point","coordinates":[-11.4,8.1]}`,
				}},
				Properties: []hmis.Property{
					{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "O6uvpzGd5pu"}, Name: "comment", Value: `"x"`},
					{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "O6uvpzGd5pu"}, Name: "created", Value: `"2010-01-01T00:00:00.000"`},
				},
			}},
		{"old coordinates, the parent from the path", `{"organisationUnits":[{"id":"b","path":"/a/b","featureType":"POLYGON","coordinates":"[[[[1,2],[3,4],[1,2]]]]","hierarchyLevel":2},
			{"id":"c","featureType":"POINT","coordinates":"[-11.4,8.1]","parent":null}]}`,
			hmis.Metadata{OrgUnits: []hmis.OrgUnit{
				{ID: "b", Parent: "a", Path: "/a/b", Geometry: `{"type":"MultiPolygon","coordinates":[[[[1,2],[3,4],[1,2]]]]}`},
				{ID: "c", Geometry: `{"type":"Point","coordinates":[-11.4,8.1]}`},
			}}},
		{"children and groups from the other side", `{"organisationUnits":[{"id":"a","children":[{"id":"b"}]},{"id":"b","organisationUnitGroups":[{"id":"g"},{"id":"absent"}],"dataSets":[{"id":"s"}]}],
			"organisationUnitGroups":[{"id":"g","name":"Hospitals","groupSets":[{"id":"gs"}]}],"organisationUnitGroupSets":[{"id":"gs","compulsory":true,"includeSubhierarchyInAnalytics":true}],
			"dataSets":[{"id":"s","periodType":"Weekly"}]}`,
			hmis.Metadata{
				OrgUnits:   []hmis.OrgUnit{{ID: "a"}, {ID: "b", Parent: "a"}},
				Groups:     []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "g", Name: "Hospitals", Members: []hmis.UID{"b"}}},
				GroupSets:  []hmis.GroupSet{{Kind: hmis.KindOrgUnitGroupSet, ID: "gs", Compulsory: true, Below: true, Groups: []hmis.UID{"g"}}},
				DataSets:   []hmis.DataSet{{ID: "s", PeriodType: period.Weekly, OrgUnits: []hmis.UID{"b"}}},
				Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "b"}, Name: "organisationUnitGroups", Value: `[{"id":"absent"}]`}},
			}},
		{"data element", `{"dataElements":[{"id":"e","code":"E","name":"BCG","shortName":"B","domainType":"TRACKER","valueType":"INTEGER","aggregationType":"AVERAGE",
			"categoryCombo":{"id":"c"},"aggregationLevels":[3,2],"zeroIsSignificant":true,"optionSet":{"id":"o"},"commentOptionSet":{"id":"p"},"optionSetValue":true,
			"attributeValues":[{"attribute":{"id":"at"},"value":"17"}],"translations":[{"locale":"fr","property":"shortName","value":"Bé"}]},
			{"id":"f","attributeValues":{"at":"18"}}]}`,
			hmis.Metadata{
				DataElements: []hmis.DataElement{{
					ID: "e", Code: "E", Name: "BCG", ShortName: "B", Tracker: true, ValueType: hmis.Integer, Aggregation: hmis.Average,
					CategoryCombo: "c", Levels: []int{3, 2}, ZeroIsData: true, OptionSet: "o", CommentOptionSet: "p",
				}, {ID: "f"}},
				AttributeValues: []hmis.AttributeValue{
					{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "e"}, Attribute: "at", Value: "17"},
					{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "f"}, Attribute: "at", Value: "18"},
				},
				Translations: []hmis.Translation{{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "e"}, Locale: "fr", Property: "SHORT_NAME", Value: "Bé"}},
			}},
		{"category model", `{"categories":[{"id":"c","dataDimensionType":"ATTRIBUTE","dataDimension":false,"categoryOptions":[{"id":"o"},{"id":"p"}]}],
			"categoryOptions":[{"id":"o","startDate":"2024-01-01","endDate":"2024-12-31T00:00:00.000","organisationUnits":[{"id":"u"}],"categories":[{"id":"c"}]}],
			"categoryCombos":[{"id":"k","dataDimensionType":"ATTRIBUTE","skipTotal":true,"categories":[{"id":"c"}],"categoryOptionCombos":[{"id":"x"}]}],
			"categoryOptionCombos":[{"id":"x","categoryOptions":[{"id":"o"}]}],
			"categoryOptionGroups":[{"id":"g","dataDimensionType":"ATTRIBUTE","categoryOptions":[{"id":"o"}]}],
			"categoryOptionGroupSets":[{"id":"gs","dataDimensionType":"ATTRIBUTE","dataDimension":false,"categoryOptionGroups":[{"id":"g"}]}]}`,
			hmis.Metadata{
				Categories:      []hmis.Category{{ID: "c", Attribute: true, NoDimension: true, Options: []hmis.UID{"o", "p"}}},
				CategoryOptions: []hmis.CategoryOption{{ID: "o", First: period.DateOf(2024, 1, 1), Last: period.DateOf(2024, 12, 31), OrgUnits: []hmis.UID{"u"}}},
				CategoryCombos:  []hmis.CategoryCombo{{ID: "k", Attribute: true, SkipTotal: true, Categories: []hmis.UID{"c"}}},
				OptionCombos:    []hmis.OptionCombo{{ID: "x", CategoryCombo: "k", Options: []hmis.UID{"o"}}},
				Groups:          []hmis.Group{{Kind: hmis.KindCategoryOptionGroup, ID: "g", Attribute: true, Members: []hmis.UID{"o"}}},
				GroupSets:       []hmis.GroupSet{{Kind: hmis.KindCategoryOptionGroupSet, ID: "gs", Attribute: true, NoDimension: true, Groups: []hmis.UID{"g"}}},
			}},
		{"data set", `{"dataSets":[{"id":"s","periodType":"Monthly","categoryCombo":{"id":"k"},"dataSetElements":[{"dataElement":{"id":"e"},"dataSet":{"id":"s"},"categoryCombo":{"id":"c"}}],
			"organisationUnits":[{"id":"u"}],"indicators":[{"id":"i"}],"sections":[{"id":"t"}],"compulsoryDataElementOperands":[{"dataElement":{"id":"e"},"categoryOptionCombo":{"id":"x"}}],
			"compulsoryFieldsCompleteOnly":true,"fieldCombinationRequired":true,"validCompleteOnly":true,"noValueRequiresComment":true,"timelyDays":15.5,"expiryDays":-1,
			"openFuturePeriods":2,"openPeriodsAfterCoEndDate":3,"dataInputPeriods":[{"period":{"id":"202401"},"openingDate":"2024-02-01T00:00:00.000"}],"formType":"SECTION"}],
			"sections":[{"id":"v","dataSet":{"id":"s"},"sortOrder":9,"name":"V"},{"id":"t","dataSet":{"id":"s"},"name":"T","dataElements":[{"id":"e"}],"indicators":[{"id":"i"}],
			"greyedFields":[{"dataElement":{"id":"e"},"categoryOptionCombo":{"id":"x"}}]}]}`,
			hmis.Metadata{
				DataSets: []hmis.DataSet{{
					ID: "s", PeriodType: period.Monthly, CategoryCombo: "k", Elements: []hmis.DataSetElement{{DataElement: "e", CategoryCombo: "c"}},
					OrgUnits: []hmis.UID{"u"}, Indicators: []hmis.UID{"i"}, Compulsory: []hmis.Operand{{DataElement: "e", OptionCombo: "x"}},
					CompulsoryToComplete: true, AllCombosOrNone: true, ValidToComplete: true, ValueOrComment: true, TimelyDays: 15.5, ExpiryDays: -1,
					OpenFuturePeriods: 2, OpenAfterEnd: 3,
					InputPeriods: []hmis.InputPeriod{{Period: period.MustParse("202401"), Opened: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)}},
					Sections: []hmis.Section{
						{ID: "t", Name: "T", DataElements: []hmis.UID{"e"}, Indicators: []hmis.UID{"i"}, Greyed: []hmis.Operand{{DataElement: "e", OptionCombo: "x"}}},
						{ID: "v", Name: "V"},
					},
				}},
				Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindDataSet, ID: "s"}, Name: "formType", Value: `"SECTION"`}},
			}},
		{"old data set, and elements from the other side", `{"dataSets":[{"id":"s","periodType":"TwoYearly","dataElements":[{"id":"e"}]}],
			"dataElements":[{"id":"e","dataSetElements":[{"dataSet":{"id":"s"},"categoryCombo":{"id":"c"}}]},{"id":"f","dataSetElements":[{"dataSet":{"id":"s"},"dataElement":{"id":"f"}}]}]}`,
			hmis.Metadata{
				DataSets:     []hmis.DataSet{{ID: "s", Elements: []hmis.DataSetElement{{DataElement: "e", CategoryCombo: "c"}, {DataElement: "f"}}}},
				DataElements: []hmis.DataElement{{ID: "e"}, {ID: "f"}},
				Properties:   []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindDataSet, ID: "s"}, Name: "periodType", Value: `"TwoYearly"`}},
			}},
		{"indicator", `{"indicators":[{"id":"i","numerator":"#{e}","numeratorDescription":"n","denominator":"1","denominatorDescription":"d","annualized":true,"decimals":0,
			"indicatorType":{"id":"t"},"aggregateExportCategoryOptionCombo":"C","aggregateExportAttributeOptionCombo":"A","explodedNumerator":"x","indicatorGroups":[{"id":"g"}]},{"id":"j"}],
			"indicatorTypes":[{"id":"t","name":"Per cent","factor":100,"number":true}],"indicatorGroups":[{"id":"g","indicators":[{"id":"j"}]}],"indicatorGroupSets":[{"id":"gs","indicatorGroups":[{"id":"g"}]}]}`,
			hmis.Metadata{
				Indicators: []hmis.Indicator{
					{ID: "i", Type: "t", Numerator: "#{e}", NumeratorNote: "n", Denominator: "1", DenominatorNote: "d", Annualized: true, Decimals: ptr(0), ExportOptionCombo: "C", ExportAttributeCombo: "A"}, {ID: "j"},
				},
				IndicatorTypes: []hmis.IndicatorType{{ID: "t", Name: "Per cent", Factor: 100, Number: true}},
				Groups:         []hmis.Group{{Kind: hmis.KindIndicatorGroup, ID: "g", Members: []hmis.UID{"j", "i"}}},
				GroupSets:      []hmis.GroupSet{{Kind: hmis.KindIndicatorGroupSet, ID: "gs", Groups: []hmis.UID{"g"}}},
			}},
		{"rule and predictor", `{"validationRules":[{"id":"r","description":"d","instruction":"x","importance":"HIGH","operator":"less_than","periodType":"Quarterly","organisationUnitLevels":[4],
			"skipFormValidation":true,"leftSide":{"expression":"#{a}","description":"l","missingValueStrategy":"NEVER_SKIP","slidingWindow":true},"rightSide":{"expression":"1","translations":[{"x":1}]}}],
			"predictors":[{"id":"p","output":{"id":"e"},"outputCombo":{"id":"x"},"periodType":"Monthly","generator":{"expression":"avg(#{a})"},"sampleSkipTest":{"expression":"#{b}"},
			"sequentialSampleCount":4,"annualSampleCount":1,"sequentialSkipCount":2,"organisationUnitLevels":[{"id":"l4"}],"organisationUnitDescendants":"DESCENDANTS"}],
			"organisationUnitLevels":[{"id":"l4","name":"Facility","level":4}],"validationRuleGroups":[{"id":"g","validationRules":[{"id":"r"}]}],"predictorGroups":[{"id":"h","predictors":[{"id":"p"}]}]}`,
			hmis.Metadata{
				ValidationRules: []hmis.ValidationRule{{
					ID: "r", Description: "d", Instruction: "x", Importance: "HIGH", Operator: "less_than", Period: period.Quarterly, Levels: []int{4}, NotInForms: true,
					Left: hmis.Expression{Text: "#{a}", Description: "l", Missing: hmis.NeverSkip, Sliding: true}, Right: hmis.Expression{Text: "1"},
				}},
				Predictors: []hmis.Predictor{{
					ID: "p", Output: "e", OutputOptionCombo: "x", Period: period.Monthly, Generator: hmis.Expression{Text: "avg(#{a})"}, SkipTest: hmis.Expression{Text: "#{b}"},
					Sequential: 4, Annual: 1, Skip: 2, Levels: []hmis.UID{"l4"}, Below: true,
				}},
				OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "l4", Name: "Facility", Level: 4}},
				Groups: []hmis.Group{
					{Kind: hmis.KindValidationRuleGroup, ID: "g", Members: []hmis.UID{"r"}}, {Kind: hmis.KindPredictorGroup, ID: "h", Members: []hmis.UID{"p"}},
				},
				Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: "rightSide.translations", Value: `[{"x":1}]`}},
			}},
		{"constants, attributes, option sets", `{"constants":[{"id":"c","value":3.14159265358979323846}],
			"attributes":[{"id":"a","valueType":"TEXT","unique":true,"mandatory":true,"dataElementAttribute":true,"dataSetAttribute":false,"objectTypes":["ORGANISATION_UNIT","DATA_ELEMENT"]}],
			"optionSets":[{"id":"s","valueType":"TEXT","options":[{"id":"q"},{"id":"p"}]}],
			"options":[{"id":"p","code":"P","name":"Plan","sortOrder":1,"optionSet":{"id":"s"}},{"id":"q","code":"Q","optionSet":{"id":"s"}},{"id":"r","code":"R","optionSet":{"id":"s"}},{"id":"x","code":"X","optionSet":{"id":"elsewhere"}}]}`,
			hmis.Metadata{
				Constants:  []hmis.Constant{{ID: "c", Value: decimal.RequireFromString("3.14159265358979323846")}},
				Attributes: []hmis.Attribute{{ID: "a", ValueType: hmis.Text, Unique: true, Mandatory: true, Kinds: []hmis.Kind{hmis.KindDataElement, hmis.KindOrgUnit}}},
				OptionSets: []hmis.OptionSet{
					{ID: "s", ValueType: hmis.Text, Options: []hmis.Option{{ID: "q", Code: "Q"}, {ID: "p", Code: "P", Name: "Plan"}, {ID: "r", Code: "R"}}},
					{ID: "elsewhere", Options: []hmis.Option{{ID: "x", Code: "X"}}},
				},
			}},
		{"references by code", `{"dataElements":[{"id":"e","categoryCombo":{"code":"SEX"}}],"dataElementGroups":[{"id":"g","dataElements":[{"code":"F"},{"id":"e"}]}],
			"categoryCombos":[{"id":"c","code":"SEX"}],"dataSets":[{"id":"s","dataSetElements":[{"dataElement":{"code":"F"}}]}],"indicators":[]}`, hmis.Metadata{}},
		{"an object twice, alike", `{"constants":[{"id":"c","name":"Pi","value":3},{"id":"c","name":"Pi","value":3}]}`,
			hmis.Metadata{Constants: []hmis.Constant{{ID: "c", Name: "Pi", Value: decimal.New(3, 0)}}}},
		{"names of old servers", `{"dataElements":[
			{"id":"a","domainType":"aggregate","type":"int","numberType":"posInt","aggregationOperator":"average"},{"id":"b","type":"int","numberType":"int","aggregationOperator":"sum"},
			{"id":"c","type":"string","textType":"longText","aggregationOperator":"none"},{"id":"d","type":"string"},{"id":"e","type":"bool"},{"id":"f","type":"trueOnly"},{"id":"g","type":"date"},
			{"id":"h","type":"int","numberType":"number","aggregationOperator":"avg_sum_org_unit"},{"id":"i","type":"int","numberType":"zeroPositiveInt"},{"id":"j","type":"int","numberType":"negInt"},
			{"id":"k","type":"colour","aggregationOperator":"mode"},{"id":"l","valueType":"TEXT","type":"int","aggregationType":"SUM","aggregationOperator":"sum"},{"id":"m","valueType":"INTEGER","type":"int","numberType":"int"}]}`,
			hmis.Metadata{
				DataElements: []hmis.DataElement{
					{ID: "a", ValueType: hmis.IntegerPositive, Aggregation: hmis.Average}, {ID: "b", ValueType: hmis.Integer, Aggregation: hmis.Sum},
					{ID: "c", ValueType: hmis.LongText, Aggregation: hmis.NoAggregation}, {ID: "d", ValueType: hmis.Text}, {ID: "e", ValueType: hmis.Boolean}, {ID: "f", ValueType: hmis.TrueOnly},
					{ID: "g", ValueType: hmis.DateValue}, {ID: "h", ValueType: hmis.Number, Aggregation: hmis.AverageSumOrgUnit}, {ID: "i", ValueType: hmis.IntegerZeroOrPositive}, {ID: "j", ValueType: hmis.IntegerNegative},
					{ID: "k"}, {ID: "l", ValueType: hmis.Text, Aggregation: hmis.Sum}, {ID: "m", ValueType: hmis.Integer},
				},
				Properties: []hmis.Property{
					{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "k"}, Name: "aggregationOperator", Value: `"mode"`}, {Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "k"}, Name: "type", Value: `"colour"`},
					{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "l"}, Name: "type", Value: `"int"`},
				},
			}},
		{"nulls in lists", `{"dataElements":[null,{"id":"e","aggregationLevels":[null,3],"attributeValues":[null,{"attribute":{"id":"a"},"value":"1"}],"translations":[null]}],
			"categories":[{"id":"c","categoryOptions":[{"id":"o"},null,{"id":"p"}]}],"optionSets":[{"id":"s","options":[null,{"id":"q"}]}],
			"dataSets":[{"id":"d","dataSetElements":[null,{"dataElement":{"id":"e"}},null],"dataInputPeriods":[null]}]}`,
			hmis.Metadata{
				DataElements:    []hmis.DataElement{{ID: "e", Levels: []int{3}}},
				AttributeValues: []hmis.AttributeValue{{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "e"}, Attribute: "a", Value: "1"}},
				Categories:      []hmis.Category{{ID: "c", Options: []hmis.UID{"o", "p"}}},
				OptionSets:      []hmis.OptionSet{{ID: "s", Options: []hmis.Option{{ID: "q"}}}},
				DataSets:        []hmis.DataSet{{ID: "d", Elements: []hmis.DataSetElement{{DataElement: "e"}}}},
			}},
		{"members of expressions with awkward names", `{"validationRules":[{"id":"r","leftSide":{"":1,"a.b":2},"rightSide":{"expression":"1","rightSide.x":3,"\"":4},
			"":5,"leftSide.x":6,"\"q\"":7,"a.b":8,".":9}],"predictors":[{"id":"p","sampleSkipTest":{".":1}}],"dataElements":[{"id":"e","generator.x":1,"generator":2}]}`,
			hmis.Metadata{
				ValidationRules: []hmis.ValidationRule{{ID: "r", Right: hmis.Expression{Text: "1"}}}, Predictors: []hmis.Predictor{{ID: "p"}}, DataElements: []hmis.DataElement{{ID: "e"}},
				Properties: []hmis.Property{
					{Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: "leftSide.", Value: "1"}, {Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: "leftSide.a.b", Value: "2"},
					{Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: "rightSide.rightSide.x", Value: "3"}, {Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: `rightSide."`, Value: "4"},
					{Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: "", Value: "5"}, {Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: `"leftSide.x"`, Value: "6"},
					{Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: `"\"q\""`, Value: "7"}, {Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: "a.b", Value: "8"},
					{Object: hmis.Ref{Kind: hmis.KindValidationRule, ID: "r"}, Name: ".", Value: "9"}, {Object: hmis.Ref{Kind: hmis.KindPredictor, ID: "p"}, Name: "sampleSkipTest..", Value: "1"},
					{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "e"}, Name: `"generator.x"`, Value: "1"}, {Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "e"}, Name: "generator", Value: "2"},
				},
			}},
		{"numbers as large as they may be", `{"constants":[{"id":"a","value":` + strings.Repeat("9", 1500) + `},{"id":"b","value":1e400},{"id":"c","value":1e-1400}]}`,
			hmis.Metadata{Constants: []hmis.Constant{
				{ID: "a", Value: decimal.RequireFromString(strings.Repeat("9", 1500))}, {ID: "b", Value: decimal.New(1, 400)}, {ID: "c", Value: decimal.New(1, -1400)},
			}}},
		{"what is skipped", `{"system":{"version":"2.42"},"pager":{"page":1},"users":[{"id":"u"}],"visualizations":[{"deep":[[[]]]}],"date":"2024","constants":null}`, hmis.Metadata{}},
		{"nothing in it", `{}`, hmis.Metadata{}},
		{"gzip and a byte order mark", gzipped(t, "\xef\xbb\xbf{\"constants\":[{\"id\":\"c\",\"value\":1}]}"),
			hmis.Metadata{Constants: []hmis.Constant{{ID: "c", Value: decimal.New(1, 0)}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "references by code" {
				tt.in = strings.Replace(tt.in, `"dataElements":[{"id":"e"`, `"dataElements":[{"id":"f","code":"F"},{"id":"e"`, 1)
				tt.want = hmis.Metadata{
					DataElements:   []hmis.DataElement{{ID: "f", Code: "F"}, {ID: "e", CategoryCombo: "c"}},
					Groups:         []hmis.Group{{Kind: hmis.KindDataElementGroup, ID: "g", Members: []hmis.UID{"f", "e"}}},
					CategoryCombos: []hmis.CategoryCombo{{ID: "c", Code: "SEX"}},
					DataSets:       []hmis.DataSet{{ID: "s", Elements: []hmis.DataSetElement{{DataElement: "f"}}}},
				}
			}
			got, err := dhis2.ReadMetadata(iotest.HalfReader(strings.NewReader(tt.in)))
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got, sameMetadata()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			again(t, got)
		})
	}
}

// Nothing of one object is left in the next one of the list, whether or not
// something points into it.
func TestReadMetadataAlike(t *testing.T) {
	in := `{"dataElements":[{"id":"a","name":"A","aggregationLevels":[1],"categoryCombo":{"code":"K"}},{"id":"b","name":"B","zeroIsSignificant":true,"aggregationLevels":[2,3]},{"id":"c"},
		{"id":"d","type":"int"},{"id":"e","type":"bool"},{"id":"f","aggregationLevels":[4]}],
		"categoryCombos":[{"id":"k","code":"K"}],"organisationUnits":[{"id":"u","level":1,"name":"U"},{"id":"v","parent":{"id":"u"}},{"id":"w","path":"/u/w"}],
		"indicators":[{"id":"i","decimals":1},{"id":"j","decimals":2},{"id":"k"}]}`
	got, err := dhis2.ReadMetadata(strings.NewReader(in))
	require.NoError(t, err)
	if diff := cmp.Diff(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "a", Name: "A", Levels: []int{1}, CategoryCombo: "k"}, {ID: "b", Name: "B", ZeroIsData: true, Levels: []int{2, 3}}, {ID: "c"},
			{ID: "d", ValueType: hmis.Integer}, {ID: "e", ValueType: hmis.Boolean}, {ID: "f", Levels: []int{4}},
		},
		CategoryCombos: []hmis.CategoryCombo{{ID: "k", Code: "K"}},
		OrgUnits:       []hmis.OrgUnit{{ID: "u", Name: "U"}, {ID: "v", Parent: "u"}, {ID: "w", Parent: "u", Path: "/u/w"}},
		Indicators:     []hmis.Indicator{{ID: "i", Decimals: ptr(1)}, {ID: "j", Decimals: ptr(2)}, {ID: "k"}},
	}, got, sameMetadata()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// again writes metadata, reads it back and writes it once more. Both texts must
// be equal.
func again(t *testing.T, md hmis.Metadata) {
	t.Helper()
	var first, second bytes.Buffer
	require.NoError(t, dhis2.WriteMetadata(&first, md))
	back, err := dhis2.ReadMetadata(bytes.NewReader(first.Bytes()))
	require.NoError(t, err)
	if diff := differ(md, back); diff != "" {
		t.Errorf("-written +read:\n%.3000s", diff)
	}
	require.NoError(t, dhis2.WriteMetadata(&second, back))
	require.Equal(t, first.String(), second.String())
}

// memberList returns n members with different names.
func memberList(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"member%d":%d`, i, i)
	}
	return b.String()
}

// Each row is a file that is no metadata, and its error
// (RULES.md#unknown-names).
func TestReadMetadataErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", ``, `dhis2: offset 0: unexpected EOF: want '{'`},
		{"a page of a website", `<!DOCTYPE html><html><body/></html>`, `dhis2: offset 15: element "html": want metadata`},
		{"truncated", `{"dataElements":[{"id":"e"`, `dhis2: offset 26: unexpected EOF`},
		{"truncated between objects", `{"dataElements":[{"id":"e"},`, `dhis2: offset 28: unexpected EOF`},
		{"text behind the end", `{} {}`, `dhis2: offset 3: "{": want the end`},
		{"the answer of a server", `{"httpStatus":"Unauthorized","httpStatusCode":401,"status":"ERROR","message":"Unauthorized"}`,
			`dhis2: offset 0: the answer of a server, ERROR 401: "Unauthorized": want lists of objects, such as dataElements`},
		{"GeoJSON", `{"type":"FeatureCollection","features":[{"type":"Feature","id":"u"}]}`, `dhis2: offset 0: GeoJSON: want lists of objects, such as dataElements`},
		{"a single object", `{"name":"Malaria","id":"dsMalaria01","organisationUnits":[{"id":"u"}]}`, `dhis2: offset 0: a single object, dsMalaria01: want lists of objects, such as dataElements`},
		{"a misspelt list", `{"dataElemnts":[{"id":"e"}],"indicators":[]}`, `dhis2: offset 1: "dataElemnts": want dataElements`},
		{"a list in small letters", `{"organisationunits":[{"id":"e"}]}`, `dhis2: offset 1: "organisationunits": want organisationUnits`},
		{"a list with signs", `{"data_elements":[{"id":"e"}]}`, `dhis2: offset 1: "data_elements": want dataElements`},
		{"a list in the singular", `{"category":[{"id":"c"}]}`, `dhis2: offset 1: "category": want categories`},
		{"no list that is known", `{"system":{"id":"x"},"dashboards":[{"id":"d"}],"facilities":[{"id":"e"}]}`, `dhis2: offset 0: unknown members "dashboards", "facilities": want lists of objects, such as dataElements`},
		{"a page of many", `{"pager":{"page":1,"pageCount":12,"total":600,"pageSize":50},"dataElements":[{"id":"e"}]}`, `dhis2: offset 1: pager: page 1 of 12: want all pages in one`},
		{"a page of who knows how many", `{"dataElements":[{"id":"e"}],"pager":{"page":2,"nextPage":"https://x/?page=3"}}`, `dhis2: offset 29: pager: page 2, with others behind it: want all pages in one`},
		{"pages that are not counted", `{"pager":{"page":1,"pageSize":50,"total":500},"organisationUnits":[{"id":"u"}]}`, `dhis2: offset 1: pager: page 1, 50 of 500 objects: want all pages in one`},
		{"a page behind others", `{"pager":{"page":2,"pageSize":50,"total":80},"dataElements":[{"id":"e"}]}`, `dhis2: offset 1: pager: page 2, with others before it: want all pages in one`},
		{"the last page", `{"pager":{"page":3,"prevPage":"http://x"},"dataElements":[{"id":"e"}]}`, `dhis2: offset 1: pager: page 3, with others before it: want all pages in one`},
		{"the last page, by its address alone", `{"pager":{"prevPage":"http://x"},"dataElements":[{"id":"e"}]}`, `dhis2: offset 1: pager: page 1, with others before it: want all pages in one`},
		{"the last page, by its number alone", `{"pager":{"page":2},"dataElements":[{"id":"e"}]}`, `dhis2: offset 1: pager: page 2, with others before it: want all pages in one`},
		{"more than a page of no size", `{"pager":{"total":3},"dataElements":[{"id":"e"},{"id":"f"}]}`, `dhis2: offset 1: pager: page 1, 2 of 3 objects: want all pages in one`},
		{"a pager behind the objects", `{"organisationUnits":[{"id":"u"}],"pager":{"page":1,"pageSize":1,"total":2}}`, `dhis2: offset 34: pager: page 1, 1 of 2 objects: want all pages in one`},
		{"an exponent too large", `{"constants":[{"id":"c","value":1e401}]}`, `dhis2: offset 32: constant c: value: want a number of reasonable size, got a number 1e401`},
		{"an exponent too small", `{"constants":[{"id":"c","value":1e-1401}]}`, `dhis2: offset 32: constant c: value: want a number of reasonable size, got a number 1e-1401`},
		{"digits and an exponent", `{"constants":[{"id":"c","value":` + strings.Repeat("1", 1401) + `e100}]}`,
			`dhis2: offset 32: constant c: value: want a number of reasonable size, got a number ` + strings.Repeat("1", 64) + `...`},
		{"no number", `{"constants":[{"id":"c","value":"much"}]}`, `dhis2: offset 32: constant c: value: want a number of reasonable size, got text "much"`},
		{"digits without end", `{"constants":[{"id":"c","value":` + strings.Repeat("1", 1501) + `}]}`,
			`dhis2: offset 32: constant c: value: want a number of at most 1500 digits, got a number ` + strings.Repeat("1", 64) + `...`},
		{"data values", `{"dataValues":[]}`, `dhis2: offset 1: dataValues: want metadata, not data`},
		{"an object in place of a list", `{"dataElements":{}}`, `dhis2: offset 16: "{": want an array of dataElements`},
		{"no object", `{"dataElements":[5]}`, `dhis2: offset 17: dataElements[0]: want an object, got a number 5`},
		{"no id", `{"dataElements":[{"id":"e"},{"name":"x"}]}`, `dhis2: offset 28: dataElements[1]: id: want one in each object`},
		{"blanks around an id", `{"dataElements":[{"id":" e"}]}`, `dhis2: offset 17: dataElements[0]: id: " e": want no blanks around it`},
		{"a number for a list", `{"dataElements":[{"id":"e","aggregationLevels":3}]}`, `dhis2: offset 47: dataElement e: aggregationLevels: want an array, got a number 3`},
		{"text for a number", `{"indicatorTypes":[{"id":"t","factor":"many"}]}`, `dhis2: offset 38: indicatorType t: factor: want a whole number of 32 bits, got text "many"`},
		{"text for a truth value", `{"dataElements":[{"id":"e","zeroIsSignificant":"perhaps"}]}`, `dhis2: offset 47: dataElement e: zeroIsSignificant: want true or false, got text "perhaps"`},
		{"an object for text", `{"dataElements":[{"id":"e","name":{}}]}`, `dhis2: offset 34: dataElement e: name: want text, got an object`},
		{"a date that is none", `{"organisationUnits":[{"id":"u","openingDate":"yesterday"}]}`, `dhis2: offset 46: organisationUnit u: openingDate: "yesterday": want a year of four digits at offset 0`},
		{"a reference to nothing", `{"dataElements":[{"id":"e","categoryCombo":{}}]}`, `dhis2: offset 43: dataElement e: categoryCombo: want a reference with an id or a code`},
		{"an unknown code", `{"dataElements":[{"id":"e","categoryCombo":{"code":"X"}}]}`,
			`dhis2: offset 17: dataElement e: reference by code: hmis: categoryCombo: no object with the code "X"`},
		{"a member twice", `{"dataElements":[{"id":"e","name":"a","name":"b"}]}`, `dhis2: offset 45: dataElements[0]: dataElement e: name: want it once`},
		{"an object twice, not alike", `{"constants":[{"id":"c","value":3},{"id":"c","value":4}]}`, `hmis: merge_conflict: constant c: Value: 3 is kept, 4 is left out`},
		{"a number beyond measure", `{"constants":[{"id":"c","value":1e999999999}]}`, `dhis2: offset 32: constant c: value: want a number of reasonable size, got a number 1e999999999`},
		{"a period that is none", `{"dataSets":[{"id":"s","dataInputPeriods":[{"period":{"id":"x"}}]}]}`,
			`dhis2: offset 42: dataSet s: dataInputPeriods: entry 0: period: "x": want a year of four digits at offset 0`},
		{"nested too deep", `{"dataElements":[{"id":"e","x":` + strings.Repeat(`[`, 100) + `}]}`, `dhis2: offset 94: want at most 64 levels of nesting`},
		{"Latin-1", "{\"dataElements\":[{\"id\":\"e\",\"name\":\"caf\xe9\"}]}", `dhis2: offset 38: want UTF-8, got the byte 0xe9`},
		{"members without end", `{"dataElements":[{"id":"e"` + memberList(1000) + `}]}`, `dhis2: offset 15803: dataElements[0]: dataElement e: want at most 1000 members`},
		{"a value of no attribute", `{"dataElements":[{"id":"e","attributeValues":{"":"x"}}]}`, `dhis2: offset 45: dataElement e: attributeValues: want the id of an attribute`},
		{"a value without an attribute", `{"dataElements":[{"id":"e","attributeValues":[{"value":"x"}]}]}`, `dhis2: offset 45: dataElement e: attributeValues: entry 0: want an object with an attribute, got an object {"value":"x"}`},
		{"a leading zero", `{"constants":[{"id":"c","value":01}]}`, `dhis2: offset 32: want a number without leading zeros`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := dhis2.ReadMetadata(strings.NewReader(tt.in))
			require.EqualError(t, err, tt.want)
		})
	}
}

// A pager may state that there is only one page.
func TestReadMetadataOnePage(t *testing.T) {
	for _, pager := range []string{
		`{"page":1,"pageCount":1,"total":2,"pageSize":50}`, `{"page":1,"pageCount":1,"total":2,"pageSize":2}`, `{"page":1,"total":2}`, `{"page":1,"pageCount":1}`,
		`{"page":1,"pageSize":50,"total":2,"nextPage":null,"prevPage":null}`, `{"page":1,"total":0}`, `{}`, `null`,
	} {
		for _, in := range []string{`{"pager":` + pager + `,"dataElements":[{"id":"e"},{"id":"f"}]}`, `{"dataElements":[{"id":"e"},{"id":"f"}],"pager":` + pager + `}`} {
			md, err := dhis2.ReadMetadata(strings.NewReader(in))
			require.NoError(t, err, in)
			require.Len(t, md.DataElements, 2, in)
		}
	}
}

// reading returns a reader that appends all doubts and rejected things to a
// list.
func reading(list *[]string) dhis2.MetadataReader {
	return dhis2.MetadataReader{
		Warn:   func(i hmis.Issue) { *list = append(*list, fmt.Sprint(i.Severity, " ", &i)) },
		Reject: func(r hmis.Ref, err error) { *list = append(*list, fmt.Sprintf("reject %s: %v", r, err)) },
	}
}

// Warn is called for everything doubtful.
func TestMetadataWarn(t *testing.T) {
	in := `{"users":[{},{}],"constants":[{"id":"c","value":3},{"id":"c","value":4}],"dataSets":[{"id":"s","periodType":"TwoYearly"}],
		"dataElements":[{"id":"e","dataElementGroups":[{"id":"g"}]},{"id":"f","domainType":"EVENT"}],"dataElementGroups":[{"id":"g","dataElements":[{"id":"f"}]}],
		"organisationUnits":[{"id":"u","path":"/u","level":1},{"id":"v","path":"/u/v","level":3},{"id":"w","hierarchyLevel":2,"parent":{"id":"u"}},{"id":"x","path":"/u/x","level":"deep"}],
		"options":[{"id":"o","code":"O"}]}`
	var found []string
	md, err := reading(&found).Read(strings.NewReader(in))
	require.NoError(t, err)
	require.Equal(t, []hmis.Constant{{ID: "c", Value: decimal.New(3, 0)}}, md.Constants)
	require.Contains(t, md.Properties, hmis.Property{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "x"}, Name: "level", Value: `"deep"`})
	require.Equal(t, []string{
		`info hmis: type_skipped: users: 2 objects are skipped`,
		`warning hmis: value_unreadable: dataSet s: periodType: period: "TwoYearly": want a period type such as "Monthly" at offset 0`,
		`warning hmis: value_unreadable: dataElement f: domainType: "EVENT": want AGGREGATE or TRACKER`,
		`warning hmis: value_unreadable: organisationUnit x: level: want a whole number of 32 bits, got text "deep"`,
		`warning hmis: membership_one_sided: dataElement e: dataElementGroups: dataElementGroup g does not list it; both are taken`,
		`warning hmis: option_without_set: option o: optionSet: none; the option is left out`,
		`severe hmis: orgunits_level_mismatch: organisationUnit v: level: 3: the path has 2 ids`,
		`reject constant c: hmis: merge_conflict: constant c: Value: 3 is kept, 4 is left out`,
	}, found)
}

// With Reject, only the entry that does not fit is left out
// (RULES.md#metadata).
func TestMetadataReject(t *testing.T) {
	in := `{"pager":{"page":1,"pageCount":2},"dataElements":[5,{"id":" x"},{"code":"BCG","name":"BCG"},{"id":"e","name":{},"aggregationLevels":[1,"deep",3],"zeroIsSignificant":"perhaps"}],
		"organisationUnits":[{"id":"u","openingDate":"yesterday","closedDate":"2024-01-31"},{"id":"v","parent":{"code":"nowhere"}},{"id":"w","parent":{}}],
		"categories":[{"id":"c","categoryOptions":[{"id":"o"},{},null,{"code":"P"},{"id":" p"}]}],"categoryOptions":[{"id":"p","code":"P"}],
		"dataSets":[{"id":"s","dataSetElements":[{"dataElement":{"id":"a"},"categoryCombo":{"id":"k"}},{"dataElement":{"code":"BCG"},"categoryCombo":{}},{"dataElement":{"id":"b"}}],
			"dataInputPeriods":[{"period":{"id":"x"}},{"period":{"id":"202401"}}]}],"constants":[{"id":"c","value":"much"}]}`
	var found []string
	md, err := reading(&found).Read(strings.NewReader(in))
	require.NoError(t, err)
	require.Equal(t, hmis.DataElement{ID: md.DataElements[0].ID, Code: "BCG", Name: "BCG"}, md.DataElements[0])
	_, err = hmis.ParseUID(string(md.DataElements[0].ID))
	require.NoError(t, err)
	require.Equal(t, hmis.DataElement{ID: "e", Levels: []int{1, 3}}, md.DataElements[1])
	require.Equal(t, []hmis.OrgUnit{{ID: "u", Closed: period.DateOf(2024, 1, 31)}, {ID: "v", Parent: "nowhere"}, {ID: "w"}}, md.OrgUnits)
	require.Equal(t, []hmis.UID{"o", "p"}, md.Categories[0].Options)
	require.Equal(t, []hmis.DataSetElement{{DataElement: "a", CategoryCombo: "k"}, {DataElement: "b"}}, md.DataSets[0].Elements)
	require.Len(t, md.DataSets[0].InputPeriods, 1)
	require.Contains(t, md.Properties, hmis.Property{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "u"}, Name: "openingDate", Value: `"yesterday"`})
	require.Equal(t, []string{
		`reject : dhis2: offset 1: pager: page 1 of 2: want all pages in one`,
		`reject : dhis2: offset 50: dataElements[0]: want an object, got a number 5`,
		`reject : dhis2: offset 52: dataElements[1]: id: " x": want no blanks around it`,
		`warning hmis: id_missing: dataElement ` + string(md.DataElements[0].ID) + `: id: none; this one is made up`,
		`reject dataElement e: dhis2: offset 109: dataElement e: name: want text, got an object`,
		`reject dataElement e: dhis2: offset 92: dataElement e: aggregationLevels: entry 1: want a whole number of 32 bits, got text "deep"`,
		`reject dataElement e: dhis2: offset 165: dataElement e: zeroIsSignificant: want true or false, got text "perhaps"`,
		`reject organisationUnit u: dhis2: offset 225: organisationUnit u: openingDate: "yesterday": want a year of four digits at offset 0`,
		`reject organisationUnit w: dhis2: offset 322: organisationUnit w: parent: want a reference with an id or a code`,
		`reject category c: dhis2: offset 344: category c: categoryOptions: entry 1: want a reference with an id or a code`,
		`warning hmis: entry_null: category c: categoryOptions[2]: null is skipped`,
		`reject category c: dhis2: offset 344: category c: categoryOptions: entry 4: " p": want no blanks around it`,
		`reject dataSet s: dhis2: offset 477: dataSet s: dataSetElements: entry 1: want a reference with an id or a code`,
		`reject dataSet s: dhis2: offset 477: dataSet s: dataInputPeriods: entry 0: period: "x": want a year of four digits at offset 0`,
		`reject constant c: dhis2: offset 745: constant c: value: want a number of reasonable size, got text "much"`,
		`reject organisationUnit v: dhis2: offset 264: organisationUnit v: reference by code: hmis: organisationUnit: no object with the code "nowhere"`,
	}, found)
}

func TestWriteMetadataErrors(t *testing.T) {
	err := dhis2.WriteMetadata(&bytes.Buffer{}, hmis.Metadata{DataSets: []hmis.DataSet{{ID: "s", Sections: []hmis.Section{{Name: "x"}}}}})
	require.EqualError(t, err, "dhis2: section 0: want an id")
}

// A property that is no JSON is written as text.
func TestWriteProperty(t *testing.T) {
	var b strings.Builder
	require.NoError(t, dhis2.WriteMetadata(&b, hmis.Metadata{
		Constants:  []hmis.Constant{{ID: "c", Value: decimal.New(15, -1)}},
		Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindConstant, ID: "c"}, Name: "url", Value: "https://x"}},
	}))
	require.Equal(t, "{\n\"constants\":[\n{\"id\":\"c\",\"value\":1.5,\"url\":\"https://x\"}\n]\n}\n", b.String())
}
