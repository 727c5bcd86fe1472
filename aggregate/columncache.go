package aggregate

import (
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
)

// A columnCache holds the components that the formulas of a query share.
type columnCache struct {
	mu   sync.Mutex
	held int // bytes that the cache occupies, without the cells of columns

	room [4]columnOnce // the first ones, since most small queries need no more (BenchmarkQuery/indicator)
	few  int           // how many of room are used

	newest map[hmis.UID]*columnOnce  // of each id, the component made last
	many   map[columnKey]*columnOnce // those of ids that have many
}

// A columnOnce is a component of formulas over a list of periods, computed when
// it is first asked for.
type columnOnce struct {
	columnKey

	once   sync.Once
	column indicator.Column
	err    error

	older *columnOnce // the next older component of the same id
	n     int         // length of this chain
	many  bool        // components of this id are in columnCache.many
}

// A columnKey identifies a component.
type columnKey struct {
	item    indicator.Item
	periods string // "" for the periods of the grid
}

// perComponent is roughly the number of bytes that a component occupies,
// without its cells.
const perComponent = 512

// at returns the component for an item, which may not be computed yet. It
// returns nil if the query has too many components.
func (r *columnCache) at(item indicator.Item, periods string) *columnOnce {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := columnKey{item, periods}
	for i := range r.few {
		if c := &r.room[i]; c.columnKey == key {
			return c
		}
	}
	newest := r.newest[item.ID]
	for c := newest; c != nil; c = c.older {
		if c.columnKey == key {
			return c
		}
	}
	if newest != nil && newest.many {
		if c, ok := r.many[key]; ok {
			return c
		}
	}
	if r.held += perComponent + len(periods); r.held > maxHeld {
		return nil
	}
	if r.few < len(r.room) {
		c := &r.room[r.few]
		c.columnKey = key
		r.few++
		return c
	}
	c := &columnOnce{columnKey: key, n: 1}
	switch {
	case newest == nil:
	case newest.n < fewToCompare:
		c.older, c.n, c.many = newest, newest.n+1, newest.many
	default: // the chain is long: use columnCache.many for this id from now on
		if r.many == nil {
			r.many = map[columnKey]*columnOnce{}
		}
		for had := newest; had != nil; had = had.older {
			r.many[had.columnKey] = had
		}
		c.many = true
	}
	if r.newest == nil {
		r.newest = map[hmis.UID]*columnOnce{}
	}
	r.newest[item.ID] = c
	return c
}

func periodsKey(periods []period.Period) string {
	b := make([]byte, 0, 8*len(periods))
	for _, p := range periods {
		b, _ = p.AppendText(b)
		b = append(b, ' ', byte(p.Type()))
	}
	return string(b)
}

// free releases the components of formulas. Call it once all data items are
// computed.
func (r *columnCache) free() {
	for i := range r.few {
		freeColumn(r.room[i].column)
	}
	for _, newest := range r.newest {
		for c := newest; c != nil; c = c.older {
			freeColumn(c.column)
		}
	}
	for _, c := range r.many {
		freeColumn(c.column)
	}
}
