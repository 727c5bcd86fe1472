package quality

import (
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// SamplePeriods returns the periods from which a predictor computes its value for
// of: first those before, nearest first, without as many as are skipped; then for
// each earlier year the same period and its neighbours, in turn one before and
// one after. A period may come twice, and then weighs double. Periods beyond the
// ends of a calendar are left out (RULES.md#samples).
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

// yearsBefore returns the period that contains the first day of p so many years
// before. Of 29 February that is 28 February where there is no such day.
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

// Bounds of the sample periods of one predicted period, and of all those of a
// run, so that a predictor with absurd counts cannot ask for all the memory there
// is.
const (
	maxSamples      = 10_000
	maxSamplesOfRun = 10_000_000
)

// sampleCount returns how many sample periods a predictor asks for.
func sampleCount(p *hmis.Predictor) int {
	return max(p.Sequential, 0) + max(p.Annual, 0)*(1+2*max(p.Sequential, 0))
}
