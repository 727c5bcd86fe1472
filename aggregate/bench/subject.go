package main

import (
	"context"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// A subject is an engine in the comparison.
type subject interface {
	// name says which, in the report.
	name() string

	// load takes in all rows of a world.
	load(ctx context.Context, w *workload.World) error

	// ask computes all cells of a question and sums them up.
	ask(ctx context.Context, q question) (answer, error)

	// size returns the bytes that the values occupy; 0 if that cannot be told.
	size(ctx context.Context) (int64, error)

	close() error
}
