package madx_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/madx"
)

// A report reads back the same, with all digits.
func TestRoundTrip(t *testing.T) {
	f := format(t)
	later := january(t)[0]
	later.Period = timeRange(t, "2026-02-01/P1M")
	elsewhere := january(t)[1]
	elsewhere.OrgUnit = `Hill "post" <2>`
	for _, groups := range [][]adx.Group{january(t), append(january(t), later, elsewhere)} {
		exported := time.Date(2026, 2, 5, 8, 15, 0, 0, time.UTC)
		text := write(t, f, adx.Header{Exported: exported}, groups...)
		var heads []adx.Header
		f.Header = func(h adx.Header) { heads = append(heads, h) }
		got, found, _ := read(t, f, text)
		require.Empty(t, found)
		if diff := cmp.Diff(groups, got, places); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		require.Equal(t, exported, heads[0].Exported)
		f.Header = nil
	}
}

// This is a report as a FHIR server receives it (RULES.md#reports-in-fhir).
func TestWrite(t *testing.T) {
	text := write(t, format(t), adx.Header{Exported: time.Date(2026, 2, 5, 11, 15, 0, 0, time.FixedZone("", 3*3600))}, january(t)...)
	var got, want any
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	coding := func(system, code string) string {
		return `{"coding":[{"system":"https://fhir.moh.example.org/CodeSystem/` + system + `","code":"` + code + `"}]}`
	}
	part := func(name, value string) string {
		return `{"code":` + coding("NUT_MONTHLY-dimensions", name) + `,"value":` + coding(name, value) + `}`
	}
	population := `"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/measure-population","code":"measure-population"}]}`
	element := func(code string) string { return `"code":` + coding("NUT_MONTHLY-data-elements", code) }
	require.NoError(t, json.Unmarshal([]byte(`{
		"resourceType":"MeasureReport",
		"meta":{"profile":["https://profiles.ihe.net/QRPH/mADX/StructureDefinition/mADX-MeasureReport"]},
		"identifier":[{"value":"NUT_MONTHLY|OU-1|2026-01-01/P1M"}],
		"status":"complete","type":"summary",
		"measure":"https://fhir.moh.example.org/Measure/NUT_MONTHLY|2.1",
		"subject":{"type":"Location","identifier":{"system":"https://fhir.moh.example.org/facility","value":"OU-1"}},
		"date":"2026-02-05T08:15:00Z",
		"period":{"start":"2026-01-01","end":"2026-01-31"},
		"group":[
			{`+element("VIT_A")+`,"population":[{`+population+`,"count":16}],"stratifier":[{"id":"VIT_A-by-AGE-SEX-FUNDS","stratum":[
				{"component":[`+part("AGE", "P6M--P1Y")+`,`+part("SEX", "F")+`,`+part("FUNDS", "STATE")+`],"measureScore":{"value":7}},
				{"component":[`+part("AGE", "P6M--P1Y")+`,`+part("SEX", "M")+`,`+part("FUNDS", "STATE")+`],"measureScore":{"value":9}}]}]},
			{`+element("SCREENED")+`,"population":[{`+population+`,"_count":{"extension":[
				{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"not-applicable"}]}}],
				"stratifier":[{"id":"SCREENED-by-AGE-FUNDS","stratum":[
				{"component":[`+part("AGE", "P1Y--P5Y")+`,`+part("FUNDS", "STATE")+`],"measureScore":{"value":2.50}}]}]},
			{`+element("SITES")+`,"population":[{`+population+`,"count":4}],"stratifier":[{"id":"SITES-by-FUNDS","stratum":[
				{"component":[`+part("FUNDS", "STATE")+`],"measureScore":{"value":3}},
				{"component":[`+part("FUNDS", "NGO")+`],"measureScore":{"value":1}}]}]}
		]}`), &want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	require.Contains(t, text, `"value":2.50}`)
}

// Values without dimensions are always scores, and also counts if they can be.
func TestWritePlain(t *testing.T) {
	f := madx.Format{Measure: madx.Measure{URL: "https://moh.example.org/Measure/m"}}
	tests := []struct{ value, score, count string }{
		{"0", "0", "0"}, {"17", "17", "17"}, {"+3", "3", "3"}, {"007", "7", "7"}, {"2.0", "2.0", "2"}, {"5.", "5", "5"}, {"00", "0", "0"},
		{" 7 ", "7", "7"}, {"2147483647", "2147483647", "2147483647"},
		{"2147483648", "2147483648", ""}, {"-3", "-3", ""}, {"3.50", "3.50", ""}, {".5", "0.5", ""}, {"-.5", "-0.5", ""},
		{"123456789012345678901234567890.123456789", "123456789012345678901234567890.123456789", ""},
	}
	for _, tt := range tests {
		g := adx.Group{DataSet: "d", OrgUnit: "u", Period: timeRange(t, "2026-01-01/P1M"), Values: []adx.Value{{DataElement: "e", Value: tt.value}}}
		text := write(t, f, adx.Header{}, g)
		require.Contains(t, text, `"measureScore":{"value":`+tt.score+`}`)
		if tt.count != "" {
			require.Contains(t, text, `"count":`+tt.count+`}`)
		} else {
			require.Contains(t, text, `"_count":{"extension"`)
			f.Counts = true
			err := f.Write(&strings.Builder{}, adx.Header{}, stream(g))
			f.Counts = false
			require.ErrorContains(t, err, "adx: group[1]/dataValue[1]: MADX-008: value ")
		}
		got, _, _ := read(t, f, text)
		require.Equal(t, tt.score, got[0].Values[0].Value)
	}
}

// A value that a report cannot hold is an error. With Reject the others are
// written.
func TestWriteError(t *testing.T) {
	text := "Fridge broken"
	tests := []struct {
		name  string
		spoil func(g []adx.Group)
		want  string
	}{
		{"a text", func(g []adx.Group) { g[0].Values[3] = adx.Value{DataElement: "REMARK", Value: "0", Annotation: &text} },
			`adx: group[1]/dataValue[4]: dataElement "REMARK": its value is a text, which has no place in a report`},
		{"a text that the measure counts", func(g []adx.Group) { g[1].Values[0].Value, g[1].Values[0].Annotation = "0.0", &text },
			`adx: group[2]/dataValue[1]: dataElement "SITES": its value is a text, which has no place in a report`},
		{"not in the measure", func(g []adx.Group) { g[0].Values[3].DataElement = "SITE" },
			`adx: group[1]/dataValue[4]: MADX-007: dataElement "SITE": not a group of the Measure`},
		{"no decimal", func(g []adx.Group) { g[0].Values[3].Value = "1e3" },
			`adx: group[1]/dataValue[4]: ADX-042: value "1e3": want a decimal`},
		{"an option combo", func(g []adx.Group) { g[0].Values[3].Attrs = a("categoryOptionCombo", "x") },
			`adx: group[1]/dataValue[4]: categoryOptionCombo "x": a report has dimensions: want the combo spelt out`},
		{"an attribute option combo", func(g []adx.Group) { g[1].Attrs = a("attributeOptionCombo", "x") },
			`adx: group[2]: attributeOptionCombo "x": a report has dimensions: want the combo spelt out`},
		{"dimension missing", func(g []adx.Group) { g[0].Values[0].Attrs = a("AGE", "P6M--P1Y") },
			`adx: group[1]/dataValue[1]: MADX-013: SEX: missing: the Measure breaks "VIT_A" down by it`},
		{"outer dimension missing", func(g []adx.Group) { g[1].Attrs = nil },
			`adx: group[2]/dataValue[1]: MADX-013: FUNDS: missing: the Measure breaks "SITES" down by it`},
		{"dimension too many", func(g []adx.Group) { g[0].Values[3].Attrs = a("SEX", "F") },
			`adx: group[1]/dataValue[4]: MADX-011: SEX: the Measure does not break "SITES" down by it`},
		{"code unknown", func(g []adx.Group) { g[1].Attrs = a("FUNDS", "X") },
			`adx: group[2]/dataValue[1]: MADX-012: FUNDS "X": not in the value set "https://fhir.moh.example.org/ValueSet/FUNDS"`},
		{"dimension twice", func(g []adx.Group) { g[0].Values[3].Attrs = a("FUNDS", "NGO") },
			`adx: group[1]/dataValue[4]: MADX-013: FUNDS "STATE": the dimension is there twice, on the group and on the value`},
		{"value twice", func(g []adx.Group) { g[0].Values[1] = g[0].Values[0] },
			`adx: group[1]/dataValue[2]: MADX-014: dataElement "VIT_A": an earlier value of the report has the same dimensions`},
		{"another data set", func(g []adx.Group) { g[1].DataSet = "X" },
			`adx: group[2]: MADX-017: dataSet "X": the Measure is that of "NUT_MONTHLY"`},
		{"a code that is not UTF-8", func(g []adx.Group) { g[1].OrgUnit = "OU-\xFF" }, `adx: group[2]: MADX-002: orgUnit "OU-\xff": a text of FHIR cannot hold it`},
		{"a code with a bell", func(g []adx.Group) { g[0].Values[3].DataElement = "SITES\a" },
			`adx: group[1]/dataValue[4]: MADX-002: dataElement "SITES\a": a text of FHIR cannot hold it`},
		{"no org unit", func(g []adx.Group) { g[1].OrgUnit = "" }, `adx: group[2]: MADX-004: orgUnit: missing`},
		{"no period", func(g []adx.Group) { g[1].Period = adx.TimeRange{} }, `adx: group[2]: MADX-015: period: missing`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			groups := january(t)
			tt.spoil(groups)
			f := format(t)
			err := f.Write(&strings.Builder{}, adx.Header{}, stream(groups...))
			if err == nil || err.Error() != tt.want {
				t.Errorf("Write = %v; want %s", err, tt.want)
			}
			var rejected []string
			f.Reject = func(x adx.Finding) { rejected = append(rejected, x.Error()) }
			out := write(t, f, adx.Header{}, groups...)
			require.Equal(t, []string{tt.want}, rejected)
			got, found, _ := read(t, format(t), out)
			require.Empty(t, found)
			n := 0
			for _, g := range got {
				n += len(g.Values)
			}
			require.Equal(t, 4, n, "five values without the bad one")
		})
	}
}

func TestWriteNothing(t *testing.T) {
	require.EqualError(t, format(t).Write(&strings.Builder{}, adx.Header{}, stream()), "adx: MADX-005: no group with a value: want one at least")
	require.EqualError(t, madx.Format{}.Write(&strings.Builder{}, adx.Header{}, stream(january(t)...)),
		"adx: a report refers to its Measure: want Measure.URL")
	broken := errors.New("broken")
	err := format(t).Write(&strings.Builder{}, adx.Header{}, func(yield func(adx.Group, error) bool) { yield(adx.Group{}, broken) })
	require.Equal(t, broken, err)
}

// Memory does not grow with the number of reports, except for the keys that
// find repeated ones.
func TestWriteStreams(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const n = 3000
	before := heap()
	groups := func(yield func(adx.Group, error) bool) {
		for i := range n {
			g := january(t)[0]
			g.OrgUnit = strconv.Itoa(i)
			if i%1000 == 999 {
				if now := heap(); now > before+2<<20 {
					t.Errorf("%d bytes more after %d reports", now-before, i)
				}
			}
			if !yield(g, nil) {
				return
			}
		}
	}
	var out countingWriter
	require.NoError(t, format(t).Write(&out, adx.Header{}, groups))
	require.Greater(t, int(out), n*1000)
}

type countingWriter int

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}

// The groups of a report must be consecutive. A later one would make a second
// report of the same facts.
func TestWriteApart(t *testing.T) {
	groups := january(t)
	other := groups[1]
	other.OrgUnit = "OU-2"
	err := format(t).Write(&strings.Builder{}, adx.Header{}, stream(groups[0], other, groups[1]))
	require.EqualError(t, err, `adx: group[3]: orgUnit "OU-1": its report for 2026-01-01/P1M has been written: want the groups of a report together`)
}

// Paths are those of the message, even if the Reader has left groups out.
func TestWritePaths(t *testing.T) {
	const group = `<group dataSet="d" orgUnit="u" period="2026-01-01/P1M">`
	r := adx.NewReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z"><group/>` + "\n" + group +
		`<dataValue dataElement="e" value="x"/>` + "\n" + ` <dataValue dataElement="e" categoryOptionCombo="c" value="1"/></group></adx>`))
	r.Reject = func(adx.Finding) {}
	f := madx.Format{Measure: madx.Measure{URL: "https://moh.example.org/Measure/m"}}
	require.EqualError(t, f.Write(&strings.Builder{}, adx.Header{}, r.Groups()),
		`adx: 3:2: group[2]/dataValue[2]: categoryOptionCombo "c": a report has dimensions: want the combo spelt out`)
}

// Without a Measure dimensions are sorted by name. A value that looks like a
// total is refused.
func TestWriteFree(t *testing.T) {
	f := madx.Format{Measure: madx.Measure{URL: "https://moh.example.org/Measure/m"}, Pending: true}
	var warned []string
	f.Warn = func(x adx.Finding) { warned = append(warned, x.Error()) }
	g := january(t)[0]
	remark := "counted twice"
	g.Attrs = append(g.Attrs, a("completeDate", "2026-02-04", "default", "default")...)
	g.Values[0].Attrs = a("SEX", "F", "AGE", "P6M--P1Y", "comment", "x")
	g.Values[3].Annotation = &remark
	text := write(t, f, adx.Header{}, g)
	require.Equal(t, []string{
		`adx: group[1]: completeDate "2026-02-04": it has no place in a report and is left out`,
		`adx: group[1]: default "default": it has no place in a report and is left out`,
		`adx: group[1]/dataValue[1]: comment "x": it has no place in a report and is left out`,
		`adx: group[1]/dataValue[4]: annotation "counted twice": a remark has no place in a report and is left out`,
	}, warned)
	require.Contains(t, text, `"status":"pending"`)
	got, found, _ := read(t, f, text)
	require.Empty(t, found)
	require.Equal(t, a("AGE", "P6M--P1Y", "SEX", "F", "FUNDS", "STATE"), got[0].Values[0].Attrs)

	g = january(t)[0]
	g.Attrs = nil
	g.Values = append(g.Values, adx.Value{DataElement: "SITES", Value: "2", Attrs: a("SEX", "F")})
	require.EqualError(t, f.Write(&strings.Builder{}, adx.Header{}, stream(g)),
		`adx: group[1]/dataValue[5]: MADX-013: dataElement "SITES": values with and without dimensions cannot stand in one group of a report`)

	f.Text = func(element string) bool { return element == "SITES" }
	require.ErrorContains(t, f.Write(&strings.Builder{}, adx.Header{}, stream(g)), "its value is a text")
}

// Each row is a time range, its period in FHIR, and what that reads back as
// (RULES.md#reports-in-fhir).
func TestPeriods(t *testing.T) {
	f := madx.Format{Measure: madx.Measure{URL: "https://moh.example.org/Measure/m"}}
	tests := []struct{ period, start, end, back string }{
		{"2026-01-01/P1M", "2026-01-01", "2026-01-31", "2026-01-01/P1M"},
		{"2024-02-01/P1M", "2024-02-01", "2024-02-29", "2024-02-01/P1M"},
		{"2026-02-01/P28D", "2026-02-01", "2026-02-28", "2026-02-01/P1M"}, // FHIR cannot distinguish this from a month
		{"2026-02-02/P7D", "2026-02-02", "2026-02-08", "2026-02-02/P7D"},
		{"2026-01-05/P14D", "2026-01-05", "2026-01-18", "2026-01-05/P14D"},
		{"2026-01-01/P12M", "2026-01-01", "2026-12-31", "2026-01-01/P1Y"},
		{"2025-10-01/P1Y", "2025-10-01", "2026-09-30", "2025-10-01/P1Y"},
		{"2026-01-01/P2Y", "2026-01-01", "2027-12-31", "2026-01-01/P2Y"},
		{"2026-01-15/P1M", "2026-01-15", "2026-02-14", "2026-01-15/P31D"},
		{"2026-05-06/P1D", "2026-05-06", "2026-05-06", "2026-05-06/P1D"},
		{"1700-01-02/P120000D", "1700-01-02", "2028-07-20", "1700-01-02/P120000D"}, // longer than a time.Duration can be
		{"2026-01-01Z/P1M", "2026-01-01", "2026-01-31", "2026-01-01/P1M"},
		{"2026-01-01T09:00:00+03:00/P1D", "2026-01-01T09:00:00+03:00", "2026-01-02T08:59:59+03:00", "2026-01-01T09:00:00+03:00/P1D"},
		{"2026-01-01T09:00:00/PT1H30M", "2026-01-01T09:00:00Z", "2026-01-01T10:29:59Z", "2026-01-01T09:00:00Z/PT1H30M"},
		{"2026-01-01T09:00:00Z/PT1.5S", "2026-01-01T09:00:00.0Z", "2026-01-01T09:00:01.4Z", "2026-01-01T09:00:00Z/PT1.5S"},
		{"2026-01-01T09:00:00.25Z/PT0.75S", "2026-01-01T09:00:00.25Z", "2026-01-01T09:00:00.99Z", "2026-01-01T09:00:00.25Z/PT0.75S"},
		{"2026-01-01T09:00:00Z/PT0.001S", "2026-01-01T09:00:00.000Z", "2026-01-01T09:00:00.000Z", "2026-01-01T09:00:00Z"}, // FHIR cannot distinguish this from an instant
		{"2026-01-01T09:00:00Z/PT1S", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z"},
		{"2026-01-01T09:00:00.5Z", "2026-01-01T09:00:00.5Z", "2026-01-01T09:00:00.5Z", "2026-01-01T09:00:00.5Z"},
		{"2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00Z"},
	}
	for _, tt := range tests {
		g := adx.Group{DataSet: "d", OrgUnit: "u", Period: timeRange(t, tt.period), Values: []adx.Value{{DataElement: "e", Value: "1"}}}
		text := write(t, f, adx.Header{}, g)
		require.Contains(t, text, `"period":{"start":"`+tt.start+`","end":"`+tt.end+`"}`, tt.period)
		got, _, _ := read(t, f, text)
		require.Equal(t, tt.back, got[0].Period.String(), tt.period)
	}
}
