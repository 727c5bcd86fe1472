package aggregate

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
)

// A part is one thing to compute for every cell of a grid: a data element with
// one rule, or several elements counted together.
type part struct {
	run     *run
	sources []source
	rule    rule
	periods []period.Period // of the rows; one zero Period if they are not told apart
	when    when
	window  window
	since   period.Date // the minDate of the item, 0 for none
	until   period.Date // the maxDate of the item, 0 for none
	cells   []rows      // for each period of the answer: the rows that its cells are made of

	component bool // of a formula
	cuts      bool // values that are longer than a database keeps of them are rounded first

	filter []Criterion // on values, before they are counted
	keep   []Criterion // on outcomes, before they are rounded
	digits int         // of outcomes
	raw    bool        // outcomes stay as they are, as doubles

	nulls  map[int]bool           // cells with values that are no numbers; nil if data are told apart
	wanted map[hmis.UID][]operand // what a filter lets through of values that were ranked first; nil means all

	positions int
	splits    int      // of segments
	units     []uint32 // of the grid: those that the part is computed for; nil means all
	acc       *accumulator
	buf       column.Buffer
	trace     *trace
}

// A source is a data element that a part reads.
type source struct {
	element   *hmis.DataElement
	column    *column.Column
	operands  []operand // which option combos; none means all
	places    *places
	keepZeros bool
}

// rows says which rows of a part make the cell of a period: usually one, and
// the days that its rule divides by. The cell of a financial year may be the
// mean of two years, the later one with a weight in twelfths
// (RULES.md#less-frequent-data).
type rows struct {
	first, second int // -1 if there is none
	days, days2   int
	weight        int // of second
}

// accept reports whether values of a segment count in the part at all, and in
// which split.
func (p *part) accept(src *source, s *column.Segment) (split int, ok bool) {
	if len(p.when.rows[s.Period]) == 0 {
		return 0, false
	}
	return p.series(src, s, false)
}

// series is accept without the periods, for rules that look back. With
// unfiltered, it lets through what only a filter would leave out.
func (p *part) series(src *source, s *column.Segment, unfiltered bool) (split int, ok bool) {
	if !p.operand(src, s.Key) || !unfiltered && !p.filtered(src, s.Key) {
		return 0, false
	}
	g := &p.run.grid
	for i := range g.axes {
		a := &g.axes[i]
		if a.byPos != nil {
			continue
		}
		item := a.ofSegment(src.element.ID, s.Key)
		if item < 0 {
			return 0, false
		}
		split = split*len(a.items) + int(item)
	}
	return split, !p.run.query.ValidOnly || p.run.cube.valid(s.Key)
}

// filtered reports whether the filters let a segment through.
func (p *part) filtered(src *source, k column.Key) bool {
	for i := range p.run.filters {
		if a := &p.run.filters[i]; a.byPos == nil && a.ofSegment(src.element.ID, k) < 0 {
			return false
		}
	}
	return true
}

func (p *part) operand(src *source, k column.Key) bool {
	return len(src.operands) == 0 || p.run.cube.isAny(src.operands, k)
}

// isAny reports whether a segment is of any of the operands of its element.
func (c *Cube) isAny(operands []operand, k column.Key) bool {
	combos := c.combos
	return slices.ContainsFunc(operands, func(o operand) bool {
		return (o.combo == "" || o.combo == combos[k.OptionCombo]) && (o.attr == "" || o.attr == combos[k.AttributeCombo])
	})
}

// valid reports whether both option combos may be used in the whole of a period.
func (c *Cube) valid(k column.Key) bool {
	p := c.periods[k.Period]
	return c.validity(c.combos[k.OptionCombo]).holds(p) && c.validity(c.combos[k.AttributeCombo]).holds(p)
}

// A validity is the days on which all options of a combo are valid; 0 is no limit.
type validity struct{ first, last period.Date }

func (v validity) holds(p period.Period) bool {
	return (v.first == 0 || v.first <= p.First()) && (v.last == 0 || p.Last() <= v.last)
}

func (c *Cube) validity(combo hmis.UID) validity {
	if had, ok := c.shared.validity.Load(combo); ok {
		return had.(validity)
	}
	var v validity
	coc, _ := hmis.Find[hmis.OptionCombo](c.catalog, combo)
	for _, id := range coc.Options {
		option, _ := hmis.Find[hmis.CategoryOption](c.catalog, id)
		if option.First != 0 && (v.first == 0 || option.First > v.first) {
			v.first = option.First
		}
		if option.Last != 0 && (v.last == 0 || option.Last < v.last) {
			v.last = option.Last
		}
	}
	c.shared.validity.Store(combo, v)
	return v
}

// stopped reports whether the query was cancelled. What has been computed is of no
// use then, and the caller returns the error of the context.
func (p *part) stopped() bool { return p.run.ctx.Err() != nil }

// compute fills the accumulator from the columns. It breaks off if the query is
// cancelled.
func (p *part) compute() {
	p.acc = newAccumulator(p)
	switch p.way() {
	case wayRank:
		p.rankCells()
	case wayLookBack:
		p.lookBack()
	case wayFold:
		p.foldUnits()
	case wayPick:
		p.pickValues()
	default:
		p.addValues()
	}
}

// addValues is the plain case: every value goes where it counts.
func (p *part) addValues() {
	scatters := p.scatters()
	for i := range p.sources {
		src := &p.sources[i]
		if scatters {
			p.scatter(src)
		} else {
			for n := range src.column.Segments {
				if p.stopped() {
					return
				}
				if split, ok := p.accept(src, &src.column.Segments[n]); ok {
					p.addSegment(src, n, split)
				}
			}
		}
		p.addAllOdds(src)
	}
	for _, roll := range p.when.rolls {
		if p.stopped() {
			return
		}
		for split := range p.splits {
			p.acc.addRow(p.acc.row(int(roll.to), split), p.acc.row(int(roll.from), split))
		}
	}
	p.acc.addPlaces(p.sources[0].places.rolls)
}

// weightOf is what values of a period are multiplied by before they are added.
func (p *part) weightOf(k column.Key) int64 {
	switch p.rule.aggregate() {
	case dayMean, dayShare:
		return int64(p.run.cube.periods[k.Period].Days())
	}
	return 1
}

// addSegment adds the plain numbers of one segment where [part.scatter] does not
// do: to the least or greatest, or one by one.
func (p *part) addSegment(src *source, n, split int) {
	s, acc := &src.column.Segments[n], p.acc
	if s.Len() == 0 {
		return
	}
	times, fits := acc.times(s, 1)
	if acc.best == nil || !fits || p.slow() {
		p.addOneByOne(src, n, split, p.weightOf(s.Key))
		return
	}
	src.column.Decode(s, times, &p.buf)
	for _, m := range src.places.maps {
		for _, row := range p.when.fine[s.Period] {
			acc.better(acc.row(int(row), split), m.lookup(p.positions), p.buf.Pos, p.buf.Val, !src.keepZeros)
		}
	}
}

// slow reports whether values must be looked at one by one: to compare them
// with criteria, to square them, or to say what became of each.
func (p *part) slow() bool {
	agg := p.rule.aggregate()
	return p.filters() || p.cuts || agg == deviation || agg == variance || p.trace != nil || p.run.query.rowByRow
}

func (p *part) filters() bool { return len(p.filter) > 0 && !p.rule.derived() }

// betweenValues is how many values are looked at one by one before the context is.
const betweenValues = 1 << 10

func (p *part) addOneByOne(src *source, n, split int, weight int64) {
	s := &src.column.Segments[n]
	src.column.Decode(s, 1, &p.buf)
	for i, pos := range p.buf.Pos {
		if i%betweenValues == betweenValues-1 && p.stopped() {
			return
		}
		v := amount{coef: p.buf.Val[i], scale: int32(s.Scale)}
		if v.coef == 0 && !src.keepZeros {
			p.left(src, n, pos, v, leftZero)
			continue
		}
		p.addOne(src, n, split, pos, v, weight)
	}
}

// addAllOdds adds the numbers that lie beside the segments of a source.
func (p *part) addAllOdds(src *source) {
	last := -1
	for i := range src.column.Odds {
		n := int(src.column.Odds[i].Segment)
		if n == last {
			continue
		}
		last = n
		if p.stopped() {
			return
		}
		if split, ok := p.accept(src, &src.column.Segments[n]); ok {
			p.addOdds(src, n, split)
		}
	}
}

// addOdds adds the numbers that lie beside a segment.
func (p *part) addOdds(src *source, n, split int) {
	weight := p.weightOf(src.column.Segments[n].Key)
	for _, o := range src.column.OddsOf(n) {
		switch {
		case !o.Numeric:
			p.addText(src, n, split, &o)
		case o.Zero() && !src.keepZeros:
			p.left(src, n, o.Pos, amount{}, leftZero)
		default:
			p.addOne(src, n, split, o.Pos, amountOf(o.Number), weight)
		}
	}
}

// addText passes over a text, which is no number.
func (p *part) addText(src *source, n, split int, o *column.Odd) {
	if p.countsTexts() && o.Text != "" {
		p.addOne(src, n, split, o.Pos, amount{}, 1)
		return
	}
	p.left(src, n, o.Pos, amount{text: o.Text}, leftText)
	if !p.isNull(src) || p.filters() {
		return
	}
	for _, m := range src.places.maps {
		for _, row := range p.when.rows[src.column.Segments[n].Period] {
			p.addNull(p.acc.row(int(row), split), int(m.lookup(p.positions)[o.Pos]))
		}
	}
}

func (p *part) addOne(src *source, n, split int, pos uint32, v amount, weight int64) {
	if p.filters() && !all(p.filter, v.decimal()) {
		p.left(src, n, pos, v, leftCriteria)
		return
	}
	if p.cuts {
		v = v.cut()
	}
	counted := false
	for _, m := range src.places.maps {
		place := m.of(pos, p.positions)
		if place == 0 {
			continue
		}
		counted = true
		for _, row := range p.when.fine[src.column.Segments[n].Period] {
			p.acc.add(p.acc.row(int(row), split), int(place), v, weight)
		}
	}
	if counted {
		p.counted(src, n, pos, v)
	}
}
