package period

// weekStart returns the first day of the week that contains d, where weeks
// start on the given ISO weekday.
func weekStart(d Date, weekday int) Date {
	return d - Date(floorMod(int(d)+4-weekday, 7)) // 1970-01-01 was a Thursday
}

// weekOne returns the first day of week 1 of a year, where weeks start on the
// given weekday. Week 1 contains the fourth day of the year (RULES.md#weeks).
func (c *Calendar) weekOne(year, weekday int) Date {
	return weekStart(c.day(year, 1, 4), weekday)
}

// weekNumber returns the year and number of the week that starts on start. A
// week belongs to the year of its fourth day, which is the year with at least
// four of its days.
func (c *Calendar) weekNumber(start Date) (year, number int) {
	year, days := c.dayOfYear(start + 3)
	return year, days/7 + 1
}

// weeks returns the number of weeks of a year: 52 or 53. An Islamic year is
// shorter and has 50 or 51.
func (c *Calendar) weeks(year, weekday int) int {
	last := c.last
	if year < c.maxYear {
		last = c.day(year+1, 1, 1) - 1
	}
	// The last week is the latest one whose fourth day is in the year.
	return int(weekStart(last-3, weekday)-c.weekOne(year, weekday))/7 + 1
}

// biWeekStart returns the first day of the bi-week that contains d: the Monday
// of an odd week. Week 53 begins a bi-week that overlaps week 1 of the next
// year. The days of that week 1 still belong to the next year's first bi-week
// (RULES.md#bi-weeks).
func (c *Calendar) biWeekStart(d Date) Date {
	monday := weekStart(d, 1)
	if monday+3 < c.first || monday+3 > c.last {
		return monday
	}
	if _, number := c.weekNumber(monday); number%2 == 0 {
		return monday - 7
	}
	return monday
}

// biWeekNumber returns the year and number of the bi-week that starts on start.
func (c *Calendar) biWeekNumber(start Date) (year, number int) {
	year, number = c.weekNumber(start)
	return year, number/2 + 1
}

// addBiWeeks returns the bi-week n steps after the one that starts on start. It
// loops over the years between, at most 10,000 in a calendar.
func (c *Calendar) addBiWeeks(start Date, n int) Period {
	year, number := c.biWeekNumber(start)
	at := number - 1 + n
	if at >= 0 && at < 25 { // the bi-week is still in the same year
		return c.weekly(BiWeekly, start+Date(14*n))
	}
	// Stepping back skips the last bi-week of a year with an odd number of
	// weeks: two weeks before the next year is the middle of the one before.
	for at < 0 {
		year--
		if year < c.minYear {
			return Period{}
		}
		at += c.weeks(year, 1) / 2
	}
	for n > 0 && at >= 25 {
		have := c.biWeeks(year)
		if at < have {
			break
		}
		at -= have
		year++
		if year > c.maxYear {
			return Period{}
		}
	}
	return c.biWeekOf(year, at+1)
}

// biWeeks returns the number of bi-weeks of a year: 26 or, after 53 weeks, 27.
// An Islamic year has 25 or 26.
func (c *Calendar) biWeeks(year int) int { return (c.weeks(year, 1) + 1) / 2 }

// biWeekOf returns the bi-week of a year and number. The caller has checked
// that the year has such a bi-week.
func (c *Calendar) biWeekOf(year, number int) Period {
	if year < c.minYear || year > c.maxYear {
		return Period{}
	}
	return c.weekly(BiWeekly, c.weekOne(year, 1)+Date(14*(number-1)))
}
