package indicator

import (
	"cmp"
	"fmt"
	"math"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A Rule is a compiled validation rule: two expressions and an operator between
// them. It does not change and is safe for concurrent use. The zero Rule has no
// operator, and nothing violates it.
type Rule struct {
	Left, Right *Expr // nil means missing, like an expression of empty text

	leftMissing, rightMissing hmis.Missing
	pair                      func(left, right bool) bool // one of pairOps, or nil for an operator that compares
	compares                  bool                        // op compares the two sides
	op                        opcode                      // the comparison, one of ruleOps
}

// A Comparison is the result of a Rule for one org unit, period and attribute
// option combo.
type Comparison struct {
	Violated bool
	// Left and Right are the values of both sides. They are missing if they are
	// not finite. [Value.RoundSide] rounds them for display.
	Left, Right Value
}

// CompileRule parses both sides of a validation rule. The error names the rule
// and wraps a *[SyntaxError] or *[EvalError] for the first side that cannot be
// parsed. The Rule then checks what DHIS2 does, with 0 for such a side. It is
// nil if the operator is unknown.
func CompileRule(rule hmis.ValidationRule) (*Rule, error) {
	r := &Rule{leftMissing: rule.Left.Missing, rightMissing: rule.Right.Missing}
	if r.pair = pairOps[rule.Operator]; r.pair == nil {
		if r.op, r.compares = ruleOps[rule.Operator]; !r.compares {
			return nil, fmt.Errorf("indicator: validation rule %s: unknown operator %q",
				rule.ID, rule.Operator)
		}
	}
	name := "validation rule " + string(rule.ID)
	var err, err2 error
	if r.Left, err = InRule.Parse(rule.Left.Text); err != nil {
		r.Left, err = InRule.zero(), sideError{name + ": left side", err}
	}
	if r.Right, err2 = InRule.Parse(rule.Right.Text); err2 != nil {
		r.Right, err2 = InRule.zero(), sideError{name + ": right side", err2}
	}
	return r, cmp.Or(err, err2)
}

// ruleOps has the operators that compare both sides. pairOps has the operators
// that only check which sides have a value.
var (
	ruleOps = map[string]opcode{
		"equal_to":                 opEqual,
		"not_equal_to":             opNotEqual,
		"greater_than":             opGreater,
		"greater_than_or_equal_to": opGreaterOrEqual,
		"less_than":                opLess,
		"less_than_or_equal_to":    opLessOrEqual,
	}
	pairOps = map[string]func(left, right bool) bool{
		"compulsory_pair": func(left, right bool) bool { return left != right },
		"exclusive_pair":  func(left, right bool) bool { return left && right },
	}
)

// Eval computes both sides and compares them (RULES.md#sides-of-a-rule).
// Missing and Result of env are not used. Two missing sides violate nothing.
func (r *Rule) Eval(env Env) (Comparison, error) {
	env.Result = hmis.Number
	env.Missing = r.leftMissing
	left, err := r.Left.orEmpty().Eval(env)
	if err != nil {
		return Comparison{}, err
	}
	env.Missing = r.rightMissing
	right, err := r.Right.orEmpty().Eval(env)
	if err != nil {
		return Comparison{}, err
	}
	return r.Compare(left, right), nil
}

// Compare compares the values of both sides. Not-a-number and the infinities
// count as missing.
func (r *Rule) Compare(left, right Value) Comparison {
	left, right = finite(left), finite(right)
	c := Comparison{Left: left, Right: right}
	if left.kind == missing && right.kind == missing {
		return c
	}
	if r.pair != nil {
		c.Violated = r.pair(left.kind != missing, right.kind != missing)
		return c
	}
	if left.kind == missing && r.leftMissing == hmis.NeverSkip {
		left = numeric0
	}
	if right.kind == missing && r.rightMissing == hmis.NeverSkip {
		right = numeric0
	}
	if left.kind == missing || right.kind == missing {
		return c
	}
	if r.compares {
		order, ok := compare(left, right)
		c.Violated = ok && !holds(r.op, order)
	}
	return c
}

// finite returns v if it is a finite number, and a missing value if it is not.
func finite(v Value) Value {
	v = v.operand()
	if v.kind != number || v.num().IsNaN() || v.num().IsInf() {
		return Value{}
	}
	return v
}

// RoundSide returns a side of a validation rule, rounded for display (rule 4 of
// RULES.md#sides-of-a-rule). From 10 on it has one digit after the point.
// Smaller numbers have three significant digits, and those below 0.01 are 0. A
// missing side is 0.
func (v Value) RoundSide() Value {
	x := v.operand()
	if x.kind != number {
		return numeric0
	}
	f := x.num().Float()
	if math.Abs(f) >= 10 || math.IsNaN(f) {
		return numeric(x.num().Round(1))
	}
	return Float(significant(f, 3))
}

// significant rounds f to a number of significant digits, with ties up. Numbers
// below 0.01 become 0. It works on doubles, as the server does here.
func significant(f float64, digits int) float64 {
	if math.Abs(f) <= 0.01 {
		return 0
	}
	d := int(math.Ceil(log10(math.Abs(f))))
	if d >= digits {
		return halfUp(f)
	}
	unit := num.Pow10(digits - d)
	return halfUp(f*unit) / unit
}
