package xmlstream

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// A Token is the kind of what Next has read.
type Token uint8

// The tokens.
const (
	Start Token = iota + 1 // a start tag, or the tag of an empty element
	End                    // an end tag; the tag of an empty element has none
	Text                   // text in an element
	EOF                    // the end of a complete document
)

// Limits are the largest sizes that a Scanner accepts. All must be positive.
type Limits struct {
	Text  int   // bytes in an attribute, a text between two tags, or a name
	Tag   int   // bytes in a start tag, as written
	Attrs int   // attributes of an element, declarations of namespaces included
	Depth int   // nested elements
	Bytes int64 // bytes of the document
}

// An Attr is an attribute of an element. [Scanner.Value] returns its value.
type Attr struct {
	Space string // namespace, "" without a prefix
	Blank bool   // there may be white space in the value

	// Fields without pointers are cheap to write for each attribute. The name
	// is usually the same as before.
	changed  bool // the value is in scratch, not in the buffer
	name     *name
	at       int // where the attribute stands in the buffer
	from, to int // where the value stands
}

// Name returns the name of the attribute without a prefix.
func (a *Attr) Name() string { return a.name.local }

// A Scanner reads a document token by token. Its exported fields describe the
// token that Next has read, until Next is called again. A Scanner is for one
// goroutine.
type Scanner struct {
	Space, Name string // of a start tag
	Attrs       []Attr // of a start tag, without the declarations of namespaces
	Empty       bool   // the start tag is all there is of the element
	Text        []byte // of a text, without references

	// KeepBlank makes Next return texts of white space only, and white space at
	// the beginning of texts. It may be changed at any time.
	KeepBlank bool

	limits   Limits
	src      io.Reader
	rerr     error // of src, when the buffer is used up
	encoding string
	endian   string // of UTF-16

	// buf[r:w] is input that is not used yet. buf[w] is 0, so that loops stop
	// there.
	buf  []byte
	r, w int
	base int64 // where buf[0] stands in the document, in bytes of UTF-8
	size int64 // bytes taken from src

	// The line of buf[r], and what is needed to count its column.
	line      int
	lineStart int64
	wide      int64 // bytes of the line that are not the first of a character

	token    Pos   // where the token begins
	tagEnd   int   // where the start tag at buf[r] ends; 0 if there is none
	odd      bool  // that tag has line ends or characters beyond ASCII
	opened   bool  // the first bytes have been looked at
	rooted   bool  // the root has been read
	failure  error // what Next returned; it does so for ever
	scratch  []byte
	names    names
	element  *name // of the last start tag
	declared int   // how many bindings the root has made
	repeated int   // where the tag that Repeated has seen ends
	seen     map[string]bool
	stack    []element
	bindings []binding
	root     Pos
}

// An element is one that is not yet closed.
type element struct {
	name     *name
	pos      Pos
	bindings int // how many there were outside of it
}

const bufferSize = 64 << 10

// New returns a Scanner of the document in r.
func New(r io.Reader, limits Limits) *Scanner {
	return &Scanner{
		limits: limits,
		src:    r,
		buf:    make([]byte, bufferSize),
		line:   1,
		names:  names{},
		seen:   map[string]bool{},
	}
}

// Pos returns the place of the token: that of the < of a tag, or of the first
// character of a text.
func (s *Scanner) Pos() Pos { return s.token }

// AttrPos returns where attribute i begins.
func (s *Scanner) AttrPos(i int) Pos { return s.pos(s.Attrs[i].at) }

// Value returns the value of attribute i. References are replaced and white
// space is normalised as XML 1.0 requires.
func (s *Scanner) Value(i int) []byte {
	a := &s.Attrs[i]
	if a.changed {
		return s.scratch[a.from:a.to]
	}
	return s.buf[a.from:a.to]
}

// Depth returns how many elements are open. An element whose start tag was just
// read counts unless it is empty.
func (s *Scanner) Depth() int { return len(s.stack) }

// Head returns up to n bytes of the document from where reading stopped.
func (s *Scanner) Head(n int) []byte { return s.buf[s.r:min(s.w, s.r+n)] }

// Next reads the next token. An error is an *[Error]. After EOF or an error,
// Next returns the same again.
func (s *Scanner) Next() (Token, error) {
	if s.failure != nil {
		return 0, s.failure
	}
	t, err := s.next()
	if err != nil {
		s.failure = err
	}
	return t, err
}

func (s *Scanner) next() (Token, error) {
	if !s.opened {
		s.opened = true
		if err := s.open(); err != nil {
			return 0, err
		}
		if err := s.declaration(); err != nil {
			return 0, err
		}
	}
	s.leaveTag()
	for {
		if !s.KeepBlank || len(s.stack) == 0 {
			s.skipBlank()
		}
		switch {
		case s.exhausted():
			return s.end()
		case s.buf[s.r] != '<':
			t, err := s.text()
			if t != 0 || err != nil {
				return t, err
			}
			continue
		}
		if s.w-s.r < 2 {
			s.more()
		}
		switch s.buf[s.r+1] {
		case '/':
			return s.endTag()
		case '?':
			if err := s.instruction(); err != nil {
				return 0, err
			}
		case '!':
			t, err := s.markup()
			if t != 0 || err != nil {
				return t, err
			}
		default:
			return s.startTag()
		}
	}
}

// leaveTag skips the start tag that was read last. It was kept in the buffer
// for Value and AttrPos.
func (s *Scanner) leaveTag() {
	if s.tagEnd > 0 {
		if s.odd {
			s.advance(s.tagEnd)
		}
		s.r, s.tagEnd = s.tagEnd, 0
	}
}

// end handles the end of the input.
func (s *Scanner) end() (Token, error) {
	switch {
	case s.rerr != io.EOF:
		return 0, s.incomplete("")
	case len(s.stack) > 0:
		open := s.stack[len(s.stack)-1]
		return 0, s.fail(Malformed, s.r, "", "the input ends before "+open.name.raw+" of "+open.pos.at()+" is closed")
	case !s.rooted:
		return 0, s.fail(Malformed, s.r, "", "the input ends without any element")
	}
	return EOF, nil
}

// skipBlank skips white space.
func (s *Scanner) skipBlank() {
	for {
		for s.buf[s.r] == ' ' || s.buf[s.r] == '\t' {
			s.r++
		}
		switch c := s.buf[s.r]; {
		case c == '\n':
			s.r++
			s.newLine()
		case c == '\r':
			s.r++
			if s.r == s.w {
				s.more()
			}
			if s.buf[s.r] != '\n' {
				s.newLine()
			}
		case s.r < s.w || !s.more():
			return
		}
	}
}

// newLine records that a line begins at buf[r].
func (s *Scanner) newLine() {
	s.line++
	s.lineStart = s.base + int64(s.r)
	s.wide = 0
}

// advance moves to buf[to] and counts lines and characters.
func (s *Scanner) advance(to int) {
	for s.r < to {
		c := s.buf[s.r]
		s.r++
		switch {
		case c == '\n', c == '\r' && s.buf[s.r] != '\n':
			s.newLine()
		case c&0xC0 == 0x80:
			s.wide++
		}
	}
}

// pos returns the place of buf[i]. i must not be before r.
func (s *Scanner) pos(i int) Pos {
	line, lineStart, wide := s.line, s.lineStart, s.wide
	for j := s.r; j < i; j++ {
		switch c := s.buf[j]; {
		case c == '\n', c == '\r' && s.buf[j+1] != '\n':
			line, lineStart, wide = line+1, s.base+int64(j)+1, 0
		case c&0xC0 == 0x80:
			wide++
		}
	}
	return Pos{line, int(s.base+int64(i)-lineStart-wide) + 1}
}

// at returns p as text within a sentence.
func (p Pos) at() string { return "line " + itoa(p.Line) }

// fail returns an error at buf[at].
func (s *Scanner) fail(k Kind, at int, got, msg string) error {
	return &Error{Kind: k, Pos: s.pos(at), Got: got, Msg: msg}
}

// incomplete returns the error of an input that ends in the middle of what.
func (s *Scanner) incomplete(what string) error {
	if bad, ok := errors.AsType[*Error](s.rerr); ok {
		return &Error{Kind: bad.Kind, Pos: s.pos(s.w), Msg: bad.Msg}
	}
	if s.rerr != nil && s.rerr != io.EOF {
		return &Error{Kind: Input, Pos: s.pos(s.w), Msg: "the input cannot be read", Err: s.rerr}
	}
	return s.fail(Malformed, s.w, "", "the input ends within "+what)
}

// more reads more of the document into the buffer, which grows if it is full.
// The result is false if there is no more. What was before r is dropped.
func (s *Scanner) more() bool {
	if s.rerr != nil {
		return false
	}
	if s.r > 0 {
		copy(s.buf, s.buf[s.r:s.w])
		s.base += int64(s.r)
		s.w -= s.r
		s.r = 0
	}
	if s.w+1 >= len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	had := s.w
	for s.w == had && s.rerr == nil {
		s.fill()
	}
	return s.w > had
}

// fill reads once from the source.
func (s *Scanner) fill() {
	const patience = 100
	for range patience {
		n, err := s.src.Read(s.buf[s.w : len(s.buf)-1])
		s.w += n
		s.size += int64(n)
		s.buf[s.w] = 0
		s.rerr = err
		if s.size > s.limits.Bytes {
			s.w -= int(min(s.size-s.limits.Bytes, int64(n)))
			s.buf[s.w] = 0
			s.rerr = &Error{Kind: ByteLimit, Msg: "the document is longer than " + itoa(int(s.limits.Bytes)) + " bytes"}
		}
		if n > 0 || err != nil {
			return
		}
	}
	s.rerr = io.ErrNoProgress
}

// char returns the size of the character at buf[i], which is not ASCII. The
// size is 0 if the buffer ends within it.
func (s *Scanner) char(i int) (r rune, size int, err error) {
	if s.w-i < utf8.UTFMax && !utf8.FullRune(s.buf[i:s.w]) {
		if s.rerr == nil {
			return 0, 0, nil
		}
		if s.rerr != io.EOF {
			return 0, 0, s.incomplete("")
		}
	}
	r, size = utf8.DecodeRune(s.buf[i:s.w])
	if r == utf8.RuneError && size <= 1 {
		return 0, 0, s.fail(Encoding, i, "", "byte "+hex(s.buf[i])+" is not part of a character in UTF-8")
	}
	if !isChar(r) {
		return 0, 0, s.fail(Malformed, i, "", "character U+"+hexRune(r)+" is not allowed in XML")
	}
	return r, size, nil
}

// control returns the error for the control character at buf[i].
func (s *Scanner) control(i int) error {
	return s.fail(Malformed, i, "", "character U+"+hexRune(rune(s.buf[i]))+" is not allowed in XML")
}

// find returns the index of mark in the next limit bytes, or -1.
func (s *Scanner) find(mark string, limit int) int {
	s.ahead(limit)
	if i := bytes.Index(s.Head(limit), []byte(mark)); i >= 0 {
		return s.r + i
	}
	return -1
}
