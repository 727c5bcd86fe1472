package hmis

import (
	"errors"
	"fmt"
)

// A textIndex finds objects by what references may hold beside ids.
type textIndex struct {
	ids    map[textKey]UID
	more   map[textKey][]UID   // where several objects have the same text
	values map[valueKey]string // attribute values
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

// heads walks all objects, those within others too.
func (c *Catalog) heads() func(yield func(head) bool) {
	return func(yield func(head) bool) {
		if !walkHeads(c.dataElements, yield) || !walkHeads(c.categories, yield) ||
			!walkHeads(c.categoryOptions, yield) || !walkHeads(c.categoryCombos, yield) ||
			!walkHeads(c.optionCombos, yield) || !walkHeads(c.optionSets, yield) ||
			!walkHeads(c.dataSets, yield) || !walkHeads(c.indicators, yield) ||
			!walkHeads(c.indicatorTypes, yield) || !walkHeads(c.orgUnits, yield) ||
			!walkHeads(c.orgUnitLevels, yield) || !walkHeads(c.groups, yield) ||
			!walkHeads(c.groupSets, yield) || !walkHeads(c.constants, yield) ||
			!walkHeads(c.validationRules, yield) || !walkHeads(c.predictors, yield) ||
			!walkHeads(c.attributes, yield) {
			return
		}
		for i := range c.dataSets.list {
			for _, s := range c.dataSets.list[i].Sections {
				if !yield(head{KindSection, s.ID, s.Code, s.Name, ""}) {
					return
				}
			}
		}
		for i := range c.optionSets.list {
			for _, o := range c.optionSets.list[i].Options {
				if !yield(head{KindOption, o.ID, o.Code, o.Name, ""}) {
					return
				}
			}
		}
	}
}

func walkHeads[T Noun](n nouns[T], yield func(head) bool) bool {
	for i := range n.list {
		if !yield(headOf(&n.list[i])) {
			return false
		}
	}
	return true
}

// find returns the head of an object.
func (c *Catalog) find(r Ref) (head, bool) {
	switch r.Kind {
	case KindDataElement:
		return findHead(c.dataElements, r)
	case KindCategory:
		return findHead(c.categories, r)
	case KindCategoryOption:
		return findHead(c.categoryOptions, r)
	case KindCategoryCombo:
		return findHead(c.categoryCombos, r)
	case KindCategoryOptionCombo:
		return findHead(c.optionCombos, r)
	case KindOptionSet:
		return findHead(c.optionSets, r)
	case KindDataSet:
		return findHead(c.dataSets, r)
	case KindIndicator:
		return findHead(c.indicators, r)
	case KindIndicatorType:
		return findHead(c.indicatorTypes, r)
	case KindOrgUnit:
		return findHead(c.orgUnits, r)
	case KindOrgUnitLevel:
		return findHead(c.orgUnitLevels, r)
	case KindConstant:
		return findHead(c.constants, r)
	case KindValidationRule:
		return findHead(c.validationRules, r)
	case KindPredictor:
		return findHead(c.predictors, r)
	case KindAttribute:
		return findHead(c.attributes, r)
	case KindSection:
		p, ok := c.sections[r.ID]
		if !ok {
			return head{}, false
		}
		s := c.dataSets.list[p.outer].Sections[p.inner]
		return head{KindSection, s.ID, s.Code, s.Name, ""}, true
	case KindOption:
		p, ok := c.options[r.ID]
		if !ok {
			return head{}, false
		}
		o := c.optionSets.list[p.outer].Options[p.inner]
		return head{KindOption, o.ID, o.Code, o.Name, ""}, true
	}
	if h, ok := findHead(c.groups, r); ok {
		return h, true
	}
	return findHead(c.groupSets, r)
}

func findHead[T Noun](n nouns[T], r Ref) (head, bool) {
	i, ok := n.at[r.ID]
	if !ok {
		return head{}, false
	}
	h := headOf(&n.list[i])
	return h, h.kind == r.Kind
}

// ErrAmbiguous says that a reference fits more than one object, so that none may
// be chosen.
var ErrAmbiguous = errors.New("ambiguous")

// Lookup finds an object by the text of a reference, such as
// Lookup(KindOrgUnit, ByCode, "OU_525"). The text is compared as it stands, with
// its letter case and blanks. The default option combo is found by its id even
// if the metadata leave it out. The error, an *[Issue], says whether there is
// none or, as [ErrAmbiguous], more than one (interoperability specification,
// section 1.1).
func (c *Catalog) Lookup(k Kind, s Scheme, text string) (UID, error) {
	fail := func(format string, args ...any) (UID, error) {
		return "", &Issue{Severity: Severe, Object: Ref{Kind: k}, Offset: -1, Err: fmt.Errorf(format, args...)}
	}
	if s == ByID || s == ByUID {
		id := UID(text)
		_, ok := c.find(Ref{k, id})
		if ok || k == KindCategoryOptionCombo && id == c.defaultOptionCombo {
			return id, nil
		}
		return fail("no object with the id %q", text)
	}
	if a, ok := s.attribute(); ok {
		i, ok := c.attributes.at[a]
		if !ok {
			return fail("id scheme %q: no such attribute", s)
		}
		if !c.attributes.list[i].Unique {
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

// Text returns what a reference to r holds in a scheme, such as its code: the
// reverse of [Catalog.Lookup]. The error, an *[Issue], says that the object is unknown or has no such code, name
// or attribute value.
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

// noun says what s calls the text of a reference.
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

// Name returns the display name of an object: its name, else its short name,
// else its id, also for objects that are not in the catalog.
func (c *Catalog) Name(r Ref) string {
	if h, ok := c.find(r); ok {
		return h.display()
	}
	return string(r.ID)
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

// Property returns what a file says about an object beyond the fields of its
// type, such as the description, as the file has it: see [Property]. ok is false
// if the file says nothing of that name.
func (c *Catalog) Property(r Ref, name string) (value string, ok bool) {
	value, ok = c.byProperty()[propertyKey{r, name}]
	return value, ok
}
