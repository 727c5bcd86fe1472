package madx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// fhirSpace is the namespace of the elements of FHIR.
const fhirSpace = "http://hl7.org/fhir"

// An xmlReader reads a resource in XML as if it were in JSON
// (RULES.md#reports-in-fhir). An element is an object, or a text or number if it
// has the attribute value. Consecutive elements of one name are an array.
type xmlReader struct {
	*cursor
	in    *xmlstream.Scanner
	next  pending
	item  bool // the next value is an item of an array
	tag   xmlTag
	ahead bool // the next token has been read, but not used
	token xmlstream.Token
}

// A pending is the part of the document that is read next.
type pending uint8

const (
	nothing     pending = iota
	nextType            // the name of the last start tag, which is the resourceType
	nextAttr            // an attribute of the last start tag
	nextElement         // the element of the last start tag as a whole
	nextContent         // the content of that element: its id, extensions and other children
)

// An xmlTag is a start tag. The indexes of its attributes are -1 if it has none.
type xmlTag struct {
	name           string
	at             place
	value, id, url int
	resource       bool // the element is a resource
	empty          bool // the element has no content
	depth          int  // number of elements that are open, including this one
	used           int  // the index of the attribute that is read next
}

// longText is the largest length in bytes of an attribute that is skipped.
const longText = 1 << 20

func newXMLReader(c *cursor, in io.Reader) *xmlReader {
	bytes := c.limits.Bytes
	if bytes <= 0 {
		bytes = math.MaxInt64 / 2
	}
	text := max(c.limits.Text, longText)
	return &xmlReader{cursor: c, in: xmlstream.New(in, xmlstream.Limits{
		Text: text, Tag: min(text, math.MaxInt/4) * 4, Bytes: bytes,
		Attrs: c.limits.Attrs, Depth: c.limits.Depth,
	})}
}

// scan reads the next token.
func (x *xmlReader) scan() (xmlstream.Token, error) {
	t, err := x.in.Next()
	if err != nil {
		return 0, x.unreadable(err)
	}
	return t, nil
}

// unreadable returns an error of the scanner as a finding.
func (x *xmlReader) unreadable(err error) error {
	bad, ok := errors.AsType[*xmlstream.Error](err)
	if !ok {
		return err
	}
	if bad.Kind == xmlstream.Input {
		return bad.Err
	}
	f := adx.Finding{Rule: bad.Kind.Rule(), Got: bad.Got, Err: errors.New(bad.Msg)}
	switch bad.Kind {
	case xmlstream.Malformed, xmlstream.Outside:
		f.Rule = "MADX-002"
	case xmlstream.Doctype:
		f.Rule = "MADX-002"
		if strings.HasPrefix(strings.ToLower(bad.Got), "<!doctype html") {
			f.Got, f.Err = "", errHTML
		}
	}
	return x.fail(placeOf(bad.Pos), f)
}

var errHTML = errors.New("an HTML page: want a resource of FHIR in JSON or XML")

// begin reads the start tag of the resource.
func (x *xmlReader) begin() error {
	if _, err := x.scan(); err != nil {
		return err
	}
	if strings.EqualFold(x.in.Name, "html") {
		return x.fail(placeOf(x.in.Pos()), adx.Finding{Rule: "MADX-002", Err: errHTML})
	}
	x.next = nextElement
	return x.start(true)
}

// end returns an error if anything follows the resource.
func (x *xmlReader) end() error {
	_, err := x.scan()
	return err
}

// start stores the start tag that was just read in x.tag.
func (x *xmlReader) start(resource bool) error {
	x.at = placeOf(x.in.Pos())
	x.tag = xmlTag{
		name: x.in.Name, at: x.at, value: -1, id: -1, url: -1,
		resource: resource, empty: x.in.Empty, depth: x.in.Depth(),
	}
	if x.in.Space != fhirSpace {
		return x.wrongForm(x.at, "<%s> in the namespace %s: want %s",
			quote.Cut(x.in.Name, 64), quote.Text(x.in.Space), fhirSpace)
	}
	for i := range x.in.Attrs {
		a := &x.in.Attrs[i]
		switch name := a.Name(); {
		case a.Space != "": // skip an attribute such as xsi:schemaLocation
		case name == "value" && !resource:
			x.tag.value = i
		case name == "id" && !resource:
			x.tag.id = i
		case name == "url" && strings.HasSuffix(strings.ToLower(x.in.Name), "extension"):
			x.tag.url = i
		default:
			return x.wrongForm(placeOf(x.in.AttrPos(i)),
				"attribute %s of <%s>: want elements with an attribute value",
				quote.Text(name), quote.Cut(x.in.Name, 64))
		}
	}
	return nil
}

// child reads the next start tag within an element. more is false at its end.
func (x *xmlReader) child() (more bool, err error) {
	if !x.ahead {
		if x.token, err = x.scan(); err != nil {
			return false, err
		}
	}
	x.ahead = false
	switch x.token {
	case xmlstream.End:
		return false, nil
	case xmlstream.Text:
		return false, x.wrongText()
	}
	return true, x.start(false)
}

func (x *xmlReader) wrongText() error {
	return x.wrongForm(placeOf(x.in.Pos()), "text %s between tags: want it in an attribute value",
		quote.Text(string(x.in.Text)))
}

// another reports whether the next element also has this name. If it does, that
// element is the next value.
func (x *xmlReader) another(name string) (bool, error) {
	var err error
	if x.token, err = x.scan(); err != nil {
		return false, err
	}
	x.ahead = true
	if x.token != xmlstream.Start || x.in.Name != name || x.in.Space != fhirSpace {
		return false, nil
	}
	x.ahead, x.next = false, nextElement
	return true, x.start(false)
}

// fits reports whether the next value has the given kind.
func (x *xmlReader) fits(kind byte) (fit, error) {
	does := false
	switch {
	case x.next != nextElement:
		does = kind == '{' && x.next == nextContent || kind == '"' && x.next != nextContent
	case kind == '[':
		does = !x.item
	case x.tag.value >= 0:
		does = kind == '"' || kind == '0' && isNumber(string(x.in.Value(x.tag.value)))
	case kind == '{':
		does = true
	case !x.tag.empty:
		return x.without()
	}
	if does {
		return fitting, nil
	}
	return other, nil
}

// without returns the fit of an element that has no attribute value. It is
// missing if the element has extensions in place of a text or number.
func (x *xmlReader) without() (fit, error) {
	var err error
	if x.token, err = x.scan(); err != nil {
		return other, err
	}
	switch x.token {
	case xmlstream.End:
		x.tag.empty = true
		return other, nil
	case xmlstream.Text:
		return other, x.wrongText()
	}
	x.ahead, x.tag.id, x.next = true, -1, nextContent
	return missing, nil
}

// object reads an element. It calls f for each member.
func (x *xmlReader) object(f func(key string) error) error {
	tag, rest := x.tag, x.next == nextContent
	x.next = nothing
	wraps := tag.name == "resource" || tag.name == "contained"
	if wraps && !tag.resource && !rest && !tag.empty {
		return x.wrapped(f)
	}
	var members memberList
	member := func(key string, at place, next pending) error {
		if err := members.add(x.cursor, at, key); err != nil {
			return err
		}
		x.at, x.next, x.item = at, next, false
		x.path = append(x.path, step{name: key})
		if err := f(key); err != nil {
			return err
		}
		x.path = x.path[:len(x.path)-1]
		return nil
	}
	if tag.resource {
		if err := member("resourceType", tag.at, nextType); err != nil {
			return err
		}
	}
	for i, at := range [...]int{tag.id, tag.url} {
		if at < 0 || rest && i > 0 {
			continue
		}
		x.tag.used = at
		if err := member([...]string{"id", "url"}[i], placeOf(x.in.AttrPos(at)), nextAttr); err != nil {
			return err
		}
	}
	for !tag.empty {
		more, err := x.child()
		if !more || err != nil {
			return err
		}
		name, at := x.tag.name, x.at
		if err := member(name, at, nextElement); err != nil {
			return err
		}
		if x.next != nextContent {
			continue
		}
		if err := member("_"+name, at, nextContent); err != nil {
			return err
		}
	}
	return nil
}

// wrapped reads the resource within an element.
func (x *xmlReader) wrapped(f func(key string) error) error {
	within := x.tag.name
	more, err := x.child()
	if err == nil && !more {
		err = x.wrongForm(x.at, "no resource in <%s>", within)
	}
	if err == nil {
		err = x.start(true)
	}
	if err == nil {
		err = x.object(f)
	}
	if err != nil {
		return err
	}
	if more, err = x.child(); more {
		err = x.wrongForm(x.at, "another resource in <%s>: want one", within)
	}
	return err
}

// array reads consecutive elements of one name. It calls f for each.
func (x *xmlReader) array(f func(i int) error) error {
	name := x.tag.name
	for i := 0; ; i++ {
		x.item = true
		x.path = append(x.path, step{index: i})
		if err := f(i); err != nil {
			return err
		}
		if x.next == nextContent { // the element has extensions in addition to a text
			if err := x.skip(); err != nil {
				return err
			}
		}
		x.path = x.path[:len(x.path)-1]
		if more, err := x.another(name); !more || err != nil {
			return err
		}
	}
}

// text reads the name of a resource or the value of an attribute.
func (x *xmlReader) text() (string, error) {
	text := []byte(nil)
	switch x.next {
	case nextType:
		x.next = nothing
		return x.tag.name, nil
	case nextAttr:
		x.next = nothing
		text = x.in.Value(x.tag.used)
	default:
		x.next = nothing
		if text = x.in.Value(x.tag.value); !x.tag.empty {
			x.next = nextContent
		}
	}
	if len(text) > x.limits.Text {
		return "", x.fail(x.at, adx.Finding{
			Rule: "ADX-160",
			Err:  fmt.Errorf("a text of more than %d bytes", x.limits.Text),
		})
	}
	return x.intern(text), nil
}

// number reads a number and returns its text.
func (x *xmlReader) number() (string, error) {
	if n := len(x.in.Value(x.tag.value)); n > x.limits.Digits {
		return "", x.fail(x.at, adx.Finding{
			Rule: "ADX-162",
			Err:  fmt.Errorf("a number of more than %d digits", x.limits.Digits),
		})
	}
	return x.text()
}

// literal reads true or false.
func (x *xmlReader) literal() (string, error) {
	if x.next != nextElement || x.tag.value < 0 {
		return "", x.wrongForm(x.at, "want true or false")
	}
	switch word := string(x.in.Value(x.tag.value)); word {
	case "true", "false":
		return x.text()
	default:
		return "", x.wrongForm(x.at, "%s: want true or false", quote.Text(word))
	}
}

// skip reads any value. An array is all elements of one name.
func (x *xmlReader) skip() error {
	name, one := x.tag.name, x.item || x.next == nextContent
	if x.next == nextType || x.next == nextAttr {
		x.next = nothing
		return nil
	}
	for more := true; more; {
		x.next = nothing
		err := x.leave()
		if one || err != nil {
			return err
		}
		if more, err = x.another(name); err != nil {
			return err
		}
	}
	return nil
}

// leave reads to the end of the element x.tag.
func (x *xmlReader) leave() error {
	if x.tag.empty {
		return nil
	}
	for x.ahead = false; ; {
		t, err := x.scan()
		if err != nil || t == xmlstream.End && x.in.Depth() < x.tag.depth {
			return err
		}
	}
}

func placeOf(p xmlstream.Pos) place { return place{p.Line, p.Column} }
