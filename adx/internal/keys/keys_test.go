package keys_test

import (
	"strconv"
	"testing"

	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
)

// A set remembers each key with its content, until it is reset or full.
func TestSet(t *testing.T) {
	h := keys.NewHasher()
	var set keys.Set
	for round := range 3 {
		for i := range 1000 {
			if got := set.Add(h.Text(strconv.Itoa(i)), uint64(i), 1000); got != keys.New {
				t.Fatalf("round %d: %d is %v, want New", round, i, got)
			}
		}
		for i := range 1000 {
			k := h.Text(strconv.Itoa(i))
			if got := set.Add(k, uint64(i), 1000); got != keys.Same {
				t.Fatalf("%d is %v, want Same", i, got)
			}
			if got := set.Add(k, uint64(i)+1, 1000); got != keys.Other {
				t.Fatalf("%d is %v, want Other", i, got)
			}
		}
		if got := set.Add(h.Text("more"), 0, 1000); got != keys.Full {
			t.Fatalf("one more is %v, want Full", got)
		}
		if set.Len() != 1000 || set.Bytes() < 1000*32 {
			t.Errorf("%d keys in %d bytes", set.Len(), set.Bytes())
		}
		set.Reset()
	}
}

// And depends on the order of its parts, and With does not.
func TestKey(t *testing.T) {
	h := keys.NewHasher()
	a, b := h.Text("a"), h.Text("b")
	if a.And(b) == b.And(a) || a.With(b) != b.With(a) || a.And(b) == a.With(b) {
		t.Error("And and With do not differ in the order of their parts")
	}
	if h.Short("a") != a[0] || h.Bytes([]byte("a")) != a[0] || keys.Of(h, 1) == keys.Of(h, 2) {
		t.Error("hashes of one thing differ")
	}
	if keys.NewHasher().Text("a") == a {
		t.Error("two Hashers have the same seeds")
	}
}
