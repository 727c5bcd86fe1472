package column

import "slices"

// CountFrom counts the plain numbers of s from number read on whose position is
// before end, adds 1 to counts[position-first] for each, and returns how many
// there were.
func (c *Column) CountFrom(s *Segment, read int, first, end uint32, counts []uint32) int {
	k := c.chunks[s.chunk]
	if k.pos32 != nil {
		return countFrom(k.pos32[s.pos:][:s.n][read:], first, end, counts)
	}
	return countFrom(k.pos16[s.pos:][:s.n][read:], first, end, counts)
}

func countFrom[P position](pos []P, first, end uint32, counts []uint32) int {
	for i, p := range pos {
		if uint32(p) >= end {
			return i
		}
		counts[uint32(p)-first]++
	}
	return len(pos)
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
