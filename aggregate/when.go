package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// when tells in which rows of a part the values of each period count. A row is a
// period, or everything if periods are only filtered.
type when struct {
	rows [][]int32 // by period as the cube numbers them
	n    int

	// Where every value of one row counts in another too, as those of a month do
	// in its quarter, it is enough to add it to the fine rows: rolls then says
	// which rows are added to which others, in order.
	fine  [][]int32
	rolls []roll
}

// A roll adds one row to another.
type roll struct{ from, to int32 }

// A window is what limits the periods of values beside the periods asked for:
// the days of a query, and minDate and maxDate of an item.
type window struct {
	from, to         period.Date
	hasFrom, hasUpTo bool
}

func (w window) holds(p period.Period) bool {
	return (!w.hasFrom || p.First() >= w.from) && (!w.hasUpTo || p.Last() <= w.to)
}

// eachOf returns rows for periods told apart. To which longer period a value
// belongs is said by [period.Period.In] (RULES.md#longer-periods).
func (c *Cube) eachOf(periods []period.Period, w window) when {
	t := when{rows: make([][]int32, len(c.periods)), n: len(periods)}
	counted := make([][]uint32, 0, fewToCompare)
	size, total := make([]int32, len(c.periods)), 0
	var ofType map[period.Period][]uint32
	for row, q := range periods {
		if row == 0 || q.Type() != periods[row-1].Type() {
			ofType = c.countedIn(q.Type())
		}
		list := ofType[q]
		counted, total = append(counted, list), total+len(list)
		for _, p := range list {
			size[p]++
		}
	}
	room := make([]int32, total)
	for p, n := range size {
		t.rows[p], room = room[:0:n], room[n:]
	}
	for row, list := range counted {
		for _, p := range list {
			if w.holds(c.periods[p]) {
				t.rows[p] = append(t.rows[p], int32(row))
			}
		}
	}
	t.roll()
	return t
}

// countedIn returns which periods, as the cube numbers them, count in each of a
// type.
func (c *Cube) countedIn(t period.Type) map[period.Period][]uint32 {
	if had, ok := c.counted.Load(t); ok {
		return had.(map[period.Period][]uint32)
	}
	all := map[period.Period][]uint32{}
	for i, p := range c.periods {
		if in, ok := p.In(t); ok {
			all[in] = append(all[in], uint32(i))
		}
	}
	c.counted.Store(t, all)
	return all
}

// roll finds the fine rows.
func (t *when) roll() {
	t.fine = t.rows
	if !slices.ContainsFunc(t.rows, func(list []int32) bool { return len(list) > 1 }) {
		return
	}
	// above holds the rows that all periods of a row count in beside it; size is
	// how many periods that is.
	above, size := make([][]int32, t.n), make([]int, t.n)
	for _, list := range t.rows {
		for _, row := range list {
			if size[row]++; size[row] == 1 {
				above[row] = slices.Clone(list)
			} else {
				above[row] = slices.DeleteFunc(above[row], func(r int32) bool { return !slices.Contains(list, r) })
			}
		}
	}
	bySize := func(a, b int32) int { return cmp.Or(cmp.Compare(size[a], size[b]), cmp.Compare(a, b)) }
	order := make([]int32, t.n)
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, bySize)
	parent := make([]int32, t.n)
	for _, row := range order {
		parent[row] = -1
		above[row] = slices.DeleteFunc(above[row], func(r int32) bool { return bySize(r, row) <= 0 })
		if len(above[row]) > 0 {
			parent[row] = slices.MinFunc(above[row], bySize)
		}
	}
	t.cutForks(parent)
	for _, row := range order {
		if parent[row] >= 0 {
			t.rolls = append(t.rolls, roll{row, parent[row]})
		}
	}
	t.fine = make([][]int32, len(t.rows))
	for i, list := range t.rows {
		t.fine[i] = slices.DeleteFunc(slices.Clone(list), func(row int32) bool {
			return slices.ContainsFunc(list, func(r int32) bool { return leadsTo(parent, r, row) })
		})
	}
}

// cutForks takes parents away until no value comes to a row on two ways, as one
// in July would to its year through a calendar quarter and a November quarter.
func (t *when) cutForks(parent []int32) {
	for again := true; again; {
		again = false
		for _, list := range t.rows {
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

// anyOf returns the one row for periods that are only filtered: a value counts
// once, however many of them it lies in.
func (c *Cube) anyOf(periods []period.Period, w window) when {
	at, types := periodsByType(periods)
	t := when{rows: make([][]int32, len(c.periods)), n: 1}
	for i, p := range c.periods {
		if w.holds(p) && (len(periods) == 0 || slices.ContainsFunc(types, func(typ period.Type) bool {
			in, ok := p.In(typ)
			_, asked := at[in]
			return ok && asked
		})) {
			t.rows[i] = []int32{0}
		}
	}
	t.fine = t.rows
	return t
}

func periodsByType(periods []period.Period) (at map[period.Period]int32, types []period.Type) {
	at = make(map[period.Period]int32, len(periods))
	for i, p := range periods {
		at[p] = int32(i)
		if !slices.Contains(types, p.Type()) {
			types = append(types, p.Type())
		}
	}
	return at, types
}

// days adds up the days of periods.
func days(periods []period.Period) int {
	n := 0
	for _, p := range periods {
		n += p.Days()
	}
	return n
}

// checkCalendar refuses a query none of whose periods is of a calendar that the data
// is in: every cell would be empty, whatever was reported.
func (c *Cube) checkCalendar(q Query) *hmis.Issue {
	asked := q.Periods
	field := "Periods"
	if len(asked) == 0 {
		asked, field = q.Filter.Periods, "Filter.Periods"
	}
	if len(asked) == 0 || len(c.periods) == 0 {
		return nil
	}
	for _, p := range asked {
		calendar := p.Calendar()
		if slices.ContainsFunc(c.periods, func(held period.Period) bool { return held.Calendar() == calendar }) {
			return nil
		}
	}
	return issue("", field, "%s is of the %s calendar, the data of the %s one", asked[0], asked[0].Calendar().Name(), c.periods[0].Calendar().Name())
}
