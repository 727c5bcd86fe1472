package dsd_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx/dsd"
)

// A validator runs xmllint, which is independent of this library.
type validator struct {
	path string
	args []string
}

func xmllint(t testing.TB) string {
	path, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed")
	}
	return path
}

// sdmxCommon has the few common types of SDMX that the schemas use.
const sdmxCommon = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">
  <xs:simpleType name="TimeRangeType"><xs:restriction base="xs:string"><xs:pattern value="\d{4}-\d\d-\d\d.*/P.*"/></xs:restriction></xs:simpleType>
</xs:schema>`

func newSchema(t testing.TB, d *dsd.Definition, s dsd.Schema) validator {
	t.Helper()
	path, dir := xmllint(t), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "sdmx"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sdmx", "SDMXCommon.xsd"), []byte(sdmxCommon), 0o644))
	var b bytes.Buffer
	require.NoError(t, d.WriteSchema(&b, s))
	file := filepath.Join(dir, "adx.xsd")
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	return validator{path, []string{"--noout", "--nonet", "--schema", file, "-"}}
}

// newSchematron returns a validator with the Schematron of d. The Schematron of
// libxml2 does not support predicates in the context of a rule. So its XPath
// looks for the nodes that the assertions forbid.
func newSchematron(t testing.TB, d *dsd.Definition) validator {
	t.Helper()
	path := xmllint(t)
	var b bytes.Buffer
	require.NoError(t, d.WriteSchematron(&b))
	var schema struct {
		Pattern struct {
			Rules []struct {
				Context string `xml:"context,attr"`
				Asserts []struct {
					Test string `xml:"test,attr"`
				} `xml:"assert"`
			} `xml:"rule"`
		} `xml:"pattern"`
	}
	require.NoError(t, xml.Unmarshal(b.Bytes(), &schema))
	var bad []string
	for _, rule := range schema.Pattern.Rules {
		context, ok := strings.CutPrefix(rule.Context, "adx:dataValue")
		require.True(t, ok, rule.Context)
		for _, a := range rule.Asserts {
			bad = append(bad, "//*[local-name()='dataValue' and namespace-uri()='urn:ihe:qrph:adx:2015']"+context+"[not("+a.Test+")]")
		}
	}
	return validator{path, []string{"--nonet", "--xpath", "not(" + strings.Join(bad, " | ") + ")", "-"}}
}

// valid reports whether a message is valid. If xmllint fails in any other way,
// so does the test.
func (v validator) valid(t testing.TB, message string) (bool, string) {
	t.Helper()
	cmd := exec.Command(v.path, v.args...)
	cmd.Stdin = strings.NewReader(message)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return strings.TrimSpace(string(out)) != "false", string(out) // the result of the XPath
	}
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.ExitCode() != 3 { // xmllint exits with 3 if a document is not valid
		t.Fatalf("xmllint: %v\n%s", err, out)
	}
	return false, string(out)
}

const message = `<?xml version="1.0" encoding="UTF-8"?>
<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
  <group dataSet="NUT_MONTHLY" orgUnit="OU-1" period="2026-01-01/P1M" FUNDS="STATE" completeDate="2026-02-04">
    <dataValue dataElement="VIT_A" AGE="P6M--P1Y" SEX="F" value="7"/>
    <dataValue dataElement="SCREENED" AGE="P1Y--P5Y" value="-2.0"/>
    <dataValue dataElement="REMARK" value="0"><annotation>late &amp; short</annotation></dataValue>
  </group>
</adx>`

// The schema finds the faults that a schema can find, and the Schematron the
// others.
func TestSchema(t *testing.T) {
	d := define(t, nutrition())
	imported := newSchema(t, d, dsd.Schema{Documented: true})
	alone := newSchema(t, d, dsd.Schema{SelfContained: true})
	strict := newSchema(t, d, dsd.Schema{SelfContained: true, RequireOuter: true})
	loose := newSchema(t, d, dsd.Schema{SelfContained: true, Undated: true, FreeOrgUnits: true, DataSet: "NUT"})
	old := newSchema(t, d, dsd.Schema{SelfContained: true, Edition: 2015})
	rest := newSchematron(t, d)
	tests := []struct {
		name, old, new                               string
		imported, alone, strict, loose, old2015, sch bool
	}{
		{"as it is", "", "", true, true, true, false, true, true},
		{"another data set", `"NUT_MONTHLY"`, `"NUT"`, false, false, false, true, true, true},
		{"no data set", `dataSet="NUT_MONTHLY"`, ``, false, false, false, false, true, true},
		{"not exported", `exported="2026-02-05T08:15:00Z"`, ``, false, false, false, false, false, true},
		{"org unit not listed", `"OU-1"`, `"OU-3"`, false, false, false, false, false, true},
		{"no period", `period="2026-01-01/P1M"`, ``, false, false, false, false, false, true},
		{"no such day", `2026-01-01/P1M`, `2026-02-30/P1M`, true, false, false, false, false, true},
		{"outer code not listed", `"STATE"`, `"DONOR"`, false, false, false, false, false, true},
		{"outer dimension missing", `FUNDS="STATE"`, ``, true, true, false, false, true, true},
		{"no group", message[strings.Index(message, "<group"):strings.Index(message, "</adx>")], ``, false, false, false, false, false, true},
		{"data element not listed", `"VIT_A"`, `"VIT_B"`, false, false, false, false, false, true},
		{"inner code not listed", `SEX="F"`, `SEX="X"`, false, false, false, false, false, true},
		{"no number", `value="7"`, `value="1e3"`, false, false, false, false, false, true},
		{"no value", `value="7"`, ``, false, false, false, false, false, true},
		{"two annotations", `</annotation>`, `</annotation><annotation/>`, false, false, false, false, false, true},
		{"inner dimension missing", ` SEX="F"`, ``, true, true, true, false, true, false},
		{"inner dimension too many", `dataElement="REMARK"`, `dataElement="REMARK" SEX="F"`, true, true, true, false, true, false},
		{"a slip in a dimension", `SEX=`, `sex=`, true, true, true, false, true, false},
		{"outer dimension on a value", `dataElement="REMARK"`, `dataElement="REMARK" FUNDS="NGO"`, true, true, true, false, true, false},
	}
	for _, tt := range tests {
		require.Contains(t, message, tt.old)
		m := strings.Replace(message, tt.old, tt.new, 1)
		for _, v := range []struct {
			name string
			validator
			want bool
		}{
			{"imported", imported, tt.imported}, {"alone", alone, tt.alone}, {"strict", strict, tt.strict},
			{"loose", loose, tt.loose}, {"2015", old, tt.old2015}, {"schematron", rest, tt.sch},
		} {
			if got, out := v.valid(t, m); got != v.want {
				t.Errorf("%s: %s: valid = %v\n%s", tt.name, v.name, got, out)
			}
		}
	}
	ok, out := loose.valid(t, strings.NewReplacer(`"NUT_MONTHLY"`, `"NUT"`, `"OU-1"`, `"anywhere"`, `exported="2026-02-05T08:15:00Z"`, ``).Replace(message))
	require.True(t, ok, out)
}

// The schema of the profile allows anything in an annotation
// (RULES.md#schemas).
func TestSchemaTextOnly(t *testing.T) {
	m := strings.Replace(message, "late &amp; short", "late <b/>", 1)
	for textOnly, want := range map[bool]bool{false: true, true: false} {
		v := newSchema(t, define(t, nutrition()), dsd.Schema{SelfContained: true, TextOnly: textOnly})
		ok, out := v.valid(t, m)
		require.Equal(t, want, ok, out)
		ok, out = v.valid(t, message)
		require.True(t, ok, out)
	}
}

// One message with all valid time ranges passes (RULES.md#time-ranges). Each
// other time range is refused.
func TestSchemaTimeRange(t *testing.T) {
	s := nutrition()
	v := newSchema(t, define(t, s), dsd.Schema{SelfContained: true})
	valid := strings.Fields(`2015-01-01/P1M 2015-01-01/P7D 2015-01-01/P14D 2015-01-01/P3M 2015-01-01/P1Y
		2015-01-01Z/P1M 2015-01-01+02:00/P1M 2015-01-01-14:00/P1M
		2015-01-01T09:00:00/P1D 2015-01-01T09:00:00+01:00/P1D 2015-01-01T09:00:00Z/P1D 2015-01-01T24:00:00/P1D 2015-01-01T23:59:59.5/P1D
		2015-01-01/P1Y2M3DT01H01M01S 2015-01-01/PT1H 2015-01-01/PT1M1.5S 2015-01-01/P1DT1S 2016-02-29/P1M 2000-02-29/P1M 2015-01-01/P0Y1M`)
	invalid := strings.Fields(`0000-01-01/P1Y 2015-01-01/P0D 2015-01-01/P1M/P1M 2015-01-01/P1W 2015-01-01/-P1M 2015-01-01/P1.5M
		2015-01-01/p1m 2015-01-01/P 2015-01-01/PT 2015-01-01/P1MT 2015-01-01/P1D2M 2015-13-01/P1M 2015-02-30/P1M 2015-02-29/P1M
		1900-02-29/P1M 2015-04-31/P1M 2015/P1Y 2015-01/P1M 2015-01 2015-01-01/2015-02-01 P1M/2015-01-31 R3/2015-01-01/P1M
		2015-01-01--P1M -0044-03-15/P1Y 12015-01-01/P1Y 2015-01-01T24:00:01/P1D 2015-01-01+14:30/P1M 202601`)
	invalid = append(invalid, " 2015-01-01/P1M", "2015-01-01/P1M ")
	with := func(periods ...string) string {
		begin, end := strings.Index(message, "<group"), strings.Index(message, "</adx>")
		var b strings.Builder
		for _, p := range periods {
			b.WriteString(strings.Replace(message[begin:end], "2026-01-01/P1M", p, 1))
		}
		return message[:begin] + b.String() + message[end:]
	}
	ok, out := v.valid(t, with(valid...))
	require.True(t, ok, out)
	_, out = v.valid(t, with(append(valid, invalid...)...))
	for _, p := range valid {
		require.NotContains(t, out, fmt.Sprintf("The value '%s' is not", p))
	}
	require.Equal(t, len(invalid), strings.Count(out, "is not accepted by the pattern")+strings.Count(out, "is not a valid value of the local atomic type"), out)

	s.Instant = true
	v = newSchema(t, define(t, s), dsd.Schema{SelfContained: true})
	ok, out = v.valid(t, with("2026-01-31T24:00:00Z"))
	require.True(t, ok, out)
	ok, _ = v.valid(t, with("2026-01-01/P1M"))
	require.False(t, ok)
}

// Dimensions without a list of codes have a type.
func TestSchemaTextFormat(t *testing.T) {
	s := nutrition()
	s.Dimensions[2].Codes, s.OrgUnits = nil, nil
	text := written(t, define(t, s))
	for _, tt := range []struct{ textType, good, bad string }{
		{"String", "any thing", ""}, {"Decimal", "-1.5", "x"}, {"Integer", "7", "7.5"}, {"Boolean", "true", "yes"},
		{"DateTime", "2026-01-01T00:00:00Z", "2026-01-01"}, {"TimeRange", "2026-01-01/P1M", "202601"}, {"Alpha", "anything", ""},
	} {
		concept := strings.Index(text, `<str:Concept id="FUNDS">`)
		d, err := dsd.Read(strings.NewReader(text[:concept]+strings.Replace(text[concept:], `"String"`, `"`+tt.textType+`"`, 1)), nil)
		require.NoError(t, err)
		v := newSchema(t, d, dsd.Schema{SelfContained: true})
		ok, out := v.valid(t, strings.Replace(message, "STATE", tt.good, 1))
		require.True(t, ok, out)
		if tt.bad != "" {
			ok, _ = v.valid(t, strings.Replace(message, "STATE", tt.bad, 1))
			require.False(t, ok, "%s %q", tt.textType, tt.bad)
		}
	}
}

// A schema has the parts that the rules require (RULES.md#schemas).
func TestWriteSchema(t *testing.T) {
	var b strings.Builder
	require.NoError(t, define(t, nutrition()).WriteSchema(&b, dsd.Schema{}))
	var got []string
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSpace(line)
		for _, part := range []string{"<xs:import", "<xs:simpleType", "<xs:enumeration", "<xs:complexType", "<xs:attribute ", "<xs:element"} {
			if strings.HasPrefix(line, part) {
				got = append(got, strings.NewReplacer("<xs:", "", "/>", "", ">", "").Replace(line))
			}
		}
	}
	want := []string{
		`import namespace="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" schemaLocation="sdmx/SDMXCommon.xsd"`,
		`simpleType name="CL_DATA_ELEMENT_MOH_2.1_Type"`,
		`enumeration value="VIT_A"`, `enumeration value="SCREENED"`, `enumeration value="SITES"`, `enumeration value="REMARK"`,
		`simpleType name="CL_ORG_UNIT_MOH_2.1_Type"`, `enumeration value="OU-1"`, `enumeration value="OU-2"`,
		`simpleType name="CL_AGE_MOH_2.1_Type"`, `enumeration value="P6M--P1Y"`, `enumeration value="P1Y--P5Y"`,
		`simpleType name="CL_SEX_MOH_2.1_Type"`, `enumeration value="F"`, `enumeration value="M"`,
		`simpleType name="CL_FUNDS_MOH_2.1_Type"`, `enumeration value="STATE"`, `enumeration value="NGO"`,
		`simpleType name="periodType"`,
		`complexType name="adxType"`, `element name="group" type="groupType"`, `attribute name="exported" type="xs:dateTime" use="required"`,
		`complexType name="groupType"`, `element name="dataValue" type="DataValueType"`,
		`attribute name="dataSet" type="xs:string" use="required" fixed="NUT_MONTHLY"`,
		`attribute name="orgUnit" type="CL_ORG_UNIT_MOH_2.1_Type" use="required"`,
		`attribute name="period" type="periodType" use="required"`,
		`attribute name="FUNDS" type="CL_FUNDS_MOH_2.1_Type" use="optional"`,
		`complexType name="DataValueType"`, `element name="annotation"`,
		`attribute name="dataElement" type="CL_DATA_ELEMENT_MOH_2.1_Type" use="required"`,
		`attribute name="value" type="xs:decimal" use="required"`,
		`attribute name="AGE" type="CL_AGE_MOH_2.1_Type" use="optional"`,
		`attribute name="SEX" type="CL_SEX_MOH_2.1_Type" use="optional"`,
		`element name="adx" type="adxType"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteSchemaError(t *testing.T) {
	s := nutrition()
	require.EqualError(t, define(t, s).WriteSchema(&strings.Builder{}, dsd.Schema{Edition: 2020}), "adx: edition 2020: want 2015 or 2017")
	s.Agency = "MOH OF X"
	require.EqualError(t, define(t, s).WriteSchema(&strings.Builder{}, dsd.Schema{}),
		`adx: code list "CL_DATA_ELEMENT": "CL_DATA_ELEMENT_MOH OF X_2.1_Type" cannot be the name of a type in a schema`)
	text := strings.Replace(written(t, define(t, nutrition())), `textType="TimeRange"`, `textType="Year"`, 1)
	d, err := dsd.Read(strings.NewReader(text), nil)
	require.NoError(t, err)
	require.EqualError(t, d.WriteSchema(&strings.Builder{}, dsd.Schema{}),
		`adx: definition "NUT_MONTHLY": the time dimension is neither a TimeRange nor a DateTime`)
}

// Codes with quotation marks of any kind are found (RULES.md#schemas).
func TestSchematronQuotes(t *testing.T) {
	s := nutrition()
	codes := []string{`O'Neil`, `2" pipe`, `6' 2" & <more>`, `both '" twice '"`}
	for i := range s.Elements {
		s.Elements[i] = dsd.Element{Code: codes[i], Dimensions: []string{"SEX"}}
	}
	v := newSchematron(t, define(t, s))
	for _, code := range codes {
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(code)
		m := `<adx xmlns="urn:ihe:qrph:adx:2015"><group><dataValue dataElement="` + escaped + `" SEX="F"/></group></adx>`
		ok, out := v.valid(t, m)
		require.True(t, ok, out)
		ok, _ = v.valid(t, strings.Replace(m, ` SEX="F"`, "", 1))
		require.False(t, ok, code)
	}
}

// Without annotations there are no assertions (RULES.md#disaggregation).
func TestSchematronFree(t *testing.T) {
	s := nutrition()
	for i := range s.Elements {
		s.Elements[i].Dimensions = nil
	}
	var b strings.Builder
	require.NoError(t, define(t, s).WriteSchematron(&b))
	require.NotContains(t, b.String(), "sch:rule")
	require.Contains(t, b.String(), "sch:pattern")
}

// A Schematron has an assertion for each dimension of each element
// (RULES.md#schemas).
func TestWriteSchematron(t *testing.T) {
	var b strings.Builder
	require.NoError(t, define(t, nutrition()).WriteSchematron(&b))
	var got []string
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "<sch:rule") || strings.HasPrefix(line, "<sch:assert") {
			got = append(got, line)
		}
	}
	want := []string{
		`<sch:rule context="adx:dataValue[normalize-space(@dataElement)='VIT_A']">`,
		`<sch:assert test="@AGE">A value of VIT_A must have the attribute AGE.</sch:assert>`,
		`<sch:assert test="@SEX">A value of VIT_A must have the attribute SEX.</sch:assert>`,
		`<sch:assert test="not(@FUNDS)">A value of VIT_A must not have the attribute FUNDS.</sch:assert>`,
		`<sch:rule context="adx:dataValue[normalize-space(@dataElement)='SCREENED']">`,
		`<sch:assert test="@AGE">A value of SCREENED must have the attribute AGE.</sch:assert>`,
		`<sch:assert test="not(@SEX)">A value of SCREENED must not have the attribute SEX.</sch:assert>`,
		`<sch:assert test="not(@FUNDS)">A value of SCREENED must not have the attribute FUNDS.</sch:assert>`,
		`<sch:rule context="adx:dataValue[normalize-space(@dataElement)='SITES']">`,
		`<sch:assert test="not(@AGE)">A value of SITES must not have the attribute AGE.</sch:assert>`,
		`<sch:assert test="not(@SEX)">A value of SITES must not have the attribute SEX.</sch:assert>`,
		`<sch:assert test="not(@FUNDS)">A value of SITES must not have the attribute FUNDS.</sch:assert>`,
		`<sch:rule context="adx:dataValue[normalize-space(@dataElement)='REMARK']">`,
		`<sch:assert test="not(@AGE)">A value of REMARK must not have the attribute AGE.</sch:assert>`,
		`<sch:assert test="not(@SEX)">A value of REMARK must not have the attribute SEX.</sch:assert>`,
		`<sch:assert test="not(@FUNDS)">A value of REMARK must not have the attribute FUNDS.</sch:assert>`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
