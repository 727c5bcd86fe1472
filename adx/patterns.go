package adx

import "slices"

// Messages of many org units repeat the same few forms: most values have a tag
// that was there before but for the number. Readers and Writers remember such tags
// with what they mean, and which one came after which.
type patterns struct {
	list  []pattern // list[0] is the beginning of a group
	index map[string]int
	last  int // the pattern of the last value
}

// A pattern is a tag of a value, as it stands before and after the number.
type pattern struct {
	before, after string
	dataElement   string
	attrs         []Attr
	key           key // of the value within its group
	next          int // what came after it
}

const (
	maxPatterns   = 1 << 12
	maxPatternLen = 512
	maxSkipped    = 4 // values of a form that one org unit leaves out
)

// begin begins a group.
func (p *patterns) begin() {
	if len(p.list) == 0 || len(p.list) > maxPatterns {
		p.list = append(p.list[:0], pattern{})
		p.index = map[string]int{}
	}
	p.last = 0
}

// learn remembers the tag of a value.
func (p *patterns) learn(before, after []byte, v *Value, k key) {
	if len(before)+len(after) > maxPatternLen {
		return
	}
	tag := string(before) + "\x00" + string(after)
	i, known := p.index[tag]
	if !known {
		i = len(p.list)
		if i > maxPatterns {
			return // until the next group
		}
		p.index[tag] = i
		p.list = append(p.list, pattern{
			before: tag[:len(before)], after: tag[len(before)+1:],
			dataElement: v.DataElement, attrs: slices.Clone(v.Attrs), key: k,
			next: p.list[p.last].next, // it may have been left out until now
		})
	}
	p.list[p.last].next = i
	p.last = i
}

// repeated reads the next value if its tag is one that is expected here. It is
// false if it is not; nothing has been read then.
func (r *Reader) repeated() (bool, error) {
	p, d := &r.patterns, &r.next
	i := p.last
	for range maxSkipped {
		if i = p.list[i].next; i == 0 {
			return false, nil
		}
		t := &p.list[i]
		number, ok := r.xml.Repeated(t.before, t.after)
		if !ok {
			continue
		}
		digits, ok := decimalDigits(number)
		if !ok || digits > r.limits.Digits || r.values >= r.limits.Values || len(d.values) >= r.limits.Group {
			return false, nil // the long way tells what is wrong
		}
		r.xml.Take()
		p.last = i
		r.values++
		pos := r.xml.Pos()
		from := len(d.attrs)
		d.attrs = append(d.attrs, t.attrs...)
		d.values = append(d.values, Value{DataElement: t.dataElement, Value: d.text(number), Line: pos.Line, Column: pos.Column})
		v := &d.values[len(d.values)-1]
		if to := len(d.attrs); to > from {
			v.Attrs = d.attrs[from:to:to]
		}
		if d.bad {
			return true, nil
		}
		return true, r.keepNew(t.key, from)
	}
	return false, nil
}

// repeated writes a value if its tag is one that is expected here, and returns its
// key. It is false if it is not; nothing has been written then.
func (w *Writer) repeated(v *Value) (key, bool) {
	if v.Annotation != nil {
		return key{}, false
	}
	p := &w.patterns
	i := p.last
	for range maxSkipped {
		if i = p.list[i].next; i == 0 {
			break
		}
		t := &p.list[i]
		if v.DataElement != t.dataElement || !slices.Equal(v.Attrs, t.attrs) {
			continue
		}
		if _, ok := decimalDigits(v.Value); !ok {
			break // the long way tells what is wrong
		}
		w.buf = append(w.buf, t.before...)
		w.buf = append(w.buf, v.Value...)
		w.buf = append(w.buf, t.after...)
		p.last = i
		return t.key, true
	}
	return key{}, false
}
