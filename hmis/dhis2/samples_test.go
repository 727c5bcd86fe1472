package dhis2_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/stretchr/testify/require"
)

// sampleFolder has small inputs that servers and spreadsheets really make, each
// with a fault. Its INDEX.md has the right results.
var sampleFolder = filepath.Join("..", "..", "..", "shared", "samples", "bugs")

// Each file of the samples is read as its index requires, or belongs to another
// package, which is named here.
func TestSampleBugs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sampleFolder, "*.*"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skipf("no samples in %s", sampleFolder)
	}
	csv, xml := dhis2.Format{CSV: true}, dhis2.Format{XML: true}
	values := func(f dhis2.Format, want string) func(*testing.T, string) {
		return func(t *testing.T, name string) { require.Equal(t, want, lines(f.Read(open(t, name), nil))) }
	}
	elsewhere := func(why string) func(*testing.T, string) {
		return func(t *testing.T, _ string) { t.Skip(why) }
	}
	tests := map[string]func(t *testing.T, name string){
		"values-misspelt-heading.csv": values(csv, `error: dhis2: line 1: unknown heading "dataelemnt": want a header with a column dataElement`),
		"values-unknown-heading.csv": func(t *testing.T, name string) {
			values(csv, `error: dhis2: line 1: unknown heading "attribute_option_combo"`)(t, name)
			ignoring := dhis2.Format{CSV: true, Ignore: []string{"attribute_option_combo"}}
			values(ignoring, "deVisits001/ouClinicA01/202401/HllvX50cXC0=7\ndeVisits001/ouClinicA01/202401/HllvX50cXC0=9")(t, name)
		},
		"values-error-answer.json": values(dhis2.Format{}, `error: dhis2: offset 0: the answer of a server, ERROR 401: "Unauthorized": want a data value set`),
		"answer-list.json": func(t *testing.T, name string) {
			s, err := dhis2.ReadSummary(open(t, name))
			require.NoError(t, err)
			require.Equal(t, [4]int{0, 7, 2, 0}, [4]int{s.Imported, s.Updated, s.Ignored, s.Deleted})
			require.Len(t, s.Issues, 1)
			require.EqualError(t, s.Issues[0], "hmis: HF-9: no such unit")
		},
		"metadata-old-names.json": func(t *testing.T, name string) {
			md, err := dhis2.ReadMetadata(open(t, name))
			require.NoError(t, err)
			require.Equal(t, []hmis.DataElement{
				{ID: "deStaff0001", Name: "Staff", ValueType: hmis.IntegerPositive, Aggregation: hmis.Average},
				{ID: "deVisits001", Name: "Visits", ValueType: hmis.Integer, Aggregation: hmis.Sum},
				{ID: "deRemark001", Name: "Remark", ValueType: hmis.LongText, Aggregation: hmis.NoAggregation},
			}, md.DataElements)
			require.Empty(t, md.Properties)
		},
		"values-repeated.csv": values(csv, "deVisits001/ouClinicA01/202401/HllvX50cXC0/HllvX50cXC0=432\n"+
			"deVisits001/ouClinicA01/202402/HllvX50cXC0/HllvX50cXC0=10\ndeVisits001/ouClinicA01/202401/HllvX50cXC0/HllvX50cXC0=180"), // aggregate.Loader reports them
		"values-other-element.xml": values(xml, `error: dhis2: offset 94: value 0: unknown element "datavalue"`),
		"completions-misspelt-member.json": func(t *testing.T, name string) {
			_, err := collect(dhis2.ReadCompletions(open(t, name)))
			require.EqualError(t, err, `dhis2: offset 35: value 0: unknown member "attributeoptioncombo"`)
		},
		"elements-no-heading.csv": func(t *testing.T, name string) {
			md, err := dhis2.ReadMetadataCSV(open(t, name), hmis.KindDataElement)
			require.NoError(t, err)
			require.Len(t, md.DataElements, 2)
			require.Equal(t, "Visits", md.DataElements[0].Name)
			require.Equal(t, hmis.UID("deVisits001"), md.DataElements[0].ID)
		},
		"elements-semicolons.csv": func(t *testing.T, name string) {
			_, err := dhis2.ReadMetadataCSV(open(t, name), hmis.KindDataElement)
			require.EqualError(t, err, `dhis2: line 1: "name;uid;code;shortname": semicolons between columns: want commas`)
		},
		"metadata-null-in-list.json": func(t *testing.T, name string) {
			var found []string
			md, err := dhis2.MetadataReader{Warn: func(i hmis.Issue) { found = append(found, i.Error()) }}.Read(open(t, name))
			require.NoError(t, err)
			require.Equal(t, []hmis.UID{"opFemale001", "opMale00001"}, md.Categories[0].Options)
			require.Equal(t, []string{"hmis: entry_null: category caSex000001: categoryOptions[1]: null is skipped"}, found)
		},
		"values-number-as-period.json":  values(dhis2.Format{}, "deVisits001/ouClinicA01/202401=5\ndeVisits001/ouClinicA01/202402=6"),
		"measure-empty-stratifier.json": elsewhere("read by adx/madx"),
		"metadata-without-ids.json": func(t *testing.T, name string) {
			var found []string
			md, err := dhis2.MetadataReader{Warn: func(i hmis.Issue) { found = append(found, i.Code) }, Reject: func(_ hmis.Ref, err error) { t.Error(err) }}.Read(open(t, name))
			require.NoError(t, err)
			require.Len(t, md.OrgUnits, 2)
			require.Equal(t, md.OrgUnits[0].ID, md.OrgUnits[1].Parent)
			require.NotEqual(t, md.OrgUnits[0].ID, md.OrgUnits[1].ID)
			require.Equal(t, []string{"id_missing", "id_missing"}, found)
			_, err = hmis.NewCatalog(md)
			require.NoError(t, err)
		},
		"server-error-answer.json": func(t *testing.T, name string) {
			const quoted = `the answer of a server, ERROR 401: "Unauthorized"`
			_, err := collect(dhis2.ReadValues(open(t, name)))
			require.ErrorContains(t, err, quoted)
			_, err = collect(dhis2.ReadCompletions(open(t, name)))
			require.ErrorContains(t, err, quoted)
			_, err = dhis2.ReadMetadata(open(t, name))
			require.ErrorContains(t, err, quoted)
			_, err = dhis2.ReadSummary(open(t, name))
			require.ErrorContains(t, err, quoted)
			_, err = dhis2.ReadMetadataCSV(open(t, name), hmis.KindOrgUnit)
			require.Error(t, err)
			_, err = collect(csv.Read(open(t, name), nil))
			require.Error(t, err)
			_, err = collect(xml.Read(open(t, name), nil))
			require.Error(t, err)
		},
		"orgunits-columns-swapped.csv": func(t *testing.T, name string) {
			md, err := dhis2.ReadMetadataCSV(open(t, name), hmis.KindOrgUnit)
			require.NoError(t, err)
			require.Equal(t, []hmis.OrgUnit{
				{ID: "aaaaaaaaaaa", Code: "MW", Name: "Malawi", ShortName: "Malawi"},
				{ID: "bbbbbbbbbbb", Code: "MW-BA", Name: "Balaka", ShortName: "Balaka", Parent: "aaaaaaaaaaa"},
			}, md.OrgUnits)
		},
		"wide.csv": func(t *testing.T, name string) {
			_, err := collect(csv.Read(open(t, name), nil))
			require.ErrorContains(t, err, "no known heading")
			require.ErrorContains(t, err, "a sheet with a column for each org unit")
		},
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "INDEX.md" {
			continue
		}
		test, ok := tests[name]
		if !ok {
			t.Errorf("%s: want a test of it", name)
			continue
		}
		t.Run(name, func(t *testing.T) { test(t, file) })
	}
	_, err = os.Stat(filepath.Join(sampleFolder, "INDEX.md"))
	require.NoError(t, err)
}
