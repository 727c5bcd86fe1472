package indicator

import (
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// EvalColumns computes the indicator in as many cells as out has. Each result
// equals that of [Formula.Eval]. Missing and Result of env are not used. It
// allocates nothing per cell.
func (f *Formula) EvalColumns(env ColumnEnv, out []Result) error {
	return f.columns(env, len(out), func(first int, q *quotient) {
		q.results(out[first : first+q.n])
	})
}

// EvalColumn computes the values of the indicator, without its two sides, in
// the given number of cells. It stores them in into, whose slices it reuses if
// they are large enough. The Scale of into is the number of digits to which the
// indicator is rounded.
func (f *Formula) EvalColumn(env ColumnEnv, cells int, into *Column) error {
	if cap(into.Coef) < cells || cap(into.Missing) < cells {
		into.Coef, into.Missing = make([]int64, cells), make([]bool, cells)
	}
	into.Coef, into.Missing, into.Other = into.Coef[:cells], into.Missing[:cells], nil
	into.Scale = f.digits(env.SkipRounding)
	return f.columns(env, cells, func(first int, q *quotient) {
		q.column(into, first)
	})
}

// digits returns the number of digits to which values are rounded.
func (f *Formula) digits(skipRounding bool) int {
	switch {
	case skipRounding:
		return 10
	case f.Decimals == nil:
		return 2
	}
	return max(0, min(*f.Decimals, num.MaxScale))
}

// columns computes both sides, a chunk at a time, and calls take for each
// chunk.
func (f *Formula) columns(env ColumnEnv, cells int, take func(first int, q *quotient)) error {
	env.Missing, env.Result = hmis.SkipIfAllMissing, hmis.Number
	q := &quotient{
		formula:    f,
		skip:       env.SkipRounding,
		digits:     f.digits(env.SkipRounding),
		multiplier: f.multiplier(),
	}
	q.times = float64(q.multiplier)
	q.whole = !q.skip && q.digits == 0
	q.rounding.unit = num.Pow10(q.digits)
	if !q.whole && (q.skip || f.Decimals == nil || *f.Decimals <= num.MaxScale) {
		q.rounding.limit = 1 << 49
	}
	if f.Annualized && env.Item != nil {
		q.days = env.Item(Item{Kind: DaysItem})
		if err := q.days.check(Item{Kind: DaysItem}, cells); err != nil {
			return err
		}
	}
	q.divide(0)
	q.num, q.den = newRun(), newRun()
	defer q.num.free()
	defer q.den.free()
	if err := q.den.begin(f.Denominator.orEmpty(), &env, cells); err != nil {
		return err
	}
	if err := q.num.begin(f.Numerator.orEmpty(), &env, cells); err != nil {
		return err
	}
	for first := 0; first < cells; first += chunk {
		q.first, q.n = first, min(chunk, cells-first)
		if err := q.den.compute(first, q.n); err != nil {
			return err
		}
		if err := q.num.compute(first, q.n); err != nil {
			return err
		}
		q.perNum, q.perDen = num.Pow10(q.num.scale), num.Pow10(q.den.scale)
		take(first, q)
	}
	return nil
}

// A quotient has both sides of a formula in a chunk of cells.
type quotient struct {
	formula    *Formula
	skip       bool
	digits     int
	rounding   rounding
	whole      bool // values are rounded to whole numbers, by a special rule
	multiplier int
	times      float64 // the multiplier of the formula

	days    Column
	divisor int
	by      float64 // the divisor of the formula
	factor  float64

	first, n       int
	num, den       *columnRun
	perNum, perDen float64 // 10^scale of the numerator and of the denominator
}

// divide sets the divisor of a cell.
func (q *quotient) divide(cell int) {
	d := 1
	if q.formula.Annualized {
		days, _ := q.days.At(cell).Float64()
		d = int(days)
	}
	if d != q.divisor || q.divisor == 0 {
		q.divisor, q.by = d, float64(d)
		q.factor = q.formula.factor(q.multiplier, d, q.skip)
	}
}

// perCell reports whether the number of days differs between cells.
func (q *quotient) perCell() bool {
	return q.formula.Annualized && (len(q.days.Coef) > 1 || q.days.Other != nil)
}

// column writes the values of the chunk into a Column.
func (q *quotient) column(into *Column, first int) {
	coef, none := into.Coef[first:first+q.n], into.Missing[first:first+q.n]
	nums, dens := q.num.registers[0].coef[:len(coef)], q.den.registers[0].coef[:len(coef)]
	ns, ds := q.num.state[:len(coef)], q.den.state[:len(coef)]
	none = none[:len(coef)]
	k, whole := q.overOne()
	perCell, r := q.perCell(), q.rounding
	if whole && q.num.allCoef && q.den.allCoef {
		for i, x := range nums {
			coef[i] = x * k
		}
		clear(none)
		return
	}
	for i := range coef {
		state := ns[i] | ds[i]
		switch {
		case state == asCoef && whole:
			coef[i], none[i] = nums[i]*k, false
			continue
		case state&asNone != 0, state == asCoef && dens[i] == 0:
			coef[i], none[i] = 0, true
			continue
		case perCell:
			q.divide(first + i)
		}
		x := q.over(i, state)
		a, t, minus := r.split(x)
		ok := r.decided(a, t, minus)
		t = t ^ minus - minus
		if q.whole {
			t, ok = halfUpInt(x)
		}
		if ok {
			coef[i], none[i] = t, false
			continue
		}
		q.columnSlow(into, first, i)
	}
}

// over returns the value of a cell before rounding. It is NaN if the
// denominator is zero.
func (q *quotient) over(i int, state cellState) float64 {
	if state == asCoef {
		return q.raw(q.num.registers[0].coef[i], q.den.registers[0].coef[i])
	}
	return q.ratio(q.num.value(i).num().Float(), q.den.value(i).num().Float())
}

// overOne reports whether the denominator is the number 1, as in most
// indicators. The value is then the numerator times k, which needs no rounding.
func (q *quotient) overOne() (k int64, ok bool) {
	if !q.den.fast || q.den.constant() != (num.Num{N: 1}) ||
		q.formula.Annualized || q.multiplier <= 0 ||
		!q.num.fast || q.num.scale > q.digits {
		return 0, false
	}
	most := q.num.registers[0].bound * float64(q.multiplier) * num.Pow10(q.digits-q.num.scale)
	return int64(q.multiplier) * int64(num.Pow10(q.digits-q.num.scale)), most < num.Limit
}

// columnSlow writes a value that column cannot compute.
func (q *quotient) columnSlow(into *Column, first, i int) {
	v := q.slow(i).Value
	cell := first + i
	into.Coef[cell], into.Missing[cell] = 0, v.kind == missing
	if v.kind == missing {
		return
	}
	if v.scale >= 0 && int(v.scale) <= q.digits {
		if t, ok := times10(v.n, q.digits-int(v.scale)); ok {
			into.Coef[cell] = t
			return
		}
	}
	if into.Other == nil {
		into.Other = map[int]Value{}
	}
	into.Other[cell] = v
}

// times10 returns x × 10^n. The second result is false if the product is too
// large.
func times10(x int64, n int) (int64, bool) {
	if n > 15 {
		return 0, x == 0
	}
	p := int64(num.Pow10(n))
	return x * p, x == 0 || math.Abs(float64(x)*float64(p)) < num.Limit
}

// results writes the results of the chunk.
func (q *quotient) results(out []Result) {
	nums, dens := q.num.registers[0].coef[:len(out)], q.den.registers[0].coef[:len(out)]
	ns, ds := q.num.state[:len(out)], q.den.state[:len(out)]
	perCell, round := q.perCell(), q.rounding
	// Most sides have so few decimals that rounding does not change them.
	asIs := !q.whole && q.num.scale <= q.digits && q.den.scale <= q.digits ||
		q.num.scale == 0 && q.den.scale == 0
	for i := range out {
		if perCell {
			q.divide(q.first + i)
		}
		r := &out[i]
		n, d, state := nums[i], dens[i], ns[i]|ds[i]
		switch {
		case state&asNone != 0, state == asCoef && d == 0:
			*r = Result{Multiplier: q.multiplier, Divisor: q.divisor}
			continue
		case state != asCoef:
			*r = q.slow(i)
			continue
		}
		x := q.raw(n, d)
		a, t, minus := round.split(x)
		ok := round.decided(a, t, minus)
		t = t ^ minus - minus
		if q.whole {
			t, ok = halfUpInt(x)
		}
		if !ok || !asIs {
			*r = q.slow(i)
			continue
		}
		r.Value = Value{kind: number, scale: int8(q.digits), n: t}
		r.Numerator = Value{kind: number, scale: int8(q.num.scale), n: n}
		r.Denominator = Value{kind: number, scale: int8(q.den.scale), n: d}
		r.Raw, r.Factor = x, q.factor
		r.Multiplier, r.Divisor = q.multiplier, q.divisor
	}
}

// ratio returns the value before rounding, for sides that are doubles.
func (q *quotient) ratio(x, y float64) float64 { return x * q.times / (y * q.by) }

// slow computes a cell as [Formula.Eval] does.
func (q *quotient) slow(i int) Result {
	return q.formula.result(q.num.value(i), q.den.value(i), q.days.At(q.first+i), q.skip)
}

// raw returns the value before rounding, computed in doubles (rule 3 of
// RULES.md#indicators).
func (q *quotient) raw(n, d int64) float64 {
	x, y := float64(n), float64(d)
	if q.perNum != 1 {
		x /= q.perNum
	}
	if q.perDen != 1 {
		y /= q.perDen
	}
	return q.ratio(x, y)
}

// halfUpInt returns halfUp of x as a whole number. ok is false if the number is
// too large.
func halfUpInt(x float64) (n int64, ok bool) {
	x = halfUp(x)
	return int64(x), math.Abs(x) < num.Limit
}

// A rounding rounds doubles by a fast method. It does not decide numbers near a
// tie, large numbers and -0, for which the caller uses a slower method.
type rounding struct {
	unit  float64 // 10^digits
	limit float64 // larger numbers are not decided; 0 means that no number is
}

// split returns x in units and the nearest whole number of units, both without
// their sign, and the sign as 0 or -1.
func (r *rounding) split(x float64) (a float64, t, minus int64) {
	a = math.Abs(x * r.unit)
	return a, int64(a + 0.5), int64(math.Float64bits(x)) >> 63
}

// decided reports whether the shortest text of x certainly rounds to t. The
// text and a both differ from x by a relative error below 2^-53.
func (r *rounding) decided(a float64, t, minus int64) bool {
	return math.Abs(a-float64(t)) < 0.5-a*0x1p-51 && a < r.limit && t|^minus != 0
}
