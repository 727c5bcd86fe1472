package entry

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// things holds the objects that the values of a stream name, each looked up
// once. Only known objects are kept, so that made-up ids cannot fill the
// memory.
type things struct {
	gate *Gate
	size int64 // estimate of the bytes held

	elements map[hmis.UID]*element
	combos   map[hmis.UID]*combo
	units    map[hmis.UID]*unit
	spans    map[period.Period]*span
	forms    map[hmis.UID]*form
	cells    map[cellKey]*cell

	// The last object of each kind. Consecutive values mostly name the same
	// ones.
	element *element
	option  *combo
	attr    *combo
	unit    *unit
	span    *span
	cell    *cell

	none      *combo // the default option combo
	form      *form  // the form of all values, or nil
	anyUnits  bool   // the tree or the catalog has org units
	formCount int
}

// thingSize estimates the bytes that one object takes.
const thingSize = 256

type element struct {
	hmis.DataElement
	n        uint32
	options  *options // nil if any text will do
	comments *options
	forms    []*form // the forms that the combo may belong to
	plain    bool    // the value type accepts plain whole numbers unchanged
	unknown  bool
}

type unit struct {
	id             hmis.UID
	n              uint32
	pos            int // position in the tree
	opened, closed period.Date
	reports        []answer // answers of reportsTo, by number of the form
	unknown        bool
	next           *unit // the unit that followed last time
}

// A span is a period with its days.
type span struct {
	period.Period
	n           uint32
	typ         period.Type
	first, last period.Date
	open        []answer // answers of open, by number of the form
	next        *span    // the period that followed last time
}

// An answer is a cached yes or no, or not known yet.
type answer uint8

const (
	unasked answer = iota
	yes
	no
)

func answerOf(ok bool) answer {
	if ok {
		return yes
	}
	return no
}

// slot returns the answer at index i of a list, which grows as needed. For a
// form that is not cached it returns a new answer outside of the list.
func slot(list *[]answer, i int) *answer {
	if i < 0 {
		return new(answer)
	}
	for len(*list) <= i {
		*list = append(*list, unasked)
	}
	return &(*list)[i]
}

// A cast is the set of objects that a value names.
type cast struct {
	cell *cell
	unit *unit
	span *span
	form *cellForm // the form that the value fits, or comes nearest to
	err  error     // the error of its text
}

func (t *things) init(g *Gate) {
	*t = things{
		gate: g, elements: map[hmis.UID]*element{}, combos: map[hmis.UID]*combo{}, units: map[hmis.UID]*unit{},
		spans: map[period.Period]*span{}, forms: map[hmis.UID]*form{}, cells: map[cellKey]*cell{},
	}
	t.none = &combo{of: g.Catalog.CategoryCombo("", "")}
	if known, ok := hmis.Find[hmis.OptionCombo](g.Catalog, g.Catalog.DefaultOptionCombo()); ok {
		t.bounds(t.none, known)
	}
	t.turn(g.DataSet)
	t.anyUnits = g.Tree != nil
	for range hmis.All[hmis.OrgUnit](g.Catalog) {
		t.anyUnits = true
		break
	}
}

// turn sets the form of the values that follow.
func (t *things) turn(set hmis.UID) {
	switch {
	case set == "":
		t.form = nil
	case t.form == nil || t.form.ID != set:
		t.form = t.formOf(set)
	}
}

// cast finds the objects that a value names. It returns the code of the first
// object that is not found, in the order in which a server checks
// (RULES.md#order-of-checks).
func (t *things) cast(v *hmis.DataValue, c *cast) code {
	if l := t.span; l != nil && l.Period == v.Period {
		c.span = l
	} else if c.span = t.castSpan(v.Period); c.span == nil {
		return e8100
	}
	l := t.cell
	if l == nil {
		return t.castAll(v, c)
	}
	if !l.is(v) {
		if l = l.next; l == nil || !l.is(v) {
			return t.castAll(v, c)
		}
		t.cell = l
	}
	c.cell = l
	if u := t.unit; u != nil && u.id == v.OrgUnit {
		c.unit = u
		return 0
	}
	return t.castUnit(v, c)
}

// is reports whether the value v belongs to the cell c.
func (c *cell) is(v *hmis.DataValue) bool {
	return c.named[1] == v.OptionCombo && c.named[0] == v.DataElement && c.named[2] == v.AttributeCombo
}

// castSpan returns the span of a period, or nil if p is zero.
func (t *things) castSpan(p period.Period) *span {
	if p.IsZero() {
		return nil
	}
	before := t.span
	if before != nil && before.next != nil && before.next.Period == p {
		t.span = before.next
		return t.span
	}
	s := t.spanOf(p)
	if before != nil {
		before.next = s
	}
	return s
}

// castAll is cast for a value that is not of the same cell as the last one. An
// unknown id becomes an object that belongs to no form.
func (t *things) castAll(v *hmis.DataValue, c *cast) code {
	e := t.element
	if e == nil || e.ID != v.DataElement {
		if e = t.elementOf(v.DataElement); e == nil {
			switch {
			case v.DataElement == "":
				return e8102
			case !isUID(v.DataElement):
				return e8104
			}
			e = &element{DataElement: hmis.DataElement{ID: v.DataElement}, unknown: true}
		}
	}
	if bad := t.castUnit(v, c); bad != 0 {
		return bad
	}
	option, attr := t.option, t.attr
	if option == nil || option.id != v.OptionCombo {
		option = t.comboOf(v.OptionCombo)
	}
	if attr == nil || attr.id != v.AttributeCombo {
		attr = t.comboOf(v.AttributeCombo)
	}
	switch {
	case option.unknown && !isUID(v.OptionCombo):
		return e8109
	case attr.unknown && !isUID(v.AttributeCombo):
		return e8111
	case e.unknown || option.unknown || attr.unknown:
		c.cell = t.newCell(e, option, attr)
		return 0
	}
	t.element, t.option, t.attr = e, option, attr
	c.cell = t.cellOf(e, option, attr)
	c.cell.named = [3]hmis.UID{v.DataElement, v.OptionCombo, v.AttributeCombo}
	if t.cell != nil {
		t.cell.next = c.cell
	}
	t.cell = c.cell
	return 0
}

func (t *things) castUnit(v *hmis.DataValue, c *cast) code {
	if c.unit = t.unit; c.unit != nil && c.unit.id == v.OrgUnit {
		return 0
	}
	before := c.unit
	if before != nil && before.next != nil && before.next.id == v.OrgUnit {
		c.unit, t.unit = before.next, before.next
		return 0
	}
	if c.unit = t.unitOf(v.OrgUnit); c.unit != nil {
		if before != nil {
			before.next = c.unit
		}
		t.unit = c.unit
		return 0
	}
	switch {
	case v.OrgUnit == "":
		return e8105
	case !isUID(v.OrgUnit):
		return e8106
	}
	c.unit = &unit{id: v.OrgUnit, unknown: true}
	return 0
}

func isUID(id hmis.UID) bool {
	_, err := hmis.ParseUID(string(id))
	return err == nil
}

func (t *things) spanOf(p period.Period) *span {
	s := t.spans[p]
	if s == nil {
		s = &span{Period: p, n: uint32(len(t.spans)), typ: p.Type(), first: p.First(), last: p.Last()}
		t.spans[p] = s
		t.size += thingSize
	}
	t.span = s
	return s
}

// elementOf returns the element with an id, or nil if it is unknown.
func (t *things) elementOf(id hmis.UID) *element {
	if e := t.elements[id]; e != nil {
		return e
	}
	found, ok := hmis.Find[hmis.DataElement](t.gate.Catalog, id)
	if !ok {
		return nil
	}
	e := &element{DataElement: found, n: uint32(len(t.elements)), plain: plain(found.ValueType)}
	for _, set := range t.gate.Catalog.DataSets(id) {
		e.forms = append(e.forms, t.formOf(set))
	}
	e.options = optionsOf(t.gate.Catalog, found.OptionSet, found.ValueType)
	e.comments = optionsOf(t.gate.Catalog, found.CommentOptionSet, hmis.Text)
	t.elements[id] = e
	t.size += thingSize
	return e
}

// unitOf returns the unit with an id, or nil if it is unknown. If no org units
// are known at all, any id is accepted.
func (t *things) unitOf(id hmis.UID) *unit {
	if u := t.units[id]; u != nil {
		return u
	}
	var found hmis.OrgUnit
	pos, ok := -1, false
	if tree := t.gate.Tree; tree != nil {
		if found, ok = tree.Unit(id); ok {
			pos, _, _ = tree.Span(id)
		}
	} else {
		found, ok = hmis.Find[hmis.OrgUnit](t.gate.Catalog, id)
	}
	if !ok && (t.anyUnits || id == "" || len(id) > maxID) {
		return nil
	}
	u := &unit{id: id, n: uint32(len(t.units)), pos: pos, opened: found.Opened, closed: found.Closed}
	t.units[id] = u
	t.size += thingSize
	return u
}

// maxID is the maximum length of an id that is accepted without a list of known
// objects.
const maxID = 64
