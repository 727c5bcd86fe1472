package keys

import "unsafe"

// A Set is a set of keys, each with a hash of the content that belongs to it.
// The zero Set is empty.
type Set struct {
	table []slot // a hash table with open addressing; its length is a power of two
	n     int
	round uint32 // a slot is in use only if its round equals this one; Reset advances it to empty the table
}

type slot struct {
	key     Key
	content uint64
	round   uint32
}

// A State is the result of [Set.Add].
type State uint8

const (
	New   State = iota // the key was not in the set
	Same               // the key was in the set with the same content
	Other              // the key was in the set with other content
	Full               // the key was not in the set, and the set is full
)

// Len returns how many keys are in the set.
func (t *Set) Len() int { return t.n }

// Bytes returns the memory of the set in bytes.
func (t *Set) Bytes() int64 { return int64(len(t.table)) * int64(unsafe.Sizeof(slot{})) }

// Reset makes the set empty. It keeps its memory.
func (t *Set) Reset() {
	t.n = 0
	if t.round++; t.round == 0 {
		clear(t.table)
		t.round = 1
	}
}

// Add adds a key with its content to the set, which holds at most limit keys.
func (t *Set) Add(k Key, content uint64, limit int) State {
	if len(t.table) == 0 {
		t.table = make([]slot, 64)
		t.round = 1
	}
	mask := uint64(len(t.table) - 1)
	i := k[0] & mask
	for ; t.table[i].round == t.round; i = (i + 1) & mask {
		if s := &t.table[i]; s.key == k {
			if s.content == content {
				return Same
			}
			return Other
		}
	}
	if t.n >= limit {
		return Full
	}
	t.table[i] = slot{k, content, t.round}
	if t.n++; t.n*2 > len(t.table) {
		t.grow()
	}
	return New
}

// grow doubles the table.
func (t *Set) grow() {
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
