package dsd_test

import (
	"bytes"
	"cmp"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// A message with all values of a data set in a year is valid by the schema from
// its metadata, according to xmllint. It has no findings and reads back as the
// same values.
func TestRealSierraLeone(t *testing.T) {
	meta, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Companion(t, "sierra-leone/play42-metadata.json.gz")))
	require.NoError(t, err)
	units, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Companion(t, "sierra-leone/play42-organisationUnits.json.gz")))
	require.NoError(t, err)
	md, _ := hmis.Merge(meta, units)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	for _, file := range testfile.Data(t, "sierra-leone/play42-dataValues-*.csv.gz") {
		t.Run(filepath.Base(file), func(t *testing.T) { testDataSets(t, catalog, file) })
	}
}

func testDataSets(t *testing.T, catalog *hmis.Catalog, file string) {
	var values []hmis.DataValue
	for v, err := range (dhis2.Format{CSV: true}).Read(testfile.Open(t, file), nil) {
		require.NoError(t, err)
		values = append(values, v)
	}
	for set := range hmis.All[hmis.DataSet](catalog) {
		t.Run(set.Code, func(t *testing.T) {
			elements := map[hmis.UID]bool{}
			for _, e := range set.Elements {
				elements[e.DataElement] = true
			}
			assigned := map[hmis.UID]bool{}
			for _, u := range set.OrgUnits {
				assigned[u] = true
			}
			var mine []hmis.DataValue
			for _, v := range values {
				// A facility may have values from before it stopped reporting
				// the form.
				if elements[v.DataElement] && assigned[v.OrgUnit] && !v.Deleted {
					mine = append(mine, v)
				}
			}
			slices.SortStableFunc(mine, func(a, b hmis.DataValue) int {
				return cmp.Or(cmp.Compare(a.OrgUnit, b.OrgUnit), a.Period.Compare(b.Period),
					cmp.Compare(a.AttributeCombo, b.AttributeCombo))
			})
			require.NotEmpty(t, mine)
			testMessage(t, catalog, set.ID, mine)
		})
	}
}

func testMessage(t *testing.T, catalog *hmis.Catalog, set hmis.UID, values []hmis.DataValue) {
	d, err := dsd.Derive(catalog, set, hmis.Schemes{})
	require.NoError(t, err)
	for _, f := range d.Check() {
		require.Less(t, f.Severity, hmis.Severe, "%v", f.Error())
	}
	mapper := adx.Mapper{Catalog: catalog, DataSet: set, RequireDimensions: true}
	var out bytes.Buffer
	w := adx.NewWriter(&out)
	w.Header.Exported = time.Date(2026, 1, 15, 8, 0, 0, 0, time.UTC)
	var groups []adx.Group
	for g, err := range mapper.Groups(func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}) {
		require.NoError(t, err)
		require.NoError(t, w.Write(g))
		groups = append(groups, g)
	}
	require.NoError(t, w.Close())
	t.Logf("%d values in %d groups, %d bytes", len(values), len(groups), out.Len())

	require.Empty(t, collect(t, dsd.Checker{Definition: d, Limit: 5}.Groups(adx.NewReader(bytes.NewReader(out.Bytes())).Groups())))
	i := 0
	for g, err := range adx.NewReader(bytes.NewReader(out.Bytes())).Groups() {
		require.NoError(t, err)
		g.Number, g.Line, g.Column = 0, 0, 0
		for j := range g.Values {
			g.Values[j].Line, g.Values[j].Column = 0, 0
		}
		for _, v := range groups[i].Values {
			for j := range v.Attrs { // a code has a line break, which XML turns into a blank
				v.Attrs[j].Value = strings.Join(strings.Fields(v.Attrs[j].Value), " ")
			}
		}
		if !reflect.DeepEqual(groups[i], g) {
			t.Fatal(gocmp.Diff(groups[i], g, gocmp.Comparer(func(a, b adx.TimeRange) bool { return a == b })))
		}
		i++
	}
	require.Len(t, groups, i)

	var back []hmis.DataValue
	for v, err := range mapper.Values(adx.NewReader(bytes.NewReader(out.Bytes())).Groups()) {
		require.NoError(t, err)
		back = append(back, v)
	}
	for i := range values {
		v := &values[i]
		// Messages do not contain who stored a value and when, and leave out
		// the default combo.
		v.StoredBy, v.Created, v.Updated = "", time.Time{}, time.Time{}
		for _, combo := range []*hmis.UID{&v.OptionCombo, &v.AttributeCombo} {
			if *combo == catalog.DefaultOptionCombo() {
				*combo = ""
			}
		}
	}
	if len(back) != len(values) {
		t.Fatalf("%d values read back; want %d", len(back), len(values))
	}
	for i := range values {
		if values[i].Value != back[i].Value { // a Mapper spells numbers as DHIS2 does: 020 becomes 20
			want, err := decimal.NewFromString(values[i].Value)
			require.NoError(t, err)
			require.Equal(t, want.String(), back[i].Value)
			back[i].Value = values[i].Value
		}
		if values[i] != back[i] {
			t.Fatalf("value %d: read back as %+v; want %+v", i, back[i], values[i])
		}
	}

	ok, text := newSchema(t, d, dsd.Schema{SelfContained: true, RequireOuter: true}).valid(t, out.String())
	require.True(t, ok, text)
	first := out.String()[:strings.Index(out.String(), "</group>")] + "</group></adx>"
	spoilt := strings.Replace(first, ` value="`, ` value="x`, 1)
	ok, _ = newSchema(t, d, dsd.Schema{SelfContained: true, RequireOuter: true}).valid(t, spoilt)
	require.False(t, ok, "a schema that accepts anything would prove nothing")
}
