package adx

import (
	"strconv"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A TimeRange is a start and a duration, such as 2024-01-01/P1M, or an instant,
// such as 2024-01-01T00:00:00Z. It is comparable and keeps its text: ==
// compares texts, and Equal compares meanings. The zero TimeRange means no time
// range.
type TimeRange struct{ text string }

// ParseTimeRange reads the text of a period attribute (RULES.md#time-ranges). A
// range must have a form that the profile allows, a start on a day that exists,
// and a duration greater than zero. The error is a *[Finding] with the rule
// ADX-022, ADX-023 or ADX-024.
func ParseTimeRange(s string) (TimeRange, error) {
	if _, bad := parseSpan(s); bad != nil {
		return TimeRange{}, bad
	}
	return TimeRange{s}, nil
}

// TimeRangeOf returns the range of p: its first day and its duration, whatever
// the calendar that p is counted in. The range of the zero Period is zero.
func TimeRangeOf(p period.Period) TimeRange { return TimeRange{p.ISO()} }

// IsZero reports whether r is the zero TimeRange.
func (r TimeRange) IsZero() bool { return r == TimeRange{} }

// IsInstant reports whether r is one moment rather than a start and a duration.
func (r TimeRange) IsInstant() bool {
	s, _ := parseSpan(r.text)
	return s.instant
}

// Span returns the start of r, which belongs to r, and the end, which does not.
// Years and months are added before days. A day that does not exist becomes the
// last of its month: 2026-01-31/P1M ends with February (RULES.md#time-ranges).
// A start without a zone is in UTC. For an instant both times are the same, and
// for the zero TimeRange both are zero.
func (r TimeRange) Span() (start, end time.Time) {
	if r.IsZero() {
		return time.Time{}, time.Time{}
	}
	s, _ := parseSpan(r.text)
	return s.start, s.end()
}

// Days returns the first and the last day of r, in the zone of its start. ok is
// false if r is not made of whole days.
func (r TimeRange) Days() (first, last period.Date, ok bool) {
	if r.IsZero() {
		return 0, 0, false
	}
	start, end := r.Span()
	if !isMidnight(start) || !isMidnight(end) || !end.After(start) {
		return 0, 0, false
	}
	if end.Year() > maxYear {
		return 0, 0, false
	}
	return period.DateOf(start.Date()), period.DateOf(end.Date()) - 1, true
}

// maxYear is the last year whose days are distinguished.
const maxYear = 9999

// Period returns the period of calendar c that has exactly the days of r
// (RULES.md#calendar-periods). A nil c is the Gregorian calendar. If there is
// none, as for 2026-01-15/P1M, the error is a *[Finding] with the rule
// ADX-026a.
func (r TimeRange) Period(c *period.Calendar) (period.Period, error) {
	var p period.Period
	err := error(nil)
	if s, bad := parseSpan(r.text); bad == nil && isMidnight(s.start) {
		p, err = c.ParseISO(s.start.Format(time.DateOnly) + "/" + s.duration())
	}
	if err != nil || p.IsZero() {
		return period.Period{}, &Finding{
			Rule: "ADX-026a", Severity: hmis.Severe, Attr: "period", Got: r.text,
			Want: "the first day and the length of a calendar period",
		}
	}
	return p, nil
}

// Equal reports whether r and s are the same interval: P1Y equals P12M, and a
// start without a zone is in UTC.
func (r TimeRange) Equal(s TimeRange) bool {
	if r == s {
		return true
	}
	if r.IsZero() || s.IsZero() || r.IsInstant() != s.IsInstant() {
		return false
	}
	rStart, rEnd := r.Span()
	sStart, sEnd := s.Span()
	return rStart.Equal(sStart) && rEnd.Equal(sEnd)
}

// String returns the text that r was read from.
func (r TimeRange) String() string { return r.text }

// MarshalText implements [encoding.TextMarshaler] with the form of String.
func (r TimeRange) MarshalText() ([]byte, error) { return []byte(r.text), nil }

// UnmarshalText implements [encoding.TextUnmarshaler] with the form of
// ParseTimeRange. Empty text is the zero TimeRange.
func (r *TimeRange) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = TimeRange{}
		return nil
	}
	read, err := ParseTimeRange(string(text))
	if err != nil {
		return err
	}
	*r = read
	return nil
}

// A span has the parts of a TimeRange.
type span struct {
	start   time.Time
	instant bool

	months  int // the years and months of the duration, counted in months
	days    int // the days of the duration, including those in its hours, minutes and seconds
	seconds int // the rest of the duration, less than a day
	nanos   int // the rest of the duration, less than a second
}

func (s span) end() time.Time {
	end := s.start
	if s.months != 0 {
		// AddDate would make 3 March of 31 January plus a month.
		year, month, day := end.Date()
		first := time.Date(year, month+time.Month(s.months), 1, 0, 0, 0, 0, end.Location())
		day = min(day, first.AddDate(0, 1, -1).Day())
		end = time.Date(first.Year(), first.Month(), day, end.Hour(), end.Minute(), end.Second(), end.Nanosecond(), end.Location())
	}
	return end.AddDate(0, 0, s.days).Add(time.Duration(s.seconds)*time.Second + time.Duration(s.nanos))
}

// duration returns the duration of s as calendar periods write it. It returns
// "" if no calendar period has this length.
func (s span) duration() string {
	switch {
	case s.instant || s.seconds != 0 || s.nanos != 0 || s.months != 0 && s.days != 0:
		return ""
	case s.months == 12:
		return "P1Y"
	case s.months != 0:
		return "P" + strconv.Itoa(s.months) + "M"
	}
	return "P" + strconv.Itoa(s.days) + "D"
}

func isMidnight(t time.Time) bool {
	return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0
}

// parseSpan parses the text of a TimeRange.
func parseSpan(text string) (span, *Finding) {
	fail := func(rule, want string) (span, *Finding) {
		return span{}, &Finding{
			Rule: rule, Severity: hmis.Severe, Attr: "period", Got: text, Want: want,
		}
	}
	s := scan{rest: text}
	moment, hasTime, form := s.start()
	if !form {
		return fail("ADX-022", wantRange(text))
	}
	var out span
	switch {
	case s.rest == "" && hasTime:
		out.instant = true
	case !s.take('/') || !s.duration(&out) || s.rest != "":
		return fail("ADX-022", wantRange(text))
	}
	var real bool
	if out.start, real = moment.time(); !real {
		return fail("ADX-023", "a day and time that exist")
	}
	if !out.instant && out.months == 0 && out.days == 0 && out.seconds == 0 && out.nanos == 0 {
		return fail("ADX-024", "a duration longer than nothing")
	}
	return out, nil
}

// wantRange returns the words for an error about a text that is no time range.
func wantRange(text string) string {
	if p, err := period.Parse(text); err == nil {
		return p.ISO() + " in place of the DHIS2 period id"
	}
	return "a start and a duration such as 2026-01-01/P1M"
}

// parseDateTime parses an xs:dateTime. A time without a zone is in UTC.
func parseDateTime(text string) (time.Time, bool) {
	s := scan{rest: text}
	moment, hasTime, form := s.start()
	if !form || !hasTime || s.rest != "" {
		return time.Time{}, false
	}
	return moment.time()
}

// completeTime parses a completeDate, which is an xs:date or an xs:dateTime. A
// time without a zone is in UTC.
func completeTime(text string) (time.Time, bool) {
	s := scan{rest: text}
	moment, _, form := s.start()
	if !form || s.rest != "" {
		return time.Time{}, false
	}
	return moment.time()
}

// A moment is a day and a time as written. They may not exist.
type moment struct {
	year, month, day     int
	hour, minute, second int
	nanos                int
	fraction             bool // the fraction of the second is not zero
	offset               int  // the offset of the zone in seconds
	badZone              bool // the zone is out of range
}

// time returns the time of m. ok is false if the day or time does not exist.
func (m moment) time() (at time.Time, ok bool) {
	loc := time.UTC
	if m.offset != 0 {
		loc = time.FixedZone("", m.offset)
	}
	t := time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, m.nanos, loc)
	if m.year == 0 || m.month < 1 || m.month > 12 || m.minute > 59 || m.second > 59 || m.badZone {
		return time.Time{}, false
	}
	if day := time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC); day.Day() != m.day || m.day == 0 {
		return time.Time{}, false
	}
	if m.hour > 24 || m.hour == 24 && (m.minute != 0 || m.second != 0 || m.fraction) {
		return time.Time{}, false
	}
	return t, true
}

// A scan parses a time range from its beginning. rest is the text not yet
// parsed.
type scan struct{ rest string }

// take skips the byte c if it comes next, and reports whether it did.
func (s *scan) take(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// digits reads exactly n digits.
func (s *scan) digits(n int) (value int, ok bool) {
	if len(s.rest) < n {
		return 0, false
	}
	for i := range n {
		c := s.rest[i] - '0'
		if c > 9 {
			return 0, false
		}
		value = value*10 + int(c)
	}
	s.rest = s.rest[n:]
	return value, true
}

// two parses two digits into v.
func (s *scan) two(v *int) (ok bool) {
	*v, ok = s.digits(2)
	return ok
}

// number parses one or more digits, up to the largest number of a duration.
func (s *scan) number() (value int, ok bool) {
	n := 0
	for n < len(s.rest) && s.rest[n]-'0' <= 9 {
		n++
	}
	const most = 9
	if n == 0 || n > most {
		return 0, false
	}
	return s.digits(n)
}

// fraction parses a point and digits. some is true if a digit is not zero.
func (s *scan) fraction() (nanos int, some, ok bool) {
	n, unit := 0, int(time.Second)
	for ; n < len(s.rest) && s.rest[n]-'0' <= 9; n++ {
		digit := int(s.rest[n] - '0')
		some = some || digit != 0
		unit /= 10
		nanos += digit * unit // digits after the ninth are dropped
	}
	s.rest = s.rest[n:]
	return nanos, some, n > 0
}

// start parses a date, with a time and a zone if they follow.
func (s *scan) start() (m moment, hasTime, ok bool) {
	if m.year, ok = s.digits(4); !ok || !s.take('-') || !s.two(&m.month) || !s.take('-') || !s.two(&m.day) {
		return moment{}, false, false
	}
	if s.take('T') {
		hasTime = true
		if !s.two(&m.hour) || !s.take(':') || !s.two(&m.minute) || !s.take(':') || !s.two(&m.second) {
			return moment{}, false, false
		}
		if s.take('.') {
			if m.nanos, m.fraction, ok = s.fraction(); !ok {
				return moment{}, false, false
			}
		}
	}
	if s.take('Z') {
		return m, hasTime, true
	}
	sign := 1
	switch {
	case s.take('-'):
		sign = -1
	case !s.take('+'):
		return m, hasTime, true
	}
	var hours, minutes int
	if !s.two(&hours) || !s.take(':') || !s.two(&minutes) {
		return moment{}, false, false
	}
	m.badZone = minutes > 59 || hours*60+minutes > 14*60
	m.offset = sign * (hours*60 + minutes) * 60
	return m, hasTime, true
}

// duration parses a duration into out.
func (s *scan) duration(out *span) bool {
	const day = 24 * 60 * 60
	if !s.take('P') {
		return false
	}
	units, clock := "YMD", false
	for some := false; ; some = true {
		if !clock && s.take('T') {
			units, clock, some = "HMS", true, false
		}
		if s.rest == "" || s.rest[0]-'0' > 9 {
			return some
		}
		n, ok := s.number()
		if !ok {
			return false
		}
		if clock && s.take('.') {
			nanos, _, ok := s.fraction()
			if !ok || s.rest == "" || s.rest[0] != 'S' {
				return false
			}
			out.nanos = nanos
		}
		if s.rest == "" {
			return false
		}
		unit := s.rest[0]
		for units != "" && units[0] != unit {
			units = units[1:]
		}
		if units == "" {
			return false
		}
		units, s.rest = units[1:], s.rest[1:]
		switch {
		case unit == 'Y':
			out.months += 12 * n
		case unit == 'M' && !clock:
			out.months += n
		case unit == 'D':
			out.days += n
		case unit == 'H':
			out.seconds += n * 60 * 60
		case unit == 'M':
			out.seconds += n * 60
		case unit == 'S':
			out.seconds += n
		}
		out.days += out.seconds / day
		out.seconds %= day
	}
}
