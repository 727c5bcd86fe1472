package period_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
)

// TestRelativeOn has the examples of RULES.md#relative-periods and
// RULES.md#local-relative-periods, and others.
func TestRelativeOn(t *testing.T) {
	tests := []struct {
		relative period.Relative
		clock    period.Clock
		want     string
	}{
		{period.Last3Months, period.Clock{Today: day("2024-02-29")}, "[202311 202312 202401]"},
		{period.LastBiMonth, period.Clock{Today: day("2024-02-29")}, "[202306B]"},
		{period.ThisFinancialYear, period.Clock{Today: day("2024-02-29")}, "[2023Oct]"},
		{period.ThisFinancialYear, period.Clock{Today: day("2024-02-29"), FinancialYear: period.FinancialJuly}, "[2023July]"},
		{period.LastMonth, period.Clock{Today: day("2024-03-31")}, "[202402]"},
		{period.LastBiMonth, period.Clock{Today: day("2024-03-31")}, "[202401B]"},
		{period.Last6BiMonths, period.Clock{Today: day("2024-03-31")}, "[202301B 202302B 202303B 202304B 202305B 202306B]"},
		{period.ThisWeek, period.Clock{Today: day("2021-01-03")}, "[2020W53]"},
		{period.ThisBiWeek, period.Clock{Today: day("2021-01-03")}, "[2020BiW27]"},
		{period.Last4BiWeeks, period.Clock{Today: day("2021-01-20")}, "[2020BiW24 2020BiW25 2020BiW26 2021BiW1]"},
		{period.ThisWeek, period.Clock{Today: day("2021-01-03"), Week: period.WeeklySunday}, "[2021SunW1]"},
		{period.Last10Years, period.Clock{Today: day("2024-02-29")}, "[2014 2015 2016 2017 2018 2019 2020 2021 2022 2023]"},
		{period.QuartersLastYear, period.Clock{Today: day("2024-02-29")}, "[2023Q1 2023Q2 2023Q3 2023Q4]"},
		{period.LastMonth, period.Clock{Today: day("2024-07-15"), Calendar: period.Nepali}, "[208102]"}, // DHIS2 would name this month: 15 June is 1 Asar
		{period.Last3Months, period.Clock{Today: day("2024-07-15"), Calendar: period.Nepali}, "[208012 208101 208102]"},
		{period.LastQuarter, period.Clock{Today: day("2024-07-15"), Calendar: period.Nepali}, "[2080Q4]"},
		{period.Last6BiMonths, period.Clock{Today: day("2024-01-01"), Calendar: period.Nepali}, "[207905B 207906B 208001B 208002B 208003B 208004B]"},
		{period.MonthsLastYear, period.Clock{Today: day("2045-01-01"), Calendar: period.Nepali}, "[]"},
		{period.QuartersLastYear, period.Clock{Today: day("2044-04-15"), Calendar: period.Nepali}, "[2099Q1 2099Q2 2099Q3 2099Q4]"},
		{period.QuartersLastYear, period.Clock{Today: day("1913-05-01"), Calendar: period.Nepali}, "[]"},     // the year before 1970 is outside the calendar
		{period.Yesterday, period.Clock{Today: day("2020-09-11"), Calendar: period.Ethiopian}, "[20121230]"}, // the day before Pagume, whose days have no period
		{period.LastMonth, period.Clock{Today: day("2020-09-11"), Calendar: period.Coptic}, "[173613]"},
		{period.ThisFinancialYear, period.Clock{Today: day("2024-07-15"), Calendar: period.Ethiopian, FinancialYear: period.FinancialNov}, "[2017Nov]"},
		{period.ThisFinancialYear, period.Clock{Today: day("2024-07-15"), FinancialYear: period.Monthly}, "[]"},
		{period.ThisWeek, period.Clock{Today: day("2024-07-15"), Week: period.BiWeekly}, "[]"},
		{period.ThisMonth, period.Clock{Today: day("2045-01-01"), Calendar: period.Nepali}, "[]"}, // this day is beyond the table
		{period.Last12Months, period.Clock{Today: day("1943-09-01"), Calendar: period.Persian}, "[]"},
		{"LAST_2_WEEKS", period.Clock{}, "[]"},
	}
	for _, tt := range tests {
		if got := show(tt.relative.On(tt.clock)); got != tt.want {
			t.Errorf("%s on %v in %v is %s, want %s", tt.relative, tt.clock.Today, tt.clock.Calendar, got, tt.want)
		}
	}
	year := period.WeeksThisYear.On(period.Clock{Today: day("2021-01-03")})
	require.Len(t, year, 52)
	require.Equal(t, "2021W1", year[0].String()) // a week of the calendar year 2021, although today is in 2020W53
}

// TestLastIsBeforeThis checks on every day and in every calendar that LAST_x is
// the period before THIS_x, and LAST_n_x the n periods before it. Two Gregorian
// lists follow DHIS2 instead: LAST_6_BIMONTHS may end one bi-month earlier, and
// LAST_4_BIWEEKS skips a 27th bi-week.
func TestLastIsBeforeThis(t *testing.T) {
	groups := []struct {
		this period.Relative
		last []period.Relative
	}{
		{period.Today, []period.Relative{period.Yesterday, period.Last3Days, period.Last180Days}},
		{period.ThisWeek, []period.Relative{period.LastWeek, period.Last4Weeks, period.Last52Weeks}},
		{period.ThisBiWeek, []period.Relative{period.LastBiWeek, period.Last4BiWeeks}},
		{period.ThisMonth, []period.Relative{period.LastMonth, period.Last3Months, period.Last6Months, period.Last12Months}},
		{period.ThisBiMonth, []period.Relative{period.LastBiMonth, period.Last6BiMonths}},
		{period.ThisQuarter, []period.Relative{period.LastQuarter, period.Last4Quarters}},
		{period.ThisSixMonth, []period.Relative{period.LastSixMonth, period.Last2SixMonths}},
		{period.ThisYear, []period.Relative{period.LastYear, period.Last5Years, period.Last10Years}},
		{period.ThisFinancialYear, []period.Relative{period.LastFinancialYear, period.Last5FinancialYears, period.Last10FinancialYears}},
	}
	years := [][2]int{{2019, 2026}}
	if long() {
		years = spans
	}
	for _, c := range period.Calendars() {
		t.Run(c.Name(), func(t *testing.T) {
			t.Parallel()
			for _, span := range years {
				for d := period.DateOf(span[0], 1, 1); d <= period.DateOf(span[1], 12, 31); d++ {
					clock := period.Clock{Today: d, Calendar: c}
					for _, g := range groups {
						this := g.this.On(clock)
						if len(this) == 0 {
							continue // a day in Pagume or outside the calendar
						}
						for _, r := range g.last {
							own := r == period.Last6BiMonths || r == period.Last4BiWeeks || r == period.LastBiWeek
							if own && c == period.Gregorian {
								continue
							}
							p := this[0]
							for _, q := range slices.Backward(r.On(clock)) {
								if p = p.Add(-1); p != q {
									t.Fatalf("%s on %v: %v, want %v", r, d, q, p)
								}
							}
						}
					}
				}
			}
		})
	}
}

func TestEveryRelative(t *testing.T) {
	all := period.Relatives()
	require.Len(t, all, 45)
	for _, c := range period.Calendars() {
		for _, r := range all {
			parsed, err := period.ParseRelative(string(r))
			require.NoError(t, err)
			require.Equal(t, r, parsed)
			list := r.On(period.Clock{Today: day("2020-06-15"), Calendar: c})
			require.NotEmpty(t, list, "%s in %v", r, c)
			for i := 1; i < len(list); i++ {
				if list[i-1].Compare(list[i]) >= 0 {
					t.Errorf("%s in %v: %v comes before %v", r, c, list[i-1], list[i])
				}
			}
		}
	}
	_, err := period.ParseRelative("last_month")
	require.EqualError(t, err, `period: "last_month": want a relative period such as LAST_12_MONTHS at offset 0`)
}

func TestRelativeLabel(t *testing.T) {
	tests := []struct {
		relative period.Relative
		want     string
	}{
		{period.Last3Days, "Last 3 days"},
		{period.ThisBiMonth, "This bi-month"},
		{period.LastSixMonth, "Last six-month"},
		{period.BiMonthsThisYear, "Bi-months this year"},
		{period.Last2SixMonths, "Last 2 six-months"},
		{period.Last4BiWeeks, "Last 4 bi-weeks"},
		{period.Today, "Today"},
		{period.Last10FinancialYears, "LAST_10_FINANCIAL_YEARS"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := tt.relative.Label(); got != tt.want {
			t.Errorf("%s is labelled %q, want %q", tt.relative, got, tt.want)
		}
	}
}

func TestClockAt(t *testing.T) {
	zone := time.FixedZone("Addis Ababa", 3*3600)
	clock := period.ClockAt(time.Date(2024, 2, 28, 22, 30, 0, 0, time.UTC).In(zone))
	require.Equal(t, "2024-02-29", clock.Today.String())
}

func TestYear(t *testing.T) {
	tests := []struct {
		typ  period.Type
		date string
		want string
	}{
		{period.Quarterly, "2024-05-01", "[2024Q1 2024Q2 2024Q3 2024Q4]"},
		{period.QuarterlyNov, "2024-05-01", "[2024NovQ1 2024NovQ2 2024NovQ3 2024NovQ4]"},
		{period.SixMonthly, "2024-05-01", "[2024S1 2024S2]"},
		{period.SixMonthlyApril, "2024-02-01", "[2023AprilS1 2023AprilS2]"},
		{period.Yearly, "2024-05-01", "[2019 2020 2021 2022 2023 2024 2025 2026 2027 2028 2029]"},
		{period.FinancialJuly, "9998-12-31", "[9993July 9994July 9995July 9996July 9997July 9998July 9999July]"},
	}
	for _, tt := range tests {
		if got := show(period.Gregorian.Year(tt.typ, day(tt.date))); got != tt.want {
			t.Errorf("the %v periods of the year of %s are %s, want %s", tt.typ, tt.date, got, tt.want)
		}
	}
	require.Len(t, period.Gregorian.Year(period.Daily, day("2024-05-01")), 366)
	require.Len(t, period.Gregorian.Year(period.BiWeekly, day("2020-05-01")), 27)
	require.Len(t, period.Ethiopian.Year(period.Daily, day("2020-09-08")), 360)
	require.Len(t, period.Coptic.Year(period.Daily, day("2020-05-01")), 365) // the days of Nasie are included
	require.Len(t, period.Coptic.Year(period.Daily, day("2019-05-01")), 366)
	require.Len(t, period.Coptic.Year(period.Monthly, day("2020-05-01")), 13)
	weeks := period.Ethiopian.Year(period.Weekly, day("2020-05-01"))
	require.Equal(t, "2012W1", weeks[0].String())
	require.Equal(t, "2012W53", weeks[len(weeks)-1].String())
	require.Empty(t, period.Nepali.Year(period.Monthly, day("1900-01-01")))
}

func TestYearToDate(t *testing.T) {
	tests := []struct{ id, want string }{
		{"202403", "[202401 202402 202403]"},
		{"2024W2", "[2024W1 2024W2]"},
		{"2024NovQ1", "[2023NovQ2 2023NovQ3 2023NovQ4 2024NovQ1]"}, // all of them start in 2023
		{"2024AprilS2", "[2024AprilS1 2024AprilS2]"},
		{"2024Oct", "[2024Oct]"},
	}
	for _, tt := range tests {
		if got := show(period.MustParse(tt.id).YearToDate()); got != tt.want {
			t.Errorf("the year to %s is %s, want %s", tt.id, got, tt.want)
		}
	}
	// 2020BiW1 starts on 30 December 2019 and 2020BiW27 on 28 December 2020.
	require.Len(t, period.MustParse("2020BiW27").YearToDate(), 27)
	require.Equal(t, 2020, period.MustParse("2020BiW1").ReportingYear())
}

// TestFarDates checks that no loop runs over the days outside a calendar, of
// which there are four billion.
func TestFarDates(t *testing.T) {
	const first, last = period.Date(math.MinInt32), period.Date(math.MaxInt32)
	for _, c := range period.Calendars() {
		for _, typ := range period.Types() {
			for _, d := range []period.Date{first, last} {
				require.True(t, c.On(typ, d).IsZero(), "%v %v", c, typ)
				require.Empty(t, c.Year(typ, d), "%v %v", c, typ)
				require.Empty(t, c.Between(typ, d, d), "%v %v", c, typ)
				for _, r := range period.Relatives() {
					require.Empty(t, r.On(period.Clock{Today: d, Calendar: c}))
				}
			}
			require.Empty(t, c.Between(typ, first, last), "%v %v", c, typ)
		}
	}
}

func TestRange(t *testing.T) {
	list := period.Range(period.MustParse("202311"), period.MustParse("202402"))
	require.Equal(t, "[202311 202312 202401 202402]", show(list))
	require.Equal(t, 4, cap(list))
	require.Empty(t, period.Range(period.MustParse("202402"), period.MustParse("202311")))
	require.Empty(t, period.Range(period.MustParse("202402"), period.MustParse("2024Q3")))
	long := period.Range(period.MustParse("2020BiW26"), period.MustParse("2021BiW2"))
	require.Equal(t, "[2020BiW26 2020BiW27 2021BiW1 2021BiW2]", show(long))
}
