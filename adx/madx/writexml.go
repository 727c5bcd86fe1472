package madx

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// xmlHead begins a document.
const xmlHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// encodeXML writes a resource, which has a field ResourceType, as a document.
func encodeXML(w io.Writer, v any, indent string) error {
	e := xmlEncoder{indent: indent}
	e.dst = append(e.dst, xmlHead...)
	e.resource(reflect.ValueOf(v), true)
	if e.err != nil {
		return e.err
	}
	e.dst = append(e.dst, '\n')
	_, err := w.Write(e.dst)
	return err
}

// An xmlEncoder writes the types whose JSON is that of a resource in XML, by the
// rules of FHIR: texts and numbers are attributes, and the items of an array are
// elements of one name.
type xmlEncoder struct {
	dst    []byte
	indent string // the indentation of one level; "" writes everything on one line
	depth  int
	err    error
}

// line begins the next element.
func (e *xmlEncoder) line() {
	if e.indent != "" {
		if e.dst[len(e.dst)-1] != '\n' {
			e.dst = append(e.dst, '\n')
		}
		for range e.depth {
			e.dst = append(e.dst, e.indent...)
		}
	}
}

func (e *xmlEncoder) open(name string) { e.dst = append(append(e.dst, '<'), name...) }

func (e *xmlEncoder) attr(name, value string) {
	e.dst = append(append(append(e.dst, ' '), name...), `="`...)
	dst, bad := xmlstream.AppendAttr(e.dst, value)
	if e.dst = append(dst, '"'); bad != "" && e.err == nil {
		e.err = fmt.Errorf("adx: XML cannot hold the character %s of %s", quote.Text(bad), quote.Text(value))
	}
}

// resource writes an element that is a resource.
func (e *xmlEncoder) resource(v reflect.Value, root bool) {
	v = reflect.Indirect(v)
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	name := v.FieldByName("ResourceType").String()
	e.line()
	e.open(name)
	if root {
		e.attr("xmlns", fhirSpace)
	}
	e.dst = append(e.dst, '>')
	e.children(v, name)
}

// children writes the fields of a struct and the end of its element.
func (e *xmlEncoder) children(v reflect.Value, name string) {
	e.depth++
	for i := range v.NumField() {
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		switch {
		case key == "resourceType", key == "id", key == "url" && name == "extension": // these are attributes in the start tag
		default:
			e.member(strings.TrimPrefix(key, "_"), v.Field(i))
		}
	}
	e.depth--
	e.line()
	e.dst = append(append(append(e.dst, "</"...), name...), '>')
}

// member writes an element, or one for each item. Empty values are left out.
func (e *xmlEncoder) member(name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			e.member(name, v.Elem())
		}
		return
	case reflect.Slice:
		for i := range v.Len() {
			e.member(name, v.Index(i))
		}
		return
	case reflect.String:
		if v.Len() == 0 {
			return
		}
	}
	e.line()
	e.open(name)
	switch v.Kind() {
	case reflect.String, reflect.Bool:
		e.attr("value", fmt.Sprint(v.Interface()))
		e.dst = append(e.dst, "/>"...)
		return
	}
	for _, key := range []string{"id", "url"} {
		if f := v.FieldByName(strings.ToUpper(key)); f.IsValid() && f.String() != "" && (key == "id" || name == "extension") {
			e.attr(key, f.String())
		}
	}
	e.dst = append(e.dst, '>')
	if name == "resource" {
		e.depth++
		e.resource(v, false)
		e.depth--
		e.line()
		e.dst = append(e.dst, "</resource>"...)
		return
	}
	e.children(v, name)
}
