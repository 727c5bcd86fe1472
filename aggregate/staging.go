package aggregate

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/numbering"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// staging is a load under way: a builder for each element met, and the lists
// that columns point into, which begin as those of the cube it goes onto.
type staging struct {
	loader   Loader
	base     *Cube
	defaults hmis.UID
	stop     func() bool
	staged   int // values in builders
	built    int // values that came to columns from builders

	elements []element
	elementN map[hmis.UID]int
	combos   []hmis.UID
	comboN   map[hmis.UID]uint32
	periods  []period.Period
	periodN  map[period.Period]uint32
	years    map[int]bool
}

// An element is what staging needs to know of a data element.
type element struct {
	id      hmis.UID
	typ     hmis.ValueType
	numeric bool
	builder column.Builder
	column  *column.Column // what was built so far, on top of what base has; may be nil
	aside   map[asideKey]aside
	combos  map[int32]bool // that belong to it, if the loader is strict
	rows    []int          // of what is staged, if the loader warns
}

func newStaging(l Loader, base *Cube) *staging {
	return &staging{
		loader:   l,
		base:     base,
		defaults: l.Catalog.DefaultOptionCombo(),
		elementN: map[hmis.UID]int{},
		combos:   slices.Clone(base.combos),
		comboN:   numbering.Index(base.combos),
		periods:  slices.Clone(base.periods),
		periodN:  numbering.Index(base.periods),
		years:    maps.Clone(base.years),
	}
}

// firstStage is how many values are staged at least before they are built in.
const firstStage = 1 << 17

// flushIfMany builds what is staged into columns if that is much, compared with
// what there is: then each value is built a few times at most, in whatever order
// values come.
func (s *staging) flushIfMany() {
	if s.loader.Warn == nil && s.staged >= max(cmp.Or(s.loader.stage, firstStage), s.built/2) {
		s.flush()
	}
}

// flush builds what is staged into columns. Elements are built side by side.
func (s *staging) flush() {
	order := (&Cube{periods: s.periods, combos: s.combos}).order()
	parallel(runtime.GOMAXPROCS(0), len(s.elements), func(i int) {
		if e := &s.elements[i]; e.builder.Len() > 0 && !s.stop() {
			e.builder.Stop = s.stop
			e.column = e.builder.Build(s.loader.Tree.Len(), e.column, order)
		}
	})
	s.built, s.staged = s.built+s.staged, 0
}

// A resolved is a batch's list of ids as staging numbers them, each looked up
// when it is first needed; 0 means not yet, -1 unknown.
type resolved struct{ elements, units, combos, periods []int32 }

// add stages one batch, whose first value is number first of the stream.
func (s *staging) add(b *hmis.Batch, first int) error {
	ids := make([]int32, 3*len(b.IDs)+len(b.Periods))
	n := len(b.IDs)
	r := resolved{ids[:n], ids[n : 2*n], ids[2*n : 3*n], ids[3*n:]}
	var same struct{ unit, period uint32 } // of the row before, as b has them
	unit, p := int32(-1), int32(-1)
	strict, warns := s.loader.Strict, s.loader.Warn != nil
	for i := range b.Len() {
		e := r.elements[b.DataElement[i]] - 1
		if e < 0 {
			e = s.element(r, b, i)
		}
		if at := b.OrgUnit[i]; at != same.unit || unit < 0 {
			unit, same.unit = s.unit(r, b, i), at
		}
		if at := b.Period[i]; at != same.period || p < 0 {
			p, same.period = s.period(r, b, i), at
		}
		if e < 0 || unit < 0 || p < 0 {
			if err := s.reject(b, i, first, s.unknown(b, i, e, unit, p)); err != nil {
				return err
			}
			continue
		}
		combo, attr := r.combos[b.OptionCombo[i]]-1, r.combos[b.AttributeCombo[i]]-1
		if combo < 0 {
			combo = s.combo(r, b, b.OptionCombo[i])
		}
		if attr < 0 {
			attr = s.combo(r, b, b.AttributeCombo[i])
		}
		key := column.Key{Period: uint32(p), OptionCombo: uint32(combo), AttributeCombo: uint32(attr)}
		el := &s.elements[e]
		if strict && !s.belongs(el, combo) {
			if err := s.reject(b, i, first, s.foreignCombo(el, combo)); err != nil {
				return err
			}
			continue
		}
		if warns {
			el.rows = append(el.rows, first+i)
		}
		if scale := int(b.Scale[i]); scale >= 0 && el.numeric && (len(b.Rest) == 0 || !marked(b, i)) {
			// "0.0" is kept as it is written: analytics drops the text "0" only.
			if coef := b.Coef[i]; column.Fits(coef, scale) && (coef != 0 || scale == 0) {
				el.builder.Add(el.builder.Segment(key), uint32(unit), coef, scale)
				s.staged++
				continue
			}
		}
		if err := s.addOther(el, key, uint32(unit), b, i, first); err != nil {
			return err
		}
	}
	return nil
}

func marked(b *hmis.Batch, i int) bool {
	v, ok := b.Rest[i]
	return ok && (v.Deleted || v.FollowUp)
}

// addOther stages a value that is not simply a number: a mark, a truth value, a
// text, a number written in another way. What its value type does not count is
// refused (RULES.md#values-that-count).
func (s *staging) addOther(el *element, key column.Key, unit uint32, b *hmis.Batch, i, first int) error {
	v := b.At(i)
	o := column.Other{Text: v.Value, FollowUp: v.FollowUp, Deleted: v.Deleted}
	var bad error
	switch {
	case v.Deleted || v.Value == "":
	case el.numeric || el.typ.IsBoolean():
		if o.Number, o.Numeric = el.typ.Number(v.Value); !o.Numeric {
			bad = fmt.Errorf("%s is not a value of type %s", quote.Text(v.Value), typeName(el.typ))
		}
	case !utf8.ValidString(v.Value): // JSON could not carry it
		bad = fmt.Errorf("%s: want UTF-8", quote.Text(v.Value))
	}
	if bad != nil && s.loader.KeepUncounted && utf8.ValidString(v.Value) {
		s.setAside(el, key, unit, o)
		o, bad = column.Other{Deleted: true}, nil
	} else if v.Deleted && s.loader.KeepUncounted {
		s.setAside(el, key, unit, o)
	}
	if bad != nil {
		if s.loader.Warn != nil {
			el.rows = el.rows[:len(el.rows)-1]
		}
		return s.reject(b, i, first, &hmis.Issue{
			Code: "E8122", Severity: hmis.Severe, Field: "value", Offset: -1,
			Object: hmis.Ref{Kind: hmis.KindDataElement, ID: el.id}, Err: bad,
		})
	}
	segment := el.builder.Segment(key)
	s.staged++
	if coef, scale, ok := plain(o, el.typ); ok {
		el.builder.Add(segment, unit, coef, scale)
		return nil
	}
	el.builder.AddOther(segment, unit, o)
	return nil
}

func typeName(t hmis.ValueType) hmis.ValueType {
	if t == "" {
		return hmis.Number
	}
	return t
}

// plain returns the number of a value that may lie in a column after all, such
// as 007 or true. A zero that is not written "0" must stay beside.
func plain(o column.Other, t hmis.ValueType) (coef int64, scale int, ok bool) {
	if !o.Numeric || o.FollowUp || o.Deleted || o.Number.IsZero() && !t.IsBoolean() && o.Text != "0" {
		return 0, 0, false
	}
	if !o.Number.Coefficient().IsInt64() {
		return 0, 0, false
	}
	coef, scale = o.Number.CoefficientInt64(), int(-o.Number.Exponent())
	if o.Number.IsZero() {
		scale = 0
	}
	return coef, scale, column.Fits(coef, scale)
}

func (s *staging) element(r resolved, b *hmis.Batch, i int) int32 {
	at := b.DataElement[i]
	if n := r.elements[at]; n != 0 {
		return max(n-1, -1)
	}
	id := b.IDs[at]
	n, ok := s.elementN[id]
	if !ok {
		e, known := hmis.Find[hmis.DataElement](s.loader.Catalog, id)
		if !known {
			r.elements[at] = -1
			return -1
		}
		n = len(s.elements)
		s.elementN[id] = n
		s.elements = append(s.elements, element{
			id: id, typ: e.ValueType, numeric: e.ValueType.IsNumeric(), column: s.base.column(id),
		})
	}
	r.elements[at] = int32(n) + 1
	return int32(n)
}

func (s *staging) unit(r resolved, b *hmis.Batch, i int) int32 {
	at := b.OrgUnit[i]
	if n := r.units[at]; n != 0 {
		return max(n-1, -1)
	}
	pos, _, ok := s.loader.Tree.Span(b.IDs[at])
	if !ok {
		r.units[at] = -1
		return -1
	}
	r.units[at] = int32(pos) + 1
	return int32(pos)
}

func (s *staging) period(r resolved, b *hmis.Batch, i int) int32 {
	at := b.Period[i]
	if n := r.periods[at]; n != 0 {
		return max(n-1, -1)
	}
	p := b.Periods[at]
	if p.IsZero() {
		r.periods[at] = -1
		return -1
	}
	n := numbering.In(&s.periods, s.periodN, p)
	s.years[rowYear(p)] = true
	r.periods[at] = int32(n) + 1
	return int32(n)
}

// combo numbers an option combo; "" is the default one.
func (s *staging) combo(r resolved, b *hmis.Batch, at uint32) int32 {
	if n := r.combos[at]; n != 0 {
		return n - 1
	}
	id := b.IDs[at]
	if id == "" {
		id = s.defaults
	}
	n := numbering.In(&s.combos, s.comboN, id)
	r.combos[at] = int32(n) + 1
	return int32(n)
}

// build makes the cube: the columns of base, and in their place those of the
// elements that were staged.
func (s *staging) build() *Cube {
	s.warn()
	s.flush()
	if len(s.base.columns) == 0 { // otherwise columns share what they grew from
		parallel(runtime.GOMAXPROCS(0), len(s.elements), func(i int) {
			if e := &s.elements[i]; e.column != nil && !s.stop() {
				e.column = e.column.Tight()
			}
		})
	}
	cube := &Cube{
		catalog:  s.base.catalog,
		tree:     s.base.tree,
		elements: slices.Clone(s.base.elements),
		columns:  slices.Clone(s.base.columns),
		at:       maps.Clone(s.base.at),
		combos:   s.combos,
		periods:  s.periods,
		years:    s.years,
		reports:  s.base.reports,
		shared:   s.base.shared,
	}
	for i := range s.elements {
		e := &s.elements[i]
		if e.column == nil { // nothing of it could be used
			continue
		}
		if at, ok := cube.at[e.id]; ok {
			cube.columns[at] = e.column
			continue
		}
		cube.at[e.id] = len(cube.columns)
		cube.elements, cube.columns = append(cube.elements, e.id), append(cube.columns, e.column)
	}
	cube.aside = s.asides(cube)
	return cube
}

// parallel calls do for 0 to n-1 on so many goroutines.
func parallel(workers, n int, do func(i int)) {
	if workers <= 1 || n <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	wg.Wait()
}
