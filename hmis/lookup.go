package hmis

import (
	"errors"
	"fmt"
)

// A textIndex finds objects by their codes, names and attribute values.
type textIndex struct {
	ids    map[textKey]UID
	more   map[textKey][]UID   // all objects that share one text
	values map[valueKey]string // the attribute value of an object
}

type textKey struct {
	kind   Kind
	scheme Scheme
	text   string
}

type valueKey struct {
	ref       Ref
	attribute UID
}

func (t *textIndex) add(k Kind, s Scheme, text string, id UID) {
	if text == "" {
		return
	}
	key := textKey{k, s, text}
	first, repeats := t.ids[key]
	switch {
	case !repeats:
		t.ids[key] = id
	case len(t.more[key]) == 0:
		t.more[key] = []UID{first, id}
	default:
		t.more[key] = append(t.more[key], id)
	}
}

func (t *textIndex) addHead(h head) {
	t.add(h.kind, ByCode, h.code, h.id)
	t.add(h.kind, ByName, h.name, h.id)
}

func (c *Catalog) indexByText() *textIndex {
	t := &textIndex{map[textKey]UID{}, map[textKey][]UID{}, map[valueKey]string{}}
	for h := range c.heads() {
		t.addHead(h)
	}
	for _, v := range c.attributeValues {
		t.add(v.Object.Kind, byAttribute(v.Attribute), v.Value, v.Object.ID)
		t.values[valueKey{v.Object, v.Attribute}] = v.Value
	}
	return t
}

// heads returns the heads of all objects, including sections and options.
func (c *Catalog) heads() func(yield func(head) bool) {
	return func(yield func(head) bool) {
		for _, list := range c.lists {
			if !list.heads(yield) {
				return
			}
		}
		for set := range All[DataSet](c) {
			for _, s := range set.Sections {
				if !yield(s.head()) {
					return
				}
			}
		}
		for set := range All[OptionSet](c) {
			for _, o := range set.Options {
				if !yield(o.head()) {
					return
				}
			}
		}
	}
}

// find returns the head of an object.
func (c *Catalog) find(r Ref) (head, bool) {
	if list, ok := c.byKind[r.Kind]; ok {
		return list.find(r.ID)
	}
	switch r.Kind {
	case KindSection:
		if p, ok := c.sections[r.ID]; ok {
			return nounsOf[DataSet](c).list[p.outer].Sections[p.inner].head(), true
		}
		return head{}, false
	case KindOption:
		if p, ok := c.options[r.ID]; ok {
			return nounsOf[OptionSet](c).list[p.outer].Options[p.inner].head(), true
		}
		return head{}, false
	}
	if h, ok := nounsOf[Group](c).find(r.ID); ok && h.kind == r.Kind {
		return h, true
	}
	h, ok := nounsOf[GroupSet](c).find(r.ID)
	return h, ok && h.kind == r.Kind
}

// ErrAmbiguous says that several objects match a reference. None of them is
// chosen.
var ErrAmbiguous = errors.New("ambiguous")

// Lookup returns the id of the object that a text refers to, such as
// Lookup(KindOrgUnit, ByCode, "OU_525"). Letter case and blanks must match. The
// default option combo is found by its id even if the metadata has no default
// objects. The error is an *[Issue]; it wraps [ErrAmbiguous] if several objects
// match (RULES.md#id-schemes).
func (c *Catalog) Lookup(k Kind, s Scheme, text string) (UID, error) {
	fail := func(format string, args ...any) (UID, error) {
		return "", &Issue{Severity: Severe, Object: Ref{Kind: k}, Offset: -1, Err: fmt.Errorf(format, args...)}
	}
	if s == ByID || s == ByUID {
		id := UID(text)
		_, ok := c.find(Ref{k, id})
		if ok || k == KindOptionCombo && id == c.defaultOptionCombo {
			return id, nil
		}
		return fail("no object with the id %q", text)
	}
	if a, ok := s.attribute(); ok {
		attribute, ok := Find[Attribute](c, a)
		if !ok {
			return fail("id scheme %q: no such attribute", s)
		}
		if !attribute.Unique {
			return fail("id scheme %q: want an attribute whose values are unique", s)
		}
	} else if s != ByCode && s != ByName {
		return fail("id scheme %q: want UID, CODE, NAME or ATTRIBUTE: and a UID", s)
	}
	t := c.byText()
	key := textKey{k, s, text}
	if ids := t.more[key]; len(ids) > 0 {
		return fail("%s %q is %w: %d objects have it, such as %s and %s", s.noun(), text, ErrAmbiguous, len(ids), ids[0], ids[1])
	}
	id, ok := t.ids[key]
	if !ok {
		return fail("no object with the %s %q", s.noun(), text)
	}
	return id, nil
}

// Text returns the text by which a scheme refers to r, such as its code. It is
// the reverse of [Catalog.Lookup]. The error is an *[Issue]: the object is
// unknown, or has no such code, name or attribute value.
func (c *Catalog) Text(r Ref, s Scheme) (string, error) {
	fail := func(format string, args ...any) (string, error) {
		return "", &Issue{Severity: Severe, Object: r, Offset: -1, Err: fmt.Errorf(format, args...)}
	}
	if s == ByID || s == ByUID {
		return string(r.ID), nil
	}
	h, ok := c.find(r)
	if !ok {
		return fail("no such object")
	}
	text := ""
	attribute, isAttribute := s.attribute()
	switch {
	case s == ByCode:
		text = h.code
	case s == ByName:
		text = h.name
	case isAttribute:
		text = c.byText().values[valueKey{r, attribute}]
	default:
		return fail("id scheme %q: want UID, CODE, NAME or ATTRIBUTE: and a UID", s)
	}
	if text == "" {
		return fail("want an object with a %s", s.noun())
	}
	return text, nil
}

// noun returns the word of error messages for a text in scheme s, such as code.
func (s Scheme) noun() string {
	switch s {
	case ByID, ByUID:
		return "id"
	case ByCode:
		return "code"
	case ByName:
		return "name"
	}
	a, _ := s.attribute()
	return "value of attribute " + string(a)
}

// Has reports whether r is in the catalog.
func (c *Catalog) Has(r Ref) bool {
	_, ok := c.find(r)
	return ok
}

type propertyKey struct {
	ref  Ref
	name string
}

func (c *Catalog) indexByProperty() map[propertyKey]string {
	index := make(map[propertyKey]string, len(c.properties))
	for _, p := range c.properties {
		index[propertyKey{p.Object, p.Name}] = p.Value
	}
	return index
}

// Property returns a property that a file has given to an object beyond the
// fields of its type, such as its description. The value is the text in the
// file; see [Property]. ok is false if there is no such property.
func (c *Catalog) Property(r Ref, name string) (value string, ok bool) {
	value, ok = c.byProperty()[propertyKey{r, name}]
	return value, ok
}
