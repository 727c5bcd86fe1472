package adx_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// Each row is a text and the rule that it breaks as a time range
// (RULES.md#time-ranges).
func TestParseTimeRange(t *testing.T) {
	tests := []struct {
		in   string
		rule string // rule is "" if the text is valid
	}{
		{"2015-01-01/P1M", ""},
		{"2015-01-01/P7D", ""},
		{"2015-01-01/P14D", ""},
		{"2015-01-01/P3M", ""},
		{"2015-01-01/P1Y", ""},
		{"2015-01-01Z/P1M", ""},
		{"2015-01-01+02:00/P1M", ""},
		{"2015-01-01-14:00/P1M", ""},
		{"2015-01-01T09:00:00/P1D", ""},
		{"2015-01-01T09:00:00.5+01:00/P1D", ""},
		{"2015-01-01T09:00:00Z/P1D", ""},
		{"2015-01-01T24:00:00/P1D", ""},
		{"2015-01-01T24:00:00.000/P1D", ""},
		{"2015-01-01/P1Y2M3DT01H01M01S", ""},
		{"2015-01-01/PT1H", ""},
		{"2015-01-01/PT0.5S", ""},
		{"2016-02-29/P1M", ""},
		{"2015-01-01T00:00:00", ""}, // an instant
		{"2015-01-01T00:00:00Z", ""},

		{"", "ADX-022"},
		{"2015-01-01", "ADX-022"},
		{"2015-01-01/", "ADX-022"},
		{"2015-01-01/P1M/P1M", "ADX-022"},
		{"2015-01-01/P1W", "ADX-022"},
		{"2015-01-01/-P1M", "ADX-022"},
		{"2015-01-01/P1.5M", "ADX-022"},
		{"2015-01-01/PT1.5H", "ADX-022"},
		{"2015-01-01/PT.5S", "ADX-022"},
		{"2015-01-01/PT1.S", "ADX-022"},
		{"2015-01-01/p1m", "ADX-022"},
		{"2015-01-01/P", "ADX-022"},
		{"2015-01-01/PT", "ADX-022"},
		{"2015-01-01/P1MT", "ADX-022"},
		{"2015-01-01/P1D2M", "ADX-022"},
		{"2015-01-01/P1M1M", "ADX-022"},
		{"2015-01-01/P1", "ADX-022"},
		{"2015-01-01/P1234567890M", "ADX-022"},
		{"2015/P1Y", "ADX-022"},
		{"2015-01/P1M", "ADX-022"},
		{"2015-01", "ADX-022"},
		{"202601", "ADX-022"},
		{"2015-01-01/2015-02-01", "ADX-022"},
		{"P1M/2015-01-31", "ADX-022"},
		{"R3/2015-01-01/P1M", "ADX-022"},
		{"2015-01-01--P1M", "ADX-022"},
		{"-0044-03-15/P1Y", "ADX-022"},
		{"12015-01-01/P1Y", "ADX-022"},
		{" 2015-01-01/P1M", "ADX-022"},
		{"2015-01-01/P1M ", "ADX-022"},
		{"2015-01-01t09:00:00/P1D", "ADX-022"},
		{"2015-01-01T09:00/P1D", "ADX-022"},
		{"2015-01-01T09:00:00./P1D", "ADX-022"},
		{"2015-01-01+2:00/P1M", "ADX-022"},
		{"２０１５-01-01/P1M", "ADX-022"}, // only ASCII digits are allowed

		{"0000-01-01/P1Y", "ADX-023"},
		{"2015-13-01/P1M", "ADX-023"},
		{"2015-00-01/P1M", "ADX-023"},
		{"2015-02-30/P1M", "ADX-023"},
		{"2015-02-29/P1M", "ADX-023"},
		{"1900-02-29/P1M", "ADX-023"},
		{"2015-04-31/P1M", "ADX-023"},
		{"2015-04-00/P1M", "ADX-023"},
		{"2015-01-01T25:00:00/P1D", "ADX-023"},
		{"2015-01-01T24:00:01/P1D", "ADX-023"},
		{"2015-01-01T24:00:00.0000000001/P1D", "ADX-023"},
		{"2015-01-01T09:60:00/P1D", "ADX-023"},
		{"2015-01-01T09:00:60/P1D", "ADX-023"},
		{"2015-01-01+14:01/P1M", "ADX-023"},
		{"2015-01-01+01:60/P1M", "ADX-023"},
		{"2015-02-29T00:00:00", "ADX-023"},

		{"2015-01-01/P0D", "ADX-024"},
		{"2015-01-01/P0Y0M0DT0H0M0.000S", "ADX-024"},
	}
	for _, tt := range tests {
		r, err := adx.ParseTimeRange(tt.in)
		rule := ""
		if bad, ok := errors.AsType[*adx.Finding](err); ok {
			rule = bad.Rule
		}
		if rule != tt.rule {
			t.Errorf("ParseTimeRange(%q): rule %q, want %q (%v)", tt.in, rule, tt.rule, err)
		}
		if want := tt.in; err == nil && r.String() != want {
			t.Errorf("ParseTimeRange(%q) writes as %q", tt.in, r)
		}
	}
}

func TestParseTimeRangeError(t *testing.T) {
	for in, want := range map[string]string{
		"202601":         `adx: ADX-022: period "202601": want 2026-01-01/P1M in place of the DHIS2 period id`,
		"2026NovQ1":      `adx: ADX-022: period "2026NovQ1": want 2025-11-01/P3M in place of the DHIS2 period id`,
		"January":        `adx: ADX-022: period "January": want a start and a duration such as 2026-01-01/P1M`,
		"2026-02-30/P1M": `adx: ADX-023: period "2026-02-30/P1M": want a day and time that exist`,
		"2026-02-01/P0M": `adx: ADX-024: period "2026-02-01/P0M": want a duration longer than nothing`,
	} {
		_, err := adx.ParseTimeRange(in)
		require.EqualError(t, err, want)
	}
}

func TestTimeRangeSpan(t *testing.T) {
	tests := []struct{ in, start, end, first, last string }{
		{"2026-01-01/P1M", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-01-01", "2026-01-31"},
		{"2026-01-31/P1M", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-01-31", "2026-02-27"}, // the end is the last day of the month
		{"2024-01-31/P1M1D", "2024-01-31T00:00:00Z", "2024-03-01T00:00:00Z", "2024-01-31", "2024-02-29"},
		{"2024-02-29/P1Y", "2024-02-29T00:00:00Z", "2025-02-28T00:00:00Z", "2024-02-29", "2025-02-27"},
		{"2024-11-30/P3M", "2024-11-30T00:00:00Z", "2025-02-28T00:00:00Z", "2024-11-30", "2025-02-27"},
		{"2026-01-05/P7D", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z", "2026-01-05", "2026-01-11"},
		{"2026-01-01+03:00/P1D", "2026-01-01T00:00:00+03:00", "2026-01-02T00:00:00+03:00", "2026-01-01", "2026-01-01"},
		{"2026-01-01T24:00:00/P1D", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-02", "2026-01-02"},
		{"2026-01-01/PT48H", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-01", "2026-01-02"},
		{"2026-01-01/PT1H", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", "", ""},
		{"2026-01-01T09:00:00/P1D", "2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z", "", ""},
		{"2026-01-01/PT1.25S", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01.25Z", "", ""},
		{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "", ""}, // an instant
		{"2026-01-01/P999999999Y", "2026-01-01T00:00:00Z", "", "", ""},
		{"2026-01-01/PT999999999H999999999M999999999.9S", "2026-01-01T00:00:00Z", "", "", ""},
	}
	for _, tt := range tests {
		r, err := adx.ParseTimeRange(tt.in)
		require.NoError(t, err)
		start, end := r.Span()
		if got := start.Format(time.RFC3339Nano); got != tt.start {
			t.Errorf("%s starts %s, want %s", tt.in, got, tt.start)
		}
		if got := end.Format(time.RFC3339Nano); tt.end != "" && got != tt.end {
			t.Errorf("%s ends %s, want %s", tt.in, got, tt.end)
		}
		if end.Before(start) {
			t.Errorf("%s ends %s, before it starts", tt.in, end)
		}
		first, last, ok := r.Days()
		switch {
		case ok != (tt.first != ""):
			t.Errorf("%s: whole days %v", tt.in, ok)
		case ok && (first.String() != tt.first || last.String() != tt.last):
			t.Errorf("%s is %s to %s, want %s to %s", tt.in, first, last, tt.first, tt.last)
		}
	}
}

// Each row is a time range and its calendar period, if it has one
// (RULES.md#calendar-periods).
func TestTimeRangePeriod(t *testing.T) {
	tests := []struct{ in, id string }{
		{"2024-05-06/P1D", "20240506"},
		{"2024-01-08/P7D", "2024W2"},
		{"2021-12-29/P7D", "2022WedW1"},
		{"2021-12-30/P7D", "2022ThuW1"},
		{"2024-01-05/P7D", "2024FriW2"},
		{"2022-01-01/P7D", "2022SatW1"},
		{"2022-01-02/P7D", "2022SunW1"},
		{"2022-01-17/P14D", "2022BiW2"},
		{"2022-05-01/P1M", "202205"},
		{"2022-03-01/P2M", "202202B"},
		{"2022-04-01/P3M", "2022Q2"},
		{"2021-11-01/P3M", "2022NovQ1"},
		{"2022-07-01/P6M", "2022S2"},
		{"2022-10-01/P6M", "2022AprilS2"},
		{"2024-11-01/P6M", "2025NovS1"},
		{"2025-05-01/P6M", "2025NovS2"},
		{"2022-01-01/P1Y", "2022"},
		{"2022-10-01/P1Y", "2022Oct"},
		{"2021-11-01/P1Y", "2022Nov"},
		{"2022-01-01/P12M", "2022"},
		{"2022-05-01Z/P1M", "202205"},
		{"2022-05-01T00:00:00+03:00/P1M", "202205"},

		{"2026-01-15/P1M", ""},
		{"2024-01-09/P7D", ""}, // weeks do not start on Tuesday
		{"2022-01-24/P14D", ""},
		{"2024-02-01/P2M", ""},
		{"2024-12-01/P3M", ""},
		{"2024-02-01/P6M", ""},
		{"2024-03-01/P1Y", ""},
		{"2022-01-01/P2Y", ""},
		{"2022-01-01/P4M", ""},
		{"2022-02-01/P28D", ""}, // as many days as February, but not a month
		{"2022-01-01/P1M1D", ""},
		{"2022-01-01/PT1H", ""},
		{"2022-01-01T09:00:00/P1D", ""},
		{"2022-01-01T00:00:00", ""},
	}
	for _, tt := range tests {
		r, err := adx.ParseTimeRange(tt.in)
		require.NoError(t, err)
		p, err := r.Period(nil)
		if tt.id == "" {
			require.EqualError(t, err, `adx: ADX-026a: period "`+tt.in+`": want the first day and the length of a calendar period`)
			continue
		}
		if err != nil || p.String() != tt.id {
			t.Errorf("%s is %s, %v; want %s", tt.in, p, err, tt.id)
		}
	}
	var none adx.TimeRange
	_, err := none.Period(nil)
	require.Error(t, err)
}

// For every type, periods around the end of a year have a range that reads
// back.
func TestTimeRangeOf(t *testing.T) {
	for typ := period.Daily; typ <= period.FinancialNov; typ++ {
		for day := period.DateOf(2023, 12, 1); day < period.DateOf(2025, 3, 1); day++ {
			p := typ.On(day)
			r := adx.TimeRangeOf(p)
			if got, err := r.Period(nil); err != nil || got != p {
				t.Fatalf("%s as %s is %s, %v", p, r, got, err)
			}
			if first, last, ok := r.Days(); !ok || first != p.First() || last != p.Last() {
				t.Fatalf("%s as %s is %s to %s, %v", p, r, first, last, ok)
			}
			if read, err := adx.ParseTimeRange(r.String()); err != nil || read != r {
				t.Fatalf("%s reads back as %s, %v", r, read, err)
			}
		}
	}
	require.True(t, adx.TimeRangeOf(period.Period{}).IsZero())
}

func TestTimeRangeEqual(t *testing.T) {
	tests := []struct {
		a, b string
		same bool
	}{
		{"2026-01-01/P1Y", "2026-01-01/P12M", true},
		{"2026-01-01/P1D", "2026-01-01/PT24H", true},
		{"2026-01-01/P1M", "2026-01-01Z/P1M", true},
		{"2026-01-01/P1M", "2026-01-01T00:00:00/P1M", true},
		{"2026-01-01+02:00/P1M", "2026-01-01Z/P1M", false},
		{"2026-01-01/P1M", "2026-02-01/P1M", false},
		{"2026-01-01/P1M", "2026-01-01/P1Y", false},
		{"2026-01-01T00:00:00", "2026-01-01T00:00:00Z", true},
	}
	for _, tt := range tests {
		a, err := adx.ParseTimeRange(tt.a)
		require.NoError(t, err)
		b, err := adx.ParseTimeRange(tt.b)
		require.NoError(t, err)
		if a.Equal(b) != tt.same || b.Equal(a) != tt.same {
			t.Errorf("%s and %s are the same: %v, want %v", a, b, !tt.same, tt.same)
		}
		if a.Equal(adx.TimeRange{}) {
			t.Errorf("%s equals no range", a)
		}
	}
}

func TestTimeRangeText(t *testing.T) {
	r := adx.TimeRangeOf(period.MustParse("202601"))
	text, err := r.MarshalText()
	require.NoError(t, err)
	var back adx.TimeRange
	require.NoError(t, back.UnmarshalText(text))
	require.Equal(t, r, back)
	require.Error(t, back.UnmarshalText([]byte("202601")))
	require.NoError(t, back.UnmarshalText(nil))
	require.True(t, back.IsZero())
}

func FuzzParseTimeRange(f *testing.F) {
	for _, s := range []string{"2026-01-01/P1M", "2026-01-31T24:00:00.00+14:00/P1Y2M3DT1H1M1.5S", "202601", "2026-01-01T00:00:00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := adx.ParseTimeRange(s)
		if err != nil {
			if bad, ok := errors.AsType[*adx.Finding](err); !ok || bad.Rule == "" || bad.Error() == "" {
				t.Errorf("%q: error %v", s, err)
			}
			return
		}
		if r.String() != s || !r.Equal(r) {
			t.Errorf("%q reads as %q", s, r)
		}
		if start, end := r.Span(); end.Before(start) || !r.IsInstant() && end.Equal(start) {
			t.Errorf("%q goes from %s to %s", s, start, end)
		}
		if p, err := r.Period(nil); err == nil {
			first, last, ok := r.Days()
			if !ok || p.First() != first || p.Last() != last {
				t.Errorf("%q is %s, but goes from %s to %s", s, p, first, last)
			}
		}
	})
}
