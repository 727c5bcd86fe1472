package adx

import (
	"math/bits"
	"slices"

	"github.com/ohie-hmis/hmis-go/adx/internal/decimal"
	"github.com/ohie-hmis/hmis-go/adx/internal/keys"
)

// A patterns makes reading and writing faster. In messages of many org units
// most tags equal an earlier one except for the number. A pattern is such a tag
// with its meaning and the tag that followed it.
type patterns struct {
	list  []pattern // the patterns; list[0] is the start of a group
	index map[uint64]int
	last  int // index of the pattern of the last value

	// used counts how often a pattern was used, and missed how often there was
	// no room for a new one. If patterns are rarely used, as with a remark on
	// every value, they are switched off.
	used, missed int
	idle         bool
}

// A pattern is the tag of a value: the bytes before and after the number.
type pattern struct {
	before, after string
	dataElement   string
	attrs         []Attr
	key           keys.Key // the key of the value within its group
	next          int      // index of the pattern of the value that followed last time
}

const (
	maxPatterns   = 1 << 12
	maxPatternLen = 512
	maxSkipped    = 4 // number of values of a form that an org unit may leave out
)

// begin prepares for the values of a new group.
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

// learn adds the tag of a value as a pattern. id is its key in index.
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
			next: p.list[p.last].next, // the value may only have been left out before, so the same pattern is expected next
		})
	}
	p.follow(i)
}

// follow records that the last value had pattern i.
func (p *patterns) follow(i int) {
	p.list[p.last].next = i
	p.last = i
}

// is reports whether before and after are the texts of t.
func (t *pattern) is(before, after []byte) bool {
	return t.before == string(before) && t.after == string(after)
}

// tagID returns the key of a tag in the index.
func (c *interner) tagID(before, after []byte) uint64 {
	return keys.Mix(bits.RotateLeft64(c.Bytes(before), 23) + c.Bytes(after))
}

// repeated reads the next value if its tag has a pattern. If it has none, the
// result is false and nothing has been read.
func (r *Reader) repeated() (bool, error) {
	t, number := r.expected()
	if t == nil {
		return false, nil
	}
	d := &r.next
	digits, ok := decimal.Digits(number)
	if !ok || digits > r.limits.Digits || r.values >= r.limits.Values || len(d.values) >= r.limits.Group {
		return false, nil // the slow method reports what is wrong
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

// expected returns the pattern of the next tag, and the number in the tag. It
// tries the pattern that followed last time, the few after that one, and then
// the index. The pattern is nil if none fits.
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
// has none, done is false and nothing has been written.
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

// fits reports whether v differs from the values with pattern t only in its
// number.
func (t *pattern) fits(v *Value) bool {
	return v.DataElement == t.dataElement && slices.Equal(v.Attrs, t.attrs)
}

// repeat writes v with the tag of t.
func (w *Writer) repeat(t *pattern, v *Value) bool {
	if _, ok := decimal.Digits(v.Value); !ok {
		return false // the slow method reports what is wrong
	}
	w.buf = append(w.buf, t.before...)
	w.buf = append(w.buf, v.Value...)
	w.buf = append(w.buf, t.after...)
	return true
}
