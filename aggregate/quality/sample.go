package quality

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// SamplePeriods returns the periods from which a predictor computes its value
// for the period of. The list begins with the periods before it, nearest first,
// without those that are skipped. Then come the same period of each earlier
// year and its neighbours, alternately before and after.
//
// A period may occur twice and then counts twice. Periods outside the calendar
// are left out (RULES.md#samples).
func SamplePeriods(p hmis.Predictor, of period.Period) []period.Period {
	var list []period.Period
	add := func(q period.Period) {
		if !q.IsZero() {
			list = append(list, q)
		}
	}
	for i := max(p.Skip, 0) + 1; i <= p.Sequential; i++ {
		add(of.Add(-i))
	}
	for years := 1; years <= p.Annual; years++ {
		same := yearsBefore(of, years)
		if same.IsZero() {
			break
		}
		add(same)
		for i := 1; i <= p.Sequential; i++ {
			add(same.Add(-i))
			add(same.Add(i))
		}
	}
	return list
}

// yearsBefore returns the period that contains the first day of p some years
// earlier. In a year without 29 February it is 28 February.
func yearsBefore(p period.Period, years int) period.Period {
	cal := p.Calendar()
	year, month, day := cal.Civil(p.First())
	for ; day > 0; day-- {
		if d, err := cal.Date(year-years, month, day); err == nil {
			return cal.On(p.Type(), d)
		}
	}
	return period.Period{}
}

// These limit the sample periods of one predicted period, and of all in a run,
// so that a predictor with absurd counts cannot exhaust the memory.
const (
	maxSamples      = 10_000
	maxSamplesOfRun = 10_000_000
)

// sampleCount returns how many sample periods a predictor wants.
func sampleCount(p *hmis.Predictor) int {
	return max(p.Sequential, 0) + max(p.Annual, 0)*(1+2*max(p.Sequential, 0))
}
