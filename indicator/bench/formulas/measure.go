// Package formulas computes made-up formulas with this library and with its
// peers, measures them, and compares every answer.
package formulas

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"syscall"
	"time"
)

// A Measurement is one engine's: time and allocations per cell, and how its
// answers differ from those of decimals.
type Measurement struct {
	Engine          string
	PerCell, Allocs float64 // nanoseconds of the processor, number
	Differ          int     // by one unit of the last digit: a tie that doubles get wrong
	Wrong           int     // by more, or one has an answer and the other none
	Sum             int64   // of the answers compared
}

// Measure runs all engines over n formulas, ours first. Slow ones compute the
// first peers cells of each formula only, which are those that are compared.
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

// cpuTime is what the process has used, which other processes of the machine
// change less than the time of the clock. It includes collecting garbage.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // asked for ourselves
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

// compare holds the answers in the first cells against those of the decimals.
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
