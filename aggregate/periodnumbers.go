package aggregate

import (
	"strconv"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/period"
)

// inYear returns the value of [periodInYear]: the day of a daily period in its
// year, 1 for years, and otherwise the number at the end of the identifier. Of
// no period it is 0 (indicator/RULES.md#items).
func inYear(p period.Period) int {
	switch t := p.Type(); {
	case p.IsZero():
		return 0
	case t == period.Daily:
		year, _, _ := p.Calendar().Civil(p.First())
		start, err := p.Calendar().Date(year, 1, 1)
		if err != nil {
			return 0
		}
		return int(p.First()-start) + 1
	case t.Frequency() == period.Yearly.Frequency():
		return 1
	}
	digits := strings.TrimSuffix(p.String(), "B")
	if i := strings.LastIndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = digits[i+1:]
	} else {
		digits = digits[4:] // 202209
	}
	n, _ := strconv.Atoi(digits)
	return n
}

// yearlyCount is [yearlyPeriodCount]: how many periods of this type there are
// in the year of the identifier.
func yearlyCount(p period.Period) int {
	switch t := p.Type(); {
	case p.IsZero():
		return 0
	case t == period.Daily:
		year, _, _ := p.Calendar().Civil(p.First())
		start, err := p.Calendar().Date(year, 1, 1)
		next, err2 := p.Calendar().Date(year+1, 1, 1)
		if err != nil || err2 != nil {
			return 0
		}
		return int(next - start)
	case isWeek(t):
		return weeksInYear(p, 52)
	case t == period.BiWeekly:
		return weeksInYear(p, 26)
	}
	return max(period.Yearly.Frequency()/p.Type().Frequency(), 1)
}

// weeksInYear is usual, or one more if the week with that number ends in
// December before the 28th.
func weeksInYear(p period.Period, usual int) int {
	last := p.Add(usual - inYear(p))
	if _, month, day := last.Last().Civil(); month == time.December && day < 28 {
		return usual + 1
	}
	return usual
}
