package column

// Join returns one segment with the values of segment n and of short segments
// after it and before end, so that [Column.Scatter] reads them at once. Only
// segments shorter than less are joined, which follow each other in memory and
// have the same scale and width. next is the first segment not joined. The
// result has the Key of n.
func (c *Column) Join(n, end, less int) (s Segment, next int) {
	s = c.Segments[n]
	for next = n + 1; next < end; next++ {
		t := &c.Segments[next]
		if t.pos != s.pos+s.n || t.val != s.val+s.n || t.width != s.width || t.Scale != s.Scale || t.chunk != s.chunk || t.Len() >= less {
			break
		}
		s.n, s.Bits, s.Zeros = s.n+t.n, max(s.Bits, t.Bits), s.Zeros || t.Zeros
	}
	return s, next
}

// Scatter adds each plain number of s, multiplied by times, to the packed total
// dst[place[p]], where p is the position of its org unit, and weight to its
// count: one addition does both. Place 0 collects the positions that are not
// asked for. With skipZeros a 0 adds nothing. The caller has checked that no
// total overflows.
func (c *Column) Scatter(s *Segment, place []uint32, times, weight int64, dst []int64, skipZeros bool) {
	k := c.chunks[s.chunk]
	times <<= CountBits
	if k.pos32 != nil {
		scatterWidth(k, s, k.pos32[s.pos:][:s.n], place, times, weight, dst, skipZeros && s.Zeros)
	} else {
		scatterWidth(k, s, k.pos16[s.pos:][:s.n], place, times, weight, dst, skipZeros && s.Zeros)
	}
}

func scatterWidth[P position](k *chunk, s *Segment, pos []P, place []uint32, times, weight int64, dst []int64, skipZeros bool) {
	switch s.width {
	case 1:
		scatter(pos, k.v8[s.val:][:s.n], place, times, weight, dst, skipZeros)
	case 2:
		scatter(pos, k.v16[s.val:][:s.n], place, times, weight, dst, skipZeros)
	case 4:
		scatter(pos, k.v32[s.val:][:s.n], place, times, weight, dst, skipZeros)
	default:
		scatter(pos, k.v64[s.val:][:s.n], place, times, weight, dst, skipZeros)
	}
}

func scatter[P position, V number](pos []P, val []V, place []uint32, times, weight int64, dst []int64, skipZeros bool) {
	val = val[:len(pos)]
	if skipZeros {
		for i, p := range pos {
			v := int64(val[i])
			dst[place[p]] += v*times + weight&unlessZero(v)
		}
		return
	}
	for i, p := range pos {
		dst[place[p]] += int64(val[i])*times + weight
	}
}

// unlessZero returns 0 if v is 0, and a word with all bits set otherwise. It
// has no branch, since processors predict one on zeros badly.
func unlessZero(v int64) int64 { return (v | -v) >> 63 }

// A Span is a range of positions, from First up to End, that count in one
// place.
type Span struct{ First, End, Place uint32 }

// AddSpans does the same as [Column.Scatter] if each place is a span of
// positions, the spans are in order, and they are few for the values of s. It
// adds up the values of one span after another.
func (c *Column) AddSpans(s *Segment, spans []Span, times, weight int64, dst []int64, skipZeros bool) {
	k := c.chunks[s.chunk]
	if k.pos32 != nil {
		addSpansWidth(k, s, k.pos32[s.pos:][:s.n], spans, times, weight, dst, skipZeros && s.Zeros)
	} else {
		addSpansWidth(k, s, k.pos16[s.pos:][:s.n], spans, times, weight, dst, skipZeros && s.Zeros)
	}
}

func addSpansWidth[P position](k *chunk, s *Segment, pos []P, spans []Span, times, weight int64, dst []int64, skipZeros bool) {
	switch s.width {
	case 1:
		addSpans(pos, k.v8[s.val:][:s.n], spans, times, weight, dst, skipZeros)
	case 2:
		addSpans(pos, k.v16[s.val:][:s.n], spans, times, weight, dst, skipZeros)
	case 4:
		addSpans(pos, k.v32[s.val:][:s.n], spans, times, weight, dst, skipZeros)
	default:
		addSpans(pos, k.v64[s.val:][:s.n], spans, times, weight, dst, skipZeros)
	}
}

func addSpans[P position, V number](pos []P, val []V, spans []Span, times, weight int64, dst []int64, skipZeros bool) {
	val = val[:len(pos)]
	far := len(pos) >= farApart*len(spans)
	at := 0
	for _, span := range spans {
		if far {
			at += search(pos[at:], span.First)
		}
		for at < len(pos) && uint32(pos[at]) < span.First {
			at++
		}
		var sum, zeros int64
		first := at
		if skipZeros {
			for ; at < len(pos) && uint32(pos[at]) < span.End; at++ {
				v := int64(val[at])
				sum += v
				zeros += 1 + unlessZero(v)
			}
		} else {
			for ; at < len(pos) && uint32(pos[at]) < span.End; at++ {
				sum += int64(val[at])
			}
		}
		dst[span.Place] += (sum*times)<<CountBits + (int64(at-first)-zeros)*weight
	}
}

// farApart is the fewest values per span, on average, for which searching for
// the beginning of the next span is faster.
const farApart = 64

// search returns the first index whose position is not before p.
func search[P position](pos []P, p uint32) int {
	if len(pos) == 0 || uint32(pos[0]) >= p {
		return 0
	}
	lo, hi := 0, len(pos) // pos[lo] < p, and pos[hi] is not
	for hi-lo > 1 {
		mid := int(uint(lo+hi) / 2)
		if uint32(pos[mid]) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
