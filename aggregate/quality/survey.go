package quality

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A SurveyValue is the result of a survey, in per cent.
type SurveyValue struct {
	Coverage  float64
	Low, High *float64 // the confidence interval, if known
}

// Survey is metric 3a. It compares routine coverage with the coverage found by
// a survey. Only the org units of the survey have a figure.
type Survey struct {
	// Numerator / Denominator is the routine coverage. Without a Denominator,
	// Numerator is the coverage in per cent.
	Numerator, Denominator indicator.Item
	Values                 map[hmis.UID]SurveyValue
	Threshold              float64 // how far the ratio may differ, in per cent; 0 means 33
}

// Measure implements [Metric].
func (s Survey) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	item := s.Numerator.Name(c.Catalog())
	if s.Denominator.ID != "" {
		item += " / " + s.Denominator.Name(c.Catalog())
	}
	m := Measure{Metric: "3a", Item: item}
	overall, units, err := s.pairs(ctx, c, r)
	if err != nil {
		return m, err
	}
	m, err = s.Compare(overall, units)
	m.Item = item
	return m, err
}

// pairs returns numerators and denominators. If Numerator is already a
// coverage, the denominator is 100.
func (s Survey) pairs(
	ctx context.Context, c *aggregate.Cube, r Review,
) (overall Pair, units []Pair, err error) {
	if s.Denominator.ID != "" {
		return r.pairs(ctx, c, s.Numerator, s.Denominator)
	}
	overall, units, err = r.pairs(ctx, c, s.Numerator)
	overall.B = known(100)
	for i := range units {
		units[i].B = known(100)
	}
	return overall, units, err
}

// check returns an issue for each value of the survey that cannot be used, by org
// unit.
func (s Survey) check(overall Pair, units []Pair) (list hmis.Issues) {
	reviewed := map[hmis.UID]bool{overall.OrgUnit: true}
	for i := range units {
		reviewed[units[i].OrgUnit] = true
	}
	add := func(unit hmis.UID, format string, args ...any) {
		bad := refuse("", "Values", format, args...)
		bad.Severity, bad.Object = hmis.Warning, hmis.Ref{Kind: hmis.KindOrgUnit, ID: unit}
		list = append(list, bad)
	}
	for _, unit := range slices.Sorted(maps.Keys(s.Values)) {
		v := s.Values[unit]
		switch {
		case !reviewed[unit]:
			add(unit, "not under review: its survey value is not used")
		case !v.usable():
			add(unit, "coverage %v: want a number that is not negative", v.Coverage)
		case (v.Low != nil || v.High != nil) && !v.hasInterval():
			add(unit, "confidence interval: want two numbers, the lower one first")
		}
	}
	return list
}

func (v SurveyValue) usable() bool { return v.Coverage >= 0 && !math.IsInf(v.Coverage, 0) }

func (v SurveyValue) hasInterval() bool { return v.Low != nil && v.High != nil && *v.Low <= *v.High }

// Compare returns the metric for given numerators (A) and denominators (B). The
// Parts of a Figure are numerator, denominator, routine and survey, and within:
// 1 if the routine coverage is within the confidence interval of the survey,
// else 0. Survey values that cannot be used are in its Issues.
func (s Survey) Compare(overall Pair, units []Pair) (Measure, error) {
	m := Measure{Metric: "3a", Units: []Figure{}, Note: "compared with a survey", Issues: s.check(overall, units)}
	var err error
	if m.Threshold, err = threshold(s.Threshold, 33); err != nil {
		return m, err
	}
	figure := func(p *Pair) Figure {
		routine := times100(p.ratio())
		f := Figure{
			OrgUnit: p.OrgUnit,
			Parts:   parts("numerator", p.A, "denominator", p.B, "routine", routine),
		}
		survey, ok := s.Values[p.OrgUnit]
		if !ok || !survey.usable() {
			return f
		}
		f.Parts["survey"] = survey.Coverage
		if routine == nil || survey.Coverage == 0 {
			return f
		}
		if survey.hasInterval() {
			f.Parts["within"] = 0
			if !below(*routine, *survey.Low) && !above(*routine, *survey.High) {
				f.Parts["within"] = 1
			}
		}
		if f.Score = known(100 * *routine / survey.Coverage); f.Score != nil {
			f.Divergent = offBy(*routine/survey.Coverage, 1, m.Threshold/100)
		}
		return f
	}
	m.Overall = figure(&overall)
	for i := range units {
		m.Units = append(m.Units, figure(&units[i]))
	}
	m.share()
	return m, nil
}
