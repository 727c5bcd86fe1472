package quality_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// A generator that may be computed in doubles gives the same texts as one of the
// same value that is always computed in decimals.
func TestQuickPredictionsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	var reports []hmis.DataValue
	for i := range 4000 {
		v := hmis.DataValue{Value: fmt.Sprint(rng.IntN(60))}
		if i%3 == 0 {
			v.Value = fmt.Sprintf("%.2f", rng.Float64()*[]float64{0.1, 1, 10, 1000, 100_000}[rng.IntN(5)])
		}
		v.DataElement, v.OrgUnit = scriptID("A"), hmis.UID(fmt.Sprintf("Clinic%05d", 10+i/12))
		v.Period = period.MustParse("202301").Add(i % 12)
		reports = append(reports, v)
	}
	country := scriptCountry(t, reports, 400)
	texts := func(generator string, output hmis.UID) (list []string) {
		p := hmis.Predictor{
			ID: "Random00000", Output: output, Period: period.Monthly, Levels: []hmis.UID{scriptID("Level3")}, Sequential: 5,
			Generator: hmis.Expression{Text: scriptExpression(generator)},
		}
		scope := quality.Scope{Periods: period.Range(period.MustParse("202303"), period.MustParse("202312"))}
		for v, err := range (quality.Prediction{Predictors: []hmis.Predictor{p}}).Values(t.Context(), country.cube, scope) {
			require.NoError(t, err)
			list = append(list, fmt.Sprint(v.OrgUnit, v.Period, " ", v.Value))
		}
		return list
	}
	for _, generator := range []string{
		"avg(#{A})", "sum(#{A})", "avg(#{A}) + 2 * stddev(#{A})", "max(#{A}) - min(#{A})", "avg(#{A}) / 3 - 1.5 * stddevPop(#{A})", "0.001 * avg(#{A})", "1000 * sum(#{A})",
	} {
		for _, output := range []hmis.UID{scriptID("O"), scriptID("Whole"), scriptID("Keeps")} {
			want := texts("if(true, "+generator+", 0)", output)
			require.Greater(t, len(want), 500, generator)
			require.Equal(t, want, texts(generator, output), generator)
		}
	}
}
