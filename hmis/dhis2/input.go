package dhis2

import (
	"bufio"
	"context"
	"io"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/internal/cancel"
	"github.com/ohie-hmis/hmis-go/internal/input"
)

// These limit an input. They count bytes and not objects, since a single object
// can be long.
const (
	maxObject  = 64 << 20 // bytes of one metadata object
	maxMembers = 1000     // members of one metadata object
	maxHeld    = rows.MaxHeld
	maxCross   = 10_000_000
)

// maxMetadata limits the memory for all metadata of one input, in bytes. Tests
// lower it.
var maxMetadata = 1 << 30

// open calls [input.Open] and adds the place to its error.
func open(r io.Reader) (text *bufio.Reader, skipped int64, err error) {
	text, skipped, err = input.Open(r)
	return text, skipped, at(0, err)
}

// WithContext returns a reader of r that stops when ctx ends: Read then returns
// the error of ctx at once, even while it waits for r. Use it to stop any reader
// of this package; its error wraps that of ctx. A Read of r that is still
// waiting is not interrupted, so do not use r again before it has returned.
func WithContext(ctx context.Context, r io.Reader) io.Reader { return cancel.Reader(ctx, r) }
