package objects

import (
	"net/http"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
)

// dimensionKinds has the kinds of objects that are dimensions, in the order of
// the listing.
var dimensionKinds = []string{"categories", "categoryOptionGroupSets", "dataElementGroupSets", "organisationUnitGroupSets"}

// dimensions answers with the dimensions of analytics that are metadata, each
// as the object that it is (RULES.md#objects).
func (s *Store) dimensions(q *query) ([]byte, error) {
	if len(q.Path) > 1 {
		return s.oneDimension(q)
	}
	var all []*Object
	for _, name := range dimensionKinds {
		all = append(all, s.dataDimensions(name)...)
	}
	w := q.writer("{")
	page := all
	if q.paging {
		page = q.pageOf(all)
		w.pager(q, len(all), false)
	}
	w.mixed("dimensions", page, q.wanted(), true)
	w.b = append(w.b, '}')
	return w.result()
}

func (s *Store) dataDimensions(kind string) []*Object {
	return slices.DeleteFunc(slices.Clone(s.lists[kind]), func(o *Object) bool { return o.get("dataDimension") != true })
}

// oneDimension answers with one dimension, or with those that may restrict who
// sees data: group sets of category options, and categories of whole reports.
func (s *Store) oneDimension(q *query) ([]byte, error) {
	if q.Path[1] == "constraints" {
		all := s.dataDimensions("categoryOptionGroupSets")
		for _, o := range s.dataDimensions("categories") {
			if o.get("dataDimensionType") == "ATTRIBUTE" {
				all = append(all, o)
			}
		}
		w := q.writer("{")
		w.mixed("dimensions", all, everything, false)
		w.b = append(w.b, '}')
		return w.result()
	}
	if !uid.MatchString(q.Path[1]) {
		return nil, &Fault{Status: http.StatusMethodNotAllowed, Message: "Request method 'GET' is not supported"}
	}
	for _, name := range dimensionKinds {
		if s.byID[name+"/"+q.Path[1]] != nil {
			q.Path = append([]string{name}, q.Path[1:]...)
			return s.one(q)
		}
	}
	return nil, &Fault{http.StatusNotFound, "E1005", "Dimension with id " + q.Path[1] + " could not be found."}
}

// mixed writes a list of objects of several kinds as a member. asCategories
// leaves out what categories do not have.
func (w *writer) mixed(name string, list []*Object, wanted fields.List, asCategories bool) {
	w.b = append(appendText(w.b, name), ":["...)
	for i, o := range list {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		pl := compile(o.kind, wanted, false)
		if asCategories {
			pl = pl.onlyOf(byKind["categories"])
		}
		w.object(o, pl)
	}
	w.b = append(w.b, ']')
}
