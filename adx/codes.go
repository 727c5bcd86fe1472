package adx

import (
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// A key stands for the key of a value or group, or a part of one. Different keys
// have different numbers as surely as 128 bits that nobody outside knows can
// tell.
type key [2]uint64

// and returns the key of k followed by other.
func (k key) and(other key) key {
	return key{
		mix(bits.RotateLeft64(k[0], 23) + other[0]),
		mix(bits.RotateLeft64(k[1], 29) + other[1]),
	}
}

// with returns the key of k and other in any order.
func (k key) with(other key) key { return key{k[0] + other[0], k[1] + other[1]} }

// mix spreads the bits of x.
func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0x9E3779B97F4A7C15, 0xD6E8FEB86659FD93)
	return hi ^ lo
}

// codes holds the codes met in a message, so that each is one string however
// often it is there. It begins anew when it is full, so that hostile input cannot
// fill the memory.
type codes struct {
	seeds [2]maphash.Seed
	table []code // open addressing; its length is a power of two
	n     int
	names []code
	made  int64 // bytes of texts made since this was set to 0

	period struct { // of the last group
		of  TimeRange
		key key
	}
}

type code struct {
	text string
	key  key
}

const (
	maxCodes   = 1 << 14
	maxCodeLen = 64
	maxNames   = 32
)

func (c *codes) init() {
	c.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	c.table = make([]code, 256)
}

// of returns the key of a text.
func (c *codes) of(text string) key {
	return key{maphash.String(c.seeds[0], text), maphash.String(c.seeds[1], text)}
}

// hash returns a number for a text.
func (c *codes) hash(text []byte) uint64 { return maphash.Bytes(c.seeds[0], text) }

// hashText is hash for a string.
func (c *codes) hashText(text string) uint64 { return maphash.String(c.seeds[0], text) }

// group returns the key of a group whose dimensions have the key attrs (ADX
// specification, 2.3).
func (c *codes) group(g *Group, attrs key) key {
	if c.period.of != g.Period || g.Period.IsZero() {
		start, end := g.Period.Span()
		k := key{uint64(start.Unix()), uint64(end.Unix())}
		c.period.of, c.period.key = g.Period, k.and(key{uint64(start.Nanosecond()), uint64(end.Nanosecond())})
	}
	return c.of(g.DataSet).and(c.of(g.OrgUnit)).and(c.period.key).with(attrs)
}

// name returns the key of the name of an attribute. Messages have few names.
func (c *codes) name(name string) key {
	for i := range c.names {
		if c.names[i].text == name {
			return c.names[i].key
		}
	}
	k := c.of(name)
	if len(c.names) < maxNames {
		c.names = append(c.names, code{name, k})
	}
	return k
}

// intern returns text as a string, and its key.
func (c *codes) intern(text []byte) (string, key) {
	hash := c.hash(text)
	mask := uint64(len(c.table) - 1)
	i := hash & mask
	for ; c.table[i].key != (key{}); i = (i + 1) & mask {
		if e := &c.table[i]; e.key[0] == hash && e.text == string(text) {
			return e.text, e.key
		}
	}
	e := code{text: string(text)}
	c.made += int64(len(text))
	e.key = key{hash, maphash.String(c.seeds[1], e.text)}
	if len(text) > maxCodeLen || e.key == (key{}) {
		return e.text, e.key
	}
	c.table[i] = e
	if c.n++; c.n*2 > len(c.table) {
		c.grow()
	}
	return e.text, e.key
}

// grow makes the table larger, or empty if it is as large as it may be.
func (c *codes) grow() {
	old := c.table
	if c.n >= maxCodes {
		clear(c.table)
		c.n = 0
		return
	}
	c.table = make([]code, 2*len(old))
	mask := uint64(len(c.table) - 1)
	for _, e := range old {
		if e.key == (key{}) {
			continue
		}
		i := e.key[0] & mask
		for c.table[i].key != (key{}) {
			i = (i + 1) & mask
		}
		c.table[i] = e
	}
}

// keys is a set of keys, each with a number that stands for what it belongs to.
// The zero keys is empty.
type keys struct {
	table []slot // open addressing; its length is a power of two
	n     int
	round uint32 // slots of other rounds are empty
}

type slot struct {
	key     key
	content uint64
	round   uint32
}

// What adding a key to a set has found.
type keyState uint8

const (
	keyNew   keyState = iota // it was not there
	keySame                  // it was there with the same content
	keyOther                 // it was there with another content
	keyFull                  // it was not there, and the set is full
)

// memory returns how many bytes the set takes, a larger table while it grows
// included.
func (t *keys) memory() int64 { return int64(len(t.table)) * int64(unsafe.Sizeof(slot{})) }

// reset makes the set empty.
func (t *keys) reset() {
	t.n = 0
	if t.round++; t.round == 0 {
		clear(t.table)
		t.round = 1
	}
}

// add adds a key to the set, which holds at most limit keys.
func (t *keys) add(k key, content uint64, limit int) keyState {
	if len(t.table) == 0 {
		t.table = make([]slot, 64)
		t.round = 1
	}
	mask := uint64(len(t.table) - 1)
	i := k[0] & mask
	for ; t.table[i].round == t.round; i = (i + 1) & mask {
		if s := &t.table[i]; s.key == k {
			if s.content == content {
				return keySame
			}
			return keyOther
		}
	}
	if t.n >= limit {
		return keyFull
	}
	t.table[i] = slot{k, content, t.round}
	if t.n++; t.n*2 > len(t.table) {
		t.grow()
	}
	return keyNew
}

func (t *keys) grow() {
	old := t.table
	t.table = make([]slot, 2*len(old))
	mask := uint64(len(t.table) - 1)
	for _, s := range old {
		if s.round != t.round {
			continue
		}
		i := s.key[0] & mask
		for t.table[i].round == t.round {
			i = (i + 1) & mask
		}
		t.table[i] = s
	}
}
