package madx_test

import (
	"bytes"
	"cmp"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/adx/madx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// The reports of all facilities, written as a FHIR bundle, read back as the
// same values and without findings.
func TestRealSierraLeone(t *testing.T) {
	meta, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Companion(t, "sierra-leone/play42-metadata.json.gz")))
	require.NoError(t, err)
	units, err := dhis2.ReadMetadata(testfile.Open(t, testfile.Companion(t, "sierra-leone/play42-organisationUnits.json.gz")))
	require.NoError(t, err)
	md, _ := hmis.Merge(meta, units)
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	for _, file := range testfile.Data(t, "sierra-leone/play42-dataValues-*.json.gz") {
		t.Run(filepath.Base(file), func(t *testing.T) { testDataSets(t, catalog, file) })
	}
}

func testDataSets(t *testing.T, catalog *hmis.Catalog, file string) {
	for set := range hmis.All[hmis.DataSet](catalog) {
		t.Run(set.Code, func(t *testing.T) {
			var values []hmis.DataValue
			for v, err := range dhis2.ReadValues(testfile.Open(t, file)) {
				require.NoError(t, err)
				if slices.Contains(catalog.DataSets(v.DataElement), set.ID) && slices.Contains(set.OrgUnits, v.OrgUnit) && !v.Deleted {
					values = append(values, v)
				}
			}
			require.NotEmpty(t, values)
			slices.SortStableFunc(values, func(a, b hmis.DataValue) int {
				return cmp.Or(cmp.Compare(a.OrgUnit, b.OrgUnit), a.Period.Compare(b.Period),
					cmp.Compare(a.AttributeCombo, b.AttributeCombo))
			})
			var groups []adx.Group
			mapper := adx.Mapper{Catalog: catalog, DataSet: set.ID}
			for g, err := range mapper.Groups(func(yield func(hmis.DataValue, error) bool) {
				for _, v := range values {
					if !yield(v, nil) {
						return
					}
				}
			}) {
				require.NoError(t, err)
				groups = append(groups, g)
			}
			d, err := dsd.Derive(catalog, set.ID, hmis.Schemes{})
			require.NoError(t, err)
			f := madx.Format{Measure: madx.MeasureOf(d, "https://moh.example.org")}
			var out bytes.Buffer
			require.NoError(t, f.Write(&out, adx.Header{}, stream(groups...)))
			back, found, _ := read(t, f, out.String())
			require.Empty(t, found)
			require.Equal(t, facts(t, groups), facts(t, back))
			t.Logf("%d values in %d groups, %d bytes", len(values), len(groups), out.Len())
		})
	}
}

// facts returns the values of groups as sorted lines, each with all that it is
// about.
func facts(t *testing.T, groups []adx.Group) []string {
	var list []string
	for _, g := range groups {
		for _, v := range g.Values {
			var about []string
			for _, a := range slices.Concat(g.Attrs, v.Attrs) {
				about = append(about, a.Name+"="+strings.Join(strings.Fields(a.Value), " "))
			}
			slices.Sort(about)
			n, err := decimal.NewFromString(v.Value)
			require.NoError(t, err)
			list = append(list, g.OrgUnit+" "+g.Period.String()+" "+v.DataElement+" "+strings.Join(about, " ")+" "+n.String())
		}
	}
	slices.Sort(list)
	return list
}
