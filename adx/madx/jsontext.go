package madx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// text reads a string.
func (d *jsonReader) text() (string, error) {
	if err := d.expect('"'); err != nil {
		return "", err
	}
	if s, ok := d.plainText(); ok {
		return s, nil
	}
	at := d.at
	d.buf = d.buf[:0]
	cut := false
	for {
		c, err := d.byte()
		switch {
		case err != nil:
			return "", err
		case c == '"':
			if !cut && !utf8.Valid(d.buf) {
				return "", d.fail(at, adx.Finding{
					Rule: "ADX-002",
					Err:  errors.New("text that is not UTF-8"),
				})
			}
			return d.intern(d.buf), nil
		case c < ' ':
			return "", d.fail(d.at, adx.Finding{
				Rule: "MADX-002",
				Err:  fmt.Errorf("character %U in a text: want it escaped", c),
			})
		case c == '\\':
			if err := d.escape(); err != nil {
				return "", err
			}
		default:
			d.buf = append(d.buf, c)
		}
		if len(d.buf) > d.limits.Text {
			if d.skips == 0 {
				return "", d.fail(at, adx.Finding{
					Rule: "ADX-160",
					Err:  fmt.Errorf("a text of more than %d bytes", d.limits.Text),
				})
			}
			d.buf, cut = d.buf[:0], true // a narrative may be longer than a text is allowed to be, because it is not kept
		}
	}
}

// plainText reads the rest of a string if all of it is in the buffer, without
// escapes and within the limits. If ok is false, nothing has been read.
func (d *jsonReader) plainText() (text string, ok bool) {
	window, _ := d.r.Peek(d.r.Buffered())
	if len(window) > d.limits.Text {
		window = window[:d.limits.Text+1]
	}
	characters, ascii := 0, true
	for i, c := range window {
		switch {
		case c == '"':
			if d.limits.Bytes > 0 && d.read+int64(i) >= d.limits.Bytes || !ascii && !utf8.Valid(window[:i]) {
				return "", false
			}
			s := d.intern(window[:i])
			_, _ = d.r.Discard(i + 1)
			d.read += int64(i) + 1
			d.at.column += characters + 1
			return s, true
		case c == '\\', c < ' ':
			return "", false
		case c >= 0x80:
			ascii = false
		}
		if c < 0x80 || c >= 0xC0 { // only the first byte of a character counts as a column
			characters++
		}
	}
	return "", false
}

func (d *jsonReader) escape() error {
	c, err := d.byte()
	if err != nil {
		return err
	}
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		d.buf = append(d.buf, "\"\\/\b\f\n\r\t"[i])
		return nil
	}
	if c != 'u' {
		return d.fail(d.at, adx.Finding{
			Rule: "MADX-002",
			Err:  fmt.Errorf("unknown escape \\%c", c),
		})
	}
	r, err := d.hex()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		low := rune(-1)
		if next, _ := d.r.Peek(2); string(next) == `\u` {
			_, _ = d.byte()
			_, _ = d.byte()
			if low, err = d.hex(); err != nil {
				return err
			}
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return d.fail(d.at, adx.Finding{
				Rule: "MADX-002",
				Err:  errors.New("half a surrogate pair"),
			})
		}
	}
	d.buf = utf8.AppendRune(d.buf, r)
	return nil
}

func (d *jsonReader) hex() (rune, error) {
	var digits [4]byte
	for i := range digits {
		c, err := d.byte()
		if err != nil {
			return 0, err
		}
		digits[i] = c
	}
	n, err := strconv.ParseUint(string(digits[:]), 16, 32)
	if err != nil || digits[0] == '+' {
		return 0, d.fail(d.at, adx.Finding{
			Rule: "MADX-002",
			Err:  fmt.Errorf("escape \\u%s: want four hexadecimal digits", quote.Text(string(digits[:]))),
		})
	}
	return rune(n), nil
}
