package orgunit

import (
	"iter"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// Len returns the number of units.
func (t *Tree) Len() int { return len(t.units) }

// Unit returns the unit with this id, as it was given to [NewTree].
func (t *Tree) Unit(id hmis.UID) (hmis.OrgUnit, bool) {
	pos, ok := t.index[id]
	if !ok {
		return hmis.OrgUnit{}, false
	}
	return t.units[pos], true
}

// Parent returns the unit directly above id in the tree. ok is false for a root
// and for an id that is not in the tree.
func (t *Tree) Parent(id hmis.UID) (parent hmis.UID, ok bool) {
	pos, ok := t.index[id]
	if !ok || t.parent[pos] < 0 {
		return "", false
	}
	return t.units[t.parent[pos]].ID, true
}

// Level returns 1 for a root, 2 for its children and so on; 0 if id is not in
// the tree. A root whose Path names missing units has the level that its path
// says.
func (t *Tree) Level(id hmis.UID) int {
	pos, ok := t.index[id]
	if !ok {
		return 0
	}
	return int(t.level[pos])
}

// Path returns the ids from the root to id as "/ImspTQPwCqd/O6uvpzGd5pu". It is
// "" if id is not in the tree.
func (t *Tree) Path(id hmis.UID) string {
	if _, ok := t.index[id]; !ok {
		return ""
	}
	ids := []hmis.UID{id}
	ids = slices.AppendSeq(ids, t.Ancestors(id))
	var b strings.Builder
	for _, up := range slices.Backward(ids) {
		b.WriteByte('/')
		b.WriteString(string(up))
	}
	return b.String()
}

// Contains reports whether id is unit itself or below it (RULES.md#trees). The
// result is false if either is not in the tree.
func (t *Tree) Contains(unit, id hmis.UID) bool {
	first, end, ok := t.Span(unit)
	if !ok {
		return false
	}
	pos, ok := t.index[id]
	return ok && first <= int(pos) && int(pos) < end
}

// All returns every unit in preorder: a unit comes before its children,
// siblings in the order given to [NewTree].
func (t *Tree) All() iter.Seq[hmis.UID] { return t.walk(0, len(t.units)) }

// Roots returns the units that have no parent in the tree, in the order given
// to [NewTree].
func (t *Tree) Roots() []hmis.UID { return t.siblings(0, len(t.units)) }

// AtLevel returns the units at a level, in preorder. A unit's level is its
// distance from the root: a facility directly below a province is at the level
// of districts (RULES.md#trees).
func (t *Tree) AtLevel(level int) []hmis.UID {
	var ids []hmis.UID
	for pos, l := range t.level {
		if int(l) == level {
			ids = append(ids, t.units[pos].ID)
		}
	}
	return ids
}

// Children returns the units directly below id, in the order given to
// [NewTree].
func (t *Tree) Children(id hmis.UID) []hmis.UID {
	first, end, ok := t.Span(id)
	if !ok {
		return nil
	}
	return t.siblings(first+1, end)
}

// Subtree returns id and everything below it, in preorder: a unit comes before
// its children, siblings in the order given to [NewTree]. It is empty if id is
// not in the tree.
func (t *Tree) Subtree(id hmis.UID) iter.Seq[hmis.UID] {
	first, end, _ := t.Span(id)
	return t.walk(first, end)
}

// Ancestors returns the units above id, nearest first, without id itself. If
// the Path of a root names units that are not in the tree, their ids are
// included. It is empty if id is not in the tree.
func (t *Tree) Ancestors(id hmis.UID) iter.Seq[hmis.UID] {
	return func(yield func(hmis.UID) bool) {
		pos, ok := t.index[id]
		for ok {
			for _, up := range t.missing[pos] {
				if !yield(up) {
					return
				}
			}
			if pos = t.parent[pos]; pos < 0 || !yield(t.units[pos].ID) {
				return
			}
		}
	}
}

// OpenOn returns the units that are open on d, in preorder: from the day they
// opened to the day they closed, both included. A unit that is open on the
// first and on the last day of a period is open throughout.
//
// Aggregation does not use this: the values of a closed unit count. Data entry
// requires a unit to be open on the first day of a period, and an expected
// report requires it on all days (RULES.md#open-and-closed).
func (t *Tree) OpenOn(d period.Date) iter.Seq[hmis.UID] {
	return func(yield func(hmis.UID) bool) {
		for i := range t.units {
			u := &t.units[i]
			if u.Opened != 0 && d < u.Opened || u.Closed != 0 && d > u.Closed {
				continue
			}
			if !yield(u.ID) {
				return
			}
		}
	}
}

// walk returns the ids at positions from first to before end.
func (t *Tree) walk(first, end int) iter.Seq[hmis.UID] {
	return func(yield func(hmis.UID) bool) {
		for pos := first; pos < end; pos++ {
			if !yield(t.units[pos].ID) {
				return
			}
		}
	}
}

// siblings returns the unit at position first and its siblings before position
// end.
func (t *Tree) siblings(first, end int) []hmis.UID {
	var ids []hmis.UID
	for pos := first; pos < end; pos = int(t.end[pos]) {
		ids = append(ids, t.units[pos].ID)
	}
	return ids
}
