package indicator_test

import (
	"testing"

	"github.com/ohie-hmis/hmis-go/indicator"
)

// TestContexts checks which parts each use allows (RULES.md#uses). Any other
// part is a type error.
func TestContexts(t *testing.T) {
	const (
		all       = "irpst" // i indicator, r rule, p predictor, s skip test, t test
		data      = "irps"
		rules     = "rps"
		indicated = "i"
		predicted = "ps"
		never     = ""
	)
	tests := []struct{ where, in string }{
		{all, "1"}, {all, "1.5"}, {all, "'1'"}, {all, "(1)"}, {all, "null"}, {all, "if(true, 1, 0)"}, {all, "if(false, 1, 0)"},
		{all, "1 + 1 - 1 * 1 / 1 % 2"}, {all, "2 ^ 2"}, {all, "-1"}, {all, "+1"},
		{all, "if(1 < 2 && 1 <= 2 || 2 > 1 and 2 >= 1 or 1 == 2 && 1 != 2, 1, 0)"}, {all, "if(not true, 1, 0)"}, {all, "if(!true, 1, 0)"},
		{all, "if(isNull(1), 1, 0)"}, {all, "if(isNotNull(1), 1, 0)"}, {all, "firstNonNull(1)"}, {all, "greatest(1)"}, {all, "least(1)"},
		{all, "log(1)"}, {all, "log(1, 2)"}, {all, "log10(1)"}, {all, "removeZeros(1)"}, {all, "if(contains('a', 'a'), 1, 0)"},
		{all, "if(containsItems('a', 'a'), 1, 0)"}, {all, "if(is(1 in 1, 2), 1, 0)"}, {all, "C{fbfJHSPpUQD}"},

		{data, "#{fbfJHSPpUQD}"}, {data, "#{fbfJHSPpUQD.cYeuwXTCPkU}"}, {data, "#{fbfJHSPpUQD.*.cYeuwXTCPkU}"}, {data, "A{fbfJHSPpUQD.cYeuwXTCPkU}"},
		{data, "D{fbfJHSPpUQD.cYeuwXTCPkU}"}, {data, "I{fbfJHSPpUQD}"}, {data, "R{fbfJHSPpUQD.REPORTING_RATE}"}, {data, "OUG{fbfJHSPpUQD}"}, {data, "[days]"},
		{data, "#{deGroup:fbfJHSPpUQD}"}, {data, "#{fbfJHSPpUQD.co:cYeuwXTCPkU}"}, {data, "#{fbfJHSPpUQD.coGroup:cYeuwXTCPkU}"}, // parsed in all uses for data, but always missing outside indicators

		{indicated, "N{fbfJHSPpUQD}"}, {indicated, "[periodInYear]"}, {indicated, "[yearlyPeriodCount]"}, {indicated, "subExpression(#{fbfJHSPpUQD})"},
		{indicated, "#{fbfJHSPpUQD}.aggregationType(SUM)"}, {indicated, "#{fbfJHSPpUQD}.periodOffset(1)"}, {indicated, "#{fbfJHSPpUQD}.yearToDate()"},
		{indicated + predicted, "#{fbfJHSPpUQD}.minDate(2020-1-1)"}, {indicated + predicted, "#{fbfJHSPpUQD}.maxDate(2020-1-1)"},

		{rules, "if(orgUnit.ancestor(fbfJHSPpUQD), 1, 0)"}, {rules, "if(orgUnit.dataSet(fbfJHSPpUQD, cYeuwXTCPkU), 1, 0)"},
		{rules, "if(orgUnit.group(fbfJHSPpUQD), 1, 0)"}, {rules, "if(orgUnit.program( fbfJHSPpUQD ), 1, 0)"},

		{predicted, "normDistCum(1, 2, 3)"}, {predicted, "normDistDen(1, 2, 3)"}, {predicted, "avg(1)"}, {predicted, "count(1)"}, {predicted, "count(distinct 1)"},
		{predicted, "max(1)"}, {predicted, "median(1)"}, {predicted, "min(1)"}, {predicted, "percentileCont(0.5, 1)"}, {predicted, "stddev(1)"},
		{predicted, "stddevPop(1)"}, {predicted, "stddevSamp(1)"}, {predicted, "sum(1)"},

		{never, "variance(1)"}, {never, "#{fbfJHSPpUQD}.stageOffset(1)"}, {never, "V{event_date}"}, {never, "#{variable}"}, {never, "A{variable}"},
	}
	env := indicator.Env{Item: func(i indicator.Item) indicator.Value {
		switch i.Kind {
		case indicator.AncestorTest, indicator.DataSetTest, indicator.GroupTest, indicator.ProgramTest:
			return indicator.Truth(true)
		}
		return indicator.Float(1)
	}}
	env.Samples = []func(indicator.Item) indicator.Value{env.Item}
	for u := indicator.InIndicator; u <= indicator.InTest; u++ {
		for _, tt := range tests {
			allowed := false
			for _, c := range tt.where {
				allowed = allowed || byte(c) == all[u]
			}
			// If the result must be true or false, a number is a type error
			// too.
			in := tt.in
			if u == indicator.InSkipTest || u == indicator.InTest {
				in += " == 1"
			}
			got := answer(u, in, env)
			if allowed == (got == "type") || got == "syntax" || got == "abort" {
				t.Errorf("%s in %s: %s, allowed %v", in, u, got, allowed)
			}
		}
	}
}

// TestSubExpressionParts checks what a subExpression may contain (rule 2 of
// RULES.md#subexpressions).
func TestSubExpressionParts(t *testing.T) {
	tests := []struct{ in, want string }{
		{"#{fbfJHSPpUQD}", ""}, {"#{fbfJHSPpUQD.cYeuwXTCPkU}", ""}, {"#{fbfJHSPpUQD} + #{cYeuwXTCPkU} * 2", ""}, {"if(isNull(#{fbfJHSPpUQD}), 1, 2)", ""},
		{"#{fbfJHSPpUQD}.aggregationType(MAX)", ""}, {"#{fbfJHSPpUQD}.periodOffset(-1)", ""}, {"if(#{fbfJHSPpUQD} == 'x', 1, 0)", ""}, {"firstNonNull(#{fbfJHSPpUQD}, 5)", ""},
		{"1", "type"}, {"1 + 2", "type"}, {"N{fbfJHSPpUQD}", "type"}, {"#{fbfJHSPpUQD} + N{fbfJHSPpUQD}", "type"}, {"#{fbfJHSPpUQD} + C{fbfJHSPpUQD}", "type"},
		{"#{fbfJHSPpUQD} + OUG{fbfJHSPpUQD}", "type"}, {"#{fbfJHSPpUQD} + [days]", "type"}, {"#{fbfJHSPpUQD} + R{fbfJHSPpUQD.REPORTING_RATE}", "type"},
		{"#{fbfJHSPpUQD} + I{fbfJHSPpUQD}", "type"}, {"#{fbfJHSPpUQD} + D{fbfJHSPpUQD.cYeuwXTCPkU}", "type"}, {"#{fbfJHSPpUQD} + A{fbfJHSPpUQD.cYeuwXTCPkU}", "type"},
		{"sum(#{fbfJHSPpUQD})", "type"}, {"subExpression(#{fbfJHSPpUQD})", "type"}, {"if(orgUnit.group(fbfJHSPpUQD), #{fbfJHSPpUQD}, 0)", "type"}, {"variance(#{fbfJHSPpUQD})", "type"},
		{"", "syntax"}, {"#{fbfJHSPpUQD}, 1", "syntax"},
	}
	for _, tt := range tests {
		got := ""
		e, err := indicator.Parse("1 + subExpression(" + tt.in + ")")
		if err != nil {
			got = kindOf(err)
		} else {
			for i := range e.Items() {
				if _, err := i.Inner(); err != nil || i.Kind != indicator.SubExpressionItem {
					t.Errorf("%s: item %v, %v", tt.in, i, err)
				}
			}
		}
		if got != tt.want {
			t.Errorf("subExpression(%s): %q, want %q", tt.in, got, tt.want)
		}
	}
}
