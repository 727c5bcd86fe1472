package mcsd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/stretchr/testify/require"
)

// Real trees with groups and geometry go to FHIR and come back. What does not
// is listed by Write, and nothing else is lost (RULES.md#writing).
func TestRealTree(t *testing.T) {
	for _, name := range testfile.Data(t, "sierra-leone/*metadata*.json.gz") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.Open(name)
			require.NoError(t, err)
			defer file.Close()
			md, err := dhis2.ReadMetadata(file)
			require.NoError(t, err)
			if len(md.OrgUnits) == 0 { // its units are in a file of their own
				units, err := os.Open(testfile.Companion(t, "sierra-leone/play42-organisationUnits.json.gz"))
				require.NoError(t, err)
				defer units.Close()
				more, err := dhis2.ReadMetadata(units)
				require.NoError(t, err)
				md.OrgUnits = more.OrgUnits
			}
			addGeometry(t, md.OrgUnits)

			var lost []string
			f := mcsd.Format{Base: "https://play.example.org", Today: today, Warn: func(i hmis.Issue) { lost = append(lost, i.Error()) }}
			var out bytes.Buffer
			require.NoError(t, f.Write(&out, md))
			t.Logf("%d units, %d bytes; %d things not written, such as %q", len(md.OrgUnits), out.Len(), len(lost), lost[:min(4, len(lost))])

			found := map[string]int{}
			f.Warn = func(i hmis.Issue) { found[i.Code]++ }
			back, err := f.Read(&out)
			require.NoError(t, err)
			t.Log("findings:", found)
			delete(found, "MCSD-H9") // of the map itself
			require.Empty(t, found)

			sameUnits(t, md.OrgUnits, back.OrgUnits)
			sameGroups(t, md, back)

			again, err := f.Read(bytes.NewReader(write(t, f, back)))
			require.NoError(t, err)
			sameMetadata(t, "again", back, again)
		})
	}
}

// geometry compares GeoJSON by what it says.
var geometry = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Geometry" },
	cmp.Comparer(func(a, b string) bool {
		var x, y any
		if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
			return a == b
		}
		return reflect.DeepEqual(x, y)
	}))

func addGeometry(t *testing.T, units []hmis.OrgUnit) {
	var features struct {
		Features []struct {
			ID       hmis.UID
			Geometry json.RawMessage
		}
	}
	testfile.JSON(t, testfile.Companion(t, "sierra-leone/play42-geometry.geojson.gz"), &features)
	shapes := map[hmis.UID]string{}
	for _, f := range features.Features {
		shapes[f.ID] = string(f.Geometry)
	}
	for i := range units {
		if units[i].Geometry == "" {
			units[i].Geometry = shapes[units[i].ID]
		}
	}
}

// sameGroups compares members and group sets, but for what FHIR has no place
// for.
func sameGroups(t *testing.T, want, got hmis.Metadata) {
	members := func(md hmis.Metadata) map[hmis.UID]string {
		out := map[hmis.UID]string{}
		for _, g := range md.Groups {
			if g.Kind == hmis.KindOrgUnitGroup && len(g.Members) > 0 && g.ID != mcsd.Jurisdictions && g.ID != mcsd.Facilities {
				ids := make([]string, len(g.Members))
				for i, id := range g.Members {
					ids[i] = string(id)
				}
				slices.Sort(ids)
				out[g.ID] = g.Name + " " + strings.Join(slices.Compact(ids), " ")
			}
		}
		return out
	}
	if diff := cmp.Diff(members(want), members(got)); diff != "" {
		t.Error(diff)
	}
	given := members(want)
	sets := func(md hmis.Metadata) map[hmis.UID][]hmis.UID {
		out := map[hmis.UID][]hmis.UID{}
		for _, s := range md.GroupSets {
			if s.Kind != hmis.KindOrgUnitGroupSet || strings.Contains(s.Code, "IHE.mCSD") {
				continue
			}
			for _, g := range s.Groups {
				if given[g] != "" {
					out[s.ID] = append(out[s.ID], g)
				}
			}
			slices.Sort(out[s.ID])
		}
		return out
	}
	if diff := cmp.Diff(sets(want), sets(got)); diff != "" {
		t.Error(diff)
	}
}

// A real tree is served, read page by page by a client, changed, and brought up
// to date by the client (RULES.md#histories, RULES.md#updates).
func TestRealDirectory(t *testing.T) {
	file, err := os.Open(testfile.Companion(t, "sierra-leone/play42-organisationUnits.json.gz"))
	require.NoError(t, err)
	defer file.Close()
	md, err := dhis2.ReadMetadata(file)
	require.NoError(t, err)
	addGeometry(t, md.OrgUnits)
	f := mcsd.Format{Base: base, Today: today, Warn: func(hmis.Issue) {}}
	d, err := f.Directory(md, loaded)
	require.NoError(t, err)
	all := pages(t, d, "_history?_count=300")
	require.Equal(t, 2*len(md.OrgUnits), all[0].Total)
	got, err := f.Metadata(t.Context(), all...)
	require.NoError(t, err)
	sameUnits(t, md.OrgUnits, got.OrgUnits)

	next := md
	next.OrgUnits = slices.Clone(md.OrgUnits)
	for i := range next.OrgUnits {
		switch u := &next.OrgUnits[i]; {
		case u.Name == "Ngelehun CHC":
			u.Name = "Ngelehun Hospital"
		case i%100 == 7:
			u.ShortName = "New " + u.ShortName
		}
	}
	next.OrgUnits = append(next.OrgUnits, hmis.OrgUnit{ID: "newClinic01", Name: "New clinic", Parent: "O6uvpzGd5pu", Opened: today})
	d, err = d.With(next, loaded.AddDate(0, 0, 1))
	require.NoError(t, err)
	news := pages(t, d, "_history?_count=7&_since="+all[0].Timestamp)
	t.Logf("%d units, then %d changed resources", len(md.OrgUnits), news[0].Total)
	got, err = f.Apply(t.Context(), got, news...)
	require.NoError(t, err)
	sameUnits(t, next.OrgUnits, got.OrgUnits)
}

// sameUnits compares units in any order, but for paths.
func sameUnits(t *testing.T, want, got []hmis.OrgUnit) {
	t.Helper()
	want = slices.Clone(want)
	for i := range want {
		want[i].Path = ""
	}
	byID := cmpopts.SortSlices(func(a, b hmis.OrgUnit) bool { return a.ID < b.ID })
	if diff := cmp.Diff(want, got, byID, geometry); diff != "" {
		t.Error(diff)
	}
}
