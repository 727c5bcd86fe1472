package compute

import (
	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
)

// A Job is one thing to compute for every cell of a query: a data element with
// one rule, or several elements counted together.
type Job struct {
	Rule    rule.Rule
	Sources []Source
	Names   *Names
	Rows    *Rows
	Splits  int // number of the combinations of items that [Source.Split] returns
	Window  Window
	Values  Values

	// Reaches and Read are for a rule that looks back. Reaches has the days of
	// each row, sorted by last day. Read says which periods may be read, as
	// Names numbers them; nil means all.
	Reaches []Reach
	Read    []bool

	// Units, for a rule with extremes of units, are the places where these
	// count, whatever their element.
	Units *place.Places

	// Wins, for a rule that ranks a whole cell, reports whether the filters
	// keep its winner.
	Wins func(Ref) bool
}

// A Source is a data element that a job reads.
type Source struct {
	Column *column.Column
	Places *place.Places
	Open   *place.Places // the places without filters, for a rule that ranks a whole cell

	// Split returns where the values of a segment count, as far as its data
	// element and option combos decide; ok is false if they do not count. Nil
	// means that all segments count in split 0.
	Split func(column.Key) (split int, ok bool)

	KeepZeros bool
	Null      bool // values are texts but the job needs numbers: each is a row without a number
	Stops     bool // the element's aggregation levels hide some values from the units above
}

// Names lists the ids and periods that segments and positions refer to by
// number.
type Names struct {
	Periods []period.Period
	Combos  []hmis.UID // option combos and attribute option combos
	Tree    *orgunit.Tree
}

// Values says which values count, and how each is looked at.
type Values struct {
	Filter Test // test for single numbers before they are counted; nil keeps all
	Cut    bool // round each number to the digits that a database keeps
	Texts  bool // texts count, not only numbers
	Order  int  // +1 picks the greatest text, -1 the least, 0 the latest
	Nulls  bool // a cell that has only texts is 0

	OneByOne bool // read each value by itself: slower, with the same result; for tests
	Sparse   bool // leave out places without values, even if there are few places
}

// A Test reports whether the number num / den passes; den is positive.
type Test func(num, den decimal.Decimal) bool

func (t Test) passes(d decimal.Decimal) bool { return t == nil || t(d, decimal.New(1, 0)) }

// A Reach is the days among which a look-back ranks values, for one row
// (aggregate/RULES.md#look-back).
type Reach struct {
	Row    int
	Lo, Hi period.Date
}

// A Ref is a stored value by where it is kept.
type Ref struct {
	Source  int // index in the job's sources
	Segment int // index in the segments of the source's column
	Pos     uint32
	Value   Amount
}

// split returns where the values of a segment count.
func (src *Source) split(k column.Key) (split int, ok bool) {
	if src.Split == nil {
		return 0, true
	}
	return src.Split(k)
}

// Accept returns where the values of a segment count; ok is false if its period
// or anything else leaves them out.
func (j *Job) Accept(src *Source, k column.Key) (split int, ok bool) {
	if len(j.Rows.All.Of(k.Period)) == 0 {
		return 0, false
	}
	return src.split(k)
}

// Reads returns how many segments the job reads, and how many values.
func (j *Job) Reads() (segments, values int) {
	for i := range j.Sources {
		src := &j.Sources[i]
		for n := range src.Column.Segments {
			s := &src.Column.Segments[n]
			if _, ok := src.split(s.Key); !ok {
				continue
			}
			if !j.Rule.LooksBack() && len(j.Rows.All.Of(s.Period)) == 0 {
				continue
			}
			segments++
			values += s.Len() + len(src.Column.OddsOf(n))
		}
	}
	return segments, values
}

// Way names how the values are walked, for plans.
func (j *Job) Way() string {
	switch j.Rule.Way() {
	case rule.LookBack:
		return "look-back" // find the last or first value of each series, then add these
	case rule.Rank:
		return "rank" // find the last or first value of the whole cell, not of each series
	case rule.Fold:
		return "fold units" // find the least or greatest value of each unit, then add these
	case rule.PickOne:
		return "pick" // show one text
	}
	switch {
	case j.slow():
		return "row by row" // add each value by itself
	case j.compacts() && j.rollsUp():
		return "bottom-up" // add values on the lowest level, then each level to the next
	}
	for i := range j.Sources {
		for _, m := range j.Sources[i].Places.Maps {
			if m.SpansFrom() > 0 {
				return "scatter" // add each value to its place, many values at a time
			}
		}
	}
	return "spans" // add up runs of positions, for a few org units
}

// Odd converts an odd value to an amount: a number, or a text if the job counts
// texts. ok is false if the value does not count.
func (j *Job) Odd(src *Source, o *column.Odd) (v Amount, ok bool) {
	switch {
	case src.Null:
		return Amount{}, o.Text != ""
	case j.Rule.Class == rule.Text:
		return Amount{Text: o.Text}, o.Text != ""
	case !o.Numeric, o.Zero() && !src.KeepZeros:
		return Amount{}, false
	}
	return AmountOf(o.Number), true
}

// filters reports whether single values are compared with criteria.
func (j *Job) filters() bool { return j.Values.Filter != nil && !j.Rule.Derived() }

// slow reports whether values must be looked at one by one: to compare them
// with criteria, to round or to square them.
func (j *Job) slow() bool {
	agg := j.Rule.Aggregate()
	return j.filters() || j.Values.Cut || j.Values.OneByOne ||
		agg == rule.Deviation || agg == rule.Variance
}

// weight returns what values of a period are multiplied by before they are
// added.
func (j *Job) weight(k column.Key) int64 {
	if j.Rule.Aggregate().ByDays() {
		return int64(j.Names.Periods[k.Period].Days())
	}
	return 1
}

// Cells returns the number of cells that the job keeps in memory at the same
// time.
func (j *Job) Cells() float64 {
	places := j.Sources[0].Places.N
	if j.Rule.PerUnit() {
		places = j.Names.Tree.Len()
	}
	return float64(j.Rows.N) * float64(j.Splits) * float64(places+1)
}

// Compact removes the places that no value reaches, if there are many places:
// few facilities may report a form. If units of several levels are asked for,
// values then count on the lowest level only, and totals are added to those
// above. It returns the org units that are left, or nil if all are.
func (j *Job) Compact() (units []uint32) {
	if j.compacts() {
		src := &j.Sources[0]
		src.Places, units = src.Places.Compacted(src.Column.Units(j.Names.Tree.Len()), j.rollsUp())
	}
	return units
}

// compacts reports whether there are enough places for Compact to be worth its
// cost.
func (j *Job) compacts() bool {
	return len(j.Sources) == 1 && !j.Rule.Derived() && j.Rule.Aggregate() != rule.Pick &&
		(j.Sources[0].Places.N >= place.Many || j.Values.Sparse)
}

// rollsUp reports whether what counts in a unit counts in all units asked for
// above it, and can be added up there.
func (j *Job) rollsUp() bool {
	agg := j.Rule.Aggregate()
	return !j.slow() && agg != rule.Least && agg != rule.Greatest && !j.Sources[0].Stops &&
		len(j.Sources[0].Places.Maps) > 1
}
