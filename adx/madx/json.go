package madx

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// A place is a line and a column in characters, both from 1.
type place struct{ line, column int }

// A decoder reads JSON (RFC 8259) piece by piece. Repeated members, text that
// is not UTF-8 and anything after the value are errors. Its position is a place
// and a FHIRPath.
type decoder struct {
	r      *bufio.Reader
	limits adx.Limits
	read   int64
	at     place // the place of the next byte
	path   []step
	depth  int
	buf    []byte
	texts  map[string]string // the texts so far, so that equal ones share memory
	skips  int               // depth of values being skipped, which may be longer than a text
	held   int64             // memory of the resource so far, in bytes
}

// A step of a path is a member or, if its name is "", an index.
type step struct {
	name  string
	index int
}

func newDecoder(r io.Reader, l adx.Limits) *decoder {
	fill := func(limit *int, def int) {
		if *limit == 0 {
			*limit = def
		} else if *limit < 0 {
			*limit = int(^uint(0) >> 1)
		}
	}
	fill(&l.Text, 64<<10)
	fill(&l.Attrs, 256)
	fill(&l.Digits, 1000)
	fill(&l.Depth, 64)
	fill(&l.Group, 1_000_000)
	switch {
	case l.Memory == 0:
		l.Memory = 256 << 20
	case l.Memory < 0:
		l.Memory = int64(^uint64(0) >> 1)
	}
	d := &decoder{r: bufio.NewReaderSize(r, 32<<10), limits: l, at: place{1, 1}, texts: map[string]string{}}
	if start, _ := d.r.Peek(3); string(start) == "\xEF\xBB\xBF" {
		_, _ = d.r.Discard(3)
	}
	return d
}

// pathOf returns the FHIRPath of steps below a root:
// "Bundle.entry[2].resource".
func pathOf(root string, path []step) string {
	var b strings.Builder
	b.WriteString(root)
	for _, s := range path {
		if s.name != "" {
			b.WriteString("." + token.Name(s.name))
		} else {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	return b.String()
}

// fail returns a finding that ends reading, with a place.
func (d *decoder) fail(at place, f adx.Finding) error {
	f.Severity, f.Line, f.Column = hmis.Critical, at.line, at.column
	f.Path = strings.TrimPrefix(pathOf("", d.path), ".")
	return &f
}

// malformed returns the error for JSON that does not continue as it must.
func (d *decoder) malformed(at place, want string) error {
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

func (d *decoder) byte() (byte, error) {
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
func (d *decoder) peek() (byte, error) {
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

// begin returns an error if the input is XML, HTML, compressed or not UTF-8.
func (d *decoder) begin() error {
	c, err := d.peek()
	if err != nil {
		return err
	}
	start, _ := d.r.Peek(2)
	switch {
	case c == '<':
		return d.fail(d.at, adx.Finding{
			Rule: "MADX-002",
			Err:  errors.New("XML or HTML: want JSON"),
		})
	case string(start) == "\x1F\x8B":
		return d.fail(d.at, adx.Finding{
			Rule: "ADX-002",
			Err:  errors.New("gzip data: want JSON in UTF-8"),
		})
	case c >= 0x80, len(start) == 2 && (start[0] == 0) != (start[1] == 0):
		return d.fail(d.at, adx.Finding{
			Rule: "ADX-002",
			Err:  errors.New("text that is not UTF-8: want JSON in UTF-8"),
		})
	}
	return nil
}

// end returns an error if anything follows.
func (d *decoder) end() error {
	if _, err := d.peek(); err != nil {
		return err
	}
	if _, err := d.r.Peek(1); err != io.EOF {
		return d.malformed(d.at, "nothing after the resource")
	}
	return nil
}

func (d *decoder) expect(c byte) error {
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

// hold counts n bytes of memory that are kept until a resource has been read.
func (d *decoder) hold(n int) error {
	if d.held += int64(n); d.held > d.limits.Memory {
		return d.fail(d.at, adx.Finding{
			Rule: "ADX-164",
			Err:  fmt.Errorf("the resource takes more than %d bytes", d.limits.Memory),
		})
	}
	return nil
}

func (d *decoder) enter() error {
	if d.depth++; d.depth > d.limits.Depth {
		return d.fail(d.at, adx.Finding{
			Rule: "ADX-163",
			Err:  fmt.Errorf("values nested more than %d deep", d.limits.Depth),
		})
	}
	return nil
}

// object reads an object. It calls f for each member, and f must read its
// value.
func (d *decoder) object(f func(key string) error) error {
	if err := d.expect('{'); err != nil {
		return err
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	keys := make([]string, 0, 8)
	for {
		c, err := d.peek()
		if err != nil {
			return err
		}
		if c == '}' && len(keys) == 0 {
			_, err = d.byte()
			return err
		}
		at := d.at
		key, err := d.text()
		if err != nil {
			return err
		}
		if slices.Contains(keys, key) {
			return d.fail(at, adx.Finding{
				Rule: "MADX-002",
				Err:  fmt.Errorf("member %s is there twice", quote.Text(key)),
			})
		}
		if keys = append(keys, key); len(keys) > d.limits.Attrs {
			return d.fail(at, adx.Finding{
				Rule: "ADX-161",
				Err:  fmt.Errorf("more than %d members", d.limits.Attrs),
			})
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
func (d *decoder) array(f func(i int) error) error {
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
func (d *decoder) more(end byte) (done bool, err error) {
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
func (d *decoder) number() (string, error) {
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
func (d *decoder) literal() (string, error) {
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
func (d *decoder) skip() error {
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

// located returns err if it is a finding, and otherwise the error of the input.
func located(err error) error {
	if f, ok := errors.AsType[*adx.Finding](err); ok {
		return f
	}
	return fmt.Errorf("adx: %w", err)
}
