package column

import "sort"

// CountBits is how many bits of a packed total hold its count, and MaxTotal and
// MaxCount what it can hold: the sum of magnitudes and the sum of weights.
const (
	CountBits = 24
	MaxTotal  = 1 << 38
	MaxCount  = 1 << CountBits
)

// Unpack returns the sum and the count of a packed total.
func Unpack(t int64) (sum, count int64) { return t >> CountBits, t & (MaxCount - 1) }

// Scatter adds each plain number of s, multiplied by times, to the packed total
// dst[place[p]], where p is the position of its org unit, and weight to its
// count: one addition does both. Index 0 is where positions go that are not
// asked for. With skipZeros a 0 adds nothing. The caller has made sure that no
// total overflows.
func (c *Column) Scatter(s *Segment, place []uint32, times, weight int64, dst []int64, skipZeros bool) {
	k := c.chunks[s.chunk]
	times <<= CountBits
	if k.pos32 != nil {
		scatterWidth(k, s, k.pos32[s.pos:][:s.n], place, times, weight, dst, skipZeros && s.Zeros)
	} else {
		scatterWidth(k, s, k.pos16[s.pos:][:s.n], place, times, weight, dst, skipZeros && s.Zeros)
	}
}

func scatterWidth[P position](k *chunk, s *Segment, pos []P, place []uint32, times, weight int64, dst []int64, skipZeros bool) {
	switch s.width {
	case 1:
		scatter(pos, k.v8[s.val:][:s.n], place, times, weight, dst, skipZeros)
	case 2:
		scatter(pos, k.v16[s.val:][:s.n], place, times, weight, dst, skipZeros)
	case 4:
		scatter(pos, k.v32[s.val:][:s.n], place, times, weight, dst, skipZeros)
	default:
		scatter(pos, k.v64[s.val:][:s.n], place, times, weight, dst, skipZeros)
	}
}

func scatter[P position, V number](pos []P, val []V, place []uint32, times, weight int64, dst []int64, skipZeros bool) {
	val = val[:len(pos)]
	if skipZeros {
		for i, p := range pos {
			if v := val[i]; v != 0 {
				dst[place[p]] += int64(v)*times + weight
			}
		}
		return
	}
	for i, p := range pos {
		dst[place[p]] += int64(val[i])*times + weight
	}
}

// Span adds up the plain numbers of s at the positions from first up to end. It
// counts those that are 0 apart.
func (c *Column) Span(s *Segment, first, end uint32) (sum int64, n, zeros int) {
	k := c.chunks[s.chunk]
	if k.pos32 != nil {
		return spanWidth(k, s, k.pos32[s.pos:][:s.n], first, end)
	}
	return spanWidth(k, s, k.pos16[s.pos:][:s.n], first, end)
}

func spanWidth[P position](k *chunk, s *Segment, pos []P, first, end uint32) (int64, int, int) {
	lo := sort.Search(len(pos), func(i int) bool { return uint32(pos[i]) >= first })
	hi := lo + sort.Search(len(pos)-lo, func(i int) bool { return uint32(pos[lo+i]) >= end })
	switch s.width {
	case 1:
		return total(k.v8[s.val:][:s.n][lo:hi], s.Zeros)
	case 2:
		return total(k.v16[s.val:][:s.n][lo:hi], s.Zeros)
	case 4:
		return total(k.v32[s.val:][:s.n][lo:hi], s.Zeros)
	default:
		return total(k.v64[s.val:][:s.n][lo:hi], s.Zeros)
	}
}

func total[V number](val []V, countZeros bool) (sum int64, n, zeros int) {
	for _, v := range val {
		sum += int64(v)
	}
	if countZeros {
		for _, v := range val {
			if v == 0 {
				zeros++
			}
		}
	}
	return sum, len(val), zeros
}

// Bits is a set of small numbers.
type Bits []uint64

// MakeBits returns an empty set for the numbers below n.
func MakeBits(n int) Bits { return make(Bits, (n+63)/64) }

// Set puts i into b.
func (b Bits) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// Has reports whether i is in b.
func (b Bits) Has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }
