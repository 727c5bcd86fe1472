package dhis2_test

import (
	"bytes"
	"errors"
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

// Each row is a file of completions and what is read from it
// (RULES.md#completions).
func TestReadCompletions(t *testing.T) {
	done := hmis.Completion{
		DataSet: "dsMalaria01", OrgUnit: "ouBo0000001", Period: period.MustParse("202401"), AttributeCombo: "aocProjectA",
		At: time.Date(2024, 2, 5, 0, 0, 0, 0, time.UTC), By: "bo", Updated: time.Date(2024, 2, 6, 0, 0, 0, 0, time.UTC), Withdrawn: true,
	}
	tests := []struct {
		name string
		f    dhis2.Format
		in   string
		want []hmis.Completion
		err  string
	}{
		{"all members", dhis2.Format{}, `{"completeDataSetRegistrations":[{"dataSet":"dsMalaria01","period":"202401","organisationUnit":"ouBo0000001",
			"attributeOptionCombo":"aocProjectA","date":"2024-02-05","storedBy":"bo","lastUpdatedBy":"x","lastUpdated":"2024-02-06","completed":false}]}`, []hmis.Completion{done}, ""},
		{"XML", dhis2.Format{XML: true}, `<completeDataSetRegistrations xmlns="http://dhis2.org/schema/dxf/2.0"><completeDataSetRegistration dataSet="dsMalaria01" period="202401"
			organisationUnit="ouBo0000001" attributeOptionCombo="aocProjectA" date="2024-02-05" storedBy="bo" lastUpdated="2024-02-06" completed="false"/></completeDataSetRegistrations>`, []hmis.Completion{done}, ""},
		{"codes", dhis2.Format{Catalog: country(t)}, `{"idScheme":"CODE","attributeOptionComboIdScheme":"UID","completeDataSetRegistrations":[{"dataSet":"MALARIA","period":"202401","organisationUnit":"OU_BO","attributeOptionCombo":"aocProjectA"}]}`,
			[]hmis.Completion{{DataSet: "dsMalaria01", OrgUnit: "ouBo0000001", Period: period.MustParse("202401"), AttributeCombo: "aocProjectA"}}, ""},
		{"a moment, as on time needs it", dhis2.Format{}, `{"completeDataSetRegistrations":[{"dataSet":"s","period":"2024","organisationUnit":"u","date":"2024-02-05T23:59:00.000"}]}`,
			[]hmis.Completion{{DataSet: "s", OrgUnit: "u", Period: period.MustParse("2024"), At: time.Date(2024, 2, 5, 23, 59, 0, 0, time.UTC)}}, ""},
		{"none", dhis2.Format{}, `{}`, nil, ""},
		{"members that are ignored", dhis2.Format{Ignore: []string{"Source", "extra"}}, `{"source":"x","completeDataSetRegistrations":[{"dataSet":"s","period":2024,"organisationUnit":"u","extra":{"y":[]}}]}`,
			[]hmis.Completion{{DataSet: "s", OrgUnit: "u", Period: period.MustParse("2024")}}, ""},
		{"null", dhis2.Format{}, `{"completeDataSetRegistrations":null,"dryRun":true}`, nil, ""},

		{"an unknown member", dhis2.Format{}, `{"completeDataSetRegistrations":[{"dataSet":"s","period":"2024","organisationUnit":"u","attributeoptioncombo":"x"}]}`, nil, `dhis2: offset 33: value 0: unknown member "attributeoptioncombo"`},
		{"an unknown attribute", dhis2.Format{XML: true}, `<completeDataSetRegistrations><completeDataSetRegistration dataSet="s" period="2024" organisationUnit="u" attributeoptioncombo="x"/></completeDataSetRegistrations>`, nil, `dhis2: offset 30: value 0: unknown attribute "attributeoptioncombo"`},
		{"an unknown element", dhis2.Format{XML: true}, `<completeDataSetRegistrations><registration dataSet="s"/></completeDataSetRegistrations>`, nil, `dhis2: offset 30: value 0: unknown element "registration"`},
		{"an unknown attribute of all", dhis2.Format{XML: true}, `<completeDataSetRegistrations orgunitIdScheme="CODE"/>`, nil, `dhis2: offset 0: unknown attribute "orgunitIdScheme"`},
		{"a misspelt list", dhis2.Format{}, `{"completeDatasetRegistrations":[{}]}`, nil, `dhis2: offset 0: unknown members "completeDatasetRegistrations": want completeDataSetRegistrations`},
		{"an unknown member beside the list", dhis2.Format{}, `{"orgunitIdScheme":"CODE","completeDataSetRegistrations":[]}`, nil, `dhis2: offset 1: unknown member "orgunitIdScheme": want completeDataSetRegistrations`},
		{"the answer of a server", dhis2.Format{}, `{"status":"ERROR","message":"no"}`, nil, `dhis2: offset 0: the answer of a server, ERROR: "no": want completeDataSetRegistrations`},
		{"completions to be deleted", dhis2.Format{}, `{"strategy":"DELETE","completeDataSetRegistrations":[]}`, nil, `dhis2: offset 12: strategy: "DELETE": want completions that hold`},
		{"no org unit", dhis2.Format{}, `{"completeDataSetRegistrations":[{"dataSet":"s","period":"2024"}]}`, nil, `dhis2: offset 33: value 0: organisationUnit: want one in every registration`},
		{"no such period", dhis2.Format{}, `{"completeDataSetRegistrations":[{"dataSet":"s","period":"x","organisationUnit":"u"}]}`, nil, `dhis2: offset 33: value 0: period: "x": want a year of four digits at offset 0`},
		{"completed that is neither", dhis2.Format{}, `{"completeDataSetRegistrations":[{"dataSet":"s","period":"2024","organisationUnit":"u","completed":"so so"}]}`, nil, `dhis2: offset 33: value 0: completed: "so so": want true or false`},
		{"a date that is none", dhis2.Format{XML: true}, `<completeDataSetRegistrations><completeDataSetRegistration dataSet="s" period="2024" organisationUnit="u" date="today"/></completeDataSetRegistrations>`, nil, `dhis2: offset 30: value 0: date: "today": want a year of four digits at offset 0`},
		{"a scheme too late", dhis2.Format{}, `{"completeDataSetRegistrations":[],"idScheme":"CODE"}`, nil, `dhis2: offset 46: idScheme: want it before completeDataSetRegistrations`},
		{"codes without a catalog", dhis2.Format{}, `{"idScheme":"CODE","completeDataSetRegistrations":[{"dataSet":"s","period":"2024","organisationUnit":"u"}]}`, nil, `dhis2: offset 51: value 0: dataSet: id scheme CODE: want a Format with a Catalog`},
		{"data values", dhis2.Format{}, `{"dataValues":[]}`, nil, `dhis2: offset 1: dataValues: want completeDataSetRegistrations`},
		{"truncated", dhis2.Format{}, `{"completeDataSetRegistrations":[{`, nil, `dhis2: offset 34: unexpected EOF`},
		{"a number", dhis2.Format{}, `{"completeDataSetRegistrations":[1]}`, nil, `dhis2: offset 33: value 0: want an object, got a number 1`},
		{"text between elements", dhis2.Format{XML: true}, `<completeDataSetRegistrations>text<completeDataSetRegistration dataSet="s" period="2024" organisationUnit="u"/></completeDataSetRegistrations>`, nil,
			`dhis2: offset 30: "text": want elements only`},
		{"CSV", dhis2.Format{CSV: true}, ``, nil, `dhis2: completions are not written in CSV`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := collect(tt.f.ReadCompletions(iotest.HalfReader(strings.NewReader(tt.in))))
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			if diff := cmp.Diff(tt.want, got, samePeriods()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			f := dhis2.Format{XML: tt.f.XML}
			var b bytes.Buffer
			require.NoError(t, f.WriteCompletions(&b, stream(got)))
			back, err := collect(f.ReadCompletions(&b))
			require.NoError(t, err)
			if diff := cmp.Diff(got, back, samePeriods()); diff != "" {
				t.Errorf("-written +read:\n%s", diff)
			}
		})
	}
	for range dhis2.ReadCompletions(strings.NewReader(tests[0].in)) {
		break // the caller leaves the loop
	}
}

func TestWriteCompletions(t *testing.T) {
	done := []hmis.Completion{{DataSet: "dsMalaria01", OrgUnit: "ouBo0000001", Period: period.MustParse("202401"), At: time.Date(2024, 2, 5, 0, 0, 0, 0, time.UTC)}}
	var b strings.Builder
	f := dhis2.Format{Catalog: country(t), Schemes: hmis.Schemes{Any: hmis.ByCode}}
	require.NoError(t, f.WriteCompletions(&b, stream(done)))
	require.Equal(t, `{"idScheme":"CODE","completeDataSetRegistrations":[
{"dataSet":"MALARIA","period":"202401","organisationUnit":"OU_BO","date":"2024-02-05","completed":true}
]}
`, b.String())

	broken := errors.New("no more")
	failing := func(yield func(hmis.Completion, error) bool) { yield(hmis.Completion{}, broken) }
	require.ErrorIs(t, dhis2.WriteCompletions(&b, failing), broken)
	require.EqualError(t, dhis2.WriteCompletions(&b, stream([]hmis.Completion{{}})), "dhis2: completion 0: want a data set, an org unit and a period")
	require.EqualError(t, dhis2.Format{CSV: true}.WriteCompletions(&b, stream(done)), "dhis2: completions are not written in CSV")
}

// Each row is the answer of a server and the summary that is read from it
// (RULES.md#import-summaries).
func TestReadSummary(t *testing.T) {
	conflict := &hmis.Issue{
		Code: "E8122", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "deMalaria01"}, Field: "value", Rows: []int{3, 17}, Offset: -1,
		Err: errors.New("not an integer"),
	}
	tests := []struct {
		name, in string
		want     hmis.Summary
		err      string
	}{
		{"all members", `{"responseType":"ImportSummary","status":"WARNING","importOptions":{"x":1},"importCount":{"imported":5,"updated":4,"ignored":2,"deleted":1},
			"conflicts":[{"object":"deMalaria01","objects":{"dataElement":"deMalaria01","orgUnit":"u"},"value":"not an integer","errorCode":"E8122","property":"value","indexes":[3,17]}],
			"rejectedIndexes":[3,17],"dataSetComplete":"2024-02-05"}`,
			hmis.Summary{Imported: 5, Updated: 4, Ignored: 2, Deleted: 1, Completed: period.DateOf(2024, 2, 5), Issues: hmis.Issues{conflict}}, ""},
		{"in an envelope", `{"httpStatus":"OK","status":"OK","response":{"responseType":"ImportSummary","status":"SUCCESS","importCount":{"imported":0,"updated":7,"ignored":0,"deleted":0},"dataSetComplete":"false"}}`,
			hmis.Summary{Updated: 7}, ""},
		{"a failed import", `{"status":"ERROR","description":"The import process failed: no data set"}`,
			hmis.Summary{Issues: hmis.Issues{{Severity: hmis.Critical, Offset: -1, Err: errors.New("The import process failed: no data set")}}}, ""},
		{"XML", `<importSummary xmlns="http://dhis2.org/schema/dxf/2.0"><status>WARNING</status><importCount imported="1" updated="2" ignored="3" deleted="4"/>
			<conflicts><conflict object="deMalaria01" value="not an integer"/></conflicts><dataSetComplete>false</dataSetComplete></importSummary>`,
			hmis.Summary{Imported: 1, Updated: 2, Ignored: 3, Deleted: 4, Issues: hmis.Issues{{Severity: hmis.Severe, Object: hmis.Ref{ID: "deMalaria01"}, Offset: -1, Err: errors.New("not an integer")}}}, ""},
		{"XML of old servers", `<importSummary><status>SUCCESS</status><dataValueCount imported="1" updated="0" ignored="0"/></importSummary>`, hmis.Summary{Imported: 1}, ""},

		{"a list of summaries", `{"responseType":"ImportSummaries","status":"WARNING","imported":9,"importSummaries":[
			{"status":"ERROR","importCount":{"imported":0,"updated":0,"ignored":2,"deleted":0},"conflicts":[{"object":"HF-9","value":"no such unit"}]},null,
			{"status":"SUCCESS","importCount":{"imported":1,"updated":"7","ignored":0,"deleted":null},"dataSetComplete":"2024-02-05"}]}`,
			hmis.Summary{Imported: 1, Updated: 7, Ignored: 2, Completed: period.DateOf(2024, 2, 5), Issues: hmis.Issues{{Severity: hmis.Severe, Object: hmis.Ref{ID: "HF-9"}, Offset: -1, Err: errors.New("no such unit")}}}, ""},
		{"a list in an envelope", `{"httpStatus":"OK","httpStatusCode":200,"status":"OK","response":{"importSummaries":[{"status":"SUCCESS","importCount":{"imported":1}},{"status":"SUCCESS","importCount":{"imported":2}}]}}`, hmis.Summary{Imported: 3}, ""},
		{"a bare list", `[{"status":"SUCCESS","importCount":{"imported":1}},{"status":"SUCCESS","importCount":{"imported":2}}]`, hmis.Summary{Imported: 3}, ""},
		{"a list within an object", `{"importSummaries":{"importSummary":[{"status":"SUCCESS","importCount":{"imported":1}}]}}`, hmis.Summary{Imported: 1}, ""},
		{"a list in XML", `<importSummaries xmlns="http://dhis2.org/schema/dxf/2.0"><importSummary><status>SUCCESS</status><importCount imported="1" updated="0" ignored="0" deleted="0"/></importSummary>
			<importSummary><status>ERROR</status><importCount imported="0" updated="0" ignored="2" deleted="0"/><conflicts><conflict object="HF-9" value="no such unit"/></conflicts></importSummary></importSummaries>`,
			hmis.Summary{Imported: 1, Ignored: 2, Issues: hmis.Issues{{Severity: hmis.Severe, Object: hmis.Ref{ID: "HF-9"}, Offset: -1, Err: errors.New("no such unit")}}}, ""},
		{"an envelope in XML", `<webMessage status="ERROR" httpStatusCode="409" message="see the summary"><response><status>ERROR</status><description>nothing fits</description></response></webMessage>`,
			hmis.Summary{Issues: hmis.Issues{{Severity: hmis.Critical, Offset: -1, Err: errors.New("nothing fits")}}}, ""},
		{"counts of old servers", `{"status":"SUCCESS","dataValueCount":{"imported":1,"updated":2,"ignored":3},"dataSetComplete":false}`, hmis.Summary{Imported: 1, Updated: 2, Ignored: 3}, ""},
		{"counts of their own", `{"status":"SUCCESS","imported":1,"updated":2,"ignored":3,"deleted":4}`, hmis.Summary{Imported: 1, Updated: 2, Ignored: 3, Deleted: 4}, ""},
		{"numbers in place of text", `{"status":"WARNING","importCount":{"imported":0},"conflicts":[{"object":17,"objects":{"orgUnit":17},"value":5,"errorCode":8122,"indexes":["3"]}]}`,
			hmis.Summary{Issues: hmis.Issues{{Code: "8122", Severity: hmis.Severe, Object: hmis.Ref{Kind: "orgUnit", ID: "17"}, Rows: []int{3}, Offset: -1, Err: errors.New("5")}}}, ""},
		{"the object that the conflict names", `{"status":"WARNING","importCount":{},"conflicts":[{"objects":{"dataElement":"a","orgUnit":"b","period":"c"},"object":"b","value":"x"}]}`,
			hmis.Summary{Issues: hmis.Issues{{Severity: hmis.Severe, Object: hmis.Ref{Kind: "orgUnit", ID: "b"}, Offset: -1, Err: errors.New("x")}}}, ""},

		{"a server that does not know us", `{"httpStatus":"Unauthorized","httpStatusCode":401,"status":"ERROR","message":"Unauthorized"}`, hmis.Summary{},
			`dhis2: offset 0: the answer of a server, ERROR 401: "Unauthorized": want an import summary with a status or importCount`},
		{"a page", `<html/>`, hmis.Summary{}, `dhis2: offset 0: element "html": want importSummary or importSummaries or webMessage`},
		{"text", `Bad Gateway`, hmis.Summary{}, `dhis2: offset 0: "Bad Gateway": want an import summary in JSON`},
		{"an index that is none", `{"status":"WARNING","conflicts":[{"value":"x","indexes":["y"]}]}`, hmis.Summary{},
			`dhis2: offset 0: conflicts: entry 0: entry 0: want a whole number of 32 bits, got text "y"`},
		{"something else", `{"x":1}`, hmis.Summary{}, `dhis2: offset 0: want an import summary with a status or importCount`},
		{"a list", `[]`, hmis.Summary{}, `dhis2: offset 0: want an import summary with a status or importCount`},
		{"nothing", ``, hmis.Summary{}, `dhis2: offset 0: unexpected EOF`},
		{"truncated", `{"status":`, hmis.Summary{}, `dhis2: offset 10: unexpected EOF`},
		{"a count that is none", `<importSummary><importCount imported="many"/></importSummary>`, hmis.Summary{}, `dhis2: offset 15: imported: "many": want a whole number`},
		{"text in an answer", `<importSummary>text<status>SUCCESS</status><importCount imported="1"/></importSummary>`, hmis.Summary{}, `dhis2: offset 15: "text": want elements only`},
		{"text in a list", `<importSummaries><importSummary><importCount imported="1"/></importSummary>text</importSummaries>`, hmis.Summary{}, `dhis2: offset 75: "text": want elements only`},
		{"text among conflicts", `<importSummary><status>SUCCESS</status><conflicts>text</conflicts></importSummary>`, hmis.Summary{}, `dhis2: offset 50: "text": want elements only`},
		{"text in an envelope", `<webMessage status="OK"><response>text</response></webMessage>`, hmis.Summary{}, `dhis2: offset 34: "text": want elements only`},
		{"text in a conflict", `<importSummary><conflicts><conflict object="u">text</conflict></conflicts></importSummary>`, hmis.Summary{}, `dhis2: offset 51: conflict: "text": want attributes only`},
		{"text in counts", `<importSummary><importCount imported="1">7</importCount></importSummary>`, hmis.Summary{}, `dhis2: offset 42: importCount: "7": want attributes only`},
		{"another root", `<html/>`, hmis.Summary{}, `dhis2: offset 0: element "html": want importSummary or importSummaries or webMessage`},
		{"a day that is none", `{"status":"SUCCESS","dataSetComplete":"soon"}`, hmis.Summary{}, `dhis2: offset 0: dataSetComplete: period: "soon": want a year of four digits at offset 0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dhis2.ReadSummary(strings.NewReader(tt.in))
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			var b bytes.Buffer
			require.NoError(t, dhis2.WriteSummary(&b, got))
			back, err := dhis2.ReadSummary(&b)
			require.NoError(t, err)
			require.Equal(t, got, back)
		})
	}
}

// Each row is a summary and the answer that is written
// (RULES.md#import-summaries).
func TestWriteSummary(t *testing.T) {
	tests := []struct {
		in   hmis.Summary
		want string
	}{
		{hmis.Summary{Imported: 3}, `{"responseType":"ImportSummary","status":"SUCCESS","importCount":{"imported":3,"updated":0,"ignored":0,"deleted":0},"dataSetComplete":"false"}`},
		{hmis.Summary{Imported: 3, Ignored: 1, Issues: hmis.Issues{{Code: "E8122", Rows: []int{2}, Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "e"}, Err: errors.New("a < b")}}},
			`{"responseType":"ImportSummary","status":"WARNING","importCount":{"imported":3,"updated":0,"ignored":1,"deleted":0},"conflicts":[{"object":"e","objects":{"dataElement":"e"},"value":"a < b","errorCode":"E8122","indexes":[2]}],"rejectedIndexes":[2],"dataSetComplete":"false"}`},
		{hmis.Summary{Ignored: 1, Issues: hmis.Issues{{Severity: hmis.Severe, Code: "E8122", Err: errors.New("a < b")}}},
			`{"responseType":"ImportSummary","status":"ERROR","importCount":{"imported":0,"updated":0,"ignored":1,"deleted":0},"conflicts":[{"value":"a < b","errorCode":"E8122"}],"dataSetComplete":"false"}`},
		{hmis.Summary{Ignored: 1, Issues: hmis.Issues{{Severity: hmis.Warning, Err: errors.New("late")}}},
			`{"responseType":"ImportSummary","status":"WARNING","importCount":{"imported":0,"updated":0,"ignored":1,"deleted":0},"conflicts":[{"value":"late"}],"dataSetComplete":"false"}`},
		// The value was stored before.
		{hmis.Summary{Ignored: 1}, `{"responseType":"ImportSummary","status":"SUCCESS","importCount":{"imported":0,"updated":0,"ignored":1,"deleted":0},"dataSetComplete":"false"}`},
	}
	for _, tt := range tests {
		var b strings.Builder
		require.NoError(t, dhis2.WriteSummary(&b, tt.in))
		require.Equal(t, tt.want+"\n", b.String())
	}
}
