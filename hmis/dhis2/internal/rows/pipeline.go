package rows

import (
	"bytes"
	"fmt"
	"io"
	"runtime"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// FirstChunk is how many bytes are parsed first. Later chunks double in size.
const (
	FirstChunk = 64 << 10
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
	parse(b []byte, r *Rows, first, last bool) outcome
}

// An outcome says how far parse has come.
type outcome struct {
	consumed int   // bytes of b that are done with
	short    bool  // b ends within a row, which begins at consumed
	Ended    bool  // the list of rows ends at consumed, before b does
	Err      error // a *syntaxError
}

// A Chunk is a piece of the input that a goroutine parses.
type Chunk struct {
	Buf         []byte
	Base        int64
	first, last bool
	header      *Header // nil if it is not known yet
	done        chan struct{}

	outcome
	Rows   *Rows
	Batch  *hmis.Batch // nil if rows are not resolved yet
	Faults []Fault
	Lines  []int // of each fault, counted from the chunk's first; for CSV
	Height int   // lines in what is consumed; for CSV
}

// A Pipeline cuts an input in chunks and parses several at a time. Whether a
// cut was right is known when the chunk before it has been parsed: if that ends
// within a row, both are joined and parsed again. The input is read in the
// goroutine of the caller.
type Pipeline struct {
	src    io.Reader
	format rowFormat
	Header *Header // nil if it is not known yet
	csv    bool

	Carry   []byte // read, but not in a chunk yet
	Base    int64  // offset of carry
	first   bool
	End     bool  // src has ended
	flushed bool  // the last chunk is queued
	err     error // of src
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

// workers bounds how many chunks are in memory.
func workers() int { return min(runtime.GOMAXPROCS(0), 16) }

// Next returns the next chunk whose beginning is certain, or nil after the last
// one. A chunk that is short has been cut back to its whole rows.
func (p *Pipeline) Next() (*Chunk, error) {
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

// fill reads one chunk and has it parsed.
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
			break // where a row ends is found by parsing
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

// start has a chunk parsed, at once if there is nothing to do beside it.
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
			counted := 0 // every row may be at fault: no line is counted twice
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

// join puts what c has left over before the next chunk, which is then parsed
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

// unread gives back what has been read behind the end of the rows.
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

// Stop waits for the goroutines.
func (p *Pipeline) Stop() {
	for _, c := range p.queue {
		<-c.done
	}
	p.queue = nil
}

// Recycle keeps what c no longer needs for other chunks: its buffer, and its
// rows if they are resolved or of no use.
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

// newline is what lines end with.
var newline = []byte{'\n'}
