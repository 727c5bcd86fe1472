//go:build !unix

package aggregate_test

import "time"

// cpuTime returns 0: how long the process has been computing is not known here.
func cpuTime() time.Duration { return 0 }
