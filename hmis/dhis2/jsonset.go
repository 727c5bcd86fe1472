package dhis2

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/period"
)

// These limit how many values wait for what follows them even if they need no
// default.
const (
	streamAfter      = 4096
	streamAfterBytes = 8 << 20
)

// wantSet names the expected content, for errors about a file of values.
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
	late := map[string]int64{} // members after the values, with their offsets
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
			if err := d.header.needsCatalog(); err != nil {
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
			case d.names.Ignores(name):
			case len(seen) > 0:
				return at(nameAt, errMember(name, wantSet))
			default:
				others.add(name, raw, nameAt)
			}
			return nil
		}
		if name == "attributeOptionCombo" && raw[0] == '{' {
			options, err := rows.OptionsByCategory(raw)
			if err != nil {
				return at(offset, fmt.Errorf("%s: %w", name, err))
			}
			texts[name] = setText{offset: offset, options: options}
		} else {
			text, err := jsontext.Scalar(raw)
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
		err = d.header.needsCatalog()
	}
	if err != nil && slices.ContainsFunc(d.held, func(c *rows.Chunk) bool { return c.Batch == nil && d.header.leaves(c.Rows) }) {
		return err // the missing rest might have had defaults for these values
	}
	return d.flush(err)
}

// jsonValues reads the array of data values. After it, j is behind the array.
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
	p := rows.NewPipeline(j.src, rows.JSON{Names: d.names}, slices.Clone(j.buf[j.pos:]), j.offset())
	p.End = j.end
	defer p.Stop()
	for {
		if p.Header == nil && d.sent {
			h := d.header
			p.Header = &h.Header
		}
		c, err := p.Next()
		if err != nil {
			return at(p.Base, err)
		}
		if c == nil {
			return at(p.Base, io.ErrUnexpectedEOF)
		}
		bad := d.broken(c)
		if err := d.hold(p, c); err != nil {
			return err
		}
		if c.Err != nil {
			if bad, ok := errors.AsType[*ReadError](bad); ok {
				bad.Row = d.row + d.waiting
			}
			return bad
		}
		if c.Ended {
			j.buf, j.pos, j.base, j.end = p.Carry, 0, p.Base, p.End
			return nil
		}
	}
}

// hold yields a chunk, or keeps it until the defaults of its values are known.
func (d *decoder) hold(p *rows.Pipeline, c *rows.Chunk) error {
	n := c.Rows.Len()
	needs := c.Batch == nil && c.Rows.Needs() && d.lacks(c.Rows)
	if c.Err == nil && (len(d.held) > 0 || needs || d.row+d.waiting+n <= streamAfter && !d.sent) {
		d.held = append(d.held, c)
		d.waiting += n
		d.heldBytes += c.Rows.Size()
		c.Buf = nil
		if d.waiting <= streamAfter && d.heldBytes <= streamAfterBytes {
			return nil
		}
		if d.heldBytes <= maxHeld && slices.ContainsFunc(d.held, func(c *rows.Chunk) bool {
			return c.Batch == nil && d.lacks(c.Rows)
		}) {
			return nil
		}
		d.header.Full = d.header.Full || d.heldBytes > maxHeld
		return d.flush(nil)
	}
	return d.flushThen(func() error { return d.send(p, c) })
}

// lacks reports whether rows need a default that the file has not stated so
// far.
func (d *decoder) lacks(r *rows.Rows) bool {
	return d.header.Set.Period == d.f.Set.Period && r.Lacks(rows.Period) ||
		d.header.Set.OrgUnit == d.f.Set.OrgUnit && r.Lacks(rows.OrgUnit) ||
		d.header.Set.AttributeCombo == d.f.Set.AttributeCombo && r.Lacks(rows.AttributeCombo)
}

// leaves reports whether rows need a default that is missing, so that they
// cannot be values.
func (h *header) leaves(r *rows.Rows) bool {
	return h.Set.Period.IsZero() && r.Lacks(rows.Period) || h.Set.OrgUnit == "" && r.Lacks(rows.OrgUnit)
}

func (d *decoder) flushThen(next func() error) error {
	if err := d.flush(nil); err != nil {
		return err
	}
	return next()
}

// flush yields the chunks that are held, and then returns err.
func (d *decoder) flush(err error) error {
	held := d.held
	d.held, d.waiting, d.heldBytes = nil, 0, 0
	for _, c := range held {
		if c.Batch == nil {
			for _, col := range [...]rows.Column{rows.Period, rows.OrgUnit, rows.AttributeCombo} {
				d.lacking[col] = d.lacking[col] || c.Rows.Lacks(col)
			}
		}
		if err := d.send(nil, c); err != nil {
			return err
		}
	}
	return err
}

// tooLate returns an error if members after the values would have changed
// values that were already yielded.
func (d *decoder) tooLate(late map[string]int64) error {
	if !d.sent {
		return nil
	}
	for name, offset := range late {
		scheme := strings.HasSuffix(name, "Scheme")
		lacking := name == "period" && d.lacking[rows.Period] || name == "orgUnit" && d.lacking[rows.OrgUnit] ||
			name == "attributeOptionCombo" && d.lacking[rows.AttributeCombo]
		if !scheme && !lacking {
			continue
		}
		err := fmt.Errorf("%s: want it before dataValues, of which %d have been read without it", name, d.row)
		if lacking {
			err = fmt.Errorf("%w: at most %d MiB of values can wait for it", err, maxHeld>>20)
		}
		return at(offset, err)
	}
	return nil
}

// A setText is a member of a data value set that applies to all values.
type setText struct {
	offset  int64
	text    string
	options map[string]string // an option combo as options by category
}

type setTexts map[string]setText

func isSetMember(name string) bool {
	switch name {
	case "dataSet", "completeDate", "period", "orgUnit", "attributeOptionCombo", "dryRun":
		return true
	}
	return isScheme(name, false)
}

// take parses the members of the set. Schemes come first, since they decide how
// the others are written.
func (h *header) take(texts setTexts) error {
	if len(texts) == 0 {
		return nil
	}
	if err := h.takeSchemes(texts); err != nil {
		return err
	}
	for _, m := range [...]struct {
		name string
		take func(setText) error
	}{
		{"dataSet", func(t setText) (err error) {
			h.Set.DataSet, err = h.setID(hmis.KindDataSet, h.Schemes.DataSet, t.text)
			return err
		}},
		{"orgUnit", func(t setText) (err error) {
			h.Set.OrgUnit, err = h.setID(hmis.KindOrgUnit, h.Schemes.OrgUnit, t.text)
			return err
		}},
		{"attributeOptionCombo", func(t setText) (err error) {
			if t.options != nil {
				h.Set.AttributeCombo, err = h.SpelledSet(t.options)
			} else {
				h.Set.AttributeCombo, err = h.setID(hmis.KindOptionCombo, h.Schemes.AttributeCombo, t.text)
			}
			return err
		}},
		{"period", func(t setText) (err error) {
			h.Set.Period, err = h.setPeriod(t.text)
			return err
		}},
		{"completeDate", func(t setText) error {
			m, err := scan.ParseMoment(t.text)
			if err == nil {
				h.Set.Completed = period.DateAt(m.Time)
			}
			return err
		}},
		{"dryRun", func(t setText) error {
			if t.text != "true" && t.text != "false" {
				return fmt.Errorf("%s: want true or false", quoted(t.text))
			}
			h.Set.DryRun = t.text == "true"
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
	if err := rows.CheckText(text); err != nil {
		return "", err
	}
	if s == hmis.ByID {
		s = h.Schemes.Any
	}
	return h.Lookup(k, s, text)
}

// setPeriod parses a period. It also accepts the form of ADX, which one server
// writes (RULES.md#data-value-sets).
func (h *header) setPeriod(text string) (period.Period, error) {
	if strings.Contains(text, "/") {
		return h.Calendar.ParseISO(text)
	}
	return h.ParsePeriod(text)
}
