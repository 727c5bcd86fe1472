package aggregatetest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest"
)

// A recorder is a test that records what is reported to it.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatal(args ...any) {
	r.errors = append(r.errors, fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// reported returns the text that f reports to its test.
func reported(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return strings.Join(r.errors, "\n")
}

func table(t *testing.T) *aggregate.Table {
	w := aggregatetest.New(t, country)
	table, err := w.Cube(t).Query(t.Context(), w.Query(t, "sum BCG by Nge, Baw over 202401, 202402"))
	require.NoError(t, err)
	return table
}

func TestGolden(t *testing.T) {
	const want = "dx,ou,pe,value\nBCG00000000,Nge00000000,202401,32\nBCG00000000,Baw00000000,202402,5\n"
	file := filepath.Join(t.TempDir(), "golden", "bcg.csv")
	golden := func(tb testing.TB) { aggregatetest.Golden(tb, file, table(t)) }
	require.Equal(t, file+" is new: look at it, and run the test again", reported(t, golden))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(text))
	require.Empty(t, reported(t, golden))

	tests := []struct{ name, file, want string }{
		{"line ends of Windows", strings.ReplaceAll(want, "\n", "\r\n"), ""},
		{"another value", strings.Replace(want, "32", "31", 1), ":2: got BCG00000000,Nge00000000,202401,32, want BCG00000000,Nge00000000,202401,31"},
		{"a line more", want + "x\n", ":4: no such line, want x"},
		{"a line less", "dx,ou,pe,value\nBCG00000000,Nge00000000,202401,32\n", ":3: got BCG00000000,Baw00000000,202402,5, want no such line"},
	}
	for _, tt := range tests {
		require.NoError(t, os.WriteFile(file, []byte(tt.file), 0o666))
		got := strings.TrimPrefix(reported(t, golden), file)
		require.Equal(t, tt.want, got, tt.name)
	}
}

func TestGoldenManyDifferences(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bcg.csv")
	require.NoError(t, os.WriteFile(file, []byte(strings.Repeat("x\n", 100)), 0o666))
	got := strings.Split(reported(t, func(tb testing.TB) { aggregatetest.Golden(tb, file, table(t)) }), "\n")
	require.Len(t, got, 21)
	require.Equal(t, file+":21: and so on", got[20])
}
