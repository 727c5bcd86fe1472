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

// A Writer writes a message, group by group. The message is valid: if anything
// in a group is not, nothing of the group is written. After the first error
// Write and Close return that error. A Writer is for one goroutine.
//
// Attributes have a fixed order (RULES.md#writing): first those of the profile,
// then dimensions in the order given, then all others by name.
type Writer struct {
	// Header has the attributes of the message. Set it before the first Write.
	// NewWriter sets Exported to the present time. It is written in UTC with
	// seconds, or as ExportedText if that means the same moment.
	Header Header

	// Undated leaves out the attribute exported, which the profile requires.
	Undated bool

	// Edition is the year of the profile, 2015 or 2017; 0 means 2017. Groups of
	// the older edition may have no data set.
	Edition int

	// Dialect DHIS2 writes what servers since 2.43 accept: default="default" on
	// groups and values without dimensions, and no annotations of numbers,
	// because a server stores the annotation instead of the number.
	Dialect Dialect

	// Text reports whether the values of a data element are texts. Only the
	// dialect of DHIS2 calls it. If nil, a value of 0 with an annotation is a
	// text.
	Text func(dataElement string) bool

	// Warn, if not nil, is called for each annotation that the dialect leaves
	// out.
	Warn func(Finding)

	// Unique compares the keys of all values of the message (ADX-049), not only
	// those of a group and the groups that continue it. It needs about 80 bytes
	// of memory for each value.
	Unique bool

	// Indent, if not empty, starts each element on a new line, with one Indent
	// for every element around it. It must be blanks or tabs.
	Indent string

	w      io.Writer
	buf    []byte
	err    error
	begun  bool
	closed bool
	groups int

	names  []string // names of attributes that are known to be valid
	sorted []*Attr  // memory that is used while an element is written

	patterns patterns
	codes    interner
	keys     keys.Set // keys of the values in the group or message
	last     keys.Key // the key of the previous group
}

// NewWriter returns a Writer that writes to w in pieces of some 64 KiB. It sets
// Header.Exported to the present time.
func NewWriter(w io.Writer) *Writer {
	out := &Writer{w: w, Header: Header{Exported: time.Now().UTC().Truncate(time.Second)}}
	out.codes.init()
	return out
}

// flushAt is the number of bytes that are buffered before they are written.
const flushAt = 64 << 10

// Write writes one group. If the profile does not allow it, nothing of the
// group is written, and the error is a *[Finding] with the path of the fault.
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
// without groups is not valid: Close returns an error and writes nothing. After
// an error of Write, Close leaves the message without its end tag and returns
// that error.
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

// fail makes err the result of all later calls. It first writes the groups that
// are still in the buffer, since they are valid.
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

// line starts a new line for an element at the given depth.
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
