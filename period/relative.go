package period

import (
	"strings"
	"time"
)

// A Relative names periods by their distance from a day, such as "the last 12
// months" (RULES.md#relative-periods). Its text is the keyword of DHIS2. No
// others exist than the constants below.
type Relative string

// The 45 relative periods. Those that begin with Last end before the current
// period. Those that end in ThisYear have all periods of the year, including
// future ones.
const (
	Today                Relative = "TODAY"
	Yesterday            Relative = "YESTERDAY"
	Last3Days            Relative = "LAST_3_DAYS"
	Last7Days            Relative = "LAST_7_DAYS"
	Last14Days           Relative = "LAST_14_DAYS"
	Last30Days           Relative = "LAST_30_DAYS"
	Last60Days           Relative = "LAST_60_DAYS"
	Last90Days           Relative = "LAST_90_DAYS"
	Last180Days          Relative = "LAST_180_DAYS"
	ThisWeek             Relative = "THIS_WEEK"
	LastWeek             Relative = "LAST_WEEK"
	Last4Weeks           Relative = "LAST_4_WEEKS"
	Last12Weeks          Relative = "LAST_12_WEEKS"
	Last52Weeks          Relative = "LAST_52_WEEKS"
	WeeksThisYear        Relative = "WEEKS_THIS_YEAR"
	ThisBiWeek           Relative = "THIS_BIWEEK"
	LastBiWeek           Relative = "LAST_BIWEEK"
	Last4BiWeeks         Relative = "LAST_4_BIWEEKS"
	ThisMonth            Relative = "THIS_MONTH"
	LastMonth            Relative = "LAST_MONTH"
	Last3Months          Relative = "LAST_3_MONTHS"
	Last6Months          Relative = "LAST_6_MONTHS"
	Last12Months         Relative = "LAST_12_MONTHS"
	MonthsThisYear       Relative = "MONTHS_THIS_YEAR"
	MonthsLastYear       Relative = "MONTHS_LAST_YEAR"
	ThisBiMonth          Relative = "THIS_BIMONTH"
	LastBiMonth          Relative = "LAST_BIMONTH"
	Last6BiMonths        Relative = "LAST_6_BIMONTHS"
	BiMonthsThisYear     Relative = "BIMONTHS_THIS_YEAR"
	ThisQuarter          Relative = "THIS_QUARTER"
	LastQuarter          Relative = "LAST_QUARTER"
	Last4Quarters        Relative = "LAST_4_QUARTERS"
	QuartersThisYear     Relative = "QUARTERS_THIS_YEAR"
	QuartersLastYear     Relative = "QUARTERS_LAST_YEAR"
	ThisSixMonth         Relative = "THIS_SIX_MONTH"
	LastSixMonth         Relative = "LAST_SIX_MONTH"
	Last2SixMonths       Relative = "LAST_2_SIXMONTHS"
	ThisYear             Relative = "THIS_YEAR"
	LastYear             Relative = "LAST_YEAR"
	Last5Years           Relative = "LAST_5_YEARS"
	Last10Years          Relative = "LAST_10_YEARS"
	ThisFinancialYear    Relative = "THIS_FINANCIAL_YEAR"
	LastFinancialYear    Relative = "LAST_FINANCIAL_YEAR"
	Last5FinancialYears  Relative = "LAST_5_FINANCIAL_YEARS"
	Last10FinancialYears Relative = "LAST_10_FINANCIAL_YEARS"
)

// A Clock has the day, the calendar and the types by which relative periods are
// found.
type Clock struct {
	Today         Date      // the current day
	Calendar      *Calendar // nil is Gregorian
	Week          Type      // the type of week for weekly keywords; 0 is Weekly
	FinancialYear Type      // the type of year for keywords of financial years; 0 is FinancialOct
}

// A reach defines which periods around a day a keyword names.
type reach uint8

const (
	holding reach = iota // the one period that contains the day
	ending               // the wanted number of periods, up to the one that contains the day
	inYear               // the periods that Calendar.Year lists for the day
)

// In an expansion, clockWeek and clockYear mean the types of week and year that
// a Clock chooses.
const (
	clockWeek Type = lastType + 1 + iota
	clockYear
)

// An expansion is the meaning of a keyword: periods of one type around the day
// that is a number of days and months before today.
type expansion struct {
	text         Relative
	typ          Type
	reach        reach
	count        int // number of periods, if reach is ending
	days, months int
}

var expansions = [...]expansion{
	{Today, Daily, holding, 0, 0, 0},
	{Yesterday, Daily, holding, 0, 1, 0},
	{Last3Days, Daily, ending, 3, 1, 0},
	{Last7Days, Daily, ending, 7, 1, 0},
	{Last14Days, Daily, ending, 14, 1, 0},
	{Last30Days, Daily, ending, 30, 1, 0},
	{Last60Days, Daily, ending, 60, 1, 0},
	{Last90Days, Daily, ending, 90, 1, 0},
	{Last180Days, Daily, ending, 180, 1, 0},
	{ThisWeek, clockWeek, holding, 0, 0, 0},
	{LastWeek, clockWeek, holding, 0, 7, 0},
	{Last4Weeks, clockWeek, ending, 4, 7, 0},
	{Last12Weeks, clockWeek, ending, 12, 7, 0},
	{Last52Weeks, clockWeek, ending, 52, 7, 0},
	{WeeksThisYear, clockWeek, inYear, 0, 0, 0},
	{ThisBiWeek, BiWeekly, holding, 0, 0, 0},
	{LastBiWeek, BiWeekly, holding, 0, 14, 0},
	{Last4BiWeeks, BiWeekly, ending, 4, 14, 0},
	{ThisMonth, Monthly, holding, 0, 0, 0},
	{LastMonth, Monthly, holding, 0, 0, 1},
	{Last3Months, Monthly, ending, 3, 0, 1},
	{Last6Months, Monthly, ending, 6, 0, 1},
	{Last12Months, Monthly, ending, 12, 0, 1},
	{MonthsThisYear, Monthly, inYear, 0, 0, 0},
	{MonthsLastYear, Monthly, inYear, 0, 0, 12},
	{ThisBiMonth, BiMonthly, holding, 0, 0, 0},
	{LastBiMonth, BiMonthly, holding, 0, 0, 2},
	{Last6BiMonths, BiMonthly, ending, 6, 0, 2},
	{BiMonthsThisYear, BiMonthly, inYear, 0, 0, 0},
	{ThisQuarter, Quarterly, holding, 0, 0, 0},
	{LastQuarter, Quarterly, holding, 0, 0, 3},
	{Last4Quarters, Quarterly, ending, 4, 0, 3},
	{QuartersThisYear, Quarterly, inYear, 0, 0, 0},
	{QuartersLastYear, Quarterly, inYear, 0, 0, 12},
	{ThisSixMonth, SixMonthly, holding, 0, 0, 0},
	{LastSixMonth, SixMonthly, holding, 0, 0, 6},
	{Last2SixMonths, SixMonthly, ending, 2, 0, 6},
	{ThisYear, Yearly, holding, 0, 0, 0},
	{LastYear, Yearly, holding, 0, 0, 12},
	{Last5Years, Yearly, ending, 5, 0, 12},
	{Last10Years, Yearly, ending, 10, 0, 12},
	{ThisFinancialYear, clockYear, holding, 0, 0, 0},
	{LastFinancialYear, clockYear, holding, 0, 0, 12},
	{Last5FinancialYears, clockYear, ending, 5, 0, 12},
	{Last10FinancialYears, clockYear, ending, 10, 0, 12},
}

// Relatives returns all relative periods, shortest first.
func Relatives() []Relative {
	all := make([]Relative, len(expansions))
	for i := range expansions {
		all[i] = expansions[i].text
	}
	return all
}

// ParseRelative reads a keyword such as LAST_12_MONTHS, in exactly that
// spelling. The error is a *[ParseError].
func ParseRelative(s string) (Relative, error) {
	if _, ok := Relative(s).expansion(); !ok {
		return "", expected(0, "a relative period such as LAST_12_MONTHS").in(s)
	}
	return Relative(s), nil
}

func (r Relative) expansion() (expansion, bool) {
	for _, e := range expansions {
		if e.text == r {
			return e, true
		}
	}
	return expansion{}, false
}

// On returns the periods that r names when c.Today is today, oldest first. It
// is empty if r is no keyword, if c.Week is no weekly type or c.FinancialYear
// no yearly one, or if the calendar has no such periods.
//
// In the Gregorian calendar the lists are those of DHIS2. There LAST_6_BIMONTHS
// ends one bi-month earlier than LAST_BIMONTH if the day two months ago is in
// an odd month.
//
// Every other calendar is counted in its own periods: [LastMonth] is the month
// before [ThisMonth], [Last3Months] are the three before it, and so on for
// every type (RULES.md#local-relative-periods). A DHIS2 server subtracts
// Gregorian months from the day and then looks up the local month, so that on
// some days LAST_MONTH is THIS_MONTH or leaves one out. Package compat does the
// same.
func (r Relative) On(c Clock) []Period {
	e, ok := r.expansion()
	if !ok {
		return nil
	}
	t, cal := c.resolve(e.typ), c.Calendar.or()
	if t == 0 {
		return nil
	}
	if cal == Gregorian {
		return e.gregorian(t, c.Today)
	}
	return e.local(cal, t, c.Today)
}

// gregorian returns the periods of type t that DHIS2 lists. They are around the
// day that e.days and e.months before today give.
func (e expansion) gregorian(t Type, today Date) []Period {
	day := monthsBefore(today-Date(e.days), e.months)
	switch e.reach {
	case inYear:
		return Gregorian.Year(t, day)
	case holding:
		return around(Gregorian.On(t, day), 0, 0)
	}
	if e.count == 10 {
		// Ten years are two lists of five, the first counted from 72 months
		// ago.
		earlier := rolling(t, monthsBefore(today, 72), 5)
		return append(earlier, rolling(t, day, 5)...)
	}
	return rolling(t, day, e.count)
}

// rolling returns the last n periods that DHIS2 lists in a rolling year up to
// d.
func rolling(t Type, d Date, n int) []Period {
	last := Gregorian.On(t, d)
	if t == BiMonthly && Gregorian.month(d)%2 == 0 {
		last = last.Add(-1) // in the first month of a bi-month, DHIS2 ends the list one bi-month earlier
	}
	return around(last, n-1, 0)
}

// local returns the periods of type t in the calendar c, counted in periods of
// c and not in Gregorian months.
func (e expansion) local(c *Calendar, t Type, today Date) []Period {
	past := e.days > 0 || e.months > 0 // true for a keyword such as LAST_MONTH
	switch {
	case e.reach == inYear:
		if past {
			year, _, _ := c.civil(today)
			if year-1 < c.minYear {
				return nil
			}
			today = c.day(year-1, 1, 1)
		}
		return c.Year(t, today)
	case !past:
		return around(c.On(t, today), 0, 0)
	}
	return around(c.before(t, today), max(1, e.count)-1, 0)
}

// before returns the period of type t before the one that contains d. If d has
// no period of its own, as in Pagume, it is the last one before d.
func (c *Calendar) before(t Type, d Date) Period {
	if t == Daily && c.hidden(d) {
		return c.daily(c.named(d))
	}
	p := c.On(t, d)
	if p.typ == 0 {
		return Period{}
	}
	return p.Add(-1)
}

// resolve returns t, or the type that c chooses if t is clockWeek or clockYear.
// It returns 0 if the chosen type is no week or year.
func (c Clock) resolve(t Type) Type {
	switch t {
	case clockWeek:
		if c.Week == 0 {
			return Weekly
		}
		if c.Week.shape().weekday == 0 {
			return 0
		}
		return c.Week
	case clockYear:
		if c.FinancialYear == 0 {
			return FinancialOct
		}
		if c.FinancialYear.shape().step != 12 {
			return 0
		}
		return c.FinancialYear
	}
	return t
}

// monthsBefore returns the same day of an earlier Gregorian month. If that
// month is shorter, it is the last day of the month.
func monthsBefore(d Date, months int) Date {
	if months == 0 {
		return d
	}
	year, month, day := gregorianCivil(d)
	at := year*12 + month - 1 - months
	year, month = floorDiv(at, 12), floorMod(at, 12)+1
	return gregorianDay(year, month, min(day, gregorianLength(year, month)))
}

// Label returns the keyword in English words, such as "Last 12 months".
func (r Relative) Label() string {
	if r == Last10FinancialYears || len(r) == 0 {
		return string(r) // DHIS2 has no English words for this one
	}
	words := strings.ToLower(strings.ReplaceAll(string(r), "_", " "))
	words = strings.NewReplacer("bimonth", "bi-month", "biweek", "bi-week",
		"six month", "six-month", "sixmonth", "six-month").Replace(words)
	return strings.ToUpper(words[:1]) + words[1:]
}

// ClockAt returns a Clock for the day on which t falls in its own location.
func ClockAt(t time.Time) Clock { return Clock{Today: DateAt(t)} }
