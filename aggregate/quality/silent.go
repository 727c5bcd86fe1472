package quality

import (
	"cmp"
	"context"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A Silence is an org unit with missing or late reports. A quarterly review
// contacts such org units.
type Silence struct {
	OrgUnit hmis.UID
	Missing []period.Period // expected reports with neither a registration nor a value
	Late    []period.Period // reports registered after the timely days
	// Longest is the largest number of consecutive periods that are missing.
	Longest int
}

// Silences returns the org units with a missing or late report, those with the
// longest silence first. With ByValues it ignores registrations, so no report
// is late. Threshold and OnTime are not used.
func (rep Reporting) Silences(ctx context.Context, c *aggregate.Cube, r Review) ([]Silence, error) {
	set, ok := hmis.Find[hmis.DataSet](c.Catalog(), rep.DataSet)
	if !ok || set.PeriodType == 0 {
		return nil, refuse("", "DataSet", "unknown data set %q, or one without a period type", rep.DataSet)
	}
	forms, err := newForms(c, &set, rep.Periods, r)
	if err != nil {
		return nil, err
	}
	received := withValues
	if !rep.ByValues {
		received |= registered
		if _, err := forms.register(ctx, c, &set); err != nil {
			return nil, err
		}
	}
	if err := forms.values(ctx, c, elementsOf(&set), nil); err != nil {
		return nil, err
	}
	list := []Silence{}
	first, end, _ := c.Tree().Span(r.Overall)
	for pos := first; pos < end; pos++ {
		s := Silence{OrgUnit: c.Tree().At(pos)}
		run := 0
		for i, p := range forms.periods {
			state := forms.state[i][pos]
			switch {
			case state&expected == 0:
				continue
			case state&received == 0:
				s.Missing = append(s.Missing, p)
				run++
			default:
				run = 0
				if state&(registered|onTime) == registered {
					s.Late = append(s.Late, p)
				}
			}
			s.Longest = max(s.Longest, run)
		}
		if len(s.Missing)+len(s.Late) > 0 {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, func(a, b Silence) int {
		return cmp.Or(b.Longest-a.Longest, len(b.Missing)-len(a.Missing), len(b.Late)-len(a.Late),
			cmp.Compare(a.OrgUnit, b.OrgUnit))
	})
	return list, ctx.Err()
}
