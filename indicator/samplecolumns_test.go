package indicator_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// A generator whose samples are computed in columns has the value that it has
// sample by sample.
func TestSamplesInColumns(t *testing.T) {
	const a, b = "#{Aaaaaaaaaaa}", "#{Bbbbbbbbbbb}"
	for text, parts := range map[string]int{
		"avg(" + a + ") + 2 * stddev(" + a + ")":                                     1,
		"sum(" + a + " - 2 * " + b + ") / count(" + a + ")":                          2,
		"median(" + a + " + " + b + ") + percentileCont(0.3, " + b + ")":             2,
		"max(-" + a + ") - min(-(" + a + " * 0.5))":                                  2,
		"count(" + a + " * 0) + sum(7)":                                              1, // a number alone is no part
		"if(isNull(sum(" + a + ")), -1, sum(" + a + ") + " + b + ")":                 1,
		"sum(" + a + " / " + b + ") + max(removeZeros(" + a + "))":                   0,
		"sum(avg(" + a + ") + " + b + ") + max(" + a + " + [days]) + avg(" + a + ")": 1, // one function in another
		"normDistCum(" + a + ") + normDistDen(" + b + ", avg(" + a + "))":            2,
		"avg(" + a + ") + sum(" + a + ") + sum(" + a + " + " + b + " + 1)":           2,
		"firstNonNull(avg(" + a + "), 5) + stddevPop(" + a + ") + 1":                 1,
		"variance" + "(" + a + ")":                                                   -1,
	} {
		expr, err := indicator.InPredictor.Parse(text)
		if parts < 0 {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, parts, expr.SampleParts(), text)
		rng, asked := rand.New(rand.NewPCG(1, 7)), 0
		for range 300 {
			samples, missing := rng.IntN(6), rng.IntN(4)
			cols := map[hmis.UID]*indicator.Column{}
			for _, id := range []hmis.UID{"Aaaaaaaaaaa", "Bbbbbbbbbbb"} {
				col := &indicator.Column{Scale: rng.IntN(3)}
				for range samples + 1 { // the last is the output period
					col.Coef = append(col.Coef, int64(rng.IntN(9)-3))
					col.Missing = append(col.Missing, rng.IntN(4) < missing)
				}
				if rng.IntN(5) == 0 {
					col.Other = map[int]indicator.Value{0: indicator.Float(1e300)}
				}
				cols[id] = col
			}
			at := func(cell int) func(indicator.Item) indicator.Value {
				return func(item indicator.Item) indicator.Value {
					if col := cols[item.ID]; col != nil {
						return col.At(cell)
					}
					return indicator.Scaled(31, 0)
				}
			}
			for _, strategy := range []hmis.Missing{hmis.SkipIfAnyMissing, hmis.SkipIfAllMissing, hmis.NeverSkip} {
				env := indicator.Env{Item: at(samples), Missing: strategy}
				for s := range samples {
					env.Samples = append(env.Samples, at(s))
				}
				want, wantErr := expr.Eval(env)
				env.SampleValues = func(part int) (values []float64, ok bool) {
					asked++
					out := make([]indicator.Value, samples)
					require.NoError(t, expr.EvalSamples(part, indicator.ColumnEnv{
						Item:    func(item indicator.Item) indicator.Column { return columnIn(cols, item) },
						Missing: strategy, Result: hmis.Number,
					}, out))
					for _, v := range out {
						if f, ok := v.Float64(); ok {
							values = append(values, f)
						}
					}
					return values, true
				}
				got, gotErr := expr.Eval(env)
				require.Equal(t, wantErr, gotErr, text)
				require.True(t, want.Equal(got), "%s under %s: %v in columns, %v sample by sample: %s", text, strategy, got, want, fmt.Sprint(cols))
			}
		}
		require.Equal(t, parts > 0, asked > 0, text)
	}
}

func columnIn(cols map[hmis.UID]*indicator.Column, item indicator.Item) indicator.Column {
	if col := cols[item.ID]; col != nil {
		return *col
	}
	return indicator.Column{}
}
