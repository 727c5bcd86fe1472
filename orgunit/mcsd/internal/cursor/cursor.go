// Package cursor reads a JSON text in memory once, from front to back, and
// knows at each point where it is.
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
	MaxMembers = 256 // members of one object that are looked at one by one
)

// ErrShort is the error of a text that ends within a value, but goes on in the
// input.
var ErrShort = errors.New("the text ends within a JSON value")

// An Error is at a position of the text.
type Error struct {
	Pos  int
	Path string // in the manner of FHIRPath, such as "resource.name[2]"; may be ""
	Msg  string
}

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// A Cursor is a place in a JSON text (RFC 8259). The first error stays, and all
// methods do nothing after it.
type Cursor struct {
	text   []byte
	pos    int
	final  bool
	err    error
	frames []frame
	names  [][]byte // of the members so far of the objects that are open
}

// A frame is an object or array that is open.
type frame struct {
	object bool
	begun  bool
	index  int // of the entry of an array
	names  int // where the object's own names begin
}

// Reset puts the cursor before a text. Final says that the input has no more.
func (c *Cursor) Reset(text []byte, final bool) {
	*c = Cursor{text: text, final: final, frames: c.frames[:0], names: c.names[:0]}
}

// Pos returns the position of the next byte.
func (c *Cursor) Pos() int { return c.pos }

// Err returns the first error: [ErrShort], an *[Error], or what Fail was given.
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

// path returns where the cursor is.
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

// Peek skips white space and returns the first byte of what follows, or 0 after
// an error.
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

// Object begins an object and reports whether there is one.
func (c *Cursor) Object() bool { return c.begin('{', "an object") }

// Array begins an array and reports whether there is one.
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

// more goes on to the next member or entry. It is false after the last one,
// which ends the object or array.
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

// Member goes on to the next member of an object and returns its name, which
// shares memory with the text. After the last member ok is false. A name that
// repeats is an error.
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

// Entry goes on to the next entry of an array and reports whether there is one.
func (c *Cursor) Entry() bool { return c.err == nil && c.more(']') }

// want records that something else is next.
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
			i++ // whatever is escaped does not end the string
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

// word passes a literal and reports whether it is there.
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
		c.short("a digit") // more digits may follow
		return nil
	case !ok:
		c.Failf(i, "%q: want a digit", c.text[i:i+1])
		return nil
	}
	c.pos = i
	return c.text[start:i]
}

// Skip passes any value, having checked all of it, and returns it as it is
// written, without white space around it.
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
	closing := open + 2 // ']' and '}' come two after
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

// First returns the text of a member of the object that is next, without moving,
// or "" if there is no such text.
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

// Since returns the text from a position to the cursor.
func (c *Cursor) Since(start int) []byte { return c.text[start:c.pos] }
