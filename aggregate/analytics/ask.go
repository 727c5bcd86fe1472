package analytics

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// ask yields the computed cells in the order of the request. If step is less
// than the number of org units, it computes that many org units at a time, and
// each such group is in order.
func (a *answer) ask(ctx context.Context, cube *aggregate.Cube, step int) iter.Seq2[aggregate.Cell, error] {
	return func(yield func(aggregate.Cell, error) bool) {
		bad := rejects{to: a.server.Reject, seen: make(map[indicator.Item]bool)}
		q := a.query
		q.Reject = bad.add
		for cell, err := range a.cellsOf(ctx, cube, q, step) {
			if bad.first != nil {
				break
			}
			if !yield(cell, err) || err != nil {
				return
			}
		}
		if bad.first != nil {
			yield(aggregate.Cell{}, bad.first)
		}
	}
}

// A rejects collects the errors of single data items. If a server has a code
// for an error, such as a division by zero inside a subExpression, the error
// ends the request. With any other error only the rows of the item are missing.
type rejects struct {
	to    func(indicator.Item, error) // the function Server.Reject, or nil
	seen  map[indicator.Item]bool
	first *hmis.Issue // the error that a server reports first
}

// computedAt ranks an error by the time at which a server finds it. A server
// computes nested indicators first, then data elements and subExpressions, then
// reporting rates.
func computedAt(code string) int {
	switch code {
	case "E7116":
		return 0
	case codeNoTime: // a reporting rate needs periods, but the request has days
		return 2
	}
	return 1
}

// add records the error of a data item that cannot be computed.
func (r *rejects) add(item indicator.Item, err error) {
	if issue, ok := errors.AsType[*hmis.Issue](err); ok && issue.Code != "" {
		if r.first == nil || computedAt(issue.Code) < computedAt(r.first.Code) {
			r.first = issue
		}
		return
	}
	if !r.seen[item] && r.to != nil {
		r.to(item, err)
	}
	r.seen[item] = true
}

// cellsOf yields the cells of a query. It sets the query's Reject.
func (a *answer) cellsOf(ctx context.Context, cube *aggregate.Cube, q aggregate.Query, step int) iter.Seq2[aggregate.Cell, error] {
	return func(yield func(aggregate.Cell, error) bool) {
		if max(1, len(q.OrgUnits))*max(1, len(q.Data)) <= step { // all data items fit into one step
			table, err := cube.Query(ctx, q)
			if err != nil {
				yield(aggregate.Cell{}, err)
				return
			}
			a.cells = make([]aggregate.Cell, 0, min(table.Len(), a.server.Limits.filled().AllRows))
			for cell := range table.Cells() {
				if !yield(cell, nil) {
					return
				}
			}
			return
		}
		for units := range chunks(q.OrgUnits, step) {
			q.OrgUnits = units
			for cell, err := range cube.Cells(ctx, q) {
				if !yield(cell, err) || err != nil {
					return
				}
			}
		}
	}
}

// chunks yields pieces of ids with at most n elements, like [slices.Chunk]. For
// an empty list it yields one empty piece.
func chunks(ids []hmis.UID, n int) iter.Seq[[]hmis.UID] {
	if len(ids) == 0 {
		return slices.Values([][]hmis.UID{nil})
	}
	return slices.Chunk(ids, n)
}
