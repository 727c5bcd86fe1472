package compat_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
	"github.com/ohie-hmis/hmis-go/period/compat"
)

// The two packages were written apart from each other. Where the server is
// reliable, they agree on every day.
func TestAgreesWithPeriod(t *testing.T) {
	for _, c := range period.Calendars() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			s, compared := compat.Server{Calendar: c}, 0
			for d := period.DateOf(1990, 1, 1); d < period.DateOf(2035, 1, 1); d += 17 {
				if _, month, _ := c.Civil(d); month == 13 {
					continue // a day of Pagume
				}
				for _, typ := range period.Types() {
					if c != period.Gregorian && typ >= period.Weekly && typ <= period.BiWeekly {
						continue // weeks of local calendars
					}
					p := c.On(typ, d)
					q, err := s.On(typ, d)
					coptic := c == period.Coptic && typ > period.Monthly && typ < period.Yearly
					if err != nil || q.ID != p.String() || q.First != p.First() || q.Last != p.Last() && !coptic {
						t.Fatalf("%v is in %v %v, %v to %v; compat says %v, %v to %v, %v",
							d, typ, p, p.First(), p.Last(), q, q.First, q.Last, err)
					}
					if next, err := s.Add(q, 1); err != nil || next.ID != p.Add(1).String() && !coptic {
						t.Fatalf("%v is followed by %v; compat says %v, %v", p, p.Add(1), next, err)
					}
					compared++
				}
			}
			t.Logf("%d periods", compared)
		})
	}
}

// Lists and relative periods of the ISO calendar agree too. The bi-weeks of a
// year are an exception, since package period lists all of them.
func TestListsAgreeWithPeriod(t *testing.T) {
	var s compat.Server
	for d := period.DateOf(1995, 1, 1); d < period.DateOf(2035, 1, 1); d += 277 {
		for _, typ := range period.Types() {
			p, q := show(period.Gregorian.Year(typ, d)), ids(s.Year(typ, d))
			if typ != period.BiWeekly && p != q {
				t.Fatalf("the %v periods of the year of %v are\n%v; compat says\n%v", typ, d, p, q)
			}
			p, q = show(period.Gregorian.Between(typ, d, d+200)), ids(s.Between(typ, d, d+200))
			if p != q {
				t.Fatalf("the %v periods from %v are\n%v; compat says\n%v", typ, d, p, q)
			}
		}
		for i, r := range period.Relatives() {
			clock := period.Clock{
				Today:         d,
				Week:          period.Weekly + period.Type(i+int(d))%6,
				FinancialYear: period.FinancialFeb + period.Type(i+int(d))%6,
			}
			if p, q := show(r.On(clock)), ids(s.Relative(r, clock)); p != q {
				t.Fatalf("%s on %v is\n%v; compat says\n%v", r, d, p, q)
			}
		}
	}
}

// Lists of days and months in other calendars agree too, wherever the server
// has an answer. Coptic months around month 13 are an exception.
func TestLocalListsAgreeWithPeriod(t *testing.T) {
	for _, c := range period.Calendars()[1:] {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			s, compared := compat.Server{Calendar: c}, 0
			for d := period.DateOf(2005, 1, 1); d < period.DateOf(2030, 1, 1); d += 613 {
				for _, typ := range period.Types() {
					if typ >= period.Weekly && typ <= period.BiWeekly ||
						c == period.Coptic && typ >= period.Monthly && typ < period.Yearly {
						continue
					}
					list, err := s.Year(typ, d)
					if err != nil && c == period.Ethiopian {
						continue // a day of Pagume
					}
					require.NoError(t, err)
					compared++
					if p, q := show(c.Year(typ, d)), show(list); p != q {
						t.Fatalf("%v: the %v periods of the year of %v are\n%v; compat says\n%v", c, typ, d, p, q)
					}
				}
			}
			t.Logf("%d lists", compared)
		})
	}
}

// Relative periods in the calendars of ministries agree wherever the server has
// an answer. Exceptions are weeks, quarters of a day in Pagume, and periods
// before the current one, which the server finds by Gregorian months.
func TestLocalRelativesAgreeWithPeriod(t *testing.T) {
	for _, c := range []*period.Calendar{period.Nepali, period.Ethiopian} {
		s, compared := compat.Server{Calendar: c}, 0
		for d := period.DateOf(2005, 1, 1); d < period.DateOf(2035, 1, 1); d += 613 {
			for _, r := range period.Relatives() {
				if strings.Contains(string(r), "WEEK") || strings.Contains(string(r), "LAST") ||
					c == period.Ethiopian && strings.Contains(string(r), "QUARTER") {
					continue
				}
				clock := period.Clock{Today: d, Calendar: c, FinancialYear: period.FinancialFeb + period.Type(d)%6}
				list, err := s.Relative(r, clock)
				if err != nil {
					if c == period.Nepali {
						t.Fatal(err)
					}
					continue
				}
				compared++
				if p, q := show(r.On(clock)), show(list); p != q {
					t.Fatalf("%v: %s on %v is\n%v; compat says\n%v", c, r, d, p, q)
				}
			}
		}
		t.Logf("%v: %d lists", c, compared)
	}
}

// TestLastMonthOfServer counts the days of 2024 to 2026 on which the server's
// LAST_MONTH is not the month before its THIS_MONTH, and those on which it
// fails because of Pagume. In package period both counts are 0.
func TestLastMonthOfServer(t *testing.T) {
	type count struct{ wrong, refused int }
	wants := map[*period.Calendar]count{period.Gregorian: {}, period.Nepali: {wrong: 33}, period.Ethiopian: {wrong: 23, refused: 30}}
	for c, want := range wants {
		s, got := compat.Server{Calendar: c}, count{}
		for d := period.DateOf(2024, 1, 1); d <= period.DateOf(2026, 12, 31); d++ {
			this, err := s.Relative(period.ThisMonth, period.Clock{Today: d})
			last, err2 := s.Relative(period.LastMonth, period.Clock{Today: d})
			if err != nil || err2 != nil {
				got.refused++
				continue
			}
			next, err := s.Add(last[0], 1)
			require.NoError(t, err)
			if next != this[0] {
				got.wrong++
			}
		}
		if got != want {
			t.Errorf("%v: %+v, want %+v", c, got, want)
		}
	}
}

// The server writes a Gregorian year after 9999 with five digits. In the Nepali
// calendar it goes one day beyond the table, and one month when it reads text.
func TestBeyondTheLastYear(t *testing.T) {
	var iso compat.Server
	for id, want := range map[string]string{
		"9999": "10000", "999912": "1000001", "99991231": "100000101", "9999Q4": "10000Q1", "9999W52": "10000W1", "9999April": "10000April",
	} {
		p, err := iso.Parse(id)
		require.NoError(t, err)
		next, err := iso.Add(p, 1)
		require.NoError(t, err)
		require.Equal(t, want, next.ID)
		back, err := iso.Add(next, -1)
		require.NoError(t, err)
		require.Equal(t, p, back)
		_, err = iso.Parse(want) // a year of five digits is not read
		require.Error(t, err)
	}
	nepal := compat.Server{Calendar: period.Nepali}
	after := period.DateOf(2044, 4, 16)
	l, err := nepal.Day(after)
	require.NoError(t, err)
	require.Equal(t, "2101-01-01", l.String())
	l, err = nepal.AddDays(compat.Day{Year: 2100, Month: 12, Day: 30}, 1)
	require.NoError(t, err)
	require.Equal(t, "2101-01-01", l.String())
	d, err := nepal.Date(compat.Day{Year: 2101, Month: 1, Day: 5})
	require.NoError(t, err)
	require.Equal(t, after+4, d)
	p, err := nepal.On(period.Daily, after)
	require.NoError(t, err)
	require.Equal(t, "21010101", p.ID)
	for _, bad := range []compat.Day{{Year: 2101, Month: 2, Day: 1}, {Year: 2102, Month: 1, Day: 1}} {
		_, err := nepal.Date(bad)
		require.Error(t, err)
	}
	_, err = nepal.AddDays(compat.Day{Year: 2100, Month: 12, Day: 30}, 2)
	require.Error(t, err)
	_, err = nepal.On(period.Monthly, after)
	require.Error(t, err)
}

// Before the Gregorian reform Thai days are Julian. Ten days of October 2125 do
// not exist, and the weeks continue over the gap.
func TestThaiBeforeTheReform(t *testing.T) {
	thai := compat.Server{Calendar: period.Thai}
	tests := []struct {
		local compat.Day
		iso   string // iso is "" if there is no such day
		week  int
	}{
		{compat.Day{Year: 2125, Month: 10, Day: 15}, "1582-10-15", 40},
		{compat.Day{Year: 2125, Month: 10, Day: 14}, "", 0},
		{compat.Day{Year: 2125, Month: 10, Day: 5}, "", 0},
		{compat.Day{Year: 2125, Month: 10, Day: 4}, "1582-10-14", 40},
		{compat.Day{Year: 1165, Month: 7, Day: 16}, "0622-07-19", 28}, // the Julian calendar has week 28 here too
		{compat.Day{Year: 2043, Month: 2, Day: 29}, "1500-03-10", 9},  // a leap day in the Julian calendar only
		{compat.Day{Year: 2443, Month: 2, Day: 29}, "", 0},            // the Gregorian year 1900 is no leap year
		{compat.Day{Year: 543, Month: 1, Day: 1}, "", 0},
	}
	for _, tt := range tests {
		d, err := thai.Date(tt.local)
		if tt.iso == "" {
			require.Error(t, err, "%v", tt.local)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.iso, d.String(), "%v", tt.local)
		back, err := thai.Day(d)
		require.NoError(t, err)
		require.Equal(t, tt.local, back)
		week, err := thai.Week(back)
		require.NoError(t, err)
		require.Equal(t, tt.week, week, "%v", tt.local)
	}
}

func TestErrors(t *testing.T) {
	ethiopia, nepal := compat.Server{Calendar: period.Ethiopian}, compat.Server{Calendar: period.Nepali}
	const pagume = 18513 // 2020-09-08
	tests := []struct {
		err  error
		want string
	}{
		{second(ethiopia.On(period.Daily, pagume)), "compat: ethiopian: 2012-13-03: want a month from 1 to 12"},
		{second(ethiopia.Year(period.Monthly, pagume)), "compat: ethiopian: 2012-13-03: want a month from 1 to 12"},
		{second(nepal.On(period.Monthly, -30000)), "compat: nepali: 1887-11-12: want a day within the calendar's years"},
		{second(compat.Server{}.On(99, 0)), "compat: gregorian: 99 is no period type"},
		{second(compat.Server{}.On(period.Daily, 1<<30)), "compat: gregorian: 2941775-04-07: want a day within the calendar's years"},
		{second(compat.Server{}.AddDays(compat.Day{Year: 2024, Month: 1, Day: 1}, 1<<40)), "compat: gregorian: 2024-01-01 and 1099511627776 steps: want at most 3660000"},
		{second(compat.Server{}.Parse("2024Q5")), `period: "2024Q5": want a period that exists at offset 0`},
		{second(compat.Server{}.Relative("NEXT_MONTH", period.Clock{})), `period: "NEXT_MONTH": want a relative period such as LAST_12_MONTHS at offset 0`},
	}
	for _, tt := range tests {
		if tt.err == nil || tt.err.Error() != tt.want {
			t.Errorf("got %v\nwant %s", tt.err, tt.want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// A step that makes no progress must end, and so must one that goes very far.
func TestAddEnds(t *testing.T) {
	coptic := compat.Server{Calendar: period.Coptic}
	half, err := coptic.Parse("1736S2")
	require.NoError(t, err)
	same, err := coptic.Add(half, 1<<40)
	require.NoError(t, err)
	require.Equal(t, half, same)
	year, err := compat.Server{}.Parse("2024")
	require.NoError(t, err)
	_, err = compat.Server{}.Add(year, 1<<40)
	require.Error(t, err)
	list, err := coptic.Between(period.SixMonthly, half.First, half.First+1000)
	require.Error(t, err, "%v", list)
}

// In calendars without a table many days are stepped over at once.
func TestAddManyDays(t *testing.T) {
	for _, c := range period.Calendars() {
		if c == period.Nepali || c == period.Persian {
			continue
		}
		s := compat.Server{Calendar: c}
		for _, text := range []string{"20230905", "20230909", "20240101"} { // days in and near Pagume
			start, err := s.On(period.Daily, period.MustParse(text).First())
			if err != nil {
				continue
			}
			for _, step := range []int{1, -1} {
				walked := start
				for n := 1; n <= 500 && err == nil; n++ {
					walked, err = s.Add(walked, step)
					if at, err2 := s.Add(start, n*step); at != walked || (err == nil) != (err2 == nil) {
						t.Fatalf("%v: %v and %d days: %v, %v; want %v, %v", c, start, n*step, at, err2, walked, err)
					}
				}
				err = nil
			}
		}
	}
}

// Any number of steps ends soon: at the end of the calendar, or because the
// steps run in a circle, as in Nepali years before 2000.
func TestAddManySteps(t *testing.T) {
	for _, c := range period.Calendars() {
		s := compat.Server{Calendar: c}
		types := []period.Type{period.Daily, period.Yearly}
		if c == period.Gregorian || c == period.Nepali {
			types = append(types, period.Weekly, period.Monthly)
		}
		for _, typ := range types {
			start, err := s.On(typ, period.MustParse("20240101").First())
			if err != nil {
				continue // outside the table
			}
			for _, n := range []int{1 << 40, 3_660_000, -3_660_000, math.MinInt} {
				began := time.Now()
				_, err := s.Add(start, n)
				if round := c == period.Nepali && n < 0; (err == nil) != round {
					t.Errorf("%v: %v and %d steps: %v", c, start, n, err)
				}
				require.Less(t, time.Since(began), 5*time.Second)
			}
		}
	}
	nepali := compat.Server{Calendar: period.Nepali}
	year, err := nepali.Parse("200101")
	require.NoError(t, err)
	walked := year
	for n := 1; n < 100; n++ {
		walked, err = nepali.Add(walked, -1)
		require.NoError(t, err)
		at, err := nepali.Add(year, -n)
		require.NoError(t, err)
		require.Equal(t, walked, at, n)
	}
}

func TestParseTime(t *testing.T) {
	tests := []struct{ in, want string }{ // want is "" where an error is wanted
		{"20240229", "2024-02-29T00:00:00Z"},
		{"2024-2-9", "2024-02-09T00:00:00Z"},
		{"2024-02", "2024-02-01T00:00:00Z"},
		{"2024", "2024-01-01T00:00:00Z"},
		{"2024-02-29T13", "2024-02-29T13:00:00Z"},
		{"2024-02-29T13:30:15.123", "2024-02-29T13:30:15Z"},
		{"2024-02-29T13:30+0100", "2024-02-29T13:30:00+01:00"},
		{"2024-02-29T13:30:15.123456789Z", "2024-02-29T13:30:15Z"},
		{"2024-02-29T13:30:15.123456789", ""}, // the server reads nine digits only with an offset
		{"2024-02-29 13:30:15+01:00", "2024-02-29T13:30:15+01:00"},
		{"2024-02-29 13:30:15", ""},
		{"2024-02-30", ""},
		{"2024Q1", ""},
		{"", ""},
	}
	for _, tt := range tests {
		at, err := compat.ParseTime(tt.in)
		if got := at.Format(time.RFC3339); err == nil && got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ParseTime(%q) = %s, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func FuzzServer(f *testing.F) {
	for _, text := range []string{"20121305", "2012W1", "2012BiW27", "173613", "2021BiW27", "2024-1-1/P1M/", "20240101_2024-01-31_"} {
		f.Add(text, int32(18513), 5)
	}
	f.Fuzz(func(t *testing.T, text string, day int32, n int) {
		_, _, _ = compat.ParseRange(text)
		for _, c := range period.Calendars() {
			s := compat.Server{Calendar: c}
			if p, err := s.ParseISO(text); err == nil && p.ID == "" {
				t.Errorf("%v: %q is %#v", c, text, p)
			}
			p, err := s.ParseLenient(text)
			if err != nil {
				p, err = s.On(period.Type(uint8(n)), period.Date(day))
			}
			if err != nil {
				continue
			}
			if q, err := s.Add(p, n%100); err == nil && q.Type != p.Type {
				t.Errorf("%v: %v and %d steps are a %v", c, p, n%100, q.Type)
			}
			_, _ = s.Name(p)
			_, _ = s.Year(p.Type, p.First)
		}
	})
}

func Example() {
	pagume := period.DateOf(2020, time.September, 8) // that is 3 Pagume 2012
	p, err := compat.Server{Calendar: period.Ethiopian}.On(period.Quarterly, pagume)
	fmt.Println(p, err) // a quarter that has not begun yet
	fmt.Println(period.Ethiopian.On(period.Quarterly, pagume))
	// Output:
	// 2013Q1 <nil>
	// 2012Q4
}

func ExampleServer_Parse() {
	p, err := compat.Server{}.Parse("2021BiW27") // this year has only 26 bi-weeks
	fmt.Println(p, err)
	_, err = period.Parse("2021BiW27")
	fmt.Println(err)
	// Output:
	// 2022BiW1 <nil>
	// period: "2021BiW27": want bi-week 1 to 26 at offset 7
}

func ExampleServer_ParseISO() {
	var server compat.Server
	p, err := server.ParseISO("2024-01-15/P1M") // 15 January is not the first day of a month
	fmt.Println(p, err)
	// Output: 202401 <nil>
}

func ExampleServer_Relative() {
	nepal := compat.Server{Calendar: period.Nepali}
	list, err := nepal.Relative(period.ThisBiWeek, period.Clock{Today: period.DateOf(2023, time.December, 31)})
	fmt.Println(list, err) // the numbers are those of weeks, not of bi-weeks
	// Output: [2080BiW37] <nil>
}
