package dhis2

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// A dict numbers the texts of one column in the order met. Number 0 is the
// empty text: the column is absent.
type dict struct {
	texts  []string
	hashes []uint32
	slots  []uint32 // numbers by hash, open addressing; 0 is free
	last   uint32   // number of the last text: rows repeat the one before
	recent string   // that text
	seed   maphash.Seed
	mix    uint64
}

func (d *dict) reset() {
	if d.slots == nil {
		d.seed = maphash.MakeSeed()
		d.mix = maphash.String(d.seed, "mix") | 1
		d.slots = make([]uint32, 256)
	}
	clear(d.slots)
	d.texts, d.hashes, d.last, d.recent = append(d.texts[:0], ""), append(d.hashes[:0], 0), 0, ""
}

// number returns the number of a text.
func (d *dict) number(text []byte) uint32 {
	if string(text) == d.recent {
		return d.last
	}
	if len(text) == 0 {
		return 0
	}
	h := d.hash(text)
	mask := uint32(len(d.slots) - 1)
	i := h & mask
	for ; d.slots[i] != 0; i = (i + 1) & mask {
		if n := d.slots[i]; d.hashes[n] == h && d.texts[n] == string(text) {
			d.last, d.recent = n, d.texts[n]
			return n
		}
	}
	n := uint32(len(d.texts))
	d.texts, d.hashes = append(d.texts, string(text)), append(d.hashes, h)
	d.slots[i] = n
	if int(n)*2 > len(d.slots) {
		d.grow()
	}
	d.last, d.recent = n, d.texts[n]
	return n
}

func (d *dict) grow() {
	d.slots = make([]uint32, 4*len(d.slots))
	mask := uint32(len(d.slots) - 1)
	for n := 1; n < len(d.texts); n++ {
		i := d.hashes[n] & mask
		for d.slots[i] != 0 {
			i = (i + 1) & mask
		}
		d.slots[i] = uint32(n)
	}
}

// hash mixes texts up to 16 bytes in two words, with a seed of its own, so that
// nobody can prepare texts that collide.
func (d *dict) hash(b []byte) uint32 {
	n := len(b)
	if n < 8 || n > 16 {
		return uint32(maphash.Bytes(d.seed, b))
	}
	hi, lo := bits.Mul64(binary.LittleEndian.Uint64(b)^d.mix, binary.LittleEndian.Uint64(b[n-8:])^(d.mix>>7|uint64(n)<<57))
	return uint32((hi ^ lo) * 0x9E3779B97F4A7C15 >> 32)
}
