package analytics_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/analytics"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// inLines returns a response as a header line and one line for each row.
func inLines(r *analytics.Response) string {
	var lines []string
	names := []string{}
	for _, h := range r.Headers {
		names = append(names, h.Name)
	}
	lines = append(lines, strings.Join(names, " "))
	for _, row := range r.Rows {
		lines = append(lines, strings.Join(row, " "))
	}
	return strings.Join(lines, "\n")
}

// inCells returns a response like inLines, with a bar between cells, since
// texts of tables have blanks.
func inCells(r *analytics.Response) string {
	var lines []string
	names := []string{}
	for _, h := range r.Headers {
		names = append(names, h.Name)
	}
	lines = append(lines, strings.Join(names, "|"))
	for _, row := range r.Rows {
		lines = append(lines, strings.Join(row, "|"))
	}
	return strings.Join(lines, "\n")
}

// lines joins the expected lines of a test.
func lines(l ...string) string { return strings.Join(l, "\n") }

// RULES.md#numerator-columns
func TestAnswer(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{
			"columns are dx, co, ao, then the others as requested",
			"dimension=ou:DistrictEa1&dimension=pe:202401&dimension=co&dimension=dx:Tested00001",
			lines("dx co ou pe value",
				"Tested00001 CocFemale01 DistrictEa1 202401 17",
				"Tested00001 CocMale0001 DistrictEa1 202401 6"),
		}, {
			"data elements lose the point, indicators keep it unless they have no decimals",
			"dimension=dx:Tested00001;PositRate01;PositRate10;PositRate00;Malaria0001.REPORTING_RATE;Malaria0001.REPORTING_RATE_ON_TIME&filter=pe:202401&filter=ou:Country0001",
			lines("dx value",
				"Tested00001 23",
				"PositRate01 21.74",
				"PositRate10 21.7",
				"PositRate00 22",
				"Malaria0001.REPORTING_RATE 66.67",
				"Malaria0001.REPORTING_RATE_ON_TIME 33.33"),
		}, {
			"whole numbers",
			"dimension=dx:Weight00001;PositRate01;Malaria0001.REPORTING_RATE&filter=pe:202402&dimension=ou:ClinicCxxx1",
			lines("dx ou value",
				"PositRate01 ClinicCxxx1 25.0",
				"Malaria0001.REPORTING_RATE ClinicCxxx1 0"),
		}, {
			"without rounding everything is a double, rates with all digits",
			"dimension=dx:Tested00001;PositRate01;PositRate00;Malaria0001.REPORTING_RATE;Weight00001&filter=pe:202401;202402&filter=ou:Country0001&skipRounding=true",
			lines("dx value",
				"Tested00001 27.0",
				"PositRate01 22.2222222222",
				"PositRate00 22.2222222222",
				"Malaria0001.REPORTING_RATE 33.333333333333336",
				"Weight00001 2.25003"),
		}, {
			"small numbers",
			"dimension=dx:Weight00001&dimension=pe:202402&filter=ou:DistrictWe1&skipRounding=true",
			lines("dx pe value", "Weight00001 202402 1.2E-4"),
		}, {
			"numerators and denominators",
			"dimension=dx:Tested00001;PositRate10;PositRate00;Malaria0001.ACTUAL_REPORTS&filter=pe:202401&filter=ou:Country0001&includeNumDen=true",
			lines("dx value numerator denominator factor multiplier divisor",
				"Tested00001 23     ",
				"PositRate10 21.7 5.0 23.0 100.0 100 1",
				"PositRate00 22 5 23 100 100 1",
				"Malaria0001.ACTUAL_REPORTS 2 2.0 3.0 100  "),
		}, {
			"the single indicator of a filter has no column",
			"dimension=ou:ClinicAxxx1&filter=dx:PositRate00&filter=pe:202401&includeNumDen=true",
			lines("ou value numerator denominator factor multiplier divisor", "ClinicAxxx1 31 5 16 100 100 1"),
		}, {
			"without dx the rule of the filter",
			"dimension=ou:DistrictEa1;ClinicAxxx1&filter=dx:Tested00001;Positive001&filter=pe:202401",
			lines("ou value", "DistrictEa1 28", "ClinicAxxx1 21"),
		}, {
			"operands, and those that nobody asked for",
			"dimension=dx:Tested00001.CocFemale01;Positive001.CocMale0001&filter=pe:202401&filter=ou:ClinicAxxx1",
			lines("dx value",
				"Tested00001.CocFemale01 10",
				"Positive001.CocMale0001 2",
				"Tested00001.CocMale0001 6",
				"Positive001.CocFemale01 3"),
		}, {
			"ascending: texts come last",
			"dimension=dx:Tested00001;Remark00001;PositRate01&filter=pe:202401&filter=ou:ClinicAxxx1&order=ASC",
			lines("dx value", "Tested00001 16", "PositRate01 31.25", "Remark00001 out of <tests> & \"gloves\""),
		}, {
			"descending",
			"dimension=dx:Tested00001;Remark00001;PositRate01&filter=pe:202401&filter=ou:ClinicAxxx1&order=desc",
			lines("dx value", "Remark00001 out of <tests> & \"gloves\"", "PositRate01 31.25", "Tested00001 16"),
		}, {
			"codes",
			"dimension=dx:Tested00001;Malaria0001.ACTUAL_REPORTS;Tested00001.CocMale0001&dimension=ou:DistrictEa1&filter=pe:202401&outputIdScheme=CODE",
			lines("dx ou value", "MAL.01 E 23", "Malaria0001.ACTUAL_REPORTS E 2", "MAL.01.M E 6"),
		}, {
			"the more specific scheme wins",
			"dimension=dx:Tested00001;PositRate01&dimension=ou:DistrictEa1&dimension=SetOwner001&filter=pe:202401" +
				"&outputIdScheme=UID&outputDataItemIdScheme=CODE&outputDataElementIdScheme=NAME&outputOrgUnitIdScheme=code",
			lines("dx ou SetOwner001 value",
				"Malaria tests E GroupPubli1 16",
				"Malaria tests E GroupPriva1 7",
				"POS E GroupPubli1 31.25"),
		}, {
			"attributes",
			"dimension=dx:Tested00001&dimension=ou:ClinicAxxx1&filter=pe:202401&outputDataElementIdScheme=attribute:AttrMflCode&outputOrgUnitIdScheme=ATTRIBUTE:AttrMflCode",
			lines("dx ou value", "B 7 10001 16"),
		}, {
			"identifiers are replaced only where metadata are",
			"dimension=dx:Tested00001&filter=ou:DistrictEa1&filter=pe:202401&outputIdScheme=CODE&skipMeta=true",
			lines("dx value", "Tested00001 23"),
		}, {
			"no data",
			"dimension=dx:Tested00001&filter=ou:ClinicDxxx1&filter=pe:202401",
			"dx value",
		}, {
			"skipData",
			"dimension=dx:Tested00001&filter=ou:DistrictEa1&filter=pe:202401&skipData=true",
			"",
		},
	}
	s := newServer(t)
	for _, tt := range tests {
		r, err := s.Answer(context.Background(), parse(t, tt.request))
		require.NoError(t, err, tt.name)
		if diff := cmp.Diff(tt.want, inLines(r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// days returns n days as a text between semicolons.
func days(n int) string {
	var b strings.Builder
	for d := period.DateOf(1900, 1, 1); n > 0; n-- {
		b.WriteString(strings.ReplaceAll(d.String(), "-", ""))
		b.WriteByte(';')
		d++
	}
	return b.String()
}

// RULES.md#order-of-checks
func TestAnswerErrors(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{"a row that is no dimension", "dimension=dx:Tested00001&filter=pe:202401&columns=sex&rows=dx;ou;pe",
			"hmis: E7127: rows: Row must be present as dimension in query: `pe`"},
		{"a column that is no dimension", "dimension=dx:Tested00001&filter=pe:202401&columns=sex;dx&rows=dx",
			"hmis: E7126: columns: Column must be present as dimension in query: `sex`"},
		{"a circle", "dimension=dx:HenAndEgg01&filter=pe:202401",
			"hmis: E7116: dimension: Indicator expressions cannot contain cyclic references: `HenAndEgg01 > HenAndEgg02 > HenAndEgg01`"},
		{"a circle in a filter", "dimension=pe:202401&filter=dx:HenAndEgg01",
			"hmis: E7116: dimension: Indicator expressions cannot contain cyclic references: `HenAndEgg01 > HenAndEgg02 > HenAndEgg01`"},
		{"division by zero", "dimension=dx:DivByZero01&filter=pe:202401",
			"hmis: E7132: dimension: Expression violation. Maybe an indicator caused division by zero? (indicator DivByZero01: subExpression: indicator: 1:1: division by zero in a subExpression)"},
		{"too many rows", "dimension=dx:Tested00001&dimension=ou:LEVEL-3&dimension=pe:202401;202402",
			"hmis: E7128: dimension: Query result set exceeded max limit: `2`"},
	}
	many := tests[len(tests)-1].request
	s := newServer(t)
	s.Limits.Rows = 2
	for _, tt := range tests {
		_, err := s.Answer(context.Background(), parse(t, tt.request))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v\nwant %s", tt.name, err, tt.want)
		}
	}
	r, err := s.Answer(context.Background(), parse(t, many+"&ignoreLimit=true"))
	require.NoError(t, err)
	require.Len(t, r.Rows, 3)

	s.Cube = func() *aggregate.Cube { return nil }
	_, err = s.Answer(context.Background(), parse(t, many))
	issue, ok := errors.AsType[*hmis.Issue](err)
	require.True(t, ok)
	require.Equal(t, "E7144", issue.Code)
}

// All cells that are tried count, with and without data.
//
// RULES.md#limits
func TestTooManyCells(t *testing.T) {
	md := twoDistricts
	for i := range 60 {
		md.OrgUnits = append(slices.Clip(md.OrgUnits), hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("Post%07d", i)), Parent: "ClinicAxxx1"})
	}
	s := newServer(t)
	var err error
	s.Catalog, err = hmis.NewCatalog(md)
	require.NoError(t, err)
	s.Tree, err = orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	operands := ""
	for _, element := range []string{"Tested00001", "Positive001"} {
		for _, combo := range []string{"*", "CocMale0001", "CocFemale01", "HllvX50cXC0", "CocAgeMale1"} {
			for _, attr := range []string{"*", "CocMale0001", "HllvX50cXC0"} {
				operands += element + "." + combo + "." + attr + ";"
			}
		}
	}
	rest := "&dimension=ou:LEVEL-4&dimension=pe:" + days(90_000)
	tests := []struct{ request, want string }{
		{"dimension=dx:Tested00001&dimension=CatSex00001&dimension=SetOwner001",
			"hmis: E7128: dimension: Query result set exceeded max limit: `20,000,000` (ou: got 360000 cells of each of 60 org units)"},
		{"dimension=dx:Tested00001&dimension=CatSex00001&dimension=SetOwner001&dimension=co:CocMale0001;CocFemale01&dimension=ao:CocMale0001;CocFemale01;HllvX50cXC0",
			"hmis: E7128: dimension: Query result set exceeded max limit: `2,000,000` (SetOwner001: want dimensions that multiply to at most 2000000 cells of an org unit)"},
		{"dimension=dx:Tested00001&dimension=co&dimension=CatSex00001",
			"hmis: E7128: dimension: Query result set exceeded max limit: `20,000,000` (ou: got 360000 cells of each of 60 org units)"},
		{"dimension=CatSex00001&dimension=dx:" + operands,
			"hmis: E7128: dimension: Query result set exceeded max limit: `200,000,000` (dx: got 10800000 cells for each of 30 data items)"},
	}
	for _, tt := range tests {
		_, err := s.Answer(context.Background(), parse(t, tt.request+rest))
		require.EqualError(t, err, tt.want)
	}
}

// A data item that cannot be computed only loses its own rows, and Reject is
// called for it. An error with a code of DHIS2 still ends the request.
func TestReject(t *testing.T) {
	var rejected []string
	s := newServer(t)
	s.Reject = func(item indicator.Item, err error) { rejected = append(rejected, string(item.ID)+": "+err.Error()) }
	for _, few := range []string{"", ";" + days(60_000)} { // all at once, and some org units at a time
		rejected = nil
		r, err := s.Answer(context.Background(), parse(t,
			"dimension=dx:Unreadable1;Tested00001;NoSuchItem1;PositRate01;Unreadable1&dimension=ou:LEVEL-3&skipMeta=true&dimension=pe:202401"+few))
		require.NoError(t, err)
		require.Equal(t, lines("dx ou pe value",
			"Tested00001 ClinicAxxx1 202401 16", "Tested00001 ClinicBxxx1 202401 7",
			"PositRate01 ClinicAxxx1 202401 31.25"), inLines(r))
		require.Len(t, rejected, 2)
		require.Contains(t, rejected[0], "Unreadable1: ")
		require.Contains(t, rejected[0], "item is not closed")
		require.Contains(t, rejected[1], "NoSuchItem1: ")
		require.Contains(t, rejected[1], "unknown constant C{GoneAway001}")
	}
	s.Reject = nil
	_, err := s.Answer(context.Background(), parse(t, "dimension=dx:Unreadable1;Tested00001&filter=pe:202401"))
	require.NoError(t, err)
	_, err = s.Answer(context.Background(), parse(t, "dimension=dx:Unreadable1;DivByZero01;HenAndEgg01&filter=pe:202401"))
	require.ErrorContains(t, err, "E7116", "nested indicators come first")
}

// A request for very many cells is answered item by item, with the memory of
// one item, and has the same answer.
func TestAnswerItemByItem(t *testing.T) {
	s := newServer(t)
	const data = "dimension=dx:Tested00001;Positive001;Weight00001;PositRate01;PositRate10;PositRate00;" +
		"Tested00001.CocMale0001;Tested00001.CocFemale01;Positive001.CocMale0001;Positive001.CocFemale01"
	const rest = "&dimension=ou:LEVEL-3;LEVEL-2;LEVEL-1&dimension=SetOwner001&dimension=CatSex00001&skipMeta=true&dimension=pe:202401;202402;2024Q1;"
	few, err := s.Answer(context.Background(), parse(t, data+rest))
	require.NoError(t, err)
	require.NotEmpty(t, few.Rows)
	many, err := s.Answer(context.Background(), parse(t, data+rest+days(75_000)))
	require.NoError(t, err)
	require.Equal(t, few, many, "no value is of a day")
}

// Responses are compared byte for byte.
//
// RULES.md#members-of-an-answer, RULES.md#csv
func TestResponseForms(t *testing.T) {
	s := newServer(t)
	r, err := s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001;Remark00001&dimension=ou:ClinicAxxx1&filter=pe:202401&outputOrgUnitIdScheme=NAME"))
	require.NoError(t, err)
	got, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"headers": [
			{"name": "dx", "column": "Data", "valueType": "TEXT", "type": "java.lang.String", "hidden": false, "meta": true},
			{"name": "ou", "column": "Organisation unit", "valueType": "TEXT", "type": "java.lang.String", "hidden": false, "meta": true},
			{"name": "value", "column": "Value", "valueType": "NUMBER", "type": "java.lang.Double", "hidden": false, "meta": false}],
		"metaData": {
			"items": {"dx": {"name": "Data"}, "ou": {"name": "Organisation unit"}, "pe": {"name": "Period"},
				"Tested00001": {"name": "Malaria tests"}, "Remark00001": {"name": "Remark"}, "ClinicAxxx1": {"name": "Clinic A"},
				"202401": {"name": "January 2024"}, "CocFemale01": {"name": "Female"}, "CocMale0001": {"name": "Male"}, "HllvX50cXC0": {"name": "default"}},
			"dimensions": {"dx": ["Tested00001", "Remark00001"], "ou": ["ClinicAxxx1"], "pe": ["202401"], "co": ["CocFemale01", "CocMale0001", "HllvX50cXC0"]}},
		"rowContext": {},
		"rows": [["Tested00001", "Clinic A", "16"], ["Remark00001", "Clinic A", "out of <tests> & \"gloves\""]],
		"width": 3, "height": 2, "headerWidth": 3}`, string(got))

	var csv bytes.Buffer
	require.NoError(t, r.WriteCSV(&csv))
	require.Equal(t, "Data,Organisation unit,Value\nTested00001,Clinic A,16\nRemark00001,Clinic A,\"out of <tests> & \"\"gloves\"\"\"\n", csv.String())

	r, err = s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001&filter=pe:2020&skipMeta=true"))
	require.NoError(t, err)
	got, err = json.Marshal(r)
	require.NoError(t, err)
	require.True(t, strings.HasSuffix(string(got), `"rows":[],"width":0,"height":0,"headerWidth":2}`), string(got))
	require.Contains(t, string(got), `"metaData":{},`)

	r, err = s.Answer(context.Background(), parse(t, "dimension=dx:Tested00001&filter=pe:2024&skipMeta=true&skipData=true"))
	require.NoError(t, err)
	got, err = json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, `{"headers":[],"metaData":{},"rowContext":{},"rows":[],"width":0,"height":0,"headerWidth":0}`, string(got))
}

// Many goroutines can use one server (RULES.md#table-layout).
func TestConcurrentAnswers(t *testing.T) {
	s := newServer(t)
	requests := []string{
		"dimension=dx:Tested00001;PositRate01;PositRate00&dimension=ou:LEVEL-2&dimension=pe:LAST_3_MONTHS&outputIdScheme=CODE&hierarchyMeta=true",
		"dimension=dx:Malaria0001.REPORTING_RATE&dimension=ou:LEVEL-3&filter=pe:2024Q1&order=DESC",
		"dimension=SetOwner001&filter=dx:Tested00001&filter=pe:2024&displayProperty=SHORTNAME",
		"dimension=dx:Tested00001&dimension=pe:2024&dimension=pe:2023",
	}
	answer := func(request string) string {
		r, err := s.Answer(context.Background(), parse(t, request))
		if err != nil {
			return err.Error()
		}
		text, err := json.Marshal(r)
		if err != nil {
			return err.Error()
		}
		return string(text)
	}
	var want []string
	for _, request := range requests {
		want = append(want, answer(request))
	}
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			if got := answer(requests[i%len(requests)]); got != want[i%len(requests)] {
				t.Errorf("%s\n\tgot  %s\n\twant %s", requests[i%len(requests)], got, want[i%len(requests)])
			}
		})
	}
	wg.Wait()
}
