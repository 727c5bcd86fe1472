package xmlstream

// A partial is how far complete has looked through markup that is not in the
// buffer to its end. It begins with the zero value for each piece of markup.
type partial struct {
	seen  int  // bytes from buf[r] on
	quote byte // the one that is open there, or 0
}

// complete reads more of the document until the markup at buf[r], which was not
// there to its end, is worth another try: its > has come, or something that
// ends it with an error, or the buffer holds twice as much of it. So markup
// takes linear time however small the pieces in which it comes, and no more of
// the document is waited for than is needed. It is true once more when the
// document has ended, so that what there is shows what is wrong with it.
func (s *Scanner) complete(p *partial) bool {
	had, ended := s.w-s.r, s.rerr != nil
	for s.more() {
		if s.look(p) || s.w-s.r >= 2*had {
			return true
		}
	}
	return !ended
}

// look looks through what of the markup has come, and reports whether its end is
// in it.
func (s *Scanner) look(p *partial) bool {
	for p.seen < s.w-s.r {
		c := s.buf[s.r+p.seen]
		p.seen++
		switch {
		case p.quote != 0 && c == p.quote:
			p.quote = 0
		case c == '<' && p.seen > 1, p.quote == 0 && c == '>':
			return true
		case p.quote == 0 && (c == '"' || c == '\''):
			p.quote = c
		}
	}
	return false
}
