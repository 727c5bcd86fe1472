package quality

import (
	"maps"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A stage has the stored values that count in one period. It also numbers the
// cells in which rules are compared: pairs of an org unit and an attribute
// option combo. Cells are numbered by attribute option combo, then by position
// of the org unit.
type stage struct {
	scales []int // for each item, a scale in which all its values fit
	attrs  []stagedAttr
	cells  int // number of cells
}

// A stagedAttr has the values that count with one attribute option combo.
type stagedAttr struct {
	id       hmis.UID
	segments []stagedSegment // segments of shorter periods first
	places   []uint32        // positions with any value, ascending
	first    int             // number of the first cell with this attribute option combo
}

// A cell is an org unit and attribute option combo in which rules are compared.
type cell struct {
	pos  uint32
	attr uint32 // index in stage.attrs
}

// A stagedSegment has values of one data element, period and pair of option
// combos.
type stagedSegment struct {
	aggregate.Segment
	items  []int // indexes of the items in which the values count
	length int   // rank of the period's length: 0 for the shortest periods of the stage, 1 for the next, and so on
	kind   valueKind
}

// A valueKind is the way in which expressions read stored values.
type valueKind uint8

const (
	asNumber valueKind = iota
	asTruth
	asText
	unread // values of types that expressions cannot read
)

func kindOf(t hmis.ValueType) valueKind {
	switch {
	case t.IsNumeric():
		return asNumber
	case t.IsBoolean():
		return asTruth
	case t.IsText(), t.IsDate():
		return asText
	}
	return unread
}

// stage reads the values of a task.
func (r *ruleRun) stage(task ruleTask) (*stage, error) {
	class := task.class
	st := &stage{scales: make([]int, len(class.items))}
	segments := r.cube.Segments(aggregate.Filter{
		Data: r.elementsOf(class), OrgUnits: r.scope.OrgUnits, Periods: task.readable, Axes: r.scope.Axes,
	})
	var lengths []int
	attrs := map[hmis.UID]*stagedAttr{}
	for s := range segments {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		staged := stagedSegment{Segment: s, kind: kindOf(r.typeOf(indicator.Item{Kind: indicator.DataElementItem, ID: s.DataElement}))}
		for _, n := range class.elements[s.DataElement] {
			if reads(class.items[n], s.OptionCombo) {
				staged.items = append(staged.items, n)
			}
		}
		if len(staged.items) == 0 || staged.kind == unread {
			continue
		}
		staged.Segment = kept(s, r.where, r.UnitsOnly)
		if len(staged.Places) == 0 {
			continue
		}
		for _, n := range staged.items {
			st.scales[n] = max(st.scales[n], s.Column.Scale)
		}
		staged.length = lengthOf(s.Period)
		if !slices.Contains(lengths, staged.length) {
			lengths = append(lengths, staged.length)
		}
		attr := attrs[s.AttributeCombo]
		if attr == nil {
			attr = &stagedAttr{id: s.AttributeCombo}
			attrs[s.AttributeCombo] = attr
		}
		attr.segments = append(attr.segments, staged)
	}
	slices.Sort(lengths)
	for _, id := range slices.Sorted(maps.Keys(attrs)) {
		attr := attrs[id]
		for i := range attr.segments {
			attr.segments[i].length = slices.Index(lengths, attr.segments[i].length)
		}
		slices.SortStableFunc(attr.segments, func(a, b stagedSegment) int { return a.length - b.length })
		attr.findPlaces(r.tree.Len())
		attr.first = st.cells
		st.cells += len(attr.places)
		st.attrs = append(st.attrs, *attr)
	}
	return st, nil
}

// findPlaces sets places to the positions with any value.
func (a *stagedAttr) findPlaces(positions int) {
	any := newBitset(positions)
	for i := range a.segments {
		for _, pos := range a.segments[i].Places {
			any.set(int(pos))
		}
	}
	a.places = make([]uint32, 0, any.count())
	for pos := range any.all() {
		a.places = append(a.places, uint32(pos))
	}
}

// lengthOf returns the number of days in a period, minus one.
func lengthOf(p period.Period) int { return int(p.Last() - p.First()) }

// elementsOf returns the data elements that rules of the class read and that
// the scope allows. They are then read from the cube.
func (r *ruleRun) elementsOf(class *ruleClass) []indicator.Item {
	var list []indicator.Item
	for id := range class.elements {
		if len(r.scope.Data) == 0 {
			list = append(list, indicator.Item{ID: id})
			continue
		}
		for _, item := range r.scope.Data {
			if item.ID == id {
				list = append(list, item)
			}
		}
	}
	if len(list) == 0 { // an empty list would mean all
		list = append(list, indicator.Item{})
	}
	return list
}

// kept returns a copy of s. If alone is set, the copy has only the values at
// compared units. Otherwise s is already limited to the compared subtrees.
func kept(s aggregate.Segment, where []bool, alone bool) aggregate.Segment {
	if where == nil || !alone {
		s.Places, s.Column.Coef = slices.Clone(s.Places), slices.Clone(s.Column.Coef)
		return s
	}
	places, column := s.Places, s.Column
	s.Places, s.Column = nil, indicator.Column{Scale: column.Scale}
	for i, pos := range places {
		if !where[pos] {
			continue
		}
		if v, ok := column.Other[i]; ok {
			if s.Column.Other == nil {
				s.Column.Other = map[int]indicator.Value{}
			}
			s.Column.Other[len(s.Places)] = v
		}
		s.Places, s.Column.Coef = append(s.Places, pos), append(s.Column.Coef, column.Coef[i])
	}
	return s
}
