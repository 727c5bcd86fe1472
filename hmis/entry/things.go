package entry

import (
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// things holds what the values of a stream name, looked up once each. Only
// objects that are known are kept, so that made-up ids cannot fill the memory.
type things struct {
	gate *Gate
	size int64 // about how many bytes are held

	elements map[hmis.UID]*element
	combos   map[hmis.UID]*combo
	units    map[hmis.UID]*unit
	spans    map[period.Period]*span
	forms    map[hmis.UID]*form
	cells    map[cellKey]*cell

	// The last of each: values mostly come in runs.
	element *element
	option  *combo
	attr    *combo
	unit    *unit
	span    *span
	cell    *cell

	none      *combo // the default option combo
	onlyForm  []*form
	anyUnits  bool // the org units are known
	formCount int
}

// About how many bytes one of them takes.
const thingSize = 256

type element struct {
	hmis.DataElement
	n        uint32
	options  *options // nil if any text will do
	comments *options
	forms    []*form // it may be of
	plain    bool    // its value type accepts plain numbers as they are
	unknown  bool
}

// A combo is an option combo, also of attributes.
type combo struct {
	id          hmis.UID // "" for the default
	n           uint32
	of          hmis.UID // category combo
	first, last period.Date
	within      [][]place // for each option with org units: where it is valid
	unknown     bool
}

// A place is a part of the tree, or one unit if there is no tree.
type place struct{ first, end int }

type unit struct {
	id             hmis.UID
	n              uint32
	pos            int // in the tree
	opened, closed period.Date
	reports        []answer // by form
	unknown        bool
	next           *unit // that came after it the last time
}

// A span is a period with its days.
type span struct {
	period.Period
	n           uint32
	typ         period.Type
	first, last period.Date
	open        []answer // by form
	next        *span    // that came after it the last time
}

// An answer is a question that is asked once.
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

// slot returns the answer at i of a list that grows.
func slot(list *[]answer, i int) *answer {
	for len(*list) <= i {
		*list = append(*list, unasked)
	}
	return &(*list)[i]
}

// A form is a data set.
type form struct {
	hmis.DataSet
	n        int
	known    bool
	elements map[hmis.UID]bool
	units    map[hmis.UID]bool
	attrs    hmis.UID // category combo of attributes
}

// A cell is a data element with its two option combos.
type cell struct {
	n       uint32
	element *element
	option  *combo
	attr    *combo
	named   [3]hmis.UID // as the last value has them
	forms   []cellForm  // the element may be reported with
	next    *cell       // that came after it the last time
}

type cellKey struct{ element, option, attr uint32 }

// A cellForm says whether a cell belongs to a form.
type cellForm struct {
	*form
	belongs, attr, option bool
}

// A cast is what a value names.
type cast struct {
	cell *cell
	unit *unit
	span *span
	form *cellForm // that the value fits, or comes nearest to
	err  error     // what is wrong with its text
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
	t.anyUnits = g.Tree != nil
	for range hmis.All[hmis.OrgUnit](g.Catalog) {
		t.anyUnits = true
		break
	}
}

// begin sets the form that all values are of.
func (t *things) begin() {
	if t.gate.Form != nil {
		t.gate.DataSet = t.gate.Form()
	}
	if t.gate.DataSet != "" {
		t.onlyForm = []*form{t.formOf(t.gate.DataSet)}
	}
}

// cast finds what a value names. The result is the code of what cannot be
// found, in the order of a server (RULES.md#order-of-checks).
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

// is reports whether a value names a cell.
func (c *cell) is(v *hmis.DataValue) bool {
	return c.named[1] == v.OptionCombo && c.named[0] == v.DataElement && c.named[2] == v.AttributeCombo
}

// castSpan returns nil if there is no period.
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

// castAll is cast for a value of another cell than the last. What is unknown
// becomes an object that belongs to nothing.
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
			e = &element{DataElement: hmis.DataElement{ID: v.DataElement}, forms: t.onlyForm, unknown: true}
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

// elementOf returns nil if there is no such element.
func (t *things) elementOf(id hmis.UID) *element {
	if e := t.elements[id]; e != nil {
		return e
	}
	found, ok := hmis.Find[hmis.DataElement](t.gate.Catalog, id)
	if !ok {
		return nil
	}
	e := &element{DataElement: found, n: uint32(len(t.elements)), forms: t.onlyForm, plain: plain(found.ValueType)}
	if e.forms == nil {
		for _, set := range t.gate.Catalog.DataSets(id) {
			e.forms = append(e.forms, t.formOf(set))
		}
	}
	e.options = optionsOf(t.gate.Catalog, found.OptionSet, found.ValueType)
	e.comments = optionsOf(t.gate.Catalog, found.CommentOptionSet, hmis.Text)
	t.elements[id] = e
	t.size += thingSize
	return e
}

// unitOf returns nil if there is no such org unit. If no org units are known at
// all, every one is there.
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

// maxID is how long an id may be that no list of objects confirms.
const maxID = 64

// comboOf returns an unknown combo if there is no such option combo.
func (t *things) comboOf(id hmis.UID) *combo {
	if id == "" {
		return t.none
	}
	if c := t.combos[id]; c != nil {
		return c
	}
	if id == t.gate.Catalog.DefaultOptionCombo() {
		t.combos[id] = t.none
		return t.none
	}
	found, ok := hmis.Find[hmis.OptionCombo](t.gate.Catalog, id)
	if !ok {
		return &combo{id: id, unknown: true}
	}
	c := &combo{id: id, n: uint32(len(t.combos)) + 1, of: found.CategoryCombo}
	if c.of == "" {
		c.of = t.none.of
	}
	t.bounds(c, found)
	t.combos[id] = c
	t.size += thingSize
	return c
}

// bounds sets where and when a combo is valid: where and when all of its
// options are (RULES.md#attribute-options).
func (t *things) bounds(c *combo, of hmis.OptionCombo) {
	for _, id := range of.Options {
		o, ok := hmis.Find[hmis.CategoryOption](t.gate.Catalog, id)
		if !ok {
			continue
		}
		if o.First != 0 {
			c.first = max(c.first, o.First)
		}
		if o.Last != 0 && (c.last == 0 || o.Last < c.last) {
			c.last = o.Last
		}
		if len(o.OrgUnits) == 0 || t.gate.Tree == nil {
			continue
		}
		list := []place{}
		for _, id := range o.OrgUnits {
			if first, end, ok := t.gate.Tree.Span(id); ok {
				list = append(list, place{first, end})
			}
		}
		c.within = append(c.within, list)
	}
}

// covers reports whether u is where c is valid.
func (c *combo) covers(u *unit) bool {
	for _, option := range c.within {
		in := false
		for _, p := range option {
			in = in || p.first <= u.pos && u.pos < p.end
		}
		if !in {
			return false
		}
	}
	return true
}

func (t *things) formOf(id hmis.UID) *form {
	if f := t.forms[id]; f != nil {
		return f
	}
	f := &form{n: t.formCount, elements: map[hmis.UID]bool{}, units: map[hmis.UID]bool{}}
	t.formCount++
	f.DataSet, f.known = hmis.Find[hmis.DataSet](t.gate.Catalog, id)
	f.ID = id
	for _, e := range f.Elements {
		f.elements[e.DataElement] = true
	}
	for _, u := range f.OrgUnits {
		f.units[u] = true
	}
	if f.attrs = f.CategoryCombo; f.attrs == "" {
		f.attrs = t.none.of
	}
	t.forms[id] = f
	return f
}

func (t *things) cellOf(e *element, option, attr *combo) *cell {
	key := cellKey{e.n, option.n, attr.n}
	if c := t.cells[key]; c != nil {
		return c
	}
	c := t.newCell(e, option, attr)
	t.cells[key] = c
	t.size += thingSize
	return c
}

// newCell makes a cell with its place in each form.
func (t *things) newCell(e *element, option, attr *combo) *cell {
	c := &cell{n: uint32(len(t.cells)), element: e, option: option, attr: attr}
	for _, f := range e.forms {
		c.forms = append(c.forms, cellForm{
			form: f, belongs: f.elements[e.ID] && !e.unknown,
			attr:   t.fits(attr, f.attrs),
			option: t.fits(option, t.gate.Catalog.CategoryCombo(e.ID, f.ID)),
		})
	}
	return c
}

// fits reports whether an option combo belongs to a category combo. In one
// without categories it is the default.
func (t *things) fits(c *combo, of hmis.UID) bool {
	if c.of == of {
		return !c.unknown
	}
	combo, ok := hmis.Find[hmis.CategoryCombo](t.gate.Catalog, of)
	return c == t.none && ok && len(combo.Categories) == 0
}

// reportsTo reports whether a unit reports a form.
func (t *things) reportsTo(u *unit, f *form) bool {
	a := slot(&u.reports, f.n)
	if *a == unasked {
		*a = answerOf(!u.unknown && (f.units[u.id] || len(f.units) == 0 && t.gate.Tree == nil))
	}
	return *a == yes
}

// now returns the time of entry and its day.
func (g *Gate) now() (time.Time, period.Date) { return g.Now, period.DateAt(g.Now) }

// formless returns a form that all known objects belong to, for an element
// that is in none.
func (t *things) formless(c *cast) *cellForm {
	f := &form{n: t.formCount, units: map[hmis.UID]bool{c.unit.id: true}}
	t.formCount++
	f.PeriodType, f.ExpiryDays = c.span.typ, -1
	own := t.gate.Catalog.CategoryCombo(c.cell.element.ID, "")
	return &cellForm{form: f, belongs: true, attr: !c.cell.attr.unknown, option: t.fits(c.cell.option, own)}
}
