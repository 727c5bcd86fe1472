package period

import (
	"time"
)

// A Date is a calendar day, without a time of day or time zone. It counts days
// from 1970-01-01, so d+1 is the next day, and dates compare with == and <.
//
// The zero Date is 1970-01-01, which metadata often uses for "always". A Date
// is the same day in every calendar; its text is Gregorian. It reaches some
// 5,800,000 years back and forward.
type Date int32

// DateOf returns the Date of a day in the proleptic Gregorian calendar. Months
// and days outside their usual range are carried over, as by [time.Date]: day 0
// of March is the last day of February.
func DateOf(year int, month time.Month, day int) Date {
	m := int(month) - 1
	year += floorDiv(m, 12)
	return gregorianDay(year, floorMod(m, 12)+1, 1) + Date(day-1)
}

// DateAt returns the Date on which t falls in its own location.
func DateAt(t time.Time) Date {
	year, month, day := t.Date()
	return DateOf(year, month, day)
}

// ParseDate reads a day written as 2024-01-31. Years run from 0000 to 9999; the
// day must exist in the proleptic Gregorian calendar. The error is a
// *[ParseError].
func ParseDate(s string) (Date, error) {
	d, bad := parseDashed(s)
	if bad != nil {
		return 0, bad.in(s)
	}
	return d, nil
}

// parseDashed reads yyyy-MM-dd and nothing after it.
func parseDashed(s string) (Date, *fault) {
	year, bad := fourDigits(s)
	if bad != nil {
		return 0, bad
	}
	if len(s) < 5 || s[4] != '-' {
		return 0, expected(4, "a dash")
	}
	month, ok := twoDigits(s, 5)
	if !ok {
		return 0, expected(5, "a month of two digits")
	}
	if len(s) < 8 || s[7] != '-' {
		return 0, expected(7, "a dash")
	}
	day, ok := twoDigits(s, 8)
	if !ok {
		return 0, expected(8, "a day of two digits")
	}
	if len(s) != 10 {
		return 0, expected(10, "the end")
	}
	return gregorianChecked(year, month, day, 5, 8)
}

// gregorianChecked returns the Date of a day, or a fault if there is no such
// day. monthPos and dayPos are the offsets in the text, for the fault.
func gregorianChecked(year, month, day, monthPos, dayPos int) (Date, *fault) {
	if month < 1 || month > 12 {
		return 0, outside(monthPos, "month", 1, 12, 0)
	}
	if n := gregorianLength(year, month); day < 1 || day > n {
		return 0, outside(dayPos, "day", 1, n, 0)
	}
	return gregorianDay(year, month, day), nil
}

// ParseRange reads two days written as 20240101_20240131 or
// 2024-01-01_2024-01-31. They are returned as written, even if the later day
// comes first. Such a range is not a [Period]: it has no type and no successor
// (RULES.md#ranges-of-days).
func ParseRange(s string) (first, last Date, err error) {
	first, n, bad := parseRangeDay(s)
	if bad == nil && (len(s) == n || s[n] != '_') {
		bad = expected(n, "an underscore")
	}
	if bad != nil {
		return 0, 0, bad.in(s)
	}
	start := n + 1
	last, n, bad = parseRangeDay(s[start:])
	if bad == nil && start+n != len(s) {
		bad = expected(n, "the end")
	}
	if bad != nil {
		bad.pos += start
		return 0, 0, bad.in(s)
	}
	return first, last, nil
}

// parseRangeDay reads a day at the start of s, with dashes or without, and
// returns the number of bytes read.
func parseRangeDay(s string) (Date, int, *fault) {
	if len(s) > 4 && s[4] == '-' {
		d, bad := parseDashed(s[:min(len(s), 10)])
		return d, 10, bad
	}
	year, bad := fourDigits(s)
	if bad != nil {
		return 0, 0, bad
	}
	month, ok := twoDigits(s, 4)
	if !ok {
		return 0, 0, expected(4, "a month of two digits")
	}
	day, ok := twoDigits(s, 6)
	if !ok {
		return 0, 0, expected(6, "a day of two digits")
	}
	d, bad := gregorianChecked(year, month, day, 4, 6)
	return d, 8, bad
}

// Civil returns the year, month and day of d in the proleptic Gregorian
// calendar.
func (d Date) Civil() (year int, month time.Month, day int) {
	y, m, day := gregorianCivil(d)
	return y, time.Month(m), day
}

// Year returns the Gregorian year of d.
func (d Date) Year() int {
	year, _, _ := gregorianCivil(d)
	return year
}

// Weekday returns the day of the week of d.
func (d Date) Weekday() time.Weekday {
	return time.Weekday((isoWeekday(d)) % 7)
}

// Time returns midnight at the start of d in loc. If a change of clocks skips
// that midnight, Time returns the instant that [time.Date] chooses.
func (d Date) Time(loc *time.Location) time.Time {
	year, month, day := d.Civil()
	return time.Date(year, month, day, 0, 0, 0, 0, loc)
}

// String returns d as 2024-01-31.
func (d Date) String() string {
	var buf [16]byte
	return string(d.append(buf[:0]))
}

// AppendText appends d in the form of [Date.String] to b. It never fails.
func (d Date) AppendText(b []byte) ([]byte, error) { return d.append(b), nil }

// MarshalText implements [encoding.TextMarshaler] with the form of
// [Date.String].
func (d Date) MarshalText() ([]byte, error) { return d.append(nil), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with the form that
// [ParseDate] reads. If it fails, d does not change.
func (d *Date) UnmarshalText(text []byte) error {
	day, bad := parseDashed(string(text[:min(len(text), maxText)]))
	if bad != nil {
		return bad.in(string(text))
	}
	*d = day
	return nil
}

func (d Date) append(b []byte) []byte {
	year, month, day := gregorianCivil(d)
	return appendDay(b, year, month, day)
}

// appendDay appends a day as yyyy-MM-dd.
func appendDay(b []byte, year, month, day int) []byte {
	b = append(appendYear(b, year), '-')
	b = append(appendTwo(b, month), '-')
	return appendTwo(b, day)
}

// isoWeekday returns the weekday of d, Monday 1 to Sunday 7 (ISO 8601).
func isoWeekday(d Date) int {
	return floorMod(int(d)+3, 7) + 1 // 1970-01-01 was a Thursday
}

// floorDiv returns a/b rounded down; b is positive.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// floorMod returns the remainder of floorDiv, from 0 to b-1.
func floorMod(a, b int) int {
	m := a % b
	if m < 0 {
		m += b
	}
	return m
}
