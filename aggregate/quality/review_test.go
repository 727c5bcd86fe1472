package quality_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ohie-hmis/hmis-go/aggregate"
	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/orgunit"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// districts has two districts with two clinics each, and what they reported of two
// data elements in three years of quarters.
func districts(t testing.TB) *aggregate.Cube {
	t.Helper()
	units := []hmis.OrgUnit{
		{ID: "nation", Name: "Nation"}, {ID: "east", Parent: "nation"}, {ID: "west", Parent: "nation"},
		{ID: "e1", Parent: "east"}, {ID: "e2", Parent: "east"}, {ID: "w1", Parent: "west"}, {ID: "w2", Parent: "west", Closed: period.DateOf(2024, 8, 31)},
	}
	set := hmis.DataSet{
		ID: "form", Name: "Form", PeriodType: period.Monthly, OrgUnits: []hmis.UID{"e1", "e2", "w1", "w2", "gone"}, TimelyDays: 15,
		Elements: []hmis.DataSetElement{{DataElement: "firstDoses0"}, {DataElement: "thirdDoses0"}},
	}
	catalog, err := hmis.NewCatalog(hmis.Metadata{
		OrgUnits: units, DataSets: []hmis.DataSet{set, {ID: "typeless"}},
		DataElements:  []hmis.DataElement{{ID: "firstDoses0", Name: "First doses"}, {ID: "thirdDoses0", Name: "Third doses"}, {ID: "people", Name: "People"}, {ID: "census"}, {ID: "remark", ValueType: hmis.Text}},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "level3", Level: 3}},
		Indicators:    []hmis.Indicator{{ID: "coverage001", Name: "Coverage", Numerator: "75", Denominator: "1"}},
	})
	require.NoError(t, err)
	tree, err := orgunit.NewTree(units)
	require.NoError(t, err)
	values := func(yield func(hmis.DataValue, error) bool) {
		add := func(element, unit hmis.UID, p period.Period, n int) bool {
			return yield(hmis.DataValue{Value: fmt.Sprint(n), Key: hmis.Key{DataElement: element, OrgUnit: unit, Period: p}}, nil)
		}
		for year := range 3 {
			for m, month := range period.MustParse(fmt.Sprint(2022 + year)).Split(period.Monthly) {
				for u, unit := range []hmis.UID{"e1", "e2", "w1"} {
					n := 100 + 10*u + m%3
					if unit == "w1" && year == 2 {
						n *= 2
					}
					third := n - 10
					if unit == "w1" {
						third = n + 40
					}
					if !add("firstDoses0", unit, month, n) || !add("thirdDoses0", unit, month, third) {
						return
					}
				}
			}
			for _, unit := range []hmis.UID{"east", "west"} {
				if !add("people", unit, period.MustParse(fmt.Sprint(2022+year)), 5000) || unit == "east" && !add("census", unit, period.MustParse(fmt.Sprint(2022+year)), 4600) {
					return
				}
			}
		}
	}
	completions := func(yield func(hmis.Completion, error) bool) {
		for m, month := range period.MustParse("2024").Split(period.Monthly) {
			for _, unit := range []hmis.UID{"e1", "w2"} {
				at := (month.Last() + period.Date(10+m)).Time(time.UTC)
				if !yield(hmis.Completion{DataSet: "form", OrgUnit: unit, Period: month, At: at}, nil) {
					return
				}
			}
		}
	}
	cube, err := aggregate.Loader{Catalog: catalog, Tree: tree, Completions: completions}.Load(t.Context(), values)
	require.NoError(t, err)
	return cube
}

var year2024 = quality.Review{
	Overall: "nation", Units: []hmis.UID{"east", "west"}, Period: period.MustParse("2024"),
	Reference: []period.Period{period.MustParse("2022"), period.MustParse("2023")},
}

// line writes a measure: "1a Form 90: nation 47.73; east 50 !".
func line(m quality.Measure) string {
	figure := func(f quality.Figure) string {
		text := string(f.OrgUnit) + " -"
		if f.Score != nil {
			text = fmt.Sprintf("%s %.4g", f.OrgUnit, *f.Score)
		}
		if f.Divergent {
			text += " !"
		}
		return text
	}
	parts := []string{figure(m.Overall)}
	for _, f := range m.Units {
		parts = append(parts, figure(f))
	}
	return fmt.Sprintf("%s %s %v: %s", m.Metric, m.Item, m.Threshold, strings.Join(parts, "; "))
}

func TestMetrics(t *testing.T) {
	cube := districts(t)
	first, third := indicator.Item{ID: "firstDoses0"}, indicator.Item{ID: "thirdDoses0"}
	tests := []struct {
		metric quality.Metric
		want   string
	}{
		// East: 24 expected, 12 received. West: 12 + 8 expected, 8 of them received.
		{quality.Reporting{DataSet: "form"}, "1a Form 90: nation 45.45; east 50 !; west 40 !"},
		{quality.Reporting{DataSet: "form", OnTime: true, Threshold: 25}, "1b Form 25: nation 31.82; east 29.17; west 35"},
		{quality.Reporting{DataSet: "form", ByValues: true}, "1a Form 90: nation 81.82; east 100; west 60 !"},
		{quality.Completeness{DataSet: "form"}, "1c Form 90: nation 81.82; east 100; west 60 !"},
		{quality.Completeness{DataSet: "form", Data: []indicator.Item{first}, Reported: true}, "1c First doses 90: nation 60; east 100; west 0 !"},
		{quality.Completeness{DataSet: "form", TrimInactive: 6}, "1c Form 90: nation 100; east 100; west 100"},
		{quality.Trend{DataSet: "form"}, "1d Form 33: nation -; east -; west -"},
		{quality.Trend{Data: first}, "2d First doses 33: nation 136.3; east 100; west 200 !"},
		{quality.Trend{Data: first, Expected: true, Threshold: 120, Moving: true}, "2d First doses 120: nation 136.3; east 100; west 200"},
		{quality.Extremes{Data: first}, "2a First doses 3: nation 0; east 0; west 0"},
		{quality.Extremes{Data: first, Kind: quality.ModerateValues, Threshold: 1}, "2b First doses 1: nation 66.67; east 66.67 !; west 66.67 !"},
		{quality.Extremes{Data: first, Kind: quality.ModifiedValues}, "2c First doses 3.5: nation 0; east 0; west 0"},
		{quality.Relation{A: first, B: third, Kind: quality.Dropout}, "2e First doses / Third doses 10: nation -4.405 !; east 9.434; west -16.53 !"},
		{quality.Relation{A: first, B: third}, "2e First doses / Third doses 10: nation 95.78; east 110.4 !; west 85.82 !"},
		{quality.Relation{A: first, B: third, Kind: quality.AtLeast, Threshold: 20}, "2e First doses / Third doses 20: nation 95.78; east 110.4; west 85.82"},
		{quality.Relation{A: first, B: third, Kind: quality.SameRatio}, "2e First doses / Third doses 10: nation 95.78; east 110.4 !; west 85.82 !"},
		{quality.Population{A: indicator.Item{ID: "people"}, B: indicator.Item{ID: "census"}}, "4b People / census 10: nation 217.4 !; east 108.7; west -"},
		{quality.Population{A: indicator.Item{ID: "people"}, UN: new(8000.0)}, "4a People 10: nation 1.25 !"},
		{quality.Survey{Numerator: indicator.Item{ID: "coverage001"}, Values: map[hmis.UID]quality.SurveyValue{"nation": {Coverage: 90}, "east": {Coverage: 50}}},
			"3a Coverage 33: nation 83.33; east 150 !; west -"},
		{quality.Verification{Name: "Recount", Sites: []quality.Recount{{Site: "s", Group: "g", Recounted: new(50.0), Reported: new(80.0)}}}, "2f Recount 10: nation 0.625 !; g 0.625 !"},
	}
	for _, tt := range tests {
		m, err := tt.metric.Measure(t.Context(), cube, year2024)
		require.NoError(t, err)
		m.Threshold = math.Round(m.Threshold*1e6) / 1e6
		require.Equal(t, tt.want, line(m))
	}
}

// RULES.md#reporting-rates-of-a-review
func TestReportingSaysAll(t *testing.T) {
	m, err := quality.Reporting{DataSet: "form"}.Measure(t.Context(), districts(t), year2024)
	require.NoError(t, err)
	require.Equal(t, map[string]float64{
		"expected": 44, "actual": 20, "onTime": 14, "unexpected": 4, "rate": 100 * 20.0 / 44, "rateOnTime": 100 * 14.0 / 44, "rateUncut": 100 * 24.0 / 44,
		"withValues": 36, "rateWithValues": 100 * 36.0 / 44, "valuesOnly": 24, "clickOnly": 8, "sites": 4, "sitesReporting": 4,
	}, m.Overall.Parts)
	require.Len(t, m.Unexpected, 4)
	require.Equal(t, hmis.UID("w2"), m.Unexpected[0].OrgUnit, "it closed in August")
	require.Equal(t, period.MustParse("202409"), m.Unexpected[0].Period)
	require.EqualError(t, m.Issues.Err(), `hmis: E7143: dataSet form: organisationUnits: assigned org unit "gone" is unknown: nothing is expected of it`)
}

// RULES.md#reporting-rates-of-a-review
func TestSilences(t *testing.T) {
	cube := districts(t)
	show := func(rep quality.Reporting) string {
		list, err := rep.Silences(t.Context(), cube, year2024)
		require.NoError(t, err)
		var out []string
		for _, s := range list {
			out = append(out, fmt.Sprintf("%s missing %d in a row %d late %d", s.OrgUnit, len(s.Missing), s.Longest, len(s.Late)))
		}
		return strings.Join(out, "; ")
	}
	require.Equal(t, "e1 missing 0 in a row 0 late 5; w2 missing 0 in a row 0 late 1", show(quality.Reporting{DataSet: "form"}))
	require.Equal(t, "w2 missing 8 in a row 8 late 0", show(quality.Reporting{DataSet: "form", ByValues: true}))
	_, err := quality.Reporting{DataSet: "nothing"}.Silences(t.Context(), cube, year2024)
	require.ErrorContains(t, err, `unknown data set "nothing"`)
}

// A metric that cannot be computed says why, and the others are computed.
func TestReviewBadInput(t *testing.T) {
	cube := districts(t)
	r := year2024
	r.Units = []hmis.UID{"east", "nowhere", "east"}
	tests := []struct {
		metric quality.Metric
		want   string
	}{
		{quality.Reporting{DataSet: "form", Threshold: -1}, "hmis: E2204: Threshold: threshold -1: want a number that is not negative"},
		{quality.Reporting{DataSet: "nothing"}, `hmis: DataSet: unknown data set "nothing"`},
		{quality.Reporting{DataSet: "typeless"}, `hmis: DataSet: data set "typeless" has no period type`},
		{quality.Reporting{DataSet: "form", OnTime: true, ByValues: true}, "hmis: ByValues: values have no time of arrival"},
		{quality.Completeness{DataSet: "nothing"}, `hmis: DataSet: unknown data set "nothing"`},
		{quality.Completeness{DataSet: "form", TrimInactive: -1}, "hmis: TrimInactive: -1 periods: want a number that is not negative"},
		{quality.Completeness{DataSet: "form", Data: []indicator.Item{{ID: "coverage001"}}}, "hmis: E7125: Data: coverage001 is no data element: it has no cells"},
		{quality.Extremes{Data: indicator.Item{ID: "firstDoses0"}, Threshold: math.NaN()}, "hmis: E2204: Threshold: threshold NaN: want a number that is not negative"},
		{quality.Relation{A: indicator.Item{ID: "firstDoses0"}, B: indicator.Item{ID: "thirdDoses0"}, Kind: 9}, "hmis: Kind: unknown relation 9"},
		{quality.Extremes{Data: indicator.Item{ID: "firstDoses0"}, Kind: 9}, "hmis: Kind: unknown kind of outliers 9"},
		{quality.Verification{Low: 2}, "hmis: E2204: Low: limits 2 and 1.1: want 0 or more, the lower one first"},
		{
			quality.Verification{Sites: []quality.Recount{{Site: "Dum", Recounted: new(float64(1)), Reported: new(float64(1)), Weight: -1}}},
			"hmis: Weight: site Dum: weight -1: want a positive number",
		},
		{nil, "hmis: metrics: no metric"},
	}
	metrics := []quality.Metric{quality.Trend{Data: indicator.Item{ID: "firstDoses0"}}}
	for _, tt := range tests {
		metrics = append(metrics, tt.metric)
	}
	for _, workers := range []int{1, 3} {
		r.Workers = workers
		list, err := r.Run(t.Context(), cube, metrics...)
		require.NoError(t, err)
		require.Equal(t, "2d First doses 33: nation 136.3; east 100", line(list[0]))
		require.Equal(t, "hmis: E7143: organisationUnit nowhere: Units: unknown org unit", list[0].Issues[0].Error())
		for i, tt := range tests {
			m := list[i+1]
			require.Equal(t, tt.want, m.Issues[len(m.Issues)-1].Error())
			require.Empty(t, m.DivergentUnits())
		}
		_, err = json.Marshal(list)
		require.NoError(t, err)
	}
	_, err := quality.Review{Overall: "nowhere", Period: r.Period}.Run(t.Context(), cube)
	require.EqualError(t, err, `hmis: E7143: Overall: unknown org unit "nowhere"`)
	_, err = quality.Review{Overall: "nation"}.Run(t.Context(), cube)
	require.EqualError(t, err, "hmis: Period: no period to review")
}

// Numbers that are not finite, or whose sums are not, give no figure and no part
// of one.
func TestFiguresAreFinite(t *testing.T) {
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		pair := quality.Pair{OrgUnit: "a", A: &x, B: new(float64(0.5))}
		history := quality.History{OrgUnit: "a", Reference: []*float64{&x, &x}, Current: &x}
		line := quality.Line{OrgUnit: "a", Values: []*float64{new(float64(1)), &x, &x, new(float64(3))}}
		surveys := map[hmis.UID]quality.SurveyValue{"a": {Coverage: x, Low: &x, High: &x}}
		verification := quality.Verification{Sites: []quality.Recount{{Site: "a", Recounted: &x, Reported: new(float64(0.5))}}}
		compared := map[string]func() (quality.Measure, error){
			"extremes": func() (quality.Measure, error) { return quality.Extremes{}.Compare([]quality.Line{line}) },
			"trend": func() (quality.Measure, error) {
				return quality.Trend{Moving: true}.Compare(history, []quality.History{history})
			},
			"relation": func() (quality.Measure, error) {
				return quality.Relation{Kind: quality.SameRatio}.Compare(pair, []quality.Pair{pair})
			},
			"population": func() (quality.Measure, error) {
				return quality.Population{}.Compare(pair, []quality.Pair{pair})
			},
			"survey": func() (quality.Measure, error) {
				return quality.Survey{Values: surveys}.Compare(pair, []quality.Pair{pair})
			},
			"verification": func() (quality.Measure, error) {
				return verification.Measure(t.Context(), nil, quality.Review{})
			},
		}
		for name, compare := range compared {
			m, err := compare()
			require.NoError(t, err, "%s of %v", name, x)
			_, err = json.Marshal(m)
			require.NoError(t, err, "%s of %v", name, x)
		}
		items, err := quality.WorkList{Gaps: 1}.Items([]quality.Line{line})
		require.NoError(t, err)
		_, err = json.Marshal(items)
		require.NoError(t, err, "work list of %v", x)
		year := period.MustParse("2024").Split(period.Monthly)
		found, err := quality.MADShare{}.Find(year, []quality.Line{line})
		require.NoError(t, err)
		_, err = json.Marshal(found)
		require.NoError(t, err, "shares of %v", x)
	}
}

func TestListsOfLinesBadInput(t *testing.T) {
	_, err := quality.WorkList{Gaps: -1}.Items(nil)
	require.EqualError(t, err, "hmis: Gaps: -1 gaps: want a number that is not negative")
	_, err = quality.MADShare{}.Find(nil, []quality.Line{{OrgUnit: "a", Values: []*float64{new(float64(1))}}})
	require.EqualError(t, err, "hmis: Values: org unit a: 1 values for 0 periods")
}

// RULES.md#scorecard
func TestDefaultGrades(t *testing.T) {
	measure := func(metric, relation string, threshold, score, divergent float64) quality.Measure {
		return quality.Measure{Metric: metric, Relation: relation, Threshold: threshold, Overall: quality.Figure{Score: &score}, Divergent: &divergent}
	}
	for _, tt := range []struct {
		measure quality.Measure
		want    quality.Status
	}{
		{measure("1a", "", 90, 95, 0), quality.Good},
		{measure("1a", "", 90, 80, 0), quality.Warn},
		{measure("1a", "", 90, 95, 30), quality.Poor},
		{measure("1b", "", 75, 60, 0), quality.Warn},
		{measure("2a", "", 3, 0.5, 0), quality.Warn},
		{measure("2d", "", 33, 130, 0), quality.Warn},
		{measure("2d", "", 20, 130, 0), quality.Poor},
		{measure("2e", "equal", 10, 108, 0), quality.Good},
		{measure("2e", "greater", 10, 211, 0), quality.Good},
		{measure("2e", "greater", 10, 92, 0), quality.Warn},
		{measure("2e", "dropout", 10, 36, 0), quality.Good},
		{measure("2e", "dropout", 10, -1, 0), quality.Poor},
		{measure("4a", "", 10, 1.08, 0), quality.Good},
		{measure("9z", "", 10, 1, 0), quality.NotAssessed},
	} {
		require.Equal(t, tt.want, quality.Grader{}.Grade([]quality.Measure{tt.measure}).Cells[0].Status, tt.measure.Metric+" "+tt.measure.Relation)
	}
	card := quality.Grader{Points: map[quality.Status]float64{quality.Good: 1, quality.Warn: 0.2}}.Grade([]quality.Measure{
		measure("1a", "", 90, 95, 0), measure("1a", "", 90, 80, 0), measure("2d", "", 33, 100, 0),
	})
	require.InDelta(t, 60, *card.Domains[0].Score, 1e-9)
	require.InDelta(t, 80, *card.Overall, 1e-9)
	mean, err := quality.WeightedMean(map[string]*float64{"a": new(60.0), "b": new(90.0), "c": nil}, map[string]float64{"a": 2, "b": 1, "c": 5})
	require.NoError(t, err)
	require.InDelta(t, 70, *mean, 1e-9)
	mean, err = quality.WeightedMean(nil, nil)
	require.NoError(t, err)
	require.Nil(t, mean)
	for _, weight := range []float64{-1, math.NaN(), math.Inf(1)} {
		_, err = quality.WeightedMean(nil, map[string]float64{"a": weight})
		require.EqualError(t, err, fmt.Sprintf(`hmis: weights: weight %v of "a": want a finite number that is not negative`, weight))
	}
}

// A verification says both of its limits, which may be unlike.
func TestVerificationLimits(t *testing.T) {
	for _, tt := range []struct{ low, high, wantLow, wantHigh, threshold float64 }{
		{0, 0, 0.9, 1.1, 10}, {0.8, 1.2, 0.8, 1.2, 20}, {0.8, 0, 0.8, 1.1, 0}, {0, 1.3, 0.9, 1.3, 0},
	} {
		m, err := quality.Verification{Low: tt.low, High: tt.high}.Measure(t.Context(), nil, year2024)
		require.NoError(t, err)
		require.Equal(t, [3]float64{tt.wantLow, tt.wantHigh, tt.threshold}, [3]float64{m.Low, m.High, m.Threshold})
	}
}

// What a Grader cannot use is reported by name, and everything else is graded.
func TestGraderBadInput(t *testing.T) {
	nan := math.NaN()
	one := []quality.Measure{
		{Metric: "1a", Overall: quality.Figure{Score: new(float64(1))}, Divergent: new(float64(0))},
		{Metric: "1b", Overall: quality.Figure{Score: new(float64(95))}, Divergent: new(float64(0))},
	}
	good := quality.Limits{Kind: quality.AtLeastLimit, Good: 90, Warn: 75}
	card := quality.Grader{
		Gradings: map[string]quality.Grading{
			"1a": {Value: quality.Limits{Kind: quality.AtLeastLimit, Good: nan}, Divergent: quality.Limits{Kind: 9}},
			"1b": {Value: good, Divergent: quality.Limits{Good: nan}},
		},
		Points: map[quality.Status]float64{quality.Good: nan, quality.Poor: -1},
	}.Grade(one)
	var said []string
	for _, issue := range card.Issues {
		said = append(said, issue.Error())
	}
	require.Equal(t, []string{
		"hmis: E2204: Gradings: metric 1a: limits good NaN, warn 0, target 0: want finite numbers",
		"hmis: E2204: Gradings: metric 1a: unknown kind of limits 9",
		"hmis: Points: NaN for good: want 0 to 1",
		"hmis: Points: -1 for poor: want 0 to 1",
	}, said)
	require.Equal(t, quality.NotAssessed, card.Cells[0].Status)
	require.Equal(t, quality.Good, card.Cells[1].Status)
	require.InDelta(t, 100, *card.Overall, 1e-9)
	for _, l := range []quality.Limits{{Kind: quality.AtMostLimit, Good: nan}, {Kind: quality.WithinLimit, Warn: nan}, {Kind: quality.WithinLimit, Target: nan}} {
		require.Equal(t, quality.NotAssessed, l.Status(new(float64(1))))
	}
}

// Every call ends with the error of its context, also where there is nothing to
// do.
func TestEverythingEndsWithItsContext(t *testing.T) {
	cube := districts(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ask := range map[string]func() error{
		"validation": func() error { _, err := quality.Validation{}.Run(ctx, cube, quality.Scope{}); return err },
		"form": func() error {
			_, err := quality.Validation{}.Form(ctx, cube, quality.Form{DataSet: "form", OrgUnit: "e1", Period: period.MustParse("202401")})
			return err
		},
		"prediction": func() error {
			for _, err := range (quality.Prediction{}).Values(ctx, cube, quality.Scope{}) {
				return err
			}
			return nil
		},
		"outliers": func() error {
			_, err := quality.Outliers(ctx, cube, quality.Method{}, quality.Scope{Data: []indicator.Item{{ID: "census"}}, OrgUnits: []hmis.UID{"x"}})
			return err
		},
		"bounds": func() error {
			_, err := quality.BoundRule{}.Generate(ctx, cube, quality.Scope{OrgUnits: []hmis.UID{"x"}}, nil)
			return err
		},
		"follow-up":    func() error { _, err := quality.FollowUpList{}.Values(ctx, cube, quality.Scope{}); return err },
		"review":       func() error { _, err := year2024.Run(ctx, cube); return err },
		"silences":     func() error { _, err := quality.Reporting{DataSet: "form"}.Silences(ctx, cube, year2024); return err },
		"verification": func() error { _, err := quality.Verification{}.Measure(ctx, cube, year2024); return err },
	} {
		require.ErrorIs(t, ask(), context.Canceled, name)
	}
}

// RULES.md#questions-of-funders
func TestAnswers(t *testing.T) {
	cube := districts(t)
	measures, err := year2024.Run(t.Context(), cube, quality.Reporting{DataSet: "form"}, quality.Trend{DataSet: "form"},
		quality.Verification{Name: "Recount", Sites: []quality.Recount{{Site: "s", Recounted: new(50.0), Reported: new(80.0)}, {Site: "t", Recounted: new(80.0), Reported: new(80.0)}}})
	require.NoError(t, err)
	answers := quality.Evidence{Measures: measures, Rules: &quality.RuleEvidence{Rules: 2, Evaluated: 10, Violations: 1}}.Answers()
	var got []string
	for _, a := range answers {
		text := "not assessed: " + a.Why
		if a.Assessed {
			text = ""
			for _, f := range a.Figures {
				value := "-"
				if f.Value != nil {
					value = fmt.Sprintf("%.4g", *f.Value)
				}
				text += fmt.Sprintf("%s %s %s%s; ", f.Metric, f.Item, value, f.Unit)
			}
		}
		got = append(got, text)
	}
	require.Equal(t, []string{
		"1a Form: sites that reported at least once, of 4 100%; ",
		"1a Form 45.45%; 1d Form -%; ",
		"not assessed: not part of the review",
		"not assessed: not part of the review",
		"not assessed: not part of the review",
		"2f Recount 0.8125ratio; 2f Recount: sites within the limits 50%; ",
		"not assessed: not part of the review",
		"rules validation rules run 2count; rules comparisons 10count; rules violations 1count; ",
		"not assessed: the metadata was not checked",
		"not assessed: no values of a funder were compared",
	}, got)
}
