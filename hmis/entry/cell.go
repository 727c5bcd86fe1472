package entry

import (
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A cell is a data element with its two option combos.
type cell struct {
	n       uint32
	element *element
	option  *combo
	attr    *combo
	named   [3]hmis.UID // the three ids as the last value wrote them
	forms   []cellForm  // forms that have the data element
	foreign []cellForm  // forms without the element that values have named
	next    *cell       // the cell of the value that followed last time
}

type cellKey struct{ element, option, attr uint32 }

// A cellForm says whether a cell belongs to a form.
type cellForm struct {
	*form
	belongs, attr, option bool
}

// notKept is the number of a form whose answers are not cached.
const notKept = -1

// A form is a data set.
type form struct {
	hmis.DataSet
	n        int
	known    bool
	elements map[hmis.UID]bool
	units    map[hmis.UID]bool
	attrs    hmis.UID // category combo of the attribute option combos
}

func (t *things) formOf(id hmis.UID) *form {
	if f := t.forms[id]; f != nil {
		return f
	}
	f := &form{elements: map[hmis.UID]bool{}, units: map[hmis.UID]bool{}}
	if f.DataSet, f.known = hmis.Find[hmis.DataSet](t.gate.Catalog, id); f.known {
		f.n = t.formCount
		t.formCount++
	} else {
		f.n = notKept
	}
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
	if f.known {
		t.forms[id] = f
	}
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
		c.forms = append(c.forms, t.cellForm(c, f))
	}
	return c
}

// cellForm says whether a cell belongs to a form.
func (t *things) cellForm(c *cell, f *form) cellForm {
	e := c.element
	return cellForm{
		form: f, belongs: f.elements[e.ID] && !e.unknown,
		attr:   t.fits(c.attr, f.attrs),
		option: t.fits(c.option, t.gate.Catalog.CategoryCombo(e.ID, f.ID)),
	}
}

// formsOf returns the forms that a value may belong to: the form that the
// caller named, or all forms with its element.
func (t *things) formsOf(c *cell) []cellForm {
	if t.form == nil {
		return c.forms
	}
	for i := range c.forms {
		if c.forms[i].form == t.form {
			return c.forms[i : i+1]
		}
	}
	for i := range c.foreign {
		if c.foreign[i].form == t.form {
			return c.foreign[i : i+1]
		}
	}
	if !t.form.known {
		return []cellForm{t.cellForm(c, t.form)}
	}
	t.size += thingSize / 4
	c.foreign = append(c.foreign, t.cellForm(c, t.form))
	return c.foreign[len(c.foreign)-1:]
}

// fits reports whether an option combo belongs to the category combo of. A
// category combo without categories has only the default option combo.
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

// formless returns a form to which all known objects belong. It is used for an
// element that is in no form.
func (t *things) formless(c *cast) *cellForm {
	f := &form{n: notKept, units: map[hmis.UID]bool{c.unit.id: true}}
	f.PeriodType, f.ExpiryDays = c.span.typ, -1
	own := t.gate.Catalog.CategoryCombo(c.cell.element.ID, "")
	return &cellForm{form: f, belongs: true, attr: !c.cell.attr.unknown, option: t.fits(c.cell.option, own)}
}
