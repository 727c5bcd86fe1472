package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"runtime"
	"text/tabwriter"
	"time"
)

func main() {
	log.SetFlags(0)
	n := flag.Int("formulas", 1000, "number of formulas")
	cells := flag.Int("cells", 100000, "number of cells")
	peers := flag.Int("peers", 1000, "number of cells for the slow ones")
	flag.Parse()
	if *peers > *cells {
		*peers = *cells
	}
	r := rand.New(rand.NewPCG(7, 2026))
	cols := makeColumns(r, *cells, *peers)
	formulas := makeFormulas(r, *n)
	if err := run(cols, formulas, *cells, *peers); err != nil {
		log.Fatal(err)
	}
}

// A measurement is one engine's: time and allocations per cell, and how its
// answers differ from those of the first.
type measurement struct {
	perCell, allocs float64
	differ          int // by one unit of the last digit: a tie that doubles get wrong
	wrong           int // by more, or one has an answer and the other none
	sum             int64
}

func run(cols []*column, formulas []formula, cells, peers int) error {
	measured := make([]measurement, len(engines))
	for i, e := range engines {
		size := cells
		if e.slow {
			size = peers
		}
		m, err := measure(e, cols, formulas, size, peers)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		measured[i] = m
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d formulas\tns/cell\tallocs/cell\ttimes ours\tchecksum\tlast digit differs\twrong\t\n", len(formulas))
	for i, m := range measured {
		fmt.Fprintf(w, "%s\t%.1f\t%.3f\t%.2f\t%d\t%d\t%d\t\n", engines[i].name, m.perCell, m.allocs,
			m.perCell/measured[0].perCell, m.sum, m.differ, m.wrong)
	}
	return w.Flush()
}

// measure runs an engine over all formulas. The first cells of each are compared
// with what the decimals say, and make the checksum.
func measure(e engine, cols []*column, formulas []formula, cells, peers int) (measurement, error) {
	var m measurement
	out, want := make([]answer, cells), make([]answer, peers)
	var spent time.Duration
	var allocs uint64
	for _, f := range formulas {
		compute, err := e.begin(cols, f)
		if err != nil {
			return m, err
		}
		if err := compute(out[:min(cells, 100)]); err != nil { // warm up
			return m, err
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		err = compute(out)
		spent += time.Since(start)
		runtime.ReadMemStats(&after)
		if err != nil {
			return m, err
		}
		allocs += after.Mallocs - before.Mallocs
		truth, err := decimalClosures(cols, f)
		if err != nil {
			return m, err
		}
		if err := truth(want); err != nil {
			return m, err
		}
		for i, a := range out[:peers] {
			m.sum += a.value
			switch d := a.value - want[i].value; {
			case a.none != want[i].none, d < -1, d > 1:
				m.wrong++
			case d != 0:
				m.differ++
			}
		}
	}
	total := float64(cells) * float64(len(formulas))
	m.perCell = float64(spent.Nanoseconds()) / total
	m.allocs = float64(allocs) / total
	return m, nil
}
