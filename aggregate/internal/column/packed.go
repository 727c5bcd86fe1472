package column

// CountBits is how many bits of a packed total hold its count, and MaxTotal and
// MaxCount what it can hold: the sum of magnitudes and the sum of weights.
const (
	CountBits = 24
	MaxTotal  = 1 << 38
	MaxCount  = 1 << CountBits
)

// Packed holds a total for each of some places: a sum and a count in one 64-bit
// number, so that one addition does both.
type Packed []int64

// Packs reports whether totals can hold numbers whose magnitudes add up to less
// than total, with weights that add up to less than count.
func Packs(total, count float64) bool { return total < MaxTotal && count < MaxCount }

// Unpack returns the sum and the count of a packed total.
func Unpack(t int64) (sum, count int64) { return t >> CountBits, t & (MaxCount - 1) }

// At returns the sum and the count of one place.
func (p Packed) At(i int) (sum, count int64) { return Unpack(p[i]) }

// Has reports whether the count of one place is more than 0.
func (p Packed) Has(i int) bool { return p[i]&(MaxCount-1) != 0 }

// Add adds a sum and a count to those of place i. The caller has checked that
// they fit.
func (p Packed) Add(i int, sum, count int64) { p[i] += sum<<CountBits + count }

// AddAll adds the totals of other to those of p, place by place. Both have the
// same length.
func (p Packed) AddAll(other Packed) {
	for i, t := range other {
		p[i] += t
	}
}

// A Roll is an instruction to add row, or place, From to row, or place, To.
type Roll struct{ From, To int32 }

// Roll adds the total of place From to that of place To, for each of rolls in
// order.
func (p Packed) Roll(rolls []Roll) {
	for _, r := range rolls {
		p[r.To] += p[r.From]
	}
}
