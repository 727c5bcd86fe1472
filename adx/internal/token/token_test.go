package token_test

import (
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

func TestCollapse(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " ": "", "F": "F", " F\t": "F", "a b": "a b", "a  b": "a b", "a\r\nb": "a b", "\u00a0a": "\u00a0a", "é  è ": "é è",
	} {
		if got := token.Collapse(in); got != want {
			t.Errorf("Collapse(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"F":                        `"F"`,
		"\x1b[31m":                 `"\x1b[31m"`,
		strings.Repeat("x", 64):    `"` + strings.Repeat("x", 64) + `"`,
		strings.Repeat("é", 65):    `"` + strings.Repeat("é", 64) + `"...`,
		strings.Repeat("x", 999):   `"` + strings.Repeat("x", 64) + `"...`,
		strings.Repeat("😀", 64):    `"` + strings.Repeat("😀", 64) + `"`,
		strings.Repeat("😀", 999):   `"` + strings.Repeat("😀", 64) + `"...`,
		strings.Repeat("\xff", 99): `"` + strings.Repeat(`\xff`, 64) + `"...`,
		"\u202e\u200b":             `"\u202e\u200b"`, // neither turns a line around nor hides in it
	} {
		if got := token.Quote(in); got != want {
			t.Errorf("Quote(%q) = %s; want %s", in, got, want)
		}
	}
}
