package period

// The Ethiopian and the Coptic year have twelve months of 30 days and then five
// or six epagomenal days, counted as month 13: Pagume, or Nasie. DHIS2 ends
// every period of month 12 before them. It has no identifiers for these days in
// the Ethiopian calendar. In the Coptic calendar it has them, and one for the
// month as well.

// hidesDays reports whether the days of month 13 have no identifiers in c.
func (c *Calendar) hidesDays() bool { return c.epagomenal && !c.monthThirteen }

// hidden reports whether the day d has no identifier.
func (c *Calendar) hidden(d Date) bool {
	if !c.hidesDays() {
		return false
	}
	_, month, _ := c.civil(d)
	return month == 13
}

// named returns the latest day up to and including d that has an identifier.
func (c *Calendar) named(d Date) Date {
	if !c.hidden(d) {
		return d
	}
	_, _, day := c.civil(d)
	return d - Date(day)
}

// addNamedDays returns the day n steps after start, where only days with an
// identifier count: 360 a year.
func (c *Calendar) addNamedDays(start Date, n int) Period {
	year, month, day := c.civil(start)
	at := (year*12+month-1)*30 + day - 1 + n
	year = floorDiv(at, 360)
	if year < c.minYear || year > c.maxYear {
		return Period{}
	}
	return c.daily(c.day(year, at/30%12+1, at%30+1))
}

// thirteenthOn returns the Monthly period of d in a calendar of 13 months.
func (c *Calendar) thirteenthOn(d Date) Period {
	year, month, _ := c.civil(d)
	return c.thirteenth(13*year + month - 1)
}

// thirteenth returns the Monthly period of a month that is counted from year 0,
// 13 to a year.
func (c *Calendar) thirteenth(month int) Period {
	if month < 13*c.minYear || month >= 13*(c.maxYear+1) {
		return Period{}
	}
	return Period{n: int32(month), typ: Monthly, cal: c.index}
}
