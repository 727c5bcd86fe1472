package aggregate

import (
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// results computes an indicator in all cells, with its numerator and
// denominator.
func (r *evaluator) results(
	item indicator.Item, periods []period.Period,
) ([]indicator.Result, error) {
	f, env, err := r.formula(item, periods)
	if err != nil {
		return nil, err
	}
	out := outcomes.Get(r.grid.cells(len(periods)))
	if err := f.EvalColumns(env, out); err != nil {
		return nil, within(item.ID, err)
	}
	return out, nil
}

// indicatorColumn computes a nested indicator as a component, rounded by its
// own rule. Unlike results it does not return numerators and denominators.
func (r *evaluator) indicatorColumn(
	item indicator.Item, periods []period.Period,
) (indicator.Column, error) {
	f, env, err := r.formula(item, periods)
	if err != nil {
		return indicator.Column{}, err
	}
	n := r.grid.cells(len(periods))
	out := indicator.Column{Coef: pool.Numbers.Get(n), Missing: pool.Marks.Get(n)}
	if err := f.EvalColumn(env, n, &out); err != nil {
		return indicator.Column{}, within(item.ID, err)
	}
	return out, nil
}

// formula returns an indicator's formula with its components in all cells,
// under the modifiers around the indicator.
func (r *evaluator) formula(
	around indicator.Item, periods []period.Period,
) (*formula, indicator.ColumnEnv, error) {
	f, err := r.cube.formulas.get(around.ID)
	if err != nil {
		return nil, indicator.ColumnEnv{}, err
	}
	columns := make([]indicator.Column, len(f.items))
	for i, item := range f.items {
		if columns[i], err = r.component(inside(item, around), periods); err != nil {
			return nil, indicator.ColumnEnv{}, within(around.ID, err)
		}
	}
	return f, indicator.ColumnEnv{
		Item: func(item indicator.Item) indicator.Column {
			if i := slices.Index(f.items, item); i >= 0 {
				return columns[i]
			}
			return r.grid.perPeriod(periods, r.daysOf) // days of each period, to annualize
		},
		SkipRounding: r.query.SkipRounding,
		Warn:         r.warn(around.ID),
		Stop:         r.ctx.Err,
	}, nil
}

// warn returns a function that reports a type error which DHIS2 silently counts
// as 0. It is nil if such an error ends the query.
func (r *evaluator) warn(id hmis.UID) func(int, *indicator.EvalError) {
	if r.query.Warn == nil {
		return nil
	}
	return func(_ int, err *indicator.EvalError) {
		r.warning.Lock()
		defer r.warning.Unlock()
		r.query.Warn(hmis.Issue{
			Severity: hmis.Warning, Object: hmis.Ref{Kind: hmis.KindIndicator, ID: id}, Offset: -1,
			Err: fmt.Errorf("taken as 0: %w", err),
		})
	}
}
