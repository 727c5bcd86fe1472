package period

import "math"

// Add returns the period n steps later, or earlier if n is negative. It is p
// itself if n is 0, and the zero Period beyond the years of the calendar.
//
// A step moves the first day on by one unit, and then selects the period that
// contains it (RULES.md#steps). A step back undoes a step forward, except for
// bi-weeks after a year of 53 weeks. There a step forward leads to the 27th
// bi-week, and a step back from the next year skips it. In the Ethiopian
// calendar the day after 30 Nehase is 1 Meskerem, as in DHIS2, since the days
// between have no identifiers.
func (p Period) Add(n int) Period {
	if n == 0 || p.typ == 0 {
		return p
	}
	if n > math.MaxInt32 || n < math.MinInt32 {
		return Period{}
	}
	c, s := p.Calendar(), p.typ.shape()
	switch {
	case s.step > 0:
		if p.typ == Monthly && c.monthThirteen {
			return c.thirteenth(int(p.n) + n)
		}
		return c.monthly(p.typ, int(p.n)+n*int(s.step))
	case s.weekday > 0:
		return c.weeklyAt(p.typ, int(p.n)+7*n)
	case p.typ == BiWeekly:
		return c.addBiWeeks(Date(p.n), n)
	case c.hidesDays():
		return c.addNamedDays(Date(p.n), n)
	}
	return c.dailyAt(int(p.n) + n)
}

// dailyAt returns the Daily period of the day number d. It is the zero Period
// if d is outside the range of a Date.
func (c *Calendar) dailyAt(d int) Period {
	if d < int(c.first) || d > int(c.last) {
		return Period{}
	}
	return c.daily(Date(d))
}

// weeklyAt returns the week or bi-week that starts on the day number start. It
// is the zero Period if start is outside the range of a Date.
func (c *Calendar) weeklyAt(t Type, start int) Period {
	if start < int(c.first)-7 || start > int(c.last) {
		return Period{}
	}
	return c.weekly(t, Date(start))
}
