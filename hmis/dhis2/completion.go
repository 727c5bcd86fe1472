package dhis2

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/period"
)

// ReadCompletions returns the completions of a file of complete data set
// registrations in JSON, in order. It reads r piece by piece and can be used
// once. If the last pair has an error, it is a *[ReadError]. It is the same as
// Format{}.ReadCompletions(r).
func ReadCompletions(r io.Reader) iter.Seq2[hmis.Completion, error] {
	return Format{}.ReadCompletions(r)
}

// WriteCompletions writes completions in JSON. It is the same as
// Format{}.WriteCompletions(w, done).
func WriteCompletions(w io.Writer, done iter.Seq2[hmis.Completion, error]) error {
	return Format{}.WriteCompletions(w, done)
}

// ReadCompletions returns the completions of a file in JSON or XML, like the
// function [ReadCompletions]; there is no CSV form. A registration that is
// marked as not completed is Withdrawn. Without a date At is zero; a server
// would use the day of the import. Id schemes must come before the
// registrations. RejectCompletion is called for registrations that cannot be
// used.
func (f Format) ReadCompletions(r io.Reader) iter.Seq2[hmis.Completion, error] {
	return func(yield func(hmis.Completion, error) bool) {
		d := &completionReader{h: newHeader(f), names: rows.Names{Ignore: f.Ignore}, reject: f.RejectCompletion, yield: yield}
		var err error
		switch {
		case f.CSV:
			err = errors.New("dhis2: completions are not written in CSV")
		case f.XML:
			err = d.readXML(r)
		default:
			err = d.readJSON(r)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(hmis.Completion{}, err)
		}
	}
}

type completionReader struct {
	h      header
	names  rows.Names
	reject func(hmis.Completion, error) // called for each completion that cannot be used, or nil
	yield  func(hmis.Completion, error) bool
	row    int
}

// wantCompletions names the expected member, for errors about a file of
// completions.
const wantCompletions = "completeDataSetRegistrations"

func (d *completionReader) readJSON(r io.Reader) error {
	j, err := newJSONReader(r, rows.MaxRow)
	if err == nil {
		err = j.isJSON("completions")
	}
	if err != nil {
		return err
	}
	start := j.offset()
	texts := setTexts{}
	var others strangers
	known, read := false, false
	err = j.object(func(name string, offset int64) error {
		if n := others.list; len(n) > 0 && (isScheme(name, true) || name == wantCompletions) {
			return at(n[0].offset, errMember(n[0].name, wantCompletions))
		}
		if name == wantCompletions {
			if read {
				return at(offset, fmt.Errorf("%s: want it once", name))
			}
			known, read = true, true
			if err := d.h.take(texts); err != nil {
				return err
			}
			return d.registrations(j)
		}
		nameAt := offset
		raw, offset, err := j.raw()
		switch {
		case err != nil:
			return err
		case name == "dataValues" || name == "dataElements":
			return at(nameAt, fmt.Errorf("%s: want %s", name, wantCompletions))
		case name == "strategy":
			text, _ := jsontext.Scalar(raw)
			return at(offset, notDeleted(string(text)))
		case name == "dryRun" || d.names.Ignores(name):
			return nil // known members without a meaning here
		case !isScheme(name, true) && known:
			return at(nameAt, errMember(name, wantCompletions))
		case !isScheme(name, true):
			others.add(name, raw, nameAt)
			return nil
		}
		known = true
		if raw[0] == 'n' {
			return nil
		}
		if read {
			return at(offset, fmt.Errorf("%s: want it before %s", name, wantCompletions))
		}
		text, err := jsontext.Scalar(raw)
		texts[name] = setText{offset: offset, text: string(text)}
		return at(offset, err)
	})
	if err == nil {
		err = j.finish()
	}
	if err == nil {
		err = at(start, others.err(wantCompletions))
	}
	return err
}

// registrations reads the array of registrations.
func (d *completionReader) registrations(j *jsonReader) error {
	if c, err := j.peek(); err != nil || c == 'n' {
		_, _, err := j.raw()
		return err
	}
	return j.array(func(raw []byte, offset int64) error {
		if raw[0] != '{' {
			return d.bad(hmis.Completion{}, offset, "", want(raw, "an object"))
		}
		var texts [nParts][]byte
		err := jsontext.Members(raw, func(m jsontext.Member) error {
			p := partNamed(m.Name)
			switch {
			case p == noPart && d.names.Ignores(m.Name):
				return nil
			case p == noPart:
				return rows.UnknownName("member", m.Name)
			case texts[p] != nil:
				return fmt.Errorf("%s: want it once", m.Name)
			}
			s, err := jsontext.Scalar(m.Raw)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			texts[p] = s
			return nil
		})
		if err != nil {
			return d.bad(hmis.Completion{}, offset, "", err)
		}
		return d.deliver(offset, &texts)
	})
}

func (d *completionReader) readXML(r io.Reader) error {
	text, skipped, err := open(r)
	if err != nil {
		return err
	}
	x := newXMLReader(text, skipped)
	root, err := x.root("completeDataSetRegistrations")
	if err != nil {
		return err
	}
	texts := setTexts{}
	for _, a := range root.Attr {
		switch name := a.Name.Local; {
		case isScheme(name, true):
			texts[name] = setText{offset: x.offset(), text: a.Value}
		case name == "strategy":
			if err := notDeleted(a.Value); err != nil {
				return x.fail(err)
			}
		case name == "dryRun" || rows.IsNamespace(a) || d.names.Ignores(name):
		default:
			return x.fail(rows.UnknownName("attribute", name))
		}
	}
	if err := d.h.take(texts); err != nil {
		return err
	}
	for {
		start, ok, err := x.child()
		if err != nil || !ok {
			return err
		}
		offset := x.offset()
		inner, err := x.content()
		if err != nil {
			return err
		}
		known := start.Name.Local == "completeDataSetRegistration"
		if !known && d.names.Ignores(start.Name.Local) {
			continue
		}
		var texts [nParts][]byte
		if !known {
			inner = rows.UnknownName("element", start.Name.Local)
		}
		for _, a := range start.Attr {
			if p := partNamed(a.Name.Local); p != noPart {
				texts[p] = []byte(a.Value)
			} else if inner == nil && !rows.IsNamespace(a) && !d.names.Ignores(a.Name.Local) {
				inner = rows.UnknownName("attribute", a.Name.Local)
			}
		}
		if inner != nil {
			err = d.bad(hmis.Completion{}, offset, "", inner)
		} else {
			err = d.deliver(offset, &texts)
		}
		if err != nil {
			return err
		}
	}
}

// notDeleted returns an error for a file whose registrations are to be removed.
// They would be read as completions.
func notDeleted(strategy string) error {
	if strings.HasPrefix(strings.ToUpper(strategy), "DELETE") {
		return fmt.Errorf("strategy: %q: want completions that hold", strategy)
	}
	return nil
}

// A part is a member of a registration. For org units its name differs from
// that in data values.
type part int

const (
	partDataSet part = iota
	partPeriod
	partOrgUnit
	partAttributeCombo
	partDate
	partStoredBy
	partUpdatedBy
	partUpdated
	partCompleted
	nParts
	noPart = nParts
)

func (p part) String() string {
	return [...]string{
		"dataSet", "period", "organisationUnit", "attributeOptionCombo", "date", "storedBy",
		"lastUpdatedBy", "lastUpdated", "completed",
	}[p]
}

func partNamed(name string) part {
	for p := range nParts {
		if p.String() == name {
			return p
		}
	}
	if name == "orgUnit" {
		return partOrgUnit
	}
	return noPart
}

// bad calls Reject for one registration, or returns the error that ends the
// stream.
func (d *completionReader) bad(c hmis.Completion, offset int64, field string, err error) error {
	placed := &ReadError{Offset: offset, Row: d.row, Field: field, Err: err}
	if d.reject == nil {
		return placed
	}
	d.row++
	d.reject(c, placed)
	return nil
}

func (d *completionReader) deliver(offset int64, texts *[nParts][]byte) error {
	c, p, err := d.completion(texts)
	if err != nil {
		return d.bad(c, offset, p.String(), err)
	}
	d.row++
	if !d.yield(c, nil) {
		return errStopped
	}
	return nil
}

// completion parses one registration. If there is an error, p is the part that
// has it. A text that names no object stays as it is.
func (d *completionReader) completion(texts *[nParts][]byte) (c hmis.Completion, p part, err error) {
	h := &d.h
	for _, p := range [...]part{partDataSet, partPeriod, partOrgUnit} {
		if len(texts[p]) == 0 {
			return c, p, errors.New("want one in every registration")
		}
	}
	if c.DataSet, err = h.setID(hmis.KindDataSet, h.Schemes.DataSet, string(texts[partDataSet])); err != nil {
		c.DataSet = hmis.UID(texts[partDataSet])
		return c, partDataSet, err
	}
	if c.Period, err = h.ParsePeriod(string(texts[partPeriod])); err != nil {
		return c, partPeriod, err
	}
	if c.OrgUnit, err = h.setID(hmis.KindOrgUnit, h.Schemes.OrgUnit, string(texts[partOrgUnit])); err != nil {
		c.OrgUnit = hmis.UID(texts[partOrgUnit])
		return c, partOrgUnit, err
	}
	if text := string(texts[partAttributeCombo]); text != "" {
		if c.AttributeCombo, err = h.setID(hmis.KindOptionCombo, h.Schemes.AttributeCombo, text); err != nil {
			c.AttributeCombo = hmis.UID(text)
			return c, partAttributeCombo, err
		}
	}
	for _, t := range [...]struct {
		part part
		to   *time.Time
	}{{partDate, &c.At}, {partUpdated, &c.Updated}} {
		if text := string(texts[t.part]); text != "" {
			m, err := scan.ParseMoment(text)
			if err != nil {
				return c, t.part, err
			}
			*t.to = m.Time
		}
	}
	c.By = string(texts[partStoredBy])
	switch string(texts[partCompleted]) {
	case "", "true":
	case "false":
		c.Withdrawn = true
	default:
		return c, partCompleted, fmt.Errorf("%s: want true or false", quoted(texts[partCompleted]))
	}
	return c, 0, nil
}

// WriteCompletions writes completions as servers do, in JSON or XML. Dates at
// midnight are written without a time of day. CSV is an error.
func (f Format) WriteCompletions(w io.Writer, done iter.Seq2[hmis.Completion, error]) error {
	if f.CSV {
		return errors.New("dhis2: completions are not written in CSV")
	}
	e := &encoder{f: f, w: bufio.NewWriterSize(w, 64<<10), texts: map[textKey]string{}}
	schemes := written(f.Schemes, true)
	var b []byte
	if f.XML {
		b = append(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<completeDataSetRegistrations xmlns=\"http://dhis2.org/schema/dxf/2.0\""...)
		for _, s := range schemes {
			b = appendAttr(b, s[0], s[1])
		}
		b = append(b, '>')
	} else {
		b = append(b, '{')
		for _, s := range schemes {
			b = append(appendJSON(appendMember(b, s[0]), s[1]), ',')
		}
		b = append(b, "\"completeDataSetRegistrations\":["...)
	}
	n := 0
	for c, err := range done {
		if err != nil {
			return err
		}
		texts, err := e.completion(c)
		if err != nil {
			return fmt.Errorf("dhis2: completion %d: %w", n, err)
		}
		b = appendCompletion(b, f.XML, n, texts)
		n++
		if _, err := e.w.Write(b); err != nil {
			return err
		}
		b = b[:0]
	}
	if f.XML {
		b = append(b, "\n</completeDataSetRegistrations>\n"...)
	} else {
		b = append(b, "\n]}\n"...)
	}
	if _, err := e.w.Write(b); err != nil {
		return err
	}
	return e.w.Flush()
}

func (e *encoder) completion(c hmis.Completion) (texts [nParts]string, err error) {
	if c.DataSet == "" || c.OrgUnit == "" || c.Period.IsZero() {
		return texts, errors.New("want a data set, an org unit and a period")
	}
	s := e.f.Schemes
	if texts[partDataSet], err = e.reference(hmis.KindDataSet, cmp.Or(s.DataSet, s.Any), c.DataSet); err != nil {
		return texts, err
	}
	if calendar := cmp.Or(e.f.Calendar, period.Gregorian); c.Period.Calendar() != calendar {
		return texts, fmt.Errorf("period: %s is counted in the %s calendar: want %s", c.Period, c.Period.Calendar(), calendar)
	}
	texts[partPeriod] = c.Period.String()
	if texts[partOrgUnit], err = e.text(rows.OrgUnit, c.OrgUnit); err != nil {
		return texts, err
	}
	if texts[partAttributeCombo], err = e.text(rows.AttributeCombo, c.AttributeCombo); err != nil {
		return texts, err
	}
	texts[partDate], texts[partUpdated] = day(c.At), day(c.Updated)
	texts[partStoredBy] = c.By
	texts[partCompleted] = fmt.Sprint(!c.Withdrawn)
	return texts, nil
}

// day returns a time at midnight as a day, and any other with its time of day.
func day(t time.Time) string {
	if !t.IsZero() && t.Equal(t.Truncate(24*time.Hour)) && t.Location() == time.UTC {
		return t.Format(time.DateOnly)
	}
	return moment(t)
}

func appendCompletion(b []byte, asXML bool, n int, texts [nParts]string) []byte {
	if asXML {
		b = append(b, "\n<completeDataSetRegistration"...)
		for p, text := range texts {
			if text != "" {
				b = appendAttr(b, part(p).String(), text)
			}
		}
		return append(b, "/>"...)
	}
	if n > 0 {
		b = append(b, ',')
	}
	b = append(b, "\n{"...)
	for p, text := range texts {
		if text == "" {
			continue
		}
		if p > 0 {
			b = append(b, ',')
		}
		b = appendMember(b, part(p).String())
		if part(p) == partCompleted {
			b = append(b, text...)
		} else {
			b = appendJSON(b, text)
		}
	}
	return append(b, '}')
}
