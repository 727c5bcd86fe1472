package indicator

import (
	"slices"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A columnPlan computes an expression in whole numbers, column by column. It
// exists for expressions that have only items, numbers, + - * and signs, as
// nearly all real ones do. Evaluation of such an expression never stops early,
// so every item counts.
//
// Below 10^15 the results equal those of package num. The machine computes all
// other cells.
//
// Expressions of other kinds have plans for the sums and products inside them,
// whose values the machine then uses.
type columnPlan struct {
	steps   []columnStep
	negated bool    // a minus sign applies to the whole expression, so that a result of 0 becomes -0
	counted []int32 // the slots of the items that count as values
	// vanishes means that the value is 0 if all counted items are 0. Only a
	// cell whose value is 0 can then be missing.
	vanishes bool
}

// A columnStep changes one register: dst = dst op operand.
type columnStep struct {
	op      opcode // the operation: opConst, opAdd, opSub, opMul or opNeg; opConst sets the register, to 0 if there is no operand
	dst     int8
	operand operandKind
	index   int32 // index of a slot or register
	number  num.Num
}

// zero returns the step that sets the register of s to 0.
func (s columnStep) zero() columnStep { return columnStep{op: opConst, dst: s.dst} }

// term reports whether s adds an item to its register or subtracts one.
func (s columnStep) term() bool {
	return s.operand == itemOperand && (s.op == opAdd || s.op == opSub)
}

type operandKind uint8

const (
	noOperand operandKind = iota
	itemOperand
	registerOperand
	numberOperand
)

const maxRegisters = 6

// maxParts limits how many parts of an expression have plans.
const maxParts = 4

// planColumns makes the plan of an expression. If the whole cannot have a plan,
// it makes plans of its parts.
func planColumns(e *Expr) {
	e.whole = planWhole(&e.prog, e.prog.root, e.items)
	if e.whole == nil {
		planParts(e)
		planSamples(e)
	}
}

// planWhole returns the plan of a node that is the result, or nil if it cannot
// have one.
func planWhole(prog *program, root int32, items []Item) *columnPlan {
	root = unsigned(prog, root)
	if prog.nodes[root].op != opNeg {
		return planNode(prog, root, items)
	}
	p := planNode(prog, prog.links[prog.nodes[root].from].node, items)
	if p != nil {
		p.negated = true
		p.steps = append(p.steps, columnStep{op: opNeg})
	}
	return p
}

// planNode returns the plan of a node, or nil if the node cannot have one.
func planNode(prog *program, i int32, items []Item) *columnPlan {
	p := &columnPlan{}
	b := planner{prog: prog, plan: p}
	if !b.into(i, 0) {
		return nil
	}
	p.vanishes = b.vanishes(i)
	seen := make([]bool, len(items))
	for _, s := range p.steps {
		if s.operand == itemOperand && !seen[s.index] {
			seen[s.index] = true
			if items[s.index].Kind.IsData() {
				p.counted = append(p.counted, s.index)
			}
		}
	}
	return p
}

// planParts makes plans of the largest sums and products within an expression.
// It sets the slots of their nodes.
func planParts(e *Expr) {
	p := &e.prog
	simple := make([]bool, len(p.nodes)) // nodes are sorted so that children come before parents
	for i, n := range p.nodes {
		links := p.links[n.from:n.to]
		switch n.op {
		case opConst:
			simple[i] = p.constants[n.slot].kind == number
		case opData, opCount, opConstant:
			simple[i] = true
		case opNeg, opPlus, opChain:
			simple[i] = !slices.ContainsFunc(links, func(l link) bool {
				return !simple[l.node] || l.op == opDiv || l.op == opRem
			})
		}
	}
	var walk func(i int32)
	walk = func(i int32) {
		n := &p.nodes[i]
		switch n.op {
		case opIsNull, opIsNotNull, opFirstNonNull: // these operations treat a missing value differently from 0
			return
		case opOrgUnit:
			return
		case opChain:
			if simple[i] {
				if len(e.parts) < maxParts {
					if plan := planNode(p, i, e.items); plan != nil {
						e.parts = append(e.parts, plan)
						n.slot = int32(len(e.parts))
					}
				}
				return
			}
		}
		for _, l := range p.links[n.from:n.to] {
			walk(l.node)
		}
	}
	walk(p.root)
}

type planner struct {
	prog *program
	plan *columnPlan
}

func (b *planner) step(s columnStep) { b.plan.steps = append(b.plan.steps, s) }

// unsigned returns the node inside any plus signs at node i.
func unsigned(p *program, i int32) int32 {
	for p.nodes[i].op == opPlus {
		i = p.links[p.nodes[i].from].node
	}
	return i
}

// into appends the steps that compute a node into register dst. It uses only
// dst and registers above it. The result is false if the node cannot be
// planned.
func (b *planner) into(i int32, dst int8) bool {
	if dst == maxRegisters {
		return false
	}
	i = unsigned(b.prog, i)
	n := b.prog.nodes[i]
	links := b.prog.links[n.from:n.to]
	switch n.op {
	case opNeg:
		if !b.into(links[0].node, dst) {
			return false
		}
		b.step(columnStep{op: opNeg, dst: dst})
		return true
	case opChain:
		if !b.into(links[0].node, dst) {
			return false
		}
		for _, l := range links[1:] {
			if !b.apply(l.op, l.node, dst) {
				return false
			}
		}
		return true
	}
	return b.apply(opConst, i, dst)
}

// apply appends the steps of dst = dst op node. The result is false if they
// cannot be planned.
func (b *planner) apply(op opcode, i int32, dst int8) bool {
	if op == opDiv || op == opRem {
		return false
	}
	i = unsigned(b.prog, i)
	s := columnStep{op: op, dst: dst}
	switch n := b.prog.nodes[i]; n.op {
	case opConst:
		v := b.prog.constants[n.slot]
		if v.kind != number || v.scale < 0 {
			return false
		}
		s.operand, s.number = numberOperand, v.num()
	case opData, opCount, opConstant:
		s.operand, s.index = itemOperand, n.slot
		if op == opConst { // the term can then be reordered with the terms that follow
			b.step(s.zero())
			s.op = opAdd
		}
	default:
		if op == opConst || !b.into(i, dst+1) {
			return false
		}
		s.operand, s.index = registerOperand, int32(dst)+1
	}
	b.step(s)
	return true
}

// vanishes reports whether a node with a plan is 0 if all of its counted items
// are 0.
func (b *planner) vanishes(i int32) bool {
	n := b.prog.nodes[i]
	links := b.prog.links[n.from:n.to]
	switch n.op {
	case opData:
		return true
	case opNeg, opPlus:
		return b.vanishes(links[0].node)
	case opChain:
		product := links[1].op == opMul
		for _, l := range links {
			if b.vanishes(l.node) == product { // one zero factor makes a product 0, but a sum is 0 only if every term is
				return product
			}
		}
		return !product
	}
	return false
}
