package indicator

import (
	"cmp"
	"errors"
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A Formula is a compiled indicator: two expressions, a factor and a rounding.
// It does not change and is safe for concurrent use. The zero Formula is always
// missing.
type Formula struct {
	Numerator   *Expr // nil means missing, like an expression of empty text
	Denominator *Expr // nil means missing, like an expression of empty text
	Factor      *int  // the factor of the indicator type; nil means 1
	Decimals    *int  // the number of decimals to round to; nil means 2
	Annualized  bool  // multiply by 365 and divide by the days of the period
}

// A Result is a computed indicator with the numbers behind it. If Value is
// missing, only Multiplier and Divisor are set.
type Result struct {
	Value, Numerator, Denominator Value   // the result and both sides, rounded by the same rule
	Raw                           float64 // the value before rounding
	Factor                        float64 // Multiplier / Divisor, rounded like Value
	Multiplier, Divisor           int     // the factors of the numerator and the denominator
}

// Compile parses both sides of an indicator and finds the factor of its type.
// Groups and options in the sides are replaced by sums of their members. The
// error wraps a *[SyntaxError] or *[EvalError], as in "indicator: Uvn6LCg7dVU:
// numerator: 1:4: unexpected end, want a value". It is that of the first side
// that cannot be parsed. The Formula then computes what DHIS2 does, with 0 for
// such a side (RULES.md#errors). It is nil only if c is.
func Compile(c *hmis.Catalog, ind hmis.Indicator) (*Formula, error) {
	if c == nil {
		return nil, errors.New("indicator: Compile needs a Catalog")
	}
	f := &Formula{Decimals: ind.Decimals, Annualized: ind.Annualized}
	if t, ok := hmis.Find[hmis.IndicatorType](c, ind.Type); ok {
		f.Factor = &t.Factor
	}
	var err, err2 error
	if f.Numerator, err = parseExpanded(c, ind.Numerator); err != nil {
		f.Numerator, err = InIndicator.zero(), sideError{string(ind.ID) + ": numerator", err}
	}
	if f.Denominator, err2 = parseExpanded(c, ind.Denominator); err2 != nil {
		f.Denominator, err2 = InIndicator.zero(), sideError{string(ind.ID) + ": denominator", err2}
	}
	return f, cmp.Or(err, err2)
}

// zero returns the expression 0, which replaces one that cannot be parsed.
func (u Use) zero() *Expr {
	e, err := u.Parse("0")
	if err != nil {
		panic(err)
	}
	return e
}

// Eval computes the indicator for one cell. The Value is missing if either side
// is missing or the denominator is zero. An annualized formula reads a DaysItem
// from env. The caller must have rounded the items (rule 1 of
// RULES.md#indicators). Missing and Result of env are not used.
func (f *Formula) Eval(env Env) (Result, error) {
	env.Missing, env.Result = hmis.SkipIfAllMissing, hmis.Number
	den, err := f.Denominator.orEmpty().Eval(env)
	if err != nil {
		return Result{}, err
	}
	n, err := f.Numerator.orEmpty().Eval(env)
	if err != nil {
		return Result{}, err
	}
	days := Value{}
	if f.Annualized && env.Item != nil {
		days = env.Item(Item{Kind: DaysItem})
	}
	return f.result(n, den, days, env.SkipRounding), nil
}

// result computes the indicator from both sides (RULES.md#indicators).
func (f *Formula) result(n, den, days Value, skipRounding bool) Result {
	r := Result{Multiplier: f.multiplier(), Divisor: 1}
	if f.Annualized {
		d, _ := days.Float64()
		r.Divisor = int(d)
	}
	if n.kind == missing || den.kind == missing || den.num().IsZero() {
		return r
	}
	r.Raw = n.num().Float() * float64(r.Multiplier) / (den.num().Float() * float64(r.Divisor))
	r.Value = f.round(num.FromFloat(r.Raw), skipRounding)
	r.Numerator, r.Denominator = f.round(n.num(), skipRounding), f.round(den.num(), skipRounding)
	r.Factor = f.factor(r.Multiplier, r.Divisor, skipRounding)
	return r
}

func (f *Formula) factor(multiplier, divisor int, skipRounding bool) float64 {
	v := f.round(num.FromFloat(float64(multiplier)/float64(divisor)), skipRounding)
	return v.num().Float()
}

// multiplier returns the factor, times 365 if annualized, as an integer of 32
// bits.
func (f *Formula) multiplier() int {
	m := 1
	if f.Factor != nil {
		m = *f.Factor
	}
	if f.Annualized {
		m = int(max(-math.MaxInt32, min(int64(m)*365, math.MaxInt32)))
	}
	return m
}

// round returns x rounded as the result of an indicator is (RULES.md#rounding).
func (f *Formula) round(x num.Num, skipRounding bool) Value {
	switch {
	case skipRounding:
		return numeric(x.Round(10))
	case f.Decimals == nil:
		return numeric(x.Round(2))
	case *f.Decimals > 0:
		return numeric(x.Round(*f.Decimals))
	}
	if x.IsNaN() {
		return numeric0
	}
	return Float(halfUp(x.Float()))
}

// halfUp rounds to a whole number, with ties up, and never to -0. Adding 0.5
// would be wrong for the number just below 0.5 and for odd numbers from 2^52
// on.
func halfUp(f float64) float64 {
	whole := math.Floor(f)
	if f-whole >= 0.5 {
		whole++
	}
	return whole + 0
}
