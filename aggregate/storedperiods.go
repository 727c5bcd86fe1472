package aggregate

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// storedPeriods are the periods that have or had a value or a report, as the
// columns of a cube number them.
type storedPeriods struct {
	list  []period.Period
	years map[int]bool // years that have any value, even a deleted one (RULES.md#years-read)

	ranking sync.Once
	ranked  []int    // result of ranks, made when first needed
	counted sync.Map // period.Type → map[period.Period][]uint32, made when first needed
	recent  atomic.Pointer[[]*gridRows]
}

// gridRows are the rows of a list of periods that are kept apart, without a
// window, and how cells are made of them.
type gridRows struct {
	periods []period.Period
	rows    *compute.Rows
	blends  []compute.Blend
}

// gridRows returns the rows of some periods. Those of the last few lists are
// kept, since the questions of a dashboard share their periods
// (BenchmarkQuery/indicator). They must not be changed.
func (s *storedPeriods) gridRows(periods []period.Period) *gridRows {
	const lists, longest = 8, 512
	var kept []*gridRows
	if recent := s.recent.Load(); recent != nil {
		kept = *recent
	}
	for _, g := range kept {
		if slices.Equal(g.periods, periods) {
			return g
		}
	}
	g := &gridRows{slices.Clone(periods), s.eachOf(periods, compute.Window{}), blendOfEach(periods)}
	if len(periods) <= longest {
		next := append([]*gridRows{g}, kept[:min(len(kept), lists-1)]...)
		s.recent.Store(&next)
	}
	return g
}

// ranks returns the place of each period in the order of
// [period.Period.Compare].
func (s *storedPeriods) ranks() []int {
	s.ranking.Do(func() { s.ranked = ranks(s.list, period.Period.Compare) })
	return s.ranked
}

// eachOf returns a row for each of some periods, which are kept apart. A value
// counts in a longer period if [period.Period.In] says so
// (RULES.md#longer-periods).
func (s *storedPeriods) eachOf(periods []period.Period, w compute.Window) *compute.Rows {
	counted := make([][]uint32, 0, fewToCompare)
	var ofType map[period.Period][]uint32
	for row, q := range periods {
		if row == 0 || q.Type() != periods[row-1].Type() {
			ofType = s.countedIn(q.Type())
		}
		counted = append(counted, ofType[q])
	}
	rows := &compute.Rows{N: len(periods)}
	if w == (compute.Window{}) {
		rows.All = compute.Invert(len(s.list), counted, nil)
	} else {
		rows.All = compute.Invert(len(s.list), counted, func(p uint32) bool { return w.Holds(s.list[p]) })
	}
	rows.Roll()
	return rows
}

// countedIn returns the numbers of the stored periods that count in each period
// of a type.
func (s *storedPeriods) countedIn(t period.Type) map[period.Period][]uint32 {
	if had, ok := s.counted.Load(t); ok {
		return had.(map[period.Period][]uint32)
	}
	all := map[period.Period][]uint32{}
	for i, p := range s.list {
		if in, ok := p.In(t); ok {
			all[in] = append(all[in], uint32(i))
		}
	}
	s.counted.Store(t, all)
	return all
}

// anyOf returns one row for periods that are only filtered: a value counts
// once, however many of them contain it. No periods let all values through.
func (s *storedPeriods) anyOf(periods []period.Period, w compute.Window) *compute.Rows {
	at, types := periodsByType(periods)
	var list []uint32
	for i, p := range s.list {
		if w.Holds(p) && (len(periods) == 0 || slices.ContainsFunc(types, func(typ period.Type) bool {
			in, ok := p.In(typ)
			_, asked := at[in]
			return ok && asked
		})) {
			list = append(list, uint32(i))
		}
	}
	rows := &compute.Rows{N: 1, All: compute.Invert(len(s.list), [][]uint32{list}, nil)}
	rows.Fine = rows.All
	return rows
}

func periodsByType(periods []period.Period) (at map[period.Period]int32, types []period.Type) {
	at = make(map[period.Period]int32, len(periods))
	for i, p := range periods {
		at[p] = int32(i)
		if !slices.Contains(types, p.Type()) {
			types = append(types, p.Type())
		}
	}
	return at, types
}

// days adds up the days of periods.
func days(periods []period.Period) int {
	n := 0
	for _, p := range periods {
		n += p.Days()
	}
	return n
}

// checkCalendar returns an issue if no period of the query belongs to a
// calendar of the data. Every cell would be empty then.
func (s *storedPeriods) checkCalendar(q *Query) *hmis.Issue {
	asked := q.Periods
	field := "Periods"
	if len(asked) == 0 {
		asked, field = q.Filter.Periods, "Filter.Periods"
	}
	if len(asked) == 0 || len(s.list) == 0 {
		return nil
	}
	for _, p := range asked {
		calendar := p.Calendar()
		if slices.ContainsFunc(s.list, func(held period.Period) bool { return held.Calendar() == calendar }) {
			return nil
		}
	}
	return issue("", field, "%s is of the %s calendar, the data of the %s one", asked[0], asked[0].Calendar().Name(), s.list[0].Calendar().Name())
}

// rowYear returns the year that a value counts in: that of the period's first
// day, for a week that of its fourth day (RULES.md#years-read). Bi-weeks are
// not shifted.
func rowYear(p period.Period) int {
	first := p.First()
	if isWeek(p.Type()) {
		first += 3
	}
	year, _, _ := first.Civil()
	return year
}

func isWeek(t period.Type) bool { return period.Weekly <= t && t <= period.WeeklySunday }
