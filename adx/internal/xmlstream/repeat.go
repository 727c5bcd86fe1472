package xmlstream

import "bytes"

// Documents with data repeat their tags: most tags differ from an earlier one
// only in one value. Such a tag is not parsed again.

// Pattern splits the last tag, which must be an empty element, at the value of
// attribute i. ok is false if the meaning of the two parts could depend on
// their place in the document.
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

// Repeated reports whether the next token is the tag that Pattern has split
// into before and after, with any plain value between them: no references,
// white space or characters beyond ASCII. The value is valid until Next is
// called. Call [Scanner.Take] next to read the tag.
func (s *Scanner) Repeated(before, after string) (value []byte, ok bool) {
	if !s.atTag() {
		return nil, false
	}
	from := s.r + len(before)
	if from >= s.w || string(s.buf[s.r:from]) != before {
		return nil, false
	}
	to := s.plainEnd(from)
	end := to + len(after)
	if end > s.w || string(s.buf[to:end]) != after || to-from > s.limits.Text {
		return nil, false
	}
	s.repeated = end
	return s.buf[from:to], true
}

// Candidate splits the next tag at the first attribute that is written as mark,
// such as ` value=`, without parsing it. If Pattern has returned this before
// and after, the tag is a repeated one and Take may be called. Otherwise the
// result means nothing.
func (s *Scanner) Candidate(mark string) (before, value, after []byte, ok bool) {
	if !s.atTag() {
		return nil, nil, nil, false
	}
	tag := s.buf[s.r:s.w]
	if i := bytes.IndexByte(tag, '>'); i >= 0 {
		tag = tag[:i+1]
	} else {
		return nil, nil, nil, false
	}
	i := bytes.Index(tag, []byte(mark))
	if i < 0 || i+len(mark)+1 >= len(tag) {
		return nil, nil, nil, false
	}
	from := s.r + i + len(mark) + 1 // the offset after the quotation mark
	to := s.plainEnd(from)
	s.repeated = s.r + len(tag)
	if to >= s.repeated || to-from > s.limits.Text {
		return nil, nil, nil, false
	}
	return s.buf[s.r:from], s.buf[from:to], s.buf[to:s.repeated], true
}

// atTag skips to the next tag and reports whether it can be a repeated one.
func (s *Scanner) atTag() bool {
	if s.failure != nil || s.KeepBlank || len(s.bindings) != s.declared {
		return false
	}
	s.leaveTag()
	if classes[s.buf[s.r]]&blank != 0 {
		s.skipBlank()
	}
	return s.buf[s.r] == '<'
}

// plainEnd returns the end of the plain bytes from buf[i] on.
func (s *Scanner) plainEnd(i int) int {
	for classes[s.buf[i]]&special == 0 {
		i++
	}
	return i
}

// Take reads past the tag that Repeated or Candidate has found.
func (s *Scanner) Take() {
	s.token = s.pos(s.r)
	s.r = s.repeated
}
