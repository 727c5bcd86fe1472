package period_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// The vector tests compare this package with the results of a DHIS2 server, row
// by row. Where the two differ, exempt must give a reason. The tests of package
// compat check that compat gives the server's answer for the same rows.

func TestVectorsParse(t *testing.T)     { runVectors(t, "periods_parse*") }
func TestVectorsOfDate(t *testing.T)    { runVectors(t, "periods_of_date*") }
func TestVectorsShift(t *testing.T)     { runVectors(t, "periods_shift*") }
func TestVectorsLists(t *testing.T)     { runVectors(t, "periods_lists*") }
func TestVectorsRelative(t *testing.T)  { runVectors(t, "periods_relative*") }
func TestVectorsNames(t *testing.T)     { runVectors(t, "periods_names*") }
func TestVectorsRollup(t *testing.T)    { runVectors(t, "periods_rollup*") }
func TestVectorsADX(t *testing.T)       { runVectors(t, "periods_adx*") }
func TestVectorsCalendars(t *testing.T) { runVectors(t, "periods_calendars*") }
func TestVectorsLocal(t *testing.T)     { runVectors(t, "periods_local*") }

var (
	weekID        = regexp.MustCompile(`^\d{4}[A-Za-z]*W\d`)
	dayID         = regexp.MustCompile(`^\d{8}$|^\d{4}-\d\d-\d\d$`)
	severalMonths = regexp.MustCompile(`^\d{4}(\d\dB|(April|Nov)?S\d|NovQ\d)$`)
)

// exempt returns why an answer of this package may differ from the server's, or
// "" if it may not. Rows of tier 2 show defects or accidents of the server.
// Some sets have no tiers, or only one for the whole set, so exempt recognizes
// their defects itself.
func exempt(set *vectors.Set, row vectors.Row) string {
	id, cal := row.Text("id"), row.Calendar()
	week := set.Name == "of_date_weekly" || weekID.MatchString(id) ||
		strings.HasPrefix(row.Text("type"), "Weekly") || strings.Contains(row.Text("keyword"), "WEEK")
	switch cal {
	case "iso8601", "gregorian":
		if strings.HasSuffix(id, "BiW27") && lateBiWeek(id) {
			return "BiW27 in the year after one of 53 weeks"
		}
		if cal == "gregorian" && week {
			return "" // in other local calendars these rows agree with the ISO calendar
		}
	case "nepali", "persian":
		if dayID.MatchString(id) && !dayExists(cal, id) {
			return "a day beyond the end of its month, counted on"
		}
	case "ethiopian":
		if inPagume(row) {
			return "a day in Pagume, refused or counted in the next year"
		}
	case "coptic":
		if acrossThirteen(set, row) {
			return "two, three or six months across a Coptic month 13"
		}
	}
	switch {
	case set.Name == "relative" && cal != "iso8601" && cal != "gregorian" && !week && looksBack(row.Text("keyword")):
		return "LAST_x counts in the calendar, on the server by Gregorian months"
	case row.Tier() == 2:
		return "tier 2"
	case week && cal != "iso8601":
		return "weeks of a local calendar"
	}
	return ""
}

// looksBack reports whether a keyword names periods before the current one.
func looksBack(keyword string) bool {
	return strings.HasPrefix(keyword, "LAST_") || strings.HasSuffix(keyword, "_LAST_YEAR") || keyword == "YESTERDAY"
}

// lateBiWeek reports whether id names the 27th bi-week of a year that has 26,
// after one that has 27.
func lateBiWeek(id string) bool {
	first, err := period.Parse(id[:4] + "BiW1")
	if err != nil {
		return false
	}
	_, err = period.Parse(id)
	return err != nil && strings.HasSuffix(period.BiWeekly.On(first.First()-7).String(), "BiW27")
}

// dayExists reports whether the day of a Daily identifier is one of its
// calendar.
func dayExists(calendar, id string) bool {
	c, _ := period.CalendarByName(calendar)
	var year, month, day int
	if _, err := fmt.Sscanf(strings.ReplaceAll(id, "-", ""), "%4d%2d%2d", &year, &month, &day); err != nil {
		panic(err)
	}
	_, err := c.Date(year, month, day)
	return err == nil
}

// inPagume reports whether a row of tier 1 asks for the period of a day in
// month 13. The server refuses such a day or gives a period of the next year.
func inPagume(row vectors.Row) bool {
	date := row.Text("date")
	switch keyword := row.Text("keyword"); {
	case keyword == "THIS_QUARTER":
		date = row.Text("now")
	case keyword == "LAST_QUARTER", keyword == "LAST_4_QUARTERS":
		date = day(row.Text("now")).Time(time.UTC).AddDate(0, -3, 0).Format(time.DateOnly)
	}
	if adx := row.Text("adx"); len(adx) > 10 && row.Cell("type") != nil {
		date = adx[:10]
	}
	if date == "" {
		return false
	}
	_, month, _ := period.Ethiopian.Civil(day(date))
	return month == 13
}

// acrossThirteen reports whether a row steps by two, three or six months
// through a year of 13. The server then has bi-months 07B, halves that end a
// month early, and periods that are their own successor.
func acrossThirteen(set *vectors.Set, row vectors.Row) bool {
	id := row.Text("id")
	switch set.Name {
	case "parse", "name":
		return strings.HasSuffix(id, "AprilS2") || strings.HasSuffix(id, "NovS1") || strings.HasSuffix(id, "NovQ1")
	case "of_date_main":
		_, month, _ := period.Coptic.Civil(day(row.Text("date")))
		return month == 13
	case "shift":
		return severalMonths.MatchString(id)
	}
	return false
}

// ask compares the answer of this package to a row with that of the server.
func ask(set *vectors.Set, row vectors.Row) (a vectors.Answer) {
	if onlyCompat[set.Name] {
		return vectors.Answer{Want: "an answer", Left: set.Name}
	}
	question, ok := questions[set.Name]
	if !ok {
		return vectors.Answer{Got: "unknown set " + set.Name}
	}
	cal, ok := period.CalendarByName(row.Calendar())
	if !ok {
		return vectors.Answer{Got: "unknown calendar " + row.Calendar()}
	}
	if a.Got, a.Want = question(cal, row); a.Got != a.Want {
		a.Left = exempt(set, row)
	}
	return a
}

// questions has the function that answers each set of rows.
var questions = map[string]func(*period.Calendar, vectors.Row) (got, want string){
	"parse":          askParse,
	"edge":           askParse,
	"free_range":     askRange,
	"of_date":        askOfDate,
	"of_date_main":   askOfDateMain,
	"of_date_weekly": askOfDateWeekly,
	"shift":          askShift,
	"year_list":      askYear,
	"range_list":     askBetween,
	"relative":       askRelative,
	"name":           askName,
	"name_of_date":   askNameOfDate,
	"rollup":         askRollup,
	"ytd":            askYearToDate,
	"types":          askType,
	"adx_serialize":  askISO,
	"adx_parse":      askSnap,
	"cal_from_iso":   askCivil,
	"cal_to_iso":     askDate,
	"cal_year":       askMonthLengths,
}

// onlyCompat lists the sets for which this package has no functions: arithmetic
// on days, and weeks as they were read before 2026.
var onlyCompat = map[string]bool{"cal_plus": true, "weekly_nocheck": true}

func runVectors(t *testing.T, pattern string) {
	t.Helper()
	vectors.Run(t, "testdata/vectors", pattern, ask)
}

// show joins the parts of an answer into one text.
func show(parts ...any) string { return strings.TrimSuffix(fmt.Sprintln(parts...), "\n") }

func day(s string) period.Date {
	d, err := period.ParseDate(s)
	if err != nil {
		panic(err) // a vector with an impossible day is a mistake
	}
	return d
}

func typ(s string) period.Type {
	t, err := period.ParseType(s)
	if err != nil {
		panic(err)
	}
	return t
}

// describe returns a period, or its error, as the vectors write it.
func describe(p period.Period, err error) string {
	if bad, ok := err.(*period.ParseError); ok {
		if bad.Type == 0 {
			return show("", "!format")
		}
		return show(bad.Type, "!value")
	}
	return show(p.Type(), p, p.First(), p.Last(), p.Days())
}

func askParse(c *period.Calendar, row vectors.Row) (got, want string) {
	got = describe(c.Parse(row.Text("id")))
	want = show(row.Text("type"), row.Text("iso"))
	if !strings.HasPrefix(row.Text("iso"), "!") {
		want = show(want, row.Text("start"), row.Text("end"), row.Number("days"))
	}
	return got, want
}

func askRange(_ *period.Calendar, row vectors.Row) (got, want string) {
	first, last, err := period.ParseRange(row.Text("input"))
	got = "!"
	if err == nil {
		got = show(first, last, period.Daily.On(first))
	}
	want = row.Text("start")
	if want != "!" {
		want = show(row.Text("start")[:10], row.Text("end")[:10], row.Text("iso"))
	}
	return got, want
}

func askOfDate(c *period.Calendar, row vectors.Row) (got, want string) {
	var ids []period.Period
	for _, t := range period.Types() {
		ids = append(ids, c.On(t, day(row.Text("date"))))
	}
	return show(ids), show(row.List("ids"))
}

func askOfDateMain(c *period.Calendar, row vectors.Row) (got, want string) {
	ids := []period.Period{c.On(period.Daily, day(row.Text("date")))}
	for t := period.Monthly; t <= period.FinancialNov; t++ {
		ids = append(ids, c.On(t, day(row.Text("date"))))
	}
	return show(ids), show(row.List("ids"))
}

func askOfDateWeekly(c *period.Calendar, row vectors.Row) (got, want string) {
	var ids []period.Period
	for t := period.Weekly; t <= period.BiWeekly; t++ {
		ids = append(ids, c.On(t, day(row.Text("date"))))
	}
	return show(ids), show(row.List("ids"))
}

func askShift(c *period.Calendar, row vectors.Row) (got, want string) {
	p, err := c.Parse(row.Text("id"))
	if err != nil {
		return "!", row.Result("result")
	}
	return p.Add(row.Number("n")).String(), row.Result("result")
}

func askYear(c *period.Calendar, row vectors.Row) (got, want string) {
	return show(c.Year(typ(row.Text("type")), day(row.Text("date")))), show(row.List("ids"))
}

func askBetween(c *period.Calendar, row vectors.Row) (got, want string) {
	return show(c.Between(typ(row.Text("type")), day(row.Text("from")), day(row.Text("to")))), show(row.List("ids"))
}

// financialYears maps the values of a server's setting to types.
var financialYears = map[string]period.Type{
	"FINANCIAL_YEAR_FEBRUARY":  period.FinancialFeb,
	"FINANCIAL_YEAR_APRIL":     period.FinancialApril,
	"FINANCIAL_YEAR_JULY":      period.FinancialJuly,
	"FINANCIAL_YEAR_AUGUST":    period.FinancialAug,
	"FINANCIAL_YEAR_SEPTEMBER": period.FinancialSep,
	"FINANCIAL_YEAR_OCTOBER":   period.FinancialOct,
}

func askRelative(c *period.Calendar, row vectors.Row) (got, want string) {
	r, err := period.ParseRelative(row.Text("keyword"))
	if err != nil {
		return err.Error(), show(row.List("ids"))
	}
	ids := r.On(period.Clock{
		Today:         day(row.Text("now")),
		Calendar:      c,
		Week:          typ(row.Text("weeklyStart")),
		FinancialYear: financialYears[row.Text("financialYearStart")],
	})
	return show(ids), show(row.List("ids"))
}

func askName(c *period.Calendar, row vectors.Row) (got, want string) {
	p, err := c.Parse(row.Text("id"))
	if err != nil {
		return err.Error(), row.Text("name")
	}
	return show(p.Name(), p.ShortName()), show(row.Text("name"), row.Text("shortName"))
}

func askNameOfDate(c *period.Calendar, row vectors.Row) (got, want string) {
	p := c.On(typ(row.Text("type")), day(row.Text("date")))
	return show(p, p.Name(), p.ShortName()), show(row.Text("iso"), row.Text("name"), row.Text("shortName"))
}

func askRollup(c *period.Calendar, row vectors.Row) (got, want string) {
	p, err := c.Parse(row.Text("id"))
	if err != nil {
		return err.Error(), show(row.List("ids"))
	}
	year, month, _ := p.First().Civil()
	if shape := p.Type().Frequency(); shape == 7 {
		year, _, _ = (p.First() + 3).Civil()
	}
	var ids []string
	list := row.List("ids")
	for _, t := range period.Types() {
		if row.Calendar() != "iso8601" && t >= period.Weekly && t <= period.BiWeekly {
			list[t-1] = "-"
			ids = append(ids, "-")
			continue
		}
		q, ok := p.In(t)
		if !ok {
			ids = append(ids, "-")
			continue
		}
		ids = append(ids, q.String())
	}
	return show(p.Days(), period.DateOf(p.First().Year(), month, 1), year, ids),
		show(row.Number("days"), row.Text("monthStart"), row.Number("year"), list)
}

func askYearToDate(c *period.Calendar, row vectors.Row) (got, want string) {
	p, err := c.Parse(row.Text("id"))
	if err != nil {
		return err.Error(), show(row.List("ids"))
	}
	var ids []period.Period
	for _, q := range p.YearToDate() { // the server lists backwards
		ids = append([]period.Period{q}, ids...)
	}
	return show(p.ReportingYear(), ids), show(row.Number("reportingYear"), row.List("ids"))
}

func askType(_ *period.Calendar, row vectors.Row) (got, want string) {
	t := typ(row.Text("type"))
	var spans []int
	for _, u := range period.Types() {
		spans = append(spans, t.Frequency()/u.Frequency())
	}
	multiple := t >= period.FinancialFeb
	return show(t.Frequency(), t.Format(), t.Duration(), multiple, spans),
		show(row.Number("frequencyOrder"), row.Text("format"), row.Text("duration"), row.Cell("spansMultipleYears"), row.Cell("spans"))
}

func askISO(c *period.Calendar, row vectors.Row) (got, want string) {
	p, err := c.Parse(row.Text("id"))
	if err != nil {
		return "!", row.Text("adx")
	}
	return p.ISO(), row.Text("adx")
}

func askSnap(c *period.Calendar, row vectors.Row) (got, want string) {
	got = "!"
	if p, err := c.SnapISO(row.Text("adx")); err == nil {
		got = show(p.Type(), p, p.First(), p.Last())
	}
	want = row.Text("iso")
	if want != "!" {
		want = show(row.Text("type"), want, row.Text("start"), row.Text("end"))
	}
	return got, want
}

func askCivil(c *period.Calendar, row vectors.Row) (got, want string) {
	year, month, d := c.Civil(day(row.Text("iso")))
	if year == 0 {
		return "!", row.Result("local")
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, d), row.Result("local")
}

func askDate(c *period.Calendar, row vectors.Row) (got, want string) {
	var year, month, d int
	if _, err := fmt.Sscanf(row.Text("local"), "%d-%d-%d", &year, &month, &d); err != nil {
		return err.Error(), row.Result("iso")
	}
	got = "!"
	if date, err := c.Date(year, month, d); err == nil {
		got = date.String()
	}
	return got, row.Result("iso")
}

// askMonthLengths compares the first twelve months of a year. The tests of
// compat check the rest of the row.
func askMonthLengths(c *period.Calendar, row vectors.Row) (got, want string) {
	var lengths []any
	for month := 1; month <= 12; month++ {
		var length any
		for day := 1; ; day++ {
			if _, err := c.Date(row.Number("year"), month, day); err != nil {
				break
			}
			length = day
		}
		lengths = append(lengths, length)
	}
	list, _ := row.Cell("monthLengths").([]any) // nil if the server fails for every month
	return show(lengths), show(append(list, make([]any, 12)...)[:12])
}
