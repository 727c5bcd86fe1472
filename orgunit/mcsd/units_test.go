package mcsd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// unit returns a unit of metadata by its FHIR id.
func unit(t *testing.T, md hmis.Metadata, id string) hmis.OrgUnit {
	t.Helper()
	i := slices.IndexFunc(md.OrgUnits, func(u hmis.OrgUnit) bool { return u.ID == mcsd.UIDOf(id) })
	require.GreaterOrEqual(t, i, 0, id)
	return md.OrgUnits[i]
}

// propertiesOf returns the properties of a unit as lines.
func propertiesOf(md hmis.Metadata, id string) []string {
	var out []string
	for _, p := range md.Properties {
		if p.Object.ID == mcsd.UIDOf(id) {
			out = append(out, p.Name+" = "+p.Value)
		}
	}
	slices.Sort(out)
	return out
}

// Dates and status (RULES.md#open-and-closed).
func TestOpenAndClosed(t *testing.T) {
	day := func(s string) period.Date { d, _ := period.ParseDate(s); return d }
	ext := func(start, end string) any {
		p := map[string]any{}
		if start != "" {
			p["start"] = start
		}
		if end != "" {
			p["end"] = end
		}
		return []any{map[string]any{"url": mcsd.PeriodExtension, "valuePeriod": p}}
	}
	tests := []struct {
		name, status, updated string
		extension             any
		close                 bool
		opened, closed        string // "1970-01-01" is none
		found                 string
	}{
		{"open", "active", "", nil, false, "1970-01-01", "1970-01-01", ""},
		{"dates", "inactive", "", ext("1990-05-01", "2019-12-31"), false, "1990-05-01", "2019-12-31", ""},
		{"partial dates", "inactive", "", ext("1990", "2019-02"), false, "1990-01-01", "2019-02-28", ""},
		{"with a time", "inactive", "", ext("1990-05-01T00:00:00Z", "2019-02-03T23:59:59Z"), false, "1990-05-01", "2019-02-03", ""},
		{"will close", "active", "", ext("", "2027-12-31"), false, "1970-01-01", "2027-12-31", ""},
		{"last change", "inactive", "2026-01-16T08:00:00Z", nil, false, "1970-01-01", "2026-01-15", "MCSD-C1"},
		{"bundle's time", "inactive", "", nil, false, "1970-01-01", "2026-01-19", "MCSD-C1"},
		{"not before it opened", "inactive", "2026-01-16T08:00:00Z", ext("2026-01-16", ""), false, "2026-01-16", "2026-01-16", "MCSD-C1"},
		{"active after closing", "active", "", ext("", "2025-06-30"), false, "1970-01-01", "2025-06-30", "MCSD-C2"},
		{"suspended", "suspended", "2026-01-16T08:00:00Z", nil, false, "1970-01-01", "1970-01-01", ""},
		{"suspended is closed", "suspended", "2026-01-16T08:00:00Z", nil, true, "1970-01-01", "2026-01-15", "MCSD-C1"},
	}
	for _, tt := range tests {
		w := newWorld()
		l := w["Location/f"]
		l["status"] = tt.status
		w["Organization/f"]["active"] = tt.status == "active"
		if tt.updated != "" {
			l["meta"] = map[string]any{"lastUpdated": tt.updated}
		}
		if tt.extension != nil {
			l["extension"] = tt.extension
		}
		f := mcsd.Format{CloseSuspended: tt.close}
		md, found := read(t, f, w.bundle(t))
		u := unit(t, md, "f")
		if u.Opened != day(tt.opened) || u.Closed != day(tt.closed) {
			t.Errorf("%s: open from %v to %v, want %s to %s", tt.name, u.Opened, u.Closed, tt.opened, tt.closed)
		}
		if got := strings.Join(found, "; "); !strings.HasPrefix(got, tt.found) || tt.found == "" && got != "" {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.found)
		}
		text := write(t, f, md)
		again, _ := read(t, f, text)
		sameMetadata(t, tt.name, md, again)
		status := tt.status
		if tt.name == "active after closing" {
			status = "inactive"
		}
		require.Contains(t, string(text), fmt.Sprintf(`"status":%q,"name":"Unit f"`, status), tt.name)
	}
}

// Without the extension, the period of the code counts, its end only of a unit
// that is not active (RULES.md#open-and-closed).
func TestPeriodOfCode(t *testing.T) {
	for status, want := range map[string]string{"active": "2001-05-01 1970-01-01", "inactive": "2001-05-01 2019-12-31"} {
		w := newWorld()
		w["Location/f"]["status"], w["Organization/f"]["active"] = status, status == "active"
		n := w["Location/f"]["identifier"].([]any)[0].(map[string]any)
		n["period"] = map[string]any{"start": "2001-05", "end": "2019-12-31"}
		md, found := read(t, mcsd.Format{}, w.bundle(t))
		require.Empty(t, found)
		u := unit(t, md, "f")
		require.Equal(t, want, fmt.Sprint(u.Opened, " ", u.Closed))
		require.Equal(t, "C-f", u.Code)
		again, _ := read(t, mcsd.Format{}, write(t, mcsd.Format{}, md))
		sameMetadata(t, status, md, again)
	}
}

// Codes, attributes, names, contacts and what is kept as it is (RULES.md#units,
// RULES.md#contacts).
func TestUnitFields(t *testing.T) {
	id := func(use, system, value string) map[string]any {
		return map[string]any{"use": use, "system": system, "value": value}
	}
	w := newWorld()
	l := w["Location/f"]
	l["identifier"] = []any{id("secondary", "urn:dhis", "F7"), id("official", "urn:codes", "HF-7"), id("old", "urn:codes", "HF-6")}
	l["alias"] = []any{"Short", "Former"}
	l["telecom"] = []any{
		map[string]any{"system": "phone", "value": "+231"},
		map[string]any{"system": "phone", "value": "+232"},
		map[string]any{"system": "email", "value": "a@example.org"},
		map[string]any{"system": "url", "value": "https://example.org", "use": "work"},
	}
	l["address"] = map[string]any{"text": "Main Street"}
	l["description"] = "by the river"
	l["hoursOfOperation"] = []any{map[string]any{"allDay": true}}
	l["position"] = map[string]any{"longitude": 30.10, "latitude": -1.5, "altitude": 900}
	w["Organization/f"]["address"] = []any{map[string]any{"city": "X"}}
	w["Organization/f"]["meta"] = map[string]any{"versionId": "3", "tag": []any{}}

	md, found := read(t, mcsd.Format{}, w.bundle(t))
	require.Equal(t, []string(nil), found)
	u := unit(t, md, "f")
	require.Equal(t, "HF-7", u.Code)
	require.Equal(t, "Short", u.ShortName)
	require.Equal(t, `{"type":"Point","coordinates":[30.1,-1.5]}`, u.Geometry)
	require.Equal(t, []string{
		`Location.alias = ["Former"]`,
		`Location.codeSystem = "urn:codes"`,
		`Location.hoursOfOperation = [{"allDay":true}]`,
		`Location.identifier = [{"use":"old","system":"urn:codes","value":"HF-6"}]`,
		`Location.position = {"altitude":900,"latitude":-1.5,"longitude":30.1}`,
		`Location.telecom = [{"system":"phone","value":"+232"},{"system":"url","use":"work","value":"https://example.org"}]`,
		`Organization.address = [{"city":"X"}]`,
		`Organization.identifier = [{"use":"official","system":"urn:codes","value":"C-f"}]`,
		`Organization.meta = {"versionId":"3","tag":[]}`,
		`address = "Main Street"`,
		`description = "by the river"`,
		`email = "a@example.org"`,
		`phoneNumber = "+231"`,
	}, propertiesOf(md, "f"))
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	i := slices.IndexFunc(md.Attributes, func(a hmis.Attribute) bool { return a.Code == "urn:dhis" })
	require.GreaterOrEqual(t, i, 0)
	byOther, err := c.Lookup(hmis.KindOrgUnit, hmis.Scheme("ATTRIBUTE:"+md.Attributes[i].ID), "F7")
	require.NoError(t, err)
	require.Equal(t, u.ID, byOther)

	again, _ := read(t, mcsd.Format{}, write(t, mcsd.Format{}, md))
	sameMetadata(t, "again", md, again)

	// Of a system that the caller names, another identifier is the code.
	md, _ = read(t, mcsd.Format{System: "urn:dhis"}, w.bundle(t))
	require.Equal(t, "F7", unit(t, md, "f").Code)
	require.Empty(t, unit(t, md, "g").Code)
	again, _ = read(t, mcsd.Format{System: "urn:dhis"}, write(t, mcsd.Format{System: "urn:dhis"}, md))
	sameMetadata(t, "with a system", md, again)
}

// The parent that counts where the trees disagree, wards, and Organizations
// without Locations (RULES.md#units).
func TestUnitsOfTrees(t *testing.T) {
	w := newWorld()
	w["Organization/f"]["partOf"] = ref("Organization/c")
	for leads, want := range map[bool]string{false: "d", true: "c"} {
		f := mcsd.Format{OrganizationsLead: leads}
		md, _ := read(t, f, w.bundle(t))
		require.Equal(t, mcsd.UIDOf(want), unit(t, md, "f").Parent)
		again, _ := read(t, f, write(t, f, md))
		sameMetadata(t, "leads", md, again)
	}

	w = newWorld()
	for _, id := range []string{"w1", "w2"} {
		w["Location/"+id] = map[string]any{
			"resourceType": "Location", "id": id, "name": "Ward " + id, "status": "active", "type": []any{concept("urn:x", "ward")},
			"partOf": ref("Location/f"),
		}
	}
	w["Location/w2"]["partOf"] = ref("Location/w1")
	md, found := read(t, mcsd.Format{}, w.bundle(t))
	require.Len(t, md.OrgUnits, 4)
	require.Equal(t, []string{"MCSD-S1 Location/ "}, found)
	md, found = read(t, mcsd.Format{Wards: true}, w.bundle(t))
	require.Len(t, md.OrgUnits, 6)
	require.Empty(t, found)
	again, found := read(t, mcsd.Format{Wards: true}, write(t, mcsd.Format{}, md))
	require.Empty(t, found)
	sameMetadata(t, "wards", md, again)

	w = newWorld()
	for name := range w {
		if strings.HasPrefix(name, "Location") {
			delete(w, name)
		}
	}
	w["Organization/g"]["active"] = false
	md, found = read(t, mcsd.Format{}, w.bundle(t))
	require.Equal(t, []string{"MCSD-P1 Organization/ ", "MCSD-C1 Location/g status"}, found)
	require.Len(t, md.OrgUnits, 4)
	require.Equal(t, mcsd.UIDOf("d"), unit(t, md, "f").Parent)
	require.Equal(t, "2026-01-19", unit(t, md, "g").Closed.String())
}

// What a unit without groups of kinds is written as (RULES.md#kinds).
func TestKinds(t *testing.T) {
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "country0001"}, {ID: "hospital001", Parent: "country0001"}, {ID: "clinic00001", Parent: "hospital001"}},
		Groups:   []hmis.Group{{Kind: hmis.KindOrgUnitGroup, ID: "groupHospit", Members: []hmis.UID{"hospital001"}}},
		GroupSets: []hmis.GroupSet{
			{Kind: hmis.KindOrgUnitGroupSet, ID: "setFaciType", Groups: []hmis.UID{"groupHospit"}},
		},
	}
	kinds := func(f mcsd.Format) string {
		for i := range md.OrgUnits {
			md.OrgUnits[i].Name = string(md.OrgUnits[i].ID)
		}
		back, _ := read(t, f, write(t, f, md))
		var out []string
		for _, g := range back.Groups {
			if g.ID == mcsd.Facilities || g.ID == mcsd.Jurisdictions {
				out = append(out, fmt.Sprint(g.Name, g.Members))
			}
		}
		return strings.Join(out, " ")
	}
	require.Equal(t, "jurisdiction[country0001 hospital001] facility[clinic00001]", kinds(mcsd.Format{}))
	require.Equal(t, "jurisdiction[country0001] facility[hospital001 clinic00001]", kinds(mcsd.Format{Facilities: "setFaciType"}))
	md.Groups = append(md.Groups, hmis.Group{Kind: hmis.KindOrgUnitGroup, ID: mcsd.Jurisdictions, Members: []hmis.UID{"clinic00001"}})
	require.Equal(t, "jurisdiction[country0001 clinic00001] facility[hospital001]", kinds(mcsd.Format{Facilities: "setFaciType"}))
}

// A history counts from the oldest version to the newest, whatever the order
// of its pages (RULES.md#updates).
func TestHistoryOrder(t *testing.T) {
	version := func(name, at, method string) string {
		if method == "DELETE" {
			return fmt.Sprintf(`{"request":{"method":"DELETE","url":"Location/a"},"response":{"lastModified":%q}}`, at)
		}
		return fmt.Sprintf(`{"resource":{"resourceType":"Location","id":"a","name":%q,"status":"active","type":[{"coding":[{"system":%q,"code":"jurisdiction"}]}],`+
			`"managingOrganization":{"reference":"Organization/a"},"meta":{"lastUpdated":%q}},"request":{"method":"PUT","url":"Location/a"}}`, name, mcsd.TypeSystem, at)
	}
	history := func(entries ...string) []byte {
		return []byte(`{"resourceType":"Bundle","type":"history","entry":[` + strings.Join(entries, ",") + `]}`)
	}
	one, two := version("one", "2026-01-01T00:00:00Z", ""), version("two", "2026-01-02T00:00:00+05:00", "")
	late := version("late", "2026-01-01T21:00:00.5Z", "")
	gone := version("", "2026-01-09T00:00:00Z", "DELETE")
	for _, tt := range []struct {
		in   []byte
		want string
	}{
		{history(two, one), "two 1970-01-01"},
		{history(one, two), "two 1970-01-01"},
		{history(two, late, one), "late 1970-01-01"}, // 19:00 in UTC is before 21:00
		{history(version("new", "", ""), version("old", "", "")), "new 1970-01-01"},
		{history(gone, two, one), "two 2026-01-08"},
		{history(one, gone), "one 2026-01-08"},
	} {
		md, _ := read(t, mcsd.Format{}, tt.in)
		require.Len(t, md.OrgUnits, 1)
		require.Equal(t, tt.want, fmt.Sprint(md.OrgUnits[0].Name, " ", md.OrgUnits[0].Closed))
	}
	_, found := read(t, mcsd.Format{}, history(gone))
	require.Equal(t, []string{"MCSD-D2 Location/a id"}, found)
}
