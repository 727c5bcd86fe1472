package column

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// Encoding says how the numbers of a cube are written in a snapshot: periods and
// combos get new numbers, positions become indices into the list of the units
// that hold data.
type Encoding struct {
	Periods, Combos []uint32 // by number in the cube
	Units           []uint32 // by position
	Wide            bool     // indices of units take four bytes
}

// Append writes c to b. Segments come first, then odd values, then positions and
// values, each list by segment. Equal columns give equal bytes.
func (c *Column) Append(b []byte, e Encoding) []byte {
	b = binary.AppendUvarint(b, uint64(len(c.Segments)))
	for i := range c.Segments {
		s := &c.Segments[i]
		b = binary.AppendUvarint(b, uint64(e.Periods[s.Period]))
		b = binary.AppendUvarint(b, uint64(e.Combos[s.Combo]))
		b = binary.AppendUvarint(b, uint64(e.Combos[s.AttrCombo]))
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

// A Decoding says what the numbers of a snapshot are in a cube.
type Decoding struct {
	Periods, Combos int      // how many there are; they keep their numbers
	Units           []uint32 // position of each unit that holds data
	Tree            int      // units of the tree
	Wide            bool
	Order           func(a, b Key) int
	Number          func(text string) (decimal.Decimal, bool)
}

// ErrDamaged is what a column that cannot have been written is refused with.
var ErrDamaged = errors.New("damaged column")

// Decode reads a column that Append wrote. What cannot have been written so is
// refused: nothing is believed that the lists do not show.
func (d Decoding) Decode(b []byte) (*Column, error) {
	r := reader{b: b}
	w := newWriter(d.Tree, 0, 0, nil)
	n := r.count(6)
	segments := make([]Segment, 0, n)
	total := 0
	for range n {
		s := Segment{Key: Key{
			Period:    uint32(r.below(d.Periods)),
			Combo:     uint32(r.below(d.Combos)),
			AttrCombo: uint32(r.below(d.Combos)),
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
	odds := make([]Odd, 0, r.count(4))
	for range cap(odds) {
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
// the tree of today.
func (d Decoding) segment(w *writer, s *Segment, at int, odds []Odd, positions, rest []byte) (_, _ []byte, err error) {
	n, width := int(s.n), int(s.width)
	if n*width > len(rest) {
		return nil, nil, fmt.Errorf("%w: values of segment %d are missing", ErrDamaged, at)
	}
	from := staged{rows: make([]row, 0, n)}
	for i := range n {
		var unit uint32
		if d.Wide {
			unit = binary.LittleEndian.Uint32(positions[4*i:])
		} else {
			unit = uint32(binary.LittleEndian.Uint16(positions[2*i:]))
		}
		if int(unit) >= len(d.Units) {
			return nil, nil, fmt.Errorf("%w: unit %d of segment %d", ErrDamaged, unit, at)
		}
		v := signed(rest[i*width:], width)
		if v > MaxCoef || v < -MaxCoef {
			return nil, nil, fmt.Errorf("%w: value %d of segment %d", ErrDamaged, i, at)
		}
		from.rows = append(from.rows, row{pos: d.Units[unit], packed: pack(v, int(s.Scale))})
	}
	first, _ := slices.BinarySearchFunc(odds, uint32(at), func(o Odd, s uint32) int { return int(o.Segment) - int(s) })
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
	if d.Wide {
		return positions[4*n:], rest[n*width:], nil
	}
	return positions[2*n:], rest[n*width:], nil
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

// A reader takes numbers off a list of bytes. Once something is wrong, bad is
// set and everything after is 0.
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

// count reads a number of things that take at least size bytes each.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.bad = true
		return 0
	}
	return int(n)
}

// below reads a number below n.
func (r *reader) below(n int) int {
	v := r.uvarint()
	if v >= uint64(n) {
		r.bad = true
		return 0
	}
	return int(v)
}
