package dhis2

import (
	"bytes"
	"fmt"
	"io"
	"runtime"

	"github.com/ohie-hmis/hmis-go/hmis"
)

const (
	firstChunk = 64 << 10
	lastChunk  = 1 << 20
)

// A rowFormat knows how rows are written. Its methods are called by several
// goroutines at a time.
type rowFormat interface {
	// cut returns the position behind the last byte of b that seems to end a
	// row, or 0. It may be wrong: the end may be quoted.
	cut(b []byte) int
	// parse reads rows until b ends. First says that b is the first of the
	// input, last that nothing follows. Cap(b) has room for padding.
	parse(b []byte, r *rows, first, last bool) outcome
}

// An outcome says how far parse has come.
type outcome struct {
	consumed int   // bytes of b that are done with
	short    bool  // b ends within a row, which begins at consumed
	ended    bool  // the list of rows ends at consumed, before b does
	err      error // a *syntaxError
}

// A chunk is a piece of the input that a goroutine parses.
type chunk struct {
	buf         []byte
	base        int64
	first, last bool
	header      *header // nil if it is not known yet
	done        chan struct{}

	outcome
	rows   *rows
	batch  *hmis.Batch // nil if rows are not resolved yet
	faults []fault
	lines  []int // of each fault, counted from the chunk's first; for CSV
	height int   // lines in what is consumed; for CSV
}

// A pipeline cuts an input in chunks and parses several at a time. Whether a cut
// was right is known when the chunk before it has been parsed: if that ends
// within a row, both are joined and parsed again. The input is read in the
// goroutine of the caller.
type pipeline struct {
	src    io.Reader
	format rowFormat
	header *header // nil if it is not known yet
	csv    bool

	carry   []byte // read, but not in a chunk yet
	base    int64  // offset of carry
	first   bool
	end     bool  // src has ended
	flushed bool  // the last chunk is queued
	err     error // of src
	size    int
	queue   []*chunk

	freeRows []*rows
	freeBufs [][]byte
}

func newPipeline(src io.Reader, f rowFormat, carry []byte, base int64) *pipeline {
	return &pipeline{src: src, format: f, carry: carry, base: base, first: true, size: firstChunk}
}

// workers bounds how many chunks are in memory.
func workers() int { return min(runtime.GOMAXPROCS(0), 16) }

// next returns the next chunk whose beginning is certain, or nil after the last
// one. A chunk that is short has been cut back to its whole rows.
func (p *pipeline) next() (*chunk, error) {
	for {
		for len(p.queue) < workers() && !p.flushed {
			if p.err = p.fill(); p.err != nil {
				p.flushed = true // what has been read so far comes first
			}
		}
		if len(p.queue) == 0 {
			return nil, p.err
		}
		c := p.queue[0]
		<-c.done
		p.queue = p.queue[1:]
		switch {
		case c.err != nil || !c.short && !c.ended:
			return c, nil
		case c.ended:
			p.unread(c)
			return c, nil
		}
		if err := p.join(c); err != nil {
			return nil, err
		}
		if c.rows.len() > 0 {
			return c, nil
		}
		p.recycle(c)
	}
}

// fill reads one chunk and has it parsed.
func (p *pipeline) fill() error {
	buf := p.buffer()
	buf = append(buf, p.carry...)
	p.carry = nil
	for size := max(p.size, len(buf)); ; size *= 2 {
		var err error
		if buf, p.end, err = readFull(p.src, buf, size); err != nil {
			p.carry = buf
			return at(p.base+int64(len(buf)), err)
		}
		if p.end {
			break
		}
		if cut := p.format.cut(buf); cut > 0 {
			p.carry = bytes.Clone(buf[cut:])
			buf = buf[:cut]
			break
		}
		if !p.csv || len(buf) > maxRow {
			break // where a row ends is found by parsing
		}
	}
	p.size = min(2*p.size, lastChunk)
	c := &chunk{buf: buf, base: p.base, first: p.first, last: p.end}
	p.base += int64(len(buf))
	p.first = false
	p.flushed = p.end
	p.queue = append(p.queue, c)
	p.start(c)
	return nil
}

// start has a chunk parsed, at once if there is nothing to do beside it.
func (p *pipeline) start(c *chunk) {
	c.done, c.header = make(chan struct{}), p.header
	if len(p.freeRows) > 0 {
		c.rows = p.freeRows[len(p.freeRows)-1]
		p.freeRows = p.freeRows[:len(p.freeRows)-1]
	} else {
		c.rows = new(rows)
	}
	if c.last && len(p.queue) <= 1 || workers() == 1 {
		p.parse(c)
		return
	}
	go p.parse(c)
}

func (p *pipeline) parse(c *chunk) {
	defer close(c.done)
	c.rows.reset()
	c.outcome = p.format.parse(c.buf, c.rows, c.first, c.last)
	if c.header != nil && (p.csv || !c.rows.needs()) {
		c.batch, c.faults = c.rows.resolve(c.header)
		if p.csv {
			counted := 0 // every row may be at fault: no line is counted twice
			for _, f := range c.faults {
				start := int(c.rows.list[f.row].start)
				c.height += bytes.Count(c.buf[counted:start], newline)
				c.lines = append(c.lines, c.height)
				counted = start
			}
			c.height += bytes.Count(c.buf[counted:c.consumed], newline)
		}
	}
}

// join puts what c has left over before the next chunk, which is then parsed
// again.
func (p *pipeline) join(c *chunk) error {
	rest := c.buf[c.consumed:]
	if len(rest) > maxRow {
		return at(c.base+int64(c.consumed), fmt.Errorf("want at most %d MiB in one row", maxRow>>20))
	}
	base, first := c.base+int64(c.consumed), c.first && c.consumed == 0
	if len(p.queue) == 0 {
		p.carry = append(bytes.Clone(rest), p.carry...)
		p.base, p.first = base, first
		p.size = max(p.size, len(p.carry)+firstChunk)
		return nil
	}
	next := p.queue[0]
	<-next.done
	joined := make([]byte, 0, len(rest)+len(next.buf)+padding)
	joined = append(append(joined, rest...), next.buf...)
	again := &chunk{buf: joined, base: base, first: first, last: next.last}
	p.recycle(next)
	p.queue[0] = again
	p.start(again)
	return nil
}

// unread gives back what has been read behind the end of the rows.
func (p *pipeline) unread(c *chunk) {
	rest := bytes.Clone(c.buf[c.consumed:])
	p.base = c.base + int64(c.consumed)
	for _, q := range p.queue {
		<-q.done
		rest = append(rest, q.buf...)
	}
	p.queue = nil
	p.carry = append(rest, p.carry...)
	p.flushed = true
}

// stop waits for the goroutines.
func (p *pipeline) stop() {
	for _, c := range p.queue {
		<-c.done
	}
	p.queue = nil
}

// recycle takes back what c no longer needs: its buffer, and its rows if they
// are resolved or of no use.
func (p *pipeline) recycle(c *chunk) {
	if cap(c.buf) >= lastChunk && len(p.freeBufs) < workers() {
		p.freeBufs = append(p.freeBufs, c.buf)
	}
	c.buf = nil
	if c.rows != nil {
		p.freeRows = append(p.freeRows, c.rows)
		c.rows = nil
	}
}

func (p *pipeline) buffer() []byte {
	if n := len(p.freeBufs); n > 0 {
		buf := p.freeBufs[n-1][:0]
		p.freeBufs = p.freeBufs[:n-1]
		return buf
	}
	return make([]byte, 0, max(p.size, len(p.carry))+padding)
}

// newline is what lines end with.
var newline = []byte{'\n'}
