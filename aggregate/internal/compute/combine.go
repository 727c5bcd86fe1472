package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/shopspring/decimal"
)

// CombineScale is the decimal scale at which [Combine] adds up.
const CombineScale = 10

// Combine returns empty totals for numbers that are computed at org units and
// then combined by one half of a rule.
func Combine(half rule.Rule, places *place.Places, rows, splits int) *Totals {
	j := &Job{Rule: half, Sources: []Source{{Places: places}}}
	a := accumulator{
		aggregate: half.Aggregate(),
		splits:    splits,
		stride:    places.N + 1,
		scale:     CombineScale,
	}
	a.init(rows*splits, 0)
	return &Totals{job: j, acc: a}
}

// Count adds the number d of an org unit to a place. If the rule picks one
// number, the unit with the smallest id wins.
func (t *Totals) Count(row, split, place int, d decimal.Decimal, unit string) {
	if t.acc.aggregate == rule.Pick {
		c := candidate{Amount: AmountOf(d), ids: [3]string{unit}}
		t.acc.offer(t.acc.row(row, split), place, c, false)
		return
	}
	t.acc.add(t.acc.row(row, split), place, AmountOf(d), 1)
}
