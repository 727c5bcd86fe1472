package period

// Parse reads a Gregorian period identifier (RULES.md#identifiers): 20240131,
// 2024W5, 2024BiW3, 202401, 202401B, 2024Q1, 2024NovQ1, 2024S1, 2024AprilS1,
// 2024, 2024April and their like. It also reads 2024-01-31, 2024-01 and weeks
// with a leading zero. Everything else, including blanks and lower case, is an
// error, and so is a period that does not exist, such as 2023W53. Years run
// from 1583, the first full year of the calendar, to 9999. The error is a
// *[ParseError]. Parse allocates only if it fails.
func Parse(id string) (Period, error) { return Gregorian.Parse(id) }

// MustParse is like [Parse] but panics if id is not a period. Use it for
// literals.
func MustParse(id string) Period {
	p, err := Parse(id)
	if err != nil {
		panic(err)
	}
	return p
}

// Parse reads a period identifier whose year, month and day are counted in c,
// like the function [Parse]: 201212 is Nehase 2012 in the Ethiopian calendar.
// The years of each calendar are given with its variable.
func (c *Calendar) Parse(id string) (Period, error) {
	p, bad := c.or().parse(id)
	if bad != nil {
		return Period{}, bad.in(id)
	}
	return p, nil
}

func (c *Calendar) parse(id string) (Period, *fault) {
	year, bad := fourDigits(id)
	if bad != nil {
		return Period{}, bad
	}
	rest := id[4:]
	if rest == "" { // 2024
		return c.parsed(Yearly, year, 1, 0)
	}
	switch {
	case isDigit(rest[0]): // 202401
		return c.parseDigits(id, year)
	case rest[0] == '-': // 2024-01
		return c.parseDashes(id, year)
	}
	return c.parseLetters(id, year) // 2024W5
}

// parseDigits reads an identifier that has a digit after its year.
func (c *Calendar) parseDigits(id string, year int) (Period, *fault) {
	month, ok := twoDigits(id, 4)
	if !ok {
		return Period{}, expected(5, "a second digit")
	}
	switch {
	case len(id) == 6: // 202401
		return c.parsedMonth(year, month, 4)
	case len(id) == 7 && id[6] == 'B': // 202401B
		if month < 1 || month > 6 {
			return Period{}, outside(4, "two-month number", 1, 6, BiMonthly)
		}
		return c.parsed(BiMonthly, year, month, 4)
	case isDigit(id[6]): // 20240131
		day, ok := twoDigits(id, 6)
		if !ok {
			return Period{}, expected(7, "a second digit")
		}
		if len(id) != 8 {
			return Period{}, expected(8, "the end")
		}
		return c.parsedDay(year, month, day, 4, 6)
	case id[6] == 'B': // 202401B1
		return Period{}, expected(7, "the end")
	}
	return Period{}, expected(6, "the end, B or a day of two digits")
}

// parseDashes reads yyyy-MM and yyyy-MM-dd.
func (c *Calendar) parseDashes(id string, year int) (Period, *fault) {
	month, ok := twoDigits(id, 5)
	if !ok {
		return Period{}, expected(5, "a month of two digits")
	}
	if len(id) == 7 { // 2024-01
		return c.parsedMonth(year, month, 5)
	}
	if id[7] != '-' {
		return Period{}, expected(7, "the end or a dash")
	}
	day, ok := twoDigits(id, 8)
	if !ok {
		return Period{}, expected(8, "a day of two digits")
	}
	if len(id) != 10 {
		return Period{}, expected(10, "the end")
	}
	return c.parsedDay(year, month, day, 5, 8)
}

// parseLetters reads an identifier that has letters after its year.
func (c *Calendar) parseLetters(id string, year int) (Period, *fault) {
	end := 4
	for end < len(id) && !isDigit(id[end]) {
		end++
	}
	var t Type
	switch id[4:end] {
	case "W":
		t = Weekly
	case "Q":
		t = Quarterly
	case "S":
		t = SixMonthly
	case "WedW":
		t = WeeklyWednesday
	case "ThuW":
		t = WeeklyThursday
	case "FriW":
		t = WeeklyFriday
	case "SatW":
		t = WeeklySaturday
	case "SunW":
		t = WeeklySunday
	case "BiW":
		t = BiWeekly
	case "NovQ":
		t = QuarterlyNov
	case "AprilS":
		t = SixMonthlyApril
	case "NovS":
		t = SixMonthlyNov
	case "Feb":
		t = FinancialFeb
	case "April":
		t = FinancialApril
	case "July":
		t = FinancialJuly
	case "Aug":
		t = FinancialAug
	case "Sep":
		t = FinancialSep
	case "Oct":
		t = FinancialOct
	case "Nov":
		t = FinancialNov
	default:
		return Period{}, expected(4, "the letters of a period type")
	}
	switch s := t.shape(); {
	case s.step == 12: // 2024April
		if end != len(id) {
			return Period{}, expected(end, "the end")
		}
		return c.parsed(t, year, 1, end)
	case s.step == 0: // 2024W5
		return c.parseWeek(id, t, year, end)
	}
	return c.parseNumber(id, t, year, end)
}

// parseNumber reads the digit at pos: the number of a quarter or half.
func (c *Calendar) parseNumber(id string, t Type, year, pos int) (Period, *fault) {
	if pos >= len(id) || !isDigit(id[pos]) {
		return Period{}, expected(pos, "a digit")
	}
	if len(id) != pos+1 {
		return Period{}, expected(pos+1, "the end")
	}
	number := int(id[pos] - '0')
	what, high := "quarter", 4
	if t.shape().step == 6 {
		what, high = "half", 2
	}
	if number < 1 || number > high {
		return Period{}, outside(pos, what, 1, high, t)
	}
	return c.parsed(t, year, number, pos)
}

// parseWeek reads the number of a week or bi-week at pos, of one or two digits.
func (c *Calendar) parseWeek(id string, t Type, year, pos int) (Period, *fault) {
	if pos >= len(id) || !isDigit(id[pos]) {
		return Period{}, expected(pos, "a digit")
	}
	number, end := int(id[pos]-'0'), pos+1
	if end < len(id) && isDigit(id[end]) {
		number = 10*number + int(id[end]-'0')
		end++
	}
	if end != len(id) {
		return Period{}, expected(end, "the end")
	}
	if bad := c.checkYear(t, year); bad != nil {
		return Period{}, bad
	}
	if t == BiWeekly {
		if number < 1 || number > 25 && number > c.biWeeks(year) {
			return Period{}, outside(pos, "bi-week", 1, c.biWeeks(year), t)
		}
		return c.found(c.biWeekOf(year, number), t, pos)
	}
	weekday := int(t.shape().weekday)
	if number < 1 || number > 50 && number > c.weeks(year, weekday) {
		return Period{}, outside(pos, "week", 1, c.weeks(year, weekday), t)
	}
	return c.found(c.weekly(t, c.weekOne(year, weekday)+Date(7*(number-1))), t, pos)
}

// parsedMonth returns the Monthly period of a month. pos is its offset in the
// text, for the fault.
func (c *Calendar) parsedMonth(year, month, pos int) (Period, *fault) {
	high := 12
	if c.monthThirteen {
		high = 13
	}
	if month < 1 || month > high {
		return Period{}, outside(pos, "month", 1, high, Monthly)
	}
	if high == 13 {
		if bad := c.checkYear(Monthly, year); bad != nil {
			return Period{}, bad
		}
		return c.thirteenth(13*year + month - 1), nil
	}
	return c.parsed(Monthly, year, month, pos)
}

// parsedDay returns the Daily period of a day. monthPos and dayPos are the
// offsets in the text, for the fault.
func (c *Calendar) parsedDay(year, month, day, monthPos, dayPos int) (Period, *fault) {
	if bad := c.checkYear(Daily, year); bad != nil {
		return Period{}, bad
	}
	high := c.monthsInYear()
	if c.hidesDays() {
		high = 12
	}
	if month < 1 || month > high {
		return Period{}, outside(monthPos, "month", 1, high, Daily)
	}
	if n := c.length(year, month); day < 1 || day > n {
		return Period{}, outside(dayPos, "day", 1, n, Daily)
	}
	return c.daily(c.day(year, month, day)), nil
}

// parsed returns the n-th period of type t in a year, where t lasts one month
// or more. pos is the offset of n in the text, for the fault.
func (c *Calendar) parsed(t Type, year, n, pos int) (Period, *fault) {
	s := t.shape()
	month := (year-int(s.carry))*12 + int(s.base) + (n-1)*int(s.step)
	p := c.monthly(t, month)
	if p.typ == 0 {
		if bad := c.checkYear(t, year); bad != nil {
			return Period{}, bad
		}
	}
	return c.found(p, t, pos)
}

// found returns p, or a fault if p does not exist because the calendar's table
// ends within it.
func (c *Calendar) found(p Period, t Type, pos int) (Period, *fault) {
	if p.typ == 0 {
		return Period{}, &fault{what: "a period that the calendar's table covers", pos: pos, typ: t}
	}
	return p, nil
}

// checkYear returns a fault unless the year of an identifier is one of c's.
func (c *Calendar) checkYear(t Type, year int) *fault {
	if year < c.minYear || year > c.maxYear {
		return outside(0, "year", c.minYear, c.maxYear, t)
	}
	return nil
}

// fourDigits reads the year at the start of s.
func fourDigits(s string) (int, *fault) {
	if len(s) >= 4 {
		a, b, c, d := s[0]-'0', s[1]-'0', s[2]-'0', s[3]-'0'
		if a <= 9 && b <= 9 && c <= 9 && d <= 9 {
			return int(a)*1000 + int(b)*100 + int(c)*10 + int(d), nil
		}
	}
	pos := 0
	for pos < len(s) && isDigit(s[pos]) {
		pos++
	}
	return 0, expected(pos, "a year of four digits")
}

// twoDigits reads the two digits of s at pos.
func twoDigits(s string, pos int) (int, bool) {
	if len(s) < pos+2 {
		return 0, false
	}
	a, b := s[pos]-'0', s[pos+1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}

func isDigit(b byte) bool { return b-'0' <= 9 }
