package quality_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func randomPredictor(rng *rand.Rand) hmis.Predictor {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	item := func() string { return pick("#{B}", "#{C}", "#{S}", "#{S.Male}", "#{A}") }
	text := pick("avg(%s)", "sum(%s) + %s", "max(%s + %s)", "count(%s)", "median(%s) * %s", "avg(%s) + 2 * stddev(%s)", "max(%s) / 7 - min(%s)", "1000 * avg(%s)", "%s / %s", "stddevPop(%s)", "7", "[days] * %s",
		"percentileCont(0.3, %s)", "normDistCum(%s)", "if(isNull(%s), 1, sum(%s))", "sum(%s.minDate(2024-02-01))", "OUG{Rural}")
	for strings.Contains(text, "%s") {
		text = strings.Replace(text, "%s", item(), 1)
	}
	p := hmis.Predictor{
		ID: "Random00000", Output: scriptID(pick("O", "Keeps", "Whole")), Period: period.Monthly, Below: rng.IntN(2) == 0,
		Sequential: rng.IntN(4), Annual: rng.IntN(2), Skip: rng.IntN(2),
		Levels:    []hmis.UID{scriptID(pick("Level2", "Level3"))},
		Generator: hmis.Expression{Text: scriptExpression(text), Missing: scriptStrategies[pick("any", "all", "never")]},
	}
	if rng.IntN(3) == 0 {
		p.SkipTest = hmis.Expression{Text: scriptExpression(item() + " > 1"), Missing: hmis.SkipIfAnyMissing}
	}
	if rng.IntN(3) == 0 {
		p.OutputOptionCombo = scriptID("Male")
	}
	return p
}

// TestPredictionIsWhatItSays compares random predictors with RULES.md#prediction
// written down one value at a time.
func TestPredictionIsWhatItSays(t *testing.T) {
	predicted, deleted := 0, 0
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 11))
		tree, err := orgunit.NewTree(scriptMetadata().OrgUnits)
		require.NoError(t, err)
		reports := randomReports(rng, slices.Collect(tree.All()), 5+rng.IntN(120))
		for i := range reports {
			reports[i].Period = period.MustParse([]string{"202301", "202312", "202401", "202402", "202403"}[rng.IntN(5)])
			if rng.IntN(8) == 0 { // what was predicted before
				reports[i].DataElement, reports[i].OptionCombo, reports[i].Value = scriptID("O"), "", "3"
			}
		}
		country := scriptCountry(t, reports, 0)
		p := randomPredictor(rng)
		outs := period.Range(period.MustParse("202401"), period.MustParse("202403"))
		want := slowPrediction(t, country, p, outs)
		var got []string
		for v, err := range (quality.Prediction{Predictors: []hmis.Predictor{p}}).Values(t.Context(), country.cube, quality.Scope{Periods: outs}) {
			require.NoError(t, err)
			if predicted++; v.Deleted {
				deleted++
			}
			got = append(got, fmt.Sprint(v.Key, v.Value, v.Deleted))
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := ruleDiff(want, got); diff != "" {
			t.Fatalf("seed %d: %+v: %s", seed, p, diff)
		}
	}
	require.Greater(t, predicted, 700)
	require.Greater(t, deleted, 50)
}

func slowPrediction(t *testing.T, c *ruleCountry, p hmis.Predictor, outs []period.Period) (rows []string) {
	var values []hmis.DataValue
	for v, err := range c.cube.Values(t.Context(), quality.Scope{}) {
		require.NoError(t, err)
		values = append(values, v)
	}
	generator, err := indicator.InPredictor.Parse(p.Generator.Text)
	require.NoError(t, err)
	test, err := indicator.InSkipTest.Parse(p.SkipTest.Text)
	require.NoError(t, err)
	output, _ := hmis.Find[hmis.DataElement](c.catalog, p.Output)
	level := int(p.Levels[0][5] - '0')
	combo := p.OutputOptionCombo
	if combo == "" {
		combo = "Default0000"
	}
	items := slices.Concat(slices.Collect(generator.Items()), slices.Collect(test.Items()))
	for unit := range c.tree.All() {
		if c.tree.Level(unit) != level {
			continue
		}
		read := func(attr hmis.UID, when period.Period) func(indicator.Item) indicator.Value {
			return func(item indicator.Item) indicator.Value {
				switch item.Kind {
				case indicator.DaysItem:
					return indicator.Scaled(int64(when.Days()), 0)
				case indicator.OrgUnitGroupItem:
					return indicator.Scaled(int64(c.tree.CountIn(item.ID, unit)), 0)
				}
				var sum indicator.Value
				for _, x := range values {
					here := x.OrgUnit == unit || p.Below && c.tree.Contains(unit, x.OrgUnit)
					if x.DataElement != item.ID || item.OptionCombo != "" && item.OptionCombo != x.OptionCombo || !here || x.AttributeCombo != attr ||
						x.Period != when || item.From != 0 && when.First() < item.From {
						continue
					}
					d, ok := hmis.Number.Number(x.Value)
					require.True(t, ok)
					if total, ok := sum.Decimal(); ok {
						d = d.Add(total)
					} else if d.IsZero() && strings.HasPrefix(x.Value, "-") {
						sum = indicator.Float(math.Copysign(0, -1))
						continue
					}
					sum = indicator.Num(d)
				}
				return sum
			}
		}
		var attrs []hmis.UID
		for _, attr := range []hmis.UID{"Default0000", scriptID("ProjX"), scriptID("ProjY")} {
			for _, when := range slices.Concat(outs, samplesOf(p, outs)) {
				at := read(attr, when)
				if slices.ContainsFunc(items, func(i indicator.Item) bool {
					plain := i
					plain.From = 0
					return i.Kind == indicator.DataElementItem && !at(plain).IsMissing()
				}) {
					attrs = append(attrs, attr)
					break
				}
			}
		}
		if len(attrs) == 0 {
			attrs = []hmis.UID{"Default0000"}
		}
		made := map[hmis.Key]string{}
		for _, attr := range attrs {
			for _, out := range outs {
				at := read(attr, out)
				has := func(i indicator.Item) bool { return !at(i).IsMissing() }
				var samples []func(indicator.Item) indicator.Value
				due := p.Generator.Missing == hmis.NeverSkip || slices.ContainsFunc(slices.Collect(generator.OutputItems()), has) ||
					!slices.ContainsFunc(items, func(i indicator.Item) bool { return i.Kind.IsData() }) ||
					p.SkipTest.Text != "" && slices.ContainsFunc(slices.Collect(generator.SampledItems()), has)
				for _, when := range quality.SamplePeriods(p, out) {
					then := read(attr, when)
					if p.SkipTest.Text != "" {
						v, err := test.Eval(indicator.Env{Item: then, Missing: p.SkipTest.Missing})
						require.NoError(t, err)
						if skip, _ := v.Bool(); skip {
							continue
						}
					}
					samples = append(samples, then)
					for item := range generator.SampledItems() {
						due = due || !then(item).IsMissing()
					}
				}
				if !due {
					continue
				}
				v, err := generator.Eval(indicator.Env{Item: at, Samples: samples, Missing: p.Generator.Missing, Result: output.ValueType})
				require.NoError(t, err)
				text, ok := indicator.Prediction(v, output, p.Generator.Missing)
				if !ok {
					continue
				}
				d, err := decimal.NewFromString(text)
				require.NoError(t, err)
				if d.IsZero() && !output.ZeroIsData {
					continue
				}
				if strings.Contains(text, "E") {
					text = d.String() + ".0"
				}
				made[hmis.Key{DataElement: p.Output, OptionCombo: combo, AttributeCombo: attr, OrgUnit: unit, Period: out}] = text
			}
		}
		for _, old := range values {
			if old.DataElement != p.Output || old.OptionCombo != combo || old.OrgUnit != unit || !slices.Contains(outs, old.Period) {
				continue
			}
			text, ok := made[old.Key]
			if !ok {
				rows = append(rows, fmt.Sprint(old.Key, "", true))
				continue
			}
			is, _ := hmis.Number.Number(text)
			was, _ := hmis.Number.Number(old.Value)
			if is.Equal(was) {
				delete(made, old.Key)
			}
		}
		for key, text := range made {
			rows = append(rows, fmt.Sprint(key, text, false))
		}
	}
	return rows
}

func samplesOf(p hmis.Predictor, outs []period.Period) (list []period.Period) {
	for _, out := range outs {
		list = append(list, quality.SamplePeriods(p, out)...)
	}
	return list
}
