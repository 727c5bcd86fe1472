package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// A timing is how long a subject took for a question.
type timing struct {
	median  time.Duration
	fastest time.Duration // the fastest run of each variant
	answer  answer
}

// Each question is repeated until it has been answered this often, or for this
// long. The first answer does not count.
const (
	maxRuns = 7
	enough  = 4 * time.Second
)

// measure asks all variants of a question repeatedly and returns the median of
// the times.
func measure(ctx context.Context, s subject, variants []question) (timing, error) {
	var t timing
	var times []time.Duration
	for run, spent := 0, time.Duration(0); run <= maxRuns && (run < 2 || spent < enough); run++ {
		var sum answer
		before := spent
		for _, q := range variants {
			start := time.Now()
			a, err := s.ask(ctx, q)
			took := time.Since(start)
			if err != nil {
				return t, fmt.Errorf("%s: %s: %w", s.name(), q.id, err)
			}
			sum.plus(a)
			if run > 0 {
				times = append(times, took)
				spent += took
			} else if took > enough {
				spent = enough // ends after one more round
			}
		}
		if run > 0 && sum != t.answer {
			return t, fmt.Errorf("%s: %s: another answer the second time: %+v, %+v", s.name(), variants[0].id, t.answer, sum)
		}
		t.answer = sum
		if took := (spent - before) / time.Duration(len(variants)); run > 0 && (t.fastest == 0 || took < t.fastest) {
			t.fastest = took
		}
	}
	t.median = median(times)
	return t, nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
