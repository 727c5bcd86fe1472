package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/aggregate/quality/integrity"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Report is a data quality review with everything that is shown. Catalog,
// Review and Measures are required. Other fields are optional, and parts of the
// report without data are left out.
type Report struct {
	Title    string        // the title; "" means "Data quality review"
	Catalog  *hmis.Catalog // the catalog with the names of objects
	Review   quality.Review
	Measures []quality.Measure
	Grader   quality.Grader

	Outliers  []quality.Outlier // values to follow up, in the given order
	Integrity *integrity.Report
	Rules     *quality.RuleEvidence
	// Concordance is the agreement of national and funder values, in per cent.
	Concordance *float64
	// Months has the months of single org units; see [quality.DrillDown].
	Months []quality.Month
	// Findings has further tables, such as violated rules.
	Findings []Table
	Notes    []Note

	Made     time.Time   // when the report was made
	DataAsOf period.Date // the last day with data
	Version  string      // version of the software
	Settings []Fact      // further lines for the head, such as whether zeros count
}

// A Fact is a line at the head of a report.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A Note is a remark on a part of the report, such as the minutes of a review
// meeting.
type Note struct {
	Metric string    `json:"metric"` // the metric that the note is about; "" means the whole report
	Text   string    `json:"text"`
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

// A Table is a table of texts.
type Table struct {
	Title   string
	Note    string // a text that is shown below the title
	Columns []string
	Rows    [][]string
}

// Card returns the scorecard.
func (r *Report) Card() quality.Card { return r.Grader.Grade(r.Measures) }

// Answers returns the answers to the questions of funders.
func (r *Report) Answers() []quality.Answer {
	e := quality.Evidence{Measures: r.Measures, Rules: r.Rules, Concordance: r.Concordance}
	if r.Integrity != nil {
		e.Integrity = map[hmis.Severity]int{}
		for s := hmis.Info; s <= hmis.Critical; s++ {
			e.Integrity[s] = r.Integrity.Count(s)
		}
	}
	return e.Answers()
}

func (r *Report) title() string { return cmp.Or(r.Title, "Data quality review") }

// unit returns the name of an org unit, or its id if it has none.
func (r *Report) unit(id hmis.UID) string {
	if r.Catalog == nil {
		return string(id)
	}
	return r.Catalog.Name(hmis.Ref{Kind: hmis.KindOrgUnit, ID: id})
}

// unitNames returns names in alphabetical order.
func (r *Report) unitNames(ids []hmis.UID) []string {
	var names []string
	for _, id := range ids {
		names = append(names, r.unit(id))
	}
	slices.Sort(names)
	return names
}

// facts returns the lines at the head of the report.
func (r *Report) facts() []Fact {
	facts := []Fact{{"Area", r.unit(r.Review.Overall)}, {"Period", r.Review.Period.Name()}}
	var reference []string
	for _, p := range r.Review.Reference {
		reference = append(reference, p.Name())
	}
	if reference != nil {
		facts = append(facts, Fact{"Compared with", strings.Join(reference, ", ")})
	}
	facts = append(facts, Fact{"Units compared", plural(len(r.Review.Units), "unit")})
	if r.DataAsOf != 0 {
		facts = append(facts, Fact{"Data up to", r.DataAsOf.String()})
	}
	zeros := "left out, but for averages and for data elements that keep them where the review is told to count them"
	if !r.Review.ZeroIsData {
		zeros = "left out of totals, but for averages"
	}
	facts = append(facts, Fact{"Reported zeros", zeros})
	facts = append(facts, r.Settings...)
	if !r.Made.IsZero() {
		facts = append(facts, Fact{"Made", r.Made.Format("2006-01-02 15:04")})
	}
	if r.Version != "" {
		facts = append(facts, Fact{"Software", r.Version})
	}
	return facts
}

// labels returns a short name for each measure, such as "1a.2".
func (r *Report) labels() []string {
	count, seen := map[string]int{}, map[string]int{}
	for i := range r.Measures {
		count[r.Measures[i].Metric]++
	}
	labels := make([]string, len(r.Measures))
	for i := range r.Measures {
		m := r.Measures[i].Metric
		seen[m]++
		if labels[i] = m; count[m] > 1 {
			labels[i] += "." + itoa(seen[m])
		}
	}
	return labels
}

// metricTitles has the titles of metrics.
var metricTitles = map[string]string{
	"1a": "Completeness of reporting",
	"1b": "Timeliness of reporting",
	"1c": "Completeness of data",
	"1d": "Consistency of reporting over time",
	"2a": "Extreme outliers",
	"2b": "Moderate outliers",
	"2c": "Outliers by modified z-score",
	"2d": "Consistency over time",
	"2e": "Consistency between related indicators",
	"2f": "Verification of reports",
	"3a": "Comparison with surveys",
	"4a": "Population and the projection of the United Nations",
	"4b": "Two denominators of one population",
}

// metricTexts has an explanation of each metric.
var metricTexts = map[string]string{
	"1a": "Reports marked complete per report expected. A unit diverges below the threshold.",
	"1b": "Reports marked complete in time per report expected. A unit diverges below the threshold.",
	"1c": "Values present per value expected. A unit diverges below the threshold.",
	"1d": "This period's reporting rate beside that of earlier ones. A unit diverges further than the threshold from what it is compared with.",
	"2a": "Share of months far from a unit's own mean. A unit diverges with one such month.",
	"2b": "Share of months some way from a unit's own mean. A unit diverges with two such months.",
	"2c": "Share of months far from a unit's own median. A unit diverges with two such months.",
	"2d": "This period's total beside that of earlier ones. A unit diverges further than the threshold from what it is compared with.",
	"2e": "The ratio of two indicators that belong together, or the share lost from the first to the second.",
	"2f": "Recounted per reported. Below 1, more was reported than found.",
	"3a": "Routine coverage per survey coverage, in per cent.",
	"4a": "The official population per that of the projection.",
	"4b": "One denominator per the other, in per cent.",
}
