package dhis2

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/period"
)

// Write writes values as a data value set that servers of all versions accept.
// All values are texts, references are in f.Schemes, and f.Set is at the top.
// Fields that a value shares with f.Set are left out, and so is the empty value
// of a Deleted one.
//
// CSV has the columns that servers write, without f.Set and without times of
// creation. A value that cannot be written, such as one without a code, ends
// the writing with an error (RULES.md#writing).
func (f Format) Write(w io.Writer, values iter.Seq2[hmis.DataValue, error]) error {
	if f.CSV && f.XML {
		return errors.New("dhis2: a Format is CSV or XML, not both")
	}
	e := &encoder{f: f, w: bufio.NewWriterSize(w, 64<<10), texts: map[textKey]string{}}
	e.periods = map[period.Period]string{}
	if err := e.begin(); err != nil {
		return err
	}
	n := 0
	for v, err := range values {
		if err != nil {
			return err
		}
		if err := e.value(v); err != nil {
			return fmt.Errorf("dhis2: value %d: %w", n, err)
		}
		n++
	}
	e.finish()
	return e.w.Flush()
}

// An encoder writes one data value set.
type encoder struct {
	f       Format
	w       *bufio.Writer
	texts   map[textKey]string // the texts of references
	periods map[period.Period]string
	some    bool   // a value, or a member of the object, has been written
	b       []byte // the row that is being made
}

type textKey struct {
	column rows.Column
	id     hmis.UID
}

func (e *encoder) begin() error {
	head, err := e.head()
	if err != nil {
		return fmt.Errorf("dhis2: %w", err)
	}
	switch {
	case e.f.CSV:
		e.w.WriteString("dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value,storedby,lastupdated,comment,followup,deleted\n")
	case e.f.XML:
		e.w.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<dataValueSet xmlns=\"http://dhis2.org/schema/dxf/2.0\"")
		for _, m := range head {
			e.b = appendAttr(e.b[:0], m[0], m[1])
			e.w.Write(e.b)
		}
		e.w.WriteString(">")
	default:
		e.w.WriteString("{")
		for _, m := range head {
			e.b = appendMember(e.b[:0], m[0])
			if m[0] == "dryRun" {
				e.b = append(e.b, m[1]...)
			} else {
				e.b = appendJSON(e.b, m[1])
			}
			e.w.Write(append(e.b, ','))
		}
		e.w.WriteString("\"dataValues\":[")
	}
	return nil
}

// head returns the names and texts of the fields that apply to all values.
func (e *encoder) head() (head [][2]string, err error) {
	add := func(name, text string) {
		if text != "" {
			head = append(head, [2]string{name, text})
		}
	}
	f := e.f
	head = written(f.Schemes, false)
	if f.Set.DataSet != "" {
		text, err := e.reference(hmis.KindDataSet, cmp.Or(f.Schemes.DataSet, f.Schemes.Any), f.Set.DataSet)
		if err != nil {
			return nil, err
		}
		add("dataSet", text)
	}
	if f.Set.Completed != 0 {
		add("completeDate", f.Set.Completed.String())
	}
	if !f.Set.Period.IsZero() {
		add("period", f.Set.Period.String())
	}
	unit, err := e.text(rows.OrgUnit, f.Set.OrgUnit)
	if err != nil {
		return nil, err
	}
	add("orgUnit", unit)
	combo, err := e.text(rows.AttributeCombo, f.Set.AttributeCombo)
	if err != nil {
		return nil, err
	}
	add("attributeOptionCombo", combo)
	if f.Set.DryRun {
		add("dryRun", "true")
	}
	return head, nil
}

// text returns the text of a reference in the scheme of its column. For "" it
// is "".
func (e *encoder) text(c rows.Column, id hmis.UID) (string, error) {
	if id == "" {
		return "", nil
	}
	key := textKey{c, id}
	if text, ok := e.texts[key]; ok {
		return text, nil
	}
	h := rows.Header{Schemes: e.f.Schemes}
	text, err := e.reference(rows.KindOfColumn(c), h.Scheme(c), id)
	if err != nil {
		return "", err
	}
	e.texts[key] = text
	return text, nil
}

func (e *encoder) reference(k hmis.Kind, s hmis.Scheme, id hmis.UID) (string, error) {
	text := string(id)
	if s != hmis.ByID && s != hmis.ByUID {
		if e.f.Catalog == nil {
			return "", fmt.Errorf("id scheme %s: want a Format with a Catalog", s)
		}
		var err error
		if text, err = e.f.Catalog.Text(hmis.Ref{Kind: k, ID: id}, s); err != nil {
			return "", err
		}
	}
	return text, rows.CheckText(text)
}

// A cell is one part of a row, in the order of CSV columns.
type cell struct {
	column rows.Column
	text   string
}

func (e *encoder) value(v hmis.DataValue) error {
	if v.DataElement == "" || v.OrgUnit == "" || v.Period.IsZero() {
		return errors.New("want a data element, an org unit and a period")
	}
	if e.f.Set.AttributeCombo != "" && v.AttributeCombo == "" && !e.f.CSV {
		if e.f.Catalog == nil {
			return errors.New("attributeOptionCombo: want a Format with a Catalog to name the default")
		}
		v.AttributeCombo = e.f.Catalog.DefaultOptionCombo()
	}
	p, ok := e.periods[v.Period]
	if !ok {
		calendar := cmp.Or(e.f.Calendar, period.Gregorian)
		if v.Period.Calendar() != calendar {
			return fmt.Errorf("period: %s is counted in the %s calendar: want %s", v.Period, v.Period.Calendar(), calendar)
		}
		p = v.Period.String()
		e.periods[v.Period] = p
	}
	cells := [12]cell{
		{column: rows.Element}, {column: rows.Period, text: p}, {column: rows.OrgUnit},
		{column: rows.OptionCombo}, {column: rows.AttributeCombo}, {rows.Value, v.Value},
		{rows.StoredBy, v.StoredBy}, {rows.Updated, moment(v.Updated)}, {rows.Comment, v.Comment},
		{column: rows.FollowUp}, {column: rows.Deleted}, {rows.Created, moment(v.Created)},
	}
	for i, id := range [...]hmis.UID{0: v.DataElement, 2: v.OrgUnit, 3: v.OptionCombo, 4: v.AttributeCombo} {
		if i == 1 {
			continue
		}
		text, err := e.text(cells[i].column, id)
		if err != nil {
			return fmt.Errorf("%s: %w", cells[i].column, err)
		}
		cells[i].text = text
	}
	for _, c := range cells {
		if !utf8.ValidString(c.text) {
			return fmt.Errorf("%s: %s: want UTF-8", c.column, quoted(c.text))
		}
		if e.f.XML && strings.ContainsFunc(c.text, isNotXML) {
			return fmt.Errorf("%s: %s: want only characters that XML can hold", c.column, quoted(c.text))
		}
	}
	if v.FollowUp {
		cells[9].text = "true"
	}
	if v.Deleted {
		cells[10].text = "true"
	}
	e.b = e.b[:0]
	if e.f.CSV {
		e.b = appendCSV(e.b, cells[:11])
	} else {
		set := e.f.Set
		if v.Period == set.Period {
			cells[1].text = ""
		}
		if v.OrgUnit == set.OrgUnit {
			cells[2].text = ""
		}
		if v.AttributeCombo == set.AttributeCombo {
			cells[4].text = ""
		}
		if e.f.XML {
			e.b = appendXML(e.b, cells[:])
		} else {
			if e.some {
				e.b = append(e.b, ',')
			}
			e.b = appendObject(e.b, cells[:], v.Value == "" && !v.Deleted && v.Comment == "")
		}
	}
	e.some = true
	_, err := e.w.Write(e.b)
	return err
}

func (e *encoder) finish() {
	switch {
	case e.f.CSV:
	case e.f.XML:
		e.w.WriteString("\n</dataValueSet>\n")
	case e.some:
		e.w.WriteString("\n]}\n")
	default:
		e.w.WriteString("]}\n")
	}
}

// isNotXML reports whether XML 1.0 cannot contain r.
func isNotXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

func appendCSV(b []byte, cells []cell) []byte {
	for i, c := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		if c.text == "" || !strings.ContainsAny(c.text, ",\"\r\n") && strings.TrimSpace(c.text) == c.text {
			b = append(b, c.text...)
			continue
		}
		b = append(b, '"')
		b = append(b, strings.ReplaceAll(c.text, `"`, `""`)...)
		b = append(b, '"')
	}
	return append(b, '\n')
}

// appendObject appends a row as JSON. The member is followUp, which servers
// import, although they export followup.
func appendObject(b []byte, cells []cell, emptyValue bool) []byte {
	b = append(b, "\n{"...)
	some := false
	for _, c := range cells {
		if c.text == "" && !(c.column == rows.Value && emptyValue) {
			continue
		}
		if some {
			b = append(b, ',')
		}
		some = true
		b = appendMember(b, c.column.String())
		if c.column == rows.FollowUp || c.column == rows.Deleted {
			b = append(b, c.text...)
		} else {
			b = appendJSON(b, c.text)
		}
	}
	return append(b, '}')
}

func appendXML(b []byte, cells []cell) []byte {
	b = append(b, "\n<dataValue"...)
	for _, c := range cells {
		if c.text != "" {
			b = appendAttr(b, c.column.String(), c.text)
		}
	}
	return append(b, "/>"...)
}

func appendAttr(b []byte, name, text string) []byte {
	b = append(append(append(b, ' '), name...), '=', '"')
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || strings.ContainsRune(`<>&'"`, r) || r == utf8.RuneError }) {
		var s strings.Builder
		xml.EscapeText(&s, []byte(text)) // writing to a Builder cannot fail
		text = s.String()
	}
	return append(append(b, text...), '"')
}

func appendMember(b []byte, name string) []byte {
	return append(append(append(b, '"'), name...), '"', ':')
}

// appendJSON appends text as a JSON string. It escapes only what JSON requires.
func appendJSON(b []byte, text string) []byte {
	b = append(b, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c < ' ':
			b = append(b, "\\u00"...)
			if c < 16 {
				b = append(b, '0')
			}
			b = strconv.AppendUint(b, uint64(c), 16)
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// moment returns a time in the form of servers: in UTC, with milliseconds, or
// more digits if needed (RULES.md#writing).
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.UTC()
	switch ns := t.Nanosecond(); {
	case ns%1e6 == 0:
		return t.Format("2006-01-02T15:04:05.000-0700")
	case ns%1e3 == 0:
		return t.Format("2006-01-02T15:04:05.000000-0700")
	}
	return t.Format("2006-01-02T15:04:05.000000000-0700")
}
