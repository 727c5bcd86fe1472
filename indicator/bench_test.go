package indicator_test

import (
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// longest returns the longest real expression: a numerator of 41,365 bytes with
// 2,000 items.
func longest(t testing.TB) string {
	long := ""
	for _, sources := range realFiles(t) {
		for _, s := range sources {
			if s.use == indicator.InIndicator && len(s.text) > len(long) {
				if _, err := indicator.Parse(s.text); err == nil {
					long = s.text
				}
			}
		}
	}
	return long
}

// BenchmarkParse parses a short expression and the longest real one, of 41,365
// bytes. The longest must take less than 5 ms.
func BenchmarkParse(b *testing.B) {
	for _, in := range []struct{ name, text string }{
		{"short", "#{fbfJHSPpUQD} / #{WUg3MYWQ7pt} * 100"},
		{"longest", longest(b)},
	} {
		b.Run(in.name, func(b *testing.B) {
			b.SetBytes(int64(len(in.text)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = indicator.Parse(in.text)
			}
		})
	}
}

// shapes has expressions that are computed in different ways: in whole numbers,
// with missing values, and one by one.
var shapes = []struct{ name, in string }{
	{"item", "#{aaaaaaaaaaa}"},
	{"sum of four", "#{aaaaaaaaaaa} + #{bbbbbbbbbbb} + #{ccccccccccc} - #{ddddddddddd}"},
	{"product", "(#{aaaaaaaaaaa} + #{bbbbbbbbbbb}) * 0.25"},
	{"quotient", "#{aaaaaaaaaaa} / #{bbbbbbbbbbb} * 100"},
	{"choice", "if(#{aaaaaaaaaaa} > 10, #{bbbbbbbbbbb}, #{ccccccccccc})"},
	{"isNull", "if(isNull(#{aaaaaaaaaaa}), 0, #{bbbbbbbbbbb} + 1)"},
	{"power", "#{aaaaaaaaaaa} ^ 2"},
	{"log", "log(#{aaaaaaaaaaa} + 1)"},
	{"greatest", "greatest(#{aaaaaaaaaaa}, #{bbbbbbbbbbb}, 0)"},
	{"logic", "if(#{aaaaaaaaaaa} > 1 and not #{bbbbbbbbbbb} == 2 or #{ccccccccccc} <= 3, 1, 0)"},
	{"is in", "if(is(#{aaaaaaaaaaa} in 1, 2, 3), 1, 0)"},
	{"texts", "if('abc' < 'abd' and contains('a,b', 'b') and containsItems('a,b', 'b'), #{aaaaaaaaaaa}, 0)"},
}

// shapeEnv returns an environment with 4,096 cells of small numbers, of which
// one in six is missing.
func shapeEnv() (indicator.ColumnEnv, int) {
	const n = 4096
	r := rand.New(rand.NewPCG(1, 1))
	column := indicator.Column{Coef: make([]int64, n), Missing: make([]bool, n)}
	for i := range n {
		column.Coef[i], column.Missing[i] = r.Int64N(1000), r.IntN(6) == 0
	}
	return indicator.ColumnEnv{Item: func(indicator.Item) indicator.Column { return column }}, n
}

// BenchmarkShapes computes 4,096 cells. The nested module indicator/bench
// measures the same with other engines.
func BenchmarkShapes(b *testing.B) {
	env, n := shapeEnv()
	out := make([]indicator.Value, n)
	for _, s := range shapes {
		e, err := indicator.Parse(s.in)
		require.NoError(b, err)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := e.EvalColumns(env, out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/cell")
		})
	}
}

// BenchmarkEval computes one cell.
func BenchmarkEval(b *testing.B) {
	value := indicator.Float(12)
	env := indicator.Env{Item: func(indicator.Item) indicator.Value { return value }}
	for _, s := range shapes {
		e, err := indicator.Parse(s.in)
		require.NoError(b, err)
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Eval(env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
