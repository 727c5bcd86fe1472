package quality

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
)

// compare runs the rules of a task and adds the violations to out.
func (r *ruleRun) compare(task ruleTask, out *ValidationRun) error {
	st, err := r.stage(task)
	if err != nil || st.cells == 0 {
		return err
	}
	f := &finding{run: r, task: task, stage: st, violated: make([]bitset, len(task.class.rules))}
	for i, rule := range task.class.rules {
		f.violated[i] = newBitset(st.cells)
		f.without = append(f.without, f.withoutValues(rule))
	}
	blocks := (st.cells + blockCells - 1) / blockCells
	defer f.free()
	if err := parallel(r.ctx, r.Workers, blocks, func() func(int) error { return f.comparer().do }); err != nil {
		return err
	}
	f.free()
	out.Evaluated += f.evaluated
	for i := range f.violated {
		out.Violated += f.violated[i].count()
	}
	slices.SortFunc(f.failures, func(a, b failure) int { return cmp.Or(a.cell-b.cell, a.rule-b.rule, a.side-b.side) })
	for _, x := range f.failures {
		rule := task.class.rules[x.rule]
		if err := r.reject(rule.ID, sideError(x.side, at(f.unitOf(x.cell), task.period, x.err))); err != nil {
			return err
		}
	}
	return f.report(r.max()-len(out.Violations), out)
}

// A finding has the results of the rules of a task.
type finding struct {
	run      *ruleRun
	task     ruleTask
	stage    *stage
	violated []bitset       // for each rule, the cells that violate it
	without  []commonResult // for each rule, its result in cells without values

	mu        sync.Mutex
	used      []*comparer
	evaluated int
	failures  []failure // for each block, the first failure of each rule
}

// A comparer compares rules in one block of cells after another.
type comparer struct {
	*finding
	block *block
	rule  *preparedRule // the rule being compared
	// rows has the cells of the block in which the rule is computed, sorted.
	// Nil means all cells.
	rows   []int32
	some   []int32 // memory that rows uses
	read   bitset  // the cells in which the rule reads a value
	sides  [2][]indicator.Value
	failed bitset // indexes in rows of the cells for which the rule has no result
	item   func(indicator.Item) indicator.Column
	warn   func(int, *indicator.EvalError)
	stop   func() error
	few    []fewCells // columns that have only the cells in rows
	inUse  int        // number of elements of few that are in use

	current failure // the rule and side being computed
	first   failure // the first error of the rule in this block, or the zero failure
}

// A fewCells is the column of an item in some cells of a block.
type fewCells struct {
	coef    []int64
	missing []bool
	others  map[int]indicator.Value
}

// comparer returns a comparer. If possible, it reuses the memory of an earlier
// one.
func (f *finding) comparer() *comparer {
	f.mu.Lock()
	defer f.mu.Unlock()
	class := f.task.class
	c := &comparer{}
	if n := len(class.spare); n > 0 {
		c, class.spare = class.spare[n-1], class.spare[:n-1]
	} else {
		c.block = newBlock(class, f.run.tree)
		for i := range c.sides {
			c.sides[i] = make([]indicator.Value, blockCells)
		}
		c.failed, c.read = newBitset(blockCells), newBitset(blockCells)
		c.item, c.warn = c.column, c.note
	}
	c.finding, c.stop = f, f.run.ctx.Err
	f.used = append(f.used, c)
	return c
}

// free keeps the comparers for reuse in the next period.
func (f *finding) free() {
	for _, c := range f.used {
		c.finding = nil
	}
	f.task.class.spare = append(f.task.class.spare, f.used...)
	f.used = nil
}

// column returns the column of an item in the cells that are computed.
func (c *comparer) column(item indicator.Item) indicator.Column {
	it := &c.block.items[c.block.class.at[item]]
	switch {
	case !it.any:
		return indicator.Column{}
	case c.rows == nil || len(it.col.Coef) == 1: // the column is a constant
		return it.col
	}
	if c.inUse == len(c.few) {
		c.few = append(c.few, fewCells{coef: make([]int64, blockCells), missing: make([]bool, blockCells)})
	}
	c.inUse++
	return it.at(c.rows, &c.few[c.inUse-1])
}

// do compares all rules in block number n.
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
		c.rule, c.current, c.first = rule, failure{rule: i}, failure{}
		clear(c.failed)
		c.choose(i)
		if err := c.evaluate(); err != nil {
			return err
		}
		if c.first.err != nil {
			failures = append(failures, c.first)
		}
		evaluated += c.mark(i)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.evaluated += evaluated
	c.failures = append(c.failures, failures...)
	return nil
}

// choose finds the cells in which rule i has a value of its own items. If these
// are few, the rule is computed only there, and all other cells have a common
// result.
func (c *comparer) choose(i int) {
	c.rows = nil
	if !c.without[i].known {
		return
	}
	clear(c.read)
	for _, n := range c.rule.own {
		c.read.or(c.block.items[n].present)
	}
	if c.read.count()*4 > len(c.block.cells)*3 {
		return
	}
	c.some = c.some[:0]
	for cell := range c.read.all() {
		c.some = append(c.some, int32(cell))
	}
	if c.rows = c.some; c.rows == nil {
		c.rows = []int32{}
	}
}

// cells returns the number of cells that are computed.
func (c *comparer) cells() int {
	if c.rows != nil {
		return len(c.rows)
	}
	return len(c.block.cells)
}

// cell returns the index in the block of the i-th computed cell.
func (c *comparer) cell(i int) int {
	if c.rows != nil {
		return int(c.rows[i])
	}
	return i
}

// evaluate computes both sides of the current rule.
func (c *comparer) evaluate() error {
	n := c.cells()
	for i, side := range c.rule.sides {
		c.current.side, c.inUse = i, 0
		env := indicator.ColumnEnv{Item: c.item, Type: c.run.typeOf, Missing: side.missing, Result: hmis.Number, Warn: c.warn, Stop: c.stop}
		err := side.expr.EvalColumns(env, c.sides[i][:n])
		if bad, ok := errors.AsType[*indicator.EvalError](err); ok && bad.Abort {
			c.oneByOne(side, c.sides[i][:n])
		} else if err != nil {
			return err
		}
	}
	return nil
}

// oneByOne computes a side cell by cell. It is used if some cells fail, for
// which a server would fail the whole request.
func (c *comparer) oneByOne(side preparedSide, out []indicator.Value) {
	for i := range out {
		env := c.envAt(c.cell(i), side)
		env.Warn = func(err *indicator.EvalError) { c.note(i, err) }
		v, err := side.expr.Eval(env)
		if err != nil {
			c.fail(i, err)
		}
		out[i] = v
	}
}

// envAt returns the environment of a side in one cell of the block.
func (c *comparer) envAt(cell int, side preparedSide) indicator.Env {
	return indicator.Env{
		Item: func(item indicator.Item) indicator.Value {
			it := &c.block.items[c.block.class.at[item]]
			if !it.any {
				return indicator.Value{}
			}
			return it.col.At(cell)
		},
		Type: c.run.typeOf, Missing: side.missing, Result: hmis.Number,
	}
}

// note records that the value of a side in the i-th computed cell is no number.
func (c *comparer) note(i int, err *indicator.EvalError) {
	if !c.run.TypeErrorsAsZero {
		c.fail(i, err)
	}
}

// fail records that the i-th computed cell has no result.
func (c *comparer) fail(i int, err error) {
	c.failed.set(i)
	if at := c.block.first + c.cell(i); c.first.err == nil || at < c.first.cell {
		c.first = failure{rule: c.current.rule, side: c.current.side, cell: at, err: err}
	}
}

// mark compares the sides of rule i in each computed cell. It returns the
// number of comparisons.
func (c *comparer) mark(i int) int {
	left, right := c.sides[0][:c.cells()], c.sides[1][:c.cells()]
	violated, evaluated, rule := c.violated[i], 0, c.rule
	for n := range left {
		cell := c.cell(n)
		if !c.applies(cell) || c.failed.has(n) || c.run.OwnItems && !c.hasOwn(cell) {
			continue
		}
		evaluated++
		if left[n].IsMissing() && right[n].IsMissing() {
			continue
		}
		if rule.rule.Compare(left[n], right[n]).Violated {
			violated.set(c.block.first + cell)
		}
	}
	if c.rows == nil || c.run.OwnItems {
		return evaluated
	}
	if len(rule.Levels) == 0 && !c.without[i].violated {
		return evaluated + len(c.block.cells) - len(c.rows)
	}
	for cell := range c.block.cells {
		if c.read.has(cell) || !c.applies(cell) {
			continue
		}
		evaluated++
		if c.without[i].violated {
			violated.set(c.block.first + cell)
		}
	}
	return evaluated
}

// applies reports whether the rule applies at the level of a cell's org unit.
func (c *comparer) applies(cell int) bool {
	return len(c.rule.Levels) == 0 || slices.Contains(c.rule.Levels, c.run.tree.LevelAt(int(c.block.cells[cell].pos)))
}

// hasOwn reports whether an item of the current rule has a value in a cell.
func (c *comparer) hasOwn(cell int) bool {
	return slices.ContainsFunc(c.rule.own, func(n int) bool { return c.block.items[n].has(cell) })
}
