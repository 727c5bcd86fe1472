package dsd_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
)

// Groups and values that are kept still have their places in the message.
func TestKeep(t *testing.T) {
	group := func(attrs, values string) string {
		return `<group dataSet="EPI_MONTHLY" period="2026-01-01/P1M" ` + attrs + `>` + values + `</group>`
	}
	value := func(element, rest string) string { return `<dataValue dataElement="` + element + `" ` + rest + `/>` }
	doc := `<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">` +
		group(`orgUnit="HF-101" STRATEGY="FIXED"`,
			value("BCG2", `value="1"`)+value("BCG", `value="14"`)+value("BCG", `value="x" X="1"`)+
				value("PENTA3", `AGE="P0Y--P1Y" SEX="f" value="5"`)+value("PENTA3", `AGE="P0Y--P1Y" SEX="F" value="6"`)) +
		group(`orgUnit="HF-103" STRATEGY="FIXED"`, value("BCG", `value="3"`)) + // this org unit is unknown
		group(`orgUnit="HF-101" STRATEGY="OUTREACH"`, value("MEASLES1", `value="1"`)) + // no value of this group is left
		group(`orgUnit="HF-102" STRATEGY="FIXED"`, value("BCG", `value="4" odd="1"`)) + // this one has only a warning
		`</adx>`
	c := dsd.Checker{Definition: define(t, epiMonthly())}
	var kept, rules []string
	r := adx.NewReader(strings.NewReader(doc))
	r.Reject = func(adx.Finding) {}
	for g, err := range c.Keep(r.Groups(), func(f adx.Finding) { rules = append(rules, f.Path+" "+f.Rule) }) {
		require.NoError(t, err)
		for i, v := range g.Values {
			kept = append(kept, fmt.Sprint(g.Path(i), " ", g.OrgUnit, " ", v.DataElement, " ", v.Value))
		}
	}
	want := []string{
		"group[1]/dataValue[2] HF-101 BCG 14",
		"group[1]/dataValue[5] HF-101 PENTA3 6",
		"group[4]/dataValue[1] HF-102 BCG 4",
	}
	if diff := cmp.Diff(want, kept); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"group[1]/dataValue[1] ADX-043", "group[1]/dataValue[4] ADX-044", "group[2] ADX-030", "group[3]/dataValue[1] ADX-043",
		"group[4]/dataValue[1] ADX-050",
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}

	for _, err := range (dsd.Checker{}).Keep(r.Groups(), nil) {
		require.EqualError(t, err, "adx: the checker has no definition")
	}
}

// An import with a definition checks values before it looks up their codes.
// Each value counts once, whichever step rejects it.
func TestKeepInImport(t *testing.T) {
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{{ID: "deBCG", Code: "BCG"}, {ID: "deOther", Code: "OTHER"}},
		DataSets:     []hmis.DataSet{{ID: "ds", Code: "EPI_MONTHLY"}},
		OrgUnits:     []hmis.OrgUnit{{ID: "ou", Code: "HF-101"}},
	})
	require.NoError(t, err)
	store := &entry.Memory{}
	im := adx.Import{Mapper: adx.Mapper{Catalog: catalog, Ignore: []string{"STRATEGY"}}, Form: dsd.Checker{Definition: define(t, epiMonthly())}.Keep, Store: store}
	report, err := im.Run(t.Context(), adx.NewReader(strings.NewReader(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">
		<group dataSet="EPI_MONTHLY" orgUnit="HF-101" period="2026-01-01/P1M" STRATEGY="FIXED">
			<dataValue dataElement="BCG" value="14"/>
			<dataValue dataElement="OTHER" value="1"/>
			<dataValue dataElement="BCG" value="x" a="1"/>
			<dataValue dataElement="MEASLES1" AGE="P0Y--P1Y" value="2"/>
		</group></adx>`)))
	require.NoError(t, err)
	require.Equal(t, []int64{4, 1, 3}, []int64{report.Read, report.Imported, report.Rejected})
	var rules []string
	for _, c := range report.Causes {
		rules = append(rules, c.Rule+" "+c.Path)
	}
	require.Equal(t, []string{"ADX-042 group[1]/dataValue[3]", "ADX-043 group[1]/dataValue[2]", "ADX-043 group[1]/dataValue[4]"}, rules)
}
