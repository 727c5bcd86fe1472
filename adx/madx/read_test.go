package madx_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/madx"
)

// Each row breaks one rule in a report that keeps all
// (RULES.md#findings-of-reports).
func TestReadRules(t *testing.T) {
	valid := write(t, format(t), adx.Header{}, january(t)...)
	const (
		female = `{"code":{"coding":[{"system":"https://fhir.moh.example.org/CodeSystem/NUT_MONTHLY-dimensions","code":"SEX"}]},"value":{"coding":[{"system":"https://fhir.moh.example.org/CodeSystem/SEX","code":"F"}]}}`
		sites  = `"code":"SITES"`
	)
	tests := []struct {
		name, old, new string
		values         int // the number of values read
		want           []string
		path           string // the path of the first finding
	}{
		{"as it is", "", "", 5, nil, ""},
		{"unknown status", `"complete"`, `"final"`, 0, []string{"E MADX-001"}, "MeasureReport.status"},
		{"a report that failed", `"complete"`, `"error"`, 5, []string{"W MADX-001"}, "MeasureReport.status"},
		{"no status", `"status":"complete",`, ``, 0, []string{"E MADX-001"}, "MeasureReport.status"},
		{"another resource", `"MeasureReport"`, `"Observation"`, 0, []string{"F MADX-001"}, ""},
		{"unknown element", `"status":"complete"`, `"status":"complete","colour":"red"`, 5, []string{"E MADX-002"}, "MeasureReport.colour"},
		{"wrong type", `"start":"2026-01-01"`, `"start":20260101`, 0, []string{"E MADX-002", "E MADX-015"}, "MeasureReport.period.start"},
		{"count is no integer", `"count":16`, `"count":16.5`, 3, []string{"E MADX-002", "E MADX-008"}, "MeasureReport.group[0].population[0].count"},
		{"empty text", `"start":"2026-01-01"`, `"start":""`, 0, []string{"E MADX-002", "E MADX-015"}, "MeasureReport.period.start"},
		{"empty array", `"identifier":[`, `"contained":[],"identifier":[`, 5, []string{"E MADX-002"}, "MeasureReport.contained"},
		{"modifier", `"status":"complete"`, `"status":"complete","modifierExtension":[{"url":"x"}]`, 5, []string{"E MADX-002"}, "MeasureReport.modifierExtension"},
		{"a bound", `"measureScore":{"value":7}`, `"measureScore":{"value":7,"comparator":"<"}`, 4, []string{"E MADX-002"},
			"MeasureReport.group[0].stratifier[0].stratum[0].measureScore.comparator"},
		{"extensions are fine", `"status":"complete"`, `"status":"complete","_status":{"id":"s"},"extension":[{"url":"x"}]`, 5, nil, ""},
		{"individual", `"summary"`, `"individual"`, 0, []string{"E MADX-003"}, "MeasureReport.type"},
		{"collection", `"summary"`, `"data-collection"`, 0, []string{"E MADX-003", "E MADX-002"}, "MeasureReport.type"},
		{"no subject", `"subject":{"type":"Location","identifier":{"system":"https://fhir.moh.example.org/facility","value":"OU-1"}},`, ``, 0,
			[]string{"E MADX-004"}, "MeasureReport.subject"},
		{"subject of another system", `https://fhir.moh.example.org/facility`, `urn:other`, 0, []string{"E MADX-004"}, "MeasureReport.subject.identifier.system"},
		{"no group", valid[strings.Index(valid, `,"group":`) : len(valid)-2], ``, 0, []string{"E MADX-005"}, "MeasureReport.group"},
		{"group without code", sites, `"display":"Sites"`, 3, []string{"E MADX-006"}, "MeasureReport.group[2].code"},
		{"group with a blank code", sites, `"code":" "`, 3, []string{"E MADX-002", "E MADX-006"}, "MeasureReport.group[2].code.coding[0].code"},
		{"group code with a blank", sites, `"code":"SITES "`, 5, []string{"E MADX-002"}, "MeasureReport.group[2].code.coding[0].code"},
		{"group of no measure", sites, `"code":"SITE"`, 3, []string{"E MADX-007"}, "MeasureReport.group[2].code"},
		{"group of another system", `data-elements","code":"SITES"`, `data","code":"SITES"`, 3, []string{"E MADX-007"}, "MeasureReport.group[2].code"},
		{"no population", `"population":[{"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/measure-population","code":"measure-population"}]},"count":16}],`, ``,
			3, []string{"E MADX-008"}, "MeasureReport.group[0].population"},
		{"no count", `,"count":16`, ``, 3, []string{"E MADX-008"}, "MeasureReport.group[0].population[0].count"},
		{"population without code", `"measure-population"}`, `""}`, 3, []string{"E MADX-002", "E MADX-008"}, "MeasureReport.group[0].population[0].code.coding[0].code"},
		{"no score", `,"measureScore":{"value":7}`, ``, 4, []string{"E MADX-009"}, "MeasureReport.group[0].stratifier[0].stratum[0].measureScore.value"},
		{"value of a stratum", `{"component":[`, `{"value":{"text":"x"},"component":[`, 4, []string{"E MADX-010"}, "MeasureReport.group[0].stratifier[0].stratum[0].value"},
		{"component without value", `,"value":{"coding":[{"system":"https://fhir.moh.example.org/CodeSystem/SEX","code":"F"}]}`, ``, 4,
			[]string{"E MADX-010"}, "MeasureReport.group[0].stratifier[0].stratum[0].component[1]"},
		{"unknown component", `"code":"SEX"`, `"code":"GENDER"`, 4, []string{"E MADX-011"}, "MeasureReport.group[0].stratifier[0].stratum[0].component[1].code"},
		{"unknown value", `"code":"F"`, `"code":"X"`, 4, []string{"E MADX-012"}, "MeasureReport.group[0].stratifier[0].stratum[0].component[1].value"},
		{"value of another system", `CodeSystem/SEX`, `CodeSystem/GENDER`, 4, []string{"E MADX-012"}, "MeasureReport.group[0].stratifier[0].stratum[0].component[1].value"},
		{"component missing", female + ",", ``, 4, []string{"E MADX-013"}, "MeasureReport.group[0].stratifier[0].stratum[0].component"},
		{"component twice", female, female + "," + female, 4, []string{"E MADX-013"}, "MeasureReport.group[0].stratifier[0].stratum[0].component[2]"},
		{"no strata", valid[strings.Index(valid, `,"stratifier":[{"id":"SITES`) : len(valid)-4], ``, 3, []string{"E MADX-013"}, "MeasureReport.group[2].stratifier"},
		{"strata twice", `"code":"M"`, `"code":"F"`, 4, []string{"E MADX-014"}, "MeasureReport.group[0].stratifier[0].stratum[1].component"},
		{"no end", `,"end":"2026-01-31"`, ``, 0, []string{"E MADX-015"}, "MeasureReport.period"},
		{"no date", `2026-01-31`, `2026-02-30`, 0, []string{"E MADX-015"}, "MeasureReport.period.end"},
		{"time with one digit", `"2026-01-31"`, `"2026-01-31T9:00:00Z"`, 0, []string{"E MADX-015"}, "MeasureReport.period.end"},
		{"time without zone", `"2026-01-31"`, `"2026-01-31T23:59:59"`, 0, []string{"E MADX-015"}, "MeasureReport.period.end"},
		{"upside down", `"start":"2026-01-01"`, `"start":"2026-02-01"`, 0, []string{"E MADX-015"}, "MeasureReport.period"},
		{"two precisions", `"start":"2026-01-01"`, `"start":"2026-01"`, 0, []string{"E MADX-015"}, "MeasureReport.period"},
		{"sum is another", `"count":16`, `"count":99`, 5, []string{"W MADX-016"}, "MeasureReport.group[0].stratifier[0]"},
		{"another measure", `Measure/NUT_MONTHLY`, `Measure/X`, 0, []string{"E MADX-017"}, "MeasureReport.measure"},
		{"another version", `NUT_MONTHLY|2.1`, `NUT_MONTHLY|2.0`, 0, []string{"E MADX-017"}, "MeasureReport.measure"},
		{"any version", `NUT_MONTHLY|2.1`, `NUT_MONTHLY`, 5, nil, ""},
		{"no measure", `"measure":"https://fhir.moh.example.org/Measure/NUT_MONTHLY|2.1",`, ``, 0, []string{"E MADX-017"}, "MeasureReport.measure"},
		{"group twice", `"code":"SCREENED"`, `"code":"VIT_A"`, 4, []string{"E MADX-018"}, "MeasureReport.group[1].code"},
		{"score is a text", `"measureScore":{"value":7}`, `"measureScore":{"value":"7"}`, 4, []string{"E MADX-002", "E MADX-009"},
			"MeasureReport.group[0].stratifier[0].stratum[0].measureScore.value"},
		{"unit", `"measureScore":{"value":7}`, `"measureScore":{"value":7,"unit":"doses"}`, 5, []string{"W MADX-020"},
			"MeasureReport.group[0].stratifier[0].stratum[0].measureScore.unit"},
		{"unit of one", `"measureScore":{"value":7}`, `"measureScore":{"value":7,"unit":"1"}`, 5, nil, ""},
		{"exponent", `"value":7}`, `"value":0.7e1}`, 5, nil, ""},
		{"exponent too large", `"value":7}`, `"value":7e999999999}`, 4, []string{"E MADX-002"}, "MeasureReport.group[0].stratifier[0].stratum[0].measureScore.value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Contains(t, valid, tt.old)
			text := strings.Replace(valid, tt.old, tt.new, 1)
			groups, found, paths := read(t, format(t), text)
			if diff := cmp.Diff(tt.want, found); diff != "" {
				t.Errorf("(-want +got):\n%s%v", diff, paths)
			}
			n := 0
			for _, g := range groups {
				n += len(g.Values)
			}
			if n != tt.values {
				t.Errorf("%d values read; want %d", n, tt.values)
			}
			if len(paths) > 0 && paths[0] != tt.path {
				t.Errorf("path %s; want %s", paths[0], tt.path)
			}
			switch tt.name {
			case "empty array", "wrong type", "score is a text": // XML has no such thing
			default:
				same(t, format(t), text)
			}
			// Without Reject the first error ends the stream, and nothing of
			// the report is yielded.
			if len(found) > 0 && found[0][0] != 'W' {
				f := format(t)
				var last error
				for g, err := range f.Read(strings.NewReader(text)) {
					require.Empty(t, g.Values)
					last = err
				}
				require.Error(t, last)
			}
		})
	}
}

// A report may have a location that is identified by its reference (MADX-004,
// MADX-019).
func TestReadSubject(t *testing.T) {
	valid := write(t, format(t), adx.Header{}, january(t)...)
	const subject = `"subject":{"type":"Location","identifier":{"system":"https://fhir.moh.example.org/facility","value":"OU-1"}}`
	tests := []struct {
		name, subject string
		location      func(string, string) (string, bool)
		want          string
		found         []string
	}{
		{"by identifier", `"subject":{"reference":"Location/x","identifier":{"value":"OU-9","system":"https://fhir.moh.example.org/facility"}}`, nil, "OU-9", nil},
		{"contained", `"contained":[{"resourceType":"Location","id":"l","identifier":[{"system":"urn:x","value":"1"},{"system":"https://fhir.moh.example.org/facility","value":"OU-8"}]}],"subject":{"reference":"#l"}`,
			nil, "OU-8", nil},
		{"by its id", `"subject":{"reference":"https://fhir.moh.example.org/Location/hf-101"}`, nil, "hf-101", []string{"W MADX-004"}},
		{"known", `"subject":{"reference":"Location/hf-101"}`, func(ref, _ string) (string, bool) { return "OU-7", ref == "Location/hf-101" }, "OU-7", nil},
		{"known by identifier", subject, func(_, id string) (string, bool) { return "OU-6", id == "OU-1" }, "OU-6", nil},
		{"not known", subject, func(_, id string) (string, bool) { return "", false }, "", []string{"E MADX-019"}},
	}
	for _, tt := range tests {
		f := format(t)
		f.Location = tt.location
		text := strings.Replace(valid, subject, tt.subject, 1)
		same(t, f, text)
		groups, found, _ := read(t, f, text)
		require.Equal(t, tt.found, found, tt.name)
		if tt.want != "" {
			require.Equal(t, tt.want, groups[0].OrgUnit, tt.name)
		}
	}
}

// A bundle may contain any resource. Its reports are read one by one, and its
// locations are known to later reports.
func TestReadBundle(t *testing.T) {
	report := strings.TrimSpace(write(t, format(t), adx.Header{}, january(t)...))
	byReference := strings.Replace(report, `"identifier":{"system":"https://fhir.moh.example.org/facility","value":"OU-1"}`, `"reference":"Location/l"`, 1)
	bad := strings.Replace(report, `"summary"`, `"individual"`, 1)
	location := `{"id":"l","name":"Lake","resourceType":"Location","status":"active","identifier":[{"system":"https://fhir.moh.example.org/facility","value":"OU-5"}]}`
	text := `{"entry":[{"fullUrl":"urn:x","resource":` + report + `},{"resource":` + bad + `},{"resource":` + location + `},{"resource":` + byReference +
		`}],"type":"collection","timestamp":"2026-01-01T00:00:00Z","resourceType":"Bundle"}`
	groups, found, paths := read(t, format(t), text)
	require.Equal(t, []string{"E MADX-003"}, found)
	require.Equal(t, []string{"Bundle.entry[1].resource.type"}, paths)
	var units []string
	for _, g := range groups {
		units = append(units, g.OrgUnit)
	}
	require.Equal(t, []string{"OU-1", "OU-1", "OU-5", "OU-5"}, units)

	// References may be the full URL of an entry, and a bundle may contain
	// bundles.
	byURL := strings.Replace(byReference, "Location/l", "urn:uuid:7", 1)
	groups, found, paths = read(t, format(t), `{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:7","resource":`+location+
		`},{"resource":{"type":"collection","entry":[{"resource":`+byURL+`},{"resource":`+bad+`}],"resourceType":"Bundle"}}]}`)
	require.Equal(t, []string{"E MADX-003"}, found)
	require.Equal(t, []string{"Bundle.entry[1].resource.entry[1].resource.type"}, paths)
	require.Len(t, groups, 2)
	require.Equal(t, "OU-5", groups[0].OrgUnit)

	groups, found, _ = read(t, format(t), `{"resourceType":"Bundle","type":"collection"}`)
	require.Empty(t, groups)
	require.Empty(t, found)
	n := 0
	for range format(t).Read(strings.NewReader(text)) {
		n++
		break
	}
	require.Equal(t, 1, n)
}

// Text that is not JSON, not UTF-8 or beyond the limits ends the stream.
func TestReadMalformed(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `adx: 1:1: MADX-002: the JSON ends too early: want a value`},
		{"<html>", `adx: 1:1: MADX-002: an HTML page: want a resource of FHIR in JSON or XML`},
		{"\x1F\x8B\x08", `adx: 1:1: ADX-002: gzip data: want JSON or XML`},
		{"\xFF\xFE{\x00", `adx: 1:1: ADX-002: text that is not UTF-8: want JSON in UTF-8`},
		{"{\x00}\x00", `adx: 1:1: ADX-002: text that is not UTF-8: want JSON in UTF-8`},
		{`nil`, `adx: 1:1: MADX-002: want null`},
		{"{}\x00", `adx: 1:3: MADX-002: "\x00": want nothing after the resource`},
		{`{"resourceType":"MeasureReport"}{}`, `adx: 1:33: MADX-002: "{": want nothing after the resource`},
		{`{"id":}`, `adx: 1:7: id: MADX-002: "}": want a value`},
		{`{"id":"\u12g4"}`, `adx: 1:14: id: MADX-002: escape \u"12g4": want four hexadecimal digits`},
		{`{"a\u001b[31m":[}`, `adx: 1:17: "a\x1b[31m"[0]: MADX-002: "}": want a value`},
		{`{"` + strings.Repeat("k", 999) + `":[}`, `adx: 1:1005: "` + strings.Repeat("k", 64) + `"...[0]: MADX-002: "}": want a value`},
		{"[]", `adx: 1:1: MADX-001: resourceType: want MeasureReport, or a Bundle of them`},
		{`{"status":`, `adx: 1:11: status: MADX-002: the JSON ends too early: want a value`},
		{"{\n  \"status\" \"complete\"}", `adx: 2:12: MADX-002: "\"": want ':'`},
		{`{"status":"complete"`, `adx: 1:21: MADX-002: the JSON ends too early: want ',' or '}'`},
		{`{"status":"complete",}`, `adx: 1:22: MADX-002: "}": want '"'`},
		{`{"resourceType":"MeasureReport"} x`, `adx: 1:34: MADX-002: "x": want nothing after the resource`},
		{`{"id":"a","id":"b"}`, `adx: 1:11: MADX-002: member "id" is there twice`},
		{"{\"id\":\"\xff\"}", `adx: 1:8: id: ADX-002: text that is not UTF-8`},
		{`{"id":"\ud800"}`, `adx: 1:14: id: MADX-002: half a surrogate pair`},
		{`{"id":"\x"}`, `adx: 1:10: id: MADX-002: unknown escape \x`},
		{`{"id":"` + "\n" + `"}`, `adx: 2:1: id: MADX-002: character U+000A in a text: want it escaped`},
		{`{"meta":01}`, `adx: 1:9: meta: MADX-002: "01": want a number`},
		{`{"meta":tru}`, `adx: 1:9: meta: MADX-002: want true`},
		{`{"meta":` + strings.Repeat("[", 100), `adx: 1:73: meta` + strings.Repeat("[0]", 63) + `: ADX-163: values nested more than 64 deep`},
		{`{"id":"` + strings.Repeat("x", 70_000) + `"}`, `adx: 1:8: id: ADX-160: a text of more than 65536 bytes`},
		{`{"text":{"div":"` + strings.Repeat("x", 70_000) + `"},"resourceType":"Patient"}`, `adx: 1:1: MADX-001: resourceType "Patient": want MeasureReport, or a Bundle of them`},
		{`{"meta":` + strings.Repeat("1", 1001) + `}`, `adx: 1:9: meta: ADX-162: a number of more than 1000 digits`},
		{`{"meta":{` + members(300) + `}}`, ``},
		{`{"entry":[],"resourceType":"MeasureReport"}`, `adx: 1:1: MADX-001: resourceType "MeasureReport": want MeasureReport, or a Bundle of them`},
	}
	for _, tt := range tests {
		var last error
		f := format(t)
		f.Reject = func(adx.Finding) {}
		for _, err := range f.Read(strings.NewReader(tt.in)) {
			last = err
		}
		if last == nil || tt.want != "" && last.Error() != tt.want {
			t.Errorf("Read(%.60q) = %v; want %s", tt.in, last, tt.want)
		}
		if tt.want == "" {
			require.ErrorContains(t, last, "ADX-161: more than 256 members")
		}
	}
	broken := errors.New("the line is dead")
	for _, err := range format(t).Read(io.MultiReader(strings.NewReader(`{"id":`), failing{broken})) {
		require.ErrorIs(t, err, broken)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func members(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"m%d":1`, i)
	}
	return b.String()
}

// The size of the reads changes neither the groups nor the places of findings.
func TestReadInPieces(t *testing.T) {
	valid := write(t, format(t), adx.Header{}, january(t)...)
	for _, text := range []string{
		valid,
		strings.Replace(valid, `"status"`, `"id":"é日\u00e9\\ \ud83d\ude00", "status"`, 1),
		strings.Replace(valid, `"code":"F"`, `"code":"日本é"`, 1),
		strings.Replace(valid, `"code":"F"`, "\"code\":\"\xFF\"", 1),
		strings.Replace(valid, `"code":"F"`, "\"code\":\"é\xE9\"", 1),
		strings.Replace(valid, `"code":"F"`, `"code":"`+strings.Repeat("é", 40_000)+`"`, 1),
		valid[:len(valid)/2],
	} {
		read := func(in io.Reader) (got []string) {
			note := func(x adx.Finding) { got = append(got, x.Error()) }
			f := format(t)
			f.Warn, f.Reject = note, note
			for g, err := range f.Read(in) {
				got = append(got, fmt.Sprintln(g, err))
			}
			return got
		}
		whole := read(strings.NewReader(text))
		require.NotEmpty(t, whole)
		require.Equal(t, whole, read(iotest.OneByteReader(strings.NewReader(text))))
		require.Equal(t, whole, read(iotest.HalfReader(strings.NewReader(text))))
	}
}

func TestReadLimits(t *testing.T) {
	valid := write(t, format(t), adx.Header{}, january(t)...)
	for _, tt := range []struct {
		limits adx.Limits
		want   string
	}{
		{adx.Limits{Group: 4}, "ADX-164: more than 4 strata"},
		{adx.Limits{Bytes: 100}, "ADX-164: more than 100 bytes"},
		{adx.Limits{Depth: 5}, "ADX-163: values nested more than 5 deep"},
		{adx.Limits{Text: 50, Attrs: 100}, "ADX-160: a text of more than 50 bytes"},
		{adx.Limits{Attrs: 5}, "ADX-161: more than 5 members"},
		{adx.Limits{Digits: 3}, "ADX-162: a number of more than 3 digits"},
	} {
		f := format(t)
		f.Limits = tt.limits
		var last error
		for _, err := range f.Read(strings.NewReader(valid)) {
			last = err
		}
		require.ErrorContains(t, last, tt.want)
	}
	f := format(t)
	f.Limits = adx.Limits{Text: -1, Attrs: -1, Digits: -1, Depth: -1, Group: -1, Bytes: -1}
	_, found, _ := read(t, f, valid)
	require.Empty(t, found)
}

// If a group has several populations, the one that is measured is the value.
func TestReadPopulations(t *testing.T) {
	const head = `{"resourceType":"MeasureReport","status":"complete","type":"summary","measure":"m","subject":{"identifier":{"value":"u"}},` +
		`"period":{"start":"2026","end":"2026"},"group":[{"code":{"coding":[{"code":"e"}]},"population":[`
	part := func(code, count string) string {
		return `{"code":{"coding":[{"code":"` + code + `"}]},"count":` + count + `}`
	}
	tests := []struct {
		populations, rest, want string
		found                   []string
	}{
		{part("initial-population", "9"), "", "9", []string{"W MADX-017"}},
		{part("initial-population", "9") + "," + part("measure-population", "7"), "", "7", []string{"W MADX-017"}},
		{part("initial-population", "9"), `,"measureScore":{"value":9.0}`, "9.0", []string{"W MADX-017"}},
		{part("initial-population", "9"), `,"measureScore":{"value":8.5}`, "8.5", []string{"W MADX-017", "W MADX-016"}},
		{part("initial-population", "9"), `,"measureScore":{"value":null}`, "", []string{"E MADX-002", "W MADX-017"}},
		{part("initial-population", "9"), `,"measureScore":8`, "", []string{"E MADX-002", "W MADX-017"}},
		{part("initial-population", "9"), `,"measureScore":{"unit":"1"}`, "9", []string{"W MADX-017"}},
		{part("numerator", "9") + "," + part("denominator", "7"), "", "", []string{"W MADX-017", "E MADX-008"}},
		{part("numerator", "9") + "," + part("denominator", "7"), `,"measureScore":{"value":1.2857}`, "1.2857", []string{"W MADX-017"}},
		{`{"code":{"coding":[{"code":"x"}]},"_count":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}`,
			"", "", []string{"W MADX-017"}},
	}
	for _, tt := range tests {
		groups, found, _ := read(t, madx.Format{}, head+tt.populations+"]"+tt.rest+"}]}")
		require.Equal(t, tt.found, found)
		if tt.want == "" {
			require.Empty(t, groups)
			continue
		}
		require.Equal(t, []adx.Value{{DataElement: "e", Value: tt.want, Line: 1}}, clearColumn(groups[0].Values))
		require.Equal(t, []string{"m", "u", "2026-01-01/P1Y"}, []string{groups[0].DataSet, groups[0].OrgUnit, groups[0].Period.String()})
	}
}

func clearColumn(values []adx.Value) []adx.Value {
	for i := range values {
		values[i].Column = 0
	}
	return values
}

// Memory does not grow with the length of a bundle.
func TestReadStreams(t *testing.T) {
	report := `{"resource":` + strings.TrimSpace(write(t, format(t), adx.Header{}, january(t)...)) + "}"
	const n = 2000
	parts := []io.Reader{strings.NewReader(`{"resourceType":"Bundle","type":"collection","entry":[` + report)}
	for range n - 1 {
		parts = append(parts, strings.NewReader(","+report))
	}
	parts = append(parts, strings.NewReader("]}"))
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, groups := heap(), 0
	for _, err := range format(t).Read(io.MultiReader(parts...)) {
		require.NoError(t, err)
		if groups++; groups%500 == 0 {
			if now := heap(); now > before+4<<20 {
				t.Fatalf("%d bytes more after %d groups", now-before, groups)
			}
		}
	}
	require.Equal(t, 2*n, groups)
}

// Many goroutines can use one Format: run with -race.
func TestFormatShared(t *testing.T) {
	f := format(t)
	text := write(t, f, adx.Header{}, january(t)...)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			var groups []adx.Group
			for g, err := range f.Read(strings.NewReader(text)) {
				if err != nil {
					t.Error(err)
				}
				groups = append(groups, g)
			}
			if err := f.Write(io.Discard, adx.Header{}, stream(groups...)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// BenchmarkRead reads a bundle of 500 reports of 4 values. The other reader is
// encoding/json, which checks nothing.
func BenchmarkRead(b *testing.B) {
	f := format(b)
	var groups []adx.Group
	for i := range 500 {
		g := january(b)[0]
		g.OrgUnit = strconv.Itoa(i)
		groups = append(groups, g)
	}
	text := write(b, f, adx.Header{}, groups...)
	perSecond := func(b *testing.B) {
		b.ReportMetric(float64(4*len(groups)*b.N)/b.Elapsed().Seconds(), "values/s")
	}
	b.Run("Format", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			for _, err := range f.Read(strings.NewReader(text)) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		perSecond(b)
	})
	b.Run("encoding/json structs", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var bundle jsonBundle
			if err := json.Unmarshal([]byte(text), &bundle); err != nil || len(bundle.Entry) != len(groups) {
				b.Fatal(len(bundle.Entry), err)
			}
		}
		perSecond(b)
	})
}

type (
	jsonBundle struct {
		Entry []struct{ Resource jsonReport }
	}
	jsonReport struct {
		ResourceType, Status, Type, Measure, Date string
		Subject                                   struct {
			Identifier struct{ System, Value string }
		}
		Period struct{ Start, End string }
		Group  []struct {
			Code         jsonConcept
			Population   []struct{ Count json.Number }
			MeasureScore struct{ Value json.Number }
			Stratifier   []struct {
				ID      string
				Stratum []struct {
					Component    []struct{ Code, Value jsonConcept }
					MeasureScore struct{ Value json.Number }
				}
			}
		}
	}
	jsonConcept struct {
		Coding []struct{ System, Code string }
	}
)

func BenchmarkWrite(b *testing.B) {
	f := format(b)
	groups := january(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.Write(io.Discard, adx.Header{}, stream(groups...)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(5*b.N)/b.Elapsed().Seconds(), "values/s")
}
