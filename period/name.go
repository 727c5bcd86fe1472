package period

import "time"

// Name returns p in English, such as "January - March 2024" or "Week 9 -
// 2024-02-26 - 2024-03-03", as DHIS2 writes it (RULES.md#names). Dates, months
// and years are those of p's calendar. Halves and quarters have the year they
// end in. For the zero Period it is "".
func (p Period) Name() string { return string(p.appendName(nil, "Week ")) }

// ShortName returns the name of p in English, with W for the word week, such as
// "W9 - 2024-02-26 - 2024-03-03". For types other than weeks it equals
// [Period.Name].
func (p Period) ShortName() string { return string(p.appendName(nil, "W")) }

func (p Period) appendName(b []byte, week string) []byte {
	if p.typ == 0 {
		return b
	}
	c, s := p.Calendar(), p.typ.shape()
	switch {
	case p.typ == Daily:
		return c.appendDate(b, Date(p.n))
	case p.typ == BiWeekly:
		_, number := c.biWeekNumber(Date(p.n))
		b = appendNumber(append(b, "Bi-Week "...), number)
		return c.appendSpan(b, p)
	case s.weekday > 0:
		_, number := c.weekNumber(Date(p.n))
		b = appendNumber(append(b, week...), number)
		return c.appendSpan(b, p)
	case p.typ == Yearly:
		year, _ := p.number()
		return appendYear(b, year)
	}
	if p.typ == Monthly {
		year, month, _ := c.civil(p.First())
		b = append(append(b, c.MonthName(month)...), ' ')
		return appendYear(b, year)
	}
	first := int(p.n)
	last := first + int(s.step) - 1
	switch {
	case p.typ == QuarterlyNov:
		b = append(b, c.names.shortMonths[first%12]...)
		b = append(b, " to "...)
		b = append(b, c.names.shortMonths[last%12]...)
	default:
		b = append(b, c.names.months[first%12]...)
		if s.step == 12 {
			b = appendYear(append(b, ' '), first/12)
		}
		b = append(b, " - "...)
		b = append(b, c.names.months[last%12]...)
	}
	return appendYear(append(b, ' '), last/12)
}

// appendSpan appends the first and last day of p, each after a dash.
func (c *Calendar) appendSpan(b []byte, p Period) []byte {
	b = c.appendDate(append(b, " - "...), p.First())
	return c.appendDate(append(b, " - "...), p.Last())
}

// appendDate appends d in c as yyyy-MM-dd.
func (c *Calendar) appendDate(b []byte, d Date) []byte {
	year, month, day := c.civil(d)
	return appendDay(b, year, month, day)
}

// MonthName returns the name of a month, 1 to 12, in English letters as DHIS2
// spells it, such as "Hamle"; month 13, which DHIS2 does not name, is "Pagume"
// or "Nasie". For any other number it is "".
func (c *Calendar) MonthName(month int) string {
	c = c.or()
	switch {
	case month >= 1 && month <= 12:
		return c.names.months[month-1]
	case month == 13 && c == Ethiopian:
		return "Pagume"
	case month == 13 && c.epagomenal:
		return "Nasie"
	}
	return ""
}

// ShortMonthName returns the short name of a month in English letters, such as
// "Ham" for Hamle.
func (c *Calendar) ShortMonthName(month int) string {
	c = c.or()
	if month >= 1 && month <= 12 {
		return c.names.shortMonths[month-1]
	}
	return c.MonthName(month)
}

// WeekdayName returns the name of a day of the week, such as "Segno" for the
// Ethiopian Monday. For a number that is no weekday it is "".
func (c *Calendar) WeekdayName(day time.Weekday) string {
	if day < time.Sunday || day > time.Saturday {
		return ""
	}
	return c.or().names.days[(day+6)%7]
}

// ShortWeekdayName returns the short name of a day of the week, such as "Seg"
// for Segno.
func (c *Calendar) ShortWeekdayName(day time.Weekday) string {
	if day < time.Sunday || day > time.Saturday {
		return ""
	}
	return c.or().names.shortDays[(day+6)%7]
}
