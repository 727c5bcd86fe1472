package adx

import (
	"context"
	"io"

	"github.com/ohie-hmis/hmis-go/internal/cancel"
)

// WithContext returns a reader of r that stops when ctx ends: Read then returns
// the error of ctx at once, even while it waits for r. Use it to stop any
// function of packages adx, dsd and madx that reads from an [io.Reader]:
//
//	groups := adx.NewReader(adx.WithContext(ctx, file)).Groups()
//
// The error of such a function wraps that of ctx. A Read of r that is still
// waiting is not interrupted, so do not use r again before it has returned.
func WithContext(ctx context.Context, r io.Reader) io.Reader { return cancel.Reader(ctx, r) }
