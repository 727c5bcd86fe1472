package period_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
)

var (
	_ encoding.TextMarshaler   = period.Period{}
	_ encoding.TextAppender    = period.Period{}
	_ encoding.TextUnmarshaler = new(period.Period)
	_ fmt.Stringer             = period.Period{}
	_ driver.Valuer            = period.Period{}
	_ sql.Scanner              = new(period.Period)
	_ encoding.TextMarshaler   = period.Date(0)
	_ encoding.TextAppender    = period.Date(0)
	_ encoding.TextUnmarshaler = new(period.Date)
	_ driver.Valuer            = period.Date(0)
	_ sql.Scanner              = new(period.Date)
	_ encoding.TextMarshaler   = period.Type(0)
	_ encoding.TextUnmarshaler = new(period.Type)
)

func TestDateOf(t *testing.T) {
	tests := []struct {
		year  int
		month time.Month
		day   int
		want  string
	}{
		{1970, 1, 1, "1970-01-01"},
		{2024, 2, 29, "2024-02-29"},
		{2024, 3, 0, "2024-02-29"},  // day 0 is the last day of the month before
		{2023, 14, 1, "2024-02-01"}, // month 14 is February of the next year
		{2024, -1, 31, "2023-12-01"},
		{1, 1, 1, "0001-01-01"},
		{0, 2, 29, "0000-02-29"},
		{-1, 12, 31, "-0001-12-31"},
		{10000, 1, 1, "10000-01-01"},
	}
	for _, tt := range tests {
		if got := period.DateOf(tt.year, tt.month, tt.day).String(); got != tt.want {
			t.Errorf("DateOf(%d, %d, %d) = %s, want %s", tt.year, tt.month, tt.day, got, tt.want)
		}
	}
	require.Zero(t, period.DateOf(1970, 1, 1))
}

func TestParseDate(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2024-02-29", "2024-02-29"},
		{"0001-01-01", "0001-01-01"},
		{"", `period: "": want a year of four digits at offset 0`},
		{"2024", `period: "2024": want a dash at offset 4`},
		{"20240229", `period: "20240229": want a dash at offset 4`},
		{"2024-2-29", `period: "2024-2-29": want a month of two digits at offset 5`},
		{"2024-02", `period: "2024-02": want a dash at offset 7`},
		{"2024-02-9", `period: "2024-02-9": want a day of two digits at offset 8`},
		{"2024-02-29T00:00", `period: "2024-02-29T00:00": want the end at offset 10`},
		{"2024-13-01", `period: "2024-13-01": want month 1 to 12 at offset 5`},
		{"2023-02-29", `period: "2023-02-29": want day 1 to 28 at offset 8`},
	}
	for _, tt := range tests {
		d, err := period.ParseDate(tt.in)
		got := d.String()
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("ParseDate(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestParseRange(t *testing.T) {
	tests := []struct{ in, want string }{
		{"20240101_20240131", "2024-01-01 2024-01-31"},
		{"2024-01-01_20240131", "2024-01-01 2024-01-31"},
		{"20240131_2024-01-01", "2024-01-31 2024-01-01"}, // the later day stays first
		{"20240101", `period: "20240101": want an underscore at offset 8`},
		{"20240101_", `period: "20240101_": want a year of four digits at offset 9`},
		{"20240101_20240131_", `period: "20240101_20240131_": want the end at offset 17`}, // DHIS2 reads this one
		{"20240101_20240131_20240201", `period: "20240101_20240131_20240201": want the end at offset 17`},
		{"2024-01-01_2024-1-31", `period: "2024-01-01_2024-1-31": want a month of two digits at offset 16`},
		{"2024-01-01 _2024-01-31", `period: "2024-01-01 _2024-01-31": want an underscore at offset 10`},
		{"20240101_20240230", `period: "20240101_20240230": want day 1 to 29 at offset 15`},
		{"2024Q1_2024Q2", `period: "2024Q1_2024Q2": want a month of two digits at offset 4`},
		{"202401_202402", `period: "202401_202402": want a day of two digits at offset 6`},
	}
	for _, tt := range tests {
		first, last, err := period.ParseRange(tt.in)
		got := show(first, last)
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("ParseRange(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestParseISO(t *testing.T) {
	tests := []struct{ in, want, snapped string }{ // a result is "" where an error is wanted
		{"2024-01-01/P1M", "202401", "202401"},
		{"2024-01-15/P1M", "", "202401"},
		{"2024-02-01/P3M", "2024NovQ2", "2024Q1"}, // DHIS2 reads no November quarter from an interval
		{"2023-11-01/P3M", "2024NovQ1", "2023Q4"},
		{"2024-03-01/P3M", "", "2024Q1"},
		{"2024-02-01/P2M", "", "202401B"},
		{"2024-01-15/P14D", "2024BiW2", "2024BiW2"},
		{"2024-01-18/P14D", "", "2024BiW2"},
		{"2020-12-28/P14D", "2020BiW27", "2020BiW27"},
		{"2024-01-01/P7D", "2024W1", "2024W1"},
		{"2024-01-02/P7D", "", ""}, // no week starts on Tuesday
		{"2024-01-03/P7D", "2024WedW1", "2024WedW1"},
		{"2023-11-19/P6M", "", "2024NovS1"},
		{"2024-02-01/P6M", "", ""},
		{"2024-11-01/P1Y", "2025Nov", "2025Nov"},
		{"2024-03-01/P1Y", "", ""},
		{"2024-01-01/P12M", "2024", ""}, // the same length in another spelling; only ParseISO reads it
		{"2024-01-01/P1W", "2024W1", ""},
		{"2024-01-01/P2W", "2024BiW1", ""},
		{"2024-01-01/P2Y", "", ""},
		{"2024-01-01/p1m", "", ""},
		{"2024-01-01/P1M/", "", ""},
		{"2024-1-1/P1M", "", ""},
		{"2024-01-01", "", ""},
		{"20240101/P1M", "", ""},
		{"2024-01-01T00:00:00/P1M", "", ""},
		{"2024-02-30/P1D", "", ""},
		{"1500-01-01/P1M", "", ""},
	}
	for _, tt := range tests {
		if p, err := period.ParseISO(tt.in); p.String() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ParseISO(%q) = %v, %v; want %q", tt.in, p, err, tt.want)
		}
		if p, err := period.Gregorian.SnapISO(tt.in); p.String() != tt.snapped || (err == nil) != (tt.snapped != "") {
			t.Errorf("SnapISO(%q) = %v, %v; want %q", tt.in, p, err, tt.snapped)
		}
	}
	_, err := period.ParseISO("2024-01-15/P1M")
	require.EqualError(t, err, `period: "2024-01-15/P1M": want the first day of a period of P1M at offset 0`)
	_, err = period.ParseISO("2024-01-15/P4M")
	require.EqualError(t, err, `period: "2024-01-15/P4M": want one of P1D P7D P14D P1M P2M P3M P6M P1Y at offset 11`)
	_, err = period.Gregorian.SnapISO("2024-01-02/P7D")
	require.EqualError(t, err, `period: "2024-01-02/P7D": want a day on which periods of P7D begin at offset 0`)

	// Here an Ethiopian year reads back; on a server it does not.
	year, err := period.Ethiopian.Parse("2012")
	require.NoError(t, err)
	require.Equal(t, "2019-09-12/P1Y", year.ISO())
	back, err := period.Ethiopian.ParseISO(year.ISO())
	require.NoError(t, err)
	require.Equal(t, year, back)
}

func TestCalendarDate(t *testing.T) {
	tests := []struct {
		calendar         *period.Calendar
		year, month, day int
		want             string
	}{
		{nil, 2024, 2, 29, "2024-02-29"},
		{period.Ethiopian, 2012, 13, 3, "2020-09-08"}, // the days of Pagume are month 13
		{period.Nepali, 2000, 1, 1, "1943-04-14"},
		{period.Nepali, 1985, 1, 1, "1928-04-13"}, // DHIS2 takes this for the year 2000
		{period.Julian, 2000, 1, 1, "2000-01-14"},
		{period.Gregorian, 2023, 2, 29, `period: "2023-02-29": want day 1 to 28 at offset 8`},
		{period.Ethiopian, 2012, 13, 6, `period: "2012-13-06": want day 1 to 5 at offset 8`},
		{period.Ethiopian, 2012, 14, 1, `period: "2012-14-01": want month 1 to 13 at offset 5`},
		{period.Nepali, 2101, 1, 1, `period: "2101-01-01": want year 1970 to 2100 at offset 0`},
		{period.Persian, 1352, 12, 1, `period: "1352-12-01": want year 1353 to 1419 at offset 0`},
		{period.Gregorian, 1, 1, 1, "0001-01-01"}, // the first and last years of the calendar
		{period.Gregorian, 10000, 12, 31, "10000-12-31"},
		{period.Gregorian, 10001, 1, 1, `period: "10001-01-01": want year 1 to 10000 at offset 0`},
		{period.Nepali, 1970, 1, 1, "1913-04-13"},
		{period.Nepali, 1969, 12, 1, `period: "1969-12-01": want year 1970 to 2100 at offset 0`},
		{period.Nepali, 2100, 12, 30, "2044-04-15"},
		{period.Persian, 1353, 1, 1, "1974-03-21"},
		{period.Persian, 1419, 12, 29, "2041-03-19"},
		{period.Persian, 1420, 1, 1, `period: "1420-01-01": want year 1353 to 1419 at offset 0`},
		{period.Islamic, 0, 1, 1, `period: "0000-01-01": want year 1 to 10000 at offset 0`},
		{period.Islamic, 1445, -7, 111, `period: "1445--7-111": want month 1 to 12 at offset 5`},
	}
	for _, tt := range tests {
		d, err := tt.calendar.Date(tt.year, tt.month, tt.day)
		got := d.String()
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%v.Date(%d, %d, %d) = %s, want %s", tt.calendar, tt.year, tt.month, tt.day, got, tt.want)
		}
	}
}

func TestCalendarByName(t *testing.T) {
	require.Len(t, period.Calendars(), 8)
	for _, c := range period.Calendars() {
		found, ok := period.CalendarByName(c.Name())
		require.True(t, ok)
		require.Same(t, c, found)
	}
	iso, ok := period.CalendarByName("iso8601")
	require.True(t, ok)
	require.Same(t, period.Gregorian, iso)
	_, ok = period.CalendarByName("mayan")
	require.False(t, ok)
	require.Equal(t, "gregorian", (*period.Calendar)(nil).Name())
	require.Equal(t, "Pagume", period.Ethiopian.MonthName(13))
	require.Equal(t, "", period.Gregorian.MonthName(13)+period.Gregorian.MonthName(0)+period.Nepali.WeekdayName(7)+period.Nepali.ShortWeekdayName(-1))
}

func TestTypes(t *testing.T) {
	require.Len(t, period.Types(), 23)
	for _, typ := range period.Types() {
		parsed, err := period.ParseType(typ.String())
		require.NoError(t, err)
		require.Equal(t, typ, parsed)
		require.NotEmpty(t, typ.Label())
	}
	_, err := period.ParseType("monthly")
	require.EqualError(t, err, `period: "monthly": want a period type such as "Monthly" at offset 0`)
	require.Equal(t, "Financial October", period.FinancialOct.Label())
	require.Equal(t, "WeeklyFriday", period.WeeklyFriday.Label()) // DHIS2 has no label for this type
	none := period.Type(77)
	require.Equal(t, "", none.String()+none.Label()+none.Format()+none.Duration())
	require.Zero(t, none.Frequency())
}

func TestSQL(t *testing.T) {
	var p period.Period
	require.NoError(t, p.Scan("2024Q1"))
	require.Equal(t, period.MustParse("2024Q1"), p)
	require.NoError(t, p.Scan([]byte("202402")))
	v, err := p.Value()
	require.NoError(t, err)
	require.Equal(t, "202402", v)
	require.EqualError(t, p.Scan("2024Q9"), `period: "2024Q9": want quarter 1 to 4 at offset 5`)
	require.EqualError(t, p.Scan(7), "period: cannot read a period from int: want text or NULL")
	require.Equal(t, "202402", p.String(), "a failed Scan must leave the period alone")
	require.NoError(t, p.Scan(nil))
	require.True(t, p.IsZero())
	v, err = p.Value()
	require.NoError(t, err)
	require.Nil(t, v)

	var d period.Date
	require.NoError(t, d.Scan(time.Date(2024, 2, 29, 0, 0, 0, 0, time.FixedZone("", 5*3600))))
	require.Equal(t, "2024-02-29", d.String())
	require.NoError(t, d.Scan("2024-03-01"))
	require.NoError(t, d.Scan([]byte("2024-03-02")))
	v, err = d.Value()
	require.NoError(t, err)
	require.Equal(t, "2024-03-02", v)
	require.NoError(t, d.Scan(v), "what is stored as text reads back")
	require.Equal(t, "2024-03-02", d.String())
	require.EqualError(t, d.Scan(nil), "period: cannot read a date from <nil>: want a time or text")
	require.EqualError(t, d.Scan("2024"), `period: "2024": want a dash at offset 4`)
	var null sql.Null[period.Date]
	require.NoError(t, null.Scan(nil))
	require.False(t, null.Valid)
}

func TestNames(t *testing.T) {
	tests := []struct {
		calendar        *period.Calendar
		id, name, short string
	}{
		{nil, "20240229", "2024-02-29", ""},
		{nil, "2024W9", "Week 9 - 2024-02-26 - 2024-03-03", "W9 - 2024-02-26 - 2024-03-03"},
		{nil, "2024BiW2", "Bi-Week 2 - 2024-01-15 - 2024-01-28", ""},
		{nil, "202402", "February 2024", ""},
		{nil, "202402B", "March - April 2024", ""},
		{nil, "2024Q1", "January - March 2024", ""},
		{nil, "2024NovQ1", "Nov to Jan 2024", ""},
		{nil, "2024AprilS2", "October - March 2025", ""},
		{nil, "2024", "2024", ""},
		{nil, "2024April", "April 2024 - March 2025", ""},
		{nil, "2024Nov", "November 2023 - October 2024", ""},
		{period.Ethiopian, "2013Nov", "Hamle 2012 - Sene 2013", ""},
		{period.Nepali, "2076April", "Shrawan 2076 - Asar 2077", ""},
		{period.Persian, "139501", "Hamal 1395", ""}, // DHIS2 gives this the name Hoot 1394
		{period.Coptic, "173613", "Nasie 1736", ""},
		{period.Ethiopian, "2013W1", "Week 1 - 2013-01-04 - 2013-01-10", "W1 - 2013-01-04 - 2013-01-10"},
	}
	for _, tt := range tests {
		p, err := tt.calendar.Parse(tt.id)
		require.NoError(t, err)
		if tt.short == "" {
			tt.short = tt.name
		}
		if p.Name() != tt.name || p.ShortName() != tt.short {
			t.Errorf("%s is named %q, %q; want %q, %q", tt.id, p.Name(), p.ShortName(), tt.name, tt.short)
		}
	}
}
