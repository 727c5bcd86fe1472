// Package tree reads FHIR resources in JSON or XML into the same kind of tree.
// Each node has its place in the file.
package tree

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// Limits bounds the input.
type Limits struct {
	Bytes int // bytes of the input, and of its decompressed text
	Nodes int
	Depth int // levels of nested elements
}

// A Node is an element of a resource: an object with members, or a text. Items of
// a JSON list are several nodes of the same name, as in XML.
type Node struct {
	Name   string
	Text   string
	kind   kind
	index  int // index among nodes of the same name; -1 outside of a list
	offset int64
	parent *Node
	Kids   []*Node
}

type kind uint8

const (
	object kind = iota
	text        // a JSON string
	number
	truth
	value // an XML value, whose type is unknown: text, number or boolean
)

// Read reads one resource, which may be compressed by gzip. The error is an
// *[hmis.Issue] with a path and an offset.
func Read(r io.Reader, l Limits) (*Node, error) {
	body, err := io.ReadAll(io.LimitReader(r, int64(l.Bytes)+1))
	if err == nil && bytes.HasPrefix(body, []byte("\x1F\x8B")) {
		var z *gzip.Reader
		if z, err = gzip.NewReader(bytes.NewReader(body)); err == nil {
			body, err = io.ReadAll(io.LimitReader(z, int64(l.Bytes)+1))
		}
	}
	switch {
	case err != nil:
		return nil, issue("", 0, err)
	case len(body) > l.Bytes:
		return nil, issue("", int64(l.Bytes), fmt.Errorf("more than %d bytes", l.Bytes))
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(body) {
		at := 0
		for at < len(body) {
			r, n := utf8.DecodeRune(body[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		what := errors.New("want UTF-8")
		if bytes.HasPrefix(body, []byte("\xFF\xFE")) || bytes.HasPrefix(body, []byte("\xFE\xFF")) {
			what = errors.New("the text is UTF-16: want UTF-8")
		}
		return nil, issue("", int64(at), what)
	}
	b := &builder{limits: l}
	if web(body) {
		return nil, issue("", 0, errors.New("an HTML page: want a resource of FHIR in JSON or XML"))
	}
	if start := bytes.TrimLeft(body, " \t\r\n"); len(start) > 0 && start[0] == '<' {
		return b.xml(body)
	}
	return b.json(body)
}

// web reports whether a text begins like a web page.
func web(body []byte) bool {
	start := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), 256)], " \t\r\n"))
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html"))
}

// code is the FHIR issue code for input that is not a resource.
const code = "structure"

func issue(path string, offset int64, err error) error {
	return &hmis.Issue{Code: code, Severity: hmis.Critical, Field: path, Offset: offset, Err: err}
}

// A builder makes nodes.
type builder struct {
	limits Limits
	nodes  int
}

// add makes a child node of parent, which may be nil.
func (b *builder) add(parent *Node, name string, index int, offset int64) (*Node, error) {
	n := &Node{Name: name, index: index, offset: offset, parent: parent}
	if b.nodes++; b.nodes > b.limits.Nodes {
		return nil, n.Fail("more than %d elements", b.limits.Nodes)
	}
	if parent != nil {
		parent.Kids = append(parent.Kids, n)
	}
	return n, nil
}

// Fail returns an error at the node.
func (n *Node) Fail(format string, args ...any) error {
	return issue(n.Path(), n.offset, fmt.Errorf(format, args...))
}

// Path returns the place of the node as in FHIRPath, such as
// Bundle.entry[2].resource.url.
func (n *Node) Path() string {
	var steps []string
	for ; n != nil; n = n.parent {
		step := n.Name
		if n.parent == nil {
			if typ := n.Get("resourceType"); typ != nil {
				step = typ.Text
			}
		}
		if step = quote.Line(step, 64); n.index >= 0 {
			step += "[" + strconv.Itoa(n.index) + "]"
		}
		if step != "" {
			steps = append(steps, step)
		}
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return strings.Join(steps, ".")
}

// Get returns the first child with this name, or nil.
func (n *Node) Get(name string) *Node {
	for _, k := range n.Kids {
		if k.Name == name {
			return k
		}
	}
	return nil
}

// Each calls f for each child with this name, in order. It stops at the first
// error.
func (n *Node) Each(name string, f func(*Node) error) error {
	for _, k := range n.Kids {
		if k.Name == name {
			if err := f(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// String sets *to to the text of the child with this name, if there is one.
func (n *Node) String(name string, to *string) error {
	k, err := n.one(name)
	if k == nil || err != nil {
		return err
	}
	if k.kind != text && k.kind != value {
		return k.Fail("want a text")
	}
	*to = k.Text
	return nil
}

// Bool sets *to to the boolean of the child with this name, if there is one.
func (n *Node) Bool(name string, to *bool) error {
	k, err := n.one(name)
	if k == nil || err != nil {
		return err
	}
	if k.kind != truth && k.kind != value || k.Text != "true" && k.Text != "false" {
		return k.Fail("want true or false")
	}
	*to = k.Text == "true"
	return nil
}

// Int sets *to to the whole number of the child with this name, if there is
// one.
func (n *Node) Int(name string, to *int) error {
	k, err := n.one(name)
	if k == nil || err != nil {
		return err
	}
	i, err := strconv.Atoi(k.Text)
	if k.kind != number && k.kind != value || err != nil {
		return k.Fail("want a whole number")
	}
	*to = i
	return nil
}

// one returns the only child with a name, or nil if there is none. Several are
// an error.
func (n *Node) one(name string) (*Node, error) {
	var found *Node
	for _, k := range n.Kids {
		if k.Name != name {
			continue
		}
		if found != nil {
			return nil, k.Fail("want it once")
		}
		found = k
	}
	return found, nil
}

// Value returns the type and text of the member value[x], such as valueString.
// For a Coding, text is the code and system is its system. ok is false if there
// is no such member, or if its type has no text.
func (n *Node) Value() (typ, text, system string, ok bool) {
	for _, k := range n.Kids {
		typ, found := strings.CutPrefix(k.Name, "value")
		if !found || typ == "" || typ[0] < 'A' || typ[0] > 'Z' {
			continue
		}
		if typ == "Coding" {
			_ = k.String("system", &system)
			err := k.String("code", &text)
			return typ, text, system, err == nil
		}
		return strings.ToLower(typ[:1]) + typ[1:], k.Text, "", k.kind != object
	}
	return "", "", "", false
}
