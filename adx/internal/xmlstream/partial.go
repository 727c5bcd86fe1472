package xmlstream

// A partial remembers how far complete has searched markup whose end is not in
// the buffer yet. Each piece of markup starts with the zero partial.
type partial struct {
	seen  int  // number of bytes from buf[r] on that were searched
	quote byte // the quotation mark that is open after these bytes, or 0
}

// complete reads more input until another attempt to parse the markup at buf[r]
// is useful. That is when its > or an error in it has arrived, or when the
// buffer has twice as much of it.
//
// So the work is linear, however small the pieces of input are, and the Scanner
// never waits for bytes after the markup. At the end of the document the result
// is true once, so that the next attempt reports the error.
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
