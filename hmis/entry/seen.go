package entry

import "math/bits"

// seen remembers which combinations of cell, unit and period have occurred. It
// is a hash table of blocks: one key with 64 bits, for 8 cells at 8 units in
// one period. If all facilities of a country report the same cells, a value
// needs less than a byte; isolated values need 16 to 43 bytes. The numbers are
// exact, so different values never count as equal.
type seen struct {
	table []block // open addressing; its length is a power of two
	n     int     // number of blocks in use
	last  int     // index of the block used last
}

type block struct {
	key  uint64 // 0 marks a free block
	bits uint64
}

// Widths in bits of the parts of a key: one million units and periods, and 16
// million cells.
const (
	unitBits = 20
	spanBits = 20
	cellBits = 24
)

// add adds a value. again reports whether it was there before. ok is false if a
// number is too large.
func (s *seen) add(cell, unit, span uint32) (again, ok bool) {
	if unit>>unitBits|span>>spanBits|cell>>cellBits != 0 {
		return false, false
	}
	if len(s.table) == 0 {
		s.grow()
	}
	key := uint64(cell>>3)<<(unitBits+spanBits) | uint64(span)<<unitBits | uint64(unit>>3) + 1
	bit := uint64(1) << (cell&7<<3 | unit&7)
	b := &s.table[s.last]
	if b.key != key {
		s.last = s.find(key)
		if b = &s.table[s.last]; b.key == 0 {
			b.key = key
			if s.n++; 4*s.n > 3*len(s.table) {
				s.grow()
				b = &s.table[s.last]
			}
		}
	}
	again = b.bits&bit != 0
	b.bits |= bit
	return again, true
}

// find returns the index of the block with this key, or of the free block where
// it belongs.
func (s *seen) find(key uint64) int {
	mask := uint64(len(s.table) - 1)
	hi, lo := bits.Mul64(key^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	i := (hi ^ lo) & mask
	for s.table[i].key != 0 && s.table[i].key != key {
		i = (i + 1) & mask
	}
	return int(i)
}

// grow doubles the table. last then has the new index of the same block.
func (s *seen) grow() {
	old, last := s.table, uint64(0)
	if len(old) > 0 {
		last = old[s.last].key
	}
	s.table = make([]block, max(256, 2*len(old)))
	for _, b := range old {
		if b.key != 0 {
			s.table[s.find(b.key)] = b
		}
	}
	if s.last = 0; last != 0 {
		s.last = s.find(last)
	}
}

// size returns how many bytes the table takes.
func (s *seen) size() int64 { return 16 * int64(len(s.table)) }
