package aggregate

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"unicode/utf8"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/internal/quote"
	"github.com/ohie-hmis/hmis-go/period"
)

// A staging is a load that has not finished. It has a builder for each data
// element read so far, and numbers the ids and periods of their segments.
type staging struct {
	loader  Loader
	base    *Cube // the cube that the values are added to
	stop    func() bool
	staged  int // values in builders
	built   int // values that have moved from builders to columns
	numbers *dictionary
	years   map[int]bool

	elements []stagedElement
	elementN map[hmis.UID]int
}

// A stagedElement is a data element with its values so far.
type stagedElement struct {
	id      hmis.UID
	typ     hmis.ValueType
	numeric bool
	builder column.Builder
	column  *column.Column // values already built into a column, with those of base; may be nil
	aside   map[asideKey]aside
	own     map[int32]bool // whether a combo belongs to it, for Loader.RequireOwnCombos
	rows    []int          // row number of each staged value, for Loader.Warn
}

func newStaging(l Loader, base *Cube) *staging {
	return &staging{
		loader:   l,
		base:     base,
		numbers:  newDictionary(base),
		years:    maps.Clone(base.periods.years),
		elementN: map[hmis.UID]int{},
	}
}

// firstStage is the least number of values that are staged before they are
// built into columns.
const firstStage = 1 << 17

// flushIfMany builds the staged values into columns once there are many,
// compared with those already built. So each value is rebuilt only a few times,
// in whatever order values come.
func (s *staging) flushIfMany() {
	if s.loader.Warn == nil && s.staged >= max(cmp.Or(s.loader.stage, firstStage), s.built/2) {
		s.flush()
	}
}

// flush builds what is staged into columns. Elements are built side by side.
func (s *staging) flush() {
	order := segmentOrder(s.numbers.periods, s.numbers.combos)
	parallel(runtime.GOMAXPROCS(0), len(s.elements), func(i int) {
		if e := &s.elements[i]; e.builder.Len() > 0 && !s.stop() {
			e.builder.Stop = s.stop
			e.column = e.builder.Build(s.loader.Tree.Len(), e.column, order)
		}
	})
	s.built, s.staged = s.built+s.staged, 0
}

// add stages one batch, whose first value is number first of the stream.
func (s *staging) add(b *hmis.Batch, first int) error {
	r := newBatchIDs(s, b)
	var same struct{ unit, period uint32 } // the row before, as the batch numbers it
	unit, p := int32(-1), int32(-1)
	strict, warns := s.loader.RequireOwnCombos, s.loader.Warn != nil
	for i := range b.Len() {
		e := r.elements[b.DataElement[i]] - 1
		if e < 0 {
			e = r.element(i)
		}
		if at := b.OrgUnit[i]; at != same.unit || unit < 0 {
			unit, same.unit = r.unit(i), at
		}
		if at := b.Period[i]; at != same.period || p < 0 {
			p, same.period = r.period(i), at
		}
		if e < 0 || unit < 0 || p < 0 {
			if err := s.reject(b, i, first, s.unknown(b, i, e, unit, p)); err != nil {
				return err
			}
			continue
		}
		combo, attr := r.combos[b.OptionCombo[i]]-1, r.combos[b.AttributeCombo[i]]-1
		if combo < 0 {
			combo = r.combo(b.OptionCombo[i])
		}
		if attr < 0 {
			attr = r.combo(b.AttributeCombo[i])
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
			// "0.0" keeps its text, since analytics drops the text "0" only.
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

// addOther stages a value that is no number in plain form: a deletion, a marked
// value, a truth value, a text, or a number such as 007. A text that is no
// value of its element is rejected (RULES.md#values-that-count).
func (s *staging) addOther(el *stagedElement, key column.Key, unit uint32, b *hmis.Batch, i, first int) error {
	v := b.At(i)
	o := column.Other{Text: v.Value, FollowUp: v.FollowUp, Deleted: v.Deleted}
	var bad error
	switch {
	case v.Deleted || v.Value == "":
	case el.numeric || el.typ.IsBoolean():
		if o.Number, o.Numeric = el.typ.Number(v.Value); !o.Numeric {
			bad = fmt.Errorf("%s is not a value of type %s", quote.Text(v.Value), typeName(el.typ))
		}
	case !utf8.ValidString(v.Value): // JSON cannot represent such a text
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

// plain returns a value such as 007 or true as a number of a column. ok is
// false if it must be kept as an odd value, such as a zero that is not written
// "0".
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

// element returns the number of a data element. ok is false if the catalog does
// not know it.
func (s *staging) element(id hmis.UID) (n int, ok bool) {
	if n, ok = s.elementN[id]; ok {
		return n, true
	}
	e, ok := hmis.Find[hmis.DataElement](s.loader.Catalog, id)
	if !ok {
		return 0, false
	}
	n = len(s.elements)
	s.elementN[id] = n
	had := s.base.columns.of(id)
	if had == nothing {
		had = nil
	}
	s.elements = append(s.elements, stagedElement{id: id, typ: e.ValueType, numeric: e.ValueType.IsNumeric(), column: had})
	return n, true
}

// period returns the number of a period of values. ok is false if p is none.
func (s *staging) period(p period.Period) (n int, ok bool) {
	if p.IsZero() {
		return 0, false
	}
	s.years[rowYear(p)] = true
	return int(s.numbers.period(p)), true
}

// build makes the cube: the columns of base, and the staged ones in place of
// those.
func (s *staging) build() *Cube {
	s.warn()
	s.flush()
	if len(s.base.columns.list) == 0 { // otherwise columns share memory with those of base
		parallel(runtime.GOMAXPROCS(0), len(s.elements), func(i int) {
			if e := &s.elements[i]; e.column != nil && !s.stop() {
				e.column = e.column.Tight()
			}
		})
	}
	held := columns{
		ids: slices.Clone(s.base.columns.ids), list: slices.Clone(s.base.columns.list), at: maps.Clone(s.base.columns.at),
	}
	for i := range s.elements {
		if e := &s.elements[i]; e.column != nil { // nil if no value of the element could be used
			held.put(e.id, e.column)
		}
	}
	cube := newCube(s.base.catalog, s.base.tree, held, s.numbers.periods, s.numbers.combos, s.years)
	cube.reports, cube.formulas, cube.aside = s.base.reports, s.base.formulas, s.asides(held)
	return cube
}
