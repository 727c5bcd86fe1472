//go:build unix

package indicator_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// TestLinear checks that the time for hostile input grows only with its length:
// to parse, print, describe, check and compute it.
func TestLinear(t *testing.T) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{})
	require.NoError(t, err)
	tests := []struct {
		name string
		make func(n int) string
	}{
		{"sum", func(n int) string { return strings.Repeat("1+", n/2) + "1" }},
		{"different items", func(n int) string {
			var b strings.Builder
			for i := range n / 16 {
				b.WriteString("#{a" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + "aaaaaaa}+")
			}
			return b.String() + "1"
		}},
		{"mixed levels", func(n int) string { return strings.Repeat("1+2*3==4 or ", n/12) + "1" }},
		{"nests side by side", func(n int) string {
			return strings.Repeat(strings.Repeat("(", 400)+"1"+strings.Repeat(")", 400)+"-", n/802) + "1"
		}},
		{"signs", func(n int) string { return strings.Repeat(strings.Repeat("-", 400)+"1+", n/402) + "1" }},
		{"powers", func(n int) string { return strings.Repeat(strings.Repeat("1^", 400)+"1+", n/802) + "1" }},
		{"modifiers", func(n int) string {
			return strings.Repeat("#{aaaaaaaaaaa}"+strings.Repeat(".yearToDate()", 40)+"+", n/534) + "1"
		}},
		{"comments", func(n int) string { return "1" + strings.Repeat("/**/", n/4) }},
		{"comments in an item", func(n int) string { return "#{" + strings.Repeat("/**/", n/4) + "aaaaaaaaaaa}" }},
		{"open comments", func(n int) string { return "1" + strings.Repeat("/*", n/2) }},
		{"open items", func(n int) string { return strings.Repeat("#{", n/2) }},
		{"open texts", func(n int) string { return strings.Repeat("'", n|1) }},
		{"escapes", func(n int) string { return strings.Repeat(`+'\u0041\101'`, n/13) }},
		{"arguments", func(n int) string { return "greatest(" + strings.Repeat("1,", n/2) + "1)" }},
		{"parts of a text", func(n int) string {
			n = min(n, 65000)
			return "containsItems('" + strings.Repeat("a,b,", n/4) + "','x')"
		}},
		{"almost contained", func(n int) string {
			n = min(n/2, 65000)
			return "contains('" + strings.Repeat("ä", n/2) + "','" + strings.Repeat("ä", n/4) + "b')"
		}},
		{"long numbers", func(n int) string { return strings.Repeat("1e"+strings.Repeat("9", 900)+"<", n/903) + "1" }},
		{"small numbers", func(n int) string { return strings.Repeat("1e-300+1e300-", n/13) + "1" }},
		{"powers of large numbers", func(n int) string { return strings.Repeat("9.99e300^9999999+", n/17) + "1" }},
		{"remainders of far numbers", func(n int) string { return strings.Repeat("1e308%3e-320+", n/13) + "1" }},
		{"words", func(n int) string { return strings.Repeat("a", n) }},
		{"names with a space", func(n int) string { return "log10" + strings.Repeat(" ", n) + "(1)" }},
		{"not UTF-8", func(n int) string { return strings.Repeat("ä", n/2) + "\xff" }},
	}
	for _, tt := range tests {
		work := func(src string) time.Duration {
			start := cpuTime(t)
			if e, err := indicator.Parse(src); err == nil {
				_ = e.Describe(catalog)
				_ = e.Check(catalog)
				_, _ = e.Eval(indicator.Env{})
			} else {
				_ = snippet(err)
			}
			return cpuTime(t) - start
		}
		const n = 4000
		short, long := tt.make(n), tt.make(8*n)
		small, large := time.Hour, time.Hour
		ok := false
		for try := 0; try < 10 && !ok; try++ { // the machine may be busy
			small, large = min(small, work(short)), min(large, work(long))
			ok = large < 30*small+time.Millisecond // a quadratic step would take 64 times as long
		}
		if !ok {
			t.Errorf("%s: %v for %d bytes, %v for %d", tt.name, small, n, large, 8*n)
		}
	}
}

// cpuTime returns the processor time of this process. Other processes change it
// less than the time on a clock.
func cpuTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
