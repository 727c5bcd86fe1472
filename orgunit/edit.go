package orgunit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// maxDepth limits the depth of an edited tree, so that paths stay short. DHIS2
// has room for 21 levels.
const maxDepth = 100

// Move returns md with a unit below another parent. The unit keeps its data and
// memberships, and everything below it gets new paths (RULES.md#moving). md
// itself does not change. Lists that the move does not affect are shared with
// the result.
//
// The error, [hmis.Issues], lists why that is not possible: the unit or the
// parent is not in md, or the parent is the unit itself or below it.
func Move(md hmis.Metadata, unit, parent hmis.UID) (hmis.Metadata, error) {
	e, err := newEdit(md)
	if err != nil {
		return hmis.Metadata{}, err
	}
	e.need("unit", unit)
	e.need("parent", parent)
	if len(e.issues) == 0 && e.tree.Contains(unit, parent) {
		e.refuse(unit, "parent", "%s is the unit itself or lies below it", parent)
	}
	if len(e.issues) == 0 {
		delete(e.gap, unit) // the unit is now directly below parent
		e.hang(unit, parent)
	}
	return e.done()
}

// An edit is a change to the org units of some metadata.
type edit struct {
	md     hmis.Metadata
	tree   *Tree          // the tree before the edit
	units  []hmis.OrgUnit // the units after the edit
	index  map[hmis.UID]int
	above  map[hmis.UID]hmis.UID   // the new parents of units that have moved
	gap    map[hmis.UID][]hmis.UID // a copy of Tree.missing
	issues hmis.Issues
}

// newEdit begins an edit of md. Its error is that of NewTree.
func newEdit(md hmis.Metadata) (*edit, error) {
	tree, err := NewTree(md.OrgUnits)
	if err != nil {
		return nil, err
	}
	e := &edit{
		md:    md,
		tree:  tree,
		units: slices.Clone(md.OrgUnits),
		index: make(map[hmis.UID]int, len(md.OrgUnits)),
		above: make(map[hmis.UID]hmis.UID),
		gap:   make(map[hmis.UID][]hmis.UID, len(tree.missing)),
	}
	for pos, ids := range tree.missing {
		e.gap[tree.units[pos].ID] = ids
	}
	for i := range e.units {
		e.index[e.units[i].ID] = i
	}
	return e, nil
}

// need adds an issue if id is not a unit. role says what the unit is needed
// for, such as "parent".
func (e *edit) need(role string, id hmis.UID) {
	if !e.tree.has(id) {
		e.refuse(id, "", "%s %q: no such org unit", role, id)
	}
}

// refuse adds an issue: a reason why the edit is not possible.
func (e *edit) refuse(id hmis.UID, field, format string, args ...any) {
	e.issues = append(e.issues, issue("", hmis.Critical, id, field, fmt.Errorf(format, args...)))
}

// hang makes a unit a child of parent.
func (e *edit) hang(id, parent hmis.UID) {
	e.above[id] = parent
	if len(e.gap[id]) == 0 {
		e.units[e.index[id]].Parent = parent
	}
}

// hangChildren makes the children of a unit children of parent.
func (e *edit) hangChildren(id, parent hmis.UID) {
	for _, child := range e.tree.Children(id) {
		e.hang(child, parent)
	}
}

// parent returns the parent of id after the edit.
func (e *edit) parent(id hmis.UID) (hmis.UID, bool) {
	if up, ok := e.above[id]; ok {
		return up, true
	}
	return e.tree.Parent(id)
}

// done writes the paths of units that have moved, removes the units in gone,
// and returns the metadata.
func (e *edit) done(gone ...hmis.UID) (hmis.Metadata, error) {
	if len(e.issues) == 0 {
		e.repath()
	}
	if err := e.issues.Err(); err != nil {
		return hmis.Metadata{}, err
	}
	e.md.OrgUnits = e.units
	if len(gone) > 0 {
		e.remove(gone)
	}
	return e.md, nil
}

// repath writes new paths for the units that have moved and all below them.
// Units without a path get none.
func (e *edit) repath() {
	stale := make(map[hmis.UID]bool)
	for id := range e.above {
		for below := range e.tree.Subtree(id) {
			stale[below] = true
		}
	}
	for id := range e.tree.All() {
		u := &e.units[e.index[id]]
		if !stale[id] || u.Path == "" {
			continue
		}
		var ids []string
		for up, ok := id, true; ok; up, ok = e.parent(up) {
			ids = append(ids, string(up))
			for _, missing := range e.gap[up] {
				ids = append(ids, string(missing))
			}
			if len(ids) > maxDepth {
				e.refuse(id, "parent", "would be more than %d levels deep", maxDepth)
				return
			}
		}
		slices.Reverse(ids)
		u.Path = "/" + strings.Join(ids, "/")
	}
}

// share adds the units in to wherever the unit from is a member: to groups,
// data sets and category options.
func (e *edit) share(from hmis.UID, to ...hmis.UID) {
	e.eachList(func(list []hmis.UID) []hmis.UID {
		if !slices.Contains(list, from) {
			return list
		}
		list = slices.Clone(list)
		for _, id := range to {
			if !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
		return list
	})
}

// remove removes units from the metadata, with everything that refers to them.
func (e *edit) remove(gone []hmis.UID) {
	isGone := func(id hmis.UID) bool { return slices.Contains(gone, id) }
	e.md.OrgUnits = without(e.md.OrgUnits, func(u hmis.OrgUnit) bool { return isGone(u.ID) })
	e.eachList(func(list []hmis.UID) []hmis.UID { return without(list, isGone) })

	object := func(r hmis.Ref) bool { return r.Kind == hmis.KindOrgUnit && isGone(r.ID) }
	e.md.AttributeValues = without(e.md.AttributeValues, func(v hmis.AttributeValue) bool { return object(v.Object) })
	e.md.Translations = without(e.md.Translations, func(t hmis.Translation) bool { return object(t.Object) })
	e.md.Properties = without(e.md.Properties, func(p hmis.Property) bool { return object(p.Object) })
}

// eachList calls change for each list of org units in the metadata and stores
// the result. The lists of the caller's metadata do not change.
func (e *edit) eachList(change func([]hmis.UID) []hmis.UID) {
	e.md.Groups = slices.Clone(e.md.Groups)
	for i := range e.md.Groups {
		if g := &e.md.Groups[i]; g.Kind == hmis.KindOrgUnitGroup {
			g.Members = change(g.Members)
		}
	}
	e.md.DataSets = slices.Clone(e.md.DataSets)
	for i := range e.md.DataSets {
		e.md.DataSets[i].OrgUnits = change(e.md.DataSets[i].OrgUnits)
	}
	e.md.CategoryOptions = slices.Clone(e.md.CategoryOptions)
	for i := range e.md.CategoryOptions {
		e.md.CategoryOptions[i].OrgUnits = change(e.md.CategoryOptions[i].OrgUnits)
	}
}

// without returns a copy of list that leaves out the elements for which gone
// returns true.
func without[T any](list []T, gone func(T) bool) []T {
	if !slices.ContainsFunc(list, gone) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), gone)
}
