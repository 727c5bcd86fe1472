package crosswalk

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A gatherer makes entries of rows that have one source each
// (RULES.md#tables). Rows of one entry share its id. Rows without an id are of
// one entry if they agree in all but their source and comment.
type gatherer struct {
	entries []Entry
	byID    map[string]int
	alike   map[likeness]int
	unnamed []int // entries without an id so far
}

// A likeness is what rows without an id must have in common. A row without a
// target is alone.
type likeness struct {
	relation       Relation
	to             hmis.Operand
	over           hmis.Aggregation
	integer, whole bool
}

func newGatherer() *gatherer {
	return &gatherer{byID: map[string]int{}, alike: map[likeness]int{}}
}

// add adds a row. It returns the column in which the row contradicts an earlier
// one of the same entry, or "".
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

// name gives entries without an id one: the name of their target or, without
// one, of their source. If it is taken, a number follows.
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

// named reports whether entries have just the ids that they get if their rows
// have none.
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
