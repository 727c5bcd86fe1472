package geojson_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit/geojson"
	"github.com/stretchr/testify/require"
)

// The map of a real country gives 766 of its 1,332 units a place, and is
// written and read back.
func TestRealGeoJSON(t *testing.T) {
	unitsFile := testfile.Data(t, "sierra-leone/play42-organisationUnits.json.gz")
	mapFile := testfile.Data(t, "sierra-leone/play42-geometry.geojson.gz")
	if len(unitsFile) == 0 || len(mapFile) == 0 {
		t.Skip("no real data")
	}
	f, err := os.Open(unitsFile[0])
	require.NoError(t, err)
	defer f.Close()
	md, err := dhis2.ReadMetadata(f)
	require.NoError(t, err)
	require.Len(t, md.OrgUnits, 1332)

	g, err := os.Open(mapFile[0])
	require.NoError(t, err)
	defer g.Close()
	placed, summary, err := geojson.Import{}.Metadata(t.Context(), md, geojson.Read(t.Context(), g))
	require.NoError(t, err)
	require.Equal(t, geojson.Summary{Imported: 601 + 143 + 22}, summary)
	count := make(map[string]int)
	for _, u := range placed.OrgUnits {
		kind, _, _ := strings.Cut(u.Geometry, ",")
		count[kind]++
	}
	require.Equal(t, map[string]int{
		"": 566, `{"type":"Point"`: 601, `{"type":"Polygon"`: 143, `{"type":"MultiPolygon"`: 22,
	}, count)

	var b strings.Builder
	require.NoError(t, geojson.Write(&b, placed))
	for _, how := range []geojson.Import{{}, {Scheme: hmis.ByCode, Property: "code"}} {
		back, _, err := how.Metadata(t.Context(), md, geojson.Read(t.Context(), strings.NewReader(b.String())))
		require.NoError(t, err)
		if !cmp.Equal(placed, back) {
			t.Error("written and read back, it is another country")
		}
	}
}

// A map of 100,000 facilities, read, imported and written.
func BenchmarkImport(b *testing.B) {
	md, file := manyPoints(b, 100_000)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		_, summary, err := geojson.Import{}.Metadata(b.Context(), md, geojson.Read(b.Context(), strings.NewReader(file)))
		if err != nil || summary.Updated != len(md.OrgUnits) {
			b.Fatal(summary, err)
		}
	}
	b.ReportMetric(float64(b.N*len(md.OrgUnits))/b.Elapsed().Seconds(), "features/s")
}

func manyPoints(b *testing.B, n int) (hmis.Metadata, string) {
	var md hmis.Metadata
	for i := range n {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{
			ID: hmis.UID(fmt.Sprintf("F%010d", i)), Name: fmt.Sprintf("Clinic %d", i),
			Geometry: fmt.Sprintf(`{"type":"Point","coordinates":[%d.5,%d.25]}`, i%180, i%90),
		})
	}
	var text strings.Builder
	if err := geojson.Write(&text, md); err != nil {
		b.Fatal(err)
	}
	return md, text.String()
}
