package aggregate

import (
	"cmp"
	"slices"

	"github.com/ohie-hmis/hmis-go/period"
)

// shareDays sets divisors as the server does when data of a longer period is
// shown in shorter ones. All periods of the query with the same type and length
// share one divisor: that of the data period which a hash map lists first. For
// components of formulas, the periods that formulas move to are included.
func shareDays(p *planned, read, periods []period.Period, data period.Type) {
	type group struct {
		typ  period.Type
		days int
	}
	members := map[group][]period.Period{}
	for _, q := range read {
		if !q.IsZero() && spreads(p.job.Rule, data, q.Type()) {
			g := group{q.Type(), q.Days()}
			members[g] = append(members[g], q)
		}
	}
	for i, q := range periods {
		if asked := members[group{q.Type(), q.Days()}]; len(asked) > 0 {
			days := firstHashed(dataPeriods(asked, data)).Days()
			p.finish.Blends[i].Days, p.finish.Blends[i].Days2 = days, days
		}
	}
}

// firstHashed returns the period that a Java hash map of the server lists
// first.
func firstHashed(periods []period.Period) period.Period {
	size := uint32(16)
	for 4*len(periods) > 3*int(size) {
		size *= 2
	}
	bucket := func(p period.Period) uint32 {
		var h uint32
		for _, c := range []byte(p.String()) {
			h = 31*h + uint32(c)
		}
		h = ((59+h)*59+43)*59 + 43
		return (h ^ h>>16) & (size - 1)
	}
	byBucket := func(a, b period.Period) int { return cmp.Compare(bucket(a), bucket(b)) }
	return slices.MinFunc(periods, byBucket)
}
