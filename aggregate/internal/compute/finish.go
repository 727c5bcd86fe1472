package compute

import (
	"context"
	"slices"

	"github.com/ohie-hmis/hmis-go/aggregate/internal/column"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/fixed"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/place"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/pool"
	"github.com/ohie-hmis/hmis-go/aggregate/internal/rule"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// A Finish says how totals become cells: which rows each cell is made of, which
// outcomes the criteria keep, and how they are rounded.
type Finish struct {
	Blends []Blend // one for each period of the answer
	Grid   Grid
	Keep   Test // test for outcomes before they are rounded; nil keeps all
	Digits int
	Raw    bool // outcomes are unrounded doubles

	// NoSpread makes a deviation or variance of a single value missing. Without
	// it it is 0, as a server shows it.
	NoSpread bool
}

// A Grid is the order of the cells of an answer: org units × periods × splits.
// A job has only those splits that segments decide.
type Grid struct {
	Units, Splits int
	Of            int      // number of splits of a job
	Axes          []Stride // the axes that segments decide, the last one first
}

// A Stride has the number of items of an axis, and the distance in cells from
// one item to the next.
type Stride struct{ Items, Cells int }

// base returns the first cell of a split of a job, within one org unit and
// period.
func (g *Grid) base(split int) (cell int) {
	for _, a := range g.Axes {
		cell += split % a.Items * a.Cells
		split /= a.Items
	}
	return cell
}

// A Blend says which rows make the cells of a period: usually one row, and the
// days that its rule divides by. The cell of a financial year may be the mean
// of two years, the later one with a weight in twelfths
// (aggregate/RULES.md#less-frequent-data).
type Blend struct {
	First, Second int // indices of rows, -1 if there is none
	Days, Days2   int
	Weight        int // weight of row Second, in twelfths
}

// One returns the blend of a single row.
func One(row, days int) Blend { return Blend{First: row, Second: -1, Days: days} }

// A finisher turns the totals of one job into a column.
type finisher struct {
	*Totals
	*Finish
	base []place.Base
	out  Outcome
}

// Finish returns one column of cells, each rounded half away from zero
// (aggregate/RULES.md#rounding). It breaks off when ctx ends.
func (t *Totals) Finish(ctx context.Context, how *Finish) indicator.Column {
	g := &how.Grid
	n := g.Units * len(how.Blends) * g.Splits
	f := finisher{Totals: t, Finish: how, base: t.job.Sources[0].Places.Base, out: Outcome{
		Column: indicator.Column{
			Coef:    pool.Numbers.Get(n),
			Missing: pool.Marks.Get(n),
			Scale:   t.scale(how.Digits),
		},
		Digits: how.Digits,
		Raw:    how.Raw,
	}}
	plain := f.plainSums()
	if !plain || len(f.base)*len(how.Blends)*g.Of < n { // some cells are computed from no row
		clear(f.out.Column.Coef)
		for i := range f.out.Column.Missing {
			f.out.Column.Missing[i] = true
		}
	}
	if plain {
		f.sums(ctx)
		return f.out.Column
	}
	for split := range g.Of {
		first := g.base(split)
		for i, from := range how.Blends {
			for at, b := range f.base {
				if at%betweenCells == 0 && ctx.Err() != nil {
					return f.out.Column
				}
				f.cell((b.Unit*len(how.Blends)+i)*g.Splits+b.Cell+first, from, split, at+1)
			}
		}
	}
	return f.out.Column
}

// scale returns the scale of the finished column: as few digits as the outcomes
// can have.
func (t *Totals) scale(digits int) int {
	switch t.acc.aggregate {
	case rule.Sum, rule.Least, rule.Greatest:
		return min(t.acc.scale, digits)
	case rule.Count:
		return 0
	}
	return digits
}

// plainSums reports whether every outcome is a sum that is ready as it is,
// apart from being rounded.
func (f *finisher) plainSums() bool {
	a := &f.acc
	return a.aggregate == rule.Sum && len(a.sums.long) == 0 && a.scale-f.Digits <= fixed.MaxPow &&
		f.Keep == nil && !f.Raw && len(f.nulls) == 0 &&
		!slices.ContainsFunc(f.Blends, func(b Blend) bool { return b.First < 0 || b.Second >= 0 })
}

// A tile is how many places are finished for one period before the next: cells
// of a place are neighbours, and those of a row are not.
const tile = 64

// sums fills all cells in one pass. The caller has checked plainSums.
func (f *finisher) sums(ctx context.Context) {
	unit := int64(1) // the power of ten that removes the digits beyond those wanted
	if f.acc.scale > f.out.Column.Scale {
		unit = fixed.Pow10(f.acc.scale - f.out.Column.Scale)
	}
	for split := range f.Grid.Of {
		first := f.Grid.base(split)
		for place := 0; place < len(f.base); place += tile {
			if ctx.Err() != nil {
				return
			}
			for i, from := range f.Blends {
				f.sumTile(f.acc.row(from.First, split), place, i*f.Grid.Splits+first, unit)
			}
		}
	}
}

// sumTile fills the cells of one row for one tile of places, which begins at
// place. at is the offset of the row's cells within an org unit.
func (f *finisher) sumTile(row, place, at int, unit int64) {
	base := f.base[place:min(place+tile, len(f.base))]
	packed := f.acc.packedRow(row)[place+1:][:len(base)]
	coef, missing, perUnit := f.out.Column.Coef, f.out.Column.Missing, len(f.Blends)*f.Grid.Splits
	if f.acc.sums.wide == nil && unit == 1 {
		for i, b := range base {
			cell := b.Unit*perUnit + b.Cell + at
			n, count := column.Unpack(packed[i])
			coef[cell], missing[cell] = n, count == 0
		}
		return
	}
	for i, b := range base {
		cell := b.Unit*perUnit + b.Cell + at
		n, count := f.acc.sums.short(f.acc.at(row, place+i+1))
		coef[cell], missing[cell] = dividedBy(n, unit), count == 0
	}
}

// dividedBy rounds half away from zero. Both numbers are far from the limits.
func dividedBy(n, unit int64) int64 {
	if n < 0 {
		return -((unit/2 - n) / unit)
	}
	return (n + unit/2) / unit
}

// cell makes one cell of a split and place.
func (f *finisher) cell(cell int, from Blend, split, place int) {
	first, second := f.row(from.First, split, place), f.row(from.Second, split, place)
	switch {
	case first < 0 && second < 0:
		if f.isNull(from.First, split, place) || f.isNull(from.Second, split, place) {
			f.zero(cell)
		}
		return
	case first >= 0 && second >= 0:
		if f.two(cell, first, second, place, from) {
			return
		}
		// Criteria may leave one of the two, which then counts whole.
		f.one(cell, first, place, from.Days)
		f.one(cell, second, place, from.Days2)
		return
	case first < 0:
		first, from.Days = second, from.Days2
	}
	f.one(cell, first, place, from.Days)
}

// row returns the index of row and split if the place has any value there, or
// -1.
func (f *finisher) row(row, split, place int) int {
	if row < 0 {
		return -1
	}
	if row = f.acc.row(row, split); !f.acc.has(row, place) {
		return -1
	}
	return row
}

// isNull reports whether there is a row without a number in a place.
func (f *finisher) isNull(row, split, place int) bool {
	return row >= 0 && len(f.nulls) > 0 && f.hasNull(f.acc.row(row, split), place)
}

// zero sets a cell to 0. The cell has values, but none of them is a number.
func (f *finisher) zero(cell int) { f.out.Set(cell, decimal.Decimal{}, decimal.New(1, 0)) }

// one computes a cell from one row.
func (f *finisher) one(cell, row, place, days int) {
	if f.Keep == nil && !f.Raw && f.fast(cell, row, place, days) {
		return
	}
	at := f.acc.at(row, place)
	switch f.acc.aggregate {
	case rule.Deviation, rule.Variance:
		if f.acc.spreads[at].n < 2 { // a single value has no spread, and passes no criterion
			if f.Keep == nil && !f.NoSpread {
				f.zero(cell)
			}
			return
		}
	case rule.Pick:
		if c := f.acc.picks.won[at]; c.null && f.Keep != nil {
			return // a missing value passes no criterion
		} else if c.Text != "" {
			f.out.SetOther(cell, indicator.Text(c.Text))
			return
		}
	}
	var num, den decimal.Decimal
	if f.acc.aggregate == rule.Deviation {
		num, den = f.acc.spreads[at].deviation(), decimal.New(1, 0)
	} else {
		num, den, _ = f.acc.exact(row, place, days)
	}
	if f.Keep == nil || f.Keep(num, den) {
		f.out.Set(cell, num, den)
	}
}

// fast rounds with 64-bit integers. ok is false if the value is no number or
// too long for that.
func (f *finisher) fast(cell, row, place, days int) (ok bool) {
	at, scale, to := f.acc.at(row, place), f.acc.scale, f.out.Column.Scale
	var n, weights int64
	if f.acc.adds() {
		if f.acc.sums.isLong(at) {
			return false
		}
		n, weights = f.acc.sums.short(at)
	}
	switch f.acc.aggregate {
	case rule.Sum:
		n, ok = fixed.Rescale(n, scale, to)
	case rule.DayMean:
		n, ok = fixed.DivRound(n, scale, int64(days), to)
	case rule.Mean:
		n, ok = fixed.DivRound(n, scale, weights, to)
	case rule.DayShare:
		if n, ok = fixed.Mul(100, n); ok {
			n, ok = fixed.DivRound(n, scale, weights, to)
		}
	case rule.Count:
		n, ok = weights, true
	case rule.Least, rule.Greatest:
		if !f.acc.extremes.isLong(at) {
			n, ok = fixed.Rescale(f.acc.extremes.best[at], scale, to)
		}
	}
	if ok {
		f.out.Column.Coef[cell], f.out.Column.Missing[cell] = n, false
	}
	return ok
}

// two computes the cell of a financial year as the mean of two years, the later
// one with its share of the months (aggregate/RULES.md#less-frequent-data). The
// server rounds that mean to ten digits before it goes on. ok is false unless
// both years pass the criteria, which apply to each year before the two are
// combined.
func (f *finisher) two(cell, first, second, place int, from Blend) bool {
	n1, d1, ok1 := f.acc.exact(first, place, from.Days)
	n2, d2, ok2 := f.acc.exact(second, place, from.Days2)
	if !ok1 || !ok2 || f.Keep != nil && (!f.Keep(n1, d1) || !f.Keep(n2, d2)) {
		return false
	}
	early, late := decimal.NewFromInt(int64(12-from.Weight)), decimal.NewFromInt(int64(from.Weight))
	num := n1.Mul(early).Mul(d2).Add(n2.Mul(late).Mul(d1))
	mean := num.DivRound(d1.Mul(d2).Mul(decimal.New(12, 0)), 10)
	f.out.Set(cell, mean, decimal.New(1, 0))
	return true
}
