package aggregatetest

import (
	"fmt"
	"slices"
	"strings"
)

// A line is one line of a script, without its comment and the blanks around it.
type line struct {
	number int
	depth  int // the number of tabs before it
	text   string
}

// A block is a line at the margin with those indented below it.
type block struct {
	line
	rows []line
}

// blocks splits a script into blocks.
func blocks(file, text string) ([]block, error) {
	var list []block
	for i, s := range strings.Split(text, "\n") {
		s = withoutComment(s)
		l := line{number: i + 1, depth: len(s) - len(strings.TrimLeft(s, "\t")), text: strings.TrimSpace(s)}
		switch {
		case l.text == "":
		case strings.HasPrefix(s, " "):
			return nil, at(file, l, "indent with tabs")
		case l.depth == 0:
			list = append(list, block{line: l})
		case len(list) == 0:
			return nil, at(file, l, "an indented line before any block")
		default:
			b := &list[len(list)-1]
			b.rows = append(b.rows, l)
		}
	}
	return list, nil
}

// withoutComment removes a comment: a # at the start of a word and everything
// after it. The # of #{BCG} begins no comment.
func withoutComment(s string) string {
	for i := range len(s) {
		if s[i] == '#' && (i == 0 || s[i-1] == ' ' || s[i-1] == '\t') && (i+1 == len(s) || s[i+1] != '{') {
			return s[:i]
		}
	}
	return s
}

func at(file string, l line, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", file, l.number, fmt.Errorf(format, args...))
}

// fields splits a row at blanks. A text in double quotes is one field.
func fields(s string) []string {
	var list []string
	for {
		s = strings.TrimLeft(s, " \t")
		if s == "" {
			return list
		}
		if s[0] == '"' {
			if end := strings.IndexByte(s[1:], '"'); end >= 0 {
				list, s = append(list, s[1:end+1]), s[end+2:]
				continue
			}
		}
		end := strings.IndexAny(s, " \t")
		if end < 0 {
			end = len(s)
		}
		list, s = append(list, s[:end]), s[end:]
	}
}

// list splits a text at commas that are not in brackets.
func list(s string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			parts, start = append(parts, s[start:i]), i+1
		}
	}
	parts = append(parts, s[start:])
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// An entry is a row of a declaration: a name, the words directly after it, and
// the words after each keyword.
type entry struct {
	line
	name  string
	words []string
	parts map[string][]string
}

// entryOf splits a row into the words after its name and after each keyword.
func entryOf(l line, keywords ...string) entry {
	words := fields(l.text)
	e := entry{line: l, name: words[0], parts: map[string][]string{}}
	key := ""
	for _, w := range words[1:] {
		switch isKey := slices.Contains(keywords, w); {
		case isKey:
			key = w
			e.parts[key] = []string{}
		case key == "":
			e.words = append(e.words, w)
		default:
			e.parts[key] = append(e.parts[key], w)
		}
	}
	return e
}

// has reports whether the row has a keyword.
func (e entry) has(key string) bool { _, ok := e.parts[key]; return ok }

// one returns the first word after a keyword, or "".
func (e entry) one(key string) string {
	if w := e.parts[key]; len(w) > 0 {
		return w[0]
	}
	return ""
}
