package rows

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/ohie-hmis/hmis-go/hmis/dhis2/internal/jsontext"
)

// JSON parses the objects of the array dataValues (RULES.md#data-value-sets).
type JSON struct{ Names Names }

// cut returns the position after the last comma that seems to be between two
// objects, or 0.
func (JSON) cut(b []byte) int {
	for i := len(b) - 1; i > 0; i-- {
		if b[i] != '{' {
			continue
		}
		j := i - 1
		for j > 0 && isBlank(b[j]) {
			j--
		}
		if b[j] != ',' {
			continue
		}
		comma := j
		for j--; j > 0 && isBlank(b[j]); j-- {
		}
		if j >= 0 && b[j] == '}' {
			return comma + 1
		}
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// parse parses objects that are separated by commas. Each chunk but the first
// begins after a comma.
func (f JSON) parse(b []byte, r *Rows, first, last bool) outcome {
	o := &jsonObjects{b: b, r: r, names: f.Names}
	o.b = append(b, make([]byte, Padding)...)[:len(b)] // the padding is not part of the text, so scans stop here
	i, done := 0, 0
	fail := func(err error) outcome {
		if errors.Is(err, jsontext.ErrShort) {
			if !last {
				return outcome{consumed: done, short: true}
			}
			err = jsontext.Syntax(len(b), "unexpected end of the data values")
		}
		return outcome{consumed: done, Err: err}
	}
	for {
		i = jsontext.SkipSpace(b, i)
		if i == len(b) {
			if last {
				return fail(jsontext.ErrShort)
			}
			return outcome{consumed: done, short: first && done == 0}
		}
		if first && done == 0 && b[i] == ']' {
			return outcome{consumed: i + 1, Ended: true}
		}
		if b[i] != '{' {
			return fail(jsontext.Syntax(i, "%q: want a data value in braces", b[i:i+1]))
		}
		start := i
		var err error
		if i, err = o.object(i); err != nil {
			r.Clear()
			return fail(err)
		}
		i = jsontext.SkipSpace(b, i)
		if i == len(b) {
			r.Clear() // the next byte decides whether the list goes on
			return fail(jsontext.ErrShort)
		}
		switch b[i] {
		case ',':
			r.End(start)
			i++
			done = i
		case ']':
			r.End(start)
			return outcome{consumed: i + 1, Ended: true}
		default:
			return fail(jsontext.Syntax(i, "%q: want a comma or ']'", b[i:i+1]))
		}
	}
}

// jsonObjects parses one object after another. In most files all objects have
// the same members in the same order. So each member is first compared with the
// one at the same place in the object before.
type jsonObjects struct {
	b     []byte
	r     *Rows
	names Names
	order []expected
	k     int // index in order of the next member
}

type expected struct {
	text   string // the quoted name and colon, as written
	column Column
}

func (o *jsonObjects) object(i int) (int, error) {
	b := o.b
	var seen uint32
	o.k = 0
	for i++; ; {
		// Between members there may be blanks.
		for i < len(b) && isBlank(b[i]) {
			i++
		}
		if i >= len(b) {
			return i, jsontext.ErrShort
		}
		if b[i] == '}' && seen == 0 && o.k == 0 {
			return i + 1, nil
		}
		var c Column
		start := i
		if o.k < len(o.order) {
			if e := &o.order[o.k]; len(b)-i >= len(e.text) && string(b[i:i+len(e.text)]) == e.text {
				c = e.column
				i += len(e.text)
				goto named
			}
		}
		{
			var err error
			if c, i, err = o.name(i); err != nil {
				return i, err
			}
		}
	named:
		o.k++
		switch c {
		case Ignored:
		case Unknown:
			o.r.FailUnknown("member", memberName(b[start:i]))
		default:
			if bit := uint32(1) << c; seen&bit != 0 {
				o.r.Fail(c, errors.New("want it once in each value"))
			} else {
				seen |= bit
			}
		}
		end, err := o.value(c, i)
		if err != nil {
			return end, err
		}
		i = jsontext.SkipSpace(b, end)
		if i >= len(b) {
			return i, jsontext.ErrShort
		}
		switch b[i] {
		case ',':
			i++
		case '}':
			return i + 1, nil
		default:
			return i, jsontext.Syntax(i, "%q: want a comma or '}'", b[i:i+1])
		}
	}
}

// memberName returns the name in the text of a member, which is its quoted name
// and a colon.
func memberName(text []byte) string {
	name, _ := jsontext.Unquote(text[:bytes.LastIndexByte(text, '"')+1])
	return string(name)
}

// name parses the name of a member and its colon. It will expect them at the
// same place in the next object.
func (o *jsonObjects) name(i int) (Column, int, error) {
	b := o.b
	if b[i] != '"' {
		return 0, i, jsontext.Syntax(i, "%q: want the name of a member", b[i:i+1])
	}
	end, err := jsontext.SkipString(b, i)
	if err != nil {
		return 0, end, err
	}
	name, err := jsontext.Unquote(b[i:end])
	if err != nil {
		return 0, i, jsontext.Syntax(i, "%v", err)
	}
	colon := jsontext.SkipSpace(b, end)
	if colon >= len(b) {
		return 0, colon, jsontext.ErrShort
	}
	if b[colon] != ':' {
		return 0, colon, jsontext.Syntax(colon, "%q: want a colon", b[colon:colon+1])
	}
	c := o.names.Column(string(name))
	e := expected{string(b[i : colon+1]), c}
	if o.k < len(o.order) {
		o.order[o.k] = e
	} else if len(o.order) < 64 {
		o.order = append(o.order, e)
	}
	return c, colon + 1, nil
}

// value parses the value of a member at b[i] into column c. It returns the
// offset after the value.
func (o *jsonObjects) value(c Column, i int) (int, error) {
	b := o.b
	i = jsontext.SkipSpace(b, i)
	if i >= len(b) {
		return i, jsontext.ErrShort
	}
	if b[i] == '"' && c < Ignored {
		i++
		if c < Numbered { // usually the same text as in the row before
			d := &o.r.dicts[c]
			if n := d.recent.size; n > 0 && i+n < len(b) && b[i+n] == '"' {
				if ahead := b[i : i+glance : cap(b)]; d.recent.starts(ahead) || d.find(ahead) {
					o.r.cur.texts[c] = d.last
					return i + n + 1, nil
				}
			}
		}
		end := plainEnd(b, i)
		if end < len(b) && b[end] == '"' {
			o.r.set(c, b[i:end])
			return end + 1, nil
		}
		i--
	}
	end, err := jsontext.SkipValue(b, i, 0)
	if err != nil {
		return end, err
	}
	if c < Ignored {
		o.other(c, b[i:end])
	}
	return end, nil
}

// plainEnd returns the position of the first byte from i that is a quote, a
// backslash or a control character, or len(b). It compares eight bytes at a
// time.
func plainEnd(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// The lowest mark is exact. Marks above a true one may be wrong.
		marks := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
		if marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
		i++
	}
	return i
}

// other parses a value that is no plain string: text with escapes, a literal,
// an object.
func (o *jsonObjects) other(c Column, raw []byte) {
	if raw[0] == '{' && (c == OptionCombo || c == AttributeCombo) {
		options, err := OptionsByCategory(raw)
		if err != nil {
			o.r.Fail(c, err)
			return
		}
		o.r.odd = true
		o.r.curSpelled[c-OptionCombo] = options
		return
	}
	text, err := jsontext.Scalar(raw)
	switch {
	case err != nil:
		o.r.Fail(c, err)
	case text == nil:
	default:
		o.r.set(c, text)
	}
}

// OptionsByCategory parses {"category": "option", ...}.
func OptionsByCategory(raw []byte) (map[string]string, error) {
	options := map[string]string{}
	err := jsontext.Members(raw, func(m jsontext.Member) error {
		text, err := jsontext.Scalar(m.Raw)
		if err != nil || text == nil {
			return fmt.Errorf("category %s: want an option", quoted(m.Name))
		}
		if err := CheckText(m.Name); err != nil {
			return err
		}
		if _, repeats := options[m.Name]; repeats {
			return fmt.Errorf("category %s: want it once", quoted(m.Name))
		}
		options[m.Name] = string(text)
		return CheckText(string(text))
	})
	return options, err
}
