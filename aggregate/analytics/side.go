package analytics

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// A side is the rows or the columns of a table: all combinations of the items
// of some dimensions. The last dimension changes fastest. Combinations are made
// when needed, since there may be many.
type side struct {
	dims [][]sideItem // the items of each dimension
	n    int          // number of combinations; noSide if there are too many
}

// noSide is a number of combinations that no table may have.
const noSide = 1 << 31

// A sideItem is one item of a dimension.
type sideItem struct {
	dim   int // index of the dimension in the request
	id    string
	meta  MetaItem
	short string // the short name
}

// side returns a side with the dimensions that have these ids. They must exist.
// Without ids the side has one empty combination.
func (a *answer) side(ids []string) side {
	s := side{n: 1}
	for _, id := range ids {
		at := indexOf(a.dimensions, id)
		items := a.sideItems(a.dimensions[at], at)
		s.dims = append(s.dims, items)
		if s.n *= len(items); s.n > noSide {
			s.n = noSide
		}
	}
	return s
}

// at returns combination n.
func (s side) at(n int) []*sideItem {
	items := make([]*sideItem, len(s.dims))
	for i, list := range slices.Backward(s.dims) {
		items[i] = &list[n%len(list)]
		n /= len(list)
	}
	return items
}

// sideItems returns the items of a dimension: those of the request or, if it
// names none, those that occur in the cells. dim is the index of d in the
// request.
func (a *answer) sideItems(d dimension, dim int) []sideItem {
	var list []sideItem
	short := namer{a.server.Catalog, true}
	for _, item := range d.data {
		list = append(list, sideItem{dim, dataKey(item), a.dataItem(item), short.data(item)})
	}
	for _, p := range d.periods {
		list = append(list, sideItem{dim, p.String(), a.periodItem(p), p.Name()})
	}
	ids := d.ids
	if len(ids)+len(list) == 0 {
		ids = a.occurring(d.id)
	}
	for _, id := range ids {
		list = append(list, sideItem{dim, string(id), a.objectItem(d.items, id), short.object(d.items, id)})
	}
	return list
}

// occurring returns the items of an axis that occur in the cells, by id.
func (a *answer) occurring(id string) []hmis.UID {
	at := slices.IndexFunc(a.query.Split, func(x aggregate.Axis) bool { return string(x.ID) == id })
	if at < 0 {
		return nil
	}
	ids := make([]hmis.UID, 0, len(a.cells))
	for _, cell := range a.cells {
		ids = append(ids, cell.Split[at])
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
