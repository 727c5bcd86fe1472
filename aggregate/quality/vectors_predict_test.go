package quality_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func samplesVector(t testing.TB, v vector) string {
	var in struct {
		Period                   string
		Sequential, Annual, Skip int
	}
	var out struct{ Samples []string }
	require.NoError(t, json.Unmarshal(v.In, &in))
	require.NoError(t, json.Unmarshal(v.Out, &out))
	p := hmis.Predictor{Sequential: in.Sequential, Annual: in.Annual, Skip: in.Skip}
	return ruleDiff(out.Samples, periodNames(quality.SamplePeriods(p, period.MustParse(in.Period))))
}

func periodNames(periods []period.Period) []string {
	names := []string{}
	for _, p := range periods {
		names = append(names, p.String())
	}
	return names
}

// thresholdVector predicts in a country of one clinic, where an element marks the
// periods that the skip test leaves out.
func thresholdVector(t testing.TB, v vector) string {
	var in struct {
		Period                   string
		Sequential, Annual, Skip int
		Series                   map[string]float64
		SkipPeriods              []string
		ValueType                hmis.ValueType
		Stat                     struct {
			Kind   string
			P, K   float64
			Stddev string
		}
	}
	var out struct {
		SampleValues   []float64
		Raw, Predicted *float64
		Exceeds        *bool
	}
	require.NoError(t, json.Unmarshal(v.In, &in))
	require.NoError(t, json.Unmarshal(v.Out, &out))

	const series, marks, output, clinic = "Series00001", "Marks000001", "Output00001", "Clinic00001"
	generator := map[string]string{
		"avg": "avg(#{Series00001})", "sum": "sum(#{Series00001})", "max": "max(#{Series00001})", "median": "median(#{Series00001})",
		"percentile":      fmt.Sprintf("percentileCont(%v, #{Series00001})", in.Stat.P),
		"avg_plus_stddev": fmt.Sprintf("avg(#{Series00001}) + %v * %s(#{Series00001})", in.Stat.K, map[string]string{"sample": "stddevSamp", "population": "stddevPop"}[in.Stat.Stddev]),
	}[in.Stat.Kind]
	require.NotEmpty(t, generator, in.Stat.Kind)
	of := period.MustParse(in.Period)
	md := hmis.Metadata{
		OrgUnits:      []hmis.OrgUnit{{ID: clinic}},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "Level000001", Level: 1}},
		DataElements:  []hmis.DataElement{{ID: series}, {ID: marks}, {ID: output, ValueType: in.ValueType, ZeroIsData: true}},
		Predictors: []hmis.Predictor{{
			ID: "Predictor01", Output: output, Period: of.Type(), Levels: []hmis.UID{"Level000001"},
			Sequential: in.Sequential, Annual: in.Annual, Skip: in.Skip,
			Generator: hmis.Expression{Text: generator}, SkipTest: hmis.Expression{Text: "#{Marks000001} == 1"},
		}},
	}
	var values []hmis.DataValue
	add := func(element hmis.UID, p, text string) {
		values = append(values, hmis.DataValue{Value: text, Key: hmis.Key{DataElement: element, OrgUnit: clinic, Period: period.MustParse(p)}})
	}
	for _, p := range slices.Sorted(maps.Keys(in.Series)) {
		add(series, p, decimal.NewFromFloat(in.Series[p]).String())
	}
	for _, p := range in.SkipPeriods {
		add(marks, p, "1")
	}
	country := newRuleCountry(t, md, ruleStream(values), nil)

	var sampled []float64
	var samples []func(indicator.Item) indicator.Value
	for _, p := range quality.SamplePeriods(md.Predictors[0], of) {
		x, ok := in.Series[p.String()]
		if !ok || slices.Contains(in.SkipPeriods, p.String()) {
			continue
		}
		sampled = append(sampled, x)
		samples = append(samples, func(indicator.Item) indicator.Value { return indicator.Float(x) })
	}
	if !slices.Equal(sampled, out.SampleValues) {
		return fmt.Sprintf("samples %v, want %v", sampled, out.SampleValues)
	}
	expr, err := indicator.InPredictor.Parse(generator)
	require.NoError(t, err)
	raw, err := expr.Eval(indicator.Env{Samples: samples})
	require.NoError(t, err)
	if !nearlyEqual(number(raw), out.Raw) {
		return fmt.Sprintf("raw %v, want %v", raw, *out.Raw)
	}

	var predicted *float64
	for v, err := range (quality.Prediction{Predictors: md.Predictors}).Values(t.Context(), country.cube, quality.Scope{Periods: []period.Period{of}}) {
		require.NoError(t, err)
		f, err := strconv.ParseFloat(v.Value, 64)
		require.NoError(t, err)
		predicted = &f
	}
	if !nearlyEqual(predicted, out.Predicted) {
		return fmt.Sprintf("predicted %v, want %v", value(predicted), value(out.Predicted))
	}
	var exceeds *bool
	if actual, ok := in.Series[in.Period]; ok && predicted != nil {
		more := actual > *predicted
		exceeds = &more
	}
	if value(exceeds) != value(out.Exceeds) {
		return fmt.Sprintf("exceeds %v, want %v", value(exceeds), value(out.Exceeds))
	}
	return ""
}

func number(v indicator.Value) *float64 {
	if f, ok := v.Float64(); ok {
		return &f
	}
	return nil
}

func value[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

func nearlyEqual(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a-*b <= 1e-9*max(1, *b, -*b) && *b-*a <= 1e-9*max(1, *b, -*b)
}

func serverPredictVector(t testing.TB, v vector) string {
	var in struct {
		Predictor          hmis.UID
		StartDate, EndDate string
	}
	var out struct {
		Generated int
		Numeric   bool
		Values    [][]string
	}
	require.NoError(t, json.Unmarshal(v.In, &in))
	require.NoError(t, json.Unmarshal(v.Out, &out))
	country := syntheticCountry(t)
	at := slices.IndexFunc(country.md.Predictors, func(p hmis.Predictor) bool { return p.ID == in.Predictor })
	require.GreaterOrEqual(t, at, 0, in.Predictor)
	var counts quality.PredictionCounts
	ask := quality.Prediction{
		Predictors: country.md.Predictors[at : at+1],
		Done:       func(_ hmis.UID, n quality.PredictionCounts) { counts = n },
	}
	s := quality.Scope{From: ruleDay(t, in.StartDate), To: ruleDay(t, in.EndDate)}
	text := func(s string) string {
		if d, err := decimal.NewFromString(s); err == nil && out.Numeric {
			return d.String()
		}
		return s
	}
	var got, want []string
	for v, err := range ask.Values(t.Context(), country.cube, s) {
		if err != nil {
			return err.Error()
		}
		got = append(got, fmt.Sprint(v.Period, " ", v.OrgUnit, " ", v.OptionCombo, " ", v.AttributeCombo, " ", text(v.Value)))
	}
	for _, row := range out.Values {
		want = append(want, fmt.Sprint(row[0], " ", row[1], " ", row[2], " ", row[3], " ", text(row[4])))
	}
	slices.Sort(got)
	slices.Sort(want)
	if n := counts.Inserted + counts.Updated; n != out.Generated {
		return fmt.Sprintf("%d generated, want %d\n%s", n, out.Generated, ruleDiff(want, got))
	}
	return ruleDiff(want, got)
}
