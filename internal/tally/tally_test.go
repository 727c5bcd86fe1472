package tally_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/tally"
)

// A recorder is a test that keeps what is reported to it.
type recorder struct {
	testing.TB
	errors, logs []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}

func TestTally(t *testing.T) {
	r := &recorder{}
	c := tally.Of(r, "a/b/100%d.json.gz")
	c.Pass()
	c.Check(true, "never shown")
	for i := range 30 {
		c.Check(false, "row %d", i)
	}
	c.Leave("the server says Infinity")
	c.Leave("no answer")
	c.Leave("no answer")
	c.Done()
	require.Len(t, r.errors, 20)
	require.Equal(t, "100%d.json.gz: row 0", r.errors[0])
	require.Equal(t, "100%d.json.gz: row 19", r.errors[19])
	require.Equal(t, []string{
		"100%d.json.gz: 2 passed, 30 failed",
		"100%d.json.gz: 2 left: no answer",
		"100%d.json.gz: 1 left: the server says Infinity",
	}, r.logs)
}

func TestNothingCompared(t *testing.T) {
	r := &recorder{}
	c := tally.Of(r, "empty.json")
	c.Leave("no answer")
	c.Done()
	require.Equal(t, []string{"empty.json: nothing was compared"}, r.errors)
}
