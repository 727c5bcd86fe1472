// Package token has functions for codes in messages, which are texts of the
// type token of XML Schema.
package token

import (
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Collapse removes the white space around s and replaces each run inside by one
// blank, as XML Schema does with a token (RULES.md#codes). Codes of FHIR have
// the same form.
func Collapse(s string) string {
	for i := 0; i < len(s); i++ {
		if !isSpace(rune(s[i])) {
			continue
		}
		if s[i] != ' ' || i == 0 || i == len(s)-1 || s[i-1] == ' ' {
			return strings.Join(strings.FieldsFunc(s, isSpace), " ")
		}
	}
	return s
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }

// Name returns a name for a path. A name that is long or has unusual characters
// is quoted.
func Name(s string) string {
	if q := quote.Text(s); len(q) != len(s)+len(`""`) {
		return q
	}
	return s
}
