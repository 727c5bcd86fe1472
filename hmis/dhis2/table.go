package dhis2

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/hmis/internal/scan"
	"github.com/ohie-hmis/hmis-go/internal/madeid"
	"github.com/ohie-hmis/hmis-go/period"
)

// ReadMetadataCSV reads a table with objects of one kind. The first row has the
// headings of columns. If its second cell is a uid, it is the first object
// instead; a uid of eleven small letters could be either and is an error.
// Columns with known headings may have any order. Otherwise they are in the
// order of servers, and the last ones may be left out. Kinds are data element,
// org unit, indicator, category, category combo, category option, the groups of
// data elements, org units and category options, validation rule and option
// set.
//
// Some defaults differ from those of JSON: the value type is INTEGER, the
// strategy for missing values is NEVER_SKIP, and the short name is the first 50
// characters of the name. An object without a uid gets a random one. An error
// is a *[ReadError] with the line (RULES.md#tables-of-metadata).
func ReadMetadataCSV(r io.Reader, k hmis.Kind) (hmis.Metadata, error) {
	return readTable(r, k, false)
}

// ReadMembersCSV reads a table with the members of groups of data elements, org
// units or indicators. Each row has the uid of a group and that of a member.
// The result has groups with only an id; use [hmis.Merge] to add their names
// from another file.
func ReadMembersCSV(r io.Reader, k hmis.Kind) (hmis.Metadata, error) {
	return readTable(r, k, true)
}

func readTable(r io.Reader, k hmis.Kind, members bool) (hmis.Metadata, error) {
	text, skipped, err := open(r)
	if err != nil {
		return hmis.Metadata{}, err
	}
	t := newTable(k, members)
	if t.take() == nil {
		return hmis.Metadata{}, fmt.Errorf("dhis2: %q: want a kind that has a table", string(k))
	}
	names := newTable(k, members)
	names.names = true
	names.take()()
	t.columns = names.columns
	var buf []byte
	base, line := skipped, 0
	for end := false; !end || len(buf) > 0; {
		if line == 0 {
			if err := rows.IsCSV(buf); err != nil {
				return hmis.Metadata{}, at(base, err)
			}
		}
		t.field = ""
		cells, next, err := rows.CSVRecord(buf, end)
		if errors.Is(err, jsontext.ErrShort) && !end {
			if len(buf) > rows.MaxRow {
				return hmis.Metadata{}, &ReadError{Line: line + 1, Offset: base, Row: -1, Err: fmt.Errorf("want at most %d MiB in one row", rows.MaxRow>>20)}
			}
			if buf, end, err = rows.ReadFull(text, buf, max(rows.FirstChunk, 2*len(buf))); err != nil {
				return hmis.Metadata{}, at(base+int64(len(buf)), err)
			}
			continue
		}
		if errors.Is(err, jsontext.ErrShort) {
			err = errors.New("want a closing quote")
		}
		isRow := strings.Join(cells, "") != ""
		if err == nil && line == 0 && isRow {
			isRow, err = t.heading(cells)
		}
		if err == nil && isRow {
			err = t.row(cells)
		}
		if err != nil {
			return hmis.Metadata{}, &ReadError{Line: line + 1, Offset: base, Row: -1, Field: t.field, Err: err}
		}
		line += max(1, bytes.Count(buf[:next], []byte{'\n'}))
		base += int64(next)
		buf = buf[next:]
	}
	return t.md, nil
}

// A table reads rows with objects of one kind. The cells of a row are read in
// order.
type table struct {
	kind    hmis.Kind
	members bool // rows are members of groups
	md      hmis.Metadata
	held    int              // approximate memory in bytes
	columns []string         // the names of the columns, in order
	order   []int            // the column of each cell, if cells are not in order
	groups  map[hmis.UID]int // index of each group by id
	sets    map[string]int   // index of each option set by id or name

	cells []string
	k     int    // index of the next cell
	field string // the name of the last cell that was read
	err   error  // the first error
	names bool   // only the names of columns are needed
}

// perRow is the memory of one row's object in bytes, without its texts.
const perRow = 400

func newTable(k hmis.Kind, members bool) *table {
	return &table{kind: k, members: members, groups: map[hmis.UID]int{}, sets: map[string]int{}}
}

// take returns the function that makes an object from a row.
func (t *table) take() func() {
	if t.members {
		switch t.kind {
		case hmis.KindDataElementGroup, hmis.KindOrgUnitGroup, hmis.KindIndicatorGroup:
			return t.member
		}
		return nil
	}
	switch t.kind {
	case hmis.KindDataElement:
		return t.dataElement
	case hmis.KindOrgUnit:
		return t.orgUnit
	case hmis.KindIndicator:
		return t.indicator
	case hmis.KindCategory:
		return t.category
	case hmis.KindCategoryCombo:
		return t.categoryCombo
	case hmis.KindCategoryOption:
		return t.categoryOption
	case hmis.KindDataElementGroup, hmis.KindOrgUnitGroup, hmis.KindCategoryOptionGroup:
		return t.group
	case hmis.KindValidationRule:
		return t.validationRule
	case hmis.KindOptionSet:
		return t.option
	}
	return nil
}

func (t *table) row(cells []string) error {
	t.cells, t.k, t.err = cells, 0, nil
	t.held += perRow
	for _, cell := range cells {
		if err := jsontext.ValidUTF8([]byte(cell)); err != nil {
			return err
		}
		t.held += len(cell)
	}
	if t.held > maxMetadata {
		return fmt.Errorf("want at most %d MiB of metadata", maxMetadata>>20)
	}
	if t.order != nil {
		t.cells = make([]string, len(t.columns))
		for k, cell := range cells {
			if k < len(t.order) && t.order[k] >= 0 {
				t.cells[t.order[k]] = cell
			} else if cell != "" {
				return fmt.Errorf("%s: want a heading for column %d", quoted(cell), k+1)
			}
		}
	}
	for k := len(t.columns); k < len(t.cells); k++ {
		if t.cells[k] != "" {
			return fmt.Errorf("%s: want at most %d cells", quoted(t.cells[k]), len(t.columns))
		}
	}
	t.take()()
	return t.err
}

func (t *table) fail(err error) {
	if t.err == nil && !t.names {
		t.err = err
	}
}

// next returns the text of the next cell. field is the name of its column.
func (t *table) next(field string) string {
	if t.err != nil {
		return ""
	}
	if t.names {
		t.columns = append(t.columns, field)
	}
	t.field = field
	text := ""
	if t.k < len(t.cells) {
		text = t.cells[t.k]
	}
	t.k++
	return text
}

func (t *table) need(field string) string {
	text := t.next(field)
	if text == "" {
		t.fail(errors.New("want one in every row"))
	}
	return text
}

// uid parses a UID. If the cell is empty, it makes one.
func (t *table) uid() hmis.UID {
	text := t.next("uid")
	if text == "" {
		return newUID()
	}
	id, err := hmis.ParseUID(text)
	if err != nil {
		t.fail(errors.New(strings.TrimPrefix(err.Error(), "hmis: ")))
	}
	return id
}

// madeUID returns a UID for an object that has none. The same content gives the
// same UID.
func madeUID(kind string, content []byte) hmis.UID {
	return hmis.UID(madeid.Of(kind + " " + string(content)))
}

const uidChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// newUID returns a random UID.
func newUID() hmis.UID {
	id := make([]byte, 0, 11)
	var b [1]byte
	for len(id) < 11 {
		rand.Read(b[:]) // this never fails
		n := int(b[0] & 63)
		if n < len(uidChars) && (len(id) > 0 || n < 52) {
			id = append(id, uidChars[n])
		}
	}
	return hmis.UID(id)
}

func (t *table) truth(field string, usual bool) bool {
	switch text := t.next(field); text {
	case "":
		return usual
	case "true", "TRUE":
		return true
	case "false", "FALSE":
		return false
	default:
		t.fail(fmt.Errorf("%s: want true or false", quoted(text)))
		return false
	}
}

func (t *table) oneOf(field, usual, other string) bool {
	switch text := t.next(field); text {
	case "", usual:
		return false
	case other:
		return true
	default:
		t.fail(fmt.Errorf("%s: want %s or %s", quoted(text), usual, other))
		return false
	}
}

func (t *table) date(field string) period.Date {
	text := t.next(field)
	if text == "" {
		return 0
	}
	m, err := scan.ParseMoment(text)
	if err != nil {
		t.fail(err)
		return 0
	}
	return period.DateAt(m.Time)
}

// property keeps a cell for which there is no field, as JSON.
func (t *table) property(id hmis.UID, field string) {
	if text := t.next(field); text != "" {
		t.md.Properties = append(t.md.Properties, hmis.Property{
			Object: hmis.Ref{Kind: t.kind, ID: id}, Name: field, Value: string(appendJSON(nil, text)),
		})
	}
}

// shortName returns short or, if that is empty, the first 50 characters of
// name.
func shortName(short, name string) string {
	if r := []rune(name); short == "" && len(r) > 50 {
		return string(r[:50])
	}
	return cmp.Or(short, name)
}

func (t *table) dataElement() {
	e := hmis.DataElement{Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	e.ShortName = shortName(t.next("shortName"), e.Name)
	t.property(e.ID, "description")
	t.property(e.ID, "formName")
	e.Tracker = t.oneOf("domainType", "AGGREGATE", "TRACKER")
	e.ValueType = hmis.ValueType(cmp.Or(t.next("valueType"), string(hmis.Integer)))
	e.Aggregation = hmis.Aggregation(cmp.Or(t.next("aggregationType"), string(hmis.Sum)))
	e.CategoryCombo = hmis.UID(t.next("categoryCombo"))
	t.property(e.ID, "url")
	e.ZeroIsData = t.truth("zeroIsSignificant", false)
	e.OptionSet, e.CommentOptionSet = hmis.UID(t.next("optionSet")), hmis.UID(t.next("commentOptionSet"))
	t.md.DataElements = append(t.md.DataElements, e)
}

func (t *table) orgUnit() {
	u := hmis.OrgUnit{Name: t.need("name"), ID: t.uid(), Code: t.next("code"), Parent: hmis.UID(t.next("parent"))}
	u.ShortName = shortName(t.next("shortName"), u.Name)
	t.property(u.ID, "description")
	u.Opened, u.Closed = t.date("openingDate"), t.date("closedDate") // 1970-01-01 means always, and so does 0
	t.property(u.ID, "comment")
	t.next("featureType") // the type follows from the nesting of coordinates
	if text := t.next("coordinates"); text != "" {
		geometry, err := oldGeometry(text)
		if err != nil {
			t.fail(err)
		}
		u.Geometry = geometry
	}
	for _, field := range [...]string{"url", "contactPerson", "address", "email", "phoneNumber"} {
		t.property(u.ID, field)
	}
	t.md.OrgUnits = append(t.md.OrgUnits, u)
}

func (t *table) indicator() {
	i := hmis.Indicator{Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	t.property(i.ID, "description")
	i.ShortName = shortName(t.next("shortName"), i.Name)
	i.Denominator, i.DenominatorNote = t.need("denominator"), t.next("denominatorDescription")
	i.Numerator, i.NumeratorNote = t.need("numerator"), t.next("numeratorDescription")
	i.Annualized = t.truth("annualized", false)
	decimals := 0
	if text := t.next("decimals"); text != "" {
		coef, scale, ok := scan.Plain(text)
		if !ok || scale > 0 || coef < 0 || coef > 5 {
			t.fail(fmt.Errorf("%s: want 0 to 5", quoted(text)))
		}
		decimals = int(coef)
	}
	i.Decimals = &decimals
	i.Type = hmis.UID(t.need("indicatorType"))
	t.md.Indicators = append(t.md.Indicators, i)
}

func (t *table) category() {
	c := hmis.Category{Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	c.ShortName = shortName("", c.Name)
	t.property(c.ID, "description")
	c.Attribute = t.oneOf("dataDimensionType", "DISAGGREGATION", "ATTRIBUTE")
	c.NoDimension = !t.truth("dataDimension", false)
	t.md.Categories = append(t.md.Categories, c)
}

func (t *table) categoryCombo() {
	c := hmis.CategoryCombo{Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	c.Attribute = t.oneOf("dataDimensionType", "DISAGGREGATION", "ATTRIBUTE")
	c.SkipTotal = t.truth("skipTotal", false)
	t.md.CategoryCombos = append(t.md.CategoryCombos, c)
}

func (t *table) categoryOption() {
	o := hmis.CategoryOption{Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	o.ShortName = shortName(t.next("shortName"), o.Name)
	t.md.CategoryOptions = append(t.md.CategoryOptions, o)
}

func (t *table) member() {
	id, member := hmis.UID(t.need("group")), hmis.UID(t.need("member"))
	n, ok := t.groups[id]
	if !ok {
		n = len(t.md.Groups)
		t.groups[id] = n
		t.md.Groups = append(t.md.Groups, hmis.Group{Kind: t.kind, ID: id})
	}
	t.md.Groups[n].Members = append(t.md.Groups[n].Members, member)
}

func (t *table) group() {
	g := hmis.Group{Kind: t.kind, Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	g.ShortName = shortName(t.next("shortName"), g.Name)
	if t.kind == hmis.KindCategoryOptionGroup {
		g.Attribute = t.oneOf("dataDimensionType", "DISAGGREGATION", "ATTRIBUTE")
	}
	t.md.Groups = append(t.md.Groups, g)
}

func (t *table) validationRule() {
	v := hmis.ValidationRule{Name: t.need("name"), ID: t.uid(), Code: t.next("code")}
	v.Description, v.Instruction = t.next("description"), t.next("instruction")
	v.Importance = cmp.Or(t.next("importance"), "MEDIUM")
	t.next("ignored")
	v.Operator = cmp.Or(t.next("operator"), "equal_to")
	typ, err := period.ParseType(cmp.Or(t.next("periodType"), period.Monthly.String()))
	if err != nil {
		t.fail(err)
	}
	v.Period = typ
	for _, side := range [...]struct {
		name string
		to   *hmis.Expression
	}{{"leftSide", &v.Left}, {"rightSide", &v.Right}} {
		side.to.Text, side.to.Description = t.need(side.name), t.next(side.name+" description")
		side.to.Missing = hmis.Missing(cmp.Or(t.next(side.name+" missingValueStrategy"), string(hmis.NeverSkip)))
	}
	t.md.ValidationRules = append(t.md.ValidationRules, v)
}

// option reads an option. Each row repeats the columns of its set.
func (t *table) option() {
	name, id, code := t.need("option set name"), t.next("option set uid"), t.next("option set code")
	o := hmis.Option{Name: t.need("option name"), ID: t.uid(), Code: t.need("option code")}
	key := cmp.Or(id, name)
	n, ok := t.sets[key]
	if !ok {
		n = len(t.md.OptionSets)
		t.sets[key] = n
		set := hmis.OptionSet{ID: hmis.UID(id), Code: code, Name: name, ValueType: hmis.Text}
		if id == "" {
			set.ID = newUID()
		}
		t.md.OptionSets = append(t.md.OptionSets, set)
	}
	t.md.OptionSets[n].Options = append(t.md.OptionSets[n].Options, o)
}
