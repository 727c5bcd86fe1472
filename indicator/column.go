package indicator

// A columnPlan is how an expression is computed for many cells at once.
type columnPlan struct{}

func planColumns(*Expr) *columnPlan { return nil }

// EvalColumns is Eval for as many cells as out is long, each as Eval would
// answer it. It allocates nothing per cell.
func (e *Expr) EvalColumns(env ColumnEnv, out []Value) error {
	cols := make([]Column, len(e.items))
	for i, item := range e.items {
		cols[i] = env.Item(item)
	}
	m := machine{expr: e, cols: cols, typ: env.Type, sample: -1}
	for cell := range out {
		m.cell = cell
		v := m.run(env.Missing, env.Result)
		if v.kind == failed {
			if m.err.Abort || env.Note == nil {
				return m.err
			}
			env.Note(cell, m.err)
			m.err = nil
			v = numeric0
		}
		out[cell] = v
	}
	return nil
}
