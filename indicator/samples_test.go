package indicator_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// sampleEnv returns an environment with values of #{a…}: 10 in the output
// period, and values in the sample periods, where NaN means missing.
func sampleEnv(strategy hmis.Missing, values ...float64) indicator.Env {
	give := func(f float64) func(indicator.Item) indicator.Value {
		return func(i indicator.Item) indicator.Value {
			switch {
			case i.Kind == indicator.DaysItem:
				return indicator.Float(30)
			case i.ID != "aaaaaaaaaaa" || math.IsNaN(f):
				return indicator.Value{}
			}
			return indicator.Float(f)
		}
	}
	env := indicator.Env{Item: give(10), Missing: strategy}
	for _, f := range values {
		env.Samples = append(env.Samples, give(f))
	}
	return env
}

var gap = math.NaN()

// TestSamples checks functions over the samples 5, 3, 8, 4
// (RULES.md#functions-over-samples). A is the item with these, and B is
// missing.
func TestSamples(t *testing.T) {
	tests := []struct{ in, want string }{
		{"count(A)", "4"}, {"count(distinct A)", "4"}, {"count(A % 2)", "4"}, {"count(1)", "4"}, {"count('x')", "4"}, {"count(true)", "4"}, {"sum(A)", "20"}, {"min(A)", "3"}, {"max(A)", "8"}, {"avg(A)", "5"},
		{"stddev(A)", "2.160246899469287"}, {"stddevSamp(A)", "2.160246899469287"}, {"stddevPop(A)", "1.8708286933869707"}, {"median(A)", "4.5"},
		{"percentileCont(0, A)", "3"}, {"percentileCont(1, A)", "8"}, {"percentileCont(0.5, A)", "4.5"}, {"percentileCont(0.25, A)", "3.75"}, {"percentileCont(0.9, A)", "7.1000000000000005"}, {"percentileCont(0.75, A)", "5.75"}, {"percentileCont('0.5', A)", "4.5"},
		{"percentileCont(-0.1, A)", "0"}, {"percentileCont(1.1, A)", "0"}, {"percentileCont(null, A)", "missing"}, {"percentileCont(A, 0.5)", "0"}, {"percentileCont(A / 20, A)", "4.5"}, // the fraction is read in the output period
		{"avg(A) + 2 * stddev(A)", "9.320493798938575"}, {"avg(A / 2)", "2.5"}, {"sum(if(A > 3, 1, 0))", "3"}, {"sum(A) / A", "2"}, {"sum(A * [days])", "600"}, {"sum(2)", "8"}, {"sum(0.1)", "0.4"}, {"sum('5')", "20"}, {"sum('x')", "type"}, {"sum(true)", "type"},
		{"sum(sum(A))", "80"}, {"avg(sum(A) - A)", "15"}, {"sum(count(A))", "16"}, {"max(percentileCont(0.5, A) + A)", "12.5"}, {"sum(avg(A) * max(A))", "160"},
		{"sum(A / 0)", "NaN"}, {"min(if(A > 4, A, 0/0))", "5"}, {"max(if(A > 4, A, 0/0))", "NaN"}, {"count(A / 0)", "4"}, {"sum(log(0))", "-Infinity"}, {"median(if(A > 4, A, 0/0))", "NaN"}, {"percentileCont(0, if(A > 4, A, 0/0))", "5"},
		{"sum(null)", "missing"}, {"count(null)", "0"}, {"sum(if(A > 4, A, null))", "13"}, {"count(if(A > 4, A, null))", "2"}, {"sum(removeZeros(A - 3))", "8"}, {"sum(firstNonNull(B, 100))", "400"}, {"count(isNull(B))", "4"}, {"count(isNull(A))", "4"},
		{"normDistCum(5, 5)", "NaN"}, {"normDistCum(A, 10)", "0.5"}, {"normDistCum(avg(A))", "NaN"}, // there is no deviation, since all samples are equal
	}
	for _, tt := range tests {
		in := strings.NewReplacer("A", "#{aaaaaaaaaaa}", "B", "#{bbbbbbbbbbb}").Replace(tt.in)
		if got := answer(indicator.InPredictor, in, sampleEnv(hmis.NeverSkip, 5, 3, 8, 4)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.in, got, tt.want)
		}
	}
	if got := answer(indicator.InPredictor, "normDistCum(#{aaaaaaaaaaa})", sampleEnv("", 9, 11)); got != "0.5" {
		t.Errorf("normDistCum of the mean: %s", got)
	}
}

// TestSamplesMissing checks, by strategy, which samples are dropped and what
// counts (RULES.md#functions-over-samples).
func TestSamplesMissing(t *testing.T) {
	some := []float64{5, gap, 8, gap, 2}
	tests := []struct {
		in              string
		samples         []float64
		all, any, never string
	}{
		{"sum(A)", some, "15", "15", "15"}, {"count(A)", some, "3", "3", "5"}, {"min(A)", some, "2", "2", "0"}, {"max(A)", some, "8", "8", "8"}, {"avg(A)", some, "5", "5", "3"}, {"median(A)", some, "5", "5", "2"},
		{"sum(A + 1)", some, "18", "18", "20"}, {"sum(A + B)", some, "15", "missing", "15"}, {"count(A + B)", some, "3", "missing", "5"}, {"sum(firstNonNull(A, 100))", some, "215", "215", "215"}, {"count(isNull(A))", some, "5", "5", "5"},
		{"sum(A) + B", some, "15", "missing", "15"}, {"sum(A) + A", some, "25", "25", "25"}, {"sum(B)", some, "missing", "missing", "0"}, {"sum(B) + A", some, "10", "missing", "10"}, {"count(B)", some, "0", "missing", "5"}, {"count(B) + A", some, "10", "missing", "15"},

		// a single sample
		{"avg(A)", []float64{5}, "5", "5", "5"}, {"stddev(A)", []float64{5}, "0", "0", "0"}, {"stddevPop(A)", []float64{5}, "0", "0", "0"}, {"median(A)", []float64{5}, "5", "5", "5"}, {"percentileCont(0.3, A)", []float64{5}, "5", "5", "5"}, {"normDistCum(A)", []float64{5}, "NaN", "NaN", "NaN"},

		// no samples
		{"avg(A)", nil, "missing", "missing", "0"}, {"sum(A)", nil, "missing", "missing", "0"}, {"min(A)", nil, "missing", "missing", "0"}, {"count(A)", nil, "0", "0", "0"}, {"median(A)", nil, "missing", "missing", "0"}, {"stddev(A)", nil, "missing", "missing", "0"}, {"percentileCont(0.5, A)", nil, "missing", "missing", "0"},
		{"sum(A) + 1", nil, "missing", "missing", "1"}, {"sum(A) + A", nil, "10", "missing", "10"}, {"A + sum(A)", nil, "10", "missing", "10"}, {"normDistCum(A)", nil, "NaN", "missing", "NaN"}, {"sum(1)", nil, "missing", "missing", "0"}, {"max(sum(A))", nil, "missing", "missing", "0"},
	}
	for _, tt := range tests {
		in := strings.NewReplacer("A", "#{aaaaaaaaaaa}", "B", "#{bbbbbbbbbbb}").Replace(tt.in)
		for strategy, want := range map[hmis.Missing]string{"": tt.all, hmis.SkipIfAllMissing: tt.all, hmis.SkipIfAnyMissing: tt.any, hmis.NeverSkip: tt.never} {
			if got := answer(indicator.InPredictor, in, sampleEnv(strategy, tt.samples...)); got != want {
				t.Errorf("%s over %v, %s: %s, want %s", tt.in, tt.samples, strategy, got, want)
			}
		}
	}
}

// TestPredictorFacts checks facts about predictors from the tests of the
// server.
func TestPredictorFacts(t *testing.T) {
	number := hmis.DataElement{ValueType: hmis.Number}
	tests := []struct {
		in      string
		samples []float64
		want    string
	}{
		{"avg(A)", []float64{5, 3, 8, 4}, "5.0"}, {"stddev(A)", []float64{5, 3, 8, 4}, "2.16"},
		{"avg(A)+1.5*stddev(A)", []float64{5}, "5.0"}, {"avg(A)+1.5*stddev(A)", []float64{3, 5}, "6.121"}, {"avg(A)+1.5*stddev(A)", []float64{8, 3}, "10.8"}, {"avg(A)+1.5*stddev(A)", []float64{4, 8}, "10.24"},
		{"135.79", nil, "135.8"}, {"[days]", nil, "30.0"},
	}
	for _, tt := range tests {
		e, err := indicator.InPredictor.Parse(strings.ReplaceAll(tt.in, "A", "#{aaaaaaaaaaa}"))
		require.NoError(t, err)
		v, err := e.Eval(sampleEnv("", tt.samples...))
		require.NoError(t, err)
		if got, ok := indicator.Prediction(v, number, ""); !ok || got != tt.want {
			t.Errorf("%s over %v: %s, %v; want %s", tt.in, tt.samples, got, ok, tt.want)
		}
	}
	// The value of A in October, the output period, is 7.
	for in, want := range map[string]string{"normDistCum(A)": "0.8227", "normDistDen(A)": "0.1203", "normDistCum(A,1)": "0.9973", "normDistDen(A,11,22)": "0.01784"} {
		env := sampleEnv("", 5, 3, 8, 4)
		env.Item = func(indicator.Item) indicator.Value { return indicator.Float(7) }
		e, err := indicator.InPredictor.Parse(strings.ReplaceAll(in, "A", "#{aaaaaaaaaaa}"))
		require.NoError(t, err)
		v, err := e.Eval(env)
		require.NoError(t, err)
		if got, _ := indicator.Prediction(v, number, ""); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	// These are f(A) + A without samples. A is 33 in the output period.
	for _, f := range []string{"avg(A)", "count(A)", "max(A)", "median(A)", "min(A)", "percentileCont(0.5, A)", "stddev(A)", "stddevPop(A)", "stddevSamp(A)", "sum(A)"} {
		env := sampleEnv(hmis.NeverSkip)
		env.Item = func(indicator.Item) indicator.Value { return indicator.Float(33) }
		e, err := indicator.InPredictor.Parse(strings.ReplaceAll(f+" + A", "A", "#{aaaaaaaaaaa}"))
		require.NoError(t, err)
		v, err := e.Eval(env)
		require.NoError(t, err)
		if got, _ := indicator.Prediction(v, number, hmis.NeverSkip); got != "33.0" {
			t.Errorf("%s + A: %s, want 33.0", f, got)
		}
	}
}

// TestNestedSamples checks that nested functions over samples do not multiply
// the work.
func TestNestedSamples(t *testing.T) {
	values := make([]float64, 40)
	for i := range values {
		values[i] = float64(i)
	}
	for _, f := range []string{"max(", "median(", "sum(1 + 0 * ", "count(", "normDistCum(", "normDistDen(", "percentileCont(0.5, "} {
		const depth = 50
		in := strings.Repeat(f, depth) + "#{aaaaaaaaaaa}" + strings.Repeat(")", depth)
		if f == "normDistDen(" { // with a mean of its own
			in = strings.ReplaceAll(in, ")", ", 1)")
		}
		start := time.Now()
		e, err := indicator.InPredictor.Parse(in)
		require.NoError(t, err)
		_, err = e.Eval(sampleEnv(hmis.NeverSkip, values...))
		require.NoError(t, err, f)
		require.Less(t, time.Since(start), 5*time.Second, f)
		_, err = indicator.InPredictor.Parse(f + in + ")")
		require.EqualError(t, err, "indicator: 1:"+fmt.Sprint(depth*len(f)+1)+": functions over samples nested more than 50 deep")
	}
	// Nested functions give the same as plain evaluation, since an inner sum is
	// equal in each sample. Functions that stop the replacement of missing
	// values are an exception.
	env := sampleEnv("", 1, gap, 3)
	for in, want := range map[string]string{
		"sum(sum(sum(A)))":                                    "36",
		"sum(A + sum(A))":                                     "16",
		"sum(firstNonNull(sum(A), 0) + count(A))":             fmt.Sprint(3 * (4 + 2)),
		"sum(sum(A) + if(A > 1, sum(A), removeZeros(A - 1)))": "8",
	} {
		if got := answer(indicator.InPredictor, strings.ReplaceAll(in, "A", "#{aaaaaaaaaaa}"), env); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
