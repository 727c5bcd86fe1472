package analytics

import (
	"errors"
	"sync/atomic"
)

// ErrBusy means that a request cannot be answered now, because other requests
// hold all the memory that is allowed. It can be sent again.
var ErrBusy = errors.New("analytics: the requests being answered hold all the memory that they may")

// A Ceiling limits the total memory that requests hold while they are answered.
// Several servers can share one. The zero Ceiling is ready to use. Do not copy
// a Ceiling that is in use.
type Ceiling struct {
	Bytes int64 // 0 means 1 GiB; must not change while requests are answered

	held atomic.Int64
}

// shared is the Ceiling of all servers without one of their own.
var shared Ceiling

// Held returns the estimated number of bytes that the requests being answered
// hold.
func (c *Ceiling) Held() int64 { return c.held.Load() }

// reserve counts n more bytes if the limit allows them, and reports whether it
// does.
func (c *Ceiling) reserve(n int64) bool {
	most := c.Bytes
	if most == 0 {
		most = 1 << 30
	}
	if c.held.Add(n) > most {
		c.held.Add(-n)
		return false
	}
	return true
}

// A hold counts the memory that one request holds.
type hold struct {
	ceiling  *Ceiling
	most     int64
	reserved int64
}

func (s Server) hold() *hold {
	h := &hold{ceiling: s.Ceiling, most: int64(s.Limits.filled().Bytes)}
	if h.ceiling == nil {
		h.ceiling = &shared
	}
	return h
}

// reserve counts n more bytes. It returns an error if this request would hold
// more than it may, or ErrBusy if all requests together would.
func (h *hold) reserve(n int64) error {
	if h.reserved+n > h.most {
		return tooMuch(int(h.most), "want an answer of at most %d bytes while it is made", h.most)
	}
	if !h.ceiling.reserve(n) {
		return ErrBusy
	}
	h.reserved += n
	return nil
}

// release returns all memory that was reserved.
func (h *hold) release() {
	h.ceiling.held.Add(-h.reserved)
	h.reserved = 0
}

// rowBytes estimates the memory of one row while an answer is made: its cell,
// its numbers and its texts.
func (r *request) rowBytes() int64 {
	const cell, text, axis, parts = 320, 40, 24, 400
	n := cell + text*(len(r.dimensions)+1) + axis*len(r.query.Split)
	if r.numDen {
		n += parts
	}
	return int64(n)
}

// many is the number of rows whose memory is reserved at a time.
const many = 256

// reserveRow reserves the memory of the next row. It reserves memory for many
// rows at a time. before is the number of earlier rows.
func (h *hold) reserveRow(r *request, before int) error {
	if before%many > 0 {
		return nil
	}
	return h.reserve(many * r.rowBytes())
}

// triedBytes estimates the memory of the engine while it tries cells, with step
// org units at a time.
func (r *request) triedBytes(step int) int64 {
	cells := max(1, len(r.query.Periods)) * min(step, max(1, len(r.query.OrgUnits))*max(1, len(r.query.Data)))
	return int64(min(cells, maxStep)) * tryBytes
}
