package period

import "cmp"

// A Period is a span of days that data is reported for, such as January 2024.
// It is a comparable value of 8 bytes: compare it with == and use it as a map
// key. Two periods are equal if their type, calendar and identifier are. The
// zero Period is no period; methods return it if there is none.
type Period struct {
	// n is the first day of a daily, weekly or bi-weekly period. For a longer
	// one it is the first month: 12 times the year plus the month from 0. For a
	// Coptic month it is 13 times the year plus the month from 0.
	n   int32
	typ Type
	cal uint8 // the calendar's index in byIndex
}

// On returns the period of type t, counted in c, that contains d
// (RULES.md#the-period-of-a-day). It is the zero [Period] if d is outside the
// years of c, or if t is no type.
//
// Where two bi-weeks contain d, which happens after a year of 53 weeks, it is
// the later one (RULES.md#bi-weeks).
//
// In the Ethiopian and the Coptic calendar the five or six days after month 12
// count in that month, and in the bi-month, quarter, half and year that it ends
// (RULES.md#days-after-month-twelve). So a report made on them is part of the
// old year, and each longer period is the sum of its parts. First and Last of
// these periods leave the days out, as DHIS2 prints them. No Ethiopian Daily
// period of such a day exists, since DHIS2 has no identifier for it.
func (c *Calendar) On(t Type, d Date) Period {
	c = c.or()
	s := t.shape()
	switch {
	case s.step > 0:
		if t == Monthly && c.monthThirteen {
			return c.thirteenthOn(d)
		}
		month := c.month(d)
		return c.monthly(t, month-(month+12-int(s.base))%int(s.step))
	case s.weekday > 0:
		return c.weekly(t, weekStart(d, int(s.weekday)))
	case t == BiWeekly:
		return c.weekly(BiWeekly, c.biWeekStart(d))
	case t == Daily:
		return c.daily(d)
	}
	return Period{}
}

// daily returns the Daily period of d.
func (c *Calendar) daily(d Date) Period {
	if d < c.first || d > c.last || c.hidden(d) {
		return Period{}
	}
	return Period{n: int32(d), typ: Daily, cal: c.index}
}

// weekly returns the week or bi-week that starts on start. The caller has
// checked its weekday. The fourth day decides its year. In a table, all of its
// days must exist.
func (c *Calendar) weekly(t Type, start Date) Period {
	if start < c.first-3 || start > c.last-3 {
		return Period{}
	}
	p := Period{n: int32(start), typ: t, cal: c.index}
	if c.table != nil && (start < c.first || p.Last() > c.last) {
		return Period{}
	}
	return p
}

// monthly returns the period of type t that starts with a month, which is
// counted from year 0.
func (c *Calendar) monthly(t Type, month int) Period {
	s := t.shape()
	named := month - int(s.base) + 12*int(s.carry) // 12 times the year of the identifier, plus the months since the start of that year
	if named < 12*c.minYear || named >= 12*(c.maxYear+1) ||
		month < c.minMonth || month+int(s.step)-1 > c.maxMonth {
		return Period{}
	}
	return Period{n: int32(month), typ: t, cal: c.index}
}

// month returns the first month of p, counted from year 0, 12 to a year. p
// lasts a month or longer.
func (p Period) month() int {
	if c := p.Calendar(); p.typ == Monthly && c.monthThirteen {
		return int(p.n)/13*12 + min(int(p.n)%13, 11)
	}
	return int(p.n)
}

// IsZero reports whether p is the zero Period.
func (p Period) IsZero() bool { return p.typ == 0 }

// Type returns the frequency of p; it is 0 for the zero Period.
func (p Period) Type() Type { return p.typ }

// Calendar returns the calendar that p is counted in; it is [Gregorian] for the
// zero Period.
func (p Period) Calendar() *Calendar { return byIndex[p.cal] }

// First returns the first day of p, which belongs to p. For the zero Period it
// is the zero Date.
func (p Period) First() Date {
	switch s := p.typ.shape(); {
	case p.typ == 0:
		return 0
	case s.step == 0:
		return Date(p.n)
	}
	c := p.Calendar()
	if p.typ == Monthly && c.monthThirteen {
		return c.day(int(p.n)/13, int(p.n)%13+1, 1)
	}
	return c.monthFirst(int(p.n))
}

// Last returns the last day of p, which belongs to p. For the zero Period it is
// the zero Date.
func (p Period) Last() Date {
	s := p.typ.shape()
	switch {
	case p.typ == 0:
		return 0
	case p.typ == Daily:
		return Date(p.n)
	case s.weekday > 0:
		return Date(p.n) + 6
	case p.typ == BiWeekly:
		return Date(p.n) + 13
	}
	c := p.Calendar()
	if p.typ == Monthly && c.monthThirteen {
		year, month := int(p.n)/13, int(p.n)%13+1
		return c.day(year, month, c.length(year, month))
	}
	return c.monthLast(int(p.n) + int(s.step) - 1)
}

// Days returns the number of days from the first to the last day of p, both
// counted: 28 to 31 for a Gregorian month. It is 0 for the zero Period.
func (p Period) Days() int {
	if p.typ == 0 {
		return 0
	}
	return int(p.Last()-p.First()) + 1
}

// Compare orders periods by first day, then the longer one first, then by type
// and by the name of the calendar. The zero Period comes before all others.
// Compare returns -1, 0 or +1, and 0 only if p == q. Use it with
// [slices.SortFunc]. DHIS2 sorts periods of different types by frequency, name
// of the type, and first day.
func (p Period) Compare(q Period) int {
	if p.typ == q.typ && p.cal == q.cal {
		return cmp.Compare(p.n, q.n)
	}
	if p.typ == 0 || q.typ == 0 {
		return cmp.Compare(p.typ, q.typ)
	}
	return cmp.Or(
		cmp.Compare(p.First(), q.First()),
		cmp.Compare(q.Last(), p.Last()),
		cmp.Compare(p.typ, q.typ),
		cmp.Compare(p.Calendar().name, q.Calendar().name),
	)
}

// Contains reports whether every day of q is a day of p. The zero Period
// contains nothing, and no period contains it.
func (p Period) Contains(q Period) bool {
	return p.typ != 0 && q.typ != 0 && p.First() <= q.First() && q.Last() <= p.Last()
}

// ContainsDate reports whether d is a day of p.
func (p Period) ContainsDate(d Date) bool {
	return p.typ != 0 && p.First() <= d && d <= p.Last()
}

// In returns the period of type t in which the values of p count when they are
// aggregated over time (RULES.md#roll-up). It is in the calendar of p and
// contains the first day of p. For weeks and bi-weeks it contains the fourth
// day, so that a week counts where most of its days are. A value is never
// split. Weeks count in bi-weeks too.
//
// ok is false unless t is p's own type or has a greater [Type.Frequency]: a
// quarter does not count in a QuarterlyNov, nor a year in a financial year. In
// does not allocate.
//
// In differs from Contains: 2024W5, 29 January to 4 February, counts in
// February 2024, which does not contain it.
func (p Period) In(t Type) (q Period, ok bool) {
	if t == p.typ {
		return p, t != 0
	}
	from, to := p.typ.shape(), t.shape()
	if to.days <= from.days || p.typ == 0 {
		return Period{}, false
	}
	c := p.Calendar()
	if from.step > 0 { // both types have whole months, so no day is needed
		month := p.month()
		q = c.monthly(t, month-(month+12-int(to.base))%int(to.step))
		return q, q.typ != 0
	}
	d := Date(p.n)
	if from.weekday > 0 {
		d += 3
	}
	q = c.On(t, d)
	return q, q.typ != 0
}
