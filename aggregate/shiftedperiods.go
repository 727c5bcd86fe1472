package aggregate

import (
	"context"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// shifted computes an item for periods before or after those of its cells.
func (r *evaluator) shifted(
	item indicator.Item, periods []period.Period,
) (indicator.Column, error) {
	plain := item
	plain.Offset, plain.YearToDate = 0, false
	read := func(all []period.Period) (indicator.Column, error) { return r.component(plain, all) }
	return moved(r.ctx, &r.resolvedQuery, item, periods, read)
}

// moved calls read for all the periods that an item with an offset or a year
// to date reads, and puts them where they belong: each value rounded, those of
// a year added up from its start (RULES.md#shifted-periods).
func moved(
	ctx context.Context, r *resolvedQuery, item indicator.Item, periods []period.Period,
	read func([]period.Period) (indicator.Column, error),
) (indicator.Column, error) {
	wanted, all := readPeriods(item, periods)
	at := make(map[period.Period]int, len(all))
	for i, q := range all {
		at[q] = i
	}
	col, err := read(all)
	if err != nil {
		return indicator.Column{}, err
	}
	g := &r.grid
	out := compute.Outcome{Column: g.empty(len(periods)), Digits: r.digits()}
	out.Column.Scale = col.Scale
	for u := range g.units {
		if err := ctx.Err(); err != nil {
			return indicator.Column{}, err
		}
		for i := range periods {
			for s := range g.splits {
				to := (u*len(periods)+i)*g.splits + s
				for _, q := range wanted[i] {
					out.Add(to, &col, (u*len(all)+at[q])*g.splits+s)
				}
			}
		}
	}
	return out.Column, nil
}

// readPeriods returns the periods that an item reads for each period asked for,
// and all of them once. The offset comes before the year to date.
func readPeriods(
	item indicator.Item, periods []period.Period,
) (each [][]period.Period, all []period.Period) {
	for _, p := range periods {
		q := p.Add(item.Offset)
		list := []period.Period{q}
		if item.YearToDate && !q.IsZero() {
			list = q.YearToDate()
		}
		each, all = append(each, list), append(all, list...)
	}
	return each, distinct(all)
}
