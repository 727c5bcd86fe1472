package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/shopspring/decimal"
)

// An accumulator holds what has been gathered so far: for each row, split and
// place whatever its aggregate needs. One of the four holders is in use.
type accumulator struct {
	aggregate rule.Aggregate
	scale     int // scale of all numbers in the accumulator
	splits    int
	stride    int // number of places + 1: place 0 collects what no cell asks for

	sums     sums
	extremes extremes
	spreads  spreads
	picks    picks

	seen  column.Bits // the places that have an extreme, a spread or a pick
	words int         // number of words of seen for each row
}

func newAccumulator(j *Job) accumulator {
	a := accumulator{
		aggregate: j.Rule.Aggregate(),
		splits:    j.Splits,
		stride:    j.Sources[0].Places.N + 1,
	}
	for i := range j.Sources {
		a.scale = max(a.scale, j.Sources[i].Column.Scale)
	}
	a.init(j.Rows.N*a.splits, j.Values.Order)
	return a
}

// init allocates memory for the given number of rows. order decides which of
// several texts is picked.
func (a *accumulator) init(rows, order int) {
	switch a.aggregate {
	case rule.Least, rule.Greatest:
		a.extremes = newExtremes(rows*a.stride, a.scale, a.aggregate == rule.Least)
	case rule.Deviation, rule.Variance:
		a.spreads = spreads{}
	case rule.Pick:
		a.picks = picks{won: map[int]candidate{}, order: order}
	default:
		a.sums = newSums(rows*a.stride, a.scale)
		return
	}
	a.words = (a.stride + 63) / 64
	a.seen = make(column.Bits, rows*a.words)
}

// adds reports whether sums are in use.
func (a *accumulator) adds() bool { return a.sums.packed != nil }

// row returns the number of a row and split, for the methods below.
func (a *accumulator) row(row, split int) int { return row*a.splits + split }

// at returns the index of a place in a row.
func (a *accumulator) at(row, place int) int { return row*a.stride + place }

// packedRow returns the packed sums of the places of a row.
func (a *accumulator) packedRow(row int) column.Packed {
	return a.sums.packed[row*a.stride:][:a.stride]
}

func (a *accumulator) seenRow(row int) column.Bits { return a.seen[row*a.words:][:a.words] }

// forget resets the place with this index, as if no value had been added.
func (a *accumulator) forget(at int) {
	delete(a.picks.won, at)
	a.seenRow(at / a.stride).Clear(at % a.stride)
}

func (a *accumulator) has(row, place int) bool {
	if !a.adds() {
		return a.seenRow(row).Has(place)
	}
	return a.sums.has(a.at(row, place))
}

// add adds one value to a place of a row.
func (a *accumulator) add(row, place int, v Amount, weight int64) {
	at := a.at(row, place)
	if a.adds() {
		a.sums.add(at, v, weight)
		return
	}
	had := a.seenRow(row).Has(place)
	a.seenRow(row).Set(place)
	switch a.aggregate {
	case rule.Deviation, rule.Variance:
		d := v.Decimal()
		a.spreads.at(at).merge(&spread{1, d, d.Mul(d)})
	case rule.Least, rule.Greatest:
		a.extremes.add(at, v, had)
	}
}

// addRow adds all places of one row to those of another. What a row holds in
// all is bounded by what was ever added, so nothing overflows.
func (a *accumulator) addRow(to, from int) {
	at, other := to*a.stride, from*a.stride
	if a.adds() {
		a.sums.addRow(at, other, a.stride)
		return
	}
	for i := range a.stride {
		if !a.has(from, i) {
			continue
		}
		switch a.aggregate {
		case rule.Least, rule.Greatest:
			a.extremes.add(at+i, a.extremes.value(other+i), a.has(to, i))
		case rule.Deviation, rule.Variance:
			a.spreads.at(at + i).merge(a.spreads[other+i])
		}
		a.seenRow(to).Set(i)
	}
}

// addPlaces adds places to others in every row. What a place holds in all is
// bounded by what was ever added.
func (a *accumulator) addPlaces(rolls []column.Roll) {
	if len(rolls) == 0 {
		return
	}
	for first := 0; first < len(a.sums.packed); first += a.stride {
		a.sums.roll(first, a.stride, rolls)
	}
}

// better compares each number with the least or greatest of its place, and
// keeps the better one.
func (a *accumulator) better(row int, place []uint32, pos []uint32, val []int64, skipZeros bool) {
	seen, first := a.seenRow(row), row*a.stride
	if len(a.extremes.long) > 0 {
		for i, p := range pos {
			if v, o := val[i], int(place[p]); !skipZeros || v != 0 {
				a.extremes.add(first+o, Amount{Coef: v, Scale: int32(a.scale)}, seen.Has(o))
				seen.Set(o)
			}
		}
		return
	}
	best, least := a.extremes.best[first:][:a.stride], a.extremes.least
	for i, p := range pos {
		v, o := val[i], place[p]
		if skipZeros && v == 0 {
			continue
		}
		if !seen.Has(int(o)) || (v < best[o]) == least {
			best[o] = v
			seen.Set(int(o))
		}
	}
}

// offer lets a value compete for a place where one is picked as it is.
func (a *accumulator) offer(row, place int, c candidate, first bool) {
	a.seenRow(row).Set(place)
	a.picks.offer(a.at(row, place), c, first)
}

// exact returns the aggregate of one place as a fraction, not yet divided. ok
// is false for what is no fraction: a picked text and a deviation.
func (a *accumulator) exact(row, place, days int) (num, den decimal.Decimal, ok bool) {
	at, one := a.at(row, place), decimal.New(1, 0)
	switch a.aggregate {
	case rule.Least, rule.Greatest:
		return a.extremes.value(at).Decimal(), one, true
	case rule.Variance:
		num, den = a.spreads[at].variance()
		return num, den, true
	case rule.Deviation:
		return num, den, false
	case rule.Pick:
		c := a.picks.won[at]
		return c.Decimal(), one, c.Text == ""
	}
	total, weights := a.sums.exact(at)
	switch a.aggregate {
	case rule.DayMean:
		return total, decimal.NewFromInt(int64(days)), true
	case rule.Mean:
		return total, decimal.NewFromInt(weights), true
	case rule.DayShare:
		return total.Mul(decimal.New(100, 0)), decimal.NewFromInt(weights), true
	case rule.Count:
		return decimal.NewFromInt(weights), one, true
	}
	return total, one, true
}
