package column

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// MaxCoef and MaxScale limit the numbers that are staged in 64 bits, four of
// which are for the scale. The scale beside marks an index into the list of
// other values.
const (
	MaxCoef  = 1<<59 - 1
	MaxScale = 14
	beside   = 15
)

// An Other is a staged value that is not a plain number.
type Other struct {
	Text     string
	Number   decimal.Decimal
	Numeric  bool
	FollowUp bool
	Deleted  bool
}

// A Builder stages the values of one data element in any order and makes a
// Column of them. Of two values for the same segment and position the later one
// counts.
type Builder struct {
	keys   []Key    // the key of each segment, by number
	slots  []uint32 // open-addressing table over keys: segment number + 1
	last   uint32   // number of the segment that Segment returned last
	blocks [][]row
	n      int
	others []Other

	// Stop, if not nil, is called now and then while a column is built. Once it
	// returns true, Build returns nil, and the Builder cannot be used any more.
	Stop func() bool
}

type row struct {
	segment, pos uint32
	packed       int64 // value << 4 | scale, or index in others << 4 | beside
}

// firstBlock and lastBlock are the sizes of the smallest and largest block.
// Blocks are not copied when they are full, so that staging wastes little.
const firstBlock, lastBlock = 16, 4096

func (b *Builder) add(r row) {
	last := len(b.blocks) - 1
	if last < 0 || len(b.blocks[last]) == cap(b.blocks[last]) {
		size := firstBlock
		if last >= 0 {
			size = min(2*cap(b.blocks[last]), lastBlock)
		}
		b.blocks = append(b.blocks, make([]row, 0, size))
		last++
	}
	b.blocks[last] = append(b.blocks[last], r)
	b.n++
}

// Segment returns the number of the segment with this key.
func (b *Builder) Segment(k Key) uint32 {
	// Try the last segment and the next one first, as forms repeat their order.
	for n := b.last; n < min(b.last+2, uint32(len(b.keys))); n++ {
		if b.keys[n] == k {
			b.last = n
			return n
		}
	}
	if 2*len(b.keys) >= len(b.slots) {
		b.grow()
	}
	slot := b.slot(k)
	if b.slots[slot] == 0 {
		b.keys = append(b.keys, k)
		b.slots[slot] = uint32(len(b.keys))
	}
	b.last = b.slots[slot] - 1
	return b.last
}

// slot returns the index of k in the table, or that of the free slot where k
// belongs.
func (b *Builder) slot(k Key) uint64 {
	h := (uint64(k.Period)<<40 ^ uint64(k.OptionCombo)<<20 ^ uint64(k.AttributeCombo)) * 0x9e3779b97f4a7c15
	mask := uint64(len(b.slots) - 1)
	for i := h >> 32; ; i++ {
		if n := b.slots[i&mask]; n == 0 || b.keys[n-1] == k {
			return i & mask
		}
	}
}

func (b *Builder) grow() {
	b.slots = make([]uint32, max(16, 2*len(b.slots)))
	for i, k := range b.keys {
		b.slots[b.slot(k)] = uint32(i) + 1
	}
}

// Len returns the number of values staged.
func (b *Builder) Len() int { return b.n }

// Fits reports whether a number can be staged as it is.
func Fits(coef int64, scale int) bool {
	return coef <= MaxCoef && coef >= -MaxCoef && 0 <= scale && scale <= MaxScale
}

// Add stages a plain number that Fits.
func (b *Builder) Add(segment, pos uint32, coef int64, scale int) {
	b.add(row{segment, pos, pack(coef, scale)})
}

// pack puts a number into one word. Trailing zeros are cut, so that equal
// numbers make equal columns however they are written.
func pack(coef int64, scale int) int64 {
	for scale > 0 && coef%10 == 0 {
		coef, scale = coef/10, scale-1
	}
	return coef<<4 | int64(scale)
}

// AddOther stages a value that is not a plain number.
func (b *Builder) AddOther(segment, pos uint32, o Other) {
	b.others = append(b.others, o)
	b.add(row{segment, pos, int64(len(b.others)-1)<<4 | beside})
}

// Build returns a column of the staged values and those of base, which may be
// nil. Staged values win. units is the size of the tree, and order compares the
// keys of segments. Segments without staged values are shared with base. The
// Builder is empty afterwards.
func (b *Builder) Build(units int, base *Column, order func(a, b Key) int) *Column {
	rows := b.sorted(units)
	keys, others, stop := b.keys, b.others, b.Stop
	*b = Builder{}
	if stop != nil && stop() {
		return nil
	}

	// start[i] is the index of the first row of segment i.
	start := make([]int, len(keys)+1)
	for _, r := range rows {
		start[r.segment+1]++
	}
	for i := range keys {
		start[i+1] += start[i]
	}

	// Segments are numbered in the order of staging: put them into their order.
	index := make([]uint32, len(keys))
	for i := range index {
		index[i] = uint32(i)
	}
	slices.SortFunc(index, func(x, y uint32) int { return order(keys[x], keys[y]) })

	w := newWriter(units, len(rows), len(keys), base)
	for _, k := range index {
		if stop != nil && stop() {
			return nil
		}
		w.keepBefore(keys[k], order)
		w.write(keys[k], w.take(keys[k]).with(rows[start[k]:start[k+1]], others))
	}
	w.keepRest()
	return w.finish()
}

// sorted returns the staged rows by segment and position, only the last of
// those for the same position. Units mostly report in the order of the tree, so
// that rows are sorted once they are grouped by segment.
func (b *Builder) sorted(units int) []row {
	rows := b.bySegment()
	switch {
	case b.stopped():
		return nil
	case slices.IsSortedFunc(rows, compareRows):
	case 4*len(rows) > units:
		spare := make([]row, len(rows))
		b.countingSort(spare, rows, units, func(r *row) uint32 { return r.pos })
		b.countingSort(rows, spare, len(b.keys), func(r *row) uint32 { return r.segment })
	default:
		slices.SortStableFunc(rows, compareRows)
	}
	kept := rows[:0]
	for i, r := range rows {
		if i%betweenStops == 0 && b.stopped() {
			return nil
		}
		if i+1 < len(rows) && rows[i+1].segment == r.segment && rows[i+1].pos == r.pos {
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

func (b *Builder) stopped() bool { return b.Stop != nil && b.Stop() }

func compareRows(x, y row) int {
	if x.segment != y.segment {
		return cmp.Compare(x.segment, y.segment)
	}
	return cmp.Compare(x.pos, y.pos)
}

// bySegment moves the rows from their blocks to one list, by segment, in the
// order of staging. It is a counting sort, which is linear as each segment has
// a row.
func (b *Builder) bySegment() []row {
	next := make([]uint32, len(b.keys)+1)
	for _, block := range b.blocks {
		for i := range block {
			next[block[i].segment+1]++
		}
	}
	if b.stopped() {
		return nil
	}
	for i := range b.keys {
		next[i+1] += next[i]
	}
	rows := make([]row, b.n)
	for k, block := range b.blocks {
		if k%(betweenStops/lastBlock) == 0 && b.stopped() {
			return nil
		}
		for i := range block {
			n := &next[block[i].segment]
			rows[*n] = block[i]
			*n++
		}
		b.blocks[k] = nil
	}
	return rows
}

// betweenStops is how many rows are moved between calls of Stop.
const betweenStops = 1 << 16

func (b *Builder) countingSort(dst, src []row, n int, key func(*row) uint32) {
	next := make([]uint32, n+1)
	for i := range src {
		next[key(&src[i])+1]++
	}
	for i := range n {
		next[i+1] += next[i]
	}
	for i := range src {
		if i%betweenStops == 0 && b.stopped() {
			return
		}
		k := key(&src[i])
		dst[next[k]] = src[i]
		next[k]++
	}
}
