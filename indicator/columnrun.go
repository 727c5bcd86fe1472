package indicator

import (
	"math"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// chunk is how many cells are computed at a time: a few columns of them stay in
// the fastest memory.
const chunk = 1024

// A columnRun computes an expression for many cells.
type columnRun struct {
	m      machine
	fast   bool
	note   func(int, *EvalError)
	result hmis.ValueType
	other  map[int]bool // cells that some column has in Other

	// The chunk that was computed last.
	registers [maxRegisters]register
	present   [chunk]uint8 // 1 where some item has a value
	absent    [chunk]uint8 // 1 where some item has none
	ignored   [chunk]uint8
	some      bool // some item has a value in all cells
	scale     int  // of the first register
	state     [chunk]cellState
	values    [chunk]Value // of the cells in state asValue
}

type cellState uint8

const (
	asCoef  cellState = iota // in the first register
	asNone                   // missing
	asValue                  // in values
)

type register struct {
	coef  [chunk]int64
	scale int
	bound float64 // on what a cell can be
}

// runs keeps the room of a columnRun, about 120 KB, from one call to the next.
type runs struct{ pool sync.Pool }

func (r *runs) get() *columnRun {
	if c, ok := r.pool.Get().(*columnRun); ok {
		return c
	}
	return new(columnRun)
}

func (r *runs) put(c *columnRun) {
	clear(c.m.cols) // holds on to no data
	c.m, c.note, c.other = machine{cols: c.m.cols[:0]}, nil, nil
	clear(c.values[:])
	r.pool.Put(c)
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
	c.m = machine{expr: e, cols: cols, typ: env.Type, sample: -1}
	c.note, c.result, c.other = env.Note, env.Result, nil
	c.m.strategy = env.Missing
	c.fast = e.columns != nil && (env.Result == "" && e.use.result() == hmis.Number || env.Result.IsNumeric() && env.Result != "")
	for i := range cols {
		col := &cols[i]
		c.fast = c.fast && col.plain() && c.m.typeOf(int32(i)).IsNumeric()
		if len(col.Other) > 0 {
			c.fast = c.fast && !col.constant()
			if c.other == nil {
				c.other = map[int]bool{}
			}
			for cell := range col.Other {
				c.other[cell] = true
			}
		}
		if e.items[i].Kind == ConstantItem && (!col.constant() || col.Missing != nil && col.Missing[0]) {
			c.fast = false // an unknown constant is an error
		}
	}
	return nil
}

// compute computes n cells from first on.
func (c *columnRun) compute(first, n int) error {
	slow := !c.fast || !c.steps(first, n)
	if slow {
		for i := range n {
			if err := c.slow(first, i); err != nil {
				return err
			}
		}
		return nil
	}
	c.scale = c.registers[0].scale
	c.settle(n)
	if negated := c.m.expr.columns.negated; negated || c.other != nil {
		for i, x := range c.registers[0].coef[:n] {
			minusZero := negated && x == 0 && c.state[i] == asCoef
			if minusZero || c.other != nil && c.other[first+i] {
				if err := c.slow(first, i); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// settle decides which cells are missing (section 7, after evaluation).
func (c *columnRun) settle(n int) {
	state := c.state[:n]
	switch {
	case !c.m.expr.columns.counted || c.m.strategy == hmis.NeverSkip:
		clear(state)
	case c.m.strategy == hmis.SkipIfAnyMissing:
		for i, a := range c.absent[:n] {
			state[i] = cellState(a)
		}
	case c.some:
		clear(state)
	default:
		for i, p := range c.present[:n] {
			state[i] = cellState(p ^ 1)
		}
	}
}

// slow computes one cell as Eval would.
func (c *columnRun) slow(first, i int) error {
	c.m.cell = first + i
	v := c.m.run(c.m.strategy, c.result)
	switch v.kind {
	case missing:
		c.state[i] = asNone
		return nil
	case failed:
		if c.m.err.Abort || c.note == nil {
			return c.m.err
		}
		c.note(c.m.cell, c.m.err)
		c.m.err = nil
		v = numeric0
	}
	c.state[i] = asValue
	c.values[i] = v
	return nil
}

// value returns a cell of the chunk.
func (c *columnRun) value(i int) Value {
	switch c.state[i] {
	case asCoef:
		return Value{kind: number, scale: int8(c.scale), n: c.registers[0].coef[i]}
	case asNone:
		return Value{}
	}
	return c.values[i]
}

// steps runs the plan. It is false if a cell may have become too large.
func (c *columnRun) steps(first, n int) bool {
	clear(c.present[:n])
	clear(c.absent[:n])
	c.some = false
	for i := range c.m.expr.columns.steps {
		if !c.step(&c.m.expr.columns.steps[i], first, n) {
			return false
		}
	}
	return true
}

func (c *columnRun) step(s *columnStep, first, n int) bool {
	dst := &c.registers[s.dst]
	switch s.operand {
	case noOperand: // opNeg
		for i, x := range dst.coef[:n] {
			dst.coef[i] = -x
		}
		return true
	case numberOperand:
		return dst.number(s.op, s.number.N, int(s.number.S), n)
	case registerOperand:
		return dst.register(s.op, &c.registers[s.index], n)
	}
	col := &c.m.cols[s.index]
	counts := c.m.expr.items[s.index].Kind.IsData()
	if len(col.Coef) == 0 || col.constant() {
		x, scale := int64(0), 0
		if !col.constant() || col.Missing != nil && col.Missing[0] {
			if counts {
				fill(c.absent[:n])
			}
		} else {
			x, scale = col.Coef[0], col.Scale
			c.some = c.some || counts
		}
		return x > -num.Limit && x < num.Limit && dst.number(s.op, x, scale, n)
	}
	if col.Missing == nil {
		c.some = c.some || counts
		return dst.column(s.op, col.Coef[first:first+n], col.Scale)
	}
	present, absent := c.present[:n], c.absent[:n]
	if !counts { // what is missing is 0 all the same, but tells nothing
		present, absent = c.ignored[:n], c.ignored[:n]
	}
	return dst.partial(s.op, col.Coef[first:first+n], col.Missing[first:first+n], present, absent, col.Scale)
}

func fill(flags []uint8) {
	for i := range flags {
		flags[i] = 1
	}
}

// align brings the register and an operand of a scale to the larger scale for a
// sum, and returns what the operand must be multiplied by. It is false if that
// is too much.
func (r *register) align(op opcode, scale, n int) (int64, bool) {
	switch op {
	case opConst:
		r.scale, r.bound = scale, 0
		return 1, true
	case opMul:
		r.scale += scale
		return 1, r.scale <= num.MaxScale
	}
	k := int64(1)
	if d := scale - r.scale; d > 0 {
		if d > 15 {
			return 0, false
		}
		p := int64(num.Pow10(d))
		for i := range r.coef[:n] {
			r.coef[i] *= p
		}
		r.bound *= float64(p)
		r.scale = scale
	} else if d < 0 {
		if d < -15 {
			return 0, false
		}
		k = int64(num.Pow10(-d))
	}
	if op == opSub {
		k = -k
	}
	return k, r.bound < num.Limit
}

// grow accounts for an operand below bound, times k, and reports whether all
// cells are small still.
func (r *register) grow(op opcode, bound float64, k int64) bool {
	if op == opMul {
		r.bound *= bound
	} else {
		r.bound += bound * math.Abs(float64(k))
	}
	return r.bound < num.Limit
}

// bound returns a number that no number is larger than whose bits, or those of
// its complement, are in m.
func bound(m uint64) float64 { return float64(m) + 1 }

// number applies a number.
func (r *register) number(op opcode, x int64, scale, n int) bool {
	k, ok := r.align(op, scale, n)
	if !ok || !r.grow(op, math.Abs(float64(x)), k) {
		return false
	}
	coef := r.coef[:n]
	switch op {
	case opConst:
		for i := range coef {
			coef[i] = x
		}
	case opMul:
		for i := range coef {
			coef[i] *= x
		}
	default:
		x *= k
		for i := range coef {
			coef[i] += x
		}
	}
	return true
}

// register applies another register.
func (r *register) register(op opcode, y *register, n int) bool {
	k, ok := r.align(op, y.scale, n)
	if !ok || !r.grow(op, y.bound, k) {
		return false
	}
	coef, other := r.coef[:n], y.coef[:n]
	if op == opMul {
		for i, x := range other {
			coef[i] *= x
		}
		return true
	}
	for i, x := range other {
		coef[i] += x * k
	}
	return true
}

// column applies a column without gaps.
func (r *register) column(op opcode, col []int64, scale int) bool {
	k, ok := r.align(op, scale, len(col))
	if !ok {
		return false
	}
	coef := r.coef[:len(col)]
	m := uint64(0)
	switch {
	case op == opConst:
		for i, x := range col {
			m |= uint64(x ^ x>>63)
			coef[i] = x
		}
	case op == opMul:
		for i, x := range col {
			m |= uint64(x ^ x>>63)
			coef[i] *= x
		}
	default:
		for i, x := range col {
			m |= uint64(x ^ x>>63)
			coef[i] += x * k
		}
	}
	return r.grow(op, bound(m), k)
}

// partial applies a column in which values are missing, which count as 0, and
// notes where there is a value and where there is none.
func (r *register) partial(op opcode, col []int64, none []bool, present, absent []uint8, scale int) bool {
	k, ok := r.align(op, scale, len(col))
	if !ok {
		return false
	}
	coef := r.coef[:len(col)]
	none, present, absent = none[:len(col)], present[:len(col)], absent[:len(col)]
	m := uint64(0)
	switch {
	case op == opConst:
		for i, x := range col {
			no := flag(none[i])
			present[i] |= no ^ 1
			absent[i] |= no
			x &= int64(no) - 1
			m |= uint64(x ^ x>>63)
			coef[i] = x
		}
	case op == opMul:
		for i, x := range col {
			no := flag(none[i])
			present[i] |= no ^ 1
			absent[i] |= no
			x &= int64(no) - 1
			m |= uint64(x ^ x>>63)
			coef[i] *= x
		}
	default:
		for i, x := range col {
			no := flag(none[i])
			present[i] |= no ^ 1
			absent[i] |= no
			x &= int64(no) - 1
			m |= uint64(x ^ x>>63)
			coef[i] += x * k
		}
	}
	return r.grow(op, bound(m), k)
}

// flag is 1 for true; the compiler makes no branch of it.
func flag(b bool) uint8 {
	var f uint8
	if b {
		f = 1
	}
	return f
}

// EvalColumns is Eval for as many cells as out is long, each as Eval would
// answer it. It allocates nothing per cell. Columns of an item must be as long
// as out, or have one number for all cells.
func (e *Expr) EvalColumns(env ColumnEnv, out []Value) error {
	if e.root == nil {
		clear(out)
		return nil
	}
	c := e.runs.get()
	defer e.runs.put(c)
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
