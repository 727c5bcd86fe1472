package orgunit

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// CheckGeometry reports why a GeoJSON geometry cannot be used: another type than
// a point, line or area or several of one of them; coordinates that do not fit
// the type or are not in degrees; an open ring. A third coordinate is allowed.
func CheckGeometry(geometry string) error {
	if _, err := readShape(geometry); err != nil {
		return fmt.Errorf("orgunit: geometry: %w", err)
	}
	return nil
}

// maxEdgeTests limits the work of checking whether points are inside their
// parents.
const maxEdgeTests = 1_000_000_000

// checkGeometry checks that the geometry of each unit can be read and is not at
// 0° 0°. A point must also be in the area of the parent.
func (t *Tree) checkGeometry(found finder) {
	shapes := make([]shape, len(t.units))
	some := false
	for pos := range t.units {
		text := t.units[pos].Geometry
		if text == "" {
			continue
		}
		some = true
		s, err := readShape(text)
		if err != nil {
			found("orgunits_invalid_geometry", hmis.Warning, pos, "geometry", "%w", err)
			continue
		}
		shapes[pos] = s
		if s.point != nil && s.point.kilometresFrom(position{0, 0}) < 100 {
			found("orgunits_null_island", hmis.Severe, pos, "geometry",
				"%v is less than 100 km from longitude 0, latitude 0", *s.point)
		}
	}
	if !some {
		return
	}
	work := 0
	for pos := range t.units {
		if t.units[pos].Geometry == "" {
			found("orgunits_no_coordinates", hmis.Warning, pos, "geometry", "no geometry")
		}
		up := t.parent[pos]
		if up < 0 || shapes[pos].point == nil || len(shapes[up].areas) == 0 {
			continue
		}
		if work += shapes[up].edges(); work > maxEdgeTests {
			found("orgunits_not_contained_by_parent", hmis.Info, pos, "geometry",
				"not looked for from this unit on: the areas have too many edges")
			break
		}
		if !shapes[up].covers(*shapes[pos].point) {
			found("orgunits_not_contained_by_parent", hmis.Warning, pos, "geometry",
				"%v lies outside %s", *shapes[pos].point, t.units[up].ID)
		}
	}
}

// A position is a longitude and a latitude in degrees.
type position [2]float64

// String returns p as "-11.7 8.1", longitude first.
func (p position) String() string { return fmt.Sprintf("%g %g", p[0], p[1]) }

// kilometresFrom returns the distance from q on a sphere with the mean radius
// of the earth.
func (p position) kilometresFrom(q position) float64 {
	const radius, degree = 6371.0, math.Pi / 180
	half := func(a, b float64) float64 { s := math.Sin((a - b) * degree / 2); return s * s }
	h := half(p[1], q[1]) + math.Cos(p[1]*degree)*math.Cos(q[1]*degree)*half(p[0], q[0])
	return 2 * radius * math.Asin(math.Sqrt(min(h, 1)))
}

// An area is an outer ring followed by its holes. Each ring ends with its first
// position.
type area [][]position

// A shape is the content of a GeoJSON geometry: a point or areas. Other
// geometries have neither.
type shape struct {
	point *position
	areas []area
}

// readShape parses a GeoJSON geometry (RFC 7946, 3.1). A third coordinate is
// ignored.
func readShape(text string) (shape, error) {
	var g struct {
		Type        string          `json:"type"`
		Coordinates json.RawMessage `json:"coordinates"`
	}
	if err := json.Unmarshal([]byte(text), &g); err != nil {
		return shape{}, errors.New("want a GeoJSON geometry")
	}
	switch g.Type {
	case "Point":
		p, err := readCoordinates[[]float64](g.Coordinates)
		if err != nil {
			return shape{}, err
		}
		at, err := readPosition(p)
		return shape{point: &at}, err
	case "Polygon":
		rings, err := readCoordinates[[][][]float64](g.Coordinates)
		if err != nil {
			return shape{}, err
		}
		a, err := readArea(rings)
		return shape{areas: []area{a}}, err
	case "MultiPolygon":
		polygons, err := readCoordinates[[][][][]float64](g.Coordinates)
		if err != nil {
			return shape{}, err
		}
		var s shape
		for _, rings := range polygons {
			a, err := readArea(rings)
			if err != nil {
				return shape{}, err
			}
			s.areas = append(s.areas, a)
		}
		return s, nil
	case "MultiPoint", "LineString":
		line, err := readCoordinates[[][]float64](g.Coordinates)
		if err != nil {
			return shape{}, err
		}
		_, err = readLine(line)
		return shape{}, err
	case "MultiLineString":
		lines, err := readCoordinates[[][][]float64](g.Coordinates)
		if err != nil {
			return shape{}, err
		}
		for _, line := range lines {
			if _, err := readLine(line); err != nil {
				return shape{}, err
			}
		}
		return shape{}, nil
	}
	return shape{}, fmt.Errorf("type %q: want a GeoJSON geometry", g.Type)
}

// readCoordinates parses the coordinates of a geometry. They must not be empty.
func readCoordinates[T ~[]E, E any](raw json.RawMessage) (T, error) {
	var c T
	if err := json.Unmarshal(raw, &c); err != nil || len(c) == 0 {
		return nil, errors.New("coordinates that do not fit the type")
	}
	return c, nil
}

func readArea(rings [][][]float64) (area, error) {
	if len(rings) == 0 {
		return nil, errors.New("a polygon without rings")
	}
	var a area
	for _, ring := range rings {
		line, err := readLine(ring)
		switch {
		case err != nil:
			return nil, err
		case len(line) < 4:
			return nil, fmt.Errorf("a ring of %d positions: want at least 4", len(line))
		case line[0] != line[len(line)-1]:
			return nil, fmt.Errorf("an open ring from %v to %v", line[0], line[len(line)-1])
		}
		a = append(a, line)
	}
	return a, nil
}

func readLine(list [][]float64) ([]position, error) {
	line := make([]position, len(list))
	for i, p := range list {
		var err error
		if line[i], err = readPosition(p); err != nil {
			return nil, err
		}
	}
	return line, nil
}

func readPosition(p []float64) (position, error) {
	if len(p) < 2 {
		return position{}, fmt.Errorf("a position of %d numbers: want longitude and latitude", len(p))
	}
	at := position{p[0], p[1]}
	if math.Abs(at[0]) > 180 || math.Abs(at[1]) > 90 {
		hint := ""
		if math.Abs(at[0]) <= 90 && math.Abs(at[1]) <= 180 {
			hint = "; are they swapped?"
		}
		return position{}, fmt.Errorf("position %v: want longitude -180 to 180 and latitude -90 to 90%s", at, hint)
	}
	return at, nil
}

// edges returns the number of edges of all rings.
func (s shape) edges() int {
	n := 0
	for _, a := range s.areas {
		for _, ring := range a {
			n += len(ring)
		}
	}
	return n
}

// covers reports whether p is in one of the areas or on an edge.
func (s shape) covers(p position) bool {
	for _, a := range s.areas {
		inside := false
		for _, ring := range a {
			for i := 1; i < len(ring); i++ {
				if onEdge(p, ring[i-1], ring[i]) {
					return true
				}
				if crosses(p, ring[i-1], ring[i]) {
					inside = !inside
				}
			}
		}
		if inside {
			return true
		}
	}
	return false
}

// crosses reports whether a ray from p to the east crosses the edge from a to
// b.
func crosses(p, a, b position) bool {
	if (a[1] > p[1]) == (b[1] > p[1]) {
		return false
	}
	return p[0] < a[0]+(p[1]-a[1])/(b[1]-a[1])*(b[0]-a[0])
}

// onEdge reports whether p is on the edge from a to b.
func onEdge(p, a, b position) bool {
	if (b[0]-a[0])*(p[1]-a[1]) != (b[1]-a[1])*(p[0]-a[0]) {
		return false
	}
	return min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) &&
		min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1])
}
