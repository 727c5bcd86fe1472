package dsd_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ohie-hmis/hmis-go/adx/dsd"
)

// Each row is a text and the age band it means (RULES.md#age-bands).
func TestParseAgeBand(t *testing.T) {
	tests := []struct {
		in   string
		want dsd.AgeBand
		err  string
	}{
		{"P1Y--P5Y", dsd.AgeBand{From: dsd.Age{Years: 1}, To: dsd.Age{Years: 5}}, ""},
		{"P0M--P7M", dsd.AgeBand{To: dsd.Age{Months: 7}}, ""},
		{"P28D--P1Y", dsd.AgeBand{From: dsd.Age{Days: 28}, To: dsd.Age{Years: 1}}, ""}, // the units may differ
		{"P1M2W--P1Y6M", dsd.AgeBand{From: dsd.Age{Months: 1, Weeks: 2}, To: dsd.Age{Years: 1, Months: 6}}, ""},
		{"P80Y--P9999Y", dsd.AgeBand{From: dsd.Age{Years: 80}, To: dsd.Age{Years: 9999}}, ""},
		{"P30D--P1M", dsd.AgeBand{From: dsd.Age{Days: 30}, To: dsd.Age{Months: 1}}, ""}, // which is longer depends on the month
		{"P5Y--P1Y", dsd.AgeBand{}, `adx: age band "P5Y--P1Y": want an upper bound above the lower one`},
		{"P12M--P1Y", dsd.AgeBand{}, `adx: age band "P12M--P1Y": want an upper bound above the lower one`},
		{"1-4", dsd.AgeBand{}, `adx: age band "1-4": want two durations with -- between them, as in P1Y--P5Y`},
		{"P0M/P3M", dsd.AgeBand{}, `adx: age band "P0M/P3M": want two durations with -- between them, as in P1Y--P5Y`},
		{"P1.5Y--P5Y", dsd.AgeBand{}, `adx: age band "P1.5Y--P5Y": want durations of whole years, months, weeks or days, as in P1Y--P5Y`},
		{"P--P5Y", dsd.AgeBand{}, `adx: age band "P--P5Y": want durations of whole years, months, weeks or days, as in P1Y--P5Y`},
		{"P1M1Y--P5Y", dsd.AgeBand{}, `adx: age band "P1M1Y--P5Y": want durations of whole years, months, weeks or days, as in P1Y--P5Y`},
		{"P1Y--PT5H", dsd.AgeBand{}, `adx: age band "P1Y--PT5H": want durations of whole years, months, weeks or days, as in P1Y--P5Y`},
		{"P1Y--P99999999999Y", dsd.AgeBand{}, `adx: age band "P1Y--P99999999999Y": want durations of whole years, months, weeks or days, as in P1Y--P5Y`},
	}
	for _, tt := range tests {
		got, err := dsd.ParseAgeBand(tt.in)
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if got != tt.want || msg != tt.err {
			t.Errorf("ParseAgeBand(%q) = %v, %q; want %v, %q", tt.in, got, msg, tt.want, tt.err)
		}
	}
}

func TestAgeCompare(t *testing.T) {
	tests := []struct {
		a, b dsd.Age
		want int
		ok   bool
	}{
		{dsd.Age{Years: 1}, dsd.Age{Months: 12}, 0, true},
		{dsd.Age{Weeks: 2}, dsd.Age{Days: 14}, 0, true},
		{dsd.Age{Months: 1}, dsd.Age{Days: 27}, 1, true},
		{dsd.Age{Months: 1}, dsd.Age{Days: 28}, 0, false},
		{dsd.Age{Months: 1}, dsd.Age{Days: 31}, 0, false},
		{dsd.Age{Months: 1}, dsd.Age{Days: 32}, -1, true},
		{dsd.Age{Years: 1}, dsd.Age{Days: 364}, 1, true},
		{dsd.Age{Years: 1}, dsd.Age{Days: 366}, 0, false},
		{dsd.Age{Years: 1}, dsd.Age{Days: 367}, -1, true},
	}
	for _, tt := range tests {
		got, ok := tt.a.Compare(tt.b)
		back, okBack := tt.b.Compare(tt.a)
		if got != tt.want || ok != tt.ok || back != -got || okBack != ok {
			t.Errorf("%v compared with %v = %d, %v and back %d, %v; want %d, %v", tt.a, tt.b, got, ok, back, okBack, tt.want, tt.ok)
		}
	}
}

func TestCheckAgeBands(t *testing.T) {
	tests := []struct {
		bands []string
		want  []string
	}{
		{[]string{"P5Y--P9999Y", "P0D--P28D", "P28D--P1Y", "P1Y--P5Y"}, nil},
		{[]string{"P0Y--P1Y", "P5Y--P10Y"}, []string{"gap from P1Y to P5Y"}},
		{[]string{"P0Y--P5Y", "P1Y--P2Y", "P3Y--P9999Y"}, []string{"P0D--P5Y and P1Y--P2Y overlap", "P0D--P5Y and P3Y--P9999Y overlap"}},
		{[]string{"P0Y--P12M", "P1Y--P2Y"}, nil},
		{nil, nil},
	}
	for _, tt := range tests {
		var bands []dsd.AgeBand
		for _, s := range tt.bands {
			b, err := dsd.ParseAgeBand(s)
			if err != nil {
				t.Fatal(err)
			}
			bands = append(bands, b)
		}
		var got []string
		for _, doubt := range dsd.CheckAgeBands(bands) {
			got = append(got, doubt.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("CheckAgeBands(%v) (-want +got):\n%s", tt.bands, diff)
		}
	}
}
