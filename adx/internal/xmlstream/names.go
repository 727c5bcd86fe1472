package xmlstream

import "strings"

// These are the namespaces of the prefixes xml and xmlns.
const (
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsSpace = "http://www.w3.org/2000/xmlns/"
)

// A name is a name that occurs in the document. Each one is checked and split
// at its colon only once.
type name struct {
	raw           string // the name as written
	prefix, local string
	declares      bool    // the name is xmlns or has the prefix xmlns, so an attribute of this name declares a namespace
	foreseen      []*name // the attributes of the last start tag that has this name
}

// A names table holds the names of a document, which usually has few. A full
// table is emptied, so that hostile input cannot fill the memory.
type names map[string]*name

// These limit the number of kept names, the length of a kept name, and the
// number of expected attributes.
const (
	maxNames    = 1024
	maxName     = 128
	maxForeseen = 32
)

// of returns the name with the text raw. It is nil if raw is no name, or has
// more than one colon (Namespaces in XML, production 7).
func (t names) of(raw []byte) *name {
	if n := t[string(raw)]; n != nil {
		return n
	}
	n := &name{raw: string(raw)}
	n.prefix, n.local = "", n.raw
	if prefix, local, ok := strings.Cut(n.raw, ":"); ok {
		n.prefix, n.local = prefix, local
		if !IsNCName(prefix) {
			return nil
		}
	}
	if !IsNCName(n.local) {
		return nil
	}
	n.declares = n.raw == "xmlns" || n.prefix == "xmlns"
	if len(raw) > maxName {
		return n
	}
	if len(t) >= maxNames {
		clear(t)
	}
	t[n.raw] = n
	return n
}

// foresee records the attributes to expect in the next tag named n.
func (n *name) foresee(attrs []Attr) {
	n.foreseen = n.foreseen[:0]
	for i := range attrs[:min(len(attrs), maxForeseen)] {
		if len(attrs[i].name.raw) > maxName {
			return
		}
		n.foreseen = append(n.foreseen, attrs[i].name)
	}
}

// A binding gives a prefix its namespace. The prefix "" has the default
// namespace.
type binding struct{ prefix, uri string }

// These limit how many bindings may be in force at one place, and how long a
// namespace may be.
const (
	maxBindings = 1024
	maxURI      = 4096
)

// bind applies the namespace declarations of the last tag, and removes them
// from its attributes.
func (s *Scanner) bind() error {
	kept := s.Attrs[:0]
	for i, a := range s.Attrs {
		if !a.name.declares {
			kept = append(kept, a)
			continue
		}
		prefix, uri := a.name.local, string(s.Value(i))
		if a.name.prefix == "" {
			prefix = ""
		}
		switch {
		case len(uri) > maxURI:
			return s.fail(TextLimit, a.at, a.name.raw, "the namespace is longer than "+itoa(maxURI)+" bytes")
		case len(s.bindings) >= maxBindings:
			return s.fail(AttrLimit, a.at, a.name.raw, "more than "+itoa(maxBindings)+" namespaces are declared")
		case prefix == "xmlns" || uri == xmlnsSpace:
			return s.fail(Malformed, a.at, a.name.raw, "this namespace cannot be declared")
		case (prefix == "xml") != (uri == xmlSpace):
			return s.fail(Malformed, a.at, a.name.raw, "only the prefix xml stands for its namespace")
		case prefix != "" && uri == "":
			return s.fail(Malformed, a.at, a.name.raw, "a prefix cannot stand for no namespace")
		}
		s.bindings = append(s.bindings, binding{prefix, uri})
	}
	s.Attrs = kept
	return nil
}

// space returns the namespace of a prefix. ok is false if the prefix is not
// declared.
func (s *Scanner) space(prefix string) (uri string, ok bool) {
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == prefix {
			return s.bindings[i].uri, true
		}
	}
	if prefix == "xml" {
		return xmlSpace, true
	}
	return "", prefix == ""
}

// resolve sets the namespaces of attributes with a prefix. It returns an error
// if two attributes then have the same name.
func (s *Scanner) resolve() error {
	for i := range s.Attrs {
		a := &s.Attrs[i]
		if a.name.prefix == "" {
			continue
		}
		var ok bool
		if a.Space, ok = s.space(a.name.prefix); !ok {
			return s.fail(Malformed, a.at, a.name.raw, "the prefix is not declared")
		}
		for _, b := range s.Attrs[:i] {
			if b.name.local == a.name.local && b.Space == a.Space {
				return s.fail(Malformed, a.at, a.name.raw, "the attribute is there already as "+b.name.raw)
			}
		}
	}
	return nil
}

// unique returns an error if the tag has an attribute twice.
func (s *Scanner) unique() error {
	const few = 16
	if len(s.Attrs) <= few {
		for i, a := range s.Attrs {
			for _, b := range s.Attrs[:i] {
				if a.name.raw == b.name.raw {
					return s.fail(Malformed, a.at, a.name.raw, "the attribute is there twice")
				}
			}
		}
		return nil
	}
	clear(s.seen)
	for _, a := range s.Attrs {
		if s.seen[a.name.raw] {
			return s.fail(Malformed, a.at, a.name.raw, "the attribute is there twice")
		}
		s.seen[a.name.raw] = true
	}
	return nil
}
