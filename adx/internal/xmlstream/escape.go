package xmlstream

import (
	"unicode/utf8"
)

// AppendAttr appends s as the value of an attribute within double quotes. White
// space other than blanks becomes references, so that s reads back the same.
// bad is the first character that XML cannot contain, or "".
func AppendAttr(dst []byte, s string) (out []byte, bad string) { return escape(dst, s, &inAttr) }

// AppendText appends s as text between tags. bad is the first character that
// XML cannot contain, or "".
func AppendText(dst []byte, s string) (out []byte, bad string) { return escape(dst, s, &inText) }

// inAttr and inText are true for the bytes that need no escape in an attribute
// or a text.
var inAttr, inText = func() (attr, text [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		attr[c] = c != '&' && c != '<' && c != '>' && c != '"'
		text[c] = c != '&' && c != '<' && c != '>'
	}
	text['\t'], text['\n'] = true, true
	return attr, text
}()

func escape(dst []byte, s string, plain *[256]bool) ([]byte, string) {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 || !isChar(r) {
				return dst, s[i : i+size]
			}
			i += size
			continue
		}
		reference := ""
		switch c {
		case '&':
			reference = "&amp;"
		case '<':
			reference = "&lt;"
		case '>':
			reference = "&gt;"
		case '"':
			reference = "&quot;"
		case '\t':
			reference = "&#9;"
		case '\n':
			reference = "&#10;"
		case '\r':
			reference = "&#13;"
		default:
			return dst, s[i : i+1]
		}
		dst = append(dst, s[from:i]...)
		dst = append(dst, reference...)
		i++
		from = i
	}
	return append(dst, s[from:]...), ""
}
