package main

import (
	"cmp"
	"context"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// BenchmarkQuestions asks our engine alone, so that it can be profiled. Beside
// the time that passes it reports that of the processors, which does not depend
// on what else runs on the machine. HMIS_SCALE is S if not set.
func BenchmarkQuestions(b *testing.B) {
	name := cmp.Or(os.Getenv("HMIS_SCALE"), workload.S.Name)
	i := slices.IndexFunc(workload.Scales(), func(s workload.Scale) bool { return s.Name == name })
	if i < 0 {
		b.Fatalf("no scale %q", name)
	}
	w := workload.New(workload.Scales()[i])
	o := &ours{workers: 1}
	if err := o.load(context.Background(), w); err != nil {
		b.Fatal(err)
	}
	asked := append(questions(w), []question{scanned(w)})
	for _, variants := range asked {
		b.Run(variants[0].id, func(b *testing.B) {
			b.ReportAllocs()
			start := processorTime(b)
			n := 0
			for b.Loop() {
				if _, err := o.ask(b.Context(), variants[n%len(variants)]); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64(processorTime(b)-start)/float64(b.N), "cpu-ns/op")
		})
	}
}

// processorTime returns what this process has used up to now.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
