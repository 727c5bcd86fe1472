package quality

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Metric is one metric of a data quality review. Its fields define the data
// and the threshold, where 0 means the usual threshold. The metrics are
// [Reporting], [Completeness], [Trend], [Extremes], [Relation], [Verification],
// [Survey] and [Population].
type Metric interface {
	// Measure computes the metric. It returns an error if the metric cannot be
	// computed at all. The Measure then has no more than a Metric, an Item and
	// a Threshold.
	Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error)
}

// A Review has the org units and periods for which metrics are computed.
type Review struct {
	Overall   hmis.UID        // the org unit that contains the others, such as the country
	Units     []hmis.UID      // the org units that are compared, such as the districts; repeated ones count once
	Period    period.Period   // the period under review, such as a year
	Reference []period.Period // earlier periods, oldest first

	ZeroIsData bool // the field of the same name in aggregate.Query
	Workers    int  // number of goroutines; 0 means GOMAXPROCS
}

// A Measure is the result of a metric for one item, overall and at each org
// unit.
type Measure struct {
	Metric string `json:"metric"` // the number of the metric, from "1a" to "4b"
	Item   string `json:"item"`   // the name of the item
	// Threshold is the threshold for figures. For 2f it is the allowed
	// difference of a factor from 1, in per cent, or 0 if that differs between
	// below and above.
	Threshold float64  `json:"threshold"`
	Overall   Figure   `json:"overall"`
	Units     []Figure `json:"units"`
	// Divergent is the share of units outside the limits, in per cent of all
	// units. Units without a score are counted too. It is nil if there are no
	// units.
	Divergent *float64 `json:"divergentPercent"`

	Low        float64           `json:"low,omitempty"`      // for 2f, the smallest accepted factor
	High       float64           `json:"high,omitempty"`     // for 2f, the largest accepted factor
	Note       string            `json:"note,omitempty"`     // a description of what the figures were compared with
	Relation   string            `json:"relation,omitempty"` // for 2e: "equal", "greater", "dropout" or "level"
	Unexpected []hmis.Completion `json:"-"`                  // for 1a and 1b, overall: registrations that were not expected
	Issues     hmis.Issues       `json:"-"`                  // what was left out, and why
}

// A Figure is a measure at one org unit.
type Figure struct {
	OrgUnit   hmis.UID           `json:"orgUnit"`
	Score     *float64           `json:"score"` // the result; nil if it cannot be calculated
	Divergent bool               `json:"divergent"`
	Unjudged  bool               `json:"unjudged,omitempty"` // there is nothing to compare Score with
	Parts     map[string]float64 `json:"parts,omitempty"`    // the numbers behind Score by name, such as "expected", "actual" or "mean"
}

// DivergentUnits returns the org units outside the accepted range, by id.
func (m *Measure) DivergentUnits() []hmis.UID {
	return m.those(func(f *Figure) bool { return f.Divergent })
}

// NotCalculable returns, by id, the org units that have no score, or nothing to
// compare it with. Divergent units are not included.
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

// share sets the share of divergent units.
func (m *Measure) share() {
	if len(m.Units) > 0 {
		m.Divergent = percent(float64(len(m.DivergentUnits())), float64(len(m.Units)))
	}
}

// percent returns 100 × a / b, or nil if that is no finite number.
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

// Run computes the metrics and returns a Measure for each, in the same order.
// If a metric cannot be computed, the Issues of its Measure have the reason.
// The error is that of ctx, or means that the org units or the period of r are
// unknown.
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
				m.Threshold = 0 // JSON has no infinities and no NaN
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

// check returns issues about unknown org units of r, or an error if r cannot be
// computed.
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
	if issue, ok := errors.AsType[*hmis.Issue](err); ok {
		return issue
	}
	return &hmis.Issue{Severity: hmis.Severe, Offset: -1, Err: err}
}

// threshold returns the threshold set, or usual if set is 0.
func threshold(set, usual float64) (float64, error) {
	t := cmp.Or(set, usual)
	if !(t >= 0) || math.IsInf(t, 0) {
		return t, refuse("E2204", "Threshold", "threshold %v: want a number that is not negative", t)
	}
	return t, nil
}

// figures returns the values of items at the org units of a review, the overall
// one first.
func (r Review) figures(
	ctx context.Context, c *aggregate.Cube, periods []period.Period, items ...indicator.Item,
) (*aggregate.Table, error) {
	for _, item := range items {
		if err := hasNumbers(c.Catalog(), item); err != nil {
			return nil, err
		}
	}
	table, err := c.Query(ctx, aggregate.Query{
		Data: items, OrgUnits: r.places(), Periods: periods,
		SkipRounding: true, ZeroIsData: r.ZeroIsData, Workers: r.Workers,
	})
	if err != nil {
		if _, ok := errors.AsType[*hmis.Issue](err); ok {
			return nil, err // the error already names the item
		}
		return nil, fmt.Errorf("%s: %w", items[0], err)
	}
	return table, nil
}

// hasNumbers returns an error if an item is a data element whose values are not
// numbers. No org unit could have a figure then.
func hasNumbers(c *hmis.Catalog, item indicator.Item) error {
	e, ok := hmis.Find[hmis.DataElement](c, item.ID)
	if !ok || e.ValueType.IsNumeric() || e.ValueType.IsBoolean() {
		return nil
	}
	bad := refuse("", "Data", "values of type %s are no numbers", e.ValueType)
	bad.Object = hmis.Ref{Kind: hmis.KindDataElement, ID: item.ID}
	return bad
}

// places returns the overall org unit, followed by the others.
func (r Review) places() []hmis.UID {
	return append([]hmis.UID{r.Overall}, r.Units...)
}

// number returns a value as a number, or nil if it is none.
func number(v indicator.Value) *float64 {
	f, ok := v.Float64()
	if !ok {
		return nil
	}
	return known(f)
}

// parts returns a map from a list that alternates names and numbers. Numbers
// that are missing or not finite are left out.
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
