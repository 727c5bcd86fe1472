package aggregate

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// formulas compiles the indicators of a catalog, each when it is first needed.
// All cubes that grew from one share them.
type formulas struct {
	catalog *hmis.Catalog
	held    sync.Map   // hmis.UID → *formula
	nesting sync.Mutex // guards formula.nested of all formulas
}

// A formula is a compiled indicator with the items of its numerator and
// denominator.
type formula struct {
	*indicator.Formula
	items []indicator.Item
	err   error

	nested nesting
}

// get returns the formula of an indicator. The error says why there is none.
func (l *formulas) get(id hmis.UID) (*formula, error) {
	if had, ok := l.held.Load(id); ok {
		f := had.(*formula)
		return f, f.err
	}
	had, _ := l.held.LoadOrStore(id, l.compile(id))
	f := had.(*formula)
	return f, f.err
}

func (l *formulas) compile(id hmis.UID) *formula {
	f := &formula{}
	ind, ok := hmis.Find[hmis.Indicator](l.catalog, id)
	if !ok {
		f.err = issue("E7124", "Data", "unknown indicator %q", id)
	} else if f.Formula, f.err = indicator.Compile(l.catalog, ind); f.err == nil {
		var list []indicator.Item
		for _, e := range []*indicator.Expr{f.Numerator, f.Denominator} {
			list = slices.AppendSeq(list, e.Items())
		}
		f.items = distinct(list)
	}
	return f
}

// unfolded returns a formula whose nesting is known. refused is not nil if the
// formula leads back to itself or is nested too deep. A formula that cannot be
// compiled leads nowhere.
func (l *formulas) unfolded(id hmis.UID) (f *formula, refused *hmis.Issue) {
	f, _ = l.get(id)
	l.nesting.Lock()
	defer l.nesting.Unlock()
	if !f.nested.known {
		w := nestingWalk{formulas: l, at: map[hmis.UID]int{}}
		f.nested.refused, f.nested.known = w.walk(id), true
	}
	if f.nested.refused != nil {
		own := *f.nested.refused // a copy, since callers may change theirs
		return f, &own
	}
	return f, nil
}

// checkCircle returns an issue if an indicator leads back to itself or is
// nested too deep. Items of other kinds pass.
func (l *formulas) checkCircle(item *dataItem) *hmis.Issue {
	if item.kind != indicator.IndicatorItem {
		return nil
	}
	_, refused := l.unfolded(item.ID)
	return refused
}

// reached yields the formulas of an indicator and of those nested in it, each
// once. Indicators in seen are skipped, and those found are added to it.
// Formulas that cannot be compiled are skipped: computing them returns the
// error.
func (l *formulas) reached(id hmis.UID, seen map[hmis.UID]bool) iter.Seq[*formula] {
	return func(yield func(*formula) bool) {
		for list := []hmis.UID{id}; len(list) > 0; {
			id := list[len(list)-1]
			list = list[:len(list)-1]
			f, err := l.get(id)
			if seen[id] || err != nil {
				continue
			}
			seen[id] = true
			if !yield(f) {
				return
			}
			for _, item := range f.items {
				if item.Kind == indicator.IndicatorItem {
					list = append(list, item.ID)
				}
			}
		}
	}
}

// components returns the items that some indicators need, each once. Items of a
// nested indicator replace that indicator.
func (l *formulas) components(ids ...hmis.UID) []indicator.Item {
	const most = maxHeld / perComponent // a query with more components fails when computed
	var items []indicator.Item
	had, seen := map[indicator.Item]bool{}, map[indicator.Item]bool{}
	var walk func(around indicator.Item)
	walk = func(around indicator.Item) {
		f, err := l.get(around.ID)
		around.Offset, around.YearToDate = 0, false
		if seen[around] || err != nil || len(seen)+len(items) > most {
			return
		}
		seen[around] = true
		for _, item := range f.items {
			if item = inside(item, around); item.Kind == indicator.IndicatorItem {
				walk(item)
			} else if !had[item] {
				had[item] = true
				items = append(items, item)
			}
		}
	}
	for _, id := range ids {
		walk(indicator.Item{Kind: indicator.IndicatorItem, ID: id})
	}
	return items
}

// readElements returns the data elements that an indicator and those nested in
// it read, also inside subExpressions. Indicators in seen are skipped.
func (l *formulas) readElements(id hmis.UID, seen map[hmis.UID]bool) []hmis.UID {
	var ids []hmis.UID
	for f := range l.reached(id, seen) {
		for _, item := range f.items {
			switch item.Kind {
			case indicator.DataElementItem:
				ids = append(ids, item.ID)
			case indicator.SubExpressionItem:
				if expr, err := item.Inner(); err == nil { // computing the item returns the error
					for one := range expr.Items() {
						ids = append(ids, one.ID)
					}
				}
			}
		}
	}
	return ids
}

// inside returns an item of a nested indicator with the modifiers of that
// indicator where it has none itself: the innermost wins. Offset and year to
// date are not among them, since they move the cell that all items are read
// for.
func inside(item, around indicator.Item) indicator.Item {
	switch item.Kind {
	case indicator.DataElementItem, indicator.IndicatorItem, indicator.SubExpressionItem:
		item = dated(item, around)
		item.Combine = cmp.Or(item.Combine, around.Combine)
	}
	return item
}

// dated returns an item of a subExpression with the days around it. Its
// aggregation stays, since that of the subExpression combines org units.
func dated(item, around indicator.Item) indicator.Item {
	item.From = cmp.Or(item.From, around.From)
	item.To = cmp.Or(item.To, around.To)
	return item
}
