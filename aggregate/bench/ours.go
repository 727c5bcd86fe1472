package main

import (
	"context"
	"fmt"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// An ours is this library as a subject, used as a user would use it.
type ours struct {
	world   *workload.World
	periods []period.Period
	numbers map[period.Period]int
	cube    *aggregate.Cube
	workers int
}

func (o *ours) name() string { return oursName }

// batchSize is the number of values in a batch, about as many as a reader makes
// of one chunk of its input.
const batchSize = 1 << 16

// loader returns the loader of a world.
func loader(w *workload.World) (aggregate.Loader, error) {
	catalog, err := hmis.NewCatalog(w.Metadata())
	if err != nil {
		return aggregate.Loader{}, err
	}
	tree, err := orgunit.NewTree(w.Units)
	return aggregate.Loader{Catalog: catalog, Tree: tree}, err
}

func (o *ours) load(ctx context.Context, w *workload.World) error {
	o.world, o.periods, o.numbers = w, periods(w), map[period.Period]int{}
	for i, p := range o.periods {
		o.numbers[p] = i
	}
	l, err := loader(w)
	if err != nil {
		return err
	}
	o.cube, err = l.LoadBatches(ctx, w.Batches(w.Rows(), batchSize))
	return err
}

// query writes a question as a query.
func (o *ours) query(q question) aggregate.Query {
	units, periods := q.units(o.world), q.periodNumbers()
	out := aggregate.Query{
		Data:     make([]indicator.Item, 0, len(q.elements)+len(q.indicators)),
		OrgUnits: make([]hmis.UID, 0, len(units)),
		Periods:  make([]period.Period, 0, len(periods)),
		Workers:  o.workers,
	}
	for _, e := range q.elements {
		out.Data = append(out.Data, indicator.Item{ID: o.world.Elements[e].ID})
	}
	for _, i := range q.indicators {
		out.Data = append(out.Data, indicator.Item{ID: workload.IndicatorID(i)})
	}
	for _, u := range units {
		out.OrgUnits = append(out.OrgUnits, o.world.Units[u].ID)
	}
	for _, p := range periods {
		out.Periods = append(out.Periods, o.periods[p])
	}
	return out
}

// index returns the number at the end of an id of the world.
func index(id hmis.UID) int {
	n := 0
	for _, c := range []byte(id[1:]) {
		n = 10*n + int(c-'0')
	}
	return n
}

func (o *ours) ask(ctx context.Context, q question) (answer, error) {
	query := o.query(q)
	if q.one {
		return o.askCells(ctx, query)
	}
	var a answer
	numbers := make([]int, len(query.Periods))
	for i, p := range query.Periods {
		numbers[i] = o.numbers[p]
	}
	var units numbered
	for block, err := range o.cube.Blocks(ctx, query) {
		if err != nil {
			return answer{}, err
		}
		if err := a.addBlock(block, units.of(block.OrgUnits), numbers); err != nil {
			return answer{}, err
		}
	}
	return a, nil
}

// askCells asks for cells one by one, as a user does when an answer is small.
func (o *ours) askCells(ctx context.Context, query aggregate.Query) (answer, error) {
	var a answer
	for cell, err := range o.cube.Cells(ctx, query) {
		if err != nil {
			return answer{}, err
		}
		d, ok := cell.Value.Decimal()
		if !ok {
			return answer{}, fmt.Errorf("no number: %v", cell)
		}
		a.add(weight(index(cell.Data.ID), index(cell.OrgUnit), o.numbers[cell.Period]), d.Shift(2).IntPart())
	}
	return a, nil
}

// A numbered has the indices of the org units of a block. Most blocks of a
// query share them.
type numbered struct {
	ids     []hmis.UID
	indices []int
}

func (n *numbered) of(ids []hmis.UID) []int {
	if len(ids) != len(n.ids) || len(ids) > 0 && &ids[0] != &n.ids[0] {
		n.ids, n.indices = ids, n.indices[:0]
		for _, id := range ids {
			n.indices = append(n.indices, index(id))
		}
	}
	return n.indices
}

// addBlock adds all cells of a block to the answer. units and numbers are the
// indices of its org units and periods.
func (a *answer) addBlock(block aggregate.Block, units, numbers []int) error {
	c := block.Column
	if c.Scale > 2 {
		return fmt.Errorf("%v: %d decimals, want 2", block.Data, c.Scale)
	}
	for i, v := range c.Other {
		d, ok := v.Decimal()
		if !ok {
			continue
		}
		unit, period := units[i/len(numbers)], numbers[i%len(numbers)]
		a.add(weight(index(block.Data.ID), unit, period), d.Shift(2).IntPart())
	}
	if c.Coef == nil {
		return nil // a missing cell
	}
	if cells := len(block.OrgUnits) * len(numbers); len(c.Coef) != cells {
		return fmt.Errorf("%v: %d cells, want %d", block.Data, len(c.Coef), cells)
	}
	unit := int64(1)
	for range 2 - c.Scale {
		unit *= 10
	}
	data := index(block.Data.ID)
	others := len(c.Other) > 0
	i := 0
	for _, u := range units {
		for _, p := range numbers {
			if c.Missing == nil || !c.Missing[i] {
				added := false
				if others {
					_, added = c.Other[i]
				}
				if !added {
					a.add(weight(data, u, p), c.Coef[i]*unit)
				}
			}
			i++
		}
	}
	return nil
}

func (o *ours) size(context.Context) (int64, error) { return int64(o.cube.Size()), nil }

func (o *ours) close() error { o.cube = nil; return nil }
