package mcsd

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// defaultNear is the distance in kilometres for a search that gives none.
const defaultNear = 10.0

func parseDegrees(s string, most float64) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) <= most) {
		return 0, fmt.Errorf("%s: want degrees from -%v to %v", quote.Text(s), most, most)
	}
	return f, nil
}

// distance returns the kilometres between two places on a sphere of the size of
// the Earth.
func distance(latitude1, longitude1, latitude2, longitude2 float64) float64 {
	const radius, degree = 6371.0088, math.Pi / 180
	sinLat := math.Sin((latitude2 - latitude1) * degree / 2)
	sinLong := math.Sin((longitude2 - longitude1) * degree / 2)
	h := sinLat*sinLat + math.Cos(latitude1*degree)*math.Cos(latitude2*degree)*sinLong*sinLong
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(h)))
}

// parseUpdated reads times with a prefix such as gt. A day, month or year means
// the whole of it (RULES.md#searches).
func parseUpdated(_ *Directory, _ string, values []string) (test, error) {
	var tests []func(time.Time) bool
	for _, v := range values {
		t, err := timeTest(v)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	return func(i *item) bool {
		for _, t := range tests {
			if t(i.at) {
				return true
			}
		}
		return false
	}, nil
}

func timeTest(v string) (func(time.Time) bool, error) {
	prefix, text := "eq", v
	if len(v) > 2 && v[0]-'a' <= 25 && v[1]-'a' <= 25 {
		prefix, text = v[:2], v[2:]
	}
	from, to, err := parseSpan(text)
	if err != nil {
		return nil, err
	}
	switch prefix {
	case "eq":
		return func(t time.Time) bool { return !t.Before(from) && t.Before(to) }, nil
	case "ne":
		return func(t time.Time) bool { return t.Before(from) || !t.Before(to) }, nil
	case "gt", "sa":
		return func(t time.Time) bool { return !t.Before(to) }, nil
	case "ge":
		return func(t time.Time) bool { return !t.Before(from) }, nil
	case "lt", "eb":
		return func(t time.Time) bool { return t.Before(from) }, nil
	case "le":
		return func(t time.Time) bool { return t.Before(to) }, nil
	}
	return nil, fmt.Errorf("prefix %s: want eq, ne, gt, lt, ge, le, sa or eb", quote.Text(prefix))
}

// parseSpan reads a FHIR date or dateTime as the span [from, to). Without a
// time zone, UTC is assumed.
func parseSpan(s string) (from, to time.Time, err error) {
	s = strings.Replace(s, " ", "+", 1) // a client left a plus sign unescaped
	whole, fraction, split := strings.Cut(s, ".")
	for _, form := range [...]struct {
		layout string
		next   func(time.Time) time.Time
	}{
		{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
		{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
		{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
		{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
		{"2006-01-02T15:04Z07:00", func(t time.Time) time.Time { return t.Add(time.Minute) }},
		{"2006-01-02T15:04:05", func(t time.Time) time.Time { return t.Add(time.Second) }},
		{"2006-01-02T15:04:05Z07:00", func(t time.Time) time.Time { return t.Add(time.Second) }},
	} {
		if from, err = time.Parse(form.layout, s); err != nil {
			continue
		}
		if split && len(whole) == len("2006-01-02T15:04:05") { // time.Parse accepts a fraction too
			digits := len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
			return from, from.Add(max(time.Millisecond, time.Duration(float64(time.Second)/math.Pow10(digits)))), nil
		}
		return from, form.next(from), nil
	}
	return from, to, fmt.Errorf("%s: want a time such as 2026-01-31 or 2026-01-31T12:00:00Z", quote.Text(s))
}

// splitEscaped splits a value at a byte that has no backslash before it.
func splitEscaped(s string, at byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case at:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	parts = append(parts, s[start:])
	if at == '|' {
		for i := range parts {
			parts[i] = unescape(parts[i])
		}
	}
	return parts
}

// unescape removes the backslash before a comma, bar, dollar sign or backslash.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`,|$\`, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
