package geojson_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/geojson"
	"github.com/stretchr/testify/require"
)

const area = `{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]]]}`

var country = hmis.Metadata{
	OrgUnits: []hmis.OrgUnit{
		{ID: "Cccccccccc1", Code: "C", Name: "Country"},
		{ID: "Dddddddddd1", Code: "BO", Name: "Bo", Parent: "Cccccccccc1", Geometry: area},
		{ID: "Ffffffffff1", Code: "101", Name: "Clinic", Parent: "Dddddddddd1"},
		{ID: "Ffffffffff2", Code: "102", Name: "Clinic", Parent: "Dddddddddd1"},
	},
	Groups: []hmis.Group{{ID: "Gggggggggg1", Kind: hmis.KindOrgUnitGroup, Members: []hmis.UID{"Ffffffffff1"}}},
	Attributes: []hmis.Attribute{
		{ID: "Aaaaaaaaaa1", ValueType: hmis.GeoJSON, Kinds: []hmis.Kind{hmis.KindOrgUnit}},
		{ID: "Aaaaaaaaaa2", ValueType: hmis.Text, Kinds: []hmis.Kind{hmis.KindOrgUnit}},
		{ID: "Aaaaaaaaaa3", ValueType: hmis.GeoJSON, Kinds: []hmis.Kind{hmis.KindDataElement}},
	},
}

// What becomes of each feature (RULES.md#outcomes, RULES.md#geometry, RULES.md#conflicts).
func TestImport(t *testing.T) {
	const point = `{"type":"Point","coordinates":[1.50,2]}`
	byCode := geojson.Import{Scheme: hmis.ByCode, Property: "code"}
	byName := geojson.Import{Scheme: hmis.ByName, Property: "name"}
	tests := []struct {
		name     string
		how      geojson.Import
		members  string // of the feature
		unit     hmis.UID
		geometry string // of the unit afterwards
		want     geojson.Summary
		err      string
	}{
		{"imported", geojson.Import{}, `"id":"Ffffffffff1","geometry":` + point, "Ffffffffff1", point,
			geojson.Summary{Imported: 1}, ""},
		{"updated", geojson.Import{}, `"id":"Dddddddddd1","geometry":` + point, "Dddddddddd1", point,
			geojson.Summary{Updated: 1}, ""},
		{"deleted", geojson.Import{}, `"id":"Dddddddddd1","geometry":null`, "Dddddddddd1", "",
			geojson.Summary{Deleted: 1}, ""},
		{"by code", byCode, `"properties":{"code":"101"},"geometry":` + point, "Ffffffffff1", point,
			geojson.Summary{Imported: 1}, ""},
		{"a code that is a number", byCode, `"properties":{"code":101},"geometry":` + point, "Ffffffffff1", point,
			geojson.Summary{Imported: 1}, ""},
		{"by name", byName, `"properties":{"name":"Bo"},"geometry":` + point, "Dddddddddd1", point,
			geojson.Summary{Updated: 1}, ""},
		{"id in a property", geojson.Import{Property: "uid"}, `"properties":{"uid":"Ffffffffff1"},"geometry":` + point,
			"Ffffffffff1", point, geojson.Summary{Imported: 1}, ""},
		{"third coordinate", geojson.Import{},
			`"id":"Ffffffffff1","geometry":{"coordinates":[ 1.50 , 2, 315.2, 7 ],"type":"Point","bbox":[1,2]}`,
			"Ffffffffff1", point, geojson.Summary{Imported: 1}, ""},
		{"third coordinate of a ring", geojson.Import{},
			`"id":"Ffffffffff1","geometry":{"type":"Polygon","coordinates":[[[0,0,1],[9,0,2],[9,9,3],[0,0,4]]]}`,
			"Ffffffffff1", area, geojson.Summary{Imported: 1}, ""},

		{"no geometry member", geojson.Import{}, `"id":"Dddddddddd1"`, "Dddddddddd1", area, geojson.Summary{Ignored: 1},
			"hmis: E7706: organisationUnit Dddddddddd1: geometry: the feature does not say: want an object or null"},
		{"empty coordinates", geojson.Import{}, `"id":"Dddddddddd1","geometry":{"type":"Point","coordinates":[ ]}`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			"hmis: E7706: organisationUnit Dddddddddd1: geometry: no coordinates"},
		{"no coordinates", geojson.Import{}, `"id":"Dddddddddd1","geometry":{"type":"Point"}`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			"hmis: E7706: organisationUnit Dddddddddd1: geometry: no coordinates"},
		{"no id", geojson.Import{}, `"geometry":` + point, "", "", geojson.Summary{Ignored: 1}, "hmis: E7705: no id"},
		{"an id that is null", geojson.Import{}, `"id":null,"geometry":` + point, "", "", geojson.Summary{Ignored: 1},
			"hmis: E7705: no id"},
		{"no property", byCode, `"id":"Ffffffffff1","properties":{"name":"Bo"},"geometry":` + point, "", "",
			geojson.Summary{Ignored: 1}, `hmis: E7705: no property "code"`},
		{"an id that is a list", geojson.Import{}, `"id":[1],"geometry":` + point, "", "", geojson.Summary{Ignored: 1},
			`hmis: E7705: the identifier is [1]: want a text`},
		{"unknown unit", geojson.Import{}, `"id":"Xxxxxxxxxx1","geometry":` + point, "", "", geojson.Summary{Ignored: 1},
			`hmis: E7708: organisationUnit: no object with the id "Xxxxxxxxxx1"`},
		{"a name of two units", byName, `"properties":{"name":"Clinic"},"geometry":` + point, "", "",
			geojson.Summary{Ignored: 1}, `hmis: E7708: organisationUnit: name "Clinic" is ambiguous: ` +
				`2 objects have it, such as Ffffffffff1 and Ffffffffff2`},
		{"open ring", geojson.Import{},
			`"id":"Dddddddddd1","geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,1]]]}`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			"hmis: E7707: organisationUnit Dddddddddd1: geometry: orgunit: geometry: an open ring from 0 0 to 0 1"},
		{"swapped", geojson.Import{}, `"id":"Dddddddddd1","geometry":{"type":"Point","coordinates":[7.9,-111.7]}`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			"hmis: E7707: organisationUnit Dddddddddd1: geometry: orgunit: geometry: position 7.9 -111.7: " +
				"want longitude -180 to 180 and latitude -90 to 90; are they swapped?"},
		{"a collection of geometries", geojson.Import{},
			`"id":"Dddddddddd1","geometry":{"type":"GeometryCollection","geometries":[` + point + `]}`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			`hmis: E7707: organisationUnit Dddddddddd1: geometry: orgunit: geometry: type "GeometryCollection": want a GeoJSON geometry`},
		{"coordinates of another type", geojson.Import{}, `"id":"Dddddddddd1","geometry":{"type":"Point","coordinates":[[1,2]]}`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			"hmis: E7707: organisationUnit Dddddddddd1: geometry: orgunit: geometry: coordinates that do not fit the type"},
		{"a text for a geometry", geojson.Import{}, `"id":"Dddddddddd1","geometry":"here"`,
			"Dddddddddd1", area, geojson.Summary{Ignored: 1},
			`hmis: E7707: organisationUnit Dddddddddd1: geometry: want an object, got "here"`},
	}
	for _, tt := range tests {
		for _, file := range []string{
			`{"type":"FeatureCollection","features":[{"type":"Feature",` + tt.members + `}]}`,
			`{"type":"Feature",` + tt.members + `}`,
		} {
			got := ""
			tt.how.Reject = func(_ geojson.Feature, err error) { got = err.Error() }
			md, summary, err := tt.how.Metadata(t.Context(), country, geojson.Read(t.Context(), strings.NewReader(file)))
			if err != nil || got != tt.err || summary != tt.want {
				t.Errorf("%s: %+v, rejected %q, %v; want %+v, rejected %q", tt.name, summary, got, err, tt.want, tt.err)
				continue
			}
			for _, u := range md.OrgUnits {
				if u.ID == tt.unit && u.Geometry != tt.geometry {
					t.Errorf("%s: geometry %s, want %s", tt.name, u.Geometry, tt.geometry)
				}
			}
			if country.OrgUnits[1].Geometry != area {
				t.Fatalf("%s: the caller's metadata changed", tt.name)
			}
			tt.how.Reject = nil
			_, _, err = tt.how.Metadata(t.Context(), country, geojson.Read(t.Context(), strings.NewReader(file)))
			if (err != nil) != (tt.err != "") || err != nil && !strings.HasPrefix(err.Error(), "geojson: feature 0: "+tt.err) {
				t.Errorf("%s: without Reject: %v", tt.name, err)
			}
		}
	}
}

// The geometry goes to an attribute, which must be able to have it.
func TestImportAttribute(t *testing.T) {
	const file = `{"type":"FeatureCollection","features":[
		{"type":"Feature","id":"Ffffffffff1","geometry":{"type":"Point","coordinates":[1,2]}},
		{"type":"Feature","id":"Ffffffffff1","geometry":{"type":"Point","coordinates":[3,4]}},
		{"type":"Feature","id":"Dddddddddd1","geometry":null}]}`
	var warned []string
	how := geojson.Import{Attribute: "Aaaaaaaaaa1", Warn: func(i hmis.Issue) { warned = append(warned, i.Error()) }}
	md, summary, err := how.Metadata(t.Context(), country, geojson.Read(t.Context(), strings.NewReader(file)))
	require.NoError(t, err)
	require.Equal(t, geojson.Summary{Imported: 1, Updated: 1, Deleted: 1}, summary)
	require.Equal(t, []string{"hmis: organisationUnit Ffffffffff1: geometry: feature 0 is about the same unit"}, warned)
	want := []hmis.AttributeValue{{
		Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "Ffffffffff1"}, Attribute: "Aaaaaaaaaa1",
		Value: `{"type":"Point","coordinates":[3,4]}`,
	}}
	if diff := cmp.Diff(want, md.AttributeValues); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(country.OrgUnits, md.OrgUnits); diff != "" {
		t.Error(diff)
	}
	for attribute, want := range map[hmis.UID]string{
		"Aaaaaaaaaa2": "hmis: E7703: attribute Aaaaaaaaaa2: its type is TEXT: want GEOJSON",
		"Aaaaaaaaaa3": "hmis: E7704: attribute Aaaaaaaaaa3: org units cannot have it",
		"Aaaaaaaaaa4": "hmis: E7702: attribute Aaaaaaaaaa4: no such attribute",
	} {
		_, _, err := geojson.Import{Attribute: attribute}.Metadata(t.Context(), country, geojson.Read(t.Context(), strings.NewReader(file)))
		require.EqualError(t, err, want)
	}
}

// Each error names the feature and the byte.
func TestReadErrors(t *testing.T) {
	const collection = `{"type":"FeatureCollection","features":[`
	tests := []struct{ in, want string }{
		{``, "geojson: at offset 0: unexpected EOF"},
		{`[]`, "geojson: at offset 1: want an object"},
		{`{"type":"Topology"}`, `geojson: at offset 19: type "Topology": want "FeatureCollection" or "Feature"`},
		{`{"type":"FeatureCollection"}`, `geojson: at offset 28: no features`},
		{`{"type":"FeatureCollection","features":{}}`, `geojson: at offset 40: features: want a list`},
		{collection + `],"features":[]}`, `geojson: at offset 52: features are there twice`},
		{collection + `]} {}`, `geojson: at offset 44: more text after the end`},
		{collection + `7]}`, `geojson: feature 0 at offset 41: want an object, got 7`},
		{collection + `{"type":"Feature"},{"type":"Point"}]}`, `geojson: feature 1 at offset 75: type "Point": want "Feature"`},
		{collection + `{"type":"Feature"`, `geojson: feature 0 at offset 40: unexpected EOF`},
		{collection + `{"type":"Feature","id":"a","id":"b"}]}`, `geojson: feature 0 at offset 76: id is there twice`},
		{collection + `{"type":"Feature"} {}]}`, "geojson: feature 1 at offset 59: expected comma after array element"},
		{`{"crs":{"type":"name","properties":{"name":"EPSG:32629"}},` + collection[1:] + `]}`,
			`geojson: at offset 57: coordinate system "EPSG:32629": want WGS 84, such as "urn:ogc:def:crs:OGC:1.3:CRS84"`},
		{"\xef\xbb\xbf{\"type\":1}", "geojson: at offset 12: want an object, got number"},
		{collection + strings.Repeat("[", 20_000), "geojson: feature 0 at offset 10036: invalid character '[' exceeded max depth"},
	}
	for _, tt := range tests {
		var err error
		for _, err = range geojson.Read(t.Context(), strings.NewReader(tt.in)) {
		}
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.80s\n got %v\nwant %s", tt.in, err, tt.want)
			continue
		}
		if _, ok := errors.AsType[*geojson.SyntaxError](err); !ok {
			t.Errorf("%.80s: a %T", tt.in, err)
		}
	}
}

// What other programs add to a file does not disturb.
func TestReadForeignMembers(t *testing.T) {
	const file = `{"name":"layer","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},
		"features":[{"TYPE":"x","bbox":[1,2],"type":"Feature","id":7,"geometry":null,"properties":null}],
		"type":"FeatureCollection","bbox":[1,2,3,4]}`
	n := 0
	for f, err := range geojson.Read(t.Context(), strings.NewReader(file)) {
		require.NoError(t, err)
		require.Equal(t, "7", string(f.ID))
		require.Equal(t, "null", string(f.Geometry))
		n++
	}
	require.Equal(t, 1, n)
}

// One feature cannot fill the memory.
func TestReadLimit(t *testing.T) {
	endless := &repeated{head: `{"type":"FeatureCollection","features":[{"id":"`}
	var err error
	for _, err = range geojson.Read(t.Context(), endless) {
	}
	require.ErrorContains(t, err, "want at most 32 MiB in one feature")
	require.Less(t, endless.n, 80<<20)
}

// repeated is a text without an end.
type repeated struct {
	head string
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.head)
	r.head = r.head[n:]
	for i := n; i < len(p); i++ {
		p[i] = 'a'
	}
	r.n += len(p)
	return len(p), nil
}

// Reading and importing end with the context.
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const file = `{"type":"FeatureCollection","features":[{"type":"Feature"},{"type":"Feature"}]}`
	var last error
	for _, err := range geojson.Read(ctx, strings.NewReader(file)) {
		last = err
		cancel()
	}
	require.ErrorIs(t, last, context.Canceled)
	_, _, err := geojson.Import{}.Metadata(ctx, country, geojson.Read(t.Context(), strings.NewReader(file)))
	require.ErrorIs(t, err, context.Canceled)
}

// What is written is read back.
func TestWrite(t *testing.T) {
	md := country
	md.OrgUnits = append([]hmis.OrgUnit(nil), country.OrgUnits...)
	md.OrgUnits[2].Geometry = `{"type":"Point","coordinates":[1,2]}`
	var b strings.Builder
	require.NoError(t, geojson.Write(&b, md))
	want := `{"type":"FeatureCollection","features":[
{"type":"Feature","id":"Dddddddddd1","geometry":` + area + `,"properties":{"code":"BO","name":"Bo","level":"2",` +
		`"parent":"Cccccccccc1","parentGraph":"Cccccccccc1","groups":[]}},
{"type":"Feature","id":"Ffffffffff1","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"code":"101","name":"Clinic",` +
		`"level":"3","parent":"Dddddddddd1","parentGraph":"Cccccccccc1/Dddddddddd1","groups":["Gggggggggg1"]}}
]}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	for _, how := range []geojson.Import{{}, {Scheme: hmis.ByCode, Property: "code"}} {
		back, summary, err := how.Metadata(t.Context(), country, geojson.Read(t.Context(), strings.NewReader(b.String())))
		require.NoError(t, err)
		require.Equal(t, geojson.Summary{Imported: 1, Updated: 1}, summary)
		if diff := cmp.Diff(md, back); diff != "" {
			t.Error(diff)
		}
	}
	md.OrgUnits[2].Geometry = "here"
	require.EqualError(t, geojson.Write(&b, md), "geojson: org unit Ffffffffff1: the geometry is no JSON")
}
