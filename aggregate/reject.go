package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// ofItem lists the codes of issues that concern one data item alone, whatever
// else a query asks for. Issues without a code concern settings, or an item
// that reads other periods.
var ofItem = []string{"E7115", "E7124", "E7134", "E7152"}

// check returns an error if the query has no answer. With Query.Reject, it
// marks an item that has no answer as bad and goes on with the other items.
func (r *resolvedQuery) check() error {
	if r.query.Reject != nil {
		return r.checkGood()
	}
	check := r.checker(&r.query)
	if err := check.all(); err != nil {
		return err
	}
	for i := range r.items {
		if issue := r.cube.formulas.checkCircle(&r.items[i]); issue != nil {
			return issue
		}
	}
	return r.checkMoves()
}

// checkGood marks the items that have no answer, and checks the query without
// them.
func (r *resolvedQuery) checkGood() error {
	good := r.query
	good.Data = nil
	for i := range r.items {
		item := &r.items[i]
		if len(r.query.Data) == 0 { // the only item is in the filter, and answered like one of Data
			if issue := r.cube.formulas.checkCircle(item); issue != nil {
				item.bad = issue
			}
		} else if item.bad = r.checkItem(item); item.bad == nil {
			good.Data = append(good.Data, item.Item)
		}
	}
	if len(r.query.Data) > 0 && len(good.Data) == 0 { // all items rejected: no cells
		return r.checkRest()
	}
	return good.Check(r.cube.catalog)
}

// checker returns a checker of the query, whose items are known already.
func (r *resolvedQuery) checker(q *Query) checker {
	check := checker{Query: q, catalog: r.cube.catalog, data: r.items}
	if len(q.Data) != len(r.data) { // some items are asked for twice
		check.data = kindsOf(q.Data, r.cube.catalog)
	}
	if len(q.Data) == 0 {
		check.data = nil
	}
	check.filter = kindsOf(q.Filter.Data, r.cube.catalog)
	return check
}

// checkRest checks everything in a query except its data items.
func (r *resolvedQuery) checkRest() error {
	check := r.checker(&r.query)
	names := check
	names.data = nil
	if issue := names.names(); issue != nil {
		return issue
	}
	if issue := check.settings(); issue != nil {
		return issue
	}
	return nil
}

// checkItem returns what is wrong with one data item.
func (r *resolvedQuery) checkItem(item *dataItem) error {
	one := r.query
	one.Data = []indicator.Item{item.Item}
	one.Criteria, one.ValueCriteria, one.Aggregation = nil, nil, ""
	err := one.Check(r.cube.catalog)
	issue, ok := err.(*hmis.Issue)
	if ok && (issue.Code == "" || slices.Contains(ofItem, issue.Code)) {
		return issue
	}
	if issue := r.cube.formulas.checkCircle(item); issue != nil {
		return issue
	}
	return nil
}

// checkMoves refuses subExpressions with a period offset if days are asked for
// in place of periods. The server finds this out before anything else about
// them.
func (r *resolvedQuery) checkMoves() error {
	if !r.query.Filter.dated() {
		return nil
	}
	seen := map[hmis.UID]bool{}
	for i := range r.items {
		if r.items[i].kind != indicator.IndicatorItem {
			continue
		}
		for f := range r.cube.formulas.reached(r.items[i].ID, seen) {
			for _, component := range f.items {
				if component.Kind != indicator.SubExpressionItem {
					continue
				}
				if expr, err := component.Inner(); err == nil && movesAny(expr) {
					return within(r.items[i].ID, needsPeriods(component))
				}
			}
		}
	}
	return nil
}

func needsPeriods(item indicator.Item) error {
	return issue(
		"E7150", "Filter.From", "subExpression(%s): a period offset needs periods, not days",
		item.ID,
	)
}
