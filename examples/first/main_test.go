package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/examples/first/country"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// first runs the command and returns what it writes.
func first(t *testing.T, args ...string) (out, log string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.NoError(t, run(context.Background(), args, &stdout, &stderr))
	return stdout.String(), stderr.String()
}

// The answer that the README shows. After a change that is meant, write it anew
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

// DPT dropout and test positivity of each district and quarter, worked out from
// the values without this library's engine.
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

// The message reads back to the values of the table.
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

// A bad value ends the load and is named; with -lenient it is left out and the
// others count.
func TestBadValue(t *testing.T) {
	dir := t.TempDir()
	metadata, data := filepath.Join(dir, "metadata.json"), filepath.Join(dir, "values.csv")
	file, err := os.Create(metadata)
	require.NoError(t, err)
	require.NoError(t, country.WriteMetadata(file))
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
	require.Contains(t, said, "left out 1 values; the first: deNobody001 at ouFacil0001 for 202501")
	require.Contains(t, text, "deDelivery1,ouDistr0001,2025Q1,12")
}

// The demo country of DHIS2 loads from its two metadata files, and the totals of
// its districts are those of a plain sum over the lines of the file.
func TestRealSierraLeone(t *testing.T) {
	dir := os.Getenv("HMIS_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data: %v", err)
	}
	in := func(name string) string { return filepath.Join(dir, "sierra-leone", name) }
	const bcg, measles = "s46m5MS0hxu", "YtbsuPPo010"
	out, log := first(t, "-metadata", in("merged-metadata.json.gz"), "-metadata", in("play42-metadata.json.gz"),
		"-values", in("play42-dataValues-2025.csv.gz"), "-indicators", bcg+","+measles, "-output", "csv")
	t.Log(log)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	require.NoError(t, err)
	got := make(map[string]string)
	for _, row := range rows[1:] {
		got[strings.Join(row[:3], " ")] = row[3]
	}

	district := make(map[string]string)
	for _, row := range realRows(t, filepath.Join(dir, "server-tables", "orgunit-structure.csv.gz")) {
		district[row["organisationunituid"]] = row["uidlevel2"]
	}
	sums := make(map[string]int)
	for _, row := range realRows(t, in("play42-dataValues-2025.csv.gz")) {
		if row["dataelement"] != bcg && row["dataelement"] != measles {
			continue
		}
		n, err := strconv.Atoi(row["value"])
		require.NoError(t, err)
		month, err := strconv.Atoi(row["period"][4:])
		require.NoError(t, err)
		sums[fmt.Sprintf("%s %s 2025Q%d", row["dataelement"], district[row["orgunit"]], (month+2)/3)] += n
	}
	want := make(map[string]string)
	for key, sum := range sums {
		want[key] = strconv.Itoa(sum)
	}
	require.Greater(t, len(want), 100)
	require.Empty(t, cmp.Diff(want, got))
}

// Every indicator of the demo country is shown, is without data, or is left out
// with a reason.
func TestRealIndicators(t *testing.T) {
	dir := os.Getenv("HMIS_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no real data: %v", err)
	}
	in := func(name string) string { return filepath.Join(dir, "sierra-leone", name) }
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

// realRows returns the rows of a gzipped CSV file by heading.
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
