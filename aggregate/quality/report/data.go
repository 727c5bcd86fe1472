package report

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/internal/spreadsheet"
)

// WriteCSV writes a line for each figure: metric, item, unit id, unit name,
// value, threshold, status, divergent. For overall figures status is the grade.
// Values are not rounded. A text that a spreadsheet would execute as a formula
// gets an apostrophe before it.
func (r *Report) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"metric", "item", "unit", "unitName", "value", "threshold", "status", "divergent"}); err != nil {
		return err
	}
	card := r.Card()
	for i := range r.Measures {
		m := &r.Measures[i]
		write := func(f *quality.Figure, s quality.Status) error {
			value := ""
			if f.Score != nil {
				value = strconv.FormatFloat(*f.Score, 'f', -1, 64)
			}
			return out.Write([]string{
				m.Metric, spreadsheet.Safe(m.Item), string(f.OrgUnit), spreadsheet.Safe(r.unit(f.OrgUnit)), value,
				limitText(m), s.String(), strconv.FormatBool(f.Divergent),
			})
		}
		if err := write(&m.Overall, card.Cells[i].Status); err != nil {
			return err
		}
		for k := range m.Units {
			if err := write(&m.Units[k], unitStatus(&m.Units[k])); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// MarshalJSON writes the report for programs: the head, the scorecard, the measures
// under the ids of their metrics, the answers to funders' questions, and a summary of
// the integrity checks.
func (r *Report) MarshalJSON() ([]byte, error) {
	type check struct {
		Name     string   `json:"name"`
		Code     string   `json:"code"`
		Severity string   `json:"severity"`
		Count    int      `json:"count"`
		Percent  *float64 `json:"percent"`
		Error    string   `json:"error,omitempty"`
		Objects  []string `json:"objects"`
	}
	type measure struct {
		quality.Measure
		NotCalculable []string `json:"notCalculable"`
		Issues        []string `json:"issues,omitempty"`
	}
	out := struct {
		Title     string               `json:"title"`
		Facts     []Fact               `json:"facts"`
		Scorecard quality.Card         `json:"scorecard"`
		Metrics   map[string][]measure `json:"metrics"`
		Answers   []quality.Answer     `json:"answers"`
		Integrity []check              `json:"integrity,omitempty"`
		Notes     []Note               `json:"notes,omitempty"`
	}{Title: r.title(), Facts: r.facts(), Scorecard: r.Card(), Metrics: map[string][]measure{}, Answers: r.Answers(), Notes: r.Notes}
	for i := range r.Measures {
		m := measure{Measure: r.Measures[i], NotCalculable: []string{}}
		for _, id := range r.Measures[i].NotCalculable() {
			m.NotCalculable = append(m.NotCalculable, string(id))
		}
		for _, issue := range r.Measures[i].Issues {
			m.Issues = append(m.Issues, issue.Error())
		}
		out.Metrics[m.Metric] = append(out.Metrics[m.Metric], m)
	}
	if r.Integrity != nil {
		for i := range r.Integrity.Results {
			c := &r.Integrity.Results[i]
			one := check{Name: c.Name, Code: c.Code(), Severity: c.Severity.String(), Count: c.Count, Percent: c.Percent, Objects: []string{}}
			if c.Err != nil {
				one.Error = c.Err.Error()
			}
			for _, issue := range c.Issues {
				one.Objects = append(one.Objects, string(issue.Object.ID))
			}
			out.Integrity = append(out.Integrity, one)
		}
	}
	return json.Marshal(out)
}

// WriteJSON writes the JSON of MarshalJSON with indentation.
func (r *Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// limitText returns the threshold of a measure, or both limits of a factor.
func limitText(m *quality.Measure) string {
	if m.Metric == "2f" {
		return factorsText(m.Low, m.High)
	}
	return strconv.FormatFloat(m.Threshold, 'f', -1, 64)
}
