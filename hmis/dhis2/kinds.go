package dhis2

import (
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// objectKinds has one line for each type of object, in the order of writing.
// Groups and group sets come last, since one Go list of each holds many kinds.
// A new type of object needs a line here and a table of its members.
var objectKinds = [...]objectKind{
	listOf(hmis.KindOrgUnit, func(md *hmis.Metadata) *[]hmis.OrgUnit { return &md.OrgUnits },
		func(u *hmis.OrgUnit) *hmis.UID { return &u.ID }, orgUnitFields),
	listOf(hmis.KindOrgUnitLevel, func(md *hmis.Metadata) *[]hmis.OrgUnitLevel { return &md.OrgUnitLevels },
		func(l *hmis.OrgUnitLevel) *hmis.UID { return &l.ID }, orgUnitLevelFields),
	listOf(hmis.KindAttribute, func(md *hmis.Metadata) *[]hmis.Attribute { return &md.Attributes },
		func(a *hmis.Attribute) *hmis.UID { return &a.ID }, attributeFields),
	listOf(hmis.KindOptionSet, func(md *hmis.Metadata) *[]hmis.OptionSet { return &md.OptionSets },
		func(s *hmis.OptionSet) *hmis.UID { return &s.ID }, optionSetFields),
	partsOf(hmis.KindOption, optionsOf, func(o *optionRead) *hmis.UID { return &o.ID }, optionFields),
	listOf(hmis.KindCategoryOption, func(md *hmis.Metadata) *[]hmis.CategoryOption { return &md.CategoryOptions },
		func(o *hmis.CategoryOption) *hmis.UID { return &o.ID }, categoryOptionFields),
	listOf(hmis.KindCategory, func(md *hmis.Metadata) *[]hmis.Category { return &md.Categories },
		func(c *hmis.Category) *hmis.UID { return &c.ID }, categoryFields),
	listOf(hmis.KindCategoryCombo, func(md *hmis.Metadata) *[]hmis.CategoryCombo { return &md.CategoryCombos },
		func(c *hmis.CategoryCombo) *hmis.UID { return &c.ID }, categoryComboFields),
	listOf(hmis.KindOptionCombo, func(md *hmis.Metadata) *[]hmis.OptionCombo { return &md.OptionCombos },
		func(o *hmis.OptionCombo) *hmis.UID { return &o.ID }, optionComboFields),
	listOf(hmis.KindDataElement, func(md *hmis.Metadata) *[]hmis.DataElement { return &md.DataElements },
		func(e *hmis.DataElement) *hmis.UID { return &e.ID }, dataElementFields),
	listOf(hmis.KindDataSet, func(md *hmis.Metadata) *[]hmis.DataSet { return &md.DataSets },
		func(s *hmis.DataSet) *hmis.UID { return &s.ID }, dataSetFields),
	partsOf(hmis.KindSection, sectionsOf, func(s *sectionRead) *hmis.UID { return &s.ID }, sectionFields),
	listOf(hmis.KindIndicatorType, func(md *hmis.Metadata) *[]hmis.IndicatorType { return &md.IndicatorTypes },
		func(t *hmis.IndicatorType) *hmis.UID { return &t.ID }, indicatorTypeFields),
	listOf(hmis.KindIndicator, func(md *hmis.Metadata) *[]hmis.Indicator { return &md.Indicators },
		func(i *hmis.Indicator) *hmis.UID { return &i.ID }, indicatorFields),
	listOf(hmis.KindConstant, func(md *hmis.Metadata) *[]hmis.Constant { return &md.Constants },
		func(c *hmis.Constant) *hmis.UID { return &c.ID }, constantFields),
	listOf(hmis.KindValidationRule, func(md *hmis.Metadata) *[]hmis.ValidationRule { return &md.ValidationRules },
		func(r *hmis.ValidationRule) *hmis.UID { return &r.ID }, validationRuleFields),
	listOf(hmis.KindLegendSet, func(md *hmis.Metadata) *[]hmis.LegendSet { return &md.LegendSets },
		func(s *hmis.LegendSet) *hmis.UID { return &s.ID }, legendSetFields),
	listOf(hmis.KindPredictor, func(md *hmis.Metadata) *[]hmis.Predictor { return &md.Predictors },
		func(p *hmis.Predictor) *hmis.UID { return &p.ID }, predictorFields),
}

// An objectKind reads and writes the objects of one type.
type objectKind interface {
	isKind(k hmis.Kind) bool
	reader(d *packageReader) func(raw []byte, offset int64) error
	targets(d *packageReader, to map[hmis.Ref]any) // adds the objects that have been read so far
	flatten(d *packageReader, md *hmis.Metadata)
	write(e *packageWriter, md *hmis.Metadata)
}

// A list is the objectKind of objects with Go type T.
type list[T any] struct {
	kind   hmis.Kind
	id     func(*T) *hmis.UID
	fields func(*T) []field
	into   func(*hmis.Metadata) *[]T // the list in Metadata; nil for parts of other objects
	all    func(*hmis.Metadata) []T
}

func listOf[T any](k hmis.Kind, into func(*hmis.Metadata) *[]T, id func(*T) *hmis.UID, fields func(*T) []field) objectKind {
	return list[T]{k, id, fields, into, func(md *hmis.Metadata) []T { return *into(md) }}
}

// partsOf returns the objectKind for objects inside others, such as the options
// of option sets.
func partsOf[T any](k hmis.Kind, all func(*hmis.Metadata) []T, id func(*T) *hmis.UID, fields func(*T) []field) objectKind {
	return list[T]{k, id, fields, nil, all}
}

func (l list[T]) isKind(k hmis.Kind) bool { return l.kind == k }

func (l list[T]) reader(d *packageReader) func([]byte, int64) error {
	return objects(d, read[T](d, l.kind), l.kind, func(o *T, id hmis.UID) { *l.id(o) = id }, l.fields)
}

func (l list[T]) targets(d *packageReader, to map[hmis.Ref]any) {
	for _, o := range *read[T](d, l.kind) {
		to[hmis.Ref{Kind: l.kind, ID: *l.id(o)}] = o
	}
}

func (l list[T]) flatten(d *packageReader, md *hmis.Metadata) {
	if l.into != nil {
		*l.into(md) = flat(*read[T](d, l.kind))
	}
}

func (l list[T]) write(e *packageWriter, md *hmis.Metadata) {
	write(e, l.kind, l.all(md), func(o *T) hmis.UID { return *l.id(o) }, l.fields)
}

// read returns the objects of a kind that have been read so far. They do not
// move in memory until the end of the file, because references by code are
// filled in late.
func read[T any](d *packageReader, k hmis.Kind) *[]*T {
	if d.objects[k] == nil {
		d.objects[k] = new([]*T)
	}
	return d.objects[k].(*[]*T)
}

// reader returns the function that reads an entry of the list with this name,
// or nil.
func (d *packageReader) reader(name string) func([]byte, int64) error {
	kind, ok := kindOfList(name)
	if !ok {
		return nil
	}
	for _, o := range objectKinds {
		if o.isKind(kind) {
			return o.reader(d)
		}
	}
	if strings.HasSuffix(name, "GroupSets") {
		return objects(d, &d.groupSets, kind, func(s *hmis.GroupSet, id hmis.UID) { s.Kind, s.ID = kind, id }, groupSetFields)
	}
	return objects(d, &d.groups, kind, func(g *hmis.Group, id hmis.UID) { g.Kind, g.ID = kind, id }, groupFields)
}

// listName returns the JSON name of the list of a kind.
func listName(k hmis.Kind) string {
	if k == hmis.KindCategory {
		return "categories"
	}
	return string(k) + "s"
}

// kindOfList returns the kind of the list with this JSON name. The second
// result is false if there is none.
func kindOfList(name string) (hmis.Kind, bool) {
	for _, k := range hmis.Kinds() {
		if listName(k) == name {
			return k, true
		}
	}
	return "", false
}

// writeAll writes the lists of all kinds that have objects.
func (e *packageWriter) writeAll(md *hmis.Metadata) {
	for _, o := range objectKinds {
		o.write(e, md)
	}
	for _, k := range hmis.Kinds() {
		groups := slices.DeleteFunc(slices.Clone(md.Groups), func(g hmis.Group) bool { return g.Kind != k })
		write(e, k, groups, func(o *hmis.Group) hmis.UID { return o.ID }, groupFields)
	}
	for _, k := range hmis.Kinds() {
		sets := slices.DeleteFunc(slices.Clone(md.GroupSets), func(g hmis.GroupSet) bool { return g.Kind != k })
		write(e, k, sets, func(o *hmis.GroupSet) hmis.UID { return o.ID }, groupSetFields)
	}
}

// optionsOf returns the options of all sets that have an id. Options without
// one are only written inside their set.
func optionsOf(md *hmis.Metadata) []optionRead {
	var list []optionRead
	for _, s := range md.OptionSets {
		for i, o := range s.Options {
			if o.ID == "" {
				continue
			}
			list = append(list, optionRead{o, s.ID, i + 1})
		}
	}
	return list
}

func sectionsOf(md *hmis.Metadata) []sectionRead {
	var list []sectionRead
	for _, s := range md.DataSets {
		for i, section := range s.Sections {
			list = append(list, sectionRead{section, s.ID, i + 1})
		}
	}
	return list
}
