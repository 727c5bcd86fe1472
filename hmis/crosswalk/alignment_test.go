package crosswalk_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/crosswalk"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// RULES.md#coverage
func TestCoverage(t *testing.T) {
	m, err := crosswalk.CSV{}.Read(strings.NewReader("source,sourceCombo,target,targetCombo,relation,weight\n" +
		"A,a,X,x,equal,\nB,,X,y,narrower,0.5\nC,,X,z,relatedto,\nD,,Y,,wider,\nE,,,,disjoint,\nF,,Z,,narrower,\n"))
	require.NoError(t, err)
	var got []string
	for _, c := range m.Coverage([]hmis.Operand{
		operand("X", "x"), operand("X", "y"), operand("X", "z"), operand("X", "other"), operand("X", ""), operand("Y", ""), operand("Z", ""), operand("W", ""),
	}) {
		names := []string{}
		for _, e := range c.Entries {
			names = append(names, e.ID)
		}
		got = append(got, fmt.Sprint(c.Target.DataElement, ".", c.Target.OptionCombo, " ", c.Level, " ", names))
	}
	require.Equal(t, []string{
		"X.x fine [X.x]", "X.y coarse [X.y]", "X.z coarse [X.z]", "X.other coarse []", "X. coarse []", "Y. fine [Y]", "Z. coarse [Z]", "W. none []",
	}, got)

	require.Equal(t, []hmis.Operand{operand("A", "b"), operand("A", ""), operand("W", "")},
		m.Unused([]hmis.Operand{operand("A", "a"), operand("A", "b"), operand("A", ""), operand("B", "any"), operand("E", ""), operand("W", "")}))
}

func catalogOf(t *testing.T, md hmis.Metadata) *hmis.Catalog {
	t.Helper()
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return c
}

func ages(elements ...hmis.UID) hmis.Metadata {
	md := hmis.Metadata{
		CategoryCombos: []hmis.CategoryCombo{{ID: "ages", Name: "Ages"}, {ID: "sexes", Name: "Sexes"}},
		OptionCombos:   []hmis.OptionCombo{{ID: "u5", CategoryCombo: "ages"}, {ID: "o5", CategoryCombo: "ages"}, {ID: "f", CategoryCombo: "sexes"}},
		OrgUnits:       []hmis.OrgUnit{{ID: "F1"}, {ID: "F2"}},
	}
	for _, e := range elements {
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: e, CategoryCombo: "ages"})
	}
	return md
}

// RULES.md#stale-maps
func TestStale(t *testing.T) {
	m := crosswalk.Map{
		Entries: []crosswalk.Entry{
			{ID: "2", From: []crosswalk.Source{{Operand: operand("A", "u5")}, {Operand: operand("gone", "u5")}, {Operand: operand("gone", "old")}}, To: operand("X", "")},
			{ID: "1", From: []crosswalk.Source{{Operand: operand("A", "f")}, {Operand: operand("A", "HllvX50cXC0")}, {Operand: operand("A", "")}}, To: operand("Y", "u5")},
			{ID: "3", From: from("A")},
		},
		OrgUnits: []crosswalk.Pair{{"F1", "F1"}, {"F2", "F9"}, {"F8", "F2"}},
	}
	require.Empty(t, m.Stale(nil, nil))
	require.EqualError(t, m.Stale(catalogOf(t, ages("A")), catalogOf(t, ages("X"))), strings.Join([]string{
		"hmis: FOREIGN_COMBO: entry 1: categoryOptionCombo HllvX50cXC0 is none of dataElement A",
		"hmis: FOREIGN_COMBO: entry 1: categoryOptionCombo f is none of dataElement A",
		"hmis: STALE_ORGUNIT: organisationUnit F8: it is no longer there",
		"hmis: STALE_ORGUNIT: organisationUnit F9: it is no longer there",
		"hmis: STALE_SOURCE: entry 2: no dataElement gone",
		"hmis: STALE_SOURCE: entry 2: no categoryOptionCombo old",
		"hmis: STALE_TARGET: entry 1: no dataElement Y",
	}, "\n"))
	require.Equal(t, []hmis.Operand{operand("A", "u5"), operand("A", "o5")}, crosswalk.Operands(catalogOf(t, ages("A"))))
}

// RULES.md#facilities
func TestFacilities(t *testing.T) {
	day := period.DateOf(2024, 6, 30)
	ours := []hmis.OrgUnit{{ID: "a", Name: "=A"}, {ID: "b"}, {ID: "c"}, {ID: "d", Closed: day - 1}, {ID: "e", Opened: day + 1}, {ID: "f", Closed: day}, {ID: "same"}}
	theirs := []hmis.OrgUnit{{ID: "A", Code: "1"}, {ID: "B"}, {ID: "B2"}, {ID: "D"}, {ID: "E"}, {ID: "F"}, {ID: "N"}, {ID: "same"}}
	m := crosswalk.Map{OrgUnits: []crosswalk.Pair{{"a", "A"}, {"b", "B"}, {"b", "B2"}, {"d", "D"}, {"e", "E"}, {"f", "F"}, {"gone", "A"}, {"a", "A"}}}
	var out bytes.Buffer
	require.NoError(t, crosswalk.WriteFacilities(&out, m.Facilities(ours, theirs, day)))
	require.Equal(t, `state,source,sourceCode,sourceName,target,targetCode,targetName
matched,a,,'=A,A,1,
matched,f,,,F,,
one to many,b,,,B,,
one to many,b,,,B2,,
closed,d,,,D,,
closed,e,,,E,,
unknown,gone,,,A,1,
source only,c,,,,,
source only,same,,,,,
target only,,,,N,,
target only,,,,same,,
`, out.String())
	m.SameOrgUnits = true
	out.Reset()
	require.NoError(t, crosswalk.WriteFacilities(&out, m.Facilities(ours, theirs, day)))
	require.Contains(t, out.String(), "matched,same,,,same,,\n")
	require.NotContains(t, out.String(), "only,same")
}

// RULES.md#differences
func TestDiff(t *testing.T) {
	before := crosswalk.Map{
		ID: "m", From: period.Monthly, Entries: []crosswalk.Entry{
			{ID: "1", Relation: "equal", From: from("A", "B"), To: operand("X", "x")},
			{ID: "2", Relation: "narrower", From: part("C", "0.60"), To: operand("Y", "")},
			{ID: "3", Relation: "disjoint", From: from("D")},
		}, OrgUnits: []crosswalk.Pair{{"F1", "S1"}, {"F2", "S1"}},
	}
	after := crosswalk.Map{
		ID: "m", From: period.Monthly, To: period.Quarterly, Entries: []crosswalk.Entry{
			{ID: "4", Relation: "relatedto", From: from("D"), To: operand("Z", ""), Integer: true, Whole: true, Over: hmis.Last},
			{ID: "2", Relation: "source-is-broader-than-target", From: part("C", "0.5"), To: operand("Y", ""), Over: hmis.Sum},
			{ID: "1", Relation: "equivalent", From: from("B", "A"), To: operand("X", "x"), Comment: "reworded"},
		}, OrgUnits: []crosswalk.Pair{{"F2", "S1"}, {"F1", "S2"}, {"F3", "S3"}},
	}
	var got []string
	for _, d := range before.Diff(after) {
		got = append(got, d.String())
	}
	require.Equal(t, []string{
		"crosswalk m: to: + Quarterly",
		"entry 2: sources: C.* × 0.6 → C.* × 0.5",
		"entry 3: - D.* =  (not-related-to, SUM)",
		"entry 4: + D.* = Z.default (related-to, LAST, integer, whole)",
		"organisationUnit F1: S1 → S2",
		"organisationUnit F3: + S3",
	}, got)
	require.Empty(t, after.Diff(after))
}

// RULES.md#differences
func TestChanges(t *testing.T) {
	value := func(element hmis.UID, text string) hmis.DataValue {
		return hmis.DataValue{Key: hmis.Key{DataElement: element}, Value: text}
	}
	gone := value("E", "1")
	gone.Deleted = true
	sent := []hmis.DataValue{value("C", "3"), value("A", "1"), value("B", "2"), value("E", "7"), value("D", "x")}
	now := []hmis.DataValue{value("N", "9"), value("A", "1.0"), value("B", "4"), gone, value("D", "y")}
	var got []string
	for c, err := range crosswalk.Changes(listed(sent), listed(now)) {
		require.NoError(t, err)
		got = append(got, fmt.Sprintf("%s %q %q", c.Key.DataElement, c.Before, c.After))
	}
	require.Equal(t, []string{`N "" "9"`, `B "2" "4"`, `D "x" "y"`, `C "3" ""`, `E "7" ""`}, got)

	broken := errors.New("broken")
	for i, streams := range [][2]iter.Seq2[hmis.DataValue, error]{{failing(broken), listed(now)}, {listed(sent), failing(broken)}} {
		var last error
		for _, err := range crosswalk.Changes(streams[0], streams[1]) {
			last = err
		}
		require.Equal(t, broken, last, i)
	}
}

func failing(err error) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) { yield(hmis.DataValue{}, err) }
}

// RULES.md#losses
func TestNothingMayBeLost(t *testing.T) {
	m := crosswalk.Map{
		From: period.Monthly, To: period.Quarterly, OrgUnits: []crosswalk.Pair{{"F1", "S1"}}, Entries: []crosswalk.Entry{
			{ID: "1", Relation: "equal", From: from("A"), To: operand("X", "")},
			{ID: "2", Relation: "relatedto", From: from("R"), To: operand("Y", "")},
			{ID: "3", Relation: "disjoint", From: from("D")},
			{ID: "4", Relation: "narrower", From: from("N"), To: operand("Z", "")},
		},
	}
	value := func(element, unit hmis.UID, per, text string) hmis.DataValue {
		return hmis.DataValue{Key: hmis.Key{DataElement: element, OrgUnit: unit, Period: period.MustParse(per)}, Value: text}
	}
	whole := []hmis.DataValue{value("A", "F1", "202401", "1"), value("A", "F1", "202402", "2"), value("A", "F1", "202403", "3"), value("D", "F1", "202403", "3")}
	tests := []struct {
		more hmis.DataValue
		want string
	}{
		{value("D", "F2", "202403", "1"), "6"}, // on purpose
		{value("B", "F1", "202401", "5"), "no entry for 1 value, 5 in all"},
		{value("A", "F2", "202401", "5"), "no target for 1 value, 5 in all"},
		{value("R", "F1", "202401", "5"), "1 value refused: the source is only related to the target, or broader without a weight"},
		{value("N", "F1", "202401", "5"), "1 value refused: the source is only related to the target, or broader without a weight"},
		{value("A", "F1", "202401", "five"), `the value at "F1" in 202401 is no number`},
		{value("A", "F1", "2024Q1", "5"), "1 value for Quarterly periods, which the map does not have"},
		{value("A", "F1", "202404", "5"), `the value at "S1" for 2024Q2 is partial: 202405, 202406 missing`},
	}
	for _, tt := range tests {
		got := ""
		for v, err := range m.Values(listed(append(whole[:len(whole):len(whole)], tt.more)), nil) {
			got = v.Value
			if loss, ok := errors.AsType[*crosswalk.Loss](err); ok {
				got = loss.Error()
			}
		}
		if got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.more, got, tt.want)
		}
	}
	m.RequireAll = true
	for _, err := range m.Values(listed(whole[:2]), nil) {
		require.EqualError(t, err, `no value at "S1" for 2024Q1: 202403 missing`)
	}
}

// RULES.md#losses
func TestStreamsEnd(t *testing.T) {
	m := crosswalk.Map{SameOrgUnits: true, Entries: []crosswalk.Entry{{ID: "1", Relation: "equal", From: from("A"), To: operand("X", "")}}}
	last := func(m crosswalk.Map, values iter.Seq2[hmis.DataValue, error]) (n int, last error) {
		var rest crosswalk.Rest
		for _, err := range m.Values(values, &rest) {
			n, last = n+1, err
		}
		return n, last
	}
	broken := errors.New("broken")
	n, err := last(m, failing(broken))
	require.Equal(t, 1, n)
	require.Equal(t, broken, err)

	many := func(yield func(hmis.DataValue, error) bool) {
		for i := range 100_000 {
			key := hmis.Key{DataElement: "A", OrgUnit: hmis.UID(fmt.Sprint(i)), Period: period.MustParse("202401")}
			if !yield(hmis.DataValue{Key: key, Value: "1"}, nil) {
				return
			}
		}
	}
	m.Memory = 1 << 20
	n, err = last(m, many)
	require.Equal(t, 1, n)
	require.EqualError(t, err, "crosswalk: value 7282: the results take more than 1048576 bytes")
	m.Entries = nil // what is unmapped is counted, and held too
	unmapped := func(yield func(hmis.DataValue, error) bool) {
		many(func(v hmis.DataValue, err error) bool {
			v.DataElement = v.OrgUnit
			return yield(v, err)
		})
	}
	_, err = last(m, unmapped)
	require.EqualError(t, err, "crosswalk: value 6554: the results take more than 1048576 bytes")

	m.OrgUnits = []crosswalk.Pair{{"a", "x"}, {"a", "y"}}
	_, err = last(m, many)
	require.EqualError(t, err, "hmis: ORGUNIT_AMBIGUOUS: organisationUnit a: it has 2 targets")

	m = crosswalk.Map{SameOrgUnits: true, Entries: []crosswalk.Entry{{ID: "1", Relation: "equal", From: from("A"), To: operand("X", "")}}}
	var rest crosswalk.Rest
	for range m.Values(many, &rest) {
		break
	}
	require.Equal(t, 100_000, rest.Mapped)
	for range 2 { // it can be walked again
		n, err = last(m, many)
		require.NoError(t, err)
		require.Equal(t, 100_000, n)
	}
}
