package period_test

import (
	"cmp"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
)

// long reports whether tests may take some minutes.
func long() bool { return os.Getenv("HMIS_LONG") != "" }

// spans are the Gregorian years whose days are tried in every calendar: recent
// years, and years in which a calendar begins or ends.
var spans = [][2]int{
	{1582, 1585}, {1913, 1914}, {1974, 1975}, {2000, 2030}, {2040, 2044},
	{9455, 9456}, {9997, 10000},
}

// eachDay calls f with each day that c covers: in the years of spans or, if
// HMIS_LONG is set, in all years.
func eachDay(c *period.Calendar, f func(period.Date)) {
	all := spans
	if long() {
		all = [][2]int{{1582, 10000}}
	}
	for _, span := range all {
		for d := period.DateOf(span[0], 1, 1); d <= period.DateOf(span[1], 12, 31); d++ {
			if year, _, _ := c.Civil(d); year != 0 {
				f(d)
			}
		}
	}
}

// eachPeriod calls f with each period of every type and calendar that starts on
// the days of eachDay.
func eachPeriod(t *testing.T, f func(t *testing.T, p period.Period)) {
	for _, c := range period.Calendars() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			seen := [24]period.Period{}
			eachDay(c, func(d period.Date) {
				for _, typ := range period.Types() {
					if p := c.On(typ, d); p != seen[typ] && !p.IsZero() {
						seen[typ] = p
						f(t, p)
					}
				}
			})
		})
	}
}

// inThirteen reports whether d is in the thirteenth month of c.
func inThirteen(c *period.Calendar, d period.Date) bool {
	_, month, _ := c.Civil(d)
	return month == 13
}

func TestEveryPeriodReadsBack(t *testing.T) {
	eachPeriod(t, func(t *testing.T, p period.Period) {
		if q, err := p.Calendar().Parse(p.String()); err != nil || q != p {
			t.Fatalf("%v %v reads back as %v, %v", p.Type(), p, q, err)
		}
		if q, err := p.Calendar().ParseISO(p.ISO()); err != nil || q != p {
			t.Fatalf("%v %v, %s, reads back as %v, %v", p.Type(), p, p.ISO(), q, err)
		}
		if len(p.String()) > 11 {
			t.Fatalf("%v has more than 11 characters", p)
		}
	})
}

func TestEveryPeriodHoldsItsDays(t *testing.T) {
	eachPeriod(t, func(t *testing.T, p period.Period) {
		first, last := p.First(), p.Last()
		if p.Days() != int(last-first)+1 || p.Days() < 1 {
			t.Fatalf("%v has %d days, %v to %v", p, p.Days(), first, last)
		}
		if q := p.Calendar().On(p.Type(), first); q != p {
			t.Fatalf("%v starts on %v, which is in %v", p, first, q)
		}
		q := p.Calendar().On(p.Type(), last)
		if q != p && !(p.Type() == period.BiWeekly && q == p.Add(1) && q.First() <= last) && !q.IsZero() {
			t.Fatalf("%v ends on %v, which is in %v", p, last, q)
		}
		if !p.ContainsDate(first) || !p.ContainsDate(last) || p.ContainsDate(first-1) || p.ContainsDate(last+1) {
			t.Fatalf("%v does not hold exactly the days %v to %v", p, first, last)
		}
	})
}

func TestEveryDayHasItsPeriods(t *testing.T) {
	for _, c := range period.Calendars() {
		eachDay(c, func(d period.Date) {
			for _, typ := range period.Types() {
				p := c.On(typ, d)
				if p.IsZero() || p.ContainsDate(d) {
					continue // at the ends of the calendar no period contains d
				}
				// Only days after month 12 may be outside of the period that On
				// returns, and then at most six days after it.
				if typ < period.Monthly || !inThirteen(c, d) || d-p.Last() > 6 || d < p.First() {
					t.Fatalf("%v: %v is in %v, %v to %v", c, d, p, p.First(), p.Last())
				}
			}
		})
	}
}

func TestNextIsWherePreviousCameFrom(t *testing.T) {
	eachPeriod(t, func(t *testing.T, p period.Period) {
		next := p.Add(1)
		if next.IsZero() {
			return
		}
		switch between := next.First() - p.Last() - 1; {
		case p.Type() == period.BiWeekly && between == -7: // a step back skips the 27th bi-week
			if next.Add(-1) != p.Add(-1) {
				t.Fatalf("%v and %v are followed by %v, whose previous is %v", p.Add(-1), p, next, next.Add(-1))
			}
			return
		case between != 0 && !(between <= 6 && inThirteen(p.Calendar(), p.Last()+1)):
			t.Fatalf("there are %d days between %v and its next, %v", between, p, next)
		}
		if q := next.Add(-1); q != p {
			t.Fatalf("%v is followed by %v, whose previous is %v", p, next, q)
		}
		if p.Compare(next) != -1 || next.Compare(p) != 1 {
			t.Fatalf("%v does not come before %v", p, next)
		}
	})
}

// The years of each calendar are within those that ISO 8601 can write.
func TestYearsOfCalendars(t *testing.T) {
	for _, c := range period.Calendars() {
		first, last := period.DateOf(10001, 1, 1), period.DateOf(0, 1, 1)
		for d := period.DateOf(1582, 1, 1); d <= period.DateOf(10000, 12, 31); d += 7 {
			if p := c.On(period.Yearly, d); !p.IsZero() {
				first, last = min(first, p.First()), max(last, p.Last())
			}
		}
		if first.Year() < 1583 || last.Year() > 9999 {
			t.Errorf("the years of %v are those from %v to %v", c, first, last)
		}
		t.Logf("%v: %v, from %v, to %v, to %v", c, c.On(period.Yearly, first), first, c.On(period.Yearly, last), last)
	}
}

func TestManyStepsAreOneAfterTheOther(t *testing.T) {
	for _, c := range period.Calendars() {
		for _, typ := range period.Types() {
			start := c.On(typ, period.DateOf(2000, 2, 29))
			for _, step := range []int{1, -1} {
				p := start
				for n := 1; n <= 600; n++ {
					p = p.Add(step)
					if q := start.Add(n * step); q != p {
						t.Fatalf("%v: %v.Add(%d) = %v; one by one %v", c, start, n*step, q, p)
					}
					if p.IsZero() {
						break
					}
				}
			}
		}
	}
}

func TestContainsIsFirstAndLast(t *testing.T) {
	var all []period.Period
	for _, c := range period.Calendars() {
		for _, typ := range period.Types() {
			for d := period.DateOf(2019, 8, 20); d < period.DateOf(2021, 2, 10); d += 89 {
				if p := c.On(typ, d); !p.IsZero() {
					all = append(all, p)
				}
			}
		}
	}
	for _, p := range all {
		for _, q := range all {
			want := p.First() <= q.First() && q.Last() <= p.Last()
			if p.Contains(q) != want {
				t.Fatalf("%v.Contains(%v) = %v", p, q, !want)
			}
			order := cmp.Or(cmp.Compare(p.First(), q.First()), cmp.Compare(q.Last(), p.Last()),
				cmp.Compare(p.Type(), q.Type()))
			if got := p.Compare(q); order != 0 && got != order || got != -q.Compare(p) || got == 0 != (p == q) {
				t.Fatalf("%v.Compare(%v) = %d", p, q, got)
			}
		}
	}
}

func TestSplitCoversWithoutOverlap(t *testing.T) {
	for _, c := range period.Calendars() {
		for _, whole := range period.Types() {
			for _, part := range period.Types() {
				for n := range 8 {
					p := c.On(whole, period.DateOf(2018, 1, 15)).Add(n)
					checkSplit(t, p, part)
				}
			}
		}
	}
}

// checkSplit compares the result of Split with a search through all days.
func checkSplit(t *testing.T, p period.Period, part period.Type) {
	t.Helper()
	var want []period.Period
	for d := p.First() - 20; d <= p.Last(); d++ {
		q := p.Calendar().On(part, d)
		if !q.IsZero() && p.Contains(q) && !slices.Contains(want, q) {
			want = append(want, q)
		}
	}
	got := p.Split(part)
	if !slices.Equal(got, want) {
		t.Fatalf("%v: %v.Split(%v) = %v, want %v", p.Calendar(), p, part, got, want)
	}
	for i := 1; i < len(got); i++ {
		if overlap := got[i-1].Last() - got[i].First() + 1; overlap > 0 && part != period.BiWeekly {
			t.Fatalf("%v and %v overlap by %d days", got[i-1], got[i], overlap)
		}
	}
}

func TestInIsThePeriodOfOneDay(t *testing.T) {
	eachPeriod(t, func(t *testing.T, p period.Period) {
		day := p.First()
		if typ := p.Type(); typ >= period.Weekly && typ <= period.WeeklySunday {
			day += 3
		}
		for _, typ := range period.Types() {
			want := p.Calendar().On(typ, day)
			if typ != p.Type() && typ.Frequency() <= p.Type().Frequency() {
				want = period.Period{}
			} else if typ == p.Type() {
				want = p
			}
			if got, ok := p.In(typ); got != want || ok == want.IsZero() {
				t.Fatalf("%v: %v counts in %v of %v, want %v", p.Calendar(), p, got, typ, want)
			}
		}
	})
}

// A value must count in the same period whether it is rolled up at once or in
// stages.
func TestInGoesThroughStages(t *testing.T) {
	stages := []period.Type{period.Daily, period.Monthly, period.Quarterly, period.SixMonthly, period.Yearly}
	for _, c := range period.Calendars() {
		eachDay(c, func(d period.Date) {
			p := c.On(period.Daily, d)
			for i, from := range stages {
				q, _ := p.In(from)
				for _, to := range stages[i:] {
					direct, ok := p.In(to)
					staged, _ := q.In(to)
					if ok && direct != staged {
						t.Fatalf("%v: %v counts in %v, but through %v in %v", c, p, direct, q, staged)
					}
				}
			}
		})
	}
}

// Every day of a calendar converts to its year, month and day and back, and the
// next day follows it.
func TestCalendarsConvertDayByDay(t *testing.T) {
	tests := []struct {
		calendar    *period.Calendar
		first, last string
	}{
		{period.Gregorian, "1583-01-01", "9999-12-31"},
		{period.Ethiopian, "1583-09-09", "9999-11-10"},
		{period.Coptic, "1583-09-09", "9999-11-10"},
		{period.Islamic, "1583-01-25", "9999-10-01"},
		{period.Julian, "1583-01-11", "9999-03-14"},
		{period.Nepali, "1913-04-13", "2044-04-15"},  // the days of its table
		{period.Persian, "1974-03-21", "2041-03-19"}, // the days of its table
		{period.Thai, "1583-01-01", "9456-12-31"},
	}
	require.Len(t, tests, len(period.Calendars()))
	for _, tt := range tests {
		t.Run(tt.calendar.Name(), func(t *testing.T) {
			t.Parallel()
			first, last := day(tt.first), day(tt.last)
			year, month, before := tt.calendar.Civil(first)
			require.Equal(t, "1 1", show(month, before), "month and day of %v", first)
			before = 0
			for d := first; d <= last; d++ {
				y, m, dd := tt.calendar.Civil(d)
				if back, err := tt.calendar.Date(y, m, dd); err != nil || back != d {
					t.Fatalf("%v is %d-%d-%d, which is %v, %v", d, y, m, dd, back, err)
				}
				follows := y == year && m == month && dd == before+1 ||
					y == year && m == month+1 && dd == 1 && before >= 28 ||
					y == year+1 && m == 1 && dd == 1 && month >= 12
				if !follows {
					t.Fatalf("%d-%d-%d is followed by %d-%d-%d", year, month, before, y, m, dd)
				}
				year, month, before = y, m, dd
			}
			if next, _, _ := tt.calendar.Civil(last + 1); next == year {
				t.Errorf("%v is not the last day of %d", last, year)
			}
		})
	}
}

// A calendar that follows a table has no days beyond it.
func TestTablesEnd(t *testing.T) {
	for _, tt := range []struct {
		calendar    *period.Calendar
		first, last string
	}{
		{period.Nepali, "1913-04-13", "2044-04-15"},
		{period.Persian, "1974-03-21", "2041-03-19"},
	} {
		for _, d := range []period.Date{day(tt.first) - 1, day(tt.last) + 1, 1 << 30, -1 << 30} {
			year, month, dd := tt.calendar.Civil(d)
			require.Equal(t, "0 0 0", show(year, month, dd), "%v in %v", d, tt.calendar)
			for _, typ := range period.Types() {
				require.True(t, tt.calendar.On(typ, d).IsZero(), "%v in %v", d, tt.calendar)
			}
		}
	}
}

func TestDatesAreThoseOfTheStandardLibrary(t *testing.T) {
	for d := period.DateOf(-1000, 1, 1); d < period.DateOf(12000, 1, 1); d += 97 {
		at := d.Time(time.UTC)
		year, month, day := d.Civil()
		if y, m, dd := at.Date(); y != year || m != month || dd != day || at.Weekday() != d.Weekday() {
			t.Fatalf("%v is %v, a %v, for package time", d, at, at.Weekday())
		}
		if period.DateOf(year, month, day) != d || period.DateAt(at) != d {
			t.Fatalf("%v does not come back", d)
		}
		if at.Unix() != int64(d)*86400 {
			t.Fatalf("%v is %d seconds after 1970", d, at.Unix())
		}
	}
}
