package sheet

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/period"
)

// period reads a period as people write it
// (RULES.md#periods-that-people-write): a DHIS2 identifier, an ISO 8601 date,
// or a month or quarter with its year.
func (f Format) period(text string) (period.Period, error) {
	if text == "" {
		return period.Period{}, errors.New("want a period")
	}
	p, err := f.Calendar.Parse(text) // 202401 and 2024Q1
	if err == nil {
		return f.typed(p)
	}
	words := strings.FieldsFunc(text, func(r rune) bool { return isBlank(r) || strings.ContainsRune("-/", r) })
	if bad := (*period.ParseError)(nil); len(words) != 2 && len(text) > 4 && allDigits(text[:4]) && errors.As(err, &bad) {
		return period.Period{}, fmt.Errorf("want %s", bad.Want)
	}
	if len(words) != 2 {
		return period.Period{}, errNoPeriod
	}
	for i, year := range words {
		y, ok := f.year(year)
		if !ok {
			continue
		}
		other := words[1-i]
		if month := f.monthOf(other, len(year)); month > 0 {
			return f.monthIn(y, month) // Jan 2024, janv.-24, 2024-01, 01/2024
		}
		if part := quarterOrHalf(other); part != "" {
			p, err := f.Calendar.Parse(strconv.Itoa(y) + part) // Q1 2024, 2024 T1, S2-2024
			if err != nil {
				return period.Period{}, err
			}
			return f.typed(p)
		}
	}
	return period.Period{}, errNoPeriod
}

var errNoPeriod = errors.New("want a period such as 202401, 2024-01, 01/2024, Jan 2024 or Q1 2024")

// monthOf reads the month next to a year with yearDigits digits. Next to a
// two-digit year a number is ambiguous, so the month must be a name.
func (f Format) monthOf(text string, yearDigits int) int {
	if yearDigits < 4 {
		return f.month(text)
	}
	return f.monthNumber(text)
}

// quarterOrHalf returns Q1 for the first quarter, S1 for the first half-year
// and so on, or "". It accepts the abbreviations of English, French, Portuguese
// and Spanish, such as Q1, T1, S1 and H1.
func quarterOrHalf(text string) string {
	if len(text) != 2 {
		return ""
	}
	switch n := text[1]; text[0] | 0x20 {
	case 'q', 't': // Q1, T1
		if '1' <= n && n <= '4' {
			return "Q" + text[1:]
		}
	case 's', 'h': // S1, H1
		if n == '1' || n == '2' {
			return "S" + text[1:]
		}
	}
	return ""
}

// year reads a year of four digits, or of two digits if Century is set.
func (f Format) year(text string) (year int, ok bool) {
	if !allDigits(text) || len(text) != 4 && (len(text) != 2 || f.Century == 0) {
		return 0, false
	}
	year, _ = strconv.Atoi(text)
	if len(text) == 2 {
		year += f.Century
	}
	return year, true
}

// monthIn returns a month of a year.
func (f Format) monthIn(year, month int) (period.Period, error) {
	first, err := f.Calendar.Date(year, month, 1)
	if err != nil {
		return period.Period{}, err
	}
	p := f.Calendar.On(period.Monthly, first)
	if p.IsZero() {
		return period.Period{}, fmt.Errorf("no month %d of %d in the calendar", month, year)
	}
	return f.typed(p)
}

// typed returns an error for a period of another type than PeriodType.
func (f Format) typed(p period.Period) (period.Period, error) {
	if f.PeriodType != 0 && p.Type() != f.PeriodType {
		return period.Period{}, fmt.Errorf("%s is %s: want %s", p, p.Type(), f.PeriodType)
	}
	return p, nil
}
