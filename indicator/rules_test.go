package indicator_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/indicator"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// TestRules checks the examples of RULES.md, section by section. A is 7, C is
// 0, B and D are missing.
func TestRules(t *testing.T) {
	ids := strings.NewReplacer("A", "#{aaaaaaaaaaa}", "B", "#{bbbbbbbbbbb}", "C", "#{ccccccccccc}", "D", "#{ddddddddddd}")
	env := indicator.Env{Item: func(i indicator.Item) indicator.Value {
		switch i.ID {
		case "aaaaaaaaaaa":
			return indicator.Float(7)
		case "ccccccccccc":
			return indicator.Float(0)
		}
		return indicator.Value{}
	}}
	gives := func(want, in string) {
		t.Helper()
		require.Equal(t, want, answer(indicator.InIndicator, in, env), in)
	}
	computes := func(want, in string) { t.Helper(); gives(want, ids.Replace(in)) }

	// RULES.md#uses
	require.Equal(t, "type", answer(indicator.InRule, "N{Uvn6LCg7dVU}", env))

	// RULES.md#programs
	gives("type", "d2:count(1)")
	gives("syntax", "V{weather}")

	// RULES.md#tokens
	gives("syntax", "2020-1-1")
	gives("syntax", "007")
	gives("2018", "2020 -1-1")
	gives("1", "if(1and2, 1, 0)")

	// RULES.md#texts
	gives("1", `if('\101' == '\u0041', 1, 0)`)
	gives("syntax", `'\q'`)

	// RULES.md#binding
	gives("-4", "-2^2")
	gives("512", "2^3^2")
	gives("2", "1-2+3")
	gives("9", "6/2*3")
	gives("2", "2^-1*4")

	// RULES.md#conversions
	gives("5", "'5'")
	gives("type", "true")
	gives("1", "if(contains(10000000, '1.0E7'), 1, 0)")

	// RULES.md#comparison
	gives("1", "if('10' < '9' and 10 > '9' and 1/0 == 1/0 and 0 != -0, 1, 0)")

	// RULES.md#arithmetic
	gives("0.3", "0.1 + 0.2")
	gives("435", "4.35 * 100")
	gives("0.6666666666666667", "2/3")
	gives("-1", "-10 % 3")
	gives("abort", "log(0) + 1")

	// RULES.md#powers
	gives("15241380000", "123456^2")
	gives("1", "2^0.5")
	gives("0.5", "2^-1.9")
	gives("abort", "0^-1")

	// RULES.md#logic
	gives("missing", "if(null and false, 1, 0)")
	gives("0", "if(false and null, 1, 0)")

	// RULES.md#missing-values
	computes("7", "A + B")
	computes("missing", "B + 1")
	computes("0", "firstNonNull(B) + 1")
	computes("missing", "null + 1")

	// RULES.md#items
	require.Equal(t, itemList("#{fbfJHSPpUQD}"), itemList("#{fbfJHSPpUQD.*}"))

	// RULES.md#groups-of-items
	c := catalog(t)
	f, err := indicator.Compile(c, hmis.Indicator{Numerator: "2 * #{malariacase.coGroup:womenGroup0&childGroup0}", Denominator: "1"})
	require.NoError(t, err)
	require.Equal(t, "2 * #{malariacase.combo0000FY}", f.Numerator.String())

	// RULES.md#modifiers
	require.Equal(t, []indicator.Item{{Kind: indicator.DataElementItem, ID: "aaaaaaaaaaa", Offset: -2}},
		itemList("(#{aaaaaaaaaaa}.periodOffset(1) + 2).periodOffset(-3)"))

	// RULES.md#functions
	gives("NaN", "greatest(1/0, 1)")
	gives("1", "greatest(1, 1/0)")
	gives("1", "if(containsItems('a,b', 'b'), 1, 0)")

	// RULES.md#subexpressions
	sub := itemList("subExpression(if(#{aaaaaaaaaaa} > 5, 1, 0))")
	require.Len(t, sub, 1)
	inner, err := sub[0].Inner()
	require.NoError(t, err)
	v, err := inner.Eval(env)
	require.NoError(t, err)
	require.Equal(t, "1", v.String())

	// RULES.md#functions-over-samples
	samples := env
	for _, x := range []float64{5, 3, 8, 4} {
		samples.Samples = append(samples.Samples, func(indicator.Item) indicator.Value { return indicator.Float(x) })
	}
	for in, want := range map[string]string{"avg(A)": "5", "median(A)": "4.5", "stddev(A)": "2.160246899469287"} {
		require.Equal(t, want, answer(indicator.InPredictor, ids.Replace(in), samples), in)
	}

	// RULES.md#errors
	yesNo := indicator.Env{
		Item: func(indicator.Item) indicator.Value { return indicator.Truth(true) },
		Type: func(indicator.Item) hmis.ValueType { return hmis.Boolean },
		Warn: func(*indicator.EvalError) {},
	}
	require.Equal(t, "0", answer(indicator.InRule, "#{aaaaaaaaaaa}", yesNo))
	yesNo.Item = nil
	require.Equal(t, "missing", answer(indicator.InRule, "#{aaaaaaaaaaa}", yesNo))

	// RULES.md#validity
	require.NotEmpty(t, indicator.MustParse("log(#{malariacase}) + 1").Check(c))
	require.Empty(t, indicator.MustParse("1 / #{malariacase}").Check(c))

	// RULES.md#descriptions
	e := indicator.MustParse("#{malariacase.*.combo0000FY} / R{malariaSet0.REPORTING_RATE}")
	require.Equal(t, "Malaria cases * Female, <15y / Malaria report - Reporting rate", e.Describe(c))

	// RULES.md#indicators
	hundred := 100
	formula := indicator.Formula{Numerator: indicator.MustParse("3"), Denominator: indicator.MustParse("4"), Factor: &hundred}
	r, err := formula.Eval(indicator.Env{})
	require.NoError(t, err)
	require.Equal(t, "75", r.Value.String())
	formula.Annualized = true
	r, err = formula.Eval(indicator.Env{Item: func(indicator.Item) indicator.Value { return indicator.Float(31) }})
	require.NoError(t, err)
	require.Equal(t, "883.06", r.Value.String())

	// RULES.md#rounding
	require.Equal(t, "1.01", indicator.Float(1.005).Round(2).String())
	require.Equal(t, "-0.13", indicator.Float(-0.125).Round(2).String())
	none := 0
	r, err = (&indicator.Formula{Numerator: indicator.MustParse("-2.5"), Denominator: indicator.MustParse("1"), Decimals: &none}).Eval(indicator.Env{})
	require.NoError(t, err)
	require.Equal(t, "-2", r.Value.String())

	// RULES.md#sides-of-a-rule
	rule, err := indicator.CompileRule(hmis.ValidationRule{Operator: "equal_to", Left: hmis.Expression{Text: ids.Replace("A")}, Right: hmis.Expression{Text: ids.Replace("C")}})
	require.NoError(t, err)
	compared, err := rule.Eval(env)
	require.NoError(t, err)
	require.True(t, compared.Violated)
	require.Equal(t, "7 0", compared.Left.RoundSide().String()+" "+compared.Right.RoundSide().String())
	require.Equal(t, "12.3", indicator.Float(12.345).RoundSide().String())
	require.Equal(t, "1.23", indicator.Float(1.2345).RoundSide().String())

	// RULES.md#generators-for-groups
	each, err := indicator.ParseForEach("forEach ?de in :DEG:oDkJh5Ddh7d --> #{?de} * 2")
	require.NoError(t, err)
	generator, err := each.For("aaaaaaaaaaa")
	require.NoError(t, err)
	require.Equal(t, "#{aaaaaaaaaaa} * 2", generator.String())

	// RULES.md#stored-predictions
	for x, want := range map[float64]string{135.79: "135.8", 1234.56: "1235.0", 0.004: "0.0"} {
		text, stored := indicator.Prediction(indicator.Float(x), hmis.DataElement{ValueType: hmis.Number}, "")
		require.True(t, stored)
		require.Equal(t, want, text)
	}
	_, stored := indicator.Prediction(indicator.Float(math.NaN()), hmis.DataElement{ValueType: hmis.Number}, "")
	require.False(t, stored)

	// RULES.md#limits
	gives("syntax", strings.Repeat("(", 501)+"1"+strings.Repeat(")", 501))
	gives("syntax", strings.Repeat("9", 1001))
	require.Equal(t, "Infinity", indicator.Num(decimal.New(1, 2000)).String())
}

// itemList returns the items of an indicator's expression.
func itemList(in string) (list []indicator.Item) {
	for item := range indicator.MustParse(in).Items() {
		list = append(list, item)
	}
	return list
}
