package compat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/compat"
	"github.com/ohie-hmis/hmis-go/period/internal/vectors"
)

// The vector tests compare this package with every result of a DHIS2 server,
// defects included.

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

// questions has the function that answers each set of rows. This package
// answers all but the set of types.
var questions = map[string]func(compat.Server, vectors.Row) (got, want string){
	"parse":          askParse,
	"edge":           askParse,
	"weekly_nocheck": askParseLenient,
	"free_range":     askRange,
	"of_date":        askOfDate,
	"of_date_main":   askOfDate,
	"of_date_weekly": askOfDate,
	"shift":          askShift,
	"year_list":      askYear,
	"range_list":     askBetween,
	"relative":       askRelative,
	"name":           askName,
	"name_of_date":   askNameOfDate,
	"rollup":         askRollup,
	"ytd":            askYearToDate,
	"adx_serialize":  askISO,
	"adx_parse":      askParseISO,
	"cal_from_iso":   askDayOf,
	"cal_to_iso":     askDate,
	"cal_year":       askYearFacts,
	"cal_plus":       askPlus,
}

// ask compares the answer of this package to a row with that of the server.
func ask(set *vectors.Set, row vectors.Row) (a vectors.Answer) {
	if set.Name == "types" {
		return vectors.Answer{Want: "an answer", Left: "types are those of package period"}
	}
	question, ok := questions[set.Name]
	if !ok {
		return vectors.Answer{Got: "unknown set " + set.Name}
	}
	cal, ok := period.CalendarByName(row.Calendar())
	if !ok {
		return vectors.Answer{Got: "unknown calendar " + row.Calendar()}
	}
	a.Got, a.Want = question(compat.Server{Calendar: cal}, row)
	return a
}

func runVectors(t *testing.T, pattern string) {
	t.Helper()
	vectors.Run(t, "../testdata/vectors", pattern, ask)
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

// or returns v as text, or "!" if there is an error.
func or(v any, err error) string {
	if err != nil {
		return "!"
	}
	return show(v)
}

// ids returns the identifiers of a list, or the mark that the vectors have in
// place of a failing one.
func ids(list []compat.Period, err error) string {
	if err != nil {
		return "[!]"
	}
	return show(list)
}

func describe(p compat.Period, err error) (got string) {
	if bad, ok := err.(*period.ParseError); ok {
		if bad.Type == 0 {
			return show("", "!format")
		}
		return show(bad.Type, "!value")
	}
	return show(p.Type, p, p.First, p.Last, p.Days())
}

func described(row vectors.Row) (want string) {
	if strings.HasPrefix(row.Text("iso"), "!") {
		return show(row.Text("type"), row.Text("iso"))
	}
	return show(row.Text("type"), row.Text("iso"), row.Text("start"), row.Text("end"), row.Number("days"))
}

func askParse(s compat.Server, row vectors.Row) (got, want string) {
	return describe(s.Parse(row.Text("id"))), described(row)
}

func askParseLenient(s compat.Server, row vectors.Row) (got, want string) {
	return describe(s.ParseLenient(row.Text("id"))), described(row)
}

func askRange(_ compat.Server, row vectors.Row) (got, want string) {
	const layout = "2006-01-02T15:04:05"
	from, to, err := compat.ParseRange(row.Text("input"))
	if err != nil {
		return "!", row.Text("start")
	}
	return show(from.Format(layout), to.Format(layout), period.Daily.On(period.DateAt(from))),
		show(row.Text("start"), row.Text("end"), row.Text("iso"))
}

func askOfDate(s compat.Server, row vectors.Row) (got, want string) {
	var list []string
	want = show(row.List("ids"))
	for _, t := range period.Types() {
		week := t >= period.Weekly && t <= period.BiWeekly
		switch len(row.List("ids")) {
		case 16: // the set of_date_main
			if week {
				continue
			}
		case 7: // the set of_date_weekly
			if !week {
				continue
			}
		}
		list = append(list, or(s.On(t, day(row.Text("date")))))
	}
	return show(list), want
}

func askShift(s compat.Server, row vectors.Row) (got, want string) {
	p, err := s.Parse(row.Text("id"))
	if err != nil {
		return "!", row.Result("result")
	}
	return or(s.Add(p, row.Number("n"))), row.Result("result")
}

func askYear(s compat.Server, row vectors.Row) (got, want string) {
	return ids(s.Year(typ(row.Text("type")), day(row.Text("date")))), show(row.List("ids"))
}

func askBetween(s compat.Server, row vectors.Row) (got, want string) {
	return ids(s.Between(typ(row.Text("type")), day(row.Text("from")), day(row.Text("to")))), show(row.List("ids"))
}

func askRelative(s compat.Server, row vectors.Row) (got, want string) {
	names := map[string]period.Type{
		"FINANCIAL_YEAR_FEBRUARY":  period.FinancialFeb,
		"FINANCIAL_YEAR_APRIL":     period.FinancialApril,
		"FINANCIAL_YEAR_JULY":      period.FinancialJuly,
		"FINANCIAL_YEAR_AUGUST":    period.FinancialAug,
		"FINANCIAL_YEAR_SEPTEMBER": period.FinancialSep,
		"FINANCIAL_YEAR_OCTOBER":   period.FinancialOct,
	}
	list, err := s.Relative(period.Relative(row.Text("keyword")), period.Clock{
		Today:         day(row.Text("now")),
		Week:          typ(row.Text("weeklyStart")),
		FinancialYear: names[row.Text("financialYearStart")],
	})
	return ids(list, err), show(row.List("ids"))
}

// askNames returns both names of a period.
func askNames(s compat.Server, p compat.Period, err error) string {
	if err != nil {
		return err.Error()
	}
	return show(or(s.Name(p)), or(s.ShortName(p)))
}

func askName(s compat.Server, row vectors.Row) (got, want string) {
	p, err := s.Parse(row.Text("id"))
	return askNames(s, p, err), show(row.Text("name"), row.Text("shortName"))
}

func askNameOfDate(s compat.Server, row vectors.Row) (got, want string) {
	p, err := s.On(typ(row.Text("type")), day(row.Text("date")))
	return show(p, askNames(s, p, err)), show(row.Text("iso"), row.Text("name"), row.Text("shortName"))
}

func askRollup(s compat.Server, row vectors.Row) (got, want string) {
	p, err := s.Parse(row.Text("id"))
	if err != nil {
		return err.Error(), show(row.List("ids"))
	}
	ids, wantIDs := []string{}, row.List("ids")
	for _, t := range period.Types() {
		q, ok := s.In(p, t)
		switch {
		case row.Calendar() != "iso8601" && t >= period.Weekly && t <= period.BiWeekly:
			wantIDs[t-1] = "-" // the server's table has no such column in local calendars
			ids = append(ids, "-")
		case !ok:
			ids = append(ids, "-")
		default:
			ids = append(ids, q.ID)
		}
	}
	// Month and year are columns of the table of periods that the server keeps.
	year, month, _ := p.First.Civil()
	monthStart := period.DateOf(year, month, 1)
	if p.Type.Frequency() == 7 {
		year = (p.First + 3).Year()
	}
	return show(p.Days(), monthStart, year, ids),
		show(row.Number("days"), row.Text("monthStart"), row.Number("year"), wantIDs)
}

func askYearToDate(s compat.Server, row vectors.Row) (got, want string) {
	p, err := s.Parse(row.Text("id"))
	if err != nil {
		return err.Error(), show(row.List("ids"))
	}
	list, err := s.YearToDate(p)
	slices.Reverse(list) // the server lists backwards
	return show(p.ReportingYear(), ids(list, err)), show(row.Number("reportingYear"), row.List("ids"))
}

func askISO(s compat.Server, row vectors.Row) (got, want string) {
	p, err := s.Parse(row.Text("id"))
	if err != nil {
		return "!", row.Text("adx")
	}
	return s.ISO(p), row.Text("adx")
}

func askParseISO(s compat.Server, row vectors.Row) (got, want string) {
	if row.Text("iso") != "!" {
		want = show(row.Text("type"), row.Text("iso"), row.Text("start"), row.Text("end"))
	} else {
		want = "!"
	}
	p, err := s.ParseISO(row.Text("adx"))
	if err != nil {
		return "!", want
	}
	return show(p.Type, p, p.First, p.Last), want
}

func askDayOf(s compat.Server, row vectors.Row) (got, want string) {
	l, err := s.Day(day(row.Text("iso")))
	if err != nil {
		return "!", row.Result("local")
	}
	return show(l, or(s.Weekday(l)), or(s.Week(l))), show(row.Result("local"), row.Result("weekday"), row.Result("week"))
}

func local(row vectors.Row) (d compat.Day) {
	if _, err := fmt.Sscanf(row.Text("local"), "%d-%d-%d", &d.Year, &d.Month, &d.Day); err != nil {
		panic(err)
	}
	return d
}

func askDate(s compat.Server, row vectors.Row) (got, want string) {
	return show(or(s.Date(local(row))), s.Valid(local(row))), show(row.Result("iso"), row.Cell("valid"))
}

func askYearFacts(s compat.Server, row vectors.Row) (got, want string) {
	year := row.Number("year")
	lengths := []string{}
	for month := 1; month <= 13; month++ {
		lengths = append(lengths, or(s.DaysInMonth(year, month)))
	}
	list, _ := row.Cell("monthLengths").([]any) // nil if the server fails for every month
	wantLengths := []string{}
	for _, length := range append(list, make([]any, 13)...)[:13] {
		if length == nil {
			length = "!"
		}
		wantLengths = append(wantLengths, fmt.Sprint(length))
	}
	return show(s.MonthsInYear(), or(s.DaysInYear(year)), or(s.WeeksInYear(year)), lengths),
		show(row.Result("monthsInYear"), row.Result("daysInYear"), row.Result("weeksInYear"), wantLengths)
}

func askPlus(s compat.Server, row vectors.Row) (got, want string) {
	add := map[string]func(compat.Day, int) (compat.Day, error){
		"d": s.AddDays, "w": s.AddWeeks, "m": s.AddMonths, "y": s.AddYears,
	}[row.Text("unit")]
	return or(add(local(row), row.Number("n"))), row.Result("result")
}
