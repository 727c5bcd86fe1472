package dhis2

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/period"
)

// streamAfter is how many values wait for what follows them, whatever they
// have, if they are no longer than that.
const (
	streamAfter      = 4096
	streamAfterBytes = 8 << 20
)

// wantSet is what a reader of values wants in place of something else.
const wantSet = "a data value set"

// readJSON reads a data value set (RULES.md#data-value-sets).
func (d *decoder) readJSON(r io.Reader) error {
	j, err := newJSONReader(r, maxObject)
	if err != nil {
		return err
	}
	if err := j.isJSON("data values"); err != nil {
		return err
	}
	start := j.offset()
	late := map[string]int64{} // members behind the values, by name
	var seen []string
	var others strangers
	texts := setTexts{}
	deletionAt, valuesRead := int64(-1), false
	err = j.object(func(name string, offset int64) error {
		if isSetMember(name) || name == "dataValues" || name == "deletion" {
			if slices.Contains(seen, name) {
				return at(offset, fmt.Errorf("%s: want it once", name))
			}
			seen = append(seen, name)
			if n := others.list; len(n) > 0 {
				return at(n[0].offset, errMember(n[0].name, wantSet))
			}
		}
		switch {
		case name == "dataValues":
			if err := d.header.take(texts); err != nil {
				return err
			}
			if err := d.needsCatalog(); err != nil {
				return err
			}
			valuesRead = true
			return d.jsonValues(j)
		case name == "deletion":
			raw, offset, err := j.raw()
			if err != nil {
				return err
			}
			if valuesRead && raw[0] != 'n' {
				return at(offset, errors.New("deletion: want it before dataValues"))
			}
			if err := d.header.take(texts); err != nil {
				return err
			}
			deletionAt = offset
			return d.deletion(raw, offset)
		}
		switch name {
		case "dataElements", "organisationUnits", "dataSets", "indicators", "completeDataSetRegistrations":
			return at(offset, fmt.Errorf("%s: want a data value set, not metadata or completions", name))
		}
		nameAt := offset
		raw, offset, err := j.raw()
		if err != nil {
			return err
		}
		if !isSetMember(name) {
			switch {
			case d.names.ignores(name):
			case len(seen) > 0:
				return at(nameAt, errMember(name, wantSet))
			default:
				others.add(name, raw, nameAt)
			}
			return nil
		}
		if name == "attributeOptionCombo" && raw[0] == '{' {
			options, err := optionsByCategory(raw)
			if err != nil {
				return at(offset, fmt.Errorf("%s: %w", name, err))
			}
			texts[name] = setText{offset: offset, options: options}
		} else {
			text, err := scalar(raw)
			if err != nil {
				return at(offset, fmt.Errorf("%s: %w", name, err))
			}
			if text == nil {
				return nil
			}
			texts[name] = setText{offset: offset, text: string(text)}
		}
		if valuesRead {
			late[name] = offset
		}
		if deletionAt >= 0 && strings.HasSuffix(name, "Scheme") {
			return at(offset, fmt.Errorf("%s: want it before deletion", name))
		}
		return nil
	})
	if err == nil {
		err = j.finish()
	}
	if err == nil {
		err = at(start, others.err(wantSet))
	}
	if err == nil {
		err = d.tooLate(late)
	}
	if err == nil {
		err = d.header.take(texts)
	}
	if err == nil {
		err = d.needsCatalog()
	}
	if err != nil && slices.ContainsFunc(d.held, func(c *chunk) bool { return c.batch == nil && d.header.leaves(c.rows) }) {
		return err // what is held could have got its defaults from the rest
	}
	return d.flush(err)
}

// jsonValues reads the array of data values, and leaves j behind it.
func (d *decoder) jsonValues(j *jsonReader) error {
	c, err := j.peek()
	if err != nil {
		return err
	}
	if c == 'n' {
		_, _, err := j.raw()
		return err
	}
	if err := j.expect('['); err != nil {
		return err
	}
	p := newPipeline(j.src, jsonRows{d.names}, slices.Clone(j.buf[j.pos:]), j.offset())
	p.end = j.end
	defer p.stop()
	for {
		if p.header == nil && d.sent {
			h := d.header
			p.header = &h
		}
		c, err := p.next()
		if err != nil {
			return err
		}
		if c == nil {
			return at(p.base, io.ErrUnexpectedEOF)
		}
		bad := d.broken(c)
		if err := d.hold(p, c); err != nil {
			return err
		}
		if c.err != nil {
			if bad, ok := errors.AsType[*ReadError](bad); ok {
				bad.Row = d.row + d.waiting
			}
			return bad
		}
		if c.ended {
			j.buf, j.pos, j.base, j.end = p.carry, 0, p.base, p.end
			return nil
		}
	}
}

// hold delivers a chunk, or keeps it until the defaults of its values are known.
func (d *decoder) hold(p *pipeline, c *chunk) error {
	n := c.rows.len()
	needs := c.batch == nil && c.rows.needs() && d.lacks(c.rows)
	if c.err == nil && (len(d.held) > 0 || needs || d.row+d.waiting+n <= streamAfter && !d.sent) {
		d.held = append(d.held, c)
		d.waiting += n
		d.heldBytes += c.rows.size()
		c.buf = nil
		if d.waiting <= streamAfter && d.heldBytes <= streamAfterBytes {
			return nil
		}
		if d.heldBytes <= maxHeld && slices.ContainsFunc(d.held, func(c *chunk) bool {
			return c.batch == nil && d.lacks(c.rows)
		}) {
			return nil
		}
		return d.flush(nil)
	}
	return d.flushThen(func() error { return d.send(p, c) })
}

// lacks reports whether rows need a default that the file has not said so far.
func (d *decoder) lacks(r *rows) bool {
	return d.header.set.Period == d.f.Set.Period && r.lacks(periodID) ||
		d.header.set.OrgUnit == d.f.Set.OrgUnit && r.lacks(orgUnit) ||
		d.header.set.AttributeOptionCombo == d.f.Set.AttributeOptionCombo && r.lacks(attrCombo)
}

// leaves reports whether rows still need a default without which they are no
// values.
func (h *header) leaves(r *rows) bool {
	return h.set.Period.IsZero() && r.lacks(periodID) || h.set.OrgUnit == "" && r.lacks(orgUnit)
}

func (d *decoder) flushThen(next func() error) error {
	if err := d.flush(nil); err != nil {
		return err
	}
	return next()
}

// flush delivers what is held, and then returns err.
func (d *decoder) flush(err error) error {
	held := d.held
	d.held, d.waiting, d.heldBytes = nil, 0, 0
	for _, c := range held {
		if c.batch == nil {
			for _, col := range [...]column{periodID, orgUnit, attrCombo} {
				d.lacking[col] = d.lacking[col] || c.rows.lacks(col)
			}
		}
		if err := d.send(nil, c); err != nil {
			return err
		}
	}
	return err
}

// tooLate reports what the file says about values that have been delivered.
func (d *decoder) tooLate(late map[string]int64) error {
	if !d.sent {
		return nil
	}
	for name, offset := range late {
		wrong := strings.HasSuffix(name, "Scheme") ||
			name == "period" && d.lacking[periodID] || name == "orgUnit" && d.lacking[orgUnit] ||
			name == "attributeOptionCombo" && d.lacking[attrCombo]
		if wrong {
			return at(offset, fmt.Errorf("%s: want it before dataValues, of which %d have been read without it", name, d.row))
		}
	}
	return nil
}

// A setText is what a data value set says about all values.
type setText struct {
	offset  int64
	text    string
	options map[string]string // of an option combo that is spelt out
}

type setTexts map[string]setText

func isSetMember(name string) bool {
	switch name {
	case "dataSet", "completeDate", "period", "orgUnit", "attributeOptionCombo", "dryRun",
		"idScheme", "dataSetIdScheme", "dataElementIdScheme", "orgUnitIdScheme", "categoryOptionComboIdScheme",
		"attributeOptionComboIdScheme", "categoryIdScheme", "categoryOptionIdScheme":
		return true
	}
	return false
}

// take reads the set-level members: schemes first, since they say how the others
// are written.
func (h *header) take(texts setTexts) error {
	if len(texts) == 0 {
		return nil
	}
	var in hmis.Schemes
	for name, field := range map[string]*hmis.Scheme{
		"idScheme": &in.Any, "dataSetIdScheme": &in.DataSet, "dataElementIdScheme": &in.DataElement,
		"orgUnitIdScheme": &in.OrgUnit, "categoryOptionComboIdScheme": &in.OptionCombo,
		"attributeOptionComboIdScheme": &in.AttrCombo, "categoryIdScheme": &in.Category,
		"categoryOptionIdScheme": &in.CategoryOption,
	} {
		if t, ok := texts[name]; ok {
			s, err := hmis.ParseScheme(t.text)
			if err != nil {
				return at(t.offset, fmt.Errorf("%s: %s: want UID, CODE, NAME or ATTRIBUTE: and a UID", name, quoted(t.text)))
			}
			*field = s
		}
	}
	h.schemes = in.Over(h.schemes)
	for _, m := range [...]struct {
		name string
		take func(setText) error
	}{
		{"dataSet", func(t setText) (err error) {
			h.set.DataSet, err = h.setID(hmis.KindDataSet, h.schemes.DataSet, t.text)
			return err
		}},
		{"orgUnit", func(t setText) (err error) {
			h.set.OrgUnit, err = h.setID(hmis.KindOrgUnit, h.schemes.OrgUnit, t.text)
			return err
		}},
		{"attributeOptionCombo", func(t setText) (err error) {
			if t.options != nil {
				h.set.AttributeOptionCombo, err = h.spelledSet(t.options)
			} else {
				h.set.AttributeOptionCombo, err = h.setID(hmis.KindCategoryOptionCombo, h.schemes.AttrCombo, t.text)
			}
			return err
		}},
		{"period", func(t setText) (err error) {
			h.set.Period, err = h.setPeriod(t.text)
			return err
		}},
		{"completeDate", func(t setText) error {
			m, err := scan.ParseMoment(t.text)
			if err == nil {
				h.set.Completed = period.DateOfTime(m.Time)
			}
			return err
		}},
		{"dryRun", func(t setText) error {
			if t.text != "true" && t.text != "false" {
				return fmt.Errorf("%s: want true or false", quoted(t.text))
			}
			h.set.DryRun = t.text == "true"
			return nil
		}},
	} {
		if t, ok := texts[m.name]; ok && (t.text != "" || t.options != nil) {
			if err := m.take(t); err != nil {
				return &ReadError{Offset: t.offset, Row: -1, Field: m.name, Err: err}
			}
		}
	}
	clear(texts)
	return nil
}

func (h *header) setID(k hmis.Kind, s hmis.Scheme, text string) (hmis.UID, error) {
	if err := check(text); err != nil {
		return "", err
	}
	if s == hmis.ByID {
		s = h.schemes.Any
	}
	return h.lookup(k, s, text)
}

// setPeriod also takes the form of ADX, which one server writes
// (RULES.md#data-value-sets).
func (h *header) setPeriod(text string) (period.Period, error) {
	if strings.Contains(text, "/") {
		return h.calendar.ParseISO(text)
	}
	return h.period(text)
}

func (h *header) spelledSet(options map[string]string) (hmis.UID, error) {
	b := hmis.Batch{IDs: []hmis.UID{""}, AttributeOptionCombo: []uint32{0}}
	if h.catalog == nil {
		return "", errors.New("options by category: want a Format with a Catalog")
	}
	err := h.spelled(&b, map[hmis.UID]uint32{}, spelled{column: attrCombo, options: options})
	return b.IDs[b.AttributeOptionCombo[0]], err
}
