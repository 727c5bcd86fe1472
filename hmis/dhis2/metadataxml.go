package dhis2

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
)

// maxTag limits the length of one tag or text of metadata in XML, in bytes. A
// geometry is one text.
const maxTag = 16 << 20

// xmlLists reads a metadata package in XML. The root has an element for each
// type of object, and that has an element for each object
// (RULES.md#metadata-in-xml). Each object is converted to the JSON that the
// same server would have written, so that one table of fields serves both.
func (d *packageReader) xmlLists(text *bufio.Reader, skipped int64) error {
	x := newXMLReader(text, skipped)
	x.src.limit = maxTag
	d.inXML = true
	if _, err := x.root("metadata"); err != nil {
		return err
	}
	start := x.offset()
	known := false
	var others strangers
	for {
		element, ok, err := x.child()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		name, offset := element.Name.Local, x.offset()
		read := d.reader(name)
		switch {
		case name == "dataValues" || name == "dataValueSet" || name == "completeDataSetRegistrations":
			return x.fail(fmt.Errorf("%s: want metadata, not data", name))
		case read == nil && misspelt(name) != "":
			return x.fail(fmt.Errorf("%s: want %s", quoted(name), misspelt(name)))
		case name == "pager":
			raw, err := x.json(element)
			if err == nil && raw[0] == '{' {
				err = d.page(raw, offset)
			}
			if err != nil {
				return at(offset, err)
			}
			continue
		case name == "system" || name == "package" || name == "date":
			if err := x.skip(); err != nil {
				return err
			}
			continue
		}
		known = known || read != nil
		if err := d.xmlList(x, name, read, &others); err != nil {
			return err
		}
	}
	return d.endOfLists(known, start, &others)
}

// xmlList reads or skips the objects of one list.
func (d *packageReader) xmlList(x *xmlReader, name string, read func([]byte, int64) error, others *strangers) error {
	for n := 0; ; n++ {
		element, ok, err := x.within()
		if err != nil {
			return err
		}
		if !ok {
			if read == nil {
				d.skipped(name, n, x.offset(), others)
			}
			return nil
		}
		d.listed++
		offset := x.offset()
		if read == nil {
			if err := x.skip(); err != nil {
				return err
			}
			continue
		}
		if want := singular(name); element.Name.Local != want {
			return x.fail(fmt.Errorf("%s: element %s: want %s", name, quoted(element.Name.Local), want))
		}
		raw, err := x.json(element)
		if err != nil {
			return err
		}
		if raw[0] != '{' {
			raw = []byte("{}") // an element without content
		}
		if err := d.entry(name, n, raw, offset, read); err != nil {
			return err
		}
	}
}

// json reads an element to its end and returns it as JSON. Attributes and
// children are members, children of the same name are an array, an element with
// only text is a string, and an empty one is null.
func (x *xmlReader) json(start xml.StartElement) ([]byte, error) {
	size := 0
	return x.jsonWithin(start, &size, 1)
}

func (x *xmlReader) jsonWithin(start xml.StartElement, size *int, depth int) ([]byte, error) {
	if depth > jsontext.MaxDepth {
		return nil, x.fail(fmt.Errorf("want at most %d levels of nesting", jsontext.MaxDepth))
	}
	var members []xmlMember
	add := func(name string, raw []byte) error {
		members = append(members, xmlMember{name, raw})
		// The JSON is in memory twice: here and as part of the element around
		// it.
		if *size += len(raw) + 64; *size > maxObject {
			return x.fail(fmt.Errorf("want at most %d MiB in one object", maxObject>>20))
		}
		return nil
	}
	for _, a := range start.Attr {
		if rows.IsNamespace(a) {
			continue
		}
		if err := add(a.Name.Local, appendJSON(nil, a.Value)); err != nil {
			return nil, err
		}
	}
	attributes := len(members)
	var text []byte
	for {
		t, err := x.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			raw, err := x.jsonWithin(t, size, depth+1)
			if err == nil {
				err = add(t.Name.Local, raw)
			}
			if err != nil {
				return nil, err
			}
		case xml.CharData:
			if text = append(text, t...); len(text) > maxObject {
				return nil, x.fail(fmt.Errorf("want at most %d MiB in one object", maxObject>>20))
			}
		case xml.EndElement:
			if len(members) == 0 {
				return xmlText(start.Name.Local, text), nil
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				return nil, x.fail(fmt.Errorf("%s: %s: want elements or text, not both", start.Name.Local, quoted(text)))
			}
			return xmlObject(start.Name.Local, members, attributes), nil
		}
	}
}

// An xmlMember is an attribute or a child of an element.
type xmlMember struct {
	name string
	raw  []byte // the value as JSON
}

// xmlText returns the JSON of an element that has only text. A geometry is
// GeoJSON.
func xmlText(name string, text []byte) []byte {
	switch s := string(text); {
	case s == "":
		return []byte("null")
	case s == "true" || s == "false":
		return text
	case name == "geometry":
		if end, err := jsontext.SkipValue(text, 0, 0); err == nil && end == len(text) {
			return text
		}
	}
	return appendJSON(nil, string(text))
}

// xmlObject returns the JSON of an element that has attributes or children.
func xmlObject(name string, members []xmlMember, attributes int) []byte {
	one := singular(name)
	isList := attributes == 0
	for _, m := range members {
		isList = isList && m.name == one
	}
	if isList {
		return appendList(nil, members, func(b []byte, m xmlMember) []byte { return append(b, m.raw...) })
	}
	b := []byte{'{'}
	for _, m := range members {
		b = append(append(appendJSON(appendComma(b), m.name), ':'), m.raw...)
	}
	return append(b, '}')
}

// singular returns the element name for one entry of a list.
func singular(list string) string {
	if list == "children" {
		return "child"
	}
	if stem, ok := strings.CutSuffix(list, "ies"); ok {
		return stem + "y" // categories
	}
	if one, ok := strings.CutSuffix(list, "s"); ok && one != "" {
		if strings.HasSuffix(one, "sse") {
			return strings.TrimSuffix(one, "e") // accesses
		}
		return one
	}
	return list + "Entry"
}

// skipped reports a list whose objects are not needed here.
func (d *packageReader) skipped(name string, n int, offset int64, others *strangers) {
	if n > 0 {
		others.add(name, []byte("null"), offset)
		d.warn(hmis.Info, "type_skipped", hmis.Ref{}, name, "%d objects are skipped", n)
	}
}
