package dsd

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The largest definition that is read. A list of 200,000 org units with names
// fits ten times over.
const (
	maxBytes    = 64 << 20
	maxElements = 1_000_000
	maxDepth    = 64
	maxAttrs    = 256
	maxText     = 64 << 10
)

// A place is where something begins in a document; the zero place is unknown.
type place struct{ line, column int }

// An element is a start tag with its names resolved.
type element struct {
	space, name string
	attrs       []xml.Attr
	at          place
}

// attr returns an attribute without namespace, white space collapsed.
func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local == name {
			return collapse(a.Value)
		}
	}
	return ""
}

func (e *element) is(space, name string) bool { return e.space == space && e.name == name }

// A scanner walks a document element by element. It adds to encoding/xml what
// that package leaves to its callers (ADX specification, section 15): no
// DOCTYPE, bound prefixes, matching tags, unique attributes, one root, limits.
type scanner struct {
	dec      *xml.Decoder
	in       *input
	open     []openTag
	elements int
}

type openTag struct {
	raw   xml.Name // as written, prefix and all
	bound []binding
}

type binding struct{ prefix, space string }

func newScanner(r io.Reader) (*scanner, error) {
	in, err := newInput(r)
	if err != nil {
		return nil, err
	}
	s := &scanner{in: in, dec: xml.NewDecoder(in)}
	s.dec.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if in.wide && strings.EqualFold(label, "UTF-16") {
			return r, nil
		}
		return nil, fmt.Errorf("encoding %q: want UTF-8, or UTF-16 with a byte-order mark", label)
	}
	return s, nil
}

// root reads up to the root element. Its content is read with children, and
// then end must be called.
func (s *scanner) root() (element, error) {
	for {
		t, at, err := s.token()
		if err != nil {
			return element{}, err
		}
		switch t := t.(type) {
		case xml.CharData:
			if !blank(t) {
				return element{}, s.fail("ADX-001", at, "text before the root element: %s", quoteStart(t))
			}
		case xml.StartElement:
			return s.enter(t, at)
		case xml.EndElement:
			return element{}, s.fail("ADX-001", at, "an end tag without a start tag")
		}
	}
}

// end checks that nothing follows the root element.
func (s *scanner) end() error {
	for {
		t, at, err := s.token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.CharData:
			if blank(t) {
				continue
			}
		case xml.Comment, xml.ProcInst:
			continue
		}
		return s.fail("ADX-001", at, "content after the root element")
	}
}

// children calls f for each child of the element that was entered last, and
// returns the text between them. What f does not read of a child is skipped.
func (s *scanner) children(f func(e element) error) (string, error) {
	depth := len(s.open)
	var text []byte
	for {
		t, at, err := s.token()
		if err == io.EOF {
			return "", s.fail("ADX-001", at, "the document ends inside element %s", s.open[depth-1].raw.Local)
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			if len(text)+len(t) > maxText {
				if blank(t) {
					continue
				}
				return "", s.fail("ADX-160", at, "text of more than %d bytes", maxText)
			}
			text = append(text, t...)
		case xml.StartElement:
			e, err := s.enter(t, at)
			if err != nil {
				return "", err
			}
			if f != nil {
				if err := f(e); err != nil {
					return "", err
				}
			}
			for len(s.open) > depth {
				if _, err := s.children(nil); err != nil {
					return "", err
				}
			}
		case xml.EndElement:
			if t.Name != s.open[depth-1].raw {
				return "", s.fail("ADX-001", at, "element %s is closed by %s", s.open[depth-1].raw.Local, t.Name.Local)
			}
			s.open = s.open[:depth-1]
			return string(text), nil
		}
	}
}

// text returns the text of the element that was entered last.
func (s *scanner) text() (string, error) { return s.children(nil) }

// enter resolves the names of a start tag and makes it the innermost element.
func (s *scanner) enter(t xml.StartElement, at place) (element, error) {
	if s.elements++; s.elements > maxElements {
		return element{}, s.fail("ADX-164", at, "more than %d elements", maxElements)
	}
	if len(s.open) >= maxDepth {
		return element{}, s.fail("ADX-163", at, "elements nested more than %d deep", maxDepth)
	}
	if len(t.Attr) > maxAttrs {
		return element{}, s.fail("ADX-161", at, "element %s has %d attributes, more than %d", t.Name.Local, len(t.Attr), maxAttrs)
	}
	tag := openTag{raw: t.Name}
	attrs := make([]xml.Attr, 0, len(t.Attr))
	for _, a := range t.Attr {
		if len(a.Value) > maxText {
			return element{}, s.fail("ADX-160", at, "attribute %s has %d bytes, more than %d", a.Name.Local, len(a.Value), maxText)
		}
		var b binding
		switch {
		case a.Name.Space == "xmlns":
			b = binding{a.Name.Local, a.Value}
		case a.Name.Space == "" && a.Name.Local == "xmlns":
			b = binding{"", a.Value}
		default:
			attrs = append(attrs, a)
			continue
		}
		const xmlSpace = "http://www.w3.org/XML/1998/namespace"
		if b.prefix != "" && b.space == "" || b.prefix == "xmlns" || (b.prefix == "xml") != (b.space == xmlSpace) {
			return element{}, s.fail("ADX-001", at, "prefix %q cannot be bound to %q", b.prefix, b.space)
		}
		if slices.ContainsFunc(tag.bound, func(o binding) bool { return o.prefix == b.prefix }) {
			return element{}, s.fail("ADX-001", at, "prefix %q is bound twice", b.prefix)
		}
		tag.bound = append(tag.bound, b)
	}
	s.open = append(s.open, tag)
	space, ok := s.lookup(t.Name.Space)
	if !ok {
		return element{}, s.fail("ADX-001", at, "prefix %q of element %s is not bound", t.Name.Space, t.Name.Local)
	}
	for i := range attrs {
		if p := attrs[i].Name.Space; p != "" { // the default namespace is not for attributes
			if attrs[i].Name.Space, ok = s.lookup(p); !ok {
				return element{}, s.fail("ADX-001", at, "prefix %q of attribute %s is not bound", p, attrs[i].Name.Local)
			}
		}
		for j := range i {
			if attrs[j].Name == attrs[i].Name {
				return element{}, s.fail("ADX-001", at, "attribute %s is there twice", attrs[i].Name.Local)
			}
		}
	}
	return element{space, t.Name.Local, attrs, at}, nil
}

func (s *scanner) lookup(prefix string) (string, bool) {
	if prefix == "xml" {
		return prefix, true
	}
	for i := len(s.open) - 1; i >= 0; i-- {
		for _, b := range s.open[i].bound {
			if b.prefix == prefix {
				return b.space, true
			}
		}
	}
	return "", prefix == ""
}

// token returns the next token and where it begins.
func (s *scanner) token() (xml.Token, place, error) {
	at := s.at()
	first := s.dec.InputOffset() == 0
	t, err := s.dec.RawToken()
	if err == io.EOF {
		if len(s.open) == 0 && s.elements > 0 {
			return nil, at, io.EOF
		}
		return nil, at, s.fail("ADX-001", at, "the document ends before its root element does")
	}
	if err != nil {
		if limit, ok := errors.AsType[*limitError](err); ok {
			return nil, at, s.fail("ADX-164", at, "%w", limit)
		}
		if text, ok := errors.AsType[*xml.SyntaxError](err); ok {
			rule := "ADX-001"
			if text.Msg == "invalid UTF-8" {
				rule = "ADX-002"
			}
			return nil, at, s.fail(rule, s.at(), "%s", text.Msg)
		}
		if strings.Contains(err.Error(), "encoding") { // of the CharsetReader
			return nil, at, s.fail("ADX-002", at, "%w", err)
		}
		return nil, at, s.fail("ADX-001", at, "%w", err)
	}
	switch t := t.(type) {
	case xml.Directive:
		return nil, at, s.fail("ADX-003", at, "a DOCTYPE: want none")
	case xml.ProcInst:
		if strings.EqualFold(t.Target, "xml") {
			if !first {
				return nil, at, s.fail("ADX-001", at, "an XML declaration inside the document")
			}
			if s.in.wide && bytes.Contains(bytes.ToUpper(t.Inst), []byte("UTF-8")) {
				return nil, at, s.fail("ADX-002", at, "the byte-order mark says UTF-16 and the declaration UTF-8")
			}
		}
	}
	return t, at, nil
}

func (s *scanner) at() place {
	line, column := s.dec.InputPos()
	return place{line, column}
}

func (s *scanner) fail(rule string, at place, format string, args ...any) error {
	f := found(rule, critical, at, "", format, args...)
	return &f
}

// quoteStart quotes the first bytes of something that is not as it should be.
func quoteStart(b []byte) string {
	b = bytes.TrimSpace(b)
	if len(b) > 60 {
		b = b[:60]
	}
	return fmt.Sprintf("%q", b)
}

func blank(b []byte) bool { return len(bytes.Trim(b, " \t\r\n")) == 0 }

// An input is a document as UTF-8, whatever its encoding, up to maxBytes.
type input struct {
	r    io.RuneReader
	src  io.Reader
	wide bool // it was UTF-16
	left int64
	rest []byte // encoded and not yet read
}

type limitError struct{}

func (*limitError) Error() string { return fmt.Sprintf("more than %d bytes", int64(maxBytes)) }

func newInput(r io.Reader) (*input, error) {
	b := bufio.NewReaderSize(r, 32<<10)
	start, err := b.Peek(4)
	if err != nil && err != io.EOF {
		return nil, err
	}
	in := &input{src: b, left: maxBytes}
	refuse := func(what string) (*input, error) {
		f := found("ADX-002", critical, place{1, 1}, "", "%s: want UTF-8, or UTF-16 with a byte-order mark", what)
		return nil, &f
	}
	switch {
	case bytes.HasPrefix(start, []byte{0x1F, 0x8B}):
		return refuse("gzip data")
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return refuse("zip data")
	case bytes.HasPrefix(start, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(start, []byte{0, 0, 0xFE, 0xFF}):
		return refuse("UTF-32")
	case bytes.HasPrefix(start, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = b.Discard(3)
	case bytes.HasPrefix(start, []byte{0xFE, 0xFF}), bytes.HasPrefix(start, []byte{0xFF, 0xFE}):
		_, _ = b.Discard(2)
		in.wide = true
		in.r = &utf16Reader{r: b, little: start[0] == 0xFF}
	case bytes.Contains(start, []byte{0}):
		return refuse("bytes with zeros")
	}
	return in, nil
}

func (in *input) Read(p []byte) (int, error) {
	if in.left <= 0 {
		return 0, &limitError{}
	}
	if in.r == nil {
		n, err := in.src.Read(p[:min(int64(len(p)), in.left)])
		in.left -= int64(n)
		return n, err
	}
	for len(in.rest) == 0 {
		c, _, err := in.r.ReadRune()
		if err != nil {
			return 0, err
		}
		in.rest = utf8.AppendRune(in.rest[:0], c)
	}
	n := copy(p, in.rest)
	in.rest = in.rest[n:]
	in.left -= int64(n)
	return n, nil
}

type utf16Reader struct {
	r      *bufio.Reader
	little bool
}

func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.r, b[:]); err != nil {
		if err == io.ErrUnexpectedEOF {
			return 0, errors.New("encoding UTF-16: half a character at the end")
		}
		return 0, err
	}
	if u.little {
		b[0], b[1] = b[1], b[0]
	}
	return rune(b[0])<<8 | rune(b[1]), nil
}

func (u *utf16Reader) ReadRune() (rune, int, error) {
	c, err := u.unit()
	if err != nil || !utf16.IsSurrogate(c) {
		return c, 2, err
	}
	low, err := u.unit()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return 0, 0, err
	}
	if c = utf16.DecodeRune(c, low); c == utf8.RuneError {
		return 0, 0, errors.New("encoding UTF-16: half a surrogate pair")
	}
	return c, 4, nil
}
