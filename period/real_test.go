package period_test

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/tally"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/period"
)

// TestRealDateTable compares every day with the table that a server has made
// for its analytics (analytics_rs_dateperiodstructure).
func TestRealDateTable(t *testing.T) {
	for _, path := range testfile.Data(t, "server-tables/date-to-periods-*.csv.gz") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			compareDates(t, path, csv.NewReader(testfile.Open(t, path)))
		})
	}
}

// compareDates compares each row of a table, which is a day, in all of its
// columns.
func compareDates(t *testing.T, name string, r *csv.Reader) {
	head, err := r.Read()
	require.NoError(t, err)
	columns := map[string]int{}
	for i, column := range head {
		columns[column] = i
	}
	cell := func(row []string, column string) string {
		i, ok := columns[column]
		require.True(t, ok, "no column %s in %v", column, head)
		return row[i]
	}
	counted := tally.Of(t, name)
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		d, err := period.ParseDate(cell(row, "dateperiod"))
		require.NoError(t, err)
		check := func(what, got, want string) {
			counted.Check(got == want, "%v: %s is %s, want %s", d, what, got, want)
		}
		check("year", strconv.Itoa(d.Year()), cell(row, "year"))
		check("monthstartdate", period.Monthly.On(d).First().String(), cell(row, "monthstartdate"))
		for _, typ := range period.Types() {
			check(typ.String(), typ.On(d).String(), cell(row, strings.ToLower(typ.String())))
		}
	}
	counted.Done()
}

// TestRealMonthTables compares the Nepali and Persian calendars with the
// published lengths of their months.
func TestRealMonthTables(t *testing.T) {
	for _, c := range []*period.Calendar{period.Nepali, period.Persian} {
		rows, err := csv.NewReader(testfile.Open(t, testfile.Data(t, c.Name()+"_months.csv")[0])).ReadAll()
		require.NoError(t, err)
		for _, row := range rows[1:] {
			year, err := strconv.Atoi(row[0])
			require.NoError(t, err)
			for month := 1; month <= 12; month++ {
				length, err := strconv.Atoi(row[month+1])
				require.NoError(t, err)
				first, err := c.Date(year, month, 1)
				require.NoError(t, err)
				if p := c.On(period.Monthly, first); p.Days() != length {
					t.Errorf("%v %v has %d days, want %d", c, p, p.Days(), length)
				}
			}
		}
	}
}

// TestRealNames compares the names of months and weekdays with those of a
// server.
func TestRealNames(t *testing.T) {
	rows, err := csv.NewReader(testfile.Open(t, testfile.Data(t, "calendar_names.csv")[0])).ReadAll()
	require.NoError(t, err)
	for _, row := range rows[1:] {
		name := row[0]
		if name == "default" {
			name = "gregorian"
		}
		c, ok := period.CalendarByName(name)
		require.True(t, ok, "calendar %s", name)
		i, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		long, short := c.MonthName(i), c.ShortMonthName(i)
		if row[1] == "weekday" {
			d := period.DateOf(2024, 1, i) // 1 January 2024 was a Monday
			long, short = c.WeekdayName(d.Weekday()), c.ShortWeekdayName(d.Weekday())
		}
		if long != row[3] || short != row[4] {
			t.Errorf("%v %s %d is %q, %q; want %q, %q", c, row[1], i, long, short, row[3], row[4])
		}
	}
}
