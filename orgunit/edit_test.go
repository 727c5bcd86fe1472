package orgunit_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// countryMetadata returns the small tree with paths, and with everything that
// can refer to an org unit.
func countryMetadata(t *testing.T) hmis.Metadata {
	md := hmis.Metadata{OrgUnits: countryUnits(), Groups: countryGroups()}
	tree := country(t)
	for i := range md.OrgUnits {
		md.OrgUnits[i].Path = tree.Path(md.OrgUnits[i].ID)
	}
	md.DataSets = []hmis.DataSet{{ID: "form", OrgUnits: []hmis.UID{"f", "d", "h"}}}
	md.CategoryOptions = []hmis.CategoryOption{{ID: "project", OrgUnits: []hmis.UID{"d"}}, {ID: "any"}}
	object := hmis.Ref{Kind: hmis.KindOrgUnit, ID: "d"}
	md.AttributeValues = []hmis.AttributeValue{{Object: object, Attribute: "a", Value: "1"}}
	md.Translations = []hmis.Translation{{Object: object, Value: "Val"}}
	md.Properties = []hmis.Property{{Object: object, Name: "url"}, {Object: hmis.Ref{Kind: hmis.KindDataSet, ID: "d"}}}
	return md
}

// paths returns the paths of md's units by id. It checks that they agree with
// the tree.
func paths(t *testing.T, md hmis.Metadata) string {
	t.Helper()
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	var list []string
	for _, u := range md.OrgUnits {
		require.Equal(t, tree.Path(u.ID), u.Path)
		list = append(list, u.Path)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// A moved unit keeps its data and memberships (RULES.md#moving).
func TestMove(t *testing.T) {
	md := countryMetadata(t)
	before := countryMetadata(t)
	moved, err := orgunit.Move(md, "d", "q")
	require.NoError(t, err)
	require.Equal(t, "/c /c/p /c/p/e /c/q /c/q/d /c/q/d/f /c/q/d/g /c/q/h", paths(t, moved))
	require.Empty(t, cmp.Diff(before, md), "what is given is not changed")
	require.Empty(t, cmp.Diff(md, moved, cmpopts.IgnoreFields(hmis.Metadata{}, "OrgUnits")), "memberships stay")

	back, err := orgunit.Move(moved, "d", "p")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(md, back))
}

// A move writes parents that were only in a path. Paths that were empty stay
// empty, and missing units on a path stay on it.
func TestMoveFindsPaths(t *testing.T) {
	md := hmis.Metadata{OrgUnits: []hmis.OrgUnit{
		{ID: "c", Path: "/w/c"}, {ID: "p", Path: "/w/c/p"}, {ID: "d", Path: "/w/c/x/d"},
		{ID: "f", Path: "/w/c/x/d/y/f"}, {ID: "g", Parent: "d"},
	}}
	moved, err := orgunit.Move(md, "d", "p")
	require.NoError(t, err)
	require.Equal(t, []hmis.OrgUnit{
		{ID: "c", Path: "/w/c"}, {ID: "p", Path: "/w/c/p"}, {ID: "d", Parent: "p", Path: "/w/c/p/d"},
		{ID: "f", Path: "/w/c/p/d/y/f"}, {ID: "g", Parent: "d"},
	}, moved.OrgUnits)
}

func TestEditsRefuse(t *testing.T) {
	md := countryMetadata(t)
	move := func(unit, parent hmis.UID) error { _, err := orgunit.Move(md, unit, parent); return err }
	split := func(s orgunit.Split) error { _, err := s.Metadata(md); return err }
	merge := func(m orgunit.Merge) error { _, err := m.Metadata(md); return err }
	type ids = []hmis.UID
	tests := []struct {
		err  error
		want string
	}{
		{move("x", "y"), `hmis: organisationUnit x: unit "x": no such org unit` + "\n" +
			`hmis: organisationUnit y: parent "y": no such org unit`},
		{move("p", "p"), "hmis: organisationUnit p: parent: p is the unit itself or lies below it"},
		{move("p", "f"), "hmis: organisationUnit p: parent: f is the unit itself or lies below it"},
		{move("p", ""), `hmis: organisationUnit: parent "": no such org unit`},
		{split(orgunit.Split{Unit: "d", Targets: ids{"e"}}), "hmis: organisationUnit d: want at least two targets, got 1"},
		{split(orgunit.Split{Unit: "d", Targets: ids{"e", "e"}}), "hmis: organisationUnit e: target named twice"},
		{split(orgunit.Split{Unit: "d", Targets: ids{"e", "d"}}), "hmis: organisationUnit d: target is the unit d itself or lies below it"},
		{split(orgunit.Split{Unit: "d", Targets: ids{"f", "x"}}), "hmis: organisationUnit f: target is the unit d itself or lies below it\n" +
			`hmis: organisationUnit x: target "x": no such org unit`},
		{merge(orgunit.Merge{Into: "e"}), "hmis: organisationUnit e: want units to merge, got none"},
		{merge(orgunit.Merge{Units: ids{"e", "x"}, Into: "e"}), "hmis: organisationUnit e: target is the unit e itself or lies below it\n" +
			`hmis: organisationUnit x: unit "x": no such org unit`},
		{merge(orgunit.Merge{Units: ids{"d"}, Into: "g"}), "hmis: organisationUnit g: target is the unit d itself or lies below it"},
	}
	for _, tt := range tests {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", tt.err, tt.want)
		}
		if _, ok := errors.AsType[hmis.Issues](tt.err); !ok {
			t.Errorf("%v is a %T, want hmis.Issues", tt.err, tt.err)
		}
	}

	cyclic := hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "a", Parent: "a"}}}
	_, err := orgunit.Move(cyclic, "a", "a")
	require.ErrorContains(t, err, "a unit above itself")
	_, err = orgunit.Split{}.Metadata(cyclic)
	require.ErrorContains(t, err, "a unit above itself")
	_, err = orgunit.Merge{}.Metadata(cyclic)
	require.ErrorContains(t, err, "a unit above itself")
}

// A move is refused if it makes the tree too deep.
func TestMoveRefusesDepth(t *testing.T) {
	var md hmis.Metadata
	for i := range 120 {
		id := hmis.UID("u" + strings.Repeat("i", i))
		u := hmis.OrgUnit{ID: id}
		if i > 0 && i != 60 {
			u.Parent = md.OrgUnits[i-1].ID
			u.Path = md.OrgUnits[i-1].Path
		}
		u.Path += "/" + string(id)
		md.OrgUnits = append(md.OrgUnits, u)
	}
	_, err := orgunit.Move(md, md.OrgUnits[60].ID, md.OrgUnits[59].ID)
	require.ErrorContains(t, err, "would be more than 100 levels deep")
	_, err = orgunit.Move(md, md.OrgUnits[60].ID, md.OrgUnits[39].ID)
	require.NoError(t, err)
}

// The first target gets the children; all targets get the memberships
// (RULES.md#splitting).
func TestSplitMetadata(t *testing.T) {
	md := countryMetadata(t)
	md.Groups[1].Members = append(md.Groups[1].Members, "d")
	before := cmp.Diff(hmis.Metadata{}, md)
	after, err := orgunit.Split{Unit: "d", Targets: []hmis.UID{"e", "h"}}.Metadata(md)
	require.NoError(t, err)
	require.Equal(t, "/c /c/p /c/p/e /c/p/e/f /c/p/e/g /c/q /c/q/h", paths(t, after), "children go to the first target")
	require.Equal(t, "h g e", join(after.Groups[0].Members), "d was not in it")
	require.Equal(t, "f g e h", join(after.Groups[1].Members))
	require.Equal(t, "f h e", join(after.DataSets[0].OrgUnits))
	require.Equal(t, "e h", join(after.CategoryOptions[0].OrgUnits))
	require.Empty(t, after.CategoryOptions[1].OrgUnits, "everywhere stays everywhere")
	require.Empty(t, after.AttributeValues)
	require.Empty(t, after.Translations)
	require.Len(t, after.Properties, 1, "that of the data set")
	require.Equal(t, before, cmp.Diff(hmis.Metadata{}, md), "what is given is not changed")

	kept, err := orgunit.Split{Unit: "d", Targets: []hmis.UID{"e", "h"}, Keep: true}.Metadata(md)
	require.NoError(t, err)
	require.Equal(t, "/c /c/p /c/p/d /c/p/e /c/p/e/f /c/p/e/g /c/q /c/q/h", paths(t, kept))
	require.Equal(t, "f g d e h", join(kept.Groups[1].Members))
	require.Len(t, kept.AttributeValues, 1)
}

// The children and memberships of merged units pass to the target
// (RULES.md#merging).
func TestMergeMetadata(t *testing.T) {
	md := countryMetadata(t)
	after, err := orgunit.Merge{Units: []hmis.UID{"d", "f", "e"}, Into: "h"}.Metadata(md)
	require.NoError(t, err)
	require.Equal(t, "/c /c/p /c/q /c/q/h /c/q/h/g", paths(t, after))
	require.Equal(t, "h g", join(after.Groups[0].Members))
	require.Equal(t, "g h", join(after.Groups[1].Members))
	require.Equal(t, "h", join(after.DataSets[0].OrgUnits))
	require.Equal(t, "h", join(after.CategoryOptions[0].OrgUnits))

	kept, err := orgunit.Merge{Units: []hmis.UID{"d", "f"}, Into: "h", Keep: true}.Metadata(md)
	require.NoError(t, err)
	require.Equal(t, "/c /c/p /c/p/d /c/p/e /c/q /c/q/h /c/q/h/f /c/q/h/g", paths(t, kept))
}

// A row is a data value: its unit, element, text, the day of January 2024 on
// which it was updated, and whether it is deleted.
type row struct {
	unit, element hmis.UID
	text          string
	day           int
	deleted       bool
}

func stream(rows ...row) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, r := range rows {
			v := hmis.DataValue{Value: r.text, Deleted: r.deleted, Updated: time.Date(2024, 1, r.day, 0, 0, 0, 0, time.UTC)}
			v.OrgUnit, v.DataElement, v.Period = r.unit, r.element, period.MustParse("202401")
			if !yield(v, nil) {
				return
			}
		}
	}
}

func drain(values iter.Seq2[hmis.DataValue, error]) ([]row, error) {
	var rows []row
	for v, err := range values {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row{v.OrgUnit, v.DataElement, v.Value, v.Updated.Day(), v.Deleted})
	}
	return rows, nil
}

const gone = true

// The values of a unit that is split pass to the first target
// (RULES.md#splitting).
func TestSplitValues(t *testing.T) {
	s := orgunit.Split{Unit: "d", Targets: []hmis.UID{"e", "h"}}
	rows, err := drain(s.Values(stream(
		row{"d", "BCG", "1", 1, false}, row{"f", "BCG", "2", 1, false}, row{"d", "OPV", "3", 2, gone},
		row{"e", "BCG", "4", 1, gone}, // this value of e was deleted, so e has no data
	)))
	require.NoError(t, err)
	require.Equal(t, []row{
		{"d", "BCG", "1", 1, gone}, {"e", "BCG", "1", 1, false},
		{"d", "OPV", "3", 2, gone}, {"e", "OPV", "3", 2, gone},
	}, rows)

	_, err = drain(s.Values(stream(row{"d", "BCG", "1", 1, false}, row{"h", "BCG", "4", 1, false})))
	require.EqualError(t, err, "orgunit: split of d: target h has data: BCG for 202401")
	_, err = drain(orgunit.Split{Unit: "d"}.Values(stream()))
	require.EqualError(t, err, "orgunit: split of d: want at least two targets, got 0")
}

func TestSplitCompletions(t *testing.T) {
	type done struct {
		unit      hmis.UID
		withdrawn bool
	}
	stream := func(list ...done) iter.Seq2[hmis.Completion, error] {
		return func(yield func(hmis.Completion, error) bool) {
			for _, d := range list {
				c := hmis.Completion{DataSet: "form", OrgUnit: d.unit, Withdrawn: d.withdrawn, Period: period.MustParse("202401")}
				if !yield(c, nil) {
					return
				}
			}
		}
	}
	s := orgunit.Split{Unit: "d", Targets: []hmis.UID{"e", "h"}}
	var got []done
	for c, err := range s.Completions(stream(done{"d", false}, done{"f", false}, done{"h", true})) {
		require.NoError(t, err)
		got = append(got, done{c.OrgUnit, c.Withdrawn})
	}
	require.Equal(t, []done{{"d", true}, {"e", false}}, got)

	var errs []string
	for _, err := range s.Completions(stream(done{"h", false})) {
		errs = append(errs, err.Error())
	}
	for _, err := range (orgunit.Split{Unit: "d"}).Completions(stream()) {
		errs = append(errs, err.Error())
	}
	require.Equal(t, []string{
		"orgunit: split of d: target h has completed form for 202401",
		"orgunit: split of d: want at least two targets, got 0",
	}, errs)
}

// Of values with one key the last one is kept, or they are added up
// (RULES.md#merging).
func TestMergeValues(t *testing.T) {
	m := orgunit.Merge{Units: []hmis.UID{"f", "g"}, Into: "e"}
	add := func(element hmis.UID) bool { return element != "NOTE" }
	tests := []struct {
		name  string
		merge orgunit.Merge
		in    []row
		want  []row
	}{
		{"other units stay", m, []row{{"h", "BCG", "1", 1, false}}, nil},
		{
			"the latest value counts",
			m,
			[]row{{"f", "BCG", "1", 5, false}, {"g", "BCG", "2", 3, false}},
			[]row{{"f", "BCG", "1", 5, gone}, {"g", "BCG", "2", 3, gone}, {"e", "BCG", "1", 5, false}},
		},
		{
			"data of the target are replaced, or go",
			m,
			[]row{{"e", "BCG", "9", 9, false}, {"f", "BCG", "1", 5, false}, {"e", "OPV", "9", 9, false}},
			[]row{{"f", "BCG", "1", 5, gone}, {"e", "OPV", "9", 9, gone}, {"e", "BCG", "1", 5, false}},
		},
		{
			"of equal times, the unit named first",
			m,
			[]row{{"g", "BCG", "2", 5, false}, {"f", "BCG", "1", 5, false}},
			[]row{{"g", "BCG", "2", 5, gone}, {"f", "BCG", "1", 5, gone}, {"e", "BCG", "1", 5, false}},
		},
		{
			"deleted values do not count, and the later of two rows does",
			m,
			[]row{{"f", "BCG", "1", 9, gone}, {"g", "BCG", "2", 5, false}, {"g", "BCG", "3", 6, false}},
			[]row{{"g", "BCG", "3", 6, gone}, {"e", "BCG", "3", 6, false}},
		},
		{
			"the newest counts, whichever unit it is of",
			orgunit.Merge{Units: m.Units, Into: "e", Newest: true},
			[]row{
				{"e", "BCG", "9", 9, false}, {"f", "BCG", "1", 5, false}, // that of the target
				{"e", "OPV", "9", 1, false}, {"g", "OPV", "2", 3, false}, // that of a unit
				{"e", "DPT", "9", 4, false}, {"g", "DPT", "2", 4, false}, // of equal times that of the target
				{"e", "PCV", "9", 1, false}, // alone
			},
			[]row{
				{"f", "BCG", "1", 5, gone}, {"g", "OPV", "2", 3, gone}, {"g", "DPT", "2", 4, gone},
				{"e", "OPV", "2", 3, false},
			},
		},
		{
			"discard",
			orgunit.Merge{Units: m.Units, Into: "e", Discard: true, Add: add},
			[]row{{"e", "BCG", "9", 1, false}, {"f", "BCG", "1", 5, false}, {"g", "OPV", "2", 5, false}},
			[]row{{"f", "BCG", "1", 5, gone}, {"g", "OPV", "2", 5, gone}},
		},
		{
			"add",
			orgunit.Merge{Units: m.Units, Into: "e", Add: add},
			[]row{
				{"e", "BCG", "0.5", 9, false}, {"f", "BCG", "1", 5, false}, {"g", "BCG", "2.25", 4, false},
				{"e", "OPV", "7", 1, false}, // the value of the target stays
				{"f", "NOTE", "1", 5, false}, {"g", "NOTE", "2", 6, false},
				{"f", "TEXT", "1", 5, false}, {"g", "TEXT", "two", 6, false},
			},
			[]row{
				{"f", "BCG", "1", 5, gone}, {"g", "BCG", "2.25", 4, gone},
				{"f", "NOTE", "1", 5, gone}, {"g", "NOTE", "2", 6, gone},
				{"f", "TEXT", "1", 5, gone}, {"g", "TEXT", "two", 6, gone},
				{"e", "BCG", "3.75", 9, false}, {"e", "NOTE", "2", 6, false}, {"e", "TEXT", "two", 6, false},
			},
		},
	}
	for _, tt := range tests {
		rows, err := drain(tt.merge.Values(stream(tt.in...)))
		require.NoError(t, err, tt.name)
		if diff := cmp.Diff(tt.want, rows, cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// An error in the input is yielded last, and the caller can stop early.
func TestEditedStreams(t *testing.T) {
	broken := errors.New("line 3: broken")
	bad := func(yield func(hmis.DataValue, error) bool) {
		for v, err := range stream(row{"d", "BCG", "1", 1, false}) {
			if !yield(v, err) {
				return
			}
		}
		if yield(hmis.DataValue{}, broken) {
			t.Error("the stream goes on after its error")
		}
	}
	s := orgunit.Split{Unit: "d", Targets: []hmis.UID{"e", "h"}}
	m := orgunit.Merge{Units: []hmis.UID{"d"}, Into: "e"}
	_, err := drain(s.Values(bad))
	require.ErrorIs(t, err, broken)
	_, err = drain(m.Values(bad))
	require.ErrorIs(t, err, broken)
	for _, edit := range []func(iter.Seq2[hmis.DataValue, error]) iter.Seq2[hmis.DataValue, error]{s.Values, m.Values} {
		for n := range 2 {
			for _, err := range edit(stream(row{"d", "BCG", "1", 1, false})) {
				require.NoError(t, err)
				if n == 0 {
					break
				}
				n--
			}
		}
	}
}
