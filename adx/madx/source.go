package madx

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A source reads a resource piece by piece, in JSON or XML. XML has the members
// that the same resource has in JSON, such as resourceType, and _count for the
// extensions of count.
type source interface {
	begin() error // must be called first
	end() error   // returns an error if anything follows the resource in the input

	// fits reports whether the next value has the given kind: '{', '[', '"', or
	// '0' for a number.
	fits(kind byte) (fit, error)

	// object reads an object. It calls f for each member, and f must read its
	// value.
	object(f func(key string) error) error

	// array reads an array. It calls f for each item, and f must read it.
	array(f func(i int) error) error

	text() (string, error)
	number() (string, error)  // reads a number and returns its text
	literal() (string, error) // reads true, false or null
	skip() error              // skips any value
}

// A fit is the result of comparing the kind of a value with an expected kind.
type fit uint8

const (
	other   fit = iota // the value has another kind
	fitting            // the value has the expected kind
	missing            // the value is missing, but has extensions in its place
)

// open returns the source of the resource in r, and its place.
func open(r io.Reader, l adx.Limits) (*cursor, source) {
	c := newCursor(l)
	in := bufio.NewReaderSize(r, 32<<10)
	if isXML(in) {
		return c, newXMLReader(c, in)
	}
	if start, _ := in.Peek(3); string(start) == "\xEF\xBB\xBF" {
		_, _ = in.Discard(3)
	}
	return c, &jsonReader{cursor: c, r: in}
}

// isXML reports whether a text begins with <, after white space and a byte order
// mark of UTF-8 or UTF-16.
func isXML(in *bufio.Reader) bool {
	const blank = 256 // no more than this many bytes of white space are searched
	start, _ := in.Peek(blank)
	for _, mark := range []string{"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"} {
		start = bytes.TrimPrefix(start, []byte(mark))
	}
	return bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n\x00"), []byte{'<'})
}

// A place is a line and a column in characters, both from 1.
type place struct{ line, column int }

// A cursor is the position of a source: a line, a column and a FHIRPath. It
// also counts what is limited.
type cursor struct {
	limits adx.Limits
	at     place // the line and column of the next byte or tag
	path   []step
	depth  int
	texts  map[string]string // the texts read so far, so that equal ones share memory
	skips  int               // number of values being skipped; inside them a text may be longer
	held   int64             // memory in bytes that the resource has used so far
}

// A step is one part of a path: a member or, if its name is "", an index.
type step struct {
	name  string
	index int
}

func newCursor(l adx.Limits) *cursor {
	fill := func(limit *int, def int) {
		if *limit == 0 {
			*limit = def
		} else if *limit < 0 {
			*limit = int(^uint(0) >> 1)
		}
	}
	fill(&l.Text, 64<<10)
	fill(&l.Attrs, 256)
	fill(&l.Digits, 1000)
	fill(&l.Depth, 64)
	fill(&l.Group, 1_000_000)
	switch {
	case l.Memory == 0:
		l.Memory = 256 << 20
	case l.Memory < 0:
		l.Memory = int64(^uint64(0) >> 1)
	}
	return &cursor{limits: l, at: place{1, 1}, texts: map[string]string{}}
}

// pathOf returns the FHIRPath of steps below a root:
// "Bundle.entry[2].resource".
func pathOf(root string, path []step) string {
	var b strings.Builder
	b.WriteString(root)
	for _, s := range path {
		if s.name != "" {
			b.WriteString("." + token.Name(s.name))
		} else {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	return b.String()
}

// fail returns finding f at a place. It ends reading.
func (c *cursor) fail(at place, f adx.Finding) error {
	f.Severity, f.Line, f.Column = hmis.Critical, at.line, at.column
	f.Path = strings.TrimPrefix(pathOf("", c.path), ".")
	return &f
}

// wrongForm returns a finding about the form of the text at a place. It ends
// reading.
func (c *cursor) wrongForm(at place, format string, args ...any) error {
	return c.fail(at, adx.Finding{Rule: "MADX-002", Err: fmt.Errorf(format, args...)})
}

// hold counts n bytes of memory that are kept until a resource has been read.
func (c *cursor) hold(n int) error {
	if c.held += int64(n); c.held > c.limits.Memory {
		return c.fail(c.at, adx.Finding{
			Rule: "ADX-164",
			Err:  fmt.Errorf("the resource takes more than %d bytes", c.limits.Memory),
		})
	}
	return nil
}

func (c *cursor) enter() error {
	if c.depth++; c.depth > c.limits.Depth {
		return c.fail(c.at, adx.Finding{
			Rule: "ADX-163",
			Err:  fmt.Errorf("values nested more than %d deep", c.limits.Depth),
		})
	}
	return nil
}

// intern returns b as a string. Equal strings share their memory.
func (c *cursor) intern(b []byte) string {
	if s, ok := c.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if c.skips == 0 {
		c.held += int64(len(s)) // the limit is checked when the next object begins
	}
	if len(c.texts) < 100_000 && len(s) <= 256 && c.skips == 0 {
		c.texts[s] = s
	}
	return s
}

// A memberList has the names of the members of an object that have been read so
// far.
type memberList []string

// add adds the name of a member. It returns an error if the name repeats, or if
// there are too many.
func (l *memberList) add(c *cursor, at place, name string) error {
	if slices.Contains(*l, name) {
		return c.wrongForm(at, "member %s is there twice", quote.Text(name))
	}
	if *l = append(*l, name); len(*l) > c.limits.Attrs {
		return c.fail(at, adx.Finding{
			Rule: "ADX-161",
			Err:  fmt.Errorf("more than %d members", c.limits.Attrs),
		})
	}
	return nil
}

// located returns err if it is a finding, and otherwise the error of the input.
func located(err error) error {
	if f, ok := errors.AsType[*adx.Finding](err); ok {
		return f
	}
	return fmt.Errorf("adx: %w", err)
}
