package dsd_test

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/dsd"
)

func timeRange(t testing.TB, s string) adx.TimeRange {
	t.Helper()
	r, err := adx.ParseTimeRange(s)
	require.NoError(t, err)
	return r
}

// a returns attributes, given as names and values in turn.
func a(pairs ...string) []adx.Attr {
	var attrs []adx.Attr
	for i := 0; i < len(pairs); i += 2 {
		attrs = append(attrs, adx.Attr{Name: pairs[i], Value: pairs[i+1]})
	}
	return attrs
}

// fridge returns the message that each row of TestCheckGroups changes.
func fridge(t testing.TB) []adx.Group {
	remark := "Fridge < 2 °C"
	return []adx.Group{
		{
			DataSet: "NUT_MONTHLY", OrgUnit: "OU-1", Period: timeRange(t, "2026-01-01/P1M"),
			Attrs: a("FUNDS", "STATE", "completeDate", "2026-02-04"),
			Values: []adx.Value{
				{DataElement: "VIT_A", Value: "7", Attrs: a("AGE", "P6M--P1Y", "SEX", "F")},
				{DataElement: "VIT_A", Value: "9", Attrs: a("SEX", "M", "AGE", "P6M--P1Y")},
				{DataElement: "SCREENED", Value: "2.0", Attrs: a("AGE", "P1Y--P5Y")},
				{DataElement: "SITES", Value: "3"},
				{DataElement: "REMARK", Value: "0", Annotation: &remark},
			},
		},
		{
			DataSet: "NUT_MONTHLY", OrgUnit: "OU-1", Period: timeRange(t, "2026-01-01/P1M"), Attrs: a("FUNDS", "NGO"),
			Values: []adx.Value{{DataElement: "SITES", Value: "1"}},
		},
	}
}

func stream(groups []adx.Group, err error) iter.Seq2[adx.Group, error] {
	return func(yield func(adx.Group, error) bool) {
		for _, g := range groups {
			if !yield(g, nil) {
				return
			}
		}
		if err != nil {
			yield(adx.Group{}, err)
		}
	}
}

func collect(t testing.TB, found iter.Seq2[adx.Finding, error]) []adx.Finding {
	t.Helper()
	var list []adx.Finding
	for f, err := range found {
		require.NoError(t, err)
		list = append(list, f)
	}
	return list
}

// A Checker without a definition returns an error and checks nothing.
func TestCheckerWithoutDefinition(t *testing.T) {
	n := 0
	for _, err := range (dsd.Checker{}).Message(strings.NewReader("<adx/>")) {
		require.EqualError(t, err, "adx: the checker has no definition")
		n++
	}
	for _, err := range (dsd.Checker{}).Groups(nil) {
		require.EqualError(t, err, "adx: the checker has no definition")
		n++
	}
	require.Equal(t, 2, n)
}

func TestCheckGroups(t *testing.T) {
	d := define(t, nutrition())
	tests := []struct {
		name  string
		spoil func(g []adx.Group)
		want  []string // the full text of each finding
	}{
		{"as it is", func(g []adx.Group) {}, nil},
		{"a moment", func(g []adx.Group) { g[0].Period = timeRange(t, "2026-01-01T00:00:00") },
			[]string{`adx: group[1]: ADX-025: period "2026-01-01T00:00:00": want a start and a duration`}},
		{"no org unit", func(g []adx.Group) { g[0].OrgUnit = " " }, []string{`adx: group[1]: ADX-020: orgUnit: missing`}},
		{"no period", func(g []adx.Group) { g[0].Period = adx.TimeRange{} }, []string{`adx: group[1]: ADX-021: period: missing`}},
		{"no data set", func(g []adx.Group) { g[0].DataSet = "" }, []string{`adx: group[1]: ADX-026: dataSet: missing`}},
		{"no data element", func(g []adx.Group) { g[0].Values[3].DataElement = "" }, []string{`adx: group[1]/dataValue[4]: ADX-040: dataElement: missing`}},
		{"no value", func(g []adx.Group) { g[0].Values[3].Value = "" }, []string{`adx: group[1]/dataValue[4]: ADX-041: value: missing`}},
		{"no decimal", func(g []adx.Group) { g[0].Values[3].Value = "1e3" }, []string{`adx: group[1]/dataValue[4]: ADX-042: value "1e3": want a decimal`}},
		{"all decimals", func(g []adx.Group) {
			for i, v := range []string{" -.5 ", "+5.", "007", "-0"} {
				g[0].Values[i].Value = v
			}
		}, nil},
		{"another data set", func(g []adx.Group) { g[0].DataSet = "NUT_WEEKLY" },
			[]string{`adx: group[1]: ADX-027: dataSet "NUT_WEEKLY": want "NUT_MONTHLY"`}},
		{"groups with one key", func(g []adx.Group) {
			g[1].Attrs, g[1].Values[0].DataElement = a("FUNDS", "STATE"), "REMARK"
			x := ""
			g[1].Values[0].Annotation = &x
			g[1].Values[0].Value = "0"
			g[0].Values = g[0].Values[:4]
		},
			[]string{`adx: group[2]: ADX-029: an earlier group has the same data set, org unit, period and outer dimensions`}},
		{"org unit in another case", func(g []adx.Group) { g[0].OrgUnit = "ou-1" },
			[]string{`adx: group[1]: ADX-030: orgUnit "ou-1": want a code of CL_ORG_UNIT, such as "OU-1"`}},
		{"org unit unknown", func(g []adx.Group) { g[0].OrgUnit = "HF-999" },
			[]string{`adx: group[1]: ADX-030: orgUnit "HF-999": want a code of CL_ORG_UNIT`}},
		{"org unit with blanks", func(g []adx.Group) { g[0].OrgUnit = " OU-1\t" }, nil},
		{"outer code unknown", func(g []adx.Group) { g[0].Attrs[0].Value = "DONOR" },
			[]string{`adx: group[1]: ADX-031: FUNDS "DONOR": want a code of CL_FUNDS`}},
		{"outer dimension missing", func(g []adx.Group) { g[0].Attrs = nil },
			[]string{`adx: group[1]: ADX-032: FUNDS: the outer dimension is missing`}},
		{"outer dimension on a value", func(g []adx.Group) { g[0].Values[3].Attrs = a("FUNDS", "STATE") },
			[]string{`adx: group[1]/dataValue[4]: ADX-033: FUNDS "STATE": want it on the group`}},
		{"inner dimension on a group", func(g []adx.Group) { g[0].Attrs = a("FUNDS", "STATE", "SEX", "F") },
			[]string{`adx: group[1]: ADX-033: SEX "F": want it on the value`}},
		{"data element unknown", func(g []adx.Group) { g[0].Values[3].DataElement = "SITE" },
			[]string{`adx: group[1]/dataValue[4]: ADX-043: dataElement "SITE": want a code of CL_DATA_ELEMENT, such as "SITES"`}},
		{"inner code unknown", func(g []adx.Group) { g[0].Values[0].Attrs[1].Value = "X" },
			[]string{`adx: group[1]/dataValue[1]: ADX-044: SEX "X": want a code of CL_SEX`}},
		{"inner dimension missing", func(g []adx.Group) { g[0].Values[0].Attrs = a("AGE", "P6M--P1Y") },
			[]string{`adx: group[1]/dataValue[1]: ADX-045: SEX: data element "VIT_A" has this dimension, and it is missing`}},
		{"inner dimension too many", func(g []adx.Group) { g[0].Values[3].Attrs = a("SEX", "F") },
			[]string{`adx: group[1]/dataValue[4]: ADX-046: SEX "F": data element "SITES" does not have this dimension`}},
		{"the same value twice", func(g []adx.Group) { g[0].Values[1].Attrs = a("SEX", "F", "AGE", "P6M--P1Y") },
			[]string{`adx: group[1]/dataValue[2]: ADX-049: dataElement "VIT_A": an earlier value has the same key`}},
		{"the same value in two groups, the period put otherwise", func(g []adx.Group) {
			g[1].Attrs, g[1].Period = a("FUNDS", "STATE"), timeRange(t, "2026-01-01Z/P1M")
		}, []string{
			`adx: group[2]: ADX-029: an earlier group has the same data set, org unit, period and outer dimensions`,
			`adx: group[2]/dataValue[1]: ADX-049: dataElement "SITES": an earlier value has the same key`,
		}},
		{"option combos tell values apart", func(g []adx.Group) {
			g[0].Values[3].Attrs = a("categoryOptionCombo", "A")
			g[0].Values[2] = adx.Value{DataElement: "SITES", Value: "3", Attrs: a("categoryOptionCombo", "B")}
		}, nil},
		{"a slip in a dimension", func(g []adx.Group) { g[0].Values[2].Attrs = a("age", "P1Y--P5Y") }, []string{
			`adx: group[1]/dataValue[3]: ADX-050: age "P1Y--P5Y": not an attribute of the definition: want AGE`,
			`adx: group[1]/dataValue[3]: ADX-045: AGE: data element "SCREENED" has this dimension, and it is missing`,
		}},
		{"an attribute unknown", func(g []adx.Group) { g[0].Attrs = append(g[0].Attrs, a("batch", "7")...) },
			[]string{`adx: group[1]: ADX-050: batch "7": not an attribute of the definition`}},
		{"a foreign attribute", func(g []adx.Group) { g[0].Values[3].Attrs = []adx.Attr{{Space: "urn:x", Name: "SEX", Value: "F"}} }, nil},
		{"the default of DHIS2", func(g []adx.Group) { g[0].Values[3].Attrs = a("default", "default") }, nil},
		{"a text with a number", func(g []adx.Group) { g[0].Values[4].Value = "5" },
			[]string{`adx: group[1]/dataValue[5]: ADX-052: value "5": data element "REMARK" is a text: want 0`}},
		{"a text without one", func(g []adx.Group) { g[0].Values[4].Annotation = nil },
			[]string{`adx: group[1]/dataValue[5]: ADX-053: data element "REMARK" is a text, and there is none: want an annotation`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			groups := fridge(t)
			tt.spoil(groups)
			var got []string
			for _, f := range collect(t, d.CheckGroups(stream(groups, nil))) {
				got = append(got, f.Error())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A list of age bands may have codes that are no bands (ADX-060).
func TestCheckGroupsAgeBand(t *testing.T) {
	s := nutrition()
	s.Dimensions[0].Codes = append(s.Dimensions[0].Codes, dsd.Code{ID: "5+"})
	groups := fridge(t)
	groups[0].Values[2].Attrs[0].Value = "5+"
	got := collect(t, define(t, s).CheckGroups(stream(groups, nil)))
	require.Equal(t, []string{"W ADX-060"}, rules(got))
}

// If no data element says which dimensions it has, all are optional
// (RULES.md#disaggregation). A dimension without a list allows any text.
func TestCheckGroupsFree(t *testing.T) {
	s := nutrition()
	for i := range s.Elements {
		s.Elements[i].Dimensions = nil
	}
	s.Dimensions[2].Codes, s.OrgUnits, s.Instant = nil, nil, true
	groups := fridge(t)
	groups[0].OrgUnit, groups[0].Attrs[0].Value = "anywhere", "anyone"
	for i := range groups {
		groups[i].Period = timeRange(t, "2026-01-31T24:00:00Z")
	}
	groups[0].Values[3].Attrs = a("SEX", "F")
	require.Empty(t, collect(t, define(t, s).CheckGroups(stream(groups, nil))))

	groups[0].Values[3].Attrs = a("SEX", "X")
	groups[1].Period = timeRange(t, "2026-01-01/P1M")
	require.Equal(t, []string{"E ADX-044", "E ADX-025"}, rules(collect(t, define(t, s).CheckGroups(stream(groups, nil)))))
}

func TestChecker(t *testing.T) {
	s := nutrition()
	s.ID = "DSD_NUT_MONTHLY"
	d := define(t, s)
	check := func(c dsd.Checker, spoil func(g []adx.Group)) []string {
		c.Definition = d
		groups := fridge(t)
		if spoil != nil {
			spoil(groups)
		}
		return rules(collect(t, c.Groups(stream(groups, nil))))
	}
	require.Equal(t, []string{"W ADX-116"}, check(dsd.Checker{}, nil), "told once")
	require.Empty(t, check(dsd.Checker{DataSet: "NUT_MONTHLY"}, nil))
	require.Equal(t, []string{"E ADX-027", "E ADX-027"}, check(dsd.Checker{DataSet: "NUT"}, nil), "for each group")

	unnamed := func(g []adx.Group) { g[0].DataSet = "" }
	require.Equal(t, []string{"E ADX-026"}, check(dsd.Checker{DataSet: "NUT_MONTHLY"}, unnamed))
	require.Empty(t, check(dsd.Checker{DataSet: "NUT_MONTHLY", Edition: 2015}, unnamed))

	missing := func(g []adx.Group) { g[0].Attrs = nil }
	require.Equal(t, []string{"E ADX-032"}, check(dsd.Checker{DataSet: "NUT_MONTHLY"}, missing))
	require.Equal(t, []string{"W ADX-032"}, check(dsd.Checker{DataSet: "NUT_MONTHLY", Tolerant: true}, missing))

	again := func(g []adx.Group) { g[0].Values[1] = g[0].Values[0] }
	require.Equal(t, []string{"E ADX-049"}, check(dsd.Checker{DataSet: "NUT_MONTHLY"}, again))
	require.Equal(t, []string{"W ADX-049"}, check(dsd.Checker{DataSet: "NUT_MONTHLY", Tolerant: true}, again))
	require.Equal(t, []string{"E ADX-049"}, check(dsd.Checker{DataSet: "NUT_MONTHLY", Tolerant: true},
		func(g []adx.Group) { again(g); g[0].Values[1].Value = "8" }))

	sites := func(element string) bool { return element == "SITES" }
	require.Equal(t, []string{"E ADX-053", "W ADX-052", "E ADX-053", "W ADX-052"}, check(dsd.Checker{DataSet: "NUT_MONTHLY", Text: sites}, nil))
}

// If there are more values than Keys, only those of one group are compared.
func TestCheckerKeys(t *testing.T) {
	d := define(t, nutrition())
	groups := fridge(t)
	groups[1] = groups[0]
	want := []string{"W ADX-029", "E ADX-049", "E ADX-049", "E ADX-049", "E ADX-049", "E ADX-049"}
	require.Equal(t, want, rules(collect(t, d.CheckGroups(stream(groups, nil)))))
	require.Equal(t, want, rules(collect(t, dsd.Checker{Definition: d, Keys: 10}.Groups(stream(groups, nil)))))
	require.Equal(t, want[:1], rules(collect(t, dsd.Checker{Definition: d, Keys: 9}.Groups(stream(groups, nil)))))
	groups[1].Values = append(slices.Clone(groups[1].Values), groups[1].Values[0])
	require.Equal(t, want[1:2], rules(collect(t, dsd.Checker{Definition: d, Keys: -1}.Groups(stream(groups, nil)))))
}

func TestCheckerLimit(t *testing.T) {
	d := define(t, nutrition())
	var groups []adx.Group
	for i := range 1003 {
		g := fridge(t)[1]
		g.OrgUnit = "OU-9" + strconv.Itoa(i)
		groups = append(groups, g)
	}
	got := collect(t, d.CheckGroups(stream(groups, nil)))
	require.Len(t, got, 1001)
	require.Equal(t, "adx: ADX-165: 1003 findings in all, of which the first 1000 were listed", got[1000].Error())
	require.Len(t, collect(t, dsd.Checker{Definition: d, Limit: -1}.Groups(stream(groups, nil))), 1003)
	require.Len(t, collect(t, dsd.Checker{Definition: d, Limit: 2}.Groups(stream(groups, nil))), 3)
	n := 0
	for range d.CheckGroups(stream(groups, nil)) {
		if n++; n == 5 {
			break
		}
	}
	require.Equal(t, 5, n)
}

func TestCheckGroupsError(t *testing.T) {
	d := define(t, nutrition())
	broken := errors.New("broken")
	var last error
	n := 0
	groups := fridge(t)
	groups[0].OrgUnit = "?"
	for _, err := range d.CheckGroups(stream(groups, broken)) {
		n++
		last = err
	}
	require.Equal(t, 2, n)
	require.Equal(t, broken, last)
}

// Findings have the line and column of their group or value.
func TestCheckGroupsPosition(t *testing.T) {
	groups := fridge(t)
	groups[0].Line, groups[0].Column, groups[0].OrgUnit = 3, 5, "?"
	groups[0].Values[3].Line, groups[0].Values[3].Column, groups[0].Values[3].DataElement = 7, 9, "?"
	got := collect(t, define(t, nutrition()).CheckGroups(stream(groups, nil)))
	require.Len(t, got, 2)
	require.Equal(t, [4]int{3, 5, 7, 9}, [4]int{got[0].Line, got[0].Column, got[1].Line, got[1].Column})
}

// Many goroutines can use one Definition: run with -race.
func TestDefinitionShared(t *testing.T) {
	d := define(t, nutrition())
	groups := fridge(t)
	groups[0].OrgUnit = "?"
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range d.CheckGroups(stream(groups, nil)) {
			}
			_ = d.Structure()
			_ = d.Check()
			if err := d.Write(io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

// BenchmarkCheckGroups checks 5,000 groups of 5 values, each for another org
// unit.
func BenchmarkCheckGroups(b *testing.B) {
	s := nutrition()
	var groups []adx.Group
	n := 0
	for i := range 5000 {
		g := fridge(b)[0]
		g.OrgUnit = "OU-" + strconv.Itoa(i)
		s.OrgUnits = append(s.OrgUnits, dsd.Code{ID: g.OrgUnit})
		groups = append(groups, g)
		n += len(g.Values)
	}
	s.OrgUnits = s.OrgUnits[2:] // the list already has OU-1 and OU-2
	d := define(b, s)
	b.ReportAllocs()
	for b.Loop() {
		for f, err := range d.CheckGroups(stream(groups, nil)) {
			b.Fatal(f, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "values/s")
}
