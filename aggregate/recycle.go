package aggregate

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// outcomes holds the results of indicators.
var outcomes pool.Pool[indicator.Result]

// free gives back what the part of an answer consists of. The caller must not
// use it afterwards.
func (p *tablePart) free() {
	freeColumn(p.column)
	clear(p.results)
	outcomes.Put(p.results)
}

// freeColumn gives a column back. The caller must not use it afterwards.
func freeColumn(c indicator.Column) {
	pool.Numbers.Put(c.Coef)
	pool.Marks.Put(c.Missing)
}
