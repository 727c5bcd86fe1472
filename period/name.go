package period

// Name returns p in English, such as "January - March 2024" or "Week 9 -
// 2024-02-26 - 2024-03-03", as DHIS2 writes it (periods specification, 12).
// Dates, months and years are those of p's calendar; halves and quarters give
// the year they end in. For the zero Period it is "".
func (p Period) Name() string { return string(p.appendName(nil, "Week ")) }

// ShortName is like Name; of a week it is "W9 - 2024-02-26 - 2024-03-03".
func (p Period) ShortName() string { return string(p.appendName(nil, "W")) }

func (p Period) appendName(b []byte, week string) []byte {
	if p.typ == 0 {
		return b
	}
	c, s := p.calendar(), p.typ.shape()
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
		b = append(append(b, c.monthName(month)...), ' ')
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

// monthName returns the name of a month, 1 to 12, or that of the days after.
func (c *Calendar) monthName(month int) string {
	if month == 13 {
		return "Nasie"
	}
	return c.names.months[month-1]
}
