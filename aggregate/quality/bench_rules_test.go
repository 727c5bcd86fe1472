package quality_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// The size of the country of the benchmarks: a million values.
const (
	benchFacilities = 3000
	benchElements   = 40
	benchMonths     = 36
)

func benchElement(e int) hmis.UID { return hmis.UID(fmt.Sprintf("Element%04d", e%benchElements)) }

// benchCountry has 3,000 facilities on 3 levels that report a quarter of 40 data
// elements in each of 36 months.
func benchCountry(b *testing.B) *ruleCountry {
	b.Helper()
	md := hmis.Metadata{
		OrgUnits:      []hmis.OrgUnit{{ID: "Country0001"}},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "Level000002", Level: 2}, {ID: "Level000003", Level: 3}},
	}
	for d := range 60 {
		district := hmis.UID(fmt.Sprintf("District%03d", d))
		md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: district, Parent: "Country0001"})
		for f := range benchFacilities / 60 {
			md.OrgUnits = append(md.OrgUnits, hmis.OrgUnit{ID: hmis.UID(fmt.Sprintf("Clinic%02d%03d", d, f)), Parent: district})
		}
	}
	for e := range benchElements {
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: benchElement(e)})
	}
	for e := range 50 {
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: hmis.UID(fmt.Sprintf("Output%05d", e))})
	}
	rng := rand.New(rand.NewPCG(1, 2))
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(b, err)
	months := period.Range(period.MustParse("202201"), period.MustParse("202412"))
	return newRuleCountry(b, md, func(yield func(hmis.DataValue, error) bool) {
		for _, month := range months {
			for _, unit := range tree.AtLevel(3) {
				for e := range benchElements {
					if rng.IntN(4) > 0 {
						continue
					}
					v := hmis.DataValue{Value: fmt.Sprint(rng.IntN(200))}
					v.DataElement, v.OrgUnit, v.Period = benchElement(e), unit, month
					if !yield(v, nil) {
						return
					}
				}
			}
		}
	}, nil)
}

// benchRules are so many rules of the kinds that countries have.
func benchRules(n int) []hmis.ValidationRule {
	texts := [][3]string{
		{"#{A}", "less_than_or_equal_to", "#{B}"},
		{"#{A} + #{B}", "greater_than_or_equal_to", "#{C}"},
		{"#{A}", "compulsory_pair", "#{B}"},
		{"#{A}", "less_than_or_equal_to", "#{B} * 1.1"},
		{"#{A} - #{B}", "equal_to", "#{C} + #{D}"},
	}
	strategies := []hmis.Missing{hmis.SkipIfAnyMissing, hmis.SkipIfAllMissing, hmis.NeverSkip}
	var rules []hmis.ValidationRule
	for i := range n {
		t := texts[i%len(texts)]
		name := func(text string) string {
			for k, letter := range []string{"A", "B", "C", "D"} {
				text = replaceItem(text, letter, benchElement(i*7+k*11))
			}
			return text
		}
		rules = append(rules, hmis.ValidationRule{
			ID: hmis.UID(fmt.Sprintf("Rule%07d", i)), Operator: t[1], Period: period.Monthly,
			Left:  hmis.Expression{Text: name(t[0]), Missing: strategies[i%3]},
			Right: hmis.Expression{Text: name(t[2]), Missing: strategies[i/3%3]},
		})
	}
	return rules
}

// BenchmarkValidation compares 200 rules at all of 3,000 facilities in 12 months.
func BenchmarkValidation(b *testing.B) {
	country := benchCountry(b)
	rules := benchRules(200)
	s := quality.Scope{Periods: period.MustParse("2024").Split(period.Monthly)}
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprintf("workers %d", workers), func(b *testing.B) {
			b.ReportAllocs()
			evaluated := 0
			for b.Loop() {
				run, err := quality.Validation{Rules: rules, Workers: workers}.Run(b.Context(), country.cube, s)
				require.NoError(b, err)
				evaluated += run.Evaluated
			}
			b.ReportMetric(float64(evaluated)/b.Elapsed().Seconds(), "evaluations/s")
		})
	}
}

// BenchmarkPrediction computes 50 predictors at all facilities in 12 and 36
// months.
func BenchmarkPrediction(b *testing.B) {
	country := benchCountry(b)
	generators := []string{"avg(#{A})", "avg(#{A}) + 2 * stddev(#{A})", "median(#{A} + #{B})", "max(#{A})", "percentileCont(0.75, #{A})"}
	for _, span := range []struct {
		name     string
		from, to string
	}{{"12 months", "202401", "202412"}, {"36 months", "202201", "202412"}} {
		b.Run(span.name, func(b *testing.B) {
			var list []hmis.Predictor
			for i := range 50 {
				text := replaceItem(replaceItem(generators[i%len(generators)], "A", benchElement(i)), "B", benchElement(i+9))
				list = append(list, hmis.Predictor{
					ID: hmis.UID(fmt.Sprintf("Predictor%02d", i)), Output: hmis.UID(fmt.Sprintf("Output%05d", i)), Period: period.Monthly,
					Levels: []hmis.UID{"Level000003"}, Sequential: 6, Generator: hmis.Expression{Text: text},
				})
			}
			s := quality.Scope{Periods: period.Range(period.MustParse(span.from), period.MustParse(span.to))}
			b.ReportAllocs()
			values := 0
			for b.Loop() {
				for _, err := range (quality.Prediction{Predictors: list, Workers: 1}).Values(b.Context(), country.cube, s) {
					require.NoError(b, err)
					values++
				}
			}
			b.ReportMetric(float64(values)/b.Elapsed().Seconds(), "values/s")
		})
	}
}

func replaceItem(text, letter string, id hmis.UID) string {
	return strings.ReplaceAll(text, "#{"+letter+"}", "#{"+string(id)+"}")
}
