package compat

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/period"
)

// weekStart returns the first day of the week that contains l.
func (s Server) weekStart(l Day, weekday int) (Day, error) {
	w, err := s.Weekday(l)
	if err != nil {
		return Day{}, err
	}
	return s.AddDays(l, -mod(w-weekday, 7))
}

// biWeekStart returns the first day of the bi-week that contains l. It is the
// start of l's own week, or of the week before if l's week has an even number.
func (s Server) biWeekStart(l Day) (Day, error) {
	weekday, err := s.Weekday(l)
	if err != nil {
		return Day{}, err
	}
	week, err := s.Week(l)
	if err != nil {
		return Day{}, err
	}
	back := weekday - 1
	if week%2 == 0 {
		back += 7
	}
	return s.AddDays(l, -back)
}

// week returns the week or bi-week that starts on start. A bi-week has the
// identifier of the bi-week that the server finds for start. That is an earlier
// one if the steps to start crossed Pagume.
func (s Server) week(t period.Type, start Day, days int) (Period, error) {
	found := start
	if t == period.BiWeekly {
		var err error
		if found, err = s.biWeekStart(start); err != nil {
			return Period{}, err
		}
	}
	year, number, err := s.weekID(t, found)
	if err != nil {
		return Period{}, err
	}
	end, err := s.AddDays(start, days-1)
	if err != nil {
		return Period{}, err
	}
	return s.span(t, fmt.Sprintf("%04d%s%d", year, kinds[t].mark, number), start, end)
}

// weekID returns the year and number in the identifier of the week or bi-week
// that starts on start. Bi-weeks of local calendars have the number of their
// first week.
func (s Server) weekID(t period.Type, start Day) (year, number int, err error) {
	if s.iso() {
		date, err := s.Date(start)
		if err != nil {
			return 0, 0, err
		}
		year, _, _ = (date + 3).Civil()
		number = int(date+3-period.DateOf(year, 1, 1))/7 + 1
		if t == period.BiWeekly {
			number = number/2 + 1
		}
		return year, number, nil
	}
	number, err = s.Week(start)
	if err != nil {
		return 0, 0, err
	}
	year = start.Year
	if number == 1 && start.Month == 12 {
		year++
	}
	return year, number, nil
}

// parseWeek returns the week with a year and number. Unless lenient is set, it
// checks as the server does: it takes the local first day for a Gregorian day,
// whose week must be in the same year. Few local weeks pass.
func (s Server) parseWeek(t period.Type, year, number int, lenient bool) (Period, error) {
	if number < 1 {
		return Period{}, s.failf("week %d: want a week from 1", number)
	}
	start, err := s.weekStart(Day{year, 1, 4}, kinds[t].weekday)
	if err != nil {
		return Period{}, err
	}
	if start, err = s.AddWeeks(start, number-1); err != nil {
		return Period{}, err
	}
	p, err := s.week(t, start, 7)
	if err != nil || lenient {
		return p, err
	}
	date, err := period.Gregorian.Date(start.Year, start.Month, start.Day)
	if err != nil {
		return Period{}, s.failf("week %d: %v", number, err)
	}
	l, err := s.Day(date)
	if err != nil {
		return Period{}, err
	}
	found, err := s.on(t, l)
	if err != nil {
		return Period{}, err
	}
	if found.ID[:4] != fmt.Sprintf("%04d", year) {
		return Period{}, s.failf("week %d of %d: want a week of that year", number, year)
	}
	return p, nil
}

// parseBiWeek returns the bi-week with a year and number. Outside the ISO
// calendar it starts a number of whole weeks after the first day of the year,
// whatever weekday that is.
func (s Server) parseBiWeek(year, number int) (Period, error) {
	week := 2*number - 1
	weeks, err := s.WeeksInYear(year)
	if err != nil {
		return Period{}, err
	}
	if week < 1 || week > weeks {
		return Period{}, s.failf("bi-week %d: want a bi-week from 1 to %d", number, (weeks+1)/2)
	}
	start := Day{year, 1, 1}
	if s.iso() {
		start = gregorian(monday(period.DateOf(year, 1, 4)))
	}
	if start, err = s.AddWeeks(start, week-1); err != nil {
		return Period{}, err
	}
	return s.week(period.BiWeekly, start, 14)
}
