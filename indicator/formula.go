package indicator

import (
	"fmt"
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A Formula is an indicator ready to be computed: two expressions, a factor and
// a rounding. It does not change and is safe for concurrent use.
type Formula struct {
	Numerator   *Expr
	Denominator *Expr
	Factor      *int // of the indicator type; nil is 1
	Decimals    *int // nil rounds to two digits
	Annualized  bool // multiply by 365 and divide by the days of the period
}

// A Result is a computed indicator with what made it, rounded by the same rule.
type Result struct {
	Value, Numerator, Denominator Value
	Raw                           Value // Value before rounding
	Factor                        Value // Multiplier / Divisor
	Multiplier, Divisor           int   // of the numerator and the denominator
}

// Compile parses both sides of an indicator, with groups and options in them
// replaced by sums of their members, and finds the factor of its type. The error
// is a *[SyntaxError] or an *[EvalError] behind the id of the indicator. DHIS2
// would take a side that cannot be read as 0.
func Compile(c *hmis.Catalog, ind hmis.Indicator) (*Formula, error) {
	f := &Formula{Decimals: ind.Decimals, Annualized: ind.Annualized}
	if t, ok := hmis.Find[hmis.IndicatorType](c, ind.Type); ok {
		f.Factor = &t.Factor
	}
	var err error
	if f.Numerator, err = parseExpanded(c, ind.Numerator); err != nil {
		return nil, fmt.Errorf("indicator %s: numerator: %w", ind.ID, err)
	}
	if f.Denominator, err = parseExpanded(c, ind.Denominator); err != nil {
		return nil, fmt.Errorf("indicator %s: denominator: %w", ind.ID, err)
	}
	return f, nil
}

// Eval computes the indicator for one cell. The Value is missing if either side
// is missing or the denominator is zero. Annualized asks env for DaysItem. Items
// must have been rounded before (section 13, step 1); Missing and Result of env
// do not matter.
func (f *Formula) Eval(env Env) (Result, error) {
	env.Missing, env.Result = hmis.SkipIfAllMissing, hmis.Number
	den, err := f.Denominator.Eval(env)
	if err != nil {
		return Result{}, err
	}
	n, err := f.Numerator.Eval(env)
	if err != nil {
		return Result{}, err
	}
	days := Value{}
	if f.Annualized && env.Item != nil {
		days = env.Item(Item{Kind: DaysItem})
	}
	return f.result(n, den, days, env.SkipRounding), nil
}

// result puts both sides together (section 13, steps 3 to 7).
func (f *Formula) result(n, den, days Value, skipRounding bool) Result {
	r := Result{Multiplier: f.multiplier(), Divisor: 1}
	if f.Annualized {
		d, _ := days.Float64()
		r.Divisor = int(d)
	}
	if n.kind == missing || den.kind == missing || den.num().IsZero() {
		return r
	}
	x := n.num().Float() * float64(r.Multiplier) / (den.num().Float() * float64(r.Divisor))
	r.Raw = Float(x)
	r.Factor = f.round(num.FromFloat(float64(r.Multiplier)/float64(r.Divisor)), skipRounding)
	r.Value = f.round(r.Raw.num(), skipRounding)
	r.Numerator, r.Denominator = f.round(n.num(), skipRounding), f.round(den.num(), skipRounding)
	return r
}

// multiplier is the factor, times 365 if annualized, within 32 bits.
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

// round is step 6 of section 13.
func (f *Formula) round(x num.Num, skipRounding bool) Value {
	switch {
	case skipRounding:
		return numeric(x.Round(10))
	case f.Decimals == nil:
		return numeric(x.Round(2))
	case *f.Decimals > 0:
		return numeric(x.Round(*f.Decimals))
	}
	return numeric(floorHalf(x))
}

// floorHalf rounds to a whole number, ties up; not-a-number is 0.
func floorHalf(x num.Num) num.Num {
	f := math.Floor(x.Float() + 0.5)
	if math.IsNaN(f) {
		return num.Num{}
	}
	return num.FromFloat(f + 0) // never -0
}

// EvalColumns is Eval for as many cells as out is long.
func (f *Formula) EvalColumns(env ColumnEnv, out []Result) error {
	env.Missing, env.Result = hmis.SkipIfAllMissing, hmis.Number
	values := make([]Value, 2*len(out))
	n, den := values[:len(out)], values[len(out):]
	if err := f.Denominator.EvalColumns(env, den); err != nil {
		return err
	}
	if err := f.Numerator.EvalColumns(env, n); err != nil {
		return err
	}
	var days Column
	if f.Annualized {
		days = env.Item(Item{Kind: DaysItem})
	}
	for i := range out {
		out[i] = f.result(n[i], den[i], days.value(i), env.SkipRounding)
	}
	return nil
}
