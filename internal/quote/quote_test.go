package quote_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

func TestText(t *testing.T) {
	long := strings.Repeat("é", 64)
	tests := []struct{ in, want string }{
		{"", `""`},
		{`say "a"`, `"say \"a\""`},
		{"two\nlines\x00", `"two\nlines\x00"`},
		{"\xff", `"\xff"`},
		{long, `"` + long + `"`},
		{long + "é", `"` + long + `"...`},
		{strings.Repeat("\xff", 65), `"` + strings.Repeat(`\xff`, 64) + `"...`},
	}
	for _, tt := range tests {
		if got := quote.Text(tt.in); got != tt.want {
			t.Errorf("Text(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		in         string
		limit      int
		want, line string
	}{
		{"", 3, "", ""},
		{"abc", 3, "abc", "abc"},
		{"abcd", 3, "abc...", "abc..."},
		{"abé", 3, "ab...", "ab..."}, // é has two bytes
		{"a\U0001f600", 4, "a...", "a..."},
		{"é", 0, "...", "..."},
		{"a\nb\tc", 9, "a\nb\tc", "a b c"},
		{"\x80\x80\x80\x80\x80\x80\x80\x80\x80", 6, "\x80\x80...", "\ufffd\ufffd..."}, // none of these bytes begins a character
	}
	for _, tt := range tests {
		if got := quote.Cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
		if got := quote.Line(tt.in, tt.limit); got != tt.line {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.line)
		}
	}
}

// For any input the result is one line of valid UTF-8 with at most 64 escaped
// characters, and Cut keeps the beginning of the text.
func FuzzQuote(f *testing.F) {
	f.Add("plain", 3)
	f.Add("é\xff\n", 1)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(limit%100, 0)
		if q := quote.Text(s); !utf8.ValidString(q) || strings.ContainsAny(q, "\n\r") || len(q) > 64*len(`\U0010ffff`)+len(`""...`) {
			t.Errorf("Text(%q) = %q", s, q)
		}
		if c := quote.Cut(s, limit); c != s && (!strings.HasPrefix(s, strings.TrimSuffix(c, "...")) || len(c) > limit+3) {
			t.Errorf("Cut(%q, %d) = %q", s, limit, c)
		}
		if l := quote.Line(s, limit); strings.ContainsAny(l, "\n\r") {
			t.Errorf("Line(%q, %d) = %q", s, limit, l)
		}
	})
}
