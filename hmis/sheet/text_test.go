package sheet_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/sheet"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// (RULES.md#numbers-that-people-write)
func TestNumbers(t *testing.T) {
	english, french := sheet.Numbers{Group: ','}, sheet.Numbers{Decimal: ',', Group: ' '}
	tests := []struct {
		numbers    sheet.Numbers
		text, want string // of an error, what follows the text
	}{
		{sheet.Numbers{}, "0", "0"},
		{sheet.Numbers{}, "1234", "1234"},
		{sheet.Numbers{}, " 12.50\u00a0", "12.50"},
		{sheet.Numbers{}, "-0.5", "-0.5"},
		{sheet.Numbers{}, "\u22125", "-5"}, // a minus of typesetters
		{sheet.Numbers{}, "123456789012345678901234567890", "123456789012345678901234567890"},
		{english, "1,234", "1234"},
		{english, "1,234,567.25", "1234567.25"},
		{english, "999", "999"},
		{english, "1234", "1234"}, // not separated at all
		{french, "1 234,5", "1234.5"},
		{french, "1\u202f234\u00a0567", "1234567"},
		{sheet.Numbers{Decimal: ',', Group: '.'}, "1.234,5", "1234.5"},
		{sheet.Numbers{Group: '\''}, "1'234", "1234"},
		{sheet.Numbers{Group: '\''}, "1\u2019234", "1234"},

		{sheet.Numbers{}, "1,234", `! want a number: Numbers.Group is not set, so ',' is not between thousands`},
		{sheet.Numbers{}, "1 234", `! want a number: Numbers.Group is not set, so ' ' is not between thousands`},
		{sheet.Numbers{}, "12,5", `! want a number`},
		{english, "1,23", `! want groups of three digits`},
		{english, "1234,567", `! want groups of three digits`},
		{english, "1,2345", `! want groups of three digits`},
		{english, "1,,234", `! want one ',' between two groups of digits`},
		{english, ",234", `! want one ',' between two groups of digits`},
		{english, "1,234,", `! want one ',' between two groups of digits`},
		{english, "12,34,567", `! want groups of three digits`},
		{french, "1.5", `! want a number`},
		{sheet.Numbers{}, "", `! want a number`},
		{sheet.Numbers{}, "-", `! want a number`},
		{sheet.Numbers{}, "--5", `! want a number`},
		{sheet.Numbers{}, "+5", `! want a number`},
		{sheet.Numbers{}, "(5)", `! want a number`},
		{sheet.Numbers{}, "007", `! want no zeros in front`},
		{sheet.Numbers{}, "00", `! want no zeros in front`},
		{sheet.Numbers{}, ".5", `! want a number`},
		{sheet.Numbers{}, "5.", `! want digits behind the '.'`},
		{sheet.Numbers{}, "1.2.3", `! want digits behind the '.'`},
		{sheet.Numbers{}, "1e3", `! want a number`},
		{sheet.Numbers{}, "1.2E+05", `! want digits behind the '.'`},
		{sheet.Numbers{}, "45%", `! want a number`},
		{sheet.Numbers{}, "٣", `! want a number`},
		{sheet.Numbers{}, "NaN", `! want a number`},
		{sheet.Numbers{}, "#REF!", `! want a number`},
		{sheet.Numbers{}, strings.Repeat("9", 251), `! want a number of at most 250 characters`},
	}
	for _, tt := range tests {
		got, err := tt.numbers.Parse(tt.text)
		if want, bad := strings.CutPrefix(tt.want, "! "); bad {
			require.ErrorContains(t, err, ": "+want, tt.text)
			require.True(t, strings.HasSuffix(err.Error(), want), "%q: %v", tt.text, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.want, got)
	}
}

// (RULES.md#periods-that-people-write)
func TestPeriods(t *testing.T) {
	tests := []struct {
		format     sheet.Format
		text, want string
	}{
		{sheet.Format{}, "202401", "202401"},
		{sheet.Format{}, "2024Q1", "2024Q1"},
		{sheet.Format{}, "2024W5", "2024W5"},
		{sheet.Format{}, "2024", "2024"},
		{sheet.Format{}, "20240131", "20240131"},
		{sheet.Format{}, "2024-01", "202401"},
		{sheet.Format{}, "2024/1", "202401"},
		{sheet.Format{}, "01/2024", "202401"},
		{sheet.Format{}, "12-2024", "202412"},
		{sheet.Format{}, "Jan 2024", "202401"},
		{sheet.Format{}, "2024 JANUARY", "202401"},
		{sheet.Format{}, "janv. 2024", "202401"},
		{sheet.Format{}, "février-2024", "202402"},
		{sheet.Format{}, "FÉVRIER 2024", "202402"},
		{sheet.Format{}, "fe\u0301vrier 2024", "202402"}, // the accent after the letter
		{sheet.Format{}, "Março/2024", "202403"},
		{sheet.Format{}, "août 2024", "202408"},
		{sheet.Format{}, "Septiembre 2024", "202409"},
		{sheet.Format{}, "dez 2024", "202412"},
		{sheet.Format{}, "Q1 2024", "2024Q1"},
		{sheet.Format{}, "2024-T3", "2024Q3"},
		{sheet.Format{}, "S2 2024", "2024S2"},
		{sheet.Format{Century: 2000}, "Jan-24", "202401"},
		{sheet.Format{Century: 1900}, "99 dic", "199912"},
		{sheet.Format{Century: 2000}, "Q4-23", "2023Q4"},
		{sheet.Format{Calendar: period.Ethiopian}, "Hamle 2016", "201611"},
		{sheet.Format{Calendar: period.Ethiopian}, "201611", "201611"},
		{sheet.Format{PeriodType: period.Monthly}, "Mai 2024", "202405"},

		{sheet.Format{}, "Jan-24", "! want a period such as"},
		{sheet.Format{Century: 2000}, "01-02", "! want a period such as"},
		{sheet.Format{}, "jui 2024", "! want a period such as"}, // June or July
		{sheet.Format{}, "13/2024", "! "},
		{sheet.Format{}, "Q5 2024", "! want a period such as"},
		{sheet.Format{}, "2024Q5", "! want "},
		{sheet.Format{}, "31/01/2024", "! want a period such as"},
		{sheet.Format{}, "45292", "! want "}, // a day as spreadsheets count
		{sheet.Format{}, "2023-2024", "! want "},
		{sheet.Format{}, "January", "! want a period such as"},
		{sheet.Format{PeriodType: period.Monthly}, "2024", "! 2024 is Yearly: want Monthly"},
	}
	for _, tt := range tests {
		f := tt.format
		f.Columns, f.Across, f.Shared = []sheet.Column{{"ou", sheet.OrgUnit}}, []sheet.Field{sheet.Period}, hmis.Key{DataElement: "a"}
		got := collect(f.Read(strings.NewReader("ou," + tt.text + "\nx,1\n")))
		if want, bad := strings.CutPrefix(tt.want, "! "); bad {
			require.Contains(t, got[0], fmt.Sprintf("error: sheet: line 1, column B: Period %q: %s", tt.text, want))
			continue
		}
		require.Equal(t, []string{"x a " + tt.want + " = 1"}, got, tt.text)
	}
}

// Every month in every language, in full.
func TestMonthNames(t *testing.T) {
	languages := []string{
		"January February March April May June July August September October November December",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
	}
	f := sheet.Format{Columns: []sheet.Column{{"m", sheet.Month}}, Across: []sheet.Field{sheet.Year}, Shared: hmis.Key{OrgUnit: "x", DataElement: "a"}}
	for _, names := range languages {
		var b, want strings.Builder
		b.WriteString("m,2024\n")
		for i, name := range strings.Fields(names) {
			fmt.Fprintf(&b, "%s,%d\n", name, i+1)
			fmt.Fprintf(&want, "x a 2024%02d = %d\n", i+1, i+1)
		}
		require.Equal(t, want.String(), strings.Join(collect(f.Read(strings.NewReader(b.String()))), "\n")+"\n")
	}
}

// A number that is read is the one that package big reads, and is read again as
// it is.
func FuzzNumbers(f *testing.F) {
	f.Add("1,234.5", true)
	f.Add("1.234,5", false)
	f.Fuzz(func(t *testing.T, text string, english bool) {
		n := sheet.Numbers{Decimal: ',', Group: '.'}
		plain := strings.NewReplacer(".", "", ",", ".", "\u2212", "-")
		if english {
			n, plain = sheet.Numbers{Group: ','}, strings.NewReplacer(",", "", "\u2212", "-")
		}
		got, err := n.Parse(text)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(strings.TrimFunc(plain.Replace(text), func(r rune) bool { return !strings.ContainsRune("-0123456789.", r) }))
		have, _ := new(big.Rat).SetString(got)
		if !ok || want.Cmp(have) != 0 {
			t.Fatalf("%q is read as %s", text, got)
		}
		if again, err := (sheet.Numbers{}).Parse(got); err != nil || again != got {
			t.Fatalf("%q is read again as %q, %v", got, again, err)
		}
	})
}

// Whatever is read has the cells that package csv reads, none of them lost: each
// gives a value or a rejection.
func FuzzRead(f *testing.F) {
	f.Add("ou,202401,Feb 2024\nx,1,\ny,2,3\n")
	f.Add("ou,202401\nx,1,000\n")
	f.Fuzz(func(t *testing.T, text string) {
		format := sheet.Format{Columns: []sheet.Column{{"ou", sheet.OrgUnit}}, Across: []sheet.Field{sheet.Period}, Shared: hmis.Key{DataElement: "a"}}
		var values []hmis.DataValue
		var bad error
		for v, err := range format.Read(strings.NewReader(text)) {
			if bad = err; err == nil {
				values = append(values, v)
			}
		}
		if bad != nil {
			return
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
		if err != nil {
			return // rows of unlike length, which are blank here
		}
		cells := 0
		for _, row := range rows[1:] {
			for _, text := range row {
				if strings.ContainsAny(text, "0123456789") {
					cells++
				}
			}
		}
		if len(values) > cells {
			t.Fatalf("%d values of %d cells", len(values), cells)
		}
		var b bytes.Buffer
		if err := format.Write(&b, each(values)); err != nil || len(values) == 0 {
			return // a facility twice, or a table without columns of values
		}
		again := collect(format.Read(&b))
		if len(again) != len(values) {
			t.Fatalf("%d values, read again %d", len(values), len(again))
		}
	})
}

// 1,000 facilities with 24 months across the top.
func BenchmarkRead(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("Facility,Indicator")
	months := period.MustParse("2023").Split(period.Monthly)
	months = append(months, period.MustParse("2024").Split(period.Monthly)...)
	for _, m := range months {
		text.WriteString("," + m.String())
	}
	for i := range 1000 {
		fmt.Fprintf(&text, "\nunit%07d,element%04d", i, i%20)
		for m := range months {
			fmt.Fprintf(&text, ",%d", i*m%977)
		}
	}
	f := sheet.Format{Columns: []sheet.Column{{"Facility", sheet.OrgUnit}, {"Indicator", sheet.DataElement}}, Across: []sheet.Field{sheet.Period}}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for _, err := range f.Read(bytes.NewReader(text.Bytes())) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "values/s")
}
