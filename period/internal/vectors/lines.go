package vectors

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
)

// A Line is one request to a running server and its answer.
type Line struct {
	ID     string `json:"id"`
	Path   string `json:"path"`
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// RunLines reads the lines of all files that match a pattern. It compares each
// answer with the one from ask, and reports how many passed and which failed.
func RunLines(t *testing.T, dir, pattern string, ask func(Line) (got, want string)) {
	t.Helper()
	for _, name := range Files(t, dir, pattern) {
		counted := tally.Of(t, name)
		for l := range testfile.Lines[Line](t, name) {
			a := answer(ask, l)
			counted.Check(a.Got == a.Want, "%s %s:\n got  %s\n want %s", l.ID, l.Path, a.Got, a.Want)
		}
		counted.Done()
	}
}

// answer calls ask for a line. A panic is a wrong answer.
func answer(ask func(Line) (got, want string), l Line) (a Answer) {
	defer func() {
		if bad := recover(); bad != nil {
			a = Answer{Got: fmt.Sprint("panic: ", bad), Want: "an answer"}
		}
	}()
	a.Got, a.Want = ask(l)
	return a
}

// A Relative has the parameters of a request for relative periods.
type Relative struct {
	Keyword string
	Today   string // the parameter startDate
	Week    string // the name of a weekly type, such as "WeeklySunday"
	Year    string // the name of a financial type, such as "FinancialJuly"
	Want    []string
}

// ReadRelative reads a line that asks for the periods of a keyword, such as
//
//	/api/relativePeriods/LAST_4_WEEKS?startDate=2024-02-29&weeklyStart=WEEKLY_SUNDAY
//
// Parameters that are left out have the defaults of a server: weeks from Monday
// and financial years from October.
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

// title returns a word in capitals as part of a name: "SUNDAY" becomes
// "Sunday".
func title(word string) string {
	if word == "" {
		return ""
	}
	return word[:1] + strings.ToLower(word[1:])
}
