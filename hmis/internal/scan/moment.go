package scan

import (
	"fmt"
	"time"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A Moment is a date with an optional time of day, as written.
type Moment struct {
	time.Time      // in the time zone as written, or UTC if there is none
	Clock     bool // the text has a time of day
	Zone      bool // the text has a time zone
}

// ParseMoment reads the date-time forms that servers accept
// (RULES.md#dates-and-times):
//
//	20240131  2024-01-31  2024-01  2024
//	2024-01-31T23, :59, :59, .123 with one to nine digits, and a zone
//	2024-01-31 23:59:59 with a zone
//
// A zone is Z, +0000 or +00:00. A missing month or day is 1, a missing time
// midnight, a missing zone UTC.
func ParseMoment(s string) (Moment, error) {
	p := momentParser{s: s}
	m := p.parse()
	if p.want != "" {
		return Moment{}, fmt.Errorf("%s: want %s at offset %d", quote.Text(s), p.want, p.at)
	}
	return m, nil
}

type momentParser struct {
	s    string
	i    int
	at   int
	want string // the first thing that was missing, or ""
}

func (p *momentParser) fail(want string) {
	if p.want == "" {
		p.want, p.at = want, p.i
	}
}

// digits parses exactly n digits. want names them in the error.
func (p *momentParser) digits(n int, want string) int {
	v := 0
	for range n {
		if p.i >= len(p.s) || p.s[p.i]-'0' > 9 {
			p.fail(want)
			return 0
		}
		v = v*10 + int(p.s[p.i]-'0')
		p.i++
	}
	return v
}

func (p *momentParser) skip(c byte) bool {
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *momentParser) parse() Moment {
	year, month, day := p.digits(4, "a year of four digits"), 1, 1
	switch {
	case p.i == len(p.s):
	case p.skip('-'):
		month = p.digits(2, "a month of two digits")
		if p.skip('-') {
			day = p.digits(2, "a day of two digits")
			return p.clock(year, month, day)
		}
	default:
		month, day = p.digits(2, "a month of two digits"), p.digits(2, "a day of two digits")
	}
	if p.i != len(p.s) {
		p.fail("the end of the date")
	}
	return Moment{Time: p.date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

func (p *momentParser) clock(year, month, day int) Moment {
	if p.i == len(p.s) {
		return Moment{Time: p.date(year, month, day, 0, 0, 0, 0, time.UTC)}
	}
	blank := p.skip(' ')
	if !blank && !p.skip('T') {
		p.fail("T or the end of the date")
		return Moment{}
	}
	hour, minute, second, nano := p.digits(2, "an hour of two digits"), 0, 0, 0
	if p.skip(':') {
		minute = p.digits(2, "a minute of two digits")
		if p.skip(':') {
			second = p.digits(2, "a second of two digits")
			if p.skip('.') {
				nano = p.fraction()
			}
		}
	}
	loc, zoned := p.zone()
	switch {
	case p.i != len(p.s):
		p.fail("the end of the time")
	case blank && !zoned:
		p.fail("a zone behind a time that stands after a blank")
	}
	if hour > 23 || minute > 59 || second > 59 {
		p.fail("a time of day up to 23:59:59")
	}
	return Moment{p.date(year, month, day, hour, minute, second, nano, loc), true, zoned}
}

func (p *momentParser) fraction() int {
	nano, n := 0, 0
	for ; n < 9 && p.i < len(p.s) && p.s[p.i]-'0' <= 9; n++ {
		nano = nano*10 + int(p.s[p.i]-'0')
		p.i++
	}
	if n == 0 {
		p.fail("one to nine digits of a second")
	}
	for ; n < 9; n++ {
		nano *= 10
	}
	return nano
}

func (p *momentParser) zone() (*time.Location, bool) {
	if p.i == len(p.s) {
		return time.UTC, false
	}
	if p.skip('Z') {
		return time.UTC, true
	}
	sign := 1
	if p.skip('-') {
		sign = -1
	} else if !p.skip('+') {
		return time.UTC, false
	}
	hours := p.digits(2, "a zone such as +0000")
	p.skip(':')
	minutes := p.digits(2, "a zone such as +0000")
	if hours > 18 || minutes > 59 {
		p.fail("a zone up to 18 hours")
	}
	offset := sign * (hours*3600 + minutes*60)
	if offset == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", offset), true
}

// date returns the time that [time.Date] does. It fails if the month does not
// have the day.
func (p *momentParser) date(year, month, day, hour, minute, second, nano int, loc *time.Location) time.Time {
	t := time.Date(year, time.Month(month), day, hour, minute, second, nano, loc)
	if p.want == "" && (t.Month() != time.Month(month) || t.Day() != day) {
		p.i = min(5, len(p.s))
		p.fail("a day of the calendar")
	}
	return t
}
