package xmlstream

// A partial is how far complete has searched markup whose end is not in the
// buffer yet. Each piece of markup begins with the zero partial.
type partial struct {
	seen  int  // bytes from buf[r] on
	quote byte // the one that is open there, or 0
}

// complete reads on until the markup at buf[r] can be tried again: its > or an
// error in it has arrived, or the buffer holds twice as much of it. So markup
// needs linear time, however small the pieces of input are, and nothing beyond
// its end is awaited. The result is true once more at the end of the document,
// so that the next try finds what is wrong.
func (s *Scanner) complete(p *partial) bool {
	had, ended := s.w-s.r, s.rerr != nil
	for s.more() {
		if s.look(p) || s.w-s.r >= 2*had {
			return true
		}
	}
	return !ended
}

// look searches the new part of the markup and reports whether its end is
// there.
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
