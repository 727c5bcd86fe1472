package mcsd_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// apply applies bundles and returns the findings as lines.
func apply(t testing.TB, f mcsd.Format, md hmis.Metadata, bundles ...[]byte) (hmis.Metadata, []string) {
	t.Helper()
	var found []string
	f.Today = today
	f.Warn = func(i hmis.Issue) { found = append(found, line(&i)) }
	var all []*mcsd.Bundle
	for _, text := range bundles {
		b, err := mcsd.ReadBundle(bytes.NewReader(text))
		require.NoError(t, err)
		all = append(all, b)
	}
	md, err := f.Apply(t.Context(), md, all...)
	require.NoError(t, err)
	return md, found
}

// A change of one resource and the deletion of another, as the sample has them
// (RULES.md#updates, RULES.md#open-and-closed).
func TestApplySample(t *testing.T) {
	md, _ := read(t, mcsd.Format{}, sample(t, "made-up-mcsd-searchset.json"))
	before, _ := read(t, mcsd.Format{}, sample(t, "made-up-mcsd-searchset.json"))
	history := sample(t, "made-up-mcsd-history.json")
	got, found := apply(t, mcsd.Format{}, md, history)
	require.Equal(t, []string{"MCSD-P2 Location/hf-102 name"}, found) // its Organization did not change
	require.Equal(t, before, md, "Apply changed its argument")

	want := slices.Clone(md.OrgUnits)
	for i := range want {
		switch want[i].Code {
		case "HF-102":
			want[i].Name = "Hilltop Health Centre"
		case "HF-203":
			want[i].Closed = period.DateOf(2026, 1, 15)
		}
	}
	require.Equal(t, want, got.OrgUnits)
	require.Equal(t, members(md), members(got))

	again, found := apply(t, mcsd.Format{}, got, history)
	require.Empty(t, found)
	sameMetadata(t, "again", got, again)

	_, err := mcsd.Format{}.Apply(t.Context(), md) // nothing new
	require.NoError(t, err)
}

// members returns the members of groups by id, in order of their ids.
func members(md hmis.Metadata) map[hmis.UID]string {
	out := map[hmis.UID]string{}
	for _, g := range md.Groups {
		ids := make([]string, len(g.Members))
		for i, id := range g.Members {
			ids[i] = string(id)
		}
		slices.Sort(ids)
		out[g.ID] = strings.Join(ids, " ")
	}
	return out
}

// What a directory says at last is what counts, whether it is read at once or
// as a change (RULES.md#updates).
func TestApplyIsReading(t *testing.T) {
	tests := map[string]func(world){
		"nothing": func(w world) {},
		"name":    func(w world) { w["Location/f"]["name"], w["Organization/f"]["name"] = "New", "New" },
		"move": func(w world) {
			w["Location/f"]["partOf"], w["Organization/f"]["partOf"] = ref("Location/c"), ref("Organization/c")
		},
		"types": func(w world) {
			w["Location/f"]["type"] = []any{concept(mcsd.TypeSystem, "facility"), concept("urn:types", "HOSP"), concept("urn:owners", "GOV")}
		},
		"kind": func(w world) {
			w["Location/f"]["type"] = []any{concept(mcsd.TypeSystem, "jurisdiction")}
			w["Organization/f"]["type"] = w["Location/f"]["type"]
		},
		"position":     func(w world) { w["Location/f"]["position"] = map[string]any{"longitude": 31, "latitude": -1} },
		"boundary":     func(w world) { w["Location/d"]["extension"] = boundary(square(32)) },
		"suspended":    func(w world) { w["Location/f"]["status"] = "suspended" },
		"inactive":     func(w world) { w["Location/f"]["status"], w["Organization/f"]["active"] = "inactive", false },
		"contacts":     func(w world) { w["Location/g"]["description"] = "by the sea" },
		"Organization": func(w world) { w["Organization/g"]["alias"] = []any{"Body"} },
		"new unit":     func(w world) { w.add("h", "facility", "d") },
		"new parent": func(w world) {
			w.add("z", "jurisdiction", "c")
			w["Location/d"]["partOf"], w["Organization/d"]["partOf"] = ref("Location/z"), ref("Organization/z")
		},
		"dangling": func(w world) { w["Location/f"]["partOf"] = ref("Location/ghost") },
		"cycle":    func(w world) { w["Location/c"]["partOf"] = ref("Location/d") },
		"identifier": func(w world) {
			w["Location/f"]["identifier"] = []any{
				map[string]any{"use": "official", "system": "urn:codes", "value": "NEW"}, map[string]any{"system": "urn:other", "value": "7"},
			}
		},
		"affiliation": func(w world) { w.affiliate("a", "f", "d") },
		"other affiliation": func(w world) {
			w.affiliate("m", "f", "d")
			w.affiliate("n", "g", "d")
		},
		"no affiliation": func(w world) { w.affiliate("m", "g", "c")["active"] = false },
	}
	for name, change := range tests {
		start := func() world {
			w := newWorld()
			w["Location/f"]["extension"], w["Location/f"]["alias"] = []any{map[string]any{"url": "urn:x", "valueCode": "y"}}, []any{"Short", "Former"}
			w["Location/g"]["identifier"] = append(w["Location/g"]["identifier"].([]any), map[string]any{"system": "urn:other", "value": "9"})
			w["Organization/g"]["identifier"] = w["Location/g"]["identifier"]
			w.affiliate("m", "g", "c")
			return w
		}
		w := start()
		md, _ := read(t, mcsd.Format{}, w.bundle(t))
		change(w)
		want, all := read(t, mcsd.Format{}, w.bundle(t))
		got, found := apply(t, mcsd.Format{}, md, w.bundle(t))
		sameContent(t, name+", all at once", want, got)
		require.Subset(t, all, found, name)

		// Only what differs, one resource after the other.
		got = md
		old := start()
		names := []string{}
		for n := range w {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, n := range names {
			if fmt.Sprint(w[n]) != fmt.Sprint(old[n]) {
				got, _ = apply(t, mcsd.Format{}, got, world{n: w[n]}.bundle(t))
			}
		}
		if name != "new unit" && name != "new parent" { // new resources refer to those that follow
			sameContent(t, name+", piece by piece", want, got)
		}
	}
}

// affiliate adds an affiliation, which it returns.
func (w world) affiliate(id, member, organization string) map[string]any {
	a := map[string]any{
		"resourceType": "OrganizationAffiliation", "id": id, "organization": ref("Organization/" + organization),
		"participatingOrganization": ref("Organization/" + member), "code": []any{concept("urn:hierarchies", "supply")},
	}
	w["OrganizationAffiliation/"+id] = a
	return a
}

// sameContent compares metadata in which nothing has an order. Objects that are
// no longer used may remain.
func sameContent(t *testing.T, what string, want, got hmis.Metadata) {
	t.Helper()
	for _, md := range []*hmis.Metadata{&want, &got} {
		md.OrgUnits = slices.Clone(md.OrgUnits)
		slices.SortFunc(md.OrgUnits, func(a, b hmis.OrgUnit) int { return strings.Compare(string(a.ID), string(b.ID)) })
		md.Groups = slices.DeleteFunc(slices.Clone(md.Groups), func(g hmis.Group) bool { return len(g.Members) == 0 })
	}
	require.Equal(t, want.OrgUnits, got.OrgUnits, what)
	require.Equal(t, members(want), members(got), what)
	rows := func(md hmis.Metadata) []string {
		var out []string
		for _, p := range md.Properties {
			out = append(out, fmt.Sprint(p))
		}
		for _, v := range md.AttributeValues {
			out = append(out, fmt.Sprint(v))
		}
		slices.Sort(out)
		return out
	}
	require.Equal(t, rows(want), rows(got), what)
}

// version returns the entry of a history. A name of "" is a deletion.
func version(id, name, at, more string) string {
	if name == "" {
		return fmt.Sprintf(`{"request":{"method":"DELETE","url":"Location/%s"},"response":{"lastModified":%q}}`, id, at)
	}
	return fmt.Sprintf(`{"resource":{"resourceType":"Location","id":%q,"name":%q,"status":"active","type":[{"coding":[{"system":%q,"code":"jurisdiction"}]}],`+
		`"managingOrganization":{"reference":"Organization/%s"},"meta":{"lastUpdated":%q}%s},"request":{"method":"PUT","url":"Location/%s"}}`,
		id, name, mcsd.TypeSystem, id, at, more, id)
}

func history(entries ...string) []byte {
	return []byte(`{"resourceType":"Bundle","type":"history","entry":[` + strings.Join(entries, ",") + `]}`)
}

// Versions are applied in order of time, pages in any order, and none that is
// older than what is known (RULES.md#updates).
func TestApplyOrder(t *testing.T) {
	first := history(version("a", "one", "2026-01-05T00:00:00Z", ""))
	for _, tt := range []struct {
		name    string
		updates [][]byte
		want    string
	}{
		{"newer", [][]byte{history(version("a", "two", "2026-01-06T00:00:00Z", ""))}, "two 1970-01-01"},
		{"older", [][]byte{history(version("a", "nil", "2026-01-04T00:00:00Z", ""))}, "one 1970-01-01"},
		{"later zone", [][]byte{history(version("a", "nil", "2026-01-05T01:00:00+05:00", ""))}, "one 1970-01-01"},
		{"pages", [][]byte{history(version("a", "two", "2026-01-07T00:00:00Z", "")), history(version("a", "nil", "2026-01-06T00:00:00Z", ""))}, "two 1970-01-01"},
		{"deleted", [][]byte{history(version("a", "", "2026-01-08T00:00:00Z", ""))}, "one 2026-01-07"},
		{"deleted before", [][]byte{history(version("a", "", "2026-01-04T00:00:00Z", ""))}, "one 1970-01-01"},
		{"deleted and made again", [][]byte{history(version("a", "", "2026-01-06T00:00:00Z", ""), version("a", "two", "2026-01-07T00:00:00Z", ""))}, "two 1970-01-01"},
		{"changed and deleted", [][]byte{history(version("a", "", "2026-01-09T00:00:00Z", ""), version("a", "two", "2026-01-07T00:00:00Z", ""))}, "two 2026-01-08"},
		{"new and deleted", [][]byte{history(version("b", "", "2026-01-09T00:00:00Z", ""), version("b", "two", "2026-01-07T00:00:00Z", ""))}, "one 1970-01-01 two 2026-01-08"},
	} {
		md, _ := read(t, mcsd.Format{}, first)
		md, _ = apply(t, mcsd.Format{}, md, tt.updates...)
		var got []string
		for _, u := range md.OrgUnits {
			got = append(got, fmt.Sprint(u.Name, " ", u.Closed))
		}
		require.Equal(t, tt.want, strings.Join(got, " "), tt.name)
	}
	md, _ := read(t, mcsd.Format{}, first)
	_, found := apply(t, mcsd.Format{}, md, history(version("ghost", "", "2026-01-09T00:00:00Z", "")))
	require.Equal(t, []string{"MCSD-D2 Location/ghost id"}, found)
}

// What a directory cannot know stays: dates, groups and ids of our own, and all
// other objects (RULES.md#updates).
func TestApplyKeeps(t *testing.T) {
	md := hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "dataElemen1", Name: "Cases"}},
		OrgUnits: []hmis.OrgUnit{
			{ID: "clinic00001", Code: "OU_2", Name: "Clinic", Path: "/country0001/region00001/clinic00001", Opened: period.DateOf(1990, 2, 1)},
			{ID: "country0001", Code: "OU_1", Name: "Country", Path: "/country0001", Geometry: square(40)},
			{ID: "region00001", Code: "OU_3", Name: "Region", Path: "/country0001/region00001"},
			{ID: "region00002", Code: "OU_4", Name: "Other", Path: "/country0001/region00002"},
		},
		Groups: []hmis.Group{
			{Kind: hmis.KindOrgUnitGroup, ID: "groupUrban1", Name: "Urban", Code: "U", Members: []hmis.UID{"clinic00001"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "groupClinic", Name: "Clinics", Code: "CLIN", Members: []hmis.UID{"clinic00001"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "groupHospit", Name: "Hospitals", Code: "HOSP"},
			{Kind: hmis.KindDataElementGroup, ID: "groupOfElem", Members: []hmis.UID{"dataElemen1"}},
		},
		GroupSets: []hmis.GroupSet{
			{Kind: hmis.KindOrgUnitGroupSet, ID: "setFaciType", Code: "urn:types", Name: "Type", Groups: []hmis.UID{"groupClinic", "groupHospit"}},
			{Kind: hmis.KindOrgUnitGroupSet, ID: "setAreaType", Code: "AREA", Name: "Area", Groups: []hmis.UID{"groupUrban1"}},
		},
		Attributes: []hmis.Attribute{
			{ID: "attribute01", Code: "NHIS", Name: "Insurer's id", Unique: true, Kinds: []hmis.Kind{hmis.KindOrgUnit}},
			{ID: "attribute02", Code: "urn:mfl", Name: "Master list", Unique: true, Kinds: []hmis.Kind{hmis.KindOrgUnit}},
			{ID: "attribute03", Name: "Beds", Kinds: []hmis.Kind{hmis.KindOrgUnit}},
			{ID: mcsd.LocationID, Unique: true, Kinds: []hmis.Kind{hmis.KindOrgUnit}},
		},
		Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "clinic00001"}, Name: "leaf", Value: "true"}},
	}
	for _, v := range []hmis.AttributeValue{{Attribute: "attribute01", Value: "N1"}, {Attribute: "attribute02", Value: "M1"}, {Attribute: "attribute03", Value: "20"}, {Attribute: mcsd.LocationID, Value: "hf-7"}} {
		v.Object = hmis.Ref{Kind: hmis.KindOrgUnit, ID: "clinic00001"}
		md.AttributeValues = append(md.AttributeValues, v)
	}
	update := history(fmt.Sprintf(`{"resource":{"resourceType":"Location","id":"hf-7","status":"active","name":"Hospital",
		"identifier":[{"system":"urn:mfl","value":"M2"}],
		"type":[{"coding":[{"system":%q,"code":"facility"}]},{"coding":[{"system":"urn:types","code":"HOSP"}]}],
		"managingOrganization":{"reference":"Organization/hf-7"},"partOf":{"reference":"Location/region00002"}}}`, mcsd.TypeSystem))
	f := mcsd.Format{System: "urn:codes"}
	got, found := apply(t, f, md, update)
	require.Equal(t, []string{"MCSD-P2 Location/hf-7 name", "MCSD-H6 Location/hf-7 partOf"}, found)

	require.Equal(t, []hmis.OrgUnit{
		{ID: "country0001", Code: "OU_1", Name: "Country", Path: "/country0001", Geometry: square(40)},
		{ID: "region00002", Code: "OU_4", Name: "Other", Parent: "country0001", Path: "/country0001/region00002"},
		{ID: "clinic00001", Code: "OU_2", Name: "Hospital", Parent: "region00002", Path: "/country0001/region00002/clinic00001", Opened: period.DateOf(1990, 2, 1)},
		{ID: "region00001", Code: "OU_3", Name: "Region", Parent: "country0001", Path: "/country0001/region00001"},
	}, got.OrgUnits)
	require.Equal(t, map[hmis.UID]string{
		"groupUrban1": "clinic00001", "groupClinic": "", "groupHospit": "clinic00001", "groupOfElem": "dataElemen1", mcsd.Facilities: "clinic00001",
	}, members(got))
	values := map[hmis.UID]string{}
	for _, v := range got.AttributeValues {
		values[v.Attribute] += v.Value
	}
	require.Equal(t, map[hmis.UID]string{"attribute01": "N1", "attribute02": "M2", "attribute03": "20", mcsd.LocationID: "hf-7"}, values)
	require.Len(t, got.Attributes, 4)
	require.Equal(t, md.DataElements, got.DataElements)
	require.Contains(t, got.Properties, md.Properties[0])
	require.Equal(t, []hmis.UID{"clinic00001"}, md.Groups[1].Members, "Apply changed its argument")
	_, err := hmis.NewCatalog(got)
	require.NoError(t, err)
	_, err = orgunit.NewTree(got.OrgUnits, got.Groups...)
	require.NoError(t, err)
}

// A unit stays one, even if it becomes a ward (RULES.md#updates).
func TestApplyWard(t *testing.T) {
	w := newWorld()
	w.add("h", "facility", "f")
	md, _ := read(t, mcsd.Format{}, w.bundle(t))
	w["Location/h"]["type"] = []any{concept("urn:x", "ward")}
	got, _ := apply(t, mcsd.Format{}, md, world{"Location/h": w["Location/h"]}.bundle(t))
	require.Len(t, got.OrgUnits, 5)
	w["Location/w"] = map[string]any{"resourceType": "Location", "id": "w", "name": "Ward", "status": "active", "type": []any{concept("urn:x", "ward")}, "partOf": ref("Location/f")}
	got, found := apply(t, mcsd.Format{}, got, world{"Location/w": w["Location/w"]}.bundle(t))
	require.Len(t, got.OrgUnits, 5)
	require.Equal(t, []string{"MCSD-S1 Location/ "}, found)
}

// A parent that is not known is found with what to fetch; the next bundle brings
// it (RULES.md#trees).
func TestApplyLateParent(t *testing.T) {
	w := newWorld()
	md, _ := read(t, mcsd.Format{}, w.bundle(t))
	w.add("z", "jurisdiction", "c")
	w["Location/d"]["partOf"], w["Organization/d"]["partOf"] = ref("Location/z"), ref("Organization/z")
	child := world{"Location/d": w["Location/d"], "Organization/d": w["Organization/d"]}.bundle(t)
	parent := world{"Location/z": w["Location/z"], "Organization/z": w["Organization/z"]}.bundle(t)

	var missing []hmis.Ref
	f := mcsd.Format{Today: today, Warn: func(i hmis.Issue) {
		if i.Code == "MCSD-H2" {
			missing = append(missing, i.Refs...)
		}
	}}
	b, err := mcsd.ReadBundle(bytes.NewReader(child))
	require.NoError(t, err)
	_, err = f.Apply(t.Context(), md, b)
	require.NoError(t, err)
	require.Equal(t, []hmis.Ref{{Kind: mcsd.KindLocation, ID: "z"}, {Kind: mcsd.KindOrganization, ID: "z"}}, missing)

	got, found := apply(t, mcsd.Format{}, md, child, parent)
	require.Empty(t, found)
	want, _ := read(t, mcsd.Format{}, w.bundle(t))
	sameContent(t, "with its parent", want, got)
}

// Work on what has been read stops with the context too.
func TestApplyContext(t *testing.T) {
	b, err := mcsd.ReadBundle(bytes.NewReader(newWorld().bundle(t)))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = mcsd.Format{}.Metadata(ctx, b)
	require.ErrorIs(t, err, context.Canceled)
	_, err = mcsd.Format{}.Apply(ctx, hmis.Metadata{}, b)
	require.ErrorIs(t, err, context.Canceled)
}
