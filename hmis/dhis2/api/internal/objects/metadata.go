package objects

import (
	"net/url"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/fields"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/api/internal/filter"
)

// metadata answers with the objects of several kinds at once: of those that a
// parameter names, such as dataSets=true, or of all. fields, filter and order
// may be given for one kind, as in dataSets:fields (RULES.md#metadata-packages).
func (s *Store) metadata(q *query) ([]byte, error) {
	chosen := func(k *kind) bool { return q.params.Get(k.name) == "true" }
	some := slices.ContainsFunc(kinds, func(line struct{ name, properties string }) bool { return chosen(byKind[line.name]) })
	w := q.writer("{")
	w.system(s)
	for _, line := range kinds {
		k := byKind[line.name]
		if k.part || some && !chosen(k) {
			continue
		}
		one, err := q.of(k)
		if err != nil {
			return nil, err
		}
		found, err := s.filtered(one, k, s.byName[k.name])
		if err == nil {
			found, err = sorted(one, k, found)
		}
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			w.list(k, found, one.fields)
		}
	}
	w.b = append(w.b, '}')
	return w.result()
}

// of returns the query for one kind: its own parameters, else the general ones.
// A filter by a property that the kind does not have is left out, since it is
// meant for others.
func (q *query) of(k *kind) (*query, error) {
	params := url.Values{}
	for _, name := range []string{"fields", "filter", "order"} {
		for _, from := range []string{name, k.name + ":" + name} {
			if q.params.Has(from) {
				params[name] = q.params[from]
			}
		}
	}
	one, err := parse(Request{Path: q.Path, URL: &url.URL{Path: q.URL.Path, RawQuery: params.Encode()}, Base: q.Base, Context: q.Context})
	if err != nil {
		return nil, err
	}
	one.any = q.any
	if !q.params.Has(k.name + ":filter") {
		one.filters = slices.DeleteFunc(one.filters, func(f filter.Filter) bool { return resolve(k, f.Path) != nil })
	}
	if len(one.fields) == 0 {
		one.fields = owned
	}
	return one, nil
}

var owned = fields.List{{Name: "owner", Preset: true}}

// system writes what says where a package comes from.
func (w *writer) system(s *Store) {
	w.b = append(appendText(append(w.b, `"system":{"version":"2.44","date":`...), s.now+"+0000"), '}')
}

// list writes the list of a kind as a further member.
func (w *writer) list(k *kind, objects []*Object, wanted fields.List) {
	w.b = append(appendText(append(w.b, ','), k.name), ":["...)
	w.objects(objects, compile(k, wanted, false))
	w.b = append(w.b, ']')
}

// packaged has the kinds of a package about a data set, with the ways from the
// data set to their objects.
var packaged = []struct{ name, ways string }{
	{"dataSets", ""},
	{"sections", "sections"},
	{"dataElements", "dataSetElements.dataElement"},
	{"indicators", "indicators"},
	{"indicatorTypes", "indicators.indicatorType"},
	{"categoryCombos", "categoryCombo dataSetElements.categoryCombo dataSetElements.dataElement.categoryCombo"},
	{"categories", "categoryCombos.categories"},
	{"categoryOptions", "categories.categoryOptions"},
	{"categoryOptionCombos", "categoryCombos.categoryOptionCombos"},
	{"optionSets", "dataSetElements.dataElement.optionSet dataSetElements.dataElement.commentOptionSet"},
	{"options", "optionSets.options"},
	{"legendSets", "legendSets"},
	{"legends", "legendSets.legends"},
}

// dataSetPackage answers with a data set and all that its form needs.
func (s *Store) dataSetPackage(q *query, set *Object) ([]byte, error) {
	found := map[string][]*Object{"dataSets": {set}}
	w := q.writer("{")
	w.system(s)
	for _, part := range packaged[1:] {
		for way := range strings.FieldsSeq(part.ways) {
			steps := strings.Split(way, ".")
			from := found["dataSets"]
			if set.kind.byName[steps[0]] == nil { // the way begins at objects that were found
				from, steps = found[steps[0]], steps[1:]
			}
			found[part.name] = reach(from, steps, found[part.name])
		}
	}
	for _, part := range packaged {
		if len(found[part.name]) > 0 {
			w.list(byKind[part.name], found[part.name], append(owned, fields.Field{Name: "href", Exclude: true}))
		}
	}
	w.b = append(w.b, '}')
	return w.result()
}

// reach appends the objects at the end of a way to out, each once.
func reach(from []*Object, steps []string, out []*Object) []*Object {
	seen := map[*Object]bool{}
	for _, o := range out {
		seen[o] = true
	}
	for _, name := range steps {
		var next []*Object
		for _, o := range from {
			switch to := o.get(name).(type) {
			case *Object:
				next = append(next, to)
			case []*Object:
				next = append(next, to...)
			}
		}
		from = next
	}
	for _, o := range from {
		if !seen[o] {
			seen[o] = true
			out = append(out, o)
		}
	}
	return out
}
