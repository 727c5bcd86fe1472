package aggregate

import (
	"cmp"
	"math/big"
	"math/bits"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// An amount is one value on its way: a number as coef × 10^-scale, or a number
// too long for that, or a text.
type amount struct {
	coef  int64
	scale int32
	long  *decimal.Decimal
	text  string
}

func amountOf(d decimal.Decimal) amount {
	if d.Exponent() > 0 || d.NumDigits() > 18 { // asking its coefficient would make a copy of it
		long := d
		return amount{long: &long}
	}
	return amount{coef: d.CoefficientInt64(), scale: -d.Exponent()}
}

func (v amount) decimal() decimal.Decimal {
	if v.long != nil {
		return *v.long
	}
	return decimal.New(v.coef, -v.scale)
}

// at returns the amount as an integer with the given scale and multiplied, if
// that is exact and far from the limits of 64 bits.
func (v amount) at(scale int, times int64) (int64, bool) {
	if v.long != nil || int(v.scale) > scale || scale-int(v.scale) > fixed.MaxPow {
		return 0, false
	}
	n, ok := fixed.Mul(v.coef, fixed.Pow10(scale-int(v.scale)))
	if ok {
		n, ok = fixed.Mul(n, times)
	}
	return n, ok && fixed.Magnitude(n) < 1<<61
}

// An accumulator holds what a part has gathered so far: for each row, split and
// place whatever its aggregate needs. Totals and counts share one 64-bit number
// as long as both are small; before either could overflow they are moved to sum
// and num, and from there, if need be, to spill, where numbers have any length.
type accumulator struct {
	aggregate aggregate
	scale     int
	splits    int
	stride    int // places + 1: what is not asked for goes to place 0

	packed []int64 // totals of values times weight, with counts of weights
	total  float64 // bounds of what is packed
	count  float64
	sum    []int64 // nil until something was moved here
	num    []int64
	room   float64 // left before a sum could overflow

	best   []int64     // least or greatest
	seen   column.Bits // where there is one, and where a value is picked or spread
	words  int         // of seen, in a row
	spill  map[int]decimal.Decimal
	spread map[int]*spread
	picked map[int]candidate
	byText int // +1 picks the greatest text, -1 the least, 0 by date
}

// A spread is what a variance needs, exactly.
type spread struct {
	n       int64
	sum, sq decimal.Decimal
}

func (s *spread) merge(t *spread) { s.n, s.sum, s.sq = s.n+t.n, s.sum.Add(t.sum), s.sq.Add(t.sq) }

func (a *accumulator) spreadAt(at int) *spread {
	s := a.spread[at]
	if s == nil {
		s = &spread{}
		a.spread[at] = s
	}
	return s
}

// A candidate is a value that may be the one of its cell.
type candidate struct {
	amount
	last, first period.Date
	ids         [3]string // org unit, option combos
	pos         uint32
	segment     int
	source      int
	null        bool // a text where numbers are asked for
}

// maxCells is the largest number of cells that one data item may be computed
// for at a time; it bounds the memory of a query to a few gigabytes.
const maxCells = 1 << 27

const room = 1 << 61

func newAccumulator(p *part) *accumulator {
	a := &accumulator{aggregate: p.rule.aggregate(), splits: p.splits, stride: p.sources[0].places.n + 1, room: room}
	n := p.when.n * a.splits
	for i := range p.sources {
		a.scale = max(a.scale, p.sources[i].column.Scale)
	}
	switch a.aggregate {
	case least, greatest:
		a.best = make([]int64, n*a.stride)
	case deviation, variance:
		a.spread = map[int]*spread{}
	case pick:
		a.picked, a.byText = map[int]candidate{}, p.textOrder()
	default:
		a.packed = numbers.of(n * a.stride)
		clear(a.packed)
		return a
	}
	a.words = (a.stride + 63) / 64
	a.seen = make(column.Bits, n*a.words)
	return a
}

// row returns the number of a row and split, for the methods below.
func (a *accumulator) row(row, split int) int { return row*a.splits + split }

func (a *accumulator) packedRow(row int) []int64 { return a.packed[row*a.stride:][:a.stride] }

func (a *accumulator) seenRow(row int) column.Bits { return a.seen[row*a.words:][:a.words] }

func (a *accumulator) has(row, place int) bool {
	if a.packed == nil {
		return a.seenRow(row).Has(place)
	}
	at := row*a.stride + place
	return a.packed[at]&(column.MaxCount-1) != 0 || a.num != nil && a.num[at] != 0
}

// totals returns the sum of values and the sum of weights of one place, without
// what is in spill.
func (a *accumulator) totals(at int) (sum, num int64) {
	sum, num = column.Unpack(a.packed[at])
	if a.sum != nil {
		sum, num = sum+a.sum[at], num+a.num[at]
	}
	return sum, num
}

// times returns what the numbers of a segment are multiplied by to be added at
// the scale of a, and whether they then still fit.
func (a *accumulator) times(s *column.Segment, weight int64) (int64, bool) {
	digits := a.scale - int(s.Scale)
	if digits > fixed.MaxPow {
		return 0, false
	}
	times, ok := fixed.Mul(fixed.Pow10(digits), weight)
	return times, ok && int(s.Bits)+bits.Len64(uint64(times)) < 61
}

// reserveAll is reserve for all segments of a column, with the largest weight
// that any of them has. If it is false, some may still fit.
func (a *accumulator) reserveAll(c *column.Column, weight int64) bool {
	if a.scale > fixed.MaxPow {
		return false
	}
	times := float64(fixed.Pow10(a.scale-c.Scale)) * float64(weight)
	return a.reserve(c.Below*times, float64(c.Count)*float64(weight))
}

// reserve makes room among what is packed for numbers whose magnitudes add up to
// less than total, and their weights to count. It reports whether they fit there
// at all.
func (a *accumulator) reserve(total, count float64) bool {
	if total >= column.MaxTotal || count >= column.MaxCount {
		return false
	}
	if a.total+total >= column.MaxTotal || a.count+count >= column.MaxCount {
		a.unpack()
	}
	a.total, a.count = a.total+total, a.count+count
	return true
}

// unpack moves what is packed to where there is more room.
func (a *accumulator) unpack() {
	a.widen()
	a.need(a.total)
	for i, t := range a.packed {
		if t != 0 {
			sum, num := column.Unpack(t)
			a.sum[i] += sum
			a.num[i] += num
			a.packed[i] = 0
		}
	}
	a.total, a.count = 0, 0
}

func (a *accumulator) widen() {
	if a.sum == nil {
		a.sum, a.num = make([]int64, len(a.packed)), make([]int64, len(a.packed))
	}
}

// need makes room for a number among the sums.
func (a *accumulator) need(bound float64) {
	if a.room -= bound; a.room >= 0 {
		return
	}
	for i, n := range a.sum {
		if n != 0 {
			a.addLong(i, decimal.New(n, -int32(a.scale)))
			a.sum[i] = 0
		}
	}
	a.room = room - bound
}

func (a *accumulator) addLong(at int, d decimal.Decimal) {
	if a.spill == nil {
		a.spill = map[int]decimal.Decimal{}
	}
	a.spill[at] = a.spill[at].Add(d)
}

// addTotal adds a sum at the scale of a, with its weights, to one place.
func (a *accumulator) addTotal(at int, sum, weight int64) {
	a.widen()
	a.need(float64(fixed.Magnitude(sum)))
	a.sum[at] += sum
	a.num[at] += weight
}

// addWide adds numbers that are too large to be packed.
func (a *accumulator) addWide(row int, place []uint32, pos []uint32, val []int64, weight int64, skipZeros bool) {
	a.widen()
	for i, p := range pos {
		if v := val[i]; place[p] != 0 && (v != 0 || !skipZeros) {
			a.addTotal(row*a.stride+int(place[p]), v, weight)
		}
	}
}

// addRow adds all places of one row to those of another. What a row holds in all
// is bounded by what was ever added, so nothing overflows.
func (a *accumulator) addRow(to, from int) {
	at, other := to*a.stride, from*a.stride
	if a.packed != nil && a.sum == nil {
		into := a.packed[at:][:a.stride]
		for i, t := range a.packed[other:][:a.stride] {
			into[i] += t
		}
		return
	}
	for i := range a.stride {
		if !a.has(from, i) {
			continue
		}
		switch {
		case a.packed != nil:
			a.packed[at+i] += a.packed[other+i]
			if a.sum != nil {
				a.sum[at+i] += a.sum[other+i]
				a.num[at+i] += a.num[other+i]
			}
			if d, ok := a.spill[other+i]; ok {
				a.addLong(at+i, d)
			}
			continue
		case a.best != nil:
			v := amount{coef: a.best[other+i], scale: int32(a.scale)}
			if d, ok := a.spill[other+i]; ok {
				v = amount{long: &d}
			}
			a.addBest(at+i, v, a.has(to, i))
		case a.spread != nil:
			a.spreadAt(at + i).merge(a.spread[other+i])
		}
		a.seenRow(to).Set(i)
	}
}

// addPlaces adds places to others in every row. What a place holds in all is
// bounded by what was ever added.
func (a *accumulator) addPlaces(rolls []roll) {
	if len(rolls) == 0 {
		return
	}
	for first := 0; first < len(a.packed); first += a.stride {
		row := a.packed[first:][:a.stride]
		for _, r := range rolls {
			row[r.to] += row[r.from]
		}
		if a.sum == nil {
			continue
		}
		for _, r := range rolls {
			to, from := first+int(r.to), first+int(r.from)
			a.sum[to] += a.sum[from]
			a.num[to] += a.num[from]
			if d, ok := a.spill[from]; ok {
				a.addLong(to, d)
			}
		}
	}
}

// better takes each number into the least or greatest of its place.
func (a *accumulator) better(row int, place []uint32, pos []uint32, val []int64, skipZeros bool) {
	best, seen := a.best[row*a.stride:][:a.stride], a.seenRow(row)
	for i, p := range pos {
		v, o := val[i], place[p]
		if skipZeros && v == 0 {
			continue
		}
		if len(a.spill) > 0 {
			a.addBest(row*a.stride+int(o), amount{coef: v, scale: int32(a.scale)}, seen.Has(int(o)))
			seen.Set(int(o))
			continue
		}
		if !seen.Has(int(o)) || (v < best[o]) == (a.aggregate == least) {
			best[o] = v
			seen.Set(int(o))
		}
	}
}

// add takes in one value.
func (a *accumulator) add(row, place int, v amount, weight int64) {
	at := row*a.stride + place
	if a.packed != nil {
		if n, ok := v.at(a.scale, weight); ok {
			if a.reserve(float64(fixed.Magnitude(n)), float64(weight)) {
				a.packed[at] += n<<column.CountBits + weight
			} else {
				a.addTotal(at, n, weight)
			}
		} else {
			a.addTotal(at, 0, weight)
			a.addLong(at, v.decimal().Mul(decimal.NewFromInt(weight)))
		}
		return
	}
	had := a.has(row, place)
	a.seenRow(row).Set(place)
	switch a.aggregate {
	case deviation, variance:
		d := v.decimal()
		a.spreadAt(at).merge(&spread{1, d, d.Mul(d)})
	case least, greatest:
		a.addBest(at, v, had)
	}
}

// addBest keeps a long number in spill, which then stands in for best.
func (a *accumulator) addBest(at int, v amount, had bool) {
	n, ok := v.at(a.scale, 1)
	long, isLong := a.spill[at]
	switch {
	case ok && !had:
		a.best[at] = n
		return
	case ok && !isLong:
		if (n < a.best[at]) == (a.aggregate == least) {
			a.best[at] = n
		}
		return
	}
	if a.spill == nil {
		a.spill = map[int]decimal.Decimal{}
	}
	d := v.decimal()
	if had && !isLong {
		long, isLong = decimal.New(a.best[at], -int32(a.scale)), true
	}
	if isLong && d.LessThan(long) != (a.aggregate == least) {
		d = long
	}
	a.spill[at] = d
}

// offer takes in a value where one is picked as it is: the one with the latest
// days, or the earliest if first is set; of equal ones that with the smallest
// ids of org unit and option combos (RULES.md#what-a-server-leaves-open).
func (a *accumulator) offer(row, place int, c candidate, first bool) {
	at := row*a.stride + place
	a.seenRow(row).Set(place)
	if had, ok := a.picked[at]; !ok || a.beats(&c, &had, first) {
		a.picked[at] = c
	}
}

func (a *accumulator) beats(c, d *candidate, first bool) bool {
	if a.byText != 0 && c.text != d.text {
		return cmp.Compare(c.text, d.text) == a.byText
	}
	return c.beats(d, first)
}

func (c *candidate) beats(d *candidate, first bool) bool {
	if c.last != d.last {
		return (c.last > d.last) != first
	}
	if c.first != d.first {
		return (c.first > d.first) != first
	}
	for i := range c.ids {
		if c.ids[i] != d.ids[i] {
			return c.ids[i] < d.ids[i]
		}
	}
	return false
}

// exact returns the aggregate of one place as a fraction, not yet divided. It is
// false for what is no fraction: a picked text and a deviation.
func (a *accumulator) exact(row, place, days int) (num, den decimal.Decimal, ok bool) {
	at := row*a.stride + place
	one := decimal.New(1, 0)
	if a.packed != nil {
		n, weights := a.totals(at)
		total := decimal.New(n, -int32(a.scale)).Add(a.spill[at])
		switch a.aggregate {
		case dayMean:
			return total, decimal.NewFromInt(int64(days)), true
		case mean:
			return total, decimal.NewFromInt(weights), true
		case dayShare:
			return total.Mul(decimal.New(100, 0)), decimal.NewFromInt(weights), true
		case count:
			return decimal.NewFromInt(weights), one, true
		}
		return total, one, true
	}
	switch a.aggregate {
	case least, greatest:
		if d, ok := a.spill[at]; ok {
			return d, one, true
		}
		return decimal.New(a.best[at], -int32(a.scale)), one, true
	case variance:
		num, den = a.spread[at].variance()
		return num, den, true
	case pick:
		if c := a.picked[at]; c.text == "" {
			return c.decimal(), one, true
		}
	}
	return num, den, false
}

// variance is that of a sample, with the divisor n - 1; of one value the server
// shows 0 (RULES.md#counts-and-spreads).
func (s *spread) variance() (num, den decimal.Decimal) {
	if s.n < 2 {
		return decimal.Decimal{}, decimal.New(1, 0)
	}
	n := decimal.NewFromInt(s.n)
	return n.Mul(s.sq).Sub(s.sum.Mul(s.sum)), n.Mul(n.Sub(decimal.New(1, 0)))
}

// deviation is the square root of the variance, to 20 decimals.
func (s *spread) deviation() decimal.Decimal {
	num, den := s.variance()
	square := new(big.Rat).Quo(num.Rat(), den.Rat())
	var root big.Float
	root.SetPrec(uint(96 + square.Num().BitLen())).SetRat(square)
	root.Sqrt(&root)
	d, err := decimal.NewFromString(root.Text('f', 20))
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}
