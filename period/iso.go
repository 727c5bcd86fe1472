package period

// ISO returns p as its Gregorian first day and its duration, such as
// 2024-01-01/P1M: the form in which ADX writes a period (periods specification,
// 14). The duration is that of the type, whatever the calendar. For the zero
// Period it is "".
func (p Period) ISO() string {
	if p.typ == 0 {
		return ""
	}
	var buf [24]byte
	b := append(p.First().append(buf[:0]), '/')
	return string(append(b, p.typ.shape().duration...))
}

// ParseISO reads a first day and a duration, such as 2024-01-01/P1M, in the
// Gregorian calendar. The day must be the first of a period of that length:
// 2023-11-01/P3M is 2024NovQ1, and 2024-02-02/P1M is an error. P12M is read as
// P1Y, P1W as P7D and P2W as P14D (ADX specification, 4.3). The error is a
// *[ParseError].
func ParseISO(s string) (Period, error) { return Gregorian.ParseISO(s) }

// SnapISO is for software that must read intervals as DHIS2 does on import: it takes
// a day and a duration, such as 2024-02-01/P3M, for the period of that length that
// holds the day, here 2024Q1, where [ParseISO] would want the first day.
// 2024-01-18/P14D is 2024BiW2. The durations are those that [Type.Duration] returns
// and no others. A week begins on the weekday of the day given, which cannot be a
// Tuesday; a half or a year is of the type that begins in the month of the day, or
// the error says that there is none. Nothing in this library calls SnapISO.
func SnapISO(s string) (Period, error) { return Gregorian.SnapISO(s) }

// ParseISO reads a Gregorian first day and a duration, such as 2024-09-11/P1M,
// like the function [ParseISO]; the day must be the first of a period counted in c.
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
		return Period{}, unknownDuration.in(s)
	}
	for t := from; t <= to; t++ {
		if p := c.On(t, start); p.typ != 0 && p.First() == start {
			return p, nil
		}
	}
	return Period{}, expected(0, "the first day of a period of "+duration).in(s)
}

// SnapISO reads a Gregorian day and a duration as the period in c that holds the
// day, like the function [SnapISO]. The month that tells the type of a half or a
// year is the one of c. (DHIS2 takes the Gregorian month, so that no Ethiopian or
// Nepali year reads back.)
func (c *Calendar) SnapISO(s string) (Period, error) {
	c = c.or()
	start, duration, bad := splitISO(s)
	if bad != nil {
		return Period{}, bad.in(s)
	}
	from, to := typesLasting(duration)
	if from == 0 {
		return Period{}, unknownDuration.in(s)
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
		// DHIS2 takes every P3M for Quarterly, which comes first.
		if p := c.On(t, start); p.typ != 0 {
			return p, nil
		}
	}
	return Period{}, expected(0, "a day on which periods of "+duration+" begin").in(s)
}

// typesLasting returns the first and last of the types that have a duration, 0 if
// there are none.
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

// unknownDuration is the fault of a duration that no type has.
var unknownDuration = expected(11, "one of P1D P7D P14D P1M P2M P3M P6M P1Y")

// splitISO cuts a first day from a duration.
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
