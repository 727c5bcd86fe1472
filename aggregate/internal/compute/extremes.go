package compute

import "github.com/shopspring/decimal"

// extremes has the least or greatest number of each place. A number that is too
// long for best is in long instead.
type extremes struct {
	scale int
	least bool
	best  []int64
	long  map[int]decimal.Decimal
}

func newExtremes(n, scale int, least bool) extremes {
	return extremes{scale: scale, least: least, best: make([]int64, n)}
}

// value returns the extreme of a place that has one.
func (e *extremes) value(at int) Amount {
	if d, ok := e.long[at]; ok {
		return Amount{Long: &d}
	}
	return Amount{Coef: e.best[at], Scale: int32(e.scale)}
}

// add compares a number with the extreme of its place, and keeps the better
// one. had says whether the place has an extreme.
func (e *extremes) add(at int, v Amount, had bool) {
	n, ok := v.at(e.scale, 1)
	long, isLong := e.long[at]
	switch {
	case ok && !had:
		e.best[at] = n
		return
	case ok && !isLong:
		if (n < e.best[at]) == e.least {
			e.best[at] = n
		}
		return
	}
	if e.long == nil {
		e.long = map[int]decimal.Decimal{}
	}
	d := v.Decimal()
	if had && !isLong {
		long, isLong = decimal.New(e.best[at], -int32(e.scale)), true
	}
	if isLong && d.LessThan(long) != e.least {
		d = long
	}
	e.long[at] = d
}

// isLong reports whether the extreme of a place is in long.
func (e *extremes) isLong(at int) bool {
	if len(e.long) == 0 {
		return false
	}
	_, is := e.long[at]
	return is
}
