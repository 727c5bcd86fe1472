package mcsd_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/stretchr/testify/require"
)

// A world is a message to change: resources by type and id.
type world map[string]map[string]any

// newWorld returns a country, a district and two facilities that keep all
// rules.
func newWorld() world {
	w := world{}
	w.add("c", "jurisdiction", "")
	w.add("d", "jurisdiction", "c")
	w.add("f", "facility", "d")
	w.add("g", "facility", "d")
	return w
}

// add adds a Location and its Organization.
func (w world) add(id, kind, parent string) {
	types := []any{concept(mcsd.TypeSystem, kind)}
	location := map[string]any{
		"resourceType": "Location", "id": id, "name": "Unit " + id, "status": "active",
		"managingOrganization": ref("Organization/" + id),
		"identifier":           []any{map[string]any{"use": "official", "system": "urn:codes", "value": "C-" + id}},
	}
	organization := map[string]any{
		"resourceType": "Organization", "id": id, "name": "Unit " + id, "active": true, "type": types,
		"identifier": location["identifier"],
	}
	if kind == "facility" {
		types = append(types, concept("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "PC"))
	}
	location["type"] = types
	if parent != "" {
		location["partOf"], organization["partOf"] = ref("Location/"+parent), ref("Organization/"+parent)
	}
	w["Location/"+id], w["Organization/"+id] = location, organization
}

func concept(system, code string) any {
	return map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}
}

func ref(to string) any { return map[string]any{"reference": to} }

// bundle returns the message, its entries in order of type and id.
func (w world) bundle(t testing.TB) []byte {
	t.Helper()
	var names []string
	for name := range w {
		names = append(names, name)
	}
	slices.Sort(names)
	entries := []any{}
	for _, name := range names {
		entries = append(entries, map[string]any{"resource": w[name]})
	}
	text, err := json.Marshal(map[string]any{"resourceType": "Bundle", "type": "searchset", "timestamp": "2026-01-20T00:00:00Z", "entry": entries})
	require.NoError(t, err)
	return text
}

func square(to float64) string {
	return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[30,-2],[%v,-2],[%v,0],[30,0],[30,-2]]]}`, to, to)
}

func boundary(geojson string) any {
	return []any{map[string]any{
		"url": "http://hl7.org/fhir/StructureDefinition/location-boundary-geojson",
		"valueAttachment": map[string]any{
			"contentType": "application/geo+json", "data": base64.StdEncoding.EncodeToString([]byte(geojson)),
		},
	}}
}

// Each rule has a message that breaks it and nothing else; the message that
// keeps all rules is the first one (RULES.md#fields, RULES.md#trees,
// RULES.md#pairs, RULES.md#positions).
func TestRules(t *testing.T) {
	at := func(longitude, latitude float64) any {
		return map[string]any{"longitude": longitude, "latitude": latitude}
	}
	tests := []struct {
		name   string
		change func(world)
		want   []string
	}{
		{"none", func(w world) {}, nil},
		{"F1 name", func(w world) { delete(w["Location/f"], "name"); delete(w["Organization/f"], "name") },
			[]string{"MCSD-F1 severe Location/f name", "MCSD-F1 severe Organization/f name"}},
		{"F1 status", func(w world) { delete(w["Location/f"], "status") }, []string{"MCSD-F1 severe Location/f status"}},
		{"F1 status word", func(w world) { w["Location/f"]["status"] = "open" }, []string{"MCSD-F1 severe Location/f status"}},
		{"F1 type", func(w world) { delete(w["Organization/z"], "type") }, []string{"MCSD-F1 severe Organization/z type", "MCSD-S1 info Organization/ "}},
		{"F2 none", func(w world) { delete(w["Location/f"], "managingOrganization") },
			[]string{"MCSD-F2 severe Location/f managingOrganization", "MCSD-P1 warning Organization/f ", "MCSD-S1 info Organization/ "}},
		{"F2 unknown", func(w world) { delete(w, "Organization/f") }, []string{"MCSD-F2 severe Location/f managingOrganization"}},
		{"F2 wrong type", func(w world) {
			w["Location/f"]["managingOrganization"] = ref("Location/f")
			delete(w, "Organization/f")
		},
			[]string{"MCSD-F2 severe Location/f managingOrganization"}},
		{"F2 kind", func(w world) { w["Organization/f"]["type"] = []any{concept(mcsd.TypeSystem, "jurisdiction")} },
			[]string{"MCSD-F2 severe Location/f managingOrganization"}},
		{"F3", func(w world) { w["Location/f"]["type"] = []any{concept(mcsd.TypeSystem, "facility")} }, []string{"MCSD-F3 severe Location/f type"}},
		{"F4 both", func(w world) {
			both := []any{concept(mcsd.TypeSystem, "facility"), concept(mcsd.TypeSystem, "jurisdiction")}
			w["Location/c"]["type"], w["Organization/c"]["type"] = both, both
			delete(w, "Location/d")
			delete(w, "Organization/d")
			for _, id := range []string{"f", "g"} {
				w["Location/"+id]["partOf"], w["Organization/"+id]["partOf"] = ref("Location/c"), ref("Organization/c")
			}
		}, []string{"MCSD-F4 warning Location/c type", "MCSD-F4 warning Organization/c type"}},
		{"F4 none", func(w world) { w["Location/f"]["type"] = []any{concept("urn:x", "y")} }, []string{"MCSD-F4 warning Location/f type"}},
		{"F5", func(w world) { w["Location/f"]["implicitRules"] = "urn:x" }, []string{"MCSD-F5 severe Location/f implicitRules"}},
		{"H1 Location", func(w world) { w["Location/c"]["partOf"] = ref("Location/d") }, []string{"MCSD-H1 critical Location/c partOf"}},
		{"H1 itself", func(w world) { w["Location/c"]["partOf"] = ref("Location/c") }, []string{"MCSD-H1 critical Location/c partOf"}},
		{"H1 Organization", func(w world) { w["Organization/c"]["partOf"] = ref("Organization/d") },
			[]string{"MCSD-H1 critical Organization/c partOf", "MCSD-H6 warning Location/c partOf"}},
		{"H2 Location", func(w world) { w["Location/f"]["partOf"] = ref("Location/ghost") }, []string{"MCSD-H2 severe Location/f partOf"}},
		{"H2 Organization", func(w world) { w["Organization/f"]["partOf"] = ref("Organization/ghost") },
			[]string{"MCSD-H2 severe Organization/f partOf"}},
		{"H2 wrong type", func(w world) { w["Location/f"]["partOf"] = ref("Organization/d") }, []string{"MCSD-H2 severe Location/f partOf"}},
		{"H2 contained", func(w world) { w["Location/f"]["partOf"] = ref("#d") }, []string{"MCSD-H2 severe Location/f partOf"}},
		{"H3 two roots", func(w world) { w.add("k", "jurisdiction", "") }, []string{"MCSD-H3 warning Location/k partOf"}},
		{"H3 facility", func(w world) {
			for name := range w {
				if name[len(name)-1] != 'f' {
					delete(w, name)
				}
			}
			delete(w["Location/f"], "partOf")
			delete(w["Organization/f"], "partOf")
		}, []string{"MCSD-H3 warning Location/f partOf"}},
		{"H4", func(w world) { w.add("k", "jurisdiction", "f") }, []string{"MCSD-H4 severe Location/k partOf"}},
		{"H5", func(w world) {
			w["Location/g"]["identifier"], w["Organization/g"]["identifier"] = w["Location/f"]["identifier"], w["Location/f"]["identifier"]
		}, []string{"MCSD-H5 severe Location/g identifier[0]", "MCSD-H5 severe Organization/g identifier[0]"}},
		{"H6", func(w world) { w["Organization/f"]["partOf"] = ref("Organization/c") }, []string{"MCSD-H6 warning Location/f partOf"}},
		{"H6 root", func(w world) { delete(w["Organization/f"], "partOf") }, []string{"MCSD-H6 warning Location/f partOf"}},
		{"H7", func(w world) { w["Location/d"]["status"] = "inactive" },
			[]string{"MCSD-C1 warning Location/d status", "MCSD-H7 warning Location/f status", "MCSD-H7 warning Location/g status"}},
		{"H8 any level", func(w world) {
			w["Location/f"]["partOf"], w["Organization/f"]["partOf"] = ref("Location/c"), ref("Organization/c")
		}, nil},
		{"H9 range", func(w world) { w["Location/f"]["position"] = at(200, 1) }, []string{"MCSD-H9 warning Location/f position"}},
		{"H9 near 0,0", func(w world) { w["Location/f"]["position"] = at(0.5, 0.5) }, []string{"MCSD-H9 warning Location/f position"}},
		{"H9 a little further", func(w world) { w["Location/f"]["position"] = at(1.5, 1.5) }, nil},
		{"H9 inside", func(w world) {
			w["Location/d"]["extension"], w["Location/f"]["position"] = boundary(square(32)), at(31, -1)
		}, nil},
		{"H9 outside", func(w world) {
			w["Location/d"]["extension"], w["Location/f"]["position"] = boundary(square(32)), at(33, -1)
		}, []string{"MCSD-H9 warning Location/f position"}},
		{"G1 base64", func(w world) {
			w["Location/d"]["extension"] = boundary("x")
			w["Location/d"]["extension"].([]any)[0].(map[string]any)["valueAttachment"].(map[string]any)["data"] = "!!"
		}, []string{"MCSD-G1 severe Location/d extension[0]"}},
		{"G1 no GeoJSON", func(w world) { w["Location/d"]["extension"] = boundary(`{"type":"Thing"}`) },
			[]string{"MCSD-G1 severe Location/d extension[0]"}},
		{"G1 twice", func(w world) {
			w["Location/d"]["extension"] = append(boundary(square(32)).([]any), boundary(square(33)).([]any)...)
		}, []string{"MCSD-G1 severe Location/d extension[0]"}},
		{"G1 position", func(w world) { w["Location/f"]["position"] = map[string]any{"longitude": 1} },
			[]string{"MCSD-G1 severe Location/f position"}},
		{"P1 shared", func(w world) {
			w["Location/g"]["managingOrganization"] = ref("Organization/f")
			delete(w, "Organization/g")
		},
			[]string{"MCSD-P1 warning Location/g managingOrganization"}},
		{"P2", func(w world) { w["Organization/f"]["name"] = "Other" }, []string{"MCSD-P2 warning Location/f name"}},
		{"C2", func(w world) {
			w["Location/f"]["extension"] = []any{map[string]any{"url": mcsd.PeriodExtension, "valuePeriod": map[string]any{"end": "2025-06-30"}}}
		}, []string{"MCSD-C2 warning Location/f status"}},
		{"S1", func(w world) { w["Endpoint/e"] = map[string]any{"resourceType": "Endpoint", "id": "e"} }, []string{"MCSD-S1 info Endpoint/ "}},
	}
	for _, tt := range tests {
		w := newWorld()
		if tt.name == "F1 type" {
			w["Organization/z"] = map[string]any{"resourceType": "Organization", "id": "z", "name": "A body"}
		}
		tt.change(w)
		text := w.bundle(t)
		b, err := mcsd.ReadBundle(bytes.NewReader(text))
		require.NoError(t, err, tt.name)
		f := mcsd.Format{Today: today}
		var got []string
		for _, i := range f.Check(b) {
			got = append(got, fmt.Sprintf("%s %v %s/%s %s", i.Code, i.Severity, i.Object.Kind, i.Object.ID, i.Field))
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.want)
		}

		// Severe findings end the work unless Warn is set.
		_, err = f.Metadata(t.Context(), b)
		severe := slices.ContainsFunc(f.Check(b), func(i *hmis.Issue) bool { return i.Severity >= hmis.Severe })
		if (err != nil) != severe {
			t.Errorf("%s: Metadata returned %v", tt.name, err)
		}

		// What was read comes back from writing, broken or not.
		md, _ := read(t, f, text)
		again, _ := read(t, f, write(t, f, md))
		sameMetadata(t, tt.name, md, again)
	}
}
