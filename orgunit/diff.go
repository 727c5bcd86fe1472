package orgunit

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A ChangeKind says in what a unit differs between two hierarchies.
type ChangeKind uint8

// These are the kinds, in the order in which Diff returns those of one unit.
const (
	Added    ChangeKind = iota + 1 // the unit is new
	Removed                        // the unit is gone
	Moved                          // its parent is another one
	Renamed                        // its name or short name differs
	Recoded                        // its code differs
	Closed                         // it has a closing date and had none
	Reopened                       // it had a closing date and has none
	Redated                        // its opening date differs, or its closing date is another day
	Placed                         // its geometry differs
)

var changeNames = [...]string{"", "added", "removed", "moved", "renamed", "recoded", "closed", "reopened", "redated", "placed"}

// String returns the kind as a word, such as "moved".
func (k ChangeKind) String() string {
	if int(k) < len(changeNames) && k > 0 {
		return changeNames[k]
	}
	return fmt.Sprintf("ChangeKind(%d)", uint8(k))
}

// A Change is a difference in one unit between two hierarchies.
type Change struct {
	Kind          ChangeKind
	ID            hmis.UID
	Before, After hmis.OrgUnit // Parent is the one in the tree; Before is zero for Added, After for Removed
}

// Diff returns what differs between two hierarchies, unit by unit, by their
// ids: first the units of after in preorder, then those removed, in the preorder
// of before. A unit with several differences has several changes. Units below
// one that has moved have not moved themselves, and neither Path nor the order
// of siblings counts (RULES.md#differences).
func Diff(before, after *Tree) []Change {
	var changes []Change
	for id := range after.All() {
		now := after.placed(id)
		if !before.has(id) {
			changes = append(changes, Change{Kind: Added, ID: id, After: now})
			continue
		}
		was := before.placed(id)
		for _, kind := range differences(was, now) {
			changes = append(changes, Change{kind, id, was, now})
		}
	}
	for id := range before.All() {
		if !after.has(id) {
			changes = append(changes, Change{Kind: Removed, ID: id, Before: before.placed(id)})
		}
	}
	return changes
}

// placed returns a unit with the nearest id above it as Parent, also if that
// unit is only on its path.
func (t *Tree) placed(id hmis.UID) hmis.OrgUnit {
	u, _ := t.Unit(id)
	for up := range t.Ancestors(id) {
		u.Parent = up
		break
	}
	return u
}

// differences returns the kinds of change from one state of a unit to another.
func differences(was, now hmis.OrgUnit) []ChangeKind {
	var kinds []ChangeKind
	add := func(kind ChangeKind, differs bool) {
		if differs {
			kinds = append(kinds, kind)
		}
	}
	add(Moved, was.Parent != now.Parent)
	add(Renamed, was.Name != now.Name || was.ShortName != now.ShortName)
	add(Recoded, was.Code != now.Code)
	add(Closed, was.Closed == 0 && now.Closed != 0)
	add(Reopened, was.Closed != 0 && now.Closed == 0)
	add(Redated, was.Opened != now.Opened || was.Closed != now.Closed && was.Closed != 0 && now.Closed != 0)
	add(Placed, was.Geometry != now.Geometry)
	return kinds
}
