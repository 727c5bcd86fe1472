package aggregate

import (
	"context"
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Query computes all cells that q asks for. An error that DHIS2 has a code for
// is an *[hmis.Issue] with that Code, such as "E7115"; see [Query.Check]. Data
// that are asked for twice are answered once.
func (c *Cube) Query(ctx context.Context, q Query) (*Table, error) {
	r, err := c.newEvaluator(ctx, q)
	if err != nil {
		return nil, err
	}
	x, t := execution{evaluator: r}, r.table()
	t.parts = make([]tablePart, len(t.data))
	if err := x.prepare(); err != nil {
		return nil, err
	}
	errs := make([]error, len(t.parts))
	err = x.each(len(t.parts), func(i int) error {
		if t.parts[i], errs[i] = x.answer(i); q.Reject == nil {
			return errs[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i, err := range errs {
		if err == nil {
			continue
		}
		if !r.rejects(t.data[i], err) {
			return nil, err
		}
		t.parts[i] = tablePart{column: r.grid.empty(len(r.grid.periods))}
	}
	return t, nil
}

// Cells computes the cells that q asks for one after the other, in the order of
// Query.Data, then OrgUnits, then Periods, then Split. It needs memory for a
// few data items at a time. An error is the last pair.
func (c *Cube) Cells(ctx context.Context, q Query) iter.Seq2[Cell, error] {
	return func(yield func(Cell, error) bool) {
		r, err := c.newEvaluator(ctx, q)
		if err != nil {
			yield(Cell{}, err)
			return
		}
		x, t := execution{evaluator: r}, r.table()
		for i, part := range x.inOrder(len(t.data)) {
			if part.err != nil {
				if r.rejects(t.data[i], part.err) {
					continue
				}
				yield(Cell{}, part.err)
				return
			}
			for cell := range t.cellsOf(ctx, i, part.tablePart) {
				if !yield(cell, nil) {
					return
				}
			}
			if err := ctx.Err(); err != nil {
				yield(Cell{}, err)
				return
			}
			part.free()
		}
		r.columns.free()
	}
}

// A Block is the cells of one data item in a column, for callers that read
// millions: OrgUnits × Periods × the items of Query.Split, in this order.
// OrgUnits are those of the query, or fewer where others have no value. Its
// lists must not be changed, and the slices of Column are used again for the
// next Block: copy what you keep.
type Block struct {
	Data     indicator.Item
	OrgUnits []hmis.UID
	Periods  []period.Period
	Split    [][]hmis.UID // items of each combination of Query.Split
	Column   indicator.Column
}

// Blocks computes the same cells as Cells, a data item at a time. An error is
// the last pair.
func (c *Cube) Blocks(ctx context.Context, q Query) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		r, err := c.newEvaluator(ctx, q)
		if err != nil {
			yield(Block{}, err)
			return
		}
		x, t := execution{evaluator: r, columnsOnly: true}, r.table()
		split := r.grid.allSplits()
		for i, part := range x.inOrder(len(t.data)) {
			if part.err != nil {
				if r.rejects(t.data[i], part.err) {
					continue
				}
				yield(Block{}, part.err)
				return
			}
			block := Block{
				Data:     t.data[i],
				OrgUnits: r.grid.units,
				Periods:  r.grid.periods,
				Split:    split,
				Column:   part.values(),
			}
			if part.units != nil {
				block.OrgUnits = make([]hmis.UID, len(part.units))
				for j, u := range part.units {
					block.OrgUnits[j] = r.grid.units[u]
				}
			}
			if !yield(block, nil) {
				return
			}
			freeColumn(block.Column)
		}
		r.columns.free()
	}
}

// table returns a table without parts for the answer. A query that does not tell data
// apart has one item without a name, as has one whose data filter is a single
// indicator or reporting rate (RULES.md#indicators).
func (r *resolvedQuery) table() *Table {
	data := r.data
	if len(data) == 0 {
		data = []indicator.Item{{}}
	}
	return &Table{
		grid:    r.grid,
		data:    data,
		hasData: len(r.data) > 0,
	}
}

// newEvaluator resolves a query.
func (c *Cube) newEvaluator(ctx context.Context, q Query) (*evaluator, error) {
	r := &evaluator{ctx: ctx}
	r.planner.init()
	return r, r.resolve(c, &q)
}

// rejects calls Query.Reject for an item that cannot be answered. It returns
// false if the error ends the query.
func (r *evaluator) rejects(item indicator.Item, err error) bool {
	if r.query.Reject == nil || r.ctx.Err() != nil {
		return false
	}
	if len(r.query.Data) == 0 && len(r.query.Filter.Data) == 1 {
		item = r.query.Filter.Data[0]
	}
	r.query.Reject(item, err)
	return true
}
