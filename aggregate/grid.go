package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A grid is the cells of a query: org units × periods × items of the axes, in
// this order. What the query does not keep apart has one entry.
type grid struct {
	units    []hmis.UID
	hasUnits bool
	spans    []unitSpan      // spans of units
	periods  []period.Period // one zero Period if periods are not kept apart
	axes     []axis
	stride   []int // of each axis, the distance in splits from one item to the next
	splits   int
	shape    compute.Grid // the cells as a job sees them
}

// has reports whether a list of periods is that of g itself.
func (g *grid) has(periods []period.Period) bool {
	return len(periods) == len(g.periods) && &periods[0] == &g.periods[0]
}

func (g *grid) hasPeriods() bool { return !g.periods[0].IsZero() }

// A unitSpan is the range of positions of a unit and everything below it, with
// the unit's level.
type unitSpan struct{ first, end, level int }

// unitLevels returns the levels of the units, each once, the highest first.
func (g *grid) unitLevels() []int {
	if len(g.spans) == 1 {
		return []int{g.spans[0].level}
	}
	var has column.Bits
	for i := range g.spans {
		for len(has) <= g.spans[i].level>>6 {
			has = append(has, 0)
		}
		has.Set(g.spans[i].level)
	}
	return slices.Collect(has.All())
}

// cells returns the number of cells for the given number of periods.
func (g *grid) cells(periods int) int { return len(g.units) * periods * g.splits }

// split returns the items of a split, one for each axis.
func (g *grid) split(n int) []hmis.UID {
	if len(g.axes) == 0 {
		return nil
	}
	items := make([]hmis.UID, len(g.axes))
	for i := range g.axes {
		items[i] = g.axes[i].items[n/g.stride[i]%len(g.axes[i].items)]
	}
	return items
}

// allSplits returns the items of each split.
func (g *grid) allSplits() [][]hmis.UID {
	if len(g.axes) == 0 {
		return noAxes
	}
	list := make([][]hmis.UID, g.splits)
	for i := range list {
		list[i] = g.split(i)
	}
	return list
}

// noAxes is the one split of a query without axes.
var noAxes = [][]hmis.UID{nil}

// number numbers the splits: it sets how far the items of each axis lie apart.
// It returns false if there are too many.
func (g *grid) number() bool {
	g.stride = make([]int, len(g.axes))
	g.shape = compute.Grid{Units: len(g.units), Splits: 1, Of: 1}
	for i := len(g.axes) - 1; i >= 0; i-- {
		a := &g.axes[i]
		g.stride[i] = g.shape.Splits
		if a.byPos == nil {
			stride := compute.Stride{Items: len(a.items), Cells: g.stride[i]}
			g.shape.Axes = append(g.shape.Axes, stride)
			g.shape.Of *= len(a.items)
		}
		if g.shape.Splits *= len(a.items); g.shape.Splits > maxCells {
			return false
		}
	}
	g.splits = g.shape.Splits
	return true
}

// maxCells is the largest number of cells that one data item may be computed
// for at a time; it bounds the memory of a query to a few gigabytes.
const maxCells = 1 << 27

func tooLarge() *hmis.Issue {
	return issue("E7128", "", "more than %d cells for one data item", maxCells)
}
