package indicator

import (
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// A register holds whole numbers of one scale, one for each cell of a chunk.
type register struct {
	coef  [chunk]int64
	scale int
	bound float64 // the absolute value of every cell is at most bound
}

// order copies the steps of a plan into room. It sorts the terms of each sum by
// scale and operator, so that several can be added at a time. The order does
// not change a sum of whole numbers.
func (c *columnRun) order(room []columnStep, p *columnPlan) []columnStep {
	room = append(room[:0], p.steps...)
	for rest := room; len(rest) > 0; {
		k := 0
		for k < len(rest) && rest[k].term() && rest[k].dst == rest[0].dst {
			k++
		}
		slices.SortStableFunc(rest[:k], func(s, t columnStep) int {
			if d := c.m.cols[s.index].Scale - c.m.cols[t.index].Scale; d != 0 {
				return d
			}
			return int(s.op) - int(t.op)
		})
		rest = rest[max(k, 1):]
	}
	return room
}

// run executes steps. The result is false if a number may become too large, or
// if the evaluation must end.
func (c *columnRun) run(steps []columnStep, first, n int) bool {
	for len(steps) > 0 {
		k := c.terms(steps)
		switch {
		case c.busy(n):
			return false
		case k > 0:
			if !c.addTerms(steps[:k], first, n) {
				return false
			}
		case !c.step(steps, first, n):
			return false
		}
		steps = steps[max(k, 1):]
	}
	return true
}

// terms returns how many of the next steps, at most four, can be added
// together. They must have the scale of their register, and all add or all
// subtract.
func (c *columnRun) terms(steps []columnStep) int {
	k := 0
	for k < len(steps) && k < 4 {
		s := &steps[k]
		if !s.term() || s.dst != steps[0].dst || s.op != steps[0].op {
			break
		}
		col := &c.m.cols[s.index]
		if len(col.Coef) < 2 || col.Scale != c.registers[s.dst].scale {
			break
		}
		k++
	}
	return k
}

// addTerms executes the next steps, adding up to four columns at a time.
func (c *columnRun) addTerms(steps []columnStep, first, n int) bool {
	var coef [4][]int64
	var none [4][]bool
	for k := range coef {
		coef[k], none[k] = c.zeros[:n], c.noGaps[:n]
		if k < len(steps) {
			col := &c.m.cols[steps[k].index]
			coef[k] = col.Coef[first : first+n]
			if col.Missing != nil {
				none[k] = col.Missing[first : first+n]
			}
		}
	}
	r := &c.registers[steps[0].dst]
	sign := int64(0)
	if steps[0].op == opSub {
		sign = -1
	}
	var m uint64
	switch {
	case len(steps) == 1:
		m = add1(r.coef[:n], sign, coef[0], none[0])
	case len(steps) == 2:
		m = add2(r.coef[:n], sign, coef[0], coef[1], none[0], none[1])
	default:
		m = add4(r.coef[:n], sign,
			coef[0], coef[1], coef[2], coef[3], none[0], none[1], none[2], none[3])
	}
	limit := bound(m)
	if int64(m) < 0 { // some numbers are negative, so the exact size is needed
		m = 0
		for k := range steps {
			m |= widest(coef[k], none[k])
		}
		limit = bound(m)
	}
	r.bound += float64(len(steps)) * limit
	return r.bound < num.Limit
}

// add1, add2 and add4 add columns to dst, or subtract them if sign is -1.
// Missing cells count as 0. The result combines the bits of all numbers that
// were added.

func add1(dst []int64, sign int64, a []int64, na []bool) (m uint64) {
	a, na = a[:len(dst)], na[:len(dst)]
	for i := range dst {
		x := a[i] &^ -int64(flag(na[i]))
		m |= uint64(x)
		dst[i] += (x ^ sign) - sign
	}
	return m
}

func add2(dst []int64, sign int64, a, b []int64, na, nb []bool) (m uint64) {
	a, na = a[:len(dst)], na[:len(dst)]
	b, nb = b[:len(dst)], nb[:len(dst)]
	for i := range dst {
		x := a[i] &^ -int64(flag(na[i]))
		y := b[i] &^ -int64(flag(nb[i]))
		m |= uint64(x) | uint64(y)
		dst[i] += ((x + y) ^ sign) - sign
	}
	return m
}

func add4(dst []int64, sign int64, a, b, c, d []int64, na, nb, nc, nd []bool) (m uint64) {
	a, na = a[:len(dst)], na[:len(dst)]
	b, nb = b[:len(dst)], nb[:len(dst)]
	c, nc = c[:len(dst)], nc[:len(dst)]
	d, nd = d[:len(dst)], nd[:len(dst)]
	for i := range dst {
		x := a[i] &^ -int64(flag(na[i]))
		y := b[i] &^ -int64(flag(nb[i]))
		z := c[i] &^ -int64(flag(nc[i]))
		w := d[i] &^ -int64(flag(nd[i]))
		m |= uint64(x) | uint64(y) | uint64(z) | uint64(w)
		dst[i] += ((x + y + z + w) ^ sign) - sign
	}
	return m
}

// widest returns the combined bits of all values that are not missing. A
// negative value contributes the bits of its complement.
func widest(col []int64, none []bool) (m uint64) {
	none = none[:len(col)]
	for i, x := range col {
		x &^= -int64(flag(none[i]))
		m |= uint64(x ^ x>>63)
	}
	return m
}

// step executes the first step of steps.
func (c *columnRun) step(steps []columnStep, first, n int) bool {
	s := &steps[0]
	dst := &c.registers[s.dst]
	switch s.operand {
	case noOperand:
		if s.op == opConst { // use the scale of the next term
			dst.zero(n, c.m.cols[steps[1].index].Scale)
			return true
		}
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
	if len(col.Coef) < 2 {
		x, scale := int64(0), 0
		if col.constant() && !col.gap(0) {
			x, scale = col.Coef[0], col.Scale
		}
		return x > -num.Limit && x < num.Limit && dst.number(s.op, x, scale, n)
	}
	none := c.noGaps[:n]
	if col.Missing != nil {
		none = col.Missing[first : first+n]
	}
	return dst.column(s.op, col.Coef[first:first+n], none, col.Scale)
}

// zero prepares a register for the first term of a sum.
func (r *register) zero(n, scale int) {
	clear(r.coef[:n])
	r.scale, r.bound = scale, 0
}

// align changes the register to the larger of its scale and that of an operand.
// It returns the factor by which to multiply the operand. The second result is
// false if a number would be too large.
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

// grow updates the bound of r for op with an operand below bound, multiplied by
// k. It reports whether all cells are still small enough.
func (r *register) grow(op opcode, bound float64, k int64) bool {
	if op == opMul {
		r.bound *= bound
	} else {
		r.bound += bound * math.Abs(float64(k))
	}
	return r.bound < num.Limit
}

// bound returns a number that is larger than every number whose bits, or whose
// complement's bits, are in m.
func bound(m uint64) float64 { return float64(m) + 1 }

// number applies op with a single number to all cells.
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

// register applies op with another register, cell by cell.
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

// column applies op with a column, cell by cell. Missing cells count as 0.
func (r *register) column(op opcode, col []int64, none []bool, scale int) bool {
	k, ok := r.align(op, scale, len(col))
	if !ok || !r.grow(op, bound(widest(col, none)), k) {
		return false
	}
	coef := r.coef[:len(col)]
	none = none[:len(col)]
	if op == opMul {
		for i, x := range col {
			coef[i] *= x &^ -int64(flag(none[i]))
		}
		return true
	}
	for i, x := range col {
		coef[i] += (x &^ -int64(flag(none[i]))) * k
	}
	return true
}

// flag returns 1 if b is true, and 0 if it is false. The compiler makes it
// without a branch.
func flag(b bool) uint8 {
	var f uint8
	if b {
		f = 1
	}
	return f
}
