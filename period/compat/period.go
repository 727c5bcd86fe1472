package compat

import (
	"fmt"

	"github.com/ohie-hmis/hmis-go/period"
)

// A Period is a period in the memory of a server. Its identifier may differ
// from the one of its first day, and it may be longer than its type. The server
// treats two periods with the same identifier as equal.
type Period struct {
	Type        period.Type
	ID          string
	First, Last period.Date
}

// String returns the identifier of p.
func (p Period) String() string { return p.ID }

// Days returns the number of days from the first to the last day of p, both
// counted.
func (p Period) Days() int { return int(p.Last-p.First) + 1 }

// A kind defines where the periods of a type begin: every step months, starting
// at the month base. An identifier has the year in which the period starts or,
// if late is set, ends.
type kind struct {
	mark       string
	step, base int
	weekday    int
	late       bool
}

var kinds = map[period.Type]kind{
	period.Daily:           {},
	period.Weekly:          {mark: "W", weekday: 1},
	period.WeeklyWednesday: {mark: "WedW", weekday: 3},
	period.WeeklyThursday:  {mark: "ThuW", weekday: 4},
	period.WeeklyFriday:    {mark: "FriW", weekday: 5},
	period.WeeklySaturday:  {mark: "SatW", weekday: 6},
	period.WeeklySunday:    {mark: "SunW", weekday: 7},
	period.BiWeekly:        {mark: "BiW"},
	period.Monthly:         {step: 1, base: 1},
	period.BiMonthly:       {step: 2, base: 1},
	period.Quarterly:       {mark: "Q", step: 3, base: 1},
	period.QuarterlyNov:    {mark: "NovQ", step: 3, base: 11, late: true},
	period.SixMonthly:      {mark: "S", step: 6, base: 1},
	period.SixMonthlyApril: {mark: "AprilS", step: 6, base: 4},
	period.SixMonthlyNov:   {mark: "NovS", step: 6, base: 11, late: true},
	period.Yearly:          {step: 12, base: 1},
	period.FinancialFeb:    {mark: "Feb", step: 12, base: 2},
	period.FinancialApril:  {mark: "April", step: 12, base: 4},
	period.FinancialJuly:   {mark: "July", step: 12, base: 7},
	period.FinancialAug:    {mark: "Aug", step: 12, base: 8},
	period.FinancialSep:    {mark: "Sep", step: 12, base: 9},
	period.FinancialOct:    {mark: "Oct", step: 12, base: 10},
	period.FinancialNov:    {mark: "Nov", step: 12, base: 11, late: true},
}

// On returns the period of type t that the server gives for d. It need not
// contain d (RULES.md#server-arithmetic).
func (s Server) On(t period.Type, d period.Date) (Period, error) {
	l, err := s.Day(d)
	if err != nil {
		return Period{}, err
	}
	return s.on(t, l)
}

// on returns the period of type t that the server gives for the local day l.
func (s Server) on(t period.Type, l Day) (Period, error) {
	k, ok := kinds[t]
	switch {
	case !ok:
		return Period{}, s.failf("%d is no period type", t)
	case l.Year < 1:
		return Period{}, s.failf("%v: want a year from 1 to 9999", l)
	case t == period.Daily:
		return s.span(t, fmt.Sprintf("%04d%02d%02d", l.Year, l.Month, l.Day), l, l)
	case k.weekday > 0:
		start, err := s.weekStart(l, k.weekday)
		if err != nil {
			return Period{}, err
		}
		return s.week(t, start, 7)
	case t == period.BiWeekly:
		start, err := s.biWeekStart(l)
		if err != nil {
			return Period{}, err
		}
		return s.week(t, start, 14)
	}
	return s.months(t, k.start(l))
}

// start returns the first day of the period that contains l. For quarters,
// month 13 counts as the first month of the next year.
func (k kind) start(l Day) Day {
	if k.step == 12 {
		if l.Month >= k.base {
			return Day{l.Year, k.base, 1}
		}
		return Day{l.Year - 1, k.base, 1}
	}
	if k.step >= 6 && l.Month == 13 { // month 13 belongs to the last half
		l.Month = 12
	}
	year, month := l.Year, l.Month-mod(l.Month-k.base, k.step)
	if month > 12 && k.step == 3 {
		return Day{year + 1, month - 12, 1}
	}
	if month < 1 {
		return Day{year - 1, month + 12, 1}
	}
	return Day{year, month, 1}
}

// months returns the period of type t that starts on start and has whole
// months.
func (s Server) months(t period.Type, start Day) (Period, error) {
	k := kinds[t]
	if k.step == 12 && k.base > 1 {
		return s.year(t, start)
	}
	end := Day{start.Year, 12, 1}
	var err error
	if t != period.Yearly {
		if end, err = s.AddMonths(start, k.step-1); err != nil {
			return Period{}, err
		}
	}
	if end, err = s.endOfMonth(end); err != nil {
		return Period{}, err
	}
	return s.span(t, k.id(t, start), start, end)
}

// year returns the financial year that starts on start and lasts to the day
// before the same day a year later.
func (s Server) year(t period.Type, start Day) (Period, error) {
	end, err := s.AddYears(start, 1)
	if err != nil {
		return Period{}, err
	}
	if end, err = s.AddDays(end, -1); err != nil {
		return Period{}, err
	}
	return s.span(t, kinds[t].id(t, start), start, end)
}

// id returns the identifier of the period of whole months that starts on start.
func (k kind) id(t period.Type, start Day) string {
	year, month := start.Year, start.Month-k.base
	if k.late && month >= 0 {
		year++
	}
	if month < 12 { // for 12 the month is the Coptic month 13
		month = mod(month, 12)
	}
	number := month/k.step + 1
	switch {
	case k.step == 12:
		return fmt.Sprintf("%04d%s", year, k.mark)
	case t == period.Monthly:
		return fmt.Sprintf("%04d%02d", year, number)
	case t == period.BiMonthly:
		return fmt.Sprintf("%04d%02dB", year, number)
	}
	return fmt.Sprintf("%04d%s%d", year, k.mark, number)
}

// span returns the period of type t with the given identifier and first and
// last day. Both must be valid days to the server.
func (s Server) span(t period.Type, id string, from, to Day) (Period, error) {
	first, err := s.Date(from)
	if err != nil {
		return Period{}, err
	}
	last, err := s.Date(to)
	if err != nil {
		return Period{}, err
	}
	return Period{Type: t, ID: id, First: first, Last: last}, nil
}

// Add returns the period n steps after p, or before it if n is negative. Each
// step moves the first day by one unit and looks up its period as the server
// does. Across the Coptic month 13 that can be the same period. Before the
// Nepali year 2000 it is in a later year, so that steps run in a circle.
func (s Server) Add(p Period, n int) (Period, error) {
	step := 1
	if n < 0 {
		step = -1
	}
	saved, since, most := p, 0, 1 // saved detects that steps run in a circle
	for n != 0 {
		by := step
		if s.evenDays(p) {
			by = n
		}
		q, err := s.next(p, by)
		if err != nil {
			return Period{}, err
		}
		p, n = q, n-by
		if since++; p == saved {
			n %= since // the remaining steps only repeat the circle
		} else if since == most {
			saved, since, most = p, 0, 2*most
		}
	}
	return p, nil
}

// evenDays reports whether n single steps from p lead to the same day as one
// step of n. In a calendar with a table, some days have no successor, so single
// steps fail there.
func (s Server) evenDays(p Period) bool {
	if p.Type != period.Daily || s.tabled() {
		return false
	}
	l, err := s.Day(p.First)
	return err == nil && (s.calendar() != period.Ethiopian || l.Month < 13)
}

// next returns the period one step after p, or before it if step is -1. For
// days, step may be any number.
func (s Server) next(p Period, step int) (Period, error) {
	l, err := s.Day(p.First)
	if err != nil {
		return Period{}, err
	}
	k := kinds[p.Type]
	switch {
	case k.step == 12:
		l, err = s.AddYears(l, step)
	case k.step > 0:
		l, err = s.AddMonths(l, step*k.step)
	case k.weekday > 0:
		l, err = s.AddDays(l, step*7)
	case p.Type == period.BiWeekly:
		l, err = s.AddDays(l, step*14)
	default:
		l, err = s.AddDays(l, step)
	}
	if err != nil {
		return Period{}, err
	}
	return s.on(p.Type, l)
}

// In returns the period of type t in which p counts: the one that the server
// finds for its first day, or for the fourth day of a week (RULES.md#roll-up).
// ok is false if t is not longer than p's type, or if the server fails.
func (s Server) In(p Period, t period.Type) (q Period, ok bool) {
	if t != p.Type && t.Frequency() <= p.Type.Frequency() {
		return Period{}, false
	}
	d := p.First
	if kinds[p.Type].weekday > 0 {
		if t == p.Type {
			return p, true
		}
		d += 3
	}
	q, err := s.On(t, d)
	return q, err == nil
}

// mod returns the remainder of a divided by b, from 0 to b-1.
func mod(a, b int) int { return (a%b + b) % b }
