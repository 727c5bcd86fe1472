package compat

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/ohie-hmis/hmis-go/period"
)

// A form is the pattern of the identifiers of one period type. Its groups are
// the year and either a number, or a month and day.
type form struct {
	typ     period.Type
	pattern *regexp.Regexp
}

// forms lists the patterns of RULES.md#identifiers. No text matches two of
// them.
var forms = []form{
	{period.Daily, regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`)},
	{period.Daily, regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})$`)},
	{period.Weekly, regexp.MustCompile(`^(\d{4})W(\d{1,2})$`)},
	{period.WeeklyWednesday, regexp.MustCompile(`^(\d{4})WedW(\d{1,2})$`)},
	{period.WeeklyThursday, regexp.MustCompile(`^(\d{4})ThuW(\d{1,2})$`)},
	{period.WeeklyFriday, regexp.MustCompile(`^(\d{4})FriW(\d{1,2})$`)},
	{period.WeeklySaturday, regexp.MustCompile(`^(\d{4})SatW(\d{1,2})$`)},
	{period.WeeklySunday, regexp.MustCompile(`^(\d{4})SunW(\d{1,2})$`)},
	{period.BiWeekly, regexp.MustCompile(`^(\d{4})BiW(\d{1,2})$`)},
	{period.Monthly, regexp.MustCompile(`^(\d{4})-?(\d{2})$`)},
	{period.BiMonthly, regexp.MustCompile(`^(\d{4})(\d{2})B$`)},
	{period.Quarterly, regexp.MustCompile(`^(\d{4})Q(\d)$`)},
	{period.QuarterlyNov, regexp.MustCompile(`^(\d{4})NovQ(\d)$`)},
	{period.SixMonthly, regexp.MustCompile(`^(\d{4})S(\d)$`)},
	{period.SixMonthlyApril, regexp.MustCompile(`^(\d{4})AprilS(\d)$`)},
	{period.SixMonthlyNov, regexp.MustCompile(`^(\d{4})NovS(\d)$`)},
	{period.Yearly, regexp.MustCompile(`^(\d{4})$`)},
	{period.FinancialFeb, regexp.MustCompile(`^(\d{4})Feb$`)},
	{period.FinancialApril, regexp.MustCompile(`^(\d{4})April$`)},
	{period.FinancialJuly, regexp.MustCompile(`^(\d{4})July$`)},
	{period.FinancialAug, regexp.MustCompile(`^(\d{4})Aug$`)},
	{period.FinancialSep, regexp.MustCompile(`^(\d{4})Sep$`)},
	{period.FinancialOct, regexp.MustCompile(`^(\d{4})Oct$`)},
	{period.FinancialNov, regexp.MustCompile(`^(\d{4})Nov$`)},
}

// Parse reads a period identifier as the server does. The error is a
// *[period.ParseError], whose Pos is always 0 and whose Type is 0 if the text
// matches no pattern.
func (s Server) Parse(id string) (Period, error) { return s.parse(id, false) }

// ParseLenient reads a period identifier as the server did before January 2026.
// Since then a check refuses nearly all weeks of local calendars; ParseLenient
// leaves that check out.
func (s Server) ParseLenient(id string) (Period, error) { return s.parse(id, true) }

func (s Server) parse(id string, lenient bool) (Period, error) {
	for _, f := range forms {
		groups := f.pattern.FindStringSubmatch(id)
		if groups == nil {
			continue
		}
		var numbers [3]int
		for i, group := range groups[1:] {
			numbers[i], _ = strconv.Atoi(group) // the pattern allows digits only
		}
		p, err := s.parsed(f.typ, numbers[0], numbers[1], numbers[2], lenient)
		if err != nil {
			return Period{}, &period.ParseError{Input: id, Want: "a period that exists", Type: f.typ}
		}
		return p, nil
	}
	return Period{}, &period.ParseError{Input: id, Want: "a period identifier"}
}

var errNumber = errors.New("compat: number out of range")

// parsed returns the period for the numbers in an identifier: a year with a
// number in it, or with a month and day.
func (s Server) parsed(t period.Type, year, number, day int, lenient bool) (Period, error) {
	k := kinds[t]
	switch {
	case t == period.Daily:
		return s.parsedDay(Day{year, number, day})
	case k.weekday > 0:
		return s.parseWeek(t, year, number, lenient)
	case t == period.BiWeekly:
		return s.parseBiWeek(year, number)
	case k.step == 12:
		number = 1
	}
	if number < 1 || number > 12/k.step && (t != period.Monthly || number > 13) {
		return Period{}, errNumber
	}
	month := k.base + (number-1)*k.step
	if k.late {
		year--
	}
	if month > 12 && t != period.Monthly {
		year, month = year+1, month-12
	}
	start := Day{year, month, 1}
	if t == period.Monthly || k.step == 12 {
		return s.months(t, start)
	}
	// The server ends a period of several months, if it has read it from text,
	// on the day before the next one. That makes a difference only in the
	// Coptic calendar.
	end, err := s.AddMonths(start, k.step)
	if err != nil {
		return Period{}, err
	}
	if end, err = s.AddDays(end, -1); err != nil {
		return Period{}, err
	}
	return s.span(t, k.id(t, start), start, end)
}

// parsedDay returns the Daily period of d. In a calendar with a table, whose
// days the server does not check, the identifier stays as it was given.
func (s Server) parsedDay(d Day) (Period, error) {
	if d.Month < 1 || d.Day < 1 {
		return Period{}, errNumber
	}
	return s.on(period.Daily, d)
}
