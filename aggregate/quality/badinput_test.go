package quality_test

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// A said has what was reported while something was computed.
type said []string

func (s *said) warn(i hmis.Issue)            { *s = append(*s, i.Error()) }
func (s *said) reject(_ hmis.Ref, err error) { *s = append(*s, err.Error()) }

// Each bad input is reported by name, and everything else is still computed.
func TestBadInput(t *testing.T) {
	cube := districts(t)
	first, remark := indicator.Item{ID: "firstDoses0"}, indicator.Item{ID: "remark"}
	month := quality.Scope{OrgUnits: []hmis.UID{"nation"}, Periods: []period.Period{period.MustParse("202401")}}
	nowhere := month
	nowhere.OrgUnits = []hmis.UID{"nation", "nowhere"}
	rule := func(id hmis.UID, left, operator string) hmis.ValidationRule {
		return hmis.ValidationRule{
			ID: id, Period: period.Monthly, Operator: operator,
			Left: hmis.Expression{Text: left}, Right: hmis.Expression{Text: "#{thirdDoses0}"},
		}
	}
	run := func(s quality.Scope, rules ...hmis.ValidationRule) func(*said) (string, error) {
		return func(l *said) (string, error) {
			v := quality.Validation{Rules: append(rules, rule("sound", "#{firstDoses0}", "less_than")), Reject: l.reject, Warn: l.warn}
			run, err := v.Run(t.Context(), cube, s)
			if err != nil {
				return "", err
			}
			return fmt.Sprint(run.Violated), nil
		}
	}
	predictor := func(id hmis.UID, text string) hmis.Predictor {
		return hmis.Predictor{
			ID: id, Output: "census", Period: period.Monthly, Levels: []hmis.UID{"level3"}, Sequential: 2, Generator: hmis.Expression{Text: text},
		}
	}
	predict := func(s quality.Scope, predictors ...hmis.Predictor) func(*said) (string, error) {
		return func(l *said) (string, error) {
			p := quality.Prediction{Predictors: append(predictors, predictor("sound", "avg(#{firstDoses0})")), Reject: l.reject, Warn: l.warn}
			n := 0
			for _, err := range p.Values(t.Context(), cube, s) {
				if err != nil {
					return "", err
				}
				n++
			}
			return fmt.Sprint(n), nil
		}
	}
	outliers := func(m quality.Method, s quality.Scope) func(*said) (string, error) {
		return func(l *said) (string, error) {
			m.Warn = l.warn
			list, err := quality.Outliers(t.Context(), cube, m, s)
			return fmt.Sprint(len(list)), err
		}
	}
	review := func(metric quality.Metric) func(*said) (string, error) {
		return func(l *said) (string, error) {
			list, err := year2024.Run(t.Context(), cube, metric, quality.Trend{Data: first})
			if err != nil {
				return "", err
			}
			for _, issue := range list[0].Issues {
				*l = append(*l, issue.Error())
			}
			return line(list[1]), nil
		}
	}
	const others = "2d First doses 33: nation 136.3; east 100; west 200 !"
	survey := func(v quality.SurveyValue) quality.Survey {
		return quality.Survey{Numerator: indicator.Item{ID: "coverage001"}, Values: map[hmis.UID]quality.SurveyValue{"nation": {Coverage: 90}, "east": v}}
	}
	recount := func(s quality.Recount) quality.Verification {
		return quality.Verification{Name: "Recount", Sites: []quality.Recount{s, {Site: "other", Recounted: new(9.0), Reported: new(10.0)}}}
	}
	reader := quality.Reader{Catalog: cube.Catalog(), Tree: cube.Tree()}
	request := func(text string) func(*said) (string, error) {
		return func(*said) (string, error) {
			q, err := url.ParseQuery(text)
			require.NoError(t, err)
			_, _, err = reader.Outliers(q)
			return "", err
		}
	}
	bounds := []quality.Bound{
		{DataElement: "firstDoses0", OrgUnit: "e1", Low: decimal.NewFromInt(9), High: decimal.NewFromInt(1)},
		{DataElement: "firstDoses0", OrgUnit: "e2", Low: decimal.NewFromInt(1), High: decimal.NewFromInt(9)},
	}
	for _, tt := range []struct {
		name string
		do   func(*said) (string, error)
		said string // what is reported, or the error
		want string // what is still computed
	}{
		{"a request without data elements", request("ou=nation&startDate=2024-01-01&endDate=2024-12-31"), "hmis: E2200: dx: no data element that is known", ""},
		{"a request without dates", request("dx=firstDoses0&ou=nation"), "hmis: E2201: startDate: no start date and end date", ""},
		{"a request with a threshold of 0", request("dx=firstDoses0&ou=nation&startDate=2024-01-01&endDate=2024-12-31&threshold=0"), "hmis: E2204: threshold: threshold 0: want a positive number", ""},
		{"a request with an algorithm that does not exist", request("dx=firstDoses0&algorithm=MAGIC"), `hmis: algorithm: "MAGIC": want a name of an algorithm`, ""},

		{"a rule that cannot be parsed", run(month, rule("bad", "#{firstDoses0} +", "less_than")),
			`hmis: validationRule bad: left side: indicator: 1:17: unexpected end, want a value`, "2"},
		{"a rule with an unknown operator", run(month, rule("bad", "#{firstDoses0}", "near")), `hmis: validationRule bad: unknown operator "near"`, "2"},
		{"a rule without a period type", run(month, hmis.ValidationRule{ID: "bad", Operator: "less_than"}), "hmis: validationRule bad: no period type", "2"},
		{"a rule that compares a truth value", run(month, rule("bad", "#{firstDoses0} > 2", "less_than")),
			`hmis: validationRule bad: left side: org unit e1, period 202401: indicator: 1:1: true is no number`, "2"},
		{"a rule of an unknown data element", run(month, rule("bad", "#{ghost000000}", "less_than")),
			"hmis: validationRule bad: no dataElement ghost000000 in the catalog, so #{ghost000000} has no value", "2"},
		{"an unknown org unit of rules", run(nowhere), "hmis: organisationUnit nowhere: not in the tree of org units", "2"},

		{"a predictor that cannot be parsed", predict(month, predictor("bad", "avg(#{firstDoses0}")),
			`hmis: predictor bad: generator: indicator: 1:19: unexpected end, want ")"`, "3"},
		{"a predictor without a level", predict(month, hmis.Predictor{ID: "bad", Output: "census", Period: period.Monthly, Generator: hmis.Expression{Text: "1"}}),
			"hmis: predictor bad: no org unit levels", "3"},
		{"an unknown org unit of predictors", predict(nowhere), "hmis: organisationUnit nowhere: not in the tree of org units", "3"},

		{"an unknown org unit of outliers", outliers(quality.Method{Threshold: 1.2}, nowhere), "hmis: E7143: organisationUnit nowhere: unknown org unit", "6"},
		{"an unknown data element of outliers", outliers(quality.Method{Threshold: 1.2}, quality.Scope{Data: []indicator.Item{{ID: "ghost"}, first}, Periods: month.Periods}),
			"hmis: E7125: dataElement ghost: unknown data element", "3"},
		{"series too short for the threshold", outliers(quality.Method{Threshold: 7}, quality.Scope{Data: []indicator.Item{first}}),
			"hmis: series_short: dataElement firstDoses0: 3 of 3 series have fewer than 50 values: none can be an outlier at 7", "0"},
		{"bounds that no value is within", outliers(quality.Method{Score: quality.MinMax, Bounds: bounds}, month),
			"hmis: E2044: dataElement firstDoses0: Bounds: bounds 9 and 1 at org unit e1: want the lower one first", "1"},
		{"a threshold of outliers that is no number", outliers(quality.Method{Threshold: math.NaN()}, month), "hmis: E2204: Threshold: threshold NaN: want a positive number", ""},

		{"a negative threshold", review(quality.Completeness{DataSet: "form", Threshold: -1}), "hmis: E2204: Threshold: threshold -1: want a number that is not negative", others},
		{"a threshold that is no number", review(quality.Relation{A: first, B: first, Threshold: math.NaN()}), "hmis: E2204: Threshold: threshold NaN: want a number that is not negative", others},
		{"an infinite threshold", review(quality.Extremes{Data: first, Kind: quality.ModerateValues, Extreme: math.Inf(1)}), "hmis: E2204: Threshold: threshold +Inf: want a number that is not negative", others},
		{"an element whose values are no numbers", review(quality.Extremes{Data: remark}), "hmis: dataElement remark: Data: values of type TEXT are no numbers", others},
		{"an unknown element", review(quality.Trend{Data: indicator.Item{ID: "ghost"}}), `hmis: E7124: Data: no data item "ghost"`, others},
		{"an unknown element of 1c", review(quality.Completeness{DataSet: "form", Data: []indicator.Item{{ID: "ghost"}}}), "hmis: E7143: dataSet form: organisationUnits: assigned org unit \"gone\" is unknown: nothing is expected of it | hmis: E7125: Data: ghost is no data element: it has no cells", others},
		{"periods of another type than the form's", review(quality.Reporting{DataSet: "form", Periods: []period.Period{period.MustParse("2024Q1")}}),
			`hmis: Periods: 2024Q1 is no Monthly period, as data set "form" wants`, others},
		{"a unit with too few months", review(quality.Extremes{Data: indicator.Item{ID: "census"}}), "hmis: series_short: too few values for an outlier at 3: east, west", others},
		{"a survey of a unit that is not reviewed", review(quality.Survey{Numerator: first, Values: map[hmis.UID]quality.SurveyValue{"nowhere": {Coverage: 1}}}),
			"hmis: organisationUnit nowhere: Values: not under review: its survey value is not used", others},
		{"a survey value that is no number", review(survey(quality.SurveyValue{Coverage: math.NaN()})), "hmis: organisationUnit east: Values: coverage NaN: want a number that is not negative", others},
		{"a confidence interval the wrong way round", review(survey(quality.SurveyValue{Coverage: 50, Low: new(60.0), High: new(40.0)})),
			"hmis: organisationUnit east: Values: confidence interval: want two numbers, the lower one first", others},
		{"a projection that is no number", review(quality.Population{A: indicator.Item{ID: "people"}, UN: new(math.NaN())}), "hmis: UN: projection NaN: want a positive number", others},
		{"a negative recount", review(recount(quality.Recount{Site: "Dum", Recounted: new(-1.0), Reported: new(1.0)})), "hmis: Sites: site Dum: -1: want a number that is not negative", others},
		{"a weight that is no number", review(recount(quality.Recount{Site: "Dum", Recounted: new(1.0), Reported: new(1.0), Weight: math.NaN()})), "hmis: Weight: site Dum: weight NaN: want a positive number", others},

		{"an unknown org unit of values to follow up", func(l *said) (string, error) {
			list, err := quality.FollowUpList{Warn: l.warn}.Values(t.Context(), cube, nowhere)
			return fmt.Sprint(len(list)), err
		}, "hmis: E7143: organisationUnit nowhere: unknown org unit", "0"},
		{"an unknown data set of values to follow up", func(l *said) (string, error) {
			list, err := quality.FollowUpList{DataSets: []hmis.UID{"ghost"}, Warn: l.warn}.Values(t.Context(), cube, month)
			return fmt.Sprint(len(list)), err
		}, "hmis: dataSet ghost: unknown data set", "0"},
		{"an element of bounds whose values are no numbers", func(l *said) (string, error) {
			list, err := quality.BoundRule{Warn: l.warn}.Generate(t.Context(), cube, quality.Scope{Data: []indicator.Item{first, remark}}, nil)
			return fmt.Sprint(len(list)), err
		}, "hmis: dataElement remark: no bounds for values of type TEXT", "3"},
		{"a form of an unknown data set", func(*said) (string, error) {
			_, err := quality.Validation{}.Form(t.Context(), cube, quality.Form{DataSet: "ghost", OrgUnit: "e1", Period: month.Periods[0]})
			return "", err
		}, "hmis: dataSet ghost: not in the catalog", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var l said
			got, err := tt.do(&l)
			if err != nil {
				l, got = said{err.Error()}, ""
				var issue *hmis.Issue
				require.ErrorAs(t, err, &issue)
			}
			require.Equal(t, tt.said, strings.Join(l, " | "))
			require.Equal(t, tt.want, got)
		})
	}
}

// A site with a number that cannot be used is left out of its group.
func TestVerificationWithoutBadSites(t *testing.T) {
	v := quality.Verification{Sites: []quality.Recount{
		{Site: "a", Group: "g", Recounted: new(math.Inf(1)), Reported: new(1.0)}, {Site: "b", Group: "g", Recounted: new(9.0), Reported: new(10.0)},
	}}
	m, err := v.Measure(t.Context(), nil, year2024)
	require.NoError(t, err)
	require.Equal(t, "2f  10: nation 0.9; g 0.9", line(m))
	require.EqualError(t, m.Issues.Err(), "hmis: Sites: site a: +Inf: want a number that is not negative")
	_, _, err = v.Factors()
	require.EqualError(t, err, "hmis: Sites: site a: +Inf: want a number that is not negative")
}

// Every metric ends with its context, also when it is called alone.
func TestMetricsEndWithTheirContext(t *testing.T) {
	cube := districts(t)
	first := indicator.Item{ID: "firstDoses0"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, metric := range []quality.Metric{
		quality.Reporting{DataSet: "form"}, quality.Reporting{DataSet: "form", OnTime: true}, quality.Completeness{DataSet: "form"},
		quality.Completeness{DataSet: "form", Data: []indicator.Item{{ID: "coverage001"}}},
		quality.Trend{DataSet: "form"}, quality.Trend{Data: first}, quality.Extremes{Data: first}, quality.Relation{A: first, B: first},
		quality.Survey{Numerator: first}, quality.Population{A: first, B: first}, quality.Population{A: first, UN: new(1.0)}, quality.Verification{},
	} {
		_, err := metric.Measure(ctx, cube, year2024)
		require.ErrorIs(t, err, context.Canceled, "%T", metric)
	}
}
