// Package fields parses the fields parameter of the DHIS2 Web API, which says
// which members of an object an answer has.
package fields

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of a parameter.
const (
	MaxDepth  = 16
	MaxFields = 2000
)

// A List is what a parameter asks for, in its order.
type List []Field

// A Field is a name, a preset or an exclusion in a List.
type Field struct {
	Name       string // without the signs before it; "*" is the preset "all"
	Preset     bool   // ":simple", "*"
	Exclude    bool   // "!name" or "-name"
	Nested     bool   // it has a list in brackets, in Fields
	Fields     List
	Transforms []Transform
}

// A Transform changes how a field is written, such as "~rename(label)". The
// forms "::rename(label)" and "|rename(label)" mean the same.
type Transform struct {
	Name string
	Args []string
}

// ErrTooMany means that a parameter is beyond the limits.
var ErrTooMany = errors.New("fields: too many or too deep")

// Parse parses a parameter such as "id,name,parent[id,name~rename(label)]".
// Brackets that are never closed end with the text.
func Parse(text string) (List, error) {
	p := &parser{text: text}
	list, err := p.list(1)
	if err == nil && p.at < len(p.text) {
		err = fmt.Errorf("fields: unexpected %q at %d", p.text[p.at], p.at+1)
	}
	return list, err
}

type parser struct {
	text  string
	at    int
	count int
}

// list parses fields up to a closing bracket or the end.
func (p *parser) list(depth int) (List, error) {
	if depth > MaxDepth {
		return nil, ErrTooMany
	}
	var out List
	for p.at < len(p.text) && p.text[p.at] != ']' && p.text[p.at] != ')' {
		if c := p.text[p.at]; c == ',' || c == ' ' {
			p.at++
			continue
		}
		if p.count++; p.count > MaxFields {
			return nil, ErrTooMany
		}
		f, err := p.field(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func (p *parser) field(depth int) (Field, error) {
	var f Field
	if c := p.text[p.at]; c == '!' || c == '-' {
		f.Exclude = true
		p.at++
	}
	if strings.HasPrefix(p.text[p.at:], ":") && !strings.HasPrefix(p.text[p.at:], "::") {
		f.Preset = true
		p.at++
	}
	f.Name = p.word()
	if f.Name == "*" {
		f.Name, f.Preset = "all", true
	}
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '[' || c == '(':
			p.at++
			list, err := p.list(depth + 1)
			if err != nil {
				return f, err
			}
			f.Nested, f.Fields = true, append(f.Fields, list...)
			if p.at < len(p.text) {
				p.at++
			}
		case c == '~' || c == '|':
			p.at++
			f.Transforms = append(f.Transforms, p.transform())
		case strings.HasPrefix(p.text[p.at:], "::"):
			p.at += 2
			f.Transforms = append(f.Transforms, p.transform())
		case c == ',' || c == ' ' || c == ']' || c == ')':
			return f, nil
		default:
			return f, fmt.Errorf("fields: unexpected %q at %d", c, p.at+1)
		}
	}
	return f, nil
}

func (p *parser) transform() Transform {
	t := Transform{Name: p.word()}
	if p.at < len(p.text) && p.text[p.at] == '(' {
		args, _, _ := strings.Cut(p.text[p.at+1:], ")")
		p.at = min(p.at+len(args)+2, len(p.text))
		t.Args = strings.Split(args, ";")
	}
	return t
}

// word reads up to a character that ends a name.
func (p *parser) word() string {
	n := strings.IndexAny(p.text[p.at:], ",[]()~|: ")
	if n < 0 {
		n = len(p.text) - p.at
	}
	p.at += n
	return p.text[p.at-n : p.at]
}

// Has reports whether a list names a field, without its presets.
func (l List) Has(name string) bool {
	for _, f := range l {
		if !f.Preset && !f.Exclude && f.Name == name {
			return true
		}
	}
	return false
}
