package dhis2

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// errShort says that the text ends within a value.
var errShort = errors.New("the text ends within a JSON value")

// A syntaxError is at a position of the text scanned.
type syntaxError struct {
	pos int
	msg string
}

func (e *syntaxError) Error() string { return e.msg }

func syntax(pos int, format string, args ...any) error {
	return &syntaxError{pos, fmt.Sprintf(format, args...)}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the position behind the JSON value that begins at i, having
// checked all of it (RFC 8259) but its encoding. It is [errShort] if b ends
// first.
func skipValue(b []byte, i, depth int) (int, error) {
	i = skipSpace(b, i)
	if i >= len(b) {
		return i, errShort
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i)
	case c == '{' || c == '[':
		if depth >= maxDepth {
			return i, syntax(i, "want at most %d levels of nesting", maxDepth)
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
	return i, syntax(i, "%q: want a JSON value", b[i:min(i+1, len(b))])
}

func skipNested(b []byte, i, depth int) (int, error) {
	object, closing := b[i] == '{', b[i]+2 // ']' and '}' come two after
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		var err error
		if object {
			i = skipSpace(b, i)
			if i >= len(b) {
				return i, errShort
			}
			if b[i] != '"' {
				return i, syntax(i, "%q: want the name of a member", b[i:i+1])
			}
			if i, err = skipString(b, i); err != nil {
				return i, err
			}
			i = skipSpace(b, i)
			if i >= len(b) {
				return i, errShort
			}
			if b[i] != ':' {
				return i, syntax(i, "%q: want a colon", b[i:i+1])
			}
			i++
		}
		if i, err = skipValue(b, i, depth+1); err != nil {
			return i, err
		}
		i = skipSpace(b, i)
		switch {
		case i >= len(b):
			return i, errShort
		case b[i] == closing:
			return i + 1, nil
		case b[i] != ',':
			return i, syntax(i, "%q: want a comma or %q", b[i:i+1], closing)
		}
		i++
	}
}

func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c < ' ':
			return i, syntax(i, "%q: want no control character in a string", b[i:i+1])
		case c == '\\':
			if i++; i >= len(b) {
				return i, errShort
			}
			switch b[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				for range 4 {
					if i++; i >= len(b) {
						return i, errShort
					}
					if c := b[i] | 0x20; b[i]-'0' > 9 && c-'a' > 5 {
						return i, syntax(i, "%q: want four hexadecimal digits", b[i:i+1])
					}
				}
			default:
				return i, syntax(i, "%q: want an escape such as \\n", b[i:i+1])
			}
		}
	}
	return i, errShort
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
		return i, syntax(leading, "want a number without leading zeros")
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
		return i, errShort // more digits may follow
	}
	if !ok {
		return i, syntax(i, "%q: want a digit", b[i:i+1])
	}
	return i, nil
}

func skipWord(b []byte, i int, word string) (int, error) {
	for j := range len(word) {
		if i+j >= len(b) {
			return i + j, errShort
		}
		if b[i+j] != word[j] {
			return i + j, syntax(i+j, "want %s", word)
		}
	}
	return i + len(word), nil
}

// unquote returns the text of a JSON string that skipString has passed. It
// shares raw where it can.
func unquote(raw []byte) ([]byte, error) {
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

// A member is one member of an object, or one entry of an array without a name.
// Pos is where its value begins.
type member struct {
	name string
	raw  []byte
	pos  int
}

// members walks an object or array that skipValue has passed. Raw values come
// without blanks around them. Anything else has no members.
func members(raw []byte, yield func(member) error) error {
	if len(raw) == 0 || raw[0] != '{' && raw[0] != '[' {
		return nil
	}
	object := raw[0] == '{'
	i := skipSpace(raw, 1)
	for raw[i] != '}' && raw[i] != ']' {
		var m member
		if object {
			end, err := skipString(raw, i)
			if err != nil {
				return err
			}
			name, err := unquote(raw[i:end])
			if err != nil {
				return syntax(i, "%v", err)
			}
			m.name = string(name)
			i = skipSpace(raw, skipSpace(raw, end)+1) // the colon
		}
		end, err := skipValue(raw, i, 0)
		if err != nil {
			return err
		}
		m.raw, m.pos = raw[i:end], i
		if err := yield(m); err != nil {
			return err
		}
		if i = skipSpace(raw, end); raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return nil
}

// kind says what a raw value is.
func kindOf(raw []byte) string {
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

// scalar returns the text of a raw value: of a string its content, of a number
// or boolean its literal (RULES.md#texts-and-numbers). Null is nil.
func scalar(raw []byte) ([]byte, error) {
	switch raw[0] {
	case '"':
		return unquote(raw)
	case 'n':
		return nil, nil
	case '{', '[':
		return nil, fmt.Errorf("want text, got %s", kindOf(raw))
	}
	return raw, nil
}

func validUTF8(raw []byte) error {
	if utf8.Valid(raw) {
		return nil
	}
	i := 0
	for {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n <= 1 {
			return syntax(i, "want UTF-8, got the byte %#x", raw[i])
		}
		i += n
	}
}
