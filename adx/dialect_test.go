package adx_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/stretchr/testify/require"
)

// Messages for DHIS2 mark what has no disaggregation, and numbers have no
// annotations.
func TestWriteForDHIS2(t *testing.T) {
	late, zero := "late", "Fridge broken"
	groups := []adx.Group{{
		DataSet: "EPI", OrgUnit: "HF-101", Period: adx.TimeRange{}, Values: []adx.Value{
			{DataElement: "BCG", Value: "14"},
			{DataElement: "BCG2", Value: "15", Attrs: []adx.Attr{{Name: "comment", Value: "x"}}},
			{DataElement: "PENTA3", Value: "7", Attrs: []adx.Attr{{Name: "SEX", Value: "F"}}},
			{DataElement: "COLD", Value: "46", Annotation: &late},
			{DataElement: "NOTE", Value: "0", Annotation: &zero},
			{DataElement: "HLL", Value: "1", Attrs: []adx.Attr{{Name: "categoryOptionCombo", Value: "HllvX50cXC0"}}},
		},
	}}
	var err error
	groups[0].Period, err = adx.ParseTimeRange("2026-01-01/P1M")
	require.NoError(t, err)
	write := func(change func(*adx.Writer)) string {
		var out strings.Builder
		w := adx.NewWriter(&out)
		w.Undated, w.Indent = true, " "
		change(w)
		require.NoError(t, w.Write(groups[0]))
		require.NoError(t, w.Close())
		return out.String()
	}
	var warned []string
	got := write(func(w *adx.Writer) {
		w.Dialect = adx.DHIS2
		w.Warn = func(f adx.Finding) { warned = append(warned, f.Error()) }
	})
	for _, want := range []string{
		`<group dataSet="EPI" orgUnit="HF-101" period="2026-01-01/P1M" default="default">`,
		`<dataValue dataElement="BCG" default="default" value="14"/>`,
		`<dataValue dataElement="BCG2" default="default" value="15" comment="x"/>`,
		`<dataValue dataElement="PENTA3" SEX="F" value="7"/>`,
		`<dataValue dataElement="COLD" default="default" value="46"/>`,
		`<dataValue dataElement="NOTE" default="default" value="0">`,
		`<dataValue dataElement="HLL" categoryOptionCombo="HllvX50cXC0" value="1"/>`,
	} {
		require.Contains(t, got, want)
	}
	require.Equal(t, []string{`adx: group[1]/dataValue[4]: ADX-052: annotation "late": it is left out: DHIS2 would take it in place of the number`}, warned)
	require.NotContains(t, write(func(*adx.Writer) {}), "default", "IHE messages do not have it")
	got = write(func(w *adx.Writer) {
		w.Dialect, w.Text = adx.DHIS2, func(element string) bool { return element == "COLD" }
	})
	require.Contains(t, got, "<annotation>late<")
	require.NotContains(t, got, "Fridge")
	require.Equal(t, "late", *groups[0].Values[3].Annotation, "what is written is not changed")
}

// A Mapper writes the default option combo in the schemes that the receiver
// reads.
func TestMapForDHIS2(t *testing.T) {
	for _, tt := range []struct {
		schemes hmis.Schemes
		whole   bool
		want    []adx.Attr
	}{
		{hmis.Schemes{}, false, []adx.Attr{{Name: "default", Value: "default"}}},
		{hmis.Schemes{Category: hmis.ByUID, CategoryOption: hmis.ByUID}, false, []adx.Attr{{Name: "cDefault", Value: "oDefault"}}},
		{hmis.Schemes{OptionCombo: hmis.ByUID}, true, []adx.Attr{{Name: "categoryOptionCombo", Value: "xDefault"}}},
	} {
		m := adx.Mapper{Catalog: catalog(t), Dialect: adx.DHIS2, Schemes: tt.schemes, Whole: tt.whole}
		v := at("deBCG", "", "xState", "ouA", "14")
		for g, err := range m.Groups(list(v)) {
			require.NoError(t, err)
			got := g.Values[0].Attrs
			require.Equal(t, tt.want, got)
		}
		v.Deleted = true
		for _, err := range m.Groups(list(v)) {
			require.ErrorContains(t, err, "import strategy DELETE")
		}
	}
}

// An import follows the rules of a server (RULES.md#the-dialect-of-dhis2). A
// code that cannot be decoded rejects the message. A group that does not fit
// its data set rejects that data set. A value that does not fit its data
// element is dropped.
func TestImportFromDHIS2(t *testing.T) {
	const def = ` default="default"`
	bcg := func(rest string) string { return `<dataValue dataElement="BCG"` + def + ` ` + rest + `</dataValue>` }
	group := func(values string) string { return epiGroup(values) }
	for _, tt := range []struct {
		name, doc string
		stored    []string // the stored values
		codes     []string // the codes in the report
		status    string
	}{
		{"a number", group(bcg(`value="46">`)), []string{"46"}, nil, "SUCCESS"},
		{"an annotation replaces it", group(bcg(`value="46"><annotation>47</annotation>`)), []string{"47"}, nil, "SUCCESS"},
		{"a remark is no number", group(bcg(`value="46"><annotation>late</annotation>`)), nil, []string{"E8122"}, "ERROR"},
		{"an empty annotation is no value", group(bcg(`value="46"><annotation/>`)), nil, []string{"E8120"}, "ERROR"},
		{"no value at all", group(bcg(`>`)), nil, []string{"E8120"}, "ERROR"},
		{"blanks are no part of a number", group(bcg(`value=" 5 ">`)), nil, []string{"E8122"}, "ERROR"},
		{"no default", group(`<dataValue dataElement="BCG" value="1"/>`), nil, []string{"E8108"}, "ERROR"},
		{"a remark alone is no default", group(`<dataValue dataElement="BCG" value="1" comment="x"/>`), nil, []string{"E8108"}, "ERROR"},
		{"the default combo by its id", group(`<dataValue dataElement="BCG" value="1" categoryOptionCombo="HllvX50cXC0"/>`), []string{"1"}, nil, "SUCCESS"},
		{"a category that is missing", group(`<dataValue dataElement="PENTA3" SEX="F" value="1"/>`), nil, []string{"E8108"}, "ERROR"},
		{"an unknown attribute means nothing", group(bcg(`foo="bar" value="46">`)), []string{"46"}, []string{"ADX-050"}, "WARNING"},
		{"a period that is none counts as the one around its start", strings.Replace(group(bcg(`value="46">`)), "2026-01-01/P1M", "2026-01-15/P1M", 1), []string{"46"}, []string{"ADX-026a"}, "WARNING"},
		{"another type of period", strings.Replace(group(bcg(`value="46">`)), "2026-01-01/P1M", "2026-01-01/P3M", 1), nil, []string{"E8021"}, "ERROR"},
		{"the same value twice", group(bcg(`value="46">`) + bcg(`value="46">`)), nil, []string{"E8128"}, "ERROR"},
		{"an unknown element refuses all", group(bcg(`value="46">`) + `<dataValue dataElement="?" value="1"` + def + `/>`), nil, []string{"E8103"}, "ERROR"},
		{"no element", group(`<dataValue value="1"` + def + `/>`), nil, []string{"E8102"}, "ERROR"},
		{"an unknown org unit", strings.Replace(group(bcg(`value="46">`)), "HF-101", "HF-9", 1), nil, []string{"E8107"}, "ERROR"},
		{"no org unit", strings.Replace(group(bcg(`value="46">`)), `orgUnit="HF-101"`, "", 1), nil, []string{"E8105"}, "ERROR"},
		{"an unknown data set", strings.Replace(group(bcg(`value="46">`)), `dataSet="EPI"`, `dataSet="?"`, 1), nil, []string{"E8005"}, "ERROR"},
		{"no data set", strings.Replace(group(bcg(`value="46">`)), `dataSet="EPI"`, ``, 1), nil, []string{"E8101"}, "ERROR"},
		{"a mark of deletion means nothing", group(bcg(`deleted="true" value="46">`)), []string{"46"}, []string{"ADX-050"}, "WARNING"},
		{"an option combo by an unknown code", group(`<dataValue dataElement="BCG" value="1" categoryOptionCombo="?"/>`), nil, []string{"E8108"}, "ERROR"},
		{"an attribute combo by an unknown code", strings.Replace(group(bcg(`value="46">`)), `FUNDER="STATE"`, `attributeOptionCombo="?"`, 1), nil, []string{"E8110"}, "ERROR"},
		{"a completeDate that is none", strings.Replace(group(bcg(`value="46">`)), `FUNDER="STATE"`, `FUNDER="STATE" completeDate="soon"`, 1), nil, []string{"ADX-034", "E8008"}, "ERROR"},
		{"no attribute option", strings.Replace(group(bcg(`value="46">`)), `FUNDER="STATE"`, ``, 1), nil, []string{"E8023"}, "ERROR"},
	} {
		m := &entry.Memory{}
		im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t), Dialect: adx.DHIS2}, Store: m}
		report, err := run(im, root+tt.doc+"</adx>")
		var values, codes []string
		for v := range m.Values() {
			values = append(values, v.Value)
		}
		for _, c := range report.Causes {
			codes = append(codes, c.Rule)
		}
		slices.Sort(values)
		require.Equal(t, tt.stored, values, "%s: %v %v", tt.name, err, report.Causes)
		require.Equal(t, tt.codes, codes, tt.name)
		require.Equal(t, tt.status, report.Status(), tt.name)
	}

	// Other data sets are stored even if one is rejected.
	m := &entry.Memory{}
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog(t), Dialect: adx.DHIS2, Schemes: hmis.Schemes{DataSet: hmis.ByUID}}, Store: m}
	report, err := run(im, fmt.Sprintf(`%s<group dataSet="no" orgUnit="HF-101" period="2026-01-01/P1M">%s</group></adx>`, root, bcg(`value="1">`)))
	require.Error(t, err)
	require.Equal(t, "E8004", report.Causes[0].Rule, "it is no UID")
}
