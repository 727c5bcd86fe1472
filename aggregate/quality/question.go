package quality

import (
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// Evidence has the data from which the questions of funders are answered. If a
// field is nil, the questions about it are not assessed.
type Evidence struct {
	Measures []Measure
	Rules    *RuleEvidence
	// Integrity has the number of objects at fault by severity, as integrity
	// checks of the metadata count them.
	Integrity map[hmis.Severity]int
	// Concordance is the agreement of national and funder values, in per cent.
	Concordance *float64
}

// RuleEvidence has the counts of a run of validation rules.
type RuleEvidence struct{ Rules, Evaluated, Violations int }

// An Answer answers one question of a data quality questionnaire.
type Answer struct {
	Question string         `json:"question"`
	AskedBy  string         `json:"askedBy"`
	Assessed bool           `json:"assessed"`
	Figures  []AnswerFigure `json:"figures"`       // the figures on which the answer is based
	Why      string         `json:"why,omitempty"` // why the question is not assessed
}

// An AnswerFigure is one figure behind an answer.
type AnswerFigure struct {
	Metric    string   `json:"metric"` // the metric, "1a" to "4b", or the name of a count
	Item      string   `json:"item"`
	Value     *float64 `json:"value"`
	Unit      string   `json:"unit"`
	Threshold *float64 `json:"threshold,omitempty"`
	Low       *float64 `json:"low,omitempty"` // the lower limit of metric 2f, which has no Threshold
	High      *float64 `json:"high,omitempty"`
	Divergent *float64 `json:"divergentPercent,omitempty"`
}

// These are the names of questionnaires. They are not public, so their wording
// could not be checked. Only questions that they are known to contain are
// answered.
const (
	globalFund = "Global Fund"
	pepfar     = "PEPFAR"
	score      = "WHO SCORE"
)

// Answers answers the questions of funders about data quality from the figures
// of the review. The questionnaires are not public, so the list has the
// questions that they are known to contain. A question that this package cannot
// answer is not assessed.
func (e Evidence) Answers() []Answer {
	of := func(metrics ...string) func() ([]AnswerFigure, string) {
		return func() ([]AnswerFigure, string) { return e.measured(metrics) }
	}
	list := []struct {
		question, by string
		figures      func() ([]AnswerFigure, string)
	}{
		{"What share of facilities reports to the national system?", globalFund + ", " + score, e.reach},
		{"How complete is reporting, by data set?", globalFund + ", " + pepfar + ", " + score, of("1a", "1d")},
		{"How timely is reporting, by data set?", globalFund + ", " + pepfar, of("1b")},
		{"How complete are the key indicators and their disaggregations?", globalFund + ", " + pepfar, of("1c")},
		{
			"Is the data consistent in itself: outliers, trends, related indicators?",
			globalFund + ", " + pepfar, of("2a", "2b", "2c", "2d", "2e"),
		},
		{
			"What did the last data verification find? How many sites were within the limits?",
			globalFund + ", " + pepfar, of("2f"),
		},
		{"Do routine coverage and surveys agree? Do the denominators?", globalFund, of("3a", "4a", "4b")},
		{"Are validation rules in place, and how many are violated?", globalFund, e.rules},
		{"How sound is the metadata?", globalFund, e.metadata},
		{"Are national and funder indicators aligned, and do their values agree?", pepfar, e.alignment},
	}
	answers := []Answer{}
	for _, q := range list {
		a := Answer{Question: q.question, AskedBy: q.by, Figures: []AnswerFigure{}}
		figures, why := q.figures()
		a.Figures = append(a.Figures, figures...)
		a.Assessed = slices.ContainsFunc(figures, func(f AnswerFigure) bool { return f.Value != nil })
		if !a.Assessed {
			a.Why = why
		}
		answers = append(answers, a)
	}
	return answers
}

func (e Evidence) measured(metrics []string) (list []AnswerFigure, why string) {
	why = "not part of the review"
	for i := range e.Measures {
		m := &e.Measures[i]
		if !slices.Contains(metrics, m.Metric) {
			continue
		}
		why = "could not be calculated"
		unit := "%"
		if m.Metric == "2f" || m.Metric == "4a" {
			unit = "ratio"
		}
		figure := AnswerFigure{
			Metric: m.Metric, Item: m.Item, Value: m.Overall.Score, Unit: unit, Divergent: m.Divergent,
		}
		if m.Metric == "2f" {
			figure.Low, figure.High = known(m.Low), known(m.High)
		} else {
			figure.Threshold = known(m.Threshold)
		}
		list = append(list, figure)
		if with, ok := m.Overall.Parts["withFactor"]; ok {
			within := with - m.Overall.Parts["outside"]
			list = append(list, AnswerFigure{
				Metric: "2f", Item: m.Item + ": sites within the limits", Value: percent(within, with), Unit: "%",
			})
		}
	}
	return list, why
}

// reach returns the share of org units that reported at least once, among those
// expected to report.
func (e Evidence) reach() (list []AnswerFigure, why string) {
	for i := range e.Measures {
		m := &e.Measures[i]
		sites, ok := m.Overall.Parts["sites"]
		if m.Metric == "1a" && ok {
			list = append(list, AnswerFigure{
				Metric: "1a", Item: fmt.Sprintf("%s: sites that reported at least once, of %v", m.Item, sites),
				Value: percent(m.Overall.Parts["sitesReporting"], sites), Unit: "%",
			})
		}
	}
	return list, "no data set was reviewed"
}

func (e Evidence) rules() ([]AnswerFigure, string) {
	if e.Rules == nil {
		return nil, "no validation rules were run"
	}
	count := func(item string, n int) AnswerFigure {
		return AnswerFigure{Metric: "rules", Item: item, Value: known(float64(n)), Unit: "count"}
	}
	return []AnswerFigure{
		count("validation rules run", e.Rules.Rules),
		count("comparisons", e.Rules.Evaluated),
		count("violations", e.Rules.Violations),
	}, ""
}

func (e Evidence) metadata() (list []AnswerFigure, why string) {
	if e.Integrity == nil {
		return nil, "the metadata was not checked"
	}
	for s := hmis.Critical; ; s-- {
		list = append(list, AnswerFigure{
			Metric: "integrity", Item: "objects at fault, " + s.String(),
			Value: known(float64(e.Integrity[s])), Unit: "count",
		})
		if s == hmis.Info {
			return list, ""
		}
	}
}

func (e Evidence) alignment() ([]AnswerFigure, string) {
	if finite(e.Concordance) == nil {
		return nil, "no values of a funder were compared"
	}
	return []AnswerFigure{{Metric: "concordance", Item: "agreement of values by site", Value: e.Concordance, Unit: "%"}}, ""
}
