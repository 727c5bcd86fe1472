//go:build unix

package quality_test

import (
	"syscall"
	"time"
)

// processorTime returns the time that this program has had processors for.
func processorTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
