package dsd

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
)

// A repeats remembers the keys of the groups and values that a check has seen.
type repeats struct {
	hash   keys.Hasher
	groups keys.Set
	values keys.Set
	most   int
	here   keys.Key // the key of the current group
	buf    []byte
	fresh  bool // values has only the keys of the current group, because the limit has been passed
}

func newRepeats(most int) repeats {
	switch {
	case most == 0:
		most = 1_000_000
	case most < 0:
		most = 0
	}
	return repeats{hash: keys.NewHasher(), most: most}
}

// group begins a group. It reports whether the key is new among the groups that
// are remembered.
func (k *repeats) group(g *adx.Group, unit string, outer []string, combo string) bool {
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
	if k.fresh || k.values.Len()+len(g.Values) > k.most {
		k.fresh = true
		k.values.Reset()
	}
	state := k.groups.Add(k.here, 0, k.most)
	return state == keys.New || state == keys.Full
}

// value adds a value of the group. first is true if no earlier value has its
// key. If one has, same is true if the two are equal.
func (k *repeats) value(element string, inner []string, combo string, v *adx.Value) (first, same bool) {
	k.buf = k.buf[:0]
	k.buf = binary.LittleEndian.AppendUint64(k.buf, k.here[0])
	k.buf = binary.LittleEndian.AppendUint64(k.buf, k.here[1])
	k.text(element)
	k.texts(inner)
	k.text(combo)
	sum := k.sum()
	k.buf = k.buf[:0]
	digits, negative := decimal.Number(v.Value)
	k.buf = strconv.AppendBool(k.buf, negative)
	k.text(digits)
	if v.Annotation != nil {
		k.text(*v.Annotation)
	}
	state := k.values.Add(sum, k.hash.Bytes(k.buf), math.MaxInt)
	return state == keys.New, state == keys.Same
}

func (k *repeats) texts(list []string) {
	for _, s := range list {
		k.text(s)
	}
}

// text appends s with its length, so that different lists of texts have
// different keys.
func (k *repeats) text(s string) {
	k.buf = binary.AppendUvarint(k.buf, uint64(len(s)))
	k.buf = append(k.buf, s...)
}

func (k *repeats) sum() keys.Key { return k.hash.Key(k.buf) }
