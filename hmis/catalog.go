package hmis

import (
	"iter"
	"reflect"
	"slices"
	"sync"
)

// The default category model of servers made since about 2013, for metadata
// that leave it out (RULES.md#default-combos).
const (
	defaultName              = "default"
	wellKnownCombo       UID = "bjDvmb4bfuf"
	wellKnownOptionCombo UID = "HllvX50cXC0"
)

// A Catalog is checked, indexed metadata. It does not change after NewCatalog
// and is safe for concurrent use.
type Catalog struct {
	lists  []anyNouns // in the order of Metadata
	byType map[reflect.Type]anyNouns
	byKind map[Kind]anyNouns // without groups and group sets, which have many kinds

	sections map[UID]place // position in the data sets and in Sections
	options  map[UID]place // position in the option sets and in Options

	attributeValues []AttributeValue
	translations    []Translation
	properties      []Property

	defaultCombo       UID // category combo
	defaultOptionCombo UID
	combosInSets       map[setElement]UID // where a data set overrides its element's combo
	setsOf             map[UID][]UID      // data sets by data element
	combosOf           map[UID][]UID      // option combos by category combo

	// Built when first asked for; many catalogs are only used by id.
	bySet      func() map[string]UID // option combos by comboKey
	byText     func() *textIndex
	byProperty func() map[propertyKey]string
}

// A place is an object within another.
type place struct{ outer, inner int32 }

type setElement struct{ dataSet, element UID }

// NewCatalog indexes md. It refuses only what makes an index impossible: ids
// that repeat or are empty, all of them listed as [Issues]. Ids have to be
// unique among the objects of one list of md. References that lead nowhere are
// normal in partial exports and are kept; see [Catalog.Check].
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

// indexParts indexes objects within others: sections and options.
// Their ids need not be given; of those that repeat the first counts.
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
