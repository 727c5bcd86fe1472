package xmlstream

import "github.com/ohie-hmis/hmis-go/internal/quote"

// startTag reads the start tag at buf[r]. If the buffer does not have its end,
// more is read, and the tag is parsed again from its beginning.
func (s *Scanner) startTag() (Token, error) {
	s.token = s.pos(s.r)
	var part partial
	if s.rooted && len(s.stack) == 0 {
		return 0, s.fail(Outside, s.r, "", "there is another element after the root of "+s.root.at())
	}
	var n *name
	for s.tagEnd == 0 {
		var err error
		if n, s.tagEnd, err = s.tag(); err != nil {
			return 0, err
		}
		size := s.tagEnd - s.r
		if s.tagEnd == 0 {
			size = s.w - s.r
		}
		if size > s.limits.Tag {
			return 0, s.fail(TextLimit, s.r, "", "the start tag is longer than "+itoa(s.limits.Tag)+" bytes")
		}
		if s.tagEnd == 0 && !s.complete(&part) {
			return 0, s.incomplete("the start tag of " + s.token.at())
		}
	}
	outside := len(s.bindings)
	if err := s.namespaces(n); err != nil {
		return 0, err
	}
	if !s.rooted {
		s.rooted, s.root, s.declared = true, s.token, len(s.bindings)
	}
	if s.Empty {
		s.bindings = s.bindings[:outside]
		return Start, nil
	}
	if len(s.stack) >= s.limits.Depth {
		return 0, s.fail(DepthLimit, s.r, "", "elements are nested more than "+itoa(s.limits.Depth)+" deep")
	}
	s.stack = append(s.stack, element{name: n, pos: s.token, bindings: outside})
	return Start, nil
}

// tag parses the start tag at buf[r] into s.Attrs. end is 0 if the buffer does
// not have all of it.
func (s *Scanner) tag() (element *name, end int, err error) {
	s.scratch, s.odd = s.scratch[:0], false
	element, i, err := s.elementName(s.r + 1)
	if element == nil {
		return nil, 0, err
	}
	// Tags of one name usually have the same attributes in the same order.
	attrs, foreseen := s.Attrs[:0], element.foreseen
	buf := s.buf
	known := true
	for {
		gap := i
		for classes[buf[i]]&blank != 0 {
			s.odd = s.odd || buf[i] == '\n' || buf[i] == '\r'
			i++
		}
		if buf[i] == '>' {
			s.Empty, end = false, i+1
			break
		}
		if buf[i] == '/' && i+1 < s.w {
			if buf[i+1] != '>' {
				return nil, 0, s.fail(Malformed, i, "", "want /> at the end of the tag")
			}
			s.Empty, end = true, i+2
			break
		}
		if i+1 >= s.w {
			return nil, 0, nil
		}
		if gap == i {
			return nil, 0, s.fail(Malformed, i, "", "want white space before an attribute")
		}
		if len(attrs) >= s.limits.Attrs {
			return nil, 0, s.fail(AttrLimit, i, "", "the element has more than "+itoa(s.limits.Attrs)+" attributes")
		}
		at := i
		var n *name
		if len(attrs) < len(foreseen) {
			f := foreseen[len(attrs)]
			if after := i + len(f.raw); after < s.w && buf[after] == '=' && string(buf[i:after]) == f.raw {
				n, i = f, after
			}
		}
		if n == nil {
			known = false
			if n, i, err = s.name(i); n == nil {
				return nil, 0, err
			}
		}
		if buf[i] != '=' || buf[i+1] != '"' && buf[i+1] != '\'' {
			if i, err = s.equals(i); i == 0 {
				return nil, 0, err
			}
		} else {
			i++
		}
		quote := buf[i]
		i++
		from, blanks := i, false
		for c := buf[i]; c != quote; c = buf[i] {
			if classes[c]&special != 0 && c != '"' && c != '\'' {
				if c != ' ' {
					break
				}
				blanks = true
			}
			i++
		}
		to, changed := i, false
		if buf[i] != quote {
			if from, i, err = s.value(from, i, quote); i == 0 {
				return nil, 0, err
			}
			to, changed = len(s.scratch), true
			blanks = true // the value may contain white space
		}
		if to-from > s.limits.Text {
			return nil, 0, s.fail(TextLimit, at, n.raw, "the attribute is longer than "+itoa(s.limits.Text)+" bytes")
		}
		i++
		if len(attrs) < cap(attrs) {
			attrs = attrs[:len(attrs)+1]
		} else {
			attrs = append(attrs, Attr{})
		}
		a := &attrs[len(attrs)-1]
		if a.name != n {
			a.name = n
		}
		if a.Space != "" {
			a.Space = ""
		}
		a.at, a.from, a.to, a.changed, a.Blank = at, from, to, changed, blanks
	}
	s.Attrs = attrs
	if !known {
		if err := s.unique(); err != nil {
			return nil, 0, err
		}
		element.foresee(attrs)
	}
	return element, end, nil
}

// elementName reads the name of an element. It is usually that of the last
// element.
func (s *Scanner) elementName(i int) (*name, int, error) {
	if e := s.element; e != nil {
		if after := i + len(e.raw); after < s.w && classes[s.buf[after]]&blank != 0 && string(s.buf[i:after]) == e.raw {
			return e, after, nil
		}
	}
	n, after, err := s.name(i)
	if n != nil {
		s.element = n
	}
	return n, after, err
}

// name reads the name at buf[i] and returns it with the index after it. It is
// nil if the buffer does not have all of it.
func (s *Scanner) name(i int) (*name, int, error) {
	from := i
	for {
		for classes[s.buf[i]]&nameChar != 0 {
			i++
		}
		if s.buf[i] < 0x80 {
			break
		}
		r, size, err := s.char(i)
		if size == 0 {
			return nil, 0, err
		}
		if !isNameChar(r) {
			break
		}
		i += size
		s.odd = true
	}
	if i >= s.w {
		return nil, 0, nil
	}
	raw := s.buf[from:i]
	if len(raw) > s.limits.Text {
		return nil, 0, s.fail(TextLimit, from, "", "a name is longer than "+itoa(s.limits.Text)+" bytes")
	}
	n := s.names.of(raw)
	switch {
	case n != nil:
		return n, i, nil
	case len(raw) == 0 && classes[s.buf[i]]&illegal != 0:
		return nil, 0, s.control(i)
	case len(raw) == 0:
		return nil, 0, s.fail(Malformed, from, "", "want a name")
	}
	return nil, 0, s.fail(Malformed, from, string(raw[:min(len(raw), 60)]), "this is not an XML name")
}

// equals reads an equals sign with white space around it, and returns the index
// of the quote that follows. The index is 0 if the buffer ends before the
// quote.
func (s *Scanner) equals(i int) (int, error) {
	for part := range 2 {
		for classes[s.buf[i]]&blank != 0 {
			s.odd = true
			i++
		}
		switch c := s.buf[i]; {
		case i >= s.w:
			return 0, nil
		case part == 0 && c == '=':
			i++
		case part == 0:
			return 0, s.fail(Malformed, i, "", "want = after the name of an attribute")
		case c != '"' && c != '\'':
			return 0, s.fail(Malformed, i, "", "want the value of the attribute in quotes")
		}
	}
	return i, nil
}

// value reads the rest of an attribute's value. The value begins at buf[from]
// and has been read up to buf[i]. It is appended to scratch, where it begins at
// mark. end is the index after it, or 0 if the buffer does not have all of it.
func (s *Scanner) value(from, i int, quote byte) (mark, end int, err error) {
	s.odd = true
	mark = len(s.scratch)
	s.scratch = append(s.scratch, s.buf[from:i]...)
	for {
		c := s.buf[i]
		switch {
		case c == quote:
			return mark, i, nil
		case i >= s.w:
			return 0, 0, nil
		case c == '&':
			r, size, err := s.reference(i)
			if size == 0 {
				return 0, 0, err
			}
			s.scratch = appendRune(s.scratch, r)
			i += size
			continue
		case c == '<':
			return 0, 0, s.fail(Malformed, i, "", "< in an attribute must be written &lt;")
		case c == '\r' && i+1 >= s.w && s.rerr == nil:
			return 0, 0, nil // a line feed may follow in the next piece of input
		case c == '\r' && s.buf[i+1] == '\n':
			i++
			fallthrough
		case c == '\t', c == '\n', c == '\r':
			s.scratch = append(s.scratch, ' ')
		case c >= 0x80:
			_, size, err := s.char(i)
			if size == 0 {
				return 0, 0, err
			}
			s.scratch = append(s.scratch, s.buf[i:i+size]...)
			i += size
			continue
		case classes[c]&illegal != 0:
			return 0, 0, s.control(i)
		default:
			s.scratch = append(s.scratch, c)
		}
		i++
	}
}

// namespaces sets the namespaces of the element named n and of its attributes.
func (s *Scanner) namespaces(n *name) error {
	declares, prefixed := false, false
	for i := range s.Attrs {
		n := s.Attrs[i].name
		declares = declares || n.declares
		prefixed = prefixed || n.prefix != ""
	}
	if declares {
		if err := s.bind(); err != nil {
			return err
		}
	}
	if prefixed {
		if err := s.resolve(); err != nil {
			return err
		}
	}
	space, ok := s.space(n.prefix)
	if !ok || n.prefix == "xmlns" {
		return s.fail(Malformed, s.r, n.raw, "the prefix is not declared")
	}
	s.Space, s.Name = space, n.local
	return nil
}

// endTag reads the end tag at buf[r].
func (s *Scanner) endTag() (Token, error) {
	s.token = s.pos(s.r)
	if len(s.stack) == 0 {
		return 0, s.fail(Malformed, s.r, "", "an end tag without a start tag")
	}
	open := s.stack[len(s.stack)-1]
	end := s.r + 2 + len(open.name.raw)
	if end < s.w && s.buf[end] == '>' && string(s.buf[s.r+2:end]) == open.name.raw {
		s.r = end + 1
	} else if err := s.slowEndTag(open); err != nil {
		return 0, err
	}
	s.stack = s.stack[:len(s.stack)-1]
	s.bindings = s.bindings[:open.bindings]
	return End, nil
}

// slowEndTag reads an end tag with white space, one at the end of the buffer,
// or a wrong one.
func (s *Scanner) slowEndTag(open element) error {
	var part partial
	for {
		n, i, err := s.name(s.r + 2)
		if err != nil {
			return err
		}
		if n != nil {
			if n.raw != open.name.raw {
				return s.fail(Malformed, s.r, "", "</"+quote.Cut(n.raw, 40)+"> closes "+quote.Cut(open.name.raw, 40)+" of "+open.pos.at())
			}
			for classes[s.buf[i]]&blank != 0 {
				i++
			}
			if i < s.w {
				if s.buf[i] != '>' {
					return s.fail(Malformed, i, "", "want > at the end of the tag")
				}
				s.advance(i + 1)
				return nil
			}
		}
		if s.w-s.r > s.limits.Tag {
			return s.fail(TextLimit, s.r, "", "the end tag is longer than "+itoa(s.limits.Tag)+" bytes")
		}
		if !s.complete(&part) {
			return s.incomplete("the end tag of " + s.token.at())
		}
	}
}
