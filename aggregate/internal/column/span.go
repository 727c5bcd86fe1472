package column

import (
	"iter"
	"math/bits"
	"slices"
)

// CountFrom counts the plain numbers of s from number read on whose position is
// before end: it adds 1 to counts[position] for each, puts the position into has,
// and returns how many there were.
func (c *Column) CountFrom(s *Segment, read int, end uint32, counts []uint32, has Bits) int {
	k := c.chunks[s.chunk]
	if k.pos32 != nil {
		return countFrom(k.pos32[s.pos:][:s.n][read:], end, counts, has)
	}
	return countFrom(k.pos16[s.pos:][:s.n][read:], end, counts, has)
}

func countFrom[P position](pos []P, end uint32, counts []uint32, has Bits) int {
	for i, p := range pos {
		if uint32(p) >= end {
			return i
		}
		counts[p]++
		has[p>>6] |= 1 << (p & 63)
	}
	return len(pos)
}

// Between yields the numbers in b from first up to end, in order.
func (b Bits) Between(first, end int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := first >> 6; i < len(b) && i<<6 < end; i++ {
			word := b[i]
			if i == first>>6 {
				word &^= 1<<(first&63) - 1
			}
			for ; word != 0; word &= word - 1 {
				n := i<<6 + bits.TrailingZeros64(word)
				if n >= end || !yield(n) {
					return
				}
			}
		}
	}
}

// ClearBetween removes the numbers from first up to end from b.
func (b Bits) ClearBetween(first, end int) {
	for n := range b.Between(first, end) {
		b[n>>6] &^= 1 << (n & 63)
	}
}

// DecodeFrom is [Column.Decode] for the plain numbers of s from number read on
// whose position is before end. It returns the number of the first that is not.
func (c *Column) DecodeFrom(s *Segment, read int, end uint32, b *Buffer) (next int) {
	k := c.chunks[s.chunk]
	if k.pos32 != nil {
		b.Pos = copyBefore(b.Pos[:0], k.pos32[s.pos:][:s.n][read:], end)
	} else {
		b.Pos = copyBefore(b.Pos[:0], k.pos16[s.pos:][:s.n][read:], end)
	}
	n, from := len(b.Pos), int(s.val)+read
	b.Val = slices.Grow(b.Val[:0], n)[:n]
	switch s.width {
	case 1:
		widen(b.Val, k.v8[from:][:n], 1)
	case 2:
		widen(b.Val, k.v16[from:][:n], 1)
	case 4:
		widen(b.Val, k.v32[from:][:n], 1)
	default:
		widen(b.Val, k.v64[from:][:n], 1)
	}
	return read + n
}

func copyBefore[P position](dst []uint32, pos []P, end uint32) []uint32 {
	for _, p := range pos {
		if uint32(p) >= end {
			break
		}
		dst = append(dst, uint32(p))
	}
	return dst
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
