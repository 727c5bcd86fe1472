package period

// The calendars that follow a rule (RULES.md#calendars). Each has three
// functions: from a day to its Date, from a Date to its day, and the length of
// a month. Days are counted from the first day of year 1.

// julian returns the Julian calendar, for the years within the Gregorian years
// 1583 to 9999.
func julian() *Calendar {
	return &Calendar{
		name: "julian", index: 4, names: &englishNames,
		minYear: 1583, maxYear: 9998, minMonth: 12, maxMonth: 10000*12 + 11,
		first: julianDay(1583, 1, 1), last: julianDay(9999, 1, 1) - 1,
		day: julianDay, civil: julianCivil, length: julianLength,
	}
}

// julianEpoch is 1 January of year 1 in the Julian calendar.
const julianEpoch Date = -719164

// julianDay returns the Date of a day in the Julian calendar, whose every
// fourth year is a leap year.
func julianDay(year, month, day int) Date {
	if month < 3 { // counting years from March makes the leap day the last day
		year--
		month += 12
	}
	return julianEpoch + Date(floorDiv(1461*year, 4)+(979*month-2919)>>5+day-1-306)
}

func julianCivil(d Date) (year, month, day int) {
	n := int(d-julianEpoch) + 306 // days since 1 March of year 0
	if n < 0 {
		return 0, 0, 0
	}
	year = (4*n + 3) / 1461
	n -= 1461 * year / 4
	month = (5*n + 2) / 153
	day = n - (153*month+2)/5 + 1
	if month >= 10 {
		return year + 1, month - 9, day
	}
	return year, month + 3, day
}

func julianLength(year, month int) int {
	if month == 2 && year%4 == 0 {
		return 29
	}
	return gregorianLength(1, month)
}

// thaiOffset is the difference between a Thai year, in the Buddhist Era, and
// the Gregorian year with the same months and days.
const thaiOffset = 543

func thai() *Calendar {
	return &Calendar{
		name: "thai", index: 7, names: &englishNames,
		minYear: 2126, maxYear: 9999, minMonth: 12 * (thaiOffset + 1), maxMonth: 10000*12 + 11,
		first: thaiDay(2126, 1, 1), last: thaiDay(9999, 12, 31),
		day: thaiDay, civil: thaiCivil, length: thaiLength,
	}
}

func thaiDay(year, month, day int) Date {
	return gregorianDay(year-thaiOffset, month, day)
}

func thaiCivil(d Date) (year, month, day int) {
	year, month, day = gregorianCivil(d)
	return year + thaiOffset, month, day
}

func thaiLength(year, month int) int {
	return gregorianLength(year-thaiOffset, month)
}

// An alexandrian is a calendar with twelve months of 30 days and then five
// days, or six in the year before each year that 4 divides. The number is its
// first day.
type alexandrian Date

// These are the two calendars of this kind. Their first years begin on 29
// August of the Julian years 8 and 284.
const (
	ethiopian alexandrian = 1724221 - 2440588
	coptic    alexandrian = 1825030 - 2440588
)

func (epoch alexandrian) day(year, month, day int) Date {
	return Date(epoch) + Date(365*(year-1)+year/4+30*(month-1)+day-1)
}

func (epoch alexandrian) civil(d Date) (year, month, day int) {
	n := int(d) - int(epoch)
	if n < 0 {
		return 0, 0, 0
	}
	year = (4*n + 1463) / 1461
	n -= 365*(year-1) + year/4
	return year, n/30 + 1, n%30 + 1
}

func (alexandrian) length(year, month int) int {
	switch {
	case month < 13:
		return 30
	case year%4 == 3:
		return 6
	}
	return 5
}

func (epoch alexandrian) calendar(
	name string, index uint8, minYear, maxYear int, words *names,
) *Calendar {
	return &Calendar{
		name: name, index: index, names: words, epagomenal: true,
		minYear: minYear, maxYear: maxYear, minMonth: 12, maxMonth: 10000*12 + 11,
		first: epoch.day(minYear, 1, 1), last: epoch.day(maxYear+1, 1, 1) - 1,
		day: epoch.day, civil: epoch.civil, length: epoch.length,
	}
}

// copticCalendar returns the Coptic calendar: an alexandrian one in which the
// days after month 12 have periods.
func copticCalendar() *Calendar {
	c := coptic.calendar("coptic", 2, 1300, 9715, &englishNames)
	c.monthThirteen = true
	return c
}

// islamic returns the arithmetic Islamic calendar.
func islamic() *Calendar {
	return &Calendar{
		name: "islamic", index: 3, names: &islamicNames,
		minYear: 991, maxYear: 9665, minMonth: 12, maxMonth: 10000*12 + 11,
		first: islamicDay(991, 1, 1), last: islamicDay(9666, 1, 1) - 1,
		day: islamicDay, civil: islamicCivil, length: islamicLength,
	}
}

// islamicEpoch is 16 July 622 in the Julian calendar.
const islamicEpoch Date = 1948440 - 2440588

// islamicDay returns the Date of a day in the arithmetic Islamic calendar: odd
// months of 30 days, even ones of 29, and a thirtieth day at the end of 11
// years in 30.
func islamicDay(year, month, day int) Date {
	cycle, y := (year-1)/30, (year-1)%30 // y years of the current cycle of 30 years have passed
	return islamicEpoch + Date(10631*cycle+354*y+(11*(y+1)+3)/30+29*(month-1)+month/2+day-1)
}

func islamicCivil(d Date) (year, month, day int) {
	n := int(d - islamicEpoch)
	if n < 0 {
		return 0, 0, 0
	}
	year = (30*n + 10646) / 10631
	n = int(d - islamicDay(year, 1, 1))
	month = min((2*n+59)/59, 12) // months have 30 and 29 days alternately
	return year, month, int(d-islamicDay(year, month, 1)) + 1
}

func islamicLength(year, month int) int {
	if month == 12 {
		return int(islamicDay(year+1, 1, 1) - islamicDay(year, 12, 1))
	}
	return 29 + month%2
}
