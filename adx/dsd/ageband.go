package dsd

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// An AgeBand is a range of completed ages, such as P1Y--P5Y for the ages of 1
// to 4 years. It includes From but not To (RULES.md#age-bands).
type AgeBand struct{ From, To Age }

// An Age is a length of life, with its parts as they are written.
type Age struct{ Years, Months, Weeks, Days int }

// oldest is the upper bound of a band that has no limit.
var oldest = Age{Years: 9999}

// ParseAgeBand reads the code of an age band: two durations of years, months,
// weeks and days with "--" between them, the first one shorter.
func ParseAgeBand(code string) (AgeBand, error) {
	b, err := parseAgeBand(code)
	if err != nil {
		return AgeBand{}, fmt.Errorf("adx: %w", err)
	}
	return b, nil
}

func parseAgeBand(code string) (AgeBand, error) {
	lower, upper, ok := strings.Cut(code, "--")
	if !ok {
		return AgeBand{}, fmt.Errorf("age band %s: want two durations with -- between them, as in P1Y--P5Y", quote.Text(code))
	}
	from, err1 := parseAge(lower)
	to, err2 := parseAge(upper)
	if err1 != nil || err2 != nil {
		return AgeBand{}, fmt.Errorf("age band %s: want durations of whole years, months, weeks or days, as in P1Y--P5Y", quote.Text(code))
	}
	if c, ok := from.Compare(to); ok && c >= 0 {
		return AgeBand{}, fmt.Errorf("age band %s: want an upper bound above the lower one", quote.Text(code))
	}
	return AgeBand{from, to}, nil
}

// String returns the code of b.
func (b AgeBand) String() string { return b.From.String() + "--" + b.To.String() }

// Open reports whether b has no upper bound, as P80Y--P9999Y.
func (b AgeBand) Open() bool { return b.To == oldest }

// String returns the duration, such as "P1Y6M". For the zero Age it is "P0D".
func (a Age) String() string {
	s := "P"
	for _, part := range []struct {
		n    int
		unit string
	}{{a.Years, "Y"}, {a.Months, "M"}, {a.Weeks, "W"}, {a.Days, "D"}} {
		if part.n != 0 {
			s += strconv.Itoa(part.n) + part.unit
		}
	}
	if s == "P" {
		return "P0D"
	}
	return s
}

// Compare returns -1, 0 or 1 if a is less than, equal to or more than b. ok is
// false if that depends on the date of birth, as with a month and 30 days.
func (a Age) Compare(b Age) (order int, ok bool) {
	months, days := a.Years*12+a.Months-b.Years*12-b.Months, a.Weeks*7+a.Days-b.Weeks*7-b.Days
	least, most := monthDays(months)
	least, most = least+days, most+days
	switch {
	case least > 0:
		return 1, true
	case most < 0:
		return -1, true
	case months == 0 && days == 0:
		return 0, true
	}
	return 0, false
}

// about returns the approximate length of a, in thousandths of a day. A month
// counts as 30.437 days.
func (a Age) about() int {
	return (a.Years*12+a.Months)*30437 + (a.Weeks*7+a.Days)*1000
}

// monthDays returns the fewest and the most days that n months can have.
func monthDays(n int) (least, most int) {
	if n < 0 {
		least, most = monthDays(-n)
		return -most, -least
	}
	years := n / 12
	// At least 24 of every 100 years are leap years, and at most a quarter,
	// rounded up, of any consecutive years.
	least, most = years*365+years/100*24, years*365+(years+3)/4
	short := [12]int{0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334}
	long := [12]int{0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337}
	return least + short[n%12], most + long[n%12]
}

// parseAge parses P and one or more numbers with units, in the order Y, M, W,
// D.
func parseAge(s string) (Age, error) {
	bad := fmt.Errorf("duration %s", quote.Text(s))
	rest, ok := strings.CutPrefix(s, "P")
	if !ok || rest == "" {
		return Age{}, bad
	}
	var a Age
	units := "YMWD"
	for rest != "" {
		n := 0
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
			n++
		}
		if n == 0 || n > 6 || n == len(rest) {
			return Age{}, bad
		}
		k := strings.IndexByte(units, rest[n])
		if k < 0 {
			return Age{}, bad
		}
		v, _ := strconv.Atoi(rest[:n])
		switch rest[n] {
		case 'Y':
			a.Years = v
		case 'M':
			a.Months = v
		case 'W':
			a.Weeks = v
		case 'D':
			a.Days = v
		}
		units, rest = units[k+1:], rest[n+1:]
	}
	return a, nil
}

// A BandDoubt is two age bands with a gap between them, or with ages in common.
type BandDoubt struct {
	Younger, Older AgeBand
	Overlap        bool // the bands share ages; if false, there is a gap between them
}

// String returns the gap or overlap as text, such as "gap from P1Y to P5Y".
func (d BandDoubt) String() string {
	if d.Overlap {
		return fmt.Sprintf("%v and %v overlap", d.Younger, d.Older)
	}
	return fmt.Sprintf("gap from %v to %v", d.Younger.To, d.Older.From)
}

// CheckAgeBands returns the gaps and overlaps between bands that should divide
// a range of ages, youngest first. Bounds are not compared if their order
// depends on the date of birth.
func CheckAgeBands(bands []AgeBand) []BandDoubt {
	sorted := slices.Clone(bands)
	slices.SortStableFunc(sorted, func(a, b AgeBand) int {
		return cmp.Or(cmp.Compare(a.From.about(), b.From.about()), cmp.Compare(a.To.about(), b.To.about()))
	})
	var doubts []BandDoubt
	var reach AgeBand // the band with the highest bound among those already compared
	for i, b := range sorted {
		if i > 0 {
			if c, ok := reach.To.Compare(b.From); ok && c != 0 {
				doubts = append(doubts, BandDoubt{Younger: reach, Older: b, Overlap: c > 0})
			}
		}
		if i == 0 || b.To.about() > reach.To.about() {
			reach = b
		}
	}
	return doubts
}

// hasBands reports whether a code of the list is an age band, or looks like
// one.
func (l *codelist) hasBands() bool {
	return slices.ContainsFunc(l.codes, func(c code) bool {
		return strings.HasPrefix(c.id, "P") && strings.Contains(c.id, "--P") && startsAge(c.id)
	})
}

// badBand reports whether a code in a list of age bands begins like an age but
// is no band. UNK_AGE does not begin like one.
func badBand(code string) bool {
	if !startsAge(code) {
		return false
	}
	_, err := parseAgeBand(code)
	return err != nil
}

// startsAge reports whether a code begins with a number or a duration.
func startsAge(code string) bool {
	digits := strings.TrimPrefix(code, "P")
	return digits != "" && '0' <= digits[0] && digits[0] <= '9'
}
