package adx_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// clinic returns the metadata of a small country. It has a monthly form with
// age and sex, for one of two funders, and a form of the outreach team.
func clinic() hmis.Metadata {
	return hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "deBCG", Code: "BCG", Name: "BCG doses"},
			{ID: "dePenta", Code: "PENTA3", Name: "Penta 3  doses", CategoryCombo: "ccAgeSex"},
			{ID: "deMeasles", Code: "MEASLES1", Name: "Measles doses", CategoryCombo: "ccAgeSex"},
			{ID: "deNote", Code: "NOTE", Name: "Remark", ValueType: hmis.LongText},
			{ID: "deCold", Code: "COLD", Name: "Cold chain works", ValueType: hmis.Boolean},
			{ID: "deShared", Code: "SHARED", Name: "Shared"},
			{ID: "deLost", Name: "Without a code"},
			{ID: "deTwin1", Code: "T1", Name: "Twin"},
			{ID: "deTwin2", Code: "T2", Name: "Twin"},
			{ID: "deOdd1", Code: "O1", Name: "Odd  one"},
			{ID: "deOdd2", Code: "O2", Name: "Odd   one"},
		},
		Categories: []hmis.Category{
			{ID: "cDefault", Code: "default", Name: "default", Options: []hmis.UID{"oDefault"}},
			{ID: "cAge", Code: "AGE", Name: "Age", Options: []hmis.UID{"oYoung", "oOld"}},
			{ID: "cSex", Code: "SEX", Name: "Sex", Options: []hmis.UID{"oF", "oM"}},
			{ID: "cFunder", Code: "FUNDER", Name: "Funder", Options: []hmis.UID{"oState", "oDonor"}, Attribute: true},
			{ID: "cBad", Code: "5 AND OVER", Name: "Bad", Options: []hmis.UID{"oBad"}},
		},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "oDefault", Code: "default", Name: "default"},
			{ID: "oYoung", Code: "P0Y--P5Y", Name: "under 5"}, {ID: "oOld", Code: "P5Y--P9999Y", Name: "5 and over"},
			{ID: "oF", Code: "F", Name: "female"}, {ID: "oM", Code: "M", Name: "male"},
			{ID: "oState", Code: "STATE", Name: "State"}, {ID: "oDonor", Code: "DONOR ", Name: "Donor"}, // its code has an extra blank
			{ID: "oBad", Code: "X", Name: "X"},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: "ccDefault", Name: "default", Categories: []hmis.UID{"cDefault"}},
			{ID: "ccAgeSex", Name: "Age and sex", Categories: []hmis.UID{"cAge", "cSex"}},
			{ID: "ccSex", Name: "Sex", Categories: []hmis.UID{"cSex"}},
			{ID: "ccFunder", Name: "Funder", Categories: []hmis.UID{"cFunder"}, Attribute: true},
			{ID: "ccBad", Name: "Bad", Categories: []hmis.UID{"cBad"}},
		},
		OptionCombos: []hmis.OptionCombo{
			{ID: "xDefault", Code: "default", Name: "default", CategoryCombo: "ccDefault", Options: []hmis.UID{"oDefault"}},
			{ID: "xYoungF", Code: "YF", CategoryCombo: "ccAgeSex", Options: []hmis.UID{"oF", "oYoung"}},
			{ID: "xYoungM", Code: "YM", CategoryCombo: "ccAgeSex", Options: []hmis.UID{"oYoung", "oM"}},
			{ID: "xOldF", Code: "OF", CategoryCombo: "ccAgeSex", Options: []hmis.UID{"oOld", "oF"}},
			{ID: "xF", Code: "SF", CategoryCombo: "ccSex", Options: []hmis.UID{"oF"}},
			{ID: "xM", Code: "SM", CategoryCombo: "ccSex", Options: []hmis.UID{"oM"}},
			{ID: "xState", Code: "FS", CategoryCombo: "ccFunder", Options: []hmis.UID{"oState"}},
			{ID: "xDonor", Code: "FD", CategoryCombo: "ccFunder", Options: []hmis.UID{"oDonor"}},
			{ID: "xBad", Code: "B", CategoryCombo: "ccBad", Options: []hmis.UID{"oBad"}},
		},
		DataSets: []hmis.DataSet{
			{ID: "dsEPI", Code: "EPI", Name: "Immunisation", PeriodType: period.Monthly, CategoryCombo: "ccFunder", Elements: []hmis.DataSetElement{
				{DataElement: "deBCG"}, {DataElement: "dePenta"}, {DataElement: "deMeasles", CategoryCombo: "ccSex"},
				{DataElement: "deNote"}, {DataElement: "deCold"}, {DataElement: "deShared"}, {DataElement: "deLost"},
			}, OrgUnits: []hmis.UID{"ouA", "ouB"}},
			{ID: "dsOutreach", Code: "OUT", Name: "Outreach", PeriodType: period.Monthly, Elements: []hmis.DataSetElement{{DataElement: "deShared"}}, OrgUnits: []hmis.UID{"ouC"}},
			{ID: "dsWeekly", Code: "WEEK", Name: "Weekly", PeriodType: period.Weekly, Elements: []hmis.DataSetElement{{DataElement: "deShared"}}},
		},
		OrgUnits: []hmis.OrgUnit{
			{ID: "ouA", Code: "HF-101", Name: "Riverside  Health Post"}, {ID: "ouB", Code: "HF-102", Name: "Hillside"}, {ID: "ouC", Name: "No code"},
		},
	}
}

func catalog(t testing.TB) *hmis.Catalog {
	c, err := hmis.NewCatalog(clinic())
	require.NoError(t, err)
	return c
}

// list returns a stream of items.
func list[T any](items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// values translates a message. A rejected value is shown as its error.
func values(t *testing.T, m adx.Mapper, doc string) (out []hmis.DataValue, rejected []string) {
	t.Helper()
	m.Reject = func(_ hmis.DataValue, err error) { rejected = append(rejected, err.Error()) }
	for v, err := range m.Values(adx.NewReader(strings.NewReader(doc)).Groups()) {
		require.NoError(t, err)
		out = append(out, v)
	}
	return out, rejected
}

// show returns a value on one line.
func show(v hmis.DataValue) string {
	s := fmt.Sprintf("%s/%s/%s %s %s=%s", v.DataElement, v.OptionCombo, v.AttributeCombo, v.OrgUnit, v.Period, v.Value)
	if v.Comment != "" {
		s += " (" + v.Comment + ")"
	}
	if v.FollowUp {
		s += " followup"
	}
	if v.Deleted {
		s += " deleted"
	}
	return s
}

const epi = `<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" FUNDER="STATE">`

// Codes become ids, dimensions become option combos, and annotations become
// texts (RULES.md#dimensions, RULES.md#texts).
func TestMapperValues(t *testing.T) {
	tests := []struct{ group, values, want string }{
		{epi, `<dataValue dataElement="BCG" value="14"/>`, "deBCG//xState ouA 202601=14"},
		{epi, `<dataValue dataElement="PENTA3" SEX="F" AGE="P0Y--P5Y" value="7"/>`, "dePenta/xYoungF/xState ouA 202601=7"},
		{epi, `<dataValue dataElement="PENTA3" AGE="P5Y--P9999Y" SEX="F" value="7"/>`, "dePenta/xOldF/xState ouA 202601=7"},
		{epi, `<dataValue dataElement="MEASLES1" SEX="M" value="7"/>`, "deMeasles/xM/xState ouA 202601=7"}, // the data set replaces the element's combo
		{epi, `<dataValue dataElement="PENTA3" categoryOptionCombo="YM" value="7"/>`, "dePenta/xYoungM/xState ouA 202601=7"},
		{epi, `<dataValue dataElement="PENTA3" categoryOptionCombo="YM" SEX="F" value="7"/>`, "dePenta/xYoungM/xState ouA 202601=7"}, // a whole option combo counts before dimensions
		{epi, `<dataValue dataElement="PENTA3" value="7"/>`, "dePenta//xState ouA 202601=7"},                                         // without dimensions it is a total
		{epi, `<dataValue dataElement="BCG" default="default" value="7"/>`, "deBCG//xState ouA 202601=7"},
		{epi, `<dataValue dataElement="BCG" categoryOptionCombo="default" value="7"/>`, "deBCG//xState ouA 202601=7"},
		{strings.Replace(epi, "STATE", "DONOR", 1), `<dataValue dataElement="BCG" value="7"/>`, "deBCG//xDonor ouA 202601=7"}, // extra blanks are ignored
		{strings.Replace(epi, `FUNDER="STATE"`, `attributeOptionCombo="FD"`, 1), `<dataValue dataElement="BCG" value="7"/>`, "deBCG//xDonor ouA 202601=7"},
		{strings.Replace(epi, `FUNDER="STATE"`, ``, 1), `<dataValue dataElement="BCG" value="7"/>`, "deBCG// ouA 202601=7"},
		{epi, `<dataValue dataElement="BCG" value="+007.50" comment="late" followup="true" deleted="false"/>`, "deBCG//xState ouA 202601=007.50 (late) followup"},
		{epi, `<dataValue dataElement="BCG" value=".5"><annotation>a remark</annotation></dataValue>`, "deBCG//xState ouA 202601=0.5 (a remark)"},
		{epi, `<dataValue dataElement="BCG" value="-0."/>`, "deBCG//xState ouA 202601=-0"},
		{epi, `<dataValue dataElement="BCG" value="-.50"/>`, "deBCG//xState ouA 202601=-0.50"},
		{epi, `<dataValue dataElement="BCG" value="2.0" deleted="true"/>`, "deBCG//xState ouA 202601=2.0 deleted"},
		{epi, `<dataValue dataElement="NOTE" value="0"><annotation> as &lt;is&gt; </annotation></dataValue>`, "deNote//xState ouA 202601= as <is> "},
		{epi, `<dataValue dataElement="NOTE" value="5"><annotation/></dataValue>`, "deNote//xState ouA 202601="},
		{epi, `<dataValue dataElement="NOTE" value="0" deleted="true"/>`, "deNote//xState ouA 202601= deleted"},
		{epi, `<dataValue dataElement="COLD" value="0"><annotation>true</annotation></dataValue>`, "deCold//xState ouA 202601=true"},

		{epi, `<dataValue dataElement="BCG" attributeOptionCombo="FS" value="7"/>`, "deBCG//xState ouA 202601=7"}, // the attribute belongs on the group

		{epi, `<dataValue dataElement="BCG2" value="1"/>`, `group[1]/dataValue[1]: ADX-043: dataElement "BCG2": want the code of a known dataElement`},
		{epi, `<dataValue dataElement="bcg" value="1"/>`, `group[1]/dataValue[1]: ADX-043: dataElement "bcg": want the code of a known dataElement`},
		{epi, `<dataValue dataElement="PENTA3" SEX="F" value="1"/>`, `group[1]/dataValue[1]: ADX-045: AGE: it is missing`},
		{epi, `<dataValue dataElement="PENTA3" SEX="X" AGE="P0Y--P5Y" value="1"/>`, `group[1]/dataValue[1]: ADX-044: SEX "X": want an option of the category`},
		{epi, `<dataValue dataElement="PENTA3" SEX="M" AGE="P5Y--P9999Y" value="1"/>`, `group[1]/dataValue[1]: ADX-044: the category combo has no option combo of AGE "P5Y--P9999Y", SEX "M"`},
		{epi, `<dataValue dataElement="BCG" SEX="F" value="1"/>`, `group[1]/dataValue[1]: ADX-046: SEX "F": it is no dimension here`},
		{epi, `<dataValue dataElement="MEASLES1" SEX="F" AGE="P0Y--P5Y" value="1"/>`, `group[1]/dataValue[1]: ADX-046: AGE "P0Y--P5Y": it is no dimension here`},
		{epi, `<dataValue dataElement="PENTA3" categoryOptionCombo="?" value="1"/>`, `group[1]/dataValue[1]: ADX-044: categoryOptionCombo "?": want the code of a known categoryOptionCombo`},
		{epi, `<dataValue dataElement="PENTA3" categoryOptionCombo=" " value="1"/>`, `group[1]/dataValue[1]: ADX-044: categoryOptionCombo: want the code of a known categoryOptionCombo`},
		{epi, `<dataValue dataElement="PENTA3" attributeOptionCombo="FD" value="1"/>`, `group[1]/dataValue[1]: ADX-033: attributeOptionCombo "FD": want it on the group`},
		{epi, `<dataValue dataElement="PENTA3" categoryOptionCombo="YF" value="1"/><dataValue dataElement="PENTA3" AGE="P0Y--P5Y" SEX="F" value="2"/><dataValue dataElement="BCG" value="3"/>`,
			`dePenta/xYoungF/xState ouA 202601=1; deBCG//xState ouA 202601=3; group[1]/dataValue[2]: ADX-049: dataElement "PENTA3": another value of the group has the same option combo`},
		{epi, `<dataValue dataElement="NOTE" value="0"/>`, `group[1]/dataValue[1]: ADX-053: annotation: want the text of a value that is no number`},
		{epi, `<dataValue dataElement="BCG" value="1" followup="maybe"/>`, `group[1]/dataValue[1]: followup "maybe": want true or false`},
		{strings.Replace(epi, `EPI`, `ABC`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-027: dataSet "ABC": want the code of a known dataSet`},
		{strings.Replace(epi, `HF-101`, `hf-101`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-030: orgUnit "hf-101": want the code of a known organisationUnit`},
		{strings.Replace(epi, `01-01`, `01-15`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-026a: period "2026-01-15/P1M": want the first day and the length of a calendar period`},
		{strings.Replace(epi, `STATE`, `X`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-031: FUNDER "X": want an option of the category`},
		{strings.Replace(epi, `FUNDER="STATE"`, `SEX="F"`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-032: FUNDER: it is missing`},
		{strings.Replace(epi, `FUNDER=`, `SEX="F" FUNDER=`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-033: SEX "F": it is no dimension here`},
		{strings.Replace(epi, `FUNDER=`, `categoryOptionCombo="YF" FUNDER=`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-033: categoryOptionCombo "YF": want it on the values`},
		{strings.Replace(epi, `FUNDER="STATE"`, `attributeOptionCombo=""`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-031: attributeOptionCombo: want the code of a known categoryOptionCombo`},
		{strings.Replace(epi, `FUNDER="STATE"`, `attributeOptionCombo="?"`, 1), `<dataValue dataElement="BCG" value="1"/>`, `group[1]: ADX-031: attributeOptionCombo "?": want the code of a known categoryOptionCombo`},
	}
	for _, tt := range tests {
		got, rejected := values(t, adx.Mapper{Catalog: catalog(t)}, root+tt.group+tt.values+"</group></adx>")
		var lines []string
		for _, v := range got {
			lines = append(lines, show(v))
		}
		for _, err := range rejected {
			_, err, _ = strings.Cut(err, "adx: 1:")
			_, err, _ = strings.Cut(err, ": ")
			lines = append(lines, err)
		}
		if line := strings.Join(lines, "; "); line != tt.want {
			t.Errorf("%s%s\n got %s\nwant %s", tt.group, tt.values, line, tt.want)
		}
	}
}

func TestMapperSchemes(t *testing.T) {
	group := func(set, unit, attr string) string {
		return `<group dataSet="` + set + `" orgUnit="` + unit + `" period="2026-01-01/P1M" ` + attr + `>`
	}
	tests := []struct {
		schemes       hmis.Schemes
		group, values string
		want          string
	}{
		{hmis.Schemes{Any: hmis.ByUID}, group("dsEPI", "ouA", `cFunder="oState"`), `<dataValue dataElement="dePenta" cSex="oF" cAge="oOld" value="1"/>`, "dePenta/xOldF/xState ouA 202601=1"},
		{hmis.Schemes{Any: hmis.ByName}, group("Immunisation", "Riverside  Health Post", `Funder="Donor"`), `<dataValue dataElement="Penta 3 doses" Sex="male" Age="under 5" value="1"/>`, "dePenta/xYoungM/xDonor ouA 202601=1"},
		{hmis.Schemes{OrgUnit: hmis.ByName, Category: hmis.ByUID}, group("EPI", "Hillside", ""), `<dataValue dataElement="PENTA3" cSex="M" cAge="P0Y--P5Y" value="1"/>`, "dePenta/xYoungM/ ouB 202601=1"},
		{hmis.Schemes{DataElement: hmis.ByName}, group("EPI", "HF-101", ""), `<dataValue dataElement="Twin" value="1"/>`, `adx: 1:131: group[1]/dataValue[1]: ADX-043: dataElement "Twin": name "Twin" is ambiguous: 2 objects have it, such as deTwin1 and deTwin2`},
		{hmis.Schemes{DataElement: hmis.ByName}, group("EPI", "HF-101", ""), `<dataValue dataElement="Odd one" value="1"/>`, `adx: 1:131: group[1]/dataValue[1]: ADX-043: dataElement "Odd one": "Odd one" with other blanks: ambiguous`},
		{hmis.Schemes{Any: hmis.ByUID}, group("dsEPI", "ouA", `cDefault="oDefault" cFunder="oState"`), `<dataValue dataElement="deBCG" cDefault="oDefault" value="1"/>`, "deBCG//xState ouA 202601=1"},
	}
	for _, tt := range tests {
		got, rejected := values(t, adx.Mapper{Catalog: catalog(t), Schemes: tt.schemes}, root+tt.group+tt.values+"</group></adx>")
		line := strings.Join(rejected, "; ")
		for _, v := range got {
			line += show(v)
		}
		if line != tt.want {
			t.Errorf("%s%s\n got %s\nwant %s", tt.group, tt.values, line, tt.want)
		}
	}
}

// The values of unique attributes can identify objects. Each kind has its own
// scheme, and so do attribute option combos.
func TestMapperAttributeSchemes(t *testing.T) {
	md := clinic()
	md.Attributes = []hmis.Attribute{{ID: "atNational1", Name: "National code", Unique: true}}
	set := func(k hmis.Kind, id hmis.UID, text string) {
		md.AttributeValues = append(md.AttributeValues, hmis.AttributeValue{Object: hmis.Ref{Kind: k, ID: id}, Attribute: "atNational1", Value: text})
	}
	set(hmis.KindDataElement, "dePenta", "N-007")
	set(hmis.KindOrgUnit, "ouA", "SL/0215")
	set(hmis.KindDataSet, "dsEPI", "IMM 1")
	set(hmis.KindCategory, "cSex", "sexe")
	set(hmis.KindCategory, "cAge", "âge")
	set(hmis.KindCategoryOption, "oF", "féminin")
	set(hmis.KindCategoryOption, "oYoung", "< 5")
	set(hmis.KindOptionCombo, "xYoungF", "YOUNG & F")
	set(hmis.KindOptionCombo, "xState", "STATE!")
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	national := hmis.Scheme("ATTRIBUTE:atNational1")
	in := at("dePenta", "xYoungF", "xState", "ouA", "7")
	tests := []struct {
		schemes hmis.Schemes
		whole   bool
		want    string // the attribute in the message, or the error
	}{
		{
			hmis.Schemes{DataElement: national, OrgUnit: national, DataSet: national, Category: national, CategoryOption: national}, false,
			`adx: ADX-031: "xState": category cFunder: want an object with a value of attribute atNational1`,
		},
		{
			hmis.Schemes{Any: national}, true,
			`<group dataSet="IMM 1" orgUnit="SL/0215" period="2026-01-01/P1M" attributeOptionCombo="STATE!"><dataValue dataElement="N-007" categoryOptionCombo="YOUNG &amp; F" value="7"/></group>`,
		},
		{
			hmis.Schemes{OptionCombo: national}, true,
			`<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" attributeOptionCombo="FS"><dataValue dataElement="PENTA3" categoryOptionCombo="YOUNG &amp; F" value="7"/></group>`,
		},
		{
			hmis.Schemes{AttributeCombo: hmis.ByUID, DataElement: hmis.ByName}, true,
			`<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" attributeOptionCombo="xState"><dataValue dataElement="Penta 3  doses" categoryOptionCombo="YF" value="7"/></group>`,
		},
	}
	for _, tt := range tests {
		m := adx.Mapper{Catalog: c, Schemes: tt.schemes, Whole: tt.whole}
		var b bytes.Buffer
		w := adx.NewWriter(&b)
		failed := ""
		for g, err := range m.Groups(list(in)) {
			if err != nil {
				failed = err.Error()
				break
			}
			require.NoError(t, w.Write(g))
		}
		if failed != "" {
			require.Equal(t, tt.want, failed)
			continue
		}
		require.NoError(t, w.Close())
		require.Contains(t, b.String(), tt.want)
		out, rejected := values(t, m, b.String())
		require.Empty(t, rejected)
		require.Equal(t, []hmis.DataValue{in}, out)
	}
	// These are disaggregations by attribute values, which all objects have.
	set(hmis.KindCategory, "cFunder", "bailleur")
	set(hmis.KindCategoryOption, "oState", "État")
	c, err = hmis.NewCatalog(md)
	require.NoError(t, err)
	out, rejected := values(t, adx.Mapper{Catalog: c, Schemes: hmis.Schemes{Any: national}},
		root+`<group dataSet="IMM 1" orgUnit="SL/0215" period="2026-01-01/P1M" bailleur="État"><dataValue dataElement="N-007" sexe="féminin" âge="&lt; 5" value="7"/></group></adx>`)
	require.Empty(t, rejected)
	require.Equal(t, []hmis.DataValue{in}, out)
}

// The default option combo is found by each name that servers use for it.
func TestMapperDefaults(t *testing.T) {
	bare := clinic() // an export may leave the default objects out
	bare.Categories, bare.CategoryOptions = bare.Categories[1:], bare.CategoryOptions[1:]
	bare.CategoryCombos, bare.OptionCombos = bare.CategoryCombos[1:], bare.OptionCombos[1:]
	for _, md := range []hmis.Metadata{clinic(), bare} {
		c, err := hmis.NewCatalog(md)
		require.NoError(t, err)
		for _, scheme := range []hmis.Scheme{hmis.ByCode, hmis.ByUID, hmis.ByName} {
			set, element, unit := "OUT", "SHARED", "HF-101"
			switch scheme {
			case hmis.ByUID:
				set, element, unit = "dsOutreach", "deShared", "ouA"
			case hmis.ByName:
				set, element, unit = "Outreach", "Shared", "Hillside"
			}
			for _, attr := range []string{``, `default="default"`, `Combo="default"`, `Combo="HllvX50cXC0"`, `GLevLNI9wkl="xYerKDKCefk"`} {
				doc := root + `<group dataSet="` + set + `" orgUnit="` + unit + `" period="2026-01-01/P1M" ` + strings.Replace(attr, "Combo", "attributeOptionCombo", 1) + `>` +
					`<dataValue dataElement="` + element + `" ` + strings.Replace(attr, "Combo", "categoryOptionCombo", 1) + ` value="1"/></group></adx>`
				out, rejected := values(t, adx.Mapper{Catalog: c, Schemes: hmis.Schemes{Any: scheme}}, doc)
				require.Empty(t, rejected, doc)
				require.Equal(t, hmis.UID("")+"/", out[0].OptionCombo+out[0].AttributeCombo+"/", doc)
			}
		}
	}
}

// A report names each unknown text once, also one behind another fault. Paths
// are those of the message, even if the Reader has left values out.
func TestMapperUnknown(t *testing.T) {
	doc := root + `<group dataSet="EPI" orgUnit="HF-1"/>` +
		`<group dataSet="EPI" orgUnit="HF-999" period="2026-01-15/P1M" FUNDER="NGO" BATCH="1">` +
		`<dataValue dataElement="BCG" value="x"/>` +
		`<dataValue dataElement="BCG2" value="1"/>` +
		`<dataValue dataElement="PENTA3" SEX="f" AGE="old" value="1"/>` +
		`<dataValue dataElement="BCG2" value="2" SEX="F"/></group>` +
		`<group dataSet="ABC" orgUnit="HF-999" period="2026-01-01/P1M" FUNDER="X"><dataValue dataElement="T1" categoryOptionCombo="YX" value="1"/></group>` +
		`<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" attributeOptionCombo="F?"><dataValue dataElement="T1" categoryOptionCombo="YX" value="1"/></group>` +
		`</adx>`
	var paths []string
	m := adx.Mapper{Catalog: catalog(t), Reject: func(_ hmis.DataValue, err error) {
		f, _ := errors.AsType[*adx.Finding](err)
		paths = append(paths, f.Path+" "+f.Rule)
	}}
	r := adx.NewReader(strings.NewReader(doc))
	r.Reject = func(adx.Finding) {}
	report, err := adx.Import{Mapper: m}.Run(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, map[hmis.Kind][]string{
		hmis.KindOrgUnit: {"HF-999"}, hmis.KindDataElement: {"BCG2"}, hmis.KindDataSet: {"ABC"},
		hmis.KindCategory: {"BATCH"}, hmis.KindCategoryOption: {"NGO", "old", "f"}, hmis.KindOptionCombo: {"YX", "F?"},
	}, report.Unknown)
	require.Equal(t, []string{"group[2] ADX-030", "group[2] ADX-030", "group[2] ADX-030", "group[3] ADX-027", "group[4] ADX-031"}, paths)

	paths = nil
	fine := strings.NewReplacer("HF-999", "HF-101", "01-15", "01-01", `FUNDER="NGO" BATCH="1"`, "").Replace(doc)
	r = adx.NewReader(strings.NewReader(fine))
	r.Reject = func(adx.Finding) {}
	for _, err := range m.Values(r.Groups()) {
		require.NoError(t, err)
	}
	require.Equal(t, []string{"group[2]/dataValue[2] ADX-043", "group[2]/dataValue[3] ADX-044", "group[2]/dataValue[4] ADX-043"}, paths[:3])
}

// Each row is an oddity that gets a warning, and the value is kept.
func TestMapperWarnings(t *testing.T) {
	tests := []struct{ group, values, want string }{
		{epi, `<dataValue dataElement="NOTE" value="-0.0"><annotation>x</annotation></dataValue>`, ""},
		{epi, `<dataValue dataElement="NOTE" value="5"><annotation>x</annotation></dataValue>`, `warning adx: 1:145: group[1]/dataValue[1]: ADX-052: value "5": want 0 beside the annotation, which is the value`},
		{epi, `<dataValue dataElement="BCG" value="5" comment="late"><annotation>late</annotation></dataValue>`, ""},
		{epi, `<dataValue dataElement="BCG" value="5" comment="late"><annotation>short</annotation></dataValue>`, `warning adx: 1:145: group[1]/dataValue[1]: annotation "short": the attribute comment is the comment`},
		{`<group orgUnit="HF-101" period="2026-01-01/P1M" completeDate="2026-02-04">`, `<dataValue dataElement="BCG" value="1"/>`, `warning adx: 1:68: group[1]: ADX-026: completeDate "2026-02-04": no data set says what is complete`},
	}
	for _, tt := range tests {
		got, n := "", 0
		m := adx.Mapper{Catalog: catalog(t), Warn: func(f adx.Finding) { got += f.Severity.String() + " " + f.Error() }}
		r := adx.NewReader(strings.NewReader(root + tt.group + tt.values + "</group></adx>"))
		r.Edition = 2015
		for _, err := range m.Values(r.Groups()) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, tt.want, got)
		require.Equal(t, 1, n)
	}
}

func TestMapperOptions(t *testing.T) {
	c := catalog(t)
	doc := root + `<group orgUnit="HF-101" period="2026-01-01/P1M" FUNDER="STATE" batch="7"><dataValue dataElement="PENTA3" value="1" source="x"/></group></adx>`
	read := func(m adx.Mapper) string {
		m.Catalog = c
		r := adx.NewReader(strings.NewReader(doc))
		r.Edition = 2015
		line := ""
		for v, err := range m.Values(r.Groups()) {
			if err != nil {
				return err.Error()
			}
			line += show(v)
		}
		return line
	}
	require.Equal(t, `adx: 1:68: group[1]: ADX-026: dataSet: want the data set that FUNDER belongs to`, read(adx.Mapper{}))
	require.Equal(t, `adx: 1:68: group[1]: ADX-033: batch "7": it is no dimension here`, read(adx.Mapper{DataSet: "dsEPI"}))
	require.Equal(t, `adx: 1:141: group[1]/dataValue[1]: ADX-045: AGE: it is missing`, read(adx.Mapper{DataSet: "dsEPI", Ignore: []string{"batch", "source"}, RequireDimensions: true}))
	require.Equal(t, `dePenta//xState ouA 202601=1`, read(adx.Mapper{DataSet: "dsEPI", Ignore: []string{"batch", "source"}}))
	require.Equal(t, `adx: 1:68: group[1]: ADX-027: dataSet "dsNone": want a data set of the catalog`, read(adx.Mapper{DataSet: "dsNone"}))

	for _, err := range (adx.Mapper{}).Values(list[adx.Group]()) {
		require.EqualError(t, err, "adx: the mapper has no catalog")
	}
	for _, err := range (adx.Mapper{}).Groups(list[hmis.DataValue]()) {
		require.EqualError(t, err, "adx: the mapper has no catalog")
	}
}

func TestMapperCompletions(t *testing.T) {
	const done = ` completeDate="2026-02-04">`
	doc := root +
		strings.Replace(epi, ">", done, 1) + `<dataValue dataElement="BCG" value="1"/></group>` +
		strings.Replace(strings.Replace(epi, "HF-101", "HF-102", 1), ">", done, 1) + `<dataValue dataElement="BCG" value="1"/><dataValue dataElement="?" value="1"/></group>` +
		strings.Replace(strings.Replace(epi, "STATE", "DONOR", 1), ">", done, 1) + `<dataValue dataElement="BCG" value="x"/><dataValue dataElement="COLD" value="0"><annotation>true</annotation></dataValue></group>` +
		`</adx>`
	r := adx.NewReader(strings.NewReader(doc))
	r.Reject = func(adx.Finding) {}
	var got []hmis.Completion
	m := adx.Mapper{
		Catalog: catalog(t), Completions: func(c hmis.Completion) { got = append(got, c) },
		Reject: func(hmis.DataValue, error) {},
	}
	for _, err := range m.Values(r.Groups()) {
		require.NoError(t, err)
	}
	// The mapper has rejected a value of the second group, and the reader one
	// of the third.
	require.Equal(t, []hmis.Completion{{
		DataSet: "dsEPI", AttributeCombo: "xState", OrgUnit: "ouA", Period: period.MustParse("202601"),
		At: time.Date(2026, 2, 4, 0, 0, 0, 0, time.UTC),
	}}, got)
}
