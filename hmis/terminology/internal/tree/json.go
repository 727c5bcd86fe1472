package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// json reads a JSON object. A repeated member, null, a list within a list, and
// text after the object are errors.
func (b *builder) json(body []byte) (*Node, error) {
	d := &jsonBuilder{builder: b, dec: json.NewDecoder(bytes.NewReader(body))}
	d.dec.UseNumber()
	root, err := d.value(nil, "", -1, 0)
	if err != nil {
		return nil, err
	}
	if root.kind != object {
		return nil, root.Fail("want a resource: an object")
	}
	if _, err := d.dec.Token(); err != io.EOF {
		return nil, issue("", d.dec.InputOffset(), errors.New("want nothing after the resource"))
	}
	return root, nil
}

type jsonBuilder struct {
	*builder
	dec *json.Decoder
}

func (d *jsonBuilder) token(at *Node) (json.Token, error) {
	t, err := d.dec.Token()
	if err == nil {
		return t, nil
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = errors.New("the JSON ends too early")
	}
	path := ""
	if at != nil {
		path = at.Path()
	}
	return nil, issue(path, d.dec.InputOffset(), err)
}

// value reads a value that is not a list.
func (d *jsonBuilder) value(parent *Node, name string, index, depth int) (*Node, error) {
	t, err := d.token(parent)
	if err != nil {
		return nil, err
	}
	return d.from(t, parent, name, index, depth)
}

// from makes a node from a value whose first token is t.
func (d *jsonBuilder) from(t json.Token, parent *Node, name string, index, depth int) (*Node, error) {
	n, err := d.add(parent, name, index, d.dec.InputOffset())
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case string:
		n.kind, n.Text = text, t
	case json.Number:
		n.kind, n.Text = number, t.String()
	case bool:
		n.kind, n.Text = truth, "false"
		if t {
			n.Text = "true"
		}
	case json.Delim:
		if t != '{' {
			return nil, n.Fail("want no list in a list")
		}
		if depth >= d.limits.Depth {
			return nil, n.Fail("elements nested more than %d deep", d.limits.Depth)
		}
		return n, d.members(n, depth)
	default:
		return nil, n.Fail("null: want a value")
	}
	return n, nil
}

func (d *jsonBuilder) members(n *Node, depth int) error {
	seen := make(map[string]bool, 8)
	for d.dec.More() {
		key, err := d.token(n)
		if err != nil {
			return err
		}
		name, _ := key.(string) // the decoder accepts only strings as names
		if seen[name] {
			return n.Fail("member %s is there twice", quote.Text(name))
		}
		seen[name] = true
		if err := d.member(n, name, depth); err != nil {
			return err
		}
	}
	_, err := d.token(n)
	return err
}

func (d *jsonBuilder) member(n *Node, name string, depth int) error {
	if len(name) > 0 && name[0] == '_' { // FHIR puts ids and extensions of primitive values into _name
		var skipped json.RawMessage
		if err := d.dec.Decode(&skipped); err != nil {
			return n.Fail("member %s: %w", quote.Text(name), err)
		}
		return nil
	}
	t, err := d.token(n)
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		_, err := d.from(t, n, name, -1, depth+1)
		return err
	}
	for i := 0; d.dec.More(); i++ {
		if _, err := d.value(n, name, i, depth+1); err != nil {
			return err
		}
	}
	_, err = d.token(n)
	return err
}
