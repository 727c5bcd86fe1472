package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

const oursName = "hmis-go"

// subjects returns the engines that take part, ours first.
func subjects(o options) []subject {
	all := []subject{duckExpert(), duckWide(), &codes[thousandths]{title: "map of codes"}}
	if o.postgres != "" {
		all = append(all, postgres(o.postgres))
	}
	if o.scale.Share <= workload.S.Share { // at larger scales it takes minutes
		all = append(all, &codes[decimals]{title: "map of decimals"})
	}
	list := []subject{&ours{}}
	for _, s := range all {
		if o.wants(s.name()) {
			list = append(list, s)
		}
	}
	return list
}

// measureQueries asks q1 to q5 of all subjects, one subject after the other.
func measureQueries(ctx context.Context, o options, w *workload.World) ([]*table, error) {
	asked := questions(w)
	times := &table{title: "median in ms", smaller: true}
	space := &table{title: "storage", columns: []string{"bytes/value", "set-up in ms"}, smaller: true}
	for _, variants := range asked {
		times.columns = append(times.columns, variants[0].id)
	}
	for _, s := range subjects(o) {
		fmt.Fprintf(os.Stderr, "%s ...\n", s.name())
		debug.FreeOSMemory()
		start := time.Now()
		if err := s.load(ctx, w); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name(), err)
		}
		took := time.Since(start)
		size, err := s.size(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: size: %w", s.name(), err)
		}
		perValue := entry{number: float64(size) / float64(w.Len()), note: "-"}
		if size > 0 {
			perValue.note = ""
		}
		space.subjects = append(space.subjects, line{s.name(), []entry{perValue, {number: milliseconds(took)}}})
		l := line{subject: s.name()}
		for _, variants := range asked {
			t, err := measure(ctx, s, variants)
			if err != nil {
				return nil, err
			}
			l.entries = append(l.entries, entry{number: milliseconds(t.median), fastest: milliseconds(t.fastest), answer: t.answer})
		}
		times.subjects = append(times.subjects, l)
		if err := s.close(); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name(), err)
		}
	}
	return []*table{times, space}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
