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
	held int // bytes, beside the cells of columns

	// By id; where one id has many, they are in many as well and are looked up
	// there.
	few  map[hmis.UID][]*columnOnce
	many map[columnKey]*columnOnce
}

// A columnOnce is a component of formulas over a list of periods, computed when
// it is first asked for.
type columnOnce struct {
	columnKey

	once   sync.Once
	column indicator.Column
	err    error
}

// A columnKey identifies a component.
type columnKey struct {
	item    indicator.Item
	periods string // "" for those of the grid
}

// perComponent is about how many bytes a query holds for a component,
// beside its cells.
const perComponent = 512

// at returns the component, which may not be computed yet; nil if the query
// has too many.
func (r *columnCache) at(item indicator.Item, periods string) *columnOnce {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := columnKey{item, periods}
	list := r.few[item.ID]
	if len(list) < fewToCompare {
		for _, c := range list {
			if c.columnKey == key {
				return c
			}
		}
	} else if c, ok := r.many[key]; ok {
		return c
	}
	if r.held += perComponent + len(periods); r.held > maxHeld {
		return nil
	}
	if r.few == nil {
		r.few, r.many = map[hmis.UID][]*columnOnce{}, map[columnKey]*columnOnce{}
	}
	c := &columnOnce{columnKey: key}
	if len(list) < fewToCompare {
		list = append(list, c)
		r.few[item.ID] = list
	}
	if len(list) == fewToCompare { // from now on they are looked up
		for _, had := range list {
			r.many[had.columnKey] = had
		}
		r.many[key] = c
	}
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

// free gives back the components of formulas, when all is computed.
func (r *columnCache) free() {
	for _, list := range r.few {
		if len(list) < fewToCompare {
			for _, c := range list {
				freeColumn(c.column)
			}
		}
	}
	for _, c := range r.many {
		freeColumn(c.column)
	}
}
