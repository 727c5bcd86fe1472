package indicator

import (
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// EvalColumns is Eval for as many cells as out is long. Missing and Result of
// env do not matter. It allocates nothing per cell.
func (f *Formula) EvalColumns(env ColumnEnv, out []Result) error {
	return f.columns(env, len(out), func(first int, q *quotient) {
		for i := range q.n {
			out[first+i] = q.result(i)
		}
	})
}

// EvalColumn is EvalColumns for who needs the values only: it fills into with
// them, in the room that its slices have. Its Scale is the number of digits that
// the indicator is rounded to.
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

// digits is the number of digits that values are rounded to.
func (f *Formula) digits(skipRounding bool) int {
	switch {
	case skipRounding:
		return 10
	case f.Decimals == nil:
		return 2
	}
	return max(0, min(*f.Decimals, num.MaxScale))
}

// columns computes both sides, a chunk at a time, and hands them over.
func (f *Formula) columns(env ColumnEnv, cells int, take func(first int, q *quotient)) error {
	env.Missing, env.Result = hmis.SkipIfAllMissing, hmis.Number
	q := &quotient{
		formula:    f,
		skip:       env.SkipRounding,
		digits:     f.digits(env.SkipRounding),
		multiplier: f.multiplier(),
	}
	q.unit = num.Pow10(q.digits)
	q.whole = !q.skip && q.digits == 0
	q.exact = !q.skip && f.Decimals != nil && *f.Decimals > num.MaxScale
	if f.Annualized && env.Item != nil {
		q.days = env.Item(Item{Kind: DaysItem})
		if err := q.days.check(Item{Kind: DaysItem}, cells); err != nil {
			return err
		}
	}
	q.divide(0)
	q.num, q.den = f.Numerator.runs.get(), f.Denominator.runs.get()
	defer f.Numerator.runs.put(q.num)
	defer f.Denominator.runs.put(q.den)
	if err := q.den.begin(f.Denominator, &env, cells); err != nil {
		return err
	}
	if err := q.num.begin(f.Numerator, &env, cells); err != nil {
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

// A quotient is both sides of a formula in a chunk of cells.
type quotient struct {
	formula    *Formula
	skip       bool
	digits     int
	unit       float64 // 10^digits
	whole      bool    // rounded to whole numbers, by a rule of its own
	exact      bool    // more digits than fit in a Column
	multiplier int

	days    Column
	divisor int
	factor  float64

	first, n       int
	num, den       *columnRun
	perNum, perDen float64 // 10^scale of either
}

// divide prepares the divisor of a cell.
func (q *quotient) divide(cell int) {
	d := 1
	if q.formula.Annualized {
		days, _ := q.days.At(cell).Float64()
		d = int(days)
	}
	if d != q.divisor || q.divisor == 0 {
		q.divisor = d
		q.factor = q.formula.factor(q.multiplier, d, q.skip)
	}
}

// perCell reports whether cells differ in their days.
func (q *quotient) perCell() bool {
	return q.formula.Annualized && (len(q.days.Coef) > 1 || q.days.Other != nil)
}

// column writes the values of the chunk.
func (q *quotient) column(into *Column, first int) {
	coef, none := into.Coef[first:first+q.n], into.Missing[first:first+q.n]
	nums, dens := q.num.registers[0].coef[:q.n], q.den.registers[0].coef[:q.n]
	ns, ds := q.num.state[:q.n], q.den.state[:q.n]
	perCell := q.perCell()
	for i := range coef {
		if perCell {
			q.divide(first + i)
		}
		if ns[i]|ds[i] == asCoef {
			n, d := nums[i], dens[i]
			none[i] = d == 0
			if d == 0 {
				coef[i] = 0
				continue
			}
			if t, ok := q.round(q.raw(n, d)); ok {
				coef[i] = t
				continue
			}
		}
		v := q.slow(i).Value
		none[i] = v.kind == missing
		coef[i] = 0
		if v.kind == number && int(v.scale) >= 0 && int(v.scale) <= q.digits {
			if t, ok := times10(v.n, q.digits-int(v.scale)); ok {
				coef[i] = t
				continue
			}
		}
		if v.kind != missing {
			if into.Other == nil {
				into.Other = map[int]Value{}
			}
			into.Other[first+i] = v
		}
	}
}

// times10 returns x × 10^n if that is small.
func times10(x int64, n int) (int64, bool) {
	if n > 15 {
		return 0, x == 0
	}
	p := int64(num.Pow10(n))
	return x * p, x == 0 || math.Abs(float64(x)*float64(p)) < num.Limit
}

// result computes a cell.
func (q *quotient) result(i int) Result {
	if q.perCell() {
		q.divide(q.first + i)
	}
	if q.num.state[i]|q.den.state[i] != asCoef {
		return q.slow(i)
	}
	n, d := q.num.registers[0].coef[i], q.den.registers[0].coef[i]
	r := Result{Multiplier: q.multiplier, Divisor: q.divisor}
	if d == 0 {
		return r
	}
	r.Raw = q.raw(n, d)
	t, ok := q.round(r.Raw)
	if !ok {
		return q.slow(i)
	}
	r.Value = Value{kind: number, scale: int8(q.digits), n: t}
	r.Factor = q.factor
	r.Numerator, r.Denominator = q.side(q.num, i), q.side(q.den, i)
	return r
}

// side rounds a side, which is as it should be already in most cases.
func (q *quotient) side(c *columnRun, i int) Value {
	v := c.value(i)
	if int(v.scale) <= q.digits && (v.scale == 0 || !q.whole) {
		return v
	}
	return q.formula.round(v.num(), q.skip)
}

// slow computes a cell as Eval does.
func (q *quotient) slow(i int) Result {
	return q.formula.result(q.num.value(i), q.den.value(i), q.days.At(q.first+i), q.skip)
}

// raw is the value before rounding, in the doubles of section 13, step 5.
func (q *quotient) raw(n, d int64) float64 {
	x, y := float64(n), float64(d)
	if q.perNum != 1 {
		x /= q.perNum
	}
	if q.perDen != 1 {
		y /= q.perDen
	}
	return x * float64(q.multiplier) / (y * float64(q.divisor))
}

// round rounds x as round of Formula does and returns it as a whole number of
// the last digit. It is false where doubles do not decide: near a tie, for large
// numbers, and for -0.
func (q *quotient) round(x float64) (int64, bool) {
	if q.whole {
		x = math.Floor(x + 0.5)
		return int64(x), math.Abs(x) < num.Limit
	}
	// The shortest text of x and the product below are each off by less than
	// 2^-53 of x at most.
	y := x * q.unit
	a := math.Abs(y)
	if !(a < 1<<49) || q.exact {
		return 0, false
	}
	t := int64(a)
	frac := a - float64(t) - 0.5
	if math.Abs(frac) <= a*0x1p-51 {
		return 0, false
	}
	if frac > 0 {
		t++
	}
	switch {
	case t == 0 && math.Signbit(x):
		return 0, false
	case y < 0:
		t = -t
	}
	return t, true
}
