package objects

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
)

var uid = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{10}$`)

// IsUID reports whether a text has the form of an id.
func IsUID(text string) bool { return uid.MatchString(text) }

// Answer returns the JSON that answers a request. An error is a [Fault].
func (s *Store) Answer(r Request) ([]byte, error) {
	q, err := parse(r)
	if err != nil {
		return nil, err
	}
	switch {
	case r.Path[0] == "dimensions":
		return s.dimensions(q)
	case r.Path[0] == "metadata" && len(r.Path) == 1:
		return s.metadata(q)
	case len(r.Path) == 1 && r.CSV:
		return s.csv(q, byKind[r.Path[0]])
	case len(r.Path) == 1 && slices.Contains(absent, r.Path[0]):
		k := *byKind["indicators"] // for filters by id, name and the like
		k.name = r.Path[0]
		return s.listing(q, &k, nil)
	case len(r.Path) == 1 && r.Path[0] != "identifiableObjects":
		k := byKind[r.Path[0]]
		if k.name == "organisationUnits" && q.selectsUnits() {
			return s.listing(q, k, s.selectUnits(q))
		}
		return s.listing(q, k, nil)
	case len(r.Path) == 1 || !uid.MatchString(r.Path[1]):
		return nil, &Fault{Status: http.StatusMethodNotAllowed, Message: "Request method 'GET' is not supported"}
	}
	return s.one(q)
}

// one answers with one object, one of its properties, or the units around it.
func (s *Store) one(q *query) ([]byte, error) {
	o, class := s.find(q.Path[0], q.Path[1])
	if o == nil {
		return nil, &Fault{http.StatusNotFound, "E1005", class + " with id " + q.Path[1] + " could not be found."}
	}
	if o.kind.name == "organisationUnits" {
		if units, ok := s.around(q, o); ok {
			return s.listing(q, o.kind, units)
		}
	}
	wanted := q.fields
	switch {
	case len(q.Path) == 3 && o.kind.name == "dataSets" && q.Path[2] == "metadata":
		return s.dataSetPackage(q, o)
	case len(q.Path) == 3:
		wanted = fields.List{{Name: q.Path[2], Nested: len(wanted) > 0, Fields: wanted}}
	case len(q.Path) > 3:
		return nil, &Fault{http.StatusNotFound, "E1005", "No static resource " + strings.TrimPrefix(q.URL.Path, "/") + "."}
	case len(wanted) == 0:
		wanted = fields.List{{Name: "all", Preset: true}}
	}
	w := q.writer("")
	w.object(o, compile(o.kind, wanted, false))
	return w.result()
}

// find returns an object, or the class to name in the message that it is
// missing.
func (s *Store) find(name, id string) (o *Object, class string) {
	if k := byKind[name]; k != nil {
		return s.byID[name+"/"+id], k.class
	}
	for _, k := range kinds {
		if o := s.byID[k.name+"/"+id]; o != nil {
			return o, ""
		}
	}
	return nil, "IdentifiableObject"
}

// listing answers with the objects of a kind. from has those to choose from, in
// their order; nil means all.
func (s *Store) listing(q *query, k *kind, from []*Object) ([]byte, error) {
	newer := from == nil && q.newer(k)
	switch {
	case from != nil:
	case newer:
		from = s.lists[k.name]
	default:
		from = s.byName[k.name]
	}
	found, err := s.filtered(q, k, from)
	if err != nil {
		return nil, err
	}
	if found, err = sorted(q, k, found); err != nil {
		return nil, err
	}
	w := q.writer("{")
	pl, total := compile(k, q.wanted(), newer), len(found)
	if newer && s.artefacts {
		if found, err = pl.joined(found); err != nil {
			return nil, err
		}
	}
	page := found
	if q.paging {
		page = q.pageOf(found)
		w.pager(q, total, newer)
	}
	w.b = append(appendText(w.b, k.name), ":["...)
	w.objects(page, pl)
	w.b = append(w.b, "]}"...)
	return w.result()
}

// wanted returns the fields of a listing.
func (q *query) wanted() fields.List {
	if len(q.fields) == 0 {
		return fields.List{{Name: "id"}, {Name: "displayName"}}
	}
	return q.fields
}

// pageOf returns the objects on the page that a request asks for.
func (q *query) pageOf(all []*Object) []*Object {
	start := min((q.page-1)*q.pageSize, len(all))
	if q.page > len(all) {
		start = len(all)
	}
	return all[start:min(start+q.pageSize, len(all))]
}

// filtered returns the objects that match the filters and the query.
func (s *Store) filtered(q *query, k *kind, from []*Object) ([]*Object, error) {
	for i := range q.filters {
		if err := resolve(k, q.filters[i].Path); err != nil {
			return nil, err
		}
	}
	text := q.params.Get("query")
	if len(q.filters) == 0 && text == "" {
		return from, nil
	}
	folded := strings.ToLower(text)
	out := make([]*Object, 0, 64)
	for i, o := range from {
		if i%1024 == 0 && q.Context.Err() != nil {
			return nil, q.Context.Err()
		}
		if q.matches(o) && (text == "" || o.found(text, folded)) {
			out = append(out, o)
		}
	}
	return out, nil
}

// found reports whether a query matches an object: its id or code are the text,
// or its name contains it.
func (o *Object) found(text, folded string) bool {
	return o.id == text || o.text("code") == text || strings.Contains(strings.ToLower(o.text("name")), folded)
}

func (q *query) matches(o *Object) bool {
	if len(q.filters) == 0 {
		return true
	}
	var room [8]string
	for i := range q.filters {
		f := &q.filters[i]
		values, size := o.lookup(f.Path, room[:0])
		if f.Match(values, size) == q.any {
			return q.any
		}
	}
	return !q.any
}

// backwards is the number of objects from which a server reads an index of its
// database backwards for a descending order, so that what is equal comes in
// reverse (RULES.md#order).
const backwards = 30

// sorted returns objects in the order that a request asks for, else unchanged.
func sorted(q *query, k *kind, all []*Object) ([]*Object, error) {
	if len(q.order) == 0 {
		return all, nil
	}
	type row struct {
		o    *Object
		keys []any
	}
	rows := make([]row, len(all))
	for i, o := range all {
		rows[i] = row{o, make([]any, len(q.order))}
	}
	for j, order := range q.order {
		p := k.byName[order.Name]
		if p == nil {
			return nil, badRequest("", "No such property: "+order.Name)
		}
		for i := range rows {
			rows[i].keys[j] = key(rows[i].o.values[p.index], order.Fold)
		}
	}
	if q.order[0].Descending && len(rows) > backwards {
		slices.Reverse(rows)
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		for j, order := range q.order {
			c := compareKeys(a.keys[j], b.keys[j])
			if order.Descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	out := make([]*Object, len(rows))
	for i := range rows {
		out[i] = rows[i].o
	}
	return out, nil
}

// key returns what a value is sorted by: a text, a number, or nil.
func key(value any, fold bool) any {
	switch v := value.(type) {
	case string:
		if fold {
			return strings.ToLower(v)
		}
		return v
	case json.Number:
		n, _ := v.Float64()
		return n
	case float64:
		return v
	case bool:
		return strconv.FormatBool(v)
	case []*Object:
		return float64(len(v))
	}
	return nil
}

// compareKeys compares two keys. No value comes last, as in PostgreSQL.
func compareKeys(a, b any) int {
	switch x := a.(type) {
	case nil:
		if b == nil {
			return 0
		}
		return 1
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y)
		}
	}
	return -1
}

// resolve reports a path to a property that no object of a kind has.
func resolve(k *kind, path []string) error {
	if len(path) == 1 && (path[0] == "identifiable" || path[0] == "query") {
		return nil
	}
	for _, name := range path {
		if k == nil || k.byName[name] == nil {
			return badRequest("E1003", "Unknown path property: "+strings.Join(path, "."))
		}
		k = k.byName[name].target
	}
	return nil
}

// lookup appends the texts of all values at a path to out. size is the number
// of entries of a list at its end, else -1.
func (o *Object) lookup(path []string, out []string) (values []string, size int) {
	if path[0] == "identifiable" || path[0] == "query" {
		return append(out, o.id, o.text("code"), o.text("name")), -1
	}
	p := o.kind.byName[path[0]]
	if p == nil {
		return out, -1
	}
	switch v := o.values[p.index].(type) {
	case string:
		return append(out, v), -1
	case json.Number:
		return append(out, v.String()), -1
	case float64:
		return append(out, strconv.FormatFloat(v, 'f', -1, 64)), -1
	case bool:
		return append(out, strconv.FormatBool(v)), -1
	case []any:
		return out, len(v)
	case *Object:
		if len(path) == 1 {
			return append(out, v.id), -1
		}
		return v.lookup(path[1:], out)
	case []*Object:
		if len(path) == 1 {
			return out, len(v)
		}
		for _, one := range v {
			out, _ = one.lookup(path[1:], out)
		}
	}
	return out, -1
}
