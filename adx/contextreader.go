package adx

import (
	"context"
	"io"
)

// ContextReader returns a reader of r that stops when ctx ends: Read then
// returns the context's error at once, even while it waits for r. Use it to
// stop any function of packages adx, dsd and madx that reads from an
// [io.Reader]:
//
//	groups := adx.NewReader(adx.ContextReader(ctx, file)).Groups()
//
// Their error wraps that of the context. A Read of r that is still waiting is
// not interrupted, so do not use r again before it has returned.
func ContextReader(ctx context.Context, r io.Reader) io.Reader {
	if ctx.Done() == nil {
		return r
	}
	return &contextReader{ctx: ctx, r: r, done: make(chan chunk, 1)}
}

// A contextReader reads r in another goroutine, one piece at a time.
type contextReader struct {
	ctx  context.Context
	r    io.Reader
	done chan chunk
	buf  []byte
	rest []byte // of buf, read but not handed out
	err  error  // that comes after rest
}

// A chunk is what one Read of the inner reader has returned.
type chunk struct {
	n   int
	err error
}

// readSize is how much is read at once. So much input is processed in well
// under a millisecond.
const readSize = 32 << 10

// Read implements [io.Reader].
func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	if len(c.rest) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		if c.buf == nil {
			c.buf = make([]byte, readSize)
		}
		go func(buf []byte) {
			n, err := c.r.Read(buf)
			c.done <- chunk{n, err}
		}(c.buf)
		select {
		case <-c.ctx.Done():
			return 0, c.ctx.Err()
		case got := <-c.done:
			c.rest, c.err = c.buf[:got.n], got.err
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	if len(c.rest) == 0 && c.err != nil {
		return n, c.err
	}
	return n, nil
}
