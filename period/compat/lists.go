package compat

import (
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// Year returns the periods of type t that the server lists for the year of d
// (RULES.md#server-lists).
func (s Server) Year(t period.Type, d period.Date) ([]Period, error) {
	l, err := s.Day(d)
	if err != nil {
		return nil, err
	}
	if _, err := s.Date(l); err != nil { // l is in Pagume
		return nil, err
	}
	k := kinds[t]
	switch {
	case t == period.Daily:
		return s.daysOfYear(l.Year)
	case k.weekday > 0:
		return s.weeksOfYear(t, l.Year)
	case t == period.BiWeekly:
		return s.biWeeksOfYear(l)
	case k.step == 12:
		return s.around(t, l, 5, 5)
	case k.step == 6:
		p, err := s.on(t, l)
		if err != nil {
			return nil, err
		}
		start, err := s.Day(p.First)
		if err != nil {
			return nil, err
		}
		if start.Month == k.base {
			return s.around(t, l, 0, 1)
		}
		return s.around(t, l, 1, 0)
	}
	var list []Period
	for month := 1; month <= s.MonthsInYear(); month += k.step {
		p, err := s.on(t, Day{l.Year, month, 1})
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

func (s Server) daysOfYear(year int) ([]Period, error) {
	var list []Period
	for d := (Day{year, 1, 1}); d.Year == year; {
		p, err := s.on(period.Daily, d)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
		if d, err = s.AddDays(d, 1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// weeksOfYear returns the weeks of a year, from the one that contains 4
// January. The list ends when it is as long as the year in which the next week
// starts.
func (s Server) weeksOfYear(t period.Type, year int) ([]Period, error) {
	start, err := s.weekStart(Day{year, 1, 4}, kinds[t].weekday)
	if err != nil {
		return nil, err
	}
	var list []Period
	for {
		weeks, err := s.WeeksInYear(start.Year)
		if err != nil {
			return nil, err
		}
		if len(list) >= weeks {
			return list, nil
		}
		p, err := s.week(t, start, 7)
		if err != nil {
			return nil, err
		}
		// For this check the server adds six Gregorian days, not six days of
		// its calendar.
		end, err := s.Day(p.First + 6)
		if err != nil {
			return nil, err
		}
		if _, err := s.Date(end); err != nil {
			return nil, err
		}
		list = append(list, p)
		if start, err = s.AddWeeks(start, 1); err != nil {
			return nil, err
		}
	}
}

// biWeeksOfYear returns 26 bi-weeks, from the one that contains 1 January. In a
// local calendar the server mistakes the local year for a Gregorian one.
func (s Server) biWeeksOfYear(l Day) ([]Period, error) {
	weeks, err := s.WeeksInYear(l.Year)
	if err != nil {
		return nil, err
	}
	start, err := s.biWeekStart(l)
	if err != nil {
		return nil, err
	}
	january, err := period.Gregorian.Date(start.Year, 1, 1)
	if err != nil {
		return nil, err
	}
	if l, err = s.Day(january); err != nil {
		return nil, err
	}
	if start, err = s.biWeekStart(l); err != nil {
		return nil, err
	}
	return s.biWeeksFrom(start, weeks/2)
}

// biWeeksFrom returns n bi-weeks: those that contain start and every 14th day
// after it.
func (s Server) biWeeksFrom(start Day, n int) ([]Period, error) {
	var list []Period
	for range n {
		p, err := s.on(period.BiWeekly, start)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
		if start, err = s.AddDays(start, 14); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// around returns the period that contains l, with the given numbers of periods
// before and after it.
func (s Server) around(t period.Type, l Day, before, after int) ([]Period, error) {
	p, err := s.on(t, l)
	if err != nil {
		return nil, err
	}
	if p, err = s.Add(p, -before); err != nil {
		return nil, err
	}
	list := []Period{p}
	for range before + after {
		if p, err = s.Add(p, 1); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// Between returns the periods of type t that the server lists for the days
// first to last (RULES.md#lists-between-days). A list of days does not include
// last.
func (s Server) Between(t period.Type, first, last period.Date) ([]Period, error) {
	p, err := s.On(t, first)
	if err != nil {
		return nil, err
	}
	end, err := s.On(t, last)
	if err != nil {
		return nil, err
	}
	var list []Period
	for p.First < end.Last {
		list = append(list, p)
		next, err := s.Add(p, 1)
		if err != nil {
			return nil, err
		}
		if next.First <= p.First {
			return nil, s.failf("%v: want a next period that is later", p)
		}
		p = next
	}
	return list, nil
}

// Rolling returns the periods up to the one that contains d, in the number that
// the server lists: 365 days, 52 weeks, 26 bi-weeks, 12 months, 6 bi-months, 4
// quarters, 2 halves or 5 years.
func (s Server) Rolling(t period.Type, d period.Date) ([]Period, error) {
	l, err := s.Day(d)
	if err != nil {
		return nil, err
	}
	k := kinds[t]
	if k.step != 3 && k.step != 6 {
		if _, err := s.Date(l); err != nil { // l is in Pagume
			return nil, err
		}
	}
	switch {
	case t == period.Daily:
		return s.around(t, l, 364, 0)
	case k.weekday > 0:
		return s.rollingWeeks(t, l)
	case t == period.BiWeekly:
		start, err := s.biWeekStart(l)
		if err != nil {
			return nil, err
		}
		if start, err = s.AddDays(start, -350); err != nil {
			return nil, err
		}
		return s.biWeeksFrom(start, 26)
	case t == period.Monthly, t == period.BiMonthly:
		return s.rollingMonths(t, l)
	case k.step == 3:
		return s.around(t, l, 3, 0)
	case k.step == 6:
		return s.around(t, l, 1, 0)
	}
	return s.around(t, l, 4, 0)
}

// rollingWeeks returns 52 weeks up to the week of l. If a week in month 12 is
// the first week of the next year, the server continues from a year later. The
// rest of the list is then in the future.
func (s Server) rollingWeeks(t period.Type, l Day) ([]Period, error) {
	start, err := s.weekStart(l, kinds[t].weekday)
	if err != nil {
		return nil, err
	}
	if start, err = s.AddDays(start, -357); err != nil {
		return nil, err
	}
	var list []Period
	for range 52 {
		p, err := s.on(t, start)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
		if year, _, _ := s.weekID(t, start); !s.iso() {
			start.Year = max(start.Year, year)
		}
		if start, err = s.AddWeeks(start, 1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// rollingMonths returns months or bi-months up to the period of l. Bi-months
// end before l if its month is odd.
func (s Server) rollingMonths(t period.Type, l Day) ([]Period, error) {
	k := kinds[t]
	back := 11
	if k.step == 2 {
		back = l.Month%2 + 10
	}
	at, err := s.AddMonths(Day{l.Year, l.Month, 1}, -back)
	if err != nil {
		return nil, err
	}
	var list []Period
	for range 12 / k.step {
		p, err := s.on(t, at)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
		if at, err = s.AddMonths(at, k.step); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// YearToDate returns p and the periods before it that have the same reporting
// year, first to last (RULES.md#year-to-date).
func (s Server) YearToDate(p Period) ([]Period, error) {
	year := p.ReportingYear()
	var list []Period
	for p.ReportingYear() == year {
		list = append(list, p)
		previous, err := s.Add(p, -1)
		if err != nil {
			return nil, err
		}
		if previous == p {
			return nil, s.failf("%v: want a previous period that is another", p)
		}
		p = previous
	}
	slices.Reverse(list)
	return list, nil
}

// ReportingYear returns the Gregorian year that [Server.YearToDate] compares.
// It is the year of p's first day. For a week or bi-week that starts on 29, 30
// or 31 December it is the next year.
func (p Period) ReportingYear() int {
	year, month, day := p.First.Civil()
	week := kinds[p.Type].weekday > 0 || p.Type == period.BiWeekly
	if week && month == time.December && day >= 29 {
		year++
	}
	return year
}
