package crosswalk

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A gatherer builds entries from rows that each have one source
// (RULES.md#tables). Rows with the same id belong to one entry. Rows without an
// id belong to one entry if they differ only in source and comment.
type gatherer struct {
	entries []Entry
	byID    map[string]int
	alike   map[likeness]int
	unnamed []int // indexes of entries that have no id yet
}

// A likeness holds the fields that rows of one entry share if they have no id.
// A row without a target is an entry of its own.
type likeness struct {
	relation       Relation
	to             hmis.Operand
	over           hmis.Aggregation
	integer, whole bool
}

func newGatherer() *gatherer {
	return &gatherer{byID: map[string]int{}, alike: map[likeness]int{}}
}

// add adds a row. If the row contradicts an earlier one of the same entry, it
// returns the name of the column; otherwise "".
func (g *gatherer) add(e Entry, s Source) (contradicts string) {
	like := likeness{e.Relation, e.To, e.Over, e.Integer, e.Whole}
	place, met := g.byID[e.ID]
	if e.ID == "" {
		place, met = g.alike[like]
		met = met && e.To.DataElement != "" && g.entries[place].Comment == e.Comment
	}
	if !met {
		place = len(g.entries)
		g.entries = append(g.entries, e)
		if e.ID == "" {
			g.alike[like] = place
			g.unnamed = append(g.unnamed, place)
		} else {
			g.byID[e.ID] = place
		}
	}
	to := &g.entries[place]
	if s.DataElement != "" {
		to.From = append(to.From, s)
	}
	switch {
	case e.Relation != to.Relation:
		return colRelation
	case e.To.DataElement != to.To.DataElement:
		return colTarget
	case e.To != to.To:
		return colTargetCombo
	case e.Over != to.Over:
		return colOver
	case e.Integer != to.Integer:
		return colInteger
	case e.Whole != to.Whole:
		return colWhole
	case e.Comment != to.Comment:
		return colComment
	}
	return ""
}

// name sets the ids of entries without one. The id is the name of the target
// or, without a target, of the source. If it is taken, a number is appended.
func (g *gatherer) name() {
	for _, place := range g.unnamed {
		e := &g.entries[place]
		of := e.To
		if of.DataElement == "" && len(e.From) > 0 {
			of = e.From[0].Operand
		}
		name := string(of.DataElement)
		if of.OptionCombo != "" {
			name += "." + string(of.OptionCombo)
		}
		e.ID = name
		for n := 2; ; n++ {
			if _, taken := g.byID[e.ID]; !taken {
				break
			}
			e.ID = fmt.Sprintf("%s (%d)", name, n)
		}
		g.byID[e.ID] = place
	}
}

// named reports whether the ids of entries are those that name would assign, so
// that they need not be written.
func named(entries []Entry) bool {
	g := newGatherer()
	for i := range entries {
		e := entries[i]
		e.ID, e.From = "", nil
		for _, s := range entries[i].From {
			g.add(e, s)
		}
	}
	g.name()
	if len(g.entries) != len(entries) {
		return false
	}
	for i := range entries {
		if g.entries[i].ID != entries[i].ID || len(g.entries[i].From) != len(entries[i].From) {
			return false
		}
	}
	return true
}
