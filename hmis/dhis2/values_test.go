package dhis2_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Each row is a data value set in JSON and its values
// (RULES.md#data-value-sets, RULES.md#texts-and-numbers,
// RULES.md#unknown-names, RULES.md#deletions).
func TestReadJSON(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"an empty export", `{}`, ``},
		{"an empty export with a list", ` { "dataValues" : [ ] } `, ``},
		{"no list", `{"dataValues":null}`, ``},
		{"a row", `{"dataValues":[{"dataElement":"a","period":"202401","orgUnit":"u","value":"5"}]}`, `a/u/202401=5`},
		{"all members, exported", `{"dataValues":[{"dataElement":"a","period":"202401","orgUnit":"u","categoryOptionCombo":"c",
			"attributeOptionCombo":"d","value":"5","storedBy":"bo","created":"2024-02-01T10:11:12.345+0000",
			"lastUpdated":"2024-02-02T00:00:00.000+0000","comment":"so \"it\" is\n","followup":true,"deleted":true}]}`,
			`a/u/202401/c/d=5 "so \"it\" is\n" by bo created 2024-02-01T10:11:12.345Z updated 2024-02-02T00:00:00Z followup deleted`},
		{"followUp as imported", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5","followUp":"true"}]}`, `a/u/2024=5 followup`},
		{"numbers and truth values as text", `{"dataValues":[
			{"dataElement":"a","period":"2024","orgUnit":"u","value":5.50},{"dataElement":"a","period":"2023","orgUnit":"u","value":true},
			{"dataElement":"a","period":"2022","orgUnit":"u","value":1e3},{"dataElement":"a","period":"2021","orgUnit":"u","value":null}]}`,
			"a/u/2024=5.50\na/u/2023=true\na/u/2022=1e3\na/u/2021="},
		{"text is kept as it is", `{"dataValues":[
			{"dataElement":"a","period":"2024","orgUnit":"u","value":"007"},{"dataElement":"a","period":"2023","orgUnit":"u","value":"-0"},
			{"dataElement":"a","period":"2022","orgUnit":"u","value":"1\u00a0796"},{"dataElement":"a","period":"2021","orgUnit":"u","value":"12.0 "},
			{"dataElement":"a","period":"2020","orgUnit":"u","value":"12345678901234567890"},{"dataElement":"a","period":"2019","orgUnit":"u","value":"-0.50"}]}`,
			"a/u/2024=007\na/u/2023=-0\na/u/2022=1\u00a0796\na/u/2021=12.0 \na/u/2020=12345678901234567890\na/u/2019=-0.50"},
		{"numbers and truth values wherever text is", `{"dataSet":1,"orgUnit":2,"dataValues":[{"dataElement":3,"period":202401,"categoryOptionCombo":4,"attributeOptionCombo":true,"storedBy":5,"value":6}]}`,
			"3/2/202401/4/true=6 by 5"},
		{"defaults before", `{"period":"2024","orgUnit":"u","attributeOptionCombo":"d","dataValues":[{"dataElement":"a","value":"1"},
			{"dataElement":"b","period":"2023","orgUnit":"v","attributeOptionCombo":"e","value":"2"}]}`, "a/u/2024//d=1\nb/v/2023//e=2"},
		{"defaults behind", `{"dataValues":[{"dataElement":"b","period":"2023","orgUnit":"v","value":"2"},{"dataElement":"a","value":"1"}],
			"period":"2024","orgUnit":"u","attributeOptionCombo":"d"}`, "b/v/2023//d=2\na/u/2024//d=1"},
		{"a set-level period in ADX notation", `{"period":"2024-01-01/P1M","dataValues":[{"dataElement":"a","orgUnit":"u","value":"1"}]}`, "a/u/202401=1"},
		{"empty text is absent", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","categoryOptionCombo":"","value":""}]}`, `a/u/2024=`},
		{"times of all forms", `{"dataValues":[
			{"dataElement":"a","period":"2024","orgUnit":"u","value":"1","created":"2024-01-31","lastUpdated":"2024-01-31T10"},
			{"dataElement":"a","period":"2023","orgUnit":"u","value":"1","created":"2024-01-31T10:20:30.123456+02:00","lastUpdated":"1970-01-01T00:00:00.000+0000"}]}`,
			"a/u/2024=1 created 2024-01-31T00:00:00Z updated 2024-01-31T10:00:00Z\na/u/2023=1 created 2024-01-31T08:20:30.123456Z updated 1970-01-01T00:00:00Z"},
		{"a byte order mark", "\xef\xbb\xbf{\"dataValues\":[{\"dataElement\":\"a\",\"period\":\"2024\",\"orgUnit\":\"u\",\"value\":\"5\"}]}", `a/u/2024=5`},
		{"gzip", gzipped(t, `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"}]}`), `a/u/2024=5`},
		{"deletion", `{"deletion":{"orgUnits":["u","v"],"periods":["2024"],"elements":[{"dataElement":"a"},{"dataElement":"b","categoryOptionCombo":"c"}]},
			"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"}]}`,
			"a/u/2024= deleted\na/v/2024= deleted\nb/u/2024/c= deleted\nb/v/2024/c= deleted\na/u/2024=5"},
		{"deletion of nothing", `{"deletion":{"orgUnits":[],"periods":["2024"],"elements":[{"dataElement":"a"}]}}`, ``},

		{"nothing", ``, `error: dhis2: offset 0: unexpected EOF: want '{'`},
		{"an array", `[]`, `error: dhis2: offset 0: "[": want '{'`},
		{"truncated between rows", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"},`,
			"a/u/2024=5\nerror: dhis2: offset 77: value 1: unexpected end of the data values"},
		{"truncated in a row", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"},{"dataElement":"b","per`,
			"a/u/2024=5\nerror: dhis2: offset 100: value 1: unexpected end of the data values"},
		{"truncated behind the rows", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"}]`,
			"a/u/2024=5\nerror: dhis2: offset 77: unexpected EOF: want a comma or '}'"},
		{"text behind the end", `{"dataValues":[]} x`, `error: dhis2: offset 18: "x": want the end`},
		{"XML", `<dataValueSet/>`, `error: dhis2: offset 0: XML: want data values in JSON`},
		{"CSV", "dataelement,period\na,2024\n", `error: dhis2: offset 0: "dataelement,period": want data values in JSON`},
		{"a missing comma", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"} {}]}`,
			`error: dhis2: offset 77: value 0: "{": want a comma or ']'`},
		{"a trailing comma", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"},]}`,
			"a/u/2024=5\nerror: dhis2: offset 77: value 1: \"]\": want a data value in braces"},
		{"a control character", "{\"dataValues\":[{\"dataElement\":\"a\nb\"}]}", `error: dhis2: offset 32: value 0: "\n": want no control character in a string`},
		{"a bad escape", `{"dataValues":[{"dataElement":"a\x"}]}`, `error: dhis2: offset 33: value 0: "x": want an escape such as \n`},
		{"a row that is no object", `{"dataValues":[5]}`, `error: dhis2: offset 15: value 0: "5": want a data value in braces`},
		{"an object in place of text", `{"dataValues":[{"dataElement":{"id":"a"},"period":"2024","orgUnit":"u","value":"5"}]}`,
			`error: dhis2: offset 15: value 0: dataElement: want text, got an object`},
		{"no data element", `{"dataValues":[{"period":"2024","orgUnit":"u","value":"5"}]}`, `error: dhis2: offset 15: value 0: dataElement: want one in every value`},
		{"no org unit", `{"dataValues":[{"dataElement":"a","period":"2024","value":"5"}]}`,
			`error: dhis2: offset 15: value 0: orgUnit: want one in every value, or one for all`},
		{"no such period", `{"dataValues":[{"dataElement":"a","period":"2024Q5","orgUnit":"u","value":"5"}]}`,
			`error: dhis2: offset 15: value 0: period: "2024Q5": want quarter 1 to 4 at offset 5`},
		{"blanks around an id", `{"dataValues":[{"dataElement":" a","period":"2024","orgUnit":"u","value":"5"}]}`,
			`error: dhis2: offset 15: value 0: dataElement: " a": want no blanks around it`},
		{"a member twice", `{"dataValues":[{"dataElement":"a","dataElement":"b","period":"2024","orgUnit":"u","value":"5"}]}`,
			`error: dhis2: offset 15: value 0: dataElement: want it once in each value`},
		{"followup that is neither", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5","followup":"maybe"}]}`,
			`error: dhis2: offset 15: value 0: followUp: "maybe": want true or false`},
		{"no such day", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5","created":"2023-02-29T00:00:00.000+0000"}]}`,
			`error: dhis2: offset 15: value 0: created: "2023-02-29T00:00:00.000+0000": want a day of the calendar at offset 5`},
		{"Latin-1", "{\"dataValues\":[{\"dataElement\":\"a\",\"period\":\"2024\",\"orgUnit\":\"u\",\"value\":\"5\",\"comment\":\"caf\xe9\"}]}",
			`error: dhis2: offset 15: value 0: comment: want UTF-8`},
		{"UTF-16", "\xff\xfe{\x00}\x00", `error: dhis2: offset 0: the text is UTF-16 or UTF-32: want UTF-8`},
		{"UTF-16 without a mark", "{\x00}\x00", `error: dhis2: offset 0: the text is UTF-16 or UTF-32: want UTF-8`},
		{"zip", "PK\x03\x04....", `error: dhis2: offset 0: zip: not a valid zip file`},
		{"nested too deep", `{"x":` + strings.Repeat("[", 200) + `}`, `error: dhis2: offset 69: want at most 64 levels of nesting`},
		{"nested too deep in a row", `{"dataValues":[{"x":` + strings.Repeat("[", 200), `error: dhis2: offset 84: value 0: want at most 64 levels of nesting`},
		{"codes without a catalog", `{"idScheme":"CODE","dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"}]}`,
			`error: dhis2: id scheme CODE: want a Format with a Catalog`},
		{"no such scheme", `{"idScheme":"UUID","dataValues":[]}`, `error: dhis2: offset 12: idScheme: "UUID": want UID, CODE, NAME or ATTRIBUTE: and a UID`},
		{"the rows twice", `{"dataValues":[],"dataValues":[]}`, `error: dhis2: offset 17: dataValues: want it once`},
		{"deletion too late", `{"dataValues":[],"deletion":{}}`, `error: dhis2: offset 28: deletion: want it before dataValues`},
		{"deletion of the world", `{"deletion":{"orgUnits":[` + strings.Repeat(`"u",`, 4000) + `"u"],"periods":[` + strings.Repeat(`"2024",`, 4000) + `"2024"],"elements":[{"dataElement":"a"}]}}`,
			`error: dhis2: offset 12: deletion: want at most 10000000 values, got 16008001`},
		{"an unknown member of a value", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"},{"attributeoptioncombo" : "d","dataElement":"a","period":"2024","orgUnit":"u","value":"6"}]}`,
			"a/u/2024=5\nerror: dhis2: offset 77: value 1: unknown member \"attributeoptioncombo\""},
		{"an unknown member of all values", `{"orgunit":"u","dataValues":[{"dataElement":"a","period":"2024","value":"5"}]}`, `error: dhis2: offset 1: unknown member "orgunit": want a data value set`},
		{"an unknown member behind the values", `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"5"}],"attributeoptioncombo":"d"}`,
			"a/u/2024=5\nerror: dhis2: offset 78: unknown member \"attributeoptioncombo\": want a data value set"},
		{"a misspelt list", `{"datavalues":[{"dataElement":"a"}]}`, `error: dhis2: offset 0: unknown members "datavalues": want a data value set`},
		{"a misspelt list beside a data set", `{"dataSet":"s","datavalues":[{"dataElement":"a"}]}`, `error: dhis2: offset 15: unknown member "datavalues": want a data value set`},
		{"the answer of a server", `{"httpStatus":"Unauthorized","httpStatusCode":401,"status":"ERROR","message":"Unauthorized"}`,
			`error: dhis2: offset 0: the answer of a server, ERROR 401: "Unauthorized": want a data value set`},
		{"GeoJSON", `{"type":"FeatureCollection","features":[{"type":"Feature"}]}`, `error: dhis2: offset 0: GeoJSON: want a data value set`},
		{"many unknown members", `{` + strings.TrimPrefix(memberList(20), ",") + `}`, `error: dhis2: offset 0: unknown members "member0", "member1", "member2", "member3", "member4", "member5", "member6", ` +
			`"member7", "member8", "member9", "member10", "member11", "member12", "member13", "member14", "member15" and 4 more: want a data value set`},
		{"an unknown member of a deletion", `{"deletion":{"orgUnit":["u"],"periods":["2024"],"elements":[{"dataElement":"a"}]}}`, `error: dhis2: offset 12: deletion: unknown member "orgUnit"`},
		{"an unknown member of a deleted element", `{"deletion":{"orgUnits":["u"],"periods":["2024"],"elements":[{"dataElement":"a","aoc":"d"}]}}`, `error: dhis2: offset 12: deletion: unknown member "aoc"`},
		{"metadata", `{"dataElements":[]}`, `error: dhis2: offset 1: dataElements: want a data value set, not metadata or completions`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lines(dhis2.ReadValues(strings.NewReader(tt.in)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, lines(dhis2.ReadValues(iotest.OneByteReader(strings.NewReader(tt.in))))); diff != "" {
				t.Errorf("byte by byte: -want +got:\n%s", diff)
			}
		})
	}
}

// Each row is a file with schemes or options by category, and its values
// (RULES.md#options-by-category).
func TestReadJSONSchemes(t *testing.T) {
	c := country(t)
	tests := []struct{ name, in, want string }{
		{"codes", `{"idScheme":"code","dataValues":[{"dataElement":"MAL","period":"202401","orgUnit":"OU_BO","categoryOptionCombo":"F","attributeOptionCombo":"PA","value":"5"}]}`,
			"deMalaria01/ouBo0000001/202401/cocFemale01/aocProjectA=5"},
		{"the specific scheme first", `{"idScheme":"CODE","orgUnitIdScheme":"UID","dataValues":[{"dataElement":"MAL","period":"202401","orgUnit":"ouBo0000001","value":"5"}]}`,
			"deMalaria01/ouBo0000001/202401=5"},
		{"names", `{"dataElementIdScheme":"NAME","dataValues":[{"dataElement":"Malaria cases","period":"202401","orgUnit":"ouBo0000001","value":"5"}]}`,
			"deMalaria01/ouBo0000001/202401=5"},
		{"an attribute", `{"dataElementIdScheme":"ATTRIBUTE:attrFunder1","dataValues":[{"dataElement":"F-17","period":"202401","orgUnit":"ouBo0000001","value":"5"}]}`,
			"deBcgDoses1/ouBo0000001/202401=5"},
		{"schemes behind a few rows", `{"dataValues":[{"dataElement":"MAL","period":"202401","orgUnit":"OU_BO","attributeOptionCombo":"PA","value":"5"}],"idScheme":"CODE"}`,
			"deMalaria01/ouBo0000001/202401//aocProjectA=5"},
		{"options by category", `{"dataSet":"dsMalaria01","attributeOptionCombo":{"catProject1":"optProjectA"},"dataValues":[
			{"dataElement":"deMalaria01","period":"202401","orgUnit":"ouBo0000001","categoryOptionCombo":{"catSex00001":"optMale0001"},"value":"5"}]}`,
			"deMalaria01/ouBo0000001/202401/cocMale0001/aocProjectA=5"},
		{"options by category in codes", `{"categoryIdScheme":"CODE","categoryOptionIdScheme":"CODE","dataValues":[
			{"dataElement":"deMalaria01","period":"202401","orgUnit":"ouBo0000001","categoryOptionCombo":{"SEX":"F"},"value":"5"}]}`,
			"deMalaria01/ouBo0000001/202401/cocFemale01=5"},

		{"an unknown code", `{"idScheme":"CODE","dataValues":[{"dataElement":"NONE","period":"202401","orgUnit":"OU_BO","value":"5"}]}`,
			`error: dhis2: offset 33: value 0: dataElement: no object with the code "NONE"`},
		{"an ambiguous code", `{"idScheme":"CODE","dataValues":[{"dataElement":"DOUBLE","period":"202401","orgUnit":"OU_BO","value":"5"}]}`,
			`error: dhis2: offset 33: value 0: dataElement: code "DOUBLE" is ambiguous: 2 objects have it, such as deDouble001 and deDouble002`},
		{"an attribute that is not unique", `{"dataElementIdScheme":"ATTRIBUTE:attrRegion1","dataValues":[{"dataElement":"F-17","period":"202401","orgUnit":"ouBo0000001","value":"5"}]}`,
			`error: dhis2: offset 61: value 0: dataElement: id scheme "ATTRIBUTE:attrRegion1": want an attribute whose values are unique`},
		{"an option of another category", `{"dataValues":[{"dataElement":"deMalaria01","period":"202401","orgUnit":"u","categoryOptionCombo":{"catSex00001":"optProjectA"},"value":"5"}]}`,
			`error: dhis2: offset 15: value 0: categoryOptionCombo: category catSex00001: "optProjectA" is not one of its options`},
		{"a combo that the element does not have", `{"dataValues":[{"dataElement":"deBcgDoses1","period":"202401","orgUnit":"u","categoryOptionCombo":{"catSex00001":"optMale0001"},"value":"5"}]}`,
			`error: dhis2: offset 15: value 0: categoryOptionCombo: category combo bjDvmb4bfuf: want an option combo with the options [optMale0001]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := dhis2.Format{Catalog: c}
			if diff := cmp.Diff(tt.want, lines(f.Read(strings.NewReader(tt.in), nil))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Each row is a CSV file and its values (RULES.md#csv).
func TestReadCSV(t *testing.T) {
	tests := []struct {
		name string
		f    dhis2.Format
		in   string
		want string
	}{
		{"nothing", dhis2.Format{}, "", ""},
		{"a header that is not closed", dhis2.Format{}, "\"de,pe,ou,value\n", "error: dhis2: line 1: want a closing quote"},
		{"a header without end", dhis2.Format{}, strings.Repeat("a,", 3<<20), "error: dhis2: line 1: want at most 4 MiB in one row"},
		{"a header alone", dhis2.Format{}, "dataelement,period,orgunit,value", ""},
		{"canonical, short rows, CRLF", dhis2.Format{}, "dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted\r\n" +
			"a,202401,u,c,d,5,bo,2024-02-01T00:00:00.000+0000,,false\r\n\r\nb,202401,u,,,6\r\n",
			"a/u/202401/c/d=5 by bo updated 2024-02-01T00:00:00Z\nb/u/202401=6"},
		{"aliases", dhis2.Format{}, "DE,pe,ou,coc,acoc,val,strby,lstupd,cmt,flwup\na,2015Oct,u,c,d,5,bo,2024-02-01,\"x,\"\"y\"\"\nz\",true\n",
			"a/u/2015Oct/c/d=5 \"x,\\\"y\\\"\\nz\" by bo updated 2024-02-01T00:00:00Z followup"},
		{"another order, a column that is ignored", dhis2.Format{Ignore: []string{"REMARK"}}, "value,remark,orgUnit,dataElement,period\n5,?,u,a,2024\n", "a/u/2024=5"},
		{"headings of the analytics", dhis2.Format{}, "data_element,period,organisation_unit,category_option_combo,attribute_option_combo,value,stored_by,created,last_updated,comment,follow_up\n" +
			"a,2024,u,c,d,5,bo,2024-02-01,2024-02-02,x,false\n", "a/u/2024/c/d=5 \"x\" by bo created 2024-02-01T00:00:00Z updated 2024-02-02T00:00:00Z"},
		{"an empty column without a heading", dhis2.Format{}, "de,pe,ou,value,\na,2024,u,5,\nb,2024,u,6\n", "a/u/2024=5\nb/u/2024=6"},
		{"a column without a heading that is ignored", dhis2.Format{Ignore: []string{""}}, ",de,pe,ou,value\n0,a,2024,u,5\n", "a/u/2024=5"},
		{"a code for an org unit that looks like a year", dhis2.Format{}, "a,2024,1001,c,d,5\n", "a/1001/2024/c/d=5"},
		{"blanks around cells", dhis2.Format{}, "dataelement, period ,orgunit,value\n a , 2024,u\t, 5 \n", "a/u/2024=5"},
		{"headings that say nothing", dhis2.Format{}, "x,y,z,p,q,r\na,2024,u,c,d,5\n", "a/u/2024/c/d=5"},
		{"no header at all", dhis2.Format{}, "a,2024,u,c,d,5\nb,2024,u,c,d,6\n", "a/u/2024/c/d=5\nb/u/2024/c/d=6"},
		{"positional", dhis2.Format{Positional: true}, "dataelement,whatever\na,2024,u,,,5\n", "a/u/2024=5"},
		{"positional without headings", dhis2.Format{Positional: true}, "a,2024,u,,,5\nb,2024,u,,,6\n", "a/u/2024=5\nb/u/2024=6"},
		{"defaults of the caller", dhis2.Format{Set: dhis2.Set{Period: period.MustParse("2024"), OrgUnit: "u", AttributeCombo: "d"}},
			"de,value\na,5\nb,6\n", "a/u/2024//d=5\nb/u/2024//d=6"},
		{"only commas", dhis2.Format{}, "de,pe,ou,value\n,,,\na,2024,u,5\n\n", "a/u/2024=5"},
		{"a comma in quotes, then one that parts cells", dhis2.Format{}, "pe,ou,value,strby,de\n2024,u,5,\"x,y\",a\n2024,u,6,x,y\n", "a/u/2024=5 by x,y\ny/u/2024=6 by x"},
		{"quoted blanks, then others", dhis2.Format{}, "de,pe,ou,value,strby\na,2024,u,5,\" x\"\na,2024,u,6, x\n", "a/u/2024=5 by  x\na/u/2024=6 by x"},
		{"numbers in a row that look alike", dhis2.Format{}, "de,pe,ou,value\na,2024,u,12345678\na,2024,u,1234567\na,2024,u,012\na,2024,u,12.0\na,2024,u,0\na,2024,u,1e3\na,2024,u,-5",
			"a/u/2024=12345678\na/u/2024=1234567\na/u/2024=012\na/u/2024=12.0\na/u/2024=0\na/u/2024=1e3\na/u/2024=-5"},
		{"times in a row that look alike", dhis2.Format{}, "de,pe,ou,value,lastUpdated\na,2024,u,1,2024-02-01T00:00:00.000+0000\na,2024,u,2,2024-02-01T00:00:00.001+0000\na,2024,u,3,\na,2024,u,4,2024-02-01T00:00:00.000+0000\na,2024,u,5,2024-02-01T00:00:00.000+0000Z\n",
			"a/u/2024=1 updated 2024-02-01T00:00:00Z\na/u/2024=2 updated 2024-02-01T00:00:00.001Z\na/u/2024=3\na/u/2024=4 updated 2024-02-01T00:00:00Z\nerror: dhis2: line 6: lastUpdated: \"2024-02-01T00:00:00.000+0000Z\": want the end of the time at offset 28"},
		{"quotes and line ends", dhis2.Format{}, "de,pe,ou,value,comment\n\"a\",\"2024\",u,5,\"one\ntwo\"\r\n", `a/u/2024=5 "one\ntwo"`},
		{"no line end", dhis2.Format{}, "de,pe,ou,value\na,2024,u,\"5\"", "a/u/2024=5"},
		{"cut off in the value", dhis2.Format{}, "de,pe,ou,value,comment\na,2024,u,12", "a/u/2024=12"}, // it was 120,late, which cannot be detected
		{"cut off before the value", dhis2.Format{}, "de,pe,ou,value,comment\na,2024,u", "error: dhis2: line 2: want at least 4 cells, got 3"},
		{"a short row", dhis2.Format{}, "de,pe,ou,value,comment\na,2024,u,5\nb,2024,u\nc,2024,u,6,x\n", "a/u/2024=5\nerror: dhis2: line 3: want at least 4 cells, got 3"},
		{"a short row by place", dhis2.Format{Positional: true}, "x\na,2024,u,5\n", "error: dhis2: line 2: want at least 6 cells, got 4"},
		{"the word null", dhis2.Format{}, "de,pe,ou,value\na,2024,u,null\n", "a/u/2024=null"},
		{"a category as column", dhis2.Format{Catalog: country(t)}, "de,pe,ou,catSex00001,value\ndeMalaria01,2024,u,optFemale01,5\n",
			"deMalaria01/u/2024/cocFemale01=5"},
		{"attribute options", dhis2.Format{Catalog: country(t)}, "de,pe,ou,value,attributeCombo,attributeOptions\ndeBcgDoses1,2024,u,5,ccProject01,optProjectA\n",
			"deBcgDoses1/u/2024//aocProjectA=5"},
		{"codes", dhis2.Format{Catalog: country(t), Schemes: hmis.Schemes{Any: hmis.ByCode}}, "de,pe,ou,coc,value\nMAL,2024,OU_BO,F,5\n",
			"deMalaria01/ouBo0000001/2024/cocFemale01=5"},
		{"gzip", dhis2.Format{}, gzipped(t, "de,pe,ou,value\na,2024,u,5\n"), "a/u/2024=5"},
		{"a byte order mark", dhis2.Format{}, "\xef\xbb\xbfde,pe,ou,value\na,2024,u,5\n", "a/u/2024=5"},

		{"no such period", dhis2.Format{}, "de,pe,ou,value\na,2024,u,5\nb,\"2024\n\",u,5\n", "a/u/2024=5\nerror: dhis2: line 3: period: \"2024\\n\": want no blanks around it"},
		{"the line behind a quoted line end", dhis2.Format{}, "de,pe,ou,value\na,2024,u,\"x\ny\"\nb,99,u,5\n",
			"a/u/2024=x\ny\nerror: dhis2: line 4: period: \"99\": want a year of four digits at offset 2"},
		{"a quote that does not close", dhis2.Format{}, "de,pe,ou,value\na,2024,u,5\nb,2024,u,\"5\n", "a/u/2024=5\nerror: dhis2: line 3: want a closing quote"},
		{"a quote within", dhis2.Format{}, "de,pe,ou,value\na,2024,u,5\"\n", "error: dhis2: line 2: want no quote within a cell that does not begin with one"},
		{"text behind a quote", dhis2.Format{}, "de,pe,ou,value\na,2024,u,\"5\"6\n", `error: dhis2: line 2: "6": want a comma or the end of the line behind a quoted cell`},
		{"too many cells", dhis2.Format{}, "de,pe,ou,value\na,2024,u,5,6\n", `error: dhis2: line 2: "6": want at most 4 cells as in the header`},
		{"JSON", dhis2.Format{}, ` {"dataValues":[]}`, `error: dhis2: offset 0: JSON: want comma separated values`},
		{"XML", dhis2.Format{}, `<dataValueSet/>`, `error: dhis2: offset 0: XML: want comma separated values`},
		{"semicolons", dhis2.Format{}, "de;pe;ou;value\na;2024;u;5\n", `error: dhis2: line 1: "de;pe;ou;value": semicolons between columns: want commas`},
		{"semicolons without headings", dhis2.Format{}, "a;2024;u;c;d;5,5\n", `error: dhis2: line 1: "a;2024;u;c;d;5,5": semicolons between columns: want commas`},
		{"tabs", dhis2.Format{}, "dataElement\tperiod\torgUnit\tvalue\na\t2024\tu\t5\n", `error: dhis2: line 1: "dataElement\tperiod\torgUnit\tvalue": tabs between columns: want commas`},
		{"a misspelt heading", dhis2.Format{}, "dataelemnt,period,orgunit,categoryoptioncombo,value,storedby,timestamp\na,202401,u,c,7,1023,2024-02-03\n",
			`error: dhis2: line 1: unknown heading "dataelemnt": want a header with a column dataElement`},
		{"an unknown heading", dhis2.Format{}, "de,pe,ou,attribute_option_combo,value\na,2024,u,d,5\n", `error: dhis2: line 1: unknown heading "attribute_option_combo"`},
		{"unknown headings", dhis2.Format{}, "de,pe,ou,x,y,value\na,2024,u,d,e,5\n", `error: dhis2: line 1: unknown headings "x", "y"`},
		{"a category, and a heading that is none", dhis2.Format{Catalog: country(t)}, "de,pe,ou,catSex00001,x,value\n", `error: dhis2: line 1: unknown heading "x"`},
		{"a heading at another place", dhis2.Format{Positional: true}, "value,whatever\na,2024,u,,,5\n", `error: dhis2: line 1: "value" in column 1: want dataElement there if columns go by their place`},
		{"a heading that is one column too far", dhis2.Format{Positional: true}, "de,pe,ou,coc,value,aoc\na,2024,u,c,5,d\n", `error: dhis2: line 1: "value" in column 5: want attributeOptionCombo there if columns go by their place`},
		{"a cell without a heading", dhis2.Format{}, "de,pe,ou,value,\na,2024,u,5,x\n", `error: dhis2: line 2: "x": want a heading for column 5`},
		{"a column for each org unit", dhis2.Format{}, "periodid,periodname,periodcode,perioddescription,Clinic A,Clinic B\n202401,Jan-24,202401,,12,7\n",
			`error: dhis2: line 1: "periodid,periodname,periodcode,perioddescription,Clinic A,Clinic"...: no known heading: want dataElement, period, orgUnit, value; a sheet with a column for each org unit or data element has to be turned into rows first`},
		{"a column for each period", dhis2.Format{}, "name,2024,2023,2022,2021,2020\nBCG,1,2,3,4,5\n",
			`error: dhis2: line 1: "name,2024,2023,2022,2021,2020": no known heading: want dataElement, period, orgUnit, value; a sheet with a column for each org unit or data element has to be turned into rows first`},
		{"headings that say nothing, and nothing else", dhis2.Format{}, "x,y,z,p,q,r\n\n", `error: dhis2: line 1: "x,y,z,p,q,r": no known heading: want dataElement, period, orgUnit, value; a sheet with a column for each org unit or data element has to be turned into rows first`},
		{"no data element", dhis2.Format{}, "pe,ou,value\n2024,u,5\n", `error: dhis2: line 1: "pe,ou,value": want a header with a column dataElement`},
		{"no value", dhis2.Format{}, "de,pe,ou\na,2024,u\n", `error: dhis2: line 1: "de,pe,ou": want a header with a column value`},
		{"a column twice", dhis2.Format{}, "de,pe,ou,value,dx\na,2024,u,5,b\n", `error: dhis2: line 1: "dx": want one column of the dataElement`},
		{"Latin-1", dhis2.Format{}, "de,pe,ou,value,comment\na,2024,u,5,caf\xe9\n", `error: dhis2: line 2: comment: want UTF-8`},
		{"both at once", dhis2.Format{XML: true}, "", "error: dhis2: a Format is CSV or XML, not both"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.CSV = true
			if diff := cmp.Diff(tt.want, lines(tt.f.Read(strings.NewReader(tt.in), nil))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Each row is an XML file and its values (RULES.md#data-value-sets).
func TestReadXML(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"with a namespace", `<?xml version="1.0" encoding="UTF-8"?><dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0" dataSet="s" period="202401" orgUnit="u">
			<dataValue dataElement="a" value="5" comment="x &lt; y" followUp="true" /><dataValue dataElement="b" period="202402" orgUnit="v" categoryOptionCombo="c" value="007"></dataValue></dataValueSet>`,
			"a/u/202401=5 \"x < y\" followup\nb/v/202402/c=007"},
		{"a period in ADX notation", `<dataValueSet period="2024-01-01/P1M"><dataValue dataElement="a" orgUnit="u" value="5"/></dataValueSet>`, "a/u/202401=5"},
		{"an element that is ignored", `<dataValueSet xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x y"><x><y/>z</x><dataValue dataElement="a" orgUnit="u" period="2024" value="5" x="1"/><!-- end --></dataValueSet>`, "a/u/2024=5"},
		{"an unknown element", `<dataValueSet><datavalue dataElement="a" orgUnit="u" period="2024" value="5"/></dataValueSet>`, `error: dhis2: offset 14: value 0: unknown element "datavalue"`},
		{"an unknown attribute", `<dataValueSet><dataValue dataElement="a" orgUnit="u" period="2024" value="5" attributeoptioncombo="d"/></dataValueSet>`, `error: dhis2: offset 14: value 0: unknown attribute "attributeoptioncombo"`},
		{"an unknown attribute of all values", `<dataValueSet orgunit="u"><dataValue dataElement="a" period="2024" value="5"/></dataValueSet>`, `error: dhis2: offset 0: unknown attribute "orgunit"`},
		{"a value between the tags", `<dataValueSet><dataValue dataElement="a" orgUnit="u" period="2024">5</dataValue></dataValueSet>`, `error: dhis2: offset 14: value 0: "5": want attributes only`},
		{"elements within a value", `<dataValueSet><dataValue dataElement="a" orgUnit="u" period="2024"><value>5</value></dataValue></dataValueSet>`, `error: dhis2: offset 14: value 0: element "value": want attributes only`},
		{"ADX", `<adx xmlns="urn:ihe:qrph:adx:2015"/>`, `error: dhis2: offset 0: an ADX message: want package adx to read it`},
		{"another root", `<x/>`, `error: dhis2: offset 0: element "x": want dataValueSet`},
		{"truncated", `<dataValueSet><dataValue dataElement="a" orgUnit="u" period="2024" value="5"/>`, "a/u/2024=5\nerror: dhis2: offset 78: unexpected EOF"},
		{"the end of another element", `<dataValueSet></DataValues>`, "error: dhis2: offset 27: element <dataValueSet> closed by </DataValues>"},
		{"a name that is not UTF-8", "<dataValueSet><dataValue \xe9=\"\"/>", `error: dhis2: offset 26: invalid XML name: \xe9`},
		{"a long name that is not UTF-8", "<dataValueSet><dataValue \xe9" + strings.Repeat("x", 1000) + "=\"\"/>", `error: dhis2: offset 1026: invalid XML name: \xe9` + strings.Repeat("x", 45) + "..."},
		{"no such period", `<dataValueSet><dataValue dataElement="a" orgUnit="u" period="x" value="5"/></dataValueSet>`,
			`error: dhis2: offset 14: value 0: period: "x": want a year of four digits at offset 0`},
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?><dataValueSet/>`, `error: dhis2: offset 0: xml: opening charset "ISO-8859-1": encoding "ISO-8859-1": want UTF-8`},
		{"an entity of its own", `<!DOCTYPE x [<!ENTITY a "b">]><dataValueSet dataSet="&a;"/>`, `error: dhis2: offset 56: invalid character entity &a;`},
		{"JSON", `{}`, `error: dhis2: offset 0: "{}": want an XML element`},
		{"text before the values", `<dataValueSet>text<dataValue dataElement="a" orgUnit="u" period="2024" value="5"/></dataValueSet>`, `error: dhis2: offset 14: "text": want elements only`},
		{"text behind a value", `<dataValueSet><dataValue dataElement="a" orgUnit="u" period="2024" value="5"/> 7 <!-- --></dataValueSet>`, "a/u/2024=5\nerror: dhis2: offset 78: \"7\": want elements only"},
		{"text without values", `<dataValueSet><![CDATA[text]]></dataValueSet>`, `error: dhis2: offset 14: "text": want elements only`},
		{"text behind the end", `<dataValueSet/><dataValueSet/>`, `error: dhis2: offset 15: element "dataValueSet": want the end`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := dhis2.Format{XML: true, Ignore: []string{"x"}}
			if diff := cmp.Diff(tt.want, lines(f.Read(strings.NewReader(tt.in), nil))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// At the end the Set has the fields that apply to all values.
func TestReadSet(t *testing.T) {
	want := dhis2.Set{
		DataSet: "s", OrgUnit: "u", AttributeCombo: "d", Period: period.MustParse("202401"),
		Completed: period.DateOf(2024, 2, 5), DryRun: true,
	}
	for name, in := range map[string]string{
		"JSON": `{"dataSet":"s","dataValues":[],"completeDate":"2024-02-05","period":"202401","orgUnit":"u","attributeOptionCombo":"d","dryRun":true}`,
		"XML":  `<dataValueSet dataSet="s" completeDate="2024-02-05" period="202401" orgUnit="u" attributeOptionCombo="d" dryRun="true"/>`,
	} {
		var got dhis2.Set
		_, err := collect(dhis2.Format{XML: name == "XML"}.Read(strings.NewReader(in), &got))
		require.NoError(t, err, name)
		if diff := cmp.Diff(want, got, samePeriods()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// Reject is called for each value that cannot be used. All others are read.
func TestReadReject(t *testing.T) {
	for name, in := range map[string]string{
		"JSON": `{"dataValues":[{"dataElement":"a","period":"2024","orgUnit":"u","value":"1"},{"dataElement":"b","period":"99","orgUnit":"u","value":"2","comment":"no"},
			{"period":"2024","orgUnit":"u","value":"3"},{"dataElement":"d","period":"2024","orgUnit":"u","value":"x","comment":"y"}]}`,
		"CSV": "de,pe,ou,value,comment\na,2024,u,1\nb,99,u,2,no\n,2024,u,3\nd,2024,u,x,y\n",
		"XML": `<dataValueSet><dataValue dataElement="a" period="2024" orgUnit="u" value="1"/><dataValue dataElement="b" period="99" orgUnit="u" value="2" comment="no"/>
			<dataValue period="2024" orgUnit="u" value="3"/><dataValue dataElement="d" period="2024" orgUnit="u" value="x" comment="y"/></dataValueSet>`,
	} {
		var rejected []string
		f := dhis2.Format{CSV: name == "CSV", XML: name == "XML", Reject: func(v hmis.DataValue, err error) {
			var bad *dhis2.ReadError
			require.ErrorAs(t, err, &bad)
			rejected = append(rejected, fmt.Sprintf("%d %s %s %s", bad.Row, bad.Field, v.DataElement, v.Value))
		}}
		got := lines(f.Read(strings.NewReader(in), nil))
		if diff := cmp.Diff("a/u/2024=1\nd/u/2024=x \"y\"", got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if diff := cmp.Diff([]string{"1 period b 2", "2 dataElement  3"}, rejected); diff != "" {
			t.Errorf("%s: rejected: -want +got:\n%s", name, diff)
		}
	}
}

// Each row is a Format and the text that it writes (RULES.md#writing).
func TestWrite(t *testing.T) {
	values := []hmis.DataValue{
		{Key: hmis.Key{DataElement: "deMalaria01", OrgUnit: "ouBo0000001", Period: period.MustParse("202401"), OptionCombo: "cocFemale01"}, Value: "5"},
		{Key: hmis.Key{DataElement: "deBcgDoses1", OrgUnit: "ouKenema001", Period: period.MustParse("202402"), AttributeCombo: "aocProjectA"}, Value: "a \"b\",<c>",
			Comment: "\x01é", FollowUp: true, Updated: time.Date(2024, 2, 1, 10, 0, 0, 1000, time.FixedZone("", 7200))},
		{Key: hmis.Key{DataElement: "deBcgDoses1", OrgUnit: "ouBo0000001", Period: period.MustParse("202401")}, Deleted: true},
	}
	codes := hmis.Schemes{Any: hmis.ByCode}
	tests := []struct {
		name string
		f    dhis2.Format
		n    int // the number of values written
		want string
	}{
		{"JSON", dhis2.Format{}, 3, `{"dataValues":[
{"dataElement":"deMalaria01","period":"202401","orgUnit":"ouBo0000001","categoryOptionCombo":"cocFemale01","value":"5"},
{"dataElement":"deBcgDoses1","period":"202402","orgUnit":"ouKenema001","attributeOptionCombo":"aocProjectA","value":"a \"b\",<c>","lastUpdated":"2024-02-01T08:00:00.000001+0000","comment":"\u0001é","followUp":true},
{"dataElement":"deBcgDoses1","period":"202401","orgUnit":"ouBo0000001","deleted":true}
]}
`},
		{"nothing", dhis2.Format{}, 0, "{\"dataValues\":[]}\n"},
		{"codes and a set", dhis2.Format{Catalog: country(t), Schemes: codes, Set: dhis2.Set{DataSet: "dsMalaria01", Period: period.MustParse("202401"), Completed: period.DateOf(2024, 2, 5), DryRun: true}}, 1,
			`{"idScheme":"CODE","dataSet":"MALARIA","completeDate":"2024-02-05","period":"202401","dryRun":true,"dataValues":[
{"dataElement":"MAL","orgUnit":"OU_BO","categoryOptionCombo":"F","value":"5"}
]}
`},
		{"CSV", dhis2.Format{CSV: true}, 3, `dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted
deMalaria01,202401,ouBo0000001,cocFemale01,,5,,,,,
deBcgDoses1,202402,ouKenema001,,aocProjectA,"a ""b"",<c>",,2024-02-01T08:00:00.000001+0000,` + "\x01é" + `,true,
deBcgDoses1,202401,ouBo0000001,,,,,,,,true
`},
		{"XML", dhis2.Format{XML: true, Set: dhis2.Set{OrgUnit: "ouBo0000001"}}, 1, `<?xml version="1.0" encoding="UTF-8"?>
<dataValueSet xmlns="http://dhis2.org/schema/dxf/2.0" orgUnit="ouBo0000001">
<dataValue dataElement="deMalaria01" period="202401" categoryOptionCombo="cocFemale01" value="5"/>
</dataValueSet>
`},
	}
	for _, tt := range tests {
		var b strings.Builder
		require.NoError(t, tt.f.Write(&b, stream(values[:tt.n])), tt.name)
		if diff := cmp.Diff(tt.want, b.String()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	key := hmis.Key{DataElement: "deMalaria01", OrgUnit: "ouBo0000001", Period: period.MustParse("202401")}
	ethiopian, err := period.Ethiopian.Parse("201601")
	require.NoError(t, err)
	tests := []struct {
		f    dhis2.Format
		v    hmis.DataValue
		want string
	}{
		{dhis2.Format{}, hmis.DataValue{}, "dhis2: value 0: want a data element, an org unit and a period"},
		{dhis2.Format{Schemes: hmis.Schemes{Any: hmis.ByCode}}, hmis.DataValue{Key: key}, "dhis2: value 0: dataElement: id scheme CODE: want a Format with a Catalog"},
		{dhis2.Format{Catalog: country(t), Schemes: hmis.Schemes{OptionCombo: hmis.ByCode}}, hmis.DataValue{Key: hmis.Key{DataElement: "d", OrgUnit: "u", Period: key.Period, OptionCombo: "unknown"}},
			`dhis2: value 0: categoryOptionCombo: hmis: categoryOptionCombo unknown: no such object`},
		{dhis2.Format{}, hmis.DataValue{Key: key, Comment: "\xff"}, "dhis2: value 0: comment: \"\\xff\": want UTF-8"},
		{dhis2.Format{XML: true}, hmis.DataValue{Key: key, Value: "\x01"}, "dhis2: value 0: value: \"\\x01\": want only characters that XML can hold"},
		{dhis2.Format{}, hmis.DataValue{Key: hmis.Key{DataElement: "d", OrgUnit: "u", Period: ethiopian}}, "dhis2: value 0: period: 201601 is counted in the ethiopian calendar: want gregorian"},
		{dhis2.Format{Set: dhis2.Set{AttributeCombo: "aocProjectA"}}, hmis.DataValue{Key: key}, "dhis2: value 0: attributeOptionCombo: want a Format with a Catalog to name the default"},
		{dhis2.Format{CSV: true, XML: true}, hmis.DataValue{Key: key}, "dhis2: a Format is CSV or XML, not both"},
	}
	for _, tt := range tests {
		err := tt.f.Write(&strings.Builder{}, stream([]hmis.DataValue{tt.v}))
		require.EqualError(t, err, tt.want)
	}
}
