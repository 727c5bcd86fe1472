package column

import (
	"iter"
	"math/bits"
)

// Bits is a set of small numbers.
type Bits []uint64

// MakeBits returns an empty set for the numbers below n.
func MakeBits(n int) Bits { return make(Bits, (n+63)/64) }

// Set puts i into b.
func (b Bits) Set(i int) { b[i>>6] |= 1 << (i & 63) }

// All yields the numbers in b, in order.
func (b Bits) All() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range b {
			for ; word != 0; word &= word - 1 {
				if !yield(i<<6 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// Has reports whether i is in b.
func (b Bits) Has(i int) bool { return b[i>>6]&(1<<(i&63)) != 0 }

// Clear takes i out of b.
func (b Bits) Clear(i int) { b[i>>6] &^= 1 << (i & 63) }

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
