package period

// The proleptic Gregorian calendar. Conversions follow the affine functions of
// Neri and Schneider, "Euclidean affine functions and their application to
// calendar algorithms" (2023): a year begins in March, so that the leap day is
// its last, and months and days come out of one multiplication each.

const (
	// yearShift makes the year of every Date positive. It is a multiple of 400
	// years, after which the calendar repeats.
	yearShift = 400 * 14700
	// epochShift is the number of days from 1 March of the shifted year 0 to
	// 1970-01-01.
	epochShift = 719468 + 146097*14700
)

// gregorian returns the Gregorian calendar from 1583 on, the first full year of
// its use.
func gregorian() *Calendar {
	return &Calendar{
		name: "gregorian", index: 0, names: &englishNames,
		minYear: 1583, maxYear: 9999, minMonth: 12, maxMonth: 10000*12 + 11,
		first: gregorianDay(1583, 1, 1), last: gregorianDay(9999, 12, 31),
		day: gregorianDay, civil: gregorianCivil, length: gregorianLength,
	}
}

// gregorianDay returns the Date of a day. Months count from 1.
func gregorianDay(year, month, day int) Date {
	if month < 3 {
		year--
		month += 12
	}
	year += yearShift
	century := uint(year) / 100
	days := 1461*uint(year)/4 - century + century/4 + (979*uint(month)-2919)/32
	return Date(int(days) + day - 1 - epochShift)
}

// gregorianCivil returns the year, month and day of d.
func gregorianCivil(d Date) (year, month, day int) {
	n := 4*uint64(int64(d)+epochShift) + 3
	century := n / 146097
	n = n%146097 | 3
	p := 2939745 * n
	yearOfCentury := p >> 32
	dayOfYear := uint32(p) / (4 * 2939745)
	q := 2141*dayOfYear + 197913
	year = int(100*century+yearOfCentury) - yearShift
	month = int(q >> 16)
	if month > 12 {
		year++
		month -= 12
	}
	return year, month, int(q&0xffff)/2141 + 1
}

// gregorianYearDay returns the year of d and the days since its 1 January.
func gregorianYearDay(d Date) (year, days int) {
	n := 4*uint64(int64(d)+epochShift) + 3
	century := n / 146097
	p := 2939745 * (n%146097 | 3)
	year = int(100*century+p>>32) - yearShift
	days = int(uint32(p) / (4 * 2939745)) // days since 1 March of the year that starts in March
	if days >= 306 {
		return year + 1, days - 306
	}
	return year, days + 31 + gregorianLength(year, 2)
}

// gregorianLength returns the number of days in a month.
func gregorianLength(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
