package aggregatetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate"
)

// Golden compares a table with a file that holds the CSV of [aggregate.Table],
// and fails the test with the lines that differ. If there is no such file, it
// is written and the test fails once, so that you look at the file. To accept a
// changed table, remove its file and run the test again.
func Golden(t testing.TB, file string, table *aggregate.Table) {
	t.Helper()
	var got bytes.Buffer
	if err := table.WriteCSV(&got); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.MkdirAll(filepath.Dir(file), 0o777)
		if err == nil {
			err = os.WriteFile(file, got.Bytes(), 0o666)
		}
		if err == nil {
			err = fmt.Errorf("%s is new: look at it, and run the test again", file)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range differences(string(want), got.String()) {
		t.Errorf("%s:%s", file, difference)
	}
}

// mostDifferences limits how many lines that differ are shown.
const mostDifferences = 20

// differences returns the lines of two texts that differ, by number. It ignores
// the line ends of Windows, which version control may have made.
func differences(want, got string) (list []string) {
	lines := func(text string) []string {
		return strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	}
	w, g := lines(want), lines(got)
	for i := range max(len(w), len(g)) {
		switch {
		case len(list) == mostDifferences:
			return append(list, fmt.Sprintf("%d: and so on", i+1))
		case i >= len(g):
			list = append(list, fmt.Sprintf("%d: no such line, want %s", i+1, w[i]))
		case i >= len(w):
			list = append(list, fmt.Sprintf("%d: got %s, want no such line", i+1, g[i]))
		case w[i] != g[i]:
			list = append(list, fmt.Sprintf("%d: got %s, want %s", i+1, g[i], w[i]))
		}
	}
	return list
}
