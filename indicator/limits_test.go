package indicator_test

import (
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator"
)

// TestLimits checks that large input is parsed in linear time or refused.
func TestLimits(t *testing.T) {
	ok := []string{
		strings.Repeat("1 + ", 60000) + "1",
		strings.Repeat("(", 499) + "1" + strings.Repeat(")", 499),
		strings.Repeat("-", 499) + "1",
		"1" + strings.Repeat("or 1", 60000),
		"#{" + strings.Repeat("/**/", 200000) + "aaaaaaaaaaa}",
		strings.Repeat("9", 1000),
		"1e" + strings.Repeat("9", 900),
		"contains('" + strings.Repeat("a", 60000) + "','" + strings.Repeat("a", 30000) + "b')",
	}
	for _, in := range ok {
		e, err := indicator.Parse(in)
		if err != nil {
			t.Errorf("%.40s...: %v", in, err)
			continue
		}
		_, _ = e.Eval(indicator.Env{})
		if again, err := indicator.Parse(e.String()); err != nil || again.String() != e.String() {
			t.Errorf("%.40s... does not read back: %v", in, err)
		}
	}
	refused := []struct{ in, want string }{
		{strings.Repeat(" ", 1<<20) + "1", "indicator: 1:1: expression of 1048577 bytes, want at most 1048576"},
		{strings.Repeat("1+", 70000) + "1", "indicator: 1:1: more than 131072 parts"},
		{strings.Repeat("(", 100000), "indicator: 1:501: nested more than 500 levels deep"},
		{strings.Repeat("!", 100000), "indicator: 1:501: nested more than 500 levels deep"},
		{strings.Repeat("2^", 100000), "indicator: 1:1002: nested more than 500 levels deep"},
		{strings.Repeat("if(", 100000), "indicator: 1:1501: nested more than 500 levels deep"},
		{"1 " + strings.Repeat(".yearToDate()", 501), "indicator: 1:6503: nested more than 500 levels deep"},
		{strings.Repeat("'"+strings.Repeat("\x01", 60000)+"' == ", 5) + "1", "indicator: 1:1: expression of 1800031 bytes in normal form, want at most 1048576"},
		{"#{aaaaaaaaaaa}.periodOffset(" + strings.Repeat("9", 1001) + ")", "indicator: 1:29: number of 1001 bytes, want at most 1000"},
		{"is(1 in " + strings.Repeat("1,", 140000) + "1)", "indicator: 1:262151: more than 131072 parts"},
		{"#{aaaaaaaaaaa}" + strings.Repeat(".yearToDate()", 501), "indicator: 1:6515: nested more than 500 levels deep"},
		{strings.Repeat("9", 1001), "indicator: 1:1: number of 1001 bytes, want at most 1000"},
		{"'" + strings.Repeat("a", 1<<16+1) + "'", "indicator: 1:1: quoted text of 65537 bytes, want at most 65536"},
	}
	for _, tt := range refused {
		_, err := indicator.Parse(tt.in)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.20s...: %v, want %s", tt.in, err, tt.want)
		}
	}
}
