package period_test

import (
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
)

func TestParse(t *testing.T) {
	tests := []struct {
		in, canonical string
		typ           period.Type
		first, last   string
	}{
		{"20240229", "20240229", period.Daily, "2024-02-29", "2024-02-29"},
		{"2024-02-29", "20240229", period.Daily, "2024-02-29", "2024-02-29"},
		{"2024W9", "2024W9", period.Weekly, "2024-02-26", "2024-03-03"},
		{"2024W09", "2024W9", period.Weekly, "2024-02-26", "2024-03-03"},
		{"2020W53", "2020W53", period.Weekly, "2020-12-28", "2021-01-03"}, // a week in two years
		{"2024WedW1", "2024WedW1", period.WeeklyWednesday, "2024-01-03", "2024-01-09"},
		{"2023ThuW53", "2023ThuW53", period.WeeklyThursday, "2023-12-28", "2024-01-03"},
		{"2024FriW1", "2024FriW1", period.WeeklyFriday, "2023-12-29", "2024-01-04"},
		{"2024SatW53", "2024SatW53", period.WeeklySaturday, "2024-12-28", "2025-01-03"},
		{"2020SunW53", "2020SunW53", period.WeeklySunday, "2020-12-27", "2021-01-02"},
		{"2024BiW2", "2024BiW2", period.BiWeekly, "2024-01-15", "2024-01-28"},
		{"2020BiW27", "2020BiW27", period.BiWeekly, "2020-12-28", "2021-01-10"}, // this one overlaps 2021BiW1
		{"2021BiW1", "2021BiW1", period.BiWeekly, "2021-01-04", "2021-01-17"},
		{"202402", "202402", period.Monthly, "2024-02-01", "2024-02-29"},
		{"2024-02", "202402", period.Monthly, "2024-02-01", "2024-02-29"},
		{"202402B", "202402B", period.BiMonthly, "2024-03-01", "2024-04-30"},
		{"2024Q1", "2024Q1", period.Quarterly, "2024-01-01", "2024-03-31"},
		{"2024NovQ1", "2024NovQ1", period.QuarterlyNov, "2023-11-01", "2024-01-31"}, // identified by the year in which it ends
		{"2024NovQ4", "2024NovQ4", period.QuarterlyNov, "2024-08-01", "2024-10-31"},
		{"2024S2", "2024S2", period.SixMonthly, "2024-07-01", "2024-12-31"},
		{"2024AprilS2", "2024AprilS2", period.SixMonthlyApril, "2024-10-01", "2025-03-31"},
		{"2024NovS1", "2024NovS1", period.SixMonthlyNov, "2023-11-01", "2024-04-30"},
		{"2024", "2024", period.Yearly, "2024-01-01", "2024-12-31"},
		{"2024Feb", "2024Feb", period.FinancialFeb, "2024-02-01", "2025-01-31"},
		{"2024April", "2024April", period.FinancialApril, "2024-04-01", "2025-03-31"},
		{"2024July", "2024July", period.FinancialJuly, "2024-07-01", "2025-06-30"},
		{"2024Aug", "2024Aug", period.FinancialAug, "2024-08-01", "2025-07-31"},
		{"2024Sep", "2024Sep", period.FinancialSep, "2024-09-01", "2025-08-31"},
		{"2024Oct", "2024Oct", period.FinancialOct, "2024-10-01", "2025-09-30"},
		{"2024Nov", "2024Nov", period.FinancialNov, "2023-11-01", "2024-10-31"}, // identified by the year in which it ends
		{"1583", "1583", period.Yearly, "1583-01-01", "1583-12-31"},
		{"9999Oct", "9999Oct", period.FinancialOct, "9999-10-01", "10000-09-30"},
	}
	for _, tt := range tests {
		p, err := period.Parse(tt.in)
		if err != nil || p.Type() != tt.typ || p.String() != tt.canonical {
			t.Errorf("Parse(%q) = %v, a %v, %v; want %v, a %v", tt.in, p, p.Type(), err, tt.canonical, tt.typ)
			continue
		}
		if p.First().String() != tt.first || p.Last().String() != tt.last {
			t.Errorf("%s is %v to %v, want %s to %s", tt.in, p.First(), p.Last(), tt.first, tt.last)
		}
	}
}

// These rows are in the calendars of ministries, with the years and months that
// they report in.
func TestParseLocal(t *testing.T) {
	tests := []struct {
		calendar    *period.Calendar
		id          string
		first, last string
	}{
		{period.Ethiopian, "201201", "2019-09-12", "2019-10-11"},  // the month Meskerem
		{period.Ethiopian, "201212", "2020-08-07", "2020-09-05"},  // the month Nehase
		{period.Ethiopian, "2012", "2019-09-12", "2020-09-05"},    // the year ends before Pagume
		{period.Ethiopian, "2013Nov", "2020-07-08", "2021-07-07"}, // the fiscal year, from Hamle to Sene
		{period.Ethiopian, "2013NovQ1", "2020-07-08", "2020-10-10"},
		{period.Ethiopian, "2012AprilS2", "2020-06-08", "2020-12-09"}, // this half includes Pagume
		{period.Ethiopian, "20120230", "2019-11-10", "2019-11-10"},
		{period.Ethiopian, "2013W1", "2020-09-14", "2020-09-20"},
		{period.Nepali, "207601", "2019-04-14", "2019-05-14"},
		{period.Nepali, "2076", "2019-04-14", "2020-04-12"},
		{period.Nepali, "2076April", "2019-07-17", "2020-07-15"}, // the fiscal year, from Shrawan to Asar
		{period.Nepali, "20760232", "2019-06-15", "2019-06-15"},  // the month Jestha has 32 days
		{period.Nepali, "2076W1", "2019-04-15", "2019-04-21"},
		{period.Persian, "139501", "2016-03-20", "2016-04-19"},
		{period.Islamic, "143806", "2017-02-28", "2017-03-28"},
		{period.Thai, "255801", "2015-01-01", "2015-01-31"},
		{period.Julian, "201501", "2015-01-14", "2015-02-13"},
		{period.Coptic, "173612", "2020-08-07", "2020-09-05"},
		{period.Coptic, "173613", "2020-09-06", "2020-09-10"}, // the month Nasie
	}
	for _, tt := range tests {
		p, err := tt.calendar.Parse(tt.id)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.First().String() != tt.first || p.Last().String() != tt.last || p.String() != tt.id {
			t.Errorf("%v %s is %v, %v to %v; want %s to %s", tt.calendar, tt.id, p, p.First(), p.Last(), tt.first, tt.last)
		}
		if p.Calendar() != tt.calendar {
			t.Errorf("%s is of the calendar %v, want %v", tt.id, p.Calendar(), tt.calendar)
		}
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct {
		in   string
		want string
		typ  period.Type // typ is 0 if the text has the form of no type
	}{
		{"", `period: "": want a year of four digits at offset 0`, 0},
		{"202", `period: "202": want a year of four digits at offset 3`, 0},
		{" 2024", `period: " 2024": want a year of four digits at offset 0`, 0},
		{"-2024", `period: "-2024": want a year of four digits at offset 0`, 0},
		{"２０２４", `period: "２０２４": want a year of four digits at offset 0`, 0},
		{"2024 ", `period: "2024 ": want the letters of a period type at offset 4`, 0},
		{"12345", `period: "12345": want a second digit at offset 5`, 0},
		{"2024060", `period: "2024060": want a second digit at offset 7`, 0},
		{"202401011", `period: "202401011": want the end at offset 8`, 0},
		{"202401b", `period: "202401b": want the end, B or a day of two digits at offset 6`, 0},
		{"202401BB", `period: "202401BB": want the end at offset 7`, 0},
		{"2024-1", `period: "2024-1": want a month of two digits at offset 5`, 0},
		{"2024-01-", `period: "2024-01-": want a day of two digits at offset 8`, 0},
		{"2024-01/01", `period: "2024-01/01": want the end or a dash at offset 7`, 0},
		{"2024-01-01T00", `period: "2024-01-01T00": want the end at offset 10`, 0},
		{"2024/01", `period: "2024/01": want the letters of a period type at offset 4`, 0},
		{"2024W", `period: "2024W": want a digit at offset 5`, 0},
		{"2024W100", `period: "2024W100": want the end at offset 7`, 0},
		{"2024w1", `period: "2024w1": want the letters of a period type at offset 4`, 0},
		{"2024TueW1", `period: "2024TueW1": want the letters of a period type at offset 4`, 0},
		{"2024Q", `period: "2024Q": want a digit at offset 5`, 0},
		{"2024Q01", `period: "2024Q01": want the end at offset 6`, 0},
		{"2024AprilQ1", `period: "2024AprilQ1": want the letters of a period type at offset 4`, 0},
		{"2024Nov1", `period: "2024Nov1": want the end at offset 7`, 0},
		{"LAST_MONTH", `period: "LAST_MONTH": want a year of four digits at offset 0`, 0},
		{"20242025", `period: "20242025": want month 1 to 12 at offset 4`, period.Daily}, // it has the form of a day, not of two years
		{"20230229", `period: "20230229": want day 1 to 28 at offset 6`, period.Daily},
		{"2024-04-31", `period: "2024-04-31": want day 1 to 30 at offset 8`, period.Daily},
		{"202413", `period: "202413": want month 1 to 12 at offset 4`, period.Monthly},
		{"2024-00", `period: "2024-00": want month 1 to 12 at offset 5`, period.Monthly},
		{"202407B", `period: "202407B": want two-month number 1 to 6 at offset 4`, period.BiMonthly},
		{"2024Q5", `period: "2024Q5": want quarter 1 to 4 at offset 5`, period.Quarterly},
		{"2024NovQ0", `period: "2024NovQ0": want quarter 1 to 4 at offset 8`, period.QuarterlyNov},
		{"2024S3", `period: "2024S3": want half 1 to 2 at offset 5`, period.SixMonthly},
		{"2024W0", `period: "2024W0": want week 1 to 52 at offset 5`, period.Weekly},
		{"2024W53", `period: "2024W53": want week 1 to 52 at offset 5`, period.Weekly},
		{"2020WedW53", `period: "2020WedW53": want week 1 to 52 at offset 8`, period.WeeklyWednesday},
		{"2024FriW54", `period: "2024FriW54": want week 1 to 53 at offset 8`, period.WeeklyFriday},
		{"2024BiW27", `period: "2024BiW27": want bi-week 1 to 26 at offset 7`, period.BiWeekly},
		{"2021BiW27", `period: "2021BiW27": want bi-week 1 to 26 at offset 7`, period.BiWeekly}, // DHIS2 reads this as 2022BiW1
		{"1582", `period: "1582": want year 1583 to 9999 at offset 0`, period.Yearly},
		{"0001W1", `period: "0001W1": want year 1583 to 9999 at offset 0`, period.Weekly},
	}
	for _, tt := range tests {
		p, err := period.Parse(tt.in)
		bad, ok := errors.AsType[*period.ParseError](err)
		if !ok {
			t.Errorf("Parse(%q) = %v, %v; want an error", tt.in, p, err)
			continue
		}
		if err.Error() != tt.want || bad.Type != tt.typ || bad.Input != tt.in {
			t.Errorf("Parse(%q):\n got %v, a %v\nwant %v, a %v", tt.in, err, bad.Type, tt.want, tt.typ)
		}
		if !p.IsZero() {
			t.Errorf("Parse(%q) = %v with an error", tt.in, p)
		}
	}
	_, err := period.Parse(strings.Repeat("9", 1000))
	require.Less(t, len(err.Error()), 150, "a long input must not be quoted whole")
}

func TestParseLocalErrors(t *testing.T) {
	tests := []struct {
		calendar *period.Calendar
		id, want string
	}{
		{period.Ethiopian, "20121305", `period: "20121305": want month 1 to 12 at offset 4`}, // DHIS2 has no such day
		{period.Ethiopian, "20120131", `period: "20120131": want day 1 to 30 at offset 6`},
		{period.Ethiopian, "201213", `period: "201213": want month 1 to 12 at offset 4`},
		{period.Nepali, "20760132", `period: "20760132": want day 1 to 31 at offset 6`}, // DHIS2 counts on into the next month
		{period.Nepali, "1969", `period: "1969": want year 1970 to 2100 at offset 0`},
		{period.Nepali, "2100April", `period: "2100April": want a period that the calendar's table covers at offset 9`},
		{period.Nepali, "1970NovQ1", `period: "1970NovQ1": want a period that the calendar's table covers at offset 8`},
		{period.Persian, "1420", `period: "1420": want year 1353 to 1419 at offset 0`},
		{period.Persian, "13960131B", `period: "13960131B": want the end at offset 8`},
		{period.Coptic, "17341306", `period: "17341306": want day 1 to 5 at offset 6`},
		{period.Coptic, "173407B", `period: "173407B": want two-month number 1 to 6 at offset 4`},
		{period.Islamic, "0990", `period: "0990": want year 991 to 9665 at offset 0`},
		{period.Islamic, "1447BiW26", `period: "1447BiW26": want bi-week 1 to 25 at offset 7`},
		{period.Nepali, "2100W52", `period: "2100W52": want a period that the calendar's table covers at offset 5`},
		{period.Islamic, "1445W52", `period: "1445W52": want week 1 to 51 at offset 5`},
	}
	for _, tt := range tests {
		_, err := tt.calendar.Parse(tt.id)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%v:\n got %v\nwant %s", tt.calendar, err, tt.want)
		}
	}
}

func TestMustParsePanics(t *testing.T) {
	require.PanicsWithError(t, `period: "2024Q5": want quarter 1 to 4 at offset 5`, func() { period.MustParse("2024Q5") })
}

func TestAdd(t *testing.T) {
	tests := []struct {
		calendar *period.Calendar
		id       string
		n        int
		want     string
	}{
		{nil, "20240228", 2, "20240301"},
		{nil, "2020W53", 1, "2021W1"},
		{nil, "2020BiW26", 1, "2020BiW27"},
		{nil, "2020BiW27", 1, "2021BiW1"},
		{nil, "2021BiW1", -1, "2020BiW26"}, // not the 27th, since two weeks earlier is in the 26th
		{nil, "2020BiW1", 27, "2021BiW1"},
		{nil, "2021BiW1", -26, "2020BiW1"},
		{nil, "202401", -1, "202312"},
		{nil, "202406B", 1, "202501B"},
		{nil, "2024NovQ1", -1, "2023NovQ4"},
		{nil, "2024AprilS2", 1, "2025AprilS1"},
		{nil, "9999", 1, ""}, // outside the years of the calendar
		{nil, "1583", -1, ""},
		{nil, "2024", 1 << 40, ""},
		{nil, "2024", 1 << 61, ""}, // 12 times this number overflows to 0
		{nil, "2024", math.MinInt, ""},
		{nil, "2024W1", -1 << 40, ""},
		{period.Ethiopian, "20121230", 1, "20130101"}, // the step skips Pagume
		{period.Ethiopian, "20130101", -1, "20121230"},
		{period.Coptic, "17351306", 1, "17360101"},
		{period.Coptic, "173601", -1, "173513"},
		{period.Nepali, "210012", 1, ""},
		{period.Persian, "1353", -1, ""},
	}
	for _, tt := range tests {
		p, err := tt.calendar.Parse(tt.id)
		require.NoError(t, err)
		if got := p.Add(tt.n).String(); got != tt.want {
			t.Errorf("%s.Add(%d) = %q, want %q", tt.id, tt.n, got, tt.want)
		}
	}
}

// TestIn has the examples of RULES.md#roll-up, and others.
func TestIn(t *testing.T) {
	tests := []struct {
		id   string
		typ  period.Type
		want string // want is "" if there is no such period
	}{
		{"2024W5", period.Monthly, "202402"}, // 29 January to 4 February
		{"2024W5", period.BiMonthly, "202401B"},
		{"2024W5", period.QuarterlyNov, "2024NovQ2"},
		{"2024W5", period.BiWeekly, "2024BiW3"},
		{"2024W1", period.Monthly, "202401"},
		{"2020W53", period.Yearly, "2020"},
		{"2021WedW1", period.Monthly, "202101"},
		{"2020BiW27", period.Yearly, "2020"}, // bi-weeks count where their first day is
		{"2024BiW3", period.Monthly, "202401"},
		{"202406B", period.QuarterlyNov, "2025NovQ1"},
		{"2024NovS1", period.Yearly, "2023"}, // the year in which it starts
		{"2024Q1", period.FinancialApril, "2023April"},
		{"2024Q1", period.Quarterly, "2024Q1"},
		{"2024W1", period.WeeklySunday, ""},
		{"2024Q1", period.QuarterlyNov, ""},
		{"2024", period.FinancialApril, ""},
		{"2024", period.Monthly, ""},
		{"2024", 0, ""},
		{"2024", 24, ""},
	}
	for _, tt := range tests {
		p, ok := period.MustParse(tt.id).In(tt.typ)
		if p.String() != tt.want || ok != (tt.want != "") {
			t.Errorf("%s counts in %q of %v, %v; want %q", tt.id, p, tt.typ, ok, tt.want)
		}
	}
	if p, ok := (period.Period{}).In(0); ok || !p.IsZero() {
		t.Errorf("the zero Period counts in %v, %v", p, ok)
	}
}

// Pagume, the days after the month Nehase, counts in the year that it ends.
func TestPagume(t *testing.T) {
	const pagume = "2020-09-08" // 3 Pagume 2012
	want := map[period.Type]string{
		period.Daily:           "", // DHIS2 has no identifier for such a day
		period.Weekly:          "2012W53",
		period.Monthly:         "201212",
		period.BiMonthly:       "201206B",
		period.Quarterly:       "2012Q4",
		period.QuarterlyNov:    "2013NovQ1",
		period.SixMonthly:      "2012S2",
		period.SixMonthlyApril: "2012AprilS2",
		period.SixMonthlyNov:   "2013NovS1",
		period.Yearly:          "2012",
		period.FinancialFeb:    "2012Feb",
		period.FinancialOct:    "2012Oct",
		period.FinancialNov:    "2013Nov",
	}
	for typ, id := range want {
		if got := period.Ethiopian.On(typ, day(pagume)); got.String() != id {
			t.Errorf("3 Pagume 2012 is in %v %q, want %q", typ, got, id)
		}
	}
	clock := period.Clock{Today: day(pagume), Calendar: period.Ethiopian}
	lists := []struct {
		relative period.Relative
		want     string
	}{
		{period.Today, "[]"},
		{period.Last3Days, "[20121228 20121229 20121230]"},
		{period.ThisMonth, "[201212]"},
		{period.LastMonth, "[201211]"}, // the month before, since Pagume counts in Nehase
		{period.ThisQuarter, "[2012Q4]"},
		{period.ThisYear, "[2012]"},
	}
	for _, tt := range lists {
		if got := show(tt.relative.On(clock)); got != tt.want {
			t.Errorf("%s on 3 Pagume is %s, want %s", tt.relative, got, tt.want)
		}
	}
	days := period.Ethiopian.Between(period.Daily, day("2020-09-04"), day("2020-09-13"))
	require.Equal(t, "[20121229 20121230 20130101 20130102]", show(days))
	days = period.Ethiopian.Between(period.Daily, day("2020-09-08"), day("2020-09-10"))
	require.Empty(t, days)
	week, err := period.Ethiopian.Parse("2012W53") // 7 to 13 September
	require.NoError(t, err)
	require.Equal(t, "[20130101 20130102 20130103]", show(week.Split(period.Daily)))
}

func TestZero(t *testing.T) {
	var zero period.Period
	require.True(t, zero.IsZero())
	require.False(t, period.MustParse("1970").IsZero())
	require.Equal(t, "", zero.String()+zero.Name()+zero.ShortName()+zero.ISO())
	require.Zero(t, zero.First())
	require.Zero(t, zero.Last())
	require.Zero(t, zero.Days())
	require.Zero(t, zero.ReportingYear())
	require.True(t, zero.Add(1).IsZero())
	require.Empty(t, zero.Split(period.Daily))
	require.Empty(t, zero.Split(0))
	require.Empty(t, zero.YearToDate())
	require.Empty(t, period.Range(zero, zero))
	require.False(t, zero.Contains(zero))
	require.False(t, zero.ContainsDate(0))
	require.Equal(t, -1, zero.Compare(period.MustParse("1583")))
	require.Equal(t, 1, period.MustParse("1583").Compare(zero))
	require.True(t, period.Type(0).On(0).IsZero())
	require.True(t, period.Type(99).On(0).IsZero())
	require.Empty(t, period.MustParse("2024").Split(99))
	require.Empty(t, period.Gregorian.Year(99, 0))
	require.Empty(t, period.Gregorian.Year(0, 0))
}

func TestSortIsByFirstDayThenLength(t *testing.T) {
	var list []period.Period
	for _, id := range []string{"202402", "2024Q1", "2024W1", "20240101", "2023Oct", "2024", "202401", "2024S1"} {
		list = append(list, period.MustParse(id))
	}
	slices.SortFunc(list, period.Period.Compare)
	require.Equal(t, "[2023Oct 2024 2024S1 2024Q1 202401 2024W1 20240101 202402]", show(list))
}

func TestTextIsTheIdentifier(t *testing.T) {
	type report struct {
		Period period.Period
		Type   period.Type
		Day    period.Date
		Counts map[period.Period]int
	}
	want := report{
		Period: period.MustParse("2024Q1"),
		Type:   period.Quarterly,
		Day:    period.DateOf(2024, 2, 29),
		Counts: map[period.Period]int{period.MustParse("202401"): 3},
	}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	require.Equal(t, `{"Period":"2024Q1","Type":"Quarterly","Day":"2024-02-29","Counts":{"202401":3}}`, string(text))
	var got report
	require.NoError(t, json.Unmarshal(text, &got))
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b period.Period) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	require.NoError(t, json.Unmarshal([]byte(`{"Period":"","Type":""}`), &got))
	require.True(t, got.Period.IsZero())
	require.Zero(t, got.Type)
	require.EqualError(t, json.Unmarshal([]byte(`{"Period":"2024Q7"}`), &got), `period: "2024Q7": want quarter 1 to 4 at offset 5`)
	require.EqualError(t, json.Unmarshal([]byte(`{"Type":"TwoYearly"}`), &got), `period: "TwoYearly": want a period type such as "Monthly" at offset 0`)
	require.EqualError(t, json.Unmarshal([]byte(`{"Day":"2024-2-29"}`), &got), `period: "2024-2-29": want a month of two digits at offset 5`)
}

// Reading, rolling up and writing a period must not allocate.
func TestAllocations(t *testing.T) {
	d, text := period.DateOf(2024, 2, 29), []byte("2024SatW9")
	p, buf := period.MustParse("2024W9"), make([]byte, 0, 32)
	tests := []struct {
		name string
		f    func()
	}{
		{"Parse", func() { sinkPeriod, _ = period.Parse("2024AprilS1") }},
		{"Calendar.Parse", func() { sinkPeriod, _ = period.Ethiopian.Parse("20160601") }},
		{"UnmarshalText", func() { _ = sinkPeriod.UnmarshalText(text) }},
		{"ParseISO", func() { sinkPeriod, _ = period.ParseISO("2024-01-01/P3M") }},
		{"On", func() { sinkPeriod = period.BiWeekly.On(d) }},
		{"Calendar.On", func() { sinkPeriod = period.Nepali.On(period.Quarterly, d) }},
		{"Add", func() { sinkPeriod = p.Add(-3) }},
		{"In", func() { sinkPeriod, sinkBool = p.In(period.Quarterly) }},
		{"First and Last", func() { sinkInt = int(p.First() + p.Last()) }},
		{"Compare", func() { sinkInt = p.Compare(sinkPeriod) }},
		{"AppendText", func() { sinkBytes, _ = p.AppendText(buf) }},
	}
	for _, tt := range tests {
		if n := testing.AllocsPerRun(100, tt.f); n != 0 {
			t.Errorf("%s allocates %v times", tt.name, n)
		}
	}
}

// A bad input may be very long. Its error holds it once and quotes only its
// beginning.
func TestHugeInput(t *testing.T) {
	const size = 1 << 20
	var p period.Period
	var d period.Date
	var typ period.Type
	for _, start := range []string{"", "2024", "2024W1", "202401", "2024-01-01", "2024-01-01/P1M", "20240101_2024", "LAST_MONTH"} {
		text := start + strings.Repeat("x", size)
		bytes := []byte(text)
		tests := []struct {
			name string
			f    func() error
		}{
			{"Parse", func() error { _, err := period.Parse(text); return err }},
			{"ParseISO", func() error { _, err := period.ParseISO(text); return err }},
			{"ParseDate", func() error { _, err := period.ParseDate(text); return err }},
			{"ParseRange", func() error { _, _, err := period.ParseRange(text); return err }},
			{"ParseType", func() error { _, err := period.ParseType(text); return err }},
			{"ParseRelative", func() error { _, err := period.ParseRelative(text); return err }},
			{"Period.UnmarshalText", func() error { return p.UnmarshalText(bytes) }},
			{"Date.UnmarshalText", func() error { return d.UnmarshalText(bytes) }},
			{"Type.UnmarshalText", func() error { return typ.UnmarshalText(bytes) }},
			{"Period.Scan", func() error { return p.Scan(text) }},
			{"Date.Scan", func() error { return d.Scan(text) }},
		}
		for _, tt := range tests {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := tt.f()
			runtime.ReadMemStats(&after)
			require.Error(t, err, "%s of %s...", tt.name, start)
			require.Less(t, len(err.Error()), 200, "%s of %s...", tt.name, start)
			if n := after.TotalAlloc - before.TotalAlloc; n > size+size/4 {
				t.Errorf("%s of %d bytes that start with %q allocates %d bytes", tt.name, len(text), start, n)
			}
		}
	}
}

// Calendars and periods can be shared between goroutines. Run this test with
// -race.
func TestSharing(t *testing.T) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, c := range period.Calendars() {
				p := c.On(period.Monthly, period.DateOf(2024, 2, 29))
				for _, r := range period.Relatives() {
					r.On(period.Clock{Today: p.First(), Calendar: c})
				}
				_, _ = p.Name(), p.Split(period.Weekly)
			}
		})
	}
	group.Wait()
}
