package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A grid is the cells of a query: org units × periods × items of the axes, in
// this order. What the query does not tell apart has one entry.
type grid struct {
	units    []hmis.UID
	hasUnits bool
	spans    []unitSpan      // of units
	periods  []period.Period // one zero Period if they are not told apart
	axes     []axis
	stride   []int // of each axis among the splits
	splits   int
}

// has reports whether a list of periods is that of g itself.
func (g *grid) has(periods []period.Period) bool {
	return len(periods) == len(g.periods) && &periods[0] == &g.periods[0]
}

func (g *grid) hasPeriods() bool { return !g.periods[0].IsZero() }

// A unitSpan is the positions of everything below a unit, and its level.
type unitSpan struct{ first, end, level int }

// unitLevels returns the levels of the units, each once, the highest first.
func (g *grid) unitLevels() []int {
	var has column.Bits
	for i := range g.spans {
		for len(has) <= g.spans[i].level>>6 {
			has = append(has, 0)
		}
		has.Set(g.spans[i].level)
	}
	return slices.Collect(has.All())
}

// cells returns the number of cells over so many periods.
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

// splitBase returns the first cell, within one org unit and period, of a split
// of segments.
func (g *grid) splitBase(split int) int {
	cell := 0
	for i := len(g.axes) - 1; i >= 0; i-- {
		if a := &g.axes[i]; a.byPos == nil {
			cell += split % len(a.items) * g.stride[i]
			split /= len(a.items)
		}
	}
	return cell
}

// segmentSplits is how many splits the axes make that segments decide.
func (g *grid) segmentSplits() int {
	n := 1
	for i := range g.axes {
		if g.axes[i].byPos == nil {
			n *= len(g.axes[i].items)
		}
	}
	return n
}
