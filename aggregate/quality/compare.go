package quality

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// compare runs the rules of a task and adds what it finds to out.
func (r *ruleRun) compare(task ruleTask, out *ValidationRun) error {
	st, err := r.stage(task)
	if err != nil || st.cells == 0 {
		return err
	}
	f := &finding{run: r, task: task, stage: st, violated: make([]bitset, len(task.class.rules))}
	for i := range f.violated {
		f.violated[i] = newBitset(st.cells)
	}
	blocks := (st.cells + blockCells - 1) / blockCells
	if err := parallel(r.ctx, r.Workers, blocks, f.newComparer); err != nil {
		return err
	}
	out.Evaluated += f.evaluated
	for i := range f.violated {
		out.Violated += f.violated[i].count()
	}
	slices.SortFunc(f.failures, func(a, b failure) int { return cmp.Or(a.cell-b.cell, a.rule-b.rule, a.side-b.side) })
	for _, x := range f.failures {
		rule := task.class.rules[x.rule]
		if err := r.reject(rule.ID, sideError(x.side, x.err)); err != nil {
			return err
		}
	}
	return f.report(r.max()-len(out.Violations), out)
}

// A finding is what came of the rules of a task.
type finding struct {
	run      *ruleRun
	task     ruleTask
	stage    *stage
	violated []bitset // of each rule, the cells

	mu        sync.Mutex
	evaluated int
	failures  []failure // the first of each rule in each block
}

// A failure is an expression that could not be computed in a cell.
type failure struct {
	rule, side, cell int
	err              error
}

// A comparer compares rules in one block of cells after the other.
type comparer struct {
	*finding
	block   *block
	sides   [2][]indicator.Value
	failed  bitset // cells of the block that give no result for the current rule
	item    func(indicator.Item) indicator.Column
	current failure // of the rule at work: where it is
	first   error   // its first error in this block
	firstAt failure
}

func (f *finding) newComparer() func(int) error {
	c := &comparer{finding: f, block: newBlock(f.task.class, f.run.tree)}
	for i := range c.sides {
		c.sides[i] = make([]indicator.Value, blockCells)
	}
	c.failed = newBitset(blockCells)
	c.item = func(item indicator.Item) indicator.Column { return c.block.column(item) }
	return c.do
}

// column returns an item of the class in the cells of b.
func (b *block) column(item indicator.Item) indicator.Column {
	n := b.class.at[item]
	if !b.items[n].any {
		return indicator.Column{}
	}
	return b.items[n].col
}

// do compares all rules in one block.
func (c *comparer) do(n int) error {
	c.block.fill(c.stage, n*blockCells, c.run.outside, c.task.period)
	evaluated := 0
	var failures []failure
	for i, rule := range c.task.class.rules {
		if err := c.run.ctx.Err(); err != nil {
			return err
		}
		if rule.broken {
			continue
		}
		c.current, c.first = failure{rule: i}, nil
		clear(c.failed)
		if err := c.evaluate(rule); err != nil {
			return err
		}
		if c.first != nil {
			c.firstAt.err = c.first
			failures = append(failures, c.firstAt)
		}
		evaluated += c.mark(i, rule)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.evaluated += evaluated
	c.failures = append(c.failures, failures...)
	return nil
}

// evaluate computes both sides of a rule.
func (c *comparer) evaluate(rule *preparedRule) error {
	n := len(c.block.cells)
	for i, side := range rule.sides {
		c.current.side = i
		env := indicator.ColumnEnv{Item: c.item, Type: c.run.typeOf, Missing: side.missing, Result: hmis.Number, Note: c.note, Stop: c.run.ctx.Err}
		err := side.expr.EvalColumns(env, c.sides[i][:n])
		if bad, ok := errors.AsType[*indicator.EvalError](err); ok && bad.Abort {
			c.oneByOne(side, c.sides[i][:n])
		} else if err != nil {
			return err
		}
	}
	return nil
}

// oneByOne computes a side that cannot be computed in some cells, where a server
// would fail the whole request.
func (c *comparer) oneByOne(side preparedSide, out []indicator.Value) {
	for cell := range out {
		env := c.envAt(cell, side)
		env.Note = func(err *indicator.EvalError) { c.note(cell, err) }
		v, err := side.expr.Eval(env)
		if err != nil {
			c.fail(cell, err)
		}
		out[cell] = v
	}
}

// envAt returns what a side is evaluated in at one cell of the block.
func (c *comparer) envAt(cell int, side preparedSide) indicator.Env {
	return indicator.Env{
		Item: func(item indicator.Item) indicator.Value {
			col := c.block.column(item)
			return col.At(cell)
		},
		Type: c.run.typeOf, Missing: side.missing, Result: hmis.Number,
	}
}

// note is called for a side whose value in a cell is no number.
func (c *comparer) note(cell int, err *indicator.EvalError) {
	if !c.run.TypeErrorsAsZero {
		c.fail(cell, err)
	}
}

// fail leaves a cell without result for the current rule.
func (c *comparer) fail(cell int, err error) {
	c.failed.set(cell)
	if c.first == nil || c.block.first+cell < c.firstAt.cell {
		c.first, c.firstAt = err, c.current
		c.firstAt.cell = c.block.first + cell
	}
}

// mark compares the sides of rule i cell by cell and returns how many
// comparisons that were.
func (c *comparer) mark(i int, rule *preparedRule) int {
	left, right := c.sides[0][:len(c.block.cells)], c.sides[1][:len(c.block.cells)]
	violated, evaluated := c.violated[i], 0
	for cell := range left {
		if len(rule.Levels) > 0 && !slices.Contains(rule.Levels, c.run.tree.LevelAt(int(c.block.cells[cell].pos))) {
			continue
		}
		if c.run.OwnItems && !c.hasOwn(rule, cell) || c.failed.has(cell) {
			continue
		}
		evaluated++
		if left[cell].IsMissing() && right[cell].IsMissing() {
			continue
		}
		if rule.rule.Compare(left[cell], right[cell]).Violated {
			violated.set(c.block.first + cell)
		}
	}
	return evaluated
}

// hasOwn reports whether an item of the rule itself has a value in a cell.
func (c *comparer) hasOwn(rule *preparedRule, cell int) bool {
	return slices.ContainsFunc(rule.own, func(n int) bool { return c.block.items[n].has(cell) })
}

type sideErr struct {
	side string
	err  error
}

func sideError(side int, err error) error {
	return sideErr{[...]string{"left side", "right side"}[side], err}
}

func (e sideErr) Error() string { return e.side + ": " + e.err.Error() }

func (e sideErr) Unwrap() error { return e.err }
