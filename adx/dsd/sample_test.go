package dsd_test

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// samples is the folder of files from other projects. They are not part of this
// library.
const samples = "../../../shared/samples/adx"

func sample(t testing.TB, name string) *os.File {
	t.Helper()
	if _, err := os.Stat(samples); err != nil {
		t.Skip("no samples in ../shared/samples/adx beside the repository")
	}
	f, err := os.Open(filepath.Join(samples, name))
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func sampleDefinition(t testing.TB, name string) *dsd.Definition {
	t.Helper()
	d, err := dsd.Read(sample(t, name), nil)
	require.NoError(t, err)
	return d
}

// Each row is a definition and its errors and warnings, as INDEX.md has them.
func TestSampleDefinitions(t *testing.T) {
	tests := []struct {
		file             string
		errors, warnings []string
	}{
		{"made-up-epi-dsd.xml", nil, nil},
		{"ihe2017-dsd-malaria.xml", nil, []string{"ADX-116", "ADX-113"}},
		{"ihe-covid19-dsd.xml", nil, []string{"ADX-116", "ADX-113"}},
		// Its value concept has no representation, and its id is that of no
		// data set. INDEX.md does not mention this.
		{"ihe2015-dsd-agency-IHE.xml", []string{"ADX-102", "ADX-106"}, []string{"ADX-103", "ADX-116"}},
	}
	for _, tt := range tests {
		var errors, warnings []string
		for _, f := range sampleDefinition(t, tt.file).Check() {
			if f.Line == 0 || f.Column == 0 {
				t.Errorf("%s: %v: no position", tt.file, f.Error())
			}
			if f.Severity >= hmis.Severe {
				errors = append(errors, f.Rule)
			} else {
				warnings = append(warnings, f.Rule)
			}
		}
		if diff := cmp.Diff([][]string{tt.errors, tt.warnings}, [][]string{errors, warnings}); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tt.file, diff)
		}
	}
	_, err := dsd.Read(sample(t, "ihe-qrph-mandatory-concepts.xml"), nil)
	require.EqualError(t, err, "adx: Structures: ADX-101: no DataStructure: want one")
	_, err = dsd.Read(sample(t, "ihe2017-data-malaria.xml"), nil)
	require.ErrorContains(t, err, "adx: 2:1: ADX-100: ")
}

// The malaria definition refers to the mandatory concepts by the URL
// qrph_structures.xml.
func TestSampleExternal(t *testing.T) {
	d, err := dsd.Read(sample(t, "ihe2017-dsd-malaria.xml"), func(url string) (io.ReadCloser, error) {
		require.Equal(t, "qrph_structures.xml", url)
		return os.Open(filepath.Join(samples, "ihe-qrph-mandatory-concepts.xml"))
	})
	require.NoError(t, err)
	require.Equal(t, []string{"W ADX-116", "W ADX-113"}, rules(d.Check()))
	d, err = dsd.Read(sample(t, "ihe2017-dsd-malaria.xml"), func(string) (io.ReadCloser, error) { return nil, os.ErrNotExist })
	require.NoError(t, err)
	require.Contains(t, rules(d.Check()), "E ADX-104")
}

// Each row is a message with its definition and the result in INDEX.md or
// bad/EXPECT.md.
func TestSampleMessages(t *testing.T) {
	tests := []struct {
		file, dsd string
		checker   dsd.Checker
		want      []string
		line      int // the line of the first error
	}{
		{"made-up-epi-data.xml", "made-up-epi-dsd.xml", dsd.Checker{}, []string{}, 0},
		{"ihe2017-data-malaria.xml", "ihe2017-dsd-malaria.xml", dsd.Checker{}, []string{"E ADX-027", "E ADX-027"}, 7},
		{"ihe2017-data-malaria.xml", "ihe2017-dsd-malaria.xml", dsd.Checker{DataSet: "MALARIA"}, []string{}, 0},
		{"ihe-covid19-data.xml", "ihe-covid19-dsd.xml", dsd.Checker{}, []string{"W ADX-116"}, 0},
		{"bad/s13-outer-dimension-on-datavalue.xml", "made-up-epi-dsd.xml", dsd.Checker{}, []string{"E ADX-032", "E ADX-033"}, 3},
		{"bad/s14-unknown-orgunit.xml", "made-up-epi-dsd.xml", dsd.Checker{}, []string{"E ADX-030"}, 3},
	}
	for _, tt := range tests {
		r := adx.NewReader(sample(t, tt.file))
		r.Tolerant = true
		c := tt.checker
		c.Definition = sampleDefinition(t, tt.dsd)
		got := collect(t, c.Groups(r.Groups()))
		if diff := cmp.Diff(tt.want, rules(got)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", tt.file, diff)
		}
		for _, f := range got {
			if f.Severity >= hmis.Severe {
				require.Equal(t, tt.line, f.Line, "%s: %v", tt.file, f.Error())
				break
			}
		}
	}
}

func TestSampleHint(t *testing.T) {
	r := adx.NewReader(sample(t, "bad/s14-unknown-orgunit.xml"))
	got := collect(t, sampleDefinition(t, "made-up-epi-dsd.xml").CheckGroups(r.Groups()))
	require.Len(t, got, 1)
	require.Equal(t, `a code of CL_FACILITY, such as "HF-101"`, got[0].Want)
}

// xmllint comes to the same results with schemas that were written from the
// definitions.
func TestSampleSchemas(t *testing.T) {
	tests := []struct {
		file, dsd string
		schema    dsd.Schema
		xsd, sch  bool
	}{
		{"made-up-epi-data.xml", "made-up-epi-dsd.xml", dsd.Schema{}, true, true},
		{"made-up-epi-data.xml", "made-up-epi-dsd.xml", dsd.Schema{SelfContained: true, RequireOuter: true}, true, true},
		{"ihe2017-data-malaria.xml", "ihe2017-dsd-malaria.xml", dsd.Schema{}, false, true},
		{"ihe2017-data-malaria.xml", "ihe2017-dsd-malaria.xml", dsd.Schema{DataSet: "MALARIA"}, true, true},
		{"ihe-covid19-data.xml", "ihe-covid19-dsd.xml", dsd.Schema{DataSet: "AGG_WEEKLY_SURV"}, false, true},
		{"ihe-covid19-data.xml", "ihe-covid19-dsd.xml", dsd.Schema{DataSet: "AGG_WEEKLY_SURV", Undated: true}, true, true},
		{"bad/s13-outer-dimension-on-datavalue.xml", "made-up-epi-dsd.xml", dsd.Schema{}, true, false},
		{"bad/s14-unknown-orgunit.xml", "made-up-epi-dsd.xml", dsd.Schema{}, false, true},
	}
	for _, tt := range tests {
		text, err := io.ReadAll(sample(t, tt.file))
		require.NoError(t, err)
		d := sampleDefinition(t, tt.dsd)
		if ok, out := newSchema(t, d, tt.schema).valid(t, string(text)); ok != tt.xsd {
			t.Errorf("%s: schema %+v: valid = %v\n%s", tt.file, tt.schema, ok, out)
		}
		if ok, out := newSchematron(t, d).valid(t, string(text)); ok != tt.sch {
			t.Errorf("%s: Schematron: valid = %v\n%s", tt.file, ok, out)
		}
	}
}

// The schema and the Schematron of the made-up definition have all that
// RULES.md#schemas requires.
func TestSampleExpected(t *testing.T) {
	d := sampleDefinition(t, "made-up-epi-dsd.xml")
	var xsd, sch strings.Builder
	require.NoError(t, d.WriteSchema(&xsd, dsd.Schema{}))
	require.NoError(t, d.WriteSchematron(&sch))
	var schema struct {
		Types []struct {
			Name   string `xml:"name,attr"`
			Values []struct {
				Value string `xml:"value,attr"`
			} `xml:"restriction>enumeration"`
		} `xml:"simpleType"`
		Structures []struct {
			Name  string `xml:"name,attr"`
			Attrs []struct {
				Name  string `xml:"name,attr"`
				Type  string `xml:"type,attr"`
				Use   string `xml:"use,attr"`
				Fixed string `xml:"fixed,attr"`
			} `xml:"attribute"`
		} `xml:"complexType"`
	}
	require.NoError(t, xml.Unmarshal([]byte(xsd.String()), &schema))
	var got []string
	for _, typ := range schema.Types {
		line := typ.Name
		for _, v := range typ.Values {
			line += " " + v.Value
		}
		got = append(got, line)
	}
	for _, c := range schema.Structures {
		for _, a := range c.Attrs {
			got = append(got, strings.Join(strings.Fields(c.Name+" @"+a.Name+" "+a.Type+" "+a.Use+" "+a.Fixed), " "))
		}
	}
	want := []string{
		"CL_FACILITY_MOH_EX_2026.1_Type HF-101 HF-102 HF-203",
		"CL_EPI_ELEMENT_MOH_EX_1.0_Type BCG PENTA3 MEASLES1 COLD_CHAIN_NOTE",
		"CL_AGE_MOH_EX_1.0_Type P0Y--P1Y P1Y--P5Y",
		"CL_SEX_MOH_EX_1.0_Type F M",
		"CL_STRATEGY_MOH_EX_1.0_Type FIXED OUTREACH",
		"periodType",
		"adxType @exported xs:dateTime required",
		"groupType @dataSet xs:string required EPI_MONTHLY",
		"groupType @orgUnit CL_FACILITY_MOH_EX_2026.1_Type required",
		"groupType @period periodType required",
		"groupType @STRATEGY CL_STRATEGY_MOH_EX_1.0_Type optional",
		"DataValueType @dataElement CL_EPI_ELEMENT_MOH_EX_1.0_Type required",
		"DataValueType @value xs:decimal required",
		"DataValueType @AGE CL_AGE_MOH_EX_1.0_Type optional",
		"DataValueType @SEX CL_SEX_MOH_EX_1.0_Type optional",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	var schematron struct {
		Rules []struct {
			Context string `xml:"context,attr"`
			Asserts []struct {
				Test string `xml:"test,attr"`
			} `xml:"assert"`
		} `xml:"pattern>rule"`
	}
	require.NoError(t, xml.Unmarshal([]byte(sch.String()), &schematron))
	got = nil
	for _, r := range schematron.Rules {
		line := strings.Split(r.Context, "'")[1]
		for _, a := range r.Asserts {
			line += " " + a.Test
		}
		got = append(got, line)
	}
	require.Equal(t, []string{
		"BCG not(@AGE) not(@SEX) not(@STRATEGY)",
		"PENTA3 @AGE @SEX not(@STRATEGY)",
		"MEASLES1 @AGE not(@SEX) not(@STRATEGY)",
		"COLD_CHAIN_NOTE not(@AGE) not(@SEX) not(@STRATEGY)",
	}, got)
}

// Definitions of other projects have the same content after they are written
// and read.
func TestSampleRoundTrip(t *testing.T) {
	for _, file := range []string{"made-up-epi-dsd.xml", "ihe2017-dsd-malaria.xml", "ihe-covid19-dsd.xml", "ihe2015-dsd-agency-IHE.xml"} {
		d := sampleDefinition(t, file)
		f, err := os.CreateTemp(t.TempDir(), "")
		require.NoError(t, err)
		require.NoError(t, d.Write(f))
		_, err = f.Seek(0, io.SeekStart)
		require.NoError(t, err)
		back, err := dsd.Read(f, nil)
		require.NoError(t, err)
		if diff := cmp.Diff(d.Structure(), back.Structure()); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", file, diff)
		}
		require.Equal(t, rules(d.Check()), rules(back.Check()), file)
	}
}
