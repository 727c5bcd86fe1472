package tree

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

const (
	fhirSpace  = "http://hl7.org/fhir"
	xhtmlSpace = "http://www.w3.org/1999/xhtml"
)

// xml reads a resource in XML. Narratives are skipped. A DOCTYPE is an error,
// because it may define entities.
func (b *builder) xml(body []byte) (*Node, error) {
	x := &xmlBuilder{builder: b, dec: xml.NewDecoder(bytes.NewReader(body))}
	var root *Node
	for {
		t, err := x.token(root)
		switch {
		case err == io.EOF && root != nil:
			return root, nil
		case err == io.EOF:
			return nil, issue("", x.dec.InputOffset(), errors.New("no resource"))
		case err != nil:
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, issue("", x.dec.InputOffset(), errors.New("want nothing after the resource"))
			}
			if root, err = x.add(nil, "", -1, x.dec.InputOffset()); err == nil {
				err = x.resource(root, t, 0)
			}
			if err != nil {
				return nil, err
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, issue("", x.dec.InputOffset(), errors.New("text outside the resource"))
			}
		}
	}
}

type xmlBuilder struct {
	*builder
	dec *xml.Decoder
}

// token returns the next token. The error is io.EOF at the end.
func (x *xmlBuilder) token(at *Node) (xml.Token, error) {
	t, err := x.dec.Token()
	path := ""
	if at != nil {
		path = at.Path()
	}
	if _, ok := t.(xml.Directive); ok {
		return nil, issue(path, x.dec.InputOffset(), errors.New("want no document type"))
	}
	if err != nil && err != io.EOF {
		return nil, issue(path, x.dec.InputOffset(), err)
	}
	return t, err
}

// resource reads the content of a resource; its element name is the type.
func (x *xmlBuilder) resource(n *Node, start xml.StartElement, depth int) error {
	if start.Name.Space != fhirSpace {
		return n.Fail("element %s: want the namespace %s", quote.Text(start.Name.Local), fhirSpace)
	}
	typ, err := x.add(n, "resourceType", -1, x.dec.InputOffset())
	if err != nil {
		return err
	}
	typ.kind, typ.Text = text, start.Name.Local
	return x.content(n, start, depth)
}

// content reads the attributes and elements of a node.
func (x *xmlBuilder) content(n *Node, start xml.StartElement, depth int) error {
	if depth > x.limits.Depth {
		return n.Fail("elements nested more than %d deep", x.limits.Depth)
	}
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns" || a.Name.Space != "":
		case a.Name.Local == "value":
			n.kind, n.Text = value, a.Value
		default:
			k, err := x.add(n, a.Name.Local, -1, x.dec.InputOffset())
			if err != nil {
				return err
			}
			k.kind, k.Text = value, a.Value
		}
	}
	counts := map[string]int{}
	for {
		t, err := x.token(n)
		if err == io.EOF {
			err = n.Fail("the XML ends too early")
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return n.Fail("text %s: want elements", quote.Text(strings.TrimSpace(string(t))))
			}
		case xml.StartElement:
			if err := x.element(n, t, counts, depth); err != nil {
				return err
			}
		}
	}
}

func (x *xmlBuilder) element(n *Node, t xml.StartElement, counts map[string]int, depth int) error {
	name := t.Name.Local
	if t.Name.Space == xhtmlSpace {
		return x.skip(n, depth)
	}
	if t.Name.Space != fhirSpace {
		return n.Fail("element %s: want the namespace %s", quote.Text(name), fhirSpace)
	}
	if n.kind == value { // extensions of a primitive value
		return x.skip(n, depth)
	}
	k, err := x.add(n, name, counts[name], x.dec.InputOffset())
	if err != nil {
		return err
	}
	counts[name]++
	if name != "resource" && name != "contained" {
		return x.content(k, t, depth+1)
	}
	for { // the element that holds the resource
		inner, err := x.token(k)
		switch {
		case err == io.EOF:
			return k.Fail("the XML ends too early")
		case err != nil:
			return err
		}
		switch inner := inner.(type) {
		case xml.StartElement:
			if k.Get("resourceType") != nil {
				return k.Fail("want one resource")
			}
			if err := x.resource(k, inner, depth+2); err != nil {
				return err
			}
		case xml.EndElement:
			if k.Get("resourceType") == nil {
				return k.Fail("want a resource")
			}
			return nil
		case xml.CharData:
			if len(bytes.TrimSpace(inner)) > 0 {
				return k.Fail("want a resource")
			}
		}
	}
}

// skip reads to the end of an element.
func (x *xmlBuilder) skip(n *Node, depth int) error {
	for open := 1; open > 0; {
		t, err := x.token(n)
		if err != nil {
			return n.Fail("the XML ends too early: %w", err)
		}
		switch t.(type) {
		case xml.StartElement:
			if open++; open+depth > x.limits.Depth {
				return n.Fail("elements nested more than %d deep", x.limits.Depth)
			}
		case xml.EndElement:
			open--
		}
	}
	return nil
}
