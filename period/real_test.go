package period_test

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/period"
)

// dataDir returns the folder of the shared data sets, and skips the test if there
// is none.
func dataDir(t *testing.T) string {
	dir := os.Getenv("HMIS_DATA")
	if dir == "" {
		dir = "../../shared/data" // beside the repository
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		t.Skipf("no folder %s; set HMIS_DATA", dir)
	}
	return dir
}

// TestRealDateTable compares every day with the table that a server made for its
// analytics (analytics_rs_dateperiodstructure).
func TestRealDateTable(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(dataDir(t), "server-tables", "date-to-periods-*.csv.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, "no table date-to-periods-*.csv.gz")
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			f, err := os.Open(path)
			require.NoError(t, err)
			defer f.Close()
			z, err := gzip.NewReader(f)
			require.NoError(t, err)
			compareDates(t, csv.NewReader(z))
		})
	}
}

func compareDates(t *testing.T, r *csv.Reader) {
	head, err := r.Read()
	require.NoError(t, err)
	columns := map[period.Type]int{}
	for i, name := range head {
		for _, typ := range period.Types() {
			if name == lower(typ.String()) {
				columns[typ] = i
			}
		}
	}
	require.Len(t, columns, 23, "columns of %v", head)
	days, failed := 0, 0
	for ; ; days++ {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		d, err := period.ParseDate(row[0])
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(d.Year()), row[1])
		require.Equal(t, period.Monthly.On(d).First().String(), row[2])
		for typ, i := range columns {
			if got := typ.On(d).String(); got != row[i] {
				if failed++; failed <= 20 {
					t.Errorf("%v is in %v %s, want %s", d, typ, got, row[i])
				}
			}
		}
	}
	t.Logf("%d days of 23 types, %d differences", days, failed)
	if days == 0 {
		t.Error("the table is empty")
	}
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// TestRealMonthTables compares the Nepali and Persian calendars with the published
// lengths of their months.
func TestRealMonthTables(t *testing.T) {
	dir := dataDir(t)
	for _, c := range []*period.Calendar{period.Nepali, period.Persian} {
		f, err := os.Open(filepath.Join(dir, c.Name()+"_months.csv"))
		require.NoError(t, err)
		defer f.Close()
		rows, err := csv.NewReader(f).ReadAll()
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

// TestRealNames compares the names of months and weekdays with those of a server.
func TestRealNames(t *testing.T) {
	f, err := os.Open(filepath.Join(dataDir(t), "calendar_names.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
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
