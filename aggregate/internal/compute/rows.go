package compute

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/period"
)

// Rows says in which rows the values of each period count. A row is a period,
// or everything if periods are only filtered.
type Rows struct {
	N   int
	All Lists

	// Fine and Rolls replace the full lists if every value of one row, such as
	// a month, also counts in another, such as its quarter. Values are added to
	// the rows in Fine only. Then each of Rolls adds one row to another, in
	// order.
	Fine  Lists
	Rolls []column.Roll
}

// Lists holds a short list of rows for each period, as numbered in [Names].
type Lists struct {
	first []uint32 // index in rows where the list of each period begins; the last entry is the end
	rows  []int32
}

// Invert returns the rows of each period, given the periods of each row.
// periods is the number of periods. A period for which keep returns false has
// no rows; a nil keep keeps all.
func Invert(periods int, rows [][]uint32, keep func(period uint32) bool) Lists {
	l := Lists{first: make([]uint32, periods+1)}
	next := l.first[1:] // for each period: first its number of rows, then where its next row goes
	for _, list := range rows {
		for _, p := range list {
			if keep == nil || keep(p) {
				next[p]++
			}
		}
	}
	total := uint32(0)
	for p, n := range next {
		next[p] = total
		total += n
	}
	l.rows = make([]int32, total)
	for row, list := range rows {
		for _, p := range list {
			if keep == nil || keep(p) {
				l.rows[next[p]] = int32(row)
				next[p]++
			}
		}
	}
	return l
}

// Of returns the rows of a period.
func (l *Lists) Of(p uint32) []int32 { return l.rows[l.first[p]:l.first[p+1]] }

// Where returns the lists with only the rows for which keep returns true.
func (l *Lists) Where(keep func(period uint32, row int32) bool) Lists {
	out := Lists{first: make([]uint32, len(l.first)), rows: make([]int32, 0, len(l.rows))}
	for p := range uint32(l.len()) {
		for _, row := range l.Of(p) {
			if keep(p, row) {
				out.rows = append(out.rows, row)
			}
		}
		out.first[p+1] = uint32(len(out.rows))
	}
	return out
}

// len returns the number of periods.
func (l *Lists) len() int { return max(len(l.first)-1, 0) }

// overlap reports whether any period has several rows.
func (l *Lists) overlap() bool {
	for list := range l.each {
		if len(list) > 1 {
			return true
		}
	}
	return false
}

// each yields the list of each period.
func (l *Lists) each(yield func([]int32) bool) {
	for p := range uint32(l.len()) {
		if !yield(l.Of(p)) {
			return
		}
	}
}

// A Window limits which periods of values count, in addition to the periods
// asked for: the days of a query, and minDate and maxDate of an item.
type Window struct {
	From, To         period.Date
	HasFrom, HasUpTo bool
}

// Holds reports whether p is within the window.
func (w Window) Holds(p period.Period) bool {
	return (!w.HasFrom || p.First() >= w.From) && (!w.HasUpTo || p.Last() <= w.To)
}

// Roll sets Fine and Rolls.
func (r *Rows) Roll() {
	r.Fine = r.All
	if !r.All.overlap() {
		return
	}
	// above[r] lists the rows in which all periods of row r count as well;
	// size[r] is the number of those periods.
	above, size := make([][]int32, r.N), make([]int, r.N)
	for list := range r.All.each {
		for _, row := range list {
			if size[row]++; size[row] == 1 {
				above[row] = slices.Clone(list)
			} else {
				elsewhere := func(other int32) bool { return !slices.Contains(list, other) }
				above[row] = slices.DeleteFunc(above[row], elsewhere)
			}
		}
	}
	bySize := func(a, b int32) int {
		return cmp.Or(cmp.Compare(size[a], size[b]), cmp.Compare(a, b))
	}
	order := make([]int32, r.N)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, bySize)
	parent := make([]int32, r.N)
	for _, row := range order {
		parent[row] = -1
		smaller := func(other int32) bool { return bySize(other, row) <= 0 }
		above[row] = slices.DeleteFunc(above[row], smaller)
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
	r.Fine = r.All.Where(func(p uint32, row int32) bool {
		finer := func(other int32) bool { return leadsTo(parent, other, row) }
		return !slices.ContainsFunc(r.All.Of(p), finer)
	})
}

// cutForks removes parents until no value comes to a row on two ways, as one
// in July would to its year through a calendar quarter and a November quarter.
func (r *Rows) cutForks(parent []int32) {
	for again := true; again; {
		again = false
		for list := range r.All.each {
			for i, a := range list {
				same := func(b int32) bool { return parent[b] == parent[a] }
				if parent[a] >= 0 && slices.ContainsFunc(list[:i], same) {
					parent[a], again = -1, true
				}
			}
		}
	}
}

// leadsTo reports whether row from is added to row to, directly or through
// other rows.
func leadsTo(parent []int32, from, to int32) bool {
	for from = parent[from]; from >= 0; from = parent[from] {
		if from == to {
			return true
		}
	}
	return false
}
