package quality

import (
	"cmp"
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A MADShare finds single values that are far above the rest of their line, or
// that make up most of their year's total. It is meant for large counts.
type MADShare struct {
	MADs    float64 // number of median deviations above the median; 0 means 10
	Share   float64 // share of the calendar year's sum; 0 means 0.8
	Minimum float64 // smaller values do not count; 0 means 100
}

// A MADShareFinding is a value that one of the rules finds. Residual is nil if
// the deviation is 0, and Share is nil if the sum is 0.
type MADShareFinding struct {
	OrgUnit         hmis.UID
	Period          period.Period
	Value           float64
	Median, MAD     float64 // the median and median deviation of the upper half of the line; MAD is multiplied by 1.4826
	Residual, Share *float64
	By              []string // the rules that found the value: "mad", "share"
}

// Find returns the findings in lines, by org unit and period. The values of
// each line belong to periods.
func (r MADShare) Find(periods []period.Period, lines []Line) ([]MADShareFinding, error) {
	mads, err := threshold(r.MADs, 10)
	if err != nil {
		return nil, err
	}
	share, err := threshold(r.Share, 0.8)
	if err != nil {
		return nil, err
	}
	least := cmp.Or(r.Minimum, 100)
	if math.IsNaN(least) {
		return nil, refuse("E2204", "Minimum", "minimum %v: want a number", least)
	}
	list := []MADShareFinding{}
	for i := range lines {
		if n := len(lines[i].Values); n > len(periods) {
			return nil, refuse("", "Values", "org unit %s: %d values for %d periods", lines[i].OrgUnit, n, len(periods))
		}
		x, unit := manageable(lines[i].present())
		all := sample{x: x}
		median := all.median()
		top := sample{x: slices.DeleteFunc(x, func(v float64) bool { return v < median })}
		upper, _ := top.absolute(top.median())
		mad := madFactor * upper
		years := map[int]float64{}
		for k, v := range lines[i].Values {
			if v != nil && known(*v) != nil {
				years[periods[k].First().Year()] += *v / unit
			}
		}
		for k, v := range lines[i].Values {
			if v == nil || known(*v) == nil || *v <= least {
				continue
			}
			f := MADShareFinding{
				OrgUnit: lines[i].OrgUnit, Period: periods[k], Value: *v, Median: median * unit, MAD: bounded(mad * unit),
			}
			f.Residual = known(math.Abs(*v/unit-median) / mad)
			f.Share = known(*v / unit / years[periods[k].First().Year()])
			if f.Residual != nil && above(*f.Residual, mads) {
				f.By = append(f.By, "mad")
			}
			if f.Share != nil && above(*f.Share, share) {
				f.By = append(f.By, "share")
			}
			if len(f.By) > 0 {
				list = append(list, f)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b MADShareFinding) int {
		return cmp.Or(cmp.Compare(a.OrgUnit, b.OrgUnit), a.Period.Compare(b.Period))
	})
	return list, nil
}
