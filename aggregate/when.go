package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/period"
)

// when tells in which rows of a part the values of each period count. A row is a
// period, or everything if periods are only filtered.
type when struct {
	rows [][]int32 // by period as the cube numbers them
	n    int
}

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
// belongs is said by [period.Period.In] (section 2.3).
func (c *Cube) eachOf(periods []period.Period, w window) when {
	at, types := periodsByType(periods)
	t := when{rows: make([][]int32, len(c.periods)), n: len(periods)}
	var room []int32
	for i, p := range c.periods {
		if !w.holds(p) {
			continue
		}
		start := len(room)
		for _, typ := range types {
			if in, ok := p.In(typ); ok {
				if row, ok := at[in]; ok {
					room = append(room, row)
				}
			}
		}
		t.rows[i] = room[start:len(room):len(room)]
	}
	return t
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
