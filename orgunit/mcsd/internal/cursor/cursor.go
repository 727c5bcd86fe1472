// Package cursor reads a JSON text in memory once, from front to back. Its
// errors say where in the text they occurred.
package cursor

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Limits of one text.
const (
	MaxDepth   = 64  // levels of nesting
	MaxMembers = 256 // members of one object that are compared one by one
)

// ErrShort is the error of a text that ends within a value although the input
// has more.
var ErrShort = errors.New("the text ends within a JSON value")

// An Error is an error at a position in the text.
type Error struct {
	Pos  int
	Path string // such as "resource.name[2]", in the style of FHIRPath; may be ""
	Msg  string
}

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// A Cursor reads a JSON text (RFC 8259) from its current position. After the
// first error all methods do nothing.
type Cursor struct {
	text   []byte
	pos    int
	final  bool
	err    error
	frames []frame
	names  [][]byte // names of the members read so far, of all open objects
}

// A frame is an object or array that has not ended yet.
type frame struct {
	object bool
	begun  bool
	index  int // index of the current entry of an array
	names  int // index in Cursor.names of the object's first name
}

// Reset puts the cursor at the start of a text. final means that no more input
// will follow.
func (c *Cursor) Reset(text []byte, final bool) {
	*c = Cursor{text: text, final: final, frames: c.frames[:0], names: c.names[:0]}
}

// Pos returns the position of the next byte.
func (c *Cursor) Pos() int { return c.pos }

// Err returns the first error: [ErrShort], an *[Error], or the error passed to
// Fail.
func (c *Cursor) Err() error { return c.err }

// Failf records an error at a position.
func (c *Cursor) Failf(pos int, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{pos, c.path(), fmt.Sprintf(format, args...)}
	}
}

func (c *Cursor) short(want string) {
	if c.err != nil {
		return
	}
	if !c.final {
		c.err = ErrShort
		return
	}
	c.Failf(c.pos, "the JSON ends too early: want %s", want)
}

// path returns the current place in the style of FHIRPath.
func (c *Cursor) path() string {
	var b strings.Builder
	for i, f := range c.frames {
		last := len(c.names)
		if i+1 < len(c.frames) {
			last = c.frames[i+1].names
		}
		switch {
		case f.object && last > f.names:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(quote.Line(string(c.names[last-1]), 64))
		case !f.object && f.begun:
			b.WriteString("[" + strconv.Itoa(f.index) + "]")
		}
	}
	return b.String()
}

// Peek skips white space and returns the next byte without reading it, or 0
// after an error.
func (c *Cursor) Peek() byte {
	if c.err != nil {
		return 0
	}
	for ; c.pos < len(c.text); c.pos++ {
		switch b := c.text[c.pos]; b {
		case ' ', '\t', '\n', '\r':
		default:
			return b
		}
	}
	c.short("a value")
	return 0
}

// Object reads the start of an object. It returns false, with an error, if
// something else is next.
func (c *Cursor) Object() bool { return c.begin('{', "an object") }

// Array reads the start of an array. It returns false, with an error, if
// something else is next.
func (c *Cursor) Array() bool { return c.begin('[', "an array") }

func (c *Cursor) begin(open byte, want string) bool {
	if b := c.Peek(); b != open {
		c.want(want)
		return false
	}
	if len(c.frames) == MaxDepth {
		c.Failf(c.pos, "want at most %d levels of nesting", MaxDepth)
		return false
	}
	c.pos++
	c.frames = append(c.frames, frame{object: open == '{', index: -1, names: len(c.names)})
	return true
}

// more advances to the next member or entry. After the last one it reads the
// closing byte and returns false.
func (c *Cursor) more(closing byte) bool {
	f := &c.frames[len(c.frames)-1]
	b := c.Peek()
	switch {
	case c.err != nil:
		return false
	case b == closing:
		c.pos++
		c.names = c.names[:f.names]
		c.frames = c.frames[:len(c.frames)-1]
		return false
	case f.begun && b != ',':
		c.Failf(c.pos, "%q: want a comma or %q", c.text[c.pos:c.pos+1], closing)
		return false
	case f.begun:
		c.pos++
		c.Peek()
	}
	f.begun = true
	f.index++
	return c.err == nil
}

// Member advances to the next member of an object and returns its name, which
// shares memory with the text. ok is false after the last member. A repeated
// name is an error.
func (c *Cursor) Member() (name []byte, ok bool) {
	if c.err != nil || !c.more('}') {
		return nil, false
	}
	at := c.pos
	f := &c.frames[len(c.frames)-1]
	if c.Peek() != '"' {
		c.Failf(at, "%q: want the name of a member", c.text[at:at+1])
		return nil, false
	}
	name = c.String()
	if c.err != nil {
		return nil, false
	}
	for _, other := range c.names[f.names:] {
		if bytes.Equal(name, other) {
			c.Failf(at, "member %s is there twice", quote.Text(string(name)))
			return nil, false
		}
	}
	if len(c.names)-f.names == MaxMembers {
		c.Failf(at, "want at most %d members", MaxMembers)
		return nil, false
	}
	c.names = append(c.names, name)
	if c.Peek() != ':' {
		c.want("a colon")
		return nil, false
	}
	c.pos++
	return name, true
}

// Entry advances to the next entry of an array. It returns false after the last
// one.
func (c *Cursor) Entry() bool { return c.err == nil && c.more(']') }

// want records the error that what was expected, but something else comes next.
func (c *Cursor) want(what string) {
	if c.err != nil {
		return
	}
	c.Failf(c.pos, "want %s, got %s", what, kindOf(c.text[c.pos:]))
}

func kindOf(text []byte) string {
	switch b := text[0]; {
	case b == '"':
		return "text"
	case b == '{':
		return "an object"
	case b == '[':
		return "an array"
	case b == 't', b == 'f':
		return "a boolean"
	case b == 'n':
		return "null"
	case b == '-' || b-'0' <= 9:
		return "a number"
	}
	_, n := utf8.DecodeRune(text)
	return fmt.Sprintf("%q", text[:n])
}

// String reads a string and returns its content, which shares memory with the
// text if it has no escapes.
func (c *Cursor) String() []byte {
	if c.Peek() != '"' {
		c.want("text")
		return nil
	}
	start := c.pos + 1
	escapes, ascii := false, true
	for i := start; i < len(c.text); i++ {
		switch b := c.text[i]; {
		case b == '"':
			inner := c.text[start:i]
			if !ascii && !utf8.Valid(inner) {
				c.Failf(start, "want UTF-8")
				return nil
			}
			c.pos = i + 1
			if escapes {
				return c.unescape(inner, start)
			}
			return inner
		case b < ' ':
			c.Failf(i, "%q: want no control character in a string", c.text[i:i+1])
			return nil
		case b == '\\':
			escapes = true
			i++ // an escaped character does not end the string
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	c.pos = len(c.text)
	c.short("the end of a string")
	return nil
}

// Text is String as a string.
func (c *Cursor) Text() string { return string(c.String()) }

// Bool reads true or false.
func (c *Cursor) Bool() bool {
	switch c.Peek() {
	case 't':
		return c.word("true")
	case 'f':
		c.word("false")
	default:
		c.want("a boolean")
	}
	return false
}

// word reads a literal such as "true". It returns false if something else is
// next.
func (c *Cursor) word(w string) bool {
	rest := c.text[c.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte(w)):
		c.pos += len(w)
		return true
	case len(rest) < len(w) && strings.HasPrefix(w, string(rest)):
		c.pos = len(c.text)
		c.short(w)
	default:
		c.Failf(c.pos, "want %s", w)
	}
	return false
}

// Number reads a number and returns it as it is written.
func (c *Cursor) Number() []byte {
	if b := c.Peek(); b != '-' && b-'0' > 9 {
		c.want("a number")
		return nil
	}
	i, start := c.pos, c.pos
	digits := func() bool {
		first := i
		for i < len(c.text) && c.text[i]-'0' <= 9 {
			i++
		}
		return i > first
	}
	at := func(b byte) bool { return i < len(c.text) && c.text[i]|0x20 == b|0x20 }
	if c.text[i] == '-' {
		i++
	}
	leading := i
	ok := digits()
	if ok && c.text[leading] == '0' && i > leading+1 {
		c.Failf(leading, "want a number without leading zeros")
		return nil
	}
	if ok && i < len(c.text) && c.text[i] == '.' {
		i++
		ok = digits()
	}
	if ok && at('e') {
		if i++; i < len(c.text) && (c.text[i] == '+' || c.text[i] == '-') {
			i++
		}
		ok = digits()
	}
	switch {
	case i == len(c.text) && (!c.final || !ok):
		c.pos = i
		c.short("a digit") // more digits may follow in the input
		return nil
	case !ok:
		c.Failf(i, "%q: want a digit", c.text[i:i+1])
		return nil
	}
	c.pos = i
	return c.text[start:i]
}

// Skip checks and skips any value. It returns the value as written, without
// white space around it.
func (c *Cursor) Skip() []byte {
	b := c.Peek()
	start := c.pos
	c.skip(b, len(c.frames))
	if c.err != nil {
		return nil
	}
	return c.text[start:c.pos]
}

func (c *Cursor) skip(b byte, depth int) {
	switch {
	case c.err != nil:
	case b == '{', b == '[':
		if depth == MaxDepth {
			c.Failf(c.pos, "want at most %d levels of nesting", MaxDepth)
			return
		}
		c.skipNested(b, depth+1)
	case b == '"':
		c.String()
	case b == 't':
		c.word("true")
	case b == 'f':
		c.word("false")
	case b == 'n':
		c.word("null")
	case b == '-', b-'0' <= 9:
		c.Number()
	default:
		c.want("a value")
	}
}

func (c *Cursor) skipNested(open byte, depth int) {
	closing := open + 2 // in ASCII, ']' and '}' are '[' and '{' plus 2
	c.pos++
	for first := true; ; first = false {
		b := c.Peek()
		switch {
		case c.err != nil:
			return
		case first && b == closing:
			c.pos++
			return
		case first:
		case b == closing:
			c.pos++
			return
		case b == ',':
			c.pos++
			b = c.Peek()
		default:
			c.Failf(c.pos, "%q: want a comma or %q", c.text[c.pos:c.pos+1], closing)
			return
		}
		if open == '{' {
			if b != '"' {
				c.want("the name of a member")
				return
			}
			c.String()
			if c.Peek() != ':' {
				c.want("a colon")
				return
			}
			c.pos++
			b = c.Peek()
		}
		if c.skip(b, depth); c.err != nil {
			return
		}
	}
}

// First returns the string value of a member of the next object, without
// advancing. It returns "" if there is no such string.
func (c *Cursor) First(name string) string {
	if c.Peek() != '{' {
		return ""
	}
	at, frames, names := c.pos, len(c.frames), len(c.names)
	var found string
	if c.Object() {
		for {
			key, ok := c.Member()
			if !ok {
				break
			}
			if string(key) == name && c.Peek() == '"' {
				found = c.Text()
				break
			}
			c.Skip()
		}
	}
	if c.err == nil {
		c.pos, c.frames, c.names = at, c.frames[:frames], c.names[:names]
	}
	return found
}

// Since returns the text between the position start and the cursor.
func (c *Cursor) Since(start int) []byte { return c.text[start:c.pos] }
