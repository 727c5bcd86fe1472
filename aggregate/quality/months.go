package quality

import (
	"context"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A DrillDown lists the months of a few org units with what is remarkable about
// each, so that people can see where a bad figure comes from.
type DrillDown struct {
	Data  []indicator.Item // data elements and indicators
	Units []hmis.UID       // none means those of the review

	// An extreme value has a score above Extreme, as in [Extremes]; 0 means 3.
	// A moderate value has a score above Moderate; 0 means 2.
	Extreme, Moderate float64

	// Violations, such as those of a [ValidationRun], are listed in the months
	// of the items that they read.
	Violations []Violation
}

// A Month is what an org unit reported of one item in one month, with its
// flags.
type Month struct {
	OrgUnit  hmis.UID
	Data     indicator.Item
	Period   period.Period
	Value    indicator.Value
	Missing  bool       // nothing was reported, or the value cannot be computed
	Zero     bool       // the value is 0
	Extreme  bool       // the value is very far from the mean of the months
	Moderate bool       // the value is far from the mean, but not extreme
	Violated []hmis.UID // the validation rules that the month violates, sorted
}

// Plain reports whether the month has no flag.
func (m Month) Plain() bool {
	return !m.Missing && !m.Zero && !m.Extreme && !m.Moderate && len(m.Violated) == 0
}

// Months returns the months of the period under review, by org unit, item and
// month (RULES.md#drill-down). Zeros that are stored count as values.
func (d DrillDown) Months(ctx context.Context, c *aggregate.Cube, r Review) ([]Month, error) {
	extreme, err := threshold(d.Extreme, 3)
	if err != nil {
		return nil, err
	}
	moderate, err := threshold(d.Moderate, 2)
	if err != nil {
		return nil, err
	}
	months := r.Period.Split(period.Monthly)
	if len(months) == 0 {
		return nil, refuse("", "Period", "no months within %s", r.Period)
	}
	if len(d.Data) == 0 {
		return nil, refuse("E2200", "Data", "no data elements or indicators")
	}
	if len(d.Units) > 0 {
		r.Units = d.Units
	}
	if len(r.Units) == 0 {
		return nil, nil
	}
	r.Overall, r.ZeroIsData = r.Units[0], true // the whole country is not asked for
	table, err := r.figures(ctx, c, months, d.Data...)
	if err != nil {
		return nil, err
	}
	violated := d.violated()
	var list []Month
	for i, unit := range r.Units {
		if slices.Contains(r.Units[:i], unit) {
			continue
		}
		for _, item := range d.Data {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			first := len(list)
			var x []float64
			for _, p := range months {
				m := Month{OrgUnit: unit, Data: item, Period: p, Value: table.At(item, unit, p)}
				n := number(m.Value)
				if m.Missing = n == nil; n != nil {
					m.Zero, x = *n == 0, append(x, *n)
				}
				m.Violated = violated[monthKey{unit, p, item.ID}]
				list = append(list, m)
			}
			flag(list[first:], x, extreme, moderate)
		}
	}
	return list, nil
}

// flag marks the outliers among the months of one item at one org unit. x has
// the values of the months that are not missing.
func flag(months []Month, x []float64, extreme, moderate float64) {
	if len(x) < 2 {
		return
	}
	s := measureLine(x, limits{extreme: extreme, moderate: moderate, modified: math.Inf(1)})
	next := 0
	for i := range months {
		if months[i].Missing {
			continue
		}
		z := s.z[next]
		next++
		months[i].Extreme = above(z, extreme)
		months[i].Moderate = !months[i].Extreme && above(z, moderate)
	}
}

// A monthKey identifies the months that a violation is listed in.
type monthKey struct {
	unit   hmis.UID
	period period.Period
	item   hmis.UID
}

// violated returns the rules that are violated, by what they read.
func (d DrillDown) violated() map[monthKey][]hmis.UID {
	rules := map[monthKey][]hmis.UID{}
	for i := range d.Violations {
		v := &d.Violations[i]
		for _, side := range []*Side{&v.Left, &v.Right} {
			for _, read := range side.Items {
				at := monthKey{v.OrgUnit, v.Period, read.Item.ID}
				if !slices.Contains(rules[at], v.Rule) {
					rules[at] = append(rules[at], v.Rule)
				}
			}
		}
	}
	for _, list := range rules {
		slices.Sort(list)
	}
	return rules
}
