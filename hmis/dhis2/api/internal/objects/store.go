// Package objects answers requests for the objects of a catalog in the manner
// of the DHIS2 Web API.
package objects

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2"
)

// A Store has the objects of a catalog. It does not change and is safe for
// concurrent use.
type Store struct {
	lists       map[string][]*Object // by kind, in the order of creation
	byName      map[string][]*Object // the same in the order of their names
	byID        map[string]*Object   // by kind, "/" and id
	children    map[*Object][]*Object
	defaults    map[string]*Object // the default category combo and option combo, by kind
	now         string
	artefacts   bool
	setElements map[*Object][]*Object // the entries of data sets for each data element
}

// Options say how a Store answers.
type Options struct {
	Now             time.Time // the time of creation of objects whose metadata has none
	ServerArtefacts bool      // answer as a server does where that is a mistake
}

// An Object is an object or a part.
type Object struct {
	kind   *kind
	id     string
	values []any // by the index of the property in its kind; nil for a property without a value
}

// get returns the value of a property: a string, a number, a truth value, an
// *Object, a list of them, other JSON, or nil.
func (o *Object) get(name string) any {
	if p := o.kind.byName[name]; p != nil {
		return o.values[p.index]
	}
	return nil
}

// text returns the value of a property that is a text.
func (o *Object) text(name string) string {
	text, _ := o.get(name).(string)
	return text
}

// New makes the Store of a catalog.
func New(catalog *hmis.Catalog, options Options) (*Store, error) {
	var text bytes.Buffer
	if err := dhis2.WriteMetadata(&text, catalog.Metadata()); err != nil {
		return nil, err
	}
	var documents map[string][]json.RawMessage
	if err := json.Unmarshal(text.Bytes(), &documents); err != nil {
		return nil, err
	}
	s := &Store{lists: map[string][]*Object{}, byName: map[string][]*Object{}, byID: map[string]*Object{},
		children: map[*Object][]*Object{}, setElements: map[*Object][]*Object{}, defaults: map[string]*Object{}}
	s.artefacts = options.ServerArtefacts
	s.now = options.Now.UTC().Format("2006-01-02T15:04:05.000")
	combo, optionCombo := catalog.CategoryCombo("", ""), catalog.DefaultOptionCombo()
	return s, s.fill(documents, map[string]hmis.UID{"categoryCombos": combo, "categoryOptionCombos": optionCombo})
}

// fill makes the objects from their documents. References need all objects, and
// computed properties need all references, so each has a pass of its own.
func (s *Store) fill(documents map[string][]json.RawMessage, defaults map[string]hmis.UID) error {
	raw := map[*Object]map[string]any{}
	for name, list := range documents {
		k := byKind[name]
		if k == nil {
			continue
		}
		for _, text := range list {
			d := json.NewDecoder(bytes.NewReader(text))
			d.UseNumber()
			var members map[string]any
			if err := d.Decode(&members); err != nil {
				return fmt.Errorf("api: %s: %w", name, err)
			}
			id, _ := members["id"].(string)
			o := &Object{k, id, make([]any, len(k.properties))}
			raw[o] = members
			s.lists[name] = append(s.lists[name], o)
			s.byID[name+"/"+id] = o
		}
		// A server makes its default objects before it reads a file.
		slices.SortStableFunc(s.lists[name], func(a, b *Object) int { return later(raw[a]) - later(raw[b]) })
	}
	for name, id := range defaults {
		s.defaults[name] = s.reference(byKind[name], string(id))
	}
	for _, list := range s.lists {
		for _, o := range list {
			s.store(o, raw[o])
			for _, name := range []string{"created", "lastUpdated"} {
				if p := o.kind.byName[name]; p != nil && o.values[p.index] == nil {
					o.values[p.index] = s.now
				}
			}
		}
	}
	s.invert()
	for _, k := range kinds {
		for _, o := range s.lists[k.name] {
			s.compute(o)
		}
		s.byName[k.name] = slices.Clone(s.lists[k.name])
		sortByName(s.byName[k.name])
	}
	return nil
}

// sortByName sorts objects by name without regard to case, as the older engine
// does if it is asked for no order.
func sortByName(list []*Object) {
	folded := make(map[*Object]string, len(list))
	for _, o := range list {
		folded[o] = strings.ToLower(o.text("name"))
	}
	slices.SortStableFunc(list, func(a, b *Object) int {
		return cmp.Or(strings.Compare(folded[a], folded[b]), strings.Compare(a.id, b.id))
	})
}

func later(members map[string]any) int {
	if members["name"] == "default" {
		return 0
	}
	return 1
}

// store sets the values that an object has in its document.
func (s *Store) store(o *Object, members map[string]any) {
	for _, p := range o.kind.properties {
		value, has := members[p.name]
		switch {
		case p.source != stored:
		case p.list:
			all := []*Object{}
			entries, _ := value.([]any)
			for _, entry := range entries {
				if to := s.object(p, entry); to != nil {
					all = append(all, to)
				}
			}
			o.values[p.index] = all
		case !has && p.target != nil && !o.kind.part && s.defaults[p.target.name] != nil:
			o.values[p.index] = s.defaults[p.target.name]
		case !has:
			o.values[p.index] = p.def
		case p.target != nil:
			if to := s.object(p, value); to != nil {
				o.values[p.index] = to
			}
		default:
			o.values[p.index] = plain(p.name, value)
		}
	}
}

// plain returns a simple value as servers write it: dates with a time.
func plain(name string, value any) any {
	text, ok := value.(string)
	if ok && len(text) == len("2006-01-02") && (name == "openingDate" || name == "closedDate" || name == "startDate" || name == "endDate") {
		return text + "T00:00:00.000"
	}
	if ok && text == "" {
		return nil
	}
	return value
}

// object returns the object or part of a reference. A reference to an object
// that does not exist is an object with an id alone.
func (s *Store) object(p *property, value any) *Object {
	members, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	id, _ := members["id"].(string)
	if p.isPart {
		o := &Object{p.target, id, make([]any, len(p.target.properties))}
		s.store(o, members)
		return o
	}
	return s.reference(p.target, id)
}

func (s *Store) reference(k *kind, id string) *Object {
	if o := s.byID[k.name+"/"+id]; o != nil {
		return o
	}
	o := &Object{k, id, make([]any, len(k.properties))}
	o.values[k.byName["id"].index] = id
	return o
}

// invert sets the properties that list the objects that refer to an object.
func (s *Store) invert() {
	for _, k := range byKind {
		for _, p := range k.properties {
			if p.source == inverse {
				s.invertOne(k, p)
			}
		}
	}
	for _, unit := range s.lists["organisationUnits"] {
		if parent, ok := unit.get("parent").(*Object); ok {
			s.children[parent] = append(s.children[parent], unit)
		}
	}
	for _, set := range s.lists["dataSets"] {
		entries, _ := set.get("dataSetElements").([]*Object)
		for _, entry := range entries {
			if of := entry.kind.byName["dataSet"]; entry.values[of.index] == nil {
				entry.values[of.index] = set
			}
			if element, ok := entry.get("dataElement").(*Object); ok {
				s.setElements[element] = append(s.setElements[element], entry)
			}
		}
	}
}

func (s *Store) invertOne(k *kind, p *property) {
	for _, o := range s.lists[k.name] {
		o.values[p.index] = []*Object{}
	}
	add := func(to, from *Object) {
		if all, ok := to.values[p.index].([]*Object); ok && to.kind == k {
			to.values[p.index] = append(all, from)
		}
	}
	for _, from := range s.lists[p.target.name] {
		switch to := from.values[p.member.index].(type) {
		case *Object:
			add(to, from)
		case []*Object:
			for _, one := range to {
				add(one, from)
			}
		}
	}
}

// compute sets the computed properties of an object and of its parts.
func (s *Store) compute(o *Object) {
	for _, p := range o.kind.properties {
		switch {
		case p.isPart && p.source == stored:
			switch parts := o.values[p.index].(type) {
			case *Object:
				s.compute(parts)
			case []*Object:
				for _, part := range parts {
					s.compute(part)
				}
			}
		case p.source != computed:
		case p.function != "":
			var of any
			if p.args[0] != "" {
				of = o.get(p.args[0])
			}
			o.values[p.index] = functions[p.function](s, o, of)
		case len(p.args) == 0:
			o.values[p.index] = p.def
		default:
			for _, name := range p.args {
				if o.values[p.index] = o.get(name); o.values[p.index] != nil {
					break
				}
			}
		}
	}
}

// Lists reports whether a name is that of the listing of a kind.
func (s *Store) Lists(name string) bool { return byKind[name] != nil && !byKind[name].part }

// absent are kinds that a catalog never has. Their listings are empty, since
// clients ask for them when they start.
var absent = []string{"dashboards", "eventCharts", "eventReports", "eventVisualizations", "externalMapLayers", "maps",
	"mapViews", "programIndicators", "programStages", "programs", "relationshipTypes", "trackedEntityAttributes",
	"trackedEntityTypes", "userGroups", "visualizations"}

// Has reports whether the store answers addresses that begin with a name.
func (s *Store) Has(name string) bool {
	k := byKind[name]
	return k != nil && !k.part || name == "dimensions" || name == "identifiableObjects" || name == "metadata" ||
		slices.Contains(absent, name)
}
