package quality

import (
	"math"
	"math/bits"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// blockCells is the number of cells that are filled and compared at a time. It
// is a multiple of 64, so that blocks share no word of a bitset.
const blockCells = 4096

// A block has the values of all items of a rule class in some cells, one column
// for each item. Its memory is reused for the next block.
type block struct {
	class *ruleClass
	tree  *orgunit.Tree
	first int // number in the stage of the block's first cell
	cells []cell
	items []blockItem
	index []int32 // for the current attribute combo, the cell at each position, as its index in cells plus 1
}

// A blockItem has the values of one item in the cells of a block.
type blockItem struct {
	col indicator.Column // the column that expressions read

	coef  []int64
	scale int
	// from has the length of the period that each cell's value comes from,
	// counted from 1. It is 0 for a cell without a value.
	from    []uint8
	missing []bool
	any     bool                    // some cell has a value
	present bitset                  // the cells with a stored value
	others  map[int]indicator.Value // values of cells that do not fit into coef
}

func newBlock(class *ruleClass, tree *orgunit.Tree) *block {
	return &block{class: class, tree: tree, items: make([]blockItem, len(class.items)), index: make([]int32, tree.Len())}
}

// fill reads the values of up to blockCells cells from first on.
func (b *block) fill(st *stage, first int, out *outside, p period.Period) {
	b.first, b.cells = first, b.cells[:0]
	end := min(first+blockCells, st.cells)
	for n := range b.items {
		b.items[n].reset(end-first, st.scales[n])
	}
	for i := range st.attrs {
		a := &st.attrs[i]
		if from, to := max(first-a.first, 0), min(end-a.first, len(a.places)); from < to {
			b.read(a, uint32(i), a.places[from:to])
		}
	}
	for n, item := range b.class.items {
		if item.Kind == indicator.DataElementItem {
			b.items[n].finish()
			continue
		}
		b.items[n].col = b.outside(&b.items[n], item, out, p)
		b.items[n].any = true
	}
}

// read adds the values of one attribute combo at the positions in places.
func (b *block) read(a *stagedAttr, attr uint32, places []uint32) {
	for _, pos := range places {
		b.cells = append(b.cells, cell{pos, attr})
		b.index[pos] = int32(len(b.cells))
	}
	for i := range a.segments {
		b.add(&a.segments[i], places[0], places[len(places)-1])
	}
	for _, pos := range places {
		b.index[pos] = 0
	}
}

// add counts the values of one segment at the positions from low to high.
func (b *block) add(s *stagedSegment, low, high uint32) {
	from, _ := slices.BinarySearch(s.Places, low)
	for i := from; i < len(s.Places) && s.Places[i] <= high; i++ {
		at := int(b.index[s.Places[i]]) - 1
		for _, n := range s.items {
			item := &b.items[n]
			if item.from[at] != 0 && int(item.from[at]) <= s.length {
				continue // a shorter period already has a value
			}
			if item.count(at, s.kind, &s.Column, i) {
				item.from[at] = uint8(s.length + 1)
			}
		}
	}
}

// outside fills a column with an item that is no stored value, such as a
// constant.
func (b *block) outside(room *blockItem, item indicator.Item, out *outside, p period.Period) indicator.Column {
	if len(b.cells) == 0 {
		return indicator.Column{}
	}
	if everywhere(item) {
		return indicator.Constant(out.at(item, "", p))
	}
	last, value := uint32(math.MaxUint32), indicator.Value{}
	for i, c := range b.cells {
		if c.pos != last {
			last, value = c.pos, out.at(item, b.tree.At(int(c.pos)), p)
		}
		room.missing[i] = value.IsMissing()
		if !value.IsMissing() {
			room.set(i, value)
		}
	}
	return room.column()
}

// count adds value i of a column to a cell. A value that is no number is stored
// in the cell instead. ok is false if an expression cannot read the value.
func (b *blockItem) count(cell int, kind valueKind, column *indicator.Column, i int) (ok bool) {
	other, odd := column.Other[i]
	switch {
	case kind == asNumber && !odd:
		b.addNumber(cell, column.Coef[i], column.Scale)
	case kind == asNumber:
		if _, ok := other.Decimal(); !ok {
			return false
		}
		b.addOther(cell, other)
	case kind == asTruth:
		b.set(cell, indicator.Truth(column.Coef[i] != 0))
	case odd:
		b.set(cell, other)
	default:
		return false
	}
	if b.from[cell] == 0 {
		b.from[cell] = 1
	}
	return true
}

// value returns the value of a cell.
func (b *blockItem) value(cell int) indicator.Value {
	if b == nil || b.from[cell] == 0 {
		return indicator.Value{}
	}
	if len(b.others) > 0 {
		if v, ok := b.others[cell]; ok {
			return v
		}
	}
	return indicator.Scaled(b.coef[cell], b.scale)
}

// reset prepares an item for n cells.
func (b *blockItem) reset(n, scale int) {
	if cap(b.from) < n {
		b.coef, b.from, b.missing = make([]int64, n), make([]uint8, n), make([]bool, n)
	}
	b.coef, b.from, b.missing = b.coef[:n], b.from[:n], b.missing[:n]
	b.scale, b.any = scale, false
	clear(b.coef)
	clear(b.from)
	clear(b.others)
}

// finish completes the column of stored values, so that expressions can read
// it.
func (b *blockItem) finish() {
	if b.present == nil {
		b.present = newBitset(blockCells)
	}
	clear(b.present)
	for i, from := range b.from {
		b.missing[i] = from == 0
		if from != 0 {
			b.present.set(i)
			b.any = true
		}
	}
	b.col = b.column()
}

// at returns the column reduced to the given cells. It uses the memory of room.
func (b *blockItem) at(cells []int32, room *fewCells) indicator.Column {
	c := indicator.Column{Coef: room.coef[:len(cells)], Missing: room.missing[:len(cells)], Scale: b.scale}
	for i, cell := range cells {
		c.Coef[i], c.Missing[i] = b.coef[cell], b.missing[cell]
	}
	if len(b.others) == 0 {
		return c
	}
	if room.others == nil {
		room.others = map[int]indicator.Value{}
	}
	clear(room.others)
	for i, cell := range cells {
		if v, ok := b.others[int(cell)]; ok {
			room.others[i] = v
		}
	}
	if len(room.others) > 0 {
		c.Other = room.others
	}
	return c
}

func (b *blockItem) column() indicator.Column {
	c := indicator.Column{Coef: b.coef, Scale: b.scale, Missing: b.missing}
	if len(b.others) > 0 {
		c.Other = b.others
	}
	return c
}

// has reports whether a cell has a value.
func (b *blockItem) has(cell int) bool { return b != nil && b.from[cell] != 0 }

// set stores a value that is not added up in a cell.
func (b *blockItem) set(cell int, v indicator.Value) {
	if b.others == nil {
		b.others = map[int]indicator.Value{}
	}
	b.others[cell] = v
}

// addNumber adds coef × 10^-scale to a cell.
func (b *blockItem) addNumber(cell int, coef int64, scale int) {
	times := pow10(b.scale - scale)
	if _, odd := b.others[cell]; times > 0 && !odd {
		if sum, ok := addProduct(b.coef[cell], coef, times); ok {
			b.coef[cell] = sum
			return
		}
	}
	b.addOther(cell, indicator.Scaled(coef, scale))
}

// addOther adds a number of any size to a cell. The first number is kept as it
// is, even if it is -0.
func (b *blockItem) addOther(cell int, v indicator.Value) {
	if b.from[cell] == 0 || v.Equal(minusZero) && b.others[cell].Equal(minusZero) {
		b.set(cell, v)
		return
	}
	sum, ok := b.others[cell].Decimal()
	if !ok {
		sum, _ = indicator.Scaled(b.coef[cell], b.scale).Decimal()
	}
	d, _ := v.Decimal()
	b.set(cell, indicator.Num(sum.Add(d)))
}

var minusZero = indicator.Float(math.Copysign(0, -1))

// addProduct returns sum + coef × times. ok is false if it has more than 64 bits.
func addProduct(sum, coef, times int64) (result int64, ok bool) {
	high, low := bits.Mul64(uint64(max(coef, -coef)), uint64(times))
	if high != 0 || low > math.MaxInt64/2 || sum > math.MaxInt64/2 || sum < math.MinInt64/2 {
		return 0, false
	}
	if coef < 0 {
		return sum - int64(low), true
	}
	return sum + int64(low), true
}

// pow10 returns 10^n, or 0 if it has more than 63 bits.
func pow10(n int) int64 {
	if n > 18 {
		return 0
	}
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// keyOf returns the org unit, period and attribute combo of a cell.
func (b *block) keyOf(st *stage, p period.Period, at int) hmis.Key {
	c := b.cells[at]
	return hmis.Key{OrgUnit: b.tree.At(int(c.pos)), Period: p, AttributeCombo: st.attrs[c.attr].id}
}
