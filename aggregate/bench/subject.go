package main

import (
	"context"

	"github.com/ohie-hmis/hmis-go/aggregate/bench/workload"
)

// A subject is an engine in the comparison.
type subject interface {
	// name returns the name of the subject in the report.
	name() string

	// load stores all rows of a world.
	load(ctx context.Context, w *workload.World) error

	// ask computes all cells of a question and sums them up.
	ask(ctx context.Context, q question) (answer, error)

	// size returns the number of bytes that the values occupy, or 0 if it is
	// not known.
	size(ctx context.Context) (int64, error)

	close() error
}
