package dhis2

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// objects returns the function that reads objects of one type into a list. One
// table of fields serves many objects: it fills a single object, which is then
// copied to the list. An object that something points into cannot be copied. It
// goes into the list itself, and the next object gets a new table.
func objects[T any](d *packageReader, list *[]*T, kind hmis.Kind, identify func(*T, hmis.UID), fields func(*T) []field) func([]byte, int64) error {
	var noun *T
	var table []field
	return func(raw []byte, offset int64) error {
		if raw[0] != '{' {
			return want(raw, "an object")
		}
		id, err := d.identity(raw, kind)
		if err != nil {
			return err
		}
		if noun == nil {
			noun = new(T)
			identify(noun, id)
			table = fields(noun)
		} else {
			var empty T
			*noun = empty
			identify(noun, id)
		}
		// The object needs memory here and in the result, and its id is in some
		// tables.
		if err := d.hold(2*int(unsafe.Sizeof(*noun)) + 128); err != nil {
			return err
		}
		before := d.pointers()
		err = d.read(raw, table)
		o := noun
		if d.pointers() > before {
			noun = nil
		} else if err == nil {
			o = new(T)
			*o = *noun
		}
		if err != nil {
			return err
		}
		d.repeats = d.repeats || d.seen[d.object]
		d.seen[d.object] = true
		*list = append(*list, o)
		return nil
	}
}

// pointers returns how many pointers into objects exist. They are used after
// all objects have been read.
func (d *packageReader) pointers() int { return len(d.byCode) + len(d.after) + len(d.unitLevels) }

// identity returns the id of the next object. With Reject, an object without an
// id gets one.
func (d *packageReader) identity(raw []byte, kind hmis.Kind) (hmis.UID, error) {
	var id, code []byte
	err := jsontext.Members(raw, func(m jsontext.Member) (err error) {
		switch m.Name {
		case "id":
			id, err = jsontext.Scalar(m.Raw)
		case "code":
			code, _ = jsontext.Scalar(m.Raw) // an error is reported when it is read again
		}
		return err
	})
	if err == nil {
		err = rows.CheckText(string(id))
	}
	if err == nil && len(id) == 0 && d.reject == nil {
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
		d.warn(hmis.Warning, "id_missing", d.object, "id", "none; this one is made up")
	}
	return d.object.ID, nil
}

// hold counts n more bytes that stay in memory.
func (d *packageReader) hold(n int) error {
	if d.held += n; d.held > maxMetadata {
		return jsontext.Syntax(0, "want at most %d MiB of metadata", maxMetadata>>20)
	}
	return nil
}

// read reads the members of an object.
func (d *packageReader) read(raw []byte, fields []field) error {
	if err := d.hold(len(raw)); err != nil {
		return err
	}
	var names []string
	return jsontext.Members(raw, func(m jsontext.Member) error {
		if slices.Contains(names, m.Name) {
			return &jsontext.SyntaxError{Pos: m.Pos, Msg: fmt.Sprintf("%s %s: %s: want it once", d.object.Kind, d.object.ID, quote.Line(m.Name, 64))}
		}
		if len(names) == maxMembers {
			return &jsontext.SyntaxError{Pos: m.Pos, Msg: fmt.Sprintf("%s %s: want at most %d members", d.object.Kind, d.object.ID, maxMembers)}
		}
		names = append(names, m.Name)
		d.member = m.Name
		err := d.take(m, fields)
		if err == nil {
			return nil
		}
		if keep := (errKeep{}); errors.As(err, &keep) {
			d.warn(hmis.Warning, "value_unreadable", d.object, m.Name, "%w", keep.err)
			d.property(m.Name, m.Raw)
			return nil
		}
		placed := &ReadError{Offset: d.within(m.Pos), Row: -1, Field: d.object.String(), Err: fmt.Errorf("%s: %w", m.Name, err)}
		if limit := (*jsontext.SyntaxError)(nil); errors.As(err, &limit) {
			placed.Offset = d.within(m.Pos + limit.Pos)
			return placed
		}
		if err := d.refuse(d.object, placed); err != nil {
			return err
		}
		d.property(m.Name, m.Raw)
		return nil
	})
}

// entries calls yield for each entry of an array. null is an empty array, and
// entries that are null are skipped. With Reject, only an entry that cannot be
// read is left out.
func (d *packageReader) entries(raw []byte, yield func(jsontext.Member) error) error {
	if raw[0] == 'n' {
		return nil
	}
	if raw[0] != '[' {
		return want(raw, "an array")
	}
	n := -1
	return jsontext.Members(raw, func(m jsontext.Member) error {
		n++
		if m.Raw[0] == 'n' {
			d.warn(hmis.Warning, "entry_null", d.object, fmt.Sprintf("%s[%d]", d.member, n), "null is skipped")
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
		err = fmt.Errorf("entry %d: %w", n, err)
		if limit := (*jsontext.SyntaxError)(nil); d.reject == nil || errors.As(err, &limit) {
			return err
		}
		return d.refuse(d.object, &ReadError{Offset: d.offset, Row: -1, Field: d.object.String(), Err: fmt.Errorf("%s: %w", d.member, err)})
	})
}

// perEntry is the memory of one entry of a list in bytes, without its texts.
const perEntry = 48

func (d *packageReader) take(m jsontext.Member, fields []field) error {
	for i := range fields {
		if fields[i].name == m.Name && fields[i].read != nil {
			return fields[i].read(d, m.Raw)
		}
	}
	switch {
	case m.Name == "id":
		return nil
	case m.Name == "attributeValues":
		return d.attributeValues(m.Raw)
	case m.Name == "translations":
		return d.readTranslations(m.Raw)
	case dropped(d.object.Kind, m.Name):
		return nil
	case d.object.Kind == hmis.KindAttribute && strings.HasSuffix(m.Name, "Attribute") && (m.Raw[0] == 't' || m.Raw[0] == 'f'):
		for _, f := range fields {
			if f.name == anyAttribute {
				return f.read(d, m.Raw)
			}
		}
	}
	d.property(outerName(m.Name), m.Raw)
	return nil
}

// Members inside an expression become properties of the object around it, with
// names such as "leftSide.translations". If a member of the object itself has
// such a name, the name is put in quotes.

// innerName splits the name of a property that belongs inside an expression. ok
// is false for other properties.
func innerName(property string) (expression, name string, ok bool) {
	expression, name, ok = strings.Cut(property, ".")
	return expression, name, ok && isExpression(expression)
}

// outerName returns the property's name for a member of the object itself.
func outerName(name string) string {
	if _, _, inner := innerName(name); inner || strings.HasPrefix(name, `"`) {
		return string(appendJSON(nil, name))
	}
	return name
}

// memberOf returns the member's name for a property. It is the reverse of
// outerName.
func memberOf(property string) string {
	if strings.HasPrefix(property, `"`) && json.Valid([]byte(property)) {
		name, _ := jsontext.Unquote([]byte(property))
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

// property keeps a member for which there is no field. Null and empty lists are
// dropped.
func (d *packageReader) property(name string, raw []byte) {
	if saysNothing(raw) {
		return
	}
	d.properties = append(d.properties, hmis.Property{Object: d.object, Name: name, Value: string(raw)})
}

func saysNothing(raw []byte) bool {
	return raw[0] == 'n' || string(raw) == "[]" || string(raw) == "{}"
}

// dropped reports whether a member is not kept, because it is about access
// rights or follows from other members (RULES.md#metadata).
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

// attributeValues reads the attribute values of an object: a list of objects,
// or one object.
func (d *packageReader) attributeValues(raw []byte) error {
	if raw[0] == '{' {
		return jsontext.Members(raw, func(m jsontext.Member) error {
			s, err := jsontext.Scalar(m.Raw)
			if err == nil && m.Name == "" {
				err = errors.New("want the id of an attribute")
			}
			if err = cmp.Or(err, rows.CheckText(m.Name)); err == nil {
				d.values = append(d.values, &hmis.AttributeValue{Object: d.object, Attribute: hmis.UID(m.Name), Value: string(s)})
				err = d.hold(2 * perEntry)
			}
			return err
		})
	}
	return d.entries(raw, func(m jsontext.Member) error {
		v := &hmis.AttributeValue{Object: d.object}
		given := false
		err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
			switch m.Name {
			case "attribute":
				given = true
				return d.need(m.Raw, hmis.KindAttribute, &v.Attribute)
			case "value":
				s, err := jsontext.Scalar(m.Raw)
				v.Value = string(s)
				return err
			}
			return nil
		})
		if err == nil && !given {
			err = want(m.Raw, "an object with an attribute")
		}
		if err == nil {
			d.values = append(d.values, v)
		}
		return err
	})
}

func (d *packageReader) readTranslations(raw []byte) error {
	return d.entries(raw, func(m jsontext.Member) error {
		t := hmis.Translation{Object: d.object}
		err := jsontext.Members(m.Raw, func(m jsontext.Member) error {
			var to *string
			switch m.Name {
			case "locale":
				to = &t.Locale
			case "property":
				to = &t.Property
			case "value":
				to = &t.Value
			default:
				return nil
			}
			s, err := jsontext.Scalar(m.Raw)
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
