package mcsd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/cancel"
	"github.com/ohie-hmis/hmis-go/internal/input"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd/internal/cursor"
)

// A Bundle is what a directory sends at once: one page of a search or of a
// history, or a transaction. Use [ReadBundle] to make one, and pass it to
// [Format.Metadata], [Format.Apply] or [Format.Check]. It does not change and
// is safe for concurrent use.
type Bundle struct {
	Type      string // "searchset", "history", "transaction", ...
	Timestamp string // when the bundle was made, as written; "" if unknown
	Total     int    // number of matches of a search on all pages; -1 if unknown
	Next      string // the URL of the next page; "" on the last one

	entries []*entry
	skipped map[string]int // number of resources of other types, by type
}

// An entry is a resource, or the deletion of a resource.
type entry struct {
	resource
	deleted bool
	at      string // time of this version, as written
}

// A ReadError says where a bundle cannot be read, and why.
type ReadError struct {
	Offset int64  // in bytes of the uncompressed input, from 0
	Path   string // such as "Bundle.entry[3].resource.name"; may be ""
	Err    error
}

// Error returns the error on one line, such as
// "mcsd: offset 120: Bundle.entry[3].resource.name: want text, got a number".
func (e *ReadError) Error() string {
	text := fmt.Sprintf("mcsd: offset %d: ", e.Offset)
	if e.Path != "" {
		text += e.Path + ": "
	}
	return text + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *ReadError) Unwrap() error { return e.Err }

// Limits of a bundle. Tests lower both.
var (
	maxResource = 16 << 20 // bytes of one resource
	maxBundle   = 1 << 30  // bytes of memory for all resources
)

// ReadBundle reads a bundle in JSON, plain, in gzip or in a zip archive. The
// input is read piece by piece, so that memory depends on the resources that it
// holds. An input that is no bundle, such as an OperationOutcome or an error
// page, is a *[ReadError], and so is a resource of more than 16 MiB or a bundle
// that takes more than 1 GiB of memory. [WithContext] stops a long input.
func ReadBundle(r io.Reader) (*Bundle, error) {
	text, skipped, err := input.Open(r)
	if err != nil {
		return nil, &ReadError{Err: err}
	}
	d := &bundleReader{
		window: window{src: text, base: skipped},
		out:    Bundle{Total: -1, skipped: map[string]int{}},
		texts:  map[string]string{},
	}
	if err := d.read(); err != nil {
		return nil, err
	}
	return &d.out, nil
}

// WithContext returns a reader of r that stops when ctx ends: Read then returns
// the error of ctx at once, even while it waits for r. Use it to stop
// [ReadBundle] and [Format.Read]. A Read of r that is still waiting is not
// interrupted, so do not use r again before it has returned.
func WithContext(ctx context.Context, r io.Reader) io.Reader { return cancel.Reader(ctx, r) }

// A bundleReader reads one bundle.
type bundleReader struct {
	window
	out     Bundle
	kind    string // the resourceType of the outermost object
	outcome string // text of the issues if it is an OperationOutcome
	texts   map[string]string
	held    int
}

func (d *bundleReader) read() error {
	c, err := d.peek()
	switch {
	case err != nil:
		return err
	case c == '<':
		return d.fail("", "XML or HTML: want a FHIR Bundle in JSON")
	case c != '{':
		return d.fail("", "%s: want a FHIR Bundle in JSON", quote.Text(d.start(16)))
	}
	d.pos++
	for first := true; ; first = false {
		done, err := d.next(first, '}')
		if err != nil {
			return err
		}
		if done {
			break
		}
		if err := d.member(); err != nil {
			return err
		}
	}
	if c, err := d.peek(); err != nil || c != 0 {
		return cmpErr(err, d.fail("", "%s: want nothing after the Bundle", quote.Text(d.start(16))))
	}
	switch d.kind {
	case "Bundle":
		return nil
	case "OperationOutcome":
		return &ReadError{Err: fmt.Errorf("an OperationOutcome: %s", quote.Cut(d.outcome, 500))}
	case "":
		return &ReadError{Path: "resourceType", Err: errors.New("want a FHIR Bundle")}
	}
	return &ReadError{Path: "resourceType", Err: fmt.Errorf("%s: want a Bundle", quote.Text(d.kind))}
}

// cmpErr returns the first error that is not nil.
func cmpErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// member reads one member of the bundle. Entries are read one by one.
func (d *bundleReader) member() error {
	var name string
	if err := d.value("Bundle", func(c *cursor.Cursor) { name = c.Text() }); err != nil {
		return err
	}
	if c, err := d.peek(); err != nil || c != ':' {
		return cmpErr(err, d.fail("Bundle", "want a colon"))
	}
	d.pos++
	path := "Bundle." + quote.Line(name, 64)
	if d.seen[name] {
		return d.fail(path, "the member is there twice")
	}
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	if len(d.seen) == cursor.MaxMembers {
		return d.fail(path, "want at most %d members", cursor.MaxMembers)
	}
	d.seen[name] = true
	switch name {
	case "entry":
		return d.entryList()
	case "resourceType":
		return d.value(path, func(c *cursor.Cursor) { d.kind = c.Text() })
	case "type":
		return d.value(path, func(c *cursor.Cursor) { d.out.Type = c.Text() })
	case "timestamp":
		return d.value(path, func(c *cursor.Cursor) { d.out.Timestamp = c.Text() })
	case "total":
		return d.value(path, func(c *cursor.Cursor) { d.out.Total = readCount(c) })
	case "link":
		return d.value(path, func(c *cursor.Cursor) { d.out.Next = readNext(c) })
	case "issue":
		return d.value(path, func(c *cursor.Cursor) { d.outcome = readIssues(c) })
	}
	return d.value(path, func(c *cursor.Cursor) { c.Skip() })
}

func (d *bundleReader) entryList() error {
	if c, err := d.peek(); err != nil || c != '[' {
		return cmpErr(err, d.fail("Bundle.entry", "want an array"))
	}
	d.pos++
	for n := 0; ; n++ {
		done, err := d.next(n == 0, ']')
		if err != nil || done {
			return err
		}
		e := new(entry)
		var other string
		err = d.valueAt(func() string { return fmt.Sprintf("Bundle.entry[%d]", n) }, func(c *cursor.Cursor) {
			*e = entry{}
			e.offset = d.offset()
			other = readEntry(c, e, d.intern)
		})
		if err != nil {
			return err
		}
		if other != "" {
			if len(d.out.skipped) < 1000 {
				d.out.skipped[d.intern([]byte(other))]++
			}
			continue
		}
		if d.held += e.size(); d.held > maxBundle {
			return d.fail(fmt.Sprintf("Bundle.entry[%d]", n), "want at most %d MiB of resources", maxBundle>>20)
		}
		d.out.entries = append(d.out.entries, e)
	}
}

// intern returns b as a string. Equal strings share memory.
func (d *bundleReader) intern(b []byte) string {
	if s, ok := d.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= 200 && len(d.texts) < 10_000 {
		d.texts[s] = s
	}
	return s
}

func readCount(c *cursor.Cursor) int {
	at := c.Pos()
	n := 0
	for _, b := range c.Number() {
		if b-'0' > 9 || n > 1e12 {
			c.Failf(at, "want a whole number from 0")
			return -1
		}
		n = 10*n + int(b-'0')
	}
	return n
}

// readNext returns the URL of the link to the next page.
func readNext(c *cursor.Cursor) (next string) {
	for c.Array(); c.Entry(); {
		var relation, url string
		for c.Object(); ; {
			name, ok := c.Member()
			if !ok {
				break
			}
			switch string(name) {
			case "relation":
				relation = c.Text()
			case "url":
				url = c.Text()
			default:
				c.Skip()
			}
		}
		if relation == "next" {
			next = url
		}
	}
	return next
}

// readIssues returns what the issues of an OperationOutcome say, on one line.
func readIssues(c *cursor.Cursor) string {
	var all []string
	for c.Array(); c.Entry(); {
		var severity, code, text string
		for c.Object(); ; {
			name, ok := c.Member()
			if !ok {
				break
			}
			switch string(name) {
			case "severity":
				severity = c.Text()
			case "code":
				code = c.Text()
			case "diagnostics":
				text = c.Text()
			default:
				c.Skip()
			}
		}
		if len(all) < 10 {
			all = append(all, quote.Line(strings.TrimSpace(severity+" "+code+": "+text), 200))
		}
	}
	return strings.Join(all, "; ")
}

// A window is the part of the input that is in memory.
type window struct {
	src  *bufio.Reader
	buf  []byte
	pos  int   // index in buf of the next byte
	base int64 // offset in the input of buf[0]
	end  bool  // src has ended
	seen map[string]bool
	cur  cursor.Cursor
}

func (w *window) offset() int64 { return w.base + int64(w.pos) }

func (w *window) fail(path, format string, args ...any) error {
	return &ReadError{Offset: w.offset(), Path: path, Err: fmt.Errorf(format, args...)}
}

// start returns up to n of the next bytes, for use in an error.
func (w *window) start(n int) string { return string(w.buf[w.pos:min(w.pos+n, len(w.buf))]) }

// windowSize is the number of bytes to read at once.
const windowSize = 256 << 10

// more reads more of the input. It drops the bytes before pos.
func (w *window) more() error {
	if w.pos > 0 {
		n := copy(w.buf, w.buf[w.pos:])
		w.buf, w.base, w.pos = w.buf[:n], w.base+int64(w.pos), 0
	}
	have := len(w.buf)
	want := max(windowSize, 2*have) - have
	for want > 0 && !w.end {
		// The buffer grows only as far as input really arrives.
		piece := min(want, windowSize)
		if cap(w.buf)-len(w.buf) < piece {
			grown := make([]byte, len(w.buf), max(2*len(w.buf), len(w.buf)+piece))
			copy(grown, w.buf)
			w.buf = grown
		}
		n, err := w.src.Read(w.buf[len(w.buf) : len(w.buf)+piece])
		w.buf = w.buf[:len(w.buf)+n]
		want -= n
		if err == io.EOF {
			w.end = true
		} else if err != nil {
			w.pos = len(w.buf)
			return &ReadError{Offset: w.offset(), Err: err}
		}
	}
	return nil
}

// peek skips white space and returns the next byte, or 0 at the end.
func (w *window) peek() (byte, error) {
	for {
		for ; w.pos < len(w.buf); w.pos++ {
			switch c := w.buf[w.pos]; c {
			case ' ', '\t', '\n', '\r':
			case 0:
				return 0, w.fail("", "a zero byte: want JSON")
			default:
				return c, nil
			}
		}
		if w.end {
			return 0, nil
		}
		if err := w.more(); err != nil {
			return 0, err
		}
	}
}

// next advances to the next member or entry. done is true if the closing byte
// came instead.
func (w *window) next(first bool, closing byte) (done bool, err error) {
	c, err := w.peek()
	switch {
	case err != nil:
		return false, err
	case c == closing:
		w.pos++
		return true, nil
	case c == 0:
		return false, w.fail("", "the JSON ends too early: want %q", closing)
	case first:
		return false, nil
	case c != ',':
		return false, w.fail("", "%s: want a comma or %q", quote.Text(w.start(1)), closing)
	}
	w.pos++
	return false, nil
}

// value reads one value. It calls f again from the start of the value when
// more of the input has arrived.
func (w *window) value(path string, f func(*cursor.Cursor)) error {
	return w.valueAt(func() string { return path }, f)
}

func (w *window) valueAt(path func() string, f func(*cursor.Cursor)) error {
	if _, err := w.peek(); err != nil {
		return err
	}
	for {
		w.cur.Reset(w.buf[w.pos:], w.end)
		f(&w.cur)
		err := w.cur.Err()
		if err == nil {
			w.pos += w.cur.Pos()
			return nil
		}
		if err != cursor.ErrShort {
			return w.placed(path(), err)
		}
		if len(w.buf)-w.pos > maxResource {
			return w.fail(path(), "want at most %d MiB", maxResource>>20)
		}
		if err := w.more(); err != nil {
			return err
		}
	}
}

func (w *window) placed(path string, err error) error {
	bad, ok := errors.AsType[*cursor.Error](err)
	if !ok {
		return &ReadError{Offset: w.offset(), Path: path, Err: err}
	}
	switch {
	case bad.Path == "" || strings.HasPrefix(bad.Path, "["):
		path += bad.Path
	default:
		path += "." + bad.Path
	}
	return &ReadError{Offset: w.offset() + int64(bad.Pos), Path: path, Err: errors.New(bad.Msg)}
}
