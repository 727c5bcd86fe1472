package madx_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/adx/madx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

func TestMeasureOf(t *testing.T) {
	m := madx.MeasureOf(nutrition(t), "https://fhir.moh.example.org")
	require.Empty(t, m.Check())
	require.Equal(t, "https://fhir.moh.example.org/Measure/NUT_MONTHLY|2.1", m.Canonical())
	require.Len(t, m.Groups, 3, "a text has no group")
	require.Equal(t, "NutMonthly", m.Name)

	// After writing, reading and conversion to a definition the content is the
	// same. Exceptions are things that FHIR lacks: codes are in value sets, and
	// no dimension is outer.
	var b strings.Builder
	require.NoError(t, m.Write(&b))
	codes := map[string][]madx.Coding{}
	for _, dim := range m.Dimensions {
		codes[dim.ValueSet] = dim.Codes
	}
	back, err := madx.ReadMeasure(strings.NewReader(b.String()), func(url string) ([]madx.Coding, bool) {
		list, ok := codes[url]
		return list, ok
	})
	require.NoError(t, err)
	require.Empty(t, back.Check())
	back.Dimensions[2].Outer = true
	m.Status = "active"
	if diff := cmp.Diff(m, back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	d, err := back.Definition()
	require.NoError(t, err)
	want := nutrition(t).Structure()
	want.Elements, want.Agency = want.Elements[:3], "HMIS" // FHIR has no agency, and a Measure no texts
	if diff := cmp.Diff(want, d.Structure()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The computable name of a Measure must be one that FHIR allows.
func TestMeasureName(t *testing.T) {
	for id, want := range map[string]string{"EPI_MONTHLY": "EpiMonthly", "5 and over": "X5AndOver", "日本": "X", "âge-1": "Ge1"} {
		d, err := dsd.New(dsd.Structure{ID: id, Elements: []dsd.Element{{Code: "A"}}})
		require.NoError(t, err)
		require.Equal(t, want, madx.MeasureOf(d, "https://moh.example.org").Name)
	}
}

// Each row breaks one of the rules MADX-030 to MADX-033.
func TestMeasureCheck(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(m *madx.Measure)
		want  string
	}{
		{"url", func(m *madx.Measure) { m.URL = "" }, "adx: Measure.url: MADX-030: missing"},
		{"version", func(m *madx.Measure) { m.Version = "" }, "adx: Measure.version: MADX-030: missing"},
		{"title", func(m *madx.Measure) { m.Title = "" }, "adx: Measure.title: MADX-030: missing"},
		{"publisher", func(m *madx.Measure) { m.Publisher = "" }, "adx: Measure.publisher: MADX-030: missing"},
		{"description", func(m *madx.Measure) { m.Description = "" }, "adx: Measure.description: MADX-030: missing"},
		{"subject", func(m *madx.Measure) { m.Subject = "" }, "adx: Measure.subjectCodeableConcept: MADX-030: missing"},
		{"no groups", func(m *madx.Measure) { m.Groups, m.Dimensions = nil, nil }, "adx: Measure.group: MADX-031: missing"},
		{"group twice", func(m *madx.Measure) { m.Groups[1].Code = m.Groups[0].Code }, `adx: Measure.group[1].code: MADX-031: "VIT_A" is there twice`},
		{"no code", func(m *madx.Measure) { m.Groups[1].Code.Code = "" }, "adx: Measure.group[1].code: MADX-031: missing"},
		{"group without text", func(m *madx.Measure) { m.Groups[1].Description = "" }, "adx: Measure.group[1].description: MADX-031: missing"},
		{"no population", func(m *madx.Measure) { m.Groups[1].Population = nil }, "adx: Measure.group[1].population: MADX-031: missing"},
		{"population without code", func(m *madx.Measure) { m.Groups[1].Population = []madx.Coding{{}} }, "adx: Measure.group[1].population[0].code: MADX-031: missing"},
		{"no artifact", func(m *madx.Measure) { m.Dimensions = m.Dimensions[1:] },
			`adx: Measure.relatedArtifact: MADX-032: dimension "AGE": 0 times as the label of what the Measure depends on: want once`},
		{"artifact twice", func(m *madx.Measure) { m.Dimensions = append(m.Dimensions, m.Dimensions[0]) },
			`adx: Measure.relatedArtifact: MADX-032: dimension "AGE": 2 times as the label of what the Measure depends on: want once`},
		{"artifact of nothing", func(m *madx.Measure) { m.Dimensions = append(m.Dimensions, madx.Dimension{Name: "X"}) },
			`adx: Measure.relatedArtifact: MADX-032: label "X": no component has this code`},
		{"criteria", func(m *madx.Measure) { m.Groups[1].Stratifiers[0].Single = true },
			"adx: Measure.group[1].stratifier[0]: MADX-033: want components, and no code or criteria beside them"},
		{"no components", func(m *madx.Measure) { m.Groups[1].Stratifiers[0].Components = nil },
			"adx: Measure.group[1].stratifier[0]: MADX-033: want components, and no code or criteria beside them"},
	}
	for _, tt := range tests {
		m := madx.MeasureOf(nutrition(t), "https://fhir.moh.example.org")
		tt.spoil(&m)
		got := m.Check()
		if len(got) != 1 || got[0].Error() != tt.want {
			t.Errorf("%s: Check() = %v; want %s", tt.name, got, tt.want)
			continue
		}
		err := m.Write(&strings.Builder{})
		if got[0].Severity == hmis.Warning {
			require.NoError(t, err, tt.name)
		} else {
			require.EqualError(t, err, tt.want, tt.name)
		}
	}
}

func TestReadMeasureError(t *testing.T) {
	for in, want := range map[string]string{
		`{"resourceType":"Patient"}`:                        `adx: 1:1: MADX-030: resourceType "Patient": want Measure`,
		`{"resourceType":"Measure","url":1}`:                `adx: 1:33: Measure.url: MADX-002: want a text`,
		`{"resourceType":"Measure"} {}`:                     `adx: 1:28: MADX-002: "{": want nothing after the resource`,
		`{"resourceType":"Measure","experimental":"true"}`:  `adx: 1:42: experimental: MADX-002: "\"": want a value`,
		`{"resourceType":"Measure","group":[{"code":true}]`: `adx: 1:50: MADX-002: the JSON ends too early: want ',' or '}'`,
	} {
		_, err := madx.ReadMeasure(strings.NewReader(in), nil)
		require.EqualError(t, err, want)
		_, ok := errors.AsType[*adx.Finding](err)
		require.True(t, ok)
	}
}

// Short objects need many times their length in memory, so their number is
// limited.
func TestManyObjects(t *testing.T) {
	many := strings.Repeat("{},", 250_000) + "{}"
	_, err := madx.ReadMeasure(strings.NewReader(`{"resourceType":"Measure","group":[`+many+`]}`), nil)
	require.EqualError(t, err, "adx: 1:750036: group[250000]: ADX-164: more than 250000 objects")
	_, err = madx.ReadValueSets(strings.NewReader(`{"resourceType":"ValueSet","expansion":{"contains":[` + many + `]}}`))
	require.EqualError(t, err, "adx: 1:750053: expansion.contains[250000]: ADX-164: more than 250000 objects")
}

// A value set that does not list its codes is left out.
func TestReadValueSets(t *testing.T) {
	got, err := madx.ReadValueSets(strings.NewReader(`{"resourceType":"Bundle","entry":[
		{"resource":{"resourceType":"ValueSet","url":"listed","compose":{"include":[{"system":"s","concept":[{"code":"a","display":"A"}]},{"system":"t","concept":[{"code":"b"}]}]}}},
		{"resource":{"resourceType":"ValueSet","url":"expanded","compose":{"include":[{"system":"s"}]},"expansion":{"contains":[{"system":"s","code":"a","abstract":true,"contains":[{"system":"s","code":"b"}]}]}}},
		{"resource":{"resourceType":"ValueSet","url":"whole","compose":{"include":[{"system":"s"}]}}},
		{"resource":{"resourceType":"ValueSet","url":"filtered","compose":{"include":[{"system":"s","filter":[{}],"concept":[{"code":"a"}]}]}}},
		{"resource":{"resourceType":"ValueSet","url":"less","compose":{"include":[{"system":"s","concept":[{"code":"a"}]}],"exclude":[{"system":"s"}]}}},
		{"resource":{"resourceType":"CodeSystem","url":"x"}}]}`))
	require.NoError(t, err)
	require.Equal(t, map[string][]madx.Coding{
		"listed":   {{System: "s", Code: "a", Display: "A"}, {System: "t", Code: "b"}},
		"expanded": {{System: "s", Code: "b"}},
	}, got)
	_, err = madx.ReadValueSets(strings.NewReader(`{`))
	require.Error(t, err)
}

// The value sets of a Measure read back in order and with their systems.
func TestWriteValueSets(t *testing.T) {
	m := madx.MeasureOf(nutrition(t), "https://fhir.moh.example.org")
	m.Dimensions[1].Codes = append(m.Dimensions[1].Codes, madx.Coding{System: "http://terminology.hl7.org/CodeSystem/data-absent-reason", Code: "unknown", Display: "Unknown"}, m.Dimensions[1].Codes[0])
	m.Dimensions = append(m.Dimensions, madx.Dimension{Name: "ANY", ValueSet: "https://fhir.moh.example.org/ValueSet/any"}, m.Dimensions[0])
	var b strings.Builder
	require.NoError(t, m.WriteValueSets(&b))
	got, err := madx.ReadValueSets(strings.NewReader(b.String()))
	require.NoError(t, err)
	want := map[string][]madx.Coding{}
	for _, dim := range m.Dimensions[:3] {
		want[dim.ValueSet] = dim.Codes
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m.Dimensions[0].Codes = []madx.Coding{}
	require.EqualError(t, m.WriteValueSets(&b), `adx: dimension "AGE": no codes to make a value set of`)
}

// Definition returns an error for a Measure that ADX cannot express.
func TestMeasureDefinitionError(t *testing.T) {
	m := madx.MeasureOf(nutrition(t), "https://fhir.moh.example.org")
	m.Groups[0].Stratifiers = append(m.Groups[0].Stratifiers, m.Groups[1].Stratifiers...)
	_, err := m.Definition()
	require.EqualError(t, err, `adx: Measure.group[0]: "VIT_A" has 2 stratifiers: want one at most`)
}

func TestWriteOutcome(t *testing.T) {
	var b strings.Builder
	require.NoError(t, madx.WriteOutcome(&b, []adx.Finding{
		{Rule: "MADX-004", Severity: hmis.Severe, Line: 2, Column: 3, Path: "MeasureReport.subject", Err: errors.New("missing")},
		{Rule: "MADX-012", Severity: hmis.Severe, Path: "MeasureReport.group[0]", Got: "X"},
		{Rule: "MADX-016", Severity: hmis.Warning},
		{Rule: "MADX-002", Severity: hmis.Critical},
		{Rule: "MADX-018", Severity: hmis.Severe},
		{Rule: "MADX-017", Severity: hmis.Severe},
		{Rule: "ADX-160", Severity: hmis.Critical},
		{Rule: "ADX-165", Severity: hmis.Info},
	}))
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.TrimSpace(line))
	}
	require.Equal(t, []string{
		`{`, `"resourceType": "OperationOutcome",`, `"issue": [`,
		`{`, `"severity": "error",`, `"code": "required",`, `"diagnostics": "2:3: MeasureReport.subject: MADX-004: missing",`,
		`"expression": [`, `"MeasureReport.subject"`, `]`, `},`,
		`{`, `"severity": "error",`, `"code": "code-invalid",`, `"diagnostics": "MeasureReport.group[0]: MADX-012: \"X\"",`,
		`"expression": [`, `"MeasureReport.group[0]"`, `]`, `},`,
		`{`, `"severity": "warning",`, `"code": "invariant",`, `"diagnostics": "MADX-016: "`, `},`,
		`{`, `"severity": "fatal",`, `"code": "structure",`, `"diagnostics": "MADX-002: "`, `},`,
		`{`, `"severity": "error",`, `"code": "duplicate",`, `"diagnostics": "MADX-018: "`, `},`,
		`{`, `"severity": "error",`, `"code": "not-found",`, `"diagnostics": "MADX-017: "`, `},`,
		`{`, `"severity": "fatal",`, `"code": "too-long",`, `"diagnostics": "ADX-160: "`, `},`,
		`{`, `"severity": "information",`, `"code": "too-long",`, `"diagnostics": "ADX-165: "`, `}`,
		`]`, `}`,
	}, got)
	b.Reset()
	require.NoError(t, madx.WriteOutcome(&b, nil))
	require.Contains(t, b.String(), "informational")
}

const samples = "../../../shared/samples"

func sample(t testing.TB, name string) *os.File {
	t.Helper()
	if _, err := os.Stat(samples); err != nil {
		t.Skip("no samples in ../shared/samples beside the repository")
	}
	f, err := os.Open(filepath.Join(samples, name))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// epi returns the made-up Measure with its value sets.
func epi(t testing.TB) madx.Measure {
	sets, err := madx.ReadValueSets(sample(t, "fhir/made-up-valuesets-bundle.json"))
	require.NoError(t, err)
	require.Len(t, sets, 3)
	m, err := madx.ReadMeasure(sample(t, "fhir/made-up-epi-measure.json"), func(url string) ([]madx.Coding, bool) {
		codes, ok := sets[url]
		return codes, ok
	})
	require.NoError(t, err)
	m.Dimensions[2].Outer = true // the dimension STRATEGY
	return m
}

// Each row is a Measure and its findings in INDEX.md.
func TestSampleMeasures(t *testing.T) {
	require.Empty(t, epi(t).Check())
	for _, tt := range []struct {
		file  string
		rules []string
	}{
		{"ihe-madx-example-measure.json", nil},
		{"intrahealth-measure-hiv-r4.json", []string{"MADX-030", "MADX-031", "MADX-032", "MADX-033"}},
	} {
		m, err := madx.ReadMeasure(sample(t, "fhir/"+tt.file), nil)
		require.NoError(t, err)
		got := map[string]bool{}
		for _, f := range m.Check() {
			got[f.Rule] = true
		}
		for _, rule := range tt.rules {
			require.True(t, got[rule], "%s: want %s: %v", tt.file, rule, m.Check())
		}
		require.Len(t, got, len(tt.rules), "%s: %v", tt.file, m.Check())
	}
}

// Each row is a report and its findings in INDEX.md.
func TestSampleReports(t *testing.T) {
	f := madx.Format{Measure: epi(t)}
	text, err := os.ReadFile(sample(t, "fhir/made-up-epi-measurereport.json").Name())
	require.NoError(t, err)
	got, found, paths := read(t, f, string(text))
	require.Empty(t, found, "%v", paths)

	// The groups equal those of the facility in the ADX sample, without the
	// text and the completeDate. There 2 is written as 2.0.
	var want []adx.Group
	for g, err := range adx.NewReader(sample(t, "adx/made-up-epi-data.xml")).Groups() {
		require.NoError(t, err)
		if g.OrgUnit != "HF-101" {
			continue
		}
		for i, a := range g.Attrs {
			if a.Name == "completeDate" {
				g.Attrs = append(g.Attrs[:i:i], g.Attrs[i+1:]...)
			}
		}
		var values []adx.Value
		for _, v := range g.Values {
			if v.DataElement != "COLD_CHAIN_NOTE" {
				v.Value = strings.TrimSuffix(v.Value, ".0")
				values = append(values, v)
			}
		}
		g.Values = values
		want = append(want, g)
	}
	if diff := cmp.Diff(want, got, places, cmp.Transformer("attrs", func(l []adx.Attr) map[string]string {
		m := map[string]string{}
		for _, a := range l {
			m[a.Name] = a.Value
		}
		return m
	})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	text, err = os.ReadFile(sample(t, "fhir/made-up-epi-measurereport-invalid.json").Name())
	require.NoError(t, err)
	_, found, paths = read(t, f, string(text))
	wantRules := []string{"E MADX-003", "E MADX-004", "W MADX-016", "E MADX-012", "E MADX-009", "E MADX-007"}
	require.Equal(t, wantRules, found)
	require.Equal(t, []string{
		"MeasureReport.type", "MeasureReport.subject", "MeasureReport.group[0].stratifier[0]",
		"MeasureReport.group[1].stratifier[0].stratum[1].component[1].value",
		"MeasureReport.group[1].stratifier[0].stratum[2].measureScore.value", "MeasureReport.group[2].code",
	}, paths)
}

// This is the example of IHE. Its location has no identifier, and the strata of
// its first stratifier add up to more than its population.
func TestSampleExample(t *testing.T) {
	m, err := madx.ReadMeasure(sample(t, "fhir/ihe-madx-example-measure.json"), nil)
	require.NoError(t, err)
	text, err := os.ReadFile(sample(t, "fhir/ihe-madx-example-measurereport.json").Name())
	require.NoError(t, err)
	groups, found, _ := read(t, madx.Format{Measure: m}, string(text))
	require.Equal(t, []string{"W MADX-004", "W MADX-016"}, found)
	require.Len(t, groups, 1)
	require.Len(t, groups[0].Values, 29)
	require.Equal(t, "HealthPost1", groups[0].OrgUnit)
	require.Equal(t, "2025-01-01/P1M", groups[0].Period.String())
}

// The definition and the Measure among the samples have the same content.
func TestSampleDefinition(t *testing.T) {
	d, err := dsd.Read(sample(t, "adx/made-up-epi-dsd.xml"), nil)
	require.NoError(t, err)
	got := madx.MeasureOf(d, "https://fhir.moh.example.org")
	want := epi(t)
	require.Equal(t, want.DataSet, got.DataSet)
	require.Equal(t, want.Name, got.Name)
	require.Equal(t, want.Title, got.Title)
	for i, g := range want.Groups { // the last value is a text, which a Measure does not know
		require.Equal(t, g.Code.Code, got.Groups[i].Code.Code)
		require.Equal(t, g.Description, got.Groups[i].Description)
		require.Equal(t, g.Stratifiers[0].ID, got.Groups[i].Stratifiers[0].ID)
	}
	for i, dim := range want.Dimensions {
		require.Equal(t, dim.Name, got.Dimensions[i].Name)
		for j, c := range dim.Codes {
			require.Equal(t, c.Code, got.Dimensions[i].Codes[j].Code)
		}
	}
}

// A stratifier that is left over in a group gets a warning and changes no value
// (RULES.md#findings-of-measures).
func TestMeasureEmptyStratifier(t *testing.T) {
	m := madx.MeasureOf(nutrition(t), "https://fhir.moh.example.org")
	want, err := m.Definition()
	require.NoError(t, err)
	m.Groups[0].Stratifiers = append([]madx.Stratifier{{ID: "left-over"}}, m.Groups[0].Stratifiers...)
	got, err := m.Definition()
	require.NoError(t, err)
	if diff := cmp.Diff(want.Structure(), got.Structure()); diff != "" {
		t.Error(diff)
	}
	found := ""
	for _, f := range m.Check() {
		found += f.Path + " " + f.Rule + "; "
	}
	require.Contains(t, found, "Measure.group[0].stratifier[0] MADX-033")
}

// The limit of memory holds for objects of every kind.
func TestReadMemory(t *testing.T) {
	const n = 50_000
	many := strings.Repeat("{},", n) + "{}"
	for _, doc := range []string{
		`{"resourceType":"MeasureReport","group":[` + many + `]}`,
		`{"resourceType":"MeasureReport","group":[{"population":[` + many + `]}]}`,
		`{"resourceType":"MeasureReport","group":[{"code":{"coding":[` + many + `]}}]}`,
		`{"resourceType":"MeasureReport","identifier":[` + many + `]}`,
		`{"resourceType":"MeasureReport","identifier":[` + strings.Repeat(`{"value":"`+strings.Repeat("x", 60_000)+`"},`, 200) + `{}]}`,
	} {
		f := madx.Format{Limits: adx.Limits{Memory: 10 << 20}}
		var last error
		for _, err := range f.Read(strings.NewReader(doc)) {
			last = err
		}
		require.ErrorContains(t, last, "ADX-164: the resource takes more than 10485760 bytes", doc[:60])
	}
	bundle := `{"resourceType":"Bundle","entry":[` + many + `]}` // no part of an entry is kept
	for _, err := range (madx.Format{Limits: adx.Limits{Memory: 1 << 20}}).Read(strings.NewReader(bundle)) {
		require.NoError(t, err)
	}
}
