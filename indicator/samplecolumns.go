package indicator

import "slices"

// A samplePart is an argument of functions over samples that is computed in whole
// numbers: a sum or product of data and numbers.
type samplePart struct {
	nodes []int32 // the nodes of the expression that are this argument
	expr  *Expr   // the argument as an expression of its own
}

// planSamples finds the arguments of functions over samples that have a plan.
func planSamples(e *Expr) {
	for _, n := range e.prog.nodes {
		links := e.prog.links[n.from:n.to]
		for i, l := range links {
			if !n.op.samples(i, len(links)) {
				continue
			}
			plan := planWhole(&e.prog, l.node, e.items)
			if plan == nil || !onlyData(plan, e.items) {
				continue
			}
			k := slices.IndexFunc(e.samples, func(p samplePart) bool {
				return p.expr.whole.negated == plan.negated && slices.Equal(p.expr.whole.steps, plan.steps)
			})
			if k < 0 {
				k = len(e.samples)
				alone := &Expr{src: e.src, use: e.use, root: e.root, prog: e.prog, items: e.items, whole: plan}
				alone.prog.root = l.node
				e.samples = append(e.samples, samplePart{expr: alone})
			}
			e.samples[k].nodes = append(e.samples[k].nodes, l.node)
		}
	}
}

// onlyData reports whether a plan reads at least one item, and all its items
// are data.
func onlyData(p *columnPlan, items []Item) bool {
	for _, s := range p.steps {
		if s.operand == itemOperand && !items[s.index].Kind.IsData() {
			return false
		}
	}
	return len(p.counted) > 0
}

// SampleParts returns how many parts of the expression [Expr.EvalSamples] can
// compute: arguments of functions over samples that are sums and products of data
// and numbers, equal ones once.
func (e *Expr) SampleParts() int { return len(e.samples) }

// SamplePartItems returns the items of a part, once each.
func (e *Expr) SamplePartItems(part int) []Item {
	var list []Item
	for _, slot := range e.samples[part].expr.whole.counted {
		list = append(list, e.items[slot])
	}
	return list
}

// EvalSamples computes a part in as many cells as out has, in the way in which
// functions over samples read it in one sample period. The values in the cells
// of the sample periods, without the missing ones, are what [Env.SampleValues]
// returns.
//
// A caller that predicts many periods with overlapping samples can thus compute
// each cell once. Item of env is called for each item of the whole expression.
func (e *Expr) EvalSamples(part int, env ColumnEnv, out []Value) error {
	return e.samples[part].expr.EvalColumns(env, out)
}

// known returns the values of a node in the samples if Env.SampleValues has
// them.
func (m *machine) known(arg int32) ([]float64, bool) {
	if m.env == nil || m.env.SampleValues == nil || m.sample >= 0 || !m.replace || len(m.env.Samples) == 0 {
		return nil, false
	}
	for k := range m.expr.samples {
		if slices.Contains(m.expr.samples[k].nodes, arg) {
			return m.env.SampleValues(k)
		}
	}
	return nil, false
}
