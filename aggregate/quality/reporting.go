package quality

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
)

// Reporting is metric 1a, the completeness of the reports of a data set, or
// with OnTime metric 1b, their timeliness. It is the number of reports
// received, or received on time, per report expected.
//
// A report is expected from each assigned org unit for each period of the data
// set in which it is open on all days. (DHIS2 requires it to be open in the
// whole period of the query, counts every registration, and limits rates to
// 100.) Registrations with several attribute option combos are one report,
// which arrived with the first of them.
type Reporting struct {
	DataSet   hmis.UID
	OnTime    bool
	Threshold float64 // an org unit with a lower rate diverges; 0 means 90, or 75 with OnTime
	// ByValues counts a report as received if it has any value, even if it was
	// not marked complete. Such reports have no timeliness.
	ByValues bool
	Periods  []period.Period // periods of the data set; none means those within the period under review

	ratesOnly bool // compute only the rates, which is enough for trends
}

// Measure implements [Metric]. The parts of a Figure are:
//
//   - expected; actual and onTime, of those that are expected; rate and
//     rateOnTime, of all that are expected
//   - unexpected: registrations that nobody expected, and rateUncut, which counts
//     them too and can be above 100
//   - withValues and rateWithValues: reports with any value of the data set, and
//     valuesOnly and clickOnly: those with values and no registration, and the
//     reverse
//   - sites: org units that a report is expected of, and sitesReporting: those
//     with a registration or a value at least once
func (rep Reporting) Measure(ctx context.Context, c *aggregate.Cube, r Review) (Measure, error) {
	m := Measure{Metric: "1a", Item: c.Catalog().Name(hmis.Ref{Kind: hmis.KindDataSet, ID: rep.DataSet})}
	usual := 90.0
	if rep.OnTime {
		m.Metric, usual = "1b", 75
	}
	if rep.ByValues {
		m.Note = "by values reported, not by completion"
	}
	var err error
	if m.Threshold, err = threshold(rep.Threshold, usual); err != nil {
		return m, err
	}
	set, ok := hmis.Find[hmis.DataSet](c.Catalog(), rep.DataSet)
	switch {
	case !ok:
		return m, refuse("", "DataSet", "unknown data set %q", rep.DataSet)
	case set.PeriodType == 0:
		return m, refuse("", "DataSet", "data set %q has no period type", rep.DataSet)
	case rep.OnTime && rep.ByValues:
		return m, refuse("", "ByValues", "values have no time of arrival")
	}
	forms, err := newForms(c, &set, rep.Periods, r)
	if err != nil {
		return m, err
	}
	if m.Unexpected, err = forms.register(ctx, c, &set); err != nil {
		return m, err
	}
	if !rep.ratesOnly {
		if err := forms.values(ctx, c, elementsOf(&set), nil); err != nil {
			return m, err
		}
	}
	m.Issues = forms.issues
	figure := func(unit hmis.UID) Figure {
		if ctx.Err() != nil {
			return Figure{}
		}
		n := forms.count(unit)
		f := Figure{OrgUnit: unit, Parts: n.parts()}
		switch {
		case rep.ByValues:
			f.Score = percent(n.withValues, n.expected)
		case rep.OnTime:
			f.Score = percent(n.onTime, n.expected)
		default:
			f.Score = percent(n.actual, n.expected)
		}
		f.Divergent = f.Score != nil && below(*f.Score, m.Threshold)
		return f
	}
	m.Overall = figure(r.Overall)
	m.Overall.Divergent = false
	m.Units = []Figure{}
	for _, unit := range r.Units {
		m.Units = append(m.Units, figure(unit))
	}
	m.share()
	return m, ctx.Err()
}

func elementsOf(set *hmis.DataSet) []indicator.Item {
	var items []indicator.Item
	for _, e := range set.Elements {
		items = append(items, indicator.Item{ID: e.DataElement})
	}
	return items
}

// A forms has the state of the reports of a data set in some periods, for each
// org unit by position.
type forms struct {
	tree    *orgunit.Tree
	periods []period.Period
	at      map[period.Period]int
	state   [][]formState // the state for each period and, within it, each position
	issues  hmis.Issues
}

// A formState is the state of one report.
type formState uint8

const (
	expected formState = 1 << iota
	registered
	onTime
	withValues
)

// newForms marks the reports that are expected.
func newForms(c *aggregate.Cube, set *hmis.DataSet, periods []period.Period, r Review) (*forms, error) {
	f := &forms{tree: c.Tree(), periods: periods, at: map[period.Period]int{}}
	if len(periods) == 0 {
		f.periods = r.Period.Split(set.PeriodType)
	}
	for _, p := range periods {
		if p.Type() != set.PeriodType {
			return nil, refuse("", "Periods", "%s is no %s period, as data set %q wants", p, set.PeriodType, set.ID)
		}
	}
	if len(f.periods) == 0 {
		return nil, refuse("", "Period", "%s has no whole %s period, as data set %q wants",
			r.Period, set.PeriodType, set.ID)
	}
	for i, p := range f.periods {
		f.at[p] = i
		f.state = append(f.state, make([]formState, f.tree.Len()))
	}
	units := slices.Clone(set.OrgUnits)
	slices.Sort(units)
	for _, id := range slices.Compact(units) {
		unit, ok := f.tree.Unit(id)
		if !ok {
			f.issues = append(f.issues, &hmis.Issue{
				Code: "E7143", Severity: hmis.Warning, Offset: -1,
				Object: hmis.Ref{Kind: hmis.KindDataSet, ID: set.ID}, Field: "organisationUnits",
				Err: fmt.Errorf("assigned org unit %q is unknown: nothing is expected of it", id),
			})
			continue
		}
		pos, _, _ := f.tree.Span(id)
		for i, p := range f.periods {
			opened := unit.Opened == 0 || unit.Opened <= p.First()
			if opened && (unit.Closed == 0 || unit.Closed >= p.Last()) {
				f.state[i][pos] |= expected
			}
		}
	}
	return f, nil
}

// register marks the reports that were marked complete. It returns the
// registrations that were not expected, one for each org unit and period.
func (f *forms) register(
	ctx context.Context, c *aggregate.Cube, set *hmis.DataSet,
) (unexpected []hmis.Completion, err error) {
	steps := 0
	for done := range c.Reports(aggregate.Filter{Data: []indicator.Item{{ID: set.ID}}, Periods: f.periods}) {
		if steps++; steps%contextSteps == 0 && ctx.Err() != nil {
			break
		}
		i := f.at[done.Period]
		pos, _, _ := f.tree.Span(done.OrgUnit)
		state := &f.state[i][pos]
		if *state&(expected|registered) == 0 {
			unexpected = append(unexpected, done)
		}
		*state |= registered
		if timely(done.At, done.Period, set.TimelyDays) {
			*state |= onTime
		}
	}
	return unexpected, ctx.Err()
}

// contextSteps is the number of loop steps between two checks of the context.
// These steps take well below a millisecond.
const contextSteps = 1024

// timely reports whether a form was completed on time: within its timely days
// plus one, counted from the start of the period's last day.
func timely(at time.Time, p period.Period, days float64) bool {
	end := p.Last().Time(time.UTC)
	return at.Sub(end).Seconds() <= math.Round((days+1)*24*3600)
}

// values marks the reports that have any value of the items. If do is not nil,
// it is called for each value with its period and position.
func (f *forms) values(
	ctx context.Context, c *aggregate.Cube, items []indicator.Item, do func(period, pos int, v indicator.Value),
) error {
	if len(items) == 0 {
		return ctx.Err()
	}
	for s := range c.Segments(aggregate.Filter{Data: items, Periods: f.periods}) {
		if err := ctx.Err(); err != nil {
			return err
		}
		i := f.at[s.Period]
		for k, place := range s.Places {
			v := s.Column.At(k)
			if text, ok := v.Text(); ok && text == "" {
				continue
			}
			f.state[i][place] |= withValues
			if do != nil {
				do(i, int(place), v)
			}
		}
	}
	return nil
}

// A formCount counts the reports of an org unit and of all units below it.
type formCount struct {
	expected, actual, onTime, unexpected, withValues, valuesOnly, clickOnly float64
	sites, sitesReporting                                                   float64
}

func (n *formCount) parts() map[string]float64 {
	return parts(
		"expected", n.expected, "actual", n.actual, "onTime", n.onTime, "unexpected", n.unexpected,
		"withValues", n.withValues, "valuesOnly", n.valuesOnly, "clickOnly", n.clickOnly,
		"sites", n.sites, "sitesReporting", n.sitesReporting,
		"rate", percent(n.actual, n.expected), "rateOnTime", percent(n.onTime, n.expected),
		"rateUncut", percent(n.actual+n.unexpected, n.expected),
		"rateWithValues", percent(n.withValues, n.expected),
	)
}

func (f *forms) count(unit hmis.UID) formCount {
	var n formCount
	first, end, _ := f.tree.Span(unit)
	for i := range f.periods {
		for _, s := range f.state[i][first:end] {
			switch {
			case s&expected == 0:
				if s&registered != 0 {
					n.unexpected++
				}
				continue
			case s&(registered|withValues) == registered:
				n.clickOnly++
			case s&(registered|withValues) == withValues:
				n.valuesOnly++
			}
			n.expected++
			if s&registered != 0 {
				n.actual++
			}
			if s&onTime != 0 {
				n.onTime++
			}
			if s&withValues != 0 {
				n.withValues++
			}
		}
	}
	for pos := first; pos < end; pos++ {
		site, reporting := 0.0, 0.0
		for i := range f.periods {
			if s := f.state[i][pos]; s&expected != 0 {
				site = 1
				if s&(registered|withValues) != 0 {
					reporting = 1
				}
			}
		}
		n.sites, n.sitesReporting = n.sites+site, n.sitesReporting+reporting
	}
	return n
}
