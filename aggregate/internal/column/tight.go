package column

// Tight returns c with all its values in one chunk without spare memory. A
// column that was built in steps has chunks with old versions of its segments.
func (c *Column) Tight() *Column {
	if len(c.chunks) <= 1 {
		return c
	}
	var n int
	var wide bool
	var widths [9]int
	for i := range c.Segments {
		s := &c.Segments[i]
		n += s.Len()
		widths[s.width] += s.Len()
		wide = wide || c.chunks[s.chunk].pos32 != nil
	}
	to := &chunk{
		v8: make([]int8, 0, widths[1]), v16: make([]int16, 0, widths[2]), v32: make([]int32, 0, widths[4]), v64: make([]int64, 0, widths[8]),
	}
	if wide {
		to.pos32 = make([]uint32, 0, n)
	} else {
		to.pos16 = make([]uint16, 0, n)
	}
	out := &Column{Segments: make([]Segment, len(c.Segments)), Odds: tight(c.Odds), chunks: []*chunk{to}}
	for i, s := range c.Segments {
		from := c.chunks[s.chunk]
		at := uint32(len(to.pos16) + len(to.pos32))
		if wide {
			to.pos32 = append(to.pos32, from.pos32[s.pos:][:s.n]...)
		} else {
			to.pos16 = append(to.pos16, from.pos16[s.pos:][:s.n]...)
		}
		val := s.val
		switch s.width {
		case 1:
			s.val, to.v8 = uint32(len(to.v8)), append(to.v8, from.v8[val:][:s.n]...)
		case 2:
			s.val, to.v16 = uint32(len(to.v16)), append(to.v16, from.v16[val:][:s.n]...)
		case 4:
			s.val, to.v32 = uint32(len(to.v32)), append(to.v32, from.v32[val:][:s.n]...)
		default:
			s.val, to.v64 = uint32(len(to.v64)), append(to.v64, from.v64[val:][:s.n]...)
		}
		s.pos, s.chunk = at, 0
		out.Segments[i] = s
	}
	out.index()
	return out
}
