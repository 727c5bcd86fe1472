package adx

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
	"github.com/ohie-hmis/hmis-go/adx/internal/token"
	"github.com/ohie-hmis/hmis-go/adx/internal/xmlstream"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
)

// readValue reads a value, whose start tag was just read, into the draft of its
// group. A value with an error is left out.
func (r *Reader) readValue() error {
	r.values++
	d := &r.next
	if r.values > r.limits.Values {
		return r.beyond("ADX-164", "the message has more than "+strconv.FormatInt(r.limits.Values, 10)+" values")
	}
	if len(d.values) >= r.limits.Group {
		return r.beyond("ADX-164", "the group has more than "+strconv.Itoa(r.limits.Group)+" values")
	}
	pos := r.xml.Pos()
	attrs, findings := d.room(len(r.xml.Attrs)), r.findings
	r.places.note(len(d.values), r.attrPlaces())
	d.values = append(d.values, Value{Line: pos.Line, Column: pos.Column})
	v := &d.values[len(d.values)-1]
	k, good, err := r.valueAttrs(v)
	if err == nil && !r.xml.Empty {
		var complete bool
		complete, err = r.valueContent(v)
		good = good && complete
	}
	if err != nil || !good {
		r.leave(attrs)
		return err
	}
	if r.findings == findings {
		r.learn(v, k)
	}
	if d.bad {
		return nil
	}
	return r.keepNew(k, attrs)
}

// learn remembers the tag of a value that had no finding.
func (r *Reader) learn(v *Value, k keys.Key) {
	for i := range r.xml.Attrs {
		if r.xml.Attrs[i].Name() != "value" {
			continue
		}
		if before, after, ok := r.xml.Pattern(i); ok {
			r.patterns.learn(r.codes.tagID(before, after), before, after, v, k)
		}
		return
	}
}

// keepNew removes the last value from the draft if an earlier one has its key.
// attrs is the index of its first attribute.
func (r *Reader) keepNew(k keys.Key, attrs int) error {
	d := &r.next
	isNew, err := r.isNew(k, &d.values[len(d.values)-1])
	if !isNew {
		r.leave(attrs)
	}
	return err
}

// leave removes the last value from the draft. attrs is the index of its first
// attribute.
func (r *Reader) leave(attrs int) {
	d := &r.next
	d.values, d.attrs = d.values[:len(d.values)-1], d.attrs[:attrs]
	d.group.Rejected = append(d.group.Rejected, r.value)
}

// valueAttrs reads the attributes of a value, and returns its key within the
// group.
func (r *Reader) valueAttrs(v *Value) (k keys.Key, good bool, err error) {
	d, x := &r.next, r.xml
	good = true
	element, number, combo, dimension := -1, -1, -1, false
	from := len(d.attrs)
	for i := range x.Attrs {
		if x.Attrs[i].Space == "" {
			switch x.Attrs[i].Name() {
			case "dataElement":
				element = i
				continue
			case "value":
				number = i
				continue
			case "orgUnit", "period", "dataSet":
				same, err := r.outOfPlace(i)
				if err != nil {
					return k, false, err
				}
				good = good && same
				continue
			case "categoryOptionCombo":
				combo = i
			}
		}
		attr, attrKey, err := r.attr(i)
		if err != nil {
			return k, false, err
		}
		if attrKey != (keys.Key{}) {
			dimension = dimension || combo != i
			k = k.With(attrKey)
		}
		d.attrs = append(d.attrs, attr)
	}
	if to := len(d.attrs); to > from {
		v.Attrs = d.attrs[from:to:to]
	}
	if combo >= 0 && dimension {
		f := Finding{Rule: "ADX-054", Err: errors.New("it stands beside dimensions of the value")}
		if err := r.reportAttr(hmis.Warning, combo, f); err != nil {
			return k, false, err
		}
	}
	bad := false
	if element >= 0 {
		var code keys.Key
		if v.DataElement, code, err = r.code(element); err != nil {
			return k, false, err
		}
		k = k.And(code)
	}
	if v.DataElement == "" {
		if _, err := r.mandatory("ADX-040", "dataElement", element, &bad); err != nil {
			return k, false, err
		}
	}
	if number < 0 && r.Dialect == DHIS2 {
		return k, good && !bad, nil
	}
	if number < 0 {
		return k, false, r.missing(hmis.Severe, "ADX-041", "value")
	}
	ok, err := r.number(v, number)
	return k, good && ok && !bad, err
}

// number reads the number of a value from attribute i.
func (r *Reader) number(v *Value, i int) (good bool, err error) {
	a := &r.xml.Attrs[i]
	text := r.xml.Value(i)
	if r.Dialect == DHIS2 {
		v.Value = r.next.text(text)
		return true, nil
	}
	if a.Blank {
		text = bytes.Trim(text, " \t\r\n")
	}
	digits, ok := decimal.Digits(text)
	if !ok {
		return false, r.reportAttr(hmis.Severe, i, Finding{
			Rule: "ADX-042", Want: "a decimal such as -3.50",
		})
	}
	if digits > r.limits.Digits {
		f := r.beyond("ADX-162", "the value has more than "+strconv.Itoa(r.limits.Digits)+" digits").(*Finding)
		f.Line, f.Column = r.at(i)
		f.Attr, f.Path = a.Name(), r.path()
		return false, f
	}
	v.Value = r.next.text(text)
	return true, nil
}

// outOfPlace reports an attribute on a value that belongs on the group
// (ADX-051). same is true if the group has it with the same value.
func (r *Reader) outOfPlace(i int) (same bool, err error) {
	g := &r.next.group
	text, want := token.Collapse(string(r.xml.Value(i))), ""
	switch r.xml.Attrs[i].Name() {
	case "orgUnit":
		want = g.OrgUnit
	case "dataSet":
		want = g.DataSet
	case "period":
		want = g.Period.String()
		if read, err := ParseTimeRange(text); err == nil && read.Equal(g.Period) {
			text = want
		}
	}
	f := Finding{Rule: "ADX-051", Err: errors.New("it belongs on the group")}
	severity := hmis.Warning
	if text != want {
		severity, f.Err, f.Want = hmis.Severe, errors.New("it differs from the group"), quote.Text(want)
	}
	return text == want, r.reportAttr(severity, i, f)
}

// valueContent reads the content of a value: an annotation or nothing.
func (r *Reader) valueContent(v *Value) (good bool, err error) {
	good = true
	for {
		token, err := r.xml.Next()
		switch {
		case err != nil:
			return false, err
		case token == xmlstream.End:
			return good, nil
		case token == xmlstream.Text:
			err = r.strayText("dataValue")
		case !r.isElement("annotation"):
			err = r.stranger("dataValue")
		case v.Annotation != nil:
			good = false
			if err = r.report(hmis.Severe, Finding{
				Rule: "ADX-047", Got: "<annotation>", Want: "at most one annotation",
			}); err == nil {
				err = r.skip(true, nil)
			}
		default:
			err = r.annotation(v)
		}
		if err != nil {
			return false, err
		}
	}
}

// annotation reads an annotation, whose start tag was just read. Anything but
// text in it is skipped with a warning (ADX-048).
func (r *Reader) annotation(v *Value) error {
	d := &r.next
	d.scratch = d.scratch[:0]
	for i := range r.xml.Attrs {
		f := Finding{
			Rule: "ADX-048",
			Err:  errors.New("an annotation holds only text: it is left out"),
		}
		if err := r.reportAttr(hmis.Warning, i, f); err != nil {
			return err
		}
	}
	if !r.xml.Empty {
		depth := r.xml.Depth()
		r.xml.KeepBlank = true
		defer func() { r.xml.KeepBlank = false }()
		for {
			token, err := r.xml.Next()
			if err != nil {
				return err
			}
			if token == xmlstream.End && r.xml.Depth() < depth {
				break
			}
			if token == xmlstream.Start {
				if err := r.report(hmis.Warning, Finding{
					Rule: "ADX-048", Got: "<" + r.xml.Name + ">",
					Err: errors.New("an annotation holds only text"),
				}); err != nil {
					return err
				}
			}
			if token != xmlstream.Text {
				continue
			}
			d.scratch = append(d.scratch, r.xml.Text...)
			if len(d.scratch) > r.limits.Text {
				return r.beyond("ADX-160", "the annotation is longer than "+strconv.Itoa(r.limits.Text)+" bytes")
			}
		}
	}
	v.Annotation = d.note(d.text(d.scratch))
	return nil
}

// isNew reports whether no earlier value has this key (ADX-049).
func (r *Reader) isNew(k keys.Key, v *Value) (bool, error) {
	if r.Dialect == DHIS2 {
		return true, nil
	}
	d := &r.next
	limit := r.limits.Group
	if r.Unique {
		k = k.And(d.key)
		limit = r.limits.Keys
	}
	content := r.content(v)
	switch r.keys.Add(k, content, limit) {
	case keys.New:
		return true, nil
	case keys.Full:
		return false, r.beyond("ADX-164", "the message has more than "+strconv.Itoa(limit)+" values to be told apart")
	case keys.Same:
		f := Finding{
			Rule: "ADX-049", Got: v.DataElement, Attr: "dataElement",
			Err: errors.New("the same value has been there before"),
		}
		return false, r.report(r.lenient(), f)
	}
	f := Finding{
		Rule: "ADX-049", Got: v.DataElement, Attr: "dataElement",
		Err: errors.New("another value with the same key has been there before"),
	}
	return false, r.report(hmis.Severe, f)
}

// content returns a hash of the content of a value. Different spellings of a
// number give the same hash.
func (r *Reader) content(v *Value) uint64 {
	n := uint64(0)
	digits, negative := decimal.Number(v.Value)
	if len(digits) < 8 {
		for i := range len(digits) {
			n = n<<8 | uint64(digits[i])
		}
	} else {
		n = r.codes.Short(digits)
	}
	if negative {
		n = ^n
	}
	if v.Annotation != nil {
		n = keys.Mix(n ^ r.codes.Short(*v.Annotation))
	}
	return n
}
