package dhis2_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

// A jsonPackage is a metadata file as encoding/json reads it: lists of objects.
type jsonPackage map[string][]map[string]any

func parsePackage(t *testing.T, text []byte) jsonPackage {
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &raw))
	p := jsonPackage{}
	for name, list := range raw {
		var objects []map[string]any
		d := json.NewDecoder(bytes.NewReader(list))
		d.UseNumber()
		if list[0] == '[' && d.Decode(&objects) == nil {
			p[name] = objects
		}
	}
	return p
}

// ofNoUse lists the members that are dropped (RULES.md#metadata).
var ofNoUse = strings.Fields(`sharing publicAccess externalAccess userAccesses userGroupAccesses user createdBy
	lastUpdatedBy access favorite favorites interpretations href style subscribed subscribers dimensionItem
	dimensionItemType explodedNumerator explodedDenominator optionSetValue`)

// otherSide maps a member to the list that owns the same membership, as kind of
// object and member (RULES.md#memberships).
var otherSide = map[string][2]string{
	"organisationUnits.children":               {"organisationUnits", "parent"},
	"organisationUnits.organisationUnitGroups": {"organisationUnitGroups", "organisationUnits"},
	"organisationUnits.dataSets":               {"dataSets", "organisationUnits"},
	"dataElements.dataElementGroups":           {"dataElementGroups", "dataElements"},
	"dataElements.dataSetElements":             {"dataSets", "dataSetElements"},
	"categories.categoryCombos":                {"categoryCombos", "categories"},
	"categoryOptions.categories":               {"categories", "categoryOptions"},
	"categoryOptions.categoryOptionGroups":     {"categoryOptionGroups", "categoryOptions"},
	"categoryOptions.categoryOptionCombos":     {"categoryOptionCombos", "categoryOptions"},
	"categoryCombos.categoryOptionCombos":      {"categoryOptionCombos", "categoryCombo"},
	"indicators.indicatorGroups":               {"indicatorGroups", "indicators"},
	"indicators.dataSets":                      {"dataSets", "indicators"},
	"validationRules.validationRuleGroups":     {"validationRuleGroups", "validationRules"},
	"predictors.predictorGroups":               {"predictorGroups", "predictors"},
	"organisationUnitGroups.groupSets":         {"organisationUnitGroupSets", "organisationUnitGroups"},
	"dataElementGroups.groupSets":              {"dataElementGroupSets", "dataElementGroups"},
	"indicatorGroups.groupSets":                {"indicatorGroupSets", "indicatorGroups"},
	"categoryOptionGroups.groupSets":           {"categoryOptionGroupSets", "categoryOptionGroups"},
}

// entries has the lists whose entries are no references, with the member that
// identifies an entry.
var entries = map[string][]string{
	"dataSetElements":               {"dataElement", "dataSet", "categoryCombo"},
	"compulsoryDataElementOperands": {"dataElement", "categoryOptionCombo"},
	"greyedFields":                  {"dataElement", "categoryOptionCombo"},
	"attributeValues":               {"attribute", "value"},
}

// essence reduces a value to its meaning: a reference to its id, and a time to
// its day.
func essence(member string, v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = essence(member, v[i])
		}
		return out
	case json.Number:
		return json.Number(strings.TrimSuffix(string(v), ".0"))
	case map[string]any:
		// Entries of some lists have an id and a name of their own in some
		// files. The member that entries names says what they are about.
		about, entry := entries[member]
		if id, ok := v["id"].(string); ok && !entry {
			return id
		}
		out := map[string]any{}
		for k, inner := range v {
			if entry && !slices.Contains(about, k) {
				continue
			}
			if e := essence(k, inner); !says0(k, e) {
				out[k] = e
			}
		}
		return out
	case string:
		switch member {
		case "openingDate", "closedDate", "closingDate", "startDate", "endDate":
			return v[:min(10, len(v))]
		case "property": // in old files, in camel case, for translations
			return strings.ToUpper(strings.ReplaceAll(v, "_", ""))
		}
	}
	return v
}

// says0 reports whether a value means the same as an absent member.
func says0(member string, v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return v == (member == "dataDimension")
	case string:
		return v == "" || member == "openingDate" && v == "1970-01-01"
	case json.Number:
		return v == "0"
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// contains reports whether a value is this text or contains it somewhere.
func contains(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return v == text
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return contains(e, text) })
	case map[string]any:
		for _, e := range v {
			if contains(e, text) {
				return true
			}
		}
	}
	return false
}

// lost returns the members of objects that the package in has and out lacks.
func lost(in, out jsonPackage) (missing []string, members int) {
	byID := map[string]map[string]any{}
	for list, objects := range out {
		for _, o := range objects {
			byID[list+" "+o["id"].(string)] = o
		}
	}
	for list, objects := range in {
		if out[list] == nil {
			continue // not needed here, or counted in other lists
		}
		for _, o := range objects {
			id := o["id"].(string)
			got := byID[list+" "+id]
			for member, v := range o {
				want := essence(member, v)
				if says0(member, want) || slices.Contains(ofNoUse, member) || strings.HasPrefix(member, "display") {
					continue
				}
				if list == "organisationUnits" && slices.Contains([]string{"level", "hierarchyLevel", "leaf", "ancestors"}, member) {
					continue // it follows from the path
				}
				if (list == "sections" || list == "options") && member == "sortOrder" {
					continue // written in the order of the owner
				}
				members++
				if reflect.DeepEqual(want, essence(member, got[member])) {
					continue
				}
				if owner, ok := otherSide[list+"."+member]; ok && ownedBy(byID, owner, id, want, got[member]) {
					continue
				}
				missing = append(missing, fmt.Sprintf("%s %s: %s: %.200v, written %.200v", list, id, member, want, got[member]))
			}
		}
	}
	slices.Sort(missing)
	return missing, members
}

// ownedBy reports whether each owner that a member names also names the member.
// If an owner is not in the package, the member must still name it.
func ownedBy(byID map[string]map[string]any, owner [2]string, id string, want, got any) bool {
	for _, o := range want.([]any) {
		ownerID, ok := o.(string)
		if !ok {
			ownerID, _ = o.(map[string]any)["dataSet"].(string)
		}
		object, known := byID[owner[0]+" "+ownerID]
		if known && !contains(essence("", object[owner[1]]), id) || !known && !contains(essence("", got), ownerID) {
			return false
		}
	}
	return true
}

// Reading and writing lose nothing: all that a server wrote about an object is
// written again, according to encoding/json.
func TestRealMetadataLosesNothing(t *testing.T) {
	for _, name := range metadataFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text := testfile.Read(t, name)
			md, err := dhis2.ReadMetadata(bytes.NewReader(text))
			require.NoError(t, err)
			var written bytes.Buffer
			require.NoError(t, dhis2.WriteMetadata(&written, md))
			missing, members := lost(parsePackage(t, text), parsePackage(t, written.Bytes()))
			for _, m := range missing[:min(20, len(missing))] {
				t.Error(m)
			}
			t.Logf("%s: %d passed, %d failed", filepath.Base(name), members-len(missing), len(missing))
			require.Positive(t, members)
		})
	}
}

// everyMember has each member that a server writes, for each type of object,
// with a value that is not its default.
const everyMember = `{
"organisationUnits":[
 {"id":"ou1","name":"Root","shortName":"R","code":"C","openingDate":"1990-01-02T00:00:00.000","comment":"c","description":"d","url":"u","contactPerson":"p","address":"a","email":"e","phoneNumber":"t","image":{"id":"i"},
  "created":"2010-01-01T00:00:00.000","lastUpdated":"2011-01-01T00:00:00.000","attributeValues":[{"attribute":{"id":"at"},"value":"v"}],"translations":[{"locale":"fr","property":"NAME","value":"Racine"}]},
 {"id":"ou2","name":"Leaf","parent":{"id":"ou1"},"path":"/ou1/ou2","closedDate":"2020-12-31T00:00:00.000","openingDate":"1990-01-02","geometry":{"type":"Point","coordinates":[1,2]},"programs":[{"id":"pr"}],"users":[{"id":"us"}]}],
"organisationUnitLevels":[{"id":"l1","name":"Country","level":1,"offlineLevels":3}],
"organisationUnitGroups":[{"id":"og","name":"G","shortName":"G","symbol":"12.png","color":"#ff0000","organisationUnits":[{"id":"ou2"}],"geometry":{"type":"Point","coordinates":[1,2]},"featureType":"POINT"}],
"organisationUnitGroupSets":[{"id":"os","name":"S","shortName":"S","organisationUnitGroups":[{"id":"og"}],"compulsory":true,"dataDimension":false,"includeSubhierarchyInAnalytics":true}],
"dataElements":[{"id":"de","name":"E","shortName":"E","formName":"F","description":"d","domainType":"TRACKER","valueType":"INTEGER","aggregationType":"LAST","categoryCombo":{"id":"cc"},"aggregationLevels":[3,2],
 "zeroIsSignificant":true,"optionSet":{"id":"op"},"commentOptionSet":{"id":"op"},"legendSets":[{"id":"le"}],"url":"u","fieldMask":"m","dataSetElements":[{"dataElement":{"id":"de"},"dataSet":{"id":"elsewhere"},"categoryCombo":{"id":"cc"}}]}],
"dataElementGroups":[{"id":"dg","name":"G","shortName":"G","dataElements":[{"id":"de"}]}],
"dataElementGroupSets":[{"id":"dh","name":"S","dataElementGroups":[{"id":"dg"}],"compulsory":true,"dataDimension":false}],
"categoryOptions":[{"id":"co","name":"O","shortName":"O","code":"C","formName":"F","startDate":"2020-01-01T00:00:00.000","endDate":"2021-01-01T00:00:00.000","organisationUnits":[{"id":"ou2"}]}],
"categories":[{"id":"ca","name":"C","shortName":"C","dataDimensionType":"ATTRIBUTE","dataDimension":false,"categoryOptions":[{"id":"co"}]}],
"categoryCombos":[{"id":"cc","name":"C","dataDimensionType":"ATTRIBUTE","skipTotal":true,"categories":[{"id":"ca"}]}],
"categoryOptionCombos":[{"id":"oc","name":"O","code":"C","categoryCombo":{"id":"cc"},"categoryOptions":[{"id":"co"}],"ignoreApproval":true}],
"categoryOptionGroups":[{"id":"cg","name":"G","shortName":"G","dataDimensionType":"ATTRIBUTE","categoryOptions":[{"id":"co"}]}],
"categoryOptionGroupSets":[{"id":"ch","name":"S","dataDimensionType":"ATTRIBUTE","dataDimension":false,"categoryOptionGroups":[{"id":"cg"}]}],
"dataSets":[{"id":"ds","name":"D","shortName":"D","periodType":"FinancialApril","dataSetElements":[{"dataElement":{"id":"de"},"dataSet":{"id":"ds"},"categoryCombo":{"id":"cc"}}],"categoryCombo":{"id":"cc"},
 "organisationUnits":[{"id":"ou2"}],"indicators":[{"id":"in"}],"sections":[{"id":"se"}],"compulsoryDataElementOperands":[{"dataElement":{"id":"de"},"categoryOptionCombo":{"id":"oc"}}],"compulsoryFieldsCompleteOnly":true,
 "fieldCombinationRequired":true,"validCompleteOnly":true,"noValueRequiresComment":true,"timelyDays":15.5,"expiryDays":-1,"openFuturePeriods":2,"openPeriodsAfterCoEndDate":3,
 "dataInputPeriods":[{"period":{"id":"202401"},"openingDate":"2024-02-01T00:00:00.000","closingDate":"2024-03-01T00:00:00.000"}],"formType":"SECTION","workflow":{"id":"wf"},"version":7,"dataEntryForm":{"id":"ef"}}],
"sections":[{"id":"se","name":"S","code":"C","dataSet":{"id":"ds"},"dataElements":[{"id":"de"}],"indicators":[{"id":"in"}],"greyedFields":[{"dataElement":{"id":"de"},"categoryOptionCombo":{"id":"oc"}}],"sortOrder":1,
 "showRowTotals":true,"showColumnTotals":true,"disableDataElementAutoGroup":true}],
"indicators":[{"id":"in","name":"I","shortName":"I","numerator":"#{de}","numeratorDescription":"n","denominator":"1","denominatorDescription":"d","annualized":true,"decimals":3,"indicatorType":{"id":"it"},
 "aggregateExportCategoryOptionCombo":"X","aggregateExportAttributeOptionCombo":"Y","description":"d","url":"u","legendSets":[{"id":"le"}]}],
"indicatorTypes":[{"id":"it","name":"T","factor":100,"number":true}],
"indicatorGroups":[{"id":"ig","name":"G","indicators":[{"id":"in"}]}],
"indicatorGroupSets":[{"id":"ih","name":"S","indicatorGroups":[{"id":"ig"}],"compulsory":true}],
"validationRules":[{"id":"vr","name":"V","description":"d","instruction":"i","importance":"HIGH","operator":"not_equal_to","periodType":"Weekly","organisationUnitLevels":[4,5],"skipFormValidation":true,
 "leftSide":{"expression":"#{de}","description":"l","missingValueStrategy":"NEVER_SKIP","slidingWindow":true},"rightSide":{"expression":"1","description":"r","missingValueStrategy":"SKIP_IF_ANY_VALUE_MISSING","slidingWindow":true}}],
"validationRuleGroups":[{"id":"vg","name":"G","validationRules":[{"id":"vr"}]}],
"predictors":[{"id":"pd","name":"P","description":"d","generator":{"expression":"1","description":"g","missingValueStrategy":"NEVER_SKIP","slidingWindow":true},"sampleSkipTest":{"expression":"2","description":"s"},
 "output":{"id":"de"},"outputCombo":{"id":"oc"},"periodType":"Monthly","sequentialSampleCount":4,"sequentialSkipCount":1,"annualSampleCount":2,"organisationUnitLevels":[{"id":"l1"}],"organisationUnitDescendants":"DESCENDANTS"}],
"predictorGroups":[{"id":"pg","name":"G","predictors":[{"id":"pd"}]}],
"constants":[{"id":"cn","name":"C","shortName":"C","value":3.14}],
"attributes":[{"id":"at","name":"A","valueType":"TEXT","unique":true,"mandatory":true,"organisationUnitAttribute":true,"dataElementAttribute":true,"userAttribute":true}],
"optionSets":[{"id":"op","name":"O","valueType":"TEXT","version":3,"options":[{"id":"o2"},{"id":"o1"}]}],
"options":[{"id":"o1","code":"1","name":"One","sortOrder":2,"optionSet":{"id":"op"},"color":"#fff"},{"id":"o2","code":"2","name":"Two","sortOrder":1,"optionSet":{"id":"op"}}],
"dataEntryForms":[{"id":"ef","name":"F","htmlCode":"<b>","format":2}],
"legendSets":[{"id":"le","name":"L","legends":[{"name":"low","startValue":0,"endValue":50}]}]
}`

func TestEveryMemberIsKept(t *testing.T) {
	md, err := dhis2.ReadMetadata(strings.NewReader(everyMember))
	require.NoError(t, err)
	var written bytes.Buffer
	require.NoError(t, dhis2.WriteMetadata(&written, md))
	in := parsePackage(t, []byte(everyMember))
	missing, members := lost(in, parsePackage(t, written.Bytes()))
	require.Empty(t, missing)
	t.Logf("%d members of %d types", members, len(in))
	_, err = hmis.NewCatalog(md)
	require.NoError(t, err)
}
