package quality

import (
	"math"
	"slices"
)

// A sample has the numbers of one series, and memory for sorting them. It is
// reused for the next series.
type sample struct {
	x      []float64
	sorted []float64
	away   []float64 // distances of the numbers from the median
}

// onBound is the relative difference below which two figures count as equal. A
// value that is mathematically equal to a threshold rarely is to the last digit
// of a double.
const onBound = 1e-9

// above reports whether x is greater than bound by more than a rounding error.
func above(x, bound float64) bool { return x > bound && !on(x, bound) }

// below reports whether x is less than bound by more than a rounding error.
func below(x, bound float64) bool { return x < bound && !on(x, bound) }

func on(x, bound float64) bool { return math.Abs(x-bound) <= onBound*max(math.Abs(x), math.Abs(bound)) }

// constant reports whether all numbers are equal. If so, every deviation is
// exactly 0, although a sum could have a rounding error.
func constant(x []float64) bool {
	for _, v := range x {
		if v != x[0] {
			return false
		}
	}
	return true
}

// manageable divides the numbers by a unit, so that their sums and squares are
// finite. Unless some number is enormous, y is x and unit is 1.
func manageable(x []float64) (y []float64, unit float64) {
	const enormous, shift = 1e150, 600 // 2^600 is about 4e180
	for _, v := range x {
		if math.Abs(v) > enormous {
			y = make([]float64, len(x))
			for i, v := range x {
				y[i] = math.Ldexp(v, -shift)
			}
			return y, math.Ldexp(1, shift)
		}
	}
	return x, 1
}

// bounded returns x, or the largest double of its sign if x is infinite.
func bounded(x float64) float64 { return max(min(x, math.MaxFloat64), -math.MaxFloat64) }

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// deviation returns the standard deviation from a mean: of the population, or of
// a sample if less is 1. It is NaN for too few numbers.
func deviation(x []float64, mean float64, less int) float64 {
	if len(x) <= less {
		return math.NaN()
	}
	if constant(x) {
		return 0
	}
	sum := 0.0
	for _, v := range x {
		sum += (v - mean) * (v - mean)
	}
	return math.Sqrt(sum / float64(len(x)-less))
}

// median returns the middle number, or the mean of the two middle ones.
func (s *sample) median() float64 {
	s.sorted = append(s.sorted[:0], s.x...)
	sortFloats(s.sorted)
	return percentile(s.sorted, 0.5)
}

// absolute returns the median and the mean of the distances from a middle. The
// caller must have called median before, which sorts the numbers. Their
// distances are then two sorted lists, below and above the middle, which only
// need merging.
func (s *sample) absolute(middle float64) (mad, mean float64) {
	x := s.sorted
	s.away = s.away[:0]
	high := 0
	for high < len(x) && x[high] < middle {
		high++
	}
	low, sum := high-1, 0.0
	for low >= 0 || high < len(x) {
		var d float64
		if high == len(x) || low >= 0 && middle-x[low] <= x[high]-middle {
			d = middle - x[low]
			low--
		} else {
			d = x[high] - middle
			high++
		}
		sum += d
		s.away = append(s.away, d)
	}
	return percentile(s.away, 0.5), sum / float64(len(s.away))
}

// percentile returns the continuous percentile p, from 0 to 1, of sorted numbers.
func percentile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	h := float64(len(sorted)-1) * p
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	if part := h - float64(i); part > 0 {
		if part == 0.5 {
			return (sorted[i] + sorted[i+1]) / 2
		}
		return sorted[i] + part*(sorted[i+1]-sorted[i])
	}
	return sorted[i]
}

// sortFloats sorts a list of numbers. For short lists it is faster than package
// slices.
func sortFloats(x []float64) {
	const few = 40
	if len(x) > few {
		slices.Sort(x)
		return
	}
	for i := 1; i < len(x); i++ {
		v := x[i]
		j := i
		for ; j > 0 && x[j-1] > v; j-- {
			x[j] = x[j-1]
		}
		x[j] = v
	}
}

// These are the constants of scores from medians. A normal distribution has a
// standard deviation of MAD / 0.6745, or of mean absolute deviation × 1.253314.
const (
	madScore  = 0.6745
	meanScore = 1.253314
	madFactor = 1.4826
)

// halfUp rounds to a whole number, with ties up: 2.5 becomes 3, and -2.5
// becomes -2.
func halfUp(x float64) float64 { return math.Floor(x + 0.5) }
