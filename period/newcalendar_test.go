package period_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
)

// corrected returns the Nepali calendar with the year 2083 of other publishers:
// as many days, but in other months.
func corrected(t testing.TB) *period.Calendar {
	t.Helper()
	table, ok := period.Nepali.Table()
	require.True(t, ok)
	table.Name = "nepali-corrected"
	table.Months[2083-table.Year] = [12]int{31, 31, 32, 31, 31, 30, 30, 29, 30, 30, 30, 30}
	c, err := period.NewCalendar(table)
	require.NoError(t, err)
	return c
}

func TestNewCalendar(t *testing.T) {
	c := corrected(t)
	require.Equal(t, "nepali-corrected", c.Name())
	found, ok := period.CalendarByName("nepali-corrected")
	require.True(t, ok)
	require.Same(t, c, found)
	require.NotContains(t, period.Calendars(), c) // Calendars lists only those of this package
	require.Equal(t, "Baishak", c.MonthName(1))
	require.EqualValues(t, 8, unsafe.Sizeof(period.Period{}))

	tests := []struct{ id, own, nepali string }{
		{"208212", "2026-03-15 2026-04-13", "2026-03-15 2026-04-13"},
		{"208306", "2026-09-17 2026-10-16", "2026-09-17 2026-10-17"},
		{"208307", "2026-10-17 2026-11-15", "2026-10-18 2026-11-16"},
		{"2083Q4", "2027-01-14 2027-04-13", "2027-01-15 2027-04-13"},
		{"2083", "2026-04-14 2027-04-13", "2026-04-14 2027-04-13"},
		{"20830630", "2026-10-16 2026-10-16", "2026-10-16 2026-10-16"},
		{"2083W1", "2026-04-13 2026-04-19", "2026-04-13 2026-04-19"},
		{"208401", "2027-04-14 2027-05-14", "2027-04-14 2027-05-14"},
	}
	for _, tt := range tests {
		for calendar, want := range map[*period.Calendar]string{c: tt.own, period.Nepali: tt.nepali} {
			p, err := calendar.Parse(tt.id)
			require.NoError(t, err)
			if got := show(p.First(), p.Last()); got != want {
				t.Errorf("%s in %v: %s, want %s", tt.id, calendar, got, want)
			}
			require.Same(t, calendar, p.Calendar())
			require.Equal(t, p, calendar.On(p.Type(), p.First()+1-1))
		}
	}
	// The same days in two calendars are two periods, which sort by the names
	// of the calendars.
	p, err := c.Parse("2082")
	require.NoError(t, err)
	q, err := period.Nepali.Parse("2082")
	require.NoError(t, err)
	require.NotEqual(t, p, q)
	require.Equal(t, 1, p.Compare(q))
	require.Equal(t, -1, q.Compare(p))
	require.Equal(t, p.String(), q.String())

	// Every day of the table is a day of the calendar, and no other day is.
	n := 0
	for d := period.DateOf(1913, 1, 1); d < period.DateOf(2045, 1, 1); d++ {
		year, month, day := c.Civil(d)
		if year == 0 {
			continue
		}
		n++
		back, err := c.Date(year, month, day)
		require.NoError(t, err)
		require.Equal(t, d, back)
	}
	first, last := period.DateOf(1913, 4, 13), period.DateOf(2044, 4, 15)
	require.Equal(t, int(last-first)+1, n)

	_, ok = period.Ethiopian.Table()
	require.False(t, ok)
	table, ok := c.Table()
	require.True(t, ok)
	same, err := period.NewCalendar(table) // the same table with the same name gives the same calendar
	require.NoError(t, err)
	require.Same(t, c, same)
}

// TestTableOfLunarMonths checks that days are found even if the months are far
// from a twelfth of a year.
func TestTableOfLunarMonths(t *testing.T) {
	table := period.Table{Name: "lunar", Year: 1, First: day("1600-01-01"), Names: period.Islamic}
	for range 3000 {
		table.Months = append(table.Months, [12]int{30, 29, 30, 29, 30, 29, 30, 29, 30, 29, 30, 29})
	}
	c, err := period.NewCalendar(table)
	require.NoError(t, err)
	for n := 0; n < 3000*354; n += 37 {
		d := table.First + period.Date(n)
		if year, month, _ := c.Civil(d); year != n/354+1 || month != n%354*2/59+1 {
			t.Fatalf("%v is in month %d of %d", d, month, year)
		}
	}
	p, err := c.Parse("300012")
	require.NoError(t, err)
	require.Equal(t, 29, p.Days())
	require.True(t, p.Add(1).IsZero())
	require.Equal(t, "Muḥarram 0001", c.On(period.Monthly, table.First).Name())
}

func TestNewCalendarErrors(t *testing.T) {
	nepal := func(change func(*period.Table)) period.Table {
		table, _ := period.Nepali.Table()
		table.Name = "nepali-wrong"
		change(&table)
		return table
	}
	month := func(days int) func(*period.Table) {
		return func(t *period.Table) { t.Months[2083-t.Year][4] = days }
	}
	corrected(t)
	tests := []struct {
		table period.Table
		want  string
	}{
		{period.Table{}, `period: calendar "": want a name of letters, digits, dashes and underscores`},
		{nepal(func(t *period.Table) { t.Name = "a@b" }), `period: calendar "a@b": want a name of letters, digits, dashes and underscores`},
		{nepal(func(t *period.Table) { t.Name = "nepali" }), `period: calendar "nepali": want another name than those of DHIS2`},
		{nepal(func(t *period.Table) { t.Name = "iso8601" }), `period: calendar "iso8601": want another name than those of DHIS2`},
		{nepal(func(t *period.Table) { t.Name = strings.Repeat("a", 65) }), `period: calendar "` + strings.Repeat("a", 64) + `"...: name of 65 bytes, want at most 64`},
		{nepal(func(t *period.Table) { t.Months = nil }), `period: calendar "nepali-wrong": no years, want at least one`},
		{nepal(func(t *period.Table) { t.Year = 0 }), `period: calendar "nepali-wrong": 131 years from 0, want years from 1 to 9999`},
		{nepal(func(t *period.Table) { t.Year = 9900 }), `period: calendar "nepali-wrong": 131 years from 9900, want years from 1 to 9999`},
		{nepal(month(34)), `period: calendar "nepali-wrong": year 2083: month 5 of 34 days, want 27 to 33`},
		{nepal(month(26)), `period: calendar "nepali-wrong": year 2083: month 5 of 26 days, want 27 to 33`},
		{nepal(month(-1)), `period: calendar "nepali-wrong": year 2083: month 5 of -1 days, want 27 to 33`},
		{nepal(func(t *period.Table) { t.First = day("1582-12-31") }), `period: calendar "nepali-wrong": days 1582-12-31 to 1714-01-03, want days from 1583-01-01 to 9999-12-31`},
		{nepal(func(t *period.Table) { t.First = day("9900-12-31") }), `period: calendar "nepali-wrong": days 9900-12-31 to 10032-01-03, want days from 1583-01-01 to 9999-12-31`},
		{nepal(func(t *period.Table) { t.Name = "nepali-corrected" }), `period: calendar "nepali-corrected": another table has this name`},
	}
	for _, tt := range tests {
		c, err := period.NewCalendar(tt.table)
		if err == nil || err.Error() != tt.want || c != nil {
			t.Errorf("%v, %v; want %s", c, err, tt.want)
		}
	}
}

// TestNewCalendarFromEverywhere checks that calendars can be made at any time
// and in any goroutine, up to a limit.
func TestNewCalendarFromEverywhere(t *testing.T) {
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 5 {
				table, _ := period.Nepali.Table()
				table.Name = fmt.Sprintf("shared-%d", i)
				c, err := period.NewCalendar(table)
				if err != nil {
					t.Error(err)
					return
				}
				p, err := c.Parse("208103")
				if err != nil || p.Calendar() != c || p.First() != day("2024-06-15") {
					t.Errorf("worker %d: %v of %v, %v", worker, p, p.Calendar(), err)
				}
				if found, ok := period.CalendarByName(table.Name); !ok || found != c {
					t.Errorf("%s is %v", table.Name, found)
				}
			}
		})
	}
	wg.Wait()
}

// TestTagged checks texts with and without the name of a calendar.
func TestTagged(t *testing.T) {
	own := corrected(t)
	tests := []struct {
		calendar *period.Calendar
		id, want string
	}{
		{period.Gregorian, "2024Q1", "2024Q1"},
		{period.Nepali, "208103", "208103@nepali"},
		{period.Ethiopian, "2013NovQ1", "2013NovQ1@ethiopian"},
		{period.Thai, "2567W5", "2567W5@thai"},
		{own, "20830630", "20830630@nepali-corrected"},
	}
	for _, tt := range tests {
		p, err := tt.calendar.Parse(tt.id)
		require.NoError(t, err)
		require.Equal(t, tt.want, period.Tagged(p).String())
		q, err := period.ParseTagged(tt.want)
		require.NoError(t, err)
		require.Equal(t, p, q)

		type row struct{ Period period.Tagged }
		text, err := json.Marshal(row{period.Tagged(p)})
		require.NoError(t, err)
		require.Equal(t, `{"Period":"`+tt.want+`"}`, string(text))
		var r row
		require.NoError(t, json.Unmarshal(text, &r))
		require.Equal(t, p, period.Period(r.Period))

		value, err := period.Tagged(p).Value()
		require.NoError(t, err)
		var scanned period.Tagged
		require.NoError(t, scanned.Scan(value))
		require.Equal(t, p, period.Period(scanned))
		require.NoError(t, scanned.Scan([]byte(tt.want)))
		require.Equal(t, p, period.Period(scanned))

		appended, err := period.Tagged(p).AppendText([]byte("pe:"))
		require.NoError(t, err)
		require.Equal(t, "pe:"+tt.want, string(appended))
	}
	var none period.Tagged
	value, err := none.Value()
	require.NoError(t, err)
	require.Nil(t, value)
	require.Empty(t, none.String())
	for _, src := range []any{nil, "", []byte("")} {
		scanned := period.Tagged(period.MustParse("2024"))
		require.NoError(t, scanned.Scan(src))
		require.Equal(t, none, scanned)
	}
	bad := map[string]string{
		"208103@nepal":  `period: "208103@nepal": want the name of a calendar such as nepali at offset 7`,
		"208103@":       `period: "208103@": want the name of a calendar such as nepali at offset 7`,
		"208113@nepali": `period: "208113@nepali": want month 1 to 12 at offset 4`,
		"@nepali":       `period: "@nepali": want a year of four digits at offset 0`,
		"2024Q5":        `period: "2024Q5": want quarter 1 to 4 at offset 5`,
	}
	for text, want := range bad {
		kept := period.Tagged(period.MustParse("2024"))
		require.EqualError(t, kept.UnmarshalText([]byte(text)), want)
		require.EqualError(t, kept.Scan(text), want)
		require.Equal(t, "2024", kept.String())
	}
	require.EqualError(t, none.Scan(5), "period: cannot read a period from int: want text or NULL")
}
