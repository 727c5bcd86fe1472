package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/integrity"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/report"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// nation has names that need care: a formula, and markup.
var nation = hmis.Metadata{
	OrgUnits: []hmis.OrgUnit{
		{ID: "n", Name: "Nation"}, {ID: "a", Name: "=Ambari", Parent: "n"}, {ID: "b", Name: "<b>Belsona</b>", Parent: "n"}, {ID: "c", Name: "Corvane", Parent: "n"},
	},
	DataElements: []hmis.DataElement{{ID: "cases", Name: "Cases"}},
}

// small is a report with a line of each grade.
func small(t testing.TB) *report.Report {
	t.Helper()
	catalog, err := hmis.NewCatalog(nation)
	require.NoError(t, err)
	pair := func(unit hmis.UID, a, b float64) quality.Pair { return quality.Pair{OrgUnit: unit, A: &a, B: &b} }
	equal, err := quality.Relation{}.Compare(pair("n", 300, 290), []quality.Pair{pair("a", 100, 95), pair("b", 150, 100), {OrgUnit: "c"}})
	require.NoError(t, err)
	equal.Item = "First / Third"
	trend, err := quality.Trend{}.Compare(
		quality.History{OrgUnit: "n", Current: new(130.0), Reference: []*float64{new(100.0), nil, new(104.0)}},
		[]quality.History{{OrgUnit: "a", Current: new(40.0), Reference: []*float64{new(30.0)}}, {OrgUnit: "b", Current: new(90.0), Reference: []*float64{new(70.0)}}})
	require.NoError(t, err)
	trend.Item = "Cases"
	bad := quality.Measure{Metric: "1a", Item: "Form", Threshold: 90, Issues: hmis.Issues{{Offset: -1, Err: fmt.Errorf("no periods")}}}
	checks, err := integrity.Standard().Run(t.Context(), integrity.Subject{Metadata: nation, Now: func() time.Time { return time.Unix(0, 0) }}, "datasets_empty", "data_elements_without_datasets", "option_groups_empty")
	require.NoError(t, err)
	outlier := quality.Outlier{
		Value:  hmis.DataValue{Value: "1234567", FollowUp: true, Key: hmis.Key{DataElement: "cases", OrgUnit: "b", Period: period.MustParse("202403")}},
		Number: 1234567, Middle: 36.25, Deviation: 3, Distance: 1234530.75, Score: 411510.25, Low: 27.105, High: 44.895,
	}
	return &report.Report{
		Catalog: catalog, Review: quality.Review{
			Overall: "n", Units: []hmis.UID{"a", "b", "c"}, Period: period.MustParse("2024"),
			Reference: []period.Period{period.MustParse("2021"), period.MustParse("2022"), period.MustParse("2023")},
		},
		Measures: []quality.Measure{equal, trend, bad}, Integrity: checks, Outliers: []quality.Outlier{outlier},
		Rules: &quality.RuleEvidence{Rules: 3, Evaluated: 100, Violations: 4}, DataAsOf: period.DateOf(2024, 12, 31),
		Made: time.Date(2025, 1, 20, 9, 30, 0, 0, time.UTC), Version: "hmis-go 1.0", Settings: []report.Fact{{Name: "Zeros", Value: "kept"}},
		Months: []quality.Month{
			{OrgUnit: "b", Data: indicator.Item{ID: "cases"}, Period: period.MustParse("202401"), Missing: true},
			{OrgUnit: "b", Data: indicator.Item{ID: "cases"}, Period: period.MustParse("202402"), Value: indicator.Scaled(12345, 1), Extreme: true, Violated: []hmis.UID{"r2", "r1"}},
			{OrgUnit: "a", Data: indicator.Item{ID: "cases"}, Period: period.MustParse("202401"), Value: indicator.Scaled(0, 0), Zero: true},
			{OrgUnit: "a", Data: indicator.Item{ID: "cases"}, Period: period.MustParse("202402"), Value: indicator.Scaled(7, 0), Moderate: true},
		},
		Findings: []report.Table{{Title: "Violated rules", Columns: []string{"Rule", "Count"}, Rows: [][]string{{"A <= B", "4"}}}},
		Notes:    []report.Note{{Text: "To be seen to.", Author: "Ada", At: time.Date(2025, 1, 21, 0, 0, 0, 0, time.UTC)}},
	}
}

// The whole report as text. After a change that is meant, write it anew with
// HMIS_UPDATE=1.
func TestWriteText(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, small(t).WriteText(&b))
	const golden = "testdata/small.txt"
	if os.Getenv("HMIS_UPDATE") != "" {
		require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, small(t).WriteCSV(&b))
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"metric", "item", "unit", "unitName", "value", "threshold", "status", "divergent"},
		{"2e", "First / Third", "n", "Nation", "103.44827586206897", "10", "poor", "false"},
		{"2e", "First / Third", "a", "'=Ambari", "105.26315789473684", "10", "good", "false"},
		{"2e", "First / Third", "b", "<b>Belsona</b>", "150", "10", "poor", "true"},
		{"2e", "First / Third", "c", "Corvane", "", "10", "na", "false"},
		{"2d", "Cases", "n", "Nation", "127.45098039215686", "33", "warn", "false"},
		{"2d", "Cases", "a", "'=Ambari", "133.33333333333334", "33", "good", "false"},
		{"2d", "Cases", "b", "<b>Belsona</b>", "128.57142857142858", "33", "good", "false"},
		{"1a", "Form", "", "", "", "90", "na", "false"},
	}, rows)
}

func TestJSON(t *testing.T) {
	text, err := json.Marshal(small(t))
	require.NoError(t, err)
	var r struct {
		Title     string
		Facts     []report.Fact
		Scorecard struct{ Overall *float64 }
		Metrics   map[string][]struct {
			Item          string
			Overall       struct{ Score *float64 }
			NotCalculable []string
			Issues        []string
		}
		Answers   []struct{ Assessed bool }
		Integrity []struct {
			Name    string
			Count   int
			Error   string
			Objects []string
		}
		Notes []report.Note
	}
	require.NoError(t, json.Unmarshal(text, &r))
	require.Equal(t, "Data quality review", r.Title)
	require.Equal(t, []string{"c"}, r.Metrics["2e"][0].NotCalculable)
	require.Equal(t, []string{"no periods"}, r.Metrics["1a"][0].Issues)
	require.Nil(t, r.Metrics["1a"][0].Overall.Score)
	require.InDelta(t, 25, *r.Scorecard.Overall, 1e-9)
	require.Len(t, r.Answers, 10)
	require.Equal(t, []string{"cases"}, r.Integrity[0].Objects)
	require.Equal(t, -1, r.Integrity[2].Count)
	require.Equal(t, "Ada", r.Notes[0].Author)
	var again bytes.Buffer
	require.NoError(t, small(t).WriteJSON(&again))
	require.JSONEq(t, string(text), again.String())
}

// Names are texts in the page, never markup; every graded cell has a sign; nothing is
// loaded from elsewhere.
func TestWriteHTML(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, small(t).WriteHTML(&b))
	page := b.String()
	require.NotContains(t, page, "<b>Belsona")
	require.Contains(t, page, "&lt;b&gt;Belsona&lt;/b&gt;")
	require.NotRegexp(t, regexp.MustCompile(`<script|<link|<img|@import|src=|https?:`), page)
	cells := regexp.MustCompile(`<td class="g ([a-z]+)">([^<]*)</td>`).FindAllStringSubmatch(page, -1)
	signs := map[string]string{"good": "✓", "warn": "~", "poor": "✗", "na": "–"}
	require.NotEmpty(t, cells)
	for _, cell := range cells {
		if cell[2] != "" {
			require.Contains(t, cell[2], signs[cell[1]])
		}
	}
	require.Equal(t, strings.Count(page, "<figure"), strings.Count(page, `role="img" aria-label="`), "every picture has words")
	require.Equal(t, 3, strings.Count(page, "<svg"), "units over units, years, units over years")
	require.Contains(t, page, "@page { size: A4")
	require.Contains(t, page, "To be seen to.")
}

// A report of nothing can be written too.
func TestEmpty(t *testing.T) {
	r := &report.Report{}
	for _, write := range []func() error{
		func() error { return r.WriteText(&bytes.Buffer{}) }, func() error { return r.WriteCSV(&bytes.Buffer{}) },
		func() error { return r.WriteJSON(&bytes.Buffer{}) }, func() error { return r.WriteHTML(&bytes.Buffer{}) },
	} {
		require.NoError(t, write())
	}
}

func ExampleReport_WriteText() {
	catalog, err := hmis.NewCatalog(hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "ImspTQPwCqd", Name: "Sierra Leone"}}})
	if err != nil {
		log.Fatal(err)
	}
	recount := quality.Verification{Name: "Malaria cases", Sites: []quality.Recount{
		{Site: "Ngelehun", Group: "Bo", Recounted: new(50.0), Reported: new(80.0)},
	}}
	review := quality.Review{Overall: "ImspTQPwCqd", Period: period.MustParse("2024")}
	measure, err := recount.Measure(context.Background(), nil, review)
	if err != nil {
		log.Fatal(err)
	}
	r := report.Report{Catalog: catalog, Review: review, Measures: []quality.Measure{measure}}
	card := r.Card()
	fmt.Println(card.Cells[0].Item, card.Cells[0].Status)
	// r.WriteText(os.Stdout) writes the whole.
	// Output: Malaria cases poor
}

// A row of a finding may have more cells than there are titles, or fewer.
func TestFindingsOfAnyWidth(t *testing.T) {
	r := report.Report{Findings: []report.Table{{
		Title: "Phone calls", Columns: []string{"Clinic"}, Rows: [][]string{{"Dum", "no answer", "twice"}, {"Kel"}, {}},
	}}}
	for _, write := range []func(io.Writer) error{r.WriteText, r.WriteHTML, r.WriteCSV, r.WriteJSON} {
		require.NoError(t, write(io.Discard))
	}
	var out strings.Builder
	require.NoError(t, r.WriteText(&out))
	require.Regexp(t, `(?m)^Dum +no answer +twice$`, out.String())
}

// The months of single units have a table for each unit, with signs behind
// values and the violated rules below.
func TestMonths(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, small(t).WriteText(&b))
	_, text, ok := strings.Cut(b.String(), "Months of single units\n")
	require.True(t, ok)
	text, _, _ = strings.Cut(text, "\nFurther findings")
	for _, want := range []string{
		"<b>Belsona</b>\nData   202401        202402\n", "Cases       –  1,234.5 ✗ §2\n",
		"  § r2: 202402\n  § r1: 202402\n", "=Ambari\nData   202401  202402\n", "Cases     0 ~     7 ~\n",
	} {
		require.Contains(t, text, want)
	}
	b.Reset()
	require.NoError(t, small(t).WriteHTML(&b))
	require.Contains(t, b.String(), "1,234.5 ✗ §2")
}
