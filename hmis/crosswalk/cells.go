package crosswalk

import (
	"github.com/shopspring/decimal"
)

// Limits of a translation: the number of entries, org units and periods.
const (
	entryBits, unitBits, periodBits = 20, 24, 20

	maxEntries, maxUnits, maxPeriods = 1 << entryBits, 1 << unitBits, 1 << periodBits
)

// cells holds the sums: one cell for each entry, target org unit and target
// period that has a value. Sixteen consecutive periods share a block. Values of
// one entry and unit mostly have nearby periods, so block lookups are rare.
type cells struct {
	pieces [][]cell // pieces of pieceSize cells, so that growing copies none
	n      uint32   // number of cells
	blocks []block
	places map[blockKey]uint32 // index of each block
	recent []recentBlock       // the block last used by each entry

	spread [][]uint64        // bit sets of cells that have more than 64 parts
	big    []decimal.Decimal // sums that do not fit in an int64
}

// pieceSize is the number of cells in a piece.
const pieceSize = 1 << 12

// cell returns cell i.
func (c *cells) cell(i uint32) *cell { return &c.pieces[i/pieceSize][i%pieceSize] }

// A cell contains no pointers, so that the garbage collector need not scan
// millions of them.
type cell struct {
	coef    int64  // the sum is coef × 10^-scale, or
	big     uint32 // if not 0, the sum is cells.big[big-1]
	scale   int8
	present uint64 // bit set of parts that have a value, if there are at most 64
	spread  uint32 // if not 0, the bit set is cells.spread[spread-1]
	latest  uint32 // 1 + the last part that has a value
}

// A blockKey packs an entry, an org unit and a number of sixteen periods, from
// the highest bits to the lowest.
type blockKey uint64

const blockBits = 4 // sixteen periods per block

func keyOf(entry, unit, period uint32) blockKey {
	return blockKey(entry)<<(unitBits+periodBits) | blockKey(unit)<<periodBits | blockKey(period>>blockBits)
}

func (k blockKey) entry() uint32 { return uint32(k >> (unitBits + periodBits)) }
func (k blockKey) unit() uint32  { return uint32(k >> periodBits & (maxUnits - 1)) }

// period returns the number of period i of the block.
func (k blockKey) period(i int) uint32 { return uint32(k&(maxPeriods-1))<<blockBits | uint32(i) }

type block struct {
	key   blockKey
	cells [1 << blockBits]uint32 // 1 + the index of each cell; 0 means none
}

// A recentBlock is the block that an entry used last.
type recentBlock struct {
	key   blockKey
	place uint32 // 1 + the index of the block; 0 means none
}

func newCells(entries int) *cells {
	return &cells{places: map[blockKey]uint32{}, recent: make([]recentBlock, entries)}
}

// held estimates the bytes that the cells take.
func (c *cells) held() int { return int(c.n)*40 + len(c.blocks)*104 + (len(c.spread)+len(c.big))*72 }

// at returns the cell of an entry, unit and period, which it adds if needed.
// The pointer is valid until the next call. parts is the number of source
// periods in the period.
func (c *cells) at(entry, unit, period uint32, parts int) *cell {
	key := keyOf(entry, unit, period)
	recent := &c.recent[entry]
	if recent.place == 0 || recent.key != key {
		place, met := c.places[key]
		if !met {
			place = uint32(len(c.blocks))
			c.places[key] = place
			c.blocks = append(c.blocks, block{key: key})
		}
		*recent = recentBlock{key, place + 1}
	}
	at := &c.blocks[recent.place-1].cells[period&(1<<blockBits-1)]
	if *at == 0 {
		if c.n%pieceSize == 0 {
			c.pieces = append(c.pieces, make([]cell, pieceSize))
		}
		c.n++
		*at = c.n
		if parts > 64 {
			c.spread = append(c.spread, make([]uint64, (parts+63)/64))
			c.cell(c.n - 1).spread = uint32(len(c.spread))
		}
	}
	return c.cell(*at - 1)
}

// add adds a number to a cell, for one part of its period. For a stock, only
// the numbers of the latest part count.
func (c *cells) add(to *cell, part uint32, n number, stock bool) {
	if to.spread == 0 {
		to.present |= 1 << part
	} else {
		c.spread[to.spread-1][part/64] |= 1 << (part % 64)
	}
	switch {
	case !stock || part+1 == to.latest:
		c.set(to, c.sum(to).plus(n))
	case part+1 > to.latest:
		c.set(to, n)
	}
	to.latest = max(to.latest, part+1)
}

// sum returns the sum of a cell.
func (c *cells) sum(of *cell) number {
	if of.big != 0 {
		return number{big: &c.big[of.big-1]}
	}
	return number{coef: of.coef, scale: of.scale}
}

func (c *cells) set(to *cell, n number) {
	switch {
	case n.big == nil:
		to.coef, to.scale = n.coef, n.scale
		if to.big != 0 {
			c.big[to.big-1] = n.decimal()
		}
	case to.big == 0:
		c.big = append(c.big, *n.big)
		to.big = uint32(len(c.big))
	default:
		c.big[to.big-1] = *n.big
	}
}

// has reports whether a part of a cell has a value.
func (c *cells) has(of *cell, part int) bool {
	if of.spread == 0 {
		return of.present>>part&1 != 0
	}
	return c.spread[of.spread-1][part/64]>>(part%64)&1 != 0
}
