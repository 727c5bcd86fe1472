package indicator

import (
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// chunk is the number of cells that are computed at a time. A few columns of
// this length fit into the fastest cache.
const chunk = 1024

// EvalColumns computes the expression in as many cells as out has. Each result
// equals that of [Expr.Eval]. It allocates nothing per cell, except where
// numbers become texts. Columns must be as long as out, or have one number for
// all cells. There are no samples for functions over samples.
func (e *Expr) EvalColumns(env ColumnEnv, out []Value) error {
	if e.root == nil {
		clear(out)
		return nil
	}
	c := newRun()
	defer c.free()
	if err := c.begin(e, &env, len(out)); err != nil {
		return err
	}
	for first := 0; first < len(out); first += chunk {
		n := min(chunk, len(out)-first)
		if err := c.compute(first, n); err != nil {
			return err
		}
		for i := range n {
			out[first+i] = c.value(i)
		}
	}
	return nil
}

// A columnRun computes an expression for many cells.
type columnRun struct {
	m      machine
	fast   bool         // the plan of the whole expression is usable in this run
	steps  []columnStep // the steps of the whole plan, ordered for speed
	note   func(int, *EvalError)
	result hmis.ValueType
	other  map[int]bool // the cells for which some column has a value in Other

	stop    func() error // the function ColumnEnv.Stop, or nil
	work    int          // work since the last call of stop, in steps of cells
	stopped error        // the error that stop has returned

	// The following fields describe the current chunk.
	first     int // its first cell
	registers [maxRegisters]register
	scale     int // the decimal scale of the first register
	state     [chunk]cellState
	allCoef   bool         // every value of the chunk is in the first register
	values    [chunk]Value // the values of cells in state asValue
	valued    bool         // some cells are in state asValue

	parts [maxParts]columnPart

	zeros  [chunk]int64 // an array of zeros that is never written to
	noGaps [chunk]bool
}

// A columnPart is the result of the plan for one part of the expression in the
// current chunk.
type columnPart struct {
	usable bool // the plan can be used in this run
	done   bool // the plan has been computed in this chunk
	steps  []columnStep
	scale  int
	coef   [chunk]int64
	state  [chunk]cellState
}

type cellState uint8

const (
	asCoef  cellState = iota // the value is in the first register
	asNone                   // the value is missing
	asValue                  // the value is in columnRun.values
)

// runs keeps columnRuns for reuse. Each has about 130 KB, and a reused one is
// often still in the processor's cache. A kept columnRun refers to no data.
var runs = sync.Pool{New: func() any { return new(columnRun) }}

func newRun() *columnRun { return runs.Get().(*columnRun) }

// free resets c and returns it to runs for reuse.
func (c *columnRun) free() {
	clear(c.m.cols)
	c.m, c.note, c.other = machine{cols: c.m.cols[:0], values: c.m.values[:0]}, nil, nil
	c.stop, c.work, c.stopped = nil, 0, nil
	if c.valued {
		clear(c.values[:])
		c.valued = false
	}
	runs.Put(c)
}

// begin prepares a run over n cells.
func (c *columnRun) begin(e *Expr, env *ColumnEnv, n int) error {
	cols := c.m.cols[:0]
	for _, item := range e.items {
		col := Column{}
		if env.Item != nil {
			col = env.Item(item)
		}
		if err := col.check(item, n); err != nil {
			return err
		}
		cols = append(cols, col)
	}
	c.m = machine{expr: e, cols: cols, run: c, typ: env.Type, sample: -1}
	c.note, c.result, c.other = env.Warn, env.Result, nil
	c.stop, c.work, c.stopped = env.Stop, 0, nil
	c.m.strategy = env.Missing
	for i := range cols {
		for cell := range cols[i].Other {
			if c.other == nil {
				c.other = map[int]bool{}
			}
			c.other[cell] = true
		}
	}
	numeric := env.Result.IsNumeric() && env.Result != "" ||
		env.Result == "" && e.use.result() == hmis.Number
	if c.fast = numeric && e.whole != nil && c.simple(e.whole); c.fast {
		c.steps = c.order(c.steps, e.whole)
	}
	for k, p := range e.parts {
		part := &c.parts[k]
		if part.usable = c.simple(p); part.usable {
			part.steps = c.order(part.steps, p)
		}
	}
	return nil
}

// simple reports whether all columns of a plan have whole numbers that are
// small enough. It ignores Other.
func (c *columnRun) simple(p *columnPlan) bool {
	for _, s := range p.steps {
		if s.operand != itemOperand {
			continue
		}
		col := &c.m.cols[s.index]
		switch {
		case !col.plain(), col.constant() && len(col.Other) > 0, !c.m.typeOf(s.index).IsNumeric():
			return false
		case c.m.expr.items[s.index].Kind == ConstantItem && (!col.constant() || col.gap(0)):
			return false // a missing constant is an error
		}
	}
	return true
}

// between is the amount of work between two calls of Stop. It takes some
// milliseconds.
const between = 1 << 20

// busy adds to the amount of work and reports whether the evaluation must end.
func (c *columnRun) busy(work int) bool {
	if c.stop == nil || c.stopped != nil {
		return c.stopped != nil
	}
	if c.work += work; c.work >= between {
		c.work, c.stopped = 0, c.stop()
	}
	return c.stopped != nil
}

// compute computes n cells, beginning with first.
func (c *columnRun) compute(first, n int) error {
	p := c.m.expr.whole
	fast := c.fast && c.run(c.steps, first, n)
	switch {
	case c.stopped != nil:
		return c.stopped
	case !fast:
		c.allCoef = false
		c.computeParts(first, n)
		for i := range n {
			if err := c.slow(first, i); err != nil {
				return err
			}
		}
		return c.stopped
	}
	for k := range c.parts { // they are of an earlier chunk, or of another expression
		c.parts[k].done = false
	}
	c.scale = c.registers[0].scale
	c.allCoef = c.settle(p, c.state[:n], first)
	if p.negated || c.other != nil {
		for i, x := range c.registers[0].coef[:n] {
			minusZero := p.negated && x == 0 && c.state[i] == asCoef
			if minusZero || c.other != nil && c.other[first+i] {
				if err := c.slow(first, i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// computeParts computes the parts of an expression that have a plan.
func (c *columnRun) computeParts(first, n int) {
	c.first = first
	for k, p := range c.m.expr.parts {
		part := &c.parts[k]
		if part.done = part.usable && c.run(part.steps, first, n); part.done {
			part.scale = c.registers[0].scale
			copy(part.coef[:n], c.registers[0].coef[:n])
			c.settle(p, part.state[:n], first)
		}
	}
}

// part returns the value of a part in the current cell. The part counts as one
// item. The result is false if the machine must compute it instead.
func (c *columnRun) part(k int32) (Value, bool) {
	part := &c.parts[k]
	if !part.done || !c.m.replace || c.other != nil && c.other[c.m.cell] {
		return Value{}, false
	}
	i := c.m.cell - c.first
	if len(c.m.expr.parts[k].counted) > 0 {
		c.m.found++
		if part.state[i] == asCoef {
			c.m.present++
		}
	}
	return Value{kind: number, scale: int8(part.scale), n: part.coef[i]}, true
}

// settle sets the state of cells in which a plan has no value (rule 5 of
// RULES.md#missing-values). It reports whether every cell has a value. The
// plan's numbers must be in the first register.
func (c *columnRun) settle(p *columnPlan, state []cellState, first int) bool {
	clear(state)
	if len(p.counted) == 0 || c.m.strategy == hmis.NeverSkip {
		return true
	}
	// A cell is missing if any item is missing or if all items are, depending
	// on the strategy. The columns are read one after another.
	if c.m.strategy == hmis.SkipIfAnyMissing {
		none := asCoef
		for _, slot := range p.counted {
			for i, gap := range c.gaps(slot, first, len(state)) {
				state[i] |= cellState(flag(gap))
				none |= state[i]
			}
		}
		return none == asCoef
	}
	if p.vanishes {
		for i, x := range c.registers[0].coef[:len(state)] {
			state[i] = cellState(flag(x == 0))
		}
	} else {
		for i := range state {
			state[i] = asNone
		}
	}
	for _, slot := range p.counted {
		none := asCoef
		for i, gap := range c.gaps(slot, first, len(state)) {
			state[i] &= cellState(flag(gap))
			none |= state[i]
		}
		if none == asCoef {
			return true
		}
	}
	return false
}

// gaps returns whether an item is missing in each cell, ignoring Other.
func (c *columnRun) gaps(slot int32, first, n int) []bool {
	col := &c.m.cols[slot]
	switch {
	case len(col.Coef) > 1 && col.Missing != nil:
		return col.Missing[first : first+n]
	case col.gap(0):
		return allGaps[:n]
	}
	return c.noGaps[:n]
}

// allGaps marks all cells of a chunk as missing. It is never written to.
var allGaps = slices.Repeat([]bool{true}, chunk)

// constant returns the number of an expression that consists of one number. For
// any other expression it returns NaN.
func (c *columnRun) constant() num.Num {
	if p := c.m.expr.whole; len(p.steps) == 1 && p.steps[0].operand == numberOperand && !p.negated {
		return p.steps[0].number
	}
	return num.NaN
}

// slowStep is the work of one step in a single cell. The unit is the work for
// one cell of a column.
const slowStep = 20

// slow computes one cell with the machine, as [Expr.Eval] does.
func (c *columnRun) slow(first, i int) error {
	c.m.cell, c.allCoef = first+i, false
	if c.busy(slowStep * len(c.m.expr.prog.nodes)) {
		return c.stopped
	}
	v := c.m.result(c.m.strategy, c.result)
	if v.kind == failed {
		if c.m.err.Abort || c.note == nil {
			return c.m.err
		}
		c.note(c.m.cell, c.m.err)
		c.m.err = nil
		v = c.m.afterError()
	}
	if v.kind == missing {
		c.state[i] = asNone
		return nil
	}
	c.state[i] = asValue
	c.values[i], c.valued = v, true
	return nil
}

// value returns the value of a cell in the chunk.
func (c *columnRun) value(i int) Value {
	switch c.state[i] {
	case asCoef:
		return Value{kind: number, scale: int8(c.scale), n: c.registers[0].coef[i]}
	case asNone:
		return Value{}
	}
	return c.values[i]
}
