// Package fold makes names comparable as people compare them: without regard to
// letter case, accents and blanks.
//
// It has a small table of its own, since golang.org/x/text would be a dependency
// of the core module for this alone.
package fold

import "strings"

// letters has the plain letters for each letter of the table.
var letters = func() map[rune]string {
	m := make(map[rune]string)
	for _, line := range table {
		plain, list, _ := strings.Cut(line, " ")
		for _, r := range list {
			m[r] = plain
		}
	}
	return m
}()

// Text returns s in small letters, without accents, with one blank for each gap
// and none around it. Text(Text(s)) is Text(s).
func Text(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i, word := range strings.Fields(strings.ToLower(s)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			switch plain, ok := letters[r]; {
			case ok:
				b.WriteString(plain)
			case r >= 0x300 && r < 0x370: // an accent on the letter before it
			default:
				b.WriteRune(r)
			}
		}
	}
	return strings.TrimSpace(b.String())
}

// isPlain reports whether s is as Text returns it, for most texts that are.
func isPlain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || c-'A' <= 'Z'-'A' || c < ' ' || c == ' ' && (i == 0 || s[i-1] == ' ' || i == len(s)-1) {
			return false
		}
	}
	return true
}
