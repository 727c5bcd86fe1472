package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"runtime"
	"syscall"
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

// cpuTime is what the process has used, which other processes of the machine
// change less than the time of the clock. It includes collecting garbage.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		log.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// block is how many cells are computed for all formulas before the next, so that
// the columns stay in the cache.
const block = 2048

// rounds is how often each engine computes everything; the fastest counts.
const rounds = 5

// measure runs an engine over all formulas. The first cells of each are compared
// with what the decimals say, and make the checksum.
func measure(e engine, cols []*column, formulas []formula, cells, peers int) (measurement, error) {
	var m measurement
	computations := make([]computation, len(formulas))
	for i, f := range formulas {
		var err error
		if computations[i], err = e.begin(cols, f); err != nil {
			return m, err
		}
	}
	out := make([]answer, block)
	if err := computations[0](0, out[:min(cells, block)]); err != nil { // warm up
		return m, err
	}
	total := float64(cells) * float64(len(formulas))
	for range rounds {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := cpuTime()
		for first := 0; first < cells; first += block {
			for _, c := range computations {
				if err := c(first, out[:min(block, cells-first)]); err != nil {
					return m, err
				}
			}
		}
		perCell := float64((cpuTime() - start).Nanoseconds()) / total
		runtime.ReadMemStats(&after)
		if m.perCell == 0 || perCell < m.perCell {
			m.perCell = perCell
		}
		m.allocs = float64(after.Mallocs-before.Mallocs) / total
	}
	return m, m.compare(cols, formulas, computations, peers)
}

// compare holds the answers in the first cells against those of the decimals.
func (m *measurement) compare(cols []*column, formulas []formula, computations []computation, peers int) error {
	out, want := make([]answer, peers), make([]answer, peers)
	for i, f := range formulas {
		if err := computations[i](0, out); err != nil {
			return err
		}
		truth, err := decimalClosures(cols, f)
		if err != nil {
			return err
		}
		if err := truth(0, want); err != nil {
			return err
		}
		for i, a := range out {
			m.sum += a.value
			switch d := a.value - want[i].value; {
			case a.none != want[i].none, d < -1, d > 1:
				m.wrong++
			case d != 0:
				m.differ++
			}
		}
	}
	return nil
}
