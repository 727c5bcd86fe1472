package indicator

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
	"github.com/shopspring/decimal"
)

// The server's database (PostgreSQL) computes a subExpression with decimal
// numbers. Sums and products are exact. Quotients and powers are rounded to 16
// significant digits or more. While a subExpression runs, a number may have any
// of the three number kinds of Value.

const (
	ratioDigits = 16   // the smallest number of significant digits of a quotient or power
	mostDigits  = 400  // a result with more digits becomes the nearest double
	powerDigits = 4000 // a power with more digits before rounding is computed in doubles
)

// exactly reports whether the machine computes with decimals.
func (m *machine) exactly() bool { return m.expr.use == inSubExpression }

// item returns the form of v in a subExpression. A number has no trailing
// zeros, since its scale decides how many digits quotients have.
func (v Value) item() Value {
	if v.kind == number || v.kind == exact {
		for v.scale > 0 && v.n%10 == 0 {
			v.n, v.scale = v.n/10, v.scale-1
		}
		if v.kind == exact {
			return Scaled(v.n, int(v.scale))
		}
	}
	return v
}

// exact computes x op y. If x or y is not finite, it computes in doubles.
func (m *machine) exact(i int32, op opcode, x, y Value) Value {
	if v, ok := quick(op, x, y); ok {
		return v
	}
	a, finite := x.Decimal()
	b, finite2 := y.Decimal()
	if !finite || !finite2 {
		return m.double(i, op, x.operand(), y.operand())
	}
	switch op {
	case opAdd:
		a = a.Add(b)
	case opSub:
		a = a.Sub(b)
	case opMul:
		a = a.Mul(b)
	default: // op is opDiv or opRem
		if b.IsZero() {
			if m.all {
				return numeric(num.NaN)
			}
			return m.fail(i, true, errDivision)
		}
		if op == opRem {
			a = a.Mod(b)
		} else {
			a = a.DivRound(b, quotientScale(a, b))
		}
	}
	return short(a)
}

// quick computes sums and products of small numbers. The second result is false
// for any other operation.
func quick(op opcode, x, y Value) (Value, bool) {
	if x.kind != number || y.kind != number || x.scale < 0 || y.scale < 0 {
		return Value{}, false
	}
	switch op {
	case opAdd, opSub:
		const most = 3 // a number below num.Limit can be shifted by at most this many places
		d := x.scale - y.scale
		if d > most || d < -most {
			return Value{}, false
		}
		for ; d > 0; d-- {
			y.n, y.scale = 10*y.n, y.scale+1
		}
		for ; d < 0; d++ {
			x.n, x.scale = 10*x.n, x.scale+1
		}
		if op == opSub {
			y.n = -y.n
		}
		return Scaled(x.n+y.n, int(x.scale)), true
	case opMul:
		hi, lo := bits.Mul64(magnitude(x.n), magnitude(y.n))
		if hi != 0 || lo > math.MaxInt64 {
			return Value{}, false
		}
		n := int64(lo)
		if (x.n < 0) != (y.n < 0) {
			n = -n
		}
		return Scaled(n, int(x.scale)+int(y.scale)), true
	}
	return Value{}, false
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// short returns d as a Value. A number with too many digits becomes a double.
func short(d decimal.Decimal) Value {
	if v := Num(d); d.NumDigits() <= mostDigits && -mostDigits < d.Exponent() && d.Exponent() < mostDigits {
		return v
	}
	return longNumber(d).operand()
}

// double computes x op y in doubles.
func (m *machine) double(i int32, op opcode, x, y Value) Value {
	var r num.Num
	var err error
	switch op {
	case opAdd:
		r, err = num.Add(x.num(), y.num())
	case opSub:
		r, err = num.Sub(x.num(), y.num())
	case opMul:
		r, err = num.Mul(x.num(), y.num())
	case opDiv:
		r, err = num.Div(x.num(), y.num())
	case opRem:
		r, err = num.Rem(x.num(), y.num())
	}
	if err != nil {
		return m.fail(i, true, err)
	}
	return numeric(r)
}

// quotientScale returns how many digits PostgreSQL keeps after the point of a
// quotient. These are at least 16 significant digits, counted in groups of
// four, and no fewer than either operand has. Source: the function
// select_div_scale, as documented for type numeric.
func quotientScale(a, b decimal.Decimal) int32 {
	group, first := leading(a)
	group2, first2 := leading(b)
	groups := group - group2
	if first <= first2 {
		groups--
	}
	return min(max(ratioDigits-4*groups, -a.Exponent(), -b.Exponent(), 0), mostDigits)
}

// leading returns the first digit of a number in base 10,000, and the exponent
// of that digit.
func leading(d decimal.Decimal) (group int32, first int64) {
	if d.IsZero() {
		return 0, 0
	}
	top := int32(d.NumDigits()) + d.Exponent() - 1 // the power of ten of the first decimal digit
	if group = top / 4; top%4 < 0 {
		group--
	}
	return group, d.Abs().Shift(-4 * group).IntPart()
}

// exactPower computes x to the power of y, exactly if y is a whole number. The
// result is rounded to at least 16 significant digits, and to no fewer places
// than x or y has.
func (m *machine) exactPower(i int32, x, y Value) Value {
	base, finite := x.Decimal()
	exponent, finite2 := y.Decimal()
	if !finite || !finite2 {
		return m.inDoubles(i, x, y)
	}
	if base.IsZero() && exponent.IsNegative() {
		return m.fail(i, true, num.ErrZeroBase)
	}
	n := exponent.IntPart()
	if !exponent.IsInteger() || exponent.NumDigits() > 9 || magnitude(n)*uint64(base.NumDigits()) > powerDigits {
		return m.inDoubles(i, x, y)
	}
	if base.IsZero() {
		if n == 0 {
			return numeric(num.Num{N: 1})
		}
		return numeric0
	}
	f, _ := base.Abs().Float64()
	places := ratioDigits - int32(float64(n)*math.Log10(f))
	places = min(max(places, -base.Exponent(), -exponent.Exponent(), 0), mostDigits)
	one := decimal.New(1, 0)
	result := one
	for bit := bits.Len64(magnitude(n)) - 1; bit >= 0; bit-- {
		if result = result.Mul(result); magnitude(n)>>bit&1 == 1 {
			result = result.Mul(base)
		}
	}
	if n < 0 {
		return short(one.DivRound(result, places))
	}
	return short(result.Round(places))
}

// inDoubles computes a power in doubles, for results with endless digits.
func (m *machine) inDoubles(i int32, x, y Value) Value {
	a, b := x.operand().num().Float(), y.operand().num().Float()
	r := math.Pow(a, b)
	if math.IsNaN(r) || math.IsInf(r, 0) {
		return m.fail(i, true, fmt.Errorf("%s to the power of %s is no number", x.describe(), y.describe()))
	}
	return Float(r)
}

// compareNumbers orders two numbers of any kind.
func compareNumbers(x, y Value) int {
	a, finite := x.Decimal()
	b, finite2 := y.Decimal()
	if finite && finite2 {
		return a.Cmp(b)
	}
	return num.Compare(x.operand().num(), y.operand().num())
}
