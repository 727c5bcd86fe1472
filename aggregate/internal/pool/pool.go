// Package pool keeps slices that one query needed for the next one, so that
// queries leave little behind for the garbage collector.
package pool

import (
	"math/bits"
	"sync"
)

// A Pool holds slices of one type by their capacity.
type Pool[T any] struct {
	free  [bits.UintSize + 1]sync.Pool // *[]T; list i has those of capacity 1<<i at least
	boxes sync.Pool                    // *[]T with a nil slice, reused so that Put allocates nothing
}

// Get returns a slice of length n. Its elements are whatever the last user left
// in them.
func (p *Pool[T]) Get(n int) []T {
	class := bits.Len(uint(max(n, 1) - 1))
	box, ok := p.free[class].Get().(*[]T)
	if !ok {
		return make([]T, n, 1<<class)
	}
	s := (*box)[:n]
	*box = nil
	p.boxes.Put(box)
	return s
}

// Put returns a slice to the pool. The caller must not use it afterwards.
func (p *Pool[T]) Put(s []T) {
	if cap(s) == 0 {
		return
	}
	box, ok := p.boxes.Get().(*[]T)
	if !ok {
		box = new([]T)
	}
	*box = s
	p.free[bits.Len(uint(cap(s)))-1].Put(box)
}

// These pools are shared by several packages.
var (
	Numbers Pool[int64]
	Marks   Pool[bool]
)
