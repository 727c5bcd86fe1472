package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// scanned returns a question that reads many values and has few cells.
func scanned(w *workload.World) question {
	return question{id: "scan", elements: w.Of(hmis.Sum), level: 3, years: upTo(workload.Months / 12)}
}

// measureScan compares a query that reads many values and has few cells with
// the simplest loop over as many values. The loop looks up the place of each
// position and adds the value there. Both use one processor.
func measureScan(ctx context.Context, _ options, w *workload.World) ([]*table, error) {
	fmt.Fprintln(os.Stderr, "scan ...")
	sums := w.Of(hmis.Sum)
	o := &ours{workers: 1}
	if err := o.load(ctx, w); err != nil {
		return nil, err
	}
	defer o.close()
	yearly, err := measure(ctx, o, []question{scanned(w)})
	if err != nil {
		return nil, err
	}

	// These are the same values in one array of positions and one of numbers,
	// ordered by element, month and option combos like ours.
	isSum := make([]bool, len(w.Elements))
	for _, e := range sums {
		isSum[e] = true
	}
	var rows []workload.Row
	for r := range w.Rows() {
		if isSum[r.Element] && w.Counts(r) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b workload.Row) int {
		return cmp.Or(
			cmp.Compare(a.Element, b.Element), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Combo, b.Combo),
			cmp.Compare(a.Attr, b.Attr), cmp.Compare(w.Pos[a.Unit], w.Pos[b.Unit]),
		)
	})
	positions, numbers := make([]uint16, len(rows)), make([]int16, len(rows))
	for i, r := range rows {
		positions[i], numbers[i] = uint16(w.Pos[r.Unit]), int16(r.Coef)
	}
	place := make([]uint32, len(w.Units))
	for i, d := range w.At(3) {
		for pos := w.Pos[d]; pos < w.End[d]; pos++ {
			place[pos] = uint32(i) + 1
		}
	}
	var times []time.Duration
	dst := make([]int64, len(w.At(3))+1)
	for range maxRuns {
		start := time.Now()
		for i, p := range positions {
			dst[place[p]] += int64(numbers[i])
		}
		times = append(times, time.Since(start))
	}
	rate := func(d time.Duration) float64 { return float64(len(rows)) / d.Seconds() / 1e6 }
	return []*table{{
		title: "million values/s, one processor", columns: []string{"scan"},
		subjects: []line{
			{oursName, []entry{{number: rate(yearly.median)}}},
			{"scatter-add loop", []entry{{number: rate(median(times))}}},
		},
	}}, nil
}
