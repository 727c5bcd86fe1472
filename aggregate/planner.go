package aggregate

import (
	"context"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A planned is a job that is ready to be computed, with the instructions for
// turning its totals into cells.
type planned struct {
	job      compute.Job
	finish   compute.Finish
	selected []selection // selection of each source
}

// A planner makes jobs of what a resolved query asks for.
type planner struct {
	resolvedQuery
	placer   placer
	sections *sections // sections of the filter periods, in a subExpression; else nil

	// These are the rows of the grid's own periods without a window, and a
	// blend for each. They are made once and shared.
	once   sync.Once
	rows   *compute.Rows
	blends []compute.Blend

	sharedRates sharedRates
}

// init makes a planner of its resolved query.
func (r *planner) init() { r.placer.resolvedQuery = &r.resolvedQuery }

// plan makes the job for a data element or operand, over these periods instead
// of those of the query. It is nil if the element has no aggregate data. A
// component of a formula is not subject to criteria on outcomes
// (RULES.md#components).
func (r *planner) plan(
	item indicator.Item, periods []period.Period, component bool,
) (*planned, error) {
	e, collected, ok := r.cube.elements.find(item.ID)
	if !ok || e.Tracker {
		return nil, nil // an element without aggregate data is missing everywhere
	}
	name := item.Combine
	if name == "" {
		name = r.query.Aggregation
	}
	if name == "" {
		name = e.Aggregation
	}
	if name != "" && !rule.IsAggregation(name) {
		return nil, issue("", "Data", "data element %q has the unknown aggregation %q", e.ID, name)
	}
	how := rule.Of(name, rule.ClassOf(e.ValueType))
	p := r.newPlanned(how, selection{&r.resolvedQuery, e, operandsOf(item)})
	if !component {
		p.finish.Keep = test(r.query.Criteria)
	}
	if p.job.Rule.Way() == rule.Rank {
		r.compete(p, nil)
	}
	return p, r.setRows(p, asked{item, component}, periods, collected)
}

// operandsOf returns the option combos that an item narrows its element to.
func operandsOf(item indicator.Item) []operand {
	if item.OptionCombo == "" && item.AttributeCombo == "" {
		return nil
	}
	return []operand{{item.OptionCombo, item.AttributeCombo}}
}

// newPlanned makes a job of some data elements, which has no rows yet.
func (r *planner) newPlanned(how rule.Rule, selected ...selection) *planned {
	// Most jobs have one source, whose lists then need no room of their own.
	room := &struct {
		planned
		selected [1]selection
		sources  [1]compute.Source
	}{}
	p := &room.planned
	p.selected, p.job.Sources = append(room.selected[:0], selected...), room.sources[:]
	if len(selected) > 1 {
		p.job.Sources = make([]compute.Source, len(selected))
	}
	for i := range p.selected {
		p.job.Sources[i] = r.source(&p.selected[i])
	}
	p.job.Rule, p.job.Names, p.job.Splits = how, &r.names, r.grid.shape.Of
	p.job.Values = compute.Values{
		Filter:   test(r.query.ValueCriteria),
		OneByOne: r.query.rowByRow,
		Sparse:   r.query.compacts,
	}
	p.finish.Digits, p.finish.Grid = r.digits(), r.grid.shape
	if f := &r.query.Filter; f.dated() {
		p.job.Window = compute.Window{From: f.From, To: f.To, HasFrom: true, HasUpTo: true}
	}
	return p
}

// source makes the source of a selection.
func (r *planner) source(s *selection) compute.Source {
	levels := r.levelsOf(s.element)
	src := compute.Source{
		Column:    r.cube.columns.of(s.element.ID),
		Places:    r.placer.places(levels),
		KeepZeros: rule.KeepsZeros(s.element, r.query.ZeroIsData),
		Stops:     len(levels) > 0,
	}
	if !s.takesAll() {
		src.Split = s.filtered
	}
	return src
}

// levelsOf returns the aggregation levels of an element, as far as they matter.
func (r *planner) levelsOf(e *hmis.DataElement) []int {
	if r.byPath {
		return nil
	}
	return e.Levels
}

// compact leaves out the org units that no value reaches, where that pays. It
// returns those that are left, nil if all are.
func (p *planned) compact() (units []uint32) {
	if units = p.job.Compact(); units != nil {
		p.finish.Grid.Units = len(units)
	}
	return units
}

// compute returns the cells of a job.
func (p *planned) compute(ctx context.Context) indicator.Column {
	totals := p.job.Compute(ctx, nil)
	defer totals.Free()
	return totals.Finish(ctx, &p.finish)
}
