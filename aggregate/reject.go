package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// ofItem are the codes of what is wrong with one data item alone, whatever else a
// query asks for. Errors without a code are about settings, or about an item that
// reads other periods.
var ofItem = []string{"E7115", "E7124", "E7134", "E7152"}

// checkQuery refuses a query that has no answer. With Query.Reject, an item that
// has none by itself is noted as bad and does not matter to the others.
func (r *run) checkQuery() error {
	c, q := r.cube, r.query
	if q.Reject == nil {
		if err := q.Check(c.catalog); err != nil {
			return err
		}
		for _, list := range [][]indicator.Item{r.data, q.Filter.Data} {
			for _, item := range list {
				if issue := c.checkCircle(item); issue != nil {
					return issue
				}
			}
		}
		return r.checkMoves()
	}
	var good []indicator.Item
	for _, item := range r.data {
		if err := r.checkItem(item); err != nil {
			r.bad(item, err)
		} else {
			good = append(good, item)
		}
	}
	if len(q.Data) > 0 && len(good) == 0 { // there is an answer, without cells
		return r.checkRest()
	}
	q.Data = good
	if len(q.Filter.Data) == 1 { // which may be answered like one that is told apart
		item := q.Filter.Data[0]
		if issue := c.checkCircle(item); issue != nil {
			r.bad(item, issue)
		}
	}
	return q.Check(c.catalog)
}

// checkRest checks a query but for its data items.
func (r *run) checkRest() error {
	names := r.query
	names.Data = nil
	if issue := names.checkNames(r.cube.catalog); issue != nil {
		return issue
	}
	for _, check := range []func(Query, *hmis.Catalog) *hmis.Issue{
		Query.checkShape, Query.checkTime, Query.checkDataFilter, Query.checkAxes,
	} {
		if issue := check(r.query, r.cube.catalog); issue != nil {
			return issue
		}
	}
	return nil
}

// checkItem returns what is wrong with one data item.
func (r *run) checkItem(item indicator.Item) error {
	one := r.query
	one.Data, one.Criteria, one.ValueCriteria, one.Aggregation = []indicator.Item{item}, nil, nil, ""
	if issue, ok := one.Check(r.cube.catalog).(*hmis.Issue); ok && (issue.Code == "" || slices.Contains(ofItem, issue.Code)) {
		return issue
	}
	if issue := r.cube.checkCircle(item); issue != nil {
		return issue
	}
	return nil
}

func (r *run) bad(item indicator.Item, err error) {
	if r.badItems == nil {
		r.badItems = map[indicator.Item]error{}
	}
	r.badItems[item] = err
}

// goodItems is items without the bad ones.
func (r *run) goodItems() []indicator.Item {
	items := r.items()
	if r.badItems == nil {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(item indicator.Item) bool { return r.badItems[item] != nil })
}

// rejects hands an item that cannot be answered to the caller of the query. It
// reports false if the error ends the query.
func (r *run) rejects(item indicator.Item, err error) bool {
	if r.query.Reject == nil || r.ctx.Err() != nil {
		return false
	}
	if len(r.query.Data) == 0 && len(r.query.Filter.Data) == 1 {
		item = r.query.Filter.Data[0]
	}
	r.query.Reject(item, err)
	return true
}
