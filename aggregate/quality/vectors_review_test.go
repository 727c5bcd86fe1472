package quality_test

import (
	"encoding/json"
	"maps"
	"slices"
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

// reviewOps are the operations of a data quality review.
var reviewOps = map[string]op{
	"reporting_rates":        reportingRates,
	"data_completeness":      dataCompleteness,
	"dqr_outliers":           dqrOutliers,
	"outlier_gap":            outlierGap,
	"mad_share":              madShare,
	"consistency_time":       consistencyTime,
	"consistency_indicators": consistencyIndicators,
	"consistency_external":   consistencyExternal,
	"consistency_population": consistencyPopulation,
	"verification_factor":    verificationFactor,
	"scorecard":              scorecard,
}

// reviewWorld is a country with one data set.
func reviewWorld(t *testing.T, units []vectorUnit, set hmis.DataSet, values []vectorValue, done []hmis.Completion) *aggregate.Cube {
	t.Helper()
	md := hmis.Metadata{OrgUnits: orgUnits(t, units), DataSets: []hmis.DataSet{set}}
	for _, e := range set.Elements {
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: e.DataElement})
	}
	catalog, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	tree, err := orgunit.NewTree(md.OrgUnits)
	require.NoError(t, err)
	loader := aggregate.Loader{Catalog: catalog, Tree: tree, Completions: func(yield func(hmis.Completion, error) bool) {
		for _, c := range done {
			if !yield(c, nil) {
				return
			}
		}
	}}
	cube, err := loader.Load(t.Context(), dataValues(values))
	require.NoError(t, err)
	return cube
}

func periodType(t *testing.T, name string) period.Type {
	t.Helper()
	typ, err := period.ParseType(name)
	require.NoError(t, err)
	return typ
}

func periods(list []string) []period.Period {
	var all []period.Period
	for _, p := range list {
		all = append(all, vectorPeriod(p))
	}
	return all
}

// review is one of the units of a vector, the first of which contains the others.
func reviewOf(units []hmis.UID) quality.Review {
	return quality.Review{Overall: units[0], Units: units[1:], Period: period.MustParse("2024")}
}

// RULES.md#reporting-rates-of-a-review
func reportingRates(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		DataSet struct {
			ID, PeriodType string
			TimelyDays     float64
			OrgUnits       []hmis.UID
		}
		OrgUnits                   []vectorUnit
		Periods                    []string
		Registrations              []struct{ Ou, Pe, Date string }
		Units                      []hmis.UID
		Threshold, TimelyThreshold float64
	}
	require.NoError(t, json.Unmarshal(in, &q))
	var done []hmis.Completion
	for i, r := range q.Registrations {
		at, err := time.Parse(time.DateOnly, r.Date)
		if len(r.Date) > len(time.DateOnly) {
			at, err = time.Parse("2006-01-02T15:04:05", r.Date)
		}
		require.NoError(t, err)
		// One form is registered twice only under several attribute combos.
		combo := hmis.UID("combo" + string(rune('A'+i)))
		done = append(done, hmis.Completion{
			DataSet: hmis.UID(q.DataSet.ID), OrgUnit: hmis.UID(r.Ou), Period: vectorPeriod(r.Pe), At: at, AttributeCombo: combo,
		})
	}
	set := hmis.DataSet{
		ID: hmis.UID(q.DataSet.ID), PeriodType: periodType(t, q.DataSet.PeriodType), TimelyDays: q.DataSet.TimelyDays, OrgUnits: q.DataSet.OrgUnits,
	}
	cube := reviewWorld(t, q.OrgUnits, set, nil, done)
	rates := quality.Reporting{DataSet: set.ID, Threshold: q.Threshold, Periods: periods(q.Periods)}
	received, err := rates.Measure(t.Context(), cube, reviewOf(q.Units))
	require.NoError(t, err)
	rates.OnTime, rates.Threshold = true, q.TimelyThreshold
	timely, err := rates.Measure(t.Context(), cube, reviewOf(q.Units))
	require.NoError(t, err)
	rows := []any{}
	late := append([]quality.Figure{timely.Overall}, timely.Units...)
	for i, f := range append([]quality.Figure{received.Overall}, received.Units...) {
		rows = append(rows, object{
			"ou": f.OrgUnit, "expected": f.Parts["expected"], "actual": f.Parts["actual"], "onTime": f.Parts["onTime"], "rate": f.Score,
			"rateOnTime": late[i].Score, "unexpected": f.Parts["unexpected"],
		})
	}
	return object{
		"rows": rows, "divergent": received.DivergentUnits(), "divergentPct": received.Divergent,
		"divergentTimely": timely.DivergentUnits(), "divergentTimelyPct": timely.Divergent, "nonCalculable": received.NotCalculable(),
	}, nil
}

// RULES.md#completeness-of-data
func dataCompleteness(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		Items     []struct{ De, Coc string }
		OrgUnits  []vectorUnit
		Assigned  []hmis.UID
		Periods   []string
		Units     []hmis.UID
		Threshold float64
		Base      string
		Reports   []struct{ Ou, Pe string }
		Values    []vectorValue
	}
	require.NoError(t, json.Unmarshal(in, &q))
	set := hmis.DataSet{ID: "set", PeriodType: vectorPeriod(q.Periods[0]).Type(), OrgUnits: q.Assigned}
	metric := quality.Completeness{DataSet: "set", Threshold: q.Threshold, Reported: q.Base == "reported", Periods: periods(q.Periods)}
	for _, item := range q.Items {
		metric.Data = append(metric.Data, indicator.Item{ID: hmis.UID(item.De), OptionCombo: vectorID(item.Coc)})
		if e := (hmis.DataSetElement{DataElement: hmis.UID(item.De)}); !slices.Contains(set.Elements, e) {
			set.Elements = append(set.Elements, e)
		}
	}
	var done []hmis.Completion
	for _, r := range q.Reports {
		done = append(done, hmis.Completion{DataSet: "set", OrgUnit: hmis.UID(r.Ou), Period: vectorPeriod(r.Pe), At: time.Unix(1, 0)})
	}
	cube := reviewWorld(t, q.OrgUnits, set, q.Values, done)
	m, err := metric.Measure(t.Context(), cube, reviewOf(q.Units))
	rows := []any{}
	for _, f := range append([]quality.Figure{m.Overall}, m.Units...) {
		row := object{"ou": f.OrgUnit, "completeness": f.Score}
		for part, name := range map[string]string{
			"expected": "expected", "present": "present", "missing": "missing", "zero": "zero", "negative": "negative",
			"completenessNonZero": "completenessNonZero", "missingPercent": "missingPct", "zeroPercent": "zeroPct",
		} {
			if x, ok := f.Parts[part]; ok {
				row[name] = x
			}
		}
		rows = append(rows, row)
	}
	return object{"rows": rows, "divergent": m.DivergentUnits(), "divergentPct": m.Divergent, "nonCalculable": m.NotCalculable()}, err
}

type vectorLines map[hmis.UID]map[string]*float64

// lines returns the values of units, by id, in the periods that any of them has.
func (v vectorLines) lines(names []string) ([]period.Period, []quality.Line) {
	if names == nil {
		all := map[string]bool{}
		for _, values := range v {
			for p := range values {
				all[p] = true
			}
		}
		names = slices.Sorted(maps.Keys(all))
	}
	var list []quality.Line
	for _, unit := range slices.Sorted(maps.Keys(v)) {
		line := quality.Line{OrgUnit: unit}
		for _, p := range names {
			line.Values = append(line.Values, v[unit][p])
		}
		list = append(list, line)
	}
	return periods(names), list
}

// RULES.md#outliers-of-a-review
func dqrOutliers(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		Units                        vectorLines
		Moderate, Extreme, ModifiedZ float64
		ModerateExcludesExtreme      *bool
	}
	require.NoError(t, json.Unmarshal(in, &q))
	_, lines := q.Units.lines(nil)
	both := q.ModerateExcludesExtreme != nil && !*q.ModerateExcludesExtreme
	overall := object{}
	divergent, shares := object{}, object{}
	units := []any{}
	var nonCalculable []hmis.UID
	for name, metric := range map[string]quality.Extremes{
		"extreme":   {Kind: quality.ExtremeValues, Threshold: q.Extreme},
		"moderate":  {Kind: quality.ModerateValues, Threshold: q.Moderate, Extreme: q.Extreme, CountExtreme: both},
		"modifiedZ": {Kind: quality.ModifiedValues, Threshold: q.ModifiedZ},
	} {
		m, err := metric.Compare(lines)
		require.NoError(t, err)
		overall[name], overall[name+"Pct"], overall["values"] = m.Overall.Parts["outlying"], m.Overall.Score, m.Overall.Parts["values"]
		divergent[name], shares[name] = m.DivergentUnits(), m.Divergent
		nonCalculable = m.NotCalculable()
		if name != "moderate" {
			continue
		}
		for _, f := range m.Units {
			row := object{"ou": f.OrgUnit, "n": f.Parts["n"], "calculable": f.Score != nil}
			for _, part := range []string{"mean", "sd", "median", "mad", "maxZ", "maxModifiedZ", "extreme", "moderate"} {
				row[part] = f.Parts[part]
			}
			row["modifiedZ"] = f.Parts["modified"]
			units = append(units, row)
		}
	}
	return object{"overall": overall, "units": units, "divergent": divergent, "divergentPct": shares, "nonCalculable": nonCalculable}, nil
}

// RULES.md#work-list
func outlierGap(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		Periods                  []string
		Units                    vectorLines
		StandardScore, ModifiedZ float64
		Gaps                     int
	}
	require.NoError(t, json.Unmarshal(in, &q))
	_, lines := q.Units.lines(q.Periods)
	items, err := quality.WorkList{Score: q.StandardScore, Modified: q.ModifiedZ, Gaps: q.Gaps}.Items(lines)
	rows := []any{}
	for _, i := range items {
		rows = append(rows, object{
			"ou": i.OrgUnit, "outliers": i.Outliers, "gaps": i.Gaps, "maxStandardScore": i.MaxScore, "maxModifiedZ": i.MaxModified,
			"outlierWeight": i.OutlierWeight, "gapWeight": i.GapWeight, "totalWeight": i.Total,
		})
	}
	return object{"rows": rows}, err
}

// RULES.md#work-list
func madShare(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		Units                vectorLines
		MADs, Share, Minimum float64
	}
	require.NoError(t, json.Unmarshal(in, &q))
	found, err := quality.MADShare{MADs: q.MADs, Share: q.Share, Minimum: q.Minimum}.Find(q.Units.lines(nil))
	rows := []any{}
	for _, f := range found {
		rows = append(rows, object{
			"ou": f.OrgUnit, "pe": f.Period.String(), "value": f.Value, "median": f.Median, "mad": f.MAD,
			"residual": f.Residual, "share": f.Share, "by": f.By,
		})
	}
	return object{"rows": rows}, err
}

// RULES.md#consistency-over-time
func consistencyTime(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		Reference                  []string
		Current, Trend, Comparison string
		Threshold                  float64
		Overall                    map[string]*float64
		Units                      vectorLines
	}
	require.NoError(t, json.Unmarshal(in, &q))
	history := func(unit hmis.UID, values map[string]*float64) quality.History {
		h := quality.History{OrgUnit: unit, Current: values[q.Current]}
		for _, p := range q.Reference {
			h.Reference = append(h.Reference, values[p])
		}
		return h
	}
	var units []quality.History
	for _, unit := range slices.Sorted(maps.Keys(q.Units)) {
		units = append(units, history(unit, q.Units[unit]))
	}
	metric := quality.Trend{Moving: q.Trend != "constant" && q.Trend != "", Expected: q.Comparison == "expected", Threshold: q.Threshold}
	m, err := metric.Compare(history("", q.Overall), units)
	row := func(f quality.Figure) object {
		row := object{"ou": f.OrgUnit, "score": f.Score, "divergent": f.Divergent}
		for _, part := range []string{"current", "reference"} {
			if x, ok := f.Parts[part]; ok {
				row[part] = x
			}
		}
		return row
	}
	answer := answerOf(m, row)
	answer["overall"] = row(m.Overall)
	return answer, err
}

// answerOf writes a measure as the vectors have it.
func answerOf(m quality.Measure, row func(quality.Figure) object) object {
	rows := []any{}
	for _, f := range m.Units {
		rows = append(rows, row(f))
	}
	return object{
		"overall": m.Overall.Score, "units": rows, "divergent": m.DivergentUnits(), "divergentPct": m.Divergent, "nonCalculable": m.NotCalculable(),
	}
}

func scoreRow(f quality.Figure) object {
	return object{"ou": f.OrgUnit, "score": f.Score, "divergent": f.Divergent}
}

// vectorPair is two totals under one of the names that the vectors have for them.
type vectorPair struct{ A, B, Numerator, Denominator, Survey *float64 }

func (p vectorPair) pair(unit hmis.UID) quality.Pair {
	if p.Numerator != nil || p.Denominator != nil {
		return quality.Pair{OrgUnit: unit, A: p.Numerator, B: p.Denominator}
	}
	return quality.Pair{OrgUnit: unit, A: p.A, B: p.B}
}

type vectorPairs struct {
	Type     string
	Criteria float64
	Overall  vectorPair
	Units    map[hmis.UID]vectorPair
}

func (q *vectorPairs) read(t *testing.T, in json.RawMessage) (overall quality.Pair, units []quality.Pair) {
	require.NoError(t, json.Unmarshal(in, q))
	for _, unit := range slices.Sorted(maps.Keys(q.Units)) {
		units = append(units, q.Units[unit].pair(unit))
	}
	return q.Overall.pair("overall"), units
}

// RULES.md#consistency-between-indicators
func consistencyIndicators(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q vectorPairs
	overall, units := q.read(t, in)
	kind := map[string]quality.RelationKind{
		"equal": quality.Equal, "greater": quality.AtLeast, "dropout": quality.Dropout, "level": quality.SameRatio,
	}[q.Type]
	m, err := quality.Relation{Kind: kind, Threshold: q.Criteria}.Compare(overall, units)
	return answerOf(m, scoreRow), err
}

func consistencyExternal(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q vectorPairs
	overall, units := q.read(t, in)
	survey := quality.Survey{Threshold: q.Criteria, Values: map[hmis.UID]quality.SurveyValue{}}
	q.Units["overall"] = q.Overall
	for unit, p := range q.Units {
		if p.Survey != nil {
			survey.Values[unit] = quality.SurveyValue{Coverage: *p.Survey}
		}
	}
	m, err := survey.Compare(overall, units)
	answer := answerOf(m, scoreRow)
	if routine, ok := m.Overall.Parts["routine"]; ok {
		answer["routine"] = routine
	}
	return answer, err
}

func consistencyPopulation(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q vectorPairs
	overall, units := q.read(t, in)
	m, err := quality.Population{Threshold: q.Criteria}.Compare(overall, units)
	return answerOf(m, scoreRow), err
}

// RULES.md#verification-factor
func verificationFactor(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	var q struct {
		Sites        []quality.Recount
		Lower, Upper float64
	}
	require.NoError(t, json.Unmarshal(in, &q))
	metric := quality.Verification{Sites: q.Sites, Low: q.Lower, High: q.Upper}
	sites, groups, err := metric.Factors()
	require.NoError(t, err)
	rows := func(list []quality.Factor, name string) []any {
		rows := []any{}
		for _, f := range list {
			row := object{name: f.Name, "factor": f.Factor, "result": f.Result}
			if f.Result == "" {
				row["result"] = nil
			}
			rows = append(rows, row)
		}
		return rows
	}
	m, err := metric.Measure(t.Context(), nil, quality.Review{})
	return object{"sites": rows(sites, "site"), "groups": rows(groups, "group"), "outsidePct": m.Divergent}, err
}

// RULES.md#scorecard, RULES.md#scores-and-shares
func scorecard(t *testing.T, in json.RawMessage, _ *world) (any, error) {
	type limits struct {
		Kind               string
		Good, Warn, Target float64
	}
	var q struct {
		Rules map[string]struct{ Value, Divergent *limits }
		Rows  []struct {
			Metric, Item        string
			Value, DivergentPct *float64
		}
	}
	require.NoError(t, json.Unmarshal(in, &q))
	read := func(l *limits) quality.Limits {
		if l == nil {
			return quality.Limits{}
		}
		kinds := map[string]quality.LimitKind{"min": quality.AtLeastLimit, "max": quality.AtMostLimit, "range": quality.WithinLimit}
		return quality.Limits{Kind: kinds[l.Kind], Good: l.Good, Warn: l.Warn, Target: l.Target}
	}
	grader := quality.Grader{Gradings: map[string]quality.Grading{}}
	for metric, r := range q.Rules {
		grader.Gradings[metric] = quality.Grading{Value: read(r.Value), Divergent: read(r.Divergent)}
	}
	var measures []quality.Measure
	for _, r := range q.Rows {
		measures = append(measures, quality.Measure{
			Metric: r.Metric, Item: r.Item, Divergent: r.DivergentPct, Overall: quality.Figure{Score: r.Value},
		})
	}
	return grader.Grade(measures), nil
}
