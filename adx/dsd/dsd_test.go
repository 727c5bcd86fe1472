package dsd_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// nutrition returns a data set with one outer and two inner dimensions. Its
// elements have both inner ones, one or none, and one is a text.
func nutrition() dsd.Structure {
	return dsd.Structure{
		ID: "NUT_MONTHLY", Name: "Nutrition", Agency: "MOH", Version: "2.1",
		At: time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC),
		Elements: []dsd.Element{
			{Code: "VIT_A", Name: "Vitamin A given", Dimensions: []string{"AGE", "SEX"}},
			{Code: "SCREENED", Name: "Children screened", Dimensions: []string{"AGE"}},
			{Code: "SITES", Name: "Sites & posts"},
			{Code: "REMARK", Name: "Remark", Text: true},
		},
		Dimensions: []dsd.Dimension{
			{Name: "AGE", Title: "Age band", Codes: []dsd.Code{{"P6M--P1Y", "6 to 11 months"}, {"P1Y--P5Y", "1 to 4 years"}}},
			{Name: "SEX", Title: "Sex", Codes: []dsd.Code{{"F", "Female"}, {"M", "Male"}}},
			{Name: "FUNDS", Title: "Who pays", Outer: true, Codes: []dsd.Code{{"STATE", "State"}, {"NGO", "Others"}}},
		},
		OrgUnits: []dsd.Code{{"OU-1", "Hill post"}, {"OU-2", "Lake <clinic>"}},
	}
}

func define(t testing.TB, s dsd.Structure) *dsd.Definition {
	t.Helper()
	d, err := dsd.New(s)
	require.NoError(t, err)
	return d
}

func written(t testing.TB, d *dsd.Definition) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, d.Write(&b))
	return b.String()
}

// rules returns findings as "E ADX-106" or "W ADX-113", in order.
func rules(found []adx.Finding) []string {
	list := []string{}
	for _, f := range found {
		list = append(list, severityOf(f)+f.Rule)
	}
	return list
}

// severityOf returns the letter that tables have for a severity.
func severityOf(f adx.Finding) string {
	return map[hmis.Severity]string{hmis.Info: "I ", hmis.Warning: "W ", hmis.Severe: "E ", hmis.Critical: "F "}[f.Severity]
}

// Each row breaks one rule in a definition that keeps all
// (RULES.md#definitions, RULES.md#codes).
func TestCheck(t *testing.T) {
	valid := written(t, define(t, nutrition()))
	const (
		mandatory = `maintainableParentID="ADX_MANDATORY_CONCEPTS" maintainableParentVersion="1.0" agencyID="IHE_QRPH"/>`
		own       = `maintainableParentID="DISAGGREGATIONS" maintainableParentVersion="2.1" agencyID="MOH"/>`
	)
	tests := []struct {
		name     string
		old, new string
		want     []string
	}{
		{"as it is", "", "", nil},
		{"two lists of code lists", `<str:Concepts>`, `<str:Codelists/><str:Concepts>`,
			[]string{`E Codelists: ADX-100: 2 times: want it once`}},
		{"two structures", `</str:DataStructures>`, `<str:DataStructure id="B" agencyID="MOH"/></str:DataStructures>`,
			[]string{`E DataStructures: ADX-101: 2 DataStructures: want one`}},
		{"scheme of another agency", `"ADX_MANDATORY_CONCEPTS" agencyID="IHE_QRPH" version="1.0"`, `"ADX_MANDATORY_CONCEPTS" agencyID="IHE" version="1.0"`, []string{
			`E ADX_MANDATORY_CONCEPTS: ADX-102: agency "IHE": want IHE_QRPH`,
			`W Dimension[dataElement]: ADX-113: concept "dataElement" of ADX_MANDATORY_CONCEPTS: there is none of agency "IHE_QRPH", version "1.0": that of "IHE", version "1.0" is taken`,
			`W Dimension[orgUnit]: ADX-113: concept "orgUnit" of ADX_MANDATORY_CONCEPTS: there is none of agency "IHE_QRPH", version "1.0": that of "IHE", version "1.0" is taken`,
			`W Dimension[TIME_PERIOD]: ADX-113: concept "period" of ADX_MANDATORY_CONCEPTS: there is none of agency "IHE_QRPH", version "1.0": that of "IHE", version "1.0" is taken`,
			`W PrimaryMeasure: ADX-113: concept "value" of ADX_MANDATORY_CONCEPTS: there is none of agency "IHE_QRPH", version "1.0": that of "IHE", version "1.0" is taken`,
		}},
		{"a fifth concept", `<str:Concept id="dataElement">`, `<str:Concept id="unit"/><str:Concept id="dataElement">`,
			[]string{`E ADX_MANDATORY_CONCEPTS: ADX-103: concept "unit": want dataElement, orgUnit, period and value, each once`}},
		{"value is no decimal", `textType="Decimal"`, `textType="String"`,
			[]string{`W ADX_MANDATORY_CONCEPTS/value: ADX-103: TextFormat "String": want Decimal`}},
		{"nothing to open it with", `<str:Codelist id="CL_SEX"`, `<str:Codelist id="CL_X" agencyID="MOH" isExternalReference="true" structureURL="lists.xml"/><str:Codelist id="CL_SEX"`,
			[]string{`E CL_X: ADX-104: structureURL "lists.xml": elsewhere, and nothing to open it with`}},
		{"no group", `<str:Group id="OUTER_DIMENSIONS">`, `<str:Group id="OUTER">`, []string{
			`E DataStructureComponents: ADX-105: no Group OUTER_DIMENSIONS`,
			`W Dimension[FUNDS]: ADX-118: no data element has this dimension`,
			`W Group[OUTER]: ADX-119: not used by the profile; it is not looked at`,
		}},
		{"two groups", `<str:MeasureList>`, `<str:Group id="OUTER_DIMENSIONS"/><str:MeasureList>`,
			[]string{`E Group[OUTER_DIMENSIONS]: ADX-105: the group is there twice`}},
		{"data elements are not listed", `<Ref agencyID="MOH" id="CL_DATA_ELEMENT" version="2.1"/>`, ``,
			[]string{`E Dimension[dataElement]: ADX-106: no LocalRepresentation with an Enumeration`}},
		{"dataElement has no id", `<str:Dimension id="dataElement">`, `<str:Dimension>`,
			[]string{`E Dimension[dataElement]: ADX-106: id "": want dataElement`}},
		{"no org unit", `<str:Dimension id="orgUnit">`, `<str:Dimension id="place">`, []string{
			`E Dimension[place]: ADX-107: id "place": want orgUnit`,
			`E OUTER_DIMENSIONS: ADX-109: no orgUnit: want it once`,
			`E OUTER_DIMENSIONS: ADX-110: no dimension "orgUnit"`,
		}},
		{"period of observation", `textType="TimeRange"`, `textType="ObservationalTimePeriod"`,
			[]string{`E Dimension[TIME_PERIOD]: ADX-108: TextFormat "ObservationalTimePeriod": want TimeRange or DateTime`}},
		{"moments", `textType="TimeRange"`, `textType="DateTime"`, nil},
		{"dataElement is outer", `<Ref id="FUNDS"/>`, `<Ref id="dataElement"/>`, []string{
			`W Dimension[FUNDS]: ADX-118: no data element has this dimension`,
			`E OUTER_DIMENSIONS: ADX-109: dataElement is inside: it belongs to each value`,
		}},
		{"orgUnit is not outer", `<Ref id="orgUnit"/>`, `<Ref id="FUNDS"/>`, []string{
			`E OUTER_DIMENSIONS: ADX-109: no orgUnit: want it once`,
			`E OUTER_DIMENSIONS: ADX-110: dimension "FUNDS" is there twice`,
		}},
		{"outer dimension unknown", `<Ref id="FUNDS"/>`, `<Ref id="FUND"/>`, []string{
			`W Dimension[FUNDS]: ADX-118: no data element has this dimension`,
			`E OUTER_DIMENSIONS: ADX-110: no dimension "FUND"`,
		}},
		{"measure of another concept", `<Ref id="value" ` + mandatory, `<Ref id="SEX" ` + own,
			[]string{`E PrimaryMeasure: ADX-111: want the concept value of ADX_MANDATORY_CONCEPTS`}},
		{"version of a code list", `id="CL_SEX" version="2.1"`, `id="CL_SEX" version="2.2"`,
			[]string{`E Dimension[SEX]: ADX-112: no Codelist "CL_SEX" of agency "MOH" with version "2.2"`}},
		{"agency of a concept", `<Ref id="SEX" ` + own, `<Ref id="SEX" maintainableParentID="DISAGGREGATIONS" maintainableParentVersion="2.1" agencyID="WHO"/>`,
			[]string{`W Dimension[SEX]: ADX-113: concept "SEX" of DISAGGREGATIONS: there is none of agency "WHO", version "2.1": that of "MOH", version "2.1" is taken`}},
		{"unknown concept", `<Ref id="SEX" ` + own, `<Ref id="GENDER" ` + own, []string{
			`E CL_DATA_ELEMENT/VIT_A: ADX-117: annotation Disaggregation "SEX": want an inner dimension`,
			`E Dimension[SEX]: ADX-113: no concept "GENDER" in "DISAGGREGATIONS"`,
		}},
		{"by URN", `<Ref id="SEX" ` + own, `<URN>urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=MOH:DISAGGREGATIONS(2.1).SEX</URN>`, nil},
		{"concept takes a name of the profile", `<str:Concept id="AGE">`, `<str:Concept id="value"/><str:Concept id="AGE">`,
			[]string{`E DISAGGREGATIONS/value: ADX-114: concept "value": the profile has an attribute of this name`}},
		{"concept is no name", `<str:Concept id="AGE">`, `<str:Concept id="5UP"/><str:Concept id="AGE">`,
			[]string{`E DISAGGREGATIONS/5UP: ADX-114: concept "5UP": want a name that an attribute can have`}},
		{"concept twice", `<str:Concept id="AGE">`, `<str:Concept id="SEX"/><str:Concept id="AGE">`,
			[]string{`E DISAGGREGATIONS/SEX: ADX-114: concept "SEX" is there twice`}},
		{"concept differs in case", `<str:Concept id="AGE">`, `<str:Concept id="Age"/><str:Concept id="AGE">`,
			[]string{`W DISAGGREGATIONS/AGE: ADX-114: concept "AGE" differs from another one only in letter case`}},
		{"concept is an extension", `<str:Concept id="AGE">`, `<str:Concept id="comment"/><str:Concept id="AGE">`,
			[]string{`W DISAGGREGATIONS/comment: ADX-114: concept "comment" takes the name of a usual extension`}},
		{"concept is a name, not of SDMX", `<str:Concept id="AGE">`, `<str:Concept id="âge"/><str:Concept id="AGE">`,
			[]string{`W DISAGGREGATIONS/âge: ADX-114: concept "âge": want an SDMX identifier`}},
		{"code twice", `<str:Code id="F">`, `<str:Code id="M"/><str:Code id="F">`,
			[]string{`E CL_SEX: ADX-115: code "M" is there twice`}},
		{"code twice but for blanks", `<str:Code id="F">`, `<str:Code id=" M "/><str:Code id="F">`, []string{
			`W CL_SEX: ADX-115: code "M" has white space that does not count`,
			`E CL_SEX: ADX-115: code "M" is there twice`,
		}},
		{"code without id", `<str:Code id="F">`, `<str:Code/><str:Code id="F">`,
			[]string{`E CL_SEX: ADX-115: a code without id`}},
		{"code with blanks", `<str:Code id="F">`, `<str:Code id="F ">`,
			[]string{`W CL_SEX: ADX-115: code "F" has white space that does not count`}},
		{"code that cannot be seen", `<str:Code id="F">`, `<str:Code id="F&#x200B;">`, []string{
			`W CL_SEX: ADX-115: code "F\u200b" has the invisible character U+200B`,
			`W CL_SEX: ADX-115: codes that are no identifiers of SDMX, whose schemas refuse them: 1, the first one "F\u200b"`,
		}},
		{"code differs in case", `<str:Code id="F">`, `<str:Code id="m"/><str:Code id="F">`,
			[]string{`W CL_SEX: ADX-115: code "M" differs from "m" only in letter case`}},
		{"code looks like another", `<str:Code id="F">`, `<str:Code id="М"/><str:Code id="F">`, []string{
			`W CL_SEX: ADX-115: codes that are no identifiers of SDMX, whose schemas refuse them: 1, the first one "М"`,
			`W CL_SEX: ADX-115: code "M" looks like "\u041c"`,
		}}, // a Cyrillic letter
		{"code in full width", `<str:Code id="F">`, `<str:Code id="ｍ"/><str:Code id="F">`, []string{
			`W CL_SEX: ADX-115: codes that are no identifiers of SDMX, whose schemas refuse them: 1, the first one "ｍ"`,
			`W CL_SEX: ADX-115: code "M" looks like "\uff4d"`,
		}},
		{"code that SDMX does not know", `<str:Code id="F">`, `<str:Code id="&lt;5">`,
			[]string{`W CL_SEX: ADX-115: codes that are no identifiers of SDMX, whose schemas refuse them: 1, the first one "<5"`}},
		{"id that SDMX does not know", `DataStructure id="NUT_MONTHLY"`, `DataStructure id="NUT MONTHLY"`,
			[]string{`W DataStructure: ADX-100: id "NUT MONTHLY" is no identifier of SDMX, whose schemas refuse it`}},
		{"id is not that of messages", `DataStructure id="NUT_MONTHLY"`, `DataStructure id="DSD_NUT_MONTHLY"`,
			[]string{`W DataStructure: ADX-116: id "DSD_NUT_MONTHLY": messages will say "NUT_MONTHLY"`}},
		{"unknown disaggregation", `>AGE</com:AnnotationText>`, `>AGEGROUP</com:AnnotationText>`,
			[]string{`E CL_DATA_ELEMENT/VIT_A: ADX-117: annotation Disaggregation "AGEGROUP": want an inner dimension`}},
		{"outer disaggregation", `>SEX</com:AnnotationText>`, `>FUNDS</com:AnnotationText>`, []string{
			`E CL_DATA_ELEMENT/VIT_A: ADX-117: annotation Disaggregation "FUNDS": want an inner dimension`,
			`W Dimension[SEX]: ADX-118: no data element has this dimension`,
		}},
		{"disaggregation with blanks", `>SEX</com:AnnotationText>`, `> SEX </com:AnnotationText>`, nil},
		{"orphan dimension", `>SEX</com:AnnotationText>`, `>AGE</com:AnnotationText>`,
			[]string{`W Dimension[SEX]: ADX-118: no data element has this dimension`}},
		{"data flows", `</mes:Structures>`, `<str:Dataflows/></mes:Structures>`,
			[]string{`W Dataflows: ADX-119: not used by the profile; it is not looked at`}},
		{"attributes of SDMX", `<str:MeasureList>`, `<str:AttributeList/><str:MeasureList>`,
			[]string{`W AttributeList: ADX-119: not used by the profile; it is not looked at`}},
		{"dimension of measures", `</str:DimensionList>`, `<str:MeasureDimension/></str:DimensionList>`,
			[]string{`E MeasureDimension: ADX-119: a dimension of measures: want none`}},
		{"age band upside down", `<str:Code id="P1Y--P5Y">`, `<str:Code id="P5Y--P1Y">`,
			[]string{`W CL_AGE: ADX-060: age band "P5Y--P1Y": want an upper bound above the lower one`}},
		{"age band as written by people", `<str:Code id="P1Y--P5Y">`, `<str:Code id="1-4">`,
			[]string{`W CL_AGE: ADX-060: age band "1-4": want two durations with -- between them, as in P1Y--P5Y`}},
		{"no age band is right", `<str:Code id="F">`, `<str:Code id="P5Y--P1Y">`,
			[]string{`W CL_SEX: ADX-060: age band "P5Y--P1Y": want an upper bound above the lower one`}},
		{"age not known", `<str:Code id="P1Y--P5Y">`, `<str:Code id="UNK_AGE">`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Contains(t, valid, tt.old)
			// Only the first place is changed, since more would break other
			// rules too.
			d, err := dsd.Read(strings.NewReader(strings.Replace(valid, tt.old, tt.new, 1)), nil)
			require.NoError(t, err)
			var got []string
			for _, f := range d.Check() {
				if f.Line == 0 || f.Column == 0 {
					t.Errorf("%v: no position", f.Error())
				}
				f.Line = 0
				got = append(got, severityOf(f)+strings.TrimPrefix(f.Error(), "adx: "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A text that is no definition makes Read fail (ADX-120, and other rules by
// name).
func TestReadError(t *testing.T) {
	const open = `<mes:Structure xmlns:mes="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" xmlns:str="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure">`
	tests := []struct{ in, want string }{
		{"", "ADX-001"},
		{open, "ADX-001"},
		{open + `</mes:Structures>`, "ADX-001"},
		{open + `<str:A a="1" a="2"/></mes:Structure>`, "ADX-001"},
		{open + `<x:A/></mes:Structure>`, "ADX-001"},
		{open + "<str:A b=\"\xFF\"/></mes:Structure>", "ADX-002"},
		{"\x1F\x8B\x08", "ADX-002"},
		{`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, "ADX-003"},
		{open + `</mes:Structure><a/>`, "ADX-005"},
		{`<Structure/>`, "ADX-100"},
		{open + `</mes:Structure>`, "ADX-101"},
		{open + `<str:A b="` + strings.Repeat("x", 64<<10+1) + `"/></mes:Structure>`, "ADX-160"},
		{open + `<mes:Header><mes:ID>` + strings.Repeat("long <!-- --> ", 20_000) + `</mes:ID></mes:Header></mes:Structure>`, "ADX-160"},
		{open + `<str:A ` + attributes(300) + `/></mes:Structure>`, "ADX-161"},
		{open + strings.Repeat("<str:A>", 100), "ADX-163"},
		{open + strings.Repeat("<str:A/>", 1_000_001), "ADX-164"},
	}
	for _, tt := range tests {
		_, err := dsd.Read(strings.NewReader(tt.in), nil)
		f, ok := errors.AsType[*adx.Finding](err)
		if !ok || f.Rule != tt.want {
			t.Errorf("Read(%.80q) = %v; want a finding %s", tt.in, err, tt.want)
		}
	}
	broken := errors.New("the line is dead")
	_, err := dsd.Read(io.MultiReader(strings.NewReader(open), failing{broken}), nil)
	if !errors.Is(err, broken) {
		t.Errorf("Read of a broken reader = %v; want %v", err, broken)
	}
}

// The number of findings is limited, and warnings do not displace errors
// (ADX-165).
func TestCheckLimit(t *testing.T) {
	valid := written(t, define(t, nutrition()))
	text := strings.Replace(valid, `</mes:Structures>`, strings.Repeat("<str:Dataflows/>", 1005)+`</mes:Structures>`, 1)
	text = strings.Replace(text, `<str:Code id="F">`, strings.Repeat(`<str:Code id="M"/>`, 1004)+`<str:Code id="F">`, 1)
	d, err := dsd.Read(strings.NewReader(text), nil)
	require.NoError(t, err)
	got := d.Check()
	require.Len(t, got, 2001)
	require.Equal(t, []string{"E ADX-115", "W ADX-119", "I ADX-165"}, slices.Compact(rules(got)))
	require.EqualError(t, &got[2000], "adx: ADX-165: 2009 findings in all, of which the first 2000 were listed")
}

// No text in a document can break a line of a log.
func TestFindingSafe(t *testing.T) {
	const evil = "\u009B31m"
	valid := written(t, define(t, nutrition()))
	for _, name := range []string{"CL_SEX", "SEX", "FUNDS", "DISAGGREGATIONS", "VIT_A", "OUTER_DIMENSIONS", "NUT_MONTHLY", "TIME_PERIOD", "MOH", "2.1"} {
		for _, bad := range []string{evil, strings.Repeat("x", 10_000)} {
			for n := 1; n < 4; n++ { // only the first places, so that references fail
				d, err := dsd.Read(strings.NewReader(strings.Replace(valid, `"`+name+`"`, `"`+bad+`"`, n)), nil)
				require.NoError(t, err)
				for _, f := range d.Check() {
					if text := f.Error(); strings.Contains(text, evil) || len(text) > 600 {
						t.Errorf("%s becomes %.10q: %.700s", name, bad, text)
					}
				}
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("a" + strings.Repeat("b", i) + `="" `)
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	free := nutrition()
	free.OrgUnits, free.Dimensions[2].Codes, free.Instant = nil, nil, true
	for _, s := range []dsd.Structure{nutrition(), free, {ID: "EMPTY", Agency: "A", Version: "1.0", At: nutrition().At}} {
		d := define(t, s)
		if diff := cmp.Diff(s, d.Structure()); diff != "" {
			t.Errorf("Structure of New (-want +got):\n%s", diff)
		}
		text := written(t, d)
		back, err := dsd.Read(strings.NewReader(text), nil)
		require.NoError(t, err)
		for i := range s.Elements {
			s.Elements[i].Text = false // a file cannot express it
		}
		if diff := cmp.Diff(s, back.Structure()); diff != "" {
			t.Errorf("Structure of Read (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(text, written(t, back)); diff != "" {
			t.Errorf("read and written again (-want +got):\n%s", diff)
		}
	}
}

// The concept has the name of the attribute in messages. The group of outer
// dimensions refers to the component instead (RULES.md#definitions).
func TestConceptNamesAttribute(t *testing.T) {
	text := written(t, define(t, nutrition()))
	for _, r := range [][2]string{
		{`<str:Dimension id="SEX">`, `<str:Dimension id="DIM_2">`}, {`<str:Dimension id="AGE">`, `<str:Dimension>`},
		{`<str:Dimension id="FUNDS">`, `<str:Dimension id="DIM_3">`}, {`<Ref id="FUNDS"/>`, `<Ref id="DIM_3"/>`},
	} {
		require.Contains(t, text, r[0])
		text = strings.Replace(text, r[0], r[1], 1)
	}
	d, err := dsd.Read(strings.NewReader(text), nil)
	require.NoError(t, err)
	require.Empty(t, d.Check())
	want := nutrition()
	want.Elements[3].Text = false
	if diff := cmp.Diff(want, d.Structure()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	require.Empty(t, collect(t, d.CheckGroups(stream(fridge(t), nil))))
}

// Names and descriptions come back too.
func TestRoundTripLabels(t *testing.T) {
	valid := written(t, define(t, nutrition()))
	text := strings.Replace(valid, `<com:Name xml:lang="en">Female</com:Name>`, `<com:Annotations>
              <com:Annotation id="hint">
                <com:AnnotationTitle>Title</com:AnnotationTitle>
                <com:AnnotationType>NOTE</com:AnnotationType>
                <com:AnnotationURL>https://moh.example.org/f</com:AnnotationURL>
                <com:AnnotationText xml:lang="fr">filles &amp; femmes</com:AnnotationText>
              </com:Annotation>
            </com:Annotations>
            <com:Name xml:lang="fr">Féminin</com:Name>
            <com:Name xml:lang="en">Female</com:Name>
            <com:Description xml:lang="en">As in the register</com:Description>
            <str:Parent>
              <Ref id="M"/>
            </str:Parent>`, 1)
	d, err := dsd.Read(strings.NewReader(text), nil)
	require.NoError(t, err)
	fields := func(s string) []string { return strings.Fields(s) }
	if diff := cmp.Diff(fields(text), fields(written(t, d))); diff != "" {
		t.Errorf("read and written again (-want +got):\n%s", diff)
	}
	require.Equal(t, "Female", d.Structure().Dimensions[1].Codes[0].Name)
}

func TestNewError(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(s *dsd.Structure)
		want  []string
	}{
		{"no id", func(s *dsd.Structure) { s.ID = " " }, []string{"adx: DataStructure: ADX-116: no id: want the code of the data set"}},
		{"code twice", func(s *dsd.Structure) { s.Elements[1].Code = "VIT_A " },
			[]string{`adx: CL_DATA_ELEMENT: ADX-115: code "VIT_A" is there twice`}},
		{"dimension of the profile", func(s *dsd.Structure) { s.Dimensions[0].Name = "period" }, []string{
			`adx: DISAGGREGATIONS/period: ADX-114: concept "period": the profile has an attribute of this name`,
			`adx: CL_DATA_ELEMENT/VIT_A: ADX-117: annotation Disaggregation "AGE": want an inner dimension`,
			`adx: CL_DATA_ELEMENT/SCREENED: ADX-117: annotation Disaggregation "AGE": want an inner dimension`,
		}},
		{"element by an outer dimension", func(s *dsd.Structure) { s.Elements[2].Dimensions = []string{"FUNDS"} },
			[]string{`adx: CL_DATA_ELEMENT/SITES: ADX-117: annotation Disaggregation "FUNDS": want an inner dimension`}},
	}
	for _, tt := range tests {
		s := nutrition()
		tt.spoil(&s)
		_, err := dsd.New(s)
		require.Error(t, err, tt.name)
		if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tt.name, diff)
		}
	}
}

// A text that XML cannot represent is an error and is not replaced.
func TestWriteError(t *testing.T) {
	s := nutrition()
	s.Elements[0].Name = "bell \a"
	require.EqualError(t, define(t, s).Write(io.Discard), `adx: "bell \a": XML cannot carry the character at offset 5`)
	w := failing{errors.New("disk full")}
	require.ErrorIs(t, define(t, nutrition()).Write(w), w.err)
}

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Each part that is elsewhere is opened by its URL, once.
func TestReadExternal(t *testing.T) {
	whole := written(t, define(t, nutrition()))
	begin, end := strings.Index(whole, `<str:Codelist id="CL_SEX"`), strings.Index(whole, `<str:Codelist id="CL_FUNDS"`)
	stub := whole[:begin] + `<str:Codelist id="CL_SEX" agencyID="MOH" version="2.1" isExternalReference="true" structureURL="lists.xml"/>` + whole[end:]
	var asked []string
	open := func(text string, err error) func(string) (io.ReadCloser, error) {
		return func(url string) (io.ReadCloser, error) {
			asked = append(asked, url)
			return io.NopCloser(strings.NewReader(text)), err
		}
	}
	d, err := dsd.Read(strings.NewReader(stub), open(whole, nil))
	require.NoError(t, err)
	require.Empty(t, d.Check())
	require.Equal(t, []string{"lists.xml"}, asked)
	require.Equal(t, whole, written(t, d))

	// An unknown scheme is one finding. Its concepts are no further ones.
	begin = strings.Index(whole, `<str:ConceptScheme id="ADX_MANDATORY_CONCEPTS"`)
	end = begin + strings.Index(whole[begin:], `</str:ConceptScheme>`) + len(`</str:ConceptScheme>`)
	begin = end + strings.Index(whole[end:], `<str:ConceptScheme `)
	end = begin + strings.Index(whole[begin:], `</str:ConceptScheme>`) + len(`</str:ConceptScheme>`)
	tag := whole[begin : begin+strings.IndexByte(whole[begin:], '>')]
	d, err = dsd.Read(strings.NewReader(whole[:begin]+tag+` isExternalReference="true" structureURL="concepts.xml"/>`+whole[end:]), nil)
	require.NoError(t, err)
	require.Equal(t, []string{"E ADX-104"}, rules(d.Check()))

	for _, f := range []func(string) (io.ReadCloser, error){nil, open("", os.ErrNotExist), open("<a/>", nil), open(stub, nil)} {
		d, err := dsd.Read(strings.NewReader(stub), f)
		require.NoError(t, err)
		require.Equal(t, []string{"E ADX-104"}, rules(d.Check()))
		require.Nil(t, d.Structure().Dimensions[1].Codes)
	}
}
