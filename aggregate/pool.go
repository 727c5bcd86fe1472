package aggregate

import (
	"math/bits"
	"sync"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// A pool keeps slices that one query needed for the next one, so that queries
// leave little behind for the garbage collector.
type pool[T any] struct {
	free [bits.UintSize + 1]sync.Pool // of *[]T, those with a capacity of 1<<i at least
}

// of returns a slice of length n with whatever is in it.
func (p *pool[T]) of(n int) []T {
	class := bits.Len(uint(max(n, 1) - 1))
	if had, ok := p.free[class].Get().(*[]T); ok {
		return (*had)[:n]
	}
	return make([]T, n, 1<<class)
}

func (p *pool[T]) giveBack(s []T) {
	if cap(s) > 0 {
		p.free[bits.Len(uint(cap(s)))-1].Put(&s)
	}
}

var (
	numbers  pool[int64]
	marks    pool[bool]
	outcomes pool[indicator.Result]
	zeros    pool[uint32] // all 0, so that a few numbers among many places cost only themselves
)

// release gives an array of zeros back of which only these numbers were set.
func release(list []uint32, set column.Bits) {
	for i := range set.All() {
		list[i] = 0
	}
	zeros.giveBack(list)
}

// free gives back what an accumulator needs most room for. It is of no use
// afterwards.
func (a *accumulator) free() {
	numbers.giveBack(a.packed)
	a.packed = nil
}

// free gives back what the part of an answer consists of. Nobody else may have it.
func (p *tablePart) free() {
	freeColumn(p.column)
	clear(p.results)
	outcomes.giveBack(p.results)
}

// free gives back the components of formulas, when all is computed.
func (r *run) free() {
	for _, list := range r.columns {
		if len(list) < fewToCompare {
			for _, c := range list {
				freeColumn(c.column)
			}
		}
	}
	for _, c := range r.manyColumns {
		freeColumn(c.column)
	}
}

// freeColumn gives a column back that nobody else has.
func freeColumn(c indicator.Column) {
	numbers.giveBack(c.Coef)
	marks.giveBack(c.Missing)
}
