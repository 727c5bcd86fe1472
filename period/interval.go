package period

// ISO returns p as its Gregorian first day and its duration, such as
// 2024-01-01/P1M: the form in which ADX writes a period
// (RULES.md#iso-intervals). The duration is that of the type, whatever the
// calendar. For the zero Period it is "".
func (p Period) ISO() string {
	if p.typ == 0 {
		return ""
	}
	var buf [24]byte
	b := append(p.First().append(buf[:0]), '/')
	return string(append(b, p.typ.Duration()...))
}

// ParseISO reads a first day and a duration, such as 2024-01-01/P1M, in the
// Gregorian calendar. The day must be the first of a period of that length:
// 2023-11-01/P3M is 2024NovQ1, and 2024-02-02/P1M is an error. P12M is read as
// P1Y, P1W as P7D and P2W as P14D. [Calendar.SnapISO] reads any day of a
// period. The error is a *[ParseError].
func ParseISO(s string) (Period, error) { return Gregorian.ParseISO(s) }

// ParseISO reads a Gregorian first day and a duration, such as 2024-09-11/P1M,
// as the function [ParseISO] does. The day must be the first of a period
// counted in c.
func (c *Calendar) ParseISO(s string) (Period, error) {
	c = c.or()
	start, duration, bad := splitISO(s)
	if bad != nil {
		return Period{}, bad.in(s)
	}
	switch duration {
	case "P12M":
		duration = "P1Y"
	case "P1W":
		duration = "P7D"
	case "P2W":
		duration = "P14D"
	}
	from, to := typesLasting(duration)
	if from == 0 {
		return Period{}, expected(11, knownDurations).in(s)
	}
	for t := from; t <= to; t++ {
		if p := c.On(t, start); p.typ != 0 && p.First() == start {
			return p, nil
		}
	}
	return Period{}, expected(0, "the first day of a period of "+duration).in(s)
}

// SnapISO reads a Gregorian day and a duration as DHIS2 does on import
// (RULES.md#snapped-intervals): as the period of that duration that contains
// the day. 2024-02-01/P3M is 2024Q1, and 2024-01-18/P14D is 2024BiW2, both of
// which [Calendar.ParseISO] refuses. Use it only for messages that must be read
// as a server reads them. The error is a *[ParseError].
func (c *Calendar) SnapISO(s string) (Period, error) {
	c = c.or()
	start, duration, bad := splitISO(s)
	if bad != nil {
		return Period{}, bad.in(s)
	}
	from, to := typesLasting(duration)
	if from == 0 {
		return Period{}, expected(11, knownDurations).in(s)
	}
	for t := from; t <= to; t++ {
		shape := t.shape()
		switch {
		case shape.weekday > 0 && int(shape.weekday) != isoWeekday(start):
			continue
		case shape.step >= 6:
			month := c.month(start)
			if (month+12-int(shape.base))%int(shape.step) != 0 {
				continue
			}
		}
		// Quarterly comes first: DHIS2 reads no P3M as a November quarter.
		if p := c.On(t, start); p.typ != 0 {
			return p, nil
		}
	}
	return Period{}, expected(0, "a day on which periods of "+duration+" begin").in(s)
}

// typesLasting returns the first and the last of the types whose periods have
// this duration. Both are 0 if there are none.
func typesLasting(duration string) (from, to Type) {
	switch duration {
	case "P1D":
		return Daily, Daily
	case "P7D":
		return Weekly, WeeklySunday
	case "P14D":
		return BiWeekly, BiWeekly
	case "P1M":
		return Monthly, Monthly
	case "P2M":
		return BiMonthly, BiMonthly
	case "P3M":
		return Quarterly, QuarterlyNov
	case "P6M":
		return SixMonthly, SixMonthlyNov
	case "P1Y":
		return Yearly, FinancialNov
	}
	return 0, 0
}

// knownDurations lists the durations for the error about any other.
const knownDurations = "one of P1D P7D P14D P1M P2M P3M P6M P1Y"

// splitISO splits an interval into its first day and its duration.
func splitISO(s string) (start Date, duration string, bad *fault) {
	start, bad = parseDashed(s[:min(len(s), 10)])
	if bad != nil {
		return 0, "", bad
	}
	if len(s) < 11 || s[10] != '/' {
		return 0, "", expected(10, "a slash")
	}
	return start, s[11:], nil
}
