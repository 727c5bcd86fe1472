package quality

import (
	"context"
	"sync"
	"sync/atomic"
)

// whileOpen returns a comparison that calls compare until ctx ends, and then
// does no work. So a sort of a long list soon ends, with the list in no order.
func whileOpen[T any](ctx context.Context, compare func(a, b T) int) func(a, b T) int {
	steps, ended := 0, false
	return func(a, b T) int {
		if steps++; steps%contextSteps == 0 {
			ended = ctx.Err() != nil
		}
		if ended {
			return 0
		}
		return compare(a, b)
	}
}

// parallel runs tasks 0 to n-1 on several goroutines. Each goroutine calls
// worker once to get its own function. The error is that of the failed task
// with the lowest number, or that of ctx.
func parallel(ctx context.Context, goroutines, n int, worker func() func(int) error) error {
	var next atomic.Int64
	var stop atomic.Bool
	errs := make([]error, n)
	var all sync.WaitGroup
	for range min(workers(goroutines), n) {
		all.Go(func() {
			do := worker()
			for !stop.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = ctx.Err(); errs[i] == nil {
					errs[i] = do(i)
				}
				if errs[i] != nil {
					stop.Store(true)
				}
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
