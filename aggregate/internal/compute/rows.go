package compute

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/period"
)

// Rows says in which rows the values of each period count. A row is a period, or
// everything if periods are only filtered.
type Rows struct {
	Of [][]int32 // by period as numbered in Names
	N  int

	// Where every value of one row counts in another too, as those of a month do
	// in its quarter, it is enough to add it to the fine rows: Rolls then says
	// which rows are added to which others, in order.
	Fine  [][]int32
	Rolls []column.Roll
}

// A Window is what limits the periods of values beside the periods asked for:
// the days of a query, and minDate and maxDate of an item.
type Window struct {
	From, To         period.Date
	HasFrom, HasUpTo bool
}

// Holds reports whether a period lies within the window.
func (w Window) Holds(p period.Period) bool {
	return (!w.HasFrom || p.First() >= w.From) && (!w.HasUpTo || p.Last() <= w.To)
}

// Roll finds the fine rows.
func (r *Rows) Roll() {
	r.Fine = r.Of
	if !slices.ContainsFunc(r.Of, func(list []int32) bool { return len(list) > 1 }) {
		return
	}
	// above holds the rows that all periods of a row count in beside it; size is
	// how many periods that is.
	above, size := make([][]int32, r.N), make([]int, r.N)
	for _, list := range r.Of {
		for _, row := range list {
			if size[row]++; size[row] == 1 {
				above[row] = slices.Clone(list)
			} else {
				above[row] = slices.DeleteFunc(above[row], func(other int32) bool { return !slices.Contains(list, other) })
			}
		}
	}
	bySize := func(a, b int32) int { return cmp.Or(cmp.Compare(size[a], size[b]), cmp.Compare(a, b)) }
	order := make([]int32, r.N)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, bySize)
	parent := make([]int32, r.N)
	for _, row := range order {
		parent[row] = -1
		above[row] = slices.DeleteFunc(above[row], func(other int32) bool { return bySize(other, row) <= 0 })
		if len(above[row]) > 0 {
			parent[row] = slices.MinFunc(above[row], bySize)
		}
	}
	r.cutForks(parent)
	for _, row := range order {
		if parent[row] >= 0 {
			r.Rolls = append(r.Rolls, column.Roll{From: row, To: parent[row]})
		}
	}
	r.Fine = make([][]int32, len(r.Of))
	for i, list := range r.Of {
		r.Fine[i] = slices.DeleteFunc(slices.Clone(list), func(row int32) bool {
			return slices.ContainsFunc(list, func(other int32) bool { return leadsTo(parent, other, row) })
		})
	}
}

// cutForks takes parents away until no value comes to a row on two ways, as one
// in July would to its year through a calendar quarter and a November quarter.
func (r *Rows) cutForks(parent []int32) {
	for again := true; again; {
		again = false
		for _, list := range r.Of {
			for i, a := range list {
				if parent[a] >= 0 && slices.ContainsFunc(list[:i], func(b int32) bool { return parent[b] == parent[a] }) {
					parent[a], again = -1, true
				}
			}
		}
	}
}

// leadsTo reports whether rows are added up from one to another.
func leadsTo(parent []int32, from, to int32) bool {
	for from = parent[from]; from >= 0; from = parent[from] {
		if from == to {
			return true
		}
	}
	return false
}
