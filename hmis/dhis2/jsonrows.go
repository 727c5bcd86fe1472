package dhis2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// jsonRows reads the objects of the array dataValues (RULES.md#data-value-sets).
type jsonRows struct{ names names }

// cut looks for a comma between two objects.
func (jsonRows) cut(b []byte) int {
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

// parse reads objects with commas between them. A chunk that is not the first
// begins behind a comma.
func (f jsonRows) parse(b []byte, r *rows, first, last bool) outcome {
	o := &jsonObjects{b: b, r: r, names: f.names}
	o.b = append(b, make([]byte, padding)...)[:len(b)] // cap has room for it: scans stop here
	i, done := 0, 0
	fail := func(err error) outcome {
		if errors.Is(err, errShort) {
			if !last {
				return outcome{consumed: done, short: true}
			}
			err = syntax(len(b), "unexpected end of the data values")
		}
		return outcome{consumed: done, err: err}
	}
	for {
		i = skipSpace(b, i)
		if i == len(b) {
			if last {
				return fail(errShort)
			}
			return outcome{consumed: done, short: first && done == 0}
		}
		if first && done == 0 && b[i] == ']' {
			return outcome{consumed: i + 1, ended: true}
		}
		if b[i] != '{' {
			return fail(syntax(i, "%q: want a data value in braces", b[i:i+1]))
		}
		start := i
		var err error
		if i, err = o.object(i); err != nil {
			r.clear()
			return fail(err)
		}
		i = skipSpace(b, i)
		if i == len(b) {
			r.clear() // whether a comma follows decides
			return fail(errShort)
		}
		switch b[i] {
		case ',':
			r.end(start)
			i++
			done = i
		case ']':
			r.end(start)
			return outcome{consumed: i + 1, ended: true}
		default:
			return fail(syntax(i, "%q: want a comma or ']'", b[i:i+1]))
		}
	}
}

// jsonObjects reads one object after the other. Files write the members of all
// objects alike, so each one is first compared with that of the object before.
type jsonObjects struct {
	b     []byte
	r     *rows
	names names
	order []expected
	k     int // position in order
}

type expected struct {
	text   string // quoted name and colon, as written
	column column
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
			return i, errShort
		}
		if b[i] == '}' && seen == 0 && o.k == 0 {
			return i + 1, nil
		}
		var c column
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
		case ignored:
		case unknown:
			o.r.failUnknown("member", memberName(b[start:i]))
		default:
			if bit := uint32(1) << c; seen&bit != 0 {
				o.r.fail(c, errors.New("want it once in each value"))
			} else {
				seen |= bit
			}
		}
		end, err := o.value(c, i)
		if err != nil {
			return end, err
		}
		i = skipSpace(b, end)
		if i >= len(b) {
			return i, errShort
		}
		switch b[i] {
		case ',':
			i++
		case '}':
			return i + 1, nil
		default:
			return i, syntax(i, "%q: want a comma or '}'", b[i:i+1])
		}
	}
}

// memberName returns the name of a member that name has read, from its quoted
// name and colon as written.
func memberName(text []byte) string {
	name, _ := unquote(text[:bytes.LastIndexByte(text, '"')+1])
	return string(name)
}

// name reads the name of a member and its colon, and expects it at the same
// place in the next object.
func (o *jsonObjects) name(i int) (column, int, error) {
	b := o.b
	if b[i] != '"' {
		return 0, i, syntax(i, "%q: want the name of a member", b[i:i+1])
	}
	end, err := skipString(b, i)
	if err != nil {
		return 0, end, err
	}
	name, err := unquote(b[i:end])
	if err != nil {
		return 0, i, syntax(i, "%v", err)
	}
	colon := skipSpace(b, end)
	if colon >= len(b) {
		return 0, colon, errShort
	}
	if b[colon] != ':' {
		return 0, colon, syntax(colon, "%q: want a colon", b[colon:colon+1])
	}
	c := o.names.column(string(name))
	e := expected{string(b[i : colon+1]), c}
	if o.k < len(o.order) {
		o.order[o.k] = e
	} else if len(o.order) < 64 {
		o.order = append(o.order, e)
	}
	return c, colon + 1, nil
}

// value reads the value of a member.
func (o *jsonObjects) value(c column, i int) (int, error) {
	b := o.b
	i = skipSpace(b, i)
	if i >= len(b) {
		return i, errShort
	}
	if b[i] == '"' && c < ignored {
		i++
		if c < numbered { // mostly the text of the row before
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
	end, err := skipValue(b, i, 0)
	if err != nil {
		return end, err
	}
	if c < ignored {
		o.other(c, b[i:end])
	}
	return end, nil
}

// plainEnd returns the position of the first byte from i that is a quote, a
// backslash or a control character, or len(b). It looks at eight bytes at a
// time.
func plainEnd(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// The lowest mark is exact; those above a true one may not be.
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

// other takes a value that is no plain string: text with escapes, a literal, an
// object.
func (o *jsonObjects) other(c column, raw []byte) {
	if raw[0] == '{' && (c == optionCombo || c == attrCombo) {
		options, err := optionsByCategory(raw)
		if err != nil {
			o.r.fail(c, err)
			return
		}
		o.r.odd = true
		o.r.curSpelled[c-optionCombo] = options
		return
	}
	text, err := scalar(raw)
	switch {
	case err != nil:
		o.r.fail(c, err)
	case text == nil:
	default:
		o.r.set(c, text)
	}
}

// optionsByCategory reads {"category": "option", ...}.
func optionsByCategory(raw []byte) (map[string]string, error) {
	options := map[string]string{}
	err := members(raw, func(m member) error {
		text, err := scalar(m.raw)
		if err != nil || text == nil {
			return fmt.Errorf("category %s: want an option", quoted(m.name))
		}
		if err := check(m.name); err != nil {
			return err
		}
		if _, repeats := options[m.name]; repeats {
			return fmt.Errorf("category %s: want it once", quoted(m.name))
		}
		options[m.name] = string(text)
		return check(string(text))
	})
	return options, err
}
