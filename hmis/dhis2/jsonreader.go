package dhis2

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/rows"
)

// A jsonReader reads a JSON text piece by piece, with one value in memory at a
// time.
type jsonReader struct {
	src   io.Reader
	buf   []byte
	pos   int   // position of the next byte in buf
	base  int64 // offset of buf in the input
	end   bool  // src has ended
	limit int   // length of the longest value in bytes
}

func newJSONReader(r io.Reader, limit int) (*jsonReader, error) {
	text, skipped, err := open(r)
	if err != nil {
		return nil, err
	}
	return &jsonReader{src: text, base: skipped, limit: limit}, nil
}

func (j *jsonReader) offset() int64 { return j.base + int64(j.pos) }

func (j *jsonReader) fail(format string, args ...any) error {
	return &ReadError{Offset: j.offset(), Row: -1, Err: fmt.Errorf(format, args...)}
}

// more reads more input and keeps the buffer from pos on. The buffer grows only
// as input arrives.
func (j *jsonReader) more() error {
	if j.pos > 0 {
		n := copy(j.buf, j.buf[j.pos:])
		j.buf, j.base, j.pos = j.buf[:n], j.base+int64(j.pos), 0
	}
	buf, end, err := rows.ReadFull(j.src, j.buf, max(64<<10, 2*len(j.buf)))
	j.buf, j.end = buf, end
	if err != nil {
		j.pos = len(buf)
		return at(j.offset(), err)
	}
	return nil
}

// peek skips blanks and returns the next byte, without reading it. At the end
// it returns 0.
func (j *jsonReader) peek() (byte, error) {
	for {
		if j.pos = jsontext.SkipSpace(j.buf, j.pos); j.pos < len(j.buf) {
			return j.buf[j.pos], nil
		}
		if j.end {
			return 0, nil
		}
		if err := j.more(); err != nil {
			return 0, err
		}
	}
}

// isJSON returns an error for texts in other forms that are often confused with
// JSON.
func (j *jsonReader) isJSON(what string) error {
	c, err := j.peek()
	switch {
	case err != nil || c == '{' || c == '[' || c == 0:
		return err
	case c == '<':
		return j.fail("XML: want %s in JSON", what)
	case 'a' <= c|0x20 && c|0x20 <= 'z' || c == '"':
		return j.fail("%s: want %s in JSON", quoted(firstLine(j.buf[j.pos:])), what)
	}
	return nil
}

// firstLine returns the first line of b.
func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	return bytes.TrimSpace(line)
}

// expect reads one byte, which must be want.
func (j *jsonReader) expect(want byte) error {
	c, err := j.peek()
	if err != nil {
		return err
	}
	if c != want {
		return j.unexpected(c, fmt.Sprintf("%q", want))
	}
	j.pos++
	return nil
}

func (j *jsonReader) unexpected(c byte, want string) error {
	if c == 0 && j.pos >= len(j.buf) {
		return at(j.offset(), fmt.Errorf("%w: want %s", io.ErrUnexpectedEOF, want))
	}
	return j.fail("%q: want %s", string(rune(c)), want)
}

// raw returns the text of the next value, after checking its syntax. It is
// valid until the next call. offset is the place where it begins.
func (j *jsonReader) raw() (raw []byte, offset int64, err error) {
	if _, err := j.peek(); err != nil {
		return nil, 0, err
	}
	for {
		end, err := jsontext.SkipValue(j.buf, j.pos, 0)
		if errors.Is(err, jsontext.ErrShort) && j.end && end >= len(j.buf) && end > j.pos && isDigit(j.buf[end-1]) {
			err = nil // a number at the end of the input
		}
		switch bad := (*jsontext.SyntaxError)(nil); {
		case err == nil:
			raw, offset = j.buf[j.pos:end], j.offset()
			j.pos = end
			if err := jsontext.ValidUTF8(raw); err != nil {
				return nil, 0, within(offset, err)
			}
			return raw, offset, nil
		case errors.As(err, &bad):
			return nil, 0, at(j.base+int64(bad.Pos), err)
		case j.end:
			return nil, 0, at(j.base+int64(len(j.buf)), io.ErrUnexpectedEOF)
		case len(j.buf)-j.pos > j.limit:
			return nil, 0, j.fail("want at most %d MiB in one value", j.limit>>20)
		}
		if err := j.more(); err != nil {
			return nil, 0, err
		}
	}
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// within returns an error in a value that begins at offset with its place in
// the input.
func within(offset int64, err error) error {
	if bad := (*jsontext.SyntaxError)(nil); errors.As(err, &bad) {
		offset += int64(bad.Pos)
	}
	return at(offset, err)
}

// object reads the next object. It calls value for each member, which must read
// the member's value by raw, array or object.
func (j *jsonReader) object(value func(name string, offset int64) error) error {
	if err := j.expect('{'); err != nil {
		return err
	}
	return j.list('}', func() error {
		c, err := j.peek()
		if err != nil {
			return err
		}
		if c != '"' {
			return j.unexpected(c, "the name of a member")
		}
		raw, offset, err := j.raw()
		if err != nil {
			return err
		}
		name, err := jsontext.Unquote(raw)
		if err != nil {
			return at(offset, err)
		}
		text := string(name)
		if err := j.expect(':'); err != nil {
			return err
		}
		return value(text, offset)
	})
}

// array reads the next array. It calls entry for each entry.
func (j *jsonReader) array(entry func(raw []byte, offset int64) error) error {
	if err := j.expect('['); err != nil {
		return err
	}
	return j.list(']', func() error {
		raw, offset, err := j.raw()
		if err != nil {
			return err
		}
		return entry(raw, offset)
	})
}

func (j *jsonReader) list(closing byte, entry func() error) error {
	c, err := j.peek()
	if err != nil {
		return err
	}
	if c == closing {
		j.pos++
		return nil
	}
	for {
		if err := entry(); err != nil {
			return err
		}
		switch c, err := j.peek(); {
		case err != nil:
			return err
		case c == closing:
			j.pos++
			return nil
		case c != ',':
			return j.unexpected(c, fmt.Sprintf("a comma or %q", closing))
		}
		j.pos++
	}
}

// finish returns an error if anything follows.
func (j *jsonReader) finish() error {
	c, err := j.peek()
	if err == nil && j.pos < len(j.buf) {
		err = j.unexpected(c, "the end")
	}
	return err
}
