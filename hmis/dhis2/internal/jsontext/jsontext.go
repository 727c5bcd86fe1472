// Package jsontext reads JSON texts in memory. A value is checked once and then
// read in place.
package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxDepth limits how many levels a value may have.
const MaxDepth = 64

// ErrShort means that the text ends inside a value.
var ErrShort = errors.New("the text ends within a JSON value")

// A SyntaxError is an error at a position of the text.
type SyntaxError struct {
	Pos int
	Msg string
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Msg }

// Syntax returns a SyntaxError with a formatted message.
func Syntax(pos int, format string, args ...any) error {
	return &SyntaxError{pos, fmt.Sprintf(format, args...)}
}

// SkipSpace returns the position of the first byte from i that is not blank.
func SkipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// SkipValue returns the position after the JSON value that begins at i. It
// checks the whole value (RFC 8259), except for its encoding. The error is
// [ErrShort] if b ends first.
func SkipValue(b []byte, i, depth int) (int, error) {
	i = SkipSpace(b, i)
	if i >= len(b) {
		return i, ErrShort
	}
	switch c := b[i]; {
	case c == '"':
		return SkipString(b, i)
	case c == '{' || c == '[':
		if depth >= MaxDepth {
			return i, Syntax(i, "want at most %d levels of nesting", MaxDepth)
		}
		return skipNested(b, i, depth)
	case c == '-' || c-'0' <= 9:
		return skipNumber(b, i)
	case c == 't':
		return skipWord(b, i, "true")
	case c == 'f':
		return skipWord(b, i, "false")
	case c == 'n':
		return skipWord(b, i, "null")
	}
	return i, Syntax(i, "%q: want a JSON value", b[i:min(i+1, len(b))])
}

func skipNested(b []byte, i, depth int) (int, error) {
	object, closing := b[i] == '{', b[i]+2 // in ASCII, ']' and '}' are two after '[' and '{'
	i = SkipSpace(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if object {
			i = SkipSpace(b, i)
			if i >= len(b) {
				return i, ErrShort
			}
			if b[i] != '"' {
				return i, Syntax(i, "%q: want the name of a member", b[i:i+1])
			}
			if i, err = SkipString(b, i); err != nil {
				return i, err
			}
			i = SkipSpace(b, i)
			if i >= len(b) {
				return i, ErrShort
			}
			if b[i] != ':' {
				return i, Syntax(i, "%q: want a colon", b[i:i+1])
			}
			i++
		}
		if i, err = SkipValue(b, i, depth+1); err != nil {
			return i, err
		}
		i = SkipSpace(b, i)
		switch {
		case i >= len(b):
			return i, ErrShort
		case b[i] == closing:
			return i + 1, nil
		case b[i] != ',':
			return i, Syntax(i, "%q: want a comma or %q", b[i:i+1], closing)
		}
		i++
	}
}

// SkipString returns the position after the string that begins at i.
func SkipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c < ' ':
			return i, Syntax(i, "%q: want no control character in a string", b[i:i+1])
		case c == '\\':
			if i++; i >= len(b) {
				return i, ErrShort
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; i >= len(b) {
						return i, ErrShort
					}
					if c := b[i] | 0x20; b[i]-'0' > 9 && c-'a' > 5 {
						return i, Syntax(i, "%q: want four hexadecimal digits", b[i:i+1])
					}
				}
			default:
				return i, Syntax(i, "%q: want an escape such as \\n", b[i:i+1])
			}
		}
	}
	return i, ErrShort
}

func skipNumber(b []byte, i int) (int, error) {
	digits := func() bool {
		first := i
		for i < len(b) && b[i]-'0' <= 9 {
			i++
		}
		return i > first
	}
	if b[i] == '-' {
		i++
	}
	leading := i
	ok := digits()
	if ok && b[leading] == '0' && i > leading+1 {
		return i, Syntax(leading, "want a number without leading zeros")
	}
	if ok && i < len(b) && b[i] == '.' {
		i++
		ok = digits()
	}
	if ok && i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		ok = digits()
	}
	if i >= len(b) {
		return i, ErrShort // more digits may follow
	}
	if !ok {
		return i, Syntax(i, "%q: want a digit", b[i:i+1])
	}
	return i, nil
}

func skipWord(b []byte, i int, word string) (int, error) {
	for j := range len(word) {
		if i+j >= len(b) {
			return i + j, ErrShort
		}
		if b[i+j] != word[j] {
			return i + j, Syntax(i+j, "want %s", word)
		}
	}
	return i + len(word), nil
}

// Unquote returns the text of a JSON string that [SkipString] has checked. If
// there are no escapes, the result shares the memory of raw.
func Unquote(raw []byte) ([]byte, error) {
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c == '\\' {
			var s string
			err := json.Unmarshal(raw, &s)
			return []byte(s), err
		}
	}
	return inner, nil
}

// A Member is one member of an object, or one entry of an array without a name.
// Pos is the position of its value.
type Member struct {
	Name string
	Raw  []byte
	Pos  int
}

// Members calls yield for each member of an object or array that [SkipValue]
// has checked. Raw values have no blanks around them. Other values have no
// members.
func Members(raw []byte, yield func(Member) error) error {
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' {
		return nil
	}
	object := raw[0] == '{'
	i := SkipSpace(raw, 1)
	for raw[i] != '}' && raw[i] != ']' {
		var m Member
		if object {
			end, err := SkipString(raw, i)
			if err != nil {
				return err
			}
			name, err := Unquote(raw[i:end])
			if err != nil {
				return Syntax(i, "%v", err)
			}
			m.Name = string(name)
			i = SkipSpace(raw, SkipSpace(raw, end)+1) // the colon
		}
		end, err := SkipValue(raw, i, 0)
		if err != nil {
			return err
		}
		m.Raw, m.Pos = raw[i:end], i
		if err := yield(m); err != nil {
			return err
		}
		if i = SkipSpace(raw, end); raw[i] == ',' {
			i = SkipSpace(raw, i+1)
		}
	}
	return nil
}

// KindOf returns the kind of a raw value in words, such as "a number".
func KindOf(raw []byte) string {
	switch c := raw[0]; c {
	case '"':
		return "text"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case 't', 'f':
		return "a truth value"
	case 'n':
		return "null"
	}
	return "a number"
}

// Scalar returns the content of a string, or the literal of a number or boolean
// (RULES.md#texts-and-numbers). For null it is nil.
func Scalar(raw []byte) ([]byte, error) {
	switch raw[0] {
	case '"':
		return Unquote(raw)
	case 'n':
		return nil, nil
	case '{', '[':
		return nil, fmt.Errorf("want text, got %s", KindOf(raw))
	}
	return raw, nil
}

// ValidUTF8 returns an error at the first byte that is not UTF-8.
func ValidUTF8(raw []byte) error {
	if utf8.Valid(raw) {
		return nil
	}
	i := 0
	for {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n <= 1 {
			return Syntax(i, "want UTF-8, got the byte %#x", raw[i])
		}
		i += n
	}
}
