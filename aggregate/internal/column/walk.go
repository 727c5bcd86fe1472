package column

import (
	"iter"
	"slices"
)

// A Stretch is plain numbers of a segment that follow each other without an odd
// value between them, and the odd value behind them. Its lists are good until
// the next Stretch.
type Stretch struct {
	Pos []uint32 // ascending
	Val []int64  // at the scale of the segment
	Odd int      // index in Column.Odds, or -1 if no odd value follows
}

// Values yields all values of segment i by position. A segment without odd
// values is one Stretch. b is room for them.
func (c *Column) Values(i int, b *Buffer) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) {
		cursor := c.Cursor(i)
		cursor.each(^uint32(0), b, yield)
	}
}

// A Cursor reads the values of a segment by position, some at a time.
type Cursor struct {
	column   *Column
	segment  *Segment
	read     int // number of plain numbers read so far
	odd, end int // indices in Column.Odds of the odd values not read yet
}

// Cursor returns a cursor before the first value of segment i.
func (c *Column) Cursor(i int) Cursor {
	first, end := c.oddsOf(i)
	return Cursor{column: c, segment: &c.Segments[i], odd: first, end: end}
}

// Before yields the values from the cursor up to a position, which it does not
// include, and moves the cursor behind them. The caller reads all of them.
func (c *Cursor) Before(end uint32, b *Buffer) iter.Seq[Stretch] {
	return func(yield func(Stretch) bool) { c.each(end, b, yield) }
}

func (c *Cursor) each(end uint32, b *Buffer, yield func(Stretch) bool) {
	c.read = c.column.decodeFrom(c.segment, c.read, end, b)
	from := 0
	for ; c.odd < c.end && c.column.Odds[c.odd].Pos < end; c.odd++ {
		to, pos := from, c.column.Odds[c.odd].Pos
		for to < len(b.Pos) && b.Pos[to] < pos {
			to++
		}
		if !yield(Stretch{b.Pos[from:to], b.Val[from:to], c.odd}) {
			return
		}
		from = to
	}
	if from < len(b.Pos) {
		yield(Stretch{b.Pos[from:], b.Val[from:], -1})
	}
}

// Count counts the values from the cursor up to a position, which it does not
// include: it adds 1 to counts[position] for each and puts the position into
// has. It returns how many there are. The cursor stays.
func (c *Cursor) Count(end uint32, counts []uint32, has Bits) int {
	s, k := c.segment, c.column.chunks[c.segment.chunk]
	n := 0
	if k.pos32 != nil {
		n = countBefore(k.pos32[s.pos:][:s.n][c.read:], end, counts, has)
	} else {
		n = countBefore(k.pos16[s.pos:][:s.n][c.read:], end, counts, has)
	}
	for i := c.odd; i < c.end && c.column.Odds[i].Pos < end; i++ {
		pos := c.column.Odds[i].Pos
		counts[pos]++
		has.Set(int(pos))
		n++
	}
	return n
}

func countBefore[P position](pos []P, end uint32, counts []uint32, has Bits) int {
	pos = before(pos, end)
	for _, p := range pos {
		counts[p]++
		has[p>>6] |= 1 << (p & 63)
	}
	return len(pos)
}

// decodeFrom is [Column.Decode] for the plain numbers of s from number read on
// whose position is before end. next is the number of the first one after them.
func (c *Column) decodeFrom(s *Segment, read int, end uint32, b *Buffer) (next int) {
	k := c.chunks[s.chunk]
	if k.pos32 != nil {
		pos := before(k.pos32[s.pos:][:s.n][read:], end)
		b.Pos = append(b.Pos[:0], pos...)
	} else {
		pos := before(k.pos16[s.pos:][:s.n][read:], end)
		b.Pos = slices.Grow(b.Pos[:0], len(pos))[:len(pos)]
		widenPositions(b.Pos, pos)
	}
	c.decodeValues(s, read, len(b.Pos), 1, b)
	return read + len(b.Pos)
}

// before returns the positions of a list that are before end.
func before[P position](pos []P, end uint32) []P {
	if len(pos) == 0 || uint32(pos[len(pos)-1]) < end {
		return pos
	}
	n, _ := slices.BinarySearch(pos, P(end)) // end is no more than the last one
	return pos[:n]
}

// Has reports whether segment i has a value at a position, odd ones included.
func (c *Column) Has(i int, pos uint32) bool {
	s := &c.Segments[i]
	k := c.chunks[s.chunk]
	var found bool
	if k.pos32 != nil {
		_, found = slices.BinarySearch(k.pos32[s.pos:][:s.n], pos)
	} else if pos <= 1<<16-1 {
		_, found = slices.BinarySearch(k.pos16[s.pos:][:s.n], uint16(pos))
	}
	return found || slices.ContainsFunc(c.OddsOf(i), func(o Odd) bool { return o.Pos == pos })
}
