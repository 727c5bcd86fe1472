// Package quote makes texts from outside safe for errors and reports: short,
// and on one line.
package quote

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// most is the number of characters that an error quotes.
const most = 64

// Text returns s in quotation marks, with escapes for characters that are not
// printable. A text of more than 64 characters is cut there and followed by
// "...".
func Text[T ~string](s T) string {
	n := 0
	for i := range s {
		if n == most {
			return strconv.Quote(string(s[:i])) + "..."
		}
		n++
	}
	return strconv.Quote(string(s))
}

// Cut returns s if it has at most limit bytes. Otherwise it returns as many
// whole characters as fit into limit bytes, and "...".
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && limit-end < utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "..."
}

// Line returns Cut(s, limit) with a blank in place of each character that is
// not printable, such as a line end.
func Line(s string, limit int) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, Cut(s, limit))
}
