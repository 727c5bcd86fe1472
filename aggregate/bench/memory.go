package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// A footprint is the memory of a program that loads the values and keeps the
// cube, in bytes above what it used before.
type footprint struct {
	Values         int
	Size           int // size that the cube reports
	Resident, Peak int
}

// footprintOf names the scale in the environment of the child that measures.
const footprintOf = "HMIS_BENCH_FOOTPRINT"

// measureMemory loads the values in a child process that reads one batch at a
// time and does nothing else.
func measureMemory(ctx context.Context, _ options, w *workload.World) ([]*table, error) {
	fmt.Fprintln(os.Stderr, "memory ...")
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	child := exec.CommandContext(ctx, self)
	child.Env = append(os.Environ(), footprintOf+"="+w.Scale.Name)
	child.Stderr = os.Stderr
	out, err := child.Output()
	if err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	var f footprint
	if err := json.Unmarshal(out, &f); err != nil {
		return nil, fmt.Errorf("memory: %w", err)
	}
	per := func(n int) float64 { return float64(n) / float64(f.Values) }
	t := &table{
		title: "bytes per value", columns: []string{"held", "resident", "peak of load"}, smaller: true,
		subjects: []line{{oursName, []entry{{number: per(f.Size)}, {number: per(f.Resident)}, {number: per(f.Peak)}}}},
	}
	limit := goal{s: 5, m: 4, l: 4}.at(w.Scale.Name)
	for i, want := range []float64{limit, 2 * per(f.Size), 6 * per(f.Size)} {
		met := "is met"
		if t.subjects[0].entries[i].number > want {
			met = "is missed"
		}
		t.notes = append(t.notes, fmt.Sprintf("%s: the goal of at most %s %s", t.columns[i], short(want), met))
	}
	return []*table{t}, nil
}

// takeFootprint runs in the child process: it loads the values and prints its
// footprint.
func takeFootprint(ctx context.Context, w *workload.World) error {
	l, err := loader(w)
	if err != nil {
		return err
	}
	debug.FreeOSMemory()
	before, err := status("VmRSS")
	if err != nil {
		return err
	}
	// Without permission, the peak is counted from the start of the process,
	// when less was used.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	cube, err := l.LoadBatches(ctx, w.Batches(w.Rows(), batchSize))
	if err != nil {
		return err
	}
	peak, err := status("VmHWM")
	if err != nil {
		return err
	}
	debug.FreeOSMemory()
	after, err := status("VmRSS")
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(footprint{Values: cube.Len(), Size: cube.Size(), Resident: after - before, Peak: peak - before})
}

// status returns a number of bytes from the status file that Linux keeps of
// this process.
func status(name string) (int, error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(b) {
		if rest, ok := strings.CutPrefix(string(line), name+":"); ok {
			kB, err := strconv.Atoi(strings.Fields(rest)[0])
			return kB << 10, err
		}
	}
	return 0, fmt.Errorf("no %s in /proc/self/status", name)
}
