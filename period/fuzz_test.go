package period_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/ohie-hmis/hmis-go/period"
)

func FuzzParse(f *testing.F) {
	for _, id := range []string{"20240229", "2024-02-29", "2024W9", "2024SatW53", "2020BiW27", "202402", "202402B",
		"2024NovQ1", "2024AprilS2", "2024", "2024Nov", "20121305", "173613", "2024Q5", "", "２０２４"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range period.Calendars() {
			p, err := c.Parse(s)
			if err != nil {
				bad, ok := err.(*period.ParseError)
				if !ok || bad.Pos < 0 || bad.Pos > len(s) || bad.Want == "" || !p.IsZero() {
					t.Errorf("%v: Parse(%q) = %v, %#v", c, s, p, err)
				}
				continue
			}
			if q, err := c.Parse(p.String()); err != nil || q != p {
				t.Errorf("%v: %q reads back as %v, %v", c, p, q, err)
			}
			if p.Last() < p.First() || p.Days() > 384 || p.Name() == "" {
				t.Errorf("%v: %q is %v to %v, %q", c, p, p.First(), p.Last(), p.Name())
			}
		}
	})
}

// FuzzUnmarshal checks that all ways to read a period or date agree with Parse,
// and that a failing one leaves the old value alone.
func FuzzUnmarshal(f *testing.F) {
	for _, s := range []string{"2024Q1", "2024-02-29", "20240229", "2024Q5", "", "\xff", "2024AprilAprilAprilAprilAprilAprilApril"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		want, err := period.Parse(s)
		if s == "" {
			err = nil
		} else if err != nil {
			want = period.MustParse("2099")
		}
		read := map[string]func(*period.Period) error{
			"UnmarshalText": func(p *period.Period) error { return p.UnmarshalText([]byte(s)) },
			"Scan string":   func(p *period.Period) error { return p.Scan(s) },
			"Scan bytes":    func(p *period.Period) error { return p.Scan([]byte(s)) },
		}
		for name, f := range read {
			got := period.MustParse("2099")
			if e := f(&got); fmt.Sprint(e) != fmt.Sprint(err) || got != want {
				t.Errorf("%s(%q) = %v, %v; want %v, %v", name, s, got, e, want, err)
			}
		}
		day, err := period.ParseDate(s)
		if err != nil {
			day = -1
		}
		got := period.Date(-1)
		if e := got.Scan([]byte(s)); fmt.Sprint(e) != fmt.Sprint(err) || got != day {
			t.Errorf("Scan(%q) = %v, %v; want %v, %v", s, got, e, day, err)
		}
	})
}

// FuzzWords reads the names of types and keywords, which are closed lists.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"Monthly", "monthly", "LAST_12_MONTHS", "ethiopian", "iso8601", "", "TwoYearly", "Six\x00Monthly"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typ, err := period.ParseType(s)
		if err == nil != slices.Contains(period.Types(), typ) || err == nil && typ.String() != s {
			t.Errorf("ParseType(%q) = %v, %v", s, typ, err)
		}
		r, err := period.ParseRelative(s)
		if err == nil != slices.Contains(period.Relatives(), r) || err == nil && string(r) != s {
			t.Errorf("ParseRelative(%q) = %v, %v", s, r, err)
		}
		c, ok := period.CalendarByName(s)
		if ok != (c != nil) || ok && c.Name() != s && s != "iso8601" {
			t.Errorf("CalendarByName(%q) = %v, %v", s, c, ok)
		}
		if label := period.Relative(s).Label(); (label == "") != (s == "") {
			t.Errorf("the label of %q is %q", s, label)
		}
	})
}

func FuzzParseISO(f *testing.F) {
	for _, s := range []string{"2024-01-01/P1M", "2023-11-01/P3M", "2024-01-02/P7D", "2024-01-01/P12M", "2024-01-01/P1M/", "2024-1-1/P1M", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range period.Calendars() {
			p, err := c.ParseISO(s)
			if err != nil {
				continue
			}
			if q, err := c.ParseISO(p.ISO()); err != nil || q != p {
				t.Errorf("%v: %q, %s, reads back as %v, %v", c, s, p.ISO(), q, err)
			}
			// SnapISO must read what ISO writes as the same period. The
			// November quarters are an exception, since DHIS2 has no such
			// intervals.
			q, err := c.SnapISO(p.ISO())
			if p.Type() != period.QuarterlyNov && (err != nil || q != p) {
				t.Errorf("%v: %q is %v, and snapped %v, %v", c, s, p, q, err)
			}
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2024-02-29", "0000-01-01", "9999-12-31", "2023-02-29", "2024-2-9", "20240229"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := period.ParseDate(s)
		if err == nil && d.String() != s {
			t.Errorf("%q reads as %v", s, d)
		}
		var u period.Date
		if (u.UnmarshalText([]byte(s)) == nil) != (err == nil) || u != d {
			t.Errorf("%q reads as %v and as %v, %v", s, u, d, err)
		}
	})
}

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"20240101_20240131", "2024-01-01_2024-01-31", "20240101_2024-01-31", "20240101_", "_", "20240101_20240131_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		first, last, err := period.ParseRange(s)
		if err != nil {
			if bad, ok := err.(*period.ParseError); !ok || bad.Pos < 0 || bad.Pos > len(s) {
				t.Errorf("ParseRange(%q): %#v", s, err)
			}
			return
		}
		a, b, err := period.ParseRange(first.String() + "_" + last.String())
		if err != nil || a != first || b != last {
			t.Errorf("%q reads back as %v to %v, %v", s, a, b, err)
		}
	})
}

// FuzzSteps checks the steps, the parts and the lists of any period.
func FuzzSteps(f *testing.F) {
	f.Add(uint8(0), uint8(8), int32(18628), 1)
	f.Add(uint8(1), uint8(1), int32(18513), -27)
	f.Add(uint8(5), uint8(17), int32(27132), 1<<40)
	f.Fuzz(func(t *testing.T, calendar, typ uint8, day int32, n int) {
		calendars := period.Calendars()
		c := calendars[int(calendar)%len(calendars)]
		p := c.On(period.Type(typ), period.Date(day))
		if p.IsZero() {
			return
		}
		if q := p.Add(n); !q.IsZero() {
			if n > 0 && q.Compare(p) <= 0 || n < 0 && q.Compare(p) >= 0 {
				t.Errorf("%v.Add(%d) = %v", p, n, q)
			}
			if back := q.Add(-n); back != p && p.Type() != period.BiWeekly {
				t.Errorf("%v.Add(%d).Add(%d) = %v", p, n, -n, back)
			}
		}
		for _, q := range p.YearToDate() {
			if q.ReportingYear() != p.ReportingYear() {
				t.Errorf("%v and %v are of different years", p, q)
			}
		}
		for _, r := range period.Relatives() {
			for _, q := range r.On(period.Clock{Today: period.Date(day), Calendar: c}) {
				if q.IsZero() || q.Calendar() != c {
					t.Errorf("%s on %v is %v in %v", r, period.Date(day), q, q.Calendar())
				}
			}
		}
	})
}

// FuzzTagged checks that a text with the name of its calendar reads back, and
// that any other text gives an error with its position.
func FuzzTagged(f *testing.F) {
	for _, s := range []string{"2024Q1", "208103@nepali", "2024@iso8601", "20121230@ethiopian", "@", "2024@", "2024@nepali@nepali", "173613@coptic"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := period.ParseTagged(s)
		if err != nil {
			bad, ok := err.(*period.ParseError)
			if !ok || bad.Pos < 0 || bad.Pos > len(s) || bad.Want == "" || !p.IsZero() {
				t.Errorf("ParseTagged(%q) = %v, %#v", s, p, err)
			}
			return
		}
		if q, err := period.ParseTagged(period.Tagged(p).String()); err != nil || q != p {
			t.Errorf("%q reads back as %v of %v, %v", s, q, q.Calendar(), err)
		}
	})
}

// FuzzNewCalendar checks that every table is refused or gives a calendar whose
// days follow each other.
func FuzzNewCalendar(f *testing.F) {
	f.Add(1970, int32(-20718), []byte{31, 31, 32, 31, 31, 31, 30, 29, 30, 29, 30, 30})
	f.Add(9999, int32(0), []byte{27, 33, 27, 33, 27, 33, 27, 33, 27, 33, 27, 33, 30})
	f.Fuzz(func(t *testing.T, year int, first int32, lengths []byte) {
		name := fmt.Sprintf("fuzz-%x", sha256.Sum256(fmt.Append(nil, year, first, lengths)))[:24]
		table := period.Table{Name: name, Year: year, First: period.Date(first)}
		for row := range slices.Chunk(lengths, 12) {
			var months [12]int
			for i, n := range row {
				months[i] = int(n)
			}
			table.Months = append(table.Months, months)
		}
		c, err := period.NewCalendar(table)
		if err != nil {
			return // no more than 64 calendars can be made
		}
		got, ok := c.Table()
		if !ok || got.Year != table.Year || got.First != table.First || !slices.Equal(got.Months, table.Months) {
			t.Errorf("%v became %v", table, got)
		}
		d := table.First
		for i, row := range table.Months {
			for month, days := range row {
				for day := 1; day <= days; day++ {
					if y, m, n := c.Civil(d); y != table.Year+i || m != month+1 || n != day {
						t.Fatalf("%v is %d-%d-%d, want %d-%d-%d", d, y, m, n, table.Year+i, month+1, day)
					}
					d++
				}
			}
		}
	})
}
