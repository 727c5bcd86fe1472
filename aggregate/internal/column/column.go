// Package column keeps the reported values of one data element in columns, and
// walks them fast.
//
// A Column is cut into segments, one for each period and pair of option combos.
// The values of a segment are ordered by the position of their org unit in the
// preorder of the tree, so that all values below a unit are neighbours. A
// segment has one decimal scale and the narrowest width that holds its numbers.
// Odd values, which are not plain numbers, are kept in a small list of their
// own.
package column

import (
	"slices"
	"sync/atomic"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/shopspring/decimal"
)

// A Key is the period and the pair of option combos of a segment, all three as
// numbers that the cube gives them.
type Key struct {
	Period         uint32
	OptionCombo    uint32
	AttributeCombo uint32
}

// A Segment is the values of one Key. Use it only with the Column it is of.
type Segment struct {
	Key
	pos, n, val uint32 // indices of the first position and number; n is the count of both
	chunk       uint16 // index of the chunk that has these positions and numbers
	width       uint8  // bytes of a number: 1, 2, 4 or 8
	Scale       int8   // decimal digits: a number is value × 10^-Scale
	Bits        uint8  // no magnitude has more bits than this
	Zeros       bool   // some numbers are 0
	odd         bool   // some values are odd
}

// Len returns the number of plain numbers in s.
func (s *Segment) Len() int { return int(s.n) }

// Below returns a limit that is greater than the sum of the magnitudes of all
// numbers of s.
func (s *Segment) Below() float64 { return float64(s.n) * float64(uint64(1)<<s.Bits) }

// An Odd is a value that is not a plain number of its segment: a text, a zero
// that is not written "0", a number with too many digits, or one that is marked
// for follow-up.
type Odd struct {
	Segment  uint32 // index in Column.Segments
	Pos      uint32
	Text     string
	Number   decimal.Decimal
	Numeric  bool // Number has the value
	FollowUp bool
}

// Zero reports whether the text of o is exactly "0", which analytics skips.
func (o *Odd) Zero() bool { return o.Numeric && o.Text == "0" }

// A Column holds the values of one data element. It does not change once it is
// built; columns that grew from it share its chunks.
type Column struct {
	Segments []Segment // in the order that Build was given
	Odds     []Odd     // by segment, then position

	// Scale is the largest of all segments, Count the number of plain numbers,
	// and Below is greater than the sum of their magnitudes at that scale.
	Scale int
	Count int
	Below float64

	runs   []uint32 // index of the first segment of each run, and the number of segments
	chunks []*chunk
	units  atomic.Pointer[[]uint32] // cached result of Units; nil until first needed
}

// A chunk is the memory of segments. The size of the tree decides which of the
// two lists of positions is used.
type chunk struct {
	pos16 []uint16
	pos32 []uint32
	v8    []int8
	v16   []int16
	v32   []int32
	v64   []int64
}

// A Run is neighbouring segments of one period: those from First up to End.
type Run struct{ First, End int }

// Runs returns the number of runs. Neighbouring runs have different periods.
func (c *Column) Runs() int { return max(len(c.runs)-1, 0) }

// Run returns run i.
func (c *Column) Run(i int) Run { return Run{int(c.runs[i]), int(c.runs[i+1])} }

// index sets the runs, Scale, Count and Below.
func (c *Column) index() {
	n := 0
	for i := range c.Segments {
		if i == 0 || c.Segments[i].Period != c.Segments[i-1].Period {
			n++
		}
	}
	c.runs, c.Scale, c.Count, c.Below = make([]uint32, 0, n+1), 0, 0, 0
	for i := range c.Segments {
		s := &c.Segments[i]
		if i == 0 || s.Period != c.Segments[i-1].Period {
			c.runs = append(c.runs, uint32(i))
		}
		c.Scale = max(c.Scale, int(s.Scale))
		c.Count += s.Len()
	}
	c.runs = append(c.runs, uint32(len(c.Segments)))
	for i := range c.Segments {
		s := &c.Segments[i]
		c.Below += s.Below() * float64(fixed.Pow10(c.Scale-int(s.Scale)))
	}
}

// Len returns the number of values, odd ones included.
func (c *Column) Len() int {
	n := len(c.Odds)
	for i := range c.Segments {
		n += int(c.Segments[i].n)
	}
	return n
}

// Size returns the bytes that c occupies. A chunk shared with another column
// counts for both.
func (c *Column) Size() int {
	const segment, odd = 32, 64
	n := segment*cap(c.Segments) + odd*cap(c.Odds) + 4*cap(c.runs)
	if had := c.units.Load(); had != nil {
		n += 4 * cap(*had)
	}
	for _, k := range c.chunks {
		n += 2*cap(k.pos16) + 4*cap(k.pos32) + cap(k.v8) + 2*cap(k.v16) + 4*cap(k.v32) + 8*cap(k.v64)
	}
	return n
}

// OddsOf returns the odd values of segment i.
func (c *Column) OddsOf(i int) []Odd {
	first, end := c.oddsOf(i)
	return c.Odds[first:end]
}

// oddsOf returns where the odd values of segment i begin and end.
func (c *Column) oddsOf(i int) (first, end int) {
	if !c.Segments[i].odd {
		return 0, 0
	}
	first, _ = slices.BinarySearchFunc(c.Odds, uint32(i), func(o Odd, s uint32) int { return int(o.Segment) - int(s) })
	end = first
	for end < len(c.Odds) && c.Odds[end].Segment == uint32(i) {
		end++
	}
	return first, end
}

// Units returns the positions that have a value in any segment, in order. tree
// is the number of units of the tree. The list is shared: do not change it.
func (c *Column) Units(tree int) []uint32 {
	if had := c.units.Load(); had != nil {
		return *had
	}
	has := MakeBits(tree)
	for i := range c.Segments {
		s := &c.Segments[i]
		k := c.chunks[s.chunk]
		if k.pos32 != nil {
			setAll(has, k.pos32[s.pos:][:s.n])
		} else {
			setAll(has, k.pos16[s.pos:][:s.n])
		}
	}
	for i := range c.Odds {
		has.Set(int(c.Odds[i].Pos))
	}
	list := []uint32{}
	for pos := range has.All() {
		list = append(list, uint32(pos))
	}
	c.units.Store(&list)
	return list
}

func setAll[P position](has Bits, pos []P) {
	for _, p := range pos {
		has.Set(int(p))
	}
}

// A Buffer is memory for the values of a segment, reused for the next one.
type Buffer struct {
	Pos []uint32
	Val []int64
}

// Decode writes the plain numbers of s, multiplied by times, to b, by position.
func (c *Column) Decode(s *Segment, times int64, b *Buffer) {
	n, k := int(s.n), c.chunks[s.chunk]
	b.Pos = slices.Grow(b.Pos[:0], n)[:n]
	if k.pos32 != nil {
		copy(b.Pos, k.pos32[s.pos:])
	} else {
		widenPositions(b.Pos, k.pos16[s.pos:][:n])
	}
	c.decodeValues(s, 0, n, times, b)
}

// decodeValues writes n numbers of s from number first on to b, multiplied by
// times.
func (c *Column) decodeValues(s *Segment, first, n int, times int64, b *Buffer) {
	k, from := c.chunks[s.chunk], int(s.val)+first
	b.Val = slices.Grow(b.Val[:0], n)[:n]
	switch s.width {
	case 1:
		widen(b.Val, k.v8[from:][:n], times)
	case 2:
		widen(b.Val, k.v16[from:][:n], times)
	case 4:
		widen(b.Val, k.v32[from:][:n], times)
	default:
		widen(b.Val, k.v64[from:][:n], times)
	}
}

type number interface{ int8 | int16 | int32 | int64 }

type position interface{ uint16 | uint32 }

// widen writes the numbers of src, multiplied by times, to dst. Eight in one
// step take a third less time than one by one.
func widen[V number](dst []int64, src []V, times int64) {
	for ; len(src) >= 8; dst, src = dst[8:], src[8:] {
		to, from := (*[8]int64)(dst), (*[8]V)(src)
		to[0], to[1] = int64(from[0])*times, int64(from[1])*times
		to[2], to[3] = int64(from[2])*times, int64(from[3])*times
		to[4], to[5] = int64(from[4])*times, int64(from[5])*times
		to[6], to[7] = int64(from[6])*times, int64(from[7])*times
	}
	for i, v := range src {
		dst[i] = int64(v) * times
	}
}

// widenPositions writes positions to dst, eight in one step.
func widenPositions(dst []uint32, src []uint16) {
	for ; len(src) >= 8; dst, src = dst[8:], src[8:] {
		to, from := (*[8]uint32)(dst), (*[8]uint16)(src)
		to[0], to[1], to[2], to[3] = uint32(from[0]), uint32(from[1]), uint32(from[2]), uint32(from[3])
		to[4], to[5], to[6], to[7] = uint32(from[4]), uint32(from[5]), uint32(from[6]), uint32(from[7])
	}
	for i, p := range src {
		dst[i] = uint32(p)
	}
}
