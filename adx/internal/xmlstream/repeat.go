package xmlstream

// Documents of data repeat their tags: mostly all but one value of a tag has been
// there before, byte for byte. Such a tag need not be taken apart again.

// Pattern returns the tag of an empty element, which was just read, as what stands
// before and after the value of attribute i. It is false if the meaning of these
// bytes could depend on where they stand.
func (s *Scanner) Pattern(i int) (before, after []byte, ok bool) {
	if !s.Empty || s.odd || s.tagEnd == 0 || len(s.bindings) != s.declared || s.element == nil {
		return nil, nil, false
	}
	if s.element.prefix != "" {
		return nil, nil, false
	}
	for j := range s.Attrs {
		if n := s.Attrs[j].name; n.prefix != "" || s.Attrs[j].changed {
			return nil, nil, false
		}
	}
	return s.buf[s.r:s.Attrs[i].from], s.buf[s.Attrs[i].to:s.tagEnd], true
}

// Repeated reports whether the next token is a tag that has come out of Pattern as
// before and after, with any value between that needs no attention: no references,
// white space or characters beyond ASCII. It returns the value, which is good
// until Next is called. The tag is not read yet: [Scanner.Take] does that, if it
// is called next.
func (s *Scanner) Repeated(before, after string) (value []byte, ok bool) {
	if s.failure != nil || s.KeepBlank || len(s.bindings) != s.declared {
		return nil, false
	}
	s.leaveTag()
	if classes[s.buf[s.r]]&blank != 0 {
		s.skipBlank()
	}
	from := s.r + len(before)
	if from >= s.w || string(s.buf[s.r:from]) != before {
		return nil, false
	}
	i := from
	for classes[s.buf[i]]&special == 0 {
		i++
	}
	end := i + len(after)
	if end > s.w || string(s.buf[i:end]) != after || i-from > s.limits.Text {
		return nil, false
	}
	s.repeated = end
	return s.buf[from:i], true
}

// Take reads the tag that Repeated has seen.
func (s *Scanner) Take() {
	s.token = s.pos(s.r)
	s.r = s.repeated
}
