package xmlstream

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text reads the text at buf[r] up to the next tag. The token is 0 if Next must
// not return the text.
func (s *Scanner) text() (Token, error) {
	s.token = s.pos(s.r)
	if len(s.stack) == 0 {
		return 0, s.stray()
	}
	s.Text = s.Text[:0]
	for {
		if s.exhausted() {
			return Text, nil // Next will report the reason why there is no more input
		}
		switch c := s.buf[s.r]; {
		case c == '<':
			if s.unwanted() {
				return 0, nil
			}
			return Text, nil
		case c == ']' && s.has("]]>"):
			return 0, s.fail(Malformed, s.r, "]]>", "it must be written ]]&gt; in a text")
		case c == '&':
			if err := s.textReference(); err != nil {
				return 0, err
			}
		default:
			if err := s.textChar(); err != nil {
				return 0, err
			}
		}
		if len(s.Text) > s.limits.Text {
			return 0, s.fail(TextLimit, s.r, "", "the text is longer than "+itoa(s.limits.Text)+" bytes")
		}
	}
}

// cdata reads the CDATA section at buf[r] as a text.
func (s *Scanner) cdata() (Token, error) {
	s.token = s.pos(s.r)
	s.r += len("<![CDATA[")
	s.Text = s.Text[:0]
	for {
		if s.exhausted() {
			return 0, s.unclosed("a CDATA section")
		}
		switch c := s.buf[s.r]; {
		case c == ']' && s.has("]]>"):
			s.r += len("]]>")
			if s.unwanted() {
				return 0, nil
			}
			return Text, nil
		default:
			if err := s.textChar(); err != nil {
				return 0, err
			}
		}
		if len(s.Text) > s.limits.Text {
			return 0, s.fail(TextLimit, s.r, "", "the text is longer than "+itoa(s.limits.Text)+" bytes")
		}
	}
}

// unwanted reports whether the last text is white space that Next must not
// return. References and CDATA sections can be white space too.
func (s *Scanner) unwanted() bool {
	return !s.KeepBlank && len(bytes.Trim(s.Text, " \t\r\n")) == 0
}

// textChar appends the character at buf[r] to the text. At the end of the
// buffer it does nothing.
func (s *Scanner) textChar() error {
	size, err := s.step()
	if err != nil || size == 0 {
		return err
	}
	char := s.buf[s.r-size : s.r]
	if char[0] == '\r' {
		char = []byte{'\n'} // every line end becomes a line feed
	}
	s.Text = append(s.Text, char...)
	return nil
}

// step skips the character at buf[r] and returns its size. A line end is one
// character. The size is 0 if only a part of the character was in the buffer;
// step has then read the rest.
func (s *Scanner) step() (size int, err error) {
	c := s.buf[s.r]
	switch {
	case s.r == s.w:
		return 0, nil
	case c >= utf8.RuneSelf:
		_, size, err := s.char(s.r)
		if err != nil {
			return 0, err
		}
		if size == 0 {
			s.more()
			return 0, nil
		}
		s.r += size
		s.wide += int64(size - 1)
		return size, nil
	case c == '\r':
		if s.r+1 == s.w && s.more() {
			return 0, nil
		}
		size = 1
		if s.buf[s.r+1] == '\n' {
			size = 2
		}
		s.r += size
		s.newLine()
		return size, nil
	case classes[c]&illegal != 0:
		return 0, s.control(s.r)
	}
	s.r++
	if c == '\n' {
		s.newLine()
	}
	return 1, nil
}

// textReference appends the character that the reference at buf[r] stands for.
func (s *Scanner) textReference() error {
	r, size, err := s.reference(s.r)
	if err != nil {
		return err
	}
	if size == 0 {
		if !s.more() {
			return s.incomplete("a reference")
		}
		return nil
	}
	s.Text = appendRune(s.Text, r)
	s.r += size
	return nil
}

// reference reads the reference at buf[i] and returns its character. The size
// is 0 if the buffer does not have all of it. Only the five entities that XML
// predefines are known.
func (s *Scanner) reference(i int) (r rune, size int, err error) {
	const longest = 32
	window := s.buf[i+1 : min(s.w, i+longest)]
	n := bytes.IndexByte(window, ';')
	if n < 0 && len(window) < longest-1 && s.rerr == nil && !bytes.ContainsAny(window, " <\"'&") {
		return 0, 0, nil
	}
	if n <= 0 {
		return 0, 0, s.fail(Malformed, i, "", "& must be written &amp;")
	}
	text := string(window[:n])
	size = n + 2
	switch text {
	case "amp":
		return '&', size, nil
	case "lt":
		return '<', size, nil
	case "gt":
		return '>', size, nil
	case "quot":
		return '"', size, nil
	case "apos":
		return '\'', size, nil
	}
	digits, isNumber := strings.CutPrefix(text, "#")
	if !isNumber {
		return 0, 0, s.fail(Malformed, i, "&"+text+";", "the entity is not known")
	}
	base := 10
	if rest, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = rest, 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return 0, 0, s.fail(Malformed, i, "&"+text+";", "want the number of a character")
	}
	if v > utf8.MaxRune || !isChar(rune(v)) {
		return 0, 0, s.fail(Malformed, i, "&"+text+";", "this character is not allowed in XML")
	}
	return rune(v), size, nil
}

// stray returns the error for text outside the root element.
func (s *Scanner) stray() error {
	if s.rooted {
		return s.fail(Outside, s.r, "", "there is text after the root of "+s.root.at())
	}
	const shown = 60
	s.ahead(shown + utf8.UTFMax)
	head := s.Head(shown)
	first := s.base+int64(s.r) == s.lineStart && s.line == 1
	isXML := !first || head[0] != '{' && head[0] != '[' && bytes.IndexByte(head, '<') >= 0
	if isXML {
		head = head[:1]
	}
	for i := 0; i < len(head); i++ {
		if head[i] >= utf8.RuneSelf {
			_, size, err := s.char(s.r + i)
			if err != nil {
				return err
			}
			i += max(size, 1) - 1
		} else if classes[head[i]]&illegal != 0 {
			return s.control(s.r + i)
		}
	}
	if isXML {
		return s.fail(Outside, s.r, "", "there is text before the root")
	}
	return s.fail(Malformed, s.r, string(head), "this is not XML")
}

// exhausted reports whether the document ends at buf[r].
func (s *Scanner) exhausted() bool { return s.r == s.w && !s.more() }

// ahead reads until n bytes are in the buffer from r on.
func (s *Scanner) ahead(n int) bool {
	for s.w-s.r < n {
		if !s.more() {
			return false
		}
	}
	return true
}

// has reports whether prefix comes next in the document.
func (s *Scanner) has(prefix string) bool {
	return s.ahead(len(prefix)) && string(s.buf[s.r:s.r+len(prefix)]) == prefix
}

// markup reads the comment, CDATA section or DOCTYPE at buf[r]. The token is 0
// if Next must not return anything for it.
func (s *Scanner) markup() (Token, error) {
	switch {
	case s.has("<!--"):
		return 0, s.comment()
	case s.has("<![CDATA["):
		if len(s.stack) == 0 {
			return 0, s.stray()
		}
		return s.cdata()
	case s.has("<!DOCTYPE"):
		s.ahead(60)
		return 0, s.fail(Doctype, s.r, string(s.Head(60)), "a DOCTYPE is not allowed")
	}
	s.ahead(12)
	return 0, s.fail(Malformed, s.r, string(bytes.ToValidUTF8(s.Head(12), nil)), "this markup is not allowed here")
}

// unclosed returns the error for markup without an end. Its place is the
// beginning of the token.
func (s *Scanner) unclosed(what string) error {
	err := s.incomplete(what).(*Error)
	if err.Kind == Malformed {
		err.Pos = s.token
		err.Msg = what + " is never closed"
	}
	return err
}

// comment skips the comment at buf[r].
func (s *Scanner) comment() error {
	s.token = s.pos(s.r)
	s.r += len("<!--")
	for {
		switch {
		case s.exhausted():
			return s.unclosed("a comment")
		case s.buf[s.r] == '-' && s.has("--"):
			if !s.has("-->") {
				if s.w-s.r < 3 {
					return s.unclosed("a comment")
				}
				return s.fail(Malformed, s.r, "--", "it is not allowed within a comment")
			}
			s.r += len("-->")
			return nil
		default:
			if _, err := s.step(); err != nil {
				return err
			}
		}
	}
}

// instruction skips the processing instruction at buf[r].
func (s *Scanner) instruction() error {
	s.token = s.pos(s.r)
	var target *name
	var part partial
	for {
		n, i, err := s.name(s.r + 2)
		if err != nil {
			return err
		}
		if n != nil {
			target = n
			if c := s.buf[i]; classes[c]&blank == 0 && c != '?' {
				return s.fail(Malformed, i, "", "want white space after the name of a processing instruction")
			}
			break
		}
		if s.w-s.r > s.limits.Text {
			return s.fail(TextLimit, s.r, "", "a name is longer than "+itoa(s.limits.Text)+" bytes")
		}
		if !s.complete(&part) {
			return s.unclosed("a processing instruction")
		}
	}
	switch {
	case strings.EqualFold(target.raw, "xml"):
		return s.fail(Malformed, s.r, "", "an XML declaration may only be the very first thing")
	case target.prefix != "":
		return s.fail(Malformed, s.r, target.raw, "the name of a processing instruction has no colon")
	}
	s.advance(s.r + 2 + len(target.raw))
	for {
		switch {
		case s.exhausted():
			return s.unclosed("a processing instruction")
		case s.buf[s.r] == '?' && s.has("?>"):
			s.r += len("?>")
			return nil
		default:
			if _, err := s.step(); err != nil {
				return err
			}
		}
	}
}

// declaration reads the XML declaration, if there is one.
func (s *Scanner) declaration() error {
	if !s.has("<?xml") || !s.ahead(6) || classes[s.buf[s.r+5]]&blank == 0 {
		return nil
	}
	const longest = 1024
	end := s.find("?>", longest)
	if end < 0 {
		if s.w-s.r < longest {
			return s.incomplete("the XML declaration")
		}
		return s.fail(Malformed, s.r, "", "want an XML declaration of modest length")
	}
	rest := string(s.buf[s.r+5 : end])
	for i, known := range []string{"version", "encoding", "standalone"} {
		value, after, ok := pseudo(rest, known)
		if !ok {
			if i == 0 {
				return s.fail(Malformed, s.r, "", `want an XML declaration with version="1.0"`)
			}
			continue
		}
		rest = after
		switch {
		case i == 0 && value != "1.0":
			return s.fail(Malformed, s.r, value, "want XML version 1.0")
		case i == 1:
			if err := s.checkEncoding(value, s.r); err != nil {
				return err
			}
		case i == 2 && value != "yes" && value != "no":
			return s.fail(Malformed, s.r, value, "want yes or no for standalone")
		}
	}
	if strings.Trim(rest, " \t\r\n") != "" {
		return s.fail(Malformed, s.r, "", "want an XML declaration with version, encoding and standalone")
	}
	s.advance(end + 2)
	return nil
}

// pseudo splits name="value" from the rest of an XML declaration. ok is false
// if s does not begin with it.
func pseudo(s, name string) (value, rest string, ok bool) {
	const blanks = " \t\r\n"
	trimmed := strings.TrimLeft(s, blanks)
	if trimmed == s {
		return "", s, false
	}
	after, ok := strings.CutPrefix(trimmed, name)
	after = strings.TrimLeft(after, blanks)
	if !ok || after == "" || after[0] != '=' {
		return "", s, false
	}
	after = strings.TrimLeft(after[1:], blanks)
	if after == "" || after[0] != '"' && after[0] != '\'' {
		return "", s, false
	}
	value, rest, ok = strings.Cut(after[1:], after[:1])
	return value, rest, ok
}

func appendRune(b []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(b, byte(r))
	}
	return utf8.AppendRune(b, r)
}

func itoa(n int) string { return strconv.Itoa(n) }

// hex returns a byte in the form 0xFF.
func hex(c byte) string { return "0x" + strings.ToUpper(strconv.FormatUint(uint64(c), 16)) }

// hexRune returns the code of a character in the form 000B.
func hexRune(r rune) string {
	s := strings.ToUpper(strconv.FormatInt(int64(r), 16))
	return strings.Repeat("0", max(0, 4-len(s))) + s
}
