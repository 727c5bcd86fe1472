package orgunit_test

import (
	"compress/gzip"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// The boundaries of a real country can be read. A second method, winding
// numbers of integers, finds the same points outside their parents.
func TestRealGeometry(t *testing.T) {
	whole := realTree(t)
	for _, file := range testfile.Data(t, "sierra-leone/*geometry*.geojson.gz") {
		geometry := readFeatures(t, file)
		var units []hmis.OrgUnit
		for id := range whole.All() {
			u, _ := whole.Unit(id)
			u.Geometry = geometry[id]
			units = append(units, u)
		}
		tree, err := orgunit.NewTree(units)
		require.NoError(t, err)
		found := make(map[string]int)
		var got, want []hmis.UID
		for _, issue := range tree.Check() {
			found[issue.Code]++
			if issue.Code == "orgunits_not_contained_by_parent" {
				got = append(got, issue.Object.ID)
			}
		}
		points, without := 0, 0
		for id := range tree.All() {
			if geometry[id] == "" {
				without++
			}
			at, ok := point(t, geometry[id])
			parent, _ := tree.Parent(id)
			rings := rings(t, geometry[parent])
			if !ok || len(rings) == 0 {
				continue
			}
			if points++; !surrounded(rings, at) {
				want = append(want, id)
			}
		}
		t.Logf("%s: %d units, %d geometries, %d points in areas: %v", filepath.Base(file), tree.Len(), len(geometry), points, found)
		require.Positive(t, points)
		require.Equal(t, want, got)
		require.Equal(t, without, found["orgunits_no_coordinates"])
		require.Zero(t, found["orgunits_invalid_geometry"])
		require.Zero(t, found["orgunits_null_island"])
	}
}

// readFeatures returns the geometries of a GeoJSON file by the ids of the
// features.
func readFeatures(t *testing.T, file string) map[hmis.UID]string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var features struct {
		Features []struct {
			ID       hmis.UID
			Geometry json.RawMessage
		}
	}
	require.NoError(t, json.NewDecoder(z).Decode(&features))
	geometry := make(map[hmis.UID]string)
	for _, f := range features.Features {
		geometry[f.ID] = string(f.Geometry)
	}
	return geometry
}

// A micro is a position in millionths of a degree.
type micro [2]int64

func microOf(p []float64) micro {
	return micro{int64(math.Round(p[0] * 1e6)), int64(math.Round(p[1] * 1e6))}
}

func point(t *testing.T, geometry string) (micro, bool) {
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if geometry == "" {
		return micro{}, false
	}
	require.NoError(t, json.Unmarshal([]byte(geometry), &g))
	if g.Type != "Point" {
		return micro{}, false
	}
	var p []float64
	require.NoError(t, json.Unmarshal(g.Coordinates, &p))
	return microOf(p), true
}

// rings returns all rings of a Polygon or MultiPolygon.
func rings(t *testing.T, geometry string) [][]micro {
	var g struct {
		Type        string
		Coordinates json.RawMessage
	}
	if geometry == "" {
		return nil
	}
	require.NoError(t, json.Unmarshal([]byte(geometry), &g))
	var polygons [][][][]float64
	switch g.Type {
	case "Polygon":
		polygons = make([][][][]float64, 1)
		require.NoError(t, json.Unmarshal(g.Coordinates, &polygons[0]))
	case "MultiPolygon":
		require.NoError(t, json.Unmarshal(g.Coordinates, &polygons))
	}
	var all [][]micro
	for _, polygon := range polygons {
		for _, ring := range polygon {
			var line []micro
			for _, p := range ring {
				line = append(line, microOf(p))
			}
			all = append(all, line)
		}
	}
	return all
}

// surrounded reports whether the rings wind around a point, or the point is on
// one of them.
func surrounded(rings [][]micro, p micro) bool {
	winding := 0
	for _, ring := range rings {
		for i := 1; i < len(ring); i++ {
			a, b := ring[i-1], ring[i]
			// The sign of side says on which side of the edge from a to b the
			// point p is.
			side := (b[0]-a[0])*(p[1]-a[1]) - (p[0]-a[0])*(b[1]-a[1])
			if side == 0 && min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) && min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1]) {
				return true
			}
			switch {
			case a[1] <= p[1] && p[1] < b[1] && side > 0:
				winding++
			case b[1] <= p[1] && p[1] < a[1] && side < 0:
				winding--
			}
		}
	}
	return winding != 0
}
