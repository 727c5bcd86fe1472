package aggregate

import (
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// elements looks up data elements with the period types in which they are
// collected. Those with values are looked up once for all queries.
type elements struct {
	catalog *hmis.Catalog
	held    columns

	once sync.Once
	list []described // elements of the columns, in the same order
}

// A described is a data element with the period type in which it is collected.
type described struct {
	element   hmis.DataElement
	collected period.Type
	known     bool
}

// find returns a data element and the period type in which it is collected. ok
// is false if the catalog does not know the element.
func (e *elements) find(id hmis.UID) (element *hmis.DataElement, collected period.Type, ok bool) {
	i, held := e.held.at[id]
	if !held {
		one := e.describe(id)
		return &one.element, one.collected, one.known
	}
	e.once.Do(e.describeHeld)
	one := &e.list[i]
	return &one.element, one.collected, one.known
}

func (e *elements) describeHeld() {
	e.list = make([]described, len(e.held.ids))
	for i, id := range e.held.ids {
		e.list[i] = e.describe(id)
	}
}

func (e *elements) describe(id hmis.UID) described {
	element, ok := hmis.Find[hmis.DataElement](e.catalog, id)
	return described{element, e.collected(id), ok}
}

// collected returns the period type of an element's data set, or the most
// frequent one of several. It is 0 if no data set has the element.
func (e *elements) collected(element hmis.UID) period.Type {
	var least period.Type
	for _, id := range e.catalog.DataSets(element) {
		set, _ := hmis.Find[hmis.DataSet](e.catalog, id)
		if t := set.PeriodType; t != 0 && (least == 0 || t.Frequency() < least.Frequency()) {
			least = t
		}
	}
	return least
}
