package column

import (
	"math/bits"

	"github.com/shopspring/decimal"
)

// A writer makes a column, segment by segment in order, of kept segments of a
// base and of new ones.
type writer struct {
	base   *Column
	next   int // index of the next segment of base
	out    Column
	chunk  *chunk // chunk for the segments that are written anew
	values []int64
}

// maxChunks is the number of chunks at which a column is written afresh and no
// longer shares any.
const maxChunks = 64

func newWriter(units, rows, segments int, base *Column) *writer {
	w := &writer{base: base, chunk: &chunk{}}
	if units > 1<<16 {
		w.chunk.pos32 = make([]uint32, 0, rows)
	} else {
		w.chunk.pos16 = make([]uint16, 0, rows)
	}
	if base == nil {
		w.base = &Column{}
	}
	w.out.chunks = append(w.out.chunks, w.base.chunks...)
	if len(w.out.chunks) == maxChunks {
		w.out.chunks = nil
	}
	w.out.Segments = make([]Segment, 0, len(w.base.Segments)+segments)
	return w
}

// keepBefore keeps the segments of base before k.
func (w *writer) keepBefore(k Key, order func(a, b Key) int) {
	for w.next < len(w.base.Segments) && order(w.base.Segments[w.next].Key, k) < 0 {
		w.keep()
	}
}

func (w *writer) keepRest() {
	for w.next < len(w.base.Segments) {
		w.keep()
	}
}

func (w *writer) keep() {
	s := w.base.Segments[w.next]
	if len(w.out.chunks) == 0 { // no chunk is shared with base
		w.write(s.Key, w.take(s.Key))
		return
	}
	for _, o := range w.base.OddsOf(w.next) {
		o.Segment = uint32(len(w.out.Segments))
		w.out.Odds = append(w.out.Odds, o)
	}
	w.out.Segments = append(w.out.Segments, s)
	w.next++
}

// A staged has the rows of one segment, by position.
type staged struct {
	rows   []row
	others []Other
}

func (s *staged) addOther(pos uint32, o Other) {
	s.rows = append(s.rows, row{pos: pos, packed: int64(len(s.others))<<4 | beside})
	s.others = append(s.others, o)
}

// take returns the next segment of base as staged rows, and skips it. The rows
// are empty if that segment has another key.
func (w *writer) take(k Key) staged {
	if w.next == len(w.base.Segments) || w.base.Segments[w.next].Key != k {
		return staged{}
	}
	s := &w.base.Segments[w.next]
	old := staged{rows: make([]row, 0, s.Len()+len(w.base.OddsOf(w.next)))}
	var buf Buffer
	for some := range w.base.Values(w.next, &buf) {
		for i, pos := range some.Pos {
			old.rows = append(old.rows, row{pos: pos, packed: pack(some.Val[i], int(s.Scale))})
		}
		if some.Odd >= 0 {
			old.addOdd(&w.base.Odds[some.Odd])
		}
	}
	w.next++
	return old
}

// addOdd adds an odd value. A number that was odd only because of the scale of
// its segment becomes a plain one, as the scale may have changed.
func (s *staged) addOdd(o *Odd) {
	n := o.Number
	if o.Numeric && !o.FollowUp && !n.IsZero() && n.Exponent() <= 0 && n.Coefficient().IsInt64() && o.Text == n.String() {
		if coef, scale := n.CoefficientInt64(), int(-n.Exponent()); Fits(coef, scale) {
			s.rows = append(s.rows, row{pos: o.Pos, packed: pack(coef, scale)})
			return
		}
	}
	s.addOther(o.Pos, o.other())
}

func (o *Odd) other() Other {
	return Other{Text: o.Text, Number: o.Number, Numeric: o.Numeric, FollowUp: o.FollowUp}
}

// with returns the rows of s and others. Where both have a row for a position,
// that of others counts.
func (s staged) with(rows []row, others []Other) staged {
	if len(s.rows) == 0 {
		return staged{rows, others}
	}
	all := staged{rows: make([]row, 0, len(s.rows)+len(rows)), others: s.others}
	old := s.rows
	for _, r := range rows {
		for len(old) > 0 && old[0].pos < r.pos {
			all.rows, old = append(all.rows, old[0]), old[1:]
		}
		if len(old) > 0 && old[0].pos == r.pos {
			old = old[1:]
		}
		if r.packed&15 == beside {
			all.addOther(r.pos, others[r.packed>>4])
		} else {
			all.rows = append(all.rows, r)
		}
	}
	all.rows = append(all.rows, old...)
	return all
}

// write adds a segment, unless deletions leave it without values.
func (w *writer) write(key Key, from staged) {
	s := Segment{Key: key, chunk: uint16(len(w.out.chunks)), pos: uint32(len(w.chunk.pos16) + len(w.chunk.pos32))}
	for _, r := range from.rows {
		if r.packed&15 != beside {
			s.Scale = max(s.Scale, int8(r.packed&15))
		}
	}
	odds := len(w.out.Odds)
	w.values = w.values[:0]
	for _, r := range from.rows {
		if r.packed&15 == beside {
			if o := &from.others[r.packed>>4]; !o.Deleted {
				w.odd(r.pos, o)
			}
			continue
		}
		coef, scale := r.packed>>4, int8(r.packed&15)
		v, ok := rescaled(coef, int(s.Scale-scale))
		if !ok { // numbers do not fit in 64 bits at the common scale
			d := decimal.New(coef, -int32(scale))
			w.odd(r.pos, &Other{Text: d.String(), Number: d, Numeric: true})
			continue
		}
		w.values = append(w.values, v)
		s.Zeros = s.Zeros || v == 0
		s.Bits = max(s.Bits, uint8(bits.Len64(uint64(max(v, -v)))))
		if w.chunk.pos32 != nil {
			w.chunk.pos32 = append(w.chunk.pos32, r.pos)
		} else {
			w.chunk.pos16 = append(w.chunk.pos16, uint16(r.pos))
		}
	}
	s.n = uint32(len(w.values))
	if s.n == 0 && len(w.out.Odds) == odds {
		return
	}
	s.odd = len(w.out.Odds) > odds
	w.store(&s)
	w.out.Segments = append(w.out.Segments, s)
}

func (w *writer) odd(pos uint32, o *Other) {
	w.out.Odds = append(w.out.Odds, Odd{uint32(len(w.out.Segments)), pos, o.Text, o.Number, o.Numeric, o.FollowUp})
}

// store appends the values to the list of the chunk for their width.
func (w *writer) store(s *Segment) {
	k := w.chunk
	switch {
	case s.Bits <= 7:
		s.width, s.val = 1, uint32(len(k.v8))
		k.v8 = narrow(k.v8, w.values)
	case s.Bits <= 15:
		s.width, s.val = 2, uint32(len(k.v16))
		k.v16 = narrow(k.v16, w.values)
	case s.Bits <= 31:
		s.width, s.val = 4, uint32(len(k.v32))
		k.v32 = narrow(k.v32, w.values)
	default:
		s.width, s.val = 8, uint32(len(k.v64))
		k.v64 = append(k.v64, w.values...)
	}
}

func narrow[V number](dst []V, src []int64) []V {
	for _, v := range src {
		dst = append(dst, V(v))
	}
	return dst
}

func rescaled(coef int64, digits int) (int64, bool) {
	for range digits {
		if coef > MaxCoef/10 || coef < -MaxCoef/10 {
			return 0, false
		}
		coef *= 10
	}
	return coef, true
}

// finish returns the column, without the spare memory of its lists.
func (w *writer) finish() *Column {
	k := w.chunk
	k.pos16, k.pos32 = tight(k.pos16), tight(k.pos32)
	k.v8, k.v16, k.v32, k.v64 = tight(k.v8), tight(k.v16), tight(k.v32), tight(k.v64)
	c := &w.out
	c.chunks = append(c.chunks, k)
	c.Segments, c.Odds = tight(c.Segments), tight(c.Odds)
	c.index()
	return c
}

func tight[T any](s []T) []T {
	if cap(s)-len(s) <= len(s)/16 {
		return s
	}
	return append(make([]T, 0, len(s)), s...)
}
