package rows

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A dict numbers the texts of one column in the order they come. Number 0 is
// the empty text: the column is absent.
type dict struct {
	texts  []string
	keys   []key    // of texts
	slots  []uint32 // numbers by hash, open addressing; 0 is free
	last   uint32   // number of the last text: rows repeat the one before
	recent brief    // that text, if it is brief
	seed   maphash.Seed
	mix    uint64
}

// A key distinguishes texts: short ones without looking at them again.
type key struct {
	lo, hi uint64 // a short text, or lo is a hash
	size   int    // of a short text, otherwise 0
}

// A brief is a text of 1 to 16 bytes without any that mean something in CSV or
// JSON. Such a text is found without looking for its end. The zero brief is
// none.
type brief struct {
	key
	skip int    // from the first eight bytes to the last eight
	mask uint64 // of less than eight
}

// glance is how many bytes are looked at to find a short text.
const glance = 16

// measure returns the form of a short text of so many bytes.
func measure(size int) brief {
	if size >= 8 {
		return brief{key{size: size}, size - 8, ^uint64(0)}
	}
	return brief{key{size: size}, 0, 1<<(8*size) - 1}
}

// of returns the key of the text of the same size that b begins with.
func (s *brief) of(b []byte) key {
	return key{binary.LittleEndian.Uint64(b) & s.mask, binary.LittleEndian.Uint64(b[s.skip:]) & s.mask, s.size}
}

// starts reports whether b starts with s.
func (s *brief) starts(b []byte) bool {
	return (binary.LittleEndian.Uint64(b)&s.mask^s.lo)|(binary.LittleEndian.Uint64(b[s.skip:])&s.mask^s.hi) == 0
}

// shorten returns a text as a brief, or the zero brief.
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

// find makes the text that b begins with the last one, if it is as long as the
// one before and known. The caller checks what is behind it.
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

// number returns the number of a text.
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

// hash mixes the two words with a random seed, so that no input can prepare
// texts that collide.
func (d *dict) hash(k key) uint32 {
	hi, lo := bits.Mul64(k.lo^d.mix, k.hi^(d.mix>>7|uint64(k.size)<<57))
	return uint32((hi ^ lo) * 0x9E3779B97F4A7C15 >> 32)
}
