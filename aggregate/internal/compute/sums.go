package compute

import (
	"math/bits"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
	"github.com/shopspring/decimal"
)

// sums has a sum of values times weight, and the sum of weights, for each
// place. Small sums share one 64-bit number with their weight. Before either
// could overflow both are moved to wide and weights, and from there to long,
// where numbers may have any length.
type sums struct {
	scale  int
	packed column.Packed
	total  float64 // upper limits of the packed sums and counts
	count  float64

	wide    []int64 // sums too large to be packed; nil until there is one
	weights []int64
	room    float64 // how much can still be added before a wide sum could overflow

	long map[int]decimal.Decimal
}

// wideRoom is the limit below which all wide sums are kept.
const wideRoom = 1 << 61

func newSums(n, scale int) sums {
	s := sums{scale: scale, packed: pool.Numbers.Get(n), room: wideRoom}
	clear(s.packed)
	return s
}

// free returns the largest arrays to a pool. Do not use the sums afterwards.
func (s *sums) free() {
	pool.Numbers.Put(s.packed)
	s.packed = nil
}

func (s *sums) has(at int) bool {
	return s.packed.Has(at) || s.weights != nil && s.weights[at] != 0
}

// short returns the sum and the weight of one place, without the part in long.
func (s *sums) short(at int) (sum, weight int64) {
	sum, weight = s.packed.At(at)
	if s.wide != nil {
		sum, weight = sum+s.wide[at], weight+s.weights[at]
	}
	return sum, weight
}

// exact returns the sum and the weight of one place.
func (s *sums) exact(at int) (sum decimal.Decimal, weight int64) {
	n, weight := s.short(at)
	return decimal.New(n, -int32(s.scale)).Add(s.long[at]), weight
}

// add adds one value to a place.
func (s *sums) add(at int, v Amount, weight int64) {
	if n, ok := v.at(s.scale, weight); ok {
		s.addShort(at, n, weight)
		return
	}
	s.addWide(at, 0, weight)
	s.addLong(at, v.Decimal().Mul(decimal.NewFromInt(weight)))
}

// addShort adds a value that has been multiplied, at the scale of s.
func (s *sums) addShort(at int, n, weight int64) {
	if s.reserve(float64(fixed.Magnitude(n)), float64(weight)) {
		s.packed.Add(at, n, weight)
	} else {
		s.addWide(at, n, weight)
	}
}

// addWide adds a sum at the scale of s, with its weights, to one place.
func (s *sums) addWide(at int, sum, weight int64) {
	s.widen()
	s.need(float64(fixed.Magnitude(sum)))
	s.wide[at] += sum
	s.weights[at] += weight
}

func (s *sums) addLong(at int, d decimal.Decimal) {
	if s.long == nil {
		s.long = map[int]decimal.Decimal{}
	}
	s.long[at] = s.long[at].Add(d)
}

// addRow adds the n places that begin at from to the n places that begin at at.
// The caller knows that nothing overflows.
func (s *sums) addRow(at, from, n int) {
	s.packed[at:][:n].AddAll(s.packed[from:][:n])
	if s.wide == nil {
		return
	}
	for i := range n {
		s.addMoved(at+i, from+i)
	}
}

// roll adds places of one row to other places of that row. The caller knows
// that nothing overflows.
func (s *sums) roll(first, n int, rolls []column.Roll) {
	s.packed[first:][:n].Roll(rolls)
	if s.wide == nil {
		return
	}
	for _, r := range rolls {
		s.addMoved(first+int(r.To), first+int(r.From))
	}
}

// addMoved adds what was moved out of the packed sum of one place to another.
func (s *sums) addMoved(to, from int) {
	s.wide[to] += s.wide[from]
	s.weights[to] += s.weights[from]
	if d, ok := s.long[from]; ok {
		s.addLong(to, d)
	}
}

// times returns what the numbers of a segment are multiplied by to be added at
// some scale. ok is false if they may then be too large.
func times(scale int, s *column.Segment, weight int64) (n int64, ok bool) {
	digits := scale - int(s.Scale)
	if digits > fixed.MaxPow {
		return 0, false
	}
	n, ok = fixed.Mul(fixed.Pow10(digits), weight)
	return n, ok && int(s.Bits)+bits.Len64(uint64(n)) < 61
}

// reserveAll is [sums.reserve] for all segments of a column, with the largest
// weight that any of them has. If it is false, some may still fit.
func (s *sums) reserveAll(c *column.Column, weight int64) bool {
	if s.scale > fixed.MaxPow {
		return false
	}
	times := float64(fixed.Pow10(s.scale-c.Scale)) * float64(weight)
	return s.reserve(c.Below*times, float64(c.Count)*float64(weight))
}

// reserve makes room among what is packed for numbers whose magnitudes add up
// to less than total, and their weights to count. It reports whether they fit
// there at all.
func (s *sums) reserve(total, count float64) bool {
	if !column.Packs(total, count) {
		return false
	}
	if !column.Packs(s.total+total, s.count+count) {
		s.unpack()
	}
	s.total, s.count = s.total+total, s.count+count
	return true
}

// unpack moves all packed sums and weights to wide and weights, which have more
// room.
func (s *sums) unpack() {
	s.widen()
	s.need(s.total)
	for i, t := range s.packed {
		if t != 0 {
			sum, weight := column.Unpack(t)
			s.wide[i] += sum
			s.weights[i] += weight
			s.packed[i] = 0
		}
	}
	s.total, s.count = 0, 0
}

func (s *sums) widen() {
	if s.wide == nil {
		s.wide, s.weights = make([]int64, len(s.packed)), make([]int64, len(s.packed))
	}
}

// need makes room for a number among the wide sums.
func (s *sums) need(bound float64) {
	if s.room -= bound; s.room >= 0 {
		return
	}
	for i, n := range s.wide {
		if n != 0 {
			s.addLong(i, decimal.New(n, -int32(s.scale)))
			s.wide[i] = 0
		}
	}
	s.room = wideRoom - bound
}

// isLong reports whether a part of the sum of a place is in long.
func (s *sums) isLong(at int) bool {
	if len(s.long) == 0 {
		return false
	}
	_, is := s.long[at]
	return is
}
