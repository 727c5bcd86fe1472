package xmlstream

// A partial remembers how far complete has searched markup whose end is not in
// the buffer yet. Each piece of markup starts with the zero partial.
type partial struct {
	seen  int  // how many bytes from buf[r] were searched
	quote byte // the quotation mark that is open there, or 0
}

// complete reads more input until it is worth parsing the markup at buf[r]
// again. That is when its > or an error in it has arrived, or the buffer has
// twice as much of it. So markup needs linear time, however small the pieces of
// input are, and a reader never waits for bytes after its end. At the end of
// the document the result is true once, so that the next attempt reports the
// error.
func (s *Scanner) complete(p *partial) bool {
	had, ended := s.w-s.r, s.rerr != nil
	for s.more() {
		if s.look(p) || s.w-s.r >= 2*had {
			return true
		}
	}
	return !ended
}

// look searches the new part of the markup and reports whether it contains the
// end.
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
