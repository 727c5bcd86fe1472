package orgunit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// An Event is what changes in a hierarchy on one day, in the order of the
// fields. Values of periods that begin before Day were reported in the hierarchy
// before it.
type Event struct {
	Day    period.Date           // the first day on which it holds
	Open   []hmis.OrgUnit        // units that are new, each below its Parent
	Rename []hmis.OrgUnit        // units with a new name or code; their other fields have no effect
	Move   map[hmis.UID]hmis.UID // the new parents of units
	Split  []Split               // as [Split.Metadata] does
	Merge  []Merge               // as [Merge.Metadata] does
	Close  []hmis.UID            // units that end without a successor; nothing may be below them
}

// A History is a hierarchy that changes over time. The History itself does not
// change after NewHistory and is safe for concurrent use. It holds a tree for
// each event.
type History struct {
	days   []period.Date // the days of the events; states[i+1] applies from days[i]
	states []*Tree
	births map[hmis.UID][]hmis.UID // what units were split from, at their first day
	heirs  map[hmis.UID]hmis.UID   // what units were merged into, at their last day
}

// NewHistory returns the history of units through events, in any order of days.
// Two events of one day happen one after the other.
//
// The error, [hmis.Issues], lists why that is not possible, each with the day:
// a unit that is unknown on it, one that is opened twice, a cycle, or what Split
// and Merge refuse. A unit that has ended cannot be opened again.
func NewHistory(units []hmis.OrgUnit, events ...Event) (*History, error) {
	first, err := NewTree(units)
	if err != nil {
		return nil, err
	}
	h := &History{
		states: []*Tree{first.normal()},
		births: make(map[hmis.UID][]hmis.UID),
		heirs:  make(map[hmis.UID]hmis.UID),
	}
	ended := make(map[hmis.UID]bool)
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Day, b.Day) })
	for _, e := range events {
		before := h.states[len(h.states)-1]
		after, err := e.apply(before, ended)
		if err != nil {
			return nil, dated(e.Day, err)
		}
		for id := range before.All() {
			ended[id] = ended[id] || !after.has(id)
		}
		h.days, h.states = append(h.days, e.Day), append(h.states, after)
		for _, s := range e.Split {
			for _, target := range s.Targets {
				if !before.has(target) {
					h.births[target] = append(h.births[target], s.Unit)
				}
			}
		}
		for _, m := range e.Merge {
			for _, unit := range m.Units {
				if !after.has(unit) {
					h.heirs[unit] = m.Into
				}
			}
		}
	}
	return h, nil
}

// dated adds the day of an event to the issues that make it impossible.
func dated(day period.Date, err error) error {
	issues, ok := err.(hmis.Issues)
	if !ok {
		return fmt.Errorf("%v: %w", day, err)
	}
	var list hmis.Issues
	for _, i := range issues {
		with := *i
		with.Err = fmt.Errorf("on %v: %w", day, i.Err)
		list = append(list, &with)
	}
	return list
}

// normal returns t with the parents of the tree in its units. A path stays only
// where it names units that are missing.
func (t *Tree) normal() *Tree {
	units := make([]hmis.OrgUnit, t.Len())
	for pos := range units {
		units[pos] = t.units[pos]
		u := &units[pos]
		if len(t.missing[int32(pos)]) > 0 {
			continue
		}
		u.Path, u.Parent = "", ""
		if up := t.parent[pos]; up >= 0 {
			u.Parent = t.units[up].ID
		}
	}
	out, err := NewTree(units)
	if err != nil {
		panic(err) // the units are those of a tree
	}
	return out
}

// apply returns the tree after the event.
func (e Event) apply(before *Tree, ended map[hmis.UID]bool) (*Tree, error) {
	md := hmis.Metadata{OrgUnits: slices.Clone(before.units)}
	var issues hmis.Issues
	refuse := func(id hmis.UID, format string, args ...any) {
		issues = append(issues, issue("", hmis.Critical, id, "", fmt.Errorf(format, args...)))
	}
	at := make(map[hmis.UID]int, len(md.OrgUnits)+len(e.Open))
	for i, u := range md.OrgUnits {
		at[u.ID] = i
	}
	for _, u := range e.Open {
		if _, ok := at[u.ID]; ok || ended[u.ID] {
			refuse(u.ID, "opened again: want a new id")
			continue
		}
		if u.Opened == 0 {
			u.Opened = e.Day
		}
		u.Path = ""
		at[u.ID] = len(md.OrgUnits)
		md.OrgUnits = append(md.OrgUnits, u)
	}
	known := func(role string, id hmis.UID) bool {
		_, ok := at[id]
		if !ok {
			refuse(id, "%s %q: no such org unit", role, id)
		}
		return ok
	}
	for _, u := range e.Open {
		if u.Parent != "" {
			known("parent", u.Parent)
		}
	}
	for _, u := range e.Rename {
		if known("renamed unit", u.ID) {
			now := &md.OrgUnits[at[u.ID]]
			now.Name = cmp.Or(u.Name, now.Name)
			now.ShortName = cmp.Or(u.ShortName, now.ShortName)
			now.Code = cmp.Or(u.Code, now.Code)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Move)) {
		if known("moved unit", id) && known("parent", e.Move[id]) {
			u := &md.OrgUnits[at[id]]
			u.Parent, u.Path = e.Move[id], ""
		}
	}
	if len(issues) > 0 {
		return nil, issues
	}
	return e.replace(md)
}

// replace splits, merges and closes units.
func (e Event) replace(md hmis.Metadata) (*Tree, error) {
	var err error
	for _, s := range e.Split {
		if md, err = s.Metadata(md); err != nil {
			return nil, err
		}
	}
	for _, m := range e.Merge {
		if md, err = m.Metadata(md); err != nil {
			return nil, err
		}
	}
	tree, err := NewTree(md.OrgUnits)
	if err != nil {
		return nil, err
	}
	if len(e.Close) == 0 {
		return tree, nil
	}
	var issues hmis.Issues
	for _, id := range e.Close {
		if !tree.has(id) {
			issues = append(issues, issue("", hmis.Critical, id, "", fmt.Errorf("closed unit %q: no such org unit", id)))
		}
		for _, child := range tree.Children(id) {
			if !slices.Contains(e.Close, child) {
				issues = append(issues, issue("", hmis.Critical, id, "", fmt.Errorf("closed, but %s is below it", child)))
			}
		}
	}
	if len(issues) > 0 {
		return nil, issues
	}
	return NewTree(without(tree.units, func(u hmis.OrgUnit) bool { return slices.Contains(e.Close, u.ID) }))
}

// Days returns the days of the events, in order, each once.
func (h *History) Days() []period.Date { return slices.Compact(slices.Clone(h.days)) }

// state returns the index of the state of the hierarchy that applies on a day.
func (h *History) state(day period.Date) int {
	n, _ := slices.BinarySearchFunc(h.days, day, func(d, day period.Date) int {
		if d <= day {
			return -1
		}
		return 1
	})
	return n
}

// On returns the units that there were on a day, as they were then, in
// preorder.
func (h *History) On(day period.Date) []hmis.OrgUnit {
	return slices.Clone(h.states[h.state(day)].units)
}

// Series returns every unit that there ever was, placed for one series in the
// boundaries of a day. Give the units to [NewTree], and the tree to an
// aggregate.Loader, together with the values of all years as they were reported.
// No value changes, so every aggregation type is right
// (RULES.md#series-across-changes).
//
// Units of that day are where they were on it. The others are below the unit
// whose place they share: a unit that is not there yet is below the one that it
// is split from, or below its first parent; one that has ended is below the one
// that it was merged into, or below its last parent. So the unit before a split
// has what its parts report later, and the unit after a merge has what its parts
// reported before.
//
// A unit is open from the first to the last day on which it existed, unless it
// has dates of its own, so that no reports are expected of it at other times. A
// unit that is not there on the day may be one level deeper than it was.
func (h *History) Series(day period.Date) []hmis.OrgUnit {
	at := h.state(day)
	units := slices.Clone(h.states[at].units)
	have := make(map[hmis.UID]int, len(units))
	for i, u := range units {
		have[u.ID] = i
	}
	add := func(u hmis.OrgUnit) {
		u.Path = ""
		have[u.ID] = len(units)
		units = append(units, u)
	}
	for i := at + 1; i < len(h.states); i++ { // units that are not there yet
		for _, u := range h.states[i].units {
			if _, ok := have[u.ID]; ok {
				continue
			}
			if from := h.births[u.ID]; len(from) == 1 {
				u.Parent = from[0]
			}
			add(u)
		}
	}
	for i := at - 1; i >= 0; i-- { // units that have ended
		for _, u := range h.states[i].units {
			if _, ok := have[u.ID]; ok {
				continue
			}
			if heir := h.heirs[u.ID]; heir != "" {
				u.Parent = heir
			}
			add(u)
		}
	}
	for i := range h.states[1:] { // the last days of all units that end
		for _, u := range h.states[i].units {
			if now := &units[have[u.ID]]; now.Closed == 0 && !h.states[i+1].has(u.ID) {
				now.Closed = h.days[i] - 1
			}
		}
	}
	return units
}
