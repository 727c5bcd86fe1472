package indicator_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// The memory of an evaluation is used again by the next one. What the parts of
// one expression have computed must not be taken for those of another, not even
// in the single cells that are computed one by one.
func TestColumnsOfOneExpressionAfterAnother(t *testing.T) {
	const n = 3000 // more than one chunk
	a := indicator.Column{Coef: make([]int64, n), Other: map[int]indicator.Value{2: indicator.Float(0.5), 2999: indicator.Float(1e300)}}
	b := indicator.Column{Coef: make([]int64, n)}
	for i := range n {
		a.Coef[i], b.Coef[i] = int64(i%7-3), int64(i%5)
	}
	columns := map[hmis.UID]indicator.Column{"Aaaaaaaaaaa": a, "Bbbbbbbbbbb": b}
	env := indicator.ColumnEnv{Item: func(item indicator.Item) indicator.Column { return columns[item.ID] }}
	texts := []string{
		"if(#{Bbbbbbbbbbb} > 2, #{Bbbbbbbbbbb} + 1000, #{Bbbbbbbbbbb} * 3 - 7) + (#{Bbbbbbbbbbb} + 5) / 2", // parts with plans
		"-#{Aaaaaaaaaaa}", // a whole plan, with negated zeros
		"#{Aaaaaaaaaaa} + #{Bbbbbbbbbbb}",
		"(#{Aaaaaaaaaaa} - #{Bbbbbbbbbbb}) * 2",
	}
	for range 20 {
		for _, text := range texts {
			e, err := indicator.InPredictor.Parse(text)
			require.NoError(t, err)
			out := make([]indicator.Value, n)
			require.NoError(t, e.EvalColumns(env, out))
			for i := range out {
				want, err := e.Eval(indicator.Env{Item: func(item indicator.Item) indicator.Value {
					column := columns[item.ID]
					return column.At(i)
				}})
				require.NoError(t, err)
				require.True(t, want.Equal(out[i]), "%s in cell %d: %s, want %s", text, i, out[i], want)
			}
		}
	}
}

// The same with what a predictor samples, which computes single parts of an
// expression.
func TestSamplesAfterAnotherExpression(t *testing.T) {
	const n = 10
	column := indicator.Column{Coef: make([]int64, n), Other: map[int]indicator.Value{0: indicator.Float(1e300)}}
	env := indicator.ColumnEnv{Item: func(indicator.Item) indicator.Column { return column }, Result: hmis.Number}
	busy, err := indicator.InPredictor.Parse("if(#{Bbbbbbbbbbb} > 2, #{Bbbbbbbbbbb} + 1000, #{Bbbbbbbbbbb} * 3 - 7) + (#{Bbbbbbbbbbb} + 5) / 2")
	require.NoError(t, err)
	sampled, err := indicator.InPredictor.Parse("max(-#{Aaaaaaaaaaa}) - min(-(#{Aaaaaaaaaaa} * 0.5)) + avg(#{Aaaaaaaaaaa} + 1)")
	require.NoError(t, err)
	out := make([]indicator.Value, n)
	for range 50 {
		plain := indicator.ColumnEnv{Item: func(indicator.Item) indicator.Column { return indicator.Column{Coef: make([]int64, n)} }}
		require.NoError(t, busy.EvalColumns(plain, out))
		for part := range sampled.SampleParts() {
			require.NoError(t, sampled.EvalSamples(part, env, out))
		}
	}
}
