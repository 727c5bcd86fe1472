package adx_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

const (
	root  = `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">`
	group = `<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M">`
	value = `<dataValue dataElement="BCG" value="14"/>`
)

// in returns a message with one group that has these values.
func in(values string) string { return root + group + values + `</group></adx>` }

// withGroup returns a message with one group that has these attributes.
func withGroup(attrs string) string { return root + `<group ` + attrs + `>` + value + `</group></adx>` }

// read reads a message and collects all findings, as words such as "E ADX-042",
// and the groups.
func read(doc string, set func(*adx.Reader)) (found []string, groups []adx.Group) {
	r := adx.NewReader(strings.NewReader(doc))
	r.Warn = func(f adx.Finding) { found = append(found, "W "+f.Rule) }
	r.Reject = func(f adx.Finding) { found = append(found, "E "+f.Rule) }
	if set != nil {
		set(r)
	}
	for g, err := range r.Groups() {
		if err != nil {
			letter := "F "
			if err.(*adx.Finding).Severity != hmis.Critical {
				letter = "E "
			}
			found = append(found, letter+err.(*adx.Finding).Rule)
			break
		}
		groups = append(groups, g)
	}
	return found, groups
}

func TestReaderOptions(t *testing.T) {
	none := strings.Replace(in(value), ` xmlns="urn:ihe:qrph:adx:2015"`, "", 1)
	found, groups := read(none, func(r *adx.Reader) { r.Unqualified = true })
	require.Equal(t, []string{"W ADX-004"}, found)
	require.Len(t, groups, 1)

	found, groups = read(withGroup(`orgUnit="HF-101" period="2026-01-01/P1M"`), func(r *adx.Reader) { r.Edition = 2015 })
	require.Empty(t, found)
	require.Equal(t, "", groups[0].DataSet)

	found, _ = read(in(value), func(r *adx.Reader) { r.Edition = 2016 })
	require.Equal(t, []string{"F "}, found)

	apart := root + group + value + `</group><group dataSet="EPI" orgUnit="HF-102" period="2026-01-01/P1M">` + value + `</group>` + group + value + `</group></adx>`
	found, _ = read(apart, nil)
	require.Equal(t, []string{"W ADX-029"}, found)
	found, _ = read(apart, func(r *adx.Reader) { r.Unique = true })
	require.Equal(t, []string{"W ADX-029", "E ADX-049"}, found)
	found, _ = read(apart, func(r *adx.Reader) { r.Unique, r.Limits.Keys = true, 1 })
	require.Equal(t, []string{"F ADX-164"}, found) // an error is better than keys that cannot be held
}

// Groups are compared with earlier ones in bounded memory, even if there are
// very many.
func TestReaderManyGroups(t *testing.T) {
	var b strings.Builder
	b.WriteString(root)
	unit := func(i int) {
		fmt.Fprintf(&b, `<group dataSet="EPI" orgUnit="%d" period="2026-01-01/P1M">`+value+`</group>`, i)
	}
	for i := range 70_000 {
		unit(i)
	}
	unit(69_000) // one of the last groups
	unit(69_000) // its group continues
	unit(1)      // too long ago to be remembered
	b.WriteString("</adx>")
	found, _ := read(b.String(), nil)
	require.Equal(t, []string{"W ADX-029", "W ADX-029", "E ADX-049"}, found)
	found, _ = read(b.String(), func(r *adx.Reader) { r.Unique = true })
	require.Equal(t, []string{"W ADX-029", "E ADX-049", "W ADX-029", "E ADX-049", "W ADX-029", "E ADX-049"}, found)
}

func TestReaderLimits(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	tests := []struct {
		doc, want string
		set       func(*adx.Reader)
	}{
		{withGroup(`dataSet="EPI" orgUnit="` + strings.Repeat("x", 65_536) + `" period="2026-01-01/P1M"`), "", nil},
		{withGroup(`dataSet="EPI" orgUnit="` + strings.Repeat("x", 65_537) + `" period="2026-01-01/P1M"`), "F ADX-160", nil},
		{in(`<dataValue dataElement="A" value="0"><annotation>` + strings.Repeat("x", 65_537) + `</annotation></dataValue>`), "F ADX-160", nil},
		{in(`<dataValue dataElement="A" value="0"><annotation>` + strings.Repeat("x<!---->", 65_537) + `</annotation></dataValue>`), "F ADX-160", nil},
		{in(`<dataValue dataElement="A" value="0"` + many(254, ` a%d=""`) + `/>`), "", nil},
		{in(`<dataValue dataElement="A" value="0"` + many(255, ` a%d=""`) + `/>`), "F ADX-161", nil},
		{in(`<dataValue dataElement="A" value="` + strings.Repeat("1", 1000) + `"/>`), "", nil},
		{in(`<dataValue dataElement="A" value="` + strings.Repeat("1", 1001) + `"/>`), "F ADX-162", nil},
		{in(`<dataValue dataElement="A" value="` + strings.Repeat("1", 1001) + `"/>`), "", func(r *adx.Reader) { r.Limits.Digits = -1 }},
		{root + strings.Repeat("<x>", 20_000), "W ADX-009 F ADX-163", func(r *adx.Reader) { r.Tolerant = true }},
		{in(value), "F ADX-164", func(r *adx.Reader) { r.Limits.Bytes = int64(len(in(value)) - 1) }},
		{in(value), "", func(r *adx.Reader) { r.Limits.Bytes = int64(len(in(value))) }},
		{in(many(3, `<dataValue dataElement="A%d" value="0"/>`)), "F ADX-164", func(r *adx.Reader) { r.Limits.Values = 2 }},
		{in(many(3, `<dataValue dataElement="A%d" value="0"/>`)), "F ADX-164", func(r *adx.Reader) { r.Limits.Group = 2 }},
		{in(many(3, `<dataValue dataElement="A%d" value="0"/>`)), "F ADX-164", func(r *adx.Reader) { r.Limits.Memory = 200 }},
	}
	for _, tt := range tests {
		found, _ := read(tt.doc, tt.set)
		if got := strings.Join(found, " "); got != tt.want {
			t.Errorf("%.200s: got %q, want %q", tt.doc, got, tt.want)
		}
	}
	found, groups := read(in(many(2000, `<dataValue dataElement="A%d" value="x"/>`)+value), nil)
	require.Len(t, found, 1001)
	require.Equal(t, "W ADX-165", found[1000])
	require.Len(t, groups, 1)
	require.Len(t, groups[0].Rejected, 2000)
}

func TestReaderGroups(t *testing.T) {
	doc := "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>
<a:adx xmlns:a="urn:ihe:qrph:adx:2015" xmlns:x="urn:x" batch="7" exported="2026-02-05T08:15:00.50+03:00" x:by="me">
  <a:group period='2026-01-01/P1M' STRATEGY="FIXED" orgUnit="HF-101" dataSet="EPI" completeDate="2026-02-04">
    <a:dataValue value="007.0" dataElement="BCG" note="a&#9;b" x:SEX="F"/>
    <a:dataValue dataElement="NOTE" value=" 0 "><a:annotation> Fridge &lt; 2 °C
<![CDATA[& more]]> </a:annotation></a:dataValue>
    <a:dataValue dataElement="EMPTY" value="0"><a:annotation/></a:dataValue>
    <a:dataValue dataElement="BAD" value="x"/>
  </a:group>
</a:adx>`
	note, empty := " Fridge < 2 °C\n& more ", ""
	period, err := adx.ParseTimeRange("2026-01-01/P1M")
	require.NoError(t, err)
	want := []adx.Group{{
		DataSet: "EPI", OrgUnit: "HF-101", Period: period, Line: 3, Column: 3, Rejected: []int{4}, Number: 1,
		Attrs: []adx.Attr{{Name: "STRATEGY", Value: "FIXED"}, {Name: "completeDate", Value: "2026-02-04"}},
		Values: []adx.Value{
			{DataElement: "BCG", Value: "007.0", Attrs: []adx.Attr{{Name: "note", Value: "a b"}, {Space: "urn:x", Name: "SEX", Value: "F"}}, Line: 4, Column: 5},
			{DataElement: "NOTE", Value: "0", Annotation: &note, Line: 5, Column: 5},
			{DataElement: "EMPTY", Value: "0", Annotation: &empty, Line: 7, Column: 5},
		},
	}}
	for _, source := range []io.Reader{strings.NewReader(doc), iotest.OneByteReader(strings.NewReader(doc))} {
		r := adx.NewReader(source)
		r.Reject = func(adx.Finding) {}
		var got []adx.Group
		for g, err := range r.Groups() {
			require.NoError(t, err)
			got = append(got, g)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		wantHeader := adx.Header{
			Exported:     time.Date(2026, 2, 5, 5, 15, 0, 5e8, time.UTC),
			ExportedText: "2026-02-05T08:15:00.50+03:00",
			Attrs:        []adx.Attr{{Name: "batch", Value: "7"}, {Space: "urn:x", Name: "by", Value: "me"}},
		}
		if diff := cmp.Diff(wantHeader, r.Header()); diff != "" {
			t.Error(diff)
		}
		groups, values, rejected := r.Counts()
		require.Equal(t, []int64{1, 4, 1}, []int64{int64(groups), values, rejected})
	}
}

func TestReaderOnce(t *testing.T) {
	r := adx.NewReader(strings.NewReader(in(value)))
	for _, err := range r.Groups() {
		require.NoError(t, err)
		break // that is allowed
	}
	for _, err := range r.Groups() {
		require.ErrorContains(t, err, "the message has been read already")
	}
}

func TestReaderBrokenInput(t *testing.T) {
	broken := errors.New("the cable is cut")
	r := adx.NewReader(io.MultiReader(strings.NewReader(root+group+value), iotest.ErrReader(broken)))
	for _, err := range r.Groups() {
		require.ErrorIs(t, err, broken)
		require.EqualError(t, err, fmt.Sprintf("adx: 1:%d: group[1]: the input cannot be read: the cable is cut", len(root+group+value)+1))
	}
}

// These samples are in the shared folder; its index describes each.
func TestReaderSamples(t *testing.T) {
	all := sampleFiles(t, "*.xml")
	verdicts := map[string]struct {
		found          string // the rules that are broken, each once
		edition        int
		groups, values int
	}{
		"made-up-epi-data.xml":                  {"", 2017, 3, 10},
		"ihe2017-data-malaria.xml":              {"", 2017, 2, 13},
		"ihe-covid19-data.xml":                  {"ADX-010", 2017, 1, 175},
		"dhis2-data-sample2.xml":                {"", 2015, 2, 13},
		"dhis2-exportA.adx.xml":                 {"ADX-010", 2017, 2, 2},
		"dhis2-exportC.adx.xml":                 {"ADX-010", 2017, 4, 4},
		"dhis2-importA.adx.xml":                 {"ADX-010", 2017, 5, 9},
		"dhis2-importC.adx.xml":                 {"ADX-010", 2017, 5, 9},
		"dhis2-importDates.adx.xml":             {"ADX-010 ADX-009", 2017, 1, 1},
		"pre2015-dataValueSet-period-outer.xml": {"ADX-004", 2017, 0, 0},
	}
	for _, file := range all {
		doc, err := os.ReadFile(file)
		require.NoError(t, err)
		found, _ := read(string(doc), func(r *adx.Reader) { r.Tolerant = true })
		want, known := verdicts[filepath.Base(file)]
		if !known {
			if strings.Contains(file, "dsd") || strings.Contains(file, "concepts") {
				require.Equal(t, []string{"F ADX-004"}, found, file) // this one is a definition and no message
			}
			continue // a newer sample; reading it did not panic
		}
		found, groups := read(string(doc), func(r *adx.Reader) { r.Tolerant, r.Edition = true, want.edition })
		var rules []string
		for _, f := range found {
			if rule := f[2:]; !strings.Contains(strings.Join(rules, " "), rule) {
				rules = append(rules, rule)
			}
		}
		values := 0
		for _, g := range groups {
			values += len(g.Values)
		}
		if strings.Join(rules, " ") != want.found || len(groups) != want.groups || values != want.values {
			t.Errorf("%s: %v, %d groups, %d values; want %q, %d, %d", file, found, len(groups), values, want.found, want.groups, want.values)
		}
	}
	doc, err := os.ReadFile(filepath.Join(filepath.Dir(all[0]), "dhis2-data-sample2.xml"))
	require.NoError(t, err)
	found, _ := read(string(doc), nil)
	require.Equal(t, []string{"E ADX-026", "E ADX-026"}, found)
}

// Each row of EXPECT.md is a malformed sample and what must happen with it: |
// file | line:column | REJECT RULE..., ERROR RULE in strict mode..., Valid... |
func TestReaderBadSamples(t *testing.T) {
	files := sampleFiles(t, "bad/*.xml")
	table, err := os.ReadFile(filepath.Join(samples, "bad", "EXPECT.md"))
	require.NoError(t, err)
	expected := map[string][]string{}
	for line := range strings.Lines(string(table)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.HasSuffix(strings.TrimSpace(cells[1]), ".xml") {
			expected[strings.TrimSpace(cells[1])] = []string{strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])}
		}
	}
	rule := regexp.MustCompile(`ADX-[0-9]+(/[0-9]+)*`)
	for _, file := range files {
		name := filepath.Base(file)
		want, known := expected[name]
		if !known {
			t.Errorf("%s is not in EXPECT.md", name)
			continue
		}
		doc, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, tolerant := range []bool{false, true} {
			severities := map[string]hmis.Severity{} // the severity of each rule and line
			values := 0
			note := func(f adx.Finding) {
				severities[fmt.Sprint(f.Rule, " ", f.Line)] = f.Severity
				if f.Attr+f.Got+f.Want == "" && f.Err == nil {
					t.Errorf("%s: %v says nothing", name, f)
				}
			}
			r := adx.NewReader(bytes.NewReader(doc))
			r.Tolerant, r.Warn, r.Reject = tolerant, note, note
			for g, err := range r.Groups() {
				if err != nil {
					note(*err.(*adx.Finding))
				}
				values += len(g.Values)
			}
			line, _, _ := strings.Cut(want[0], ":")
			if line == "-" {
				line = "1"
			}
			worst := hmis.Severity(0)
			for _, one := range strings.Split(rule.FindString(want[1]), "/") {
				worst = max(worst, severities["ADX-"+strings.TrimPrefix(one, "ADX-")+" "+line])
			}
			switch {
			case strings.HasPrefix(want[1], "REJECT"):
				if worst < hmis.Severe || values > 0 {
					t.Errorf("%s, tolerant %v: %v, %d values; want %v", name, tolerant, severities, values, want)
				}
			case strings.HasPrefix(want[1], "ERROR"): // in tolerant reading it is a warning
				if tolerant != (worst == hmis.Warning) || values != 1 {
					t.Errorf("%s, tolerant %v: %v, %d values; want %v", name, tolerant, severities, values, want)
				}
			case strings.HasPrefix(want[1], "Valid"):
				if len(severities) > 0 || values == 0 {
					t.Errorf("%s, tolerant %v: %v, %d values; want %v", name, tolerant, severities, values, want)
				}
			default:
				t.Errorf("%s: what is %q?", name, want[1])
			}
		}
	}
	packed, err := os.Open(filepath.Join(samples, "bad", "s15-gzip-bytes.xml"))
	require.NoError(t, err)
	defer packed.Close()
	expanded, err := gzip.NewReader(packed)
	require.NoError(t, err)
	doc, err := io.ReadAll(expanded)
	require.NoError(t, err)
	_, groups := read(string(doc), nil)
	require.Equal(t, "BCG=14", groups[0].Values[0].DataElement+"="+groups[0].Values[0].Value)
}

const samples = "../../shared/samples/adx"

// sampleNames returns the names of the shared samples. There are none without
// the shared folder.
func sampleNames(pattern string) []string {
	files, err := filepath.Glob(filepath.Join(samples, pattern))
	if err != nil {
		panic(err) // the pattern is invalid
	}
	return files
}

func sampleFiles(t *testing.T, pattern string) []string {
	files := sampleNames(pattern)
	if len(files) == 0 {
		t.Skip("the shared samples are not there")
	}
	return files
}

// ignorePlace compares groups without their places.
var ignorePlace = cmp.Options{
	cmpopts.IgnoreFields(adx.Group{}, "Number", "Line", "Column"),
	cmpopts.IgnoreFields(adx.Value{}, "Line", "Column"),
	cmp.Comparer(func(a, b adx.TimeRange) bool { return a == b }),
}

// readFile reads a file with Tolerant set.
func readFile(t *testing.T, name string) (*adx.Reader, []adx.Group) {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	r := adx.NewReader(f)
	r.Tolerant = true
	r.Reject = func(adx.Finding) {}
	var groups []adx.Group
	for g, err := range r.Groups() {
		if err != nil {
			break
		}
		groups = append(groups, g)
	}
	return r, groups
}
