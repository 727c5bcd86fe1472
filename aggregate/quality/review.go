package quality

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Metric is one metric of a data quality review. Its fields say of what, and
// with which threshold; a threshold that is 0 is the usual one. There are
// [Reporting], [Completeness], [Trend], [Extremes], [Relation], [Verification],
// [Survey] and [Population].
type Metric interface {
	// Measure computes the metric. The error says why it cannot be computed at all;
	// the Measure then has a Metric, an Item and a Threshold at most.
	Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error)
}

// A Review says where and when metrics are computed.
type Review struct {
	Overall   hmis.UID        // the org unit that contains the others, such as the country
	Units     []hmis.UID      // the org units that are compared, such as the districts, each counted once
	Period    period.Period   // what is reviewed, such as a year
	Reference []period.Period // earlier ones, oldest first

	ZeroIsData bool // as in aggregate.Query
	Workers    int  // goroutines; 0 means GOMAXPROCS
}

// A Measure is one metric of one item, overall and at each org unit.
type Measure struct {
	Metric string `json:"metric"` // "1a" to "4b"
	Item   string `json:"item"`   // its name
	// Threshold is what the figures are judged by. Of 2f it is how far a factor may
	// be from 1, in per cent, or 0 if that differs between the two sides.
	Threshold float64  `json:"threshold"`
	Overall   Figure   `json:"overall"`
	Units     []Figure `json:"units"`
	// Divergent is the share of units outside the limits, of all units, whether
	// they could be calculated or not; nil without units.
	Divergent *float64 `json:"divergentPercent"`

	Low        float64           `json:"low,omitempty"`      // of 2f, the least factor that is accepted
	High       float64           `json:"high,omitempty"`     // of 2f, the largest one
	Note       string            `json:"note,omitempty"`     // what it was compared with
	Relation   string            `json:"relation,omitempty"` // of 2e: "equal", "greater", "dropout" or "level"
	Unexpected []hmis.Completion `json:"-"`                  // of 1a and 1b: registrations that nobody expected, overall
	Issues     hmis.Issues       `json:"-"`                  // what was left out, and why
}

// A Figure is a measure at one org unit.
type Figure struct {
	OrgUnit   hmis.UID           `json:"orgUnit"`
	Score     *float64           `json:"score"` // nil if it cannot be calculated
	Divergent bool               `json:"divergent"`
	Unjudged  bool               `json:"unjudged,omitempty"` // there is nothing to compare Score with
	Parts     map[string]float64 `json:"parts,omitempty"`    // "expected", "actual", "mean", ...
}

// DivergentUnits returns the org units outside the accepted range, by id.
func (m *Measure) DivergentUnits() []hmis.UID {
	return m.those(func(f *Figure) bool { return f.Divergent })
}

// NotCalculable returns the org units that have no score, or nothing to compare it
// with, by id. One that diverges all the same is not among them.
func (m *Measure) NotCalculable() []hmis.UID {
	return m.those(func(f *Figure) bool { return (f.Score == nil || f.Unjudged) && !f.Divergent })
}

func (m *Measure) those(is func(*Figure) bool) []hmis.UID {
	list := []hmis.UID{}
	for i := range m.Units {
		if is(&m.Units[i]) {
			list = append(list, m.Units[i].OrgUnit)
		}
	}
	slices.Sort(list)
	return list
}

// share fills in the share of divergent units.
func (m *Measure) share() {
	if len(m.Units) > 0 {
		m.Divergent = percent(float64(len(m.DivergentUnits())), float64(len(m.Units)))
	}
}

// percent returns 100 × a / b, or nil if there is none.
func percent(a, b float64) *float64 {
	return known(100 * a / b)
}

// known returns x, or nil if it is no finite number.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// finite returns x, or nil if it points to no finite number.
func finite(x *float64) *float64 {
	if x == nil {
		return nil
	}
	return known(*x)
}

// Run computes the metrics. The list has a Measure for each, in their order. One
// that cannot be computed says why among its Issues, and the others are computed
// all the same. The error is that of ctx, or says that the org units or the period
// of r are unknown.
func (r Review) Run(ctx context.Context, c *aggregate.Cube, metrics ...Metric) ([]Measure, error) {
	unknown, err := r.check(c)
	if err != nil {
		return nil, err
	}
	seen := map[hmis.UID]bool{}
	r.Units = slices.DeleteFunc(slices.Clone(r.Units), func(id hmis.UID) bool {
		drop := seen[id] || c.Tree().Level(id) == 0
		seen[id] = true
		return drop
	})
	list := make([]Measure, len(metrics))
	each(r.Workers, len(metrics), func() func(int) bool {
		one := r
		one.Workers = 1
		return func(i int) bool {
			m, err := measure(ctx, c, one, metrics[i])
			if err != nil {
				m = Measure{
					Metric: m.Metric, Item: m.Item, Threshold: m.Threshold, Units: []Figure{},
					Issues: append(m.Issues, issueOf(err)),
				}
			}
			if known(m.Threshold) == nil {
				m.Threshold = 0 // JSON has no other numbers than finite ones
			}
			m.Issues = append(slices.Clip(unknown), m.Issues...)
			list[i] = m
			return ctx.Err() == nil
		}
	})
	return list, ctx.Err()
}

func measure(ctx context.Context, c *aggregate.Cube, r Review, metric Metric) (Measure, error) {
	if metric == nil {
		return Measure{}, refuse("", "metrics", "no metric")
	}
	return metric.Measure(ctx, c, r)
}

// check reports what r asks for that is unknown.
func (r Review) check(c *aggregate.Cube) (hmis.Issues, error) {
	if r.Period.IsZero() {
		return nil, refuse("", "Period", "no period to review")
	}
	if c.Tree().Level(r.Overall) == 0 {
		return nil, refuse("E7143", "Overall", "unknown org unit %q", r.Overall)
	}
	var unknown hmis.Issues
	for _, id := range r.Units {
		if c.Tree().Level(id) == 0 {
			unknown = append(unknown, &hmis.Issue{
				Code: "E7143", Severity: hmis.Warning, Field: "Units", Offset: -1,
				Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: id}, Err: fmt.Errorf("unknown org unit"),
			})
		}
	}
	return unknown, nil
}

func issueOf(err error) *hmis.Issue {
	if issue, ok := err.(*hmis.Issue); ok {
		return issue
	}
	return &hmis.Issue{Severity: hmis.Severe, Offset: -1, Err: err}
}

// threshold returns a threshold, or the usual one if it is 0.
func threshold(set, usual float64) (float64, error) {
	t := cmp.Or(set, usual)
	if !(t >= 0) || math.IsInf(t, 0) {
		return t, refuse("E2204", "Threshold", "threshold %v: want a number that is not negative", t)
	}
	return t, nil
}

// figures asks for the values of items at the org units of a review, the overall
// one first.
func (r Review) figures(
	ctx context.Context, c *aggregate.Cube, periods []period.Period, items ...indicator.Item,
) (*aggregate.Table, error) {
	table, err := c.Query(ctx, aggregate.Query{
		Data: items, OrgUnits: r.places(), Periods: periods,
		SkipRounding: true, ZeroIsData: r.ZeroIsData, Workers: r.Workers,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", items[0], err)
	}
	return table, nil
}

// places returns the overall org unit, and then the others.
func (r Review) places() []hmis.UID {
	return append([]hmis.UID{r.Overall}, r.Units...)
}

// number returns the number in a cell, or nil.
func number(v indicator.Value) *float64 {
	f, ok := v.Float64()
	if !ok {
		return nil
	}
	return known(f)
}

// parts returns the numbers of a list of names and numbers. One that is missing
// or not finite is left out.
func parts(list ...any) map[string]float64 {
	m := map[string]float64{}
	for i := 0; i < len(list); i += 2 {
		var x *float64
		switch v := list[i+1].(type) {
		case float64:
			x = &v
		case int:
			x = known(float64(v))
		case *float64:
			x = v
		}
		if x != nil && known(*x) != nil {
			m[list[i].(string)] = *x
		}
	}
	return m
}
