package quality

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/period"
)

// A ruleTask has the rules of one period type that are compared in one period.
type ruleTask struct {
	class  *ruleClass
	period period.Period
	// readable has the periods whose values count in this one.
	readable []period.Period
}

// tasks returns a task for each compared period, in the order of the answer.
func (r *ruleRun) tasks(s Scope) ([]ruleTask, error) {
	days := spanOf(r.cube, s)
	data := spanOf(r.cube, Scope{})
	var list []ruleTask
	for _, class := range r.classes {
		periods, err := days.periods(class.typ)
		if err != nil {
			return nil, err
		}
		for _, p := range periods {
			if p.First() >= data.from && p.First() <= data.to { // a period outside the data cannot have a value
				list = append(list, ruleTask{class: class, period: p})
			}
		}
	}
	types := days.types()
	slices.SortStableFunc(list, func(a, b ruleTask) int {
		return cmp.Or(cmp.Compare(a.period.First(), b.period.First()), cmp.Compare(a.period.Last(), b.period.Last()),
			a.period.Compare(b.period))
	})
	for i := range list {
		list[i].readable = readableIn(list[i].period, types)
	}
	return list, nil
}

// readableIn returns the periods of the given types that contain the first day
// of p and are not shorter than p.
func readableIn(p period.Period, types []period.Type) []period.Period {
	var list []period.Period
	for _, t := range types {
		if t.Frequency() < p.Type().Frequency() {
			continue
		}
		if q := p.Calendar().On(t, p.First()); !q.IsZero() && !slices.Contains(list, q) {
			list = append(list, q)
		}
	}
	return list
}

// A span is the time of a run: a list of periods, or all periods between two
// days in the calendars of the data.
type span struct {
	listed    []period.Period
	from, to  period.Date
	calendars []*period.Calendar
}

func spanOf(c *aggregate.Cube, s Scope) span {
	if len(s.Periods) > 0 {
		return span{listed: s.Periods, from: s.From, to: s.To}
	}
	d := span{from: s.From, to: s.To}
	for i, p := range c.Periods() {
		if !slices.Contains(d.calendars, p.Calendar()) {
			d.calendars = append(d.calendars, p.Calendar())
		}
		if s.From == 0 && (i == 0 || p.First() < d.from) {
			d.from = p.First()
		}
		if s.To == 0 && (i == 0 || p.Last() > d.to) {
			d.to = p.Last()
		}
	}
	if len(d.calendars) == 0 {
		d.calendars = []*period.Calendar{period.Gregorian}
	}
	return d
}

// maxPeriods limits the periods of one run, so that absurd dates cannot exhaust
// the memory. It is the number of days in 270 years.
const maxPeriods = 100_000

// periods returns the periods of a type. It is an error if there are too many.
func (d span) periods(t period.Type) ([]period.Period, error) {
	var list []period.Period
	seen := map[period.Period]bool{}
	for _, p := range d.listed {
		if p.Type() == t && d.holds(p) && !seen[p] {
			seen[p] = true
			list = append(list, p)
		}
	}
	for _, cal := range d.calendars {
		for p := d.first(cal, t); !p.IsZero() && p.Last() <= d.to; p = p.Add(1) {
			if len(list) == maxPeriods {
				return nil, fmt.Errorf("quality: more than %d periods of type %s from %s to %s", maxPeriods, t, d.from, d.to)
			}
			list = append(list, p)
		}
	}
	return list, nil
}

// first returns the first period of a type within the days of d.
func (d span) first(cal *period.Calendar, t period.Type) period.Period {
	p := cal.On(t, d.from)
	if !p.IsZero() && p.First() < d.from {
		p = p.Add(1)
	}
	return p
}

func (d span) holds(p period.Period) bool {
	return (d.from == 0 || p.First() >= d.from) && (d.to == 0 || p.Last() <= d.to)
}

// types returns the types of the periods in the run.
func (d span) types() []period.Type {
	var list []period.Type
	for _, t := range period.Types() {
		found := slices.ContainsFunc(d.listed, func(p period.Period) bool { return p.Type() == t && d.holds(p) })
		for _, cal := range d.calendars {
			p := d.first(cal, t)
			found = found || !p.IsZero() && p.Last() <= d.to
		}
		if found {
			list = append(list, t)
		}
	}
	return list
}
