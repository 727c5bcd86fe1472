package scan_test

import (
	"encoding/binary"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestPlain(t *testing.T) {
	tests := []struct {
		in    string
		coef  int64
		scale int8
	}{
		{"0", 0, 0},
		{"7", 7, 0},
		{"-7", -7, 0},
		{"1.50", 150, 2}, // the digits stay as written
		{"-0.5", -5, 1},
		{"0.00", 0, 2},
		{"999999999999999999", 999_999_999_999_999_999, 0},
		{"-0.99999999999999999", -99_999_999_999_999_999, 17},
	}
	for _, tt := range tests {
		coef, scale, ok := scan.Plain(tt.in)
		require.True(t, ok, tt.in)
		require.Equal(t, tt.coef, coef, tt.in)
		require.Equal(t, tt.scale, scale, tt.in)
		require.Equal(t, tt.in, string(scan.AppendPlain(nil, coef, scale)))
	}
	for _, in := range []string{
		"", "-", ".", "+1", "1.", ".5", "-.5", "007", "-0", "-0.00", "00.5", "1e3", "1,000", " 1", "1 ", "1.2.3", "1_000", "0x1",
		"١", "NaN", "1234567890123456789", "0.123456789012345678", strings.Repeat("1", 300),
	} {
		_, _, ok := scan.Plain([]byte(in))
		require.False(t, ok, in)
	}
}

// Digits and Plain agree on each beginning that Digits accepts.
func TestDigits(t *testing.T) {
	word := func(text string) uint64 {
		b := [8]byte{}
		copy(b[:], text)
		return binary.LittleEndian.Uint64(b[:])
	}
	for n := range int64(1_000_000) {
		text := strconv.FormatInt(n*n%9_999_991, 10)
		for _, behind := range []string{"", ",12345678", "\xff\xff\xff\xff\xff\xff\xff", ":::::::", "///////", "\x80"} {
			if got, digits := scan.Digits(word(text + behind)); strconv.FormatInt(got, 10) != text || digits != len(text) {
				t.Fatalf("%q: %d, %d digits", text+behind, got, digits)
			}
		}
	}
	for _, in := range []string{"", "-1", "00", "007", "01,", ".5", "12345678", "123456789", "x", "\xb1\xb1", ",1", "\n1234567"} {
		_, digits := scan.Digits(word(in))
		require.Zero(t, digits, in)
	}
}

func TestLenient(t *testing.T) {
	for _, in := range []string{"0", "007", "-0", "-00.10", "12345678901234567890123", "1.50"} {
		require.True(t, scan.Lenient(in), in)
	}
	for _, in := range []string{"", "-", "--1", "1.", ".5", "+1", "1e3", "1,000", " 5", "5 ", "1\u00a0796", "٣"} {
		require.False(t, scan.Lenient(in), in)
	}
}

// Each row is a form of a date or time (RULES.md#dates-and-times).
func TestParseMoment(t *testing.T) {
	tests := []struct {
		in, want    string
		clock, zone bool
	}{
		{"20240131", "2024-01-31T00:00:00Z", false, false},
		{"2024-01-31", "2024-01-31T00:00:00Z", false, false},
		{"2024-02", "2024-02-01T00:00:00Z", false, false},
		{"2024", "2024-01-01T00:00:00Z", false, false},
		{"2024-01-31T23", "2024-01-31T23:00:00Z", true, false},
		{"2024-01-31T23:59Z", "2024-01-31T23:59:00Z", true, true},
		{"2024-01-31T23:59:58+0100", "2024-01-31T23:59:58+01:00", true, true},
		{"2024-01-31T23:59:58.123", "2024-01-31T23:59:58.123Z", true, false},
		{"2024-01-31T23:59:58.123456789-05:30", "2024-01-31T23:59:58.123456789-05:30", true, true},
		{"2024-01-31 23:59:58+0000", "2024-01-31T23:59:58Z", true, true},
	}
	for _, tt := range tests {
		got, err := scan.ParseMoment(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.want, got.Format(time.RFC3339Nano), tt.in)
		require.Equal(t, tt.clock, got.Clock, tt.in)
		require.Equal(t, tt.zone, got.Zone, tt.in)
	}
	for in, want := range map[string]string{
		"":                        `"": want a year of four digits at offset 0`,
		"24-01-31":                `"24-01-31": want a year of four digits at offset 2`,
		"2024-1-31":               `"2024-1-31": want a month of two digits at offset 6`,
		"2023-02-29":              `"2023-02-29": want a day of the calendar at offset 5`,
		"20241301":                `"20241301": want a day of the calendar at offset 5`,
		"2024-01-31x":             `"2024-01-31x": want T or the end of the date at offset 10`,
		"2024-01-31T24:00":        `"2024-01-31T24:00": want a time of day up to 23:59:59 at offset 16`,
		"2024-01-31T10:00:00.":    `"2024-01-31T10:00:00.": want one to nine digits of a second at offset 20`,
		"2024-01-31T10:00+99:00":  `"2024-01-31T10:00+99:00": want a zone up to 18 hours at offset 22`,
		"2024-01-31 10:00":        `"2024-01-31 10:00": want a zone behind a time that stands after a blank at offset 16`,
		"2024-01-31T10:00:00 UTC": `"2024-01-31T10:00:00 UTC": want the end of the time at offset 19`,
	} {
		_, err := scan.ParseMoment(in)
		require.EqualError(t, err, want)
	}
}

// A plain number equals the decimal of the same text. All other numbers are
// lenient.
func FuzzPlain(f *testing.F) {
	for _, seed := range []string{"0", "-0.5", "1.50", "007", "999999999999999999", "1e3", " 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		coef, scale, ok := scan.Plain(s)
		if !ok {
			return
		}
		if !scan.Lenient(s) {
			t.Errorf("%q is plain but not lenient", s)
		}
		if back := string(scan.AppendPlain(nil, coef, scale)); back != s {
			t.Errorf("%q is written back as %q", s, back)
		}
		if d, err := decimal.NewFromString(s); err != nil || !d.Equal(decimal.New(coef, -int32(scale))) {
			t.Errorf("%q is %v × 10^-%d, want %v (%v)", s, coef, scale, d, err)
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, seed := range []string{"2024", "20240131", "2024-01-31T23:59:58.123+0000", "2024-01-31 23:59:58+0000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := scan.ParseMoment(s)
		if err != nil {
			return
		}
		again, err := scan.ParseMoment(m.Format("2006-01-02T15:04:05.999999999Z07:00"))
		if err != nil || !again.Equal(m.Time) {
			t.Errorf("%q is %v, read back as %v, %v", s, m, again, err)
		}
	})
}
