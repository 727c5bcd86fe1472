package indicator

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator/internal/syntax"
)

// function computes a function (RULES.md#functions).
func (m *machine) function(i int32, op opcode, args []link) Value {
	switch op {
	case opIf:
		return m.ifThenElse(args)
	case opIsNull, opIsNotNull:
		v := m.quiet(args[0].node)
		if v.kind == failed {
			return v
		}
		return Truth((v.kind == missing) == (op == opIsNull))
	case opFirstNonNull:
		return m.firstNonNull(args)
	case opGreatest, opLeast:
		return m.greatest(op, args)
	case opLog, opLog10:
		return m.log(op, args)
	case opRemoveZeros:
		v := m.eval(args[0].node)
		if v.kind == number && v.num().IsPlusZero() {
			m.replace = false
			return Value{}
		}
		return v
	case opContains, opContainsItems:
		return m.contains(i, op, args)
	case opIs:
		return m.isIn(i, args)
	case opNormCum, opNormDen:
		return m.normal(op, args)
	}
	return m.overSamples(op, args)
}

func (m *machine) ifThenElse(args []link) Value {
	c := m.truth(m.eval(args[0].node), args[0].node)
	if c.kind == failed {
		return c
	}
	if m.all {
		return m.bothBranches(c, args)
	}
	switch {
	case c.kind == missing:
		return c
	case c.n != 0:
		return m.eval(args[1].node)
	}
	return m.eval(args[2].node)
}

// bothBranches computes if() in a check. The second branch must convert to the
// type of the first (rule 2 of RULES.md#validity).
func (m *machine) bothBranches(c Value, args []link) Value {
	x, y := m.eval(args[1].node), m.eval(args[2].node)
	if x.kind == failed {
		return x
	}
	switch x.kind {
	case number:
		y = m.number(y, args[2].node)
	case truth:
		y = m.truth(y, args[2].node)
	case text:
		y = m.text(y)
	}
	if y.kind == failed {
		return y
	}
	switch {
	case c.kind == missing:
		return c
	case c.n != 0:
		return x
	}
	return y
}

// quiet evaluates a node without counting items and without replacing missing
// ones.
func (m *machine) quiet(i int32) Value {
	saved := m.replace
	m.replace = false
	v := m.eval(i)
	m.replace = saved
	return v
}

func (m *machine) firstNonNull(args []link) Value {
	var first Value
	for _, a := range args {
		v := m.quiet(a.node)
		if v.kind == failed {
			return v
		}
		if first.kind == missing {
			first = v
		}
		if first.kind != missing && !m.all {
			break
		}
	}
	return first
}

// greatest computes greatest() and least(). Missing arguments are skipped. A
// later argument replaces an earlier one if their difference is greater or less
// than 0, which never holds for not-a-number.
func (m *machine) greatest(op opcode, args []link) Value {
	var best Value
	for _, a := range args {
		v := m.number(m.eval(a.node), a.node)
		switch {
		case v.kind == failed:
			return v
		case v.kind == missing:
			continue
		case best.kind == missing:
			best = v
			continue
		}
		d := v.operand().num().Float() - best.operand().num().Float()
		if op == opGreatest && d > 0 || op == opLeast && d < 0 {
			best = v
		}
	}
	return best
}

func (m *machine) log(op opcode, args []link) Value {
	x := m.number(m.eval(args[0].node), args[0].node)
	if x.stops() {
		return x
	}
	if len(args) == 2 {
		base := m.number(m.eval(args[1].node), args[1].node)
		if base.stops() {
			return base
		}
		return Float(ln(x.operand().num().Float()) / ln(base.operand().num().Float()))
	}
	if op == opLog10 {
		return Float(log10(x.operand().num().Float()))
	}
	return Float(ln(x.operand().num().Float()))
}

// ln returns the natural logarithm. [math.Log] is wrong for subnormal numbers
// on amd64 (Go 1.26).
func ln(f float64) float64 {
	if f > 0 && f < 0x1p-1022 {
		return math.Log(f*0x1p54) - 54*math.Ln2
	}
	return math.Log(f)
}

// log10 returns the logarithm to base 10. It is exact for powers of ten, as in
// Java; [math.Log10] is not.
func log10(f float64) float64 {
	y := ln(f) / math.Ln10
	if r := math.Round(y); math.Abs(y-r) < 1e-9 {
		if power, _ := strconv.ParseFloat("1e"+strconv.Itoa(int(r)), 64); power == f {
			return r
		}
	}
	return y
}

// DHIS2 fails the whole request for these errors of functions.
var (
	errMissingText = errors.New("a missing value in contains() or containsItems()")
	errRepeated    = errors.New("a part that repeats in containsItems()")
	errMissingIs   = errors.New("a missing value in is()")
)

// contains computes contains() and containsItems(). They report whether the
// first argument contains all others, anywhere or as a part between commas.
func (m *machine) contains(i int32, op opcode, args []link) Value {
	var room [8]string // room for most calls, so that evaluation allocates nothing
	texts := room[:0]
	gap := false // an error is reported at the end, since all arguments are evaluated first
	for _, a := range args {
		v := m.text(m.eval(a.node))
		switch v.kind {
		case failed:
			return v
		case missing:
			gap = true
			continue
		}
		texts = append(texts, *v.str)
	}
	if gap {
		return m.fail(i, true, errMissingText)
	}
	if op == opContains {
		whole := syntax.CodeUnits(texts[0])
		for _, t := range texts[1:] {
			if !strings.Contains(whole, syntax.CodeUnits(t)) {
				return Truth(false)
			}
		}
		return Truth(true)
	}
	var partRoom [8]string
	parts := javaSplit(partRoom[:0], texts[0])
	slices.Sort(parts)
	for k := 1; k < len(parts); k++ {
		if parts[k-1] == parts[k] {
			return m.fail(i, true, errRepeated)
		}
	}
	for _, t := range texts[1:] {
		if _, ok := slices.BinarySearch(parts, t); !ok {
			return Truth(false)
		}
	}
	return Truth(true)
}

// javaSplit appends the parts of s between commas to room. It drops empty parts
// at the end, but an empty text has one empty part.
func javaSplit(room []string, s string) []string {
	if s == "" {
		return append(room, "")
	}
	if s = strings.TrimRight(s, ","); s == "" {
		return nil
	}
	for {
		part, rest, more := strings.Cut(s, ",")
		room = append(room, part)
		if !more {
			return room
		}
		s = rest
	}
}

// isIn computes is(x in a, b). It reports whether x equals one of the other
// arguments.
func (m *machine) isIn(i int32, args []link) Value {
	x := m.eval(args[0].node)
	if x.kind == failed {
		return x
	}
	found := false
	for _, a := range args[1:] {
		y := m.eval(a.node)
		if y.kind == failed {
			return y
		}
		if x.kind == missing || y.kind == missing {
			return m.fail(i, true, errMissingIs)
		}
		c, ok := compare(x, y)
		if !ok {
			return m.failf(i, "%s and %s do not compare", x.describe(), y.describe())
		}
		found = found || c == 0
		if found && !m.all {
			break
		}
	}
	return Truth(found)
}
