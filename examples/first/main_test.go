package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/aggregate/aggregatetest/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/internal/testfile"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// first runs the command and returns its output and its log.
func first(t *testing.T, args ...string) (out, log string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(context.Background(), args, &stdout, &stderr))
	return stdout.String(), stderr.String()
}

// This is the answer in the README. After an intended change, write it anew
// with HMIS_UPDATE=1.
func TestTable(t *testing.T) {
	out, log := first(t)
	require.Empty(t, log)
	golden := filepath.Join("testdata", "districts.txt")
	if os.Getenv("HMIS_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, []byte(out), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// DPT dropout and test positivity of each district and quarter are computed
// from the values without the engine of this library.
func TestTableByHand(t *testing.T) {
	md := country.Metadata()
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	type cell struct {
		element, district hmis.UID
		quarter           string
	}
	sums := make(map[cell]int64)
	for v, err := range country.Values() {
		require.NoError(t, err)
		if v.Period.Type() != period.Monthly {
			continue
		}
		n, err := strconv.ParseInt(v.Value, 10, 64)
		require.NoError(t, err)
		year, month := v.Period.String()[:4], v.Period.String()[4:]
		quarter := year + "Q" + map[bool]string{true: "1", false: "2"}[month <= "03"]
		if month > "06" {
			quarter = year + "Q" + map[bool]string{true: "3", false: "4"}[month <= "09"]
		}
		for _, district := range tree.AtLevel(3) {
			if tree.Contains(district, v.OrgUnit) {
				sums[cell{v.DataElement, district, quarter}] += n
			}
		}
	}
	percent := func(numerator, denominator int64) string {
		return decimal.NewFromInt(numerator*100).DivRound(decimal.NewFromInt(denominator), 1).String()
	}
	want := make(map[string]string)
	for _, district := range tree.AtLevel(3) {
		for _, quarter := range []string{"2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4"} {
			at := func(element hmis.UID) int64 { return sums[cell{element, district, quarter}] }
			if penta1 := at("dePentaDos1"); penta1 > 0 {
				want["inDptDropot "+string(district)+" "+quarter] = percent(penta1-at("dePentaDos3"), penta1)
			}
			want["inMalPositv "+string(district)+" "+quarter] = percent(at("deMalCases1"), at("deMalTested"))
		}
	}
	require.Len(t, want, 12*8*2-1, "one district had no vaccine for a quarter")

	out, _ := first(t, "-output", "csv", "-indicators", "inDptDropot,MAL_POSITIVITY", "-periods", "2024Q1..2025Q4")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	got := make(map[string]string)
	for _, row := range rows[1:] {
		got[strings.Join(row[:3], " ")] = row[3]
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestJSON(t *testing.T) {
	out, _ := first(t, "-output", "json", "-level", "1", "-periods", "2024,2025", "-indicators", "Malaria test positivity (%)")
	var answer struct {
		Rows [][]string
	}
	require.NoError(t, json.Unmarshal([]byte(out), &answer))
	require.Len(t, answer.Rows, 2)
	require.Equal(t, "ouCountry01", answer.Rows[0][1])
}

// Items and org units that are requested twice are answered once, in a message
// too.
func TestAskedTwice(t *testing.T) {
	args := []string{"-level", "1", "-indicators", "ANC1_COVERAGE,inAnc1Cover", "-periods", "2025Q1,2025Q1..2025Q2,2025Q2"}
	table, _ := first(t, append(args, "-output", "csv")...)
	require.Equal(t, 3, strings.Count(table, "\n"), table)
	message, _ := first(t, append(args, "-output", "adx")...)
	require.Equal(t, 2, strings.Count(message, "<dataValue "), message)
}

// The message reads back as the values of the table.
func TestADX(t *testing.T) {
	message, _ := first(t, "-output", "adx")
	table, _ := first(t, "-output", "csv")
	rows, err := csv.NewReader(strings.NewReader(table)).ReadAll()
	require.NoError(t, err)
	want := make(map[string]string)
	code := make(map[string]string)
	for _, ind := range country.Metadata().Indicators {
		code[string(ind.ID)] = ind.Code
	}
	for _, u := range country.Metadata().OrgUnits {
		code[string(u.ID)] = u.Code
	}
	for _, row := range rows[1:] {
		want[code[row[0]]+" "+code[row[1]]+" "+row[2]] = row[3]
	}

	got := make(map[string]string)
	for group, err := range adx.NewReader(strings.NewReader(message)).Groups() {
		require.NoError(t, err)
		p, err := group.Period.Period(nil)
		require.NoError(t, err)
		for _, v := range group.Values {
			got[v.DataElement+" "+group.OrgUnit+" "+p.String()] = v.Value
		}
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestRefuses(t *testing.T) {
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"-output", "xls"}, `-output "xls": want table, csv, json or adx`},
		{[]string{"-level", "0"}, `invalid value "0" for flag -level: want a number from 1`},
		{[]string{"-level", "-1"}, `invalid value "-1" for flag -level: want a number from 1`},
		{[]string{"-level", "two"}, `invalid value "two" for flag -level: want a number from 1`},
		{[]string{"-level", "9"}, "-level 9: no org unit at this level"},
		{[]string{"-indicators", "ANC9"}, `-indicators "ANC9": no indicator or data element has this id, code or name`},
		{[]string{"-periods", "2025Q5"}, `-periods: period: "2025Q5": want quarter 1 to 4 at offset 5`},
		{[]string{"-periods", "2025Q4..2025Q1"}, `-periods "2025Q4..2025Q1": want two periods of one type, the earlier one first`},
		{[]string{"-metadata", "m.json"}, "want both -metadata and -values, or neither"},
		{[]string{"-metadata", "none.json", "-values", "v.csv"}, "open none.json: no such file or directory"},
		{[]string{"districts"}, `"districts": want flags only`},
	}
	for _, tt := range tests {
		var out, log bytes.Buffer
		if err := run(context.Background(), tt.args, &out, &log); err == nil || err.Error() != tt.want {
			t.Errorf("%v: %v, want %s", tt.args, err, tt.want)
		}
	}
}

// A bad value ends the load and is named in the error. With -lenient it is
// dropped, and the others count.
func TestBadValue(t *testing.T) {
	dir := t.TempDir()
	metadata, data := filepath.Join(dir, "metadata.json"), filepath.Join(dir, "values.csv")
	file, err := os.Create(metadata)
	require.NoError(t, err)
	require.NoError(t, dhis2.WriteMetadata(file, country.Metadata()))
	require.NoError(t, file.Close())
	require.NoError(t, os.WriteFile(data, []byte("dataelement,period,orgunit,categoryoptioncombo,attributeoptioncombo,value\n"+
		"deDelivery1,202501,ouFacil0001,,,7\n"+
		"deNobody001,202501,ouFacil0001,,,8\n"+
		"deDelivery1,202502,ouFacil0001,,,5\n"), 0o644))
	args := []string{"-metadata", metadata, "-values", data, "-indicators", "DELIVERIES", "-periods", "2025Q1", "-output", "csv"}

	var out, log bytes.Buffer
	err = run(context.Background(), args, &out, &log)
	require.ErrorContains(t, err, "deNobody001")
	require.Empty(t, out.String())

	text, said := first(t, append(args, "-lenient")...)
	require.Contains(t, said, `values left out: 1; the first: deNobody001 at ouFacil0001 for 202501: hmis: E8103: dataElement: value "8": unknown data element "deNobody001"`)
	require.Contains(t, text, "deDelivery1,ouDistr0001,2025Q1,12")
}

// realFiles returns a function that finds a file of the demo country. It skips
// the test if the file does not exist.
func realFiles(t *testing.T) func(name string) string {
	return func(name string) string { return testfile.Companion(t, "sierra-leone/"+name) }
}

// The demo country of DHIS2 is loaded from its two metadata files. The totals
// of each summed data element, by nation, district and quarter, equal plain
// sums over the lines of the file.
func TestRealSierraLeone(t *testing.T) {
	in := realFiles(t)
	metadata := []string{in("play42-metadata.json.gz"), in("play42-organisationUnits.json.gz")}
	md, err := readMetadata(metadata, io.Discard)
	require.NoError(t, err)
	summed := make(map[string]bool)
	for _, e := range md.DataElements {
		summed[string(e.ID)] = e.Aggregation == hmis.Sum
	}
	above := make(map[string][]string)
	for _, row := range realRows(t, in("../server-tables/orgunit-structure.csv.gz")) {
		above[row["organisationunituid"]] = []string{row["uidlevel1"], row["uidlevel2"]}
	}
	elements, others := make(map[string]bool), make(map[string]bool)
	sums := make(map[string]decimal.Decimal)
	for _, row := range realRows(t, in("play42-dataValues-2025.csv.gz")) {
		element := row["dataelement"]
		if !summed[element] {
			others[element] = true
			continue
		}
		elements[element] = true
		if row["value"] == "0" {
			continue // a zero is no data for this element (aggregate/RULES.md#zeros)
		}
		n, err := decimal.NewFromString(row["value"])
		require.NoError(t, err)
		month, err := strconv.Atoi(row["period"][4:])
		require.NoError(t, err)
		for _, unit := range above[row["orgunit"]] {
			key := fmt.Sprintf("%s %s 2025Q%d", element, unit, (month+2)/3)
			sums[key] = sums[key].Add(n)
		}
	}
	want := make(map[string]string)
	for key, sum := range sums {
		want[key] = sum.String()
	}
	require.Empty(t, others, "all elements of this file are summed")

	got := make(map[string]string)
	for _, level := range []string{"1", "2"} {
		out, log := first(t, "-metadata", metadata[0], "-metadata", metadata[1], "-values", in("play42-dataValues-2025.csv.gz"),
			"-level", level, "-indicators", strings.Join(slices.Sorted(maps.Keys(elements)), ","), "-output", "csv")
		require.Empty(t, log)
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		require.NoError(t, err)
		for _, row := range rows[1:] {
			got[strings.Join(row[:3], " ")] = row[3]
		}
	}
	t.Logf("%d totals of %d data elements", len(want), len(elements))
	require.Greater(t, len(want), 14*4*len(elements)/2)
	require.Empty(t, cmp.Diff(want, got))
}

// Some indicators contain the default option combo of an older database. It is
// not taken for the present one, so its values are missing, and the command
// reports a doubt.
func TestRealOldDefault(t *testing.T) {
	in := realFiles(t)
	args := []string{"-metadata", in("orbf2-indicators-2017.json.gz"), "-metadata", in("play42-metadata.json.gz"),
		"-metadata", in("play42-organisationUnits.json.gz"), "-values", in("play42-dataValues-2025.csv.gz"), "-level", "1", "-output", "csv"}
	_, log := first(t, args...)
	require.Contains(t, log, `doubtful OEWO2PpiUKx "BCG Stock PHU": `)
	require.Contains(t, log, "bRowv6yZOF2")

	// In a + b - c - d only d has no option combo.
	out, _ := first(t, append(args, "-indicators", "OEWO2PpiUKx,cZnQDuF3IDz")...)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+2*4)
	for i, row := range rows[1:5] {
		require.Equal(t, "-"+rows[5+i][3], row[3], row[2])
	}
}

// Every indicator of the demo country has data, is listed as without data, or
// is left out with a reason.
func TestRealIndicators(t *testing.T) {
	in := realFiles(t)
	metadata := []string{in("merged-metadata.json.gz"), in("play42-metadata.json.gz")}
	out, log := first(t, "-metadata", metadata[0], "-metadata", metadata[1], "-values", in("play42-dataValues-2025.csv.gz"))
	md, err := readMetadata(metadata, io.Discard)
	require.NoError(t, err)

	tables, names, _ := strings.Cut(out, "No data at all for:\n")
	shown, empty, left := strings.Count(tables, "\n\n"), strings.Count(names, "\n"), 0
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "left out ") {
			left++
			require.Regexp(t, `^left out \w{11} ".+": .+\n$`, line)
		}
	}
	t.Logf("%d shown, %d without data, %d left out:\n%s", shown, empty, left, log)
	require.Positive(t, shown)
	require.Equal(t, len(md.Indicators), shown+empty+left)
}

// realRows returns the rows of a gzipped CSV file, each as a map from heading
// to cell.
func realRows(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(name)
	require.NoError(t, err)
	defer file.Close()
	z, err := gzip.NewReader(file)
	require.NoError(t, err)
	records, err := csv.NewReader(z).ReadAll()
	require.NoError(t, err)
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string)
		for i, head := range records[0] {
			row[head] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}
