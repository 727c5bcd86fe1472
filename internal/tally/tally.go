// Package tally counts the comparisons of a test with a file. All packages
// report them in this form.
package tally

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
)

// shown is the number of failures of a file that are reported in full.
const shown = 20

// A Tally counts comparisons with one file.
type Tally struct {
	t              testing.TB
	file           string
	passed, failed int
	left           map[string]int
}

// Of returns a Tally for the file with this path. Call Done at the end.
func Of(t testing.TB, path string) *Tally {
	return &Tally{t: t, file: filepath.Base(path), left: map[string]int{}}
}

// Pass counts a comparison that succeeds.
func (c *Tally) Pass() { c.passed++ }

// Fail counts a comparison that fails. The first 20 fail the test with their
// message, as [testing.T.Errorf] does.
func (c *Tally) Fail(format string, args ...any) {
	c.t.Helper()
	if c.failed++; c.failed <= shown {
		c.t.Errorf("%s: "+format, append([]any{c.file}, args...)...)
	}
}

// Check calls Pass if ok is true, and Fail with the message otherwise.
func (c *Tally) Check(ok bool, format string, args ...any) {
	c.t.Helper()
	if ok {
		c.Pass()
		return
	}
	c.Fail(format, args...)
}

// Leave counts a comparison that may fail, with the reason: a defect of the
// server, or a question without an answer.
func (c *Tally) Leave(why string) { c.left[why]++ }

// Done logs "FILE: N passed, M failed", and a line for each reason given to
// Leave. It fails the test if nothing passed or failed.
func (c *Tally) Done() {
	c.t.Helper()
	c.t.Logf("%s: %d passed, %d failed", c.file, c.passed, c.failed)
	for _, why := range slices.Sorted(maps.Keys(c.left)) {
		c.t.Logf("%s: %d left: %s", c.file, c.left[why], why)
	}
	if c.passed+c.failed == 0 {
		c.t.Errorf("%s: nothing was compared", c.file)
	}
}
