package sheet

import (
	"errors"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A part is what a heading or the cells of a row state about values: a key that
// is not complete yet.
type part struct {
	key         hmis.Key
	year, month int
	combo       cell // an option combo, looked up when the element is known
	comment     string
}

// A cell is a text with its place in the table.
type cell struct {
	line, column int // both count from 1
	text         string
	field        Field
}

func (c cell) fail(err error) *CellError {
	return &CellError{Line: c.line, Column: c.column, Text: c.text, Field: c.field, Err: err}
}

// add reads a cell and adds what it states to the part.
func (p *part) add(f *finder, c cell) *CellError {
	var err error
	switch c.field {
	case DataElement:
		p.key.DataElement, err = f.find(c.field, c.text, "")
	case AttributeCombo:
		p.key.AttributeCombo, err = f.find(c.field, c.text, "")
	case OrgUnit:
		p.key.OrgUnit, err = f.find(c.field, c.text, "")
	case OptionCombo:
		p.combo = c
	case Period:
		p.key.Period, err = f.format.period(c.text)
	case Year:
		var ok bool
		if p.year, ok = f.format.year(c.text); !ok {
			err = errors.New("want a year such as 2024")
		}
	case Month:
		if p.month = f.format.monthNumber(c.text); p.month == 0 {
			err = errors.New("want a month: 1 to 12, or its name")
		}
	case Comment:
		p.comment = c.text
	}
	if err != nil {
		return c.fail(err)
	}
	return nil
}

// over returns the union of p and q. No field is set in both.
func (p part) over(q part) part {
	if q.key.DataElement != "" {
		p.key.DataElement = q.key.DataElement
	}
	if q.key.OptionCombo != "" {
		p.key.OptionCombo = q.key.OptionCombo
	}
	if q.key.AttributeCombo != "" {
		p.key.AttributeCombo = q.key.AttributeCombo
	}
	if q.key.OrgUnit != "" {
		p.key.OrgUnit = q.key.OrgUnit
	}
	if !q.key.Period.IsZero() {
		p.key.Period = q.key.Period
	}
	if q.year != 0 {
		p.year = q.year
	}
	if q.month != 0 {
		p.month = q.month
	}
	if q.combo.field != 0 {
		p.combo = q.combo
	}
	return p
}

// complete resolves what takes two fields: a month with its year, and an option
// combo with its element. at is the cell to blame if the year does not have the
// month.
func (p *part) complete(f *finder, at cell) *CellError {
	if p.combo.field != 0 && p.key.DataElement != "" {
		var err error
		if p.key.OptionCombo, err = f.find(OptionCombo, p.combo.text, p.key.DataElement); err != nil {
			bad := p.combo
			if bad.line != at.line { // a heading that does not fit this row
				bad.line, bad.column = at.line, at.column
			}
			return bad.fail(err)
		}
		p.combo = cell{}
	}
	if p.year != 0 && p.month != 0 {
		var err error
		if p.key.Period, err = f.format.monthIn(p.year, p.month); err != nil {
			return at.fail(err)
		}
		p.year, p.month = 0, 0
	}
	return nil
}
