package quality

import (
	"context"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A rates computes reporting rates for expressions. It counts reports as
// [Reporting] does and is safe for concurrent use.
type rates struct {
	ctx  context.Context
	cube *aggregate.Cube

	mu    sync.Mutex
	forms map[formsOf]*forms // the reports read so far; the value is nil if no report is expected
}

type formsOf struct {
	set    hmis.UID
	period period.Period
}

func newRates(ctx context.Context, c *aggregate.Cube) *rates {
	return &rates{ctx: ctx, cube: c, forms: map[formsOf]*forms{}}
}

// at returns a rate for an org unit and all below it. It is missing if the data
// set is unknown or has no whole period in p. A percentage is also missing if
// no report is expected.
func (r *rates) at(item indicator.Item, unit hmis.UID, p period.Period) indicator.Value {
	f := r.of(item.ID, p)
	if f == nil {
		return indicator.Value{}
	}
	n := f.count(unit)
	number := func(x *float64) indicator.Value {
		if x == nil {
			return indicator.Value{}
		}
		return indicator.Float(*x)
	}
	switch item.Rate {
	case indicator.ReportingRate:
		return number(percent(n.actual, n.expected))
	case indicator.ReportingRateOnTime:
		return number(percent(n.onTime, n.expected))
	case indicator.ActualReports:
		return indicator.Float(n.actual)
	case indicator.ActualReportsOnTime:
		return indicator.Float(n.onTime)
	case indicator.ExpectedReports:
		return indicator.Float(n.expected)
	}
	return indicator.Value{}
}

// of returns the reports of a data set in a period. It reads them once.
func (r *rates) of(set hmis.UID, p period.Period) *forms {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := formsOf{set, p}
	f, ok := r.forms[key]
	if ok {
		return f
	}
	s, known := hmis.Find[hmis.DataSet](r.cube.Catalog(), set)
	if known && s.PeriodType != 0 {
		var err error
		if f, err = newForms(r.cube, &s, nil, Review{Period: p}); err == nil {
			// After the end of the context the rates no longer matter.
			_, _ = f.register(r.ctx, r.cube, &s)
		}
	}
	r.forms[key] = f
	return f
}
