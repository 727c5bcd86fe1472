package hmis

import (
	"iter"
	"reflect"
	"slices"
	"sync"
)

// These are the ids of the default category model on servers set up since about
// 2013. They are used if the metadata has none (RULES.md#default-combos).
const (
	defaultName              = "default"
	wellKnownCombo       UID = "bjDvmb4bfuf"
	wellKnownOptionCombo UID = "HllvX50cXC0"
)

// A Catalog is metadata that has been checked and indexed. It does not change
// after NewCatalog and is safe for concurrent use.
type Catalog struct {
	lists  []anyNouns // the lists of Metadata, in its order
	byType map[reflect.Type]anyNouns
	byKind map[Kind]anyNouns // the lists by kind, except groups and group sets, whose lists have many kinds

	sections map[UID]place // position of each section's data set, and of the section in it
	options  map[UID]place // position of each option's option set, and of the option in it

	attributeValues []AttributeValue
	translations    []Translation
	properties      []Property
	translated      map[Ref]translatedName // names in another language; only set by Catalog.In

	defaultCombo       UID // a category combo
	defaultOptionCombo UID
	combosInSets       map[setElement]UID // the category combo of an element in a data set that overrides its own
	setsOf             map[UID][]UID      // the data sets of each data element
	combosOf           map[UID][]UID      // the option combos of each category combo

	// These two are built on first use, since many catalogs are only used by
	// id.
	bySet      func() map[string]UID // option combos by comboKey
	byText     func() *textIndex
	byProperty func() map[propertyKey]string
}

// A place is the position of an object inside another object.
type place struct{ outer, inner int32 }

type setElement struct{ dataSet, element UID }

// NewCatalog indexes md. It refuses only what makes an index impossible: ids
// that repeat or are empty, which it lists as [Issues]. Ids must be unique
// within each list of md. References to missing objects are kept, since partial
// exports have them; see [Catalog.Check].
//
// The lists of md are copied, the lists inside its objects are shared: do not
// change those afterwards.
func NewCatalog(md Metadata) (*Catalog, error) {
	var issues Issues
	c := &Catalog{
		byType: make(map[reflect.Type]anyNouns, len(nounTypes)),
		byKind: make(map[Kind]anyNouns, len(nounTypes)),

		attributeValues: slices.Clone(md.AttributeValues),
		translations:    slices.Clone(md.Translations),
		properties:      slices.Clone(md.Properties),
	}
	for _, t := range nounTypes {
		list := t.index(&md, &issues)
		c.lists = append(c.lists, list)
		c.byType[t.typ] = list
		if t.kind != "" {
			c.byKind[t.kind] = list
		}
	}
	if err := issues.Err(); err != nil {
		return nil, err
	}
	c.indexParts()
	c.indexCombos()
	c.bySet = sync.OnceValue(c.indexBySet)
	c.byText = sync.OnceValue(c.indexByText)
	c.byProperty = sync.OnceValue(c.indexByProperty)
	return c, nil
}

// indexParts indexes sections and options, which are inside other objects. They
// need no ids. If an id repeats, the first object with it counts.
func (c *Catalog) indexParts() {
	c.sections, c.options = map[UID]place{}, map[UID]place{}
	add := func(m map[UID]place, id UID, outer, inner int) {
		if _, repeats := m[id]; id != "" && !repeats {
			m[id] = place{int32(outer), int32(inner)}
		}
	}
	for i, set := range nounsOf[DataSet](c).list {
		for j, s := range set.Sections {
			add(c.sections, s.ID, i, j)
		}
	}
	for i, set := range nounsOf[OptionSet](c).list {
		for j, o := range set.Options {
			add(c.options, o.ID, i, j)
		}
	}
}

// Find returns the object with this id, such as Find[DataElement](c, id). Lists
// in it are shared and must not be changed.
func Find[T Noun](c *Catalog, id UID) (T, bool) {
	n := nounsOf[T](c)
	i, ok := n.at[id]
	if !ok {
		var none T
		return none, false
	}
	return n.list[i], true
}

// All returns all objects of a type, such as All[Indicator](c), in the order of
// the metadata. Lists in them are shared and must not be changed.
func All[T Noun](c *Catalog) iter.Seq[T] {
	return slices.Values(nounsOf[T](c).list)
}
