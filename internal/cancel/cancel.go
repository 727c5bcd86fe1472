// Package cancel stops the reading of an input when a context ends.
package cancel

import (
	"context"
	"io"
)

// Reader returns a reader of r that stops when ctx ends: Read then returns the
// error of ctx at once, even while it waits for r. A Read of r that is still
// waiting is not interrupted, so r must not be used again before it returns.
func Reader(ctx context.Context, r io.Reader) io.Reader {
	if ctx.Done() == nil {
		return r
	}
	return &reader{ctx: ctx, r: r, done: make(chan chunk, 1)}
}

// Context returns the context that stops r if [Reader] has made r, and the
// background otherwise. What follows the reading stops with it too.
func Context(r io.Reader) context.Context {
	if c, ok := r.(*reader); ok {
		return c.ctx
	}
	return context.Background()
}

// A reader reads r in another goroutine, one piece at a time.
type reader struct {
	ctx  context.Context
	r    io.Reader
	done chan chunk
	buf  []byte
	rest []byte // the part of buf that is not returned yet
	err  error  // the error that follows rest
}

// A chunk is what one Read of the inner reader has returned.
type chunk struct {
	n   int
	err error
}

// readSize is how many bytes are read at once. They are processed in well under
// a millisecond.
const readSize = 32 << 10

// Read implements [io.Reader].
func (c *reader) Read(p []byte) (int, error) {
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
