package quality

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/indicator/ast"
)

// A quick computes a generator approximately, in plain doubles. The generator
// may have sums and products of numbers and of functions over samples. Package
// indicator is exact but slower.
//
// A stored prediction has few digits, so the text is the same unless the double
// is close to a rounding boundary. In that case a quick has no answer.
type quick struct {
	op    byte // '+', '-', '*', '/', 'n' for a number, or 's' for a function over samples
	x, y  *quick
	value float64
	part  int // the number of the part in the generator; see [indicator.Expr.EvalSamples]
	over  func(x []float64) (v float64)
}

// An estimate is an approximate number. Its error is a small fraction of
// magnitude, the size of the numbers it was computed from.
type estimate struct{ value, magnitude float64 }

// uncertain is the largest relative error of an estimate, as a fraction of its
// magnitude. Real errors are far smaller.
const uncertain = 1e-10

// quickOf returns a quick for the generator of a job, or nil if the generator
// has another form.
func (job *predictorJob) quickOf() *quick {
	if !job.output.ValueType.IsNumeric() || !slices.Contains(job.parts, true) {
		return nil
	}
	return job.quickNode(job.generator.Root())
}

var quickFunctions = map[string]func([]float64) float64{
	"avg": mean, "min": slices.Min[[]float64], "max": slices.Max[[]float64],
	"stddev": sampleDeviation, "stddevSamp": sampleDeviation,
	"stddevPop": func(x []float64) float64 { return deviation(x, mean(x), 0) },
	"sum": func(x []float64) (sum float64) {
		for _, v := range x {
			sum += v
		}
		return sum
	},
}

// sampleDeviation returns the standard deviation of a sample. It is 0 for one
// number.
func sampleDeviation(x []float64) float64 {
	if len(x) == 1 {
		return 0
	}
	return deviation(x, mean(x), 1)
}

func (job *predictorJob) quickNode(n ast.Node) *quick {
	switch n := n.(type) {
	case *ast.Number:
		return &quick{op: 'n', value: n.Value}
	case *ast.Binary:
		x, y := job.quickNode(n.X), job.quickNode(n.Y)
		if x == nil || y == nil || len(n.Op) != 1 || !strings.Contains("+-*/", n.Op) {
			return nil
		}
		if n.Op == "/" && (y.op != 'n' || y.value == 0) {
			return nil
		}
		return &quick{op: n.Op[0], x: x, y: y}
	case *ast.Call:
		over, ok := quickFunctions[n.Name]
		if !ok || len(n.Args) != 1 {
			return nil
		}
		if part := job.partOf(n.Args[0]); part >= 0 {
			return &quick{op: 's', part: part, over: over}
		}
	}
	return nil
}

// partOf returns the number of the generator's part that is the single item n,
// or -1 if there is none.
func (job *predictorJob) partOf(n ast.Node) int {
	item, ok := n.(*ast.Item)
	if !ok {
		return -1
	}
	text, found := item.Sigil+"{"+strings.Join(item.IDs, ".")+"}", -1
	for part, usable := range job.parts {
		items := job.generator.SamplePartItems(part)
		if !slices.ContainsFunc(items, func(i indicator.Item) bool { return i.String() == text }) {
			continue
		}
		if found >= 0 || !usable || len(items) != 1 {
			return -1 // another part has the same item
		}
		found = part
	}
	return found
}

// estimate computes q for the current cell. ok is false if a function has no
// values.
func (p *predictor) estimate(q *quick) (e estimate, ok bool) {
	switch q.op {
	case 'n':
		return estimate{q.value, math.Abs(q.value)}, true
	case 's':
		x, ok := p.sampleValues(q.part)
		if !ok || len(x) == 0 {
			return e, false
		}
		for _, v := range x {
			e.magnitude += math.Abs(v)
		}
		e.value = q.over(x)
		return e, true
	}
	x, okX := p.estimate(q.x)
	y, okY := p.estimate(q.y)
	switch q.op {
	case '+':
		e = estimate{x.value + y.value, x.magnitude + y.magnitude}
	case '-':
		e = estimate{x.value - y.value, x.magnitude + y.magnitude}
	case '*':
		e = estimate{x.value * y.value, x.magnitude * y.magnitude}
	case '/':
		e = estimate{x.value / y.value, x.magnitude / y.magnitude}
	}
	return e, okX && okY
}

// quickText returns the text of the prediction for the current cell. ok is false
// if it has to be computed exactly.
func (p *predictor) quickText() (text string, ok bool) {
	e, ok := p.estimate(p.job.quick)
	if !ok {
		return "", false
	}
	return e.text(p.job.output.ValueType.IsInteger())
}

// text returns the rounded number as it is stored. ok is false if the rounding is
// uncertain, or the number is so small or large that it has another form.
func (e estimate) text(whole bool) (text string, ok bool) {
	const smallest, largest, digits = 0.02, 9e6, 4
	size := math.Abs(e.value)
	if !(size > smallest && size < largest) || !(e.magnitude < 1e12) {
		return "", false
	}
	wrong := e.magnitude * uncertain
	places, unit := 0, 1.0 // the digits after the point, and the last digit's unit, of the rounded number
	if !whole {
		above := 0.1
		for places = digits + 1; places > 0 && size > above; places-- {
			if size-above <= wrong {
				return "", false
			}
			above *= 10
		}
		if places > 0 && above-size <= wrong {
			return "", false
		}
		unit = pow10s[places]
	}
	scaled := e.value*unit + 0.5
	n := math.Floor(scaled)
	if part := scaled - n; part < wrong*unit || 1-part < wrong*unit || n == 0 {
		return "", false
	}
	var room [24]byte
	b := strconv.AppendInt(room[:0], int64(n), 10)
	if whole {
		return string(b), true
	}
	return string(withPoint(b, places)), true
}

var pow10s = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5}

// withPoint inserts a point before the last places digits. It drops zeros at
// the end, but keeps one digit after the point.
func withPoint(b []byte, places int) []byte {
	if places == 0 {
		return append(b, '.', '0')
	}
	first := 0
	if b[0] == '-' {
		first = 1
	}
	for len(b)-first <= places {
		b = slices.Insert(b, first, '0')
	}
	b = slices.Insert(b, len(b)-places, '.')
	for b[len(b)-1] == '0' && b[len(b)-2] != '.' {
		b = b[:len(b)-1]
	}
	return b
}
