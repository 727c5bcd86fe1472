package rows

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A dict numbers the texts of one column in the order in which they come.
// Number 0 is the empty text, for an absent column.
type dict struct {
	texts  []string
	keys   []key    // keys of the texts
	slots  []uint32 // a hash table of numbers with open addressing; 0 is a free slot
	last   uint32   // number of the last text, since rows often repeat it
	recent brief    // the last text, if it is brief
	seed   maphash.Seed
	mix    uint64
}

// A key distinguishes texts. A short text is in its key, so that it need not be
// compared again.
type key struct {
	lo, hi uint64 // a short text; for a long one lo is a hash
	size   int    // the length of a short text, otherwise 0
}

// A brief is a text of 1 to 16 bytes, none of which has a meaning in CSV or
// JSON. Such a text is recognized without searching for its end. The zero brief
// is no text.
type brief struct {
	key
	skip int    // offset of the last eight bytes
	mask uint64 // mask for a text of less than eight bytes
}

// glance is how many bytes are compared to recognize a short text.
const glance = 16

// measure returns a brief with the length of a text, but without the text.
func measure(size int) brief {
	if size >= 8 {
		return brief{key{size: size}, size - 8, ^uint64(0)}
	}
	return brief{key{size: size}, 0, 1<<(8*size) - 1}
}

// of returns the key of the text at the start of b, which has the length of s.
func (s *brief) of(b []byte) key {
	return key{binary.LittleEndian.Uint64(b) & s.mask, binary.LittleEndian.Uint64(b[s.skip:]) & s.mask, s.size}
}

// starts reports whether b starts with s.
func (s *brief) starts(b []byte) bool {
	return (binary.LittleEndian.Uint64(b)&s.mask^s.lo)|(binary.LittleEndian.Uint64(b[s.skip:])&s.mask^s.hi) == 0
}

// briefOf returns a text as a brief. For other texts it is the zero brief.
func briefOf(text []byte) brief {
	if len(text) == 0 || len(text) > glance {
		return brief{}
	}
	for _, c := range text {
		if c <= ' ' || c == ',' || c == '"' || c == '\\' {
			return brief{}
		}
	}
	var b [glance]byte
	copy(b[:], text)
	s := measure(len(text))
	s.key = s.of(b[:])
	return s
}

func (d *dict) reset() {
	if d.slots == nil {
		d.seed = maphash.MakeSeed()
		d.mix = maphash.String(d.seed, "mix") | 1
		d.slots = make([]uint32, 256)
	}
	clear(d.slots)
	d.texts, d.keys, d.last, d.recent = append(d.texts[:0], ""), append(d.keys[:0], key{}), 0, brief{}
}

// find looks up the text at the start of b that is as long as the last one. If
// the text is known, find makes it the last one and returns true. The caller
// must check that the text ends there.
func (d *dict) find(b []byte) bool {
	k := d.recent.of(b)
	mask := uint32(len(d.slots) - 1)
	for i := d.hash(k) & mask; ; i = (i + 1) & mask {
		n := d.slots[i]
		if n == 0 {
			return false
		}
		if d.keys[n] == k {
			d.last, d.recent.key = n, k
			return true
		}
	}
}

// number returns the number of a text. A new text gets the next number.
func (d *dict) number(text []byte) uint32 {
	if len(text) == 0 {
		return 0
	}
	s := briefOf(text)
	if s.size == 0 {
		s.lo = maphash.Bytes(d.seed, text)
	}
	mask := uint32(len(d.slots) - 1)
	i := d.hash(s.key) & mask
	for ; d.slots[i] != 0; i = (i + 1) & mask {
		if n := d.slots[i]; d.keys[n] == s.key && (s.size > 0 || d.texts[n] == string(text)) {
			d.last, d.recent = n, s
			return n
		}
	}
	n := uint32(len(d.texts))
	d.texts, d.keys = append(d.texts, string(text)), append(d.keys, s.key)
	d.slots[i] = n
	if int(n)*2 > len(d.slots) {
		d.grow()
	}
	d.last, d.recent = n, s
	return n
}

func (d *dict) grow() {
	d.slots = make([]uint32, 4*len(d.slots))
	mask := uint32(len(d.slots) - 1)
	for n := 1; n < len(d.texts); n++ {
		i := d.hash(d.keys[n]) & mask
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = uint32(n)
	}
}

// hash mixes the two words of a key with a random seed, so that no input can be
// made to collide.
func (d *dict) hash(k key) uint32 {
	hi, lo := bits.Mul64(k.lo^d.mix, k.hi^(d.mix>>7|uint64(k.size)<<57))
	return uint32((hi ^ lo) * 0x9E3779B97F4A7C15 >> 32)
}
