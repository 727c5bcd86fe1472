package formulas

import (
	"fmt"
	"math"
	"strconv"

	"cel.dev/cel-go/cel"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
)

// An answer is a value in units of the fourth digit after the point, or none.
type answer struct {
	value int64
	none  bool
}

// A computation computes a formula for as many cells as out has, beginning with
// first.
type computation func(first int, out []answer) error

// An engine turns formulas into computations.
type engine struct {
	name  string
	slow  bool // it computes only the first -peers cells
	begin func(cols []*column, f formula) (computation, error)
}

var digits = 4

var engines = []engine{
	{name: "indicator, values", begin: ours},
	{name: "indicator, results", begin: ourResults},
	{name: "closures over float64", begin: floatClosures},
	{name: "closures over decimals", slow: true, begin: decimalClosures},
	{name: "cel-go", slow: true, begin: celGo},
	{name: "expr-lang/expr", slow: true, begin: exprLang},
}

// compile returns the formula as a Formula of this library.
func compile(f formula, cols []*column) (*indicator.Formula, error) {
	text := func(n node) string {
		return n.text(
			func(i int) string { return cols[i].item.String() },
			func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) },
			func(c, a, b string) string { return fmt.Sprintf("if(%s > 10, %s, %s)", c, a, b) },
		)
	}
	num, err := indicator.Parse(text(f.num))
	if err != nil {
		return nil, err
	}
	den, err := indicator.Parse(text(f.den))
	return &indicator.Formula{Numerator: num, Denominator: den, Factor: &f.factor, Decimals: &digits}, err
}

func columnEnv(cols []*column, first, n int) indicator.ColumnEnv {
	return indicator.ColumnEnv{Item: func(i indicator.Item) indicator.Column {
		k, _ := strconv.Atoi(string(i.ID[1:]))
		c := cols[k]
		return indicator.Column{Coef: c.coef[first : first+n], Scale: c.scale, Missing: c.missing[first : first+n]}
	}}
}

func ours(cols []*column, f formula) (computation, error) {
	formula, err := compile(f, cols)
	var into indicator.Column
	return func(first int, out []answer) error {
		if err := formula.EvalColumn(columnEnv(cols, first, len(out)), len(out), &into); err != nil {
			return err
		}
		for i := range out {
			out[i] = answer{into.Coef[i], into.Missing[i]}
		}
		for i, v := range into.Other {
			x, _ := v.Float64()
			out[i] = answer{value: int64(math.Round(x * 1e4))}
		}
		return nil
	}, err
}

func ourResults(cols []*column, f formula) (computation, error) {
	formula, err := compile(f, cols)
	var results []indicator.Result
	return func(first int, out []answer) error {
		if len(results) < len(out) {
			results = make([]indicator.Result, len(out))
		}
		if err := formula.EvalColumns(columnEnv(cols, first, len(out)), results[:len(out)]); err != nil {
			return err
		}
		for i := range out {
			x, ok := results[i].Value.Float64()
			out[i] = answer{value: int64(math.Round(x * 1e4)), none: !ok}
		}
		return nil
	}, err
}

// A sides does what all other engines need around the two sides. A side is
// missing if all of its items are; otherwise a missing item is 0. The
// denominator must not be 0.
type sides struct {
	cols     []*column
	num, den []int
}

func newSides(cols []*column, f formula) sides {
	s := sides{cols: cols}
	f.num.walk(func(i int) { s.num = append(s.num, i) })
	f.den.walk(func(i int) { s.den = append(s.den, i) })
	return s
}

func (s *sides) missing(side []int, cell int) bool {
	for _, i := range side {
		if !s.cols[i].missing[cell] {
			return false
		}
	}
	return len(side) > 0
}

// finish returns the answer, rounded half up to four digits.
func finish(num, den float64, factor int) answer {
	if den == 0 {
		return answer{none: true}
	}
	x := num * float64(factor) / den * 1e4
	if x < 0 {
		return answer{value: -int64(0.5 - x)}
	}
	return answer{value: int64(x + 0.5)}
}

func floatClosures(cols []*column, f formula) (computation, error) {
	s := newSides(cols, f)
	num, den := floatClosure(cols, f.num), floatClosure(cols, f.den)
	return func(first int, out []answer) error {
		for i := range out {
			cell := first + i
			if s.missing(s.num, cell) || s.missing(s.den, cell) {
				out[i] = answer{none: true}
				continue
			}
			out[i] = finish(num(cell), den(cell), f.factor)
		}
		return nil
	}, nil
}

func floatClosure(cols []*column, n node) func(int) float64 {
	switch n.op {
	case 'i':
		values := cols[n.item].floats
		return func(cell int) float64 { return values[cell] }
	case 'n':
		return func(int) float64 { return n.n }
	}
	x, y := floatClosure(cols, n.args[0]), floatClosure(cols, n.args[1])
	switch n.op {
	case '+':
		return func(cell int) float64 { return x(cell) + y(cell) }
	case '-':
		return func(cell int) float64 { return x(cell) - y(cell) }
	case '*':
		return func(cell int) float64 { return x(cell) * y(cell) }
	case '/':
		return func(cell int) float64 { return x(cell) / y(cell) }
	}
	z := floatClosure(cols, n.args[2])
	return func(cell int) float64 {
		if x(cell) > 10 {
			return y(cell)
		}
		return z(cell)
	}
}

func decimalClosures(cols []*column, f formula) (computation, error) {
	s := newSides(cols, f)
	num, den := decimalClosure(cols, f.num), decimalClosure(cols, f.den)
	factor := decimal.NewFromInt(int64(f.factor))
	return func(first int, out []answer) error {
		for i := range out {
			cell := first + i
			if s.missing(s.num, cell) || s.missing(s.den, cell) {
				out[i] = answer{none: true}
				continue
			}
			d := den(cell)
			if d.IsZero() {
				out[i] = answer{none: true}
				continue
			}
			out[i] = answer{value: num(cell).Mul(factor).DivRound(d, 4).Shift(4).IntPart()}
		}
		return nil
	}, nil
}

func decimalClosure(cols []*column, n node) func(int) decimal.Decimal {
	switch n.op {
	case 'i':
		values := cols[n.item].decimals
		return func(cell int) decimal.Decimal { return values[cell] }
	case 'n':
		d := decimal.NewFromFloat(n.n)
		return func(int) decimal.Decimal { return d }
	}
	x, y := decimalClosure(cols, n.args[0]), decimalClosure(cols, n.args[1])
	switch n.op {
	case '+':
		return func(cell int) decimal.Decimal { return x(cell).Add(y(cell)) }
	case '-':
		return func(cell int) decimal.Decimal { return x(cell).Sub(y(cell)) }
	case '*':
		return func(cell int) decimal.Decimal { return x(cell).Mul(y(cell)) }
	case '/':
		return func(cell int) decimal.Decimal { return x(cell).Div(y(cell)) }
	}
	z, ten := decimalClosure(cols, n.args[2]), decimal.NewFromInt(10)
	return func(cell int) decimal.Decimal {
		if x(cell).GreaterThan(ten) {
			return y(cell)
		}
		return z(cell)
	}
}

// floatText returns a number in a form that engines read as a double.
func floatText(x float64) string { return strconv.FormatFloat(x, 'e', -1, 64) }

func choice(c, a, b string) string { return fmt.Sprintf("(%s > 10.0 ? %s : %s)", c, a, b) }

// An activation has the variables of a cell for cel-go.
type activation struct {
	index map[string]*column
	cell  int
}

func (a *activation) ResolveName(name string) (any, bool) {
	c, ok := a.index[name]
	if !ok {
		return nil, false
	}
	return c.floats[a.cell], true
}

func (a *activation) Parent() cel.Activation { return nil }

func celGo(cols []*column, f formula) (computation, error) {
	s := newSides(cols, f)
	var vars []cel.EnvOption
	act := &activation{index: map[string]*column{}}
	for _, c := range cols {
		vars = append(vars, cel.Variable(c.name, cel.DoubleType))
		act.index[c.name] = c
	}
	env, err := cel.NewEnv(vars...)
	if err != nil {
		return nil, err
	}
	program := func(n node) (cel.Program, error) {
		ast, issues := env.Compile(n.text(func(i int) string { return cols[i].name }, floatText, choice))
		if issues.Err() != nil {
			return nil, issues.Err()
		}
		return env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	}
	num, err := program(f.num)
	if err != nil {
		return nil, err
	}
	den, err := program(f.den)
	if err != nil {
		return nil, err
	}
	return func(first int, out []answer) error {
		for i := range out {
			cell := first + i
			if s.missing(s.num, cell) || s.missing(s.den, cell) {
				out[i] = answer{none: true}
				continue
			}
			act.cell = cell
			n, _, err := num.Eval(act)
			if err != nil {
				return err
			}
			d, _, err := den.Eval(act)
			if err != nil {
				return err
			}
			out[i] = finish(n.Value().(float64), d.Value().(float64), f.factor)
		}
		return nil
	}, nil
}

// A variables is the environment in which expr-lang evaluates.
type variables struct{ V []float64 }

func exprLang(cols []*column, f formula) (computation, error) {
	s := newSides(cols, f)
	program := func(n node) (*vm.Program, error) {
		text := n.text(func(i int) string { return fmt.Sprintf("V[%d]", i) }, floatText, choice)
		return expr.Compile(text, expr.Env(variables{}), expr.AsFloat64())
	}
	num, err := program(f.num)
	if err != nil {
		return nil, err
	}
	den, err := program(f.den)
	if err != nil {
		return nil, err
	}
	env := variables{V: make([]float64, len(cols))}
	var machine vm.VM
	return func(first int, out []answer) error {
		for i := range out {
			cell := first + i
			if s.missing(s.num, cell) || s.missing(s.den, cell) {
				out[i] = answer{none: true}
				continue
			}
			for _, side := range [][]int{s.num, s.den} {
				for _, i := range side {
					env.V[i] = cols[i].floats[cell]
				}
			}
			n, err := machine.Run(num, env)
			if err != nil {
				return err
			}
			d, err := machine.Run(den, env)
			if err != nil {
				return err
			}
			out[i] = finish(n.(float64), d.(float64), f.factor)
		}
		return nil
	}, nil
}
