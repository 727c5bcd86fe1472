package aggregate

import (
	"iter"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A few indicators that name each other can make more paths than any machine
// can follow. So each walk along nested indicators visits an indicator once, or
// stops at one of these limits with an error that names the indicator.
const (
	maxNesting = 500     // greatest depth of indicators inside each other
	maxShifts  = 1 << 20 // most pairs of an indicator and a period that it is read for
	maxHeld    = 1 << 29 // most bytes that the components of a query occupy
)

// A nesting has the facts about a formula together with all formulas nested in
// it.
type nesting struct {
	known   bool        // refused has been determined; only for indicators that queries ask for
	refused *hmis.Issue // why the formula has no answer
	acyclic bool        // depth and shifts have been determined, also for the nested indicators
	depth   int
	shifts  bool // some item reads other periods than those of its cell
}

// A nestingWalk follows indicators into each other.
type nestingWalk struct {
	formulas *formulas
	path     []hmis.UID
	at       map[hmis.UID]int // indicator → index in path
}

func (w *nestingWalk) walk(id hmis.UID) *hmis.Issue {
	if i, ok := w.at[id]; ok {
		return issue("E7116", "Data", "indicators refer to each other in a circle: %s", joined(append(w.path[i:], id)))
	}
	f, err := w.formulas.get(id)
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
		if inner, err := w.formulas.get(item.ID); err == nil {
			n.depth, n.shifts = max(n.depth, 1+inner.nested.depth), n.shifts || inner.nested.shifts
		}
	}
	w.path = w.path[:len(w.path)-1]
	delete(w.at, id)
	n.acyclic = true
	return nil
}

func joined(path []hmis.UID) string {
	ids := make([]string, len(path))
	for i, id := range path {
		ids[i] = string(id)
	}
	return strings.Join(ids, " > ")
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

// A shiftWalk finds the periods that indicators read because of offsets and
// years to date.
type shiftWalk struct {
	formulas *formulas
	seen     map[shift]bool
	do       func(period.Period)
}

// A shift is an indicator that is read for a period.
type shift struct {
	id     hmis.UID
	period period.Period
}

// walk calls do with each period that an indicator's items with an offset or a
// year to date read for some periods, also in nested indicators and
// subExpressions. The indicator must not lead back to itself.
func (w *shiftWalk) walk(id hmis.UID, periods []period.Period) *hmis.Issue {
	f, _ := w.formulas.get(id)
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
