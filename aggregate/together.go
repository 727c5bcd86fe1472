package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// planTogether makes the part of a query that does not tell data apart: of all
// data elements that the filters let through, under one rule
// (RULES.md#mixed-data). It is nil if there is no such element.
func (r *run) planTogether() (*part, error) {
	wanted := map[hmis.UID][]operand{} // by element of the data filter; nil if there is none
	var order []hmis.UID
	for _, item := range r.query.Filter.Data {
		if _, ok := wanted[item.ID]; !ok {
			order = append(order, item.ID)
		}
		wanted[item.ID] = append(wanted[item.ID], operand{item.OptionCombo, item.AttributeCombo})
	}
	rule := r.ruleTogether(order)
	narrow := byElement(r.grid.axes)
	candidates := order
	switch {
	case rule.way() == wayRank: // of all there is, before anything is filtered (RULES.md#look-back)
		candidates = r.cube.sortedElements()
	case len(order) == 0:
		candidates = r.cube.sortedElements()
		fallthrough
	default:
		narrow = append(narrow, byElement(r.filters)...)
	}
	var sources []source
	for _, id := range candidates {
		e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, id)
		if !ok || e.Tracker || slices.ContainsFunc(narrow, func(a *axis) bool { _, in := a.byElement[id]; return !in }) {
			continue
		}
		src := r.source(&e)
		if rule.way() != wayRank {
			src.operands = wanted[id]
		}
		sources = append(sources, src)
	}
	if len(sources) == 0 {
		return nil, nil
	}
	p := r.part(rule, sources...)
	p.keep = r.query.Criteria
	p.raw = r.query.SkipRounding // (RULES.md#rounding)
	p.nulls = map[int]bool{}
	if len(order) > 0 && rule.way() == wayRank {
		p.wanted = wanted
	}
	const neverSpread period.Type = 0 // data that is filtered is not shown in shorter periods
	return p, p.place(r.grid.periods, neverSpread)
}

// byElement returns the axes that data elements decide.
func byElement(axes []axis) (list []*axis) {
	for i := range axes {
		if axes[i].byElement != nil {
			list = append(list, &axes[i])
		}
	}
	return list
}

// sortedElements returns the elements that have values.
func (c *Cube) sortedElements() []hmis.UID { return slices.Sorted(slices.Values(c.elements)) }

// ruleTogether is the rule of elements that are counted together: that of the
// first member of the first group listed, or that of all elements of the filter
// if these agree. If they do not, they are added up, or combined by the override,
// as values of no class: means become sums.
func (r *run) ruleTogether(filtered []hmis.UID) rule {
	override := r.query.Aggregation
	for _, a := range slices.Concat(byElement(r.grid.axes), byElement(r.filters)) {
		for _, group := range a.items {
			g, _ := hmis.Find[hmis.Group](r.cube.catalog, group)
			for _, id := range g.Members {
				if e, ok := hmis.Find[hmis.DataElement](r.cube.catalog, id); ok {
					return ruleOf(cmp.Or(override, e.Aggregation), numberClass(e.ValueType))
				}
			}
		}
	}
	unlike := ruleOf(cmp.Or(override, hmis.Sum), uncounted)
	if len(filtered) == 0 {
		return unlike
	}
	first, _ := hmis.Find[hmis.DataElement](r.cube.catalog, filtered[0])
	own := cmp.Or(first.Aggregation, hmis.Sum)
	for _, id := range filtered[1:] {
		e, _ := hmis.Find[hmis.DataElement](r.cube.catalog, id)
		if typeName(e.ValueType) != typeName(first.ValueType) || override == "" && cmp.Or(e.Aggregation, hmis.Sum) != own {
			return unlike
		}
	}
	return ruleOf(cmp.Or(override, own), numberClass(first.ValueType))
}

// numberClass is the class of values where numbers are asked for, as they are of
// data that are not told apart: texts are there without a number.
func numberClass(t hmis.ValueType) class {
	if c := classOf(t); c != textual {
		return c
	}
	return uncounted
}

// isNull reports whether the values of a source are rows without a number:
// texts among data that are not told apart (RULES.md#mixed-data).
func (p *part) isNull(src *source) bool {
	return p.nulls != nil && classOf(src.element.ValueType) == textual
}

// addNull notes that a cell has a row without a number. Such rows count for
// nothing, but where there is no other the cell is 0 (RULES.md#mixed-data).
func (p *part) addNull(row, place int) {
	if place != 0 && len(p.keep) == 0 {
		p.nulls[row*p.acc.stride+place] = true
	}
}

// hasNull reports whether a cell has a row without a number.
func (p *part) hasNull(row, place int) bool { return p.nulls[row*p.acc.stride+place] }
