// Package formulas computes made-up formulas with this library and with other
// engines. It measures the time and compares every answer.
package formulas

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"time"
)

// A Measurement has the results of one engine: time and allocations per cell,
// and how its answers differ from those of decimals.
type Measurement struct {
	Engine          string
	PerCell, Allocs float64 // processor time in nanoseconds, and number of allocations
	Differ          int     // answers that differ in the last digit by one: ties that doubles round wrongly
	Wrong           int     // answers that differ by more, or of which one is missing
	Sum             int64   // sum of the compared answers
}

// Measure runs all engines over n formulas, ours first. Slow engines compute
// only the first peers cells of each formula. These are the cells that are
// compared.
func Measure(n, cells, peers int) ([]Measurement, error) {
	peers = min(peers, cells)
	r := rand.New(rand.NewPCG(7, 2026))
	cols := makeColumns(r, cells, peers)
	list := makeFormulas(r, n)
	var measured []Measurement
	for _, e := range engines {
		size := cells
		if e.slow {
			size = peers
		}
		m, err := measure(e, cols, list, size, peers)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		measured = append(measured, m)
	}
	return measured, nil
}

// cpuTime returns the processor time of this process, including garbage
// collection. Other processes change it less than the time on a clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // this cannot fail for the own process
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// block is the number of cells that are computed for all formulas before the
// next ones, so that columns stay in the cache.
const block = 2048

// rounds is how often each engine computes everything. The fastest round
// counts.
const rounds = 5

// measure runs an engine over all formulas. The first cells of each are
// compared with the decimals and summed up.
func measure(e engine, cols []*column, formulas []formula, cells, peers int) (Measurement, error) {
	m := Measurement{Engine: e.name}
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
		if m.PerCell == 0 || perCell < m.PerCell {
			m.PerCell = perCell
		}
		m.Allocs = float64(after.Mallocs-before.Mallocs) / total
	}
	return m, m.compare(cols, formulas, computations, peers)
}

// compare compares the answers in the first cells with those of the decimals.
func (m *Measurement) compare(cols []*column, formulas []formula, computations []computation, peers int) error {
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
			m.Sum += a.value
			switch d := a.value - want[i].value; {
			case a.none != want[i].none, d < -1, d > 1:
				m.Wrong++
			case d != 0:
				m.Differ++
			}
		}
	}
	return nil
}
