package cursor

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// unescape returns the content of a string that has escapes.
func (c *Cursor) unescape(inner []byte, start int) []byte {
	out := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		if inner[i] != '\\' {
			out = append(out, inner[i])
			continue
		}
		at := start + i
		i++ // a string does not end in a backslash
		switch b := inner[i]; b {
		case '"', '\\', '/':
			out = append(out, b)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, ok := hex4(inner[i+1:])
			if !ok {
				c.Failf(at, "want four hexadecimal digits after \\u")
				return nil
			}
			i += 4
			if utf16.IsSurrogate(r) {
				if i+2 >= len(inner) || inner[i+1] != '\\' || inner[i+2] != 'u' {
					c.Failf(at, "want a whole character, got half of a pair")
					return nil
				}
				low, _ := hex4(inner[i+3:])
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					c.Failf(at, "want a whole character, got half of a pair")
					return nil
				}
				i += 6
			}
			out = utf8.AppendRune(out, r)
		default:
			c.Failf(at, "want an escape such as \\n")
			return nil
		}
	}
	return out
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[:4]), 16, 32)
	return rune(n), err == nil
}
