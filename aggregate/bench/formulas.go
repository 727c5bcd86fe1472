package main

import (
	"context"
	"fmt"
	"os"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
	"github.com/ohie-hmis/hmis-go/indicator/bench/formulas"
)

// measureFormulas measures question q7: 1,000 formulas over 100,000 cells. The
// slow peers compute the first 100 cells of each formula. Every answer is
// compared with that of decimals. A tie that doubles round to the other side is
// allowed.
func measureFormulas(context.Context, options, *workload.World) ([]*table, error) {
	fmt.Fprintln(os.Stderr, "q7 ...")
	measured, err := formulas.Measure(1000, 100_000, 100)
	if err != nil {
		return nil, err
	}
	t := &table{title: "ns per cell", columns: []string{"q7", "allocations per cell"}, smaller: true}
	for i, m := range measured {
		if m.Wrong > 0 {
			return nil, fmt.Errorf("q7: %s: %d answers are wrong", m.Engine, m.Wrong)
		}
		name := m.Engine
		if i == 0 {
			name = oursName
		}
		t.subjects = append(t.subjects, line{name, []entry{{number: m.PerCell}, {number: m.Allocs}}})
	}
	return []*table{t}, nil
}
