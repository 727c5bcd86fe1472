package aggregate

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/compute"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A rater computes reporting rates.
type rater struct {
	ctx context.Context
	*planner
}

func (r *evaluator) rates() rater { return rater{r.ctx, &r.planner} }

// rateCells are, for each cell, how many targets there are, how many reports
// are expected of these, and how many came in.
type rateCells struct {
	targets, expected, actual []int64
}

// sharedRates holds what the rates of a query have in common: those of one data
// set count the same reports (BenchmarkRates).
type sharedRates struct {
	mu   sync.Mutex
	held map[rateKey]*countOnce
}

type rateKey struct {
	set    hmis.UID
	counts rateCount
}

// A rateCount says what is counted of a data set.
type rateCount uint8

const (
	countsExpected rateCount = iota
	countsActual
	countsOnTime
)

type countOnce struct {
	once  sync.Once
	cells rateCells
}

// at returns the counts of a data set, which may not be made yet.
func (s *sharedRates) at(key rateKey) *countOnce {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.held[key]
	if c == nil {
		if s.held == nil {
			s.held = map[rateKey]*countOnce{}
		}
		c = &countOnce{}
		s.held[key] = c
	}
	return c
}

// counts counts targets and reports in each cell. For the grid's own periods and
// few cells this is done once and shared: the counts must not be changed.
func (r rater) counts(set *hmis.DataSet, periods []period.Period, onTime bool) rateCells {
	reports := countsActual
	if onTime {
		reports = countsOnTime
	}
	const fewCells = 1 << 14 // which are held until the query ends
	if !r.grid.has(periods) || r.grid.cells(len(periods)) > fewCells {
		cells := r.countExpected(set, periods)
		cells.actual = r.countActual(set, periods, reports)
		return cells
	}
	expected := r.sharedRates.at(rateKey{set.ID, countsExpected})
	expected.once.Do(func() { expected.cells = r.countExpected(set, periods) })
	actual := r.sharedRates.at(rateKey{set.ID, reports})
	actual.once.Do(func() { actual.cells.actual = r.countActual(set, periods, reports) })
	return rateCells{expected.cells.targets, expected.cells.expected, actual.cells.actual}
}

// columns computes a metric of a data set in all cells, and what was
// reported and expected. A cell exists where anything is expected, whatever was
// reported (RULES.md#reporting-rates).
func (r rater) columns(
	item indicator.Item, periods []period.Period, component bool,
) (value, actual, expected indicator.Column, err error) {
	set, ok := hmis.Find[hmis.DataSet](r.cube.catalog, item.ID)
	if !ok { // an unknown data set is answered like an unknown data element
		nothing := r.grid.empty(len(periods))
		return nothing, nothing, nothing, nil
	}
	if set.PeriodType == 0 {
		return value, actual, expected, issue(
			"", "Data", "data set %q has no period type: how often it is expected is not known",
			item.ID,
		)
	}
	if r.query.Filter.dated() {
		return value, actual, expected, issue(
			"E7104", "Filter.From", "reporting rate %s needs periods, not days", item,
		)
	}
	onTime := item.Rate == indicator.ReportingRateOnTime ||
		item.Rate == indicator.ActualReportsOnTime
	counts := r.counts(&set, periods, onTime)
	g := &r.grid
	actual, expected = g.empty(len(periods)), g.empty(len(periods))
	out := compute.Outcome{Column: g.empty(len(periods)), Digits: 2, Raw: r.query.SkipRounding}
	out.Column.Scale = 2
	for cell, targets := range counts.targets {
		if cell%betweenCells == 0 && r.ctx.Err() != nil {
			break
		}
		if targets == 0 {
			continue
		}
		want := counts.expected[cell]
		actual.Missing[cell] = false
		if item.Rate != indicator.ExpectedReports { // the expected number alone reads no completions
			actual.Coef[cell] = counts.actual[cell]
		}
		expected.Coef[cell], expected.Missing[cell] = want, false
		num, den := metric(item.Rate, counts.actual[cell], want)
		if component || r.meetsAny(num, den) {
			out.Set(cell, num, den)
		}
	}
	return out.Column, actual, expected, r.ctx.Err()
}

// metric returns one of the five metrics as a fraction
// (RULES.md#reporting-rates).
func metric(rate indicator.Rate, actual, expected int64) (num, den decimal.Decimal) {
	one := decimal.New(1, 0)
	switch rate {
	case indicator.ExpectedReports:
		return decimal.NewFromInt(expected), one
	case indicator.ActualReports, indicator.ActualReportsOnTime:
		return decimal.NewFromInt(actual), one
	}
	switch {
	case expected == 0:
		return decimal.Decimal{}, one
	case actual >= expected:
		return decimal.NewFromInt(100), one
	}
	return decimal.NewFromInt(100 * actual), decimal.NewFromInt(expected)
}

// meetsAny applies the criteria of the query to a rate: one is enough, and it
// sees the rounded number unless rounding is skipped (RULES.md#criteria).
func (r rater) meetsAny(num, den decimal.Decimal) bool {
	if len(r.query.Criteria) == 0 {
		return true
	}
	if !r.query.SkipRounding {
		num, den = num.DivRound(den, 2), decimal.New(1, 0)
	}
	for _, c := range r.query.Criteria {
		if allRatio([]Criterion{c}, num, den) {
			return true
		}
	}
	return false
}

// A due is how many reports are expected of a target that is open throughout
// some days.
type due struct {
	first, last period.Date
	reports     int64
}

// dues returns what is expected in the cells of a period: one entry for each
// full data period, or for daily forms the days. With filter periods, a cell
// has the reports of each of them that no other one covers. Server artefact:
// all filter periods count like the first, and the days of daily forms once for
// each period.
func (r rater) dues(set *hmis.DataSet, p period.Period) []due {
	if !p.IsZero() {
		return []due{{p.First(), p.Last(), nominal(set, p)}}
	}
	asked := distinct(r.query.Filter.Periods)
	if r.query.ServerArtefacts {
		one := due{asked[0].First(), asked[0].Last(), nominal(set, asked[0])}
		if set.PeriodType == period.Daily {
			one.reports = int64(days(asked))
		}
		one.reports *= int64(len(asked))
		return []due{one}
	}
	var list []due
	for _, q := range asked {
		covered := slices.ContainsFunc(asked, func(longer period.Period) bool {
			in, ok := q.In(longer.Type())
			return ok && longer != q && in == longer
		})
		if !covered {
			list = append(list, due{q.First(), q.Last(), nominal(set, q)})
		}
	}
	return list
}

// nominal returns the number of reports that a form requires in a period.
func nominal(set *hmis.DataSet, p period.Period) int64 {
	if set.PeriodType == period.Daily {
		return int64(p.Days())
	}
	return int64(p.Type().Frequency() / set.PeriodType.Frequency())
}

// countExpected counts the targets of each cell, and the reports expected of
// them.
func (r rater) countExpected(set *hmis.DataSet, periods []period.Period) rateCells {
	g := &r.grid
	n := g.cells(len(periods))
	counts := rateCells{targets: make([]int64, n), expected: make([]int64, n)}
	dues := make([][]due, len(periods))
	for i, p := range periods {
		dues[i] = r.dues(set, p)
	}
	places := r.placer.places(nil)
	lookups := places.Lookups()
	split, ok, attr := 0, false, math.MinInt // of the target before
	for n, t := range r.cube.expected.of(r.ctx, r.cube, set) {
		if n%betweenValues == 0 && r.ctx.Err() != nil {
			break
		}
		if t.attr != attr {
			attr = t.attr
			split, ok = r.reportSplit(attr)
		}
		if !ok {
			continue
		}
		for _, at := range lookups {
			if at[t.pos] == 0 {
				continue
			}
			b := &places.Base[at[t.pos]-1]
			cell := b.Unit*len(periods)*g.splits + b.Cell + split
			for i := range dues {
				for _, due := range dues[i] {
					if t.open(due.first, due.last) {
						counts.targets[cell]++
						counts.expected[cell] += due.reports
					}
				}
				cell += g.splits
			}
		}
	}
	return counts
}

// countActual counts the reports of each cell, all or those on time.
func (r rater) countActual(set *hmis.DataSet, periods []period.Period, which rateCount) []int64 {
	c, g := r.cube, &r.grid
	counts := make([]int64, g.cells(len(periods)))
	var when *compute.Rows
	if g.hasPeriods() {
		when = c.periods.eachOf(periods, compute.Window{})
	} else {
		when = c.periods.anyOf(r.query.Filter.Periods, compute.Window{})
	}
	places := r.placer.places(nil)
	for i, report := range c.reports[set.ID] {
		if i%betweenCells == 0 && r.ctx.Err() != nil {
			break
		}
		if which == countsOnTime && !timely(report.at, c.periods.list[report.period], set.TimelyDays) {
			continue
		}
		split, ok := r.reportSplit(int(report.attr))
		if !ok {
			continue
		}
		for _, row := range when.All.Of(report.period) {
			places.Each(report.pos, func(b place.Base) {
				counts[(b.Unit*len(periods)+int(row))*g.splits+b.Cell+split]++
			})
		}
	}
	return counts
}

// timely reports whether a form was complete in time: not more than its timely
// days and one more after the last day of the period began
// (RULES.md#actual-reports).
func timely(at int64, p period.Period, days float64) bool {
	end := int64(p.Last()) * int64(24*time.Hour/time.Second)
	return float64(at-end) <= math.Round((days+1)*24*3600)
}

// reportSplit returns the first cell of the split for reports with this
// attribute option combo, the only combo that reports have. ok is false if they
// do not count.
func (r rater) reportSplit(attr int) (cell int, ok bool) {
	item := func(a *axis) int32 {
		switch {
		case a.byPos != nil:
			return 0
		case a.byElement != nil || attr < 0:
			return -1
		}
		return a.byCombo[attr]
	}
	for i := range r.filters {
		if item(&r.filters[i]) < 0 {
			return 0, false
		}
	}
	for i := range r.grid.axes {
		a := &r.grid.axes[i]
		if a.byPos != nil {
			continue
		}
		n := item(a)
		if n < 0 {
			return 0, false
		}
		cell += int(n) * r.grid.stride[i]
	}
	return cell, true
}
