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
	items   []Item        // in the order of first use
	sampled []Item        // those read in the sample periods
	output  []Item        // data read in the period of the result
	whole   *columnPlan   // for columns, or nil
	parts   []*columnPlan // if there is no plan for the whole: see node.slot

	// sums counts the parentheses around nodes that replace an item and were
	// not written. It is nil if everything is as written.
	sums map[ast.Node]int
}

var emptyExpr Expr

// orEmpty returns e, or the empty expression in place of none.
func (e *Expr) orEmpty() *Expr {
	if e == nil {
		return &emptyExpr
	}
	return e
}

// Items returns each item that the expression refers to, once, in the order of
// first use. Fetch them before Eval.
func (e *Expr) Items() iter.Seq[Item] { return list(e.items) }

// SampledItems returns the items that a predictor reads in its sample periods,
// once each. An item may be read in the output period as well.
func (e *Expr) SampledItems() iter.Seq[Item] { return list(e.sampled) }

// OutputItems returns the items of data that are read in the period of the result
// itself, once each. Of a predictor some may be read in its sample periods too.
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

// Use returns what the expression is for.
func (e *Expr) Use() Use { return e.use }

// String returns the expression in normal form, which Parse reads back to an
// equal expression.
func (e *Expr) String() string { return syntax.Print(e.root) }

// Eval computes the expression. A missing result is not an error: the Value is
// then missing. The error is an *[EvalError]; see [Env.Warn].
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
// is missing (RULES.md#missing-values). If the result is failed, the error is
// in m.
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
