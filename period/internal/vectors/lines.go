package vectors

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// A Line is one request to a running server and its answer.
type Line struct {
	ID     string `json:"id"`
	Path   string `json:"path"`
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// LineFiles reads every file of requests in the folder "server" whose name
// without its ending matches a pattern such as "relative-periods*". The folder
// is below the one in HMIS_VECTORS or, if that is not set, below dir. It is an
// error if there is no such file, or none with a line in it.
func LineFiles(dir, pattern string) (map[string][]Line, error) {
	if d := os.Getenv("HMIS_VECTORS"); d != "" {
		dir = d
	}
	dir = filepath.Join(dir, "server")
	files := map[string][]Line{}
	for _, ending := range []string{".jsonl", ".jsonl.gz"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern+ending))
		if err != nil {
			return nil, err
		}
		for _, name := range paths {
			lines, err := readLines(name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			files[filepath.Base(name)] = lines
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no file %s.jsonl or %s.jsonl.gz in %s", pattern, pattern, dir)
	}
	return files, nil
}

func readLines(name string) ([]Line, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, err
		}
	}
	var lines []Line
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		var l Line
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("line %d: %w", len(lines)+1, err)
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 && scan.Err() == nil {
		return nil, io.ErrUnexpectedEOF
	}
	return lines, scan.Err()
}

// RunLines compares the answers of the files that LineFiles finds with what ask
// returns, and reports how many passed, how many failed and which.
func RunLines(t *testing.T, dir, pattern string, ask func(Line) (got, want string)) {
	t.Helper()
	files, err := LineFiles(dir, pattern)
	if err != nil {
		t.Fatal(err)
	}
	for name, lines := range files {
		passed, failed := 0, 0
		for _, l := range lines {
			a := answer(ask, l)
			if a.Got == a.Want {
				passed++
			} else if failed++; failed <= 20 {
				t.Errorf("%s: %s %s:\n got  %s\n want %s", name, l.ID, l.Path, a.Got, a.Want)
			}
		}
		t.Logf("%s: %d passed, %d failed", name, passed, failed)
	}
}

// answer asks about a line; a panic is a wrong answer.
func answer(ask func(Line) (got, want string), l Line) (a Answer) {
	defer func() {
		if bad := recover(); bad != nil {
			a = Answer{Got: fmt.Sprint("panic: ", bad), Want: "an answer"}
		}
	}()
	a.Got, a.Want = ask(l)
	return a
}

// Relative is what a request for relative periods asks.
type Relative struct {
	Keyword string
	Today   string // startDate
	Week    string // name of the weekly type, such as "WeeklySunday"
	Year    string // name of the financial type, such as "FinancialJuly"
	Want    []string
}

// ReadRelative reads a line that asks for the periods of a keyword, such as
//
//	/api/relativePeriods/LAST_4_WEEKS?startDate=2024-02-29&weeklyStart=WEEKLY_SUNDAY
//
// What the request leaves out is what a server uses if its settings are left
// alone: weeks from Monday and financial years from October.
func ReadRelative(l Line) (Relative, error) {
	u, err := url.Parse(l.Path)
	if err != nil {
		return Relative{}, err
	}
	r := Relative{Keyword: path.Base(u.Path), Week: "Weekly", Year: "FinancialOct"}
	for name, values := range u.Query() {
		switch value := values[0]; name {
		case "startDate":
			r.Today = value
		case "weeklyStart":
			r.Week = "Weekly" + title(strings.TrimPrefix(strings.TrimPrefix(value, "WEEKLY"), "_"))
		case "financialYearStart":
			month := title(strings.TrimPrefix(value, "FINANCIAL_YEAR_"))
			if month != "April" && month != "July" {
				month = month[:min(3, len(month))] // FinancialFeb, FinancialAug, ...
			}
			r.Year = "Financial" + month
		default:
			return Relative{}, fmt.Errorf("unknown parameter %s", name)
		}
	}
	return r, json.Unmarshal([]byte(l.Body), &r.Want)
}

// title writes a word in capitals as part of a name: "SUNDAY" becomes "Sunday".
func title(word string) string {
	if word == "" {
		return ""
	}
	return word[:1] + strings.ToLower(word[1:])
}
