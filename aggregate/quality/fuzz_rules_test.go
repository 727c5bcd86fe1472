package quality_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

func fuzzCountry(f *testing.F) *ruleCountry {
	f.Helper()
	rng := rand.New(rand.NewPCG(9, 9))
	return scriptCountry(f, randomReports(rng, []hmis.UID{scriptID("Clinic1"), scriptID("Clinic2"), scriptID("District")}, 60), 0)
}

// FuzzValidation holds that no text of a rule stops the run of the others, and
// that a violation comes with the sides that make it one.
func FuzzValidation(f *testing.F) {
	country := fuzzCountry(f)
	for _, text := range []string{"#{A} + #{B}", "#{S.Male} / 0", "if(#{Open}, 1, null)", "log(#{C}) + 1", "#{A", "R{Form.REPORTING_RATE}", "'a' > 1"} {
		f.Add(scriptExpression(text), "2", byte(2), byte(7))
	}
	operators := []string{"equal_to", "not_equal_to", "greater_than", "less_than_or_equal_to", "compulsory_pair", "exclusive_pair", "other"}
	strategies := []hmis.Missing{"", hmis.SkipIfAnyMissing, hmis.SkipIfAllMissing, hmis.NeverSkip}
	s := quality.Scope{Periods: []period.Period{period.MustParse("202401"), period.MustParse("2024Q1")}}
	plain := hmis.ValidationRule{
		ID: "Plain000000", Period: period.Monthly, Operator: "greater_than",
		Left: hmis.Expression{Text: scriptExpression("#{B}")}, Right: hmis.Expression{Text: "-1"},
	}
	f.Fuzz(func(t *testing.T, left, right string, operator, strategy byte) {
		rule := hmis.ValidationRule{
			ID: "Fuzzed00000", Period: period.Monthly, Operator: operators[int(operator)%len(operators)],
			Left:  hmis.Expression{Text: left, Missing: strategies[strategy%4]},
			Right: hmis.Expression{Text: right, Missing: strategies[strategy/4%4]},
		}
		told := 0
		v := quality.Validation{Rules: []hmis.ValidationRule{rule, plain}, Workers: 2, Reject: func(ref hmis.Ref, err error) {
			told++
			require.Equal(t, hmis.UID("Fuzzed00000"), ref.ID)
			require.Error(t, err)
		}}
		run, err := v.Run(context.Background(), country.cube, s)
		require.NoError(t, err)
		require.LessOrEqual(t, told, 1)
		require.Greater(t, run.Evaluated, 0)
		for _, x := range run.Violations {
			require.NotEqual(t, plain.ID, x.Rule)
			_, ok := x.Left.Value.Decimal()
			require.True(t, ok, "%v", x.Left.Value)
			require.False(t, x.Left.Exact.IsMissing() && x.Right.Exact.IsMissing())
		}
		v.Workers, v.TypeErrorsAsZero = 1, true
		zero, err := v.Run(context.Background(), country.cube, s)
		require.NoError(t, err)
		require.GreaterOrEqual(t, zero.Evaluated, run.Evaluated)
	})
}

// FuzzPrediction holds that what is predicted can be stored, whatever the texts
// of a predictor are, and that once it is stored nothing is new.
func FuzzPrediction(f *testing.F) {
	country := fuzzCountry(f)
	for _, text := range []string{"avg(#{B})", "#{A} * 1000000000", "stddev(#{B}) / 0", "forEach ?e in :DEG:Both0000000 --> #{?e}", "if(#{Open}, 'x', 'y')", "1e300 * 1e300", "-0.001"} {
		f.Add(scriptExpression(text), scriptExpression("#{B} > 2"), byte(3), byte(1), byte(0))
	}
	outputs := []string{"Keeps", "Whole", "SO", "Note", "Flag", "Open", "O"}
	s := quality.Scope{Periods: period.Range(period.MustParse("202401"), period.MustParse("202403"))}
	f.Fuzz(func(t *testing.T, generator, test string, sequential, annual, output byte) {
		p := hmis.Predictor{
			ID: "Fuzzed00000", Period: period.Monthly, Output: scriptID(outputs[int(output)%len(outputs)]), Below: output%2 == 0,
			Sequential: int(sequential % 8), Annual: int(annual % 3), Levels: []hmis.UID{scriptID("Level3"), scriptID("Level2")},
			Generator: hmis.Expression{Text: generator, Missing: []hmis.Missing{"", hmis.NeverSkip}[annual%2]},
			SkipTest:  hmis.Expression{Text: test},
		}
		ask := quality.Prediction{Predictors: []hmis.Predictor{p}, Reject: func(hmis.Ref, error) {}}
		var values []hmis.DataValue
		for v, err := range ask.Values(context.Background(), country.cube, s) {
			require.NoError(t, err)
			values = append(values, v)
		}
		next, err := country.cube.With(context.Background(), ruleStream(values), nil)
		require.NoError(t, err)
		require.False(t, slices.ContainsFunc(values, func(v hmis.DataValue) bool { return v.Deleted != (v.Value == "") }))
		if strings.Contains(generator+test, string(p.Output)) || strings.Contains(generator, ":DEG:") {
			return // what is predicted changes what is read
		}
		for v, err := range ask.Values(context.Background(), next, s) {
			require.NoError(t, err)
			t.Errorf("once stored, %+v is predicted again", v)
		}
	})
}
