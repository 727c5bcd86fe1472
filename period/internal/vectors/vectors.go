// Package vectors reads results of a DHIS2 server for the tests of packages
// period and compat. README.md in testdata/vectors of package period says how
// they were made.
package vectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// A File is one file of results.
type File struct {
	Sets []Set `json:"sets"`
}

// A Set is a table with the results of one question.
type Set struct {
	Name     string   `json:"set"`
	Source   string   `json:"source"`
	Calendar string   `json:"calendar"`
	Columns  []string `json:"columns"`
	Rows     [][]any  `json:"rows"`
}

// Files returns the files of results that match a pattern without an ending,
// such as "periods_parse*" or "server/relative-periods*". They are in
// $HMIS_VECTORS or, if that is not set, in dir. It fails the test if there are
// none.
func Files(t testing.TB, dir, pattern string) []string {
	t.Helper()
	if os.Getenv("HMIS_VECTORS") != "" {
		return testfile.Vectors(t, pattern)
	}
	var files []string
	for _, ending := range []string{".json", ".json.gz", ".jsonl", ".jsonl.gz"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern+ending))
		require.NoError(t, err)
		files = append(files, found...)
	}
	require.NotEmpty(t, files, "no file %s in %s", pattern, dir)
	return files
}

// check returns an error if there is nothing to compare, or if a row does not
// fit its set.
func (f *File) check() error {
	rows := 0
	for _, set := range f.Sets {
		for i, cells := range set.Rows {
			if len(cells) != len(set.Columns) {
				return fmt.Errorf("set %s, row %d: %d cells in %d columns", set.Name, i, len(cells), len(set.Columns))
			}
		}
		rows += len(set.Rows)
	}
	if rows == 0 {
		return errors.New("no rows")
	}
	return nil
}

// An Answer has the answers of the code under test and of the server to one
// row.
type Answer struct {
	Got, Want string
	Left      string // the reason why they may differ, or ""
}

// Run compares all rows of the files that match a pattern. It reports how many
// passed, which failed, and how many may differ for each reason.
func Run(t *testing.T, dir, pattern string, ask func(*Set, Row) Answer) {
	t.Helper()
	for _, name := range Files(t, dir, pattern) {
		var file File
		testfile.JSON(t, name, &file)
		require.NoError(t, file.check(), name)
		counted := tally.Of(t, name)
		for i := range file.Sets {
			set := &file.Sets[i]
			for row := range set.Each {
				switch a := safely(ask, set, row); {
				case a.Got == a.Want:
					counted.Pass()
				case a.Left != "":
					counted.Leave(a.Left)
				default:
					counted.Fail("%v:\n got  %s\n want %s", row, a.Got, a.Want)
				}
			}
		}
		counted.Done()
	}
}

// safely calls ask for a row. A panic is a wrong answer.
func safely(ask func(*Set, Row) Answer, set *Set, row Row) (a Answer) {
	defer func() {
		if bad := recover(); bad != nil {
			a = Answer{Got: fmt.Sprint("panic: ", bad), Want: "an answer"}
		}
	}()
	return ask(set, row)
}

// A Row is one result, read by column.
type Row struct {
	set   *Set
	cells []any
}

// Each returns the rows of the set.
func (s *Set) Each(yield func(Row) bool) {
	for _, cells := range s.Rows {
		if !yield(Row{set: s, cells: cells}) {
			return
		}
	}
}

// Cell returns the value of a column. It is nil if the set has no such column.
func (r Row) Cell(column string) any {
	for i, name := range r.set.Columns {
		if name == column {
			return r.cells[i]
		}
	}
	return nil
}

// Text returns the text of a column. A null is "".
func (r Row) Text(column string) string {
	text, _ := r.Cell(column).(string)
	return text
}

// Number returns the number in a column. A null is 0.
func (r Row) Number(column string) int {
	number, _ := r.Cell(column).(float64)
	return int(number)
}

// Result returns the result in a column as text. A null means an error of the
// server, which is "!".
func (r Row) Result(column string) string {
	switch cell := r.Cell(column).(type) {
	case nil:
		return "!"
	case float64:
		return fmt.Sprint(int(cell))
	default:
		return fmt.Sprint(cell)
	}
}

// List returns a list of texts in a column. A null in the list is "-". A single
// text, such as "!" for an error of the server, is a list of one.
func (r Row) List(column string) []string {
	cell := r.Cell(column)
	if text, ok := cell.(string); ok {
		return []string{text}
	}
	var list []string
	cells, _ := cell.([]any)
	for _, c := range cells {
		if text, ok := c.(string); ok {
			list = append(list, text)
		} else {
			list = append(list, "-")
		}
	}
	return list
}

// Tier returns the tier of the row, a number that groups rows. It is 1 if the
// set does not state one.
func (r Row) Tier() int {
	if tier := r.Number("tier"); tier != 0 {
		return tier
	}
	return 1
}

// Calendar returns the name of the calendar of the row.
func (r Row) Calendar() string {
	if r.set.Calendar == "any" {
		return r.Text("calendar")
	}
	return r.set.Calendar
}

// String returns the row as it is in the file.
func (r Row) String() string {
	text, err := json.Marshal(r.cells)
	if err != nil {
		return err.Error()
	}
	if len(text) > 160 {
		text = append(text[:160], "..."...)
	}
	return r.set.Name + " " + r.set.Calendar + " " + string(text)
}
