package aggregate

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Table is the answer to a query. It does not change and is safe for
// concurrent use.
type Table struct {
	grid    grid
	data    []indicator.Item
	hasData bool        // data is kept apart
	parts   []tablePart // one for each data item
	names   naming
}

// A tablePart is the cells of one data item: a column, or the results of an
// indicator.
type tablePart struct {
	units            []uint32 // numbers of the org units that have cells; nil means all
	column           indicator.Column
	results          []indicator.Result
	actual, expected indicator.Column
	rate             bool
}

// values returns the values as a column.
func (p *tablePart) values() indicator.Column {
	if p.results == nil {
		return p.column
	}
	n := len(p.results)
	out := compute.Outcome{Column: compute.Empty(n)}
	for i := range p.results {
		if v := p.results[i].Value; !v.IsMissing() {
			out.SetOther(i, v)
		}
	}
	return out.Column
}

// cells returns the number of cells of a part, with or without value.
func (p *tablePart) cells(g *grid) int {
	if p.units != nil {
		return len(p.units) * len(g.periods) * g.splits
	}
	return g.cells(len(g.periods))
}

func (p *tablePart) value(cell int) indicator.Value {
	if p.results != nil {
		return p.results[cell].Value
	}
	return p.column.At(cell)
}

// Len returns the number of cells that have a value.
func (t *Table) Len() int {
	n := 0
	for i := range t.parts {
		for cell := range t.parts[i].cells(&t.grid) {
			if !t.parts[i].value(cell).IsMissing() {
				n++
			}
		}
	}
	return n
}

// Cells returns the cells that have a value, in the order of the query: by
// data, org unit, period, and the items of Split. What the query does not keep
// apart is zero in a Cell.
func (t *Table) Cells() iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		for i, part := range t.parts {
			for cell := range t.cellsOf(context.Background(), i, part) {
				if !yield(cell) {
					return
				}
			}
		}
	}
}

// cellsOf yields the cells of a part that have a value, until ctx ends.
func (t *Table) cellsOf(ctx context.Context, i int, part tablePart) iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		g := &t.grid
		n := 0
		for unit := range t.unitsOf(&part) {
			for _, p := range g.periods {
				for s := range g.splits {
					if n%betweenCells == 0 && ctx.Err() != nil {
						return
					}
					if v := part.value(n); !v.IsMissing() {
						cell := Cell{
							Data:    t.data[i],
							OrgUnit: unit,
							Period:  p,
							Split:   g.split(s),
							Value:   v,
						}
						part.fill(&cell, n)
						if !yield(cell) {
							return
						}
					}
					n++
				}
			}
		}
	}
}

// unitsOf yields the org units that a part has cells of.
func (t *Table) unitsOf(p *tablePart) iter.Seq[hmis.UID] {
	if p.units == nil {
		return slices.Values(t.grid.units)
	}
	return func(yield func(hmis.UID) bool) {
		for _, u := range p.units {
			if !yield(t.grid.units[u]) {
				return
			}
		}
	}
}

// fill sets the fields of c that show what its value was made of.
func (p *tablePart) fill(c *Cell, n int) {
	switch {
	case p.results != nil:
		r := &p.results[n]
		c.Numerator, c.Denominator = r.Numerator, r.Denominator
		c.Multiplier, c.Divisor = r.Multiplier, r.Divisor
	case p.rate:
		c.Numerator, c.Denominator = p.actual.At(n), p.expected.At(n)
	}
}

// At returns the value of one cell, with one item for each Query.Split; it is
// missing if there is no data, or if the query did not ask for it.
func (t *Table) At(data indicator.Item, unit hmis.UID, p period.Period, split ...hmis.UID) indicator.Value {
	g := &t.grid
	i, u, k := slices.Index(t.data, data), slices.Index(g.units, unit), slices.Index(g.periods, p)
	if i < 0 || u < 0 || k < 0 || len(split) != len(g.axes) {
		return indicator.Value{}
	}
	if units := t.parts[i].units; units != nil {
		var ok bool
		if u, ok = slices.BinarySearch(units, uint32(u)); !ok {
			return indicator.Value{}
		}
	}
	cell := (u*len(g.periods) + k) * g.splits
	for a, item := range split {
		n := slices.Index(g.axes[a].items, item)
		if n < 0 {
			return indicator.Value{}
		}
		cell += n * g.stride[a]
	}
	return t.parts[i].value(cell)
}

// Values returns the cells as data values, so that an answer can be written as
// ADX or loaded into another Cube. They come by org unit, period and split, and
// only then by data item: the values of one report are neighbours. An item that
// is no operand becomes the data element; items of the axes [OptionCombos] and
// [AttributeCombos] become its option combos, and those of other axes are left
// out. The numbers that no form can take are left out as well:
// [Table.NotFinite] yields them. The error is always nil.
func (t *Table) Values() iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		g := &t.grid
		perUnit := len(g.periods) * g.splits
		next := make([]int, len(t.parts)) // for each part, the next unit to yield
		for u := range g.units {
			for cell := range perUnit {
				for i := range t.parts {
					part := &t.parts[i]
					if part.units != nil &&
						(next[i] == len(part.units) || part.units[next[i]] != uint32(u)) {
						continue
					}
					v := part.value(next[i]*perUnit + cell)
					if !v.IsMissing() && isFinite(v) && !yield(t.dataValue(i, u, cell, v), nil) {
						return
					}
				}
			}
			for i := range t.parts {
				if part := &t.parts[i]; part.units == nil ||
					next[i] < len(part.units) && part.units[next[i]] == uint32(u) {
					next[i]++
				}
			}
		}
	}
}

// NotFinite returns the cells whose number is not-a-number or an infinity, as a
// division by zero inside a formula gives. [Table.Values] leaves them out.
func (t *Table) NotFinite() iter.Seq[Cell] {
	return func(yield func(Cell) bool) {
		for cell := range t.Cells() {
			if !isFinite(cell.Value) && !yield(cell) {
				return
			}
		}
	}
}

// isFinite reports whether v can be shown: it is not a number, or is a number
// with a decimal form.
func isFinite(v indicator.Value) bool {
	f, isNumber := v.Float64()
	return !isNumber || !math.IsNaN(f) && !math.IsInf(f, 0)
}

// dataValue returns one value of the table as a data value. data, unit and cell
// are the indices of its item, org unit, and cell within the unit.
func (t *Table) dataValue(data, unit, cell int, v indicator.Value) hmis.DataValue {
	g, item := &t.grid, t.data[data]
	value := hmis.DataValue{
		Key: hmis.Key{
			DataElement:    item.ID,
			OptionCombo:    item.OptionCombo,
			AttributeCombo: item.AttributeCombo,
			OrgUnit:        g.units[unit],
			Period:         g.periods[cell/g.splits],
		},
		Value: v.String(),
	}
	if len(g.axes) > 0 {
		for i, id := range g.split(cell % g.splits) {
			switch g.axes[i].id {
			case OptionCombos:
				value.OptionCombo = id
			case AttributeCombos:
				value.AttributeCombo = id
			}
		}
	}
	return value
}

// itemText writes an item as in a DHIS2 request: "fbfJHSPpUQD.pq2XI5kz2BY".
func itemText(item indicator.Item) string {
	if item.Kind != indicator.SubExpressionItem {
		item.Kind = indicator.AnyItem
	}
	return item.String()
}
