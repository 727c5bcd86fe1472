package facilitylist_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/orgunit/facilitylist"
)

var plain = facilitylist.Format{Levels: []facilitylist.Level{{Name: "District"}, {Name: "Chiefdom"}, {Name: "Facility", Code: "Code"}}}

// full has every column.
var full = facilitylist.Format{
	Levels:    []facilitylist.Level{{Name: "D", ID: "DID", Code: "DC"}, {Name: "F", ID: "FID", Code: "FC"}},
	ShortName: "Short", Opened: "From", Closed: "To", Longitude: "Lon", Latitude: "Lat",
}

// paths returns the units as name paths with codes, one on each line.
func paths(t testing.TB, md hmis.Metadata) []string {
	t.Helper()
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	var list []string
	for id := range tree.All() {
		u, _ := tree.Unit(id)
		list = append(list, strings.TrimSuffix(tree.NamePath(id)+" "+u.Code, " "))
	}
	return list
}

// What becomes of rows (RULES.md#rows, RULES.md#one-unit-or-several).
func TestRead(t *testing.T) {
	ragged, down := plain, plain
	ragged.Ragged = true
	down.FillDown = true
	const head = "District,Chiefdom,Facility,Code\n"
	tests := []struct {
		name     string
		format   facilitylist.Format
		rows     string
		want     string // units
		rejected string
	}{
		{"names", plain, "Bo,Badjia,Ngelehun,\nBo,Badjia,Njandama,\nBo,Baoma,Ngelehun,\n",
			"/Bo|/Bo/Badjia|/Bo/Badjia/Ngelehun|/Bo/Badjia/Njandama|/Bo/Baoma|/Bo/Baoma/Ngelehun", ""},
		{"same name in two districts", plain, "Bo,Baoma,Clinic,1\nKenema,Baoma,Clinic,2\n",
			"/Bo|/Bo/Baoma|/Bo/Baoma/Clinic 1|/Kenema|/Kenema/Baoma|/Kenema/Baoma/Clinic 2", ""},
		{"a district of its own", plain, "Bo,Baoma,Clinic,1\nBo,,,\n,,,\n \n", "/Bo|/Bo/Baoma|/Bo/Baoma/Clinic 1", ""},
		{"blanks", plain, " Bo ,Baoma,\u00a0Old   Clinic,\n", "/Bo|/Bo/Baoma|/Bo/Baoma/Old Clinic", ""},
		{"a missing level", plain, "Bo,,Clinic,1\nBo,Baoma,Clinic,2\n", "/Bo|/Bo/Baoma|/Bo/Baoma/Clinic 2",
			`line 2: Chiefdom "": blank, but there is a Facility`},
		{"ragged", ragged, "Bo,,Clinic,1\nBo,Baoma,Clinic,2\n", "/Bo|/Bo/Baoma|/Bo/Baoma/Clinic 2|/Bo/Clinic 1", ""},
		{"merged cells", down, "Bo,Baoma,A,\n,,B,\n,Badjia,C,\nKenema,,,\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A|/Bo/Baoma/B|/Bo/Badjia|/Bo/Badjia/C|/Kenema", ""},
		{"merged cells of another district", down, "Bo,Baoma,A,\nKenema,,B,\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A",
			`line 3: Chiefdom "": blank, but there is a Facility`},
		{"repeated", plain, "Bo,Baoma,A,1\nBo,Baoma,A,1\nBo,Baoma,B,2\nBo,Baoma,B,\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1|/Bo/Baoma/B 2",
			`line 3: Facility "A": also at line 2; line 5: Facility "B": also at line 4`},
		{"the code in a later row", plain, "Bo,Baoma,A,\nBo,Baoma,A,1\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1", `line 3: Facility "A": also at line 2`},
		{"two codes", plain, "Bo,Baoma,A,1\nBo,Baoma,A,2\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1|/Bo/Baoma/A 2", ""},
		{"which of two", plain, "Bo,Baoma,A,1\nBo,Baoma,A,\nBo,Baoma,A,2\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1|/Bo/Baoma/A 2",
			`line 3: Facility "A": several units there have this name: want the id or code of one`},
		{"two parents for one code", plain, "Bo,Baoma,A,1\nBo,Badjia,A,1\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1|/Bo/Badjia",
			`line 3: Code "1": also at line 2, below another parent`},
		{"two names for one code", plain, "Bo,Baoma,A,1\nBo,Baoma,B,1\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1",
			`line 3: Code "1": also at line 2, with another name`},
		{"one path by two ways", ragged, "Bo,Baoma,,\nBo,,Baoma,\n", "/Bo|/Bo/Baoma", `line 3: Facility "Baoma": also at line 2, with another name`},
		{"a code alone", plain, "Bo,Baoma,,1\nBo,Baoma,A,1\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1", `line 2: Facility "": an id or code, but no name`},
		{"no cells", plain, "Bo,Baoma\nBo,Baoma,A,1,x\nBo,Baoma,A,1\n", "/Bo|/Bo/Baoma|/Bo/Baoma/A 1",
			"line 2: 2 cells: want 4, as in the headings; line 3: 5 cells: want 4, as in the headings"},
	}
	for _, tt := range tests {
		var rejected []string
		lenient := tt.format
		lenient.Reject = func(err error) {
			bad, ok := errors.AsType[*facilitylist.RowError](err)
			require.True(t, ok, "%s: %T", tt.name, err)
			if bad.Other > 0 {
				require.Contains(t, err.Error(), fmt.Sprint("line ", bad.Other))
			}
			rejected = append(rejected, strings.TrimPrefix(err.Error(), "facilitylist: "))
		}
		md, err := lenient.Read(t.Context(), strings.NewReader(head+tt.rows))
		require.NoError(t, err, tt.name)
		if got := strings.Join(paths(t, md), "|"); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
		if got := strings.Join(rejected, "; "); got != tt.rejected {
			t.Errorf("%s: rejected\n got %s\nwant %s", tt.name, got, tt.rejected)
		}
		_, err = tt.format.Read(t.Context(), strings.NewReader(head+tt.rows))
		first, _, _ := strings.Cut(tt.rejected, "; ")
		if (err != nil) != (first != "") || err != nil && err.Error() != "facilitylist: "+first {
			t.Errorf("%s: without Reject: %v, want %s", tt.name, err, first)
		}
	}
}

// Ids are given or made, and do not depend on the order of rows (RULES.md#ids).
func TestIDs(t *testing.T) {
	read := func(f facilitylist.Format, text string) map[string]hmis.UID {
		md, err := f.Read(t.Context(), strings.NewReader(text))
		require.NoError(t, err)
		ids := make(map[string]hmis.UID)
		for _, u := range md.OrgUnits {
			ids[u.Name] = u.ID
			_, err := hmis.ParseUID(string(u.ID))
			require.NoError(t, err)
		}
		return ids
	}
	const head = "District,Chiefdom,Facility,Code\n"
	ids := read(plain, head+"Bo,Baoma,A,1\nBo,Badjia,B,\n")
	require.Equal(t, ids, read(plain, head+"Bo,Badjia,B,\nBo,Baoma,A,1\n"))
	later := read(plain, head+"Kenema,Dama,New A,1\nBo,Badjia,B,\n")
	require.Equal(t, ids["A"], later["New A"], "of the code")
	require.Equal(t, ids["B"], later["B"], "of the names")
	seeded := plain
	seeded.Seed = "other"
	for name, id := range read(seeded, head+"Bo,Baoma,A,1\nBo,Badjia,B,\n") {
		require.NotEqual(t, ids[name], id)
	}
	require.Equal(t, hmis.UID("ImspTQPwCqd"), read(full, "D,DID,DC,F,FID,FC,Short,From,To,Lon,Lat\nBo,ImspTQPwCqd,,,,,,,,,\n")["Bo"])
	md, err := facilitylist.Format{Levels: plain.Levels, Below: "ImspTQPwCqd"}.Read(t.Context(), strings.NewReader(head+"Bo,,,\n"))
	require.NoError(t, err)
	require.Equal(t, hmis.UID("ImspTQPwCqd"), md.OrgUnits[0].Parent)
	require.Empty(t, md.OrgUnitLevels)
}

// The other columns are about the last unit of a row, and what is no day or
// place is an error (RULES.md#rows).
func TestAbout(t *testing.T) {
	const head = "D,DID,DC,F,FID,FC,Short,From,To,Lon,Lat\n"
	tests := []struct{ row, want string }{
		{"Bo,,,A,,,Aa,2001-02-03,2024-12-31,-11.70,7.9", ""},
		{"Bo,,,A,,,,03/02/2001,,,", `From "03/02/2001": want a day, such as 2024-01-31`},
		{"Bo,,,A,,,,2001-02-03,2001-02-02,,", `To "2001-02-02": before 2001-02-03, the day it opened`},
		{"Bo,,,A,,,,,,7.9,", `Lat "": want degrees, such as -11.75`},
		{"Bo,,,A,,,,,,7.9,1e1", `Lat "1e1": want degrees, such as -11.75`},
		{"Bo,,,A,,,,,,7.9,-111.7", `Lon "7.9": position 7.9 -111.7: want longitude -180 to 180 and latitude -90 to 90; are they swapped?`},
		{"Bo,x,,A,x,,,,,,", `FID "x": also at line 2, below another parent`},
	}
	for _, tt := range tests {
		md, err := full.Read(t.Context(), strings.NewReader(head+tt.row+"\n"))
		if tt.want != "" {
			require.EqualError(t, err, "facilitylist: line 2: "+tt.want)
			continue
		}
		require.NoError(t, err)
		u := md.OrgUnits[1]
		require.Equal(t, "Aa 2001-02-03 2024-12-31", fmt.Sprint(u.ShortName, " ", u.Opened, " ", u.Closed))
		require.Equal(t, `{"type":"Point","coordinates":[-11.70,7.9]}`, u.Geometry)
		require.Equal(t, []hmis.OrgUnitLevel{{ID: md.OrgUnitLevels[0].ID, Name: "D", Level: 1}, {ID: md.OrgUnitLevels[1].ID, Name: "F", Level: 2}}, md.OrgUnitLevels)
	}
}

// What is no list is an error that says what it is.
func TestRubbish(t *testing.T) {
	const head = "District,Chiefdom,Facility,Code"
	tests := []struct{ in, want string }{
		{"", "line 1: unexpected EOF: want headings"},
		{"<html><body>Log in</body></html>", "line 1: HTML or XML: want a table"},
		{"\xff\xfeD\x00", "line 1: the text is UTF-16 or UTF-32: want UTF-8"},
		{"District;Chiefdom;Facility;Code\n", "line 1: the cells are separated by ';': want ','"},
		{"District,Chiefdom,Facility\n", `line 1: no column "Code"`},
		{head + ",Phone\n", `line 1: column "Phone" is not in the format: list it in Ignore`},
		{head + ",Code\n", `line 1: Code "Code": columns 4 and 5 have this heading`},
		{head + ",\nBo,,,,x\n", `line 2: "x" has no heading above it`},
		{head + "\nBo,\"Baoma,A,\n", "line 2: extraneous or missing \" in quoted-field"},
		{head + "\nBo,B\xe9,A,\n", "line 2: not UTF-8: B\ufffd"},
		{head + "\nBo," + strings.Repeat("a", 2<<20), "line 2: want at most 1 MiB in one row"},
	}
	for _, tt := range tests {
		_, err := plain.Read(t.Context(), strings.NewReader(tt.in))
		if err == nil || err.Error() != "facilitylist: "+tt.want {
			t.Errorf("%.60q\n got %v\nwant facilitylist: %s", tt.in, err, tt.want)
		}
	}
	for _, tt := range []struct {
		format facilitylist.Format
		want   string
	}{
		{facilitylist.Format{}, "want at least one of Levels"},
		{facilitylist.Format{Levels: []facilitylist.Level{{ID: "x"}}}, "level 1: want the heading of its names"},
		{facilitylist.Format{Levels: []facilitylist.Level{{Name: "x", Code: "x"}}}, `heading "x" is used twice`},
		{facilitylist.Format{Levels: []facilitylist.Level{{Name: "x"}}, Latitude: "y"}, "want Longitude and Latitude together"},
	} {
		_, err := tt.format.Read(t.Context(), strings.NewReader(head))
		require.EqualError(t, err, "facilitylist: "+tt.want)
		require.EqualError(t, tt.format.Write(&bytes.Buffer{}, hmis.Metadata{}), "facilitylist: "+tt.want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := plain.Read(ctx, strings.NewReader(head))
	require.ErrorIs(t, err, context.Canceled)
}

// Written and read back, units are the same; what a list cannot hold is an error
// (RULES.md#ids).
func TestWrite(t *testing.T) {
	units := []hmis.OrgUnit{
		{ID: "d1", Name: "Bo", Code: "BO", Opened: 1},
		{ID: "f1", Name: "=A", Parent: "d1", ShortName: "'=a", Closed: 20000, Geometry: `{"type":"Point","coordinates":[-11.70,7.9]}`},
		{ID: "f2", Name: "=A", Parent: "d1", Code: "7"},
		{ID: "d2", Name: "Kenema"},
	}
	var b bytes.Buffer
	require.NoError(t, full.Write(&b, hmis.Metadata{OrgUnits: units}))
	back, err := full.Read(t.Context(), bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(units, back.OrgUnits))
	require.Equal(t, "D,DID,DC,F,FID,FC,Short,From,To,Lon,Lat\n"+
		"Bo,d1,BO,,,,,1970-01-02,,,\nBo,d1,BO,'=A,f1,,''=a,,2024-10-04,-11.70,7.9\nBo,d1,BO,'=A,f2,7,,,,,\nKenema,d2,,,,,,,,,\n", b.String())

	byName := facilitylist.Format{Levels: []facilitylist.Level{{Name: "D"}, {Name: "F"}}}
	tests := []struct {
		format facilitylist.Format
		unit   hmis.OrgUnit
		want   string
	}{
		{byName, hmis.OrgUnit{ID: "x", Name: "X"}, `org unit x: the list cannot hold its id "x"`},
		{full, hmis.OrgUnit{ID: "x"}, `org unit x: the list cannot hold its name ""`},
		{full, hmis.OrgUnit{ID: "x", Name: "a  b"}, `org unit x: the list cannot hold its name "a  b"`},
		{full, hmis.OrgUnit{ID: "x", Name: "x\xff"}, `org unit x: the list cannot hold its name "x\xff"`},
		{full, hmis.OrgUnit{ID: "x", Name: "X", Parent: "f1"}, "org unit x: at level 3: want at most 2"},
		{full, hmis.OrgUnit{ID: "x", Name: "X", Geometry: `{"type":"Polygon"}`}, `org unit x: the list cannot hold its geometry "{\"type\":\"Polygon\"}"`},
		{full, hmis.OrgUnit{ID: "x", Name: "X", Code: "7"}, `the units make no list: facilitylist: line 4: FC "7": also at line 6, below another parent`},
	}
	for _, tt := range tests {
		b.Reset()
		list := append(slices.Clone(units), tt.unit)
		if len(tt.format.Levels[0].ID) == 0 {
			list = []hmis.OrgUnit{tt.unit}
		}
		err := tt.format.Write(&b, hmis.Metadata{OrgUnits: list})
		require.ErrorContains(t, err, "facilitylist: "+tt.want)
		require.Empty(t, b.String())
	}
}

// The demo country as a server lists it: a column for each level.
func TestRealFacilityList(t *testing.T) {
	files := testfile.Data(t, "server-tables/orgunit-structure.csv.gz")
	if len(files) == 0 {
		t.Skip("no real data")
	}
	format := facilitylist.Format{
		Levels: []facilitylist.Level{
			{Name: "namelevel1", ID: "uidlevel1"}, {Name: "namelevel2", ID: "uidlevel2"},
			{Name: "namelevel3", ID: "uidlevel3"}, {Name: "namelevel4", ID: "uidlevel4"},
		},
		Ignore: []string{"organisationunituid", "name", "code", "openingdate", "closeddate", "level", "path"},
	}
	md, err := format.Read(t.Context(), bytes.NewReader(testfile.Read(t, files[0])))
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	for level, want := range map[int]int{1: 1, 2: 13, 3: 152, 4: 1166} {
		require.Len(t, tree.AtLevel(level), want)
	}
	// By names alone it is the same tree, with ids that are made; some
	// facilities have the name of a sibling.
	byName := facilitylist.Format{Ignore: format.Ignore, Reject: func(error) {}}
	for _, l := range format.Levels {
		byName.Levels = append(byName.Levels, facilitylist.Level{Name: l.Name})
		byName.Ignore = append(byName.Ignore, l.ID)
	}
	twins := 0
	byName.Reject = func(err error) { twins++ }
	named, err := byName.Read(t.Context(), bytes.NewReader(testfile.Read(t, files[0])))
	require.NoError(t, err)
	require.Equal(t, len(md.OrgUnits), len(named.OrgUnits)+twins)

	var b bytes.Buffer
	require.NoError(t, format.Write(&b, md))
	back, err := format.Read(t.Context(), &b)
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(md, back))
}

// In any order of its rows, a list without contradictions has the same units.
func TestOrder(t *testing.T) {
	rows := []string{"Bo,Baoma,A,1", "Bo,Baoma,B,2", "Bo,Badjia,A,", "Kenema,Baoma,A,3", "Kenema,,,", "Kenema,Baoma,C,"}
	var want []hmis.OrgUnit
	for seed := range uint64(20) {
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		md, err := plain.Read(t.Context(), strings.NewReader("District,Chiefdom,Facility,Code\n"+strings.Join(rows, "\n")))
		require.NoError(t, err)
		if want == nil {
			want = md.OrgUnits
		}
		byID := cmpopts.SortSlices(func(a, b hmis.OrgUnit) bool { return a.ID < b.ID })
		require.Empty(t, cmp.Diff(want, md.OrgUnits, byID))
	}
}
