package dhis2

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unsafe"

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

	// Found, if not nil, is called for what is doubtful or left out: types that are
	// skipped, memberships that only one side states, levels that are not those of
	// the path, nulls in lists; and for what would be an error if it were nil: values
	// and entries of lists that do not fit, entries that are no object, references by
	// a code that no object has, objects that repeat with other content, one page of
	// many. An object without an id gets one, which is the same each time. A value
	// that does not fit becomes an [hmis.Property].
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
		unitLevels: map[*hmis.OrgUnit]statedLevel{}, leftOut: map[hmis.Ref]bool{}, oldElements: map[*hmis.DataElement]*oldElement{}, sectionLists: map[hmis.UID][]hmis.UID{}, optionLists: map[hmis.UID][]hmis.Option{},
	}
	if d.calendar == nil {
		d.calendar = period.Gregorian
	}
	if err := j.isJSON("metadata"); err != nil {
		return hmis.Metadata{}, err
	}
	if err := d.lists(j); err != nil {
		return hmis.Metadata{}, err
	}
	if err := d.finish(); err != nil {
		return hmis.Metadata{}, err
	}
	return d.metadata()
}

// wantMetadata is what a reader of metadata wants in place of something else.
const wantMetadata = "lists of objects, such as dataElements"

// lists reads the outermost object: one list for each type of object.
func (d *packageReader) lists(j *jsonReader) error {
	start := j.offset()
	known := false
	var others strangers // in place of lists
	err := j.object(func(name string, offset int64) error {
		c, err := j.peek()
		if err != nil {
			return err
		}
		read := d.reader(name)
		switch {
		case name == "dataValues" || name == "completeDataSetRegistrations":
			return at(offset, fmt.Errorf("%s: want metadata, not data", name))
		case read != nil && c != '[' && c != 'n':
			return j.unexpected(c, "an array of "+name)
		case read != nil:
			known = true
		case c == '[' && misspelt(name) != "":
			return at(offset, fmt.Errorf("%q: want %s", short(name), misspelt(name)))
		}
		if c == '[' {
			return d.list(j, name, read, &others)
		}
		raw, _, err := j.raw()
		switch {
		case err != nil:
			return err
		case name == "pager":
			return d.page(raw, offset)
		case name == "id" && raw[0] != 'n':
			id, _ := scalar(raw)
			return at(start, fmt.Errorf("a single object, %s: want %s", short(id), wantMetadata))
		case read == nil && name != "system" && name != "package" && name != "date":
			others.add(name, raw, offset)
		}
		return nil
	})
	if err == nil {
		err = j.finish()
	}
	if err == nil && !known {
		err = at(start, others.err(wantMetadata))
	}
	return err
}

// list reads or skips the objects of one list.
func (d *packageReader) list(j *jsonReader, name string, read func([]byte, int64) error, others *strangers) error {
	n := 0
	err := j.array(func(raw []byte, offset int64) error {
		n++
		if read == nil {
			return nil
		}
		d.object, d.offset = hmis.Ref{}, offset
		if raw[0] == 'n' {
			d.report(hmis.Warning, "entry_null", hmis.Ref{}, fmt.Sprintf("%s[%d]", name, n-1), "null is skipped")
			return nil
		}
		err := read(raw, offset)
		if err == nil {
			return nil
		}
		if bad, ok := errors.AsType[*ReadError](err); ok {
			return bad
		}
		pos, field := offset, fmt.Sprintf("%s[%d]", name, n-1)
		if bad := (*syntaxError)(nil); errors.As(err, &bad) {
			pos += int64(bad.pos)
		} else if d.found != nil {
			d.report(hmis.Severe, "object_unreadable", hmis.Ref{}, field, "%w", err)
			return nil
		}
		return &ReadError{Offset: pos, Row: -1, Field: field, Err: err}
	})
	if err == nil && read == nil && n > 0 {
		others.add(name, []byte("null"), j.offset())
		d.report(hmis.Info, "type_skipped", hmis.Ref{}, name, "%d objects are skipped", n)
	}
	return err
}

// page refuses one page of many, which is no whole list. Callers that listen may
// read page after page.
func (d *packageReader) page(raw []byte, offset int64) error {
	var page, of int
	next := false
	err := members(raw, func(m member) (err error) {
		switch m.name {
		case "page":
			page, err = wholeNumber(m.raw)
		case "pageCount":
			of, err = wholeNumber(m.raw)
		case "nextPage":
			next = m.raw[0] == '"'
		}
		return err
	})
	if err != nil {
		return at(offset, fmt.Errorf("pager: %w", err))
	}
	if of < 2 && !next {
		return nil
	}
	bad := fmt.Errorf("page %d of %d: want all pages in one", page, of)
	if of == 0 {
		bad = fmt.Errorf("page %d, with others behind it: want all pages in one", page)
	}
	if d.found != nil {
		d.offset = offset
		d.report(hmis.Severe, "page_of_many", hmis.Ref{}, "pager", "%w", bad)
		return nil
	}
	return &ReadError{Offset: offset, Row: -1, Field: "pager", Err: bad}
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
	oldElements  map[*hmis.DataElement]*oldElement
	links        []link
	byCode       []codeRef
	after        []func() // what has to wait for byCode

	object  hmis.Ref // being read
	member  string
	offset  int64
	seen    map[hmis.Ref]bool
	repeats bool

	held int // bytes of memory, more or less

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
		id, err := d.identity(raw, kind)
		if err != nil {
			return err
		}
		noun := new(T)
		// It is held here and in the metadata returned, and its id in some tables.
		if err := d.hold(2*int(unsafe.Sizeof(*noun)) + 128); err != nil {
			return err
		}
		identify(noun, id)
		if err := d.read(raw, fields(noun)); err != nil {
			return err
		}
		d.repeats = d.repeats || d.seen[d.object]
		d.seen[d.object] = true
		*list = append(*list, noun)
		return nil
	}
}

// identity returns the id of an object that is about to be read. Where the caller
// listens, one without an id gets one.
func (d *packageReader) identity(raw []byte, kind hmis.Kind) (hmis.UID, error) {
	var id, code []byte
	err := members(raw, func(m member) (err error) {
		switch m.name {
		case "id":
			id, err = scalar(m.raw)
		case "code":
			code, _ = scalar(m.raw) // is read again
		}
		return err
	})
	if err == nil {
		err = check(string(id))
	}
	if err == nil && len(id) == 0 && d.found == nil {
		err = errors.New("want one in each object")
	}
	if err != nil {
		return "", fmt.Errorf("id: %w", err)
	}
	d.object = hmis.Ref{Kind: kind, ID: hmis.UID(id)}
	if len(id) == 0 {
		if len(code) == 0 {
			code = raw
		}
		d.object.ID = madeUID(string(kind), code)
		d.report(hmis.Warning, "id_missing", d.object, "id", "none; this one is made up")
	}
	return d.object.ID, nil
}

// hold notes that so many bytes more stay in memory.
func (d *packageReader) hold(n int) error {
	if d.held += n; d.held > maxMetadata {
		return syntax(0, "want at most %d MiB of metadata", maxMetadata>>20)
	}
	return nil
}

// read takes the members of an object.
func (d *packageReader) read(raw []byte, fields []field) error {
	if err := d.hold(len(raw)); err != nil {
		return err
	}
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
		limit := (*syntaxError)(nil)
		isLimit := errors.As(err, &limit)
		if keep := (errKeep{}); errors.As(err, &keep) || err != nil && d.found != nil && !isLimit {
			if keep.err == nil {
				keep.err = err
			}
			d.report(hmis.Warning, "value_unreadable", d.object, m.name, "%w", keep.err)
			d.property(m.name, m.raw)
			return nil
		}
		if err != nil {
			pos := m.pos
			if isLimit {
				pos += limit.pos
			}
			return &ReadError{Offset: d.offset + int64(pos), Row: -1, Field: d.object.String(), Err: fmt.Errorf("%s: %w", m.name, err)}
		}
		return nil
	})
}

// entries walks an array; null has none. An entry that is null says nothing. One
// that cannot be read costs itself alone if the caller listens.
func (d *packageReader) entries(raw []byte, yield func(member) error) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '[' {
		return want(raw, "an array")
	}
	n := -1
	return members(raw, func(m member) error {
		n++
		field := fmt.Sprintf("%s[%d]", d.member, n)
		if m.raw[0] == 'n' {
			d.report(hmis.Warning, "entry_null", d.object, field, "null is skipped")
			return nil
		}
		codes := len(d.byCode)
		err := d.hold(perEntry)
		if err == nil {
			err = yield(m)
		}
		if err == nil {
			return nil
		}
		d.byCode = d.byCode[:codes]
		if limit := (*syntaxError)(nil); d.found != nil && !errors.As(err, &limit) {
			d.report(hmis.Warning, "entry_unreadable", d.object, field, "%w", err)
			return nil
		}
		return fmt.Errorf("entry %d: %w", n, err)
	})
}

// perEntry is what an entry of a list takes in memory, without its texts.
const perEntry = 48

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
	d.property(outerName(m.name), m.raw)
	return nil
}

// Members within an expression, such as leftSide, are properties of the object
// around it, named "leftSide.translations". A member of the object itself that is
// named so has its name in quotes.

// innerName returns the parts of the name of a property that belongs within an
// expression.
func innerName(property string) (expression, name string, ok bool) {
	expression, name, ok = strings.Cut(property, ".")
	return expression, name, ok && isExpression(expression)
}

// outerName returns the name of the property for a member of an object.
func outerName(name string) string {
	if _, _, inner := innerName(name); inner || strings.HasPrefix(name, `"`) {
		return string(appendJSON(nil, name))
	}
	return name
}

// memberOf is the reverse of outerName.
func memberOf(property string) string {
	if strings.HasPrefix(property, `"`) && json.Valid([]byte(property)) {
		name, _ := unquote([]byte(property))
		return string(name)
	}
	return property
}

func isExpression(name string) bool {
	switch name {
	case "leftSide", "rightSide", "generator", "sampleSkipTest":
		return true
	}
	return false
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
	if raw[0] == '{' {
		return members(raw, func(m member) error {
			s, err := scalar(m.raw)
			if err == nil && m.name == "" {
				err = errors.New("want the id of an attribute")
			}
			if err = cmp.Or(err, check(m.name)); err == nil {
				d.values = append(d.values, &hmis.AttributeValue{Object: d.object, Attribute: hmis.UID(m.name), Value: string(s)})
				err = d.hold(2 * perEntry)
			}
			return err
		})
	}
	return d.entries(raw, func(m member) error {
		v := &hmis.AttributeValue{Object: d.object}
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
		if err == nil {
			d.values = append(d.values, v)
		}
		return err
	})
}

func (d *packageReader) readTranslations(raw []byte) error {
	return d.entries(raw, func(m member) error {
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
		if err == nil && (t.Locale != "" || t.Property != "" || t.Value != "") {
			d.translations = append(d.translations, t)
			err = d.hold(perEntry)
		}
		return err
	})
}
