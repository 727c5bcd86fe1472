package orgunit

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// NamePath returns the names from the root to id as "/Sierra
// Leone/Bo/Badjia/Ngelehun CHC". If roots are given, the path begins at the
// nearest of them above id, for people who may not see more (RULES.md#display).
// A unit without a name is shown by its id. It is "" if id is not in the tree.
func (t *Tree) NamePath(id hmis.UID, roots ...hmis.UID) string {
	if _, ok := t.index[id]; !ok {
		return ""
	}
	var b strings.Builder
	for _, up := range append(t.lineage(id, roots), id) {
		b.WriteByte('/')
		if u, ok := t.Unit(up); ok && u.Name != "" {
			b.WriteString(u.Name)
		} else {
			b.WriteString(string(up))
		}
	}
	return b.String()
}

// lineage returns the ids above id, topmost first. It begins at the nearest one
// that is in roots, if any is.
func (t *Tree) lineage(id hmis.UID, roots []hmis.UID) []hmis.UID {
	var ids []hmis.UID
	for up := range t.Ancestors(id) {
		ids = append(ids, up)
		if slices.Contains(roots, up) {
			break
		}
	}
	slices.Reverse(ids)
	return ids
}
