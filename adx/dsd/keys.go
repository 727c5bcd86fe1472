package dsd

import (
	"encoding/binary"
	"hash/maphash"
	"strconv"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

// keys remembers the keys of groups and values (ADX specification, section 2.3)
// as hashes of 128 bits, which a sender cannot foresee and which in practice are
// never equal by chance.
type keys struct {
	seeds  [2]maphash.Seed
	groups map[key]struct{}
	values map[key]uint64 // the hash of the value, to tell repeats from conflicts
	most   int
	here   key // of the group
	buf    []byte
	fresh  bool // values holds the group's own only: the limit is passed
}

type key [2]uint64

func newKeys(most int) keys {
	switch {
	case most == 0:
		most = 1_000_000
	case most < 0:
		most = 0
	}
	return keys{
		seeds:  [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		groups: map[key]struct{}{}, values: map[key]uint64{}, most: most,
	}
}

// group begins a group. It reports whether its key is new, as far as is known.
func (k *keys) group(g *adx.Group, unit string, outer []string, combo string) bool {
	start, end := g.Period.Span()
	k.buf = k.buf[:0]
	k.text(token.Collapse(g.DataSet))
	k.text(unit)
	for _, t := range [2]time.Time{start, end} {
		k.buf = binary.AppendVarint(k.buf, t.Unix())
		k.buf = binary.AppendVarint(k.buf, int64(t.Nanosecond()))
	}
	k.texts(outer)
	k.text(combo)
	k.here = k.sum()
	if k.fresh || len(k.values)+len(g.Values) > k.most {
		k.fresh = true
		k.values = make(map[key]uint64, min(len(g.Values), 1<<16))
	}
	_, known := k.groups[k.here]
	if !known && len(k.groups) < k.most {
		k.groups[k.here] = struct{}{}
	}
	return !known
}

// value reports whether the key of a value of the group is new and, if not,
// whether the values say the same.
func (k *keys) value(element string, inner []string, combo string, v *adx.Value) (first, same bool) {
	k.buf = k.buf[:0]
	k.buf = binary.LittleEndian.AppendUint64(k.buf, k.here[0])
	k.buf = binary.LittleEndian.AppendUint64(k.buf, k.here[1])
	k.text(element)
	k.texts(inner)
	k.text(combo)
	sum := k.sum()
	k.buf = k.buf[:0]
	digits, negative := token.Number(v.Value)
	k.buf = strconv.AppendBool(k.buf, negative)
	k.text(digits)
	if v.Annotation != nil {
		k.text(*v.Annotation)
	}
	text := maphash.Bytes(k.seeds[0], k.buf)
	before, known := k.values[sum]
	if !known {
		k.values[sum] = text
	}
	return !known, known && before == text
}

func (k *keys) texts(list []string) {
	for _, s := range list {
		k.text(s)
	}
}

// text appends s with its length, so that no two lists of texts look alike.
func (k *keys) text(s string) {
	k.buf = binary.AppendUvarint(k.buf, uint64(len(s)))
	k.buf = append(k.buf, s...)
}

func (k *keys) sum() key {
	return key{maphash.Bytes(k.seeds[0], k.buf), maphash.Bytes(k.seeds[1], k.buf)}
}
