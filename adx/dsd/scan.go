package dsd

import (
	"errors"
	"fmt"
	"io"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
)

// limits are the limits of a definition, which are those of messages
// (RULES.md#limits). A list of 200,000 org units with names does not exceed
// them.
var limits = xmlstream.Limits{Text: 64 << 10, Tag: 1 << 20, Attrs: 256, Depth: 64, Bytes: 64 << 20}

const maxElements = 1_000_000

// A place is a position in a document. The zero place is unknown.
type place struct{ line, column int }

// An element is a start tag.
type element struct {
	space, name string
	attrs       []attribute
	at          place
}

type attribute struct{ space, name, value string }

// attr returns the value of an attribute without a namespace. Extra white space
// is removed.
func (e *element) attr(name string) string { return token.Collapse(e.raw("", name)) }

func (e *element) raw(space, name string) string {
	for _, a := range e.attrs {
		if a.space == space && a.name == name {
			return a.value
		}
	}
	return ""
}

func (e *element) is(space, name string) bool { return e.space == space && e.name == name }

// A scanner walks a document element by element.
type scanner struct {
	in       *xmlstream.Scanner
	elements int
	empty    bool // the last element has no content
}

func newScanner(r io.Reader) *scanner {
	return &scanner{in: xmlstream.New(r, limits)}
}

// next returns the next token, or an error that is a finding.
func (s *scanner) next() (xmlstream.Token, error) {
	t, err := s.in.Next()
	if err == nil {
		return t, nil
	}
	bad, ok := errors.AsType[*xmlstream.Error](err)
	if !ok {
		return t, err
	}
	if bad.Kind == xmlstream.Input {
		return t, err // the input itself could not be read
	}
	f := found(place{bad.Pos.Line, bad.Pos.Column}, adx.Finding{
		Rule: bad.Kind.Rule(), Severity: critical,
		Err: fmt.Errorf("%s", bad.Msg),
	})
	f.Got = bad.Got
	return t, &f
}

// root reads the start tag of the root element. Call children for its content,
// and then end.
func (s *scanner) root() (element, error) {
	t, err := s.next()
	if err != nil {
		return element{}, err
	}
	if t != xmlstream.Start { // the scanner returns no text before the root
		return element{}, errors.New("adx: no root element")
	}
	return s.enter()
}

// end checks that nothing follows the root element.
func (s *scanner) end() error {
	_, err := s.next()
	return err
}

// children calls f, if it is not nil, for each child of the last element. It
// returns the text between the children. If f has not read all of a child,
// children skips the rest.
func (s *scanner) children(f func(e element) error) (string, error) {
	if s.empty {
		s.empty = false
		return "", nil
	}
	depth := s.in.Depth()
	var text []byte
	for {
		t, err := s.next()
		if err != nil {
			return "", err
		}
		switch t {
		case xmlstream.Text:
			if len(text)+len(s.in.Text) > limits.Text {
				p := s.in.Pos()
				f := found(place{p.Line, p.Column}, adx.Finding{
					Rule: "ADX-160", Severity: critical,
					Err: fmt.Errorf("text of more than %d bytes", limits.Text),
				})
				return "", &f
			}
			text = append(text, s.in.Text...)
		case xmlstream.Start:
			e, err := s.enter()
			if err != nil {
				return "", err
			}
			if f != nil {
				if err := f(e); err != nil {
					return "", err
				}
			}
			s.empty = false
			for s.in.Depth() > depth {
				if _, err := s.children(nil); err != nil {
					return "", err
				}
			}
		default: // the end tag, which the scanner has checked
			return string(text), nil
		}
	}
}

// text returns the text of the last element.
func (s *scanner) text() (string, error) { return s.children(nil) }

// enter returns a copy of the last start tag.
func (s *scanner) enter() (element, error) {
	p := s.in.Pos()
	e := element{space: s.in.Space, name: s.in.Name, at: place{p.Line, p.Column}}
	if s.elements++; s.elements > maxElements {
		f := found(e.at, adx.Finding{
			Rule: "ADX-164", Severity: critical,
			Err: fmt.Errorf("more than %d elements", maxElements),
		})
		return e, &f
	}
	for i := range s.in.Attrs {
		a := &s.in.Attrs[i]
		e.attrs = append(e.attrs, attribute{a.Space, a.Name(), string(s.in.Value(i))})
	}
	s.empty = s.in.Empty
	return e, nil
}
