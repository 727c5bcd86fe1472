package period

import "math"

// Add returns the period n steps later, or earlier if n is negative. It is p
// itself if n is 0, and the zero Period beyond the years of the calendar.
//
// A step leads one unit on from the first day, and then to the period that
// contains the day reached (RULES.md#steps). Only for bi-weeks a step back does
// not always undo a step forward: after a year of 53 weeks, a step forward
// leads to its 27th bi-week, and a step back from the next year leaves that
// out. A step of Ethiopian days leads from 30 Nehase to 1 Meskerem, as in
// DHIS2, since the days between have no identifier.
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

// dailyAt is daily of a day that may be no Date.
func (c *Calendar) dailyAt(d int) Period {
	if d < int(c.first) || d > int(c.last) {
		return Period{}
	}
	return c.daily(Date(d))
}

// weeklyAt is weekly of a day that may be no Date.
func (c *Calendar) weeklyAt(t Type, start int) Period {
	if start < int(c.first)-7 || start > int(c.last) {
		return Period{}
	}
	return c.weekly(t, Date(start))
}
