package compat

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/period"
)

// Name returns the name of p in English as the server writes it
// (RULES.md#names). Persian and Islamic months are named a month early
// (RULES.md#server-texts).
func (s Server) Name(p Period) (string, error) { return s.name(p, "Week ") }

// ShortName returns the name of p with "W9" where [Server.Name] has "Week 9".
func (s Server) ShortName(p Period) (string, error) { return s.name(p, "W") }

func (s Server) name(p Period, week string) (string, error) {
	first, err := s.Day(p.First)
	if err != nil {
		return "", err
	}
	last, err := s.Day(p.Last)
	if err != nil {
		return "", err
	}
	k := kinds[p.Type]
	switch {
	case p.Type == period.Daily:
		return first.String(), nil
	case k.step == 0:
		_, number, err := s.weekID(p.Type, first)
		if err != nil {
			return "", err
		}
		if p.Type == period.BiWeekly {
			week = "Bi-Week "
		}
		return fmt.Sprintf("%s%d - %v - %v", week, number, first, last), nil
	}
	first, last = named(first), named(last)
	c := s.calendar()
	from, to := c.MonthName(first.Month), c.MonthName(last.Month)
	switch {
	case p.Type == period.Yearly:
		return fmt.Sprintf("%04d", first.Year), nil
	case p.Type == period.Monthly:
		return fmt.Sprintf("%s %d", from, first.Year), nil
	case p.Type == period.QuarterlyNov:
		from, to = c.ShortMonthName(first.Month), c.ShortMonthName(last.Month)
		return fmt.Sprintf("%s to %s %d", from, to, last.Year), nil
	case k.step == 12:
		return fmt.Sprintf("%s %d - %s %d", from, first.Year, to, last.Year), nil
	}
	return fmt.Sprintf("%s - %s %d", from, to, last.Year), nil
}

// named returns a day in the month whose name the server writes for l. The
// server mistakes the first of the month for a Gregorian day and writes that
// day's month. Before 1583 it writes the month of the Julian calendar.
func named(l Day) Day {
	if l.Year >= 1583 {
		return l
	}
	d, err := period.Gregorian.Date(l.Year, l.Month, 1)
	if err != nil || d >= reform {
		return l
	}
	year, month, day := period.Julian.Civil(d)
	return Day{year, month, day}
}
