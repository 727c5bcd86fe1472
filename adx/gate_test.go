package adx_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/stretchr/testify/require"
)

// gated returns an Import whose values go through a gate.
func gated(t testing.TB, change func(*hmis.Metadata)) (adx.Import, *entry.Memory) {
	md := clinic()
	for i := range md.DataElements {
		if md.DataElements[i].ID == "deBCG" {
			md.DataElements[i].ValueType = hmis.IntegerZeroOrPositive
		}
	}
	if change != nil {
		change(&md)
	}
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	store := &entry.Memory{}
	return adx.Import{
		Mapper: adx.Mapper{Catalog: c}, Store: store,
		Gate: &entry.Gate{Tree: tree, Policy: entry.Strict, Now: time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
	}, store
}

// heldValues returns the stored values, sorted.
func heldValues(s *entry.Memory) (list []string) {
	for v := range s.Values() {
		list = append(list, show(v))
	}
	slices.Sort(list)
	return list
}

// A message means the same whether it comes as ADX or as a data value set: the
// same values are stored, and the others have the same codes (RULES.md#imports).
func TestGateOfAllFormats(t *testing.T) {
	const (
		january = epi // of HF-101
		penta   = `<dataValue dataElement="PENTA3" SEX="F" AGE="P0Y--P5Y" value="7"/>`
	)
	groups := func(list ...string) string { return root + strings.Join(list, "") + "</adx>" }
	message := groups(
		january+`<dataValue dataElement="BCG" value="14"/>`+penta+`</group>`,
		strings.Replace(january, "2026-01-01", "2026-02-01", 1)+`<dataValue dataElement="BCG" value="-1"/>`+penta+`</group>`,
		strings.Replace(january, "2026-01-01", "2026-03-01", 1)+`<dataValue dataElement="BCG" value="15"/></group>`,
		strings.Replace(strings.Replace(january, "EPI", "WEEK", 1), ` FUNDER="STATE"`, "", 1)+`<dataValue dataElement="SHARED" value="3"/></group>`,
	)
	row := func(element, option, p, value string) string {
		return fmt.Sprintf(`{"dataElement": %q, "categoryOptionCombo": %q, "attributeOptionCombo": "xState", "orgUnit": "ouA", "period": %q, "value": %q}`, element, option, p, value)
	}
	set := `{"dataSet": "dsEPI", "dataValues": [` + strings.Join([]string{
		row("deBCG", "", "202601", "14"), row("dePenta", "xYoungF", "202601", "7"), row("deBCG", "", "202602", "-1"),
		row("dePenta", "xYoungF", "202602", "7"), row("deBCG", "", "202603", "15"),
	}, ",") + "]}"

	im, store := gated(t, func(md *hmis.Metadata) { md.DataSets[2].OrgUnits = []hmis.UID{"ouA"} })
	report, err := run(im, message)
	require.NoError(t, err)
	var causes []string
	for _, c := range report.Causes {
		causes = append(causes, fmt.Sprintf("%s %s %s", c.Rule, c.Path, c.Reason))
		require.True(t, c.Line > 0 && c.Column > 1, "%+v", c)
	}
	require.Equal(t, []string{
		`E8122 group[2]/dataValue[1] value: "-1": want a whole number of 32 bits, 0 or above`,
		`E8030 group[3]/dataValue[1] period "2026-03-01/P1M": 202603: the period is still to come`,
		`E8021 group[4]/dataValue[1] period "2026-01-01/P1M": 202601 is Monthly: want Weekly`,
	}, causes)
	require.Equal(t, []int64{6, 3, 3}, []int64{report.Read, report.Imported, report.Ignored})

	other := &entry.Memory{}
	gate := *im.Gate
	gate.Catalog = im.Mapper.Catalog
	sum, err := dhis2.Import{Gate: gate, Store: other}.Run(t.Context(), strings.NewReader(set))
	require.NoError(t, err)
	require.Equal(t, heldValues(store), heldValues(other))
	require.Equal(t, []int{3, 2}, []int{sum.Imported, sum.Ignored})
	require.Equal(t, "E8122", sum.Issues[0].Code)
	require.Equal(t, "E8030", sum.Issues[1].Code)
}

// The strategy of the gate holds for the store.
func TestGateStrategy(t *testing.T) {
	message := root + epi + `<dataValue dataElement="BCG" value="14"/></group></adx>`
	for _, tt := range []struct {
		strategy entry.Strategy
		there    bool
		counts   [4]int64 // imported, updated, deleted, unchanged
	}{
		{entry.Create, false, [4]int64{1}}, {entry.Create, true, [4]int64{3: 1}},
		{"UPDATES", false, [4]int64{3: 1}}, {entry.Update, true, [4]int64{1: 1}},
		{entry.Delete, true, [4]int64{2: 1}}, {"deletes", false, [4]int64{3: 1}},
	} {
		for _, dialect := range []adx.Dialect{0, adx.DHIS2} {
			im, _ := gated(t, nil)
			im.Mapper.Dialect = dialect
			im.Gate.Strategy = tt.strategy
			im.Store = &entry.Memory{}
			if tt.there {
				im.Store = memory(t, at("deBCG", "", "xState", "ouA", "9"))
			}
			doc := message
			if dialect == adx.DHIS2 {
				doc = strings.Replace(doc, `value="14"`, `value="14" default="default"`, 1)
			}
			report, err := run(im, doc)
			require.NoError(t, err)
			require.Equal(t, tt.counts, [4]int64{report.Imported, report.Updated, report.Deleted, report.Unchanged}, "%+v %v: %+v", tt, dialect, report.Causes)
		}
	}
	im, _ := gated(t, nil)
	im.Gate.Strategy = "REPLACE"
	_, err := run(im, message)
	require.ErrorContains(t, err, "REPLACE")
}

// In the dialect of DHIS2 the gate has the right of the caller's policy, and
// what it rejects is placed.
func TestGateInDialect(t *testing.T) {
	bcg := func(value string) string {
		return `<dataValue dataElement="BCG" value="` + value + `" default="default"/>`
	}
	good, bad := epi+bcg("1")+"</group>", strings.Replace(epi, "2026-01-01", "2026-02-01", 1)+bcg("x")+"</group>"
	for _, tt := range []struct {
		policy entry.Policy
		now    time.Time
		doc    string
		counts [3]int64 // imported, ignored, rejected
		codes  []string
	}{
		{entry.Grouped, time.Time{}, good + bad, [3]int64{1, 1, 0}, []string{"E8122"}},
		{entry.GroupedAtomic, time.Time{}, good + bad, [3]int64{0, 0, 2}, []string{"E8122"}},
		{entry.Lenient, time.Time{}, good + bad, [3]int64{1, 1, 0}, []string{"E8122"}},
		{entry.Grouped, time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC), good, [3]int64{0, 0, 1}, []string{"E8030"}},
	} {
		im, _ := gated(t, nil)
		im.Mapper.Dialect = adx.DHIS2
		im.Gate.Policy, im.Gate.Now = tt.policy, tt.now
		var told []string
		im.Mapper.Reject = func(_ hmis.DataValue, err error) {
			f, ok := errors.AsType[*adx.Finding](err)
			require.True(t, ok)
			told = append(told, f.Rule)
			require.NotZero(t, f.Line)
		}
		report, err := run(im, root+tt.doc+"</adx>")
		require.NoError(t, err)
		require.Equal(t, tt.counts, [3]int64{report.Imported, report.Ignored, report.Rejected}, "%+v", tt)
		var codes []string
		for _, c := range report.Causes {
			codes = append(codes, c.Rule)
			require.NotZero(t, c.Line)
		}
		require.Equal(t, tt.codes, codes)
		require.Len(t, told, int(tt.counts[1]+tt.counts[2]))
	}
}

// A form is complete only if the gate lets all of its values pass.
func TestGateIncompleteForms(t *testing.T) {
	form := func(unit, value string) string {
		return strings.Replace(strings.Replace(epi, ">", ` completeDate="2026-02-04">`, 1), "HF-101", unit, 1) + `<dataValue dataElement="BCG" value="` + value + `"/></group>`
	}
	im, store := gated(t, nil)
	report, err := run(im, root+form("HF-101", "1")+form("HF-102", "-1")+"</adx>")
	require.NoError(t, err)
	require.Equal(t, 1, report.Completions)
	for c := range store.Completions() {
		require.Equal(t, hmis.UID("ouA"), c.OrgUnit)
	}
}
