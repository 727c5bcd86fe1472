package adx

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// observed parses a period of observation of SDMX, which the draft of 2015 had:
// 2015, 2015-03, 2015-03-01 and, by part of the year, 2015-Q2
// (RULES.md#time-ranges).
func observed(text string) (TimeRange, bool) {
	year, rest, parted := strings.Cut(text, "-")
	if n, err := strconv.Atoi(year); len(year) != 4 || err != nil || n < 1 || strings.ContainsAny(year, "+-") {
		return TimeRange{}, false
	}
	if !parted {
		return calendarPeriod(year)
	}
	if rest == "" {
		return TimeRange{}, false
	}
	kind, number := rest[0], rest[1:]
	if '0' <= kind && kind <= '9' {
		switch day, err := time.Parse(time.DateOnly, text); {
		case len(rest) == 2:
			return calendarPeriod(year + rest)
		case err == nil:
			return TimeRange{day.Format(time.DateOnly) + "/P1D"}, true
		}
		return TimeRange{}, false
	}
	digits := map[byte]int{'A': 1, 'S': 1, 'T': 1, 'Q': 1, 'M': 2, 'W': 2, 'D': 3}[kind]
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || len(number) != digits || n == 0 {
		return TimeRange{}, false
	}
	switch kind {
	case 'A':
		if n == 1 {
			return calendarPeriod(year)
		}
	case 'T':
		if n <= 3 {
			return TimeRange{fmt.Sprintf("%s-%02d-01/P4M", year, 4*n-3)}, true
		}
	case 'M':
		return calendarPeriod(year + number)
	case 'D':
		first, err := time.Parse(time.DateOnly, year+"-01-01")
		day := first.AddDate(0, 0, int(n)-1)
		if err == nil && day.Year() == first.Year() {
			return TimeRange{day.Format(time.DateOnly) + "/P1D"}, true
		}
	default:
		return calendarPeriod(fmt.Sprint(year, string(kind), n))
	}
	return TimeRange{}, false
}

// calendarPeriod returns the range of a period by its id.
func calendarPeriod(id string) (TimeRange, bool) {
	p, err := period.Parse(id)
	if err != nil {
		return TimeRange{}, false
	}
	return TimeRangeOf(p), true
}
