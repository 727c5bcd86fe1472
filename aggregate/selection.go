package aggregate

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A selection says which segments of a data element count in a query, and in
// which split, as far as the element and option combos decide.
type selection struct {
	query    *resolvedQuery
	element  *hmis.DataElement
	operands []operand // which option combos; none means all
}

// takesAll reports whether every segment counts, and in the same split.
func (s *selection) takesAll() bool {
	return len(s.operands) == 0 && !s.query.query.ValidOnly && !bySegment(s.query.grid.axes) &&
		!bySegment(s.query.filters)
}

// bySegment reports whether option combos or data elements decide any axis.
func bySegment(axes []axis) bool {
	for i := range axes {
		if axes[i].byPos == nil {
			return true
		}
	}
	return false
}

// filtered returns the split of a segment; ok is false if anything leaves it
// out.
func (s *selection) filtered(k column.Key) (split int, ok bool) {
	if !s.passes(k) {
		return 0, false
	}
	return s.split(k)
}

// passes reports whether the filters let a segment through.
func (s *selection) passes(k column.Key) bool {
	for i := range s.query.filters {
		if a := &s.query.filters[i]; a.byPos == nil && a.ofSegment(s.element.ID, k) < 0 {
			return false
		}
	}
	return true
}

// split returns the split of a segment; ok is false if anything but a filter
// leaves it out.
func (s *selection) split(k column.Key) (split int, ok bool) {
	c := s.query.cube
	if len(s.operands) > 0 && !c.combos.anyOf(s.operands, k) {
		return 0, false
	}
	axes := s.query.grid.axes
	for i := range axes {
		a := &axes[i]
		if a.byPos != nil {
			continue
		}
		item := a.ofSegment(s.element.ID, k)
		if item < 0 {
			return 0, false
		}
		split = split*len(a.items) + int(item)
	}
	return split, !s.query.query.ValidOnly || c.combos.valid(k, c.periods.list[k.Period])
}

// compete changes a job that ranks whole cells. All values compete, whatever
// the filters say, and then a winner is dropped if it does not pass the
// filters. wanted has the operands of the data filter for each element; nil
// means everything.
func (r *planner) compete(p *planned, wanted map[hmis.UID][]operand) {
	for i := range p.job.Sources {
		src, s := &p.job.Sources[i], &p.selected[i]
		src.Open = r.placer.openPlaces(r.levelsOf(s.element))
		if src.Split != nil {
			src.Split = s.split
		}
	}
	p.job.Wins = func(ref compute.Ref) bool {
		s := &p.selected[ref.Source]
		key := p.job.Sources[ref.Source].Column.Segments[ref.Segment].Key
		return (wanted == nil || r.cube.combos.anyOf(wanted[s.element.ID], key)) && s.passes(key)
	}
}
