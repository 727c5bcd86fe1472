package madx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A jsonReader reads JSON (RFC 8259) piece by piece. Repeated members, text that
// is not UTF-8 and anything after the value are errors.
type jsonReader struct {
	*cursor
	r    *bufio.Reader
	read int64
	buf  []byte
}

// malformed returns the error for JSON that does not continue as it must.
func (d *jsonReader) malformed(at place, want string) error {
	b, err := d.r.Peek(1)
	if err == io.EOF {
		return d.fail(at, adx.Finding{
			Rule: "MADX-002",
			Err:  fmt.Errorf("the JSON ends too early: want %s", want),
		})
	}
	if err != nil {
		return err
	}
	return d.fail(at, adx.Finding{Rule: "MADX-002", Err: fmt.Errorf("%q: want %s", b, want)})
}

func (d *jsonReader) byte() (byte, error) {
	c, err := d.r.ReadByte()
	if err == io.EOF {
		return 0, d.fail(d.at, adx.Finding{
			Rule: "MADX-002",
			Err:  errors.New("the JSON ends too early"),
		})
	}
	if err != nil {
		return 0, err
	}
	if d.read++; d.limits.Bytes > 0 && d.read > d.limits.Bytes {
		return 0, d.fail(d.at, adx.Finding{
			Rule: "ADX-164",
			Err:  fmt.Errorf("more than %d bytes", d.limits.Bytes),
		})
	}
	switch {
	case c == '\n':
		d.at = place{d.at.line + 1, 1}
	case c < 0x80 || c >= 0xC0: // only the first byte of a character counts as a column
		d.at.column++
	}
	return c, nil
}

// peek skips white space and returns the byte after it, without reading that.
// It returns 0 at the end of the input.
func (d *jsonReader) peek() (byte, error) {
	for {
		b, err := d.r.Peek(1)
		if err == io.EOF {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		switch b[0] {
		case ' ', '\t', '\n', '\r':
			if _, err := d.byte(); err != nil {
				return 0, err
			}
		default:
			return b[0], nil
		}
	}
}

// begin returns an error if the input is compressed or not UTF-8.
func (d *jsonReader) begin() error {
	c, err := d.peek()
	if err != nil {
		return err
	}
	start, _ := d.r.Peek(2)
	switch {
	case string(start) == "\x1F\x8B":
		return d.fail(d.at, adx.Finding{
			Rule: "ADX-002",
			Err:  errors.New("gzip data: want JSON or XML"),
		})
	case c >= 0x80, len(start) == 2 && (start[0] == 0) != (start[1] == 0):
		return d.fail(d.at, adx.Finding{
			Rule: "ADX-002",
			Err:  errors.New("text that is not UTF-8: want JSON in UTF-8"),
		})
	}
	return nil
}

// end returns an error if anything follows the value.
func (d *jsonReader) end() error {
	if _, err := d.peek(); err != nil {
		return err
	}
	if _, err := d.r.Peek(1); err != io.EOF {
		return d.malformed(d.at, "nothing after the resource")
	}
	return nil
}

func (d *jsonReader) expect(c byte) error {
	got, err := d.peek()
	if err != nil {
		return err
	}
	if got != c {
		return d.malformed(d.at, strconv.QuoteRune(rune(c)))
	}
	_, err = d.byte()
	return err
}

// fits reports whether the next value has the given kind.
func (d *jsonReader) fits(kind byte) (fit, error) {
	c, err := d.peek()
	if err != nil {
		return other, err
	}
	if c == '-' || '0' <= c && c <= '9' {
		c = '0'
	}
	if c == kind {
		return fitting, nil
	}
	return other, nil
}

// object reads an object. It calls f for each member, and f must read its
// value.
func (d *jsonReader) object(f func(key string) error) error {
	if err := d.expect('{'); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	members := make(memberList, 0, 8)
	for {
		c, err := d.peek()
		if err != nil {
			return err
		}
		if c == '}' && len(members) == 0 {
			_, err = d.byte()
			return err
		}
		at := d.at
		key, err := d.text()
		if err != nil {
			return err
		}
		if err := members.add(d.cursor, at, key); err != nil {
			return err
		}
		if err := d.expect(':'); err != nil {
			return err
		}
		d.path = append(d.path, step{name: key})
		if err := f(key); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
		if done, err := d.more('}'); done || err != nil {
			return err
		}
	}
}

// array reads an array. It calls f for each item, and f must read it.
func (d *jsonReader) array(f func(i int) error) error {
	if err := d.expect('['); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	for i := 0; ; i++ {
		c, err := d.peek()
		if err != nil {
			return err
		}
		if c == ']' && i == 0 {
			_, err = d.byte()
			return err
		}
		d.path = append(d.path, step{index: i})
		if err := f(i); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
		if done, err := d.more(']'); done || err != nil {
			return err
		}
	}
}

// more reads the comma between items, or the end of the list. done is true at
// the end.
func (d *jsonReader) more(end byte) (done bool, err error) {
	c, err := d.peek()
	switch {
	case err != nil:
		return false, err
	case c != ',' && c != end:
		return false, d.malformed(d.at, "',' or "+strconv.QuoteRune(rune(end)))
	}
	_, err = d.byte()
	return c == end, err
}

// number reads a number and returns its text.
func (d *jsonReader) number() (string, error) {
	if _, err := d.peek(); err != nil {
		return "", err
	}
	at := d.at
	d.buf = d.buf[:0]
	for {
		b, err := d.r.Peek(1)
		if err == io.EOF || err == nil && strings.IndexByte("+-.eE0123456789", b[0]) < 0 {
			break
		}
		if err != nil {
			return "", err
		}
		c, err := d.byte()
		if err != nil {
			return "", err
		}
		if d.buf = append(d.buf, c); len(d.buf) > d.limits.Digits {
			return "", d.fail(at, adx.Finding{
				Rule: "ADX-162",
				Err:  fmt.Errorf("a number of more than %d digits", d.limits.Digits),
			})
		}
	}
	if !isNumber(string(d.buf)) {
		return "", d.fail(at, adx.Finding{
			Rule: "MADX-002",
			Err:  fmt.Errorf("%s: want a number", quote.Text(string(d.buf))),
		})
	}
	return string(d.buf), nil
}

// isNumber reports whether s is a number in JSON.
func isNumber(s string) bool {
	digits := func() int {
		n := 0
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		return n
	}
	s = strings.TrimPrefix(s, "-")
	n := digits()
	if n == 0 || n > 1 && s[0] == '0' {
		return false
	}
	s = s[n:]
	if strings.HasPrefix(s, ".") {
		s = s[1:]
		if n = digits(); n == 0 {
			return false
		}
		s = s[n:]
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if n = digits(); n == 0 {
			return false
		}
		s = s[n:]
	}
	return s == ""
}

// literal reads true, false or null.
func (d *jsonReader) literal() (string, error) {
	c, err := d.peek()
	if err != nil {
		return "", err
	}
	word := map[byte]string{'t': "true", 'f': "false", 'n': "null"}[c]
	if word == "" {
		return "", d.malformed(d.at, "a value")
	}
	at := d.at
	for i := range word {
		c, err := d.byte()
		if err != nil {
			return "", err
		}
		if c != word[i] {
			return "", d.fail(at, adx.Finding{Rule: "MADX-002", Err: fmt.Errorf("want %s", word)})
		}
	}
	return word, nil
}

// skip reads any value.
func (d *jsonReader) skip() error {
	d.skips++
	defer func() { d.skips-- }()
	c, err := d.peek()
	if err != nil {
		return err
	}
	switch {
	case c == '{':
		return d.object(func(string) error { return d.skip() })
	case c == '[':
		return d.array(func(int) error { return d.skip() })
	case c == '"':
		_, err = d.text()
	case c == '-', '0' <= c && c <= '9':
		_, err = d.number()
	default:
		_, err = d.literal()
	}
	return err
}
