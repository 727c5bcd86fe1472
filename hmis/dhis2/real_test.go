package dhis2_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/stretchr/testify/require"
)

func open(t testing.TB, name string) io.Reader {
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// metadataFiles returns the files that hold metadata in JSON.
func metadataFiles(t *testing.T) []string {
	files := testfile.Data(t, "sierra-leone/*metadata*.json.gz", "sierra-leone/*[sS].json.gz", "sierra-leone/orbf2-*.json.gz",
		"who/*.json.gz", "datim/validationRules*.json.gz")
	return slices.DeleteFunc(files, func(name string) bool { return strings.Contains(name, "dataValue") })
}

// Every metadata file is read, has as many objects as encoding/json counts, can
// be indexed, and is written as it was.
func TestRealMetadata(t *testing.T) {
	for _, name := range metadataFiles(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			md, err := dhis2.ReadMetadata(open(t, name))
			require.NoError(t, err)
			var counted map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(testfile.Read(t, name), &counted))
			for key, n := range map[string]int{
				"organisationUnits": len(md.OrgUnits), "dataElements": len(md.DataElements), "indicators": len(md.Indicators),
				"indicatorTypes": len(md.IndicatorTypes), "dataSets": len(md.DataSets), "validationRules": len(md.ValidationRules),
				"predictors": len(md.Predictors), "categoryOptionCombos": len(md.OptionCombos), "categories": len(md.Categories),
				"categoryOptions": len(md.CategoryOptions), "categoryCombos": len(md.CategoryCombos), "optionSets": len(md.OptionSets),
				"attributes": len(md.Attributes), "constants": len(md.Constants), "organisationUnitLevels": len(md.OrgUnitLevels),
			} {
				var list []json.RawMessage
				if counted[key] != nil {
					require.NoError(t, json.Unmarshal(counted[key], &list))
				}
				if len(list) != n {
					t.Errorf("%d %s read, %d in the file", n, key, len(list))
				}
			}
			c, err := hmis.NewCatalog(md)
			require.NoError(t, err)
			t.Logf("%d doubts", len(c.Check()))
			again(t, md)
		})
	}
}

// These are the counts in DATA.md.
func TestRealMetadataCounts(t *testing.T) {
	tests := []struct {
		file                                                  string
		units, elements, indicators, types, sets, rules, pred int
		optionCombos                                          int
	}{
		{"sierra-leone/openhexa-metadata.json.gz", 1332, 1036, 79, 0, 26, 0, 0, 225},
		{"sierra-leone/merged-metadata.json.gz", 1332, 1036, 79, 0, 26, 0, 0, 225},
		{"sierra-leone/orbf2-dataElements-2017.json.gz", 0, 875, 0, 0, 0, 0, 0, 0},
		{"sierra-leone/orbf2-indicators-2017.json.gz", 0, 0, 63, 0, 0, 0, 0, 0},
		{"sierra-leone/play42-metadata.json.gz", 0, 67, 3, 1, 2, 0, 0, 12},
		{"sierra-leone/play42-organisationUnits.json.gz", 1332, 0, 0, 0, 0, 0, 0, 0},
		{"who/EPI_COMPLETE_V0.json.gz", 0, 168, 107, 3, 1, 30, 15, 5},
		{"who/HIV_COMPLETE_V1.json.gz", 0, 32, 38, 3, 3, 10, 6, 5},
		{"who/MAL-BR_COMPLETE_V1.json.gz", 0, 107, 134, 4, 3, 45, 20, 13},
		{"who/RMNCAH_COMPLETE_V1.json.gz", 0, 125, 115, 2, 1, 48, 0, 46},
		{"datim/validationRules.json.gz", 0, 0, 0, 0, 0, 1093, 0, 0},
	}
	for _, tt := range tests {
		t.Run(filepath.Base(tt.file), func(t *testing.T) {
			md, err := dhis2.ReadMetadata(open(t, testfile.Companion(t, tt.file)))
			require.NoError(t, err)
			got := tt
			got.units, got.elements, got.indicators, got.types = len(md.OrgUnits), len(md.DataElements), len(md.Indicators), len(md.IndicatorTypes)
			got.sets, got.rules, got.pred, got.optionCombos = len(md.DataSets), len(md.ValidationRules), len(md.Predictors), len(md.OptionCombos)
			require.Equal(t, tt, got)
		})
	}
}

// The metadata of Sierra Leone is in two files.
func TestRealMerge(t *testing.T) {
	var parts []hmis.Metadata
	for _, name := range []string{"sierra-leone/play42-metadata.json.gz", "sierra-leone/play42-organisationUnits.json.gz"} {
		md, err := dhis2.ReadMetadata(open(t, testfile.Companion(t, name)))
		require.NoError(t, err)
		parts = append(parts, md)
	}
	md, conflicts := hmis.Merge(parts...)
	require.NoError(t, conflicts.Err())
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	require.Equal(t, hmis.UID("HllvX50cXC0"), c.DefaultOptionCombo())
	for _, v := range allValues(t, "sierra-leone/play42-dataValues-202501.json.gz", dhis2.Format{}) {
		require.True(t, c.Has(hmis.Ref{Kind: hmis.KindDataElement, ID: v.DataElement}), v.DataElement)
		require.True(t, c.Has(hmis.Ref{Kind: hmis.KindOrgUnit, ID: v.OrgUnit}), v.OrgUnit)
	}
}

func allValues(t *testing.T, name string, f dhis2.Format) []hmis.DataValue {
	values, err := collect(f.Read(open(t, testfile.Companion(t, name)), nil))
	require.NoError(t, err)
	return values
}

// Some expressions contain the default option combo of an older database. It
// stays unknown, since it is no second default (hmis/RULES.md#default-combos).
func TestRealOldDefault(t *testing.T) {
	const old = "bRowv6yZOF2"
	var parts []hmis.Metadata
	for _, name := range []string{"sierra-leone/play42-metadata.json.gz", "sierra-leone/orbf2-indicators-2017.json.gz", "sierra-leone/orbf2-dataElements-2017.json.gz"} {
		md, err := dhis2.ReadMetadata(open(t, testfile.Companion(t, name)))
		require.NoError(t, err)
		parts = append(parts, md)
	}
	md, conflicts := hmis.Merge(parts...)
	require.NotEmpty(t, conflicts)
	for _, issue := range conflicts {
		require.Equal(t, "merge_conflict", issue.Code)
		require.Equal(t, hmis.Warning, issue.Severity)
	}
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	uses := 0
	for i := range hmis.All[hmis.Indicator](c) {
		uses += strings.Count(i.Numerator+i.Denominator, old)
	}
	require.Positive(t, uses)
	require.Equal(t, hmis.UID("HllvX50cXC0"), c.DefaultOptionCombo())
	require.Equal(t, []hmis.UID{"HllvX50cXC0"}, c.OptionCombos(""))
	require.False(t, c.Has(hmis.Ref{Kind: hmis.KindOptionCombo, ID: old}))
	_, err = c.Lookup(hmis.KindOptionCombo, hmis.ByID, old)
	require.EqualError(t, err, `hmis: categoryOptionCombo: no object with the id "bRowv6yZOF2"`)
}

// The CSV file of a year and the JSON file of January have the same values for
// January.
func TestRealValues(t *testing.T) {
	year := allValues(t, "sierra-leone/play42-dataValues-2025.csv.gz", dhis2.Format{CSV: true})
	require.Len(t, year, 188_701)
	january := map[hmis.Key]hmis.DataValue{}
	for _, v := range year {
		if v.Period.String() == "202501" {
			january[v.Key] = v
		}
	}
	values := allValues(t, "sierra-leone/play42-dataValues-202501.json.gz", dhis2.Format{})
	require.Len(t, values, len(january))
	for _, v := range values {
		want := january[v.Key]
		require.Equal(t, want.Value, v.Value)
		require.Equal(t, want.StoredBy, v.StoredBy)
	}
}

// Every file of values reads as with the standard library, is written as it
// was, and reads the same in columns.
func TestRealValuesAgree(t *testing.T) {
	for _, name := range testfile.Data(t, "sierra-leone/*ataValue*.gz", "datim/datavalueset*.gz") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			format := dhis2.Format{CSV: strings.Contains(name, ".csv"), XML: strings.Contains(name, ".xml")}
			values, err := collect(format.Read(open(t, name), nil))
			require.NoError(t, err)
			require.NotEmpty(t, values)
			if !format.XML {
				texts := reference(t, testfile.Read(t, name), format.CSV)
				require.Len(t, values, len(texts))
				for i, v := range values {
					if got := [4]string{string(v.DataElement), v.Period.String(), string(v.OrgUnit), v.Value}; got != texts[i] {
						t.Fatalf("value %d: %q, by the standard library %q", i, got, texts[i])
					}
				}
			}
			n := 0
			for batch, err := range format.ReadBatches(open(t, name), nil) {
				require.NoError(t, err)
				for v := range batch.Values() {
					if v != values[n] {
						t.Fatalf("value %d: %v in columns, %v alone", n, v, values[n])
					}
					n++
				}
			}
			require.Len(t, values, n)
			var text bytes.Buffer
			require.NoError(t, format.Write(&text, stream(values)))
			back, err := collect(format.Read(&text, nil))
			require.NoError(t, err)
			require.Len(t, back, len(values))
			counted := tally.Of(t, name)
			for i := range values {
				counted.Check(values[i] == back[i], "value %d: %s", i, cmp.Diff(values[i], back[i], samePeriods()))
			}
			counted.Done()
		})
	}
}

// reference reads the element, period, org unit and value of each row with the
// standard library.
func reference(t *testing.T, text []byte, isCSV bool) (rows [][4]string) {
	if isCSV {
		r := csv.NewReader(bytes.NewReader(text))
		r.FieldsPerRecord = -1
		records, err := r.ReadAll()
		require.NoError(t, err)
		at := 5
		for _, rec := range records[1:] {
			rows = append(rows, [4]string{rec[0], rec[1], rec[2], rec[at]})
		}
		return rows
	}
	var set struct {
		DataValues []struct{ DataElement, Period, OrgUnit, Value string }
	}
	require.NoError(t, json.Unmarshal(text, &set))
	for _, v := range set.DataValues {
		rows = append(rows, [4]string{v.DataElement, v.Period, v.OrgUnit, v.Value})
	}
	return rows
}
