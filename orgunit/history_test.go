package orgunit_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

func day(t testing.TB, text string) period.Date {
	t.Helper()
	d, err := period.ParseDate(text)
	require.NoError(t, err)
	return d
}

// outline returns units as "c(p(d e) q)".
func outline(t testing.TB, units []hmis.OrgUnit) string {
	t.Helper()
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	var write func(ids []hmis.UID) string
	write = func(ids []hmis.UID) string {
		var parts []string
		for _, id := range ids {
			text := string(id)
			if below := tree.Children(id); len(below) > 0 {
				text += "(" + write(below) + ")"
			}
			parts = append(parts, text)
		}
		slices.Sort(parts)
		return strings.Join(parts, " ")
	}
	return write(tree.Roots())
}

// Each change is named once, by unit (RULES.md#differences).
func TestDiff(t *testing.T) {
	before := country(t)
	units := countryUnits()
	change := map[hmis.UID]func(*hmis.OrgUnit){
		"d": func(u *hmis.OrgUnit) { u.Parent = "q" }, // f and g are below it and have not moved
		"f": func(u *hmis.OrgUnit) { u.Name, u.Code = "Fulani", "F" },
		"g": func(u *hmis.OrgUnit) { u.Closed = day(t, "2024-06-30"); u.Geometry = "x" },
		"q": func(u *hmis.OrgUnit) { u.Opened = day(t, "2024-01-01") },
		"p": func(u *hmis.OrgUnit) { u.ShortName = "P" },
	}
	for i := range units {
		if f := change[units[i].ID]; f != nil {
			f(&units[i])
		}
	}
	units = slices.DeleteFunc(units, func(u hmis.OrgUnit) bool { return u.ID == "h" })
	units = append(units, hmis.OrgUnit{ID: "n", Parent: "e"})
	slices.Reverse(units)
	after, err := orgunit.NewTree(units)
	require.NoError(t, err)
	texts := func(changes []orgunit.Change) string {
		var list []string
		for _, c := range changes {
			list = append(list, fmt.Sprintf("%s %v", c.ID, c.Kind))
			require.Equal(t, c.Kind == orgunit.Added, c.Before.ID == "")
			require.Equal(t, c.Kind == orgunit.Removed, c.After.ID == "")
		}
		return strings.Join(list, ", ")
	}
	require.Equal(t, "p renamed, n added, q redated, d moved, g closed, g placed, f renamed, f recoded, h removed",
		texts(orgunit.Diff(before, after)))
	require.Equal(t, "h added, d moved, f renamed, f recoded, g reopened, g placed, p renamed, q redated, n removed",
		texts(sortedBy(orgunit.Diff(after, before), "h d f g p q n")))
	require.Empty(t, orgunit.Diff(after, after))

	moved := orgunit.Diff(before, after)[3]
	require.Equal(t, []hmis.UID{"p", "q"}, []hmis.UID{moved.Before.Parent, moved.After.Parent})
	require.Equal(t, "ChangeKind(99)", orgunit.ChangeKind(99).String())
}

// sortedBy returns changes in the order of ids.
func sortedBy(changes []orgunit.Change, ids string) []orgunit.Change {
	slices.SortStableFunc(changes, func(a, b orgunit.Change) int {
		return strings.Index(ids, string(a.ID)) - strings.Index(ids, string(b.ID))
	})
	return changes
}

// A closing day that is another one is neither closed nor reopened.
func TestDiffDates(t *testing.T) {
	tree := func(closed string) *orgunit.Tree {
		u := hmis.OrgUnit{ID: "a"}
		if closed != "" {
			u.Closed = day(t, closed)
		}
		tree, err := orgunit.NewTree([]hmis.OrgUnit{u})
		require.NoError(t, err)
		return tree
	}
	for _, tt := range []struct {
		before, after string
		want          orgunit.ChangeKind
	}{
		{"", "2024-01-31", orgunit.Closed},
		{"2024-01-31", "", orgunit.Reopened},
		{"2024-01-31", "2024-02-29", orgunit.Redated},
	} {
		changes := orgunit.Diff(tree(tt.before), tree(tt.after))
		require.Len(t, changes, 1)
		require.Equal(t, tt.want, changes[0].Kind)
	}
}

// District d splits into d1 and d2; clinic g moves; clinic h merges into f.
func dated(t testing.TB) *orgunit.History {
	h, err := orgunit.NewHistory(countryUnits(),
		orgunit.Event{
			Day: day(t, "2024-10-01"), Merge: []orgunit.Merge{{Units: []hmis.UID{"h"}, Into: "f"}}, Close: []hmis.UID{"e"},
		},
		orgunit.Event{
			Day:   day(t, "2024-07-01"),
			Open:  []hmis.OrgUnit{{ID: "d1", Parent: "p"}, {ID: "d2", Parent: "p"}, {ID: "n", Parent: "d2"}},
			Move:  map[hmis.UID]hmis.UID{"g": "d2"},
			Split: []orgunit.Split{{Unit: "d", Targets: []hmis.UID{"d1", "d2"}}},
		},
		orgunit.Event{Day: day(t, "2024-08-01"), Rename: []hmis.OrgUnit{{ID: "n", Name: "New", Code: "N"}}},
	)
	require.NoError(t, err)
	return h
}

// Where units are on a day, and in a series in the boundaries of that day
// (RULES.md#dated-hierarchies, RULES.md#series-across-changes).
func TestHistory(t *testing.T) {
	h := dated(t)
	require.Equal(t, []period.Date{day(t, "2024-07-01"), day(t, "2024-08-01"), day(t, "2024-10-01")}, h.Days())
	tests := []struct{ on, units, series string }{
		{"1900-01-01", "c(p(d(f g) e) q(h))", "c(p(d(d1 d2(n) f g) e) q(h))"},
		{"2024-06-30", "c(p(d(f g) e) q(h))", "c(p(d(d1 d2(n) f g) e) q(h))"},
		{"2024-07-01", "c(p(d1(f) d2(g n) e) q(h))", "c(p(d d1(f) d2(g n) e) q(h))"},
		{"2024-09-30", "c(p(d1(f) d2(g n) e) q(h))", "c(p(d d1(f) d2(g n) e) q(h))"},
		{"2024-10-01", "c(p(d1(f) d2(g n)) q)", "c(p(d d1(f(h)) d2(g n) e) q)"},
		{"2100-01-01", "c(p(d1(f) d2(g n)) q)", "c(p(d d1(f(h)) d2(g n) e) q)"},
	}
	for _, tt := range tests {
		if got := outline(t, h.On(day(t, tt.on))); got != tt.units {
			t.Errorf("on %s: %s, want %s", tt.on, got, tt.units)
		}
		if got := outline(t, h.Series(day(t, tt.on))); got != tt.series {
			t.Errorf("series of %s: %s, want %s", tt.on, got, tt.series)
		}
	}

	life := make(map[hmis.UID]string)
	for _, u := range h.Series(day(t, "2024-06-30")) {
		if u.Opened != 0 || u.Closed != 0 {
			life[u.ID] = fmt.Sprint(u.Name, int32(u.Opened), " ", int32(u.Closed))
		}
	}
	days := func(name string, opened, closed period.Date) string {
		return fmt.Sprint(name, int32(opened), " ", int32(closed))
	}
	july := day(t, "2024-07-01")
	require.Equal(t, map[hmis.UID]string{
		"d": days("Dale", 0, july-1), "h": days("Hill", 0, day(t, "2024-09-30")), "e": days("Edge", 0, day(t, "2024-09-30")),
		"d1": days("", july, 0), "d2": days("", july, 0), "n": days("", july, 0),
	}, life)
	for _, u := range h.On(day(t, "2024-08-01")) {
		if u.ID == "n" {
			require.Equal(t, "New N", u.Name+" "+u.Code)
		}
	}
}

func TestHistoryRefuses(t *testing.T) {
	july := day(t, "2024-07-01")
	type ids = []hmis.UID
	tests := []struct {
		events []orgunit.Event
		want   string
	}{
		{[]orgunit.Event{{Open: []hmis.OrgUnit{{ID: "d"}}}}, "organisationUnit d: on 2024-07-01: opened again: want a new id"},
		{[]orgunit.Event{{Close: ids{"h"}}, {Open: []hmis.OrgUnit{{ID: "h"}}}}, "organisationUnit h: on 2024-07-01: opened again: want a new id"},
		{[]orgunit.Event{{Open: []hmis.OrgUnit{{ID: "n", Parent: "x"}}}}, `organisationUnit x: on 2024-07-01: parent "x": no such org unit`},
		{[]orgunit.Event{{Move: map[hmis.UID]hmis.UID{"x": "p", "d": "y"}}},
			`organisationUnit y: on 2024-07-01: parent "y": no such org unit` + "\n" +
				`hmis: organisationUnit x: on 2024-07-01: moved unit "x": no such org unit`},
		{[]orgunit.Event{{Move: map[hmis.UID]hmis.UID{"p": "d"}}},
			`org_units_with_cyclic_references: organisationUnit p: parent: on 2024-07-01: a unit above itself: "p" → "d" → "p"`},
		{[]orgunit.Event{{Rename: []hmis.OrgUnit{{ID: "x"}}}}, `organisationUnit x: on 2024-07-01: renamed unit "x": no such org unit`},
		{[]orgunit.Event{{Split: []orgunit.Split{{Unit: "d", Targets: ids{"e"}}}}},
			"organisationUnit d: on 2024-07-01: want at least two targets, got 1"},
		{[]orgunit.Event{{Merge: []orgunit.Merge{{Into: "e"}}}}, "organisationUnit e: on 2024-07-01: want units to merge, got none"},
		{[]orgunit.Event{{Close: ids{"d", "x"}}}, "organisationUnit d: on 2024-07-01: closed, but f is below it\n" +
			"hmis: organisationUnit d: on 2024-07-01: closed, but g is below it\n" +
			`hmis: organisationUnit x: on 2024-07-01: closed unit "x": no such org unit`},
	}
	for _, tt := range tests {
		for i := range tt.events {
			tt.events[i].Day = july
		}
		_, err := orgunit.NewHistory(countryUnits(), tt.events...)
		if err == nil || err.Error() != "hmis: "+tt.want {
			t.Errorf("got  %v\nwant hmis: %s", err, tt.want)
			continue
		}
		if _, ok := errors.AsType[hmis.Issues](err); !ok {
			t.Errorf("%v is a %T, want hmis.Issues", err, err)
		}
	}
	_, err := orgunit.NewHistory([]hmis.OrgUnit{{ID: "a", Parent: "a"}})
	require.ErrorContains(t, err, "a unit above itself")
}

// A part of a country keeps its levels through events.
func TestHistoryOfPart(t *testing.T) {
	h, err := orgunit.NewHistory([]hmis.OrgUnit{{ID: "d", Path: "/c/p/d"}, {ID: "f", Path: "/c/p/d/f"}},
		orgunit.Event{Day: day(t, "2024-07-01"), Open: []hmis.OrgUnit{{ID: "n", Parent: "f"}}})
	require.NoError(t, err)
	tree, err := orgunit.NewTree(h.On(day(t, "2024-07-01")))
	require.NoError(t, err)
	require.Equal(t, "/c/p/d/f/n", tree.Path("n"))
}

// Whatever happens, a series has each unit once, those of its day in their
// places, and never a circle.
func TestHistoryProperty(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		units := countryUnits()
		var events []orgunit.Event
		ever := len(units)
		for n := range 12 {
			h, err := orgunit.NewHistory(units, events...)
			require.NoError(t, err)
			now := h.On(period.Date(1000))
			if len(now) == 0 {
				break
			}
			pick := func() hmis.UID { return now[rnd.IntN(len(now))].ID }
			e := orgunit.Event{Day: period.Date(100 + 10*n)}
			opened := 0
			switch rnd.IntN(4) {
			case 0:
				e.Move = map[hmis.UID]hmis.UID{pick(): pick()}
			case 1:
				a, b := hmis.UID(fmt.Sprint("a", n)), hmis.UID(fmt.Sprint("b", n))
				unit := pick()
				e.Open, opened = []hmis.OrgUnit{{ID: a, Parent: "c"}, {ID: b, Parent: pick()}}, 2
				e.Split = []orgunit.Split{{Unit: unit, Targets: []hmis.UID{a, b}}}
			case 2:
				e.Merge = []orgunit.Merge{{Units: []hmis.UID{pick(), pick()}, Into: pick()}}
			case 3:
				e.Close = []hmis.UID{pick()}
			}
			if _, err := orgunit.NewHistory(units, append(slices.Clip(events), e)...); err == nil {
				events, ever = append(events, e), ever+opened
			}
		}
		h, err := orgunit.NewHistory(units, events...)
		require.NoError(t, err)
		for d := period.Date(95); d < 240; d += 10 {
			series, err := orgunit.NewTree(h.Series(d))
			require.NoError(t, err, "seed %d on %d", seed, d)
			require.Equal(t, ever, series.Len())
			then, err := orgunit.NewTree(h.On(d))
			require.NoError(t, err)
			for id := range then.All() {
				was, _ := then.Parent(id)
				is, _ := series.Parent(id)
				require.Equal(t, was, is, "seed %d on %d: %s", seed, d, id)
			}
		}
	}
}
