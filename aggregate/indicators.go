package aggregate

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A formula is a compiled indicator with the items that either side needs.
type formula struct {
	*indicator.Formula
	items []indicator.Item
	err   error

	// Together with the indicators nested in it, found when first asked for.
	nested sync.Once
	circle *hmis.Issue // how it leads back to itself
	shifts bool        // some item moves to other periods
}

// formula compiles an indicator when it is first asked for.
func (c *Cube) formula(id hmis.UID) (*formula, error) {
	if had, ok := c.formulas.Load(id); ok {
		f := had.(*formula)
		return f, f.err
	}
	f := &formula{}
	ind, ok := hmis.Find[hmis.Indicator](c.catalog, id)
	if !ok {
		f.err = issue("E7124", "Data", "unknown indicator %q", id)
	} else if f.Formula, f.err = indicator.Compile(c.catalog, ind); f.err == nil {
		var list []indicator.Item
		for _, e := range []*indicator.Expr{f.Numerator, f.Denominator} {
			list = slices.AppendSeq(list, e.Items())
		}
		f.items = distinct(list)
	}
	had, _ := c.formulas.LoadOrStore(id, f)
	f = had.(*formula)
	return f, f.err
}

// components returns the items that an indicator needs, each once: those of the
// indicators nested in it are there in place of these. Formulas that cannot be
// read have none; that is said when they are computed.
func (c *Cube) components(id hmis.UID) []indicator.Item {
	var items []indicator.Item
	seen := map[indicator.Item]bool{}
	var walk func(around indicator.Item)
	walk = func(around indicator.Item) {
		f, err := c.formula(around.ID)
		around.Offset, around.YearToDate = 0, false
		if seen[around] || err != nil {
			return
		}
		seen[around] = true
		for _, item := range f.items {
			if item = inside(item, around); item.Kind == indicator.IndicatorItem {
				walk(item)
			} else {
				items = append(items, item)
			}
		}
	}
	walk(indicator.Item{Kind: indicator.IndicatorItem, ID: id})
	return distinct(items)
}

// inside gives an item of a nested indicator the modifiers around that, unless it
// has its own: the innermost wins. An offset and a year to date are no matter of
// each item, since they move the cell that all are read for.
func inside(item, around indicator.Item) indicator.Item {
	switch item.Kind {
	case indicator.DataElementItem, indicator.IndicatorItem, indicator.SubExpressionItem:
		item = dated(item, around)
		item.Combine = cmp.Or(item.Combine, around.Combine)
	}
	return item
}

// dated is inside for the items of a subExpression, whose aggregation is another
// matter than its own.
func dated(item, around indicator.Item) indicator.Item {
	item.From = cmp.Or(item.From, around.From)
	item.To = cmp.Or(item.To, around.To)
	return item
}

// readItems is components with the items of a subExpression in its place.
func (c *Cube) readItems(id hmis.UID) []indicator.Item {
	var items []indicator.Item
	for _, item := range c.components(id) {
		if item.Kind != indicator.SubExpressionItem {
			items = append(items, item)
		} else if expr, err := item.Inner(); err == nil { // an error is said when it is computed
			items = slices.AppendSeq(items, expr.Items())
		}
	}
	return items
}

// eachShift calls do with the periods that items of an indicator move to, and
// those of its nested indicators and subExpressions from there. The indicator
// does not lead back to itself.
func (c *Cube) eachShift(id hmis.UID, periods []period.Period, do func(period.Period)) {
	f := c.unfolded(id)
	if !f.shifts {
		return
	}
	var walk func(items iter.Seq[indicator.Item], periods []period.Period)
	walk = func(items iter.Seq[indicator.Item], periods []period.Period) {
		for item := range items {
			all := periods
			if item.Offset != 0 || item.YearToDate {
				_, all = readPeriods(item, periods)
				all = slices.DeleteFunc(all, period.Period.IsZero)
				for _, p := range all {
					do(p)
				}
			}
			switch item.Kind {
			case indicator.IndicatorItem:
				c.eachShift(item.ID, all, do)
			case indicator.SubExpressionItem:
				if expr, err := item.Inner(); err == nil {
					walk(expr.Items(), all)
				}
			}
		}
	}
	walk(slices.Values(f.items), periods)
}

// checkCircle refuses an indicator that leads back to itself.
func (c *Cube) checkCircle(item indicator.Item) *hmis.Issue {
	if c.kind(item) != indicator.IndicatorItem {
		return nil
	}
	if f := c.unfolded(item.ID); f.circle != nil {
		circle := *f.circle // each caller's own
		return &circle
	}
	return nil
}

// unfolded returns a formula of which is known what it leads to. Formulas that
// cannot be read lead nowhere.
func (c *Cube) unfolded(id hmis.UID) *formula {
	f, _ := c.formula(id)
	f.nested.Do(func() {
		done := map[hmis.UID]bool{}
		var path []hmis.UID
		var walk func(id hmis.UID) *hmis.Issue
		walk = func(id hmis.UID) *hmis.Issue {
			if i := slices.Index(path, id); i >= 0 {
				return issue("E7116", "Data", "indicators refer to each other in a circle: %s", joined(append(path[i:], id)))
			}
			inner, err := c.formula(id)
			if done[id] || err != nil {
				return nil
			}
			path = append(path, id)
			f.shifts = f.shifts || movesPeriods(slices.Values(inner.items))
			for _, item := range inner.items {
				if item.Kind == indicator.IndicatorItem {
					if circle := walk(item.ID); circle != nil {
						return circle
					}
				}
			}
			path = path[:len(path)-1]
			done[id] = true
			return nil
		}
		f.circle = walk(id)
	})
	return f
}

// movesPeriods reports whether any item reads other periods than those of its
// cell.
func movesPeriods(items iter.Seq[indicator.Item]) bool {
	for item := range items {
		if item.Offset != 0 || item.YearToDate {
			return true
		}
		if item.Kind == indicator.SubExpressionItem {
			if expr, err := item.Inner(); err == nil && movesPeriods(expr.Items()) {
				return true
			}
		}
	}
	return false
}

// results computes an indicator in all cells.
func (r *run) results(item indicator.Item, periods []period.Period) ([]indicator.Result, error) {
	f, env, err := r.formula(item, periods)
	if err != nil {
		return nil, err
	}
	out := outcomes.of(r.grid.cells(len(periods)))
	if err := f.EvalColumns(env, out); err != nil {
		return nil, within(item.ID, err)
	}
	return out, nil
}

// indicatorColumn is results without what they are made of: a nested indicator
// as a component, rounded by its own rule.
func (r *run) indicatorColumn(item indicator.Item, periods []period.Period) (indicator.Column, error) {
	f, env, err := r.formula(item, periods)
	if err != nil {
		return indicator.Column{}, err
	}
	n := r.grid.cells(len(periods))
	out := indicator.Column{Coef: numbers.of(n), Missing: marks.of(n)}
	if err := f.EvalColumn(env, n, &out); err != nil {
		return indicator.Column{}, within(item.ID, err)
	}
	return out, nil
}

// formula returns an indicator's formula with its components in all cells, under
// the modifiers around the indicator.
func (r *run) formula(around indicator.Item, periods []period.Period) (*formula, indicator.ColumnEnv, error) {
	f, err := r.cube.formula(around.ID)
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
			return r.grid.perPeriod(periods, r.daysOf) // of an annualized formula
		},
		SkipRounding: r.query.SkipRounding,
		Note:         r.note(around.ID),
	}, nil
}

// within says in which indicator something went wrong.
func within(id hmis.UID, err error) error {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		located := *issue
		located.Err = fmt.Errorf("indicator %s: %w", id, issue.Err)
		return &located
	}
	return fmt.Errorf("aggregate: indicator %s: %w", id, err)
}

func joined(path []hmis.UID) string {
	ids := make([]string, len(path))
	for i, id := range path {
		ids[i] = string(id)
	}
	return strings.Join(ids, " > ")
}

// note passes on what DHIS2 takes silently as 0, or lets it end the query.
func (r *run) note(id hmis.UID) func(int, *indicator.EvalError) {
	if r.query.Note == nil {
		return nil
	}
	return func(_ int, err *indicator.EvalError) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.query.Note(fmt.Errorf("aggregate: indicator %s: taken as 0: %w", id, err))
	}
}

// checkGroup refuses a group of org units whose members the tree was not told.
func (c *Cube) checkGroup(id hmis.UID) error {
	g, ok := hmis.Find[hmis.Group](c.catalog, id)
	if !ok {
		return nil // counts nothing
	}
	for _, member := range g.Members {
		if c.tree.Level(member) > 0 && !c.tree.InGroup(id, member) {
			return issue("", "Data", "the tree was made without org unit group %q; give the groups to orgunit.NewTree", id)
		}
	}
	return nil
}
