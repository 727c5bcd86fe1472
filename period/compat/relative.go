package compat

import (
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// Relative returns the periods that the server lists for a keyword, oldest
// first (RULES.md#relative-periods). It uses the calendar of s, even if the
// clock has another, and the clock's types of week and financial year.
func (s Server) Relative(r period.Relative, c period.Clock) ([]Period, error) {
	if _, err := period.ParseRelative(string(r)); err != nil {
		return nil, err
	}
	t, step := s.relativeType(string(r), c)
	word := string(r)
	switch {
	case strings.HasSuffix(word, "_THIS_YEAR"):
		return s.Year(t, c.Today)
	case strings.HasSuffix(word, "S_LAST_YEAR"):
		return s.Year(t, monthsBefore(c.Today, 12))
	case word == "TODAY", strings.HasPrefix(word, "THIS_"):
		return s.one(t, c.Today)
	}
	before := step.before(c.Today)
	_, counted, _ := strings.Cut(word, "_")
	digits, _, _ := strings.Cut(counted, "_")
	count, err := strconv.Atoi(digits)
	if err != nil { // for keywords such as YESTERDAY and LAST_MONTH
		return s.one(t, before)
	}
	list, err := s.Rolling(t, before)
	if err != nil {
		return nil, err
	}
	if count > len(list) { // the keyword for ten years needs two lists of five years
		earlier, err := s.Rolling(t, monthsBefore(c.Today, 72))
		if err != nil {
			return nil, err
		}
		list = append(earlier, list...)
	}
	return list[max(0, len(list)-count):], nil
}

func (s Server) one(t period.Type, d period.Date) ([]Period, error) {
	p, err := s.On(t, d)
	if err != nil {
		return nil, err
	}
	return []Period{p}, nil
}

// A distance is the time by which a keyword goes back from the current period.
type distance struct{ days, months int }

func (d distance) before(now period.Date) period.Date {
	return monthsBefore(now-period.Date(d.days), d.months)
}

// relativeType returns the type of a keyword's periods, and the length of one
// such period.
func (s Server) relativeType(word string, c period.Clock) (period.Type, distance) {
	has := func(part string) bool { return strings.Contains(word, part) }
	switch {
	case has("DAY"):
		return period.Daily, distance{days: 1}
	case has("BIWEEK"):
		return period.BiWeekly, distance{days: 14}
	case has("WEEK"):
		if c.Week == 0 {
			return period.Weekly, distance{days: 7}
		}
		return c.Week, distance{days: 7}
	case has("BIMONTH"):
		return period.BiMonthly, distance{months: 2}
	case has("SIX"):
		return period.SixMonthly, distance{months: 6}
	case has("MONTH"):
		return period.Monthly, distance{months: 1}
	case has("QUARTER"):
		return period.Quarterly, distance{months: 3}
	case has("FINANCIAL"):
		if c.FinancialYear == 0 {
			return period.FinancialOct, distance{months: 12}
		}
		return c.FinancialYear, distance{months: 12}
	}
	return period.Yearly, distance{months: 12}
}

// monthsBefore returns the same day of an earlier Gregorian month. If that
// month is shorter, it is the last day of the month.
func monthsBefore(d period.Date, months int) period.Date {
	year, month, day := d.Civil()
	last := period.DateOf(year, month-time.Month(months)+1, 0)
	return min(period.DateOf(year, month-time.Month(months), day), last)
}
