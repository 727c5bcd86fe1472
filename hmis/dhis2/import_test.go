package dhis2_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// importer returns an Import over one clinic and one monthly form.
func importer(t testing.TB) (dhis2.Import, *entry.Memory) {
	t.Helper()
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "ouClinic001", Code: "HF-1"}},
		DataElements: []hmis.DataElement{
			{ID: "deBcg000001", Code: "BCG", ValueType: hmis.Integer}, {ID: "deOpv000001", Code: "OPV", ValueType: hmis.Integer}, {ID: "deOther0001"},
		},
		DataSets: []hmis.DataSet{{
			ID: "dsMonthly01", Code: "EPI", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"ouClinic001"},
			Elements: []hmis.DataSetElement{{DataElement: "deBcg000001"}, {DataElement: "deOpv000001"}},
		}},
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	store := &entry.Memory{}
	return dhis2.Import{Gate: entry.Gate{Catalog: catalog, Tree: tree, Policy: entry.Strict}, Store: store}, store
}

// holds returns the values in a store as "element=text".
func holds(s *entry.Memory) (list []string) {
	for v := range s.Values() {
		list = append(list, fmt.Sprint(v.DataElement, "=", v.Value))
	}
	slices.Sort(list)
	return list
}

// A message means the same in whatever format it comes: the same values are
// stored, and the others rejected with the same codes and positions
// (RULES.md#imports).
func TestImportFormats(t *testing.T) {
	files := map[string]struct {
		format dhis2.Format
		text   string
	}{
		"JSON": {dhis2.Format{}, `{"dataValues": [
			{"dataElement": "deBcg000001", "period": "202402", "orgUnit": "ouClinic001", "value": "12.0"},
			{"dataElement": "deOpv000001", "period": "2024Q9", "orgUnit": "ouClinic001", "value": "1"},
			{"dataElement": "deOpv000001", "period": "202402", "orgUnit": "ouClinic001", "value": "x"},
			{"period": "202402", "orgUnit": "ouClinic001", "value": "1"},
			{"dataElement": "deOther0001", "period": "202402", "orgUnit": "ouClinic001", "value": "1"},
			{"dataElement": "deBcg000001", "period": "202402", "orgUnit": "ouClinic001", "value": "13"},
			{"dataElement": "deBcg000001", "period": "202403", "orgUnit": "ouClinic001", "value": 7}]}`},
		"CSV": {dhis2.Format{CSV: true}, "dataelement,period,orgunit,value\n" +
			"deBcg000001,202402,ouClinic001,12.0\ndeOpv000001,2024Q9,ouClinic001,1\ndeOpv000001,202402,ouClinic001,x\n,202402,ouClinic001,1\n" +
			"deOther0001,202402,ouClinic001,1\ndeBcg000001,202402,ouClinic001,13\ndeBcg000001,202403,ouClinic001,7\n"},
		"XML": {dhis2.Format{XML: true}, `<dataValueSet>
			<dataValue dataElement="deBcg000001" period="202402" orgUnit="ouClinic001" value="12.0"/>
			<dataValue dataElement="deOpv000001" period="2024Q9" orgUnit="ouClinic001" value="1"/>
			<dataValue dataElement="deOpv000001" period="202402" orgUnit="ouClinic001" value="x"/>
			<dataValue period="202402" orgUnit="ouClinic001" value="1"/>
			<dataValue dataElement="deOther0001" period="202402" orgUnit="ouClinic001" value="1"/>
			<dataValue dataElement="deBcg000001" period="202402" orgUnit="ouClinic001" value="13"/>
			<dataValue dataElement="deBcg000001" period="202403" orgUnit="ouClinic001" value="7"/></dataValueSet>`},
	}
	want := []string{"E8100 [1]", "E8122 [2]", "E8102 [3]", "E8003 [4]", "E8128 [5]"}
	slices.Sort(want)
	for name, tt := range files {
		im, store := importer(t)
		im.Format = tt.format
		sum, err := im.Run(t.Context(), strings.NewReader(tt.text))
		require.NoError(t, err, name)
		require.Equal(t, []int{2, 0, 5}, []int{sum.Imported, sum.Updated, sum.Ignored}, name)
		require.Equal(t, []string{"deBcg000001=12", "deBcg000001=7"}, holds(store), name)
		var got []string
		for _, i := range sum.Issues {
			got = append(got, fmt.Sprint(i.Code, " ", i.Rows))
		}
		slices.Sort(got)
		require.Equal(t, want, got, name)
	}
}

// What a file says about all of its values counts, and what is wrong with it
// rejects the file.
func TestImportWhole(t *testing.T) {
	row := `{"dataElement": "BCG", "period": "202402", "orgUnit": "HF-1", "value": "5"}`
	tests := []struct {
		file, code string // the code that rejects all of it
		stored     int
		completed  string
	}{
		{`{"dataSet": "EPI", "dataValues": [` + row + `]}`, "", 1, ""},
		{`{"dataValues": [` + row + `], "dataSet": "EPI"}`, "", 1, ""},
		{`{}`, "", 0, ""},
		{`{"dataSet": "?", "dataValues": [` + row + `]}`, "E8005", 0, ""},
		{`{"orgUnit": "?", "dataValues": [` + row + `]}`, "E8107", 0, ""},
		{`{"period": "?", "dataValues": [` + row + `]}`, "E8100", 0, ""},
		{`{"attributeOptionCombo": "?", "dataValues": [` + row + `]}`, "E8110", 0, ""},
		{`{"completeDate": "soon", "dataValues": [` + row + `]}`, "E8008", 0, ""},
		{`{"completeDate": "2024-03-04", "dataValues": [` + row + `]}`, "E8009", 0, ""},
		{`{"completeDate": "2024-03-04", "dataSet": "EPI", "period": "202402", "orgUnit": "HF-1", "dataValues": [{"dataElement": "BCG", "value": "5"}]}`, "", 1, "2024-03-04"},
		{`{"completeDate": "2024-03-04", "dataSet": "EPI", "period": "202402", "orgUnit": "HF-1", "dataValues": [{"dataElement": "BCG", "value": "5"}, {"dataElement": "OPV", "value": "x"}]}`, "", 1, ""},
		{`{"dryRun": true, "dataValues": [` + row + `]}`, "", 0, ""},
		{`{"dataValues": [` + row + `], "dryRun": true}`, "", 0, ""},
	}
	for _, tt := range tests {
		im, store := importer(t)
		im.Format.Schemes.Any = hmis.ByCode
		sum, err := im.Run(t.Context(), strings.NewReader(tt.file))
		require.Len(t, holds(store), tt.stored, tt.file)
		n := 0
		for c := range store.Completions() {
			require.Equal(t, tt.completed, c.At.Format(time.DateOnly), tt.file)
			n++
		}
		require.Equal(t, tt.completed != "", n == 1, tt.file)
		if tt.completed != "" {
			require.Equal(t, tt.completed, sum.Completed.String())
		}
		if tt.code == "" {
			require.NoError(t, err, tt.file)
			continue
		}
		issue, ok := errors.AsType[*hmis.Issue](err)
		require.True(t, ok, "%s: %v", tt.file, err)
		require.Equal(t, tt.code, issue.Code, tt.file)
		require.Equal(t, hmis.Critical, issue.Severity)
		require.Zero(t, sum.Imported)
		require.Contains(t, sum.Issues, issue)
	}
}

// Codes that name nothing have the codes of a server, and reject their value or,
// under Grouped, the file: the first value counts.
func TestImportUnknownCodes(t *testing.T) {
	const file = `{"dataValues": [
		{"dataElement": "BCG", "period": "202402", "orgUnit": "HF-1", "value": "5"},
		{"dataElement": "?", "period": "202402", "orgUnit": "HF-1", "value": "5"},
		{"dataElement": "BCG", "period": "202403", "orgUnit": "?", "value": "5"},
		{"dataElement": "BCG", "period": "202404", "orgUnit": "HF-1", "categoryOptionCombo": "?", "value": "5"},
		{"dataElement": "BCG", "period": "202405", "orgUnit": "HF-1", "attributeOptionCombo": "?", "value": "5"}]}`
	im, store := importer(t)
	im.Format.Schemes.Any = hmis.ByCode
	rejected := 0
	im.Format.Reject = func(hmis.DataValue, error) { rejected++ }
	sum, err := im.Run(t.Context(), strings.NewReader(file))
	require.NoError(t, err)
	var got []string
	for _, i := range sum.Issues {
		got = append(got, i.Code)
	}
	require.Equal(t, []string{"E8103", "E8107", "E8108", "E8110"}, got)
	require.Equal(t, []int{1, 4, 4}, []int{sum.Imported, sum.Ignored, rejected})
	require.Len(t, holds(store), 1)

	im, store = importer(t)
	im.Format.Schemes.Any, im.Gate.Policy = hmis.ByCode, entry.Grouped
	sum, err = im.Run(t.Context(), strings.NewReader(file))
	require.ErrorContains(t, err, "E8103")
	require.Empty(t, holds(store))
	require.Zero(t, sum.Imported+sum.Ignored)

	im, store = importer(t)
	im.Format.Schemes.Any, im.Gate.Policy = hmis.ByCode, entry.Atomic
	_, err = im.Run(t.Context(), strings.NewReader(file))
	require.ErrorContains(t, err, "E8103")
	require.Empty(t, holds(store))
}

// An id that is an empty text is no UID. One that is not there is missing.
func TestImportEmptyIDs(t *testing.T) {
	for file, want := range map[string]string{
		`{"dataValues": [{"dataElement": "", "period": "202402", "orgUnit": "ouClinic001", "value": "5"}]}`:            "E8104",
		`{"dataValues": [{"dataElement": null, "period": "202402", "orgUnit": "ouClinic001", "value": "5"}]}`:          "E8102",
		`{"dataValues": [{"period": "202402", "orgUnit": "ouClinic001", "value": "5"}]}`:                               "E8102",
		`{"dataValues": [{"dataElement": "deBcg000001", "period": "202402", "orgUnit": "", "value": "5"}]}`:            "E8106",
		`{"dataValues": [{"dataElement": "deBcg000001", "period": "202402", "orgUnit": null, "value": "5"}]}`:          "E8105",
		`{"dataValues": [{"dataElement": "deBcg000001", "period": "202402", "value": "5"}]}`:                           "E8105",
		`{"dataValues": [{"dataElement": "", "period": "", "orgUnit": "", "value": "5"}]}`:                             "E8104",
		`{"dataValues": [{"dataElement": "deBcg000001", "period": "", "orgUnit": "", "value": "5"}]}`:                  "E8100",
		`{"dataValues": [{"dataElement": "deBcg000001", "period": "x", "orgUnit": "", "value": "5"}]}`:                 "E8100",
		`{"orgUnit": "ouClinic001", "dataValues": [{"dataElement": "deBcg000001", "period": "202402", "value": "5"}]}`: "",
	} {
		im, _ := importer(t)
		sum, err := im.Run(t.Context(), strings.NewReader(file))
		require.NoError(t, err)
		if want == "" {
			require.Empty(t, sum.Issues, file)
			continue
		}
		require.Len(t, sum.Issues, 1, file)
		require.Equal(t, want, sum.Issues[0].Code, file)
	}
}

// A file that breaks off, a context that ends and a dry run store nothing.
func TestImportNothing(t *testing.T) {
	const file = `{"dataValues": [{"dataElement": "deBcg000001", "period": "202402", "orgUnit": "ouClinic001", "value": "5"}`
	im, store := importer(t)
	im.Batch = 1
	sum, err := im.Run(t.Context(), strings.NewReader(file))
	require.EqualError(t, err, "dhis2: offset 106: value 0: unexpected end of the data values")
	require.Empty(t, holds(store))
	require.Zero(t, sum.Imported)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = im.Run(ctx, strings.NewReader(file+"]}"))
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, holds(store))

	im.DryRun = true
	sum, err = im.Run(t.Context(), strings.NewReader(file+"]}"))
	require.NoError(t, err)
	require.Equal(t, 1, sum.Imported)
	require.Empty(t, holds(store))

	im.DryRun, im.Store = false, nil
	sum, err = im.Run(t.Context(), strings.NewReader(file+"]}"))
	require.NoError(t, err)
	require.Equal(t, 1, sum.Imported)
}

// Registrations have the same codes in both formats, and positions of the file.
func TestImportCompletions(t *testing.T) {
	files := map[bool]string{
		false: `{"completeDataSetRegistrations": [
			{"dataSet": "EPI", "period": "202402", "organisationUnit": "HF-1", "date": "2024-03-04"},
			{"dataSet": "?", "period": "202402", "organisationUnit": "HF-1"},
			{"dataSet": "EPI", "period": "?", "organisationUnit": "HF-1"},
			{"dataSet": "EPI", "period": "202402", "organisationUnit": "?"},
			{"dataSet": "EPI", "period": "2024W5", "organisationUnit": "HF-1"}]}`,
		true: `<completeDataSetRegistrations>
			<completeDataSetRegistration dataSet="EPI" period="202402" organisationUnit="HF-1" date="2024-03-04"/>
			<completeDataSetRegistration dataSet="?" period="202402" organisationUnit="HF-1"/>
			<completeDataSetRegistration dataSet="EPI" period="?" organisationUnit="HF-1"/>
			<completeDataSetRegistration dataSet="EPI" period="202402" organisationUnit="?"/>
			<completeDataSetRegistration dataSet="EPI" period="2024W5" organisationUnit="HF-1"/></completeDataSetRegistrations>`,
	}
	for xml, file := range files {
		im, store := importer(t)
		im.Format.XML, im.Format.Schemes.Any = xml, hmis.ByCode
		sum, err := im.RunCompletions(t.Context(), strings.NewReader(file))
		require.NoError(t, err)
		var got []string
		for _, i := range sum.Issues {
			got = append(got, fmt.Sprint(i.Code, " ", i.Rows))
		}
		require.Equal(t, []string{"E8005 [1]", "E8100 [2]", "E8107 [3]", "E8021 [4]"}, got, xml)
		require.Equal(t, []int{1, 4}, []int{sum.Imported, sum.Ignored}, xml)
		n := 0
		for c := range store.Completions() {
			require.Equal(t, "2024-03-04", c.At.Format(time.DateOnly))
			n++
		}
		require.Equal(t, 1, n)
		im.Gate.Policy = entry.Grouped
		_, err = im.RunCompletions(t.Context(), strings.NewReader(file))
		require.ErrorContains(t, err, "E8005")
	}
}

// In a long file the data set comes before the values.
func TestImportLateDataSet(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"period": "202402", "orgUnit": "ouClinic001", "dataValues": [{"dataElement": "deBcg000001", "attributeOptionCombo": "HllvX50cXC0", "value": "1"}`)
	for i := range 5000 {
		fmt.Fprintf(&b, `,{"dataElement": "deBcg000001", "attributeOptionCombo": "HllvX50cXC0", "period": "%d", "value": "1"}`, 1600+i%400)
	}
	im, store := importer(t)
	_, err := im.Run(t.Context(), strings.NewReader(b.String()+`], "dataSet": "dsMonthly01"}`))
	require.EqualError(t, err, "hmis: dataSet: want it before dataValues")
	require.Empty(t, holds(store))
}

// A form that is rejected makes an answer an error, even if another is stored.
func TestImportAnswer(t *testing.T) {
	var b strings.Builder
	sum := hmis.Summary{Imported: 1, Issues: hmis.Issues{{Code: "E8022", Severity: hmis.Critical, Object: hmis.Ref{Kind: hmis.KindDataSet, ID: "dsMonthly01"}, Rows: []int{1, 2}, Err: errors.New("no")}}}
	require.NoError(t, dhis2.WriteSummary(&b, sum))
	require.Contains(t, b.String(), `"status":"ERROR"`)
	require.Contains(t, b.String(), `"rejectedIndexes":[1,2]`)
}

// ExampleImport stores a CSV file, or says line by line why not.
func ExampleImport() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "s46m5MS0hxu", Code: "BCG", ValueType: hmis.Integer}},
		OrgUnits:     []hmis.OrgUnit{{ID: "DiszpKrYNg8", Code: "OU_559"}},
		DataSets: []hmis.DataSet{{
			ID: "lyLU2wR22tC", PeriodType: period.Monthly,
			Elements: []hmis.DataSetElement{{DataElement: "s46m5MS0hxu"}}, OrgUnits: []hmis.UID{"DiszpKrYNg8"},
		}},
	})
	if err != nil {
		panic(err)
	}
	im := dhis2.Import{
		Format: dhis2.Format{CSV: true, Schemes: hmis.Schemes{Any: hmis.ByCode}},
		Gate:   entry.Gate{Catalog: catalog, Policy: entry.Strict},
		Store:  &entry.Memory{}, // or a database
	}
	file := "dataelement,period,orgunit,value\nBCG,202402,OU_559,14\nBCG,202403,OU_559,many\n"
	sum, err := im.Run(context.Background(), strings.NewReader(file))
	if err != nil {
		panic(err)
	}
	fmt.Println(sum.Imported, "imported,", sum.Ignored, "ignored")
	for _, issue := range sum.Issues {
		fmt.Println(issue.Rows, issue)
	}
	// Output:
	// 1 imported, 1 ignored
	// [1] hmis: E8122: dataElement s46m5MS0hxu: value: "many": want a whole number of 32 bits
}
