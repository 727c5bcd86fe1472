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

// A name is quoted only if it has unusual characters.
func TestName(t *testing.T) {
	for in, want := range map[string]string{"AGE": "AGE", "a b": "a b", "x\n": `"x\n"`, strings.Repeat("x", 65): `"` + strings.Repeat("x", 64) + `"...`} {
		if got := token.Name(in); got != want {
			t.Errorf("Name(%q) = %s; want %s", in, got, want)
		}
	}
}
