package main

import (
	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A question is what all subjects are asked: every combination of data, org
// units and periods. Its numbers are indices of a world.
type question struct {
	id         string // such as "q3a"
	elements   []int  // data elements; indicators if empty
	indicators []int
	level      int // level of the org units; 0 means all units on all levels
	unit       int // the only org unit, in place of a level; 0 means none
	one        bool
	months     []int
	quarters   []int // numbers of quarters, from the first of the world
	years      []int
	ratio      bool
}

// All periods share one numbering: months from 0, quarters from firstQuarter,
// years from firstYear.
const (
	firstQuarter = workload.Months
	firstYear    = firstQuarter + workload.Months/3
	numPeriods   = firstYear + workload.Months/12
)

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// variants is the number of different indicators and districts in q1.
const variants = 50

// questions returns the questions q1 to q5, each as a list of variants.
func questions(w *workload.World) [][]question {
	months, quarters, years := upTo(workload.Months), upTo(workload.Months/3), upTo(workload.Months/12)
	sums := w.Of(hmis.Sum)
	districts := w.At(3)
	var q1 []question
	for i := range variants {
		q1 = append(q1, question{
			id: "q1", indicators: []int{i % workload.Indicators}, one: true, unit: districts[(i*7)%len(districts)],
			months: months[12:24], ratio: true,
		})
	}
	return [][]question{
		q1,
		{{id: "q2", indicators: upTo(workload.Indicators), level: 3, months: months[12:24], ratio: true}},
		{{id: "q3a", elements: sums, level: 2, months: months}},
		{{id: "q3b", elements: sums, level: 3, quarters: quarters, years: years}},
		{{id: "q4", elements: sums, months: months, quarters: quarters, years: years}},
		{{
			id:       "q5",
			elements: w.Of(hmis.Last, hmis.Average, hmis.AverageSumOrgUnit, hmis.Min, hmis.Max),
			level:    3, quarters: quarters, years: years,
		}},
	}
}

// units returns the org units of q.
func (q question) units(w *workload.World) []int {
	switch {
	case q.one:
		return []int{q.unit}
	case q.level == 0:
		return upTo(len(w.Units))
	}
	return w.At(q.level)
}

// periodNumbers returns the numbers of the periods of q.
func (q question) periodNumbers() []int {
	list := append([]int(nil), q.months...)
	for _, n := range q.quarters {
		list = append(list, firstQuarter+n)
	}
	for _, n := range q.years {
		list = append(list, firstYear+n)
	}
	return list
}

// periods returns all periods in the order of their numbers.
func periods(w *workload.World) []period.Period {
	list := append([]period.Period(nil), w.Periods...)
	for _, t := range []period.Type{period.Quarterly, period.Yearly} {
		for m := 0; m < workload.Months; {
			p := t.On(w.Periods[m].First())
			list = append(list, p)
			m += len(p.Split(period.Monthly))
		}
	}
	return list
}

// An answer is a checksum of all cells of a question: their number, which they
// are, and their values in hundredths. Sums are modulo 2^64. Equal answers mean
// equal cells.
type answer struct {
	cells, keys, values, weighted uint64
}

// weight returns a number that differs between cells. Subjects that use SQL
// compute it themselves.
func weight(data, unit, period int) uint64 {
	return uint64(data*dataWeight + unit*unitWeight + period*periodWeight + 1)
}

// The numbers are small enough for the product of a weight and a value to fit
// into 63 bits.
const (
	dataWeight   = 17389
	unitWeight   = 61
	periodWeight = 7919
)

// add adds a cell.
func (a *answer) add(weight uint64, hundredths int64) {
	a.cells++
	a.keys += weight
	a.values += uint64(hundredths)
	a.weighted += weight * uint64(hundredths)
}

// plus adds the cells of another question.
func (a *answer) plus(b answer) {
	a.cells += b.cells
	a.keys += b.keys
	a.values += b.values
	a.weighted += b.weighted
}

// hundredths divides thousandths by n and rounds half up, as analytics do unless
// asked otherwise. No value of a world is negative.
func hundredths(thousandths, n int64) int64 {
	return (thousandths + 5*n) / (10 * n)
}

// perThousand returns an indicator, a per thousand of b, in hundredths.
func perThousand(a, b int64) int64 { return (a*200_000 + b) / (2 * b) }
