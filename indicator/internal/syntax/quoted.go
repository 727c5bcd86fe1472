package syntax

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a quoted text with its escapes (RULES.md#texts).
func (s *scanner) quoted(t *token) *Error {
	src, quote := s.src, s.src[s.pos]
	t.kind = tokText
	p := s.pos + 1
	start := p
	for p < len(src) && src[p] != quote && src[p] != '\\' && src[p] != '\n' && src[p] != '\r' {
		p++
	}
	if p < len(src) && src[p] == quote { // the text has no escapes
		t.text, t.end = src[start:p], p+1
		return tooLong(t)
	}
	buf := []byte(src[start:p])
	high := -1 // offset in buf of the high surrogate written last, or -1
	for p < len(src) && src[p] != quote {
		if src[p] == '\n' || src[p] == '\r' {
			return errorAt(p, p+1, "line end in a quoted text")
		}
		if src[p] != '\\' {
			buf = append(buf, src[p])
			p++
			high = -1
			continue
		}
		r, n := escape(src[p:])
		if n == 0 {
			end := min(p+2, len(src))
			for end < len(src) && !utf8.RuneStart(src[end]) {
				end++
			}
			return errorAt(p, end, `unknown escape %s, `+
				`want \b \t \n \f \r \" \' \\, octal or \u and four hex digits`, src[p:end])
		}
		p += n
		if high >= 0 && utf16.IsSurrogate(r) && r >= 0xDC00 {
			first, _ := decodeSurrogate(buf[high:])
			buf = utf8.AppendRune(buf[:high], utf16.DecodeRune(first, r))
			high = -1
			continue
		}
		high = -1
		if utf16.IsSurrogate(r) {
			if r < 0xDC00 {
				high = len(buf)
			}
			buf = appendSurrogate(buf, r)
			continue
		}
		buf = utf8.AppendRune(buf, r)
	}
	if p == len(src) {
		return errorAt(s.pos, p, "quoted text is not closed")
	}
	t.text, t.end = string(buf), p+1
	return tooLong(t)
}

func tooLong(t *token) *Error {
	if len(t.text) > MaxText {
		return errorAt(t.pos, t.end,
			"quoted text of %d bytes, want at most %d", len(t.text), MaxText)
	}
	return nil
}

// escape parses the escape at the start of s. It returns its character and its
// length, which is 0 if there is no such escape.
func escape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`btnfr"'\`, s[1]); i >= 0 {
		return rune("\b\t\n\f\r\"'\\"[i]), 2
	}
	if '0' <= s[1] && s[1] <= '7' { // \101: up to three digits, the first of three at most 3
		r, n, limit := rune(0), 1, 3
		if s[1] <= '3' {
			limit = 4
		}
		for n < len(s) && n < limit && '0' <= s[n] && s[n] <= '7' {
			r = r*8 + rune(s[n]-'0')
			n++
		}
		return r, n
	}
	if s[1] != 'u' {
		return 0, 0
	}
	n := 1
	for n < len(s) && s[n] == 'u' {
		n++
	}
	if n+4 > len(s) {
		return 0, 0
	}
	var r rune
	for _, c := range []byte(s[n : n+4]) {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 || c < '0' {
			return 0, 0
		}
		r = r*16 + rune(d)
	}
	return r, n + 4
}

// A lone surrogate has no UTF-8. But in this language texts are UTF-16, so it
// is kept as the three bytes that the scheme of UTF-8 gives.

func appendSurrogate(b []byte, r rune) []byte {
	return append(b, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
}

// decodeSurrogate returns the surrogate at the start of b. The second result is
// false if there is none.
func decodeSurrogate[T []byte | string](b T) (rune, bool) {
	if len(b) < 3 || b[0] != 0xED || b[1] < 0xA0 || b[1] > 0xBF || b[2]&0xC0 != 0x80 {
		return 0, false
	}
	return rune(b[0]&0x0F)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F), true
}

// CodeUnits returns s in bytes that sort like its UTF-16 code units. Characters
// of four bytes become two surrogates. Searching in the result also equals
// searching in UTF-16. A byte that belongs to no character counts as U+FFFD.
func CodeUnits(s string) string {
	other := func(c rune) bool { return c > 0xFFFF || c == utf8.RuneError }
	if strings.IndexFunc(s, other) < 0 {
		return s
	}
	out := make([]byte, 0, len(s)+len(s)/2)
	for i := 0; i < len(s); {
		if _, ok := decodeSurrogate(s[i:]); ok {
			out = append(out, s[i:i+3]...)
			i += 3
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if high, low := utf16.EncodeRune(r); r > 0xFFFF {
			out = appendSurrogate(appendSurrogate(out, high), low)
		} else {
			out = utf8.AppendRune(out, r)
		}
		i += n
	}
	return string(out)
}

// Quote returns a quoted literal that parses to the text s.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('\'')
	for i := 0; i < len(s); {
		if r, ok := decodeSurrogate(s[i:]); ok {
			fmt.Fprintf(&b, `\u%04X`, r)
			i += 3
			continue
		}
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			if j := strings.IndexByte("\b\t\n\f\r", c); j >= 0 {
				b.WriteByte('\\')
				b.WriteByte("btnfr"[j])
			} else {
				fmt.Fprintf(&b, `\u%04X`, c)
			}
		default:
			b.WriteByte(c)
		}
		i++
	}
	b.WriteByte('\'')
	return b.String()
}
