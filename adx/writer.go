package adx

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A Writer writes a message, group by group. What it writes is always valid: a
// group that cannot be written is refused as a whole. The first error ends the
// message, and Write and Close return it from then on. A Writer is for one
// goroutine.
//
// Attributes come in a fixed order (RULES.md#writing): those of the
// profile, dimensions in the order given, then the other ones.
type Writer struct {
	// Header is what the message says about itself. It may be changed before the
	// first Write. Exported is the time of NewWriter unless it is set; what is
	// written of it is UTC with seconds, or ExportedText if it means the same
	// moment.
	Header Header

	// Undated leaves out exported, contrary to the profile.
	Undated bool

	// Edition is the year of the profile, 2015 or 2017; 0 means 2017. Only in the
	// older one a group may be without a data set.
	Edition int

	// Dialect, if it is DHIS2, writes what servers since 2.43 accept: default="default"
	// on groups and values without any dimension, and no annotation on numbers,
	// which it would replace.
	Dialect Dialect

	// Text reports whether the values of a data element are texts, which only the
	// dialect of DHIS2 asks. If nil, a value of 0 with an annotation is one.
	Text func(dataElement string) bool

	// Warn, if not nil, is called for each annotation that is left out.
	Warn func(Finding)

	// Unique refuses values with the same key in the whole message rather than
	// within a group and those that continue it (ADX-049). It costs some 80 bytes
	// of memory for each value.
	Unique bool

	// Indent, if not "", is put before each element once for every element it is
	// in, and each is on its own line. It must be white space.
	Indent string

	w      io.Writer
	buf    []byte
	err    error
	begun  bool
	closed bool
	groups int

	names  []string // of attributes, known to be good
	sorted []*Attr  // used while an element is written

	patterns patterns
	codes    codes
	keys     keys.Set // of the values of the group or message
	last     keys.Key // of the group before
}

// NewWriter returns a Writer to w, which gets the message in pieces of some
// 64 KiB. Header.Exported is the present time.
func NewWriter(w io.Writer) *Writer {
	out := &Writer{w: w, Header: Header{Exported: time.Now().UTC().Truncate(time.Second)}}
	out.codes.init()
	return out
}

// flushAt is how many bytes are gathered before they are written.
const flushAt = 64 << 10

// Write writes one group. It refuses a group that the profile does not allow: the
// error is a *[Finding] with the path of what is wrong, and nothing of the group
// is written.
func (w *Writer) Write(g Group) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return w.fail(errors.New("adx: write after close"))
	}
	if !w.begun {
		if err := w.begin(); err != nil {
			return w.fail(err)
		}
	}
	mark := len(w.buf)
	if f := w.group(&g); f != nil {
		w.buf = w.buf[:mark]
		f.Severity = hmis.Severe
		path := "group[" + strconv.Itoa(w.groups+1) + "]"
		if f.Path != "" {
			path += "/" + f.Path
		}
		f.Path = path
		return w.fail(f)
	}
	w.groups++
	if len(w.buf) >= flushAt {
		return w.flush()
	}
	return nil
}

// Close ends the message. It does not close the underlying writer. A message
// without groups is not valid: Close refuses it and writes nothing. After an
// error of Write it leaves the message visibly cut off and returns that error.
func (w *Writer) Close() error {
	if w.err != nil || w.closed {
		return w.err
	}
	if w.groups == 0 {
		return w.fail(&Finding{Rule: "ADX-012", Severity: hmis.Severe, Want: "at least one group"})
	}
	w.line(0)
	w.buf = append(w.buf, "</adx>\n"...)
	w.closed = true
	return w.flush()
}

// fail makes err the result from now on. What was gathered of earlier groups is
// still written: it is good as far as it goes.
func (w *Writer) fail(err error) error {
	if len(w.buf) > 0 && w.groups > 0 {
		w.flush()
	}
	if w.err == nil {
		w.err = err
	}
	return w.err
}

func (w *Writer) flush() error {
	n, err := w.w.Write(w.buf)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	w.buf = w.buf[:0]
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("adx: %w", err)
	}
	return w.err
}

// line begins a new line for an element that is within depth others.
func (w *Writer) line(depth int) {
	if w.Indent == "" {
		return
	}
	w.buf = append(w.buf, '\n')
	for range depth {
		w.buf = append(w.buf, w.Indent...)
	}
}

// begin writes the XML declaration and the start tag of the root.
func (w *Writer) begin() error {
	for i := range len(w.Indent) {
		if c := w.Indent[i]; c != ' ' && c != '\t' {
			return &Finding{
				Severity: hmis.Severe, Got: w.Indent, Want: "an indent of blanks or tabs",
			}
		}
	}
	if w.Edition != 0 && w.Edition != 2015 && w.Edition != 2017 {
		return &Finding{
			Severity: hmis.Severe, Got: strconv.Itoa(w.Edition), Want: "edition 2015 or 2017",
		}
	}
	w.buf = append(w.buf, `<?xml version="1.0" encoding="UTF-8"?>`...)
	w.buf = append(w.buf, "\n"+`<adx xmlns="`+Namespace+`"`...)
	if !w.Undated {
		text, err := w.exported()
		if err != nil {
			return err
		}
		w.buf = append(w.buf, ` exported="`+text+`"`...)
	}
	f := w.dimensions(w.Header.Attrs, inHeader)
	if f == nil {
		f = w.extras(w.Header.Attrs)
	}
	if f != nil {
		f.Severity = hmis.Severe
		w.buf = w.buf[:0]
		return f
	}
	w.buf = append(w.buf, '>')
	w.begun = true
	return nil
}

// exported returns the text of Header.Exported.
func (w *Writer) exported() (string, error) {
	h := w.Header
	if said, ok := parseDateTime(h.ExportedText); ok && said.Equal(h.Exported) {
		return h.ExportedText, nil
	}
	at := h.Exported.UTC()
	if h.Exported.IsZero() || at.Year() < 1 || at.Year() > maxYear {
		return "", &Finding{
			Rule: "ADX-010", Severity: hmis.Severe, Attr: "exported",
			Want: "a time in Header.Exported",
		}
	}
	return at.Format("2006-01-02T15:04:05Z"), nil
}
