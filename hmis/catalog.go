package hmis

import (
	"fmt"
	"iter"
	"slices"
	"sync"
)

// The default category model of servers made since about 2013, for metadata
// that leave it out (interoperability specification, section 1.2).
const (
	defaultName              = "default"
	wellKnownCombo       UID = "bjDvmb4bfuf"
	wellKnownOptionCombo UID = "HllvX50cXC0"
)

// A Catalog is checked, indexed metadata. It does not change after NewCatalog
// and is safe for concurrent use.
type Catalog struct {
	dataElements    nouns[DataElement]
	categories      nouns[Category]
	categoryOptions nouns[CategoryOption]
	categoryCombos  nouns[CategoryCombo]
	optionCombos    nouns[CategoryOptionCombo]
	optionSets      nouns[OptionSet]
	dataSets        nouns[DataSet]
	indicators      nouns[Indicator]
	indicatorTypes  nouns[IndicatorType]
	orgUnits        nouns[OrgUnit]
	orgUnitLevels   nouns[OrgUnitLevel]
	groups          nouns[Group]
	groupSets       nouns[GroupSet]
	constants       nouns[Constant]
	validationRules nouns[ValidationRule]
	predictors      nouns[Predictor]
	attributes      nouns[Attribute]

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

// nouns is one list of metadata with its index.
type nouns[T Noun] struct {
	list []T
	at   map[UID]int32
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
		dataElements:    index(md.DataElements, &issues),
		categories:      index(md.Categories, &issues),
		categoryOptions: index(md.CategoryOptions, &issues),
		categoryCombos:  index(md.CategoryCombos, &issues),
		optionCombos:    index(md.CategoryOptionCombos, &issues),
		optionSets:      index(md.OptionSets, &issues),
		dataSets:        index(md.DataSets, &issues),
		indicators:      index(md.Indicators, &issues),
		indicatorTypes:  index(md.IndicatorTypes, &issues),
		orgUnits:        index(md.OrgUnits, &issues),
		orgUnitLevels:   index(md.OrgUnitLevels, &issues),
		groups:          index(md.Groups, &issues),
		groupSets:       index(md.GroupSets, &issues),
		constants:       index(md.Constants, &issues),
		validationRules: index(md.ValidationRules, &issues),
		predictors:      index(md.Predictors, &issues),
		attributes:      index(md.Attributes, &issues),

		attributeValues: slices.Clone(md.AttributeValues),
		translations:    slices.Clone(md.Translations),
		properties:      slices.Clone(md.Properties),
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

// index makes the index of one list and reports ids that are empty or repeat.
func index[T Noun](list []T, issues *Issues) nouns[T] {
	n := nouns[T]{slices.Clone(list), make(map[UID]int32, len(list))}
	for i := range n.list {
		h := headOf(&n.list[i])
		refuse := func(err error) {
			*issues = append(*issues, &Issue{Severity: Critical, Object: Ref{h.kind, h.id}, Field: "id", Offset: -1, Err: err})
		}
		first, repeats := n.at[h.id]
		switch {
		case h.id == "":
			refuse(fmt.Errorf("want an id for object %d of the list, named %q", i, h.name))
		case repeats:
			refuse(fmt.Errorf("want each id once; it is object %d and object %d of the list", first, i))
		default:
			n.at[h.id] = int32(i)
		}
	}
	return n
}

// indexParts indexes what lies within other objects: sections and options.
// Their ids need not be given; of those that repeat the first counts.
func (c *Catalog) indexParts() {
	c.sections, c.options = map[UID]place{}, map[UID]place{}
	add := func(m map[UID]place, id UID, outer, inner int) {
		if _, repeats := m[id]; id != "" && !repeats {
			m[id] = place{int32(outer), int32(inner)}
		}
	}
	for i := range c.dataSets.list {
		for j, s := range c.dataSets.list[i].Sections {
			add(c.sections, s.ID, i, j)
		}
	}
	for i := range c.optionSets.list {
		for j, o := range c.optionSets.list[i].Options {
			add(c.options, o.ID, i, j)
		}
	}
}

// A Noun is one of the types of object in [Metadata].
type Noun interface {
	DataElement | Category | CategoryOption | CategoryCombo | CategoryOptionCombo |
		OptionSet | DataSet | Indicator | IndicatorType | OrgUnit | OrgUnitLevel |
		Group | GroupSet | Constant | ValidationRule | Predictor | Attribute
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

// nounsOf returns the list of a type and its index.
func nounsOf[T Noun](c *Catalog) *nouns[T] {
	var n any
	switch any((*T)(nil)).(type) {
	case *DataElement:
		n = &c.dataElements
	case *Category:
		n = &c.categories
	case *CategoryOption:
		n = &c.categoryOptions
	case *CategoryCombo:
		n = &c.categoryCombos
	case *CategoryOptionCombo:
		n = &c.optionCombos
	case *OptionSet:
		n = &c.optionSets
	case *DataSet:
		n = &c.dataSets
	case *Indicator:
		n = &c.indicators
	case *IndicatorType:
		n = &c.indicatorTypes
	case *OrgUnit:
		n = &c.orgUnits
	case *OrgUnitLevel:
		n = &c.orgUnitLevels
	case *Group:
		n = &c.groups
	case *GroupSet:
		n = &c.groupSets
	case *Constant:
		n = &c.constants
	case *ValidationRule:
		n = &c.validationRules
	case *Predictor:
		n = &c.predictors
	case *Attribute:
		n = &c.attributes
	}
	return n.(*nouns[T])
}

// A head is what all objects have.
type head struct {
	kind              Kind
	id                UID
	code, name, short string
}

// display returns the name that people see: the name, else the short name,
// else the id (interoperability specification, section 4.1).
func (h head) display() string {
	switch {
	case h.name != "":
		return h.name
	case h.short != "":
		return h.short
	}
	return string(h.id)
}

func headOf[T Noun](noun *T) head {
	switch n := any(noun).(type) {
	case *DataElement:
		return head{KindDataElement, n.ID, n.Code, n.Name, n.ShortName}
	case *Category:
		return head{KindCategory, n.ID, n.Code, n.Name, n.ShortName}
	case *CategoryOption:
		return head{KindCategoryOption, n.ID, n.Code, n.Name, n.ShortName}
	case *CategoryCombo:
		return head{KindCategoryCombo, n.ID, n.Code, n.Name, ""}
	case *CategoryOptionCombo:
		return head{KindCategoryOptionCombo, n.ID, n.Code, n.Name, ""}
	case *OptionSet:
		return head{KindOptionSet, n.ID, n.Code, n.Name, ""}
	case *DataSet:
		return head{KindDataSet, n.ID, n.Code, n.Name, n.ShortName}
	case *Indicator:
		return head{KindIndicator, n.ID, n.Code, n.Name, n.ShortName}
	case *IndicatorType:
		return head{KindIndicatorType, n.ID, n.Code, n.Name, ""}
	case *OrgUnit:
		return head{KindOrgUnit, n.ID, n.Code, n.Name, n.ShortName}
	case *OrgUnitLevel:
		return head{KindOrgUnitLevel, n.ID, n.Code, n.Name, ""}
	case *Group:
		return head{n.Kind, n.ID, n.Code, n.Name, n.ShortName}
	case *GroupSet:
		return head{n.Kind, n.ID, n.Code, n.Name, n.ShortName}
	case *Constant:
		return head{KindConstant, n.ID, n.Code, n.Name, ""}
	case *ValidationRule:
		return head{KindValidationRule, n.ID, n.Code, n.Name, ""}
	case *Predictor:
		return head{KindPredictor, n.ID, n.Code, n.Name, ""}
	case *Attribute:
		return head{KindAttribute, n.ID, n.Code, n.Name, ""}
	}
	return head{}
}
