package aggregate

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/shopspring/decimal"
)

// test returns a function that reports whether a number passes the criteria. It
// is nil if there are none.
func test(criteria []Criterion) compute.Test {
	if len(criteria) == 0 {
		return nil
	}
	return func(num, den decimal.Decimal) bool { return allRatio(criteria, num, den) }
}

// all reports whether a number passes every criterion.
func all(criteria []Criterion, d decimal.Decimal) bool {
	return allRatio(criteria, d, decimal.New(1, 0))
}

// allRatio reports whether num / den passes every criterion, without dividing.
// den is positive.
func allRatio(criteria []Criterion, num, den decimal.Decimal) bool {
	for _, c := range criteria {
		if !c.holds(num.Cmp(c.Number.Mul(den))) {
			return false
		}
	}
	return true
}

func (c Criterion) holds(cmp int) bool {
	switch c.Op {
	case "EQ":
		return cmp == 0
	case "GT":
		return cmp > 0
	case "GE":
		return cmp >= 0
	case "LT":
		return cmp < 0
	case "LE":
		return cmp <= 0
	}
	return false
}
