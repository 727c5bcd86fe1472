package indicator

import "slices"

// A samplePart is an argument of functions over samples that is computed in whole
// numbers: a sum or product of data and numbers.
type samplePart struct {
	nodes []int32 // where it stands in the expression
	expr  *Expr   // the argument alone
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

// onlyData reports whether a plan reads data, and nothing but data.
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

// EvalSamples computes a part in as many cells as out is long, each as functions
// over samples read it in a sample period. What it returns for the cells of the
// sample periods is what [Env.SampleValues] answers, without those that are
// missing. A caller that asks for many periods with overlapping samples so
// computes each cell once. Item of env is called for each item of the whole
// expression.
func (e *Expr) EvalSamples(part int, env ColumnEnv, out []Value) error {
	return e.samples[part].expr.EvalColumns(env, out)
}

// known returns the values of a node over the samples, if the caller of Eval knows
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
