package period

import "fmt"

// A Calendar counts years, months and days. Calendars never change, compare by
// pointer, and are safe for concurrent use. A nil *Calendar is [Gregorian].
// Besides those of this package there are the ones that a program makes with
// [NewCalendar].
//
// Each has a span of years in which periods exist, given with its variable.
// Beyond it there is an error or the zero [Period], never a guess.
type Calendar struct {
	name  string
	index uint8 // the calendar's place in the list calendars
	names *names

	// A period exists only if the year of its identifier is from minYear to
	// maxYear, and all of its months are from minMonth to maxMonth. Months are
	// counted from year 0, 12 to a year.
	minYear, maxYear   int
	minMonth, maxMonth int
	first, last        Date // the first and last day that daily and weekly periods may cover

	day    func(year, month, day int) Date   // returns the Date of a day, which must exist
	civil  func(Date) (year, month, day int) // returns the year, month and day of a Date; all 0 outside the calendar's table
	length func(year, month int) int         // returns the number of days in a month; 0 if there is no such month

	table         *table // the table of month lengths; nil for a calendar that follows a rule
	epagomenal    bool   // month 12 is followed by 5 or 6 days, counted as month 13
	monthThirteen bool   // the days after month 12 form a Monthly period of their own
}

// The calendars in which health data is reported, and the years in which each
// has periods. The calendar that DHIS2 calls iso8601 is Gregorian too: both
// have the same periods. The Persian and Nepali calendars follow tables and end
// with them; the others have the four-digit years within the Gregorian years
// 1583 to 9999.
var (
	Gregorian = gregorian()                                                     // 1583 to 9999
	Ethiopian = ethiopian.calendar("ethiopian", 1, 1576, 9991, &ethiopianNames) // 1576 to 9991
	Coptic    = copticCalendar()                                                // 1300 to 9715
	Islamic   = islamic()                                                       // 991 to 9665
	Julian    = julian()                                                        // 1583 to 9998
	Nepali    = nepali.calendar("nepali", 5, &nepaliNames)                      // 1970 to 2100
	Persian   = persian.calendar("persian", 6, &persianNames)                   // 1353 to 1419
	Thai      = thai()                                                          // 2126 to 9999
)

// fixed lists the calendars of this package. The position of each is its index.
var fixed = [...]*Calendar{Gregorian, Ethiopian, Coptic, Islamic, Julian, Nepali, Persian, Thai}

// Calendars returns the calendars of this package, Gregorian first. It leaves
// out those made by [NewCalendar].
func Calendars() []*Calendar {
	return append([]*Calendar(nil), fixed[:]...)
}

// CalendarByName finds a calendar of this package by its name in DHIS2, such as
// "ethiopian", or a calendar of [NewCalendar] by its own name. Both "gregorian"
// and "iso8601" are [Gregorian].
func CalendarByName(name string) (*Calendar, bool) {
	if name == "iso8601" {
		return Gregorian, true
	}
	for _, c := range fixed {
		if c.name == name {
			return c, true
		}
	}
	return made.byName(name)
}

// or returns c, or Gregorian if c is nil. A nil *Calendar means Gregorian.
func (c *Calendar) or() *Calendar {
	if c == nil {
		return Gregorian
	}
	return c
}

// Name returns the name of the calendar in DHIS2, such as "ethiopian", or the
// name given to [NewCalendar].
func (c *Calendar) Name() string { return c.or().name }

// String returns the name of the calendar, as [Calendar.Name] does.
func (c *Calendar) String() string { return c.Name() }

// Date returns the Date of a day in c. It fails if there is no such day, or if
// the day is outside the years of c. The error is a *[ParseError] whose Input
// is the day as 2016-13-05.
func (c *Calendar) Date(year, month, day int) (Date, error) {
	c = c.or()
	text := func() string { return fmt.Sprintf("%04d-%02d-%02d", year, month, day) }
	if lo, hi := c.years(); year < lo || year > hi {
		return 0, outside(0, "year", lo, hi, 0).in(text())
	}
	if n := c.monthsInYear(); month < 1 || month > n {
		return 0, outside(5, "month", 1, n, 0).in(text())
	}
	if n := c.length(year, month); day < 1 || day > n {
		return 0, outside(8, "day", 1, n, 0).in(text())
	}
	return c.day(year, month, day), nil
}

// Civil returns the year, month and day of d in c. All three are 0 if d is
// outside the years of c. In the Ethiopian and the Coptic calendar the last
// five or six days of a year form month 13.
func (c *Calendar) Civil(d Date) (year, month, day int) {
	c = c.or()
	year, month, day = c.civil(d)
	if lo, hi := c.years(); year < lo || year > hi {
		return 0, 0, 0
	}
	return year, month, day
}

// years returns the first and the last year whose days can be converted to
// Dates.
func (c *Calendar) years() (lo, hi int) {
	return floorDiv(c.minMonth, 12), floorDiv(c.maxMonth, 12)
}

// monthsInYear returns 12, or 13 if the year ends with a short month.
func (c *Calendar) monthsInYear() int {
	if c.epagomenal {
		return 13
	}
	return 12
}

// monthFirst returns the first day of a month that is counted from year 0, 12
// to a year.
func (c *Calendar) monthFirst(month int) Date {
	if c == Gregorian {
		return gregorianDay(month/12, month%12+1, 1)
	}
	return c.day(month/12, month%12+1, 1)
}

// monthLast returns the last day of a month that is counted from year 0, 12 to
// a year. Days of a thirteenth month come after that day.
func (c *Calendar) monthLast(month int) Date {
	if c == Gregorian {
		return gregorianDay((month+1)/12, (month+1)%12+1, 1) - 1
	}
	year, m := month/12, month%12+1
	return c.day(year, m, c.length(year, m))
}

// month returns the month of d, counted from year 0, 12 to a year. The days of
// a thirteenth month count in the twelfth. The result is negative outside the
// calendar's table.
func (c *Calendar) month(d Date) int {
	if c == Gregorian {
		year, month, _ := gregorianCivil(d)
		return year*12 + month - 1
	}
	year, month, _ := c.civil(d)
	return year*12 + min(month, 12) - 1
}

// dayOfYear returns the days from the first of its year to d, and that year.
func (c *Calendar) dayOfYear(d Date) (year, days int) {
	if c == Gregorian {
		return gregorianYearDay(d)
	}
	year, _, _ = c.civil(d)
	return year, int(d - c.day(year, 1, 1))
}
