package dhis2

import (
	"bufio"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// WriteMetadata writes a metadata package in JSON: every object with its
// properties, attribute values and translations, one on a line. Metadata from
// [ReadMetadata] is written as it was in the file, apart from the order of
// members and from what was left out. A property that is no JSON is written as
// text. An object without an id is an error, except for options.
func WriteMetadata(w io.Writer, md hmis.Metadata) error {
	e := newPackageWriter(w, &md)
	e.w.WriteString("{")
	e.writeAll(&md)
	e.w.WriteString("\n}\n")
	return cmp.Or(e.err, e.w.Flush())
}

// WriteMetadataXML writes a metadata package in the XML of DHIS2, DXF 2.0. XML
// does not distinguish a number from its text, nor an empty text from none, so
// properties from JSON read back as texts. An array inside an array, except in
// a geometry, and a text with control characters are errors.
func WriteMetadataXML(w io.Writer, md hmis.Metadata) error {
	e := newPackageWriter(w, &md)
	e.xml = true
	e.w.WriteString(xml.Header + `<metadata xmlns="http://dhis2.org/schema/dxf/2.0">`)
	e.writeAll(&md)
	e.w.WriteString("\n</metadata>\n")
	return cmp.Or(e.err, e.w.Flush())
}

func newPackageWriter(w io.Writer, md *hmis.Metadata) *packageWriter {
	e := &packageWriter{w: bufio.NewWriterSize(w, 64<<10), extras: map[hmis.Ref]*extra{}}
	for _, v := range md.AttributeValues {
		e.extra(v.Object).values = append(e.extra(v.Object).values, v)
	}
	for _, t := range md.Translations {
		e.extra(t.Object).translations = append(e.extra(t.Object).translations, t)
	}
	for _, p := range md.Properties {
		e.extra(p.Object).properties = append(e.extra(p.Object).properties, p)
	}
	return e
}

// A packageWriter writes one metadata package.
type packageWriter struct {
	w      *bufio.Writer
	xml    bool // write XML instead of JSON
	extras map[hmis.Ref]*extra
	lists  int
	b      []byte
	err    error
}

// An extra has the properties, attribute values and translations of one object.
type extra struct {
	values       []hmis.AttributeValue
	translations []hmis.Translation
	properties   []hmis.Property
}

func (e *packageWriter) extra(r hmis.Ref) *extra {
	x := e.extras[r]
	if x == nil {
		x = new(extra)
		e.extras[r] = x
	}
	return x
}

func write[T any](e *packageWriter, k hmis.Kind, list []T, id func(*T) hmis.UID, fields func(*T) []field) {
	if len(list) == 0 {
		return
	}
	e.openList(listName(k))
	for i := range list {
		r := hmis.Ref{Kind: k, ID: id(&list[i])}
		if r.ID == "" && e.err == nil {
			e.err = fmt.Errorf("dhis2: %s %d: want an id", k, i)
		}
		e.b = e.object(e.b[:0], r, fields(&list[i]))
		e.entry(r, i)
	}
	e.closeList(listName(k))
}

func (e *packageWriter) openList(name string) {
	if e.xml {
		e.w.WriteString("\n<" + name + ">")
		return
	}
	if e.lists++; e.lists > 1 {
		e.w.WriteString(",")
	}
	e.w.WriteString("\n\"" + name + "\":[")
}

func (e *packageWriter) closeList(name string) {
	if e.xml {
		e.w.WriteString("\n</" + name + ">")
		return
	}
	e.w.WriteString("\n]")
}

// entry writes the object in e.b, the i-th of its list.
func (e *packageWriter) entry(r hmis.Ref, i int) {
	if e.xml {
		text, err := appendElement([]byte{'\n'}, string(r.Kind), e.b)
		if err != nil && e.err == nil {
			e.err = fmt.Errorf("dhis2: %s: %w", r, err)
		}
		e.w.Write(text)
		return
	}
	if i > 0 {
		e.w.WriteString(",")
	}
	e.w.WriteString("\n")
	e.w.Write(e.b)
}

func (e *packageWriter) object(b []byte, r hmis.Ref, fields []field) []byte {
	b = append(b, '{')
	if r.ID != "" {
		b = appendJSON(append(b, `"id":`...), string(r.ID))
	}
	x := e.extras[r]
	if x == nil {
		x = new(extra)
	}
	isProperty := func(name string) bool {
		return slices.ContainsFunc(x.properties, func(p hmis.Property) bool { return p.Name == name })
	}
	for _, f := range fields {
		if isProperty(f.name) {
			continue // the property has more than the field can hold
		}
		n := len(b)
		b = appendField(b, f)
		if isExpression(f.name) {
			b = x.appendInner(b, f.name, len(b) > n)
		}
	}
	for _, p := range x.properties {
		expression, _, inner := innerName(p.Name)
		if inner && slices.ContainsFunc(fields, func(f field) bool { return f.name == expression }) {
			continue
		}
		b = appendField(b, field{memberOf(p.Name), nil, func(b []byte) []byte { return append(b, rawJSON(p.Value)...) }})
	}
	if len(x.values) > 0 {
		b = appendField(b, field{"attributeValues", nil, func(b []byte) []byte {
			return appendList(b, x.values, func(b []byte, v hmis.AttributeValue) []byte {
				b = appendRef(append(b, `{"attribute":`...), v.Attribute)
				return append(appendJSON(append(b, `,"value":`...), v.Value), '}')
			})
		}})
	}
	if len(x.translations) > 0 {
		b = appendField(b, field{"translations", nil, func(b []byte) []byte {
			return appendList(b, x.translations, func(b []byte, t hmis.Translation) []byte {
				b = appendJSON(append(b, `{"locale":`...), t.Locale)
				b = appendJSON(append(b, `,"property":`...), t.Property)
				return append(appendJSON(append(b, `,"value":`...), t.Value), '}')
			})
		}})
	}
	return append(b, '}')
}

// appendInner appends the properties that belong inside an expression. written
// means that the expression is the last thing in b.
func (x *extra) appendInner(b []byte, expression string, written bool) []byte {
	for _, p := range x.properties {
		outer, name, ok := innerName(p.Name)
		if !ok || outer != expression {
			continue
		}
		if written {
			b = append(b[:len(b)-1], ',')
		} else {
			b = append(appendMember(appendComma(b), expression), '{')
		}
		written = true
		b = append(append(append(appendJSON(b, name), ':'), rawJSON(p.Value)...), '}')
	}
	return b
}

// appendComma appends the comma before another member, if one is needed.
func appendComma(b []byte) []byte {
	if b[len(b)-1] == '{' {
		return b
	}
	return append(b, ',')
}

// appendField appends a member, unless it has its default.
func appendField(b []byte, f field) []byte {
	if f.append == nil {
		return b
	}
	n := len(b)
	b = append(appendJSON(appendComma(b), f.name), ':')
	m := len(b)
	if b = f.append(b); len(b) == m {
		return b[:n]
	}
	return b
}

// rawJSON returns the value of a property as it was written.
func rawJSON(value string) []byte {
	if json.Valid([]byte(value)) {
		return []byte(value)
	}
	return appendJSON(nil, value)
}
