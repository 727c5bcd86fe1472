package aggregate

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// outcomes is a pool of the results of indicators.
var outcomes pool.Pool[indicator.Result]

// free returns the memory of a part to pools. The caller must not use it
// afterwards.
func (p *tablePart) free() {
	freeColumn(p.column)
	clear(p.results)
	outcomes.Put(p.results)
}

// freeColumn returns the memory of a column to a pool. The caller must not use
// it afterwards.
func freeColumn(c indicator.Column) {
	pool.Numbers.Put(c.Coef)
	pool.Marks.Put(c.Missing)
}
