package adx

import (
	"math/bits"
	"slices"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
)

// patterns makes reading and writing faster. Messages of many org units repeat
// the same few forms, so most tags differ from an earlier one only in the
// number. A pattern is such a tag with its meaning, and the tag that followed
// it.
type patterns struct {
	list  []pattern // list[0] is the beginning of a group
	index map[uint64]int
	last  int // the pattern of the last value

	// used counts how often a pattern helped, and missed how often there was no
	// room for a new one. Patterns are given up where each value has a remark
	// of its own.
	used, missed int
	idle         bool
}

// A pattern is the tag of a value: what is before the number and what is after
// it.
type pattern struct {
	before, after string
	dataElement   string
	attrs         []Attr
	key           keys.Key // of the value within its group
	next          int      // what came after it
}

const (
	maxPatterns   = 1 << 12
	maxPatternLen = 512
	maxSkipped    = 4 // values of a form that one org unit leaves out
)

// begin prepares for a new group.
func (p *patterns) begin() {
	p.last = 0
	if p.idle {
		return
	}
	p.idle = p.missed > 4*maxPatterns && p.missed > p.used
	if p.idle || len(p.list) == 0 {
		p.list = append(p.list[:0], pattern{})
		p.index = map[uint64]int{}
	}
}

// learn adds the tag of a value. id is its key in index.
func (p *patterns) learn(id uint64, before, after []byte, v *Value, k keys.Key) {
	if p.idle || len(before)+len(after) > maxPatternLen {
		return
	}
	i, known := p.index[id]
	if !known || !p.list[i].is(before, after) {
		i = len(p.list)
		if i > maxPatterns {
			p.missed++
			return
		}
		p.index[id] = i
		p.list = append(p.list, pattern{
			before: string(before), after: string(after),
			dataElement: v.DataElement, attrs: slices.Clone(v.Attrs), key: k,
			next: p.list[p.last].next, // it may have been left out until now
		})
	}
	p.follow(i)
}

// follow records that the last value had pattern i.
func (p *patterns) follow(i int) {
	p.list[p.last].next = i
	p.last = i
}

// is reports whether t has these texts.
func (t *pattern) is(before, after []byte) bool {
	return t.before == string(before) && t.after == string(after)
}

// tagID returns the key of a tag in the index of patterns.
func (c *interner) tagID(before, after []byte) uint64 {
	return keys.Mix(bits.RotateLeft64(c.Bytes(before), 23) + c.Bytes(after))
}

// repeated reads the next value if its tag has a pattern. If it does not, the
// result is false and nothing has been read.
func (r *Reader) repeated() (bool, error) {
	t, number := r.expected()
	if t == nil {
		return false, nil
	}
	d := &r.next
	digits, ok := decimal.Digits(number)
	if !ok || digits > r.limits.Digits || r.values >= r.limits.Values || len(d.values) >= r.limits.Group {
		return false, nil // the long way tells what is wrong
	}
	r.xml.Take()
	r.values++
	pos := r.xml.Pos()
	from := d.room(len(t.attrs))
	d.attrs = append(d.attrs, t.attrs...)
	r.places.note(len(d.values), nil)
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

// expected returns the pattern of the next tag and the number in it. It tries
// the pattern that followed last time, the few after that, and then the index.
// The result is nil if none fits.
func (r *Reader) expected() (*pattern, []byte) {
	p := &r.patterns
	if p.idle {
		return nil, nil
	}
	i := p.last
	for range maxSkipped {
		if i = p.list[i].next; i == 0 {
			break
		}
		t := &p.list[i]
		if number, ok := r.xml.Repeated(t.before, t.after); ok {
			p.last = i
			p.used++
			return t, number
		}
	}
	before, number, after, ok := r.xml.Candidate(" value=")
	if !ok {
		return nil, nil
	}
	i, known := p.index[r.codes.tagID(before, after)]
	if !known || !p.list[i].is(before, after) {
		return nil, nil
	}
	p.follow(i)
	p.used++
	return &p.list[i], number
}

// repeated writes a value if its tag has a pattern, and returns its key. If it
// does not, done is false and nothing has been written.
func (w *Writer) repeated(v *Value) (k keys.Key, done bool) {
	p := &w.patterns
	if v.Annotation != nil || p.idle {
		return keys.Key{}, false
	}
	i := p.last
	for range maxSkipped {
		if i = p.list[i].next; i == 0 {
			break
		}
		if t := &p.list[i]; t.fits(v) {
			p.last = i
			p.used++
			return t.key, w.repeat(t, v)
		}
	}
	if i, known := p.index[w.tagID(v)]; known && p.list[i].fits(v) {
		p.follow(i)
		p.used++
		return p.list[i].key, w.repeat(&p.list[i], v)
	}
	return keys.Key{}, false
}

// fits reports whether v differs from the values of t only in its number.
func (t *pattern) fits(v *Value) bool {
	return v.DataElement == t.dataElement && slices.Equal(v.Attrs, t.attrs)
}

// repeat writes v with the tag of t.
func (w *Writer) repeat(t *pattern, v *Value) bool {
	if _, ok := decimal.Digits(v.Value); !ok {
		return false // the long way tells what is wrong
	}
	w.buf = append(w.buf, t.before...)
	w.buf = append(w.buf, v.Value...)
	w.buf = append(w.buf, t.after...)
	return true
}
