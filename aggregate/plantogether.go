package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// planTogether makes the job of a query that does not keep data apart: of all
// data elements that the filters let through, under one rule
// (RULES.md#mixed-data). It is nil if there is no such element.
func (r *planner) planTogether() (*planned, error) {
	wanted := map[hmis.UID][]operand{} // operands of the data filter by element; nil without one
	var order []hmis.UID
	for _, item := range r.query.Filter.Data {
		if _, ok := wanted[item.ID]; !ok {
			order = append(order, item.ID)
		}
		wanted[item.ID] = append(wanted[item.ID], operand{item.OptionCombo, item.AttributeCombo})
	}
	how := r.ruleTogether(order)
	ranks := how.Way() == rule.Rank
	narrow := byElement(r.grid.axes)
	candidates := order
	if len(order) == 0 || ranks { // all compete before filters apply (RULES.md#look-back)
		candidates = r.cube.columns.sorted()
	}
	if !ranks {
		narrow = append(narrow, byElement(r.filters)...)
	}
	var selected []selection
	for _, id := range candidates {
		e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, id)
		outside := func(a *axis) bool { _, in := a.byElement[id]; return !in }
		if !ok || e.Tracker || slices.ContainsFunc(narrow, outside) {
			continue
		}
		s := selection{query: &r.resolvedQuery, element: &e}
		if !ranks {
			s.operands = wanted[id]
		}
		selected = append(selected, s)
	}
	if len(selected) == 0 {
		return nil, nil
	}
	p := r.newPlanned(how, selected...)
	for i := range selected {
		p.job.Sources[i].Null = rule.ClassOf(selected[i].element.ValueType) == rule.Text
	}
	p.job.Values.Nulls = len(r.query.Criteria) == 0
	p.finish.Keep = test(r.query.Criteria)
	p.finish.Raw = r.query.SkipRounding // doubles are not rounded (RULES.md#rounding)
	if ranks {
		if len(order) == 0 {
			wanted = nil
		}
		r.compete(p, wanted)
	}
	const neverSpread period.Type = 0 // data that is filtered is not shown in shorter periods
	return p, r.setRows(p, asked{}, r.grid.periods, neverSpread)
}

// byElement returns the axes whose items are determined by the data element of
// a value.
func byElement(axes []axis) (list []*axis) {
	for i := range axes {
		if axes[i].byElement != nil {
			list = append(list, &axes[i])
		}
	}
	return list
}

// ruleTogether returns the rule of elements that are counted together: that of
// the first member of the first group listed, or the rule on which all elements
// of the filter agree. If they do not agree, values are added up, or combined
// by the override, and means become sums.
func (r *planner) ruleTogether(filtered []hmis.UID) rule.Rule {
	override := r.query.Aggregation
	for _, a := range slices.Concat(byElement(r.grid.axes), byElement(r.filters)) {
		for _, group := range a.items {
			g, _ := hmis.Find[hmis.Group](r.cube.catalog, group)
			for _, id := range g.Members {
				if e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, id); ok {
					return rule.Of(cmp.Or(override, e.Aggregation), rule.ClassTogether(e.ValueType))
				}
			}
		}
	}
	unlike := rule.Of(cmp.Or(override, hmis.Sum), rule.Uncounted)
	if len(filtered) == 0 {
		return unlike
	}
	first, _ := hmis.Find[hmis.DataElement](r.cube.catalog, filtered[0])
	own := cmp.Or(first.Aggregation, hmis.Sum)
	for _, id := range filtered[1:] {
		e, _ := hmis.Find[hmis.DataElement](r.cube.catalog, id)
		if typeName(e.ValueType) != typeName(first.ValueType) ||
			override == "" && cmp.Or(e.Aggregation, hmis.Sum) != own {
			return unlike
		}
	}
	return rule.Of(cmp.Or(override, own), rule.ClassTogether(first.ValueType))
}
