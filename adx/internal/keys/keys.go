// Package keys makes and remembers the keys that distinguish the values and
// groups of a message.
package keys

import (
	"hash/maphash"
	"math/bits"
)

// A Key is a hash of the fields that identify something. Different things have
// different keys, as far as 128 bits allow. No one outside the process can
// predict them.
type Key [2]uint64

// And returns the key of k followed by other.
func (k Key) And(other Key) Key {
	return Key{
		Mix(bits.RotateLeft64(k[0], 23) + other[0]),
		Mix(bits.RotateLeft64(k[1], 29) + other[1]),
	}
}

// With combines k and other. The result does not depend on their order.
func (k Key) With(other Key) Key { return Key{k[0] + other[0], k[1] + other[1]} }

// Mix returns a hash of x in which each bit of x affects many bits.
func Mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

// A Hasher makes keys. Keys of different Hashers cannot be compared.
type Hasher struct{ seeds [2]maphash.Seed }

// NewHasher returns a Hasher with seeds of its own.
func NewHasher() Hasher { return Hasher{[2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}} }

// Text returns the key of a text: two hashes of it, with different seeds.
func (h Hasher) Text(s string) Key {
	return Key{maphash.String(h.seeds[0], s), maphash.String(h.seeds[1], s)}
}

// Key returns the key of the text in b.
func (h Hasher) Key(b []byte) Key {
	return Key{maphash.Bytes(h.seeds[0], b), maphash.Bytes(h.seeds[1], b)}
}

// Short returns the first half of a text's key.
func (h Hasher) Short(s string) uint64 { return maphash.String(h.seeds[0], s) }

// Bytes returns the first half of the key of the text in b.
func (h Hasher) Bytes(b []byte) uint64 { return maphash.Bytes(h.seeds[0], b) }

// Of returns the key of a comparable value.
func Of[T comparable](h Hasher, v T) Key {
	return Key{maphash.Comparable(h.seeds[0], v), maphash.Comparable(h.seeds[1], v)}
}
