package period

// Range returns the periods from first to last, both included, in order. It is
// empty if last comes before first or if their types or calendars differ.
func Range(first, last Period) []Period {
	if first.typ == 0 || first.typ != last.typ || first.cal != last.cal || last.n < first.n {
		return nil
	}
	step := max(1, int(first.typ.shape().step))
	switch s := first.typ.shape(); {
	case s.weekday > 0, first.typ == BiWeekly:
		step = 7 // the length of a week, a quarter of that of a month
	case first.typ == Monthly:
		step = 1
	}
	list := make([]Period, 0, (int(last.n)-int(first.n))/step+1)
	for p := first; p.typ != 0 && p.n <= last.n; p = p.Add(1) {
		list = append(list, p)
	}
	return list
}

// Split returns the periods of type t all of whose days are days of p, in
// order. It is empty if there are none. A year splits into 12 months, but only
// into those weeks that do not cross its ends. The parts do not overlap, except
// that a 27th bi-week overlaps the first of the next year.
func (p Period) Split(t Type) []Period {
	if t == p.typ {
		if t == 0 {
			return nil
		}
		return []Period{p}
	}
	if p.typ == 0 || t == 0 || t > lastType {
		return nil
	}
	first, last := p.First(), p.Last()
	q := p.Calendar().firstIn(t, first, last)
	if q.typ == 0 || q.Last() > last {
		return nil
	}
	list := make([]Period, 0, int(last-q.First())/max(1, q.Days())+1)
	for ; q.typ != 0 && q.Last() <= last; q = q.Add(1) {
		list = append(list, q)
	}
	return list
}

// firstIn returns the first period of type t whose first day is from first to
// last. It returns the zero Period if there is none.
func (c *Calendar) firstIn(t Type, first, last Date) Period {
	// No period starts outside the calendar, and a few days inside it belong to
	// no period.
	for d := max(first, c.first-13); d <= min(last, c.last); d++ {
		q := c.On(t, d)
		if q.typ != 0 && q.First() < first {
			q = q.Add(1)
		}
		if q.typ != 0 {
			return q
		}
	}
	return Period{}
}

// YearToDate returns p and the periods before it that have the same reporting
// year, first to last: those that a year-to-date value of p adds up
// (RULES.md#year-to-date). For most types the reporting year is the year of the
// identifier. But 2024NovQ1 starts in 2023, so the other November quarters that
// start in 2023 precede it.
func (p Period) YearToDate() []Period {
	if p.typ == 0 {
		return nil
	}
	year := p.ReportingYear()
	n := 1
	for q := p.Add(-1); q.typ != 0 && q.ReportingYear() == year; q = q.Add(-1) {
		n++
	}
	list := make([]Period, n)
	for i, q := n-1, p; i >= 0; i, q = i-1, q.Add(-1) {
		list[i] = q
	}
	return list
}

// ReportingYear returns the year that [Period.YearToDate] compares: the
// Gregorian year of the first day or, for a week or bi-week that starts on 29,
// 30 or 31 December, the next one. It is 0 for the zero Period.
func (p Period) ReportingYear() int {
	if p.typ == 0 {
		return 0
	}
	year, month, day := p.First().Civil()
	if s := p.typ.shape(); s.days == 7 || s.days == 14 {
		if month == 12 && day >= 29 {
			year++
		}
	}
	return year
}

// Year returns the periods of type t that DHIS2 lists for the year of d,
// counted in c (RULES.md#lists-of-a-year). They are the days, weeks, bi-weeks,
// months, bi-months or quarters of that year. For halves they are the two of
// the type's own year that contains d. For years they are eleven: the one of d,
// five before and five after. The list ends where the calendar does.
//
// A list of weeks that start on another day than Monday may have one week of
// the next year at its end, or lack the last: 2020 ends with 2021WedW1, and
// 2024 lacks 2024FriW53. Bi-weeks, and weeks in other calendars, are exactly
// those of the year, and the Coptic months are all thirteen, which is not what
// DHIS2 lists (see package compat).
func (c *Calendar) Year(t Type, d Date) []Period {
	c = c.or()
	s := t.shape()
	switch {
	case t == 0 || t > lastType:
		return nil
	case s.step == 12:
		p := c.On(t, d)
		return around(p, 5, 5)
	case s.step == 6:
		p := c.On(t, d)
		if p.typ == 0 {
			return nil
		}
		if _, number := p.number(); number == 1 {
			return around(p, 0, 1)
		}
		return around(p, 1, 0)
	}
	year, _, _ := c.civil(d)
	if year < c.minYear || year > c.maxYear {
		return nil
	}
	var list []Period
	switch {
	case t == Daily:
		month := c.monthsInYear()
		end := c.named(c.day(year, month, c.length(year, month)))
		return Range(c.daily(c.day(year, 1, 1)), c.daily(end))
	case t == BiWeekly:
		for n := 1; n <= c.biWeeks(year); n++ {
			list = append(list, c.biWeekOf(year, n))
		}
		return list
	case s.weekday > 0:
		return c.weeksOfYear(t, year)
	case t == Monthly && c.monthThirteen:
		return Range(c.thirteenth(13*year), c.thirteenth(13*year+12))
	}
	for month := 0; month < 12; month += int(s.step) {
		start := 12*year + month
		p := c.monthly(t, start-(start+12-int(s.base))%int(s.step))
		if p.typ != 0 {
			list = append(list, p)
		}
	}
	return list
}

// weeksOfYear returns the weeks that DHIS2 lists for a year (rule 3 of
// RULES.md#lists-of-a-year).
func (c *Calendar) weeksOfYear(t Type, year int) []Period {
	start := c.weekOne(year, int(t.shape().weekday))
	list := make([]Period, 0, 54)
	for i := 0; ; i++ {
		p := c.weekly(t, start+Date(7*i))
		if p.typ == 0 {
			return list
		}
		if c == Gregorian {
			// The number of weeks is limited by the number of Monday weeks in a
			// week-year. That is the week-year of 1 January of the start's
			// year.
			y, _, _ := gregorianCivil(Date(p.n))
			if i >= c.serverWeeks(y) {
				return list
			}
		} else if y, _ := c.weekNumber(Date(p.n)); y != year {
			return list
		}
		list = append(list, p)
	}
}

// serverWeeks returns the number of weeks in the ISO year that contains 1
// January of the given year. DHIS2 limits every list of weeks by this number.
func (c *Calendar) serverWeeks(year int) int {
	weekYear, _ := c.weekNumber(weekStart(c.day(year, 1, 1), 1))
	return c.weeks(weekYear, 1)
}

// around returns p, up to before periods ahead of it, and up to after periods
// behind it. Periods that do not exist are left out.
func around(p Period, before, after int) []Period {
	if p.typ == 0 {
		return nil
	}
	list := make([]Period, 0, before+after+1)
	for i := -before; i <= after; i++ {
		if q := p.Add(i); q.typ != 0 {
			list = append(list, q)
		}
	}
	return list
}

// Between returns the periods of type t that DHIS2 lists for the days first to
// last (RULES.md#lists-between-days): from the one that contains first on,
// those that start before the end of the one that contains last. A list of days
// leaves out last itself, and a list that ends with a 27th bi-week also has the
// first bi-week that overlaps it. The list is empty if first or last has no
// period. [Range] has both ends for every type.
func (c *Calendar) Between(t Type, first, last Date) []Period {
	c = c.or()
	p, q := c.On(t, first), c.On(t, last)
	if t == Daily && first < last {
		p, q = c.firstIn(t, first, last), c.daily(c.named(last-1))
	}
	switch {
	case p.typ == 0 || q.typ == 0:
		return nil
	case t == Daily:
		if first >= last {
			return nil
		}
	case t == BiWeekly:
		if next := q.Add(1); next.typ != 0 && next.First() < q.Last() {
			q = next
		}
	}
	return Range(p, q)
}
