package dhis2

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// ReadMetadata reads a metadata export in JSON, old or new: a full export, the
// dependencies of one object, or a list of one type. Types of object that
// aggregate work does not need, such as dashboards and users, are skipped. What
// is not known of an object becomes an [hmis.Property], but for who may see it
// and what follows from the rest, such as display names. A value that does not
// fit, such as "level": "deep" of an org unit, becomes one too, and nothing says so:
// to be told, read with a [MetadataReader] that has Found. This is the zero one.
//
// Metadata of several files are put together by [hmis.Merge].
func ReadMetadata(r io.Reader) (hmis.Metadata, error) { return MetadataReader{}.Read(r) }

// A MetadataReader reads metadata and says what it made of them. The zero
// MetadataReader is ready to use.
type MetadataReader struct {
	Calendar *period.Calendar // of the periods in data sets; nil is Gregorian

	// Found, if not nil, is told of what is doubtful or left out: types that are
	// skipped, values that do not fit, memberships that only one side states,
	// levels that are not those of the path, objects that repeat with other
	// content. If it is nil, such a repetition is an error.
	Found func(*hmis.Issue)
}

// Read reads a metadata export. An error is a *[ReadError], or [hmis.Issues] for
// objects that repeat with other content.
//
// Of memberships that both sides state, the union counts. A reference may be a
// code, which must then lead to an object of the file. References that lead
// nowhere stay as they are. An option set or data set that only its options or
// sections tell of is made, with nothing but its id (interoperability
// specification, sections 3 and 4).
func (m MetadataReader) Read(r io.Reader) (hmis.Metadata, error) {
	j, err := newJSONReader(r, maxObject)
	if err != nil {
		return hmis.Metadata{}, err
	}
	d := &packageReader{
		calendar: m.Calendar, found: m.Found, seen: map[hmis.Ref]bool{},
		unitLevels: map[*hmis.OrgUnit]statedLevel{}, leftOut: map[hmis.Ref]bool{}, sectionLists: map[hmis.UID][]hmis.UID{}, optionLists: map[hmis.UID][]hmis.Option{},
	}
	if d.calendar == nil {
		d.calendar = period.Gregorian
	}
	if err := j.isJSON("metadata"); err != nil {
		return hmis.Metadata{}, err
	}
	err = j.object(func(name string, offset int64) error {
		c, err := j.peek()
		if err != nil {
			return err
		}
		read := d.reader(name)
		if name == "dataValues" || name == "completeDataSetRegistrations" {
			return at(offset, fmt.Errorf("%s: want metadata, not data", name))
		}
		if c != '[' {
			if read != nil && c != 'n' {
				return j.unexpected(c, "an array of "+name)
			}
			_, _, err := j.raw()
			return err
		}
		n := 0
		err = j.array(func(raw []byte, offset int64) error {
			n++
			if read == nil {
				return nil
			}
			if err := read(raw, offset); err != nil {
				if bad, ok := errors.AsType[*ReadError](err); ok {
					return bad
				}
				pos := offset
				if bad := (*syntaxError)(nil); errors.As(err, &bad) {
					pos += int64(bad.pos)
				}
				return &ReadError{Offset: pos, Row: -1, Field: fmt.Sprintf("%s[%d]", name, n-1), Err: err}
			}
			return nil
		})
		if read == nil && n > 0 {
			d.report(hmis.Info, "type_skipped", hmis.Ref{}, name, "%d objects are skipped", n)
		}
		return err
	})
	if err == nil {
		err = j.finish()
	}
	if err == nil {
		err = d.finish()
	}
	if err != nil {
		return hmis.Metadata{}, err
	}
	return d.metadata()
}

// A packageReader collects the objects of one file. Objects stay where they are
// until all have been read, since references by code are filled in late.
type packageReader struct {
	calendar *period.Calendar
	found    func(*hmis.Issue)

	elements     []*hmis.DataElement
	categories   []*hmis.Category
	options      []*hmis.CategoryOption
	combos       []*hmis.CategoryCombo
	optionCombos []*hmis.CategoryOptionCombo
	optionSets   []*hmis.OptionSet
	dataSets     []*hmis.DataSet
	indicators   []*hmis.Indicator
	types        []*hmis.IndicatorType
	units        []*hmis.OrgUnit
	levels       []*hmis.OrgUnitLevel
	groups       []*hmis.Group
	groupSets    []*hmis.GroupSet
	constants    []*hmis.Constant
	rules        []*hmis.ValidationRule
	predictors   []*hmis.Predictor
	attributes   []*hmis.Attribute
	sections     []*sectionRead
	choices      []*optionRead

	values       []*hmis.AttributeValue
	translations []hmis.Translation
	properties   []hmis.Property

	unitLevels   map[*hmis.OrgUnit]statedLevel
	sectionLists map[hmis.UID][]hmis.UID    // as data sets list them
	optionLists  map[hmis.UID][]hmis.Option // as option sets list them
	leftOut      map[hmis.Ref]bool
	links        []link
	byCode       []codeRef
	after        []func() // what has to wait for byCode

	object  hmis.Ref // being read
	member  string
	offset  int64
	seen    map[hmis.Ref]bool
	repeats bool

	conflicts hmis.Issues // options and sections that repeat
}

// A codeRef is a reference that has a code in place of an id.
type codeRef struct {
	kind   hmis.Kind
	code   string
	to     *hmis.UID
	object hmis.Ref
	offset int64
}

func (d *packageReader) report(s hmis.Severity, code string, r hmis.Ref, field, format string, args ...any) {
	if d.found != nil {
		d.found(&hmis.Issue{
			Code: code, Severity: s, Object: r, Field: field, Offset: d.offset, Err: fmt.Errorf(format, args...),
		})
	}
}

// reader returns what reads the objects of a list, or nil.
func (d *packageReader) reader(list string) func([]byte, int64) error {
	switch list {
	case "dataElements":
		return objects(d, &d.elements, hmis.KindDataElement, func(o *hmis.DataElement, id hmis.UID) { o.ID = id }, dataElementFields)
	case "categories":
		return objects(d, &d.categories, hmis.KindCategory, func(o *hmis.Category, id hmis.UID) { o.ID = id }, categoryFields)
	case "categoryOptions":
		return objects(d, &d.options, hmis.KindCategoryOption, func(o *hmis.CategoryOption, id hmis.UID) { o.ID = id }, categoryOptionFields)
	case "categoryCombos":
		return objects(d, &d.combos, hmis.KindCategoryCombo, func(o *hmis.CategoryCombo, id hmis.UID) { o.ID = id }, categoryComboFields)
	case "categoryOptionCombos":
		return objects(d, &d.optionCombos, hmis.KindCategoryOptionCombo, func(o *hmis.CategoryOptionCombo, id hmis.UID) { o.ID = id }, optionComboFields)
	case "optionSets":
		return objects(d, &d.optionSets, hmis.KindOptionSet, func(o *hmis.OptionSet, id hmis.UID) { o.ID = id }, optionSetFields)
	case "options":
		return objects(d, &d.choices, hmis.KindOption, func(o *optionRead, id hmis.UID) { o.ID = id }, optionFields)
	case "dataSets":
		return objects(d, &d.dataSets, hmis.KindDataSet, func(o *hmis.DataSet, id hmis.UID) { o.ID = id }, dataSetFields)
	case "sections":
		return objects(d, &d.sections, hmis.KindSection, func(o *sectionRead, id hmis.UID) { o.ID = id }, sectionFields)
	case "indicators":
		return objects(d, &d.indicators, hmis.KindIndicator, func(o *hmis.Indicator, id hmis.UID) { o.ID = id }, indicatorFields)
	case "indicatorTypes":
		return objects(d, &d.types, hmis.KindIndicatorType, func(o *hmis.IndicatorType, id hmis.UID) { o.ID = id }, indicatorTypeFields)
	case "organisationUnits":
		return objects(d, &d.units, hmis.KindOrgUnit, func(o *hmis.OrgUnit, id hmis.UID) { o.ID = id }, orgUnitFields)
	case "organisationUnitLevels":
		return objects(d, &d.levels, hmis.KindOrgUnitLevel, func(o *hmis.OrgUnitLevel, id hmis.UID) { o.ID = id }, orgUnitLevelFields)
	case "constants":
		return objects(d, &d.constants, hmis.KindConstant, func(o *hmis.Constant, id hmis.UID) { o.ID = id }, constantFields)
	case "validationRules":
		return objects(d, &d.rules, hmis.KindValidationRule, func(o *hmis.ValidationRule, id hmis.UID) { o.ID = id }, validationRuleFields)
	case "predictors":
		return objects(d, &d.predictors, hmis.KindPredictor, func(o *hmis.Predictor, id hmis.UID) { o.ID = id }, predictorFields)
	case "attributes":
		return objects(d, &d.attributes, hmis.KindAttribute, func(o *hmis.Attribute, id hmis.UID) { o.ID = id }, attributeFields)
	}
	kind := hmis.Kind(strings.TrimSuffix(list, "s"))
	switch {
	case !slices.Contains(hmis.Kinds(), kind):
		return nil
	case strings.HasSuffix(list, "Groups"):
		return objects(d, &d.groups, kind, func(o *hmis.Group, id hmis.UID) { o.Kind, o.ID = kind, id }, groupFields)
	case strings.HasSuffix(list, "GroupSets"):
		return objects(d, &d.groupSets, kind, func(o *hmis.GroupSet, id hmis.UID) { o.Kind, o.ID = kind, id }, groupSetFields)
	}
	return nil
}

// objects returns what reads objects of one type into a list.
func objects[T any](d *packageReader, list *[]*T, kind hmis.Kind, identify func(*T, hmis.UID), fields func(*T) []field) func([]byte, int64) error {
	return func(raw []byte, offset int64) error {
		if raw[0] != '{' {
			return want(raw, "an object")
		}
		var id []byte
		err := members(raw, func(m member) (err error) {
			if m.name == "id" {
				id, err = scalar(m.raw)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("id: %w", err)
		}
		if len(id) == 0 {
			return errors.New("id: want one in each object")
		}
		if err := check(string(id)); err != nil {
			return fmt.Errorf("id: %w", err)
		}
		noun := new(T)
		identify(noun, hmis.UID(id))
		d.object, d.offset = hmis.Ref{Kind: kind, ID: hmis.UID(id)}, offset
		if err := d.read(raw, fields(noun)); err != nil {
			return err
		}
		d.repeats = d.repeats || d.seen[d.object]
		d.seen[d.object] = true
		*list = append(*list, noun)
		return nil
	}
}

// read takes the members of an object.
func (d *packageReader) read(raw []byte, fields []field) error {
	var names []string
	return members(raw, func(m member) error {
		if slices.Contains(names, m.name) {
			return &syntaxError{m.pos, fmt.Sprintf("%s %s: %s: want it once", d.object.Kind, d.object.ID, short(m.name))}
		}
		if len(names) == maxMembers {
			return &syntaxError{m.pos, fmt.Sprintf("%s %s: want at most %d members", d.object.Kind, d.object.ID, maxMembers)}
		}
		names = append(names, m.name)
		d.member = m.name
		err := d.take(m, fields)
		if keep := (errKeep{}); errors.As(err, &keep) {
			d.report(hmis.Warning, "value_unreadable", d.object, m.name, "%w", keep.err)
			d.property(m.name, m.raw)
			return nil
		}
		if err != nil {
			pos := m.pos
			if bad := (*syntaxError)(nil); errors.As(err, &bad) {
				pos += bad.pos
			}
			return &ReadError{Offset: d.offset + int64(pos), Row: -1, Field: d.object.String(), Err: fmt.Errorf("%s: %w", m.name, err)}
		}
		return nil
	})
}

func (d *packageReader) take(m member, fields []field) error {
	for i := range fields {
		if fields[i].name == m.name && fields[i].read != nil {
			return fields[i].read(d, m.raw)
		}
	}
	switch {
	case m.name == "id":
		return nil
	case m.name == "attributeValues":
		return d.attributeValues(m.raw)
	case m.name == "translations":
		return d.readTranslations(m.raw)
	case dropped(d.object.Kind, m.name):
		return nil
	case d.object.Kind == hmis.KindAttribute && strings.HasSuffix(m.name, "Attribute") && (m.raw[0] == 't' || m.raw[0] == 'f'):
		for _, f := range fields {
			if f.name == anyAttribute {
				return f.read(d, m.raw)
			}
		}
	}
	d.property(m.name, m.raw)
	return nil
}

// property keeps what the nouns have no field for. Null and empty lists say
// nothing.
func (d *packageReader) property(name string, raw []byte) {
	if raw[0] == 'n' || string(raw) == "[]" || string(raw) == "{}" {
		return
	}
	d.properties = append(d.properties, hmis.Property{Object: d.object, Name: name, Value: string(raw)})
}

// dropped reports whether a member is of no use here: who may see an object
// (interoperability specification, section 3), or what follows from the rest.
func dropped(k hmis.Kind, name string) bool {
	switch name {
	case "sharing", "publicAccess", "externalAccess", "userAccesses", "userGroupAccesses", "user", "createdBy",
		"lastUpdatedBy", "access", "favorite", "favorites", "interpretations", "href", "style", "uuid",
		"subscribed", "subscribers", "dimensionItem", "dimensionItemType", "explodedNumerator",
		"explodedDenominator", "optionSetValue":
		return true
	case "leaf", "ancestors":
		return k == hmis.KindOrgUnit
	case "displayOptions":
		return false
	}
	return strings.HasPrefix(name, "display")
}

// attributeValues come as a list of objects or as one object.
func (d *packageReader) attributeValues(raw []byte) error {
	add := func(value []byte) *hmis.AttributeValue {
		v := &hmis.AttributeValue{Object: d.object, Value: string(value)}
		d.values = append(d.values, v)
		return v
	}
	if raw[0] == '{' {
		return members(raw, func(m member) error {
			s, err := scalar(m.raw)
			add(s).Attribute = hmis.UID(m.name)
			if err == nil && m.name == "" {
				err = errors.New("want the id of an attribute")
			}
			return cmp.Or(err, check(m.name))
		})
	}
	return entries(raw, func(m member) error {
		v := add(nil)
		given := false
		err := members(m.raw, func(m member) error {
			switch m.name {
			case "attribute":
				given = true
				return d.need(m.raw, hmis.KindAttribute, &v.Attribute)
			case "value":
				s, err := scalar(m.raw)
				v.Value = string(s)
				return err
			}
			return nil
		})
		if err == nil && !given {
			err = want(m.raw, "an object with an attribute")
		}
		return err
	})
}

func (d *packageReader) readTranslations(raw []byte) error {
	return entries(raw, func(m member) error {
		t := hmis.Translation{Object: d.object}
		err := members(m.raw, func(m member) error {
			var to *string
			switch m.name {
			case "locale":
				to = &t.Locale
			case "property":
				to = &t.Property
			case "value":
				to = &t.Value
			default:
				return nil
			}
			s, err := scalar(m.raw)
			*to = string(s)
			return err
		})
		t.Property = snake(t.Property)
		d.translations = append(d.translations, t)
		return err
	})
}
