package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

type kind uint8

const (
	tokEOF    kind = iota
	tokInt         // 12
	tokNumber      // 1.5, 1e3
	tokDate        // 2024-1-31
	tokText        // 'a'
	tokUID         // fbfJHSPpUQD
	tokWord        // and, true, SUM
	tokOpen        // #{ or OUG{
	tokFunc        // if( or orgUnit.group(
	tokMod         // .periodOffset(
	tokItem        // [days]
	tokEvent       // PS_EVENTDATE:
	tokOp          // + && ( , )
)

// A token is one word of the language with its text. Functions, modifiers and
// opening braces have their names without punctuation. A quoted text has no
// quotes, and its escapes are replaced.
type token struct {
	kind     kind
	text     string
	pos, end int
	space    bool // white space comes before it; a comment does not count
}

// A scanner splits the source into tokens. It takes the longest match
// (RULES.md#tokens).
type scanner struct {
	src string
	pos int
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isLetter(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
func isName(c byte) bool { return isLetter(c) || c == '_' }

// at returns the byte i places ahead. After the end it returns 0.
func (s *scanner) at(i int) byte {
	if s.pos+i < len(s.src) {
		return s.src[s.pos+i]
	}
	return 0
}

// next returns the next token.
func (s *scanner) next() (token, *Error) {
	space, err := s.skip()
	if err != nil {
		return token{}, err
	}
	t := token{pos: s.pos, space: space}
	if s.pos == len(s.src) {
		t.end = s.pos
		return t, nil
	}
	switch c := s.src[s.pos]; {
	case isDigit(c), c == '.' && isDigit(s.at(1)):
		err = s.number(&t)
	case isName(c):
		s.word(&t)
	case c == '\'' || c == '"':
		err = s.quoted(&t)
	case c == '.':
		err = s.modifier(&t)
	case c == '#':
		if s.at(1) != '{' {
			return t, errorAt(s.pos, s.pos+1, `unexpected "#", want "#{"`)
		}
		t.kind, t.text, t.end = tokOpen, "#", s.pos+2
	case c == '[':
		err = s.bracket(&t)
	default:
		err = s.operator(&t)
	}
	s.pos = t.end
	return t, err
}

// skip skips white space and comments. space is true if there was white space.
func (s *scanner) skip() (space bool, err *Error) {
	for s.pos < len(s.src) {
		switch {
		case isSpace(s.src[s.pos]):
			space = true
			s.pos++
		case s.at(0) == '/' && s.at(1) == '*':
			if err := s.comment(); err != nil {
				return space, err
			}
		default:
			return space, nil
		}
	}
	return space, nil
}

// comment skips a comment.
func (s *scanner) comment() *Error {
	n := strings.Index(s.src[s.pos+2:], "*/")
	if n < 0 {
		return errorAt(s.pos, len(s.src), "comment is not closed")
	}
	s.pos += 2 + n + 2
	return nil
}

// number reads an integer, a number or a date. It reads the longest one that
// matches.
func (s *scanner) number(t *token) *Error {
	src, p := s.src, s.pos
	t.kind = tokInt
	switch {
	case src[p] == '0':
		p++ // a digit after a 0 is a new token, so 007 is three tokens
	default:
		p = digits(src, p)
	}
	if p < len(src) && src[p] == '.' {
		t.kind = tokNumber
		p = digits(src, p+1)
	}
	if p < len(src) && (src[p] == 'e' || src[p] == 'E') {
		q := p + 1
		if q < len(src) && (src[q] == '+' || src[q] == '-') {
			q++
		}
		if r := digits(src, q); r > q {
			t.kind, p = tokNumber, r
		}
	}
	if d := dateLen(src[s.pos:]); d > p-s.pos {
		t.kind, p = tokDate, s.pos+d
	}
	t.end, t.text = p, src[s.pos:p]
	if len(t.text) > MaxNumber {
		return errorAt(t.pos, t.end, "number of %d bytes, want at most %d", len(t.text), MaxNumber)
	}
	return nil
}

// digits returns the offset of the first byte at or after p that is no digit.
func digits(src string, p int) int {
	for p < len(src) && isDigit(src[p]) {
		p++
	}
	return p
}

// dateLen returns the length of the date at the start of s, or 0. 2020-1-1 is a
// date and not a subtraction.
func dateLen(s string) int {
	if len(s) < 8 || s[0] == '0' || digits(s[:4], 0) != 4 || s[4] != '-' {
		return 0
	}
	month := upTo(s[5:], '1')
	if month == 0 || 5+month >= len(s) || s[5+month] != '-' {
		return 0
	}
	day := upTo(s[5+month+1:], '3')
	if day == 0 {
		return 0
	}
	return 5 + month + 1 + day
}

// upTo returns the number of digits at the start of s that form a number of at
// most two digits. It is 2 only if the first digit is at most high.
func upTo(s string, high byte) int {
	switch {
	case len(s) == 0 || !isDigit(s[0]):
		return 0
	case len(s) > 1 && s[0] <= high && isDigit(s[1]):
		return 2
	}
	return 1
}

// word reads a word, a UID, a function or an opening brace. It reads the
// longest one that matches.
func (s *scanner) word(t *token) {
	src, p := s.src, s.pos
	for p < len(src) && isName(src[p]) {
		p++
	}
	t.kind, t.end = tokWord, p
	if p < len(src) && src[p] == '{' && opens(src[s.pos:p]) {
		t.kind, t.text, t.end = tokOpen, src[s.pos:p], p+1
		return
	}
	if p < len(src) && src[p] == ':' && src[s.pos:p] == eventDate {
		t.kind, t.text, t.end = tokEvent, eventDate, p+1
		return
	}
	if n := functionLen(src[s.pos:]); n > 0 {
		t.kind, t.text, t.end = tokFunc, src[s.pos:s.pos+n], s.pos+n+1
		return
	}
	if n := uidLen(src[s.pos:]); n >= p-s.pos && n > 0 {
		t.kind, t.end = tokUID, s.pos+n
	}
	t.text = src[s.pos:t.end]
}

// eventDate is a word before a colon and the id of a program stage.
const eventDate = "PS_EVENTDATE"

func opens(word string) bool {
	switch word {
	case "A", "C", "D", "I", "N", "OUG", "R", "V":
		return true
	}
	return false
}

// functionLen returns the length of the function name at the start of s. It is
// 0 unless an opening parenthesis directly follows the name.
func functionLen(s string) int {
	n := 0
	s = s[:min(len(s), len("d2:extractDataMatrixValue(")+1)] // no function name is longer
	for n < len(s) && (isName(s[n]) || isDigit(s[n]) ||
		s[n] == '.' && s[:n] == "orgUnit" || s[n] == ':' && s[:n] == "d2") {
		n++
	}
	if n < len(s) && s[n] == '(' {
		if _, ok := lookup(s[:n]); ok {
			return n
		}
	}
	return 0
}

// uidLen returns 11 if s starts with a UID, and 0 if it does not.
func uidLen(s string) int {
	if len(s) < 11 || !isLetter(s[0]) {
		return 0
	}
	for i := range 11 {
		if !isLetter(s[i]) && !isDigit(s[i]) {
			return 0
		}
	}
	return 11
}

// IsUID reports whether s is a UID.
func IsUID(s string) bool { return len(s) == 11 && uidLen(s) == 11 }

// modifiers lists the names that may follow a dot.
var modifiers = [...]string{
	"aggregationType", "maxDate", "minDate", "periodOffset", "stageOffset", "yearToDate",
}

func (s *scanner) modifier(t *token) *Error {
	rest := s.src[s.pos+1:]
	for _, name := range modifiers {
		if strings.HasPrefix(rest, name) && strings.HasPrefix(rest[len(name):], "(") {
			t.kind, t.text, t.end = tokMod, name, s.pos+1+len(name)+1
			if name == "yearToDate" { // the parentheses are part of the token
				if !strings.HasPrefix(s.src[t.end:], ")") {
					return errorAt(s.pos, t.end,
						`want ".yearToDate()" without anything between the parentheses`)
				}
				t.end++
			}
			return nil
		}
	}
	p := 0
	for p < len(rest) && (isName(rest[p]) || isDigit(rest[p])) {
		p++
	}
	if p > 0 && p < len(rest) && rest[p] == '(' {
		return errorAt(s.pos, s.pos+1+p, "unknown modifier .%s", quote.Line(rest[:p], 40))
	}
	return errorAt(s.pos, s.pos+1, `unexpected "."`)
}

func (s *scanner) bracket(t *token) *Error {
	for _, name := range [...]string{"days", "periodInYear", "yearlyPeriodCount"} {
		if strings.HasPrefix(s.src[s.pos+1:], name+"]") {
			t.kind, t.text, t.end = tokItem, name, s.pos+len(name)+2
			return nil
		}
	}
	return errorAt(s.pos, s.pos+1, "want [days], [periodInYear] or [yearlyPeriodCount]")
}

func (s *scanner) operator(t *token) *Error {
	t.kind = tokOp
	if s.pos+2 <= len(s.src) {
		switch two := s.src[s.pos : s.pos+2]; two {
		case "&&", "||", "==", "!=", "<=", ">=":
			t.text, t.end = two, s.pos+2
			return nil
		}
	}
	switch c := s.src[s.pos]; c {
	case '+', '-', '*', '/', '%', '^', '<', '>', '!', '(', ')', ',':
		t.text, t.end = s.src[s.pos:s.pos+1], s.pos+1
		return nil
	case '=', '&', '|':
		twice := strings.Repeat(string(c), 2)
		return errorAt(s.pos, s.pos+1, "unexpected %q, want %q", string(c), twice)
	}
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	return errorAt(s.pos, s.pos+n, "unexpected character %q", r)
}
