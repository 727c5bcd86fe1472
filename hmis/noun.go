package hmis

import (
	"fmt"
	"reflect"
	"slices"
)

// A Noun is one of the types of object in [Metadata].
type Noun interface {
	DataElement | Category | CategoryOption | CategoryCombo | OptionCombo |
		OptionSet | DataSet | Indicator | IndicatorType | OrgUnit | OrgUnitLevel |
		Group | GroupSet | Constant | ValidationRule | Predictor | Attribute | LegendSet

	head() head
}

// A head has the fields that all objects have.
type head struct {
	kind              Kind
	id                UID
	code, name, short string
}

// display returns the name to show: the name, else the short name, else the id
// (RULES.md#names).
func (h head) display() string {
	switch {
	case h.name != "":
		return h.name
	case h.short != "":
		return h.short
	}
	return string(h.id)
}

func (e DataElement) head() head {
	return head{KindDataElement, e.ID, e.Code, e.Name, e.ShortName}
}

func (c Category) head() head { return head{KindCategory, c.ID, c.Code, c.Name, c.ShortName} }

func (o CategoryOption) head() head {
	return head{KindCategoryOption, o.ID, o.Code, o.Name, o.ShortName}
}

func (c CategoryCombo) head() head { return head{KindCategoryCombo, c.ID, c.Code, c.Name, ""} }

func (o OptionCombo) head() head {
	return head{KindOptionCombo, o.ID, o.Code, o.Name, ""}
}

func (s OptionSet) head() head      { return head{KindOptionSet, s.ID, s.Code, s.Name, ""} }
func (s DataSet) head() head        { return head{KindDataSet, s.ID, s.Code, s.Name, s.ShortName} }
func (i Indicator) head() head      { return head{KindIndicator, i.ID, i.Code, i.Name, i.ShortName} }
func (t IndicatorType) head() head  { return head{KindIndicatorType, t.ID, t.Code, t.Name, ""} }
func (u OrgUnit) head() head        { return head{KindOrgUnit, u.ID, u.Code, u.Name, u.ShortName} }
func (l OrgUnitLevel) head() head   { return head{KindOrgUnitLevel, l.ID, l.Code, l.Name, ""} }
func (g Group) head() head          { return head{g.Kind, g.ID, g.Code, g.Name, g.ShortName} }
func (s GroupSet) head() head       { return head{s.Kind, s.ID, s.Code, s.Name, s.ShortName} }
func (c Constant) head() head       { return head{KindConstant, c.ID, c.Code, c.Name, ""} }
func (r ValidationRule) head() head { return head{KindValidationRule, r.ID, r.Code, r.Name, ""} }
func (p Predictor) head() head      { return head{KindPredictor, p.ID, p.Code, p.Name, ""} }
func (a Attribute) head() head      { return head{KindAttribute, a.ID, a.Code, a.Name, ""} }
func (s LegendSet) head() head      { return head{KindLegendSet, s.ID, s.Code, s.Name, ""} }

// A section is part of a data set, and an option is part of an option set.
func (s Section) head() head { return head{KindSection, s.ID, s.Code, s.Name, ""} }
func (o Option) head() head  { return head{KindOption, o.ID, o.Code, o.Name, ""} }

// nounTypes has one entry for each list of [Metadata], in its order. A new type
// of object needs a struct, a list in Metadata, a [Kind], and lines in this
// file.
var nounTypes = [...]nounType{
	nounsIn(func(md *Metadata) *[]DataElement { return &md.DataElements }),
	nounsIn(func(md *Metadata) *[]Category { return &md.Categories }),
	nounsIn(func(md *Metadata) *[]CategoryOption { return &md.CategoryOptions }),
	nounsIn(func(md *Metadata) *[]CategoryCombo { return &md.CategoryCombos }),
	nounsIn(func(md *Metadata) *[]OptionCombo { return &md.OptionCombos }),
	nounsIn(func(md *Metadata) *[]OptionSet { return &md.OptionSets }),
	nounsIn(func(md *Metadata) *[]DataSet { return &md.DataSets }),
	nounsIn(func(md *Metadata) *[]Indicator { return &md.Indicators }),
	nounsIn(func(md *Metadata) *[]IndicatorType { return &md.IndicatorTypes }),
	nounsIn(func(md *Metadata) *[]OrgUnit { return &md.OrgUnits }),
	nounsIn(func(md *Metadata) *[]OrgUnitLevel { return &md.OrgUnitLevels }),
	nounsIn(func(md *Metadata) *[]Group { return &md.Groups }),
	nounsIn(func(md *Metadata) *[]GroupSet { return &md.GroupSets }),
	nounsIn(func(md *Metadata) *[]Constant { return &md.Constants }),
	nounsIn(func(md *Metadata) *[]ValidationRule { return &md.ValidationRules }),
	nounsIn(func(md *Metadata) *[]Predictor { return &md.Predictors }),
	nounsIn(func(md *Metadata) *[]Attribute { return &md.Attributes }),
	nounsIn(func(md *Metadata) *[]LegendSet { return &md.LegendSets }),
}

// A nounType has the functions for the list of one type of object.
type nounType struct {
	typ    reflect.Type
	kind   Kind // "" if the list has objects of several kinds
	index  func(md *Metadata, issues *Issues) anyNouns
	append func(to, from *Metadata)
	merge  func(m *merger, md *Metadata)
}

func nounsIn[T Noun](list func(*Metadata) *[]T) nounType {
	var none T
	return nounType{
		typ:    reflect.TypeFor[T](),
		kind:   none.head().kind,
		index:  func(md *Metadata, issues *Issues) anyNouns { return index(*list(md), issues) },
		append: func(to, from *Metadata) { *list(to) = append(*list(to), *list(from)...) },
		merge:  func(m *merger, md *Metadata) { *list(md) = mergeNouns(m, *list(md)) },
	}
}

// A nouns is one list of metadata with its index.
type nouns[T Noun] struct {
	list []T
	at   map[UID]int32
}

// anyNouns is the part of nouns that does not depend on the type.
type anyNouns interface {
	heads(yield func(head) bool) bool // returns false if yield did
	find(id UID) (head, bool)
}

// nounsOf returns the list of a type and its index.
func nounsOf[T Noun](c *Catalog) *nouns[T] {
	n, ok := c.byType[reflect.TypeFor[T]()].(*nouns[T])
	if !ok { // c is the zero Catalog
		return new(nouns[T])
	}
	return n
}

// index indexes one list and reports ids that are empty or repeat.
func index[T Noun](list []T, issues *Issues) *nouns[T] {
	n := &nouns[T]{slices.Clone(list), make(map[UID]int32, len(list))}
	for i := range n.list {
		h := n.list[i].head()
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

func (n *nouns[T]) heads(yield func(head) bool) bool {
	for i := range n.list {
		if !yield(n.list[i].head()) {
			return false
		}
	}
	return true
}

func (n *nouns[T]) find(id UID) (head, bool) {
	i, ok := n.at[id]
	if !ok {
		return head{}, false
	}
	return n.list[i].head(), true
}
