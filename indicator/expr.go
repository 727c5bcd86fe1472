package indicator

import (
	"iter"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// An Expr is a parsed and checked expression. It does not change after Parse
// and is safe for concurrent use. The zero Expr is the expression of an empty
// text.
type Expr struct {
	src     string
	use     Use
	root    ast.Node
	prog    program
	items   []Item        // all items, in the order of first use
	sampled []Item        // the items that are read in sample periods
	output  []Item        // the items of data that are read in the period of the result
	whole   *columnPlan   // the plan of the whole expression, or nil
	parts   []*columnPlan // plans of parts, if the whole has no plan; see node.slot
	samples []samplePart  // the arguments of functions over samples that have a plan

	// sums maps each node that has replaced an item to the number of
	// parentheses around it that are not in the text. It is nil if nothing was
	// replaced.
	sums map[ast.Node]int
}

var emptyExpr Expr

// orEmpty returns e, or the empty expression if e is nil.
func (e *Expr) orEmpty() *Expr {
	if e == nil {
		return &emptyExpr
	}
	return e
}

// Items returns each item that the expression refers to, once, in the order of
// first use. Their values are needed for Eval.
func (e *Expr) Items() iter.Seq[Item] { return list(e.items) }

// SampledItems returns the items that a predictor reads in its sample periods,
// once each. An item may be read in the output period as well.
func (e *Expr) SampledItems() iter.Seq[Item] { return list(e.sampled) }

// OutputItems returns the items of data that are read in the period of the
// result itself, once each. A predictor may read some of them in its sample
// periods too.
func (e *Expr) OutputItems() iter.Seq[Item] { return list(e.output) }

func list(items []Item) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for _, i := range items {
			if !yield(i) {
				return
			}
		}
	}
}

// Root returns the syntax tree. It must not be changed. It is nil if the text
// of the expression is empty.
func (e *Expr) Root() ast.Node { return e.root }

// Source returns the text that was parsed.
func (e *Expr) Source() string { return e.src }

// Use returns the use for which the expression was parsed.
func (e *Expr) Use() Use { return e.use }

// String returns the expression in normal form, which Parse reads back to an
// equal expression.
func (e *Expr) String() string { return syntax.Print(e.root) }

// Eval computes the expression. A missing result is not an error; it is a
// missing Value. The error is an *[EvalError]; see [Env.Warn].
func (e *Expr) Eval(env Env) (Value, error) {
	m := machine{expr: e, env: &env, sample: -1}
	v := m.result(env.Missing, env.Result)
	if v.kind != failed {
		return v, nil
	}
	if m.err.Abort || env.Warn == nil {
		return Value{}, m.err
	}
	env.Warn(m.err)
	return m.afterError(), nil
}

var numeric0 = Value{kind: number}

// result evaluates the expression, converts the value, and decides whether it
// is missing (RULES.md#missing-values). If the Value is failed, m has the
// error.
func (m *machine) result(strategy hmis.Missing, result hmis.ValueType) Value {
	e := m.expr
	if e.root == nil {
		return Value{}
	}
	if result == "" {
		result = e.use.result()
	}
	m.strategy = strategy
	m.replace, m.found, m.present, m.nullDate = true, 0, 0, false
	root := e.prog.root
	v := m.eval(root)
	switch {
	case v.kind == failed:
		return v
	case result.IsNumeric():
		v = m.number(v, root)
	case result.IsBoolean():
		v = m.truth(v, root)
	default:
		v = m.text(v)
	}
	switch {
	case v.kind == failed:
		return v
	case m.nullDate, m.skip():
		return Value{}
	case v.kind == missing && m.replace:
		return zeroOf(result)
	}
	return v
}

// afterError returns the result of an expression with a type error: 0, unless
// the items counted before the error make it missing.
func (m *machine) afterError() Value {
	if m.nullDate || m.skip() {
		return Value{}
	}
	return numeric0
}

// skip reports whether missing items make the result missing.
func (m *machine) skip() bool {
	switch m.strategy {
	case hmis.NeverSkip:
		return false
	case hmis.SkipIfAnyMissing:
		return m.present < m.found
	}
	return m.found > 0 && m.present == 0
}

// zeroOf returns the value by which a missing value of a type is replaced.
func zeroOf(t hmis.ValueType) Value {
	switch {
	case t.IsNumeric():
		return numeric0
	case t.IsBoolean():
		return Truth(false)
	}
	return Text("")
}
