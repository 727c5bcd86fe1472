package orgunit

import "github.com/ohie-hmis/hmis-go/hmis"

// Span returns the positions [first, end) of id and everything below it; first
// is id's own. It is false if id is not in the tree. Span is for engines that
// keep columns sorted by position: it costs one map lookup.
func (t *Tree) Span(id hmis.UID) (first, end int, ok bool) {
	pos, ok := t.index[id]
	if !ok {
		return 0, 0, false
	}
	return int(pos), int(t.end[pos]), true
}

// At returns the id at a position between 0 and Len()-1.
func (t *Tree) At(pos int) hmis.UID { return t.units[pos].ID }

// ParentAt returns the position of the parent of the unit at a position, and -1
// for a root. A parent comes before its children, so one pass from the last
// position to the first adds everything up:
//
//	for pos := tree.Len() - 1; pos >= 0; pos-- {
//		if up := tree.ParentAt(pos); up >= 0 {
//			sums[up] += sums[pos]
//		}
//	}
func (t *Tree) ParentAt(pos int) int { return int(t.parent[pos]) }

// LevelAt returns the level of the unit at a position, as [Tree.Level] does.
func (t *Tree) LevelAt(pos int) int { return int(t.level[pos]) }
