package indicator

import (
	"math"
	"slices"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator/internal/num"
)

// overSamples computes a function over samples
// (RULES.md#functions-over-samples).
func (m *machine) overSamples(op opcode, args []link) Value {
	fraction := Value{}
	if op == opPercentile {
		if fraction = m.number(m.eval(args[0].node), args[0].node); fraction.kind == failed {
			return fraction
		}
	}
	values, ok := m.collect(op, args[len(args)-1].node)
	if !ok {
		return Value{kind: failed}
	}
	v := Value{}
	switch {
	case op == opCountSamples:
		v = Float(float64(len(values)))
	case len(values) == 0:
	case op == opPercentile:
		if fraction.kind == number {
			v = percentile(values, fraction.num().Float())
		}
	case op == opMedian:
		v = percentile(values, 0.5)
	default:
		v = Float(statistic(op, values))
	}
	return m.sampled(v)
}

// A collection identifies a list of sample values: the node, and the state of
// the machine on which the values depend.
type collection struct {
	arg            int32
	count, replace bool // whether the function is count(), and machine.replace before the evaluation
}

// A collected has the values of a collection, and the state of the machine
// after it.
type collected struct {
	values  []float64
	counted int  // how many items counted in the last sample
	replace bool // machine.replace after the evaluation
}

// collect evaluates a node in each sample period and returns the values. For
// count it returns a number for each value that is not missing. The values stay
// until the next evaluation. ok is false if a sample failed.
func (m *machine) collect(op opcode, arg int32) (values []float64, ok bool) {
	if values, ok := m.known(arg); ok {
		m.found++
		if len(values) > 0 {
			m.present++
		}
		return values, true
	}
	key, start := collection{arg, op == opCountSamples, m.replace}, len(m.values)
	c, ok := m.kept[key]
	if ok {
		values, m.replace = c.values, c.replace
	} else {
		if !m.eachSample(key, &c.counted) {
			return nil, false
		}
		values = m.values[start:]
		m.values = m.values[:start]
		if m.sample >= 0 {
			// Nested functions need the same values in each sample. Keeping
			// them makes the work linear.
			if m.kept == nil {
				m.kept = map[collection]collected{}
			}
			c.values, c.replace = slices.Clone(values), m.replace
			m.kept[key] = c
		}
	}
	if c.counted > 0 {
		m.found++
		if len(values) > 0 {
			m.present++
		}
	}
	return values, true
}

// eachSample appends the value of each sample to m.values. It sets counted to
// the number of items that counted in the last sample. Without samples it is
// the number before. The result is false if a sample failed.
func (m *machine) eachSample(c collection, counted *int) bool {
	sample, found, present := m.sample, m.found, m.present
	samples := 0
	if m.env != nil {
		samples = len(m.env.Samples)
	}
	*counted = found
	for s := range samples {
		m.sample, m.found, m.present = s, 0, 0
		v := m.eval(c.arg)
		if !c.count {
			v = m.number(v, c.arg)
		} else if v.kind != missing && v.kind != failed {
			v = numeric0
		}
		if v.kind == failed {
			return false
		}
		*counted = m.found
		if v.kind == missing || m.skip() {
			continue
		}
		m.values = append(m.values, v.num().Float())
	}
	m.sample, m.found, m.present = sample, found, present
	return true
}

// sampled returns the result of a function over samples. The result counts as
// an item.
func (m *machine) sampled(v Value) Value {
	if !m.replace {
		return v
	}
	m.found++
	if v.kind == missing {
		return zeroOf(hmis.Number)
	}
	m.present++
	return v
}

// statistic computes a function over samples in plain doubles, in the order of
// the samples.
func statistic(op opcode, values []float64) float64 {
	switch op {
	case opSum:
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum
	case opMin:
		return slices.MinFunc(values, compareFloat)
	case opMax:
		return slices.MaxFunc(values, compareFloat)
	case opStdDev:
		return deviation(values, len(values)-1)
	case opStdDevPop:
		return deviation(values, len(values))
	}
	return mean(values)
}

// mean returns the mean, corrected by the mean of the differences from it.
func mean(values []float64) float64 {
	n := float64(len(values))
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	m := sum / n
	rest := 0.0
	for _, v := range values {
		rest += v - m
	}
	return m + rest/n
}

// deviation returns the standard deviation with the divisor n. It is 0 for one
// value.
func deviation(values []float64, n int) float64 {
	if len(values) == 1 {
		return 0
	}
	m := mean(values)
	squares, rest := 0.0, 0.0
	for _, v := range values {
		squares += (v - m) * (v - m)
		rest += v - m
	}
	return math.Sqrt((squares - rest*rest/float64(len(values))) / float64(n))
}

// percentile interpolates between the two nearest of the sorted values. The
// result is missing if p is not from 0 to 1.
func percentile(values []float64, p float64) Value {
	if !(p >= 0 && p <= 1) {
		return Value{}
	}
	var room [32]float64 // room on the stack for the usual number of samples
	sorted := append(room[:0], values...)
	slices.SortFunc(sorted, compareFloat)
	n := float64(len(sorted))
	if p == 0 {
		return Float(sorted[0])
	}
	pos := 1 + (n-1)*(p*100/100)
	if pos >= n {
		return Float(sorted[len(sorted)-1])
	}
	k := math.Floor(pos)
	low, high := sorted[int(k)-1], sorted[int(k)]
	return Float(low + (pos-k)*(high-low))
}

// compareFloat orders numbers, with not-a-number last (rule 2 of
// RULES.md#comparison).
func compareFloat(a, b float64) int { return num.Compare(num.FromFloat(a), num.FromFloat(b)) }

// normal computes normDistCum and normDistDen. If mean or deviation is not
// given, it comes from the samples of the first argument.
func (m *machine) normal(op opcode, args []link) Value {
	var x [3]Value
	for k, a := range args {
		x[k] = m.number(m.eval(a.node), a.node)
		if x[k].kind == failed {
			return x[k]
		}
	}
	for k := len(args); k < 3; k++ {
		values, ok := m.collect(op, args[0].node)
		if !ok {
			return Value{kind: failed}
		}
		v := Value{}
		switch {
		case len(values) == 0:
		case k == 1:
			v = Float(mean(values))
		default:
			v = Float(deviation(values, len(values)-1))
		}
		x[k] = m.sampled(v)
	}
	for _, v := range x {
		if v.kind == missing {
			return v
		}
	}
	return Float(normalAt(op, x[0].num().Float(), x[1].num().Float(), x[2].num().Float()))
}

func normalAt(op opcode, x, mean, sd float64) float64 {
	if !(sd > 0) {
		return math.NaN()
	}
	z := (x - mean) / sd
	if op == opNormDen {
		return math.Exp(-z*z/2) / (sd * math.Sqrt(2*math.Pi))
	}
	switch {
	case z < -40:
		return 0
	case z > 40:
		return 1
	}
	return 0.5 * math.Erfc(-z/math.Sqrt2)
}
