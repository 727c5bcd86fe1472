package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A resolved query has passed its checks, and what it names is looked up, each
// thing once. It does not change.
type resolvedQuery struct {
	cube    *Cube
	names   compute.Names
	query   Query
	data    []indicator.Item // items kept apart in the answer, without repetitions
	items   []dataItem       // items computed one by one; none if all values are counted together
	grid    grid
	filters []axis // axes of Filter.Axes
	horizon *horizon
	byPath  bool // a unit includes everything below it, whatever the aggregation levels
}

// A dataItem is an item that is computed by itself, with what it refers to.
type dataItem struct {
	indicator.Item
	kind indicator.ItemKind
	bad  error // error of an item that has no answer; set only with Query.Reject
}

// named returns the item with its kind filled in.
func (d *dataItem) named() indicator.Item {
	item := d.Item
	item.Kind = d.kind
	return item
}

// resolve checks a query and looks up what it names.
func (r *resolvedQuery) resolve(c *Cube, q *Query) error {
	r.cube, r.names, r.query, r.data = c, c.names(), *q, distinct(q.Data)
	r.findItems()
	if err := r.check(); err != nil {
		return err
	}
	if issue := r.findUnits(); issue != nil {
		return issue
	}
	if r.grid.periods = distinct(q.Periods); len(q.Periods) == 0 {
		r.grid.periods = []period.Period{{}}
	}
	if issue := c.periods.checkCalendar(q); issue != nil {
		return issue
	}
	if err := r.lookAhead(); err != nil {
		return err
	}
	return r.findAxes()
}

// findItems finds the data items that are computed one by one: those kept
// apart, or the only indicator or reporting rate of a filter, which is computed
// as if it were (RULES.md#indicators). There are none if values are counted
// together.
func (r *resolvedQuery) findItems() {
	if len(r.data) > 0 {
		r.items = kindsOf(r.data, r.cube.catalog)
		return
	}
	filter := kindsOf(r.query.Filter.Data, r.cube.catalog)
	if len(filter) == 1 && filter[0].kind != indicator.DataElementItem {
		r.items = filter
	}
}

// findUnits looks up the org units of the query, each once.
func (r *resolvedQuery) findUnits() *hmis.Issue {
	tree, g := r.cube.tree, &r.grid
	ids := r.query.OrgUnits
	g.units, g.spans = make([]hmis.UID, 0, len(ids)), make([]unitSpan, 0, len(ids))
	g.hasUnits = true
	last := -1
	var seen column.Bits // allocated only if units are not in the order of the tree
	for _, id := range ids {
		first, end, ok := tree.Span(id)
		if !ok {
			return issue("E7143", "OrgUnits", "unknown org unit %q", id)
		}
		if first <= last && seen == nil {
			seen = column.MakeBits(tree.Len())
			for _, s := range g.spans {
				seen.Set(s.first)
			}
		}
		last = first
		if seen != nil {
			if seen.Has(first) {
				continue
			}
			seen.Set(first)
		}
		g.units = append(g.units, id)
		g.spans = append(g.spans, unitSpan{first, end, tree.LevelAt(first)})
	}
	for _, id := range r.query.Filter.OrgUnits {
		if tree.Level(id) == 0 {
			return issue("E7143", "Filter.OrgUnits", "unknown org unit %q", id)
		}
	}
	for _, id := range r.query.Within {
		if tree.Level(id) == 0 {
			return issue("E7143", "Within", "unknown org unit %q", id)
		}
	}
	if len(ids) == 0 {
		g.units, g.spans, g.hasUnits = []hmis.UID{""}, nil, false
	}
	return nil
}

// findAxes looks up the axes of the query and its filter, and numbers the
// cells.
func (r *resolvedQuery) findAxes() error {
	for _, a := range r.query.Split {
		ready, issue := r.cube.axes().of(a)
		if issue != nil {
			return issue
		}
		r.grid.axes = append(r.grid.axes, ready)
	}
	r.narrowCombos()
	if !r.grid.number() {
		return tooLarge()
	}
	for _, a := range r.query.Filter.Axes {
		ready, issue := r.cube.axes().of(a)
		if issue != nil {
			return issue
		}
		// Option combos without items restrict nothing.
		if len(a.Items) > 0 || a.ID != OptionCombos && a.ID != AttributeCombos {
			r.filters = append(r.filters, ready)
		}
	}
	if float64(len(r.grid.units))*float64(len(r.grid.periods))*float64(r.grid.splits) > maxCells {
		return tooLarge()
	}
	return nil
}

// narrowCombos leaves on the axes of all option combos only those that the data
// of the query have.
func (r *resolvedQuery) narrowCombos() {
	for i := range r.grid.axes {
		a := &r.grid.axes[i]
		asked := r.query.Split[i]
		if a.id != OptionCombos && a.id != AttributeCombos || len(asked.Items) > 0 {
			continue
		}
		used := map[hmis.UID]bool{}
		for _, element := range r.elements() {
			col := r.cube.columns.of(element)
			for j := range col.Segments {
				k := col.Segments[j].OptionCombo
				if a.attr {
					k = col.Segments[j].AttributeCombo
				}
				used[r.cube.combos.ids[k]] = true
			}
		}
		asked.Items = slices.DeleteFunc(a.items, func(id hmis.UID) bool { return !used[id] })
		if len(asked.Items) > 0 {
			*a = r.cube.axes().ofCombos(asked)
		} else { // the query has no data elements, so the axis has no items
			a.items, a.byCombo = nil, slices.Repeat([]int32{-1}, len(r.cube.combos.ids))
		}
	}
}

// elements returns the data elements that the query reads values of directly or
// through indicators.
func (r *resolvedQuery) elements() []hmis.UID {
	if len(r.query.Data) == 0 {
		return slices.Clone(r.cube.columns.ids)
	}
	var ids []hmis.UID
	seen := map[hmis.UID]bool{}
	for i := range r.items {
		switch item := &r.items[i]; item.kind {
		case indicator.DataElementItem:
			ids = append(ids, item.ID)
		case indicator.IndicatorItem:
			ids = append(ids, r.cube.formulas.readElements(item.ID, seen)...)
		}
	}
	return distinct(ids)
}

// digits returns how many decimals outcomes and components are rounded to.
func (r *resolvedQuery) digits() int {
	if r.query.SkipRounding {
		return skipDigits
	}
	return 2
}

// skipDigits is the number of decimals that are kept when rounding is skipped.
const skipDigits = 10
