package orgunit

import "github.com/ohie-hmis/hmis-go/hmis"

// Span returns the positions [first, end) of id and everything below it. first
// is the position of id itself. ok is false if id is not in the tree. Use Span
// to read columns that are sorted by position: it costs one map lookup.
func (t *Tree) Span(id hmis.UID) (first, end int, ok bool) {
	pos, ok := t.index[id]
	if !ok {
		return 0, 0, false
	}
	return int(pos), int(t.end[pos]), true
}

// At returns the id at a position between 0 and Len()-1.
func (t *Tree) At(pos int) hmis.UID { return t.units[pos].ID }

// LevelAt returns the level of the unit at a position, as [Tree.Level] does.
func (t *Tree) LevelAt(pos int) int { return int(t.level[pos]) }
