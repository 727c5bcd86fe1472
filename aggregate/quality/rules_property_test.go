package quality_test

import (
	"cmp"
	"context"
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
	"github.com/stretchr/testify/require"
)

// randomRules makes rules on the elements of the scripts.
func randomRules(rng *rand.Rand) []hmis.ValidationRule {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	side := func() hmis.Expression {
		item := func() string {
			return pick("#{A}", "#{B}", "#{C}", "#{S}", "#{S.Male}", "#{Open}", "2", "[days]", "if(isNull(#{A}), 1, #{B})", "OUG{Rural}", "-#{A}")
		}
		return hmis.Expression{
			Text:    scriptExpression(item() + pick(" + ", " - ", " * ", " / ") + item()),
			Missing: scriptStrategies[pick("any", "all", "never")],
		}
	}
	operators := []string{"equal_to", "not_equal_to", "greater_than", "greater_than_or_equal_to", "less_than", "less_than_or_equal_to", "compulsory_pair", "exclusive_pair"}
	var rules []hmis.ValidationRule
	for i := range 1 + rng.IntN(5) {
		rule := hmis.ValidationRule{
			ID: scriptID(fmt.Sprintf("R%d", i+1)), Operator: pick(operators...), Left: side(), Right: side(),
			Period: []period.Type{period.Monthly, period.Monthly, period.Quarterly, period.Weekly}[rng.IntN(4)],
		}
		if rng.IntN(4) == 0 {
			rule.Levels = []int{2 + rng.IntN(2)}
		}
		rules = append(rules, rule)
	}
	return rules
}

// randomReports are values of several frequencies, many in the same place.
func randomReports(rng *rand.Rand, units []hmis.UID, n int) []hmis.DataValue {
	var values []hmis.DataValue
	for range n {
		v := hmis.DataValue{Value: fmt.Sprint(rng.IntN(4))}
		v.DataElement = scriptID([]string{"A", "B", "C", "S", "Open"}[rng.IntN(5)])
		v.OrgUnit = units[rng.IntN(len(units))]
		v.Period = period.MustParse([]string{"202401", "202402", "2024Q1", "2024W1", "2024W5", "2024", "2024NovQ1"}[rng.IntN(7)])
		switch v.DataElement {
		case scriptID("S"):
			v.OptionCombo = scriptID([]string{"Male", "Female"}[rng.IntN(2)])
		case scriptID("Open"):
			v.Value = []string{"true", "false"}[rng.IntN(2)]
		case scriptID("A"):
			v.Value = []string{"0.5", "-0", "007", "12345678901234567890", "3"}[rng.IntN(5)]
		}
		v.AttributeCombo = scriptID([]string{"default", "default", "ProjX", "ProjY"}[rng.IntN(4)])
		values = append(values, v)
	}
	return values
}

func scriptCountry(t testing.TB, values []hmis.DataValue, clinics int) *ruleCountry {
	md := scriptMetadata()
	for i := range clinics {
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("Clinic%05d", i+10)), Parent: scriptID("District")})
	}
	return newRuleCountry(t, md, ruleStream(values), nil)
}

func violationRow(rule, unit hmis.UID, p period.Period, attr hmis.UID, left, right indicator.Value) string {
	return fmt.Sprint(p, " ", unit, " ", rule, " ", attr, " ", left, " ", right)
}

func violationRows(run *quality.ValidationRun) []string {
	var rows []string
	for _, v := range run.Violations {
		rows = append(rows, violationRow(v.Rule, v.OrgUnit, v.Period, v.AttributeCombo, v.Left.Value, v.Right.Value))
	}
	return rows
}

// TestValidationIsWhatItSays compares runs over random reports with the rules of
// RULES.md#validation written down one value at a time.
func TestValidationIsWhatItSays(t *testing.T) {
	found := 0
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 7))
		tree, err := orgunit.NewTree(scriptMetadata().OrgUnits)
		require.NoError(t, err)
		country := scriptCountry(t, randomReports(rng, slices.Collect(tree.All()), 5+rng.IntN(80)), 0)
		v := quality.Validation{Rules: randomRules(rng), OwnItems: rng.IntN(4) == 0, TypeErrorsAsZero: true, Max: 10_000}
		var s quality.Scope
		for _, p := range []string{"202401", "202402", "2024Q1", "2024W1", "2024W5", "2024"} {
			if rng.IntN(3) > 0 {
				s.Periods = append(s.Periods, period.MustParse(p))
			}
		}
		if len(s.Periods) == 0 {
			continue
		}
		run, err := v.Run(t.Context(), country.cube, s)
		require.NoError(t, err)
		want, evaluated := slowRules(t, country, v, s.Periods)
		got := violationRows(run)
		slices.Sort(got)
		if diff := ruleDiff(want, got); diff != "" || evaluated != run.Evaluated {
			t.Fatalf("seed %d: %d evaluated, want %d; %s", seed, run.Evaluated, evaluated, diff)
		}
		found += len(got)
	}
	require.Greater(t, found, 500)
}

// slowRules finds violations by walking all stored values for every item.
func slowRules(t *testing.T, c *ruleCountry, v quality.Validation, periods []period.Period) (rows []string, evaluated int) {
	var values []hmis.DataValue
	for v, err := range c.cube.Values(t.Context(), quality.Scope{}) {
		require.NoError(t, err)
		values = append(values, v)
	}
	type place struct {
		unit hmis.UID
		attr hmis.UID
	}
	read := func(item indicator.Item, at place, p period.Period) indicator.Value {
		var counted []hmis.DataValue
		days := 1 << 30
		for _, x := range values {
			q := x.Period
			inRun := slices.ContainsFunc(periods, func(r period.Period) bool { return r.Type() == q.Type() })
			if x.DataElement != item.ID || item.OptionCombo != "" && item.OptionCombo != x.OptionCombo || x.OrgUnit != at.unit || x.AttributeCombo != at.attr {
				continue
			}
			if !q.ContainsDate(p.First()) || q.Type().Frequency() < p.Type().Frequency() || !inRun {
				continue
			}
			switch {
			case q.Days() < days:
				days, counted = q.Days(), []hmis.DataValue{x}
			case q.Days() == days:
				counted = append(counted, x)
			}
		}
		var sum indicator.Value
		for _, x := range counted {
			if item.ID == scriptID("Open") {
				sum = indicator.Truth(x.Value == "true")
				continue
			}
			d, ok := hmis.Number.Number(x.Value)
			require.True(t, ok, x.Value)
			number := indicator.Num(d)
			if strings.HasPrefix(x.Value, "-") && d.IsZero() {
				number = indicator.Float(math.Copysign(0, -1))
			}
			if total, ok := sum.Decimal(); ok {
				number = indicator.Num(total.Add(d))
			}
			sum = number
		}
		return sum
	}
	for _, p := range slices.Compact(slices.Clone(periods)) {
		for unit := range c.tree.All() {
			for _, attr := range []hmis.UID{"Default0000", scriptID("ProjX"), scriptID("ProjY")} {
				at := place{unit, attr}
				anyOf := func(rule *indicator.Rule) bool {
					for _, side := range []*indicator.Expr{rule.Left, rule.Right} {
						for item := range side.Items() {
							if item.Kind == indicator.DataElementItem && !read(item, at, p).IsMissing() {
								return true
							}
						}
					}
					return false
				}
				compiled := map[hmis.UID]*indicator.Rule{}
				shared := false
				for _, rule := range v.Rules {
					if rule.Period == p.Type() {
						var err error
						compiled[rule.ID], err = indicator.CompileRule(rule)
						require.NoError(t, err)
						shared = shared || anyOf(compiled[rule.ID])
					}
				}
				for _, rule := range v.Rules {
					r := compiled[rule.ID]
					if r == nil || !shared || v.OwnItems && !anyOf(r) || len(rule.Levels) > 0 && !slices.Contains(rule.Levels, c.tree.Level(unit)) {
						continue
					}
					evaluated++
					result, err := r.Eval(indicator.Env{
						Item: func(item indicator.Item) indicator.Value {
							switch item.Kind {
							case indicator.DaysItem:
								return indicator.Scaled(int64(p.Days()), 0)
							case indicator.OrgUnitGroupItem:
								return indicator.Scaled(int64(c.tree.CountIn(item.ID, unit)), 0)
							}
							return read(item, at, p)
						},
						Type: indicator.Types(c.catalog), Warn: func(*indicator.EvalError) {},
					})
					require.NoError(t, err)
					if result.Violated {
						rows = append(rows, violationRow(rule.ID, unit, p, attr, result.Left.RoundSide(), result.Right.RoundSide()))
					}
				}
			}
		}
	}
	slices.Sort(rows)
	return rows, evaluated
}

// TestRulesInManyBlocks holds that a country of several blocks of cells gives the
// same violations, in order, for any number of workers and cut anywhere, and that
// its parts together give the whole.
func TestRulesInManyBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	const clinics = 6000
	var units []hmis.UID
	for i := range clinics {
		units = append(units, hmis.UID(fmt.Sprintf("Clinic%05d", i+10)))
	}
	country := scriptCountry(t, randomReports(rng, units, 60_000), clinics)
	v := quality.Validation{Rules: append(randomRules(rng), hmis.ValidationRule{
		ID: "Always00000", Operator: "less_than", Period: period.Monthly,
		Left: hmis.Expression{Text: scriptExpression("#{A} + 1"), Missing: hmis.NeverSkip}, Right: hmis.Expression{Text: "1"},
	}), TypeErrorsAsZero: true, Max: 1 << 20, Workers: 1}
	s := quality.Scope{Periods: []period.Period{period.MustParse("202401"), period.MustParse("2024Q1")}}
	whole, err := v.Run(t.Context(), country.cube, s)
	require.NoError(t, err)
	require.Greater(t, len(whole.Violations), 2000)
	require.Equal(t, whole.Violated, len(whole.Violations))
	require.True(t, slices.IsSortedFunc(whole.Violations, func(a, b quality.Violation) int {
		return cmp.Or(cmp.Compare(a.Period.First(), b.Period.First()), cmp.Compare(a.Period.Last(), b.Period.Last()),
			cmp.Compare(country.tree.Path(a.OrgUnit), country.tree.Path(b.OrgUnit)), cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.AttributeCombo, b.AttributeCombo))
	}))
	rows := violationRows(whole)
	for _, workers := range []int{2, 7} {
		v.Workers = workers
		again, err := v.Run(t.Context(), country.cube, s)
		require.NoError(t, err)
		require.Equal(t, whole, again, "workers %d", workers)
	}
	for _, n := range []int{1, 100, 1999} {
		v.Max = n
		cut, err := v.Run(t.Context(), country.cube, s)
		require.NoError(t, err)
		require.Equal(t, whole.Violated, cut.Violated)
		require.Equal(t, rows[:n], violationRows(cut))
	}
	v.Max = 1 << 20
	var parts []string
	evaluated := 0
	for some := range slices.Chunk(units, 1700) {
		s.OrgUnits = some
		part, err := v.Run(t.Context(), country.cube, s)
		require.NoError(t, err)
		parts = append(parts, violationRows(part)...)
		evaluated += part.Evaluated
	}
	slices.Sort(parts)
	slices.Sort(rows)
	require.Equal(t, rows, parts)
	require.Equal(t, whole.Evaluated, evaluated)
}

// TestPredictionsInManyBlocks does the same for predictors.
func TestPredictionsInManyBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const clinics = 2500
	units := []hmis.UID{scriptID("District")}
	for i := range clinics {
		units = append(units, hmis.UID(fmt.Sprintf("Clinic%05d", i+10)))
	}
	reports := randomReports(rng, units, 40_000)
	country := scriptCountry(t, reports, clinics)
	var predictors []hmis.Predictor
	script := ruleScript{t: t}
	for _, text := range []string{
		"P1 Monthly O: sum(#{C}) + #{B} | all level 3 samples 2",
		"P2 Monthly Keeps: #{B} + #{O} | never level 2 level 3 below",
		"P3 Monthly SO: #{S} | all level 3 level 2",
	} {
		predictors = append(predictors, script.predictor(text))
	}
	s := quality.Scope{Periods: period.Range(period.MustParse("202401"), period.MustParse("202404"))}
	ask := func(workers int, s quality.Scope) (rows []string, counts []quality.PredictionCounts) {
		p := quality.Prediction{
			Predictors: predictors, Workers: workers,
			Done: func(_ hmis.UID, n quality.PredictionCounts) { counts = append(counts, n) },
		}
		for v, err := range p.Values(t.Context(), country.cube, s) {
			require.NoError(t, err)
			rows = append(rows, fmt.Sprint(v.Key, v.Value, v.Deleted))
		}
		return rows, counts
	}
	rows, counts := ask(1, s)
	require.Greater(t, len(rows), 10_000)
	total := 0
	for _, n := range counts {
		total += n.Inserted + n.Updated + n.Deleted
	}
	require.Equal(t, len(rows), total)
	for _, workers := range []int{2, 7} {
		again, counted := ask(workers, s)
		require.Equal(t, rows, again, "workers %d", workers)
		require.Equal(t, counts, counted)
	}
	var parts []string
	for some := range slices.Chunk(units[1:], 600) {
		s.OrgUnits = some
		part, _ := ask(2, s)
		parts = append(parts, part...)
	}
	clinicsOnly := slices.DeleteFunc(rows, func(row string) bool {
		return strings.Contains(row, string(scriptID("District"))) || strings.Contains(row, "Clinic10000") || strings.Contains(row, "Clinic20000")
	})
	slices.Sort(clinicsOnly)
	slices.Sort(parts)
	require.Equal(t, clinicsOnly, parts)
}

// A shortContext is over once it has been looked at so many times.
type shortContext struct {
	context.Context
	left int
}

func (c *shortContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Runs look at their context all the time, and end with its error.
func TestRulesEndWithTheirContext(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var units []hmis.UID
	for i := range 500 {
		units = append(units, hmis.UID(fmt.Sprintf("Clinic%05d", i+10)))
	}
	country := scriptCountry(t, randomReports(rng, units, 5000), 500)
	s := quality.Scope{Periods: period.Range(period.MustParse("202401"), period.MustParse("202412"))}
	predictor := (&ruleScript{t: t}).predictor("P1 Monthly O: sum(#{C}) + #{B} | all level 3 samples 2")
	rules := []hmis.ValidationRule{(&ruleScript{t: t}).rule("R1 Monthly: #{A} + #{B} == #{C} | never never")}
	for name, ask := range map[string]func(context.Context) error{
		"validation": func(ctx context.Context) error {
			_, err := quality.Validation{Rules: rules, Workers: 1}.Run(ctx, country.cube, s)
			return err
		},
		"prediction": func(ctx context.Context) error {
			for _, err := range (quality.Prediction{Predictors: []hmis.Predictor{predictor}, Workers: 1}).Values(ctx, country.cube, s) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	} {
		looked := &shortContext{t.Context(), 1 << 30}
		require.NoError(t, ask(looked), name)
		times := 1<<30 - looked.left
		require.Greater(t, times, 20, name)
		for _, n := range []int{0, 1, times / 4, times / 3, times / 2} { // how often depends on the time, too
			require.ErrorIs(t, ask(&shortContext{t.Context(), n}), context.Canceled, "%s, look %d of %d", name, n, times)
		}
	}
}
