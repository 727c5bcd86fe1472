package rows

import (
	"bytes"
	"fmt"
	"io"
	"runtime"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// FirstChunk is the length of the first chunk in bytes. Later ones double in
// length.
const (
	FirstChunk = 64 << 10
	lastChunk  = 1 << 20
)

// A rowFormat is a way to write rows. Its methods are called by several
// goroutines at the same time.
type rowFormat interface {
	// cut returns the position after the last byte of b that seems to end a
	// row, or 0. It may be wrong, since that byte may be in quotes.
	cut(b []byte) int
	// parse parses rows until b ends. first means that b begins the input, and
	// last that nothing follows it. The capacity of b includes the padding.
	parse(b []byte, r *Rows, first, last bool) outcome
}

// An outcome says how far parse came, and why it stopped.
type outcome struct {
	consumed int   // how many bytes of b were parsed
	short    bool  // b ends inside a row, which begins at consumed
	Ended    bool  // the list of rows ends at consumed, before b does
	Err      error // a *syntaxError, or nil
}

// A Chunk is a piece of the input. One goroutine parses it.
type Chunk struct {
	Buf         []byte
	Base        int64
	first, last bool
	header      *Header // nil while it is not known
	done        chan struct{}

	outcome
	Rows   *Rows
	Batch  *hmis.Batch // nil if the rows could not be resolved
	Faults []Fault
	Lines  []int // for CSV: the line of each fault, counted from the chunk's first
	Height int   // for CSV: the number of lines that were parsed
}

// A Pipeline cuts an input into chunks and parses several at the same time. A
// cut may be wrong, which shows when the chunk before it ends inside a row.
// Then both chunks are joined and parsed again. The input is read in the
// goroutine of the caller.
type Pipeline struct {
	src    io.Reader
	format rowFormat
	Header *Header // nil while it is not known
	csv    bool

	Carry   []byte // bytes that were read but are in no chunk yet
	Base    int64  // offset of Carry in the input
	first   bool
	End     bool  // src has ended
	flushed bool  // the last chunk is queued
	err     error // the error of src
	size    int
	queue   []*Chunk

	freeRows []*Rows
	freeBufs [][]byte
}

// NewPipeline returns a pipeline that reads carry and then src. Base is the
// offset of carry in the input.
func NewPipeline(src io.Reader, f rowFormat, carry []byte, base int64) *Pipeline {
	_, csv := f.(CSV)
	return &Pipeline{src: src, format: f, csv: csv, Carry: carry, Base: base, first: true, size: FirstChunk}
}

// workers limits how many chunks are in memory.
func workers() int { return min(runtime.GOMAXPROCS(0), 16) }

// Next returns the next chunk, or nil after the last one. If a chunk ended
// inside a row, it was cut back to whole rows.
func (p *Pipeline) Next() (*Chunk, error) {
	for {
		for len(p.queue) < workers() && !p.flushed {
			if p.err = p.fill(); p.err != nil {
				p.flushed = true // chunks that were read before the error come first
			}
		}
		if len(p.queue) == 0 {
			return nil, p.err
		}
		c := p.queue[0]
		<-c.done
		p.queue = p.queue[1:]
		switch {
		case c.Err != nil || !c.short && !c.Ended:
			return c, nil
		case c.Ended:
			p.unread(c)
			return c, nil
		}
		if err := p.join(c); err != nil {
			return nil, err
		}
		if c.Rows.Len() > 0 {
			return c, nil
		}
		p.Recycle(c)
	}
}

// fill reads one chunk and starts parsing it.
func (p *Pipeline) fill() error {
	buf := p.buffer()
	buf = append(buf, p.Carry...)
	p.Carry = nil
	for size := max(p.size, len(buf)); ; size *= 2 {
		var err error
		if buf, p.End, err = ReadFull(p.src, buf, size); err != nil {
			p.Carry = buf
			return at(p.Base+int64(len(buf)), err)
		}
		if p.End {
			break
		}
		if cut := p.format.cut(buf); cut > 0 {
			p.Carry = bytes.Clone(buf[cut:])
			buf = buf[:cut]
			break
		}
		if !p.csv || len(buf) > MaxRow {
			break // parsing will find where the row ends
		}
	}
	p.size = min(2*p.size, lastChunk)
	c := &Chunk{Buf: buf, Base: p.Base, first: p.first, last: p.End}
	p.Base += int64(len(buf))
	p.first = false
	p.flushed = p.End
	p.queue = append(p.queue, c)
	p.start(c)
	return nil
}

// start parses a chunk in a goroutine of its own, or at once if it is the only
// work.
func (p *Pipeline) start(c *Chunk) {
	c.done, c.header = make(chan struct{}), p.Header
	if len(p.freeRows) > 0 {
		c.Rows = p.freeRows[len(p.freeRows)-1]
		p.freeRows = p.freeRows[:len(p.freeRows)-1]
	} else {
		c.Rows = new(Rows)
	}
	if c.last && len(p.queue) <= 1 || workers() == 1 {
		p.parse(c)
		return
	}
	go p.parse(c)
}

func (p *Pipeline) parse(c *Chunk) {
	defer close(c.done)
	c.Rows.Reset()
	c.outcome = p.format.parse(c.Buf, c.Rows, c.first, c.last)
	if c.header != nil && (p.csv || !c.Rows.Needs()) {
		c.Batch, c.Faults = c.Rows.Resolve(c.header)
		if p.csv {
			counted := 0 // many rows may have faults, so each line is counted once
			for _, f := range c.Faults {
				start := int(c.Rows.list[f.Row].start)
				c.Height += bytes.Count(c.Buf[counted:start], newline)
				c.Lines = append(c.Lines, c.Height)
				counted = start
			}
			c.Height += bytes.Count(c.Buf[counted:c.consumed], newline)
		}
	}
}

// join moves the rest of c to the front of the next chunk, and parses that
// again.
func (p *Pipeline) join(c *Chunk) error {
	rest := c.Buf[c.consumed:]
	if len(rest) > MaxRow {
		return at(c.Base+int64(c.consumed), fmt.Errorf("want at most %d MiB in one row", MaxRow>>20))
	}
	base, first := c.Base+int64(c.consumed), c.first && c.consumed == 0
	if len(p.queue) == 0 {
		p.Carry = append(bytes.Clone(rest), p.Carry...)
		p.Base, p.first = base, first
		p.size = max(p.size, len(p.Carry)+FirstChunk)
		return nil
	}
	next := p.queue[0]
	<-next.done
	joined := make([]byte, 0, len(rest)+len(next.Buf)+Padding)
	joined = append(append(joined, rest...), next.Buf...)
	again := &Chunk{Buf: joined, Base: base, first: first, last: next.last}
	p.Recycle(next)
	p.queue[0] = again
	p.start(again)
	return nil
}

// unread puts back the bytes that were read after the end of the rows.
func (p *Pipeline) unread(c *Chunk) {
	rest := bytes.Clone(c.Buf[c.consumed:])
	p.Base = c.Base + int64(c.consumed)
	for _, q := range p.queue {
		<-q.done
		rest = append(rest, q.Buf...)
	}
	p.queue = nil
	p.Carry = append(rest, p.Carry...)
	p.flushed = true
}

// Stop waits until all goroutines have ended.
func (p *Pipeline) Stop() {
	for _, c := range p.queue {
		<-c.done
	}
	p.queue = nil
}

// Recycle keeps the memory of c for other chunks: its buffer, and its rows if
// they are no longer needed.
func (p *Pipeline) Recycle(c *Chunk) {
	if cap(c.Buf) >= lastChunk && len(p.freeBufs) < workers() {
		p.freeBufs = append(p.freeBufs, c.Buf)
	}
	c.Buf = nil
	if c.Rows != nil {
		p.freeRows = append(p.freeRows, c.Rows)
		c.Rows = nil
	}
}

func (p *Pipeline) buffer() []byte {
	if n := len(p.freeBufs); n > 0 {
		buf := p.freeBufs[n-1][:0]
		p.freeBufs = p.freeBufs[:n-1]
		return buf
	}
	return make([]byte, 0, max(p.size, len(p.Carry))+Padding)
}

// newline is the end of a line.
var newline = []byte{'\n'}
