package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

func (r *Report) outliers() section {
	if len(r.Outliers) == 0 {
		return section{}
	}
	g := grid{Columns: []gridColumn{
		{"Unit", false}, {"Period", false}, {"Data", false}, {"Reported", true}, {"Expected", true}, {"Between", true}, {"Score", true}, {"Marked", false},
	}}
	for i := range r.Outliers {
		o := &r.Outliers[i]
		marked := ""
		if o.Value.FollowUp {
			marked = "to follow up"
		}
		g.Rows = append(g.Rows, []gridCell{
			text(r.unit(o.Value.OrgUnit)), text(o.Value.Period.Name()), text(r.dataName(o.Value)),
			number(numberText(o.Number)), number(numberText(roundTo(o.Middle, 1))),
			number(numberText(roundTo(o.Low, 0)) + " to " + numberText(roundTo(o.High, 0))), number(numberText(roundTo(o.Score, 1))), text(marked),
		})
	}
	return section{
		ID: "outliers", Title: "Values to follow up",
		Texts: []string{"Single values far from what the same place reported of the same thing, largest difference first."}, Tables: []grid{g},
	}
}

func (r *Report) dataName(v hmis.DataValue) string {
	if r.Catalog == nil {
		return string(v.DataElement)
	}
	name := r.Catalog.Name(hmis.Ref{Kind: hmis.KindDataElement, ID: v.DataElement})
	if v.OptionCombo != "" && v.OptionCombo != r.Catalog.DefaultOptionCombo() {
		name += " (" + r.Catalog.Name(hmis.Ref{Kind: hmis.KindOptionCombo, ID: v.OptionCombo}) + ")"
	}
	return name
}

func (r *Report) findings() section {
	if len(r.Findings) == 0 {
		return section{}
	}
	s := section{ID: "findings", Title: "Further findings"}
	for _, t := range r.Findings {
		g := grid{Title: t.Title}
		if t.Note != "" {
			g.After = []string{t.Note}
		}
		for _, c := range t.Columns {
			g.Columns = append(g.Columns, gridColumn{c, false})
		}
		for _, row := range t.Rows {
			var cells []gridCell
			for _, c := range row {
				cells = append(cells, text(c))
			}
			for len(g.Columns) < len(cells) { // these columns have no title
				g.Columns = append(g.Columns, gridColumn{})
			}
			g.Rows = append(g.Rows, cells)
		}
		s.Tables = append(s.Tables, g)
	}
	return s
}

func (r *Report) answers() section {
	g := grid{Columns: []gridColumn{{"Question", false}, {"Asked by", false}, {"Metric", false}, {"Figure", false}, {"Value", true}, {"Threshold", true}}}
	for _, a := range r.Answers() {
		if !a.Assessed {
			g.Rows = append(g.Rows, []gridCell{text(a.Question), text(a.AskedBy), text(""), text("not assessed: " + a.Why), text(""), text("")})
			continue
		}
		for i, f := range a.Figures {
			question, by := a.Question, a.AskedBy
			if i > 0 {
				question, by = "", ""
			}
			value, limit := notCalculable, ""
			if f.Value != nil {
				value = numberText(roundTo(*f.Value, 1))
				switch f.Unit {
				case "%":
					value = percentText(f.Value)
				case "ratio":
					value = strconv.FormatFloat(*f.Value, 'f', 2, 64)
				}
			}
			switch {
			case f.Low != nil && f.High != nil:
				limit = factorsText(*f.Low, *f.High)
			case f.Threshold != nil:
				limit = strconv.FormatFloat(*f.Threshold, 'f', -1, 64)
			}
			g.Rows = append(g.Rows, []gridCell{text(question), text(by), text(f.Metric), text(f.Item), number(value), number(limit)})
		}
	}
	return section{
		ID: "questions", Title: "What funders ask",
		Texts: []string{"Answered from the figures above. The questionnaires are not public; these are the questions that they are known to have."}, Tables: []grid{g},
	}
}

func (r *Report) integrity() section {
	if r.Integrity == nil {
		return section{}
	}
	const most = 5
	g := grid{Columns: []gridColumn{{"Check", false}, {"Severity", false}, {"At fault", true}, {"%", true}, {"What is found", false}, {"First of them", false}}}
	s := section{ID: "integrity", Title: "Integrity of metadata"}
	sound := 0
	var failed []string
	for i := range r.Integrity.Results {
		c := &r.Integrity.Results[i]
		switch {
		case c.Count < 0:
			failed = append(failed, c.Name+" ("+strings.TrimPrefix(c.Err.Error(), "integrity: ")+")")
			continue
		case c.Count == 0:
			sound++
			continue
		}
		var first []string
		for _, issue := range c.Issues[:min(len(c.Issues), most)] {
			name := string(issue.Object.ID)
			if r.Catalog != nil {
				name = r.Catalog.Name(issue.Object)
			}
			first = append(first, name)
		}
		share := ""
		if c.Percent != nil {
			share = percentText(c.Percent)
		}
		g.Rows = append(g.Rows, []gridCell{
			text(c.Name), text(c.Severity.String()), number(itoa(c.Count)), number(share), text(c.Description + " " + c.Recommendation), text(strings.Join(first, ", ")),
		})
	}
	s.Texts = append(s.Texts, fmt.Sprintf("%s found nothing.", plural(sound, "check")))
	if len(failed) > 0 {
		s.Texts = append(s.Texts, "Not made: "+strings.Join(failed, "; ")+".")
	}
	if len(g.Rows) > 0 {
		s.Tables = []grid{g}
	}
	return s
}

// leftOut returns the section about data that the figures do not include.
func (r *Report) leftOut() section {
	s := section{ID: "left-out", Title: "What was not calculable"}
	g := grid{Columns: []gridColumn{{"Metric", false}, {"Item", false}, {"What", false}}}
	for i := range r.Measures {
		m := &r.Measures[i]
		for _, issue := range m.Issues {
			g.Rows = append(g.Rows, []gridCell{text(m.Metric), text(m.Item), text(strings.TrimPrefix(issue.Error(), "hmis: "))})
		}
		if not := r.unitNames(m.NotCalculable()); len(not) > 0 {
			g.Rows = append(g.Rows, []gridCell{text(m.Metric), text(m.Item), text("no score for " + strings.Join(not, ", "))})
		}
	}
	if len(g.Rows) == 0 {
		s.Texts = []string{"Everything could be calculated."}
		return s
	}
	s.Tables = []grid{g}
	return s
}
