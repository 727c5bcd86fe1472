package country_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// The metadata has no doubts and is as the documentation says.
func TestMetadata(t *testing.T) {
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	require.Empty(t, catalog.Check())

	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	for level, want := range []int{0, 1, 3, 12, 48, 300, 0} {
		require.Len(t, tree.AtLevel(level), want, "level %d", level)
	}
	for _, issue := range tree.Check() {
		require.Equal(t, "organisation_units_without_groups", issue.Code, "only what lies above facilities")
		require.Less(t, tree.Level(issue.Object.ID), 5)
	}
	require.Empty(t, tree.CheckLevels(md.OrgUnitLevels))
	for _, set := range md.GroupSets {
		require.Empty(t, tree.CheckGroupSet(set, 5))
	}
	require.Len(t, md.DataElements, 15)
	require.Len(t, md.Indicators, 8)

	for kind, ids := range map[hmis.Kind]int{hmis.KindOrgUnit: len(md.OrgUnits)} {
		require.Equal(t, 364, ids, kind)
	}
	for _, u := range md.OrgUnits {
		_, err := hmis.ParseUID(string(u.ID))
		require.NoError(t, err)
	}
}

// Every value belongs to its form: the unit reports the element, at this
// frequency, for an option combo of its category combo, while the unit is open,
// and once.
func TestValues(t *testing.T) {
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	type report struct {
		element, unit hmis.UID
		typ           period.Type
	}
	forms := make(map[report]bool)
	for _, s := range md.DataSets {
		for _, e := range s.Elements {
			for _, unit := range s.OrgUnits {
				forms[report{e.DataElement, unit, s.PeriodType}] = true
			}
		}
	}
	seen := make(map[hmis.Key]bool)
	for v, err := range country.Values() {
		require.NoError(t, err)
		if !forms[report{v.DataElement, v.OrgUnit, v.Period.Type()}] {
			t.Fatalf("%v is in no form of its unit", v)
		}
		cell, ok := hmis.Find[hmis.OptionCombo](catalog, v.OptionCombo)
		if !ok || cell.CategoryCombo != catalog.CategoryCombo(v.DataElement, "") {
			t.Fatalf("%v has no cell of its combo", v)
		}
		unit, _ := hmis.Find[hmis.OrgUnit](catalog, v.OrgUnit)
		if v.Period.First() < unit.Opened || unit.Closed != 0 && v.Period.First() > unit.Closed {
			t.Fatalf("%v is outside the days of its unit", v)
		}
		if _, err := hmis.IntegerZeroOrPositive.Check(v.Value); err != nil || seen[v.Key] {
			t.Fatalf("%v: %v, seen before %v", v, err, seen[v.Key])
		}
		seen[v.Key] = true
	}
	t.Logf("%d values", len(seen))
	require.Greater(t, len(seen), 100_000)
}

func writeMetadata(w io.Writer) error { return dhis2.WriteMetadata(w, country.Metadata()) }

func writeValues(w io.Writer) error { return dhis2.Format{CSV: true}.Write(w, country.Values()) }

// The committed files are those that go generate writes.
func TestFiles(t *testing.T) {
	for name, write := range map[string]func(io.Writer) error{
		"metadata.json.gz": writeMetadata,
		"values.csv.gz":    writeValues,
	} {
		var want bytes.Buffer
		require.NoError(t, write(&want))
		file, err := country.Files().Open(name)
		require.NoError(t, err)
		defer file.Close()
		// The decompressed content is compared, since another release of Go may
		// compress differently.
		z, err := gzip.NewReader(file)
		require.NoError(t, err)
		require.Zero(t, z.ModTime, "the time of making is not in it")
		got, err := io.ReadAll(z)
		require.NoError(t, err)
		if !bytes.Equal(want.Bytes(), got) {
			t.Errorf("%s: %d bytes, want %d: run go generate ./aggregate/aggregatetest/country", name, len(got), want.Len())
		}
	}
}

// The files read back as the metadata and values of the package.
func TestFilesReadBack(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, writeMetadata(&file))
	md, err := dhis2.ReadMetadata(&file)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(country.Metadata(), md, cmpopts.EquateEmpty(), cmp.Comparer(decimal.Decimal.Equal)))

	var values bytes.Buffer
	require.NoError(t, writeValues(&values))
	next, stop := iter.Pull2(country.Values())
	defer stop()
	for got, err := range (dhis2.Format{CSV: true}).Read(&values, nil) {
		require.NoError(t, err)
		want, _, _ := next()
		if got != want {
			t.Fatalf("%v reads back as %v", want, got)
		}
	}
	_, _, more := next()
	require.False(t, more)
}

// The indicators are as in a real country, with gaps where districts sent no
// reports.
func TestIndicators(t *testing.T) {
	md := country.Metadata()
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits, md.Groups...)
	require.NoError(t, err)
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree}.Load(context.Background(), country.Values())
	require.NoError(t, err)
	q := aggregate.Query{OrgUnits: tree.AtLevel(3)}
	for _, year := range []string{"2024", "2025"} {
		q.Periods = append(q.Periods, period.MustParse(year).Split(period.Quarterly)...)
	}
	for _, ind := range md.Indicators {
		q.Data = append(q.Data, indicator.Item{ID: ind.ID})
	}
	table, err := cube.Query(context.Background(), q)
	require.NoError(t, err)

	ranges := map[hmis.UID][2]float64{
		"inAnc1Cover": {40, 110}, "inAncDropot": {20, 50}, "inDelivery1": {25, 80}, "inDpt3Cover": {40, 110},
		"inDptDropot": {0, 25}, "inMalIncidn": {50, 600}, "inMalPositv": {35, 50}, "inMalTreatd": {80, 105},
	}
	missing := 0
	for _, item := range q.Data {
		for _, unit := range q.OrgUnits {
			for _, p := range q.Periods {
				value, ok := table.At(item, unit, p).Float64()
				if !ok {
					missing++
					continue
				}
				if r := ranges[item.ID]; value < r[0] || value > r[1] {
					t.Errorf("%s of %s in %v is %v, want %v", item.ID, unit, p, value, r)
				}
			}
		}
	}
	require.Equal(t, 3+2, missing, "Kelmora without maternal health, Fendara without DPT, for a quarter each")
}
