package column

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"

	"github.com/shopspring/decimal"
)

// An Encoding maps the numbers of a cube to those of a snapshot. A snapshot
// numbers only what has values.
type Encoding struct {
	Periods, Combos []uint32 // new numbers, by number in the cube
	Units           []uint32 // new numbers, by position in the tree
	Wide            bool     // a unit's number has four bytes, not two
}

// Append appends c to b: the segments, the odd values, the positions and the
// numbers, each list by segment. Equal columns give equal bytes.
func (c *Column) Append(b []byte, e Encoding) []byte {
	b = binary.AppendUvarint(b, uint64(len(c.Segments)))
	for i := range c.Segments {
		s := &c.Segments[i]
		b = binary.AppendUvarint(b, uint64(e.Periods[s.Period]))
		b = binary.AppendUvarint(b, uint64(e.Combos[s.OptionCombo]))
		b = binary.AppendUvarint(b, uint64(e.Combos[s.AttributeCombo]))
		b = binary.AppendUvarint(b, uint64(s.n))
		b = append(b, byte(s.Scale), s.width)
	}
	b = binary.AppendUvarint(b, uint64(len(c.Odds)))
	for i := range c.Odds {
		o := &c.Odds[i]
		b = binary.AppendUvarint(b, uint64(o.Segment))
		b = binary.AppendUvarint(b, uint64(e.Units[o.Pos]))
		b = append(b, flags(o.Numeric, o.FollowUp))
		b = binary.AppendUvarint(b, uint64(len(o.Text)))
		b = append(b, o.Text...)
	}
	var buf Buffer
	for i := range c.Segments {
		c.Decode(&c.Segments[i], 1, &buf)
		for _, pos := range buf.Pos {
			if e.Wide {
				b = binary.LittleEndian.AppendUint32(b, e.Units[pos])
			} else {
				b = binary.LittleEndian.AppendUint16(b, uint16(e.Units[pos]))
			}
		}
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		c.Decode(s, 1, &buf)
		for _, v := range buf.Val {
			switch s.width {
			case 1:
				b = append(b, byte(v))
			case 2:
				b = binary.LittleEndian.AppendUint16(b, uint16(v))
			case 4:
				b = binary.LittleEndian.AppendUint32(b, uint32(v))
			default:
				b = binary.LittleEndian.AppendUint64(b, uint64(v))
			}
		}
	}
	return b
}

func flags(numeric, followUp bool) byte {
	var f byte
	if numeric {
		f |= 1
	}
	if followUp {
		f |= 2
	}
	return f
}

// A Decoding reads columns of a snapshot. Periods and combos keep their
// numbers.
type Decoding struct {
	Periods, Combos int      // number of periods and combos in the snapshot
	Units           []uint32 // position of each unit of the snapshot
	Tree            int      // number of units of the tree
	Wide            bool
	Order           func(a, b Key) int
	Number          func(text string) (decimal.Decimal, bool)

	sorted bool // Units is in ascending order
}

// ErrDamaged is the error for bytes that Append cannot have written.
var ErrDamaged = errors.New("damaged column")

// Decode reads a column that Append wrote. Bytes that it cannot have written
// are an error. No count is trusted before the bytes for it are seen.
func (d Decoding) Decode(b []byte) (*Column, error) {
	r := reader{b: b}
	n := r.count(6)
	segments := make([]Segment, 0, n)
	total := 0
	for range n {
		s := Segment{Key: Key{
			Period:         uint32(r.below(d.Periods)),
			OptionCombo:    uint32(r.below(d.Combos)),
			AttributeCombo: uint32(r.below(d.Combos)),
		}}
		s.n = uint32(r.below(len(d.Units) + 1))
		s.Scale, s.width = int8(r.byte()), r.byte()
		if s.Scale < 0 || s.Scale > MaxScale || s.width != 1 && s.width != 2 && s.width != 4 && s.width != 8 {
			return nil, fmt.Errorf("%w: segment %d", ErrDamaged, len(segments))
		}
		if k := len(segments); k > 0 && d.Order(segments[k-1].Key, s.Key) >= 0 {
			return nil, fmt.Errorf("%w: segment %d is out of order", ErrDamaged, k)
		}
		segments = append(segments, s)
		total += int(s.n)
	}
	odds, err := d.odds(&r, len(segments))
	if err != nil {
		return nil, err
	}
	wide := 2
	if d.Wide {
		wide = 4
	}
	if r.bad || total > len(r.b)/wide {
		return nil, fmt.Errorf("%w: %d values do not fit", ErrDamaged, total)
	}
	positions, rest := r.b[:wide*total], r.b[wide*total:]
	w := newWriter(d.Tree, total, len(segments), nil)
	d.sorted = slices.IsSorted(d.Units)
	for i := range segments {
		var err error
		if positions, rest, err = d.segment(w, &segments[i], i, odds, positions, rest); err != nil {
			return nil, err
		}
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrDamaged, len(rest))
	}
	return w.finish(), nil
}

func (d Decoding) odds(r *reader, segments int) ([]Odd, error) {
	const fewAtFirst = 1 << 12 // first allocation, kept small because a damaged count may be huge
	n := r.count(4)
	odds := make([]Odd, 0, min(n, fewAtFirst))
	for range n {
		o := Odd{Segment: uint32(r.below(segments))}
		unit := r.below(len(d.Units))
		f := r.byte()
		o.Text = string(r.bytes(r.count(1)))
		if r.bad {
			return nil, fmt.Errorf("%w: odd value %d", ErrDamaged, len(odds))
		}
		o.Pos, o.Numeric, o.FollowUp = d.Units[unit], f&1 != 0, f&2 != 0
		if o.Numeric {
			if o.Number, o.Numeric = d.Number(o.Text); !o.Numeric {
				return nil, fmt.Errorf("%w: %q is no number", ErrDamaged, o.Text)
			}
		}
		if k := len(odds); k > 0 && odds[k-1].Segment > o.Segment {
			return nil, fmt.Errorf("%w: odd value %d is out of order", ErrDamaged, k)
		}
		odds = append(odds, o)
	}
	return odds, nil
}

// segment reads the values of one segment and writes them to w, in the order of
// the tree, which may have changed since.
func (d Decoding) segment(w *writer, s *Segment, at int, odds []Odd, positions, rest []byte) (_, _ []byte, err error) {
	n, width := int(s.n), int(s.width)
	if n*width > len(rest) {
		return nil, nil, fmt.Errorf("%w: values of segment %d are missing", ErrDamaged, at)
	}
	first, _ := slices.BinarySearchFunc(odds, uint32(at), func(o Odd, s uint32) int { return int(o.Segment) - int(s) })
	if hasOdds := first < len(odds) && odds[first].Segment == uint32(at); d.sorted && !hasOdds {
		if err := d.copySegment(w, s, at, positions, rest[:n*width]); err != nil {
			return nil, nil, err
		}
		return positions[d.unitWidth()*n:], rest[n*width:], nil
	}
	from := staged{rows: make([]row, 0, n)}
	for i := range n {
		unit := d.unit(positions, i)
		if int(unit) >= len(d.Units) {
			return nil, nil, fmt.Errorf("%w: unit %d of segment %d", ErrDamaged, unit, at)
		}
		v := signed(rest[i*width:], width)
		if v > MaxCoef || v < -MaxCoef {
			return nil, nil, fmt.Errorf("%w: value %d of segment %d", ErrDamaged, i, at)
		}
		from.rows = append(from.rows, row{pos: d.Units[unit], packed: pack(v, int(s.Scale))})
	}
	for i := first; i < len(odds) && odds[i].Segment == uint32(at); i++ {
		from.addOdd(&odds[i])
	}
	byPos := func(a, b row) int { return int(a.pos) - int(b.pos) }
	if !slices.IsSortedFunc(from.rows, byPos) {
		slices.SortFunc(from.rows, byPos)
	}
	for i := 1; i < len(from.rows); i++ {
		if from.rows[i].pos == from.rows[i-1].pos {
			return nil, nil, fmt.Errorf("%w: a unit has two values in segment %d", ErrDamaged, at)
		}
	}
	w.write(s.Key, from)
	return positions[d.unitWidth()*n:], rest[n*width:], nil
}

func (d Decoding) unitWidth() int {
	if d.Wide {
		return 4
	}
	return 2
}

func (d Decoding) unit(positions []byte, i int) uint32 {
	if d.Wide {
		return binary.LittleEndian.Uint32(positions[4*i:])
	}
	return uint32(binary.LittleEndian.Uint16(positions[2*i:]))
}

// copySegment does the same as segment if all values are in order and none is
// odd.
func (d Decoding) copySegment(w *writer, s *Segment, at int, positions, values []byte) error {
	out := Segment{
		Key: s.Key, n: s.n, width: s.width, Scale: s.Scale,
		chunk: uint16(len(w.out.chunks)), pos: uint32(len(w.chunk.pos16) + len(w.chunk.pos32)),
	}
	last := -1
	for i := range int(s.n) {
		unit := d.unit(positions, i)
		if int(unit) >= len(d.Units) || int(d.Units[unit]) <= last {
			return fmt.Errorf("%w: unit %d of segment %d", ErrDamaged, unit, at)
		}
		pos := d.Units[unit]
		last = int(pos)
		if w.chunk.pos32 != nil {
			w.chunk.pos32 = append(w.chunk.pos32, pos)
		} else {
			w.chunk.pos16 = append(w.chunk.pos16, uint16(pos))
		}
	}
	var all uint64 // union of the bits of all magnitudes
	for i := range int(s.n) {
		v := signed(values[i*int(s.width):], int(s.width))
		if v > MaxCoef || v < -MaxCoef {
			return fmt.Errorf("%w: value %d of segment %d", ErrDamaged, i, at)
		}
		all |= uint64(max(v, -v))
		out.Zeros = out.Zeros || v == 0
	}
	out.Bits = uint8(bits.Len64(all))
	if s.n == 0 || int(out.Bits) >= 8*int(s.width) {
		return fmt.Errorf("%w: segment %d", ErrDamaged, at)
	}
	w.copyValues(&out, values)
	w.out.Segments = append(w.out.Segments, out)
	return nil
}

// copyValues appends values to the list of the chunk for the width of s.
func (w *writer) copyValues(s *Segment, values []byte) {
	k := w.chunk
	switch s.width {
	case 1:
		s.val = uint32(len(k.v8))
		for _, b := range values {
			k.v8 = append(k.v8, int8(b))
		}
	case 2:
		s.val = uint32(len(k.v16))
		for i := 0; i < len(values); i += 2 {
			k.v16 = append(k.v16, int16(binary.LittleEndian.Uint16(values[i:])))
		}
	case 4:
		s.val = uint32(len(k.v32))
		for i := 0; i < len(values); i += 4 {
			k.v32 = append(k.v32, int32(binary.LittleEndian.Uint32(values[i:])))
		}
	default:
		s.val = uint32(len(k.v64))
		for i := 0; i < len(values); i += 8 {
			k.v64 = append(k.v64, int64(binary.LittleEndian.Uint64(values[i:])))
		}
	}
}

func signed(b []byte, width int) int64 {
	switch width {
	case 1:
		return int64(int8(b[0]))
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	}
	return int64(binary.LittleEndian.Uint64(b))
}

// A reader reads numbers from bytes. After the first error bad is true, and all
// further numbers are 0.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.bad = true
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads the number of items that follow. It is an error if the remaining
// bytes cannot hold them, at size bytes or more for each item.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.bad = true
		return 0
	}
	return int(n)
}

// below reads a number that is less than n.
func (r *reader) below(n int) int {
	v := r.uvarint()
	if v >= uint64(n) {
		r.bad = true
		return 0
	}
	return int(v)
}
