package dsd_test

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// Message returns the findings of the Reader and of the definition, each at the
// attribute at fault. Rejected groups and values count.
func TestMessage(t *testing.T) {
	const message = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="EPI_MONTHLY" orgUnit="HF-101" STRATEGY="FIXED">
    <dataValue dataElement="BCG" value="14"/>
  </group>
  <group
      dataSet="EPI_MONTHLY"
      orgUnit="HF-103"
      period="2026-01-01/P1M">
    <dataValue dataElement="BCG" value="1e3"/>
    <dataValue dataElement="BCG2" value="1"/>
    <dataValue dataElement="PENTA3" AGE="P0Y--P1Y"
               SEX="f" value="5"/>
  </group>
  <group dataSet="EPI_MONTHLY" orgUnit="HF-101" period="2026-01-01/P1M" STRATEGY="FIXED">
    <dataValue dataElement="BCG" value="14"/>
  </group>
  <group dataSet="EPI_MONTHLY" orgUnit="HF-101" period="2026-01-01/P1M" STRATEGY="FIXED">
    <dataValue dataElement="NOTE" value="0"/>
  </group>
</adx>`
	d := define(t, epiMonthly())
	var got []string
	for _, f := range collect(t, dsd.Checker{Definition: d}.Message(strings.NewReader(message))) {
		got = append(got, f.Error())
	}
	want := []string{
		`adx: 2:3: group[1]: ADX-021: period: it is missing`,
		`adx: 9:34: group[2]/dataValue[1]: ADX-042: value "1e3": want a decimal such as -3.50`,
		`adx: 7:7: group[2]: ADX-030: orgUnit "HF-103": want a code of CL_ORG_UNIT, such as "HF-101"`,
		`adx: 5:3: group[2]: ADX-032: STRATEGY: the outer dimension is missing`,
		`adx: 10:5: group[2]/dataValue[2]: ADX-043: dataElement "BCG2": want a code of CL_DATA_ELEMENT, such as "BCG"`,
		`adx: 12:16: group[2]/dataValue[3]: ADX-044: SEX "f": want a code of CL_SEX, such as "F"`,
		`adx: 17:3: group[4]: ADX-029: an earlier group has the same data set, org unit, period and outer dimensions`,
		`adx: 18:5: group[4]/dataValue[1]: ADX-053: data element "NOTE" is a text, and there is none: want an annotation`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	got = got[:0]
	for f, err := range (dsd.Checker{Definition: d, Limit: 3}).Message(strings.NewReader(strings.Replace(message, "</adx>", "</adx", 1))) {
		if err != nil {
			bad, ok := errors.AsType[*adx.Finding](err)
			require.True(t, ok)
			f = *bad
		}
		got = append(got, f.Rule)
	}
	require.Equal(t, []string{"ADX-021", "ADX-042", "ADX-030", "ADX-165", "ADX-001"}, got)

	n := 0
	for range (dsd.Checker{Definition: d}).Message(strings.NewReader(message)) {
		if n++; n == 2 { // the Reader has reported this one
			break
		}
	}
	require.Equal(t, 2, n)

	c := dsd.Checker{Definition: d, Limits: adx.Limits{Attrs: 3}}
	var last error
	for _, err := range c.Message(strings.NewReader(message)) {
		last = err
	}
	require.EqualError(t, last, "adx: 12:24: group[2]: ADX-161: the element has more than 3 attributes")
	broken := errors.New("the line is dead")
	for _, err := range c.Message(io.MultiReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015">`), failing{broken})) {
		if err != nil {
			require.ErrorIs(t, err, broken)
		}
	}
}

// Each malformed sample has the outcome in EXPECT.md: one of its rules, or all
// that are joined by "and", in the line given there.
func TestSampleBad(t *testing.T) {
	d := sampleDefinition(t, "made-up-epi-dsd.xml")
	text, err := io.ReadAll(sample(t, "bad/EXPECT.md"))
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^\| (s\S+) \| (\S+) \| (.*) \|$`).FindAllStringSubmatch(string(text), -1)
	files, err := filepath.Glob(filepath.Join(samples, "bad", "*.xml"))
	require.NoError(t, err)
	require.Len(t, rows, len(files))
	for _, row := range rows {
		file, position, outcome := row[1], row[2], row[3]
		wanted := regexp.MustCompile(`(?:ADX-|/)(\d{3})`).FindAllStringSubmatch(outcome, -1)
		require.NotEmpty(t, wanted, file)
		line, _, _ := strings.Cut(position, ":")
		met, lines := map[string]bool{}, map[string]bool{}
		message := sample(t, "bad/"+file)
		for f, err := range (dsd.Checker{Definition: d}).Message(message) {
			if err != nil {
				bad, ok := errors.AsType[*adx.Finding](err)
				require.True(t, ok, "%s: %v", file, err)
				f = *bad
			}
			if f.Severity >= hmis.Severe {
				met[strings.TrimPrefix(f.Rule, "ADX-")] = true
				lines[strconv.Itoa(f.Line)] = true
			}
		}
		found := 0
		for _, w := range wanted {
			if met[w[1]] {
				found++
			}
		}
		switch {
		case found == 0, strings.Contains(outcome, " and ADX-") && found < len(wanted):
			t.Errorf("%s: found %v; want %s", file, met, outcome)
		case line != "-" && !lines[line]:
			t.Errorf("%s: found in lines %v; want line %s", file, lines, line)
		}
	}
}

// DHIS2 leaves out exported. In tolerant checking that is a warning.
func TestMessageTolerant(t *testing.T) {
	c := dsd.Checker{Definition: sampleDefinition(t, "ihe-covid19-dsd.xml"), Tolerant: true}
	got := collect(t, c.Message(sample(t, "ihe-covid19-data.xml")))
	require.Equal(t, []string{"W ADX-010", "W ADX-116"}, rules(got))
}

// The memory for checking does not grow with the message.
func TestMessageStreams(t *testing.T) {
	begin, end := strings.Index(epiMessage, "  <group"), strings.Index(epiMessage, "</adx>")
	const n = 20_000
	in, out := io.Pipe()
	go func() {
		_, _ = io.WriteString(out, epiMessage[:begin])
		for i := range n {
			_, _ = io.WriteString(out, strings.Replace(epiMessage[begin:end], "2026-01-01", fmt.Sprintf("%04d-01-01", 1000+i%8000), 1))
		}
		_, _ = io.WriteString(out, epiMessage[end:])
		_ = out.Close()
	}()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, told := heap(), 0
	c := dsd.Checker{Definition: define(t, epiMonthly()), Keys: 1000, Limit: -1, Text: func(element string) bool { return element == "BCG" }}
	for f, err := range c.Message(in) {
		require.NoError(t, err)
		if told++; told%10_000 == 0 {
			if now := heap(); now > before+8<<20 {
				t.Fatalf("%d bytes more after %d findings: %v", now-before, told, f.Error())
			}
		}
	}
	require.Greater(t, told, 2*n-1)
}
