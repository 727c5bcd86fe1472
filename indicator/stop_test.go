package indicator_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// TestStop checks that a long evaluation calls Stop and ends with its error,
// for many cells as for many steps.
func TestStop(t *testing.T) {
	const cells = 1 << 20
	long := strings.Repeat("#{fbfJHSPpUQD} * 2 + ", 3000) + "1"
	tests := []struct {
		name, in string
		cells    int
	}{
		{"many cells", "#{fbfJHSPpUQD} + #{WUg3MYWQ7pt} * 3", cells},
		{"many steps", long, 4096},
		{"cell by cell", "if(#{fbfJHSPpUQD} > 1, log(#{WUg3MYWQ7pt}), 5)", cells},
		{"parts", "if(#{fbfJHSPpUQD} + #{WUg3MYWQ7pt} + 1 > 7, 1, 0)", cells},
	}
	for _, tt := range tests {
		e := indicator.MustParse(tt.in)
		column := indicator.Column{Coef: make([]int64, tt.cells), Missing: make([]bool, tt.cells)}
		for i := range column.Coef {
			column.Coef[i] = int64(i % 100)
		}
		asked, enough := 0, errors.New("enough")
		env := indicator.ColumnEnv{
			Item: func(indicator.Item) indicator.Column { return column },
			Stop: func() error { asked++; return nil },
		}
		require.NoError(t, e.EvalColumns(env, make([]indicator.Value, tt.cells)), tt.name)
		if asked < 2 {
			t.Errorf("%s: asked %d times", tt.name, asked)
		}
		asked = 0
		env.Stop = func() error {
			if asked++; asked == 2 {
				return enough
			}
			return nil
		}
		require.ErrorIs(t, e.EvalColumns(env, make([]indicator.Value, tt.cells)), enough, tt.name)
		require.Equal(t, 2, asked, tt.name)

		f := indicator.Formula{Numerator: indicator.MustParse("1"), Denominator: e}
		asked = 0
		require.ErrorIs(t, f.EvalColumns(env, make([]indicator.Result, tt.cells)), enough, tt.name)
		asked = 0
		var out indicator.Column
		require.ErrorIs(t, f.EvalColumn(env, tt.cells, &out), enough, tt.name)

		// The memory of the stopped run is used again.
		env.Stop = nil
		one := make([]indicator.Value, tt.cells)
		require.NoError(t, e.EvalColumns(env, one), tt.name)
		v, err := e.Eval(indicator.Env{Item: func(indicator.Item) indicator.Value { return column.At(5) }})
		require.NoError(t, err)
		require.True(t, v.Equal(one[5]), tt.name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e := indicator.MustParse("[days] + 1")
	env := indicator.ColumnEnv{Stop: ctx.Err, Item: func(indicator.Item) indicator.Column {
		return indicator.Constant(indicator.Float(1))
	}}
	require.ErrorIs(t, e.EvalColumns(env, make([]indicator.Value, 4*cells)), context.Canceled)
}
