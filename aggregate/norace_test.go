//go:build !race

package aggregate_test

const slowdown = 1
