package aggregate

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A run is one query being answered.
type run struct {
	ctx   context.Context
	cube  *Cube
	query Query
	names compute.Names
	outer *run // of which this one computes a subExpression, or nil
	level int  // of the place maps of outer

	sections *sections // that a subExpression is computed in, if periods are filtered

	whole *run             // of which this one computes some cells, or nil
	data  []indicator.Item // told apart, each once

	badItems map[indicator.Item]error // that Query.Reject lets go

	columnsOnly bool // numerators and denominators are not asked for
	byPath      bool // org units have all that is below them, whatever the aggregation levels

	grid    grid
	filters []axis // of Filter.Axes

	mu       sync.Mutex
	placesOf []levelPlaces
	held     int // bytes of columns, beside their cells

	// The components of formulas by id; where one id has many, they are looked up.
	columns     map[hmis.UID][]*columnOnce
	manyColumns map[columnKey]*columnOnce

	// Of the periods of the grid, without any window: where values count, and a row
	// for each.
	gridOnce  sync.Once
	gridWhen  compute.Rows
	gridCells []compute.Blend

	// The years that look-backs read, nil if all: of data asked for as they are,
	// and of components of formulas. Periods are those told apart, and those that
	// formulas move to.
	formulaPeriods      []period.Period
	yearsOnce           sync.Once
	years, formulaYears map[int]bool
}

// newRun resolves what a query names. It has passed Check.
func (c *Cube) newRun(ctx context.Context, q Query) (*run, error) {
	r := &run{ctx: ctx, cube: c, query: q, names: c.names(), data: distinct(q.Data)}
	if err := r.checkQuery(); err != nil {
		return nil, err
	}
	if issue := r.findUnits(); issue != nil {
		return nil, issue
	}
	r.grid.periods = distinct(q.Periods)
	if len(q.Periods) == 0 {
		r.grid.periods = []period.Period{{}}
	}
	if issue := c.checkCalendar(q); issue != nil {
		return nil, issue
	}
	if err := r.findShifts(); err != nil {
		return nil, err
	}
	for _, a := range q.Split {
		ready, issue := c.axis(a)
		if issue != nil {
			return nil, issue
		}
		r.grid.axes = append(r.grid.axes, ready)
	}
	r.narrowCombos()
	if !r.grid.number() {
		return nil, tooLarge()
	}
	for _, a := range q.Filter.Axes {
		ready, issue := c.axis(a)
		if issue != nil {
			return nil, issue
		}
		// Option combos without items restrict nothing.
		if len(a.Items) > 0 || a.ID != OptionCombos && a.ID != AttributeCombos {
			r.filters = append(r.filters, ready)
		}
	}
	if cells := float64(len(r.grid.units)) * float64(len(r.grid.periods)) * float64(r.grid.splits); cells > maxCells {
		return nil, tooLarge()
	}
	return r, nil
}

// whenEach returns the rows of some periods. For the grid's own periods without a
// window they are made once and shared.
func (r *run) whenEach(periods []period.Period, w compute.Window) compute.Rows {
	if r.outer == nil && r.grid.has(periods) && w == (compute.Window{}) {
		r.placeGrid()
		return r.gridWhen
	}
	return r.cube.eachOf(periods, w)
}

// blendEach returns blendOfEach(periods). For the grid's own periods the list is
// made once and shared.
func (r *run) blendEach(periods []period.Period) []compute.Blend {
	if r.outer == nil && r.grid.has(periods) {
		r.placeGrid()
		return r.gridCells
	}
	return blendOfEach(periods)
}

func (r *run) placeGrid() {
	r.gridOnce.Do(func() {
		r.gridWhen, r.gridCells = r.cube.eachOf(r.grid.periods, compute.Window{}), blendOfEach(r.grid.periods)
	})
}

// names returns what segments and positions number.
func (c *Cube) names() compute.Names {
	return compute.Names{Periods: c.periods, Combos: c.combos, Tree: c.tree}
}

// betweenValues and betweenCells are how many values or cells are looked at
// before the context is.
const betweenValues, betweenCells = 1 << 10, 1 << 12

// maxCells is the largest number of cells that one data item may be computed
// for at a time; it bounds the memory of a query to a few gigabytes.
const maxCells = 1 << 27

func tooLarge() *hmis.Issue {
	return issue("E7128", "", "more than %d cells for one data item", maxCells)
}

// findUnits looks up the org units of the query, each once.
func (r *run) findUnits() *hmis.Issue {
	tree, g := r.cube.tree, &r.grid
	ids := r.query.OrgUnits
	g.units, g.spans, g.hasUnits = make([]hmis.UID, 0, len(ids)), make([]unitSpan, 0, len(ids)), true
	last := -1
	var seen column.Bits // made when units are not in the order of the tree
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
		g.units, g.spans = append(g.units, id), append(g.spans, unitSpan{first, end, tree.LevelAt(first)})
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

// narrowCombos leaves on the axes of all option combos only those that the data
// of the query have.
func (r *run) narrowCombos() {
	for i := range r.grid.axes {
		a := &r.grid.axes[i]
		asked := r.query.Split[i]
		if a.id != OptionCombos && a.id != AttributeCombos || len(asked.Items) > 0 {
			continue
		}
		used := map[hmis.UID]bool{}
		for _, element := range r.elements() {
			if col := r.cube.column(element); col != nil {
				for j := range col.Segments {
					k := col.Segments[j].OptionCombo
					if a.attr {
						k = col.Segments[j].AttributeCombo
					}
					used[r.cube.combos[k]] = true
				}
			}
		}
		asked.Items = slices.DeleteFunc(a.items, func(id hmis.UID) bool { return !used[id] })
		if len(asked.Items) > 0 {
			*a = r.cube.comboAxis(asked)
		} else { // no data, no items, no cells
			a.items, a.byCombo = nil, slices.Repeat([]int32{-1}, len(r.cube.combos))
		}
	}
}

// elements returns the data elements that the query reads values of directly or
// through indicators.
func (r *run) elements() []hmis.UID {
	if len(r.query.Data) == 0 {
		var ids []hmis.UID
		for id := range r.cube.at {
			ids = append(ids, id)
		}
		return ids
	}
	var ids []hmis.UID
	seen := map[hmis.UID]bool{}
	for _, item := range r.query.Data {
		switch r.cube.kind(item) {
		case indicator.DataElementItem:
			ids = append(ids, item.ID)
		case indicator.IndicatorItem:
			ids = append(ids, r.cube.readElements(item.ID, seen)...)
		}
	}
	return distinct(ids)
}

// kind resolves an item that does not say what it refers to.
func (c *Cube) kind(item indicator.Item) indicator.ItemKind { return item.KindIn(c.catalog) }

// workers returns the number of goroutines to use.
func (r *run) workers() int {
	if r.query.Workers > 0 {
		return r.query.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// each calls do for 0 to n-1, side by side, until one fails or the query is
// cancelled. It returns the error of the first that failed, by number, so that
// workers do not change it.
func (r *run) each(n int, do func(i int) error) error {
	errs := make([]error, n)
	parallel(r.workers(), n, func(i int) {
		if errs[i] = r.ctx.Err(); errs[i] == nil {
			errs[i] = do(i)
		}
	})
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
