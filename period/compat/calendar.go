package compat

import (
	"fmt"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// A Server gives the answers of a DHIS2 server with one system calendar. The
// zero Server has the ISO calendar.
type Server struct {
	Calendar *period.Calendar // nil is Gregorian, which DHIS2 also calls iso8601
}

// A Day is a day in the calendar of a Server. It need not exist.
type Day struct {
	Year, Month, Day int
}

// String returns d as 2016-13-05.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// calendar returns s.Calendar, or Gregorian if that is nil.
func (s Server) calendar() *period.Calendar {
	if s.Calendar == nil {
		return period.Gregorian
	}
	return s.Calendar
}

// iso reports whether the calendar is that of ISO 8601.
func (s Server) iso() bool { return s.calendar() == period.Gregorian }

// tabled reports whether the calendar follows a table of month lengths. The
// server does not check the days of such calendars.
func (s Server) tabled() bool {
	return s.calendar() == period.Nepali || s.calendar() == period.Persian
}

func (s Server) failf(format string, args ...any) error {
	return fmt.Errorf("compat: "+s.calendar().Name()+": "+format, args...)
}

// gregorian returns the year, month and day of d in the Gregorian calendar,
// which the server's own clock uses.
func gregorian(d period.Date) Day {
	year, month, day := d.Civil()
	return Day{year, int(month), day}
}

// These are Persian years, and the Gregorian years of the same time. The server
// decides by the year alone whether a date is Persian or Gregorian.
const (
	persianFrom, persianTo     = 1353, 1418
	gregorianFrom, gregorianTo = 1974, 2040
)

// nepaliFrom is the year from which the server counts the days of the Nepali
// calendar. It counts an earlier year as if it were this one.
const nepaliFrom = 2000

// Day returns the day of the server's calendar that equals d.
func (s Server) Day(d period.Date) (Day, error) {
	if s.calendar() == period.Persian {
		switch year := d.Year(); {
		case year >= persianFrom && year <= persianTo:
			return gregorian(d), nil // the server mistakes such a year for a Persian one
		case year > gregorianTo:
			return Day{}, s.failf("%v: want a year up to %d", d, gregorianTo)
		}
	}
	year, month, day := s.civil(d)
	if year == 0 {
		return Day{}, s.failf("%v: want a day within the calendar's years", d)
	}
	return Day{year, month, day}, nil
}

// Date returns the Date of a local day. In the Nepali and Persian calendars a
// day after the end of a month counts on into the next month.
func (s Server) Date(d Day) (period.Date, error) {
	c := s.calendar()
	switch {
	case c == period.Persian && d.Year >= gregorianFrom && d.Year <= gregorianTo:
		return period.Gregorian.Date(d.Year, d.Month, d.Day) // the server mistakes such a year for a Gregorian one
	case c == period.Persian && (d.Year < persianFrom || d.Year > persianTo):
		return 0, s.failf("%v: want a year from %d to %d", d, persianFrom, persianTo)
	case c == period.Nepali && d.Year < nepaliFrom:
		days, err := s.dayOfYear(d)
		if err != nil {
			return 0, err
		}
		year, err := s.newYear(nepaliFrom)
		return year + period.Date(days), err
	case s.tabled():
		return s.tableDate(d)
	case c == period.Ethiopian && d.Month > 12:
		return 0, s.failf("%v: want a month from 1 to 12", d)
	}
	return s.date(d)
}

// newYear returns the first day of a year in a calendar with a table. The
// server also knows the first month after the Nepali table, because it only
// looks up the months before a day.
func (s Server) newYear(year int) (period.Date, error) {
	c := s.calendar()
	first, err := c.Date(year, 1, 1)
	if err != nil && c == period.Nepali {
		if eve, err := c.Date(year-1, 12, 1); err == nil {
			n, err := s.DaysInMonth(year-1, 12)
			return eve + period.Date(n), err
		}
	}
	return first, err
}

// reform is the first day of the Gregorian calendar, and thaiOffset the
// difference between Thai and Gregorian years. Before the reform the server
// counts Thai days in the Julian calendar (rule 6 of
// RULES.md#server-calendars).
const (
	reform     = -141427 // 1582-10-15
	thaiOffset = 543
)

// civil returns the year, month and day of d. All are 0 outside the calendar's
// years. A Gregorian year may have five digits.
func (s Server) civil(d period.Date) (year, month, day int) {
	switch {
	case s.iso():
		if l := gregorian(d); l.Year >= 1 && l.Year <= maxYear {
			return l.Year, l.Month, l.Day
		}
		return 0, 0, 0
	case s.calendar() == period.Nepali:
		if year, month, day = s.calendar().Civil(d); year != 0 {
			return year, month, day
		}
		if year, _, _ = s.calendar().Civil(d - 1); year != 0 { // d is the day after the table
			return year + 1, 1, 1
		}
		return 0, 0, 0
	case s.calendar() != period.Thai || d >= reform:
		return s.calendar().Civil(d)
	}
	if year, month, day = period.Julian.Civil(d); year > 0 {
		year += thaiOffset
	}
	return year, month, day
}

// maxYear is the last Gregorian year that is tried. A server has no such limit;
// this one is later than any report, and early enough to keep loops short.
const maxYear = 10500

// date returns the Date of a day, which must exist. The days of Pagume exist
// here.
func (s Server) date(d Day) (period.Date, error) {
	date, err := s.calendar().Date(d.Year, d.Month, d.Day)
	if s.iso() && d.Year > 9999 && d.Year <= maxYear {
		date, err = period.DateOf(d.Year, time.Month(d.Month), d.Day), nil
		if gregorian(date) != d {
			err = errNumber
		}
	}
	if s.calendar() == period.Thai && (err != nil || date < reform) {
		date, err = period.Julian.Date(d.Year-thaiOffset, d.Month, d.Day)
		if date >= reform {
			err = errNumber
		}
	}
	if err != nil {
		return 0, s.failf("%v: want a day that exists", d)
	}
	return date, nil
}

// dayOfYear returns how many days a day is after the first of its year, in a
// calendar with a table: the lengths of the earlier months and the number of
// the day, which need not exist.
func (s Server) dayOfYear(d Day) (int, error) {
	if d.Month < 0 || d.Month > 13 || d.Day < 0 || d.Day > 99 {
		return 0, s.failf("%v: want a day that exists", d)
	}
	days := d.Day - 1
	for month := 1; month < d.Month; month++ {
		n, err := s.DaysInMonth(d.Year, month)
		if err != nil {
			return 0, s.failf("%v: want a year within the calendar's table", d)
		}
		days += n
	}
	return days, nil
}

// DaysInMonth returns the length of a month, or an error if there is no such
// month. An Ethiopian year has twelve months.
func (s Server) DaysInMonth(year, month int) (int, error) {
	if s.calendar() == period.Ethiopian && month == 13 {
		return 0, s.failf("%04d-%02d: want a month from 1 to 12", year, month)
	}
	first, err := s.date(Day{year, month, 1})
	if err != nil {
		return 0, s.failf("%04d-%02d: want a month that exists", year, month)
	}
	for length := 28; ; length++ {
		if month == 13 {
			length = 5
		}
		if _, m, _ := s.civil(first + period.Date(length)); m != month {
			return length, nil
		} else if month == 13 {
			return 6, nil
		}
	}
}

// MonthsInYear returns 12. The server counts no thirteenth month.
func (s Server) MonthsInYear() int { return 12 }

// DaysInYear returns the days in a year; an Ethiopian one has 360.
func (s Server) DaysInYear(year int) (int, error) {
	if s.calendar() == period.Ethiopian {
		return 360, nil
	}
	days := 0
	for month := 1; month <= 13; month++ {
		n, err := s.DaysInMonth(year, month)
		if err != nil {
			if month <= 12 {
				return 0, err
			}
			break
		}
		days += n
	}
	return days, nil
}

// Valid reports whether the server accepts d as a day of the calendar: its
// month must be from 1 to 12, and its day must be in that month.
func (s Server) Valid(d Day) bool {
	if d.Year < 1 || d.Month < 1 || d.Month > 12 {
		return false
	}
	n, err := s.DaysInMonth(d.Year, d.Month)
	return err == nil && d.Day >= 1 && d.Day <= n
}

// Weekday returns the number of a day's weekday: Monday 1 to Sunday 7, but
// Sunday 1 to Saturday 7 in the Persian calendar.
func (s Server) Weekday(d Day) (int, error) {
	date, err := s.dateOf(d)
	if err != nil {
		return 0, err
	}
	weekday := isoWeekday(date)
	if s.calendar() == period.Persian {
		return weekday%7 + 1, nil
	}
	return weekday, nil
}

// dateOf returns the Date of d as the server computes it inside its arithmetic,
// which knows the days of Pagume.
func (s Server) dateOf(d Day) (period.Date, error) {
	if s.tabled() {
		return s.Date(d)
	}
	return s.date(d)
}

// isoWeekday returns the weekday of d, Monday 1 to Sunday 7.
func isoWeekday(d period.Date) int { return (int(d.Weekday())+6)%7 + 1 }

// monday returns the Monday on or before d.
func monday(d period.Date) period.Date { return d - period.Date(isoWeekday(d)-1) }
