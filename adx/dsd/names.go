package dsd

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
)

// isNCName reports whether an attribute may have the name s: an NCName that
// does not begin with "xml" (RULES.md#codes).
func isNCName(s string) bool {
	return xmlstream.IsNCName(s) && (len(s) < 3 || !strings.EqualFold(s[:3], "xml"))
}

// isSDMX reports whether s is an identifier of SDMX: letters, digits and a few
// marks. The identifier of a concept must begin with a letter.
func isSDMX(s string, concept bool) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case '0' <= c && c <= '9', c == '_', c == '-':
			if concept && i == 0 {
				return false
			}
		case c == '@', c == '$':
			if concept {
				return false
			}
		default:
			return false
		}
	}
	return s != ""
}

// isReserved reports whether name is an attribute of the profile, which can
// never be a dimension (RULES.md#codes).
func isReserved(name string) bool {
	switch name {
	case "dataElement", "value", "orgUnit", "period", "dataSet", "exported":
		return true
	}
	return false
}

// These are the usual extensions of messages (RULES.md#codes). An extension
// that a definition declares is a dimension.
var (
	groupExtensions = []string{"completeDate", "attributeOptionCombo", "comment", "dataSetComplete"}
	valueExtensions = []string{
		"categoryOptionCombo", "comment", "followup", "deleted", "storedBy", "created", "lastUpdated",
		"orgUnit", "period", "dataSet", // the Checker checks these attributes separately
	}
	rootExtensions = []string{"dataElementIDSystem", "orgUnitIDScheme"}
)

func isExtension(name string) bool {
	return slices.Contains(groupExtensions, name) || slices.Contains(valueExtensions, name) || slices.Contains(rootExtensions, name)
}

// hidden returns the first character of s that cannot be seen, such as one that
// reverses the direction of text. It returns 0 if there is none.
func hidden(s string) rune {
	for _, r := range s {
		if r >= 0x80 && unicode.Is(unicode.Cf, r) {
			return r
		}
	}
	return 0
}

// These are characters of other scripts that look like ASCII characters, and
// the ASCII characters in the same order.
const (
	lookalikes = "АВЕКМНОРСТУХЅІЈаеорсухѕіј" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο" + "‐‑‒–—−" + "\u00A0"
	lookedLike = "ABEKMHOPCTYXSIJaeopcyxsij" + "ABEZHIKMNOPTYXo" + "------" + " "
)

// looks returns the same text for all codes that look alike. It ignores letter
// case and replaces lookalikes (RULES.md#definitions).
func looks(code string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return r
		case 0xFF01 <= r && r <= 0xFF5E: // full-width forms of ASCII
			return r - 0xFEE0
		}
		if i := strings.IndexRune(lookalikes, r); i >= 0 {
			return rune(lookedLike[utf8.RuneCountInString(lookalikes[:i])])
		}
		return r
	}, code))
}

// near returns the name that was probably meant: one that differs only in
// letter case or white space, or else by one typing error. It returns "" if
// there is no such name.
func near(name string, names iter.Seq[string]) string {
	folded := token.Collapse(name)
	slip := ""
	long := utf8.RuneCountInString(name) >= 3
	for n := range names {
		switch {
		case strings.EqualFold(n, folded):
			return n
		case long && slip == "" && oneSlip(name, n):
			slip = n
		}
	}
	return slip
}

// oneSlip reports whether one typing error turns a into b: a character changed,
// added, left out or swapped with the next.
func oneSlip(a, b string) bool {
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if x != y {
			break
		}
		a, b = a[n:], b[m:]
	}
	for a != "" && b != "" {
		x, n := utf8.DecodeLastRuneInString(a)
		y, m := utf8.DecodeLastRuneInString(b)
		if x != y {
			break
		}
		a, b = a[:len(a)-n], b[:len(b)-m]
	}
	if max(len(a), len(b)) > 2*utf8.UTFMax {
		return false
	}
	x, y := []rune(a), []rune(b)
	if len(x) == 2 && len(y) == 2 {
		return x[0] == y[1] && x[1] == y[0]
	}
	return max(len(x), len(y)) <= 1
}
