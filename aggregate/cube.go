package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
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

	columns columns
	combos  *optionCombos  // option combos, numbered as in columns
	periods *storedPeriods // periods, numbered as in columns
	reports map[hmis.UID][]report
	aside   map[hmis.UID][]aside // never counted, by position; nil unless Loader.KeepUncounted

	elements *elements
	expected *expectations
	formulas *formulas // shared with the cubes that this one grew from
}

// newCube makes a cube of columns with the periods and option combos that they
// number. The years are those with any value, even a deleted one.
func newCube(catalog *hmis.Catalog, tree *orgunit.Tree, held columns, periods []period.Period, combos []hmis.UID, years map[int]bool) *Cube {
	return &Cube{
		catalog:  catalog,
		tree:     tree,
		columns:  held,
		combos:   &optionCombos{catalog: catalog, ids: combos},
		periods:  &storedPeriods{list: periods, years: years},
		reports:  map[hmis.UID][]report{},
		elements: &elements{catalog: catalog, held: held},
		expected: &expectations{held: map[hmis.UID][]target{}},
		formulas: &formulas{catalog: catalog},
	}
}

// Catalog returns the metadata that the values were loaded with.
func (c *Cube) Catalog() *hmis.Catalog { return c.catalog }

// Tree returns the org units that the values were loaded with.
func (c *Cube) Tree() *orgunit.Tree { return c.tree }

// Periods returns the periods that have or had a value, in order.
func (c *Cube) Periods() []period.Period {
	list := slices.Clone(c.periods.list)
	slices.SortFunc(list, period.Period.Compare)
	return list
}

// Len returns the number of values held, of all data elements.
func (c *Cube) Len() int {
	n := 0
	for _, col := range c.columns.list {
		n += col.Len()
	}
	return n
}

// Size returns the bytes that the values occupy in memory, every array counted,
// without the catalog and the tree.
func (c *Cube) Size() int {
	n := 0
	for _, col := range c.columns.list {
		n += col.Size()
	}
	const id, perPeriod, perAside = 32, 8, 48
	for _, list := range c.aside {
		n += perAside * len(list)
	}
	return n + id*len(c.combos.ids) + id*len(c.columns.ids) + perPeriod*len(c.periods.list)
}

// names returns the lists of ids and periods that columns refer to by number.
func (c *Cube) names() compute.Names {
	return compute.Names{Periods: c.periods.list, Combos: c.combos.ids, Tree: c.tree}
}

// key returns where the values of a segment are stored, without the org unit.
func (c *Cube) key(element hmis.UID, k column.Key) hmis.Key {
	return hmis.Key{
		DataElement:    element,
		OptionCombo:    c.combos.ids[k.OptionCombo],
		AttributeCombo: c.combos.ids[k.AttributeCombo],
		Period:         c.periods.list[k.Period],
	}
}

// axes returns the maker of axes for the values of c.
func (c *Cube) axes() axisMaker {
	return axisMaker{catalog: c.catalog, tree: c.tree, combos: c.combos.ids}
}

// columns holds the values of data elements, each in a column of its own.
type columns struct {
	ids  []hmis.UID
	list []*column.Column
	at   map[hmis.UID]int // element → index in both lists
}

// of returns the values of an element. The column is empty if there are none.
func (h *columns) of(element hmis.UID) *column.Column {
	if i, ok := h.at[element]; ok {
		return h.list[i]
	}
	return nothing
}

// nothing is the column of an element without values.
var nothing = &column.Column{}

// put adds the column of an element, or replaces the one that is held.
func (h *columns) put(element hmis.UID, col *column.Column) {
	if i, ok := h.at[element]; ok {
		h.list[i] = col
		return
	}
	h.at[element] = len(h.list)
	h.ids, h.list = append(h.ids, element), append(h.list, col)
}

// sorted returns the elements that have a column, by id.
func (h *columns) sorted() []hmis.UID { return slices.Sorted(slices.Values(h.ids)) }

// segmentOrder returns the order of segments in a column: by last day, then
// first day, so that the newest come last; then by the ids of their option
// combos.
func segmentOrder(stored []period.Period, combos []hmis.UID) func(a, b column.Key) int {
	byPeriod := ranks(stored, func(p, q period.Period) int {
		return cmp.Or(cmp.Compare(p.Last(), q.Last()), cmp.Compare(p.First(), q.First()), cmp.Compare(p.Type(), q.Type()))
	})
	byCombo := ranks(combos, cmp.Compare[hmis.UID])
	return func(a, b column.Key) int {
		if a.Period != b.Period {
			if n := byPeriod[a.Period] - byPeriod[b.Period]; n != 0 {
				return n
			}
		}
		if n := byCombo[a.OptionCombo] - byCombo[b.OptionCombo]; n != 0 {
			return n
		}
		return byCombo[a.AttributeCombo] - byCombo[b.AttributeCombo]
	}
}

// ranks returns the place of each item in the order of compare. Equal items
// share a place.
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
