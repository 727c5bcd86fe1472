package compat

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// ISO returns p as its Gregorian first day and the duration of its type, as the
// server writes it in ADX: 2024-01-01/P1M.
func (s Server) ISO(p Period) string { return p.First.String() + "/" + p.Type.Duration() }

var adxForm = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})/(P\d+[DMY])/*$`)

// ParseISO reads a day and a duration as the server does when it imports ADX
// (RULES.md#server-texts). The duration and the Gregorian day decide the type,
// and the period is the one of that type that contains the day: 2024-02-01/P3M
// is 2024Q1. The error is a *[period.ParseError].
func (s Server) ParseISO(text string) (Period, error) {
	bad := &period.ParseError{Input: text, Want: "a day and a duration of DHIS2"}
	groups := adxForm.FindStringSubmatch(text)
	if groups == nil {
		return Period{}, bad
	}
	start, err := dayOf(groups[1], groups[2], groups[3])
	if err != nil {
		return Period{}, bad
	}
	t := typeOf(groups[4], start)
	if t == 0 {
		return Period{}, bad
	}
	p, err := s.On(t, start)
	if err != nil {
		bad.Type, bad.Want = t, "a day that has a period"
		return Period{}, bad
	}
	return p, nil
}

func dayOf(year, month, day string) (period.Date, error) {
	y, _ := strconv.Atoi(year) // the pattern allows digits only
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	return period.Gregorian.Date(y, m, d)
}

// typeOf returns the type of a duration that starts on a Gregorian day. It is 0
// if there is none.
func typeOf(duration string, start period.Date) period.Type {
	_, month, _ := start.Civil()
	for t, k := range kinds {
		if t.Duration() != duration || t == period.QuarterlyNov ||
			k.weekday > 0 && k.weekday != isoWeekday(start) ||
			k.step >= 6 && mod(int(month)-k.base, k.step) != 0 {
			continue
		}
		return t
	}
	return 0
}

// rangeForms lists the date spellings of the server, the most specific first,
// with the layout that parses each.
var rangeForms = []struct {
	pattern *regexp.Regexp
	layout  string
}{
	{regexp.MustCompile(`^\d{8}$`), "20060102"},
	{regexp.MustCompile(`^\d{4}$`), "2006"},
	{regexp.MustCompile(`^\d{4}-\d{1,2}$`), "2006-1"},
	{regexp.MustCompile(`^\d{4}-\d{1,2}-\d{1,2}$`), "2006-1-2"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d$`), "2006-01-02T15"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d$`), "2006-01-02T15:04"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{4}|\d{6}))?$`), "2006-01-02T15:04:05"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d(Z|[+-]\d\d:\d\d)$`), "2006-01-02T15Z07:00"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)$`), "2006-01-02T15:04Z07:00"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{4}|\d{6}|\d{9}))?(Z|[+-]\d\d:\d\d)$`), "2006-01-02T15:04:05Z07:00"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d[+-]\d{4}$`), "2006-01-02T15-0700"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d{4}$`), "2006-01-02T15:04-0700"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{4}|\d{6}|\d{9}))?[+-]\d{4}$`), "2006-01-02T15:04:05-0700"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$`), "2006-01-02 15:04:05Z07:00"},
	{regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4}$`), "2006-01-02 15:04:05-0700"},
}

// ParseTime reads a date or date-time in any of the spellings that the server's
// API accepts (RULES.md#server-texts). Without an offset it is in UTC. The
// error is a *[period.ParseError].
func ParseTime(text string) (time.Time, error) {
	for _, f := range rangeForms {
		if f.pattern.MatchString(text) {
			if t, err := time.Parse(f.layout, text); err == nil {
				return t, nil
			}
			break
		}
	}
	return time.Time{}, &period.ParseError{Input: text, Want: "a date or date-time"}
}

// ParseRange reads two dates or date-times with an underscore between them, and
// perhaps more underscores after them, as the server reads a free range. The
// error is a *[period.ParseError].
func ParseRange(text string) (from, to time.Time, err error) {
	first, last, ok := strings.Cut(strings.TrimRight(text, "_"), "_")
	if !ok {
		return from, to, &period.ParseError{Input: text, Want: "two dates with an underscore between them"}
	}
	if from, err = ParseTime(first); err != nil {
		return time.Time{}, time.Time{}, err
	}
	if to, err = ParseTime(last); err != nil {
		return time.Time{}, time.Time{}, err
	}
	return from, to, nil
}
