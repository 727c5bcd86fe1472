package aggregate

import (
	"cmp"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Cube holds data values in columns, sorted for aggregation: numbers, texts
// and follow-up marks, but not comments, names or times. It does not change and
// is safe for concurrent use.
type Cube struct {
	catalog *hmis.Catalog
	tree    *orgunit.Tree

	elements []hmis.UID       // of the columns
	columns  []*column.Column // the values of each element
	at       map[hmis.UID]int // element → index in both

	combos  []hmis.UID      // option combos of both kinds, as columns number them
	periods []period.Period // as columns number them
	years   map[int]bool    // with any value, even a deleted one (RULES.md#years-read)
	reports map[hmis.UID][]report
	aside   map[hmis.UID][]aside // by position; nil unless Loader.KeepUncounted

	shared     *shared
	describing sync.Once
	described  []described // of elements, made when first needed
	ranking    sync.Once
	ranked     []int    // of periods, made when first needed
	counted    sync.Map // period.Type → map[period.Period][]uint32: which of periods count in it
}

// Len returns the number of values held, of all data elements.
func (c *Cube) Len() int {
	n := 0
	for _, col := range c.columns {
		n += col.Len()
	}
	return n
}

// Size returns the bytes that the values occupy in memory, every array counted,
// without the catalog and the tree.
func (c *Cube) Size() int {
	n := 0
	for _, col := range c.columns {
		n += col.Size()
	}
	const id, perPeriod, perAside = 32, 8, 48
	for _, list := range c.aside {
		n += perAside * len(list)
	}
	return n + id*len(c.combos) + id*len(c.elements) + perPeriod*len(c.periods)
}

// column returns the values of an element, or nil if there are none.
func (c *Cube) column(element hmis.UID) *column.Column {
	if i, ok := c.at[element]; ok {
		return c.columns[i]
	}
	return nil
}

// none is the column of an element without values.
var none = &column.Column{}

func (c *Cube) columnOrNone(element hmis.UID) *column.Column {
	if col := c.column(element); col != nil {
		return col
	}
	return none
}

// order returns how segments lie in a column: by last day, then first day, so
// that the newest come last; then by the ids of their option combos.
func (c *Cube) order() func(a, b column.Key) int {
	periods := ranks(c.periods, func(p, q period.Period) int {
		return cmp.Or(cmp.Compare(p.Last(), q.Last()), cmp.Compare(p.First(), q.First()), cmp.Compare(p.Type(), q.Type()))
	})
	combos := ranks(c.combos, cmp.Compare[hmis.UID])
	return func(a, b column.Key) int {
		if a.Period != b.Period {
			if n := periods[a.Period] - periods[b.Period]; n != 0 {
				return n
			}
		}
		if n := combos[a.OptionCombo] - combos[b.OptionCombo]; n != 0 {
			return n
		}
		return combos[a.AttributeCombo] - combos[b.AttributeCombo]
	}
}

// ranks returns the place of each item in the order of compare; equal ones share
// it.
func ranks[T any](list []T, compare func(a, b T) int) []int {
	index := make([]int, len(list))
	for i := range index {
		index[i] = i
	}
	slices.SortFunc(index, func(i, j int) int { return compare(list[i], list[j]) })
	rank := make([]int, len(list))
	for n := 1; n < len(index); n++ {
		rank[index[n]] = rank[index[n-1]]
		if compare(list[index[n-1]], list[index[n]]) != 0 {
			rank[index[n]] = n
		}
	}
	return rank
}

// rowYear is the year that a value counts in: that of its start, for a week
// that of its fourth day (RULES.md#years-read). Bi-weeks are not shifted.
func rowYear(p period.Period) int {
	first := p.First()
	if isWeek(p.Type()) {
		first += 3
	}
	year, _, _ := first.Civil()
	return year
}

func isWeek(t period.Type) bool { return period.Weekly <= t && t <= period.WeeklySunday }
