//go:build unix

package aggregate_test

import (
	"syscall"
	"time"
)

// cpuTime returns how long this process has been computing: unlike a clock, it does
// not depend on what else the machine does.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
