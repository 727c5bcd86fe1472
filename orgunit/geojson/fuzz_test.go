package geojson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/geojson"
)

// Read never panics; what it accepts, encoding/json accepts too and finds the
// same features in. An import of it gives units valid geometry only.
func FuzzRead(f *testing.F) {
	f.Add(`{"type":"FeatureCollection","features":[{"type":"Feature","id":"Ffffffffff1","geometry":null}]}`)
	f.Add(`{"type":"Feature","id":"Ffffffffff1","geometry":{"type":"Point","coordinates":[1,2,3]}}`)
	f.Add(`{"features":[{"type":"Feature","id":"Ffffffffff1","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}}],"type":"FeatureCollection"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var got []geojson.Feature
		for f, err := range geojson.Read(t.Context(), strings.NewReader(text)) {
			if err != nil {
				return
			}
			got = append(got, f)
		}
		text = strings.TrimPrefix(text, "\xef\xbb\xbf")
		if !json.Valid([]byte(text)) && !strings.HasPrefix(text, "\x1f\x8b") && !strings.HasPrefix(text, "PK") {
			t.Fatal("read, but no JSON")
		}
		var members map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &members) == nil && members["features"] != nil {
			var list []json.RawMessage
			if err := json.Unmarshal(members["features"], &list); err != nil || len(list) != len(got) {
				t.Fatalf("%d features, want %d (%v)", len(got), len(list), err)
			}
		}
		features := func(yield func(geojson.Feature, error) bool) {
			for _, f := range got {
				if !yield(f, nil) {
					return
				}
			}
		}
		md, summary, err := geojson.Import{Reject: func(geojson.Feature, error) {}}.Metadata(t.Context(), country, features)
		if err != nil || summary.Imported+summary.Updated+summary.Deleted+summary.Ignored != len(got) {
			t.Fatalf("%d features: %+v, %v", len(got), summary, err)
		}
		for _, u := range md.OrgUnits {
			if u.Geometry != "" && !json.Valid([]byte(u.Geometry)) {
				t.Errorf("geometry %s", u.Geometry)
			}
		}
		var b strings.Builder
		if err := geojson.Write(&b, hmis.Metadata{OrgUnits: md.OrgUnits}); err != nil {
			t.Error(err)
		}
	})
}
