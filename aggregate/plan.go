package aggregate

import (
	"context"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator"
)

// A Plan says how a query is computed: a step for each data item, with those of
// the components of a formula below it.
type Plan struct{ Steps []Step }

// A Step is one data item of a plan.
type Step struct {
	Item     indicator.Item // zero if all data are counted together
	Rule     string         // such as "sum over org units, last over time"
	Way      string         // how values are walked: "scatter", "look-back", ...
	Rows     int            // number of periods that are added up separately
	Places   int            // number of org units, times the items of their group sets
	Splits   int            // number of combinations of the items of other axes
	Segments int            // number of segments that are read
	Values   int
	Parts    []Step // steps of the components of an indicator
}

// These are the values of Step.Way for steps that are not jobs.
const (
	wayReports = "reports" // count targets and completions
	wayFormula = "formula" // compute components, then the expression
	wayNone    = "no values"
)

// Plan says how a query would be computed, without computing it. The error is
// that of [Cube.Query] for a query that cannot be asked.
func (c *Cube) Plan(ctx context.Context, q Query) (*Plan, error) {
	r, err := c.newEvaluator(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(r.items) == 0 {
		p, err := r.planTogether()
		if err != nil {
			return nil, err
		}
		return &Plan{Steps: []Step{p.step()}}, nil
	}
	plan := &Plan{}
	for i := range r.items {
		item := &r.items[i]
		err := item.bad
		var step Step
		if err == nil {
			step, err = r.step(*item, false)
		}
		if err != nil && r.rejects(item.Item, err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan, nil
}

// step describes the computing of one data item.
func (r *planner) step(data dataItem, component bool) (Step, error) {
	item := data.Item
	switch data.kind {
	case indicator.IndicatorItem:
		if r.query.hasOpenAxis() { // an axis without items: the indicator has no cells
			return Step{Item: item, Way: wayNone}, nil
		}
		f, err := r.cube.formulas.get(item.ID)
		if err != nil {
			return Step{}, err
		}
		step := Step{
			Item: item,
			Rule: fmt.Sprintf("(%s) / (%s)", f.Numerator, f.Denominator),
			Way:  wayFormula,
		}
		for _, one := range kindsOf(r.cube.formulas.components(item.ID), r.cube.catalog) {
			part, err := r.step(one, true)
			if err != nil {
				return Step{}, err
			}
			step.Parts = append(step.Parts, part)
		}
		return step, nil
	case indicator.ReportingRateItem:
		return Step{
			Item: item, Rule: string(item.Rate), Way: wayReports,
			Rows: len(r.grid.periods), Places: len(r.grid.units), Splits: r.grid.splits,
			Values: len(r.cube.reports[item.ID]),
		}, nil
	case indicator.DataElementItem:
		periods := r.grid.periods
		if r.grid.hasPeriods() {
			_, periods = readPeriods(item, periods)
		}
		p, err := r.plan(item, periods, component)
		if err != nil {
			return Step{}, err
		}
		step := p.step()
		step.Item = item
		return step, nil
	}
	return Step{Item: item, Rule: item.Kind.String(), Way: wayNone}, nil
}

// step describes a job, which may be nil.
func (p *planned) step() Step {
	if p == nil {
		return Step{Way: wayNone}
	}
	j := &p.job
	step := Step{
		Rule:   j.Rule.String(),
		Way:    j.Way(),
		Rows:   j.Rows.N,
		Places: j.Sources[0].Places.N,
		Splits: j.Splits,
	}
	step.Segments, step.Values = j.Reads()
	return step
}

// String returns a line for each step, those of components indented.
func (p *Plan) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		s.write(&b, "")
	}
	return b.String()
}

func (s Step) write(b *strings.Builder, indent string) {
	name := itemText(s.Item)
	if s.Item == (indicator.Item{}) {
		name = "all data together"
	}
	fmt.Fprintf(b, "%s%s: %s: %s", indent, name, s.Way, s.Rule)
	if s.Rows > 0 {
		fmt.Fprintf(
			b, "; %d periods × %d places × %d splits from %d values in %d segments",
			s.Rows, s.Places, s.Splits, s.Values, s.Segments,
		)
	}
	b.WriteByte('\n')
	for _, part := range s.Parts {
		part.write(b, indent+"  ")
	}
}
