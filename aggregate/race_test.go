//go:build race

package aggregate_test

// slowdown is how many times longer computing takes under the race detector.
const slowdown = 10
