package analytics

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// activeUnits returns the org units in the rows. If the rows have none, it is
// all org units of the request.
func (a *answer) activeUnits() []hmis.UID {
	if a.hasActive {
		return a.active
	}
	var asked []hmis.UID
	for _, list := range [][]dimension{a.dimensions, a.filters} {
		if at := indexOf(list, dimUnit); at >= 0 {
			asked = append(asked, list[at].ids...)
		}
	}
	used := make(map[hmis.UID]bool)
	for _, cell := range a.cells {
		if cell.OrgUnit != "" {
			used[cell.OrgUnit] = true
		}
	}
	a.active = slices.DeleteFunc(slices.Clone(asked), func(id hmis.UID) bool { return !used[id] })
	if len(a.active) == 0 {
		a.active = asked
	}
	a.hasActive = true
	a.activeSet = make(map[hmis.UID]bool, len(a.active))
	for _, id := range a.active {
		a.activeSet[id] = true
	}
	return a.active
}

// isActive reports whether an org unit is one of activeUnits.
func (a *answer) isActive(id hmis.UID) bool {
	a.activeUnits()
	return a.activeSet[id]
}

// ancestors returns the org units above id, from the top. The list begins at
// the nearest org unit of the user and leaves out units outside the
// restriction.
func (a *answer) ancestors(id hmis.UID) []hmis.UID {
	var ids []hmis.UID
	within := a.server.Within
	if slices.Contains(within, id) {
		return nil
	}
	for up := range a.server.Tree.Ancestors(id) {
		ids = append(ids, up)
		if slices.Contains(a.user, up) || slices.Contains(within, up) {
			break
		}
	}
	slices.Reverse(ids)
	return ids
}

// lineageOf returns the ancestors of an org unit, followed by the unit itself.
func (a *answer) lineageOf(id hmis.UID) []hmis.UID { return append(a.ancestors(id), id) }

// parentPath returns the ids of the org units above id, joined to a path.
func (a *answer) parentPath(id hmis.UID) string {
	var texts []string
	for _, up := range a.ancestors(id) {
		texts = append(texts, string(up))
	}
	return strings.Join(texts, "/")
}

// namePath returns the names of the org units above id and its own name, joined
// to a path. The path of a root begins with two slashes, as on a server.
func (a *answer) namePath(id hmis.UID) string {
	var b strings.Builder
	for _, up := range a.lineageOf(id) {
		b.WriteByte('/')
		if u, ok := a.server.Tree.Unit(up); ok && u.Name != "" {
			b.WriteString(u.Name)
		} else {
			b.WriteString(string(up))
		}
	}
	if _, ok := a.server.Tree.Parent(id); !ok {
		return "/" + b.String()
	}
	return b.String()
}
