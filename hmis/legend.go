package hmis

import (
	"slices"

	"github.com/shopspring/decimal"
)

// A LegendSet divides the numbers of a map or a table into classes, each with a
// name and a colour.
type LegendSet struct {
	ID         UID
	Code, Name string
	Legends    []Legend // the classes in any order
}

// A Legend is one class of a LegendSet: the numbers from Start up to, but not
// including, End.
type Legend struct {
	ID         UID // may be ""
	Name       string
	Start, End decimal.Decimal
	Color      string // such as "#FFCC00"; "" if it has none
}

// Find returns the legend of a number, or the first such legend if several
// overlap. The End of the highest legend belongs to that legend too. ok is
// false if the number is in no legend (RULES.md#legends).
func (s LegendSet) Find(number decimal.Decimal) (l Legend, ok bool) {
	for _, l := range s.Legends {
		if number.GreaterThanOrEqual(l.Start) && number.LessThan(l.End) {
			return l, true
		}
	}
	if len(s.Legends) == 0 {
		return Legend{}, false
	}
	top := slices.MaxFunc(s.Legends, func(a, b Legend) int { return a.End.Cmp(b.End) })
	if !number.Equal(top.End) {
		return Legend{}, false
	}
	return top, true
}
