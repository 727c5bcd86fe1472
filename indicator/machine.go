package indicator

import (
	"errors"
	"fmt"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A machine runs a program for one cell. It holds the state of an evaluation
// (RULES.md#missing-values).
type machine struct {
	expr *Expr
	env  *Env     // the source of items; nil if cols is used
	cols []Column // if env is nil, the values of items, read at index cell
	cell int
	run  *columnRun                // the run that may have computed parts of the expression, or nil
	typ  func(Item) hmis.ValueType // the function Env.Type

	strategy       hmis.Missing
	replace        bool // a missing item counts as 0
	found, present int  // how many items were read, and how many of them had a value
	nullDate       bool // a date was missing
	sample         int  // the sample period in which items are read; -1 is the output period

	values []float64                // the samples of the functions that are being computed
	kept   map[collection]collected // the samples of functions that were already computed
	all    bool                     // also evaluate parts that do not change the value; see checkZero
	err    *EvalError
}

// fail records the first error and returns the value that ends the evaluation.
func (m *machine) fail(n int32, abort bool, err error) Value {
	if m.err == nil {
		span := m.expr.prog.spans[n]
		m.err = &EvalError{Source: m.expr.src, Pos: span.From, End: span.To, Abort: abort, Err: err}
	}
	return Value{kind: failed}
}

func (m *machine) failf(n int32, format string, args ...any) Value {
	return m.fail(n, false, fmt.Errorf(format, args...))
}

// eval computes step i.
func (m *machine) eval(i int32) Value {
	p := &m.expr.prog
	n := &p.nodes[i]
	links := p.links[n.from:n.to]
	switch n.op {
	case opConst:
		return p.constants[n.slot]
	case opData:
		return m.data(m.load(n.slot), n.slot)
	case opChain:
		if n.slot > 0 && m.run != nil {
			if v, ok := m.run.part(n.slot - 1); ok {
				return v
			}
		}
		return m.chain(i, links)
	case opNull:
		m.replace = false
		return Value{}
	case opCount:
		v := m.load(n.slot)
		if v.kind == missing {
			return numeric0
		}
		return v
	case opConstant:
		v := m.load(n.slot)
		if v.kind == missing {
			return m.failf(i, "unknown constant %s", m.expr.items[n.slot].ID)
		}
		return v
	case opOrgUnit:
		return m.orgUnit(links)
	case opPow:
		return m.power(i, links)
	case opCompare:
		return m.comparison(i, links)
	case opAnd, opOr:
		return m.logic(n.op, links)
	case opNeg:
		v := m.number(m.eval(links[0].node), links[0].node)
		if m.exactly() && !v.stops() {
			return m.exact(i, opSub, numeric0, v)
		}
		if v.kind == number {
			return numeric(v.num().Neg())
		}
		return v
	case opPlus:
		return m.number(m.eval(links[0].node), links[0].node)
	case opNot:
		v := m.truth(m.eval(links[0].node), links[0].node)
		if v.kind == truth {
			return Truth(v.n == 0)
		}
		return v
	}
	return m.function(i, n.op, links)
}

// load returns the value of the item in a slot.
func (m *machine) load(slot int32) Value {
	if m.env == nil {
		return m.operand(m.cols[slot].At(m.cell))
	}
	item := &m.expr.items[slot]
	get := m.env.Item
	if m.sample >= 0 && item.Kind.IsData() {
		get = m.env.Samples[m.sample]
	}
	if get == nil {
		return Value{}
	}
	return m.operand(get(*item))
}

// operand returns v in the form that the machine computes with.
func (m *machine) operand(v Value) Value {
	if m.exactly() {
		return v.item()
	}
	return v.operand()
}

// data counts an item that was read, and replaces its value if that is missing
// (rule 1 of RULES.md#missing-values).
func (m *machine) data(v Value, slot int32) Value {
	if !m.replace {
		return v
	}
	m.found++
	if v.kind != missing {
		m.present++
		return v
	}
	t := m.typeOf(slot)
	if t.IsDate() {
		m.nullDate = true
		return Value{}
	}
	return zeroOf(t)
}

// typeOf returns the value type of an item. In indicators every item is a
// number.
func (m *machine) typeOf(slot int32) hmis.ValueType {
	typ := m.typ
	if m.env != nil {
		typ = m.env.Type
	}
	if typ == nil || m.expr.use == InIndicator {
		return hmis.Number
	}
	return typ(m.expr.items[slot])
}

// orgUnit returns true if one of the given tests of org units is true.
func (m *machine) orgUnit(links []link) Value {
	for _, l := range links {
		v := m.load(l.node)
		if v.kind == truth && v.n != 0 {
			return Truth(true)
		}
	}
	return Truth(false)
}

// stops reports whether an operand decides the result of arithmetic: it is
// missing, failed or not-a-number.
func (v Value) stops() bool {
	return !v.isNumber() || v.kind == number && v.scale < 0 && v.num().IsNaN()
}

// chain computes operators of one level from left to right. The first operand
// that is missing or not-a-number is the result, and later operands are not
// evaluated (rule 4 of RULES.md#arithmetic).
func (m *machine) chain(i int32, links []link) Value {
	acc := m.number(m.eval(links[0].node), links[0].node)
	for k := 1; k < len(links); k++ {
		if acc.stops() {
			return acc
		}
		y := m.number(m.eval(links[k].node), links[k].node)
		if y.stops() {
			return y
		}
		if m.exactly() {
			acc = m.exact(i, links[k].op, acc, y)
		} else {
			acc = m.double(i, links[k].op, acc, y)
		}
	}
	return acc
}

// errDivision is the error of a division by zero in a subExpression. A database
// returns an error for it.
var errDivision = errors.New("division by zero in a subExpression")

func (m *machine) power(i int32, links []link) Value {
	x := m.number(m.eval(links[0].node), links[0].node)
	if x.stops() {
		return x
	}
	y := m.number(m.eval(links[1].node), links[1].node)
	if y.stops() {
		return y
	}
	if m.exactly() {
		return m.exactPower(i, x, y)
	}
	r, err := num.Pow(x.num(), y.num())
	if err != nil {
		return m.fail(i, true, err)
	}
	return numeric(r)
}

// comparison computes comparisons of one level from left to right. A missing
// operand ends the computation. Not-a-number can be compared.
func (m *machine) comparison(i int32, links []link) Value {
	acc := m.eval(links[0].node)
	for k := 1; k < len(links); k++ {
		if acc.kind == failed || acc.kind == missing {
			return acc
		}
		y := m.eval(links[k].node)
		if y.kind == failed || y.kind == missing {
			return y
		}
		acc = m.compare(i, links[k].op, acc, y)
	}
	return acc
}

func (m *machine) compare(i int32, op opcode, x, y Value) Value {
	c, ok := compare(x, y)
	if !ok {
		return m.failf(i, "%s and %s do not compare", x.describe(), y.describe())
	}
	return Truth(holds(op, c))
}

// holds reports whether the comparison op is true for two values. order is
// negative, 0 or positive, as [cmp.Compare] returns it.
func holds(op opcode, order int) bool {
	switch op {
	case opEqual:
		return order == 0
	case opNotEqual:
		return order != 0
	case opLess:
		return order < 0
	case opGreater:
		return order > 0
	case opLessOrEqual:
		return order <= 0
	}
	return order >= 0
}

// logic computes a chain of "and" or a chain of "or" (RULES.md#logic).
func (m *machine) logic(op opcode, links []link) Value {
	acc := m.truth(m.eval(links[0].node), links[0].node)
	for _, l := range links[1:] {
		if acc.kind == failed {
			return acc
		}
		decided := acc.kind == truth && (acc.n != 0) == (op == opOr)
		if op == opAnd && acc.kind == missing {
			decided = true
		}
		if decided && !m.all {
			return acc
		}
		y := m.truth(m.eval(l.node), l.node)
		switch {
		case y.kind == failed:
			return y
		case decided:
		case acc.kind == missing && !(y.kind == truth && y.n != 0): // missing or false is missing
		default:
			acc = y
		}
	}
	return acc
}
