package aggregate

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// Indicators name other indicators, and a few of them can name each other in more
// ways than there is time for. So whatever walks along these names visits each
// indicator once, or stops at one of these limits with an error that names it.
const (
	maxNesting = 500     // indicators inside each other
	maxShifts  = 1 << 20 // pairs of an indicator and a period that it is moved to
	maxHeld    = 1 << 29 // bytes to tell the components of a query apart
)

// shared is what all cubes that grew from one know of their catalog, each thing
// found when it is first needed.
type shared struct {
	formulas sync.Map   // hmis.UID → *formula
	nesting  sync.Mutex // guards what formulas know of those nested in them
	validity sync.Map   // hmis.UID → validity, of option combos
}

// A nesting is what a formula and those nested in it have in common.
type nesting struct {
	known   bool // for what is asked for as data
	refused *hmis.Issue
	acyclic bool // with those below it, which have a depth then
	depth   int
	shifts  bool // some item moves to other periods
}

// unfolded returns a formula of which is known what it leads to, and the reason why
// it has no answer: it leads back to itself, or too deep. Formulas that cannot be
// read lead nowhere.
func (c *Cube) unfolded(id hmis.UID) (*formula, *hmis.Issue) {
	f, _ := c.formula(id)
	c.shared.nesting.Lock()
	defer c.shared.nesting.Unlock()
	if !f.nested.known {
		w := nestingWalk{cube: c, at: map[hmis.UID]int{}}
		f.nested.refused, f.nested.known = w.walk(id), true
	}
	if f.nested.refused != nil {
		refused := *f.nested.refused // each caller's own
		return f, &refused
	}
	return f, nil
}

// A nestingWalk follows indicators into each other.
type nestingWalk struct {
	cube *Cube
	path []hmis.UID
	at   map[hmis.UID]int // of path
}

func (w *nestingWalk) walk(id hmis.UID) *hmis.Issue {
	if i, ok := w.at[id]; ok {
		return issue("E7116", "Data", "indicators refer to each other in a circle: %s", joined(append(w.path[i:], id)))
	}
	f, err := w.cube.formula(id)
	if err != nil {
		return nil
	}
	n := &f.nested
	if len(w.path) >= maxNesting || n.acyclic && len(w.path)+n.depth > maxNesting {
		return issue("", "Data", "indicator %s: indicators are nested in it more than %d deep", w.path[0], maxNesting)
	}
	if n.acyclic {
		return nil
	}
	w.at[id] = len(w.path)
	w.path = append(w.path, id)
	n.depth, n.shifts = 1, movesPeriods(slices.Values(f.items))
	for _, item := range f.items {
		if item.Kind != indicator.IndicatorItem {
			continue
		}
		if refused := w.walk(item.ID); refused != nil {
			return refused
		}
		if inner, err := w.cube.formula(item.ID); err == nil {
			n.depth, n.shifts = max(n.depth, 1+inner.nested.depth), n.shifts || inner.nested.shifts
		}
	}
	w.path = w.path[:len(w.path)-1]
	delete(w.at, id)
	n.acyclic = true
	return nil
}

// checkCircle refuses an indicator that leads back to itself, or too deep.
func (c *Cube) checkCircle(item *dataItem) *hmis.Issue {
	if item.kind != indicator.IndicatorItem {
		return nil
	}
	_, refused := c.unfolded(item.ID)
	return refused
}

// movesPeriods reports whether any item reads other periods than those of its
// cell.
func movesPeriods(items iter.Seq[indicator.Item]) bool {
	for item := range items {
		if item.Offset != 0 || item.YearToDate {
			return true
		}
		if item.Kind == indicator.SubExpressionItem {
			if expr, err := item.Inner(); err == nil && movesPeriods(expr.Items()) {
				return true
			}
		}
	}
	return false
}

// formulasIn yields an indicator and those nested in it, each once. Those in seen
// are left out, and those found are added to it. Formulas that cannot be read are
// left out; that is said when they are computed.
func (c *Cube) formulasIn(id hmis.UID, seen map[hmis.UID]bool) iter.Seq[*formula] {
	return func(yield func(*formula) bool) {
		for list := []hmis.UID{id}; len(list) > 0; {
			id := list[len(list)-1]
			list = list[:len(list)-1]
			f, err := c.formula(id)
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

// components returns the items that some indicators need, each once: those of the
// indicators nested in them are there in place of these.
func (c *Cube) components(ids ...hmis.UID) []indicator.Item {
	const most = maxHeld / perComponent // a query of more is refused when it is computed
	var items []indicator.Item
	had, seen := map[indicator.Item]bool{}, map[indicator.Item]bool{}
	var walk func(around indicator.Item)
	walk = func(around indicator.Item) {
		f, err := c.formula(around.ID)
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

// inside gives an item of a nested indicator the modifiers around that, unless it
// has its own: the innermost wins. An offset and a year to date are no matter of
// each item, since they move the cell that all are read for.
func inside(item, around indicator.Item) indicator.Item {
	switch item.Kind {
	case indicator.DataElementItem, indicator.IndicatorItem, indicator.SubExpressionItem:
		item = dated(item, around)
		item.Combine = cmp.Or(item.Combine, around.Combine)
	}
	return item
}

// dated is inside for the items of a subExpression, whose aggregation is another
// matter than its own.
func dated(item, around indicator.Item) indicator.Item {
	item.From = cmp.Or(item.From, around.From)
	item.To = cmp.Or(item.To, around.To)
	return item
}

// readElements returns the data elements that indicators read, those inside their
// subExpressions too. The indicators of seen are left out.
func (c *Cube) readElements(id hmis.UID, seen map[hmis.UID]bool) []hmis.UID {
	var ids []hmis.UID
	for f := range c.formulasIn(id, seen) {
		for _, item := range f.items {
			switch item.Kind {
			case indicator.DataElementItem:
				ids = append(ids, item.ID)
			case indicator.SubExpressionItem:
				if expr, err := item.Inner(); err == nil { // an error is said when it is computed
					for one := range expr.Items() {
						ids = append(ids, one.ID)
					}
				}
			}
		}
	}
	return ids
}

// shiftWalk finds the periods that the items of indicators move to.
type shiftWalk struct {
	cube *Cube
	seen map[shift]bool
	do   func(period.Period)
}

// A shift is an indicator that is read for a period.
type shift struct {
	id     hmis.UID
	period period.Period
}

// walk calls do with the periods that items of an indicator move to from some
// periods, and those of its nested indicators and subExpressions from there. The
// indicator does not lead back to itself.
func (w *shiftWalk) walk(id hmis.UID, periods []period.Period) *hmis.Issue {
	f, _ := w.cube.formula(id)
	if !f.nested.shifts {
		return nil
	}
	var fresh []period.Period
	for _, p := range periods {
		if at := (shift{id, p}); !w.seen[at] {
			w.seen[at] = true
			fresh = append(fresh, p)
		}
	}
	if len(w.seen) > maxShifts {
		return issue("", "Data", "indicator %s: more than %d periods are read of it and of others", id, maxShifts)
	}
	if len(fresh) == 0 {
		return nil
	}
	return w.items(slices.Values(f.items), fresh)
}

func (w *shiftWalk) items(items iter.Seq[indicator.Item], periods []period.Period) *hmis.Issue {
	for item := range items {
		all := periods
		if item.Offset != 0 || item.YearToDate {
			_, all = readPeriods(item, periods)
			all = slices.DeleteFunc(all, period.Period.IsZero)
			for _, p := range all {
				w.do(p)
			}
		}
		var refused *hmis.Issue
		switch item.Kind {
		case indicator.IndicatorItem:
			refused = w.walk(item.ID, all)
		case indicator.SubExpressionItem:
			if expr, err := item.Inner(); err == nil {
				refused = w.items(expr.Items(), all)
			}
		}
		if refused != nil {
			return refused
		}
	}
	return nil
}
