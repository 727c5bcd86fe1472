package indicator_test

import (
	"sync"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/stretchr/testify/require"
)

// TestSharingRule uses one validation rule in many goroutines.
func TestSharingRule(t *testing.T) {
	rule, err := indicator.CompileRule(hmis.ValidationRule{
		ID: "rule0000001", Operator: "less_than_or_equal_to",
		Left:  hmis.Expression{Text: "#{aaaaaaaaaaa}", Missing: hmis.NeverSkip},
		Right: hmis.Expression{Text: "#{bbbbbbbbbbb} + 3"},
	})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for range 100 {
				got, err := rule.Eval(indicator.Env{Item: func(i indicator.Item) indicator.Value {
					if i.ID == "aaaaaaaaaaa" {
						return indicator.Float(float64(g))
					}
					return indicator.Float(1)
				}})
				if err != nil || got.Violated != (g > 4) {
					t.Errorf("%d <= 1 + 3: %+v, %v", g, got, err)
				}
			}
		})
	}
	wg.Wait()
}

// As documented, making a Value does not allocate.
func TestScaledAllocatesNothing(t *testing.T) {
	var v indicator.Value
	require.Zero(t, testing.AllocsPerRun(100, func() { v = indicator.Scaled(12345, 2) }))
	require.Equal(t, "123.45", v.String())
}
