package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A document is a report as headings, texts and tables. Text and HTML are made
// from the same document, so that they have the same content.
type document struct {
	Title    string
	Facts    []Fact
	Overall  string // the overall score
	Domains  []domainBox
	Sections []section
}

// A domainBox is the score of one domain.
type domainBox struct {
	Domain, Title string
	Score         string // the score as text, such as "83", or "–" without a score
	Width         float64
	Worst         quality.Status
	Note          string
}

// A section is a part of the report.
type section struct {
	ID, Title string
	Texts     []string
	Tables    []grid
	Charts    []chart
	Notes     []Note
}

// A grid is a table with grades.
type grid struct {
	Title   string
	Columns []gridColumn
	Rows    [][]gridCell
	Matrix  bool // the table has narrow cells and upright headings
	After   []string
}

type gridColumn struct {
	Title  string
	Number bool
}

type gridCell struct {
	Text   string
	Status quality.Status
	Graded bool
	Number bool
	Head   bool
}

func (r *Report) document() document {
	r = r.sorted()
	d := document{Title: r.title(), Facts: r.facts(), Overall: "–"}
	card := r.Card()
	if card.Overall != nil {
		d.Overall = strconv.FormatFloat(roundTo(*card.Overall, 0), 'f', -1, 64)
	}
	for _, s := range card.Domains {
		box := domainBox{Domain: s.Domain, Title: s.Title(), Score: "–", Worst: s.Worst}
		box.Note = fmt.Sprintf("%d of %s assessed", s.Assessed, plural(s.Rows, "row"))
		if s.Score != nil {
			box.Score, box.Width = strconv.FormatFloat(roundTo(*s.Score, 0), 'f', -1, 64), *s.Score
		}
		d.Domains = append(d.Domains, box)
	}
	d.Sections = append(d.Sections, r.scorecard(card), r.matrix())
	for _, metric := range r.metrics() {
		d.Sections = append(d.Sections, r.metric(metric))
	}
	for _, s := range []section{r.outliers(), r.months(), r.findings(), r.answers(), r.integrity(), r.leftOut()} {
		if len(s.Texts)+len(s.Tables) > 0 {
			d.Sections = append(d.Sections, s)
		}
	}
	for i := range d.Sections {
		d.Sections[i].Notes = r.notesOf(d.Sections[i].ID)
	}
	return d
}

// notesOf returns the notes about the section with this id. Notes about the
// whole report are shown at the scorecard.
func (r *Report) notesOf(id string) []Note {
	var list []Note
	for _, n := range r.Notes {
		if n.Metric == id || n.Metric == "" && id == "scorecard" {
			list = append(list, n)
		}
	}
	return list
}

func (r *Report) metrics() []string {
	names := map[string]bool{}
	for i := range r.Measures {
		names[r.Measures[i].Metric] = true
	}
	return slices.Sorted(maps.Keys(names))
}

func text(s string) gridCell   { return gridCell{Text: s} }
func number(s string) gridCell { return gridCell{Text: s, Number: true} }

func graded(s quality.Status, text string) gridCell {
	return gridCell{Text: text, Status: s, Graded: true}
}

func (r *Report) scorecard(card quality.Card) section {
	g := grid{Columns: []gridColumn{
		{"", false}, {"Metric", false}, {"Item", false}, {"Accepted", false}, {"Overall", true}, {"Divergent units", true}, {"Grade", false},
	}}
	labels := r.labels()
	for i := range r.Measures {
		m := &r.Measures[i]
		divergent := notAvailable
		if m.Divergent != nil && m.Metric != "2f" {
			divergent = fmt.Sprintf("%d (%s)", len(m.DivergentUnits()), percentText(m.Divergent))
		} else if m.Divergent != nil {
			divergent = percentText(m.Divergent) + " of sites"
		}
		g.Rows = append(g.Rows, []gridCell{
			{Text: labels[i], Head: true}, text(metricTitles[m.Metric]), text(m.Item), text(thresholdText(m)),
			number(scoreText(m.Metric, m.Overall.Score)), number(divergent), graded(card.Cells[i].Status, statusText(card.Cells[i].Status)),
		})
	}
	return section{
		ID: "scorecard", Title: "Scorecard",
		Texts: []string{
			"Each line is graded by its overall figure and by the share of divergent units, and takes the worse grade. " +
				"A domain scores 100 for good, 50 for warn and 0 for poor lines, on average. The limits of grades are our own; the World Health Organization has thresholds, but no grades.",
		},
		Tables: []grid{g},
	}
}

// sorted returns the report with its measures sorted by metric.
func (r *Report) sorted() *Report {
	copied := *r
	copied.Measures = slices.Clone(r.Measures)
	slices.SortStableFunc(copied.Measures, func(a, b quality.Measure) int { return cmp.Compare(a.Metric, b.Metric) })
	return &copied
}

// matrix returns tables with a row for each org unit and a column for each
// measure. No table is wider than a page.
func (r *Report) matrix() section {
	labels := r.labels()
	var shown []int
	for i := range r.Measures {
		if len(r.Measures[i].Units) > 0 && r.Measures[i].Metric != "2f" {
			shown = append(shown, i)
		}
	}
	row := func(name string, of func(measure int) *quality.Figure) ([]gridCell, int) {
		cells, poor := []gridCell{{Text: name, Head: true}}, 0
		for _, i := range shown {
			f := of(i)
			if f == nil {
				cells = append(cells, graded(quality.NotAssessed, ""))
				continue
			}
			s := unitStatus(f)
			if s == quality.Poor {
				poor++
			}
			cells = append(cells, graded(s, strings.TrimSpace(shortScore(r.Measures[i].Metric, f.Score)+" "+statusSign(s))))
		}
		return cells, poor
	}
	overall, _ := row(r.unit(r.Review.Overall), func(i int) *quality.Figure { return &r.Measures[i].Overall })
	for i := range overall {
		overall[i].Graded = false
		overall[i].Text = strings.TrimRight(overall[i].Text, " –✓✗")
	}
	type ranked struct {
		cells []gridCell
		poor  int
	}
	var rows []ranked
	figures := make([]map[hmis.UID]*quality.Figure, len(r.Measures))
	for _, i := range shown {
		units := r.Measures[i].Units
		figures[i] = make(map[hmis.UID]*quality.Figure, len(units))
		for k := range units {
			figures[i][units[k].OrgUnit] = &units[k]
		}
	}
	for _, id := range r.Review.Units {
		cells, poor := row(r.unit(id), func(i int) *quality.Figure { return figures[i][id] })
		rows = append(rows, ranked{cells, poor})
	}
	slices.SortStableFunc(rows, func(a, b ranked) int { return cmp.Or(b.poor-a.poor, cmp.Compare(a.cells[0].Text, b.cells[0].Text)) })
	table := [][]gridCell{slices.Concat(overall[:1], []gridCell{number(""), number("")}, overall[1:])}
	rank := 0
	for i, row := range rows {
		if i == 0 || row.poor != rows[i-1].poor {
			rank = i + 1
		}
		table = append(table, slices.Concat(row.cells[:1], []gridCell{number(itoa(rank)), number(itoa(row.poor))}, row.cells[1:]))
	}
	const fixed, most = 3, 13 // the number of fixed columns, and the largest number of columns of measures
	var grids []grid
	for first, end := 0, 0; first < len(shown); first = end {
		for end < len(shown) && end-first < most { // keep the measures of one metric together if they fit
			next := end + 1
			for next < len(shown) && r.Measures[shown[next]].Metric == r.Measures[shown[end]].Metric {
				next++
			}
			if next-first > most && end > first {
				break
			}
			end = min(next, first+most)
		}
		g := grid{Matrix: true, Columns: []gridColumn{{"Unit", false}, {"Rank", true}, {"Divergent", true}}}
		for _, i := range shown[first:end] {
			g.Columns = append(g.Columns, gridColumn{labels[i], true})
		}
		for _, cells := range table {
			g.Rows = append(g.Rows, slices.Concat(cells[:fixed], cells[fixed+first:fixed+end]))
		}
		grids = append(grids, g)
	}
	return section{
		ID: "matrix", Title: "Units by metric",
		Texts:  []string{"The units with most divergent figures come first. ✓ accepted, ✗ divergent, – not calculable. The numbers of the columns are those of the scorecard."},
		Tables: grids,
	}
}

// metric returns the section with all measures of one metric.
func (r *Report) metric(id string) section {
	s := section{ID: id, Title: id + "  " + metricTitles[id], Texts: []string{metricTexts[id]}}
	var list []*quality.Measure
	for i := range r.Measures {
		if r.Measures[i].Metric == id {
			list = append(list, &r.Measures[i])
		}
	}
	slices.SortStableFunc(list, func(a, b *quality.Measure) int { return cmp.Compare(a.Item, b.Item) })
	parts := metricParts[id]
	g := grid{Columns: []gridColumn{{"Item", false}, {"Accepted", false}}}
	for _, p := range parts {
		g.Columns = append(g.Columns, gridColumn{p.title, true})
	}
	g.Columns = append(g.Columns, gridColumn{"Overall", true}, gridColumn{"Divergent", true}, gridColumn{"%", true}, gridColumn{"Names", false})
	for _, m := range list {
		item := m.Item
		if m.Note != "" {
			item += " – " + m.Note
		}
		row := []gridCell{text(item), text(thresholdText(m))}
		for _, p := range parts {
			row = append(row, number(p.text(m)))
		}
		names := r.unitNames(m.DivergentUnits())
		share := percentText(m.Divergent)
		row = append(row, number(scoreText(id, m.Overall.Score)), number(itoa(len(names))), number(share), text(strings.Join(names, ", ")))
		g.Rows = append(g.Rows, row)
		if not := r.unitNames(m.NotCalculable()); len(not) > 0 {
			g.After = append(g.After, m.Item+" could not be calculated for: "+strings.Join(not, ", ")+".")
		}
		s.Charts = append(s.Charts, r.charts(m)...)
		if id == "1a" {
			g.After = append(g.After, r.unexpected(m)...)
		}
	}
	s.Tables = append(s.Tables, g)
	return s
}

// A metricPart is a further column of a metric: a part of its figures with a
// title.
type metricPart struct {
	title, part string
	percent     bool
}

func (p metricPart) text(m *quality.Measure) string {
	x, ok := m.Overall.Parts[p.part]
	switch {
	case !ok:
		return notAvailable
	case p.percent:
		return percentText(&x)
	}
	return numberText(x)
}

var metricParts = map[string][]metricPart{
	"1a": {
		{"Expected", "expected", false}, {"Marked complete", "actual", false}, {"With values", "withValues", false},
		{"By values", "rateWithValues", true}, {"Not expected", "unexpected", false}, {"Uncut rate", "rateUncut", true},
	},
	"1b": {{"Expected", "expected", false}, {"In time", "onTime", false}},
	"1c": {{"Expected", "expected", false}, {"Present", "present", false}, {"Zero", "zeroPercent", true}, {"Without zeros", "completenessNonZero", true}},
	"1d": {{"This period", "current", true}, {"Reference", "reference", true}},
	"2a": {{"Values", "values", false}, {"Outlying", "outlying", false}},
	"2b": {{"Values", "values", false}, {"Outlying", "outlying", false}},
	"2c": {{"Values", "values", false}, {"Outlying", "outlying", false}},
	"2d": {{"This period", "current", false}, {"Reference", "reference", false}},
	"2e": {{"A", "a", false}, {"B", "b", false}},
	"2f": {{"Sites", "sites", false}, {"Outside", "outside", false}},
	"3a": {{"Routine", "routine", true}, {"Survey", "survey", true}},
	"4a": {{"Official", "a", false}, {"Projection", "b", false}},
	"4b": {{"A", "a", false}, {"B", "b", false}},
}

// unexpected returns the names of org units and periods with registrations that
// were not expected.
func (r *Report) unexpected(m *quality.Measure) []string {
	const most = 12
	if len(m.Unexpected) == 0 {
		return nil
	}
	var list []string
	for _, c := range m.Unexpected[:min(len(m.Unexpected), most)] {
		list = append(list, r.unit(c.OrgUnit)+" "+c.Period.String())
	}
	line := m.Item + ", complete though nobody expected it: " + strings.Join(list, ", ")
	if n := len(m.Unexpected) - most; n > 0 {
		line += fmt.Sprintf(" and %d more", n)
	}
	return []string{line + "."}
}
