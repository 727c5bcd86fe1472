package xmlstream

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// A Token is the kind of piece that Next has read.
type Token uint8

// These are the tokens.
const (
	Start Token = iota + 1 // a start tag, or the tag of an empty element
	End                    // an end tag; an empty element has none
	Text                   // text in an element
	EOF                    // the end of the document
)

// Limits are the largest sizes that a Scanner accepts. All must be positive.
type Limits struct {
	Text  int   // largest length in bytes of an attribute, a text between two tags, or a name
	Tag   int   // largest length in bytes of a start tag, as written
	Attrs int   // largest number of attributes of an element, including namespace declarations
	Depth int   // largest depth of nested elements
	Bytes int64 // largest length in bytes of the document
}

// An Attr is an attribute of an element. [Scanner.Value] returns its value.
type Attr struct {
	Space string // the namespace; "" for an attribute without a prefix
	Blank bool   // the value may contain white space

	// The following fields have no pointers, so that writing them is cheap. The
	// name is usually the same as before.
	changed  bool // the value is in scratch, not in the buffer
	name     *name
	at       int // where the attribute begins in the buffer
	from, to int // where the value is in the buffer
}

// Name returns the name of the attribute without a prefix.
func (a *Attr) Name() string { return a.name.local }

// A Scanner reads a document token by token. Its exported fields describe the
// last token, until Next is called again. A Scanner is for one goroutine.
type Scanner struct {
	Space, Name string // the name of a start tag
	Attrs       []Attr // the attributes of a start tag, without namespace declarations
	Empty       bool   // the start tag is the whole element
	Text        []byte // the text, with references replaced

	// KeepBlank makes Next also return texts that are only white space, and
	// white space at the beginning of texts. It may be changed at any time.
	KeepBlank bool

	limits   Limits
	src      io.Reader
	rerr     error // the error of src, returned after the buffer is used up
	encoding string
	endian   string // "UTF-16BE" or "UTF-16LE"; "" for UTF-8

	// buf[r:w] is input that is not used yet. buf[w] is 0, so that loops end
	// there.
	buf  []byte
	r, w int
	base int64 // the offset of buf[0] in the document, in bytes of UTF-8
	size int64 // number of bytes read from src

	// line and the following fields determine the line and column of buf[r].
	line      int
	lineStart int64
	wide      int64 // number of bytes in the line that do not begin a character

	token    Pos   // the place of the last token
	tagEnd   int   // the end of the start tag at buf[r]; 0 if there is none
	odd      bool  // the tag up to tagEnd has line ends or characters that are not ASCII
	opened   bool  // the encoding has been detected
	rooted   bool  // the start tag of the root has been read
	failure  error // if not nil, the error that Next returns from now on
	scratch  []byte
	names    names
	element  *name // the name of the last start tag
	declared int   // the number of namespace bindings that the root declares
	repeated int   // the end of the tag that Repeated has found
	seen     map[string]bool
	stack    []element
	bindings []binding
	root     Pos
}

// An element is a start tag whose end tag has not been read yet.
type element struct {
	name     *name
	pos      Pos
	bindings int // number of bindings outside the element
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

// Pos returns the place of the last token: the < of a tag, or the first
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

// Head returns up to n bytes of the document from the place where reading
// stopped.
func (s *Scanner) Head(n int) []byte { return s.buf[s.r:min(s.w, s.r+n)] }

// Next reads the next token. An error is an *[Error]. After EOF or an error,
// later calls return the same.
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

// leaveTag drops the last start tag from the buffer, where it was kept for
// Value and AttrPos.
func (s *Scanner) leaveTag() {
	if s.tagEnd > 0 {
		if s.odd {
			s.advance(s.tagEnd)
		}
		s.r, s.tagEnd = s.tagEnd, 0
	}
}

// end returns EOF, or an error if the document is not complete.
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

// at returns p in words, for use in a sentence.
func (p Pos) at() string { return "line " + itoa(p.Line) }

// fail returns an error at buf[at].
func (s *Scanner) fail(k Kind, at int, got, msg string) error {
	return &Error{Kind: k, Pos: s.pos(at), Got: got, Msg: msg}
}

// incomplete returns the error of an input that ends inside the markup that
// what names.
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
// It drops the bytes before r. The result is false at the end of the document.
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

// char returns the character at buf[i], which is not ASCII, and its size. The
// size is 0 if the buffer ends inside it.
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
