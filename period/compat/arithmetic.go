package compat

import "github.com/ohie-hmis/hmis-go/period"

// maxSteps limits how many days one call may step over. It is about the number
// of days in 10,000 years.
const maxSteps = 3_660_000

// reachable returns an error if n days from d are outside every calendar.
func (s Server) reachable(d Day, n int) error {
	if n > maxSteps || n < -maxSteps {
		return s.failf("%v and %d steps: want at most %d", d, n, maxSteps)
	}
	return nil
}

// AddDays returns the day n days after d, or before it if n is negative. In the
// Ethiopian calendar the days of Pagume are skipped.
func (s Server) AddDays(d Day, n int) (Day, error) {
	if err := s.reachable(d, n); err != nil {
		return Day{}, err
	}
	if s.calendar() == period.Ethiopian {
		return s.addEthiopianDays(d, n)
	}
	if s.tabled() && n == 0 {
		return d, nil // a step of 0 days needs no look-up
	}
	date, err := s.dateOf(d)
	if s.tabled() { // stay within the table, without converting to a Date
		date, err = s.tableDate(d)
	}
	if err != nil {
		return Day{}, err
	}
	year, month, day := s.civil(date + period.Date(n))
	if year == 0 {
		return Day{}, s.failf("%v and %d days: want a day within the calendar's years", d, n)
	}
	return Day{year, month, day}, nil
}

// tableDate returns the Date of d, counted from the first year of the table.
func (s Server) tableDate(d Day) (period.Date, error) {
	days, err := s.dayOfYear(d)
	if err != nil {
		return 0, err
	}
	first, err := s.newYear(d.Year)
	return first + period.Date(days), err
}

// addEthiopianDays returns the day n days after d. It counts 12 months of 30
// days in every year, so it skips Pagume.
func (s Server) addEthiopianDays(d Day, n int) (Day, error) {
	if d.Month == 13 {
		switch {
		case n == 0:
			return d, nil
		case n > 0: // step from Pagume to the same day in the new year, and count on from there
			d, n = Day{d.Year + 1, 1, d.Day + 1}, n-1
		case d.Day > -n:
			return Day{d.Year, 13, d.Day + n}, nil
		default:
			d, n = Day{d.Year, 12, 30}, n+d.Day
		}
	}
	at := (12*d.Year+d.Month-1)*30 + d.Day - 1 + n
	if at < 360 {
		return Day{}, s.failf("%v and %d days: want a day within the calendar's years", d, n)
	}
	return Day{at / 360, at/30%12 + 1, at%30 + 1}, nil
}

// AddWeeks returns the day 7 n days after d.
func (s Server) AddWeeks(d Day, n int) (Day, error) {
	if err := s.reachable(d, n); err != nil {
		return Day{}, err
	}
	return s.AddDays(d, 7*n)
}

// AddMonths returns the day n months after d, or the last of that month if it
// is shorter. In the Ethiopian calendar a month is 30 days; the Coptic year has
// 13 months.
func (s Server) AddMonths(d Day, n int) (Day, error) {
	if err := s.reachable(d, n); err != nil {
		return Day{}, err
	}
	months := 12
	switch s.calendar() {
	case period.Ethiopian:
		return s.AddDays(d, 30*n)
	case period.Coptic:
		months = 13
	}
	at := d.Year*months + d.Month - 1 + n
	if at < months {
		return Day{}, s.failf("%v and %d months: want a day within the calendar's years", d, n)
	}
	return s.clip(Day{at / months, at%months + 1, d.Day})
}

// AddYears returns the same day n years after d, or the last of the month if it
// is shorter. In the Ethiopian calendar a year is 360 days.
func (s Server) AddYears(d Day, n int) (Day, error) {
	if err := s.reachable(d, n); err != nil {
		return Day{}, err
	}
	if s.calendar() == period.Ethiopian {
		return s.AddDays(d, 360*n)
	}
	return s.clip(Day{d.Year + n, d.Month, d.Day})
}

// clip returns d, or the last day of its month if d is after it.
func (s Server) clip(d Day) (Day, error) {
	n, err := s.DaysInMonth(d.Year, d.Month)
	if err != nil {
		return Day{}, err
	}
	return Day{d.Year, d.Month, min(d.Day, n)}, nil
}

// endOfMonth returns the last day of the month of d.
func (s Server) endOfMonth(d Day) (Day, error) {
	n, err := s.DaysInMonth(d.Year, d.Month)
	if err != nil {
		return Day{}, err
	}
	return Day{d.Year, d.Month, n}, nil
}

// Week returns the number of the week that d is in. A week begins on Monday and
// belongs to the local year of its fourth day. But Persian weeks have the
// number of the ISO week, and the Nepali year ends with week 52.
func (s Server) Week(d Day) (int, error) {
	date, err := s.dateOf(d)
	if err != nil {
		return 0, err
	}
	switch s.calendar() {
	case period.Persian:
		return isoWeek(date), nil
	case period.Nepali:
		days, err := s.dayOfYear(d)
		if err != nil {
			return 0, err
		}
		switch w := (10 + days + 1 - isoWeekday(date)) / 7; {
		case w < 1:
			return 52, nil
		case w > 52:
			return 1, nil
		default:
			return w, nil
		}
	}
	fourth := monday(date) + 3
	year, _, _ := s.civil(fourth)
	if year == 0 {
		return 0, nil // d is before the year 1
	}
	first, err := s.dateOf(Day{year, 1, 1})
	if err != nil {
		return 0, err
	}
	return int(fourth-first)/7 + 1, nil
}

// WeeksInYear returns how many weeks the server counts in a year: those of the
// local week-year that contains the first day of the year. It reads Persian and
// Nepali years as Gregorian ones, and an Islamic year as the week-year with the
// same number.
func (s Server) WeeksInYear(year int) (int, error) {
	if s.tabled() {
		s = Server{}
	}
	weekOne := func(year int) (period.Date, error) { // returns the Monday of week 1
		fourth, err := s.date(Day{year, 1, 4})
		return monday(fourth), err
	}
	first, err := s.date(Day{year, 1, 1})
	if err != nil {
		return 0, err
	}
	if s.calendar() != period.Islamic {
		year, _, _ = s.civil(monday(first) + 3)
	}
	one, err := weekOne(year)
	if err != nil {
		return 0, err
	}
	next, err := weekOne(year + 1)
	if err != nil {
		return 0, err
	}
	return int(next-one) / 7, nil
}

// isoWeek returns the number of the ISO week of d.
func isoWeek(d period.Date) int {
	fourth := monday(d) + 3
	year, _, _ := fourth.Civil()
	return int(fourth-period.DateOf(year, 1, 1))/7 + 1
}
