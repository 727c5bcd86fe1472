package pool_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
	"github.com/stretchr/testify/require"
)

func TestPool(t *testing.T) {
	var p pool.Pool[int]
	for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 1000, 1024, 1025} {
		p.Put(make([]int, n)) // of any capacity
		s := p.Get(n)
		require.Len(t, s, n)
		for i := range s {
			s[i] = i
		}
		p.Put(s)
	}
	p.Put(nil)
	p.Put(make([]int, 5)) // whoever asks for 5 needs a capacity of 8
	require.Len(t, p.Get(5), 5)
}
